//! Live: what is there is taken, decided and handed to one transaction after the other.

use allotment::{Millis, Time};
use contract::{Outgoing, Topic};

use crate::batch::{self, Batch};
use crate::bounds::{BEHIND_CLOCK, Limits, OFFSETS_AGAIN, ROOM_AGAIN, STALL, WAKE_AT_LEAST};
use crate::checkpoint_writer::{CheckpointWriter, Room};
use crate::clock::{Clock, Present};
use crate::codec::Codec;
use crate::hidden::Hidden;
use crate::journal::Range;
use crate::journal_chain::Passing;
use crate::merge_queue::{Held, Next};
use crate::outputs::Outputs;
use crate::pace::Pace;
use crate::replay::State;
use crate::surplus::Surpluses;
use crate::{Effect, InputTopic, Mono, Portion, Produce, Surplus, Transaction};

/// What a live lane knows beside its state.
#[derive(Debug)]
pub(crate) struct Live {
    pace: Pace,
    pub(crate) writer: CheckpointWriter,
    pub(crate) hidden: Hidden,
    /// Partitions without a lane.
    pub(crate) surplus: Surpluses,
    /// Since when a transaction is under way.
    in_flight: Option<Mono>,
    /// Up to where everything was taken that had arrived, when everything readable had been read: `now` follows it.
    quiet: Option<Time>,
    /// The state takes as much as it may, so that nothing is taken that may add to it.
    full: bool,
    /// The arrival of the first record that waits for room: so far time may pass before it is taken.
    reach: Option<Time>,
    /// Until when it is not known whether everything readable has been read.
    doubtful: Mono,
    /// Since when an input is waited for of which nothing is fetched.
    waiting: Option<Mono>,
    /// When the positions of all inputs were last handed over; its first transaction has them.
    positions: Option<Mono>,
    /// Since when it is live.
    since: Option<Mono>,
}

impl Live {
    /// For a lane that goes live now.
    pub(crate) fn new(writer: CheckpointWriter, limits: &Limits) -> Self {
        Self {
            pace: Pace::default(),
            writer,
            surplus: Surpluses::default(),
            in_flight: None,
            hidden: Hidden::new(limits.hidden_patience, limits.merge_wait),
            quiet: None,
            full: false,
            reach: None,
            doubtful: Mono::MIN,
            waiting: None,
            positions: None,
            since: None,
        }
    }

    pub(crate) const fn in_flight(&self) -> bool {
        self.in_flight.is_some()
    }

    /// It takes no input, because its state takes as much as it may.
    pub(crate) const fn is_full(&self) -> bool {
        self.full
    }

    /// The transaction is committed: when it was handed over, and what there is to do for it beside that.
    pub(crate) fn committed(&mut self, state: &mut State, mono: Mono) -> (Mono, Option<Effect>) {
        let began = self.in_flight.take().expect("the driver answers a transaction once");
        assert!(began <= mono, "a transaction that began at {began:?} is committed at {mono:?}");
        self.pace.committed(mono);
        (began, self.writer.committed(state))
    }

    /// Before an event is taken in: true where too much time has passed since the last one to know what
    /// was read. Then the ends of the inputs are forgotten, and they have to be followed again.
    pub(crate) fn observe(&mut self, state: &mut State, last: Mono, mono: Mono) -> bool {
        if mono > last.plus(BEHIND_CLOCK) {
            self.doubtful = mono.plus(BEHIND_CLOCK);
        }
        let stalled = mono > last.plus(STALL);
        if stalled {
            state.merge_queue.forget_ends();
        }
        stalled
    }

