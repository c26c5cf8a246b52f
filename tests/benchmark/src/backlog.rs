//! Events a second and CPU, while a backlog is worked off.

use std::time::{Duration, Instant};

use crate::cost::Cost;
use crate::program::Service;
use crate::scrape::Sample;

/// How often is looked: short against the whole, long against the cost of a look.
const LOOK: Duration = Duration::from_millis(50);
/// A backlog that takes longer has met something else than work.
const PATIENCE: Duration = Duration::from_secs(600);

/// Waits until all of `events` are taken, and says how fast that was.
pub(crate) fn measure(
    service: &Service,
    events: u64,
    partitions: u32,
) -> Result<(Cost, String), String> {
    let first = until(service, |sample| taken(sample) > 0.0)?;
    let last = until(service, |sample| {
        let lanes = sample.sum("granary_lane_state", "state=\"running\"");
        // The last batch may still be counted while its lag is gone already: the next look has it.
        taken(sample) >= events as f64 && lanes >= f64::from(partitions)
    })?;
    let done = last.taken - first.taken;
    let cost = Cost {
        events: done as u64,
        transactions: last.transactions as u64,
        wall: last.at - first.at,
        cpu: Duration::from_secs_f64(last.cpu - first.cpu),
    };
    let told = format!(
        "backlog: {:.0} events a second, {:.1} CPU seconds a million events, {} transactions ({done:.0} events in {:.1} s)",
        cost.per_second(),
        cost.cpu_per_million(),
        cost.transactions,
        cost.wall.as_secs_f64()
    );
    Ok((cost, told))
}

/// Waits until all lanes run.
pub(crate) fn running(service: &Service, partitions: u32) -> Result<(), String> {
    let lanes = |sample: &Sample| sample.sum("granary_lane_state", "state=\"running\"");
    until(service, |sample| lanes(sample) >= f64::from(partitions)).map(|_| ())
}

/// What was seen at one look.
struct Look {
    at: Instant,
    taken: f64,
    cpu: f64,
    transactions: f64,
}

fn until(service: &Service, enough: impl Fn(&Sample) -> bool) -> Result<Look, String> {
    let began = Instant::now();
    let mut seen = 0.0;
    while began.elapsed() < PATIENCE {
        if let Some(sample) = Sample::take(&service.console) {
            seen = taken(&sample);
            if enough(&sample) {
                return Ok(Look {
                    at: Instant::now(),
                    taken: seen,
                    cpu: sample.sum("granary_process_cpu_seconds_total", ""),
                    transactions: sample.sum("granary_transactions_total", "committed"),
                });
            }
        }
        std::thread::sleep(LOOK);
    }
    Err(format!("after {PATIENCE:?} only {seen} events were taken: {}", service.log()))
}

/// Events that had their effect, and those that went to the dead letters.
fn taken(sample: &Sample) -> f64 {
    sample.sum("granary_events_total", "") + sample.sum("granary_dead_letters_total", "")
}
