//! What one run is like: a swarm, in which each run draws for itself which faults there are at all, how
//! often they strike, and how large everything is.

use allotment::Millis;
use lane::{Checkpoints, Limits};

use super::trouble::Kind;
use traffic::rng::Rng;

/// What one run keeps to.
#[derive(Clone, Debug)]
pub struct Rates {
    /// Partitions of each topic.
    pub partitions: u32,
    /// Processes that share them.
    pub processes: usize,
    /// The faults that there are in this run.
    pub kinds: Vec<Kind>,
    /// One fault in so many steps.
    pub rarely: u64,
    /// Records of each input that a process hands over at once.
    pub appetite: usize,
    /// What a lane may hold, and take at once.
    pub limits: Limits,
    /// When and how lanes write checkpoints, if they do.
    pub checkpoints: Option<Checkpoints>,
    /// Between two compactions of the checkpoints.
    pub compaction: Millis,
    /// Every process follows the partitions that are not its own.
    pub standbys: bool,
    /// How long the group waits for a silent member.
    pub session: Millis,
    /// How long the coordinator lets a transaction be open.
    pub transaction_timeout: Millis,
    /// The longest that a request to the broker takes while nothing is wrong.
    pub latency: Millis,
    /// How long a process is gone that has crashed.
    pub away: Millis,
    /// The longest stall.
    pub stall: Millis,
    /// In percent: a new owner does not wait until the last one has given up.
    pub hasty: i64,
    /// What the bridges do, in percent of their records.
    pub bridges: Bridges,
    /// Simulated time that is lived through in full where nothing happens; beyond it, quiet times are
    /// slept through.
    pub patience: Millis,
}

/// What the bridges do, in percent of their records.
#[derive(Clone, Copy, Debug)]
pub struct Bridges {
    /// Sent to another partition than the pool's.
    pub misplaced: i64,
    /// Sent together with the next ones, as an array.
    pub arrays: i64,
    /// Sent on another topic than is usual for its type.
    pub other_topic: i64,
    /// Sent in a transaction that takes a while.
    pub transactions: i64,
    /// Of those: aborted.
    pub aborted: i64,
    /// Of those: never ended, so that the coordinator has to.
    pub hanging: i64,
    /// Sent with a trace.
    pub traced: i64,
    /// Sent with a timestamp that is none, or not the present.
    pub odd_times: i64,
}

impl Rates {
    /// The rates of a run.
    #[must_use]
    pub fn draw(rng: &mut Rng) -> Self {
        let rate = |rng: &mut Rng| [0, 0, 3, 10, 30][rng.below(5) as usize];
        // Thrown beside the others, so that seeds stay what they were but for this.
        let mut aside = Rng::new(rng.clone().draw());
        let limits = Limits {
            batch_records: [1, 2, 5, 20, 5000][rng.below(5) as usize],
            held_records: [1, 4, 20, 20_000][rng.below(4) as usize],
            batch_outputs: [3, 50_000, 50_000][rng.below(3) as usize],
            merge_wait: Millis([50, 300, 1000][rng.below(3) as usize]),
            batch_output_bytes: [2_000, 8 << 20, 8 << 20][aside.below(3) as usize],
            // A pool takes some kilobytes, and a thousand events a megabyte.
            state_bytes: [u64::MAX, u64::MAX, 10_000, 60_000, 300_000][aside.below(5) as usize],
            // Most transactions end before either is over; what hangs is swept after a minute.
            hidden_patience: Millis([900_000, 900_000, 2_000][aside.below(3) as usize]),
            ..Limits::default()
        };
        Self {
            partitions: rng.between(1, 3) as u32,
            processes: rng.between(1, 3) as usize,
            kinds: kinds(rng, &mut aside),
            rarely: [15, 40, 100, 300][rng.below(4) as usize],
            appetite: [1, 2, 10, 1000][rng.below(4) as usize],
            limits,
            checkpoints: checkpoints(rng),
            compaction: Millis([2_000, 10_000, 60_000][rng.below(3) as usize]),
            standbys: rng.percent(50),
            session: Millis(rng.between(3_000, 15_000)),
            transaction_timeout: Millis([1_000, 10_000, 60_000][rng.below(3) as usize]),
            latency: Millis([1, 4, 30, 150][rng.below(4) as usize]),
            away: Millis([500, 5_000, 40_000][rng.below(3) as usize]),
            stall: Millis([400, 3_000, 25_000][rng.below(3) as usize]),
            hasty: [0, 0, 30][rng.below(3) as usize],
            bridges: Bridges {
                misplaced: rate(rng),
                arrays: rate(rng),
                other_topic: rate(rng),
                transactions: rate(rng),
                aborted: 30,
                hanging: [0, 0, 20][rng.below(3) as usize],
                traced: rate(rng),
                odd_times: [0, 0, 10][aside.below(3) as usize],
            },
            patience: Millis([5_000, 20_000, 60_000][rng.below(3) as usize]),
        }
    }

    /// A run in which nothing goes wrong.
    #[must_use]
    pub fn calm(rng: &mut Rng) -> Self {
        Self { kinds: Vec::new(), ..Self::draw(rng) }
    }
}

/// Mostly far more often than in a deployment: so a run has several, and they are interrupted.
fn checkpoints(rng: &mut Rng) -> Option<Checkpoints> {
    let checkpoints = Checkpoints {
        interval: Millis([300, 3_000, 60_000][rng.below(3) as usize]),
        events: [1, 5, 30, 500_000][rng.below(4) as usize],
        portion_bytes: [1, 400, 65_536][rng.below(3) as usize],
        stop_bytes: [1, 4_194_304][rng.below(2) as usize],
    };
    (!rng.percent(20)).then_some(checkpoints)
}

/// Each kind of fault is there in every second run; now and then one is alone, but for the retention, which is
/// thrown beside the others.
fn kinds(rng: &mut Rng, aside: &mut Rng) -> Vec<Kind> {
    let others = &Kind::ALL[..Kind::ALL.len() - 1];
    let mut kinds: Vec<Kind> = if rng.percent(15) {
        vec![*rng.one_of(others)]
    } else {
        others.iter().copied().filter(|_| rng.percent(50)).collect()
    };
    kinds.extend(aside.percent(50).then_some(Kind::Retention));
    kinds
}
