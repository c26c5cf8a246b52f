//! What can happen to a lane: a closed list, data only.

use allotment::{Millis, Time};

use crate::{CheckpointRecord, Described, InputTopic, PerInput, Record, Surplus, Surveyed};

/// What happened to a lane. [`crate::Lane`] says which answers which effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Nothing but that time has passed. At the latest when [`crate::Lane::next_wake`] says.
    Tick,
    /// [`crate::Effect::Open`] is done: the last owner is shut out, what it left open is aborted, and this
    /// is what the partition looks like after that. Or [`crate::Effect::Look`] is done: this is what it
    /// looks like now, and its owner goes on.
    Opened(Opened),
    /// [`crate::Effect::Open`] or [`crate::Effect::Look`] could not be done, for a reason that may pass (a
    /// broker is away). The lane waits and asks again.
    OpenFailed {
        /// What the client said.
        why: String,
    },
    /// A piece of the checkpoints' partition that [`crate::Effect::ReadCheckpoints`] asked for.
    CheckpointsRead {
        /// As [`crate::Effect::ReadCheckpoints`] gave it; what bears an older one is ignored.
        tag: u64,
        /// In the order of their offsets.
        records: Vec<CheckpointRecord>,
        /// Where to read on: after the last record and whatever control or aborted records follow it.
        next: i64,
        /// Everything before the end that was asked for has been read.
        done: bool,
    },
    /// News of the journal, read committed, as [`crate::Effect::FollowJournal`] asked for it.
    JournalFetched {
        /// As [`crate::Effect::FollowJournal`] gave it; what bears an older one is ignored.
        tag: u64,
        /// The records' offsets and values, in order; may be empty.
        records: Vec<(i64, Vec<u8>)>,
        /// Where to read on: everything before it that is readable has been handed over. At the end it is
        /// past the control and aborted records too; a lane is not live before it has seen this reach the
        /// end that [`Opened`] has, so never say more than was read.
        next: i64,
    },
    /// The offset from which the journal is to be followed does not exist any more, or not yet.
    JournalGone {
        /// As [`crate::Effect::FollowJournal`] gave it.
        tag: u64,
        /// The client's words.
        why: String,
    },
    /// News of an input that is being followed.
    Fetched {
        /// Which.
        input: InputTopic,
        /// As [`crate::Effect::Follow`] gave it; what bears an older one is ignored.
        tag: u64,
        /// In the order of their offsets; may be empty.
        records: Vec<Record>,
        /// Where to read on: after the last record, and where it is known after the control and aborted
        /// records that follow it.
        next: i64,
        /// After these records, everything that a `read_committed` reader could read had been read.
        ///
        /// Holds until the next `Fetched` of this input, so say `false` where nothing is known any more
        /// (the broker is away). Say `true` promptly: others wait for an input that is not at its end.
        at_end: bool,
    },
    /// The offset that [`crate::Effect::Follow`] asked for does not exist any more, or not yet.
    OutOfRange {
        /// Which input.
        input: InputTopic,
        /// As [`crate::Effect::Follow`] gave it.
        tag: u64,
        /// The client's words.
        why: String,
    },
    /// What a survey of the inputs found: what is written there and can't be read yet. A few times a second while
    /// the lane is live; without it time does not pass.
    Surveyed {
        /// How long ago the first question of it was asked.
        ago: Millis,
        /// What was found.
        inputs: PerInput<Surveyed>,
    },
    /// News of a partition without a lane, as [`crate::Effect::FollowSurplus`] asked for it.
    SurplusFetched {
        /// Which.
        surplus: Surplus,
        /// As [`crate::Effect::FollowSurplus`] gave it; what bears an older one is ignored.
        tag: u64,
        /// In the order of their offsets; may be empty.
        records: Vec<Record>,
        /// Where to read on.
        next: i64,
    },
    /// The offset that [`crate::Effect::FollowSurplus`] asked for does not exist any more, or not yet. The lane follows the
    /// partition again, from its beginning.
    SurplusGone {
        /// Which.
        surplus: Surplus,
        /// As [`crate::Effect::FollowSurplus`] gave it.
        tag: u64,
        /// The client's words.
        why: String,
    },
    /// The transaction is committed, for certain.
    Committed {
        /// When the broker appended the journal's record, by its own clock; `None` where it did not say.
        appended: Option<Time>,
    },
    /// Something failed that the lane rests on: its transaction is not committed or nobody knows, its journal
    /// can't be read, its inputs can't be followed. There is one way from all of them: drop everything, and
    /// come back.
    Broken {
        /// What the client said.
        why: String,
    },
    /// The producer was shut out: by a new owner, or because the broker ran out of patience (`docs/kafka-facts.md`
    /// C.1 4). In answer to [`crate::Effect::Open`] or [`crate::Effect::Transact`].
    Fenced,
    /// The state may take so many bytes from now on, as it is estimated: see [`crate::Limits::state_bytes`],
    /// whose place this takes. At any time.
    Allowance {
        /// How many.
        state_bytes: u64,
    },
    /// The input topics as the brokers describe them now. At any time, and soon after they have changed.
    Described(PerInput<Described>),
    /// To a lane that follows: the partition is its own from now on. It shuts out the last owner, replays
    /// what that one still committed, and goes live.
    Promote,
    /// The partition is to be given up, or the process ends: finish the transaction, take nothing more,
    /// write a checkpoint of what has changed, and end. The second time: end without it.
    Stop,
}

/// What a partition looks like: to an owner once the last one is shut out, to a follower at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The last owner is shut out: this answers [`crate::Effect::Open`], not [`crate::Effect::Look`].
    pub shut_out: bool,
    /// How many partitions each topic of the deployment has.
    pub partitions: u32,
    /// How many of them the journal of another partition names, where this one's is empty and there is one.
    pub elsewhere: Option<u32>,
    /// The input topics.
    pub topics: PerInput<Described>,
    /// The journal's partition.
    pub journal: Span,
    /// The checkpoints' partition.
    pub checkpoints: Span,
    /// The inputs' partitions.
    pub inputs: PerInput<InputSpan>,
}

/// The offsets that a partition holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first that is retained.
    pub earliest: i64,
    /// The one after the last that a `read_committed` reader can read (the last stable offset).
    pub end: i64,
}

/// The offsets that an input's partition holds, and what the group has committed of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InputSpan {
    /// What is there.
    pub span: Span,
    /// What the offsets' group has, if anything.
    pub committed: Option<i64>,
}
