//! The functions that write log lines: one an event, each with a stable name in its `event` field.
//!
//! A level says who is woken. `error`: somebody must act now, or a partition stands still. `warn`: look
//! at it in working hours; the service helps itself. `info`: the life of the process, a few lines an hour.
//! `debug`: for whoever hunts something. Never a buyer, person, recipient, order or comment.

use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;

use tracing::{debug, error, info, warn};

use crate::metrics::{DropCause, KafkaError, Rebalance};
use crate::{Hidden, Tally};

/// The service starts; `application` names the deployment.
pub fn service_starting(version: &str, application: &str, bootstrap: &str) {
    info!(event = "service_starting", version, application, bootstrap, "Granary {version} starts");
}

/// The service has ended in order.
pub fn service_stopped() {
    info!(event = "service_stopped", "everything is committed and the group is left; good-bye");
}

/// The service ends because of an error.
pub fn service_failed(cause: &dyn Display) {
    error!(event = "service_failed", cause = %cause, "the service stops: {cause}");
}

/// A signal asks the service to stop.
pub fn stop_asked(signal: &str) {
    info!(event = "stop_asked", signal, "{signal}: the transactions in hand are finished first");
}

/// A second signal: the process ends at once, which is safe by design.
pub fn stop_forced(signal: &str) {
    warn!(
        event = "stop_forced",
        signal, "a second {signal}: leaving at once; what is open is aborted and recovered"
    );
}

/// The console listens.
pub fn console_listening(address: SocketAddr) {
    info!(event = "console_listening", %address, "metrics and health on http://{address}/metrics, /healthz, /readyz");
}

/// The console closes connections, because it may not have more, or because the process has no descriptor left.
pub fn console_crowded(why: &dyn Display) {
    warn!(
        event = "console_crowded",
        why = %why,
        "the console closes connections: {why}; see who opens so many to console.address"
    );
}

/// A function of the Kafka client that can end the process is not replaced, because this system's linkers can't.
pub fn client_not_amended() {
    warn!(
        event = "client_not_amended",
        "a fault of librdkafka (confluentinc/librdkafka#5280) can end this process when a broker comes back: on this system it can't be replaced when the program is linked; run Granary on Linux, or see that it is started again"
    );
}

/// How many descriptors the process may have, after the limit was raised as far as the system allows.
pub fn descriptors_raised(limit: u64, before: u64) {
    info!(
        event = "descriptors_raised",
        limit, before, "the process may have {limit} files and sockets; it began with {before}"
    );
}

/// How many descriptors the process needs where it has all partitions, its own or to follow.
pub fn descriptors_planned(limit: u64, needed: u64, brokers: u64, partitions: u64) {
    info!(
        event = "descriptors_planned",
        limit,
        needed,
        brokers,
        partitions,
        "with {brokers} brokers and all {partitions} partitions the process needs up to {needed} files and sockets; it may have {limit}"
    );
}

/// A lane's loop stands still.
pub fn lane_stuck(partition: i32, still: Duration) {
    error!(
        event = "lane_stuck",
        partition,
        seconds = still.as_secs(),
        "lane {partition} has not gone round for {} s",
        still.as_secs()
    );
}

/// The group changed what this process runs.
pub fn rebalanced(change: Rebalance, partitions: &[i32]) {
    info!(
        event = "rebalanced",
        change = change.as_str(),
        ?partitions,
        "partitions {}: {partitions:?}",
        change.as_str()
    );
}

/// The process's wall clock is not what the brokers say, and so some time of a machine is wrong.
pub fn clock_off(partition: i32, millis: i64) {
    let seconds = millis.unsigned_abs() as f64 / 1000.0;
    let way = if millis < 0 { "behind" } else { "ahead of" };
    warn!(
        event = "clock_off",
        partition,
        millis,
        "the wall clock is {seconds} s {way} the brokers' time. It decides nothing, but the time of this machine or of a broker is wrong"
    );
}

/// The wall clock is again what the brokers say.
pub fn clock_right(partition: i32) {
    info!(event = "clock_right", partition, "the wall clock agrees with the brokers' time again");
}

/// A topic's settings cost something.
pub fn topic_doubtful(advice: &str) {
    warn!(event = "topic_doubtful", "{advice}");
}