    /// The driver has looked at the inputs and handed over what it found: if that is all taken, everything
    /// readable has been read. Not known for a while where the lane was kept waiting, by a commit or by the
    /// machine, for longer than `now` stays behind: what became readable meanwhile is still on its way.
    ///
    /// Where the lane is full, what waits must not be passed; but time may pass up to the first of it, as it would
    /// if that was taken. So a lane at its limit gives back what that frees, and goes on.
    pub(crate) fn looked(&mut self, state: &State, codec: &Codec, present: Present) {
        let Some(clock) = present.time else { return };
        // Beside a transaction the driver does not look: such a look is from before it began.
        if self.in_flight() || present.mono < self.doubtful {
            return;
        }
        let limit = self.hidden.limit(&state.merge_queue);
        if state.merge_queue.caught_up() {
            self.quiet = limit.max(self.quiet);
        } else if self.full {
            let behind = clock.minus(BEHIND_CLOCK);
            let reached = |held: &Held| held.arrival(clock) <= behind || held.is_ahead_of(clock);
            let first = state.merge_queue.first(clock).filter(|(_, held)| reached(held));
            let first = first.filter(|(input, held)| {
                batch::is_moved_by(&state.engine, codec, *input, held, clock)
            });
            let reach = first.map(|(_, held)| held.arrival(behind)).zip(limit);
            self.reach = reach.map(|(arrival, limit)| arrival.min(limit)).max(self.reach);
        }
    }

    /// Begins a transaction if one may begin and there is something to do.
    pub(crate) fn step(
        &mut self,
        state: &mut State,
        codec: &Codec,
        limits: &Limits,
        present: Present,
        out: &mut Vec<Effect>,
    ) {
        let Present { mono, time } = present;
        if self.in_flight() || mono < self.pace.next_start() {
            return;
        }
        self.since.get_or_insert(mono);
        let Some(clock) = time else { return self.learn(state, mono, out) };
        if self.waits(state, limits, mono) {
            return;
        }
        self.writer.begin(state, mono, clock, false);
        self.weigh(state, limits);
        self.ask_for_survey(state, present);
        let due = self.next_due(state);
        state.engine.allow_pools(limits.new_pools);
        let mut passing = Passing { clock, followed: self.follow(state), until: None };
        let time_brings_something =
            passing.followed.zip(due).is_some_and(|(time, due)| due <= time);
        let mut outputs = Outputs::default();
        let nothing = self.next(state, clock) == Next::Nothing && !self.surplus.has_some();
        let alone = nothing && !time_brings_something;
        if alone {
            if !self.writer.wants(state) && mono < self.positions_due(mono) {
                return;
            }
            passing.followed = None;
        } else {
            self.writer.moved();
            passing.until = self.hidden.reach(&state.merge_queue, clock);
            let mut batch = Batch::open(&mut state.engine, codec, passing, outputs);
            if self.full {
                state.engine.drop_ended();
            }
            self.surplus.send_home(&state.engine, codec, limits, &mut batch);
            self.fill(state, codec, limits, clock, &mut batch);
            outputs = batch.close(&mut state.engine, codec);
        }
        let room = Room { bytes: self.writer.room(false), alone };
        let checkpoint = self.writer.portion(state, room, clock, &mut outputs.records);
        let surplus = self.surplus.close_batch();
        let transaction = write_down(state, surplus, passing, outputs, checkpoint);
        self.transact(state, transaction, mono, out);
    }

    /// Writes a journal record that takes nothing, to learn from its append time what time it is. Nothing is
    /// decided before.
    fn learn(&mut self, state: &mut State, mono: Mono, out: &mut Vec<Effect>) {
        let last = state.chain.clock();
        let passing = Passing { clock: last, followed: None, until: None };
        let transaction = write_down(state, Vec::new(), passing, Outputs::default(), None);
        self.transact(state, transaction, mono, out);
    }

    /// Writes down what is left to write of a lane that ends; true where that is all done.
    pub(crate) fn close(
        &mut self,
        state: &mut State,
        Present { mono, time }: Present,
        out: &mut Vec<Effect>,
    ) -> bool {
        if self.in_flight() {
            return false;
        }
        // One that has not learnt the time has decided nothing either.
        let clock = time.unwrap_or(state.chain.clock());
        self.writer.begin(state, mono, clock, true);
        if self.writer.is_closed() {
            return true;
        }
        if mono >= self.pace.next_start() && self.writer.wants(state) {
            let room = Room { bytes: self.writer.room(true), alone: true };
            let mut outputs = Outputs::default();
            let checkpoint = self.writer.portion(state, room, clock, &mut outputs.records);
            let passing = Passing { clock, followed: None, until: None };
            let transaction = write_down(state, Vec::new(), passing, outputs, checkpoint);
            self.transact(state, transaction, mono, out);
        }
        false
    }

