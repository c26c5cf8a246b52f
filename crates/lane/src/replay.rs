//! Coming back: what the journal says was taken since the checkpoint is taken again, and nothing is emitted.
//!
//! The journal and the inputs are followed from where the checkpoint's manifest says, or from their
//! beginnings where there is none; the inputs once, and on into live reading without a seam. A transaction
//! is replayed when all that it took has been fetched again. Whatever does not fit stops the lane with the
//! reason. A standby is the same without an end.

use std::collections::VecDeque;

use crate::batch::Batch;
use crate::bounds::{JOURNAL_RECORDS, MISSING_PATIENCE};
use crate::codec::Codec;
use crate::engine::Engine;
use crate::journal::{JournalRecord, Range};
use crate::journal_chain::{JournalChain, Passing};
use crate::merge_queue::{MergeQueue, Presence};
use crate::outputs::Outputs;
use crate::page_versions::PageVersions;
use crate::{Cause, Effect, InputTopic, Manifest, Mono, Need, Opened, PerInput, Recovery};

/// A partition's state: all that is dropped when a lane has to come back.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) engine: Engine,
    pub(crate) merge_queue: MergeQueue,
    pub(crate) chain: JournalChain,
    pub(crate) page_versions: PageVersions,
}

/// How far the way back is.
#[derive(Debug)]
pub(crate) struct Replay {
    /// What there was when the way back began.
    pub(crate) found: Opened,
    /// The checkpoint that it begins with.
    pub(crate) base: Option<Manifest>,
    /// Checked against their chain, and not yet replayed.
    ahead: VecDeque<JournalRecord>,
    /// Below it the journal has been fetched.
    fetched: i64,
    /// The inputs are being followed.
    started: bool,
    /// Since when an input has ended before what the next transaction took of it.
    ended: Option<Mono>,
    /// Where each input is followed from.
    from: PerInput<i64>,
    /// Replayed, but those in which nothing was decided.
    pub(crate) transactions: u64,
}

/// What a transaction took and is not there again.
#[derive(Clone, Copy, Debug)]
struct Lack {
    input: InputTopic,
    range: Range,
    /// The input shows nothing further.
    ended: bool,
}

/// How far a replay goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal<'a> {
    /// To the journal's end, as it was when the last owner was shut out: what was decided is decided,
    /// whatever memory it takes.
    End(&'a Opened),
    /// After an owner whose journal grows, as long as the state takes less than so many bytes. Then it stands
    /// still, until it may take more or is to be the owner.
    Room(u64),
}

impl Goal<'_> {
    /// There is no room to follow any further.
    pub(crate) fn is_met(self, state: &State) -> bool {
        matches!(self, Self::Room(bytes) if state.engine.holds().bytes >= bytes)
    }
}

/// What [`Replay::step`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// More of the journal or of an input is needed.
    More,
    /// Everything is replayed.
    Finished,
}

impl Replay {
    /// From a checkpoint, or from the beginning.
    pub(crate) fn new(found: Opened, base: Option<&Manifest>) -> Self {
        // What the checkpoint stands in for may be gone.
        let follows = base.map_or(0, |base| base.journal);
        Self {
            fetched: follows.max(found.journal.earliest),
            base: base.cloned(),
            found,
            ahead: VecDeque::new(),
            started: false,
            ended: None,
            from: PerInput::default(),
            transactions: 0,
        }
    }

    /// Takes in what was fetched of the journal. What is there already is left out.
    pub(crate) fn journal_fetched(
        &mut self,
        chain: &mut JournalChain,
        records: Vec<(i64, Vec<u8>)>,
        next: i64,
    ) -> Result<(), Cause> {
        let before = self.fetched;
        for (offset, bytes) in records {
            if offset < self.fetched {
                continue;
            }
            self.fetched = offset + 1;
            let record =
                JournalRecord::decode(&bytes).map_err(|why| Cause::Unreadable { offset, why })?;
            if chain.is_behind(&record) {
                // The checkpoint stands in for it.
                continue;
            }
            chain.accept(&record, offset)?;
            self.ahead.push_back(record);
        }
        self.fetched = self.fetched.max(next);
        assert!(self.fetched >= before, "the journal goes back from {before} to {}", self.fetched);
        Ok(())
    }

