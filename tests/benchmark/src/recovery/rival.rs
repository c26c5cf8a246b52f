//! One of two instances that share the partitions, and what it says in its log of what it was given.

use std::time::{Duration, Instant};

use crate::program::{Program, Service};
use crate::scrape::Sample;

/// How often is looked while two instances find their shares.
const LOOK: Duration = Duration::from_millis(50);
/// They have found them within that.
const PATIENCE: Duration = Duration::from_secs(120);

/// An instance, and when it was given partitions.
pub(crate) struct Rival {
    pub(crate) service: Service,
    given: Vec<Instant>,
}

impl Rival {
    pub(crate) fn start(program: &Program, setting: &str) -> Result<Self, String> {
        let service = program.service_with(&[setting, "log.level=info"])?;
        Ok(Self { service, given: Vec::new() })
    }

    /// Notes whether it was given partitions since the last look.
    pub(crate) fn look(&mut self) {
        let times = self.service.log().matches("partitions assigned").count();
        self.given.resize(times.max(self.given.len()), Instant::now());
    }

    /// When it was last given partitions, if that was after `since`.
    pub(crate) fn given_since(&self, since: Instant) -> Option<Instant> {
        self.given.iter().copied().filter(|at| *at > since).max()
    }

    /// Waits until both run lanes, all partitions between them, and each follows the other's if it is to.
    pub(crate) fn await_share(
        &mut self,
        other: &Self,
        partitions: u32,
        follows: bool,
    ) -> Result<(), String> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            self.look();
            let samples = [&self.service, &other.service].map(|s| Sample::take(&s.console));
            if let [Some(own), Some(others)] = samples {
                let lanes = |sample: &Sample, state: &str| {
                    sample.sum("granary_lane_state", &format!("state=\"{state}\""))
                };
                let (own_runs, other_runs) = (lanes(&own, "running"), lanes(&others, "running"));
                let all = own_runs + other_runs >= f64::from(partitions);
                let followed = !follows || lanes(&own, "standby") >= other_runs;
                if own_runs > 0.0 && other_runs > 0.0 && all && followed {
                    return Ok(());
                }
            }
            std::thread::sleep(LOOK);
        }
        Err(format!("two instances have not shared {partitions} partitions within {PATIENCE:?}"))
    }
}
