//! What a lane wants done: a closed list, data only. The driver performs it and decides nothing.

use crate::{Cause, Halt, InputTopic, Surplus, Transaction};

/// What the driver is to do, in the order given. [`crate::Lane`] says which event answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Drop the producer if there is one, make a new one, `init_transactions`; *after* that look up the
    /// offsets of the journal, of the checkpoints, of the inputs and of the group. What is being followed
    /// stays so. Answer: [`crate::Event::Opened`], [`crate::Event::OpenFailed`] or [`crate::Event::Fenced`].
    Open,
    /// Look up the same without a producer, so that nobody is shut out: for a lane that follows. Answer:
    /// [`crate::Event::Opened`] or [`crate::Event::OpenFailed`].
    Look,
    /// Read the checkpoints' partition, read committed, about `bytes` of it or one record. Answer:
    /// [`crate::Event::CheckpointsRead`]. The next one goes on where this one ended. Also asked of a live
    /// lane that was promoted; what else it does must not wait for it.
    ReadCheckpoints {
        /// The first offset to read.
        from: i64,
        /// The offset at which to stop.
        end: i64,
        /// How many bytes, about.
        bytes: usize,
        /// To be repeated in the answer.
        tag: u64,
    },
    /// Read the journal's partition, read committed, from `from` on and without end, as far as
    /// [`crate::Lane::wants_journal`]. Answers: [`crate::Event::JournalFetched`] again and again, or
    /// [`crate::Event::JournalGone`]. Replaces what was followed of it before; over with
    /// [`Effect::Ready`] and [`Effect::Recovering`].
    FollowJournal {
        /// The first offset to read.
        from: i64,
        /// To be repeated in what is fetched, so that what was fetched before is ignored.
        tag: u64,
    },
    /// Read an input's partition, read committed, from `from` on and without end, as far as
    /// [`crate::Lane::wants`] it. Answers: [`crate::Event::Fetched`] again and again, or
    /// [`crate::Event::OutOfRange`]. Replaces what was followed of this input before.
    Follow {
        /// Which.
        input: InputTopic,
        /// The first offset to read.
        from: i64,
        /// To be repeated in what is fetched, so that what was fetched before is ignored.
        tag: u64,
    },
    /// Read a partition of an input that has no lane, read committed, from `from` on and without end, as far as
    /// [`crate::Lane::wants_surplus`]. Answers: [`crate::Event::SurplusFetched`] again and again, or
    /// [`crate::Event::SurplusGone`]. Replaces what was followed of it before.
    FollowSurplus {
        /// Which.
        surplus: Surplus,
        /// The first offset to read; `None`: from its beginning.
        from: Option<i64>,
        /// To be repeated in what is fetched, so that what was fetched before is ignored.
        tag: u64,
    },
    /// Begin a transaction, produce, send the offsets if there are any, commit. Answer: exactly one of
    /// [`crate::Event::Committed`], [`crate::Event::Broken`] and [`crate::Event::Fenced`]. On any error
    /// after which it may or may not be committed: `Broken`, without an attempt to abort.
    Transact(Box<Transaction>),
    /// Delete the journal's records before this offset: a checkpoint stands in for them, and nobody needs
    /// them for the way back. No answer; where it can't be done, the next one will do.
    Trim {
        /// The first offset to keep.
        journal_before: i64,
    },
    /// The journal is replayed; from here on the lane is live.
    Ready {
        /// How many transactions were replayed; not counted are those that had only a portion of a checkpoint.
        transactions: u64,
    },
    /// What the lane knew is dropped, and it comes back from the journal. Stop following
    /// the inputs and the journal, and reading checkpoints; an [`Effect::Open`] follows (an [`Effect::Look`], where the lane follows),
    /// at once or after a pause. For the log.
    Recovering {
        /// What happened.
        why: String,
        /// What would stop an owner for good, where it stops a lane that follows for a moment.
        cause: Option<Cause>,
    },
    /// Nothing is right any more, or nothing is certain: stop this lane, tell a person. Last effect.
    Halt(Halt),
    /// The lane has ended as asked and wants nothing more. Last effect.
    Stopped,
}