    /// Where the journal is to be followed from.
    pub(crate) const fn journal_next(&self) -> i64 {
        self.fetched
    }

    /// Journal records that were fetched and are not replayed yet.
    pub(crate) fn ahead(&self) -> usize {
        self.ahead.len()
    }

    /// Whether more of the journal may be handed over.
    pub(crate) fn wants_journal(&self) -> bool {
        self.ahead.len() < JOURNAL_RECORDS
    }

    /// Goes as far as it can.
    pub(crate) fn step(
        &mut self,
        state: &mut State,
        codec: &Codec,
        clock: Mono,
        tag: u64,
        goal: Goal<'_>,
        out: &mut Vec<Effect>,
    ) -> Result<Step, Cause> {
        let own = if let Goal::End(own) = goal { Some(own) } else { None };
        let done = own.is_some_and(|own| self.fetched >= own.journal.end);
        if !self.started && (done || !self.ahead.is_empty()) {
            self.start(&mut state.merge_queue, tag, out);
        }
        while let Some(record) = self.ahead.front() {
            if goal.is_met(state) {
                return Ok(Step::More);
            }
            if let Some(lack) = first_lack(record, &state.merge_queue, &self.found)? {
                let sequence = record.sequence;
                self.wait_for(lack, sequence, &state.merge_queue, clock)?;
                return Ok(Step::More);
            }
            self.ended = None;
            replay(record, state, codec)?;
            self.transactions += u64::from(!record.is_idle());
            self.ahead.pop_front();
        }
        match own {
            Some(own) if done => {
                self.cross_check(own, &state.merge_queue.positions())?;
                Ok(Step::Finished)
            }
            _ => Ok(Step::More),
        }
    }

    /// When patience with an input that has ended too early is over.
    pub(crate) fn next_wake(&self) -> Option<Mono> {
        self.ended.map(|since| since.plus(MISSING_PATIENCE))
    }

    /// Waits for what is not there again; not for ever where its input has ended.
    fn wait_for(
        &mut self,
        lack: Lack,
        sequence: u64,
        merge_queue: &MergeQueue,
        clock: Mono,
    ) -> Result<(), Cause> {
        let Lack { input, range, ended } = lack;
        if !ended {
            self.ended = None;
            return Ok(());
        }
        let since = *self.ended.get_or_insert(clock);
        if clock < since.plus(MISSING_PATIENCE) {
            return Ok(());
        }
        let missing =
            format!("what follows offset {} does not exist", merge_queue.fetch_from(input));
        Err(missing_input(sequence, input, range, missing))
    }

    /// Whether the next transaction needs more of an input, whatever is held already.
    pub(crate) fn awaits(&self, input: InputTopic, merge_queue: &MergeQueue) -> bool {
        let next = self.ahead.front().and_then(|record| record.taken[input]);
        next.is_some_and(|range| merge_queue.awaits(input, range))
    }

    /// How many offsets of the inputs are replayed, and how many there are to replay as far as the group
    /// knows; for people who wait.
    pub(crate) fn progress(&self, merge_queue: &MergeQueue) -> Recovery {
        let positions = merge_queue.positions();
        let pages = self.base.as_ref().map_or(0, |base| base.pages);
        let mut progress = Recovery { pages, pages_total: pages, ..Recovery::default() };
        for (input, there) in self.found.inputs.iter().filter(|_| self.started) {
            let since = |offset: i64| offset.saturating_sub(self.from[input]).max(0).unsigned_abs();
            progress.offsets += since(positions[input]);
            progress.offsets_total += since(there.committed.unwrap_or(0));
        }
        progress
    }

