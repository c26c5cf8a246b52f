//! Reads a journal's partition piece by piece, on the way back.

use std::time::Duration;

use contract::Topic;
use lane::Event;
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    message::Message,
};

use crate::{Config, client, close, context::Context, wire};

/// A reader of one journal's partition.
pub(crate) struct JournalReader {
    consumer: Option<BaseConsumer<Context>>,
    next: i64,
    asked: Option<Asked>,
}

/// The piece that was asked for, as far as it has been read.
struct Asked {
    end: i64,
    count: usize,
    records: Vec<(i64, Vec<u8>)>,
}

impl JournalReader {
    /// A reader that begins at the offset `from`.
    pub(crate) fn new(config: &Config, partition: u32, from: i64) -> Result<Self, String> {
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
        Ok(Self { consumer: Some(consumer), next: from, asked: None })
    }

    /// Where the next piece begins.
    pub(crate) const fn next(&self) -> i64 {
        self.next
    }

    /// Asks for a piece of at most `count` records before the offset `end`.
    pub(crate) fn ask(&mut self, end: i64, count: usize) {
        self.asked = Some(Asked { end, count, records: Vec::new() });
    }

    /// Reads for a while; the piece that was asked for once it is there. Where the brokers are away it takes
    /// as long as they do, a while at a time.
    pub(crate) fn read(&mut self, within: Duration) -> Option<Event> {
        let asked = self.asked.as_mut()?;
        let consumer = self.consumer.as_ref().expect("it is there until it is dropped");
        let mut done = self.next >= asked.end;
        let mut wait = within;
        while !done && asked.records.len() < asked.count {
            match consumer.poll(wait) {
                None => return None,
                Some(Ok(message)) if message.offset() >= asked.end => done = true,
                Some(Ok(message)) => {
                    self.next = message.offset() + 1;
                    done = self.next >= asked.end;
                    let value = message.payload().unwrap_or_default().to_vec();
                    asked.records.push((message.offset(), value));
                }
                // The end is the last stable offset, which is not before the one that was asked for.
                Some(Err(KafkaError::PartitionEOF(_))) => done = true,
                Some(Err(error)) if is_gone(&error) => {
                    self.asked = None;
                    return Some(Event::Broken { why: format!("the journal: {error}") });
                }
                // Told to the log by the client's context; the client tries again by itself.
                Some(Err(_)) => {}
            }
            // What is fetched already is taken without waiting for more.
            wait = within.min(Duration::from_millis(1));
        }
        let asked = self.asked.take().expect("it was there above");
        if done {
            self.next = self.next.max(asked.end);
        }
        Some(Event::JournalRead { records: asked.records, next: self.next, done })
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
