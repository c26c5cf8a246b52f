//! What every client of ours has in common: where its log lines and errors go.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rdkafka::{
    ClientContext,
    config::RDKafkaLogLevel,
    consumer::ConsumerContext,
    error::{KafkaError, RDKafkaErrorCode},
    producer::{DeliveryResult, ProducerContext},
};
use telemetry::metrics::KafkaError as Kind;

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
        telemetry::log::kafka_error(kind, &reason);
    }
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
