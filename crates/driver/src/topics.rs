//! The topics of a deployment: making them, and checking that they are what exactly-once needs.

use std::{collections::BTreeMap, time::Duration};

use contract::Topic;
use futures_executor::block_on;
use rdkafka::{
    admin::{
        AdminClient, AdminOptions, ConfigResourceResult, NewTopic, ResourceSpecifier,
        TopicReplication,
    },
    error::RDKafkaErrorCode,
    metadata::{Metadata, MetadataTopic},
};

use crate::{
    Connection, DriverError, TopicNames, bounds, client,
    context::Context,
    elsewhere,
    error::TopicProblem,
    settings::{self, Found},
};

/// What became of a topic in [`create`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Which.
    pub topic: Topic,
    /// Its name.
    pub name: String,
    /// Whether it was made now; it existed before otherwise.
    pub new: bool,
}

/// Makes the topics that are missing, then checks all of them. `replication` is the broker's default where
/// it is absent.
///
/// # Errors
/// The brokers can't be reached, a topic can't be made, or what is there is not as it must be.
pub fn create(
    connection: &Connection,
    names: &TopicNames,
    partitions: u32,
    replication: Option<u32>,
) -> Result<Vec<Created>, DriverError> {
    connection.check()?;
    let admin = client::admin(connection, Context::default())?;
    reach(connection, &admin)?;
    let factor = replication.map_or(-1, |factor| i32::try_from(factor).unwrap_or(i32::MAX));
    let partitions = i32::try_from(partitions).unwrap_or(i32::MAX);
    let wanted: Vec<_> = names
        .iter()
        .map(|(topic, name)| {
            let new = NewTopic::new(name, partitions, TopicReplication::Fixed(factor));
            settings::made_with(topic)
                .into_iter()
                .fold(new, |new, (key, value)| new.set(key, value))
        })
        .collect();
    let results = block_on(admin.create_topics(&wanted, &options()))
        .map_err(DriverError::question("creating the topics"))?;
    let mut created = Vec::new();
    let mut problems = Vec::new();
    for ((topic, name), result) in names.iter().zip(results) {
        match result {
            Ok(_) => created.push(Created { topic, name: name.to_owned(), new: true }),
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {
                created.push(Created { topic, name: name.to_owned(), new: false });
            }
            Err((_, code)) => problems
                .push(TopicProblem::NotCreated { name: name.to_owned(), why: code.to_string() }),
        }
    }
    if !problems.is_empty() {
        return Err(DriverError::Topics(problems));
    }
    await_existence(&admin, names)?;
    check_with(&admin, names, connection)?;
    Ok(created)
}

/// Topics that are what exactly-once needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many partitions the deployment has: what the journal names, or where that is empty, what each topic has.
    pub partitions: u32,
    /// How many brokers the cluster has.
    pub brokers: usize,
    /// What would be better otherwise, a sentence each.
    pub advice: Vec<String>,
    /// How long each input is kept by age, where it is not kept for ever and its settings may be read.
    pub retention: Vec<(Topic, Duration)>,
}

impl Checked {
    /// Inputs that may be deleted before a partition that comes back has read them.
    #[must_use]
    pub fn advice_on_replay(&self, names: &TopicNames, interval: Duration) -> Vec<String> {
        let advice = |(topic, kept): &(Topic, Duration)| {
            settings::advice_on_replay(names.get(*topic), *kept, interval)
        };
        self.retention.iter().filter_map(advice).collect()
    }
}

/// Checks that the brokers answer and that the topics are what exactly-once needs.
///
/// # Errors
/// The brokers can't be reached, or everything that is wrong with the topics.
pub fn check(connection: &Connection, names: &TopicNames) -> Result<Checked, DriverError> {
    connection.check()?;
    let admin = client::admin(connection, Context::default())?;
    reach(connection, &admin)?;
    check_with(&admin, names, connection)
}

fn check_with(
    admin: &AdminClient<Context>,
    names: &TopicNames,
    connection: &Connection,
) -> Result<Checked, DriverError> {
    let metadata = metadata(admin, bounds::QUESTION)?;
    let found = |name: &str| partitions_of(&metadata, name);
    let orders = names.get(Topic::Orders);
    let journals = found(names.get(Topic::Journal)).unwrap_or(0);
    let named = named(connection, names, journals)?;
    let expected = named.or_else(|| found(orders)).unwrap_or(0);
    let (mut problems, mut advice) = (Vec::new(), Vec::new());
    for (_, name) in names.iter() {
        match found(name) {
            None => problems.push(TopicProblem::Missing { name: name.to_owned() }),
            Some(found) if named.is_some() && found < expected => {
                let journal = expected;
                problems.push(TopicProblem::Fewer { name: name.to_owned(), found, journal });
            }
            Some(found) if named.is_some() && found > expected => {
                advice.push(format!("{name} has {found} partitions, the journal was written with {expected}: partitions were added, docs/operations.md says what becomes of them (Topics)"));
            }
            Some(found) if expected > 0 && found != expected => {
                problems.push(TopicProblem::Partitions {
                    name: name.to_owned(),
                    found,
                    orders: orders.to_owned(),
                    expected,
                });
            }
            Some(_) => {}
        }
    }
    let mut retention = Vec::new();
    if connection.describes {
        let present: Vec<_> = names.iter().filter(|(_, name)| found(name).is_some()).collect();
        let described = describe(admin, &present, &metadata)?;
        problems.extend(described.iter().flat_map(settings::problems));
        advice.extend(described.iter().flat_map(settings::advice));
        let kept = |found: &Found<'_>| Some((found.topic, found.kept_as_input()?));
        retention = described.iter().filter_map(kept).collect();
    }
    if problems.is_empty() {
        let partitions = u32::try_from(expected).unwrap_or(u32::MAX);
        let brokers = metadata.brokers().len();
        return Ok(Checked { partitions, brokers, advice, retention });
    }
    Err(DriverError::Topics(problems))
}

