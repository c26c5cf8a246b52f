//! What every client of ours has in common: where its log lines and errors go.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use lane::Time;
use rdkafka::{
    ClientContext,
    config::RDKafkaLogLevel,
    consumer::ConsumerContext,
    error::{KafkaError, RDKafkaErrorCode},
    message::{Message, Timestamp},
    producer::{DeliveryResult, ProducerContext},
};
use serde_json::Value;
use signals::Flag;
use telemetry::metrics::KafkaError as Kind;

use crate::bounds;

/// The facility under which the client logs how it is configured.
const CONFIGURATION: &str = "CONF";

/// Passes log lines and errors on, and remembers that the brokers were away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    trouble: Arc<Flag>,
    refusal: Arc<Mutex<Option<Refusal>>>,
    /// How many connections were lost.
    lost: Arc<AtomicU32>,
    /// When the broker appended the journal's last record; [`UNKNOWN`] where it did not say.
    appended: Arc<AtomicI64>,
    /// The partition whose brokers must not be silent.
    watched: Option<i32>,
}

/// What a record that is produced bears for the client: whether it is the journal's.
pub(crate) const JOURNAL: usize = 1;

/// No broker says so of itself.
const UNKNOWN: i64 = i64::MIN;

/// A topic that does not take what is written to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Its name.
    pub(crate) topic: String,
    /// What the broker, or the client for it, says.
    pub(crate) why: String,
    /// The broker said nothing for as long as the transaction may live: it may be another topic's fault.
    pub(crate) late: bool,
}

impl Context {
    /// For a client that reads this partition and must know when a broker of it falls silent.
    pub(crate) fn watching(partition: i32) -> Self {
        Self { watched: Some(partition), ..Self::default() }
    }

    /// Whether the brokers were away since this was asked last.
    pub(crate) fn take_trouble(&self) -> bool {
        self.trouble.take()
    }

    /// How many connections this client has lost, as far as its lines have been taken.
    pub(crate) fn lost_connections(&self) -> u32 {
        self.lost.load(Ordering::Relaxed)
    }

    /// When the broker appended the journal's record of the transaction that was just committed: a commit returns
    /// only after all reports of its records were served. Forgets it.
    pub(crate) fn take_appended(&self) -> Option<Time> {
        let appended = self.appended.swap(UNKNOWN, Ordering::Relaxed);
        (appended != UNKNOWN).then_some(Time(appended))
    }

    /// Takes a line that the client has logged.
    pub(crate) fn line(&self, facility: &str, line: &str) {
        // With `debug` the client prints its properties with their values, and knows not all that are secrets.
        if facility == CONFIGURATION {
            return;
        }
        // The client's own levels call every lost connection an error; what matters comes through `error`.
        telemetry::log::kafka_line(facility, line);
        // Which topic a transaction may not write to is told here and nowhere else.
        if let Some((topic, why)) = not_added(facility, line) {
            self.refused(topic, why.to_owned(), false);
        }
        if is_lost(facility, line) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The first topic that did not take a record of this producer, if there is one.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The broker has appended the journal's record. A time that is not its own is none.
    fn journalled(&self, timestamp: Timestamp) {
        let appended = match timestamp {
            Timestamp::LogAppendTime(appended) => appended,
            Timestamp::CreateTime(_) | Timestamp::NotAvailable => UNKNOWN,
        };
        self.appended.store(appended, Ordering::Relaxed);
    }

    /// Remembers it; the first says most, since the others follow from it.
    fn refused(&self, topic: &str, why: String, late: bool) {
        let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        refusal.get_or_insert_with(|| Refusal { topic: topic.to_owned(), why, late });
    }
}

impl ClientContext for Context {
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.line(facility, line);
    }

    fn stats_raw(&self, statistics: &[u8]) {
        // Asked for where a partition is watched, and nowhere else.
        if self.watched.is_some_and(|partition| is_silent(statistics, partition)) {
            self.trouble.raise();
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        if code == Some(RDKafkaErrorCode::PartitionEOF) {
            return;
        }
        let kind = kind(code);
        if kind == Kind::Transport {
            self.trouble.raise();
        }
        telemetry::metrics::kafka_error(kind);
        // Each client says it of each broker, several times a second, for as long as it lasts.
        if kind != Kind::Transport || is_time_to_say() {
            telemetry::log::kafka_error(kind, &reason);
        }
    }
}

/// Whether it is long enough ago that this process said that a broker is away.
fn is_time_to_say() -> bool {
    static SAID: Mutex<Option<Instant>> = Mutex::new(None);
    let mut said = SAID.lock().unwrap_or_else(PoisonError::into_inner);
    let due = said.is_none_or(|said| said.elapsed() >= bounds::SAY_AWAY);
    if due {
        *said = Some(Instant::now());
    }
    due
}

impl ConsumerContext for Context {}

impl ProducerContext for Context {
    type DeliveryOpaque = usize;

