//! The pools of one Kafka partition, and the time that passes through all of them.

use crate::{Effects, Input, Millis, Taken, Time};

/// What a deployment sets once, for all of its partitions; part of its state, so that digests agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long identities are remembered, and finished orders in full.
    pub dedup_window: Millis,
    /// How long a finished order's standing, place and numbers are kept after that.
    pub closed_retention: Millis,
    /// Keys every hash, so that nobody outside can aim at one.
    pub hash_key: [u8; 16],
}

impl Default for Settings {
    fn default() -> Self {
        const DAY: i64 = 24 * 60 * 60;
        Self {
            dedup_window: Millis::from_secs(7 * DAY),
            closed_retention: Millis::from_secs(180 * DAY),
            hash_key: *b"granary-default!",
        }
    }
}

/// The pools of one Kafka partition.
#[derive(Debug)]
pub struct Partition {
    settings: Settings,
    now: Time,
}

impl Partition {
    /// A partition to which nothing has happened yet.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self { settings, now: Time::MIN }
    }

    /// The time as this partition knows it.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Lets time pass up to `now` and gives `input` its effect.
    ///
    /// `now` is the greatest arrival so far, this input's included. Where the input is refused, nothing
    /// but its answer and its count happens, and the partition's `now` stays where it was.
    pub fn apply(&mut self, _now: Time, _input: Input, _out: &mut Effects) -> Taken {
        let _ = &self.settings;
        Taken::Applied
    }

    /// Lets time pass up to `now`, deadline by deadline. A `now` before the partition's own does nothing
    /// but what is due already.
    pub fn advance(&mut self, _now: Time, _out: &mut Effects) {}

    /// When time next brings something about.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        None
    }

    /// The levels of all SKUs that changed since the last call, in a fixed order. Once a transaction.
    pub fn levels(&mut self, _out: &mut Effects) {}

    /// Tells at once what alerts are still adding up; for the end of `granary process`.
    pub fn flush_alerts(&mut self, _out: &mut Effects) {}

    /// A sum over the pools of all that was applied and all that was decided.
    #[must_use]
    pub fn digest(&self) -> u128 {
        0
    }
}
