//! One process: its lanes, and whether it runs at all.

use std::collections::BTreeMap;

use allotment::Time;

use lane::Hiding;

use crate::kafka::Host;

/// One process.
#[derive(Debug)]
pub(super) struct Process {
    /// Whether it runs.
    pub(super) state: State,
    /// Its lanes, by partition.
    pub(super) seats: BTreeMap<u32, Seat>,
}

/// Whether a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It does.
    Up,
    /// It stands still, and knows nothing of it.
    Asleep {
        /// When it goes on.
        until: Time,
    },
    /// It was asked to end.
    Ending,
    /// It is gone.
    Down {
        /// When it is started again.
        until: Time,
    },
}

/// A lane in its process.
#[derive(Debug)]
pub(super) struct Seat {
    /// The lane, and what performs its effects.
    pub(super) host: Host,
    /// When its last request is answered.
    pub(super) ready_at: Time,
    /// The state of the cluster at which it last found nothing to read.
    pub(super) seen: Option<u64>,
    /// Until when the broker hands nothing over.
    pub(super) starved_until: Time,
    /// When it last had the chance to hand something over.
    pub(super) fetched_at: Time,
    /// The partition is somebody else's, as far as the process has heard.
    pub(super) follows: bool,
    /// It took nothing, because its state was at its limit.
    pub(super) full: bool,
    /// What hidden records did to its time.
    pub(super) hiding: Hiding,
    /// It was asked to give the partition up; from then on it is waited for no longer.
    pub(super) leaving: Option<Time>,
}

impl Process {
    /// One that is started at `until`.
    #[must_use]
    pub(super) const fn new(until: Time) -> Self {
        Self { state: State::Down { until }, seats: BTreeMap::new() }
    }

    /// Its lane of a partition, where that is its own or is about to be given up.
    #[must_use]
    pub(super) fn owns(&self, partition: u32) -> Option<&Seat> {
        self.seats.get(&partition).filter(|seat| !seat.follows)
    }

    /// Whether it does anything now.
    #[must_use]
    pub(super) const fn is_awake(&self) -> bool {
        matches!(self.state, State::Up | State::Ending)
    }

    /// It is gone, with all that it knew.
    pub(super) fn go_down(&mut self, until: Time) {
        self.seats.clear();
        self.state = State::Down { until };
    }
}

impl Seat {
    /// A lane that has just begun, as the owner of its partition or to follow somebody else.
    #[must_use]
    pub(super) const fn new(host: Host, follows: bool, now: Time) -> Self {
        let (seen, starved_until) = (None, Time::MIN);
        Self {
            host,
            ready_at: now,
            seen,
            starved_until,
            fetched_at: now,
            follows,
            full: false,
            hiding: Hiding::Nothing,
            leaving: None,
        }
    }
}
