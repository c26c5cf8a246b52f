//! Follows a journal's partition, on the way back.

use std::time::Duration;

use contract::Topic;
use lane::Event;
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    message::Message,
};

use crate::{Config, bounds, client, close, context::Context, wire};

/// A reader of one journal's partition.
pub(crate) struct JournalReader {
    consumer: Option<BaseConsumer<Context>>,
    next: i64,
    tag: u64,
    /// The end when the partition was opened, which was before this reader was made: who finds nothing more
    /// to read has read up to there.
    end: i64,
}

impl JournalReader {
    /// A reader that begins at the offset `from`, of a journal that ended at `end` a moment ago.
    pub(crate) fn new(
        config: &Config,
        partition: u32,
        from: i64,
        tag: u64,
        end: i64,
    ) -> Result<Self, String> {
        let consumer =
            client::journal(config, Context::default()).map_err(|error| error.to_string())?;
        let mut assigned = TopicPartitionList::new();
        assigned
            .add_partition_offset(
                config.topics.get(Topic::Journal),
                wire::partition(partition),
                Offset::Offset(from),
            )
            .and_then(|()| consumer.assign(&assigned))
            .map_err(|error| error.to_string())?;
        Ok(Self { consumer: Some(consumer), next: from, tag, end })
    }

    /// Reads for a while; what there is then, if it is news. Where the brokers are away it takes as long as
    /// they do, a while at a time.
    pub(crate) fn read(&mut self, within: Duration) -> Option<Event> {
        let consumer = self.consumer.as_ref().expect("it is there until it is dropped");
        let (mut records, mut wait, before) = (Vec::new(), within, self.next);
        while records.len() < bounds::RECORDS_A_TURN {
            match consumer.poll(wait) {
                None => break,
                Some(Ok(message)) => {
                    self.next = message.offset() + 1;
                    records
                        .push((message.offset(), message.payload().unwrap_or_default().to_vec()));
                }
                Some(Err(KafkaError::PartitionEOF(_))) => {
                    self.next = self.next.max(self.end);
                    break;
                }
                Some(Err(error)) if is_gone(&error) => {
                    return Some(Event::JournalGone { tag: self.tag, why: error.to_string() });
                }
                // Told to the log by the client's context; the client tries again by itself.
                Some(Err(_)) => {}
            }
            // What is fetched already is taken without waiting for more.
            wait = within.min(Duration::from_millis(1));
        }
        let (tag, next) = (self.tag, self.next);
        (next > before).then_some(Event::JournalFetched { tag, records, next })
    }
}

impl Drop for JournalReader {
    fn drop(&mut self) {
        if let Some(consumer) = self.consumer.take() {
            close::in_background("journal", consumer);
        }
    }
}

fn is_gone(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange)
    )
}
