//! Why a lane stops for good: what is wrong, where, and what a person can do. Never a guess instead.

use thiserror::Error;

use crate::{InputTopic, TopicId};

/// A partition's lane can't go on without a person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("partition {partition}: {cause}")]
pub struct Halt {
    /// Whose lane it is.
    pub partition: u32,
    /// What is wrong.
    pub cause: Cause,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Cause {
    /// The journal was written for another number of partitions, so pools have other homes.
    #[error(
        "the journal was written with {journal} partitions, the topics have {topics} now; a pool's state would be on \
         another partition than its events. Restore the topics with {journal} partitions, or start a new deployment \
         with topics of its own"
    )]
    Partitions {
        /// What the journal says.
        journal: u32,
        /// What the topics have.
        topics: u32,
    },
    /// The partition is not one of the topic's.
    #[error("the topics have only {topics} partitions; start no lane for this one")]
    NoSuchPartition {
        /// What the topics have.
        topics: u32,
    },
    /// The journal was written by rules that decide otherwise.
    #[error(
        "the journal's transaction {sequence} was made by rules {journal}, this program has rules {ours}, which would \
         decide it otherwise. Run the release with rules {journal} and stop it in peace: it leaves a checkpoint at the \
         end of the journal, from which this release can go on. (The way back from an upgrade is the same.)"
    )]
    Rules {
        /// The journal's transaction.
        sequence: u64,
        /// The rules that made it.
        journal: u32,
        /// The rules that this program has.
        ours: u32,
    },
    /// The journal was written under settings that decide otherwise.
    #[error(
        "the journal's transaction {sequence} was made under other settings (dedup window, closed retention, hash key, \
         time zone or an input's default encoding); on the way back it would be decided otherwise. Restore the \
         settings that were in force"
    )]
    Settings {
        /// The journal's transaction.
        sequence: u64,
    },
    /// A journal record that is not one.
    #[error(
        "the journal's record at offset {offset} can't be read: {why}. Nobody but Granary may write to the journal's topic"
    )]
    Unreadable {
        /// Where.
        offset: i64,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The journal does not begin where it is needed.
    #[error(
        "the journal begins with transaction {found} at offset {offset}, and {expected} is needed, which follows the \
         checkpoint that is there (or is the first, where there is none): those between are gone, and with them the \
         way back. Restore the journal or the checkpoints; both topics must be kept without a limit in time or size \
         (retention.ms=-1, retention.bytes=-1), Granary itself deletes what nobody needs"
    )]
    JournalCut {
        /// The first transaction that is needed.
        expected: u64,
        /// The first transaction that is there.
        found: u64,
        /// Where.
        offset: i64,
    },
    /// The journal ends before the checkpoint was taken.
    #[error(
        "the journal ends at offset {end}, and the checkpoint after transaction {sequence} was written when it had \
         reached {reached}: it lost its end, or was recreated. Restore the journal's topic as it was"
    )]
    JournalShort {
        /// The transaction after which the checkpoint was taken.
        sequence: u64,
        /// Where the journal had been.
        reached: i64,
        /// Where it ends.
        end: i64,
    },
    /// The checkpoint can't be loaded.
    #[error(
        "the checkpoint can't be loaded: {why}. Keep the topics as they are and report it. Restore the checkpoints' \
         topic; or, where the journal still begins with transaction 1 and the inputs are all there, recreate it empty: \
         the partition then comes back from the journal alone"
    )]
    CheckpointDamaged {
        /// What is wrong, in words.
        why: String,
    },
    /// The checkpoint was written by a release whose checkpoints this one can't read.
    #[error(
        "the checkpoint's {what} has format {found}, this program reads up to {ours}: a newer release wrote it. Run \
         that release; there is no way back to this one but with the topics as they were before the upgrade"
    )]
    CheckpointFormat {
        /// What of it.
        what: &'static str,
        /// The format that it has.
        found: u32,
        /// The newest that this program reads.
        ours: u32,
    },
    /// The state that was loaded is not what it was.
    #[error(
        "the checkpoint after transaction {sequence} has the digest {manifest:032x}, what was loaded has {loaded:032x}. \
         Keep the topics as they are, run the release that wrote them, and report it"
    )]
    CheckpointDigest {
        /// The transaction after which it was taken.
        sequence: u64,
        /// What the manifest says.
        manifest: u128,
        /// What was loaded.
        loaded: u128,
    },
    /// A transaction is missing in the journal, or is there twice.
    #[error(
        "the journal has transaction {found} at offset {offset} where {expected} was to come: a transaction was lost or torn. Keep the topics as they are and report it"
    )]
    JournalHole {
        /// The transaction that had to follow.
        expected: u64,
        /// The one that is there.
        found: u64,
        /// Where.
        offset: i64,
    },
    /// An older owner wrote after a newer one.
    #[error(
        "the journal's transaction {sequence} is of owner {found} and follows one of owner {last}: two processes wrote at once. Keep the topics as they are and report it"
    )]
    JournalEpoch {
        /// The transaction.
        sequence: u64,
        /// The owner before it.
        last: u64,
        /// Its owner.
        found: u64,
    },
    /// A transaction does not begin where the one before it ended.
    #[error(
        "the journal's transaction {sequence} took {input} from offset {found}, but the one before ended at {expected}. Keep the topics as they are and report it"
    )]
    RangeBroken {
        /// The transaction.
        sequence: u64,
        /// Of which input.
        input: InputTopic,
        /// Where it had to begin.
        expected: i64,
        /// Where it begins.
        found: i64,
    },
    /// Input that the journal needs is no longer retained, or never was there.
    #[error(
        "the journal's transaction {sequence} took {input} from offset {from} to {to}, and of that {missing}. Without it \
         the state can't be rebuilt: restore the records, or start a new deployment. Keep the inputs for longer than the \
         oldest record that a checkpoint still needs (and than you may be away)"
    )]
    InputMissing {
        /// The transaction.
        sequence: u64,
        /// Of which input.
        input: InputTopic,
        /// The first offset that it took.
        from: i64,
        /// The offset after the last that it took.
        to: i64,
        /// What is missing, in words.
        missing: String,
    },
    /// The state is not what it was after a transaction.
    #[error(
        "after transaction {sequence} the journal has the digest {journal:032x}, the replay {replayed:032x}: the input was \
         changed, or this program decides otherwise. Keep the topics as they are, run the release that wrote them, and \
         report it"
    )]
    Digest {
        /// The transaction.
        sequence: u64,
        /// What the journal says.
        journal: u128,
        /// What the replay gave.
        replayed: u128,
    },
    /// A replayed transaction held another number of events.
    #[error(
        "up to transaction {sequence} the journal counts {journal} events, the replay {replayed}: the input was changed, \
         or this program reads it otherwise. Keep the topics as they are, run the release that wrote them, and report it"
    )]
    Events {
        /// The transaction.
        sequence: u64,
        /// What the journal says.
        journal: u64,
        /// What the replay gave.
        replayed: u64,
    },
    /// The journal does not follow from itself.
    #[error(
        "the journal's transaction {sequence} begins with the digest {found:032x}, the one before it ended with {expected:032x}. Keep the topics as they are and report it"
    )]
    DigestChain {
        /// The transaction.
        sequence: u64,
        /// What the one before ended with.
        expected: u128,
        /// What it begins with.
        found: u128,
    },
    /// Offsets were committed for which there is no journal.
    #[error(
        "the group has committed offset {committed} of {input}, the journal ends at {journal}: one of them was moved or \
         recreated by hand. The journal is what counts; if it is whole, delete the group's offsets, else restore it"
    )]
    Committed {
        /// Of which input.
        input: InputTopic,
        /// What the group has.
        committed: i64,
        /// Where the journal's transactions end; the earliest retained offset if it has none.
        journal: i64,
    },
    /// An input is another topic than the one whose offsets the journal has.
    #[error(
        "the topic {topic} was deleted and made again: the journal reads the one with the id {journal}, this one has \
         {found}. Its offsets begin anew, so to go on would skip what is in it, and nothing is taken from it. Stop the \
         bridges and begin a new deployment, as docs/operations.md says under `A topic that was made again`; or \
         restore the topic with its old id (from a snapshot of the brokers' disks)"
    )]
    MadeAgain {
        /// Which input.
        input: InputTopic,
        /// Its topic's name.
        topic: String,
        /// The id that the journal has.
        journal: TopicId,
        /// The id that it has now.
        found: TopicId,
    },
    /// Input was deleted before it was read, or its topic was recreated.
    #[error(
        "{input} can't be read from offset {from}: {why}. It was deleted before it was read, or the topic was recreated; restore it, or start a new deployment"
    )]
    InputGone {
        /// Which input.
        input: InputTopic,
        /// From where.
        from: i64,
        /// What the client said.
        why: String,
    },
    /// An assertion failed: this is a defect, of this program or of its machine.
    #[error(
        "an assertion failed: {what}. {state}. What it was about to do is dropped, and nothing of it was written. Keep \
         the topics as they are and report it"
    )]
    Assertion {
        /// The assertion's words.
        what: String,
        /// The lane as it was, in words.
        state: String,
    },
    /// The broker did not say when it appended the journal's record.
    #[error(
        "the broker does not stamp what is written to the journal, so the lane can't know what time it is. Set \
         message.timestamp.type=LogAppendTime on the journal's topic, and start again"
    )]
    NoAppendTime,
}
