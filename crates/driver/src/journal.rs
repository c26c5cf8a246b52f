//! Follows a journal's partition, on the way back and behind its owner.

use std::sync::Arc;

use contract::Topic;
use lane::Event;

use crate::{
    Config, bounds, client,
    partition::{Look, PartitionReader},
    wire,
};
use signals::Wake;

/// A reader of one journal's partition.
pub(crate) struct JournalReader {
    reader: PartitionReader,
    tag: u64,
    /// Everything readable has been taken, as far as is known.
    at_end: bool,
}

impl JournalReader {
    /// A reader that begins at the offset `from`.
    pub(crate) fn new(
        config: &Arc<Config>,
        partition: u32,
        from: i64,
        tag: u64,
        wake: Arc<Wake>,
    ) -> Result<Self, String> {
        let topic = config.topics.get(Topic::Journal);
        let own = Arc::clone(config);
        let make = move |context| client::journal(&own, context);
        let reader = PartitionReader::new(topic, wire::partition(partition), from, wake, make)?;
        Ok(Self { reader, tag, at_end: false })
    }

    /// Takes what has been fetched, if there is news.
    pub(crate) fn take(&mut self) -> Option<Event> {
        let (before, mut records) = (self.reader.next(), Vec::new());
        let found = self.reader.take(bounds::RECORDS_A_TURN, |message| {
            records.push((message.offset(), message.value().unwrap_or_default().to_vec()));
        });
        let (tag, next) = (self.tag, self.reader.next());
        match found {
            Err(why) => Some(Event::Broken { why }),
            Ok(Look::Gone(why)) => Some(Event::JournalGone { tag, why }),
            Ok(look) => {
                if look == Look::End || !records.is_empty() {
                    self.at_end = look == Look::End;
                }
                (next > before).then_some(Event::JournalFetched { tag, records, next })
            }
        }
    }

    /// About how many records are readable and not taken yet: each transaction leaves a record and a marker.
    pub(crate) fn behind(&self) -> u64 {
        if self.at_end {
            return 0;
        }
        let next = self.reader.next();
        let offsets = self.reader.known_end().unwrap_or(next).saturating_sub(next);
        u64::try_from(offsets).unwrap_or(0).div_ceil(2).max(1)
    }
}
