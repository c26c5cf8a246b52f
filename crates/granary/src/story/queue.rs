//! In which order the records of a partition were taken.
//!
//! The journal says it for as long as it goes back: which transaction took which offsets, and how late arrivals
//! counted in it. It is trimmed behind each checkpoint, so before it the order is the contract's: by arrival,
//! then topic, then offset. That is the order in which they were taken too, but for records that were late or
//! bore a time of the future; what is told in the end is held against what was told then.

use std::collections::VecDeque;

use allotment::{Input, Time};
use contract::Rejection;
use lane::{InputTopic, JournalRecord, PerInput};

use super::Place;

/// What is needed of a record.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) offset: i64,
    pub(crate) arrival: Time,
    /// An event in it moved time.
    pub(crate) moves: bool,
    /// The events of the pools in question.
    pub(crate) events: Vec<(Place, Input, Option<Rejection>)>,
}

/// What comes next.
#[derive(Debug)]
pub(crate) enum Next {
    /// A record; its arrival counts as no later than this.
    Record(Kept, Time),
    /// Time passed up to there.
    Pass(Time),
}

/// The records of a partition that have not had their turn.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    kept: PerInput<VecDeque<Kept>>,
}

impl Queue {
    /// One more record of an input, in the order of its offsets.
    pub(crate) fn keep(&mut self, input: InputTopic, kept: Kept) {
        self.kept[input].push_back(kept);
    }

    /// Gives each its turn. `journal`: what is retained of it, in its order.
    pub(crate) fn run(mut self, journal: &[JournalRecord], mut each: impl FnMut(Next)) {
        let before = PerInput::from_fn(|input| {
            let ranges = journal.iter().find_map(|record| record.taken[input]);
            ranges.map_or(i64::MAX, |range| range.from)
        });
        self.date(&before);
        self.take((Time::NEVER, None), &before, &mut each);
        for record in journal {
            if let Some(followed) = record.followed {
                each(Next::Pass(followed));
            }
            let taken =
                PerInput::from_fn(|input| record.taken[input].map_or(i64::MIN, |range| range.to));
            self.take((record.clock, record.until), &taken, &mut each);
        }
    }

    /// Gives an arrival to what lies before `end` and says none: no transaction is left whose clock it had. It is that of
    /// the last record before it that says one, or else of the first after it: so it keeps its place, and brings no time.
    fn date(&mut self, end: &PerInput<i64>) {
        for (input, kept) in self.kept.iter_mut() {
            let before = kept.partition_point(|kept| kept.offset < end[input]);
            let says = |kept: &&Kept| kept.arrival != Time::NEVER;
            let first = kept.iter().take(before).find(says).map(|kept| kept.arrival);
            let Some(mut latest) = first else { continue };
            for kept in kept.iter_mut().take(before) {
                if kept.arrival == Time::NEVER {
                    kept.arrival = latest;
                }
                latest = latest.max(kept.arrival);
            }
        }
    }

    /// Takes what lies before `end`, earliest arrival first; none brings time past `until`.
    fn take(
        &mut self,
        (clock, until): (Time, Option<Time>),
        end: &PerInput<i64>,
        each: &mut impl FnMut(Next),
    ) {
        let first = |queue: &Self| {
            let heads = InputTopic::ALL.into_iter().filter_map(|input| {
                let head = queue.kept[input].front()?;
                (head.offset < end[input]).then_some((head.arrival.min(clock), input))
            });
            heads.min()
        };
        while let Some((arrival, input)) = first(self) {
            let kept = self.kept[input].pop_front().expect("it is the first of them");
            each(Next::Record(kept, arrival.min(until.unwrap_or(Time::NEVER))));
        }
    }
}