/// A topic has got more partitions than the journal names.
pub fn topic_grown(topic: &str, partitions: u32, journal: u32, what: &str) {
    warn!(
        event = "topic_grown",
        topic, partitions, journal, "{what}; docs/operations.md says what to do (Topics)"
    );
}

/// A topic's settings were changed so that it loses what was promised.
pub fn topic_unsound(topic: &str, why: &str) {
    error!(
        event = "topic_unsound",
        topic, why, "{why}; it was set while Granary runs, and the next start would refuse it"
    );
}

/// They are as they must be again.
pub fn topic_sound(topic: &str) {
    info!(event = "topic_sound", topic, "{topic} is as it must be again");
}

/// A lane takes events, after it has replayed `transactions` of its journal; where it had followed the
/// partition as a `standby`, those that were still to be replayed when it took over.
pub fn lane_running(
    partition: i32,
    standby: bool,
    sequence: u64,
    transactions: u64,
    took: Duration,
) {
    let millis = took.as_millis();
    let from = if standby { "from its standby, " } else { "" };
    info!(
        event = "lane_running",
        partition,
        standby,
        sequence,
        transactions,
        millis,
        "lane {partition} runs after {millis} ms, {from}{transactions} transactions replayed"
    );
}

/// How far a lane's way back is: pages of the checkpoint loaded, input replayed, each of how many.
pub fn recovery_progress(partition: i32, loaded: (u64, u64), replayed: (u64, u64)) {
    let ((pages, pages_of), (records, records_of)) = (loaded, replayed);
    info!(
        event = "recovery_progress",
        partition,
        pages,
        pages_of,
        records,
        records_of,
        "lane {partition} comes back: {pages} of {pages_of} pages loaded, {records} of {records_of} records replayed"
    );
}

/// A lane that follows another process's partition begins again.
pub fn standby_dropped(partition: i32, detail: &dyn Display) {
    info!(event = "standby_dropped", partition, detail = %detail, "the standby of {partition} looks again: {detail}");
}

/// Journals can't be trimmed behind their checkpoints.
pub fn journal_not_trimmed(topic: &str, why: &dyn Display) {
    warn!(
        event = "journal_not_trimmed",
        topic,
        why = %why,
        "{topic} can't be trimmed and grows: {why}; allow Granary to delete its records (ACL operation Delete)"
    );
}

/// A lane was dropped and recovers.
pub fn lane_dropped(partition: i32, cause: DropCause, detail: &dyn Display) {
    warn!(event = "lane_dropped", partition, cause = cause.as_str(), detail = %detail, "lane {partition} recovers ({}): {detail}", cause.as_str());
}

/// Somebody else has a lane's transactional id, again and again, though the partition is this process's.
pub fn lane_has_rival(partition: i32, who: &str) {
    error!(
        event = "lane_has_rival",
        partition, who, "lane {partition} is shut out again and again: {who}"
    );
}

/// Nobody has shut the lane out for a minute.
pub fn lane_has_no_rival(partition: i32) {
    info!(event = "lane_has_no_rival", partition, "lane {partition} is shut out no more");
}

/// A topic takes no writes: nothing is decided on this partition until it does.
pub fn output_refused(partition: i32, topic: &str, why: &str) {
    error!(
        event = "output_refused",
        partition,
        topic,
        why,
        "lane {partition} takes no input, because {topic} takes no writes: {why}; it goes on by itself when the topic does"
    );
}

/// What the lane writes is taken again.
pub fn output_accepted(partition: i32) {
    info!(event = "output_accepted", partition, "lane {partition} writes and takes input again");
}

/// A lane's state takes as much memory as it may: nothing is decided on this partition until there is room.
pub fn memory_full(partition: i32, bytes: u64, limit: u64) {
    error!(
        event = "memory_full",
        partition,
        bytes,
        limit,
        "lane {partition} takes no input: its state takes {bytes} bytes of memory, and may take {limit}; raise bounds.memory and start the process again, or give it fewer partitions; it goes on by itself when there is room"
    );
}

/// Records of an input are hidden behind an open transaction, and that lasts.
pub fn input_hidden(partition: i32, Hidden { topic, offset, records, hidden, .. }: &Hidden) {
    warn!(
        event = "input_hidden",
        partition,
        topic,
        offset,
        records,
        seconds = hidden.as_secs(),
        "{topic}/{partition}: {records} records from offset {offset} on lie behind a transaction that some producer has kept open for {} s; time does not pass the first of them. Find it with kafka-transactions.sh find-hanging or describe-producers",
        hidden.as_secs()
    );
}

