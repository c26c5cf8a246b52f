//! What has been fetched and not yet taken, by input, and which record of it is next.
//!
//! The next record is the one with the earliest arrival among the inputs' first ones, then in the order of
//! [`InputTopic`]. An arrival counts as no later than the lane's clock, else one record from the future
//! would keep its whole topic waiting for as long as the others have something. So the order inside a
//! batch follows from the clock and the ranges in the journal, and from the records alone.

use std::collections::VecDeque;

use allotment::Time;

use crate::journal::Range;
use crate::{InputTopic, Need, PerInput, Record};

/// A record that was fetched and not yet taken.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) record: Record,
    /// When it says that it reached us.
    said: Time,
    bytes: usize,
}

/// The state of one input.
#[derive(Debug, Default)]
struct InputQueue {
    held: VecDeque<Held>,
    bytes: usize,
    /// Below it everything was taken.
    position: i64,
    /// Below it everything was taken or is held.
    fetched: i64,
    at_end: bool,
    /// It was waited for long enough; until there is news of it, it counts as being at its end.
    given_up: bool,
    /// Bytes and records of it in the batch at hand.
    batch_from: i64,
    batch_records: u64,
    /// What the way back needs of it with the checkpoint that stands, and with the one being written.
    need: Need,
    mark: Option<Need>,
}

impl InputQueue {
    /// Asserts that what was taken, what is held and what is fetched follow each other.
    fn check(&self, input: InputTopic) {
        let first = self.held.front().map_or(self.fetched, |held| held.record.offset);
        let last = self.held.back().map_or(first, |held| held.record.offset + 1);
        let in_order = self.batch_from <= self.position
            && self.position <= first
            && first <= last
            && last <= self.fetched;
        assert!(
            in_order,
            "{input}: the batch begins at {}, taken up to {}, held {first} to {last}, fetched up to {}",
            self.batch_from, self.position, self.fetched
        );
    }
}

impl Held {
    /// A record that was fetched from this input.
    pub(crate) fn new(input: InputTopic, record: Record) -> Self {
        let (bytes, said) = (record.bytes(), crate::decode::arrival(input, &record));
        Self { record, said, bytes }
    }

    /// When it reaches us if it is taken in a batch with this clock.
    pub(crate) fn arrival(&self, clock: Time) -> Time {
        self.said.min(clock)
    }

    /// It says that it reached us later than that, or not when: it arrives whenever it is taken.
    pub(crate) fn is_ahead_of(&self, clock: Time) -> bool {
        self.said > clock
    }

    /// What it cost to hold.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }
}

/// What the merge says is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// This input's first record.
    Take(InputTopic),
    /// There are records, but an input of which nothing is fetched may have an earlier one.
    Wait,
    /// There is nothing.
    Nothing,
}

/// Whether what a journal record took is all there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Whole,
    NotYet,
    /// The input has ended before it, for now.
    Ended,
    /// In words: what is missing.
    Missing(String),
}

#[derive(Debug, Default)]
pub(crate) struct MergeQueue {
    queues: PerInput<InputQueue>,
}

impl MergeQueue {
    /// Forgets everything and begins there.
    pub(crate) fn start(&mut self, needs: &PerInput<Need>) {
        self.queues = PerInput::from_fn(|input| InputQueue {
            position: needs[input].position,
            fetched: needs[input].from,
            batch_from: needs[input].position,
            need: needs[input],
            ..InputQueue::default()
        });
        for (input, queue) in self.queues.iter() {
            queue.check(input);
        }
    }

    /// A checkpoint is taken here, at `clock`.
    pub(crate) fn mark(&mut self, clock: Time) {
        for (input, queue) in self.queues.iter_mut() {
            let first = queue.held.front();
            // Whatever was fetched beyond the position and before the first that is held was no record, and may be
            // deleted already: the last checkpoint did not need it either.
            let from = first.map_or(queue.fetched, |held| held.record.offset);
            let arrival = first.map(|held| held.arrival(clock));
            assert!(from >= queue.position, "{input} is needed from {from}, {queue:?}");
            queue.mark = Some(Need { position: queue.position, from, arrival });
        }
    }

    /// What the way back needs with the checkpoint that is being written.
    pub(crate) fn marked(&self) -> PerInput<Need> {
        PerInput::from_fn(|input| self.queues[input].mark.unwrap_or(self.queues[input].need))
    }

