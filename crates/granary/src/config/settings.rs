//! The settings, with types: what the rest of the program sees of the configuration.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use tracing_subscriber::filter::LevelFilter;

use super::error::name as shown;
use super::layer::Raw;
use super::read::{Reader, kafka_name};
use super::{ConfigError, Layers, PROPERTIES, Problem};

const DAY: Duration = Duration::from_secs(86_400);
const SECOND: Duration = Duration::from_secs(1);

/// Properties of librdkafka on which exactly-once or the lanes rest; setting them is refused, with why.
const OURS: &[(&str, &str)] = &[
    ("bootstrap.servers", "set kafka.bootstrap_servers"),
    ("metadata.broker.list", "set kafka.bootstrap_servers"),
    ("group.id", "it follows from application.name"),
    ("group.instance.id", "set application.instance"),
    ("transactional.id", "it follows from application.name and the partition"),
    ("transaction.timeout.ms", "set bounds.transaction_timeout"),
    ("session.timeout.ms", "set bounds.session_timeout"),
    ("isolation.level", "Granary reads committed records only"),
    ("enable.idempotence", "exactly-once needs it"),
    ("enable.auto.commit", "offsets are committed in transactions"),
    ("enable.auto.offset.store", "offsets are committed in transactions"),
    ("auto.offset.reset", "what was read before must still be there"),
    ("partition.assignment.strategy", "the lanes rest on it"),
    ("group.protocol", "the lanes rest on it"),
    ("acks", "exactly-once needs all"),
    ("request.required.acks", "exactly-once needs all"),
    ("check.crcs", "what is replayed must be what was written"),
    ("enable.partition.eof", "the lanes rest on it"),
    ("heartbeat.interval.ms", "set bounds.session_timeout"),
    ("delivery.report.only.error", "exactly-once needs the reports"),
    ("statistics.interval.ms", "the console has the figures"),
];

/// The levels of log lines, most urgent first.
const LEVELS: [(&str, LevelFilter); 4] = [
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
];

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// UTF-8 JSON.
    Json,
    /// The messages of `proto/granary/v1`.
    Protobuf,
}

/// The language of texts for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Chinese.
    Chinese,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For a person at a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

/// An output topic that can be told to carry CloudEvents headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CloudEvents {
    /// `granary.decisions`
    Decisions,
    /// `granary.levels`
    Levels,
}

/// What a process with a name does with its partitions when it is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnStop {
    /// Keeps them for its quick restart.
    Keep,
    /// Leaves them to the others.
    HandOver,
}

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// What names the deployment in Kafka.
    pub(crate) application: String,
    /// What names the process within the deployment, if it has a name.
    pub(crate) instance: Option<String>,
    /// What becomes of its partitions when it is stopped.
    pub(crate) on_stop: OnStop,
    /// When and how lanes write checkpoints.
    pub(crate) checkpoints: Checkpoints,
    /// How many other processes follow each partition.
    pub(crate) followers: u64,
    /// How long identities are remembered.
    pub(crate) dedup_window: Duration,
    /// Whether a page of a manifest is told anew when it changes.
    pub(crate) manifest_corrections: bool,
    /// The language of texts for people.
    pub(crate) language: Language,
    /// What day it is when a date has no time.
    pub(crate) time_zone: String,
    /// `host:port`, several with commas.
    pub(crate) bootstrap_servers: String,
    /// Properties for all Kafka clients.
    pub(crate) properties: Properties,
    /// The topics' names, by their key under `topics`.
    pub(crate) topics: BTreeMap<&'static str, String>,
    /// How outputs are written.
    pub(crate) output: Encoding,
    /// How inputs without a header are read: orders, comments, stock.
    pub(crate) inputs: [Encoding; 3],
    /// Outputs with CloudEvents headers.
    pub(crate) cloudevents: Vec<CloudEvents>,
    /// What CloudEvents name as their source.
    pub(crate) source: String,
    /// Where the console listens; `None`: nowhere.
    pub(crate) console: Option<SocketAddr>,
    /// How long a lane may stand still.
    pub(crate) stuck_after: Duration,
    /// How log lines are written.
    pub(crate) log_format: LogFormat,
    /// The least level of log lines that is written.
    pub(crate) log_level: LevelFilter,
    /// How much at once.
    pub(crate) bounds: Bounds,
}

/// How much is held or done at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Records in a transaction at most.
    pub(crate) batch_records: u64,
    /// Bytes of input in a transaction at most.
    pub(crate) batch_bytes: u64,
    /// Bytes of memory that the process may take.
    pub(crate) memory: u64,
    /// Bytes that a lane fetches ahead at most.
    pub(crate) fetch_ahead: u64,
    /// How long a hidden record may keep time from passing.
    pub(crate) hidden_patience: Duration,
    pub(crate) new_pools: u64,
    /// When Kafka aborts a transaction by itself.
    pub(crate) transaction_timeout: Duration,
    /// When the group gives a silent process's partitions away.
    pub(crate) session_timeout: Duration,
    /// How long stopping may take.
    pub(crate) stop_timeout: Duration,
}

