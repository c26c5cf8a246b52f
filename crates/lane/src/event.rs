//! What can happen to a lane: a closed list, data only.

use crate::{InputTopic, PerInput, Record};

/// What the driver tells the lane. [`crate::Lane`] says which answers which effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Nothing but that time has passed. At the latest when [`crate::Lane::next_wake`] says.
    Tick,
    /// [`crate::Effect::Open`] is done: the last owner is shut out, what it left open is aborted, and this
    /// is what the partition looks like after that.
    Opened(Opened),
    /// [`crate::Effect::Open`] could not be done, for a reason that may pass (a broker is away). The lane
    /// waits and asks again.
    OpenFailed {
        /// What the client said.
        why: String,
    },
    /// A piece of the journal, read committed, that [`crate::Effect::ReadJournal`] asked for.
    JournalRead {
        /// The records' offsets and values, in order.
        records: Vec<(i64, Vec<u8>)>,
        /// Where to read on: after the last record and whatever control or aborted records follow it.
        next: i64,
        /// Everything before the end that was asked for has been read.
        done: bool,
    },
    /// News of an input that is being followed.
    Fetched {
        /// Which.
        input: InputTopic,
        /// As [`crate::Effect::Follow`] gave it; what bears an older one is ignored.
        tag: u64,
        /// In the order of their offsets; may be empty.
        records: Vec<Record>,
        /// After these records, everything that a `read_committed` reader could read had been read.
        ///
        /// Holds until the next `Fetched` of this input, so tell `false` where nothing is known any more
        /// (the broker is away). Tell `true` promptly: others wait for an input that is not at its end.
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
    /// The transaction is committed, for certain.
    Committed,
    /// Something failed that the lane rests on: its transaction is not committed or nobody knows, its journal
    /// can't be read, its inputs can't be followed. There is one way from all of them: drop everything, and
    /// come back.
    Broken {
        /// What the client said.
        why: String,
    },
    /// The producer was shut out: by a new owner, or because the broker ran out of patience (`facts.md`
    /// C.1 4). In answer to [`crate::Effect::Open`] or [`crate::Effect::Transact`].
    Fenced,
    /// The partition is to be given up, or the process ends: finish the transaction, begin none.
    Stop,
}

/// What a partition looks like once the last owner is shut out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// How many partitions each topic of the deployment has.
    pub partitions: u32,
    /// The journal's partition.
    pub journal: Span,
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
