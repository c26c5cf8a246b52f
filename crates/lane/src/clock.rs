//! The lane's clock: the brokers' time, carried on by the process's monotonic clock.
//!
//! With each commit comes the time at which the broker appended the journal's record. The lane knows between which
//! two of its own instants that was, so it knows in which interval the brokers' time lies. A clock inside that
//! interval is right and is left alone. One that is behind makes a step, small and seldom, and then goes a little
//! faster; one that is ahead goes at half its pace. It never goes back. No wall clock of a process is asked.

use allotment::{Millis, Time};

/// An instant of the process's monotonic clock, in milliseconds from wherever that counts. It says how long
/// something took and never what time it is: it can't be compared with a [`Time`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mono(pub i64);

/// The most that a clock which is behind may gain at once. After a change of leader the brokers' time may differ
/// by what two machines differ; whoever keeps machines on time keeps that well below.
pub(crate) const STEP_MAX: Millis = Millis(5_000);

/// A clock that is behind by more goes faster by one part in so many: whoever has half an hour to pay loses three
/// minutes of it at most.
const FASTER_BY: i64 = 10;

/// While the clock is right it earns one millisecond of the next step in so many: a whole step in eight minutes.
const EARNS_BY: i64 = 100;

/// Half and tenth parts of a millisecond are kept, else a clock that is asked every millisecond would lose them.
const FINE: i64 = 1_000;

/// The present, by both clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Present {
    /// Measures pauses and waits.
    pub(crate) mono: Mono,
    /// What everything is decided by; `None` until the lane has learnt it.
    pub(crate) time: Option<Time>,
}

/// One lane's clock.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// What it shows, in microseconds, and since when.
    shown: i64,
    at: Mono,
    /// The brokers' time less the monotonic clock's lies between these two, in milliseconds.
    least: i64,
    most: i64,
    /// How much it may still gain at once, in microseconds.
    step: i64,
}

impl Mono {
    /// Before every instant.
    pub const MIN: Self = Self(i64::MIN);

    /// The instant `span` later.
    #[must_use]
    pub const fn plus(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }

    /// How long it is since `earlier`; nothing where that is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Millis {
        let span = self.0.saturating_sub(earlier.0);
        Millis(if span > 0 { span } else { 0 })
    }
}

impl Clock {
    /// A clock that begins with the first append time. `last` is what the journal's last record says: earlier it
    /// never is.
    pub(crate) fn new(last: Time, appended: Time, produced: Mono, acked: Mono) -> Self {
        let shown = last.max(appended).0.saturating_mul(FINE);
        let mut clock = Self { shown, at: acked, least: 0, most: 0, step: STEP_MAX.0 * FINE };
        clock.learn(appended, produced, acked);
        clock
    }

    /// A record was appended at `appended` by the broker's clock, after `produced` and before `acked`.
    pub(crate) const fn learn(&mut self, appended: Time, produced: Mono, acked: Mono) {
        assert!(produced.0 <= acked.0, "an answer comes after its question");
        self.least = appended.0.saturating_sub(acked.0);
        self.most = appended.0.saturating_sub(produced.0);
    }

    /// It is not earlier than `time`.
    pub(crate) fn raise(&mut self, time: Time) {
        self.shown = self.shown.max(time.0.saturating_mul(FINE));
    }

    /// What it shows now.
    pub(crate) fn advance(&mut self, now: Mono) -> Time {
        let before = self.shown;
        let passed = now.since(self.at).0;
        self.at = self.at.max(now);
        let pace = self.shown.saturating_add(passed.saturating_mul(FINE));
        let least = self.at.0.saturating_add(self.least).saturating_mul(FINE);
        let most = self.at.0.saturating_add(self.most).saturating_mul(FINE);
        if pace > most {
            let slow = self.shown.saturating_add(passed.saturating_mul(FINE / 2));
            self.shown = slow.max(most);
        } else if pace < least {
            let stepped = (least - pace).min(self.step);
            let rest = (least - pace - stepped).min(passed.saturating_mul(FINE / FASTER_BY));
            self.step -= stepped;
            self.shown = pace + stepped + rest;
        } else {
            self.shown = pace;
            let earned = passed.saturating_mul(FINE / EARNS_BY);
            self.step = self.step.saturating_add(earned).min(STEP_MAX.0 * FINE);
        }
        assert!(self.shown >= before, "the clock went back from {before}: {self:?}");
        self.shown()
    }

