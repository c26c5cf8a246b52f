//! The settings of topics: what they must be, what they should be, and what `topics create` sets.
//!
//! Only settings on which a promise rests are looked at. What may not be read is not judged.

use std::time::Duration;

use contract::{Cleanup, Topic, Way};
use rdkafka::admin::ConfigResource;

use crate::error::TopicProblem;

/// The setting that bounds a batch, and so a record.
const MESSAGE_BYTES: &str = "max.message.bytes";
/// What the topics of outputs are made with. The largest order has 200 lines of bundles of 20 parts; what is
/// larger still is refused by its topic, which then is to be told to take it.
const OUTPUT_BYTES: &str = "8388608";
/// `SENT_ON_BYTES_MAX`, as a broker is told it; a test below holds the two together.
const SENT_ON_BYTES: &str = "2097152";
/// What every topic must take that Granary writes to: Kafka's own default. The client makes batches of a
/// million bytes of smaller records.
const BATCH_BYTES: i64 = 1_048_588;

const CLEANUP: &str = "cleanup.policy";
const RETENTION_MS: &str = "retention.ms";
const RETENTION_BYTES: &str = "retention.bytes";
/// The settings by which a topic is deleted by age and by size; less than 0 is never.
const RETENTION: [&str; 2] = [RETENTION_MS, RETENTION_BYTES];
/// How many replicas must have a record before it is acknowledged.
const MIN_REPLICAS: &str = "min.insync.replicas";
/// Whether a replica that lacks records may become the leader.
const UNCLEAN: &str = "unclean.leader.election.enable";
/// Whose clock gives records their time: `CreateTime` or `LogAppendTime`.
const TIME_TYPE: &str = "message.timestamp.type";
const BROKERS_TIME: &str = "LogAppendTime";
/// How far a record's own time may be off before the broker refuses it: before and after the broker's time.
/// Brokers before 3.6 know only the last one, for both ways.
const TIME_LIMITS: [(&str, &str); 2] = [
    ("message.timestamp.before.max.ms", "message.timestamp.difference.max.ms"),
    ("message.timestamp.after.max.ms", "message.timestamp.difference.max.ms"),
];

/// A topic that is kept for less is gone after an outage that people take some hours over.
const KEPT: Duration = Duration::from_secs(24 * 3600);
/// How long inputs are kept: a week's holiday, and a record whose time is wrong by a little.
const INPUT_KEPT_MS: &str = "604800000";
/// How far a record's own time may be off on an input: no sane producer takes an hour to deliver a record.
const TIME_OFF: i64 = 3_600_000;
const TIME_OFF_MS: &str = "3600000";

/// What keeps a partition of checkpoints about as large as the state that it holds: whoever comes back reads all
/// of it. What is superseded goes when its segment is compacted, and the newest segment never is.
const SMALL_CHECKPOINTS: &[(&str, &str)] = &[
    // Small ones, and closed soon also where little is written.
    ("segment.bytes", "33554432"),
    ("segment.ms", "600000"),
    // Compacted when a tenth is superseded, not half.
    ("min.cleanable.dirty.ratio", "0.1"),
    // What a page's removal leaves behind is needed no longer than somebody reads.
    ("delete.retention.ms", "600000"),
];

/// A topic as the brokers have it.
pub(crate) struct Found<'a> {
    pub(crate) topic: Topic,
    pub(crate) name: &'a str,
    pub(crate) resource: ConfigResource,
    /// On how many brokers each partition lies.
    pub(crate) replicas: usize,
    /// How many brokers there are.
    pub(crate) brokers: usize,
}

impl Found<'_> {
    /// How long it is kept by age, where it is an input and not kept for ever.
    pub(crate) fn kept_as_input(&self) -> Option<Duration> {
        self.kept().filter(|_| self.topic.is_input())
    }

    fn kept(&self) -> Option<Duration> {
        let millis = u64::try_from(self.number(RETENTION_MS)?).ok()?;
        Some(Duration::from_millis(millis))
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.resource.get(key)?.value.as_deref()
    }

    fn number(&self, key: &str) -> Option<i64> {
        self.text(key)?.parse().ok()
    }

    /// The limit of retention that it has, where it has one.
    fn limit(&self, key: &'static str) -> Option<(&'static str, i64)> {
        self.number(key).filter(|limit| *limit >= 0).map(|limit| (key, limit))
    }

    /// Whether this is among what its old records are cleaned up by.
    fn cleans_by(&self, policy: &str) -> bool {
        let found = self.text(CLEANUP).unwrap_or("delete");
        found.split(',').any(|part| part.trim() == policy)
    }

    fn is_written_by_granary(&self) -> bool {
        self.topic.way() != Way::In
    }
}

