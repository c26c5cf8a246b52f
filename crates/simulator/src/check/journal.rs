//! The journal has no hole, each record follows from the one before, and says what came of it.

use lane::InputTopic;

use super::history::History;
use super::order::Walk;

/// Sequences from 1 without a gap, ranges that meet, digests that chain, counts that grow.
pub(super) fn check(history: &History<'_>) -> Result<(), String> {
    for partition in &history.partitions {
        let wrong = |what: String| format!("partition {}: {what}", partition.index);
        for (expected, transaction) in (1..).zip(&partition.transactions) {
            let found = transaction.record.sequence;
            if found != expected {
                let offset = transaction.offset;
                return Err(wrong(format!(
                    "{found} where {expected} was to come, offset {offset}"
                )));
            }
        }
        for two in partition.transactions.windows(2) {
            let (last, next) = (&two[0].record, &two[1].record);
            if next.before != last.after {
                return Err(wrong(format!(
                    "{} does not begin where the last ended",
                    next.sequence
                )));
            }
            if next.events < last.events {
                return Err(wrong(format!("{} counts fewer events", next.sequence)));
            }
            if (next.partitions, next.settings) != (last.partitions, last.settings) {
                return Err(wrong(format!("{} is of another deployment", next.sequence)));
            }
        }
        for input in InputTopic::ALL {
            let mut end = None;
            for transaction in &partition.transactions {
                let Some(range) = transaction.record.taken[input] else { continue };
                if end.is_some_and(|end| end != range.from) || range.to < range.from {
                    let sequence = transaction.record.sequence;
                    return Err(wrong(format!("{sequence} took {input} {range:?} after {end:?}")));
                }
                end = Some(range.to);
            }
        }
    }
    Ok(())
}

/// What each record says of digest and events is what a walk through the inputs gives.
pub(super) fn check_digests(history: &History<'_>, walk: &Walk) -> Result<(), String> {
    for (partition, walked) in history.partitions.iter().zip(&walk.partitions) {
        for (transaction, step) in partition.transactions.iter().zip(&walked.steps) {
            let record = &transaction.record;
            if (record.after, record.events) != (step.digest, step.events) {
                return Err(format!(
                    "partition {}, transaction {}: digest {:032x} after {} events; what it took gives {:032x} after {}",
                    partition.index,
                    record.sequence,
                    record.after,
                    record.events,
                    step.digest,
                    step.events
                ));
            }
        }
    }
    Ok(())
}
