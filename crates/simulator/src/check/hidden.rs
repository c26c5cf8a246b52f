//! Time does not pass what Kafka has acknowledged and does not show.

use allotment::{Millis, Time};
use contract::Topic;
use lane::InputTopic;

use super::Evidence;
use super::history::{History, OfPartition, Transaction};
use super::order::{Walk, Walked};

/// So much later than the last survey a record may bring time, where it passes no deadline.
const BESIDE: Millis = Millis(500);

/// Wherever a partition's time went, no record of its inputs that had arrived before, and had been written before, lay
/// behind a transaction that was open: until patience with that was over.
pub(super) fn check(
    history: &History<'_>,
    walk: &Walk,
    evidence: &Evidence<'_>,
) -> Result<(), String> {
    for (partition, walked) in history.partitions.iter().zip(&walk.partitions) {
        for input in InputTopic::ALL {
            check_input(partition, walked, input, evidence)?;
        }
    }
    Ok(())
}

fn check_input(
    partition: &OfPartition<'_>,
    walked: &Walked,
    input: InputTopic,
    evidence: &Evidence<'_>,
) -> Result<(), String> {
    let (mut taken, mut last) = (0, Time::MIN);
    for (transaction, step) in partition.transactions.iter().zip(&walked.steps) {
        let looked = Looked { partition, transaction, input, evidence };
        // What the last one reached is the last one's business.
        let followed = transaction.record.followed.filter(|time| *time > last);
        followed.map_or(Ok(()), |time| looked.passes(taken, time, Millis(0)))?;
        last = followed.unwrap_or(last).max(last);
        taken = transaction.record.taken[input].map_or(taken, |range| range.to);
        if step.now > last {
            looked.passes(taken, step.now, BESIDE)?;
            last = step.now;
        }
    }
    Ok(())
}

/// A transaction, and one of its inputs.
struct Looked<'a> {
    partition: &'a OfPartition<'a>,
    transaction: &'a Transaction<'a>,
    input: InputTopic,
    evidence: &'a Evidence<'a>,
}

impl Looked<'_> {
    /// Time went to `time`, with all of the input taken that is before the offset `taken`.
    fn passes(&self, taken: i64, time: Time, beside: Millis) -> Result<(), String> {
        let Self { partition, transaction, input, evidence } = self;
        let (record, slack) = (&transaction.record, evidence.slack);
        let log = evidence.cluster.log((input.topic(), partition.index));
        let decided = record.clock.plus(slack);
        // The lane's clock is a little behind the truth: that a commit took. What became readable before the transaction
        // was committed may have been so when it was decided.
        let journal = evidence.cluster.log((Topic::Journal, partition.index));
        let committed = journal.readable_since(transaction.offset).unwrap_or(decided).max(decided);
        let patience = evidence.settings.limits.hidden_patience;
        let hidden = |offset: i64| log.readable_since(offset).is_none_or(|since| since > committed);
        let Some((offset, written, message)) = log.written(taken).find(|one| hidden(one.0)) else {
            return Ok(());
        };
        let arrival = lane::arrival(*input, &message.as_record(offset));
        let known = written.plus(slack).plus(beside) < time && arrival < time;
        // Patience is with the first record that is hidden: where it is over, time passes those behind it too. That one
        // may have become readable since the lane looked.
        let waited = |since: Time| decided.0 - since.0 > patience.0;
        let was_hidden = |offset: i64| log.readable_since(offset).is_none_or(|since| since > time);
        let impatient = log.written(taken).any(|one| waited(one.1) && was_hidden(one.0));
        if known && !impatient {
            return Err(format!(
                "partition {}, transaction {}: time went on to {time:?}, past the record of {input} at {offset} that arrived at {arrival:?} and was hidden since {written:?}",
                partition.index, record.sequence
            ));
        }
        Ok(())
    }
}
