//! A lane's transactional producer: shuts the last owner out, then performs one transaction after the other.

use std::{
    fmt, thread,
    time::{Duration, Instant},
};

use contract::{Outgoing, Topic};
use lane::{InputTopic, Produce, Surplus, Time, Transaction};
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::ConsumerGroupMetadata,
    error::{KafkaError, RDKafkaErrorCode},
    message::{Header, OwnedHeaders},
    metadata::Metadata,
    producer::{BaseRecord, Producer, ThreadedProducer},
};

use crate::{
    Config, TopicNames, bounds, client, clock, close,
    context::{Context, JOURNAL, Refusal},
    lines::Lines,
    native::{self, CommitError},
    topics::why_closed,
    wire,
};

/// Why a producer did not do what it was asked. The lane goes one way from all of them but the first; people
/// are told what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Somebody else has the transactional id now, or the broker ran out of patience.
    Fenced,
    /// A topic does not take what is written to it. Nothing is committed, and nothing will be until it does.
    Refused(Refusal),
    /// It was not tried to commit: nothing is committed, for certain.
    Aborted(String),
    /// It was tried to commit, and no answer says what became of it.
    Unknown(String),
    /// It is committed, by one of two requests of which the other may still be under way.
    AskedTwice,
}

/// When the parts of a transaction were done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done {
    /// The last output was given to the client.
    pub(crate) produced: Instant,
    /// The commit was acknowledged.
    pub(crate) committed: Instant,
    /// When the broker appended the journal's record, by its own clock.
    pub(crate) appended: Option<Time>,
}

/// A producer. Before it does anything it has to shut the last owner out.
pub(crate) struct Transactor {
    /// There until it is dropped, as the producer is.
    lines: Option<Lines>,
    producer: Option<ThreadedProducer<Context>>,
    partition: i32,
    /// The broker is this process itself, whose stamps are made up: its clock is the process's.
    in_process: bool,
    /// How long a commit may take: by then Kafka has ended the transaction by itself.
    patience: Duration,
}

impl Transactor {
    /// Makes the producer and has it find the brokers: `init_transactions` on one that has not found them yet
    /// takes half a second more (`docs/kafka-facts.md` B 7). It shuts nobody out, so a standby has one at hand.
    pub(crate) fn prepare(config: &Config, partition: u32) -> Result<Self, Failure> {
        let producer = client::producer(config, partition, Context::default())
            .map_err(|error| Failure::Aborted(error.to_string()))?;
        // Owned by the value from here on, so that a failure closes it in the background too.
        let partition = wire::partition(partition);
        let patience = config.transaction_timeout + bounds::SWEEP;
        let lines = Lines::of(&producer).map_err(Failure::Aborted)?;
        let in_process = !config.connection.describes;
        let this =
            Self { lines: Some(lines), producer: Some(producer), partition, in_process, patience };
        let journal = config.topics.get(Topic::Journal);
        this.producer().client().fetch_metadata(Some(journal), bounds::QUESTION)?;
        Ok(this)
    }

    /// Shuts the last owner out; its open transaction is aborted when this returns. That can't be done while a
    /// partition that it wrote to is away, and Kafka does not say which one.
    pub(crate) fn shut_out(&self, names: &TopicNames) -> Result<(), Failure> {
        let failure = match self.producer().init_transactions(bounds::INIT) {
            Ok(()) => return Ok(()),
            Err(error) => Failure::from(error),
        };
        let closed = || {
            let metadata = self.producer().client().fetch_metadata(None, bounds::QUESTION).ok()?;
            self.closed(names, &metadata)
        };
        Err(match failure {
            Failure::Aborted(_) => closed().map_or(failure, Failure::Refused),
            other => other,
        })
    }

    /// The first of our topics that takes nothing on this partition.
    fn closed(&self, names: &TopicNames, metadata: &Metadata) -> Option<Refusal> {
        let closed = |(_, name): (Topic, &str)| {
            let (topic, why) =
                (name.to_owned(), why_closed(metadata, name, self.partition)?.to_owned());
            Some(Refusal { topic, why, late: false })
        };
        names.iter().find_map(closed)
    }

    /// Begins, produces, sends the offsets if there are any, commits. After an error nothing is known of
    /// the transaction, and the producer is not to be used again.
    ///
    /// An error is also a commit that was answered after a connection was lost: the client has asked again, and its
    /// first request may still be under way. Where that arrives in the middle of this producer's next transaction it
    /// commits what is there of it (`docs/kafka-facts.md` B 4), so there must be no next one.
    pub(crate) fn transact(
        &self,
        names: &TopicNames,
        transaction: &Transaction,
        group: &ConsumerGroupMetadata,
    ) -> Result<Done, Failure> {
        let done = self.attempt(names, transaction, group);
        self.listen();
        done.map_err(|failure| match (self.producer().context().refusal(), failure) {
            (_, Failure::Fenced) => Failure::Fenced,
            // A record that did not arrive keeps the client from trying to commit at all.
            (Some(refusal), _) => self.blame(names, refusal),
            (None, failure) => failure,
        })
    }