/// They have been hidden for so long that time passes all the same.
pub fn hidden_passed(partition: i32, Hidden { topic, offset, hidden, .. }: &Hidden) {
    error!(
        event = "hidden_passed",
        partition,
        topic,
        offset,
        seconds = hidden.as_secs(),
        "{topic}/{partition}: records from offset {offset} on have been hidden for {} s, longer than bounds.hidden_patience: time passes over them, and reservations expire whose payment may be among them. Abort the transaction: kafka-transactions.sh abort",
        hidden.as_secs()
    );
}

/// Nothing of the input is hidden any more.
pub fn input_shown(partition: i32, topic: &str) {
    info!(
        event = "input_shown",
        partition, topic, "{topic}/{partition}: no record is hidden any more"
    );
}

/// The brokers don't say what of a lane's inputs is hidden.
pub fn survey_unanswered(partition: i32, why: &dyn Display) {
    warn!(
        event = "survey_unanswered",
        partition,
        cause = %why,
        "lane {partition}: the brokers don't say how far its inputs can be read, so its time does not follow the clock: {why}"
    );
}

/// There is room for a lane's state again.
pub fn memory_free(partition: i32, bytes: u64, limit: u64) {
    info!(
        event = "memory_free",
        partition,
        bytes,
        limit,
        "lane {partition} takes input again: its state takes {bytes} bytes of memory, and may take {limit}"
    );
}

/// The standby of a partition stands still, because there is no room for more.
pub fn standby_full(partition: i32, bytes: u64, limit: u64) {
    warn!(
        event = "standby_full",
        partition,
        bytes,
        limit,
        "the standby of {partition} stands still: its state takes {bytes} bytes of memory, and may take {limit}; raise bounds.memory, or lower standby.followers"
    );
}

/// What the configured bounds of memory come to, for a process that has all partitions.
pub fn memory_planned(memory: u64, partitions: u64, beside: u64, room: u64) {
    info!(
        event = "memory_planned",
        memory,
        partitions,
        beside,
        room,
        "of {memory} bytes of memory a lane takes up to {beside} beside its state; with all {partitions} partitions that leaves {room} for state"
    );
}

/// An input answers with an error; it is tried again.
pub fn input_troubled(partition: i32, topic: &str, detail: &dyn Display) {
    warn!(event = "input_troubled", partition, topic, detail = %detail, "lane {partition} can't read {topic}: {detail}");
}

/// A lane has left its partition in order.
pub fn lane_stopped(partition: i32) {
    info!(event = "lane_stopped", partition, "lane {partition} has left");
}

/// A lane stopped for good: its journal, its inputs or its digest are not what they must be.
pub fn lane_failed(partition: i32, cause: &dyn Display) {
    error!(event = "lane_failed", partition, cause = %cause, "lane {partition} stops: {cause}");
}

/// The Kafka client reported an error.
pub fn kafka_error(kind: KafkaError, detail: &dyn Display) {
    match kind {
        KafkaError::Fatal => {
            error!(event = "kafka_error", kind = kind.as_str(), detail = %detail, "Kafka client: {detail}")
        }
        KafkaError::Transport | KafkaError::Other => {
            warn!(event = "kafka_error", kind = kind.as_str(), detail = %detail, "Kafka client: {detail}");
        }
    }
}

/// A line that the Kafka client itself wrote.
pub fn kafka_line(facility: &str, line: &str) {
    debug!(event = "kafka_line", facility, line, "{line}");
}

/// A batch was committed. What is in it is nobody's emergency: alerts go to their topic, counts to the
/// metrics, and under load there are a hundred batches a second.
pub fn committed(partition: i32, sequence: u64, tally: &Tally) {
    debug!(
        event = "committed",
        partition,
        sequence,
        records = tally.records,
        decisions = tally.decisions.sum(),
        alerts = tally.alerts.sum(),
        dead_letters = tally.dead_letters.sum(),
        "lane {partition} committed {sequence}: {} records, {} decisions",
        tally.records,
        tally.decisions.sum()
    );
}

/// A setting that is taken, but that its reader may regret.
pub fn setting_doubtful(path: &str, why: &str) {
    warn!(event = "setting_doubtful", path, why, "{path}: {why}");
}
