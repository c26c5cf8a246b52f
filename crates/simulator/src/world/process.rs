//! One process: its lanes, its clock, and whether it runs at all.

use std::collections::BTreeMap;

use allotment::{Millis, Time};

use crate::kafka::Host;

/// One process.
#[derive(Debug)]
pub(super) struct Process {
    /// Whether it runs.
    pub(super) state: State,
    /// Its lanes, by partition.
    pub(super) seats: BTreeMap<u32, Seat>,
    clock: Clock,
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
    /// It was asked to give the partition up; from then on it is waited for no longer.
    pub(super) leaving: Option<Time>,
}

/// A wall clock that may be wrong, and what lanes are told of it: as the driver's clock does it, one that
/// never goes back and never stands still.
#[derive(Clone, Copy, Debug)]
struct Clock {
    ahead: Millis,
    told: Time,
    at: Time,
}

impl Process {
    /// One that is started at `until`.
    #[must_use]
    pub(super) const fn new(until: Time) -> Self {
        let clock = Clock { ahead: Millis(0), told: Time::MIN, at: Time::MIN };
        Self { state: State::Down { until }, seats: BTreeMap::new(), clock }
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

    /// What its lanes are told of the time.
    pub(super) fn clock(&mut self, now: Time) -> Time {
        let Clock { ahead, told, at } = self.clock;
        let passed = if told == Time::MIN { 0 } else { now.0 - at.0 };
        let told = if told == Time::MIN { told } else { told.plus(Millis(passed / 2)) };
        // Half a millisecond is made good by the next whole one.
        let at = Time(now.0 - passed % 2);
        let wall = Time(now.0 + ahead.0);
        self.clock = Clock { ahead, told: told.max(wall), at };
        self.clock.told
    }

    /// When its clock will show `time`, at the latest.
    #[must_use]
    pub(super) fn when(&self, time: Time, now: Time) -> Time {
        let Clock { ahead, told, at } = self.clock;
        let by_wall = Time(time.0.saturating_sub(ahead.0));
        // A clock that was set back goes at half its pace until the wall has caught up.
        let by_pace = Time(at.0.saturating_add(time.0.saturating_sub(told.0).saturating_mul(2)));
        by_wall.min(by_pace).max(now)
    }

    /// Its wall clock is set.
    pub(super) const fn set_clock(&mut self, by: Millis) {
        self.clock.ahead = Millis(self.clock.ahead.0 + by.0);
    }

    /// How far its clock is ahead of the truth.
    #[must_use]
    pub(super) const fn ahead(&self) -> Millis {
        self.clock.ahead
    }

    /// It is gone, with all that it knew; a new one has a clock of its own.
    pub(super) fn go_down(&mut self, until: Time) {
        self.seats.clear();
        self.state = State::Down { until };
        self.clock.told = Time::MIN;
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
            leaving: None,
        }
    }
}
