//! From nothing to live: opened, loaded from a checkpoint, replayed. A standby stops before the last step, until it is
//! promoted.

use super::{Lane, Phase};
use crate::checkpoint_loader::{Loading, Read, Reading};
use crate::checkpoint_writer::CheckpointWriter;
use crate::engine::Engine;
use crate::home::Here;
use crate::journal_chain::{JournalChain, Terms};
use crate::live::Live;
use crate::merge_queue::MergeQueue;
use crate::replay::{Replay, State};
use crate::{Cause, Effect, Opened, Span, topic_id};

impl Lane {
    pub(super) fn open(&mut self, out: &mut Vec<Effect>) {
        self.phase = Phase::Opening;
        out.push(if self.following { Effect::Look } else { Effect::Open });
    }

    pub(super) fn opened(&mut self, opened: Opened, out: &mut Vec<Effect>) -> Result<(), Cause> {
        self.topics = opened.topics;
        let topics = opened.partitions;
        if self.partition >= topics {
            return Err(Cause::NoSuchPartition { topics });
        }
        if let Some(journal) = opened.elsewhere.filter(|elsewhere| *elsewhere != topics) {
            return Err(Cause::Partitions { journal, topics });
        }
        match &self.phase {
            // It was promoted while it looked.
            Phase::Opening if !self.following && !opened.shut_out => self.open(out),
            Phase::Opening => self.begin(opened),
            Phase::Reading(_) | Phase::Loading(_) | Phase::Replaying(_) if opened.shut_out => {
                if self.partitions != topics {
                    return Err(Cause::Partitions { journal: self.partitions, topics });
                }
                self.own = Some(opened);
            }
            _ => {}
        }
        Ok(())
    }

    /// Begins the way back with what there is.
    pub(super) fn begin(&mut self, found: Opened) {
        self.tag += 1;
        self.began = self.mono;
        self.looked = !found.shut_out;
        self.own = found.shut_out.then(|| found.clone());
        self.partitions = found.partitions;
        self.loaded = None;
        self.phase = Phase::Reading(Box::new(Reading::new(found, self.tag)));
    }

    /// The checkpoints are read: begins to follow what comes after them, and to build the state.
    pub(super) fn load(&mut self, out: &mut Vec<Effect>) -> Result<(), Cause> {
        // Where it can't be, the lane comes back, or halts.
        let Phase::Reading(reading) = std::mem::replace(&mut self.phase, Phase::Opening) else {
            unreachable!("only what was read is loaded");
        };
        let Read { found, page_versions, checkpoint } = reading.finish()?;
        let partitions = found.partitions;
        let terms = Terms { rules: self.rules, partitions, settings: self.settings };
        let journal_end = found.shut_out.then_some(found.journal.end);
        if let Some((manifest, pages)) = checkpoint {
            let (sequence, reached) = (manifest.sequence, manifest.journal);
            if let Some(end) = journal_end.filter(|end| *end < reached) {
                return Err(Cause::JournalShort { sequence, reached, end });
            }
            let checkpoint = (manifest, pages);
            let mut loading =
                Loading::new(self.allotment, terms, found, page_versions, checkpoint)?;
            loading.replay.start(&mut loading.merge_queue, self.tag, out);
            self.follow_journal(&loading.replay, journal_end, out);
            self.phase = Phase::Loading(Box::new(loading));
        } else {
            let engine = Engine::new(self.allotment, Here::new(self.partition, partitions));
            let chain = JournalChain::new(terms, engine.digest());
            let replay = Replay::new(found, None);
            self.follow_journal(&replay, journal_end, out);
            let state = State { engine, merge_queue: MergeQueue::default(), chain, page_versions };
            self.phase = Phase::Replaying(Box::new((state, replay)));
        }
        self.go_on(out)
    }

    /// Follows the journal, unless it is known that nothing comes.
    pub(super) fn follow_journal(&self, replay: &Replay, end: Option<i64>, out: &mut Vec<Effect>) {
        let from = replay.journal_next();
        if end.is_none_or(|end| from < end) {
            out.push(Effect::FollowJournal { from, tag: self.tag });
        }
    }

    /// The state is built: begins to replay.
    pub(super) fn replay(&mut self) -> Result<(), Cause> {
        let Phase::Loading(loading) = std::mem::replace(&mut self.phase, Phase::Opening) else {
            unreachable!("only what was loaded is replayed on");
        };
        let (state, replay, loaded) = loading.finish(self.partition)?;
        self.loaded = Some(loaded);
        self.phase = Phase::Replaying(Box::new((state, replay)));
        Ok(())
    }

    /// The partition is its own from now on.
    pub(super) fn promote(&mut self, out: &mut Vec<Effect>) {
        if !std::mem::take(&mut self.following) {
            return;
        }
        self.attempts = 0;
        match &mut self.phase {
            Phase::Pausing(until) => *until = self.mono,
            Phase::Reading(_) | Phase::Loading(_) => out.push(Effect::Open),
            Phase::Replaying(both) => {
                // What it had replayed before is not what the takeover waits for.
                both.1.transactions = 0;
                out.push(Effect::Open);
            }
            // The answer to its look opens.
            Phase::Opening | Phase::Live(_) | Phase::Ended => {}
        }
    }

    pub(super) fn go_live(&mut self) {
        let Phase::Replaying(both) = std::mem::replace(&mut self.phase, Phase::Ended) else {
            unreachable!("only a replay goes live");
        };
        let (mut state, replay) = *both;
        let own = self.own.take().expect("only an owner goes live");
        for (input, end) in state.chain.positions() {
            let position = state.merge_queue.positions()[input];
            let there = state.chain.is_empty() || position == end;
            assert!(there, "{input}: replayed up to {position}, the journal ends at {end}");
        }
        let (base, end) = (replay.base.as_ref(), own.journal.end);
        let mut writer = CheckpointWriter::new(self.checkpoints, &state, base, end, self.mono);
        if let Some(clock) = &mut self.clock {
            clock.raise(state.chain.clock());
        }
        if std::mem::take(&mut self.looked) {
            let earliest = replay.found.checkpoints.end;
            let written = Span { earliest, end: own.checkpoints.end };
            writer.catch_up(&mut state, written, self.tag);
        }
        state.chain.take_over(&topic_id::ids(&own.topics));
        self.disbelief = 0;
        self.phase = Phase::Live(Box::new((state, Live::new(writer, &self.limits))));
    }
}