    fn transact(
        &mut self,
        state: &State,
        mut transaction: Transaction,
        mono: Mono,
        out: &mut Vec<Effect>,
    ) {
        if self.positions.is_none() || mono >= self.positions_due(mono) {
            self.positions = Some(mono);
            let surplus = state.chain.surplus.iter();
            transaction.surplus = surplus.map(|(surplus, end)| (*surplus, *end)).collect();
            transaction.offsets = state.chain.positions();
        }
        assert!(!self.in_flight(), "one transaction at a time");
        let positions = state.merge_queue.positions();
        for (input, offset) in &transaction.offsets {
            let position = positions[*input];
            assert_eq!(*offset, position, "{input}: what is committed is what was taken");
        }
        out.push(Effect::Transact(Box::new(transaction)));
        self.in_flight = Some(mono);
        self.pace.begun(mono);
    }

    /// When a lane that has nothing else to do commits the positions of all inputs again.
    fn positions_due(&self, mono: Mono) -> Mono {
        self.positions.or(self.since).unwrap_or(mono).plus(OFFSETS_AGAIN)
    }

    /// When the lane has something to do without an event.
    pub(crate) fn next_wake(
        &self,
        state: &State,
        limits: &Limits,
        last: Mono,
        clock: Option<&Clock>,
    ) -> Option<Mono> {
        if self.in_flight() {
            return None;
        }
        let start = self.pace.next_start();
        let Some(clock) = clock else { return Some(start) };
        // A time that the present already is would be asked for again and again.
        let soon = last.plus(Millis(1));
        match self.next(state, clock.shown()) {
            Next::Take(_) => Some(start),
            Next::Wait => {
                Some(self.waiting.map_or(start, |since| since.plus(limits.merge_wait).max(start)))
            }
            Next::Nothing if self.surplus.has_some() => Some(start),
            Next::Nothing if self.writer.wants(state) => Some(start.max(soon)),
            Next::Nothing => {
                let due = state.engine.next_deadline().filter(|_| state.merge_queue.caught_up());
                // What is due already, and must not pass, waits for a survey and not for time.
                let limit = self.hidden.limit(&state.merge_queue);
                let shown = clock.shown();
                let passes = |due: &Time| due.plus(BEHIND_CLOCK) > shown || limit >= Some(*due);
                let due = due.filter(passes);
                let due = due.map_or(Time::NEVER, |due| due.plus(BEHIND_CLOCK));
                let due = clock.when(due);
                let due = self.writer.next_wake().map_or(due, |checkpoint| checkpoint.min(due));
                let due = due.min(self.positions_due(last));
                Some(due.max(start).max(soon).min(last.plus(WAKE_AT_LEAST)))
            }
        }
    }

    /// The same of a lane that ends.
    pub(crate) fn next_wake_closing(&self, last: Mono) -> Option<Mono> {
        (!self.in_flight()).then(|| self.pace.next_start().max(last.plus(Millis(1))))
    }

    /// Whether an input of which nothing is fetched is still being waited for.
    fn waits(&mut self, state: &mut State, limits: &Limits, mono: Mono) -> bool {
        // Whether something is waited for is the same whatever the clock says.
        if state.merge_queue.next(Time::NEVER) != Next::Wait {
            self.waiting = None;
            return false;
        }
        let since = *self.waiting.get_or_insert(mono);
        if mono < since.plus(limits.merge_wait) {
            return true;
        }
        self.waiting = None;
        state.merge_queue.give_up_waiting();
        false
    }

    /// Where time may pass to without a record, if that is further than it was: after the clock where all is
    /// taken, to the first record where that waits for room.
    fn follow(&self, state: &State) -> Option<Time> {
        self.quiet.max(self.reach).filter(|time| *time > state.engine.now())
    }

    /// Finds out whether there is room for what a record may add to the state.
    fn weigh(&mut self, state: &State, limits: &Limits) {
        let again = if self.full { limits.state_bytes / ROOM_AGAIN } else { 0 };
        self.full = state.engine.holds().bytes >= limits.state_bytes - again;
    }

