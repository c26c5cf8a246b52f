//! Time: `now` follows the clock no farther than what was readable then has been taken, and what is due
//! happens.

use allotment::{Millis, Time};
use lane::InputTopic;

use super::Evidence;
use super::history::{History, OfPartition};
use super::order::{Walk, reached};

/// How far `now` stays behind the clock (contract §1).
const BEHIND_CLOCK: Millis = Millis(500);

/// What may be overdue at the end: `now` stays behind, and whoever wakes does so every 200 ms.
const OVERDUE: Millis = Millis(1500);

/// Where `now` followed the clock to an instant, nothing was left that had arrived and was readable before it.
pub(super) fn check(history: &History<'_>, evidence: &Evidence<'_>) -> Result<(), String> {
    for partition in &history.partitions {
        for input in InputTopic::ALL {
            check_input(partition, input, evidence)?;
        }
    }
    Ok(())
}

fn check_input(
    partition: &OfPartition<'_>,
    input: InputTopic,
    evidence: &Evidence<'_>,
) -> Result<(), String> {
    let log = evidence.cluster.log((input.topic(), partition.index));
    let mut taken = 0;
    for transaction in &partition.transactions {
        let record = &transaction.record;
        if let Some(followed) = record.followed {
            if followed.plus(BEHIND_CLOCK) > record.clock {
                return Err(format!(
                    "partition {}, transaction {}: time has followed the clock too closely",
                    partition.index, record.sequence
                ));
            }
            let next = partition.inputs[input].iter().find(|one| one.offset >= taken);
            let overtaken = next.filter(|one| {
                let since = log.readable_since(one.offset);
                let seen = since.is_some_and(|since| since.plus(evidence.slack) < followed);
                seen && reached(input, one.message) < followed
            });
            if let Some(one) = overtaken {
                return Err(format!(
                    "partition {}, transaction {}: time went on to {followed:?}, past the record of {input} at {} that could be read since {:?}",
                    partition.index,
                    record.sequence,
                    one.offset,
                    log.readable_since(one.offset)
                ));
            }
        }
        taken = record.taken[input].map_or(taken, |range| range.to);
    }
    Ok(())
}

/// At the end nothing is due that has not happened.
pub(super) fn check_nothing_is_overdue(walk: &Walk, clocks: &[Time]) -> Result<(), String> {
    for (partition, clock) in walk.partitions.iter().zip(clocks) {
        let due = partition.next_deadline;
        if let Some(due) = due.filter(|due| due.plus(OVERDUE) < *clock) {
            return Err(format!(
                "partition {}: it is {clock:?}, and what was due at {due:?} has not happened",
                partition.index
            ));
        }
    }
    Ok(())
}
