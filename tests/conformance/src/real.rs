//! Plays a script on a real Kafka.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use contract::{Cleanup, Topic};
use futures_executor::block_on;
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    error::{KafkaError, RDKafkaErrorCode},
    message::Message,
    producer::{BaseProducer, BaseRecord, Producer},
};

use crate::{
    producer::{Client, await_partitions},
    script::{Script, Written},
    step::{Place, Record, Step, Verb, ends, records},
};

/// Whatever takes longer than this does not come: twice the interval of the coordinator's sweep, and a
/// transaction's time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How soon one looks again at what is not yet as it must be.
const LOOK: Duration = Duration::from_millis(10);
/// How long the group's offset is asked for before it counts as pending.
const PENDING: Duration = Duration::from_millis(300);
/// How long a reader waits for the end of a partition. Where it begins behind the last stable offset, it is told none.
const NO_END: Duration = Duration::from_secs(1);
/// Records without a transaction are dated so that a script may add minutes, and Kafka takes them.
const MINUTE_MS: i64 = 60_000;

/// A script's own topics on a node, and who does something with them.
#[expect(missing_debug_implementations, reason = "the clients have none")]
pub struct Real<'a> {
    script: &'a Script,
    bootstrap: String,
    admin: AdminClient<DefaultClientContext>,
    topics: BTreeSet<Topic>,
    plain: BaseProducer,
    committed: BaseConsumer,
    any: BaseConsumer,
    member: Option<BaseConsumer>,
    producers: BTreeMap<String, Client>,
}

/// How the topics of a script are cleaned: at once, where they are compacted; see `compact` in the README.
const fn settings(topic: Topic) -> &'static [(&'static str, &'static str)] {
    match topic.cleanup() {
        Cleanup::Delete => &[],
        Cleanup::Compact => &[
            ("cleanup.policy", "compact"),
            ("min.cleanable.dirty.ratio", "0.0001"),
            ("delete.retention.ms", "0"),
            ("segment.ms", "60000"),
        ],
    }
}

impl<'a> Real<'a> {
    /// Makes the script's topics.
    ///
    /// # Panics
    /// The node does not make them.
    #[must_use]
    pub fn new(bootstrap: &str, script: &'a Script) -> Self {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", bootstrap);
        let group = format!("{}-group", script.name);
        let consumer = |isolation: &str| -> BaseConsumer {
            config
                .clone()
                .set("group.id", &group)
                .set("isolation.level", isolation)
                .set("enable.auto.commit", "false")
                .set("enable.partition.eof", "true")
                .set("auto.offset.reset", "error")
                .set("fetch.wait.max.ms", "10")
                .create()
                .expect("the properties are right")
        };
        let this = Self {
            script,
            bootstrap: bootstrap.to_owned(),
            admin: config.create().expect("the properties are right"),
            topics: script.steps().filter_map(|written| written.step.topic()).collect(),
            plain: config.clone().set("linger.ms", "0").create().expect("the properties are right"),
            committed: consumer("read_committed"),
            any: consumer("read_uncommitted"),
            member: None,
            producers: BTreeMap::new(),
        };
        this.create_topics();
        this
    }

    /// Plays the script as far as the answers are as written; all answers that were given.
    #[must_use]
    pub fn play(mut self) -> Vec<String> {
        let mut given = Vec::new();
        for Written { step, answers, .. } in self.script.steps() {
            let started = Instant::now();
            let mut answer = self.step(step);
            while step.looks() && answer != answers.kafka() && started.elapsed() < PATIENCE {
                std::thread::sleep(LOOK);
                answer = self.step(step);
            }
            let as_written = answer == answers.kafka();
            given.push(answer);
            if !as_written {
                break;
            }
        }
        given
    }

