//! Clients that tests use against a real Kafka: a producer that chooses partitions, and a reader that sees
//! what a `read_committed` consumer sees.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

// For the linker; nobody calls it.
use librdkafka_patch as _;
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    message::{Headers, Message},
    producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer},
};

/// A test that waits longer than this for anything has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Records that a reader takes before it looks whether it has read enough.
const HANDFUL: usize = 200;

/// Writes events.
#[expect(missing_debug_implementations, reason = "the client has none")]
pub struct Writer {
    producer: ThreadedProducer<DefaultProducerContext>,
}

impl Writer {
    /// A producer that loses nothing.
    ///
    /// # Panics
    /// The client can't be made.
    #[must_use]
    pub fn new(bootstrap: &str) -> Self {
        Self::with(bootstrap, &[])
    }

    /// A producer with further properties, such as a `transactional.id`.
    ///
    /// # Panics
    /// The client can't be made.
    #[must_use]
    pub fn with(bootstrap: &str, properties: &[(&str, &str)]) -> Self {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", bootstrap)
            .set("enable.idempotence", "true")
            .set("linger.ms", "0");
        for (key, value) in properties {
            config.set(*key, *value);
        }
        Self { producer: config.create().expect("the properties are right") }
    }

    /// The producer itself.
    pub const fn producer(&self) -> &ThreadedProducer<DefaultProducerContext> {
        &self.producer
    }

    /// Gives a record to the client, and waits while its queue is full.
    ///
    /// # Panics
    /// The client does not take it.
    pub fn send(&self, topic: &str, partition: u32, key: &str, value: &[u8]) {
        // The client stamps a record that has no timestamp.
        self.send_at(topic, partition, key, value, 0);
    }

    /// As [`Writer::send`], with a timestamp in milliseconds.
    ///
    /// # Panics
    /// The client does not take it.
    pub fn send_at(&self, topic: &str, partition: u32, key: &str, value: &[u8], timestamp: i64) {
        let partition = i32::try_from(partition).expect("partitions are few");
        let mut record = BaseRecord::to(topic).partition(partition).key(key).payload(value);
        record.timestamp = (timestamp > 0).then_some(timestamp);
        while let Err((error, back)) = self.producer.send(record) {
            assert_eq!(
                error.rdkafka_error_code(),
                Some(rdkafka::types::RDKafkaErrorCode::QueueFull)
            );
            record = back;
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until everything is acknowledged.
    ///
    /// # Panics
    /// It takes too long.
    pub fn flush(&self) {
        let started = Instant::now();
        while self.producer.in_flight_count() > 0 {
            assert!(started.elapsed() < PATIENCE, "the brokers acknowledge what is written");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A record as it was read.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its partition.
    pub partition: i32,
    /// Its offset.
    pub offset: i64,
    /// Its key as text; empty where it has none.
    pub key: String,
    /// Its value as text.
    pub value: String,
    /// Its headers as text.
    pub headers: BTreeMap<String, String>,
}

/// Reads a topic from its beginning, committed records only.
#[expect(missing_debug_implementations, reason = "the client has none")]
pub struct Reader {
    consumer: BaseConsumer,
    partitions: usize,
    ends: usize,
    seen: Vec<Seen>,
}

impl Reader {
    /// Begins at the beginning of each partition.
    ///
    /// # Panics
    /// The client can't be made.
    #[must_use]
    pub fn new(bootstrap: &str, topic: &str, partitions: u32) -> Self {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("group.id", "test-reader")
            .set("enable.auto.commit", "false")
            .set("isolation.level", "read_committed")
            .set("enable.partition.eof", "true")
            .set("fetch.queue.backoff.ms", "1")
            .set("fetch.wait.max.ms", "100")
            .create()
            .expect("the properties are right");
        let mut assigned = TopicPartitionList::new();
        for partition in 0..i32::try_from(partitions).expect("partitions are few") {
            let added = assigned.add_partition_offset(topic, partition, Offset::Beginning);
            added.expect("the beginning is an offset");
        }
        consumer.assign(&assigned).expect("an assignment can be made");
        Self { consumer, partitions: partitions as usize, ends: 0, seen: Vec::new() }
    }

    /// Reads until `enough` holds of all that was read; asks after each handful of records.
    ///
    /// # Panics
    /// It takes too long; the message tells what was read last.
    pub fn until(&mut self, what: &str, enough: impl Fn(&[Seen]) -> bool) -> &[Seen] {
        let started = Instant::now();
        while !enough(&self.seen) {
            assert!(
                started.elapsed() < PATIENCE,
                "no {what}; {} records read, the last: {:?}",
                self.seen.len(),
                self.seen.last()
            );
            let before = self.seen.len();
            self.poll(Duration::from_millis(100));
            while self.seen.len() > before
                && self.seen.len() < before + HANDFUL
                && self.poll(Duration::ZERO)
            {}
        }
        &self.seen
    }

    /// Reads until every partition has said that there is no more.
    ///
    /// # Panics
    /// It takes too long.
    pub fn to_end(&mut self) -> &[Seen] {
        let started = Instant::now();
        while self.ends < self.partitions {
            assert!(started.elapsed() < PATIENCE, "the partitions have an end");
            self.poll(Duration::from_millis(100));
        }
        &self.seen
    }

    /// The first offset that is retained of a partition.
    ///
    /// # Panics
    /// The broker does not answer.
    #[must_use]
    pub fn earliest(&self, topic: &str, partition: u32) -> i64 {
        let partition = i32::try_from(partition).expect("partitions are few");
        let found = self.consumer.fetch_watermarks(topic, partition, PATIENCE);
        found.expect("the broker answers").0
    }

    /// Whether there was something.
    fn poll(&mut self, within: Duration) -> bool {
        match self.consumer.poll(within) {
            Some(Ok(message)) => {
                let text = |bytes: Option<&[u8]>| {
                    String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
                };
                let headers = message.headers().map_or_else(BTreeMap::new, |headers| {
                    headers.iter().map(|h| (h.key.to_owned(), text(h.value))).collect()
                });
                self.seen.push(Seen {
                    partition: message.partition(),
                    offset: message.offset(),
                    key: text(message.key()),
                    value: text(message.payload()),
                    headers,
                });
            }
            Some(Err(KafkaError::PartitionEOF(_))) => self.ends += 1,
            Some(Err(_)) => {}
            None => return false,
        }
        true
    }
}
