//! What goes wrong: the kinds of faults, and the draws that decide when one strikes.

use std::collections::BTreeMap;

use allotment::Millis;

use super::rates::Rates;
use crate::kafka::{Fault, Step};
use traffic::rng::Rng;

/// So many faults strike in one run at most: what the hundredth finds, the first of another run finds
/// sooner.
const MOST: u64 = 60;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A process is gone at some step; what it left open stays open until somebody ends it.
    Crash,
    /// A step has no answer and did not happen.
    Broken,
    /// A commit has no answer and happened.
    Unknown,
    /// A request to commit is under way for a while; whoever sent it gives up, or is gone.
    Late,
    /// A request to commit is under way for a while; the client has asked again meanwhile, and that was answered.
    Straggler,
    /// The coordinator shuts a producer out.
    ShutOut,
    /// A process stands still, and then goes on as if nothing had been; if that is long, somebody else has
    /// its partitions by then.
    Stall,
    /// The clock of the broker that leads the partition's journal is set forward.
    ClockForward,
    /// The same, back.
    ClockBack,
    /// The group gives the partition to somebody else, in the middle of whatever its owner does.
    Rebalance,
    /// A process is asked to end, and started again later.
    Stop,
    /// The broker hands records over late.
    SlowFetch,
    /// Of a partition's inputs is deleted all that nobody needs who comes back from the checkpoint that stands.
    Retention,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Crash,
        Self::Broken,
        Self::Unknown,
        Self::Late,
        Self::Straggler,
        Self::ShutOut,
        Self::Stall,
        Self::ClockForward,
        Self::ClockBack,
        Self::Rebalance,
        Self::Stop,
        Self::SlowFetch,
        Self::Retention,
    ];

    /// Its name in traces and summaries.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Broken => "no answer",
            Self::Unknown => "unknown result",
            Self::Late => "late commit",
            Self::Straggler => "straggling commit",
            Self::ShutOut => "shut out",
            Self::Stall => "stall",
            Self::ClockForward => "broker's clock forward",
            Self::ClockBack => "broker's clock back",
            Self::Rebalance => "rebalance",
            Self::Stop => "planned stop",
            Self::SlowFetch => "slow fetch",
            Self::Retention => "retention",
        }
    }

    /// Whether it strikes only where a transaction is to be committed.
    const fn is_of_commits(self) -> bool {
        matches!(self, Self::Unknown | Self::Late | Self::Straggler)
    }
}

/// The draws of one run's faults.
#[derive(Debug)]
pub(super) struct Trouble {
    rng: Rng,
    kinds: Vec<Kind>,
    rarely: u64,
    /// The safety phase: faults strike. After it they don't.
    pub(super) active: bool,
    /// What is to happen to the process or the world after the step.
    pub(super) pending: Option<Kind>,
    /// How often each kind struck.
    pub(super) struck: BTreeMap<&'static str, u64>,
}

impl Trouble {
    /// The faults of a run.
    #[must_use]
    pub(super) fn new(rng: Rng, rates: &Rates) -> Self {
        let Rates { kinds, rarely, .. } = rates.clone();
        Self { rng, kinds, rarely, active: true, pending: None, struck: BTreeMap::new() }
    }

    /// What goes wrong at a step; what is not of the step itself is left in `pending`.
    pub(super) fn strike(&mut self, step: Step) -> Option<Fault> {
        if !self.active || self.kinds.is_empty() || self.rng.below(self.rarely) != 0 {
            return None;
        }
        if self.struck.values().sum::<u64>() >= MOST {
            return None;
        }
        let kind = self.draw(step)?;
        let fault = match kind {
            Kind::Crash => Fault::Crash,
            Kind::Broken => Fault::Broken { happened: false },
            Kind::Unknown => Fault::Broken { happened: true },
            Kind::Late => {
                let by = [1, 50, 700, 12_000][self.rng.below(4) as usize];
                Fault::Late { by: Millis(self.rng.between(1, by)), gone: self.rng.percent(50) }
            }
            Kind::Straggler => {
                // Thrown beside the others, so that seeds stay what they were but for this.
                let mut aside = self.rng.clone();
                // Whoever lost a connection may have stood still.
                if self.kinds.contains(&Kind::Stall) && aside.percent(50) {
                    self.pending = Some(Kind::Stall);
                }
                let by = *aside.one_of(&[1, 50, 700, 12_000]);
                let (by, next) = (Millis(aside.between(1, by)), aside.percent(70));
                Fault::Straggler { by, next }
            }
            Kind::ShutOut => Fault::ShutOut,
            other => {
                self.pending = Some(other);
                return None;
            }
        };
        self.count(kind);
        Some(fault)
    }

    /// Notes that a fault has struck.
    pub(super) fn count(&mut self, kind: Kind) {
        *self.struck.entry(kind.name()).or_default() += 1;
    }

    fn draw(&mut self, step: Step) -> Option<Kind> {
        let transacts =
            matches!(step, Step::Begin | Step::Produce | Step::SendOffsets | Step::Commit);
        let possible = |kind: &Kind| match kind {
            Kind::ShutOut => transacts,
            kind => !kind.is_of_commits() || step == Step::Commit,
        };
        let possible: Vec<Kind> = self.kinds.iter().copied().filter(possible).collect();
        // There are few commits among the steps; what can happen only there would hardly happen.
        let of_commits: Vec<Kind> =
            possible.iter().copied().filter(|kind| kind.is_of_commits()).collect();
        let from =
            if of_commits.is_empty() || self.rng.percent(40) { &possible } else { &of_commits };
        if from.is_empty() { None } else { Some(*self.rng.one_of(from)) }
    }
}
