//! Reads a partition of checkpoints, a piece at a time, on the way back.

use std::sync::Arc;

use contract::Topic;
use lane::{CheckpointRecord, Event};

use crate::{
    Config, bounds, client,
    partition::{Look, PartitionReader},
    wire,
};
use signals::Wake;

/// A reader of one partition of checkpoints, up to an end.
pub(crate) struct CheckpointReader {
    reader: PartitionReader,
    tag: u64,
    end: i64,
    /// About how many bytes are still to be read of the piece that was asked for.
    asked: Option<usize>,
    records: Vec<CheckpointRecord>,
}

impl CheckpointReader {
    /// A reader that begins at the offset `from` and stops at `end`.
    pub(crate) fn new(
        config: &Arc<Config>,
        partition: u32,
        (from, end): (i64, i64),
        tag: u64,
        wake: Arc<Wake>,
    ) -> Result<Self, String> {
        let topic = config.topics.get(Topic::Checkpoints);
        let own = Arc::clone(config);
        let make = move |context| client::checkpoints(&own, context);
        let reader = PartitionReader::new(topic, wire::partition(partition), from, wake, make)?;
        Ok(Self { reader, tag, end, asked: None, records: Vec::new() })
    }

    /// Whether this reads from where the last piece ended, up to this end.
    pub(crate) fn goes_on(&self, (from, end): (i64, i64), tag: u64) -> bool {
        (self.reader.next(), self.end, self.tag) == (from, end, tag)
    }

    /// Whether all of it has been read and handed over.
    pub(crate) const fn is_done(&self) -> bool {
        self.asked.is_none() && self.reader.next() >= self.end
    }

    /// Asks for a piece of about so many bytes.
    pub(crate) const fn ask(&mut self, bytes: usize) {
        self.asked = Some(bytes);
    }

    /// Takes what has been fetched; the piece that was asked for, once it is there.
    pub(crate) fn take(&mut self) -> Option<Event> {
        loop {
            let (asked, end) = (self.asked.as_mut()?, self.end);
            let (records, before) = (&mut self.records, self.reader.next());
            let found = self.reader.take(bounds::CHECKPOINTS_AT_ONCE, |message| {
                // What came later is not of the checkpoint that is being read.
                if message.offset() < end {
                    let value = message.value().map(<[u8]>::to_vec);
                    let key = message.key().unwrap_or_default().to_vec();
                    let bytes = key.len() + value.as_ref().map_or(0, Vec::len);
                    *asked = asked.saturating_sub(bytes.max(1));
                    records.push(CheckpointRecord { offset: message.offset(), key, value });
                }
            });
            let next = self.reader.next();
            match found {
                Err(why) => return Some(Event::Broken { why }),
                // It is compacted, not cut off: whatever was its beginning is its beginning still.
                Ok(Look::Gone(why)) => {
                    return Some(Event::Broken { why: format!("the checkpoints: {why}") });
                }
                Ok(Look::Nothing | Look::End) => {}
            }
            let done = next >= end;
            if done || self.asked == Some(0) {
                self.asked = None;
                let records = std::mem::take(&mut self.records);
                let (tag, next) = (self.tag, next.min(end));
                return Some(Event::CheckpointsRead { tag, records, next, done });
            }
            if next == before {
                return None;
            }
        }
    }
}
