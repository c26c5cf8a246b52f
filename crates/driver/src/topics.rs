//! The topics of a deployment: making them, and checking that they are what exactly-once needs.

use std::time::Duration;

use contract::{Cleanup, Topic};
use futures_executor::block_on;
use rdkafka::{
    admin::{
        AdminClient, AdminOptions, ConfigResource, NewTopic, ResourceSpecifier, TopicReplication,
    },
    error::RDKafkaErrorCode,
    metadata::Metadata,
};

use crate::{
    Connection, DriverError, TopicNames, bounds, client, context::Context, error::TopicProblem,
};

/// The setting that bounds a batch, and so a record.
const MESSAGE_BYTES: &str = "max.message.bytes";
/// What the topics of outputs are made with. The largest order has 200 lines of bundles of 20 parts; what is
/// larger still is refused by its topic, which then is to be told to take it.
const OUTPUT_BYTES: &str = "8388608";
/// What every topic must take that Granary writes to: Kafka's own default. The client makes batches of a
/// million bytes of smaller records.
const BATCH_BYTES: u64 = 1_048_588;

/// The settings by which a topic is deleted by age and by size; less than 0 is never.
const RETENTION: [&str; 2] = ["retention.ms", "retention.bytes"];
/// An input that is kept for less is gone after an outage that people take some hours over.
const INPUT_KEPT: Duration = Duration::from_secs(24 * 3600);

/// What keeps a partition of checkpoints about as large as the state that it holds: whoever comes back reads all
/// of it. What is superseded goes when its segment is compacted, and the newest segment never is.
const SMALL_CHECKPOINTS: &[(&str, &str)] = &[
    ("cleanup.policy", "compact"),
    // Small ones, and closed soon also where little is written.
    ("segment.bytes", "33554432"),
    ("segment.ms", "600000"),
    // Compacted when a tenth is superseded, not half.
    ("min.cleanable.dirty.ratio", "0.1"),
    // What a page's removal leaves behind is needed no longer than somebody reads.
    ("delete.retention.ms", "600000"),
];

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
            settings(topic).into_iter().fold(new, |new, (key, value)| new.set(key, value))
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
    check_with(&admin, names, connection.describes)?;
    Ok(created)
}

/// Topics that are what exactly-once needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// How many partitions each has.
    pub partitions: u32,
    /// What would be better otherwise, a sentence each.
    pub advice: Vec<String>,
    /// How long each input is kept by age, where it is not kept for ever and its settings may be read.
    pub retention: Vec<(Topic, Duration)>,
}

/// Checks that the brokers answer and that the topics are what exactly-once needs.
///
/// # Errors
/// The brokers can't be reached, or everything that is wrong with the topics.
pub fn check(connection: &Connection, names: &TopicNames) -> Result<Checked, DriverError> {
    connection.check()?;
    let admin = client::admin(connection, Context::default())?;
    reach(connection, &admin)?;
    check_with(&admin, names, connection.describes)
}

fn check_with(
    admin: &AdminClient<Context>,
    names: &TopicNames,
    describes: bool,
) -> Result<Checked, DriverError> {
    let metadata = metadata(admin, bounds::QUESTION)?;
    let found = |name: &str| partitions_of(&metadata, name);
    let orders = names.get(Topic::Orders);
    let expected = found(orders).unwrap_or(0);
    let mut problems = Vec::new();
    for (_, name) in names.iter() {
        match found(name) {
            None => problems.push(TopicProblem::Missing { name: name.to_owned() }),
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
    let (mut advice, mut retention) = (Vec::new(), Vec::new());
    if describes {
        let present: Vec<_> = names.iter().filter(|(_, name)| found(name).is_some()).collect();
        let described = describe(admin, &present)?;
        problems.extend(settings_problems(&described));
        advice = described.iter().flat_map(advice_on).collect();
        let kept = |((topic, _), resource): &Described<'_>| Some((*topic, kept(*topic, resource)?));
        retention = described.iter().filter_map(kept).collect();
    }
    if problems.is_empty() {
        let partitions = u32::try_from(expected).unwrap_or(u32::MAX);
        return Ok(Checked { partitions, advice, retention });
    }
    Err(DriverError::Topics(problems))
}

/// A topic and its settings.
type Described<'a> = ((Topic, &'a str), ConfigResource);

