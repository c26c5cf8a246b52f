//! Every metric, as data: name, kind, unit, labels and help.
//!
//! The grammar of a name: `granary_` + what is counted, in the plural or with its place first
//! (`granary_lane_lag_records`) + the unit if it has one (`_seconds`, `_bytes`, `_records`, `_units`) +
//! `_total` for a counter. A label's values come from a list in the contract or in this crate, or are
//! partition numbers: never an id from outside.

/// How a metric behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution, with the buckets of its unit.
    Histogram(&'static [f64]),
}

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, as it is scraped.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// The labels it has.
    pub labels: &'static [&'static str],
    /// What it means, for whoever looks at it at night.
    pub help: &'static str,
}

/// Buckets for what takes from a fraction of a millisecond to a minute.
pub const SECONDS: &[f64] =
    &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0];

/// Buckets for how many records are in a batch.
pub const RECORDS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 50.0, 100.0, 500.0, 1000.0, 5000.0, 10_000.0];

macro_rules! metrics {
    ($($(#[$doc:meta])* $id:ident = $name:literal, $kind:expr, [$($label:literal),*], $help:literal;)*) => {
        $(
            $(#[$doc])*
            pub const $id: Metric =
                Metric { name: $name, kind: $kind, labels: &[$($label),*], help: $help };
        )*
        /// All of them, in the order of this file.
        pub const ALL: &[Metric] = &[$($id),*];
    };
}

metrics! {
    // What came in, and what became of it.

    /// Events taken.
    EVENTS = "granary_events_total", Kind::Counter, ["type"],
        "Events that had their effect or were recognised as repeats, by the contract's type.";
    /// Dead letters.
    DEAD_LETTERS = "granary_dead_letters_total", Kind::Counter, ["code"],
        "Input that could not be taken and went to the dead-letter topic, by error code.";
    /// Dead letters of pools that were too many.
    POOLS_REFUSED = "granary_new_pools_refused_total", Kind::Counter, [],
        "Dead letters of new pools above bounds.new_pools: a bridge puts something else, an order id perhaps, where the pool belongs.";
    /// Records sent to their home partition.
    REROUTED = "granary_rerouted_records_total", Kind::Counter, [],
        "Records that came on a partition that is not their pool's and were sent on. Many: the bridge's partitioner or key is wrong; only speed suffers.";
    /// Answers.
    DECISIONS = "granary_decisions_total", Kind::Counter, ["outcome"],
        "Decisions, by outcome.";
    /// What the courier was told.
    FULFILLMENTS = "granary_fulfillments_total", Kind::Counter, ["type"],
        "Fulfillment records, by type.";
    /// What people were told.
    ALERTS = "granary_alerts_total", Kind::Counter, ["kind"],
        "Alerts raised, by kind.";
    /// Units sold that do not exist.
    OVERSOLD_UNITS = "granary_oversold_units_total", Kind::Counter, [],
        "Units that platforms took money for and that were not there (the shortage of `oversold` alerts).";

    // How the carrying goes.

    /// Transactions.
    TRANSACTIONS = "granary_transactions_total", Kind::Counter, ["result"],
        "Kafka transactions by result: committed, aborted, or unknown (the lane recovers and finds out).";
    /// How long a commit took.
    COMMIT_SECONDS = "granary_commit_seconds", Kind::Histogram(SECONDS), [],
        "Time from the last output produced to the transaction committed.";
    /// Arrival to commit.
    LATENCY_SECONDS = "granary_latency_seconds", Kind::Histogram(SECONDS), [],
        "Time from the arrival of a batch's oldest record to its outputs being readable.";
    /// Time spent deciding.
    DECIDE_SECONDS = "granary_decide_seconds", Kind::Histogram(SECONDS), [],
        "Time spent decoding, deciding and encoding a batch.";
    /// Batch size.
    BATCH_RECORDS = "granary_batch_records", Kind::Histogram(RECORDS), [],
        "Input records in a transaction; grows under load.";
    /// Whole transactions.
    TRANSACTION_SECONDS = "granary_transaction_seconds", Kind::Histogram(SECONDS), ["checkpoint"],
        "Time to decide, produce and commit a transaction, by whether it carried a portion of a checkpoint (yes, no).";
    /// Checkpoints that stand.
    CHECKPOINTS = "granary_checkpoints_total", Kind::Counter, [],
        "Checkpoints written whole.";
    /// What checkpoints cost.
    CHECKPOINT_BYTES = "granary_checkpoint_bytes_total", Kind::Counter, [],
        "Bytes written to the checkpoints topic, before compression.";
    /// Lanes dropped.
    LANE_DROPS = "granary_lane_drops_total", Kind::Counter, ["cause"],
        "Lanes that were dropped to recover, by cause: aborted, unknown, fenced or failed.";
    /// Time to come back.
    RECOVERY_SECONDS = "granary_recovery_seconds", Kind::Histogram(SECONDS), [],
        "Time from a lane's assignment to its first batch being possible.";
    /// Rebalances.
    REBALANCES = "granary_rebalances_total", Kind::Counter, ["change"],
        "Changes of which partitions this process runs: assigned, revoked or lost.";
    /// Kafka's complaints.
    KAFKA_ERRORS = "granary_kafka_errors_total", Kind::Counter, ["kind"],
        "Errors that the Kafka client reported: transport (it retries by itself), fatal, or other.";

    // The lanes of this process, read from their views when scraped.

    /// Which state a lane is in.
    LANE_STATE = "granary_lane_state", Kind::Gauge, ["partition", "state"],
        "1 for the state that the lane is in (standby, starting, recovering, running, stopping, failed), 0 for the others. A standby follows another process's partition.";
    /// A topic that takes no writes.
    LANE_REFUSED = "granary_lane_output_refused", Kind::Gauge, ["partition"],
        "1 while a topic refuses what the lane writes, so that it takes no input; /readyz and the log name the topic.";
    /// Somebody else under this name.
    LANE_RIVAL = "granary_lane_shut_out", Kind::Gauge, ["partition"],
        "1 while the lane is shut out again and again though its partition stays with this process: another deployment uses the application's name. /readyz and the log say who.";
    /// What is still to be read.
    LANE_LAG = "granary_lane_lag_records", Kind::Gauge, ["partition"],
        "Input records that are not yet taken, over all input topics; those that lie behind an open transaction are counted too.";
    /// How long records have been hidden.
    INPUT_HIDDEN = "granary_input_hidden_seconds", Kind::Gauge, ["topic", "partition"],
        "For how long records of an input have been written and can't be read, because they lie behind an open transaction of some producer; 0 where none are. `now` does not pass the first of them meanwhile.";
    /// Time passes over hidden records.
    HIDDEN_PASSED = "granary_input_hidden_passed", Kind::Gauge, ["topic", "partition"],
        "1 while records of an input have been hidden for longer than bounds.hidden_patience, so that time passes over them: reservations expire whose payment may be among them.";
    /// The partition's time.
    LANE_NOW = "granary_lane_now_seconds", Kind::Gauge, ["partition"],
        "`now` as the partition knows it, in seconds since the Unix epoch. Far behind the clock: a backlog.";
    /// The wall clock against the brokers' time.
    CLOCK_OFF = "granary_wall_clock_off_seconds", Kind::Gauge, [],
        "How far the process's wall clock is ahead of the brokers' time, as its lanes know it; below 0 it is behind. Of several lanes, the greatest difference counts. The wall clock decides nothing.";
    /// The journal's sequence.
    LANE_SEQUENCE = "granary_lane_journal_sequence", Kind::Gauge, ["partition"],
        "Sequence of the last journal record, committed.";
    /// How far a standby is behind.
    STANDBY_LAG = "granary_standby_lag_transactions", Kind::Gauge, ["partition"],
        "Transactions of another process's journal that this standby has not replayed yet, about.";
    /// Since when a standby is behind.
    STANDBY_BEHIND = "granary_standby_behind_seconds", Kind::Gauge, ["partition"],
        "How long ago this standby had replayed everything that was in the journal. Far above a second: a takeover will not be quick.";
    /// Recovery's progress.
    RECOVERY_DONE = "granary_lane_recovered_records", Kind::Gauge, ["partition"],
        "Offsets of the inputs replayed so far, on the way back.";
    /// Recovery's end.
    RECOVERY_GOAL = "granary_lane_recovery_goal_records", Kind::Gauge, ["partition"],
        "Offsets of the inputs to replay before the lane can run.";
    /// The checkpoint's pages that are loaded.
    LOADED_PAGES = "granary_lane_loaded_pages", Kind::Gauge, ["partition"],
        "Pages of the checkpoint that are loaded so far, on the way back.";
    /// The checkpoint's pages.
    PAGES_TO_LOAD = "granary_lane_pages_to_load", Kind::Gauge, ["partition"],
        "Pages of the checkpoint to load before the journal can be replayed; 0 without a checkpoint.";
    /// How old the checkpoint is.
    CHECKPOINT_AGE = "granary_lane_checkpoint_age_seconds", Kind::Gauge, ["partition"],
        "Age of the checkpoint that stands; 0 while there is none. It grows where nothing changes, too.";
    /// How far back a recovery reads.
    NEEDED_INPUT_AGE = "granary_lane_needed_input_age_seconds", Kind::Gauge, ["partition"],
        "Age of the oldest input that coming back would read again; 0 where it would read none. It must stay below what the topics keep (granary_input_retention_seconds).";
    /// How long inputs are kept.
    INPUT_RETENTION = "granary_input_retention_seconds", Kind::Gauge, ["topic"],
        "How long Kafka keeps an input topic, as its settings said at the start; absent where it is kept for ever.";
    /// Settings that lose what was promised.
    TOPIC_UNSOUND = "granary_topic_unsound", Kind::Gauge, ["topic"],
        "1 while a topic has settings that a start would refuse. They were changed while the process ran. Absent where that never happened.";
    /// Partitions that a topic has got beside those of the deployment.
    TOPIC_GROWN = "granary_topic_added_partitions", Kind::Gauge, ["topic"],
        "Partitions that were added to a topic after the journal was begun; absent where none were. They have no lanes of their own (docs/operations.md, Topics).";
    /// Pools in memory.
    POOLS = "granary_lane_pools", Kind::Gauge, ["partition"],
        "Pools that the lane holds.";
    /// Orders in memory.
    ORDERS = "granary_lane_orders", Kind::Gauge, ["partition"],
        "Orders that the lane holds, the finished ones that it remembers included.";
    /// Identities in memory.
    IDENTITIES = "granary_lane_identities", Kind::Gauge, ["partition"],
        "Event identities that the lane remembers for deduplication.";
    /// Memory of the state.
    STATE_BYTES = "granary_lane_state_bytes", Kind::Gauge, ["partition"],
        "Memory that the lane's state takes, estimated. Buffers come on top: see the configured bounds.";
    /// What the state may take.
    STATE_LIMIT = "granary_lane_state_limit_bytes", Kind::Gauge, ["partition"],
        "What granary_lane_state_bytes may come to now: the room for state in bounds.memory, less what the other lanes and standbys of the process take.";
    /// No room for more.
    LANE_FULL = "granary_lane_memory_full", Kind::Gauge, ["partition"],
        "1 while the lane takes no input, or a standby stands still, because its state takes as much memory as it may.";
    // The console.

    /// Connections to the console.
    CONSOLE_CONNECTIONS = "granary_console_connections", Kind::Gauge, [],
        "Connections to the console that are open.";
    /// Connections that the console closed.
    CONSOLE_DROPS = "granary_console_dropped_connections_total", Kind::Counter, ["cause"],
        "Connections that the console closed before it had answered, by cause: too_many, slow (the question or the reading of the answer), or no_descriptor.";

    // The process.

    /// Lanes of this process.
    LANES = "granary_lanes", Kind::Gauge, [],
        "Lanes of the partitions that this process has; its standbys are not among them.";
    /// The client's fault is replaced.
    CLIENT_AMENDED = "granary_client_amended", Kind::Gauge, [],
        "1 where a function of librdkafka that can end the process is replaced, as it must be; 0 on systems whose linkers can't do it.";
    /// This build.
    BUILD_INFO = "granary_build_info", Kind::Gauge, ["version"],
        "Always 1; says which version runs.";
}

/// The prefix of the process's own metrics, which `metrics-process` names (`granary_process_cpu_seconds_total`,
/// `granary_process_resident_memory_bytes`, `granary_process_open_fds`, `granary_process_threads`, …).
pub const PROCESS_PREFIX: &str = "granary_";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_the_grammar() {
        for metric in ALL {
            let name = metric.name;
            assert!(name.starts_with("granary_"), "{name}");
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
            assert_eq!(
                name.ends_with("_total"),
                metric.kind == Kind::Counter,
                "{name}: _total is for counters"
            );
            assert!(metric.help.ends_with(['.', ')']), "{name}: help is a sentence");
            if let Kind::Histogram(buckets) = metric.kind {
                assert!(
                    name.ends_with("_seconds") || name.ends_with("_records"),
                    "{name} names its unit"
                );
                assert!(buckets.is_sorted(), "{name}");
            }
        }
    }

    #[test]
    fn no_name_is_used_twice() {
        let mut names: Vec<_> = ALL.iter().map(|m| m.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }
}