    /// The checkpoint that was marked stands.
    pub(crate) fn commit_mark(&mut self) {
        for (input, queue) in self.queues.iter_mut() {
            let (last, need) = (queue.need, queue.mark.take().unwrap_or(queue.need));
            let goes_on = last.position <= need.position && need.position <= queue.position;
            assert!(goes_on, "{input}: a checkpoint needs {need:?} after one that needed {last:?}");
            queue.need = need;
        }
    }

    /// What the way back needs of each input.
    pub(crate) fn needs(&self) -> PerInput<Need> {
        PerInput::from_fn(|input| self.queues[input].need)
    }

    /// Takes in what was fetched. What is there already is left out, so that following again from an
    /// offset that is held does no harm.
    pub(crate) fn fetched(
        &mut self,
        input: InputTopic,
        records: Vec<Record>,
        next: i64,
        at_end: bool,
    ) {
        let queue = &mut self.queues[input];
        queue.given_up = false;
        queue.at_end = at_end;
        for record in records {
            if record.offset < queue.fetched {
                continue;
            }
            queue.fetched = record.offset + 1;
            let held = Held::new(input, record);
            queue.bytes += held.bytes;
            queue.held.push_back(held);
        }
        queue.fetched = queue.fetched.max(next);
        queue.check(input);
    }

    /// What is next in a live batch, where arrivals count as no later than `clock`.
    pub(crate) fn next(&self, clock: Time) -> Next {
        let blocked =
            self.queues.iter().any(|(_, q)| q.held.is_empty() && !q.at_end && !q.given_up);
        match self.earliest(clock, |_| i64::MAX) {
            None => Next::Nothing,
            Some(_) if blocked => Next::Wait,
            Some(input) => Next::Take(input),
        }
    }

    /// The record that is next, where that is known for certain: every input has something, or is at its end.
    pub(crate) fn first(&self, clock: Time) -> Option<(InputTopic, &Held)> {
        let known = self.queues.iter().all(|(_, queue)| queue.at_end || !queue.held.is_empty());
        let input = self.earliest(clock, |_| i64::MAX).filter(|_| known)?;
        Some((input, self.queues[input].held.front()?))
    }

    /// The offset of an input's first record, and when that says that it arrived.
    pub(crate) fn front(&self, input: InputTopic) -> Option<(i64, Time)> {
        self.queues[input].held.front().map(|held| (held.record.offset, held.said))
    }

    /// What is next of the records that a journalled transaction took.
    pub(crate) fn next_within(
        &self,
        clock: Time,
        taken: &PerInput<Option<Range>>,
    ) -> Option<InputTopic> {
        self.earliest(clock, |input| taken[input].map_or(i64::MIN, |range| range.to))
    }

    fn earliest(&self, clock: Time, end: impl Fn(InputTopic) -> i64) -> Option<InputTopic> {
        self.queues
            .iter()
            .filter_map(|(input, queue)| Some((input, queue.held.front()?)))
            .filter(|(input, first)| first.record.offset < end(*input))
            .min_by_key(|(input, first)| (first.arrival(clock), *input))
            .map(|(input, _)| input)
    }

    /// Takes an input's first record, in a batch with this clock.
    ///
    /// # Panics
    /// Where there is none: whoever calls has asked [`MergeQueue::next`].
    pub(crate) fn take(&mut self, input: InputTopic, clock: Time) -> Held {
        let queue = &mut self.queues[input];
        let held = queue.held.pop_front().expect("the merge named an input with a record");
        let (offset, position) = (held.record.offset, queue.position);
        assert!(offset >= position, "{input} was taken up to {position}, and {offset} comes next");
        queue.bytes -= held.bytes;
        queue.position = offset + 1;
        queue.batch_records += 1;
        queue.check(input);
        for need in std::iter::once(&mut queue.need).chain(&mut queue.mark) {
            need.arrival.get_or_insert(held.arrival(clock));
        }
        held
    }

    /// Ends the batch: what was taken of each input since the last call. All inputs are named if `all`.
    pub(crate) fn close_batch(&mut self, all: bool) -> PerInput<Option<Range>> {
        let mut taken = PerInput::default();
        for (input, queue) in self.queues.iter_mut() {
            let records = std::mem::take(&mut queue.batch_records);
            let from = std::mem::replace(&mut queue.batch_from, queue.position);
            let range = Range { from, to: queue.position, records };
            range.check();
            assert!(
                records > 0 || from == queue.position,
                "{input} moves without records: {range:?}"
            );
            taken[input] = (records > 0 || all).then_some(range);
        }
        taken
    }

