//! What a lane's thread tells to metrics and the log.

use std::time::Duration;

use contract::{
    Outgoing, Topic, headers,
    words::{self, Counted},
};
use lane::{Budget, Halt, Recovery, Time, Transaction};
use telemetry::{LaneView, Tally, log, metrics, metrics::DropCause, metrics::Timing};

use crate::{
    Config, bounds,
    context::Refusal,
    descriptors::{self, Limit},
    runner::Role,
    topics::Checked,
    wire,
};

/// The topics are as they must be; what they could be better.
pub(crate) fn topics(checked: &Checked, config: &Config) {
    let interval = config.lane.checkpoints.map(|checkpoints| checkpoints.interval.0);
    let interval = Duration::from_millis(interval.and_then(|i| u64::try_from(i).ok()).unwrap_or(0));
    for advice in checked.advice.iter().chain(&checked.advice_on_replay(&config.topics, interval)) {
        log::topic_doubtful(advice);
    }
    for (topic, kept) in &checked.retention {
        metrics::input_retention(config.topics.get(*topic), *kept);
    }
}

/// A topic's settings lose what was promised, or do no longer.
pub(crate) fn unsound(name: &str, why: Option<&str>) {
    metrics::topic_unsound(name, why.is_some());
    match why {
        Some(why) => log::topic_unsound(name, why),
        None => log::topic_sound(name),
    }
}

/// A topic has more partitions than the journal names; how many each has.
pub(crate) fn grown(name: &str, topic: Topic, (found, journal): (u32, u32)) {
    metrics::topic_grown(name, found - journal);
    log::topic_grown(name, found, journal, &growth(name, topic, (found, journal)));
}

/// The same, in words.
pub(crate) fn growth(name: &str, topic: Topic, (found, journal): (u32, u32)) -> String {
    let becomes = if topic.is_input() {
        "what comes on the others is sent home, so it costs more and takes longer"
    } else {
        "nothing is written to the others"
    };
    format!("{name} has {found} partitions, the journal was written with {journal}: {becomes}")
}

/// What the bounds of memory come to where the process has all partitions, as its own or to follow them.
pub(crate) fn planned(budget: &Budget, partitions: u32) {
    let lanes = u64::from(partitions);
    log::memory_planned(budget.memory, lanes, budget.beside(), budget.room(lanes));
    if budget.room(lanes) == 0 {
        let most = budget.lanes_max();
        let why = format!(
            "a process that has more than {most} of the {partitions} partitions, its own and those that it follows, has no memory for their state, and takes no input; raise it, lower bounds.fetch_ahead, or see that no process has more"
        );
        log::setting_doubtful("bounds.memory", &why);
    }
}

/// How many files and sockets the process may have, and needs where it has all partitions.
pub(crate) fn descriptors(limit: Limit, partitions: u32, brokers: u64) {
    let Limit { now, before } = limit;
    if now > before {
        log::descriptors_raised(now, before);
    }
    let needed = descriptors::needed(u64::from(partitions), brokers);
    log::descriptors_planned(now, needed, brokers, u64::from(partitions));
    if needed > now {
        let why = format!(
            "a process that has all {partitions} partitions, its own and those that it follows, needs up to {needed} files and sockets, and may have {now}; where it has none left it can't connect to Kafka. Raise the hard limit, or run more processes"
        );
        log::setting_doubtful("ulimit -n", &why);
    }
}

/// The journal is replayed; the lane takes events.
pub(crate) fn ready(
    partition: u32,
    standby: bool,
    transactions: u64,
    sequence: u64,
    took: Duration,
) {
    metrics::lane_recovered(took);
    log::lane_running(wire::partition(partition), standby, sequence, transactions, took);
}

/// The way back takes long; how far it is.
pub(crate) fn recovering(partition: u32, recovery: Recovery) {
    let Recovery { pages, pages_total, offsets, offsets_total } = recovery;
    let (loaded, replayed) = ((pages, pages_total), (offsets, offsets_total));
    log::recovery_progress(wire::partition(partition), loaded, replayed);
}

/// A portion of a checkpoint in the words of metrics.
pub(crate) const fn portion(portion: lane::Portion) -> metrics::Portion {
    metrics::Portion { bytes: portion.bytes, last: portion.manifest.is_some() }
}

/// The lane drops what it knows and comes back.
pub(crate) fn dropped(partition: u32, role: Role, cause: DropCause, why: &str) {
    match role {
        Role::Owner => {
            metrics::lane_dropped(cause);
            log::lane_dropped(wire::partition(partition), cause, &why);
        }
        Role::Follower | Role::Witness => log::standby_dropped(wire::partition(partition), &why),
    }
}