    /// A record that was not delivered fails the commit of its transaction; here is only remembered why. Of those
    /// that were, the journal's says what time it is.
    fn delivery(&self, result: &DeliveryResult<'_>, which: Self::DeliveryOpaque) {
        let (error, message) = match result {
            Ok(message) if which == JOURNAL => return self.journalled(message.timestamp()),
            Ok(_) => return,
            Err(failed) => failed,
        };
        let code = error.rdkafka_error_code();
        if code.is_some_and(is_refusal) {
            let late = code == Some(RDKafkaErrorCode::MessageTimedOut);
            self.refused(message.topic(), error.to_string(), late);
        }
    }
}

/// Whether a broker that leads `partition` of any topic has owed an answer for too long.
fn is_silent(statistics: &[u8], partition: i32) -> bool {
    let Ok(statistics) = serde_json::from_slice::<Value>(statistics) else { return false };
    let leads = |broker: &Value| {
        let led = broker["toppars"].as_object();
        led.is_some_and(|led| led.values().any(|toppar| toppar["partition"] == partition))
    };
    let owes = |broker: &Value| {
        let silent = broker["rxidle"].as_u64().map(Duration::from_micros);
        broker["waitresp_cnt"].as_u64() > Some(0) && silent > Some(bounds::SILENT)
    };
    let brokers = statistics["brokers"].as_object();
    brokers.is_some_and(|brokers| brokers.values().any(|broker| owes(broker) && leads(broker)))
}

/// Whether a record that was not delivered says something of its topic. Not where the client gave it up
/// with its whole transaction, and not where the producer is shut out.
const fn is_refusal(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as Code;
    !matches!(
        code,
        Code::PurgeQueue
            | Code::PurgeInflight
            | Code::Fatal
            | Code::Fenced
            | Code::ProducerFenced
            | Code::InvalidProducerEpoch
            | Code::InvalidTransactionalState
    )
}

/// The topic that a line of the client says it could not add to a transaction, and why not.
fn not_added<'a>(facility: &str, line: &'a str) -> Option<(&'a str, &'a str)> {
    if facility != "ADDPARTS" {
        return None;
    }
    let (_, rest) = line.split_once("Failed to add partition \"")?;
    let (topic, rest) = rest.split_once('"')?;
    let (_, why) = rest.split_once(": ")?;
    // One topic that is refused keeps the others out.
    (!why.contains("not attempted")).then_some((topic, why))
}

/// Whether a line says that a connection which could carry requests is no more.
fn is_lost(facility: &str, line: &str) -> bool {
    facility == "STATE" && (line.ends_with(" UP -> DOWN") || line.ends_with(" REAUTH -> DOWN"))
}

fn kind(code: Option<RDKafkaErrorCode>) -> Kind {
    use RDKafkaErrorCode as Code;
    match code {
        Some(
            Code::AllBrokersDown
            | Code::BrokerTransportFailure
            | Code::Resolve
            | Code::OperationTimedOut
            | Code::RequestTimedOut,
        ) => Kind::Transport,
        Some(Code::Fatal | Code::Fenced) => Kind::Fatal,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_that_owes_an_answer_for_too_long_is_silent() {
        let broker = |owed: u32, idle_ms: u64, partition: i32| {
            let toppars = format!(r#"{{"t-{partition}":{{"topic":"t","partition":{partition}}}}}"#);
            let idle = idle_ms * 1000;
            format!(
                r#"{{"brokers":{{"b:1/1":{{"waitresp_cnt":{owed},"rxidle":{idle},"toppars":{toppars}}}}}}}"#
            )
        };
        let silent = |text: &str| is_silent(text.as_bytes(), 3);
        assert!(silent(&broker(1, 2100, 3)));
        assert!(!silent(&broker(1, 1900, 3)), "it may still answer");
        assert!(!silent(&broker(0, 9000, 3)), "it was asked nothing");
        assert!(!silent(&broker(1, 9000, 4)), "it leads another partition");
        assert!(!silent(&broker(1, 9000, 3).replace("9000000", "-1")), "it is not connected");
    }

    #[test]
    fn the_topic_that_may_not_be_written_to_is_read_from_the_clients_line() {
        let line = "[thrd:c]: c/1: Failed to add partition \"g.alerts\" [3] to transaction: Broker: Topic authorization failed";
        let found = not_added("ADDPARTS", line);
        assert_eq!(found, Some(("g.alerts", "Broker: Topic authorization failed")));
        let line = "c/1: Failed to add partition \"g.levels\" [3] to transaction: Broker: Operation not attempted";
        assert_eq!(not_added("ADDPARTS", line), None, "it only went with the other");
        assert_eq!(not_added("FAIL", "anything"), None);
    }

    #[test]
    fn a_connection_is_lost_where_it_was_there() {
        let state = |change| format!("[thrd:c]: TxnCoordinator/1: Broker changed state {change}");
        assert!(is_lost("STATE", &state("UP -> DOWN")));
        assert!(!is_lost("STATE", &state("CONNECT -> DOWN")), "there was none");
        assert!(!is_lost("STATE", &state("APIVERSION_QUERY -> UP")));
    }
}
