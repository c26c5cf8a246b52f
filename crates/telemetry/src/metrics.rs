//! The functions that record metrics. Recording without a listener costs next to nothing.

use std::time::Duration;

use metrics::{Label, counter, gauge, histogram};

use crate::names::{self, Kind, Metric};
use crate::{Board, Counts, LaneState, Tally};

/// What became of a transaction that did not commit, or of the lane that had it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropCause {
    /// The transaction was aborted.
    Aborted,
    /// The result of its commit is unknown.
    Unknown,
    /// Another process took the partition over.
    Fenced,
    /// Anything else: a broken connection while reading, a failed check.
    Failed,
}

impl DropCause {
    /// The word for it in metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aborted => "aborted",
            Self::Unknown => "unknown",
            Self::Fenced => "fenced",
            Self::Failed => "failed",
        }
    }
}

/// A change of which partitions this process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rebalance {
    /// Partitions came.
    Assigned,
    /// Partitions went, in order.
    Revoked,
    /// Partitions went because the group had given this process up.
    Lost,
}

impl Rebalance {
    /// The word for it in metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Revoked => "revoked",
            Self::Lost => "lost",
        }
    }
}

/// What kind of error the Kafka client reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KafkaError {
    /// No connection, or it broke; the client tries again by itself.
    Transport,
    /// The client can't go on.
    Fatal,
    /// Anything else.
    Other,
}

impl KafkaError {
    /// The word for it in metrics and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Fatal => "fatal",
            Self::Other => "other",
        }
    }
}

/// Why the console closed a connection before it had answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleDrop {
    /// There were too many at once.
    TooMany,
    /// The question did not come in time, or the answer was not read in time.
    Slow,
    /// The process has no descriptor left.
    NoDescriptor,
}

impl ConsoleDrop {
    /// The word for it in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooMany => "too_many",
            Self::Slow => "slow",
            Self::NoDescriptor => "no_descriptor",
        }
    }
}

/// A connection to the console that is open; it is closed when this is dropped.
#[derive(Debug)]
pub struct ConsoleOpen(());

impl ConsoleOpen {
    /// Counts one more.
    #[must_use]
    pub fn count() -> Self {
        gauge!(names::CONSOLE_CONNECTIONS.name).increment(1.0);
        Self(())
    }
}

impl Drop for ConsoleOpen {
    fn drop(&mut self) {
        gauge!(names::CONSOLE_CONNECTIONS.name).decrement(1.0);
    }
}

/// Whether the function of the Kafka client that can end the process is replaced.
pub fn client_amended(is_amended: bool) {
    gauge!(names::CLIENT_AMENDED.name).set(if is_amended { 1.0 } else { 0.0 });
}

/// The console closed a connection before it had answered.
pub fn console_dropped(cause: ConsoleDrop) {
    counter!(names::CONSOLE_DROPS.name, "cause" => cause.as_str()).increment(1);
}

/// How long the parts of a committed batch took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Decoding, deciding and encoding.
    pub decide: Duration,
    /// From the last output produced to the transaction committed.
    pub commit: Duration,
    /// All of it: deciding, producing, committing.
    pub whole: Duration,
    /// The portion of a checkpoint that it carried, if it did.
    pub checkpoint: Option<Portion>,
    /// From the arrival of the oldest record to committed; absent where only time passed.
    pub latency: Option<Duration>,
}

/// A portion of a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Portion {
    /// Its bytes.
    pub bytes: u64,
    /// It was the last one: the checkpoint stands.
    pub last: bool,
}

/// Tells the installed recorder what each metric is. Once, at the start.
pub fn describe() {
    for metric in names::ALL {
        let Metric { name, help, .. } = *metric;
        match metric.kind {
            Kind::Counter => metrics::describe_counter!(name, help),
            Kind::Gauge => metrics::describe_gauge!(name, help),
            Kind::Histogram(_) => metrics::describe_histogram!(name, help),
        }
    }
}

/// A transaction was committed.
pub fn committed(tally: &Tally, timing: Timing) {
    add(names::EVENTS, "type", &tally.events);
    add(names::DEAD_LETTERS, "code", &tally.dead_letters);
    add(names::DECISIONS, "outcome", &tally.decisions);
    add(names::FULFILLMENTS, "type", &tally.fulfillments);
    add(names::ALERTS, "kind", &tally.alerts);
    counter!(names::REROUTED.name).increment(tally.rerouted);
    counter!(names::POOLS_REFUSED.name).increment(tally.turned_away);
    counter!(names::OVERSOLD_UNITS.name).increment(tally.oversold_units);
    counter!(names::TRANSACTIONS.name, "result" => "committed").increment(1);
    histogram!(names::BATCH_RECORDS.name).record(as_float(tally.records));
    histogram!(names::DECIDE_SECONDS.name).record(timing.decide);
    histogram!(names::COMMIT_SECONDS.name).record(timing.commit);
    let carried = if timing.checkpoint.is_some() { "yes" } else { "no" };
    histogram!(names::TRANSACTION_SECONDS.name, "checkpoint" => carried).record(timing.whole);
    if let Some(portion) = timing.checkpoint {
        counter!(names::CHECKPOINT_BYTES.name).increment(portion.bytes);
        counter!(names::CHECKPOINTS.name).increment(u64::from(portion.last));
    }
    if let Some(latency) = timing.latency {
        histogram!(names::LATENCY_SECONDS.name).record(latency);
    }
}

