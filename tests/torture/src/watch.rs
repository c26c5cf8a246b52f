//! What is seen from outside while it runs: the journal, before it is trimmed behind a checkpoint, and how long each
//! order event waits for its answer.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use contract::Topic;
use lane::{InputTopic, JournalRecord};
use rdkafka::Message;
use rdkafka::consumer::BaseConsumer;
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;
use serde_json::Value;

use crate::PARTITIONS;
use crate::topics::{follower, read_from};

/// How long news is waited for before it is looked whether to end.
const POLL: Duration = Duration::from_millis(100);
/// How long one consumer follows. Clients have stayed silent for minutes about a partition whose broker had been
/// killed; so long after it is back everything is seen all the same.
const FOLLOW: Duration = Duration::from_secs(10);

/// What was seen. Shared by whoever publishes, whoever follows and whoever asks.
#[derive(Debug, Default)]
pub(crate) struct Watch(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// Order events without an answer, and since when.
    waiting: BTreeMap<String, Instant>,
    longest: Duration,
    answers: u64,
    journal: BTreeMap<u32, Vec<JournalRecord>>,
    /// Why nothing more is seen.
    blind: Option<String>,
    /// Below it a partition of a topic was read.
    read_to: BTreeMap<(Topic, u32), i64>,
}

impl Watch {
    /// An event is about to be published.
    pub(crate) fn published(&self, value: &[u8]) {
        let Ok(event) = serde_json::from_slice::<Value>(value) else { return };
        if event["type"].as_str().is_some_and(|name| name.starts_with("order.")) {
            self.seen().waiting.entry(name(&event)).or_insert_with(Instant::now);
        }
    }

    /// Follows the journal and the answers until `stop` says so.
    ///
    /// # Errors
    /// The journal was trimmed before it was read, or can't be read.
    pub(crate) fn follow(&self, bootstrap: &str, stop: &AtomicBool) -> Result<(), String> {
        while !stop.load(Ordering::Acquire) {
            let read_to = self.seen().read_to.clone();
            let from = |topic, partition| read_to.get(&(topic, partition)).copied().unwrap_or(0);
            let consumer = follower(bootstrap, &[Topic::Journal, Topic::Decisions], from)?;
            let since = Instant::now();
            while since.elapsed() < FOLLOW && !stop.load(Ordering::Acquire) {
                let polled = self.poll(&consumer);
                if polled.is_err() {
                    self.seen().blind = polled.clone().err();
                    return polled;
                }
            }
        }
        Ok(())
    }

    /// Whether it is still followed; there is no use in going on where it is not.
    pub(crate) fn sees(&self) -> Result<(), String> {
        self.seen().blind.clone().map_or(Ok(()), Err)
    }

    fn poll(&self, consumer: &BaseConsumer) -> Result<(), String> {
        let message = match consumer.poll(POLL) {
            Some(Ok(message)) => message,
            Some(Err(KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset))) => {
                return Err(
                    "the journal was trimmed before it was read: nothing can be proved".into()
                );
            }
            // The broker is away, or a partition has ended for now.
            Some(Err(_)) | None => return Ok(()),
        };
        let (partition, offset) = (message.partition().cast_unsigned(), message.offset());
        let value = message.payload().unwrap_or_default();
        if message.topic() == Topic::Journal.default_name() {
            return self.journalled(partition, offset, value);
        }
        self.answered(value);
        self.seen().read_to.insert((Topic::Decisions, partition), offset + 1);
        Ok(())
    }

    /// Reads what is left of the journal when nobody writes to it any more.
    ///
    /// # Errors
    /// As [`Watch::follow`].
    pub(crate) fn finish(&self, bootstrap: &str) -> Result<(), String> {
        let read_to = self.seen().read_to.clone();
        let from = |partition| read_to.get(&(Topic::Journal, partition)).copied().unwrap_or(0);
        for (partition, records) in read_from(bootstrap, Topic::Journal, from)? {
            for record in records {
                self.journalled(partition, record.offset, &record.value)?;
            }
        }
        Ok(())
    }

    fn journalled(&self, partition: u32, offset: i64, value: &[u8]) -> Result<(), String> {
        let record = JournalRecord::decode(value)
            .map_err(|why| format!("journal of partition {partition}, offset {offset}: {why}"))?;
        let mut seen = self.seen();
        seen.journal.entry(partition).or_default().push(record);
        seen.read_to.insert((Topic::Journal, partition), offset + 1);
        Ok(())
    }

    fn answered(&self, decision: &[u8]) {
        let Ok(decision) = serde_json::from_slice::<Value>(decision) else { return };
        let mut seen = self.seen();
        seen.answers += 1;
        if let Some(since) = seen.waiting.remove(&name(&decision)) {
            seen.longest = seen.longest.max(since.elapsed());
        }
    }

    /// How many answers were read, and the longest that an order event has waited for its first one.
    pub(crate) fn answers(&self) -> (u64, Duration) {
        let seen = self.seen();
        (seen.answers, seen.longest)
    }

    /// Up to which offset each partition of an input was taken.
    pub(crate) fn taken(&self, input: InputTopic) -> BTreeMap<u32, i64> {
        let seen = self.seen();
        let end = |partition: u32| {
            let records = seen.journal.get(&partition).into_iter().flatten();
            records.rev().find_map(|record| record.taken[input]).map_or(0, |range| range.to)
        };
        (0..PARTITIONS).map(|partition| (partition, end(partition))).collect()
    }

    /// The journal of each partition, from its first transaction on.
    pub(crate) fn journal(&self) -> BTreeMap<u32, Vec<JournalRecord>> {
        self.seen().journal.clone()
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An event's name, in itself and in its answer.
fn name(value: &Value) -> String {
    let part = |field: &str| match &value[field] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    format!("{}/{}/{}", part("pool"), part("platform"), part("event_id"))
}