    fn step(&mut self, step: &Step) -> String {
        match step {
            Step::Init { producer, id, timeout } => {
                // An id belongs to one script.
                let id = format!("{}-{id}", self.script.name);
                match Client::init(&self.bootstrap, &id, *timeout) {
                    Ok(client) => {
                        self.producers.insert(producer.clone(), client);
                        "ok".to_owned()
                    }
                    Err(word) => word,
                }
            }
            Step::Produce { producer, verb } => self.produce(producer, verb),
            Step::Send { place, record, minutes } => self.send(*place, record, *minutes),
            Step::Read { place, from, committed } => {
                let reader = if *committed { &self.committed } else { &self.any };
                self.read(reader, *place, *from)
            }
            Step::Ends(place) => {
                let (topic, partition) = self.place(*place);
                let ask =
                    |reader: &BaseConsumer| reader.fetch_watermarks(&topic, partition, PATIENCE);
                let (earliest, stable) = ask(&self.committed).expect("the broker knows the ends");
                let (_, end) = ask(&self.any).expect("the broker knows the ends");
                ends(earliest, stable, end)
            }
            Step::Group(place) => self.group(*place),
            Step::Delete { place, before } => self.delete(*place, *before),
            Step::Grow(partitions) => self.grow(*partitions),
            Step::Join(topic) => self.join(*topic),
            // The broker does these by itself; whoever looks afterwards looks until it is done.
            Step::Compact { .. } | Step::Pass(_) => "ok".to_owned(),
        }
    }

    fn produce(&self, producer: &str, verb: &Verb) -> String {
        let client = self.producers.get(producer).expect("a producer begins with init");
        match verb {
            Verb::Begin => client.begin(),
            Verb::Record(place, record) => {
                let (topic, partition) = self.place(*place);
                client.produce(&topic, partition, record)
            }
            Verb::Offset(place, offset) => {
                let (topic, partition) = self.place(*place);
                // Of a consumer that has never joined, as the service does it.
                let group = self.committed.group_metadata().expect("it has a group");
                client.offset(&topic, partition, *offset, &group)
            }
            Verb::Commit => client.commit(),
            Verb::Abort => client.abort(),
            Verb::Late { commit } => client.late(*commit),
        }
    }

