//! The driver's bounds on time, records and bytes, each with its reason. What a deployment may want to change is in
//! [`crate::Config`], what topics are made with in `topics.rs`, what the demonstration's broker differs in beside it.

use std::time::Duration;

/// How long one question to the brokers may take (metadata, offsets, topics). Longer than a leader election,
/// shorter than a person's patience.
pub(crate) const QUESTION: Duration = Duration::from_secs(10);
/// How long the start waits for a first answer of the brokers before it says that they can't be reached.
pub(crate) const REACH: Duration = Duration::from_secs(15);
/// How long `init_transactions` may take. An open transaction of the last owner costs half a second; a
/// coordinator that moves, some seconds.
pub(crate) const INIT: Duration = Duration::from_secs(30);
/// How long sending the offsets may take; they go to the group's coordinator, which may be moving.
pub(crate) const OFFSETS: Duration = Duration::from_secs(30);
/// How much longer than its transaction lives a commit is waited for: Kafka looks for those that have lived too
/// long every ten seconds, and only after that can it say that one was aborted.
pub(crate) const SWEEP: Duration = Duration::from_secs(12);
/// How long a full producer queue is waited for before the transaction is given up.
pub(crate) const QUEUE_FULL: Duration = Duration::from_secs(30);
/// How often a full producer queue is tried again.
pub(crate) const QUEUE_FULL_RETRY: Duration = Duration::from_millis(5);
/// The longest that a lane's thread waits without looking round. News wakes it earlier; this is for the
/// wake-up that gets lost, and for the stop flag.
pub(crate) const TURN: Duration = Duration::from_millis(50);
/// How often the membership consumer is polled; its callbacks start and stop lanes.
pub(crate) const MEMBERSHIP_POLL: Duration = Duration::from_millis(100);
/// How often a member tells the group that it lives. A third of the least session timeout would be 2 s; at
/// half a second, members also hear of a rebalance four times as soon, for one small request.
pub(crate) const HEARTBEAT: Duration = Duration::from_millis(500);
/// How long a revoke waits for its lanes to finish their transactions. Shorter than the group's patience, so that
/// giving up in order is the rule.
pub(crate) const REVOKE: Duration = Duration::from_secs(20);
/// How long the group waits, while it shares out partitions anew, for a member that it knows and that does not come:
/// all partitions stand still meanwhile. The client's default is five minutes, and they were seen to pass: a
/// broker that comes back after a crash waits for the members that it remembers, which have come again as others.
pub(crate) const REBALANCE: Duration = Duration::from_secs(30);
const _: () =
    assert!(REVOKE.as_secs() < REBALANCE.as_secs(), "a revoke is not a member that does not come");
