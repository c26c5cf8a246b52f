//! Waits, beside the running service, until what is open on a partition is decided.

use std::time::{Duration, Instant};

use contract::Topic;
use driver::{Archive, DriverError, Extent};

/// How long whoever has time waits: longer than Kafka takes to abort a transaction that was left behind.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
/// How often the partition's end is asked for meanwhile.
const ASK_AGAIN: Duration = Duration::from_millis(20);

/// Why a partition's end is not known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unsettled {
    /// The topic can't be read.
    #[error("{0}")]
    Unreadable(#[from] DriverError),
    /// A transaction is open, before which nothing can be read.
    #[error(
        "partition {partition} of {topic} has had an open transaction for {} s, before which nothing can be read; try again, or find it with `kafka-transactions.sh find-hanging`",
        patience.as_secs()
    )]
    Open {
        /// On which topic.
        topic: String,
        /// On which partition.
        partition: u32,
        /// For how long.
        patience: Duration,
    },
}

/// A partition's offsets, once everything is decided that was written when it was looked at `first`; or after
/// `patience` since it `began` to be waited for, that it is not.
pub(crate) fn settle(
    archive: &Archive,
    (topic, name, partition): (Topic, &str, u32),
    first: Extent,
    (began, patience): (Instant, Duration),
) -> Result<Extent, Unsettled> {
    let mut found = first;
    while found.stable < first.written {
        if began.elapsed() > patience {
            return Err(Unsettled::Open { topic: name.to_owned(), partition, patience });
        }
        std::thread::sleep(ASK_AGAIN);
        found = archive.extent(topic, partition)?;
    }
    Ok(found)
}