    /// What the merge says is next, where there is room for it.
    fn next(&self, state: &State, clock: Time) -> Next {
        match state.merge_queue.next(clock) {
            Next::Take(_) if self.full => Next::Nothing,
            Next::Take(input) if self.awaits_survey(state, input, clock) => Next::Nothing,
            next => next,
        }
    }

    /// Finds out whether the next record waits for a survey.
    fn ask_for_survey(&mut self, state: &State, Present { mono, time }: Present) {
        let Some(clock) = time else { return };
        let Next::Take(input) = state.merge_queue.next(clock) else {
            return self.hidden.go_on(None);
        };
        let place = state.merge_queue.front(input).map(|(offset, _)| (input, offset));
        match place.filter(|_| self.awaits_survey(state, input, clock)) {
            Some(place) => self.hidden.wait(place, mono, clock),
            None => self.hidden.go_on(place),
        }
    }

    /// Whether time must not pass with the next record before a survey says that nothing is hidden.
    fn awaits_survey(&self, state: &State, input: InputTopic, clock: Time) -> bool {
        let State { engine, merge_queue, .. } = state;
        let due = || engine.next_deadline();
        merge_queue.front(input).is_some_and(|(offset, arrival)| {
            self.hidden.awaits(merge_queue, (input, offset), arrival.min(clock), due)
        })
    }

    /// When time next brings something about: also what only gives memory back, where that is wanted.
    fn next_due(&self, state: &State) -> Option<Time> {
        let ending = if self.full { state.engine.next_ending() } else { None };
        // What ends at an instant has ended only after it.
        let ended = ending.map(|end| end.plus(Millis(1)));
        state.engine.next_deadline().into_iter().chain(ended).min()
    }

    /// Takes what is next until a bound is met, or an input that may have an earlier record has nothing.
    fn fill(
        &mut self,
        state: &mut State,
        codec: &Codec,
        limits: &Limits,
        clock: Time,
        batch: &mut Batch,
    ) {
        let mut bytes = 0;
        self.weigh(state, limits);
        while let Next::Take(input) = self.next(state, clock) {
            let held = state.merge_queue.take(input, clock);
            bytes += held.bytes();
            batch.take(&mut state.engine, codec, input, &held);
            self.weigh(state, limits);
            let out = batch.so_far();
            let taken = out.counts.records >= limits.batch_records as u64;
            let produced = out.records.len() >= limits.batch_outputs;
            if taken
                || produced
                || bytes >= limits.batch_bytes
                || out.bytes >= limits.batch_output_bytes
            {
                break;
            }
        }
    }
}

/// The transaction of a batch, its journal record last.
fn write_down(
    state: &mut State,
    surplus: Vec<(Surplus, Range)>,
    passing: Passing,
    outputs: Outputs,
    checkpoint: Option<Portion>,
) -> Transaction {
    let State { engine, merge_queue, chain, .. } = state;
    let taken = merge_queue.close_batch(chain.is_empty());
    let after = (engine.events(), engine.digest(), engine.new_pools());
    let ends = surplus.iter().map(|(surplus, range)| (*surplus, range.to)).collect();
    let ranges = taken.iter().filter_map(|(_, range)| *range);
    let ranges = ranges.chain(surplus.iter().map(|(_, range)| *range));
    let records = ranges.map(|range| range.records).sum::<u64>();
    assert_eq!(
        outputs.counts.records, records,
        "the outputs belong to the records of their ranges"
    );
    let journal = chain.extend(passing, taken, surplus, after);
    let Outputs { mut records, effects, counts, events, oldest, .. } = outputs;
    let value = Some(journal.encode());
    let record = Outgoing { topic: Topic::Journal, key: None, headers: Vec::new(), value };
    records.push(Produce { partition: engine.here.index, record });
    let offset = |(input, range): (InputTopic, &Option<Range>)| {
        range.filter(|range| range.records > 0).map(|range| (input, range.to))
    };
    let offsets = taken.iter().filter_map(offset).collect();
    Transaction { records, offsets, surplus: ends, effects, checkpoint, counts, events, oldest }
}
