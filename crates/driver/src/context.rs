//! What every client of ours has in common: where its log lines and errors go.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use rdkafka::{
    ClientContext,
    config::RDKafkaLogLevel,
    consumer::ConsumerContext,
    error::{KafkaError, RDKafkaErrorCode},
    producer::{DeliveryResult, ProducerContext},
};
use telemetry::metrics::KafkaError as Kind;

use crate::bounds;

/// Passes log lines and errors on, and remembers that the brokers were away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Context {
    trouble: Arc<AtomicBool>,
}

impl Context {
    /// Whether the brokers were away since this was asked last.
    pub(crate) fn take_trouble(&self) -> bool {
        self.trouble.swap(false, Ordering::Relaxed)
    }
}

impl ClientContext for Context {
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, line: &str) {
        // The client's own levels call every lost connection an error; what matters comes through `error`.
        telemetry::log::kafka_line(facility, line);
    }

    fn stats_raw(&self, _statistics: &[u8]) {
        // Not asked for. Without this the default would parse the JSON each time.
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        if code == Some(RDKafkaErrorCode::PartitionEOF) {
            return;
        }
        let kind = kind(code);
        if kind == Kind::Transport {
            self.trouble.store(true, Ordering::Relaxed);
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
    type DeliveryOpaque = ();

    /// A record that was not delivered fails the commit of its transaction; nothing is to be done here.
    fn delivery(&self, _result: &DeliveryResult<'_>, (): Self::DeliveryOpaque) {}
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
