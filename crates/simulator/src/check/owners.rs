//! Never two lanes of one partition with effect: the journal's owners follow one another, each with one
//! producer, and nobody who was shut out shows anything.

use super::history::History;

/// Owners and producers only grow, in step with each other, and a transaction is of one partition.
pub(super) fn check(history: &History<'_>) -> Result<(), String> {
    for partition in &history.partitions {
        let id = format!("granary-{}", partition.index);
        let wrong = |sequence: u64, what: String| {
            Err(format!("partition {}, transaction {sequence}: {what}", partition.index))
        };
        for transaction in &partition.transactions {
            if transaction.producer.id != id {
                let what = format!("is of the producer {:?}", transaction.producer);
                return wrong(transaction.record.sequence, what);
            }
        }
        for two in partition.transactions.windows(2) {
            let (last, next) = (&two[0], &two[1]);
            let sequence = next.record.sequence;
            let (was, is) = (last.record.epoch, next.record.epoch);
            if is < was || next.producer.epoch < last.producer.epoch {
                return wrong(sequence, format!("owner {is} follows owner {was}"));
            }
            if (is == was) != (next.producer.epoch == last.producer.epoch) {
                return wrong(
                    sequence,
                    format!("owners {was} and {is} have one producer, or one has two"),
                );
            }
            if next.id <= last.id {
                return wrong(sequence, "two journal records are of one transaction".to_owned());
            }
        }
    }
    Ok(())
}
