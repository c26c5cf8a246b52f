//! How a live lane writes one checkpoint after the other, without anybody waiting for it.
//!
//! A checkpoint begins between two transactions: the partition is frozen as it is (the core copies what changes
//! before it is written), and its changed pages ride in the transactions that follow, a portion in each.
//! Where there is nothing to take, a portion gets a transaction of its own. The last portion has the
//! manifest, and what that makes needless is taken away after it.

use std::collections::VecDeque;

use allotment::{PageKey, Time};
use contract::{Outgoing, Topic};

use crate::bounds::{CATCH_UP_BYTES, Checkpoints};
use crate::checkpoint::{Checkpoint, CheckpointKey, Manifest, Portion};
use crate::replay::State;
use crate::{CheckpointRecord, Effect, Mono, Produce, Span};

/// A record under a key.
type Keyed = (Vec<u8>, Option<Vec<u8>>);

/// The room for a portion in a transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub(crate) bytes: usize,
    /// The transaction has nothing else.
    pub(crate) alone: bool,
}

/// What a live lane knows of its checkpoints.
#[derive(Debug)]
pub(crate) struct CheckpointWriter {
    settings: Option<Checkpoints>,
    /// Something was taken, or time has passed, since the last checkpoint began.
    behind: bool,
    /// When the last one began, and how many events there were.
    begun: Mono,
    events: u64,
    in_progress: Option<InProgress>,
    /// A manifest is on its way.
    sent: Option<Manifest>,
    /// The one that stands, and where the journal goes on after it.
    stands: Option<(Checkpoint, i64)>,
    /// A transaction, and the offset in the journal before which the one after it can't be.
    mark: (u64, i64),
    /// What the last owner wrote since this lane looked, and is still to be read.
    catch_up: Option<Span>,
    /// An answer that bears another tag is for an earlier state of the lane.
    tag: u64,
    asked: bool,
    /// The pages on the topic are not those that the partition was loaded from; all are written again.
    whole: bool,
}

/// A checkpoint that is being written.
#[derive(Debug)]
struct InProgress {
    /// The manifest, once it is written.
    manifest: Manifest,
    /// The core has given all pages.
    given: bool,
    written: Vec<PageKey>,
    /// Parts of pages that found no room yet.
    pending: VecDeque<(Vec<u8>, Vec<u8>)>,
}

impl CheckpointWriter {
    /// For a lane that goes live now. `journal_end`: where the journal ends.
    pub(crate) fn new(
        settings: Option<Checkpoints>,
        state: &State,
        base: Option<&Manifest>,
        journal_end: i64,
        mono: Mono,
    ) -> Self {
        let sequence = state.chain.sequence;
        let stands = base.map_or(0, |base| base.sequence);
        assert!(stands <= sequence, "the checkpoint {stands} stands after transaction {sequence}");
        Self {
            settings,
            behind: sequence > stands,
            begun: mono,
            events: base.map_or(0, |base| base.events),
            in_progress: None,
            sent: None,
            stands: base.map(|base| (Checkpoint::of(base), base.journal)),
            mark: (sequence, journal_end),
            catch_up: None,
            tag: 0,
            asked: false,
            whole: false,
        }
    }

    /// What stands is not what this lane has loaded: the last owner has written on since. What it has
    /// written has to be read first, for what nobody needs of it to be taken away; and all pages are
    /// written again, because another owner may number what is on them otherwise.
    pub(crate) fn catch_up(&mut self, state: &mut State, written: Span, tag: u64) {
        self.tag = tag;
        if written.earliest < written.end {
            state.page_versions.reopen();
            self.catch_up = Some(written);
            self.whole = true;
        }
    }

    /// Takes in a piece of what the last owner has written.
    pub(crate) fn read(
        &mut self,
        state: &mut State,
        tag: u64,
        records: Vec<CheckpointRecord>,
        next: i64,
        done: bool,
    ) {
        let Some(span) = self.catch_up.as_mut().filter(|_| tag == self.tag) else { return };
        assert!(std::mem::take(&mut self.asked), "the driver answers once");
        let from = std::mem::replace(&mut span.earliest, next);
        assert!(from <= next, "the checkpoints are read from {from} to {next}");
        for record in records {
            state.page_versions.read(record, false);
        }
        if done {
            self.catch_up = None;
            state.engine.touch_all();
            // Even where nothing has happened since: what stands is another owner's.
            self.behind = !state.chain.is_empty();
        }
    }

