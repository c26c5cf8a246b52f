//! What a deployment tells the driver.

use std::{fmt, time::Duration};

use contract::Topic;
use lane::{Budget, InputTopic, Limits, PerInput};

use crate::{
    DriverError, bounds,
    properties::{self, Refused},
    wire,
};

/// Everything that the driver is told. Plain data; the binary fills it from its configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Names the deployment: transactional ids are `<application>-<partition>`, the offsets' group is
    /// `<application>`, the members' group `<application>-members`.
    pub application: String,
    /// Names this process in the group, where it is to keep its partitions over a quick restart. Absent: it
    /// leaves the group when it stops, and others take over at once.
    pub instance: Option<String>,
    /// What becomes of the partitions of a process with a name when it is stopped. Without a name others
    /// take them over at once.
    pub on_stop: OnStop,
    /// How this process comes by its partitions.
    pub membership: Membership,
    /// How many other processes follow each partition, ready to take it over.
    pub followers: usize,
    /// How to reach the brokers.
    pub connection: Connection,
    /// What the topics are called.
    pub topics: TopicNames,
    /// Bytes of memory that the process may take.
    pub memory: u64,
    /// Bytes of input that a lane fetches ahead.
    pub fetch_ahead: usize,
    /// After so long Kafka aborts a transaction that nobody ends.
    pub transaction_timeout: Duration,
    /// After so long without a heartbeat the group gives a process's partitions away.
    pub session_timeout: Duration,
    /// How long stopping may take before lanes are left behind.
    pub stop_timeout: Duration,
    /// What the lanes are told. Its `partition` and `names` are filled in here, for each lane.
    pub lane: lane::Settings,
}

impl Config {
    /// What of the memory is whose.
    #[must_use]
    pub fn budget(&self) -> Budget {
        let inputs = InputTopic::ALL.len();
        let Limits { held_bytes, batch_output_bytes, .. } = self.lane.limits;
        let bytes = |bytes: usize| bytes as u64;
        // Each input may exceed its part by what one fetch brings.
        let fetched = bytes(self.fetch_ahead + inputs * bounds::FETCH_PARTITION_BYTES);
        Budget {
            memory: self.memory,
            fetched,
            // What is held may exceed its bound by what is taken at once, which is what was fetched.
            held: bytes(inputs * held_bytes) + fetched,
            outputs: bytes(batch_output_bytes),
        }
    }

    /// What the lane of `partition` is told.
    pub(crate) fn lane_settings(&self, partition: u32) -> lane::Settings {
        let names = PerInput::from_fn(|input| self.topics.get(wire::topic(input)).to_owned());
        lane::Settings { partition, names, ..self.lane.clone() }
    }
}

/// How a process comes by its partitions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Membership {
    /// The group shares them out among its members.
    #[default]
    Group,
    /// They are all its own, at once. For the demonstration on the in-process broker, whose group takes
    /// three seconds to form.
    Alone,
}

/// What a process that has a name in the group does with its partitions when it is stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnStop {
    /// Keeps them for its quick restart: the group waits for it until the session timeout.
    #[default]
    Keep,
    /// Leaves the group, so that others take them over at once.
    HandOver,
}

/// How to reach the brokers.
#[derive(Clone)]
pub struct Connection {
    /// `host:port`, several with commas.
    pub servers: String,
    /// Properties of librdkafka for all clients: encryption, authentication, tuning.
    pub properties: Vec<(String, String)>,
    /// Whether the brokers answer questions about topics' settings; the in-process broker does not.
    pub(crate) describes: bool,
}

impl Connection {
    /// To these servers, with librdkafka's defaults: plain text, no authentication.
    #[must_use]
    pub fn plain(servers: impl Into<String>) -> Self {
        Self { servers: servers.into(), properties: Vec::new(), describes: true }
    }

    /// Every property that can't be set. Nothing is connected for that.
    #[must_use]
    pub fn wrong_properties(&self) -> Vec<WrongProperty> {
        let wrong = |(key, value): &(String, String)| {
            let why = why_not(key, value)?;
            Some(WrongProperty { key: key.clone(), why })
        };
        self.properties.iter().filter_map(wrong).collect()
    }

    /// Whether all properties can be set.
    ///
    /// # Errors
    /// The first that can't.
    pub fn check(&self) -> Result<(), DriverError> {
        match self.wrong_properties().into_iter().next() {
            Some(WrongProperty { key, why: WhyNot::Unknown }) => {
                let problem = "is not a property of librdkafka".to_owned();
                Err(DriverError::Property { key, problem })
            }
            Some(WrongProperty { key, why: WhyNot::Wrong(problem) }) => {
                Err(DriverError::Property { key, problem })
            }
            None => Ok(()),
        }
    }

    /// A text of the client without the values of properties, which it may repeat.
    pub(crate) fn masked(&self, text: &str) -> String {
        let values = self.properties.iter().map(|(_, value)| value);
        let values = values.filter(|value| value.len() >= SHORTEST_SECRET);
        values.fold(text.to_owned(), |text, value| text.replace(value, "(hidden)"))
    }
}

/// Shorter values are words such as `ssl` and numbers; to hide them would make texts that nobody can read.
const SHORTEST_SECRET: usize = 6;

/// A property that can't be set. It never holds the value, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongProperty {
    /// Which.
    pub key: String,
    /// Why it can't be set.
    pub why: WhyNot,
}