/// An input answers with an error.
pub(crate) fn input_troubled(partition: i32, topic: &str, why: &str) {
    metrics::kafka_error(metrics::KafkaError::Other);
    log::input_troubled(partition, topic, &why);
}

/// Where to read on of an added partition is gone.
pub(crate) fn input_cut(partition: i32, topic: &str, next: i64) {
    let detail = format!(
        "offset {next}, where the lane would read on, is gone: retention or somebody deleted records. The lane reads on \
         at the first record that is left. If there were records at {next} or after it, they are lost"
    );
    input_troubled(partition, topic, &detail);
}

/// A topic takes no writes, so that the lane takes no input. Said once, until something is committed again.
pub(crate) fn refused(view: &LaneView, Refusal { topic, why, .. }: &Refusal) {
    if view.set_refused(Some(&format!("{topic} takes no writes: {why}"))) {
        log::output_refused(view.partition(), topic, why);
    }
}

/// What the lane writes is taken.
pub(crate) fn accepted(view: &LaneView) {
    if view.set_refused(None) {
        log::output_accepted(view.partition());
    }
}

/// Somebody else has the lane's transactional id, again and again. Said once, until it is over or other words fit.
pub(crate) fn rival(view: &LaneView, words: &str) {
    if view.set_rival(Some(words)) {
        log::lane_has_rival(view.partition(), words);
    }
}

/// Nobody has taken it for a while.
pub(crate) fn no_rival(view: &LaneView) {
    if view.set_rival(None) {
        log::lane_has_no_rival(view.partition());
    }
}

/// How far the wall clock is off from the lane's; said where that begins to matter, and where it ends.
pub(crate) fn clock(view: &LaneView, wall: Time, clock: Option<Time>) {
    let off = clock.map_or(0, |clock| wall.0.saturating_sub(clock.0));
    let matters = |off: i64| u128::from(off.unsigned_abs()) > bounds::CLOCK_OFF.as_millis();
    let before = view.set_clock_off(off);
    match (matters(before), matters(off)) {
        (false, true) => log::clock_off(view.partition(), off),
        (true, false) => log::clock_right(view.partition()),
        _ => {}
    }
}

/// Whether there is room for more in the lane's state, where that is news.
pub(crate) fn memory(view: &LaneView, role: Role, full: bool) {
    if !view.set_full(full) {
        return;
    }
    let (partition, (bytes, limit)) = (view.partition(), view.bytes());
    match (full, role) {
        (true, Role::Owner) => log::memory_full(partition, bytes, limit),
        (true, _) => log::standby_full(partition, bytes, limit),
        (false, _) => log::memory_free(partition, bytes, limit),
    }
}

/// The lane has stopped for good.
pub(crate) fn halted(halt: &Halt) {
    log::lane_failed(wire::partition(halt.partition), &halt.cause);
}

/// A transaction is committed.
pub(crate) fn committed(partition: u32, sequence: u64, transaction: &Transaction, timing: Timing) {
    let tally = tally(transaction);
    metrics::committed(&tally, timing);
    log::committed(wire::partition(partition), sequence, &tally);
}

fn tally(transaction: &Transaction) -> Tally {
    let mut tally = Tally {
        records: transaction.counts.records,
        rerouted: transaction.counts.rerouted,
        turned_away: transaction.counts.turned_away,
        ..Tally::default()
    };
    for (kind, count) in &transaction.events {
        tally.events.add(kind, *count);
    }
    for effect in &transaction.effects {
        match words::counted(effect) {
            Counted::Decision(outcome) => tally.decisions.add(outcome, 1),
            Counted::Fulfillment(kind) => tally.fulfillments.add(kind, 1),
            Counted::Alert { kind, oversold_units } => {
                tally.alerts.add(kind, 1);
                tally.oversold_units += oversold_units;
            }
            Counted::Level => tally.levels += 1,
        }
    }
    for code in transaction.records.iter().filter_map(|produce| error_code(&produce.record)) {
        tally.dead_letters.add(code, 1);
    }
    tally
}

/// Why a record is a dead letter, if it is one.
fn error_code(record: &Outgoing) -> Option<&'static str> {
    if record.topic != Topic::DeadLetter {
        return None;
    }
    let header = record.headers.iter().rfind(|header| header.name == headers::ERROR_CODE)?;
    words::error_code(header.value.as_deref()?)
}