    /// What it showed when it was asked last.
    pub(crate) const fn shown(&self) -> Time {
        Time(self.shown.div_euclid(FINE))
    }

    /// What it will show then, at its usual pace.
    pub(crate) fn at(&self, then: Mono) -> Time {
        self.shown().plus(then.since(self.at))
    }

    /// When it will show `time`, at its usual pace.
    pub(crate) fn when(&self, time: Time) -> Mono {
        self.at.plus(Millis(time.0.saturating_sub(self.shown().0).max(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 1_795_348_800_000;

    /// A clock that agrees with the brokers', which show `DAY` where the monotonic clock shows 0.
    fn right() -> Clock {
        Clock::new(Time::MIN, Time(DAY), Mono(0), Mono(0))
    }

    /// What it shows every 10 ms from one instant to another.
    fn run(clock: &mut Clock, from: i64, to: i64) -> Vec<i64> {
        (from..=to).step_by(10).map(|at| clock.advance(Mono(at)).0 - DAY).collect()
    }

    #[test]
    fn it_is_the_brokers_time_and_goes_on_with_the_monotonic_clock() {
        let mut clock = right();
        assert_eq!(run(&mut clock, 0, 30), [0, 10, 20, 30]);
        clock.learn(Time(DAY + 45), Mono(30), Mono(60));
        assert_eq!(clock.advance(Mono(60)), Time(DAY + 60), "45 was somewhere between 30 and 60");
        assert_eq!(clock.when(Time(DAY + 100)), Mono(100));
        assert_eq!(clock.at(Mono(100)), Time(DAY + 100));
        assert_eq!(clock.advance(Mono(20)), Time(DAY + 60), "an instant of before changes nothing");
    }

    #[test]
    fn after_an_outage_it_begins_with_the_brokers_time_and_never_before_the_journals() {
        let hours = 7 * 3_600_000;
        let begin = |last| Clock::new(Time(last), Time(DAY), Mono(500), Mono(520)).shown().0 - DAY;
        assert_eq!(begin(DAY - hours), 0);
        assert_eq!(begin(DAY + hours), hours);
    }

    #[test]
    fn where_the_brokers_are_ahead_it_makes_one_step_and_then_hurries() {
        let mut clock = right();
        run(&mut clock, 0, 1_000);
        clock.learn(Time(DAY + 8_000), Mono(1_000), Mono(1_000));
        let shown = run(&mut clock, 1_000, 41_000);
        assert_eq!(shown[0], 6_000, "a step of five seconds");
        assert_eq!(shown[1], 6_011, "then a tenth faster");
        assert_eq!(shown[1_000], 1_000 + 10_000 + 5_000 + 1_000);
        assert_eq!(shown[4_000], 48_000, "and then it agrees");
        // Little has been earned since: the next leader is ahead by eight seconds more.
        clock.learn(Time(DAY + 56_000), Mono(41_000), Mono(41_000));
        let first = clock.advance(Mono(41_000)).0 - DAY - 48_000;
        assert!(first < 500, "{first} ms at once");
        run(&mut clock, 41_010, 1_000_000);
        clock.learn(Time(DAY + 2_000_000), Mono(1_000_000), Mono(1_000_000));
        let before = clock.shown().0;
        assert_eq!(clock.advance(Mono(1_000_000)).0 - before, 5_000, "it has earned a whole step");
    }

    #[test]
    fn where_the_brokers_are_behind_it_goes_at_half_its_pace_and_never_back() {
        let mut clock = right();
        run(&mut clock, 0, 1_000);
        clock.learn(Time(DAY - 1_000), Mono(1_000), Mono(1_000));
        let shown: Vec<i64> = (1_000..=7_000).map(|at| clock.advance(Mono(at)).0 - DAY).collect();
        assert!(shown.windows(2).all(|two| two[0] <= two[1] && two[1] <= two[0] + 1));
        assert_eq!(shown[2_000], 2_000, "half as fast, though asked every millisecond");
        assert_eq!(shown[4_000], 3_000, "here they agree");
        assert_eq!(shown[6_000], 5_000);
    }

    #[test]
    fn times_that_nobody_can_have_meant_stop_nothing() {
        for odd in [i64::MIN, -1, 0, i64::MAX] {
            let mut clock = right();
            clock.learn(Time(odd), Mono(5), Mono(9));
            let shown = run(&mut clock, 10, 10_000);
            assert!(shown.is_sorted(), "{odd}");
            assert!(shown.windows(2).all(|two| two[1] - two[0] <= 11), "{odd}: after its one step");
        }
    }
}