/// Why a property can't be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// librdkafka has none of this name.
    Unknown,
    /// Something else: what is wrong, and what to do.
    Wrong(String),
}

/// The names of all properties of librdkafka, as it lists them itself.
#[must_use]
pub fn property_names() -> Vec<String> {
    properties::all().into_iter().map(|property| property.name).collect()
}

/// Values may be secrets: only the names are shown.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.properties.iter().map(|(key, _)| key).collect();
        f.debug_struct("Connection")
            .field("servers", &self.servers)
            .field("properties", &keys)
            .finish()
    }
}

/// The properties on which exactly-once rests; a deployment can't set them.
const OURS: &[&str] = &[
    "bootstrap.servers",
    "metadata.broker.list",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "partition.assignment.strategy",
    "transactional.id",
    "transaction.timeout.ms",
    "enable.idempotence",
    "acks",
    "request.required.acks",
    "isolation.level",
    "auto.offset.reset",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.partition.eof",
    "check.crcs",
    "session.timeout.ms",
    "heartbeat.interval.ms",
    "max.poll.interval.ms",
    "delivery.report.only.error",
    "statistics.interval.ms",
];

fn why_not(key: &str, value: &str) -> Option<WhyNot> {
    let wrong = |problem: &str| Some(WhyNot::Wrong(problem.to_owned()));
    if OURS.contains(&key) {
        return wrong("is set by Granary, because exactly-once rests on it; remove it");
    }
    let encrypted = key == "security.protocol" && value.to_ascii_lowercase().ends_with("ssl");
    let scram = key == "sasl.mechanism" && value.to_ascii_uppercase().starts_with("SCRAM");
    let refused = properties::try_to_set(key, value).err();
    if refused == Some(Refused::Unknown) {
        return Some(WhyNot::Unknown);
    }
    let lacks = encrypted || scram || key.starts_with("ssl.") || refused == Some(Refused::NotBuilt);
    if lacks && !cfg!(feature = "tls") {
        return wrong(
            "needs TLS, which this build does not have; build with `--features tls`, or use a packaged binary",
        );
    }
    match refused {
        Some(Refused::Value { takes }) if !takes.is_empty() => {
            wrong(&format!("has a value that librdkafka does not take; it takes: {takes}"))
        }
        Some(Refused::NotBuilt) => {
            wrong("needs a part of librdkafka that this build does not have")
        }
        Some(_) => wrong(
            "has a value that librdkafka does not take; its documentation says which it takes",
        ),
        None => None,
    }
}

/// What the topics of a deployment are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicNames(Vec<(Topic, String)>);

impl Default for TopicNames {
    fn default() -> Self {
        Self(Topic::ALL.into_iter().map(|topic| (topic, topic.default_name().to_owned())).collect())
    }
}

impl TopicNames {
    /// The name of `topic`.
    #[must_use]
    pub fn get(&self, topic: Topic) -> &str {
        let entry = self.0.iter().find(|(known, _)| *known == topic);
        &entry.expect("every topic has a name").1
    }

    /// Gives `topic` another name.
    pub fn set(&mut self, topic: Topic, name: impl Into<String>) {
        let entry = self.0.iter_mut().find(|(known, _)| *known == topic);
        entry.expect("every topic has a name").1 = name.into();
    }

    /// All topics and their names, in the order of the contract's table.
    pub fn iter(&self) -> impl Iterator<Item = (Topic, &str)> {
        self.0.iter().map(|(topic, name)| (*topic, name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exactly_once_rests_on_is_refused() {
        let mut connection = Connection::plain("127.0.0.1:9092");
        connection.properties.push(("client.rack".into(), "a".into()));
        assert_eq!(connection.wrong_properties(), []);
        connection.properties.push(("isolation.level".into(), "read_uncommitted".into()));
        let wrong = connection.wrong_properties();
        let [WrongProperty { key, why: WhyNot::Wrong(why) }] = &wrong[..] else {
            panic!("{wrong:?}")
        };
        assert_eq!(key, "isolation.level");
        assert!(why.contains("is set by Granary"), "{why}");
    }

    #[test]
    fn names_that_librdkafka_does_not_know_and_values_that_it_does_not_take_are_refused() {
        let mut connection = Connection::plain("127.0.0.1:9092");
        for key in ["sasl.passwrd", "security.protocol", "socket.timeout.ms"] {
            connection.properties.push((key.into(), "hunter2".into()));
        }
        let wrong = connection.wrong_properties();
        assert_eq!(wrong[0], WrongProperty { key: "sasl.passwrd".into(), why: WhyNot::Unknown });
        for (wrong, takes) in wrong[1..].iter().zip(["sasl_plaintext, sasl_ssl", "10 .. 300000"]) {
            let WhyNot::Wrong(why) = &wrong.why else { panic!("{wrong:?}") };
            assert!(why.contains(takes), "{why}");
        }
        assert!(!format!("{wrong:?}").contains("hunter2"), "no value is told");
        assert_eq!(connection.masked("it is hunter2!"), "it is (hidden)!");
    }

    #[test]
    fn secrets_are_not_shown() {
        let mut connection = Connection::plain("127.0.0.1:9092");
        connection.properties.push(("sasl.password".into(), "hunter2".into()));
        assert!(!format!("{connection:?}").contains("hunter2"));
    }
}