/// What of a topic's settings loses what is needed, or keeps what is written out.
pub(crate) fn problems(found: &Found<'_>) -> Vec<TopicProblem> {
    let single = [cleanup_problem(found), journal_problem(found), bytes_problem(found)];
    let mut problems: Vec<_> = single.into_iter().flatten().collect();
    problems.extend(deleted_problems(found));
    problems.extend(replicas_problem(found));
    problems.extend(stamps_problem(found));
    problems
}

/// By the broker's stamps on the journal a lane knows what time it is.
fn stamps_problem(found: &Found<'_>) -> Option<TopicProblem> {
    let is = found.text(TIME_TYPE).filter(|is| *is != BROKERS_TIME)?;
    (found.topic == Topic::Journal).then(|| TopicProblem::JournalTime {
        name: found.name.to_owned(),
        key: TIME_TYPE,
        found: is.to_owned(),
        expected: BROKERS_TIME,
    })
}

fn cleanup_problem(found: &Found<'_>) -> Option<TopicProblem> {
    let (expected, why) = match found.topic.cleanup() {
        Cleanup::Delete if found.cleans_by("compact") => ("delete", compaction_loses(found.topic)),
        Cleanup::Compact if !found.cleans_by("compact") => {
            ("compact", "the newest state of what is quiet would be deleted by age")
        }
        _ => return None,
    };
    let policy = found.text(CLEANUP).unwrap_or("delete").to_owned();
    Some(TopicProblem::Cleanup { name: found.name.to_owned(), found: policy, expected, why })
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

/// Topics that hold the newest state of each key, and are deleted by age or size too. Whether `retention.*`
/// deletes anything depends on the policy.
fn deleted_problems(found: &Found<'_>) -> Vec<TopicProblem> {
    let compacted = found.cleans_by("compact") && found.topic.cleanup() == Cleanup::Compact;
    if !compacted || !found.cleans_by("delete") {
        return Vec::new();
    }
    let why = match found.topic {
        Topic::Levels => {
            "with `delete` in cleanup.policy the level of what is quiet would be deleted, and a reader would not learn it. Set cleanup.policy to `compact`, which keeps the last level of each SKU"
        }
        _ => {
            "with `delete` in cleanup.policy the state of what is quiet would be deleted. Set cleanup.policy to `compact`, which keeps what counts"
        }
    };
    let problem = |(key, limit)| retention_problem(found, key, limit, why);
    RETENTION.into_iter().filter_map(|key| found.limit(key)).map(problem).collect()
}

/// A journal that does not outlive a night.
fn journal_problem(found: &Found<'_>) -> Option<TopicProblem> {
    let kept = found.kept().filter(|kept| found.topic == Topic::Journal && *kept < KEPT)?;
    let limit = i64::try_from(kept.as_millis()).unwrap_or(i64::MAX);
    let why = "a partition that is quiet for so long loses its last transactions, and stops for good when it is started again. Set it to -1: Granary itself deletes what lies before a checkpoint";
    Some(retention_problem(found, RETENTION_MS, limit, why))
}

fn retention_problem(
    found: &Found<'_>,
    key: &'static str,
    limit: i64,
    why: &'static str,
) -> TopicProblem {
    TopicProblem::Retention { name: found.name.to_owned(), key, found: limit, why }
}

fn bytes_problem(found: &Found<'_>) -> Option<TopicProblem> {
    let least = match found.topic {
        Topic::Orders | Topic::Comments | Topic::Stock => return None,
        Topic::DeadLetter | Topic::Reroute => {
            i64::try_from(contract::SENT_ON_BYTES_MAX).unwrap_or(i64::MAX)
        }
        _ => BATCH_BYTES,
    };
    let bytes = found.number(MESSAGE_BYTES).filter(|bytes| *bytes < least)?;
    let (bytes, least) = (u64::try_from(bytes).ok()?, u64::try_from(least).ok()?);
    Some(TopicProblem::MessageBytes { name: found.name.to_owned(), found: bytes, least })
}

/// Granary has every write acknowledged by all replicas that are in sync.
fn replicas_problem(found: &Found<'_>) -> Option<TopicProblem> {
    let least = usize::try_from(found.number(MIN_REPLICAS)?).ok()?;
    let never = found.replicas > 0 && least > found.replicas && found.is_written_by_granary();
    never.then(|| TopicProblem::Replicas {
        name: found.name.to_owned(),
        least,
        replicas: found.replicas,
    })
}

/// What of a topic's settings costs something, or loses something on a bad day. A sentence each.
pub(crate) fn advice(found: &Found<'_>) -> Vec<String> {
    let mut advice = Vec::new();
    if found.topic == Topic::Checkpoints {
        advice.extend(advice_on_size(found));
    }
    advice.extend(advice_on_retention(found));
    advice.extend(advice_on_replicas(found));
    advice.extend(match found.topic.way() {
        Way::In => advice_on_times(found),
        _ => advice_on_stamps(found).into_iter().collect(),
    });
    advice.into_iter().map(|advice| format!("{}: {advice}", found.name)).collect()
}

fn advice_on_size(found: &Found<'_>) -> Vec<String> {
    let number = |text: &str| text.parse::<f64>().ok();
    let advice = |(key, best): &(&str, &str)| {
        let text = found.text(key)?;
        let larger = number(text)? > number(best)?;
        larger.then(|| {
            format!("{key} is {text}; {best} keeps it small, and with it the time to come back")
        })
    };
    SMALL_CHECKPOINTS.iter().filter_map(advice).collect()
}

fn advice_on_retention(found: &Found<'_>) -> Vec<String> {
    let mut advice = Vec::new();
    let limits = RETENTION.into_iter().filter_map(|key| found.limit(key));
    match (found.topic, found.topic.cleanup()) {
        (_, Cleanup::Compact) => {}
        (Topic::Journal, _) => {
            let kept =
                |(key, limit): &(&str, i64)| *key == RETENTION_BYTES || *limit >= millis(KEPT);
            advice.extend(limits.filter(kept).map(|(key, limit)| format!(
                "{key} is {limit}, so the last transactions of a partition that is quiet for long are deleted, and it stops for good when it is started again; set it to -1: Granary itself deletes what lies before a checkpoint"
            )));
        }
        _ => {
            if found.limit(RETENTION_BYTES).is_some() {
                advice.push("retention.bytes deletes by size, so nobody can say for how long; limit it by retention.ms only".to_owned());
            }
            advice.extend(found.kept().filter(|kept| *kept < KEPT).map(|kept| short(found, kept)));
        }
    }
    advice
}

fn short(found: &Found<'_>, kept: Duration) -> String {
    let (millis, seconds) = (kept.as_millis(), kept.as_secs());
    if found.topic.is_input() {
        return format!(
            "retention.ms is {millis}, so what comes while the service is away for longer than {seconds} s is lost, and a partition that needed it stops for good; a week is plenty, a day the least, -1 keeps everything"
        );
    }
    format!(
        "retention.ms is {millis}, so a reader that is away for longer than {seconds} s never sees what was told meanwhile; a week is plenty, a day the least"
    )
}

/// What is acknowledged must outlive the loss of one broker.
fn advice_on_replicas(found: &Found<'_>) -> Vec<String> {
    let (replicas, brokers) = (found.replicas, found.brokers);
    if replicas < 2 {
        let others = (replicas == 1 && brokers > 1).then(|| format!(
            "it lies on one of {brokers} brokers only: when that one is away nothing goes on, and with its disk all is lost; have 3 replicas"
        ));
        return others.into_iter().collect();
    }
    let mut advice = Vec::new();
    match found.number(MIN_REPLICAS).and_then(|least| usize::try_from(least).ok()) {
        Some(0 | 1) => advice.push(format!(
            "min.insync.replicas is 1, so what is acknowledged may be on one broker only, and is lost with it; set it to 2 of {}",
            replicas.max(3)
        )),
        Some(least) if least == replicas => advice.push(format!(
            "min.insync.replicas is {least} of {replicas} replicas, so it takes no writes as soon as one broker is away; have a replica more"
        )),
        _ => {}
    }
    if found.text(UNCLEAN) == Some("true") {
        advice.push(format!(
            "{UNCLEAN} is true: a broker that lacks records may become the leader, and then what was committed is gone; set it to false, unless you are just repairing it"
        ));
    }
    advice
}

/// An event arrives when its record says, so a producer's clock must not be far off.
fn advice_on_times(found: &Found<'_>) -> Vec<String> {
    if found.text(TIME_TYPE) != Some("CreateTime") {
        return Vec::new();
    }
    let advice = |(key, older): (&str, &str)| {
        let limits = [key, older].into_iter().filter_map(|key| Some((found.number(key)?, key)));
        let (limit, key) = limits.min()?;
        // Old records may be sent on purpose; records of the future are not.
        let cure = if key == TIME_LIMITS[1].0 {
            format!("Set {key} to {TIME_OFF_MS}, or {TIME_TYPE} to {BROKERS_TIME}")
        } else {
            format!(
                "If no producer sends old records on purpose, set {key} to {TIME_OFF_MS}. Or set {TIME_TYPE} to {BROKERS_TIME}"
            )
        };
        (limit > TIME_OFF).then(|| format!(
            "{TIME_TYPE} is CreateTime and {key} is {limit}, so a producer whose clock is wrong by more than an hour decides when its records arrive and when they are deleted. {cure}"
        ))
    };
    let mut told: Vec<_> = TIME_LIMITS.into_iter().filter_map(advice).collect();
    // An older broker has one setting for both ways.
    told.dedup();
    told
}

/// What Granary writes should not have the time of the process that writes it. The journal must not.
fn advice_on_stamps(found: &Found<'_>) -> Option<String> {
    let own = found.topic != Topic::Journal && found.text(TIME_TYPE) == Some("CreateTime");
    own.then(|| format!(
        "{TIME_TYPE} is CreateTime, so the clock of the process that writes decides what the broker refuses and when it is deleted; set it to {BROKERS_TIME}"
    ))
}

/// Inputs that are deleted before a partition that comes back has read them: it begins at the last whole
/// checkpoint, which is up to two intervals old.
pub(crate) fn advice_on_replay(name: &str, kept: Duration, interval: Duration) -> Option<String> {
    let needed = interval * 2;
    (kept < needed).then(|| format!(
        "{name}: retention.ms is {}, and coming back needs the inputs of up to {} ms, which is twice checkpoints.interval; raise the one or lower the other",
        kept.as_millis(),
        needed.as_millis()
    ))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// What a topic is made with, beside its partitions. Inputs are kept for a week, and take no record whose own
/// time is more than an hour ahead. What Granary writes has the brokers' time, so that the clock of no process
/// decides what is taken and what is deleted. The journal never goes by age, since a partition that was quiet
/// for long still needs its last records: what lies before a checkpoint is deleted by Granary, in whole segments.
pub(crate) fn made_with(topic: Topic) -> Vec<(&'static str, &'static str)> {
    let mut settings = vec![match topic.cleanup() {
        Cleanup::Compact => (CLEANUP, "compact"),
        Cleanup::Delete => (CLEANUP, "delete"),
    }];
    if topic.is_input() {
        settings.extend([(RETENTION_MS, INPUT_KEPT_MS), (RETENTION_BYTES, "-1")]);
    }
    if topic.way() == Way::In {
        // A bridge that sends again after an outage must not be refused, so the limit before is left to people.
        let [_, (after, _)] = TIME_LIMITS;
        settings.extend([(TIME_TYPE, "CreateTime"), (after, TIME_OFF_MS)]);
    } else {
        settings.push((TIME_TYPE, BROKERS_TIME));
    }
    match topic {
        Topic::Reroute | Topic::DeadLetter => settings.push((MESSAGE_BYTES, SENT_ON_BYTES)),
        Topic::Fulfillment | Topic::Alerts | Topic::Decisions | Topic::Levels => {
            settings.push((MESSAGE_BYTES, OUTPUT_BYTES));
        }
        Topic::Journal => settings.extend([
            (RETENTION_MS, "-1"),
            (RETENTION_BYTES, "-1"),
            ("segment.bytes", "67108864"),
        ]),
        Topic::Checkpoints => settings.extend(SMALL_CHECKPOINTS),
        Topic::Orders | Topic::Comments | Topic::Stock => {}
    }
    settings
}

#[cfg(test)]
mod tests {
    use rdkafka::admin::{ConfigEntry, ConfigSource, OwnedResourceSpecifier};

    use super::*;

    /// A topic with these settings and replicas, as a cluster of three brokers describes it.
    fn on(replicas: usize, topic: Topic, settings: &[(&str, &str)]) -> Found<'static> {
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
        let resource = ConfigResource { specifier, entries };
        Found { topic, name: "t", resource, replicas, brokers: 3 }
    }

    /// The same on three of three brokers.
    fn found(topic: Topic, settings: &[(&str, &str)]) -> Found<'static> {
        on(3, topic, settings)
    }

    /// What is wrong with such a topic, as people read it.
    fn problems_of(topic: Topic, settings: &[(&str, &str)]) -> Vec<String> {
        problems(&found(topic, settings)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_topics_are_made_with_is_as_it_must_be_and_should_be() {
        for topic in Topic::ALL {
            let mut settings = made_with(topic);
            settings.extend([(MIN_REPLICAS, "2"), (UNCLEAN, "false")]);
            assert_eq!(problems_of(topic, &settings), [""; 0], "{topic:?}");
            assert_eq!(advice(&found(topic, &settings)), [""; 0], "{topic:?}");
        }
    }

    #[test]
    fn a_journal_that_is_deleted_by_age_or_size_is_told_of() {
        let advice = |settings: &[(&str, &str)]| advice(&found(Topic::Journal, settings));
        assert_eq!(advice(&[(RETENTION_MS, "-1"), (RETENTION_BYTES, "-1")]), [""; 0]);
        for key in RETENTION {
            let told = advice(&[(key, "604800000")]);
            assert!(
                told[0].starts_with(&format!("t: {key} is 604800000, so the last")),
                "{told:?}"
            );
        }
        // What does not outlive a night is refused.
        for (millis, wrong) in [("0", 1), ("86399999", 1), ("86400000", 0), ("-1", 0)] {
            let settings = [(RETENTION_MS, millis)];
            assert_eq!(problems_of(Topic::Journal, &settings).len(), wrong, "{millis}");
            let told = usize::from(wrong == 0 && millis != "-1");
            assert_eq!(advice(&settings).len(), told, "{millis}");
        }
        assert_eq!(problems_of(Topic::Journal, &[(CLEANUP, "compact,delete")]).len(), 1);
    }

    #[test]
    fn a_journal_that_the_broker_does_not_stamp_is_refused() {
        let told = problems_of(Topic::Journal, &[(TIME_TYPE, "CreateTime")]);
        assert!(
            told[0].contains("--entity-name t --add-config message.timestamp.type=LogAppendTime")
        );
        assert_eq!(problems_of(Topic::Journal, &[(TIME_TYPE, BROKERS_TIME)]), [""; 0]);
        assert_eq!(problems_of(Topic::Decisions, &[(TIME_TYPE, "CreateTime")]), [""; 0]);
    }

    #[test]
    fn what_is_compacted_is_refused_where_it_is_deleted_too() {
        // Where the policy is `compact` alone, limits of retention are nothing to it.
        for topic in [Topic::Checkpoints, Topic::Levels] {
            for (policy, wrong) in [("compact", 0), ("compact,delete", 1), ("delete, compact", 1)] {
                let told = problems_of(topic, &[(CLEANUP, policy), (RETENTION_MS, "604800000")]);
                assert_eq!(told.len(), wrong, "{topic:?} {policy}: {told:?}");
                assert!(told.iter().all(|told| told.contains("Set cleanup.policy to `compact`")));
            }
            let unlimited = [(CLEANUP, "compact,delete"), (RETENTION_MS, "-1")];
            assert_eq!(problems_of(topic, &unlimited), [""; 0]);
            assert_eq!(problems_of(topic, &[(CLEANUP, "delete")]).len(), 1);
        }
        // What others read may be deleted when it is old: nothing comes back from it.
        let week = [(CLEANUP, "delete"), (RETENTION_MS, "604800000")];
        assert_eq!(problems_of(Topic::Decisions, &week), [""; 0]);
        assert_eq!(problems_of(Topic::Decisions, &[(CLEANUP, "compact,delete")]).len(), 1);
    }

    #[test]
    fn what_is_kept_for_hours_only_is_told_of() {
        for (topic, millis, told) in [
            (Topic::Orders, "3600000", "away for longer than 3600 s is lost"),
            (Topic::Reroute, "86399999", "away for longer than 86399 s is lost"),
            (Topic::Decisions, "3600000", "never sees what was told"),
            (Topic::DeadLetter, "3600000", "never sees what was told"),
            (Topic::Stock, "86400000", ""),
            (Topic::Comments, "-1", ""),
            (Topic::Levels, "3600000", ""),
        ] {
            let advice = advice(&found(topic, &[(CLEANUP, "delete"), (RETENTION_MS, millis)]));
            assert_eq!(advice.len(), usize::from(!told.is_empty()), "{topic:?} {millis}");
            assert!(advice.iter().all(|advice| advice.contains(told)), "{advice:?}");
        }
        assert_eq!(advice(&found(Topic::Alerts, &[(RETENTION_BYTES, "1000")])).len(), 1);
        let day = Duration::from_secs(86_400);
        assert_eq!(advice_on_replay("t", day, day / 2), None);
        assert!(advice_on_replay("t", day, day).is_some_and(|told| told.contains("172800000 ms")));
    }

    #[test]
    fn what_one_broker_can_lose_is_told_of() {
        let told = |replicas, settings: &[(&str, &str)]| {
            advice(&on(replicas, Topic::Fulfillment, settings)).join("\n")
        };
        assert!(told(3, &[(MIN_REPLICAS, "1")]).contains("set it to 2 of 3"));
        assert!(told(2, &[(MIN_REPLICAS, "2")]).contains("as soon as one broker is away"));
        assert!(told(1, &[(MIN_REPLICAS, "1")]).contains("on one of 3 brokers only"));
        assert!(told(3, &[(UNCLEAN, "true")]).contains("set it to false"));
        assert_eq!(told(3, &[(MIN_REPLICAS, "2"), (UNCLEAN, "false")]), "");
        // A cluster of one broker has no other to lose it to.
        let alone = Found { brokers: 1, ..on(1, Topic::Fulfillment, &[(UNCLEAN, "true")]) };
        assert_eq!(advice(&alone), [""; 0]);
        let never = problems(&on(1, Topic::Fulfillment, &[(MIN_REPLICAS, "2")]));
        assert!(never[0].to_string().contains("it has 1 replicas, so it takes no writes"));
        assert_eq!(problems(&on(1, Topic::Orders, &[(MIN_REPLICAS, "2")])), []);
    }

    #[test]
    fn producers_whose_time_may_be_far_off_are_told_of() {
        let [(before, older), (after, _)] = TIME_LIMITS;
        let told = |topic, settings: &[(&str, &str)]| {
            advice(&found(topic, &[&[(TIME_TYPE, "CreateTime")], settings].concat()))
        };
        let (hour, never) = ("3600000", "9223372036854775807");
        assert_eq!(told(Topic::Orders, &[(before, hour), (after, hour)]), [""; 0]);
        let far = told(Topic::Orders, &[(before, never), (after, "3600001")]);
        assert_eq!(far.len(), 2, "{far:?}");
        assert!(far[0].contains(&format!("{before} is {never}")), "{far:?}");
        assert!(far[1].contains(&format!("Set {after} to 3600000")), "{far:?}");
        // Older brokers: one setting, for a while beside the others.
        assert_eq!(told(Topic::Stock, &[(older, never)]).len(), 1);
        assert_eq!(told(Topic::Stock, &[(older, hour)]), [""; 0]);
        assert_eq!(told(Topic::Stock, &[(older, hour), (before, never), (after, never)]), [""; 0]);
        let brokers = [(TIME_TYPE, "LogAppendTime"), (before, never)];
        assert_eq!(advice(&found(Topic::Orders, &brokers)), [""; 0]);
        // Arrival of what Granary sends home is in a header; what it writes has the brokers' time.
        for topic in [Topic::Reroute, Topic::Decisions] {
            let own = told(topic, &[(before, never)]);
            assert!(own[0].ends_with("set it to LogAppendTime") && own.len() == 1, "{own:?}");
            assert_eq!(advice(&found(topic, &brokers)), [""; 0]);
        }
    }

    #[test]
    fn topics_take_what_is_sent_on_and_written_to_them() {
        for topic in [Topic::DeadLetter, Topic::Reroute] {
            let settings = made_with(topic);
            let bytes = settings.iter().find(|(key, _)| *key == MESSAGE_BYTES);
            let (_, bytes) = bytes.expect("it is set");
            assert_eq!(bytes.parse(), Ok(contract::SENT_ON_BYTES_MAX));
            assert_eq!(problems_of(topic, &[(MESSAGE_BYTES, "2097151")]).len(), 1);
        }
        assert_eq!(problems_of(Topic::Journal, &[(MESSAGE_BYTES, "1048587")]).len(), 1);
        assert_eq!(problems_of(Topic::Orders, &[(MESSAGE_BYTES, "1000")]), [""; 0]);
    }
}