/// The settings of these topics, as far as they may be read.
fn describe<'a>(
    admin: &AdminClient<Context>,
    topics: &[(Topic, &'a str)],
) -> Result<Vec<Described<'a>>, DriverError> {
    if topics.is_empty() {
        return Ok(Vec::new());
    }
    let resources: Vec<_> = topics.iter().map(|(_, name)| ResourceSpecifier::Topic(name)).collect();
    let described = block_on(admin.describe_configs(&resources, &options()))
        .map_err(DriverError::question("reading the topics' settings"))?;
    // Whoever may not read the settings may still run: the topics' owner answers for them.
    let readable = topics.iter().zip(described).filter_map(|(topic, r)| Some((*topic, r.ok()?)));
    Ok(readable.collect())
}

/// What of a topic's settings costs something, but nothing that must not be lost.
fn advice_on(((topic, name), resource): &Described<'_>) -> Vec<String> {
    let number = |key| setting(resource, key).and_then(|value| value.parse::<f64>().ok());
    let mut advice = Vec::new();
    if *topic == Topic::Checkpoints {
        for (key, best) in SMALL_CHECKPOINTS {
            let wanted = best.parse::<f64>().ok();
            if number(key).zip(wanted).is_some_and(|(found, wanted)| found > wanted) {
                let found = setting(resource, key).unwrap_or_default();
                advice.push(format!(
                    "{name}: {key} is {found}; {best} keeps it small, and with it the time to come back"
                ));
            }
        }
    }
    for key in RETENTION.into_iter().filter(|_| *topic == Topic::Journal) {
        if let Some(found) = number(key).filter(|found| *found >= 0.0) {
            advice.push(format!(
                "{name}: {key} is {found}, so the last transactions of a partition that is quiet for long are deleted, and it stops for good when it is started again; set it to -1: Granary itself deletes what lies before a checkpoint"
            ));
        }
    }
    if topic.is_input() && number("retention.bytes").is_some_and(|bytes| bytes >= 0.0) {
        advice.push(format!(
            "{name}: retention.bytes deletes by size, so nobody can say for how long; limit it by retention.ms only"
        ));
    }
    if let Some(kept) = kept(*topic, resource).filter(|kept| *kept < INPUT_KEPT) {
        advice.push(format!(
            "{name}: retention.ms is {}, so what comes while the service is away for longer than {} s is lost, and a partition that needed it stops for good; a week is plenty, a day the least, -1 keeps everything",
            kept.as_millis(),
            kept.as_secs()
        ));
    }
    advice
}

/// How long an input is kept by age.
fn kept(topic: Topic, resource: &ConfigResource) -> Option<Duration> {
    let millis = setting(resource, "retention.ms")?.parse::<i64>().ok()?;
    let millis = u64::try_from(millis).ok()?;
    topic.is_input().then_some(Duration::from_millis(millis))
}

/// Topics whose settings lose what is needed, or can't take what must fit.
fn settings_problems(readable: &[Described<'_>]) -> Vec<TopicProblem> {
    let mut problems = Vec::new();
    for ((topic, name), resource) in readable {
        let policy = setting(resource, "cleanup.policy");
        problems.extend(cleanup_problem(*topic, name, policy));
        let limit = |key| Some((key, setting(resource, key)?.parse::<i64>().ok()?));
        let limits = RETENTION.into_iter().filter_map(limit);
        problems.extend(retention_problems(*topic, name, policy, limits));
    }
    let bytes =
        |resource| setting(resource, MESSAGE_BYTES).and_then(|value| value.parse::<u64>().ok());
    for ((topic, name), resource) in readable {
        let least = match topic {
            Topic::Orders | Topic::Comments | Topic::Stock => continue,
            Topic::DeadLetter | Topic::Reroute => contract::SENT_ON_BYTES_MAX as u64,
            _ => BATCH_BYTES,
        };
        let found = bytes(resource).unwrap_or(u64::MAX);
        if found < least {
            problems.push(TopicProblem::MessageBytes { name: (*name).to_owned(), found, least });
        }
    }
    problems
}

fn setting<'a>(resource: &'a ConfigResource, key: &str) -> Option<&'a str> {
    resource.get(key)?.value.as_deref()
}

