//! Reads topics from their beginning, committed records only, as an outsider would.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use contract::Topic;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::PARTITIONS;

/// A topic of which nothing comes for so long can't be read.
const SILENT: Duration = Duration::from_secs(60);
/// How long a record is waited for before that is asked.
const POLL: Duration = Duration::from_millis(100);

/// A record as it lies on its topic.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) offset: i64,
    pub(crate) timestamp: i64,
    pub(crate) key: String,
    pub(crate) value: Vec<u8>,
    pub(crate) headers: BTreeMap<String, String>,
}

/// A consumer of all partitions of these topics, from an offset of each on.
pub(crate) fn follower(
    bootstrap: &str,
    topics: &[Topic],
    from: impl Fn(Topic, u32) -> i64,
) -> Result<BaseConsumer, String> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "torture")
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .set("enable.partition.eof", "true")
        // What is gone before it was read must be noticed.
        .set("auto.offset.reset", "error")
        .set("fetch.queue.backoff.ms", "1")
        .set("fetch.wait.max.ms", "100")
        // The journal is trimmed again a few seconds after the broker is back.
        .set("reconnect.backoff.ms", "50")
        .set("reconnect.backoff.max.ms", "200")
        .create()
        .map_err(|error| error.to_string())?;
    let mut assigned = TopicPartitionList::new();
    for topic in topics {
        for partition in 0..PARTITIONS {
            let (number, offset) =
                (partition.cast_signed(), Offset::Offset(from(*topic, partition)));
            let added = assigned.add_partition_offset(topic.default_name(), number, offset);
            added.map_err(|error| error.to_string())?;
        }
    }
    consumer.assign(&assigned).map_err(|error| error.to_string())?;
    Ok(consumer)
}

/// All records of a topic up to its present end, by partition.
pub(crate) fn read(bootstrap: &str, topic: Topic) -> Result<BTreeMap<u32, Vec<Record>>, String> {
    read_from(bootstrap, topic, |_| 0)
}

/// As [`read`], from an offset of each partition on.
pub(crate) fn read_from(
    bootstrap: &str,
    topic: Topic,
    from: impl Fn(u32) -> i64,
) -> Result<BTreeMap<u32, Vec<Record>>, String> {
    let consumer = follower(bootstrap, &[topic], |_, partition| from(partition))?;
    let mut all: BTreeMap<u32, Vec<Record>> =
        (0..PARTITIONS).map(|partition| (partition, Vec::new())).collect();
    let (mut ended, mut heard) = (BTreeSet::new(), Instant::now());
    while ended.len() < PARTITIONS as usize {
        match consumer.poll(POLL) {
            Some(Ok(message)) => {
                heard = Instant::now();
                let partition = message.partition().cast_unsigned();
                all.entry(partition).or_default().push(record(&message));
            }
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                ended.insert(partition);
            }
            Some(Err(error)) if heard.elapsed() > SILENT => {
                return Err(format!("{topic:?} can't be read: {error}"));
            }
            None if heard.elapsed() > SILENT => return Err(format!("{topic:?} can't be read")),
            Some(Err(_)) | None => {}
        }
    }
    Ok(all)
}

fn record(message: &BorrowedMessage<'_>) -> Record {
    let text =
        |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    let headers = message.headers().into_iter().flat_map(Headers::iter);
    Record {
        offset: message.offset(),
        timestamp: message.timestamp().to_millis().unwrap_or_default(),
        key: text(message.key()),
        value: message.payload().unwrap_or_default().to_vec(),
        headers: headers.map(|header| (header.key.to_owned(), text(header.value))).collect(),
    }
}