/// How long closing a client may take before its thread is left behind: closing has hung in librdkafka, and
/// correctness does not need it.
pub(crate) const CLOSE: Duration = Duration::from_secs(5);
/// How often a process looks who is in the group, to see which partitions it is to follow: no longer than a
/// standby may be missing after somebody else came or went, for one small question.
pub(crate) const REGROUP: Duration = Duration::from_secs(2);
/// How often the topics' settings are looked at: what a wrong one deletes goes minutes later at the earliest, and
/// the brokers look every five minutes.
pub(crate) const SETTINGS_LOOK: Duration = Duration::from_secs(20);
/// How often the topics are looked at: what a lane takes from a topic that was made again, before that is noticed, is
/// lost work; one small question.
pub(crate) const WATCH: Duration = Duration::from_secs(2);
/// How often the log tells how far a way back is that takes long.
pub(crate) const SAY_PROGRESS: Duration = Duration::from_secs(5);
/// How often in a row a partition must be found wrong before it is believed: its owner may write a checkpoint or
/// trim the journal just while it is looked at.
pub(crate) const VERIFY_WRONG: u32 = 3;
/// How often a partition that can't be read is tried again: with the lane's pauses, about half a minute.
pub(crate) const VERIFY_UNREADABLE: u32 = 8;
/// How long leaving the group may take, where it needs more than closing. The lanes have stopped before.
pub(crate) const LEAVE: Duration = Duration::from_secs(5);
/// Records taken from one input in one turn: enough to amortise a turn, few enough that a stop is seen.
pub(crate) const RECORDS_A_TURN: usize = 2000;
/// What a membership or journal consumer may hold in memory, in KiB: the first fetches nothing, the second
/// reads small records one after the other.
pub(crate) const SMALL_QUEUE_KIB: usize = 1024;
/// What a reader of whole topics may hold in memory, in KiB: it reads one partition at a time, as fast as it can.
pub(crate) const ARCHIVE_QUEUE_KIB: usize = 16 * 1024;
/// Records of a partition that are fetched ahead; the bytes are bounded by the configuration.
pub(crate) const QUEUED_RECORDS: usize = 50_000;
/// After the brokers were away, how long a consumer may take to read again before it is replaced.
pub(crate) const REPLACE_AFTER: Duration = Duration::from_secs(2);
/// What that grows to, doubling, while the replacement reads nothing either: each one has threads of its own,
/// and takes a while to close.
pub(crate) const REPLACE_AFTER_MAX: Duration = Duration::from_secs(16);
/// How long a broker may owe an answer before what is known of its partitions' ends counts as unknown. A fetch
/// is answered within [`FETCH_WAIT`]; the client itself waits for a minute before it calls a broker dead.
pub(crate) const SILENT: Duration = Duration::from_secs(2);
/// How often the client tells how long its brokers have been silent.
pub(crate) const STATISTICS: Duration = Duration::from_secs(1);
/// The part of `fetch.max.bytes` by which a whole response may exceed it (librdkafka's own rule).
pub(crate) const RESPONSE_OVERHEAD: usize = 512;
/// A record of the contract is 256 KiB at most, but whatever else is there must be read to be refused;
/// brokers accept 1 MiB by default.
pub(crate) const FETCH_PARTITION_BYTES: usize = 1024 * 1024;
/// Bytes of checkpoints that one fetch brings: many pages, so that the way back is not made of round trips.
pub(crate) const CHECKPOINTS_FETCH: usize = 8 * 1024 * 1024;
/// Bytes of checkpoints that are fetched ahead while pages are loaded.
pub(crate) const CHECKPOINTS_AHEAD: usize = 4 * CHECKPOINTS_FETCH;
/// Records of checkpoints taken at once: pages of some ten KiB, parts of pages of half a MiB at most.
pub(crate) const CHECKPOINTS_AT_ONCE: usize = 16;
/// How often a condition of another thread is looked at while stopping.
pub(crate) const LOOK: Duration = Duration::from_millis(5);
/// The largest record that the client hands on: far above what brokers take by default, since it is theirs to
/// judge; far below what would be a defect.
pub(crate) const MESSAGE_BYTES: usize = 64 * 1024 * 1024;
/// Records that a lane's producer holds until the brokers have them; a transaction that has more waits for
/// room. Above [`lane::Limits::batch_outputs`], so that only one input that leads to more has to wait.
pub(crate) const PRODUCER_QUEUE_RECORDS: usize = 100_000;
/// Bytes of them. The client takes no record that is larger than its whole queue, so above [`MESSAGE_BYTES`];
/// its default is a gibibyte for each lane.
pub(crate) const PRODUCER_QUEUE_BYTES: usize = MESSAGE_BYTES + 8 * 1024 * 1024;
/// How often a lane writes its view: often enough for a page that moves, seldom enough to cost nothing.
pub(crate) const PUBLISH: Duration = Duration::from_millis(100);
/// How long a fetch waits for records before it comes back empty. An input whose last records are in a
/// transaction is known to be at its end only then, and others wait for it; ten small requests a second and
/// lane are the price.
pub(crate) const FETCH_WAIT: Duration = Duration::from_millis(100);
/// How long a fetch at a topic's end may wait for news where one topic after the other is read to an end that is
/// known: whatever is asked on the same connection waits behind it.
pub(crate) const ARCHIVE_WAIT: Duration = Duration::from_millis(10);
/// How long such a reader goes on without a record before it gives up: long beside a leader election, in which
/// nothing comes either.
pub(crate) const ARCHIVE_PATIENCE: Duration = Duration::from_secs(60);
/// The longest that it waits for news without looking round, since a wake-up may get lost.
pub(crate) const ARCHIVE_TURN: Duration = Duration::from_millis(100);
/// How often the brokers are asked whether all of them know the topics that were just made.
pub(crate) const TOPICS_LOOK: Duration = Duration::from_millis(50);
/// How often the log says that brokers are away: often enough to see that it lasts.
pub(crate) const SAY_AWAY: Duration = Duration::from_secs(10);
/// How often the brokers are asked what of the inputs is hidden: `now` follows them half a second behind, and must
/// not be held up by how seldom they are asked.
pub(crate) const SURVEY: Duration = Duration::from_millis(100);
/// How long the answer for all lanes may take. Leader elections take about that long, and `now` waits meanwhile.
pub(crate) const SURVEY_ANSWER: Duration = Duration::from_secs(2);
/// How long the answer for one lane may take, where not all were answered together: as many lanes as have their
/// leaders wait for each one that has not.
pub(crate) const SURVEY_ALONE: Duration = Duration::from_millis(300);
/// How long the first hidden records may take to be read; a fetch of what is there comes back at once.
pub(crate) const SURVEY_LOOK: Duration = Duration::from_millis(500);
/// After how long without success the first hidden record is looked for no more: longer than a leader election takes,
/// and each look keeps the survey waiting.
pub(crate) const SURVEY_READ: Duration = Duration::from_secs(5);
/// For how long what a survey found says something of now; the next one comes sooner where brokers answer.
pub(crate) const SURVEY_HOLDS: Duration = Duration::from_secs(5);
/// How long records are hidden before the log says so: longer than a bridge's transaction takes that does not hang.
pub(crate) const SAY_HIDDEN: Duration = Duration::from_secs(5);
/// A wall clock that is off by more than this from the brokers' time is told of: machines that are kept on time differ
/// by milliseconds.
pub(crate) const CLOCK_OFF: Duration = Duration::from_secs(5);
/// How long a lane waits before it opens its partition again. Longer than a heartbeat, its answer and a
/// membership poll take.
pub(crate) const REOPEN: Duration = Duration::from_millis(750);
/// Descriptors that a client has for each broker: a socket, and two ends of a pipe that wakes its thread.
pub(crate) const DESCRIPTORS_A_BROKER: u64 = 3;
/// What a client has beside the brokers, as if they were some: where it began, its coordinator, and its own queues.
pub(crate) const BROKERS_BESIDE: u64 = 3;
/// Clients of a lane at most: producer and inputs; journal and checkpoints on the way back, or the last ones that are
/// still closing.
pub(crate) const CLIENTS_A_LANE: u64 = 4;
/// Clients of the process: the group's, two that ask, the survey's, and those with which an order's story is told.
pub(crate) const CLIENTS_BESIDE: u64 = 6;
/// Descriptors of everything else: the console's 64 connections, its own, standard streams, and a few to spare.
pub(crate) const DESCRIPTORS_BESIDE: u64 = 64 + 24;
/// A lane that is shut out again within this, while its partition stays here, has a rival. Two that fight take turns of
/// about seven seconds each.
pub(crate) const SHUT_OUT_AGAIN: Duration = Duration::from_secs(60);