fn cleanup_problem(topic: Topic, name: &str, found: Option<&str>) -> Option<TopicProblem> {
    let found = found.unwrap_or("delete");
    let compacts = found.split(',').any(|part| part.trim() == "compact");
    let (expected, why) = match topic.cleanup() {
        Cleanup::Delete if compacts => ("delete", compaction_loses(topic)),
        Cleanup::Compact if !compacts => {
            ("compact", "the newest state of what is quiet would be deleted by age")
        }
        _ => return None,
    };
    Some(TopicProblem::Cleanup { name: name.to_owned(), found: found.to_owned(), expected, why })
}

/// Checkpoints that are deleted by age or size although the way back needs them. Whether `retention.*` deletes
/// anything depends on the policy.
fn retention_problems(
    topic: Topic,
    name: &str,
    policy: Option<&str>,
    limits: impl Iterator<Item = (&'static str, i64)>,
) -> Vec<TopicProblem> {
    if topic != Topic::Checkpoints {
        return Vec::new();
    }
    let why = "with `delete` in cleanup.policy the state of what is quiet would be deleted. Set cleanup.policy to `compact`, which keeps what counts";
    let deletes = policy.unwrap_or("delete").split(',').any(|part| part.trim() == "delete");
    let limits = limits.filter(|(_, found)| deletes && *found >= 0);
    let problem = |(key, found)| TopicProblem::Retention { name: name.to_owned(), key, found, why };
    limits.map(problem).collect()
}

const fn compaction_loses(topic: Topic) -> &'static str {
    match topic {
        Topic::Journal => "compaction removes transactions, and with them the way back",
        topic if topic.is_input() => {
            "compaction removes events that a recovery has to read again, so it would come to other decisions"
        }
        _ => "compaction keeps only the last record of a pool",
    }
}