    /// What it was that took no writes. Where nothing was said until the transaction was over, it may be that
    /// the brokers are away, or that another topic of the transaction does not exist or has no leader.
    fn blame(&self, names: &TopicNames, refusal: Refusal) -> Failure {
        if !refusal.late {
            return Failure::Refused(refusal);
        }
        let metadata = self.producer().client().fetch_metadata(None, bounds::QUESTION);
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(error) => return Failure::Aborted(format!("the brokers take no writes: {error}")),
        };
        Failure::Refused(self.closed(names, &metadata).unwrap_or(refusal))
    }

    fn attempt(
        &self,
        names: &TopicNames,
        transaction: &Transaction,
        group: &ConsumerGroupMetadata,
    ) -> Result<Done, Failure> {
        let producer = self.producer();
        // What an attempt before this one has left.
        producer.context().take_appended();
        producer.begin_transaction()?;
        for record in &transaction.records {
            send(producer, names, record)?;
        }
        let produced = Instant::now();
        let lost = self.lost_connections();
        let offsets = self.offsets(names, transaction);
        if offsets.count() > 0 {
            producer.send_offsets_to_transaction(&offsets, group, bounds::OFFSETS)?;
        }
        native::commit(producer, self.patience)?;
        let appended = self.producer().context().take_appended();
        let appended = if self.in_process { Some(clock::wall()) } else { appended };
        let done = Done { produced, committed: Instant::now(), appended };
        if self.lost_connections() == lost { Ok(done) } else { Err(Failure::AskedTwice) }
    }

    /// Takes what the client has to say of itself.
    pub(crate) fn listen(&self) {
        if let Some(lines) = &self.lines {
            lines.take(self.producer().context());
        }
    }

    /// How many connections the client has lost until now.
    fn lost_connections(&self) -> u32 {
        self.listen();
        self.producer().context().lost_connections()
    }

    fn offsets(&self, names: &TopicNames, transaction: &Transaction) -> TopicPartitionList {
        let mut offsets = TopicPartitionList::with_capacity(transaction.offsets.len());
        let own = |(input, offset): &(InputTopic, i64)| (*input, self.partition, *offset);
        let added = |(surplus, offset): &(Surplus, i64)| {
            (surplus.input, wire::partition(surplus.partition), *offset)
        };
        let all = transaction.offsets.iter().map(own);
        for (input, partition, offset) in all.chain(transaction.surplus.iter().map(added)) {
            // The client leaves out what is not an offset, and calls that a success.
            assert!(offset >= 0, "a lane commits only what it has taken");
            let name = names.get(wire::topic(input));
            offsets
                .add_partition_offset(name, partition, Offset::Offset(offset))
                .expect("an offset that is not negative can be listed");
        }
        offsets
    }

    fn producer(&self) -> &ThreadedProducer<Context> {
        self.producer.as_ref().expect("it is there until it is dropped")
    }
}

impl Drop for Transactor {
    fn drop(&mut self) {
        // Before the client that it is of.
        drop(self.lines.take());
        if let Some(producer) = self.producer.take() {
            close::in_background("producer", producer);
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fenced => f.write_str("the producer was shut out"),
            Self::Refused(Refusal { topic, why, .. }) => {
                write!(f, "{topic} takes no writes: {why}")
            }
            Self::Aborted(why) | Self::Unknown(why) => f.write_str(why),
            Self::AskedTwice => f.write_str(
                "a connection was lost before the commit was answered, and one of two requests is still under way",
            ),
        }
    }
}

impl From<KafkaError> for Failure {
    fn from(error: KafkaError) -> Self {
        let code = match &error {
            KafkaError::Transaction(error) => Some(error.code()),
            other => other.rdkafka_error_code(),
        };
        if code.is_some_and(is_fenced) { Self::Fenced } else { Self::Aborted(error.to_string()) }
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        if is_fenced(error.code) { Self::Fenced } else { Self::Unknown(error.text) }
    }
}

const fn is_fenced(code: RDKafkaErrorCode) -> bool {
    matches!(
        code,
        RDKafkaErrorCode::Fenced
            | RDKafkaErrorCode::ProducerFenced
            | RDKafkaErrorCode::InvalidProducerEpoch
            // What a call says after the client has been shut out already.
            | RDKafkaErrorCode::Fatal
    )
}

/// Gives one record to the client. Where its queue is full, waits until it is not, within a bound.
fn send(
    producer: &ThreadedProducer<Context>,
    names: &TopicNames,
    record: &Produce,
) -> Result<(), Failure> {
    let Produce { partition, record } = record;
    let which = if record.topic == Topic::Journal { JOURNAL } else { 0 };
    let mut next = BaseRecord::<[u8], [u8], _>::with_opaque_to(names.get(record.topic), which)
        .partition(wire::partition(*partition));
    next.key = record.key.as_deref();
    next.payload = record.value.as_deref();
    next.headers = headers(record);
    let started = Instant::now();
    loop {
        match producer.send(next) {
            Ok(()) => return Ok(()),
            Err((error, back)) => {
                let full = error.rdkafka_error_code() == Some(RDKafkaErrorCode::QueueFull);
                if !full {
                    let (topic, why) = (names.get(record.topic).to_owned(), error.to_string());
                    return Err(Failure::Refused(Refusal { topic, why, late: false }));
                }
                if started.elapsed() > bounds::QUEUE_FULL {
                    return Err(error.into());
                }
                next = back;
                thread::sleep(bounds::QUEUE_FULL_RETRY);
            }
        }
    }
}

fn headers(record: &Outgoing) -> Option<OwnedHeaders> {
    if record.headers.is_empty() {
        return None;
    }
    let headers = OwnedHeaders::new_with_capacity(record.headers.len());
    Some(record.headers.iter().fold(headers, |headers, header| {
        headers.insert(Header { key: &header.name, value: header.value.as_deref() })
    }))
}
