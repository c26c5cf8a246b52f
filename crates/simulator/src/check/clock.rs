//! The lane's clock: it never goes back, and while an owner runs it gains no more on the brokers' true time than a
//! step and a tenth. So no reservation expires earlier than that.

use contract::Topic;

use super::Evidence;
use super::history::{History, OfPartition};

/// The most that a clock gains at once.
const STEP_MS: i64 = 5_000;

/// Holds the clocks that the journal names against the time at which its records were committed.
pub(super) fn check(history: &History<'_>, evidence: &Evidence<'_>) -> Result<(), String> {
    history.partitions.iter().try_for_each(|partition| check_partition(partition, evidence))
}

fn check_partition(partition: &OfPartition<'_>, evidence: &Evidence<'_>) -> Result<(), String> {
    let log = evidence.cluster.log((Topic::Journal, partition.index));
    for three in partition.transactions.windows(3) {
        let [before, from, to] = [&three[0], &three[1], &three[2]];
        let gained = to.record.clock.0 - from.record.clock.0;
        let wrong = |what: &str| {
            let (index, sequence) = (partition.index, to.record.sequence);
            Err(format!(
                "partition {index}, transaction {sequence}: the clock {what} by {gained} ms"
            ))
        };
        if gained < 0 {
            return wrong("went back");
        }
        // What an owner writes first may be from before it knew the time.
        let one_owner = [before, from, to].iter().all(|one| one.record.epoch == to.record.epoch);
        let committed = |offset| log.readable_since(offset);
        let times = committed(before.offset).zip(committed(to.offset));
        // One transaction begins when the last is committed, or later.
        let Some((began, ended)) = times.filter(|_| one_owner) else { continue };
        let passed = ended.0 - began.0;
        if gained > passed + passed / 10 + passed / 100 + STEP_MS + 1 {
            return wrong("gained too much");
        }
    }
    Ok(())
}