    /// Whether the records of a journalled range are all here.
    pub(crate) fn presence(&self, input: InputTopic, range: Range) -> Presence {
        let queue = &self.queues[input];
        if range.records == 0 {
            return Presence::Whole;
        }
        if queue.fetched < range.to {
            return if queue.at_end { Presence::Ended } else { Presence::NotYet };
        }
        let inside = queue.held.iter().take_while(|held| held.record.offset < range.to);
        let (count, last) =
            inside.fold((0_u64, -1), |(count, _), held| (count + 1, held.record.offset));
        if count != range.records || last != range.to - 1 {
            return Presence::Missing(format!("{count} of {} records are there", range.records));
        }
        Presence::Whole
    }

    /// Whether a journalled range still lacks records; an input that has ended may go on.
    pub(crate) fn awaits(&self, input: InputTopic, range: Range) -> bool {
        range.records > 0 && self.queues[input].fetched < range.to
    }

    /// Everything readable has been read and taken.
    pub(crate) fn caught_up(&self) -> bool {
        self.queues.iter().all(|(_, queue)| queue.at_end && queue.held.is_empty())
    }

    /// Stops waiting for the inputs of which nothing is fetched, until there is news of them.
    pub(crate) fn give_up_waiting(&mut self) {
        for (_, queue) in self.queues.iter_mut() {
            queue.given_up = queue.held.is_empty();
        }
    }

    /// Nothing is known any more about the ends of the inputs.
    pub(crate) fn forget_ends(&mut self) {
        for (_, queue) in self.queues.iter_mut() {
            queue.at_end = false;
        }
    }

    /// The offset to fetch next.
    pub(crate) fn fetch_from(&self, input: InputTopic) -> i64 {
        self.queues[input].fetched
    }

    /// The offsets below which everything was taken.
    pub(crate) fn positions(&self) -> PerInput<i64> {
        PerInput::from_fn(|input| self.queues[input].position)
    }