/// When and how lanes write checkpoints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checkpoints {
    /// The longest time without one.
    pub(crate) interval: Duration,
    /// The most events without one.
    pub(crate) events: u64,
    /// Bytes of one in a transaction.
    pub(crate) portion_bytes: u64,
}

/// Properties for librdkafka. Printing them hides the values, but for harmless ones.
#[derive(Clone, Default)]
pub(crate) struct Properties(pub(crate) BTreeMap<String, String>);

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self
            .0
            .iter()
            .map(|(name, value)| (name, if is_harmless(name) { value } else { HIDDEN }));
        f.debug_map().entries(shown).finish()
    }
}

/// What stands in for a value that is not shown.
pub(super) const HIDDEN: &str = "(hidden)";

/// Whether a librdkafka property's value may be shown. All others are hidden: a mistyped or a new name may have a secret.
pub(super) fn is_harmless(name: &str) -> bool {
    const HARMLESS: &[&str] = &[
        "broker.address.family",
        "client.id",
        "client.rack",
        "sasl.mechanism",
        "sasl.mechanisms",
        "security.protocol",
        "socket.keepalive.enable",
        "ssl.ca.location",
        "ssl.endpoint.identification.algorithm",
    ];
    HARMLESS.contains(&name)
}

/// The keys under `topics`, in the contract's order.
pub(crate) const TOPICS: [&str; 11] = [
    "orders",
    "comments",
    "stock",
    "reroute",
    "fulfillment",
    "alerts",
    "decisions",
    "levels",
    "dead_letter",
    "journal",
    "checkpoints",
];

/// Reads and checks everything; all that is wrong is in the error.
pub(super) fn read(layers: &Layers) -> Result<Settings, ConfigError> {
    let mut r = Reader::new(layers);
    let settings = Settings {
        application: r.parsed("application.name", String::new(), kafka_name),
        instance: r.parsed("application.instance", None, |text| match text {
            "" => Ok(None),
            name => kafka_name(name).map(Some),
        }),
        on_stop: r.word(
            "application.on_stop",
            &[("keep", OnStop::Keep), ("hand_over", OnStop::HandOver)],
        ),
        checkpoints: checkpoints(&mut r),
        // More than that is another deployment's worth of memory.
        followers: r.number("standby.followers", 0..=8),
        dedup_window: r.duration("application.dedup_window", SECOND * 60..=DAY * 90),
        manifest_corrections: r
            .word("application.manifest_corrections", &[("off", false), ("on", true)]),
        language: r
            .word("application.language", &[("en", Language::English), ("zh", Language::Chinese)]),
        time_zone: r.parsed("application.time_zone", String::new(), time_zone),
        bootstrap_servers: r.parsed("kafka.bootstrap_servers", String::new(), servers),
        properties: properties(layers, &mut r),
        topics: TOPICS
            .map(|key| (key, r.parsed(&format!("topics.{key}"), String::new(), kafka_name)))
            .into(),
        output: encoding(&mut r, "output"),
        inputs: ["orders", "comments", "stock"].map(|topic| encoding(&mut r, topic)),
        cloudevents: cloudevents(&mut r),
        source: r.parsed("encoding.source", String::new(), uri_reference),
        console: r.parsed("console.address", None, console_address),
        stuck_after: r.duration("console.stuck_after", SECOND * 2..=SECOND * 3600),
        log_format: r.word("log.format", &[("human", LogFormat::Human), ("json", LogFormat::Json)]),
        log_level: r.word("log.level", &LEVELS),
        bounds: bounds(&mut r),
    };
    different_topics(&settings, &mut r);
    if r.problems.is_empty() { Ok(settings) } else { Err(ConfigError::of(r.problems)) }
}

fn encoding(r: &mut Reader<'_>, key: &str) -> Encoding {
    r.word(
        &format!("encoding.{key}"),
        &[("json", Encoding::Json), ("protobuf", Encoding::Protobuf)],
    )
}

fn cloudevents(r: &mut Reader<'_>) -> Vec<CloudEvents> {
    let words = [("decisions", CloudEvents::Decisions), ("levels", CloudEvents::Levels)];
    r.words("encoding.cloudevents", &words)
}

fn checkpoints(r: &mut Reader<'_>) -> Checkpoints {
    Checkpoints {
        interval: r.duration("checkpoints.interval", SECOND..=DAY),
        events: r.number("checkpoints.events", 1..=1_000_000_000),
        // The largest is what a transaction is usually bounded by.
        portion_bytes: r.bytes("checkpoints.portion_bytes", 1 << 10..=4 << 20),
    }
}

