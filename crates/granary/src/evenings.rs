//! Evenings one after the other, at a rate: what `demo` and `load` publish, and when.

use std::collections::VecDeque;
use std::time::Duration;

use allotment::{Millis, Time};
use traffic::evening::{Delivery, Plan, Tally, evening};

/// The shortest that an evening can be planned: its reservations live whole seconds. What is to be quicker
/// is played faster than it was planned.
const PLANNED_AT_LEAST: Millis = Millis(30_000);

/// What is to be published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Programme {
    /// Decides everything.
    pub(crate) seed: u64,
    /// Pools that sell at once.
    pub(crate) pools: u32,
    /// How many evenings, one after the other, each with pools of its own.
    pub(crate) sessions: u32,
    /// When the first begins.
    pub(crate) start: Time,
    /// How long each takes.
    pub(crate) length: Duration,
}

impl Programme {
    /// How long an evening of `pools` takes where `rate` events are published a second, on average.
    pub(crate) fn length_at(seed: u64, pools: u32, rate: u64) -> Duration {
        let of_one = evening(&Plan::usual(seed, Time(0))).deliveries.len() as u64;
        Duration::from_millis(of_one * u64::from(pools) * 1000 / rate.max(1))
    }

    /// Everything, in order.
    pub(crate) fn play(self) -> Evenings {
        Evenings { programme: self, session: 0, left: VecDeque::new(), tally: Tally::default() }
    }
}

/// The records of a programme, each with its time since the beginning.
#[derive(Debug)]
pub(crate) struct Evenings {
    programme: Programme,
    session: u32,
    left: VecDeque<Delivery>,
    /// What was put into the evenings that were begun.
    pub(crate) tally: Tally,
}

impl Evenings {
    fn begin(&mut self) {
        let Programme { seed, pools, start, .. } = self.programme;
        let planned = self.planned();
        let plan = Plan {
            seed: seed.wrapping_add(u64::from(self.session)),
            first_pool: self.session.wrapping_mul(pools),
            pools,
            start: start.plus(Millis(planned.0 * i64::from(self.session))),
            length: planned,
        };
        let evening = evening(&plan);
        self.left = evening.deliveries.into();
        self.tally.orders += evening.tally.orders;
        self.tally.duplicates += evening.tally.duplicates;
        self.tally.late += evening.tally.late;
        self.tally.bad += evening.tally.bad;
        self.session += 1;
    }

    fn planned(&self) -> Millis {
        let wanted = i64::try_from(self.programme.length.as_millis()).unwrap_or(i64::MAX);
        PLANNED_AT_LEAST.max(Millis(wanted))
    }

    fn due(&self, delivery: &Delivery) -> Duration {
        let length = self.programme.length;
        let part = delivery.at.0 as f64 / self.planned().0 as f64;
        length * self.session.saturating_sub(1) + length.mul_f64(part)
    }
}

impl Iterator for Evenings {
    type Item = (Duration, Delivery);

    fn next(&mut self) -> Option<Self::Item> {
        while self.left.is_empty() {
            if self.session == self.programme.sessions {
                return None;
            }
            self.begin();
        }
        let delivery = self.left.pop_front()?;
        Some((self.due(&delivery), delivery))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn sessions_follow_each_other_at_the_rate() {
        let length = Programme::length_at(3, 2, 1000);
        let programme =
            Programme { seed: 3, pools: 2, sessions: 3, start: Time(1_795_348_800_000), length };
        let all: Vec<_> = programme.play().collect();
        assert!(all.is_sorted_by_key(|(due, _)| *due));
        let (last, _) = all.last().unwrap();
        assert!(*last <= length * 3 && *last > length * 2, "{last:?} of {length:?}");
        let rate = all.len() as f64 / last.as_secs_f64();
        assert!((800.0..1250.0).contains(&rate), "{rate}");
        assert_eq!(
            all.iter().map(|(_, d)| &d.key).collect::<BTreeSet<_>>().len(),
            6,
            "pools of their own"
        );
    }

    #[test]
    fn what_is_due_after_weeks_is_not_due_at_once() {
        let length = Duration::from_secs(60 * 24 * 60 * 60);
        let programme =
            Programme { seed: 3, pools: 1, sessions: 1, start: Time(1_795_348_800_000), length };
        let due: Vec<_> = programme.play().map(|(due, _)| due).collect();
        assert!(due.is_sorted());
        assert!(due.last().is_some_and(|last| *last > length * 3 / 4), "{:?}", due.last());
    }
}
