//! One transactional client of a real Kafka, whose errors come in a script's words.

use std::{
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    time::{Duration, Instant},
};

use rdkafka::{
    ClientConfig, ClientContext, Offset, TopicPartitionList,
    consumer::ConsumerGroupMetadata,
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
    message::DeliveryResult,
    producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer},
};

use crate::{
    end::{self, Identity},
    real::PATIENCE,
    step::Record,
};

/// How often the client tells its id and epoch.
const STATISTICS_MS: &str = "50";
/// How long a transaction of a script may be open that says nothing else: longer than any script takes.
const TRANSACTION_SECONDS: u32 = 60;

/// A client with a transactional id.
pub(crate) struct Client {
    bootstrap: String,
    id: String,
    producer: ThreadedProducer<Heard>,
    delivered: Receiver<KafkaResult<()>>,
}

/// What the client tells by itself.
struct Heard {
    delivered: Sender<KafkaResult<()>>,
    identity: Mutex<Option<(Instant, Identity)>>,
}

impl ClientContext for Heard {
    fn stats_raw(&self, statistics: &[u8]) {
        let statistics: serde_json::Value =
            serde_json::from_slice(statistics).expect("the client's statistics are JSON");
        let number = |name: &str| statistics["eos"][name].as_i64();
        if let (Some(id), Some(epoch)) = (number("producer_id"), number("producer_epoch"))
            && let Ok(epoch) = i16::try_from(epoch)
        {
            let mut identity = self.identity.lock().unwrap_or_else(PoisonError::into_inner);
            *identity = Some((Instant::now(), Identity { id, epoch }));
        }
    }
}

impl ProducerContext for Heard {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): Self::DeliveryOpaque) {
        let result = result.as_ref().map(|_| ()).map_err(|(error, _)| error.clone());
        // Who is not listening any more has its answer.
        let _ = self.delivered.send(result);
    }
}

impl Client {
    /// A new client that has shut out whoever had its id.
    pub(crate) fn init(bootstrap: &str, id: &str, timeout: Option<u32>) -> Result<Self, String> {
        let (sender, delivered) = channel();
        let seconds = timeout.unwrap_or(TRANSACTION_SECONDS);
        let heard = Heard { delivered: sender, identity: Mutex::default() };
        let producer: ThreadedProducer<Heard> = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("transactional.id", id)
            .set("transaction.timeout.ms", (seconds * 1_000).to_string())
            // The client wants it no longer than the transaction's.
            .set("socket.timeout.ms", (seconds.min(60) * 1_000).to_string())
            .set("linger.ms", "0")
            .set("retry.backoff.ms", "1")
            .set("statistics.interval.ms", STATISTICS_MS)
            .create_with_context(heard)
            .expect("the properties are right");
        let (bootstrap, id) = (bootstrap.to_owned(), id.to_owned());
        let this = Self { bootstrap, id, producer, delivered };
        let done = this.producer.init_transactions(PATIENCE);
        if done.is_ok() { Ok(this) } else { Err(this.word(done)) }
    }

    pub(crate) fn begin(&self) -> String {
        self.word(self.producer.begin_transaction())
    }

    /// Gives the record to the client and waits for what becomes of it.
    pub(crate) fn produce(&self, topic: &str, partition: i32, record: &Record) -> String {
        let mut base = BaseRecord::to(topic).partition(partition).key(record.key.as_str());
        base.payload = record.value.as_deref();
        let sent = self.producer.send(base).map_err(|(error, _)| error);
        let done = sent.and_then(|()| {
            self.delivered.recv_timeout(PATIENCE).expect("the client reports each record")
        });
        self.word(done)
    }

    pub(crate) fn offset(
        &self,
        topic: &str,
        partition: i32,
        offset: i64,
        group: &ConsumerGroupMetadata,
    ) -> String {
        let mut offsets = TopicPartitionList::new();
        let offset = if offset < 0 { Offset::Invalid } else { Offset::Offset(offset) };
        offsets.add_partition_offset(topic, partition, offset).expect("it is an offset");
        self.word(self.producer.send_offsets_to_transaction(&offsets, group, PATIENCE))
    }

    pub(crate) fn commit(&self) -> String {
        self.word(self.producer.commit_transaction(PATIENCE))
    }

    pub(crate) fn abort(&self) -> String {
        self.word(self.producer.abort_transaction(PATIENCE))
    }

    /// A request of this producer that arrives now, whatever its client believes.
    pub(crate) fn late(&self, commit: bool) -> String {
        end::request(&self.bootstrap, &self.id, self.identity(), commit)
    }

    /// Waits until it knows this many partitions of a topic.
    pub(crate) fn await_partitions(&self, topic: &str, partitions: u32) {
        await_partitions(self.producer.client(), topic, partitions);
    }

    /// Its id and epoch, as told after this call began.
    fn identity(&self) -> Identity {
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            let told = *self.heard();
            if let Some((_, identity)) = told.filter(|(at, _)| *at > asked) {
                return identity;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("the client of {} does not tell its id", self.id);
    }

    fn heard(&self) -> std::sync::MutexGuard<'_, Option<(Instant, Identity)>> {
        self.producer.context().identity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of a call, in a script's words. A client that is done for says so at every call, so that
    /// counts before what the call itself said.
    fn word(&self, done: KafkaResult<()>) -> String {
        let Err(error) = done else { return "ok".to_owned() };
        if let Some((code, _)) = self.producer.client().fatal_error() {
            return match code {
                RDKafkaErrorCode::Fenced | RDKafkaErrorCode::InvalidProducerEpoch => {
                    "fenced".to_owned()
                }
                code => format!("fatal {code:?}"),
            };
        }
        match &error {
            KafkaError::Transaction(error) if error.code() == RDKafkaErrorCode::State => {
                "not now".to_owned()
            }
            KafkaError::Transaction(error) if error.txn_requires_abort() => {
                format!("abort first: {:?}", error.code())
            }
            error => match error.rdkafka_error_code() {
                Some(code) => format!("refused: {code:?}"),
                None => error.to_string(),
            },
        }
    }
}

/// Waits until a client knows this many partitions of a topic: the broker answers before it has made them.
pub(crate) fn await_partitions<C: ClientContext>(
    client: &rdkafka::client::Client<C>,
    topic: &str,
    partitions: u32,
) {
    let started = Instant::now();
    let known = || {
        let metadata = client.fetch_metadata(Some(topic), PATIENCE).ok()?;
        let topic = metadata.topics().first()?;
        topic.error().is_none().then(|| topic.partitions().len())
    };
    while known() != usize::try_from(partitions).ok() {
        assert!(started.elapsed() < PATIENCE, "{topic} has {partitions} partitions");
        std::thread::sleep(Duration::from_millis(5));
    }
}