/// How many partitions the journals name. The in-process broker's are new.
fn named(
    connection: &Connection,
    names: &TopicNames,
    journals: usize,
) -> Result<Option<usize>, DriverError> {
    if !connection.describes || journals == 0 {
        return Ok(None);
    }
    let journals = u32::try_from(journals).unwrap_or(u32::MAX);
    let named = elsewhere::named(connection, names, journals)?;
    Ok(named.map(|named| named as usize))
}

/// What is wrong with the settings of topics that are there, as people read it.
pub(crate) fn unsound(
    admin: &AdminClient<Context>,
    names: &TopicNames,
) -> Result<BTreeMap<Topic, String>, DriverError> {
    let metadata = metadata(admin, bounds::QUESTION)?;
    let there = |(_, name): &(Topic, &str)| partitions_of(&metadata, name).is_some();
    let present: Vec<_> = names.iter().filter(there).collect();
    let wrong = |found: &Found<'_>| {
        let problems = settings::problems(found);
        let all: Vec<_> =
            problems.iter().map(|problem| problem.to_string().trim().to_owned()).collect();
        (!all.is_empty()).then(|| (found.topic, all.join("; ")))
    };
    Ok(describe(admin, &present, &metadata)?.iter().filter_map(wrong).collect())
}

/// The settings of these topics, as far as they may be read.
fn describe<'a>(
    admin: &AdminClient<Context>,
    topics: &[(Topic, &'a str)],
    metadata: &Metadata,
) -> Result<Vec<Found<'a>>, DriverError> {
    if topics.is_empty() {
        return Ok(Vec::new());
    }
    let resources: Vec<_> = topics.iter().map(|(_, name)| ResourceSpecifier::Topic(name)).collect();
    let described = block_on(admin.describe_configs(&resources, &options()))
        .map_err(DriverError::question("reading the topics' settings"))?;
    let brokers = metadata.brokers().len();
    let found = |((topic, name), described): (&(Topic, &'a str), ConfigResourceResult)| {
        // Whoever may not read the settings may still run: the topics' owner answers for them.
        let resource = described.ok()?;
        let replicas = replicas_of(metadata, name);
        Some(Found { topic: *topic, name, resource, replicas, brokers })
    };
    Ok(topics.iter().zip(described).filter_map(found).collect())
}

/// On how many brokers each partition of a topic lies, of all its partitions the least.
fn replicas_of(metadata: &Metadata, name: &str) -> usize {
    let topic = metadata.topics().iter().find(|topic| topic.name() == name);
    let partitions = topic.map_or(&[][..], MetadataTopic::partitions);
    partitions.iter().map(|partition| partition.replicas().len()).min().unwrap_or(0)
}

/// A topic that was made is not known to every broker at once.
fn await_existence(admin: &AdminClient<Context>, names: &TopicNames) -> Result<(), DriverError> {
    let started = std::time::Instant::now();
    loop {
        let metadata = metadata(admin, bounds::QUESTION)?;
        let all = names.iter().all(|(_, name)| partitions_of(&metadata, name).is_some());
        if all || started.elapsed() > bounds::QUESTION {
            return Ok(());
        }
        std::thread::sleep(bounds::TOPICS_LOOK);
    }
}

/// Waits for the first answer of the brokers.
fn reach(connection: &Connection, admin: &AdminClient<Context>) -> Result<(), DriverError> {
    metadata(admin, bounds::REACH).map(drop).map_err(|error| {
        let detail = match error {
            DriverError::Question { source, .. } => source.to_string(),
            other => other.to_string(),
        };
        DriverError::Unreachable { servers: connection.servers.clone(), detail }
    })
}

fn metadata(admin: &AdminClient<Context>, within: Duration) -> Result<Metadata, DriverError> {
    admin
        .inner()
        .fetch_metadata(None, within)
        .map_err(DriverError::question("asking the brokers for the topics"))
}

/// How many partitions a topic has; `None` where there is no such topic.
pub(crate) fn partitions_of(metadata: &Metadata, name: &str) -> Option<usize> {
    let topic = metadata.topics().iter().find(|topic| topic.name() == name)?;
    (topic.error().is_none() && !topic.partitions().is_empty()).then(|| topic.partitions().len())
}

/// Why a partition of a topic can take nothing now, as far as the brokers know.
pub(crate) fn why_closed(metadata: &Metadata, name: &str, partition: i32) -> Option<&'static str> {
    if partitions_of(metadata, name).is_none() {
        return Some("it does not exist");
    }
    let topic = metadata.topics().iter().find(|topic| topic.name() == name)?;
    let partition = topic.partitions().iter().find(|known| known.id() == partition)?;
    (partition.leader() < 0)
        .then_some("its partition has no leader: the broker that has it, or its disk, is away")
}

fn options() -> AdminOptions {
    AdminOptions::new()
        .request_timeout(Some(bounds::QUESTION))
        .operation_timeout(Some(bounds::QUESTION))
}
