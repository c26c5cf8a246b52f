//! The reference model, fed in the journalled order, tells what the lanes told.

use super::order::Walk;
use crate::view::View;

/// Compares the two readings of the contract, partition by partition.
pub(super) fn check(walk: &Walk) -> Result<(), String> {
    for partition in &walk.partitions {
        let difference = View::difference(&partition.reference, &partition.allotment);
        let times = (partition.reference_now != partition.now)
            .then(|| format!("the time is {:?} and {:?}", partition.reference_now, partition.now));
        if let Some(what) = difference.or(times) {
            return Err(format!("partition {} (one: reference model): {what}", partition.index));
        }
    }
    Ok(())
}