    /// Asks for what has to be read, if that is to be done.
    pub(crate) fn ask(&mut self, out: &mut Vec<Effect>) {
        if let Some(Span { earliest: from, end }) = self.catch_up
            && self.settings.is_some()
            && !std::mem::replace(&mut self.asked, true)
        {
            let (bytes, tag) = (CATCH_UP_BYTES, self.tag);
            out.push(Effect::ReadCheckpoints { from, end, bytes, tag });
        }
    }

    /// Between two transactions: begins a checkpoint if one is due, or if there is anything to write and the lane
    /// is `closing`.
    pub(crate) fn begin(&mut self, state: &mut State, mono: Mono, clock: Time, closing: bool) {
        let Some(settings) = self.settings else { return };
        if self.in_progress.is_some() || self.catch_up.is_some() || !self.behind {
            return;
        }
        if state.page_versions.has_needless() && !closing {
            // First away with what the last one has superseded, else it would pile up under a load.
            return;
        }
        let (all, begun) = (state.engine.events(), self.events);
        assert!(begun <= all, "{begun} events when the last checkpoint began, and {all} now");
        let events = all - begun;
        let due = events >= settings.events || mono >= self.due(settings);
        if !due && !closing {
            return;
        }
        state.engine.freeze();
        state.merge_queue.mark(clock);
        self.behind = false;
        self.begun = mono;
        self.events = state.engine.events();
        self.in_progress = Some(InProgress {
            manifest: manifest(state, clock),
            given: false,
            written: Vec::new(),
            pending: VecDeque::new(),
        });
    }

    /// An ordinary transaction is being made.
    pub(crate) const fn moved(&mut self) {
        self.behind = true;
    }

    /// Whether there is something to write that would be worth a transaction of its own.
    pub(crate) fn wants(&self, state: &State) -> bool {
        self.settings.is_some()
            && (self.in_progress.is_some() || state.page_versions.has_needless())
    }

    /// Whether a lane that ends has something left to do first.
    pub(crate) fn is_closed(&self) -> bool {
        self.settings.is_none()
            || (self.in_progress.is_none() && self.catch_up.is_none() && !self.behind)
    }

    /// When the next checkpoint is due, as far as the clock says.
    pub(crate) fn next_wake(&self) -> Option<Mono> {
        let settings = self.settings.filter(|_| self.behind && self.in_progress.is_none())?;
        self.catch_up.is_none().then(|| self.due(settings))
    }

    /// The room for a portion in an ordinary transaction, and in one of a lane that ends.
    pub(crate) fn room(&self, closing: bool) -> usize {
        self.settings.map_or(0, |s| if closing { s.stop_bytes } else { s.portion_bytes })
    }

    /// Adds a portion to the transaction at hand, if there is anything to write.
    pub(crate) fn portion(
        &mut self,
        state: &mut State,
        room: Room,
        clock: Time,
        records: &mut Vec<Produce>,
    ) -> Option<Portion> {
        if !self.wants(state) {
            return None;
        }
        let mut sheet =
            Sheet { partition: state.engine.here.index, records, portion: Portion::default() };
        while sheet.has(room) && state.page_versions.has_orphans() {
            sheet.take_away(state);
        }
        if self.write_pages(state, room, &mut sheet) && !state.page_versions.has_orphans() {
            self.write_manifest(state, room, clock, &mut sheet);
        }
        while sheet.has(room) && state.page_versions.has_needless() {
            sheet.take_away(state);
        }
        Some(sheet.portion)
    }

    /// The transaction is committed. If it had the manifest, that one stands: the journal is trimmed, up to
    /// the one before. So a standby that is just loading that one is not left without its journal.
    pub(crate) fn committed(&mut self, state: &mut State) -> Option<Effect> {
        let manifest = self.sent.take()?;
        state.merge_queue.commit_mark();
        let before = self.stands.replace((Checkpoint::of(&manifest), manifest.journal));
        let trimmed = before.is_none_or(|(_, before)| before <= manifest.journal);
        assert!(trimmed, "the journal is needed from {} after {before:?}", manifest.journal);
        before.map(|(_, journal_before)| Effect::Trim { journal_before })
    }

