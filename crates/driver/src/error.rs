//! Everything that keeps the service from running, in the words of whoever has to act.

use rdkafka::error::KafkaError;

use crate::Connection;

/// Why the service can't start or can't go on.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// No broker answered.
    #[error(
        "no Kafka broker answers at {servers}: {detail}. Check kafka.bootstrap_servers, that the brokers run, and \
         that their listener speaks what `security.protocol` says"
    )]
    Unreachable {
        /// The configured servers.
        servers: String,
        /// What the client said.
        detail: String,
    },
    /// A property of librdkafka that can't be set, or has no such value.
    #[error("kafka.properties: `{key}` {problem}")]
    Property {
        /// Which.
        key: String,
        /// What is wrong with it, and what to do. It does not hold the value.
        problem: String,
    },
    /// The system allows too few files and sockets.
    #[error(
        "the process may have {limit} files and sockets, and one partition alone needs up to {least}: without them it \
         could not come back to Kafka after a broker was away. Raise the hard limit (`ulimit -n`, LimitNOFILE in \
         systemd)"
    )]
    Descriptors {
        /// How many it may have.
        limit: u64,
        /// How many it needs at least.
        least: u64,
    },
    /// The program was linked without what `librdkafka-patch` replaces.
    #[error(
        "this program was linked without the replacement of a function of librdkafka that can end the process when a \
         broker comes back (confluentinc/librdkafka#5280). Build it again with the linker's flag \
         `-Clink-arg=-Wl,--wrap=rd_kafka_metadata_update_op`: it is in .cargo/config.toml, and RUSTFLAGS of your own take \
         its place, so put it beside them"
    )]
    ClientNotPatched,
    /// The topics are not what the contract wants; all that is wrong at once.
    #[error("the topics are not as they must be:\n{}\n`granary topics create` makes what is missing", list(.0))]
    Topics(Vec<TopicProblem>),
    /// A client could not be made.
    #[error("the Kafka client for {what} can't be made: {why}")]
    Client {
        /// What it was for.
        what: &'static str,
        /// What librdkafka said, without the values of properties.
        why: String,
    },
    /// A question to the brokers was not answered.
    #[error("{what} failed: {source}")]
    Question {
        /// What was asked.
        what: String,
        /// What librdkafka said.
        source: KafkaError,
    },
    /// A topic's partition can't be read to where it was known to reach.
    #[error(
        "{what} failed: {why}. Where retention has just removed that offset, try again: the beginning is asked for anew"
    )]
    Unreadable {
        /// What was read.
        what: String,
        /// What happened.
        why: String,
    },
    /// The group shut this process out.
    #[error(
        "the group shut this process out: {detail}. Two processes with one instance id? Each needs its own \
         (application.instance)"
    )]
    ShutOut {
        /// What the client said.
        detail: String,
    },
    /// Lanes stopped for a reason that only a person can clear, and no other is left to run.
    #[error("{0}")]
    Halted(lane::Halt),
    /// Stopping took too long; the brokers are probably away.
    #[error(
        "stopping took longer than {seconds} s and was given up; what is not committed is aborted by Kafka and \
         recovered by whoever comes next"
    )]
    StopTimedOut {
        /// How long was waited.
        seconds: u64,
    },
    /// A lane's thread ended without saying why, which is a defect of ours.
    #[error(
        "the lane of partition {partition} ended by a panic; this is a defect, please report its message"
    )]
    Panicked {
        /// Whose lane it was.
        partition: u32,
    },
}

/// What is wrong with one topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopicProblem {
    /// It does not exist.
    #[error("  {name}: does not exist")]
    Missing {
        /// Its name.
        name: String,
    },
    /// It has another number of partitions than the orders topic.
    #[error(
        "  {name}: has {found} partitions where {orders} has {expected}; all topics need the same number, and it can't \
         be changed once there is a journal"
    )]
    Partitions {
        /// Its name.
        name: String,
        /// How many it has.
        found: usize,
        /// The orders topic's name.
        orders: String,
        /// How many that has.
        expected: usize,
    },
    /// It has fewer partitions than the journal names.
    #[error(
        "  {name}: has {found} partitions, the journal was written with {journal}; it was made again with too few. Delete \
         it and make it with {journal} if it is an output; else see docs/operations.md (Topics)"
    )]
    Fewer {
        /// Its name.
        name: String,
        /// How many it has.
        found: usize,
        /// How many the journal names.
        journal: usize,
    },
    /// It is cleaned up in a way that loses what is needed.
    #[error("  {name}: cleanup.policy is `{found}`, must be `{expected}`; {why}")]
    Cleanup {
        /// Its name.
        name: String,
        /// What it is set to.
        found: String,
        /// What it must be.
        expected: &'static str,
        /// What would go wrong.
        why: &'static str,
    },
    /// It is deleted by age or size while the way back still needs it.
    #[error("  {name}: {key} is {found}; {why}")]
    Retention {
        /// Its name.
        name: String,
        /// The setting that deletes.
        key: &'static str,
        /// What it is set to.
        found: i64,
        /// What would go wrong, and what to set instead.
        why: &'static str,
    },
    /// What is written to it might not fit, and its transaction would fail until it does.
    #[error(
        "  {name}: max.message.bytes is {found}; what is written to it needs up to {least}. Raise it"
    )]
    MessageBytes {
        /// Its name.
        name: String,
        /// What it is set to.
        found: u64,
        /// What it must be at least.
        least: u64,
    },
    /// Every write to it is refused, since it can't have so many replicas in sync.
    #[error(
        "  {name}: min.insync.replicas is {least} and it has {replicas} replicas, so it takes no writes. Lower the one or \
         have more of the other"
    )]
    Replicas {
        /// Its name.
        name: String,
        /// How many must be in sync.
        least: usize,
        /// How many there are.
        replicas: usize,
    },
    /// The broker does not stamp the journal's records, and its stamps are what the time is known by.
    #[error(
        "  {name}: {key} is {found}, must be {expected}: the lanes' clocks are set by what the broker stamps on the \
         journal. It can be changed at any time: kafka-configs.sh --alter --entity-type topics --entity-name {name} \
         --add-config {key}={expected}"
    )]
    JournalTime {
        /// Its name.
        name: String,
        /// The setting.
        key: &'static str,
        /// What it is set to.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
    /// It could not be made.
    #[error("  {name}: can't be created: {why}")]
    NotCreated {
        /// Its name.
        name: String,
        /// What the broker said.
        why: String,
    },
}

impl DriverError {
    pub(crate) fn client(
        what: &'static str,
        connection: &Connection,
    ) -> impl FnOnce(KafkaError) -> Self {
        move |source| Self::Client { what, why: connection.masked(&source.to_string()) }
    }

    pub(crate) fn question(what: impl Into<String>) -> impl FnOnce(KafkaError) -> Self {
        let what = what.into();
        move |source| Self::Question { what, source }
    }
}

fn list(problems: &[TopicProblem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
