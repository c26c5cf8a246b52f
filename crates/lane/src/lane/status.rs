//! How a lane does, for views and metrics. Nothing here changes anything.

use allotment::Time;

use super::{Lane, Phase, goal};
use crate::merge_queue::MergeQueue;
use crate::replay::Replay;
use crate::{Checkpoint, Hiding, Loaded, Mono, Need, PerInput, Recovery};

/// How a lane does, for views and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where in its life it is.
    pub stage: Stage,
    /// Its last transaction: replayed, or handed to the driver.
    pub sequence: u64,
    /// Time as the partition knows it; `None` before its first record.
    pub now: Option<Time>,
    /// The greatest clock that the journal names, as far as it is replayed or written.
    pub journal_clock: Time,
    /// Below this offset the journal has been fetched, while it comes back or follows.
    pub journal: i64,
    /// Journal records that were fetched and are not replayed yet.
    pub ahead: usize,
    /// The partition's digest after `sequence`, and the events taken up to there.
    pub digest: u128,
    /// See `digest`.
    pub events: u64,
    /// The checkpoint that stands, as far as the lane knows.
    pub checkpoint: Option<Checkpoint>,
    /// What a way back from that checkpoint needs of each input.
    pub needs: PerInput<Need>,
    /// The offsets below which everything was taken.
    pub positions: PerInput<i64>,
    /// Records held of each input.
    pub held: PerInput<usize>,
    /// Everything readable has been read and taken.
    pub caught_up: bool,
    /// What records that can't be read yet do to its time.
    pub hidden: PerInput<Hiding>,
    /// It takes no input, or stands still behind the journal that it follows, because its state takes as much
    /// as it may.
    pub full: bool,
}

/// Where in its life a lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Shuts out the last owner, or looks.
    Opening,
    /// Waits before it tries again.
    Pausing,
    /// Loads a checkpoint.
    Loading,
    /// Replays the journal.
    Replaying,
    /// Replays the journal of somebody else, as it grows.
    Following,
    /// Takes what is there.
    Live,
    /// Stopped or halted.
    Ended,
}

impl Lane {
    /// How it does.
    #[must_use]
    pub fn status(&self) -> Status {
        let (stage, state, replay) = match &self.phase {
            Phase::Opening => (Stage::Opening, None, None),
            Phase::Pausing(_) => (Stage::Pausing, None, None),
            Phase::Reading(_) => (Stage::Loading, None, None),
            Phase::Loading(loading) => (Stage::Loading, None, Some(&loading.replay)),
            Phase::Replaying(both) if self.following => {
                (Stage::Following, Some(&both.0), Some(&both.1))
            }
            Phase::Replaying(both) => (Stage::Replaying, Some(&both.0), Some(&both.1)),
            Phase::Live(both) => (Stage::Live, Some(&both.0), None),
            Phase::Ended => (Stage::Ended, None, None),
        };
        let merge_queue = state.map(|state| &state.merge_queue);
        Status {
            stage,
            sequence: state.map_or(0, |state| state.chain.sequence),
            now: state.map(|state| state.engine.now()).filter(|now| *now != Time::MIN),
            journal_clock: state.map_or(Time::MIN, |state| state.chain.clock()),
            journal: replay.map_or(0, Replay::journal_next),
            ahead: replay.map_or(0, Replay::ahead),
            digest: state.map_or(0, |state| state.engine.digest()),
            events: state.map_or(0, |state| state.engine.events()),
            checkpoint: self.checkpoint(),
            needs: merge_queue.map_or_else(PerInput::default, MergeQueue::needs),
            positions: merge_queue.map_or_else(PerInput::default, MergeQueue::positions),
            held: PerInput::from_fn(|input| {
                merge_queue.map_or(0, |merge_queue| merge_queue.load(input).0)
            }),
            caught_up: stage == Stage::Live && merge_queue.is_some_and(MergeQueue::caught_up),
            hidden: match &self.phase {
                Phase::Live(both) => both.1.hidden.hiding(&both.0.merge_queue),
                _ => PerInput::default(),
            },
            full: match &self.phase {
                Phase::Live(both) => both.1.is_full(),
                Phase::Replaying(both) => goal(self.own.as_ref(), &self.limits).is_met(&both.0),
                _ => false,
            },
        }
    }

    /// The lane's clock at an instant, at its usual pace; `None` until the lane has learnt the time.
    #[must_use]
    pub fn clock_at(&self, mono: Mono) -> Option<Time> {
        self.clock.as_ref().map(|clock| clock.at(mono))
    }

    /// The checkpoint that it was loaded from last, if from any.
    #[must_use]
    pub const fn loaded(&self) -> Option<Loaded> {
        self.loaded
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        match &self.phase {
            Phase::Live(both) => both.1.writer.stands(),
            _ => self.loaded.map(|loaded| loaded.checkpoint),
        }
    }

    /// While it comes back or follows: how far it is.
    #[must_use]
    pub fn recovery(&self) -> Option<Recovery> {
        match &self.phase {
            Phase::Reading(_) => Some(Recovery::default()),
            Phase::Loading(loading) => Some(loading.recovery()),
            Phase::Replaying(both) => Some(both.1.progress(&both.0.merge_queue)),
            Phase::Live(_) | Phase::Opening | Phase::Pausing(_) | Phase::Ended => None,
        }
    }

    /// What it holds in memory, its buffers aside. While it loads a checkpoint, the bytes of that.
    #[must_use]
    pub fn holds(&self) -> allotment::Holds {
        match &self.phase {
            Phase::Loading(loading) => loading.holds(),
            Phase::Replaying(both) => both.0.engine.holds(),
            Phase::Live(both) => both.0.engine.holds(),
            _ => allotment::Holds::default(),
        }
    }
}