    /// Records and bytes that are held of an input.
    pub(crate) fn load(&self, input: InputTopic) -> (usize, usize) {
        (self.queues[input].held.len(), self.queues[input].bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use InputTopic::{Comments, Orders, Reroute, Stock};

    /// So many milliseconds into an evening.
    fn at_ms(at: i64) -> Time {
        Time(1_795_348_800_000 + at)
    }

    fn record(offset: i64, at: i64) -> Record {
        Record { offset, timestamp: at_ms(at), key: None, headers: Vec::new(), value: None }
    }

    /// A merge queue at its ends, with these records: input, offset, arrival.
    fn merge_queue(records: &[(InputTopic, i64, i64)]) -> MergeQueue {
        let mut merge_queue = MergeQueue::default();
        merge_queue.start(&PerInput::default());
        for input in InputTopic::ALL {
            let own = records.iter().filter(|r| r.0 == input).map(|r| record(r.1, r.2)).collect();
            merge_queue.fetched(input, own, 0, true);
        }
        merge_queue
    }

    fn drain(merge_queue: &mut MergeQueue, clock: i64) -> Vec<(InputTopic, i64)> {
        let mut order = Vec::new();
        while let Next::Take(input) = merge_queue.next(at_ms(clock)) {
            order.push((input, merge_queue.take(input, at_ms(clock)).record.offset));
        }
        order
    }

    #[test]
    fn earliest_arrival_first_then_the_contracts_order_then_offset() {
        let mut merged = merge_queue(&[
            (Orders, 0, 10),
            (Orders, 1, 5),
            (Comments, 0, 10),
            (Stock, 0, 10),
            (Reroute, 0, 11),
            (Stock, 1, 9),
        ]);
        let order = drain(&mut merged, 100);
        assert_eq!(
            order,
            [(Stock, 0), (Stock, 1), (Orders, 0), (Orders, 1), (Comments, 0), (Reroute, 0)]
        );
    }

    #[test]
    fn a_record_from_the_future_holds_nobody_up_beyond_the_clock() {
        let records = [(Stock, 0, 9_999), (Stock, 1, 3), (Orders, 0, 20), (Orders, 1, 60)];
        assert_eq!(
            drain(&mut merge_queue(&records), 50),
            [(Orders, 0), (Stock, 0), (Stock, 1), (Orders, 1)],
            "beyond the clock the contract's order of topics decides"
        );
    }

    #[test]
    fn a_record_without_a_credible_time_arrives_at_the_clock_of_its_batch() {
        let arrival = |said: i64| {
            let mut merge_queue = merge_queue(&[]);
            let odd = Record { timestamp: Time(said), ..record(0, 0) };
            merge_queue.fetched(Orders, vec![odd], 1, true);
            merge_queue.take(Orders, at_ms(50)).arrival(at_ms(50))
        };
        let (seconds, micros) = (at_ms(0).0 / 1000, at_ms(0).0 * 1000);
        for odd in [i64::MIN, -1, 0, seconds, 946_684_799_999, micros, i64::MAX] {
            assert_eq!(arrival(odd), at_ms(50), "{odd}");
        }
        for said in [946_684_800_000, at_ms(49).0] {
            assert_eq!(arrival(said), Time(said));
        }
        let mut odd = record(0, 7);
        odd.headers.push(contract::Header::new(crate::ARRIVAL, "-1"));
        assert_eq!(crate::arrival(Reroute, &odd), Time::NEVER, "whoever says so");
        assert_eq!(crate::arrival(Orders, &odd), at_ms(7));
    }

    #[test]
    fn an_input_not_at_its_end_is_waited_for_until_it_is_given_up() {
        let mut merge_queue = merge_queue(&[(Orders, 0, 1), (Orders, 1, 2)]);
        merge_queue.fetched(Stock, Vec::new(), 0, false);
        assert_eq!(merge_queue.next(at_ms(50)), Next::Wait);
        merge_queue.give_up_waiting();
        assert_eq!(merge_queue.next(at_ms(50)), Next::Take(Orders));
        assert!(!merge_queue.caught_up());
        merge_queue.fetched(Stock, vec![record(0, 1)], 1, false);
        assert_eq!(merge_queue.next(at_ms(50)), Next::Take(Stock));
        merge_queue.take(Stock, at_ms(50));
        assert_eq!(merge_queue.next(at_ms(50)), Next::Wait, "news of an input ends the giving up");
    }

    #[test]
    fn any_cut_replays_in_the_order_in_which_it_was_taken() {
        let records: Vec<_> = (0..60)
            .map(|n: i64| {
                (InputTopic::ALL[(n * n % 7 % 4).cast_unsigned() as usize], n, n * 37 % 23)
            })
            .collect();
        for cut in 1..9 {
            let (mut live, mut again) = (merge_queue(&records), merge_queue(&records));
            let clock = at_ms(17);
            while let Next::Take(_) = live.next(clock) {
                let mut order = Vec::new();
                while let (Next::Take(input), true) = (live.next(clock), order.len() < cut) {
                    order.push((input, live.take(input, clock).record.offset));
                }
                let taken = live.close_batch(false);
                for input in InputTopic::ALL {
                    if let Some(range) = taken[input] {
                        assert_eq!(again.presence(input, range), Presence::Whole);
                    }
                }
                let mut replayed = Vec::new();
                while let Some(input) = again.next_within(clock, &taken) {
                    replayed.push((input, again.take(input, clock).record.offset));
                }
                assert_eq!(replayed, order);
                assert_eq!(again.close_batch(false), taken);
            }
        }
    }

    #[test]
    fn no_checkpoint_needs_what_the_last_one_did_not() {
        let mut merge_queue = merge_queue(&[]);
        merge_queue.fetched(Orders, Vec::new(), 3, true);
        merge_queue.mark(at_ms(50));
        assert_eq!(merge_queue.marked()[Orders], Need { position: 0, from: 3, arrival: None });
        merge_queue.commit_mark();
        merge_queue.fetched(Orders, vec![record(3, 9)], 4, true);
        merge_queue.mark(at_ms(50));
        let need = Need { position: 0, from: 3, arrival: Some(at_ms(9)) };
        assert_eq!(merge_queue.marked()[Orders], need, "it is held, and not yet taken");
    }

    #[test]
    fn a_record_that_is_gone_is_missed() {
        let mut merge_queue = merge_queue(&[(Orders, 3, 1), (Orders, 5, 1)]);
        let range = |to, records| Range { from: 3, to, records };
        assert_eq!(
            merge_queue.presence(Orders, range(6, 2)),
            Presence::Whole,
            "offset 4 was a control record"
        );
        assert!(matches!(merge_queue.presence(Orders, range(6, 3)), Presence::Missing(_)));
        assert!(matches!(merge_queue.presence(Orders, range(5, 2)), Presence::Missing(_)));
        assert_eq!(merge_queue.presence(Orders, range(9, 3)), Presence::Ended);
        assert!(
            merge_queue.awaits(Orders, range(9, 3)) && !merge_queue.awaits(Orders, range(6, 3))
        );
        merge_queue.fetched(Orders, vec![record(5, 1), record(4, 1)], 6, false);
        assert_eq!(merge_queue.load(Orders).0, 2, "what is held is not taken twice");
        assert_eq!(merge_queue.presence(Orders, range(9, 3)), Presence::NotYet);
    }
}
