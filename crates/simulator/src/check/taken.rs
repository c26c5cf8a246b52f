//! Never lost, never twice: each record of an input is in exactly one range of the journal, and the group's
//! offsets are where the ranges end.

use lane::InputTopic;

use super::history::{History, OfPartition};
use crate::kafka::Cluster;

/// The ranges hold as many records as they say, none is between them, and the offsets agree.
pub(super) fn check(history: &History<'_>, cluster: &Cluster) -> Result<(), String> {
    for partition in &history.partitions {
        for input in InputTopic::ALL {
            let ends = ranges_hold(partition, input)?;
            let committed = cluster.committed((input.topic(), partition.index));
            if ends.is_some() && committed != ends {
                return Err(format!(
                    "partition {}: the group has {committed:?} of {input}, the journal {ends:?}",
                    partition.index
                ));
            }
        }
    }
    Ok(())
}

/// Nothing is left that readers can read, or could before it was deleted.
pub(super) fn check_all(history: &History<'_>) -> Result<(), String> {
    for partition in &history.partitions {
        for input in InputTopic::ALL {
            let ends = ranges_hold(partition, input)?.unwrap_or(0);
            let last = partition.inputs[input].last().map_or(-1, |record| record.offset);
            if last >= ends {
                return Err(format!(
                    "partition {}: {input} is taken up to {ends}, and there is a record at {last}",
                    partition.index
                ));
            }
        }
    }
    Ok(())
}

/// Each range has the records that it says; what lies before the first range is nobody's. Says where the
/// last range with records ends.
fn ranges_hold(partition: &OfPartition<'_>, input: InputTopic) -> Result<Option<i64>, String> {
    let mut ends = None;
    for transaction in &partition.transactions {
        let Some(range) = transaction.record.taken[input] else { continue };
        let inside = |offset: i64| offset >= range.from && offset < range.to;
        let there = partition.inputs[input].iter().filter(|record| inside(record.offset)).count();
        if there as u64 != range.records {
            return Err(format!(
                "partition {}, transaction {}: took {} records of {input} in {}..{}, where {there} are",
                partition.index, transaction.record.sequence, range.records, range.from, range.to
            ));
        }
        if range.records > 0 {
            ends = Some(range.to);
        }
    }
    Ok(ends)
}