fn bounds(r: &mut Reader<'_>) -> Bounds {
    const MIB: u64 = 1 << 20;
    let bounds = Bounds {
        batch_records: r.number("bounds.batch_records", 1..=100_000),
        // One record of the largest size that is taken must fit.
        batch_bytes: r.bytes("bounds.batch_bytes", MIB..=64 * MIB),
        // The least has room for a lane with the least bounds.
        memory: r.bytes("bounds.memory", 160 * MIB..=1024 * 1024 * MIB),
        fetch_ahead: r.bytes("bounds.fetch_ahead", MIB..=1024 * MIB),
        // A broker that is asked to allow more than a day has other troubles.
        hidden_patience: r.duration("bounds.hidden_patience", SECOND..=DAY),
        new_pools: r.number("bounds.new_pools", 1..=1_000_000),
        // Brokers allow fifteen minutes where they are not told otherwise.
        transaction_timeout: r.duration("bounds.transaction_timeout", SECOND * 5..=SECOND * 900),
        // Brokers refuse less than six seconds where they are not told otherwise.
        session_timeout: r.duration("bounds.session_timeout", SECOND * 6..=SECOND * 300),
        stop_timeout: r.duration("bounds.stop_timeout", SECOND..=SECOND * 300),
    };
    if bounds.stop_timeout > bounds.transaction_timeout {
        let remedy = "make it at most bounds.transaction_timeout: what lasts longer is aborted by Kafka anyway";
        r.refuse("bounds.stop_timeout", "is longer than bounds.transaction_timeout", remedy);
    }
    bounds
}

fn properties(layers: &Layers, r: &mut Reader<'_>) -> Properties {
    let mut properties = BTreeMap::new();
    for (name, entry) in layers.under(PROPERTIES) {
        let refused = OURS.iter().find(|(ours, _)| *ours == name);
        let problem =
            |what: String, remedy: String| Problem { origin: entry.origin.clone(), what, remedy };
        match (&entry.raw, refused) {
            (_, Some((_, why))) => {
                let what = format!("`{PROPERTIES}.{name}` can't be set");
                r.problems.push(problem(what, format!("leave it out: {why}")));
            }
            _ if !name.bytes().all(is_of_a_property) => {
                let what = format!("`{}` is not the name of a property", shown(name));
                let remedy = "write small letters, digits, `.`, `_` and `-`, as librdkafka does";
                r.problems.push(problem(what, remedy.to_owned()));
            }
            // librdkafka's texts end there.
            (Raw::Text(value), None) if value.contains('\0') => {
                let what = format!("`{PROPERTIES}.{name}` holds a zero byte");
                r.problems.push(problem(what, "write text without it".to_owned()));
            }
            (Raw::Text(value), None) => {
                properties.insert(name.to_owned(), value.clone());
            }
            (Raw::List(_), None) => {
                let what = format!("`{PROPERTIES}.{name}` is a list");
                r.problems.push(problem(
                    what,
                    "write one string, with commas where librdkafka wants several".to_owned(),
                ));
            }
        }
    }
    Properties(properties)
}

/// Whether names of librdkafka's properties have this byte.
const fn is_of_a_property(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-')
}

fn different_topics(settings: &Settings, r: &mut Reader<'_>) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for key in TOPICS {
        let name = settings.topics[key].as_str();
        if name.is_empty() {
            continue;
        }
        if let Some(other) = seen.insert(name, key) {
            let what = format!("has the name of `topics.{other}`, `{name}`");
            r.refuse(&format!("topics.{key}"), &what, "give each topic a name of its own");
        }
    }
}

/// Where the brokers are. Who has written a password before a host, as in other URLs, must not see it in a log.
fn servers(text: &str) -> Result<String, String> {
    let good = |server: &str| {
        let address = server.trim().rsplit_once("://").map_or(server.trim(), |(_, rest)| rest);
        address
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
    };
    if text.contains('@') {
        return Err("write host:port without a user; set sasl.username and sasl.password under kafka.properties".to_owned());
    }
    if !text.is_empty() && text.split(',').all(good) {
        Ok(text.to_owned())
    } else {
        Err("write host:port, several with commas, such as kafka-1:9092,kafka-2:9092".to_owned())
    }
}

fn uri_reference(text: &str) -> Result<String, String> {
    let good = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    if good {
        Ok(text.to_owned())
    } else {
        Err("write a URI or a path, such as /granary/hexi, in ASCII".to_owned())
    }
}

fn time_zone(text: &str) -> Result<String, String> {
    match jiff::tz::TimeZoneDatabase::bundled().get(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => {
            Err("write the IANA name of a time zone, such as Asia/Shanghai or UTC".to_owned())
        }
    }
}

fn console_address(text: &str) -> Result<Option<SocketAddr>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        "write an address and a port, such as 127.0.0.1:9464, or \"\" for none".to_owned()
    })
}
