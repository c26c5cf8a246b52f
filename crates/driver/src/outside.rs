//! The outside's two ends, for programs that play it: publishing as a bridge does, reading as a courier does.
//!
//! Nothing here takes part in exactly-once; it is for `load` and `demo`, which must see what others see.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use contract::Topic;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Headers, Message};
use rdkafka::producer::{BaseRecord, DeliveryResult, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use crate::{Connection, DriverError, TopicNames, bounds, client, context::Context};

/// Publishes records by key with Kafka's default partitioner, as a bridge does.
pub struct Publisher {
    producer: ThreadedProducer<Delivered>,
}

/// Counts the records that did not arrive.
#[derive(Clone, Default)]
struct Delivered {
    common: Context,
    failed: Arc<AtomicU64>,
}

impl ClientContext for Delivered {
    fn log(&self, level: rdkafka::config::RDKafkaLogLevel, facility: &str, line: &str) {
        self.common.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.common.error(error, reason);
    }
}

impl ProducerContext for Delivered {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): Self::DeliveryOpaque) {
        if result.is_err() {
            self.failed.fetch_add(1, Relaxed);
        }
    }
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher").finish_non_exhaustive()
    }
}

impl Publisher {
    /// Connects to the brokers.
    ///
    /// # Errors
    /// The properties are not usable.
    pub fn connect(connection: &Connection) -> Result<Self, DriverError> {
        connection.check()?;
        let producer = client::publisher(connection, Delivered::default())?;
        Ok(Self { producer })
    }

    /// Hands over a record. Waits while the client's queue is full, which is how Kafka slows a bridge down.
    ///
    /// # Errors
    /// The client does not take it.
    pub fn send(&self, topic: &str, key: &str, value: &[u8]) -> Result<(), DriverError> {
        let deadline = Instant::now() + bounds::QUEUE_FULL;
        let mut record = BaseRecord::to(topic).key(key).payload(value);
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((error, back)) if is_full(&error) && Instant::now() < deadline => {
                    record = back;
                    std::thread::sleep(bounds::QUEUE_FULL_RETRY);
                }
                Err((error, _)) => {
                    return Err(DriverError::question(format!("publishing to {topic}"))(error));
                }
            }
        }
    }

    /// Waits until the brokers have everything, at most for as long as `within`.
    ///
    /// # Errors
    /// Records did not arrive.
    pub fn finish(&self, within: Duration) -> Result<(), DriverError> {
        self.producer
            .flush(within)
            .map_err(DriverError::question("publishing the last records"))?;
        match self.producer.context().failed.load(Relaxed) {
            0 => Ok(()),
            failed => Err(DriverError::question(format!("publishing {failed} records"))(
                KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut),
            )),
        }
    }
}

fn is_full(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull)
}

/// Reads topics from their beginning, committed records only, outside any group.
pub struct Reader {
    consumer: BaseConsumer<Context>,
    topics: Vec<(Topic, String)>,
}

/// A record as an outside reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// On which topic.
    pub topic: Topic,
    /// Its value; empty where it has none.
    pub value: Vec<u8>,
    /// Its `error-code` header, which dead letters have.
    pub error_code: Option<String>,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("topics", &self.topics).finish_non_exhaustive()
    }
}

impl Reader {
    /// Begins to read `topics`, each of `partitions` partitions.
    ///
    /// # Errors
    /// The properties are not usable, or the client refuses the topics.
    pub fn open(
        connection: &Connection,
        names: &TopicNames,
        topics: &[Topic],
        partitions: u32,
    ) -> Result<Self, DriverError> {
        connection.check()?;
        let consumer = client::looker(connection, Context::default())?;
        let topics: Vec<_> =
            topics.iter().map(|topic| (*topic, names.get(*topic).to_owned())).collect();
        let mut list = TopicPartitionList::new();
        for (_, name) in &topics {
            for partition in 0..partitions {
                list.add_partition_offset(
                    name,
                    crate::wire::partition(partition),
                    Offset::Beginning,
                )
                .map_err(DriverError::question(format!("reading {name}")))?;
            }
        }
        consumer.assign(&list).map_err(DriverError::question("reading the outputs"))?;
        Ok(Self { consumer, topics })
    }

    /// The next record, if one comes within `wait`.
    ///
    /// # Errors
    /// The client can't read on. A broker that is away is no error: it is waited for.
    pub fn next(&self, wait: Duration) -> Result<Option<Seen>, DriverError> {
        match self.consumer.poll(wait) {
            None => Ok(None),
            Some(Ok(message)) => Ok(Some(self.seen(&message))),
            Some(Err(KafkaError::PartitionEOF(_))) => Ok(None),
            Some(Err(error)) if is_passing(&error) => Ok(None),
            Some(Err(error)) => Err(DriverError::question("reading the outputs")(error)),
        }
    }

    fn seen(&self, message: &impl Message) -> Seen {
        let named = self.topics.iter().find(|(_, name)| name == message.topic());
        let header = |headers: &dyn Fn(usize) -> Option<(String, Vec<u8>)>| {
            (0..).map_while(headers).find(|(key, _)| key == contract::headers::ERROR_CODE)
        };
        let code = message.headers().and_then(|headers| {
            header(&|at| {
                let found = headers.try_get(at)?;
                Some((found.key.to_owned(), found.value.unwrap_or_default().to_vec()))
            })
        });
        Seen {
            topic: named.expect("only these topics are read").0,
            value: message.payload().unwrap_or_default().to_vec(),
            error_code: code.map(|(_, value)| String::from_utf8_lossy(&value).into_owned()),
        }
    }
}

fn is_passing(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::OperationTimedOut
        )
    )
}