    /// Begins to follow the inputs: where the checkpoint says; else where the first transaction began, or
    /// at what is retained.
    pub(crate) fn start(&mut self, merge_queue: &mut MergeQueue, tag: u64, out: &mut Vec<Effect>) {
        assert!(!self.started, "the inputs are followed once, without a seam");
        self.started = true;
        let first = self.ahead.front().map(|record| record.taken);
        let earliest = |input| self.found.inputs[input].span.earliest;
        let need = |input| match (&self.base, first.and_then(|taken| taken[input])) {
            (Some(base), _) => base.needs[input],
            (None, Some(Range { from, .. })) => Need { position: from, from, arrival: None },
            (None, None) => {
                let from = earliest(input);
                Need { position: from, from, arrival: None }
            }
        };
        let needs = PerInput::from_fn(need);
        self.from = PerInput::from_fn(|input| needs[input].from);
        merge_queue.start(&needs);
        for input in InputTopic::ALL {
            // What lies before the earliest retained offset is missed when a transaction needs it.
            out.push(Effect::Follow { input, from: self.from[input].max(earliest(input)), tag });
        }
    }

    /// Holds the end of the journal against what the group has committed and what is still retained.
    fn cross_check(&self, own: &Opened, positions: &PerInput<i64>) -> Result<(), Cause> {
        for (input, there) in own.inputs.iter() {
            let journal = positions[input];
            if let Some(committed) = there.committed.filter(|committed| *committed != journal) {
                return Err(Cause::Committed { input, committed, journal });
            }
            // Before where it was read from there were only control records.
            let unread = journal.max(self.from[input]);
            if there.span.earliest > unread {
                let why = format!("the earliest retained offset is {}", there.span.earliest);
                return Err(Cause::InputGone { input, from: unread, why });
            }
        }
        Ok(())
    }
}

/// What of a transaction has been fetched again: everything, or else the range after which to wait.
fn first_lack(
    record: &JournalRecord,
    merge_queue: &MergeQueue,
    found: &Opened,
) -> Result<Option<Lack>, Cause> {
    let mut lack = None;
    for (input, range) in record.taken.iter() {
        let Some(range) = *range else { continue };
        let ended = match merge_queue.presence(input, range) {
            Presence::Whole => continue,
            Presence::NotYet => false,
            Presence::Ended => true,
            Presence::Missing(missing) => {
                let earliest = found.inputs[input].span.earliest;
                let missing = if earliest > range.from {
                    format!("{missing}: the earliest retained offset is {earliest}")
                } else {
                    missing
                };
                return Err(missing_input(record.sequence, input, range, missing));
            }
        };
        // One that has ended may never go on, so it decides how long to wait.
        if ended || lack.is_none() {
            lack = Some(Lack { input, range, ended });
        }
    }
    Ok(lack)
}

fn missing_input(
    sequence: u64,
    input: InputTopic,
    Range { from, to, .. }: Range,
    missing: String,
) -> Cause {
    Cause::InputMissing { sequence, input, from, to, missing }
}

/// Takes again what a transaction took, and holds the outcome against what it wrote down.
fn replay(record: &JournalRecord, state: &mut State, codec: &Codec) -> Result<(), Cause> {
    let State { engine, merge_queue, .. } = state;
    let JournalRecord { clock, followed, until, .. } = *record;
    engine.allow_pools(record.new_pools);
    let mut batch =
        Batch::open(engine, codec, Passing { clock, followed, until }, Outputs::muted());
    while let Some(input) = merge_queue.next_within(clock, &record.taken) {
        let held = merge_queue.take(input, clock);
        batch.take(engine, codec, input, &held);
    }
    batch.close(engine, codec);
    let taken = merge_queue.close_batch(record.sequence == 1);
    assert_eq!(taken, record.taken, "what was found whole is what was taken");
    let sequence = record.sequence;
    if engine.events() != record.events {
        return Err(Cause::Events { sequence, journal: record.events, replayed: engine.events() });
    }
    let replayed = engine.digest();
    if replayed != record.after {
        return Err(Cause::Digest { sequence, journal: record.after, replayed });
    }
    Ok(())
}