    fn send(&self, place: Place, record: &Record, minutes: i64) -> String {
        let (topic, partition) = self.place(place);
        let mut base: BaseRecord<'_, str, str> =
            BaseRecord::to(&topic).partition(partition).key(&record.key);
        base.payload = record.value.as_deref();
        base.timestamp = (minutes > 0).then(|| now_ms() + minutes * MINUTE_MS);
        let sent = self.plain.send(base).map_err(|(error, _)| error);
        match sent.and_then(|()| self.plain.flush(PATIENCE)) {
            Ok(()) => "ok".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    /// What is there from an offset to the end.
    fn read(&self, reader: &BaseConsumer, place: Place, from: i64) -> String {
        let (topic, partition) = self.place(place);
        let mut assigned = TopicPartitionList::new();
        assigned
            .add_partition_offset(&topic, partition, Offset::Offset(from))
            .expect("it is an offset");
        reader.assign(&assigned).expect("an assignment can be made");
        let (mut found, started) = (Vec::new(), Instant::now());
        let answer = loop {
            if started.elapsed() > NO_END {
                break format!("{}, no end", records(&found));
            }
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            match reader.poll(Duration::from_millis(100)) {
                Some(Ok(message)) => {
                    let key = message.key().map(text).unwrap_or_default();
                    found.push((
                        message.offset(),
                        Record { key, value: message.payload().map(text) },
                    ));
                }
                Some(Err(KafkaError::PartitionEOF(_))) => break records(&found),
                Some(Err(error)) if is_out_of_range(&error) => break "out of range".to_owned(),
                // Between leaders, or for a topic that was just made: the client tries again by itself.
                Some(Err(_)) | None => {}
            }
        };
        reader.assign(&TopicPartitionList::new()).expect("an assignment can be taken back");
        answer
    }

    fn group(&self, place: Place) -> String {
        let (topic, partition) = self.place(place);
        let mut asked = TopicPartitionList::new();
        asked.add_partition(&topic, partition);
        match self.committed.committed_offsets(asked, PENDING) {
            Ok(told) => match told.elements().first().map(|element| element.offset()) {
                Some(Offset::Offset(offset)) => offset.to_string(),
                _ => "none".to_owned(),
            },
            // Asked again by the client as long as it is let.
            Err(error)
                if error.rdkafka_error_code() == Some(RDKafkaErrorCode::OperationTimedOut) =>
            {
                "pending".to_owned()
            }
            Err(error) => error.to_string(),
        }
    }

    fn delete(&self, place: Place, before: i64) -> String {
        let (topic, partition) = self.place(place);
        let mut offsets = TopicPartitionList::new();
        offsets
            .add_partition_offset(&topic, partition, Offset::Offset(before))
            .expect("it is an offset");
        let deleted = block_on(self.admin.delete_records(&offsets, &AdminOptions::new()));
        let deleted = deleted.expect("the broker answers");
        let elements = deleted.elements();
        let element = elements.first().expect("the answer is about what was asked");
        match (element.error(), element.offset()) {
            (Ok(()), Offset::Offset(earliest)) => format!("earliest {earliest}"),
            (Err(error), _) if is_out_of_range(&error) => "out of range".to_owned(),
            other => format!("{other:?}"),
        }
    }

    fn join(&mut self, topic: Topic) -> String {
        let member: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &self.bootstrap)
            .set("group.id", format!("{}-group", self.script.name))
            .set("enable.auto.commit", "false")
            .create()
            .expect("the properties are right");
        member.subscribe(&[&self.name(topic)]).expect("it subscribes");
        let started = Instant::now();
        while member.assignment().is_ok_and(|assigned| assigned.count() == 0) {
            assert!(started.elapsed() < PATIENCE, "the member gets a partition");
            // What it reads is nobody's news.
            let _ = member.poll(LOOK);
        }
        self.member = Some(member);
        "ok".to_owned()
    }

    fn create_topics(&self) {
        let names: Vec<(Topic, String)> =
            self.topics.iter().map(|topic| (*topic, self.name(*topic))).collect();
        let wanted: Vec<NewTopic<'_>> = names
            .iter()
            .map(|(topic, name)| {
                let new = NewTopic::new(name, 1, TopicReplication::Fixed(1));
                settings(*topic).iter().fold(new, |new, (key, value)| new.set(key, value))
            })
            .collect();
        let made = block_on(self.admin.create_topics(&wanted, &AdminOptions::new()));
        for result in made.expect("the broker answers") {
            result.expect("a script's topics are new");
        }
        self.await_partitions(1);
    }

    fn await_partitions(&self, partitions: u32) {
        for name in self.topics.iter().map(|topic| self.name(*topic)) {
            await_partitions(self.plain.client(), &name, partitions);
            await_partitions(self.committed.client(), &name, partitions);
            await_partitions(self.any.client(), &name, partitions);
            for producer in self.producers.values() {
                producer.await_partitions(&name, partitions);
            }
        }
    }

    fn grow(&self, partitions: u32) -> String {
        let names: Vec<String> = self.topics.iter().map(|topic| self.name(*topic)).collect();
        let wanted: Vec<NewPartitions<'_>> =
            names.iter().map(|name| NewPartitions::new(name, partitions as usize)).collect();
        let grown = block_on(self.admin.create_partitions(&wanted, &AdminOptions::new()));
        for result in grown.expect("the broker answers") {
            result.expect("a topic may grow");
        }
        self.await_partitions(partitions);
        "ok".to_owned()
    }

    fn name(&self, topic: Topic) -> String {
        format!("{}.{topic:?}", self.script.name).to_lowercase()
    }

    fn place(&self, (topic, partition): Place) -> (String, i32) {
        (self.name(topic), i32::try_from(partition).expect("partitions are few"))
    }
}

fn is_out_of_range(error: &KafkaError) -> bool {
    let codes = [RDKafkaErrorCode::AutoOffsetReset, RDKafkaErrorCode::OffsetOutOfRange];
    error.rdkafka_error_code().is_some_and(|code| codes.contains(&code))
}

fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
