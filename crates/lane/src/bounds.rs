//! The lane's bounds, each with its reason. Back-pressure follows from them: nothing here grows without end. What
//! memory leaves for state is reckoned in `budget.rs`, the pauses between transactions are in `pace.rs`.

use allotment::Millis;

/// How far `now` stays behind the clock where everything readable has been read (contract §1).
pub(crate) const BEHIND_CLOCK: Millis = Millis(500);

/// How long a lane lets pass, while it is at the end of its inputs, before it wants to be woken. Below
/// [`BEHIND_CLOCK`]: a lane that is woken later than that does not know what became readable meanwhile.
pub(crate) const WAKE_AT_LEAST: Millis = Millis(200);

/// A longer gap between two calls means that the process was stopped or starved; what was readable in
/// between is unknown, so "at the end" no longer holds and `now` must not follow the clock. Above
/// [`BEHIND_CLOCK`] by more than a busy machine is late.
pub(crate) const STALL: Millis = Millis(3000);

/// The pause before a lane comes back a second time without a commit in between; doubles each time.
pub(crate) const RETRY_PAUSE: Millis = Millis(100);

/// What [`RETRY_PAUSE`] doubles up to: a Kafka that was away is noticed within that.
pub(crate) const RETRY_PAUSE_MAX: Millis = Millis(10_000);

/// Enough doublings of [`RETRY_PAUSE`] to reach [`RETRY_PAUSE_MAX`], and too few to overflow.
pub(crate) const DOUBLINGS_MAX: u32 = 10;

/// The pause before a fenced lane comes back. If another process owns the partition now, this one learns of
/// it within a heartbeat interval (3 s by default) and stops the lane; if not, it goes on.
pub(crate) const FENCED_PAUSE: Millis = Millis(3500);

/// How long the way back waits for input that the journal has and the broker does not show. After a broker
/// has failed, the new leader of a partition may for a moment show less than the old one did, and that is
/// just when lanes come back; a topic that lost its records does not find them again.
pub(crate) const MISSING_PATIENCE: Millis = Millis(30_000);

/// Surveys that are remembered of an input while what they saw can't be read: at ten in a second, a transaction of a
/// minute and more is timed to a tenth of a second, one of a quarter of an hour to some seconds.
pub(crate) const SURVEYS_KEPT: usize = 1000;

/// How often a lane looks again before it believes that journal and committed offsets do not agree: with the
/// pauses between, some twelve seconds. A group's coordinator that has just moved may show a little less.
pub(crate) const DISBELIEF: u32 = 8;

/// Journal records held ahead of the replay; more are not wanted: about 100 KiB, and a thousand transactions.
pub(crate) const JOURNAL_RECORDS: usize = 1000;

/// The bytes of a page in one record of the checkpoints topic: below the megabyte that Kafka takes by
/// default, with room for key and envelope.
pub(crate) const PART_BYTES: usize = 512 * 1024;

/// Bytes of checkpoints asked for at once on the way back; as many as a consumer fetches at once.
pub(crate) const READ_BYTES: usize = 4 * 1024 * 1024;

/// The same, asked for by a live lane: small beside what a transaction may take.
pub(crate) const CATCH_UP_BYTES: usize = 256 * 1024;

/// Bytes of pages loaded in one go: some ten milliseconds, in between which a lane hears of other things.
pub(crate) const LOAD_BYTES: usize = 1024 * 1024;

/// After so long the positions of all inputs are committed again, the quiet ones too: Kafka forgets an offset that nobody
/// commits after a week (`offsets.retention.minutes`), where it is so set after an hour or two, and lag tools and the
/// audit with it.
pub(crate) const OFFSETS_AGAIN: Millis = Millis::from_secs(30 * 60);

/// A lane that paused at its limit goes on when this part of the limit is free again: else it would pause and
/// go on with every record.
pub(crate) const ROOM_AGAIN: u64 = 32;

/// Bytes of a topic's name: Kafka's own bound.
pub(crate) const TOPIC_NAME_BYTES_MAX: usize = 249;

/// When and how a lane writes checkpoints. The deployment may set them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    /// The longest time without one, where anything has changed: with it the journal grows, and what a
    /// recovery reads again of the inputs.
    pub interval: Millis,
    /// Events after which one is begun before that time is over: what a recovery decides again.
    pub events: u64,
    /// Bytes of it in one transaction: what they cost must be small beside a commit.
    pub portion_bytes: usize,
    /// Bytes of it in one transaction of a lane that ends; nobody waits for that one's answers.
    pub stop_bytes: usize,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self {
            interval: Millis::from_secs(60),
            events: 500_000,
            portion_bytes: 64 * 1024,
            stop_bytes: 4 * 1024 * 1024,
        }
    }
}

/// What one transaction may hold and what may be held for the next. The deployment may set them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Input records in one transaction. Throughput stops growing at some thousands (`docs/kafka-facts.md` B 13).
    pub batch_records: usize,
    /// Bytes of input in one transaction.
    pub batch_bytes: usize,
    /// Output records in one transaction, checked between input records: below librdkafka's queue of
    /// 100 000, so that one input more than fills it only where it alone causes that many.
    pub batch_outputs: usize,
    /// Bytes of output records in one transaction, checked between input records: they are held twice, here and
    /// by the client.
    pub batch_output_bytes: usize,
    /// Records held of one input; more are not wanted. At least a batch, so that the next one is there when
    /// the last one is committed.
    pub held_records: usize,
    /// Bytes held of one input; more are not wanted.
    pub held_bytes: usize,
    /// How long an input is waited for of which nothing is fetched and that is not at its end. A backlog
    /// must be seen in the order in which it came, so this is long beside a fetch, and short beside a
    /// broker that is away.
    pub merge_wait: Millis,
    /// How long a hidden record may hold time. No transaction lives longer than Kafka's brokers allow (fifteen minutes
    /// by default, `transaction.max.timeout.ms`); one that does hangs for good, until a person ends it (KIP-664).
    pub hidden_patience: Millis,
    /// New pools that an hour may bring to the partition; events of others are dead letters. A pool is kept for good, and
    /// takes a few KiB: at this rate a process notices for weeks before its memory is full, and no shop opens as many.
    pub new_pools: u32,
    /// Bytes that the state may take, as it is estimated. A lane whose state takes as many takes no input
    /// until it is smaller, or until [`crate::Event::Allowance`] allows more; a lane that follows stands still.
    /// Coming back does not ask: what was decided is decided.
    pub state_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: usize = 1024 * 1024;
        Self {
            batch_records: 5_000,
            batch_bytes: 4 * MIB,
            batch_outputs: 50_000,
            batch_output_bytes: 8 * MIB,
            held_records: 20_000,
            held_bytes: 16 * MIB,
            merge_wait: Millis(1000),
            hidden_patience: Millis::from_secs(15 * 60),
            new_pools: 10_000,
            state_bytes: u64::MAX,
        }
    }
}

const _: () = assert!(WAKE_AT_LEAST.0 < BEHIND_CLOCK.0 && BEHIND_CLOCK.0 < STALL.0);
const _: () = assert!(RETRY_PAUSE.0 < RETRY_PAUSE_MAX.0);