/// What a topic is made with, beside its partitions. Inputs are kept for ever where nobody says otherwise: how
/// far back the way back needs them depends on the checkpoints, which is shown beside how long they are kept.
/// The journal never goes by age, since a partition that was quiet for long still needs its last records: what
/// lies before a checkpoint is deleted by Granary, in whole segments.
fn settings(topic: Topic) -> Vec<(&'static str, &'static str)> {
    // `SENT_ON_BYTES_MAX`, as a broker is told it; the test below holds the two together.
    const SENT_ON_BYTES: &str = "2097152";
    if topic == Topic::Checkpoints {
        return SMALL_CHECKPOINTS.to_vec();
    }
    let mut settings = vec![match topic.cleanup() {
        Cleanup::Compact => ("cleanup.policy", "compact"),
        Cleanup::Delete => ("cleanup.policy", "delete"),
    }];
    if topic.is_input() || topic == Topic::Journal {
        settings.extend([("retention.ms", "-1"), ("retention.bytes", "-1")]);
    }
    if topic == Topic::Journal {
        settings.push(("segment.bytes", "67108864"));
    }
    match topic {
        Topic::Reroute | Topic::DeadLetter => settings.push((MESSAGE_BYTES, SENT_ON_BYTES)),
        Topic::Fulfillment | Topic::Alerts | Topic::Decisions | Topic::Levels => {
            settings.push((MESSAGE_BYTES, OUTPUT_BYTES));
        }
        Topic::Orders | Topic::Comments | Topic::Stock | Topic::Journal | Topic::Checkpoints => {}
    }
    settings
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

fn options() -> AdminOptions {
    AdminOptions::new()
        .request_timeout(Some(bounds::QUESTION))
        .operation_timeout(Some(bounds::QUESTION))
}

#[cfg(test)]
mod tests {
    use rdkafka::admin::{ConfigEntry, ConfigSource, OwnedResourceSpecifier};

    use super::*;

    /// A topic with these settings, as the brokers describe it.
    fn described(topic: Topic, settings: &[(&str, &str)]) -> Described<'static> {
        let entry = |(name, value): &(&str, &str)| ConfigEntry {
            name: (*name).to_owned(),
            value: Some((*value).to_owned()),
            source: ConfigSource::DynamicTopic,
            is_read_only: false,
            is_default: false,
            is_sensitive: false,
        };
        let specifier = OwnedResourceSpecifier::Topic("t".to_owned());
        let entries = settings.iter().map(entry).collect();
        ((topic, "t"), ConfigResource { specifier, entries })
    }

    /// What is wrong with such a topic, as people read it.
    fn problems(topic: Topic, settings: &[(&str, &str)]) -> Vec<String> {
        settings_problems(&[described(topic, settings)]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_journal_that_is_deleted_by_age_or_size_is_told_of() {
        let advice = |settings: &[(&str, &str)]| advice_on(&described(Topic::Journal, settings));
        assert_eq!(advice(&[("retention.ms", "-1"), ("retention.bytes", "-1")]), [""; 0]);
        for key in RETENTION {
            let told = advice(&[(key, "604800000")]);
            assert!(
                told[0].starts_with(&format!("t: {key} is 604800000, so the last")),
                "{told:?}"
            );
        }
        assert_eq!(advice(&[("retention.ms", "0"), ("retention.bytes", "0")]).len(), 2);
    }

    #[test]
    fn checkpoints_are_refused_where_they_are_deleted_too() {
        // Where the policy is `compact` alone, limits of retention are nothing to it.
        for (policy, wrong) in [("compact", 0), ("compact,delete", 1), ("compact, delete", 1)] {
            let settings = [("cleanup.policy", policy), ("retention.ms", "604800000")];
            let told = problems(Topic::Checkpoints, &settings);
            assert_eq!(told.len(), wrong, "{policy}: {told:?}");
            assert!(told.iter().all(|told| told.contains("Set cleanup.policy to `compact`")));
        }
        let unlimited = [("cleanup.policy", "compact,delete"), ("retention.ms", "-1")];
        assert_eq!(problems(Topic::Checkpoints, &unlimited), Vec::<String>::new());
        // What others read may be deleted when it is old: nothing comes back from it.
        let week = [("cleanup.policy", "delete"), ("retention.ms", "604800000")];
        assert_eq!(problems(Topic::Decisions, &week), Vec::<String>::new());
    }

    #[test]
    fn an_input_that_is_kept_for_hours_only_is_told_of() {
        for (topic, millis, told) in [
            (Topic::Orders, "3600000", true),
            (Topic::Reroute, "86399999", true),
            (Topic::Stock, "86400000", false),
            (Topic::Comments, "-1", false),
            (Topic::Decisions, "3600000", false),
        ] {
            let advice = advice_on(&described(topic, &[("retention.ms", millis)]));
            assert_eq!(!advice.is_empty(), told, "{topic:?} {millis}: {advice:?}");
        }
        let advice = advice_on(&described(Topic::Orders, &[("retention.ms", "3600000")]));
        assert!(advice[0].contains("away for longer than 3600 s is lost"), "{advice:?}");
    }

    #[test]
    fn what_is_sent_on_fits_the_topics_that_are_made_for_it() {
        for topic in [Topic::DeadLetter, Topic::Reroute] {
            let settings = settings(topic);
            let (_, bytes) =
                settings.iter().find(|(key, _)| *key == MESSAGE_BYTES).expect("it is set");
            assert_eq!(bytes.parse(), Ok(contract::SENT_ON_BYTES_MAX));
        }
    }
}