/// A lane was dropped and will recover.
pub fn lane_dropped(cause: DropCause) {
    counter!(names::LANE_DROPS.name, "cause" => cause.as_str()).increment(1);
    if matches!(cause, DropCause::Aborted | DropCause::Unknown) {
        counter!(names::TRANSACTIONS.name, "result" => cause.as_str()).increment(1);
    }
}

/// A lane has recovered.
pub fn lane_recovered(took: Duration) {
    histogram!(names::RECOVERY_SECONDS.name).record(took);
}

/// An input topic is kept for so long. Not told of those that are kept for ever.
pub fn input_retention(topic: &str, kept: Duration) {
    gauge!(names::INPUT_RETENTION.name, "topic" => topic.to_owned()).set(kept.as_secs_f64());
}

/// Whether a topic's settings lose what was promised.
pub fn topic_unsound(topic: &str, unsound: bool) {
    gauge!(names::TOPIC_UNSOUND.name, "topic" => topic.to_owned())
        .set(f64::from(u8::from(unsound)));
}

/// So many partitions were added to a topic.
pub fn topic_grown(topic: &str, added: u32) {
    gauge!(names::TOPIC_GROWN.name, "topic" => topic.to_owned()).set(f64::from(added));
}

/// The group changed what this process runs.
pub fn rebalanced(change: Rebalance) {
    counter!(names::REBALANCES.name, "change" => change.as_str()).increment(1);
}

/// The Kafka client reported an error.
pub fn kafka_error(kind: KafkaError) {
    counter!(names::KAFKA_ERRORS.name, "kind" => kind.as_str()).increment(1);
}

/// Sets the gauges that are read from the lanes' views. Before each scrape.
pub fn sample(board: &Board) {
    let lanes = board.lanes();
    let owned = lanes.iter().filter(|lane| lane.state() != LaneState::Standby);
    gauge!(names::LANES.name).set(as_float(owned.count() as u64));
    crate::hidden::sample(board);
    crate::halted::sample(board);
    let off = lanes.iter().map(|lane| lane.clock_off()).max_by_key(|off| off.abs());
    gauge!(names::CLOCK_OFF.name).set(off.unwrap_or(0) as f64 / 1000.0);
    for lane in lanes.iter() {
        let partition = lane.partition().to_string();
        let set = |metric: Metric, value: f64| {
            gauge!(metric.name, "partition" => partition.clone()).set(value)
        };
        for state in LaneState::ALL {
            let labels = vec![
                Label::new("partition", partition.clone()),
                Label::new("state", state.as_str()),
            ];
            gauge!(names::LANE_STATE.name, labels).set(if lane.state() == state {
                1.0
            } else {
                0.0
            });
        }
        let (done, goal) = lane.recovery();
        let (pools, orders, identities) = lane.holds();
        let is_standby = lane.state() == LaneState::Standby;
        let (lag, behind) = if is_standby { lane.standby() } else { Default::default() };
        set(names::STANDBY_LAG, as_float(lag));
        set(names::STANDBY_BEHIND, behind.as_secs_f64());
        set(names::LANE_LAG, as_float(lane.lag()));
        set(names::LANE_NOW, lane.now_millis() as f64 / 1000.0);
        set(names::LANE_SEQUENCE, as_float(lane.sequence()));
        set(names::RECOVERY_DONE, as_float(done));
        set(names::RECOVERY_GOAL, as_float(goal));
        let (pages, of) = lane.loaded();
        set(names::LOADED_PAGES, as_float(pages));
        set(names::PAGES_TO_LOAD, as_float(of));
        let (checkpoint, needed) = lane.ages();
        set(names::CHECKPOINT_AGE, checkpoint.as_secs_f64());
        set(names::NEEDED_INPUT_AGE, needed.as_secs_f64());
        set(names::POOLS, as_float(pools));
        set(names::ORDERS, as_float(orders));
        set(names::IDENTITIES, as_float(identities));
        let (bytes, limit) = lane.bytes();
        set(names::STATE_BYTES, as_float(bytes));
        set(names::STATE_LIMIT, as_float(limit));
    }
}

/// The process's own metrics: CPU, memory, threads, open files.
#[derive(Debug)]
pub struct Process(metrics_process::Collector);

impl Process {
    /// Describes them, and tells which version runs.
    #[must_use]
    pub fn new(version: &'static str) -> Self {
        gauge!(names::BUILD_INFO.name, "version" => version).set(1.0);
        let collector = metrics_process::Collector::new(names::PROCESS_PREFIX);
        collector.describe();
        Self(collector)
    }

    /// Reads them now. Before each scrape.
    pub fn sample(&self) {
        self.0.collect();
    }
}

fn add(metric: Metric, label: &'static str, counts: &Counts) {
    for (value, n) in counts.iter() {
        counter!(metric.name, label => value).increment(n);
    }
}

/// Counts beyond 2^53 lose their last digits, which no graph shows.
const fn as_float(n: u64) -> f64 {
    n as f64
}