    /// The checkpoint that stands.
    pub(crate) fn stands(&self) -> Option<Checkpoint> {
        self.stands.map(|(checkpoint, _)| checkpoint)
    }

    fn due(&self, settings: Checkpoints) -> Mono {
        self.begun.plus(settings.interval)
    }

    /// Writes pages while there is room; whether all are written.
    fn write_pages(&mut self, state: &mut State, room: Room, sheet: &mut Sheet<'_>) -> bool {
        let Some(in_progress) = &mut self.in_progress else { return false };
        let sequence = in_progress.manifest.sequence;
        while sheet.has(room) {
            if let Some((key, value)) = in_progress.pending.pop_front() {
                sheet.put((key, Some(value)));
                continue;
            }
            if in_progress.given {
                return true;
            }
            let pages = state.engine.next_pages(sheet.left(room));
            in_progress.given = pages.is_empty();
            for page in pages {
                let records = state.page_versions.write(&page.key, sequence, page.bytes.as_deref());
                in_progress.pending.extend(records);
                in_progress.written.push(page.key);
            }
            if in_progress.given && self.whole {
                // What another owner has left, and this partition has nothing on.
                for page in state.page_versions.unwritten(sequence) {
                    in_progress.pending.extend(state.page_versions.write(&page, sequence, None));
                    in_progress.written.push(page);
                }
            }
        }
        in_progress.given && in_progress.pending.is_empty()
    }

    fn write_manifest(
        &mut self,
        state: &mut State,
        room: Room,
        clock: Time,
        sheet: &mut Sheet<'_>,
    ) {
        let Some(InProgress { mut manifest, written, .. }) = self.in_progress.take() else {
            return;
        };
        if room.alone && !self.behind {
            // Nothing has changed since: it holds after this transaction too, so nothing is left to replay.
            manifest.sequence = state.chain.sequence + 1;
            manifest.clock = clock;
        }
        manifest.needs = state.merge_queue.marked();
        manifest.pages = state.page_versions.count();
        let (sequence, offset) = self.mark;
        let stands = self.stands.map_or(sequence, |(stands, _)| stands.sequence.max(sequence));
        assert!(stands <= manifest.sequence, "{} is older than {stands}", manifest.sequence);
        assert!(self.sent.is_none(), "the last manifest is on its way");
        let since = i64::try_from(manifest.sequence - sequence).unwrap_or(0);
        // A transaction leaves a record and a control record in the journal.
        manifest.journal = offset.saturating_add(since.saturating_mul(2));
        sheet.put((CheckpointKey::Manifest.encode(), Some(manifest.encode())));
        sheet.portion.manifest = Some(manifest.sequence);
        state.page_versions.supersede(written);
        self.whole = false;
        self.sent = Some(manifest);
    }
}

/// What is written of a checkpoint in one transaction.
struct Sheet<'a> {
    partition: u32,
    records: &'a mut Vec<Produce>,
    portion: Portion,
}

impl Sheet<'_> {
    fn left(&self, room: Room) -> usize {
        room.bytes.saturating_sub(usize::try_from(self.portion.bytes).unwrap_or(usize::MAX))
    }

    fn has(&self, room: Room) -> bool {
        self.left(room) > 0
    }

    fn put(&mut self, (key, value): Keyed) {
        self.portion.records += 1;
        self.portion.bytes += (key.len() + value.as_ref().map_or(0, Vec::len)) as u64;
        let record =
            Outgoing { topic: Topic::Checkpoints, key: Some(key), headers: Vec::new(), value };
        self.records.push(Produce { partition: self.partition, record });
    }

    fn take_away(&mut self, state: &mut State) {
        for key in state.page_versions.next_needless().into_iter().flatten() {
            self.put((key, None));
        }
    }
}

/// The manifest of a partition as it is; what is known only later is left out.
fn manifest(state: &State, clock: Time) -> Manifest {
    let State { engine, merge_queue, chain, .. } = state;
    Manifest {
        needs: merge_queue.marked(),
        digest: engine.digest(),
        events: engine.events(),
        now: engine.now(),
        clock,
        ..chain.manifest()
    }
}
