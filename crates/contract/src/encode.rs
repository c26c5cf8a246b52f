//! Decisions, parcels, alerts and levels to records, and input that can't be taken to dead letters.

mod dead_letter;
mod escape;
mod ids;
mod json;
mod message;
mod object;
mod protobuf;
mod say;
mod texts;
pub mod words;

use std::borrow::Cow;

use allotment::{Alert, Decision, Effect, Fulfillment, Level, Time};

pub use dead_letter::Source;
pub(crate) use escape::needs_no_escape;
pub use texts::Language;

use crate::time::{RFC3339_BYTES, push_rfc3339};
use crate::{Encoding, Topic, headers};

/// Writes records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoder {
    /// How values are written.
    pub encoding: Encoding,
    /// The language of `detail`, `message` and `suggestion`.
    pub language: Language,
    /// Whether decisions have CloudEvents headers; fulfillment and alerts always have.
    pub cloud_events_on_decisions: bool,
    /// Whether levels have CloudEvents headers.
    pub cloud_events_on_levels: bool,
    /// `ce_source`, a URI reference that names the deployment.
    pub ce_source: String,
}

/// A record to be produced, on the partition of its pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to.
    pub topic: Topic,
    /// The record's key; only a dead letter may have none.
    pub key: Option<Vec<u8>>,
    /// The record's headers.
    pub headers: Vec<Header>,
    /// The record's value; only the dead letter of a record without one has none.
    pub value: Option<Vec<u8>>,
}

/// A record header. Kafka lets a header be without a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name: one of [`headers`], or what the input's sender called it.
    pub name: Cow<'static, str>,
    /// Its value.
    pub value: Option<Cow<'static, [u8]>>,
}

impl Header {
    /// A header of our own.
    #[must_use]
    pub fn new(name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        Self { name: Cow::Borrowed(name), value: Some(Cow::Owned(value.into())) }
    }

    /// A header of our own that always says the same.
    #[must_use]
    pub const fn fixed(name: &'static str, value: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), value: Some(Cow::Borrowed(value.as_bytes())) }
    }
}

impl Default for Encoder {
    /// JSON, English, CloudEvents only where the contract asks for them.
    fn default() -> Self {
        Self {
            encoding: Encoding::Json,
            language: Language::En,
            cloud_events_on_decisions: false,
            cloud_events_on_levels: false,
            ce_source: "/granary".to_owned(),
        }
    }
}

impl Encoder {
    /// The record by which `partition` tells `effect` to the outside.
    #[must_use]
    pub fn encode(&self, partition: u32, effect: &Effect) -> Outgoing {
        match effect {
            Effect::Decision(decision) => self.encode_decision(decision),
            Effect::Fulfillment(fulfillment) => self.encode_fulfillment(fulfillment),
            Effect::Alert(alert) => self.encode_alert(partition, alert),
            Effect::Level(level) => self.encode_level(level),
        }
    }

    fn encode_decision(&self, decision: &Decision) -> Outgoing {
        let headers = if self.cloud_events_on_decisions {
            self.cloud_event(
                ids::decision(decision).bytes(),
                words::ORDER_DECIDED,
                decision.decided_at,
            )
        } else {
            self.plain()
        };
        let value = match self.encoding {
            Encoding::Json => json::decision(decision, self.language),
            Encoding::Protobuf => protobuf::decision(decision, self.language),
        };
        outgoing(Topic::Decisions, decision.pool.as_str(), headers, value)
    }

    fn encode_fulfillment(&self, fulfillment: &Fulfillment) -> Outgoing {
        let (pool, time) = match fulfillment {
            Fulfillment::Requested(of) | Fulfillment::Revised(of) => (&of.pool, of.requested_at),
            Fulfillment::Cancelled(of) => (&of.pool, of.cancelled_at),
            Fulfillment::Manifest(of) => (&of.pool, of.told_at),
        };
        let id = ids::cloud_event_of_fulfillment(fulfillment);
        let headers = self.cloud_event(id, words::fulfillment(fulfillment), time);
        let value = match self.encoding {
            Encoding::Json => json::fulfillment(fulfillment),
            Encoding::Protobuf => protobuf::fulfillment(fulfillment),
        };
        outgoing(Topic::Fulfillment, pool.as_str(), headers, value)
    }

    fn encode_alert(&self, partition: u32, alert: &Alert) -> Outgoing {
        let id = ids::alert(partition, alert);
        let value = match self.encoding {
            Encoding::Json => json::alert(&id, alert, self.language),
            Encoding::Protobuf => protobuf::alert(&id, alert, self.language),
        };
        let headers = self.cloud_event(id.into_bytes(), words::alert(alert.kind), alert.raised_at);
        outgoing(Topic::Alerts, alert.pool.as_str(), headers, value)
    }

    fn encode_level(&self, level: &Level) -> Outgoing {
        let headers = if self.cloud_events_on_levels {
            self.cloud_event(ids::cloud_event_of_level(level), words::STOCK_LEVEL, level.as_of)
        } else {
            self.plain()
        };
        let value = match self.encoding {
            Encoding::Json => json::level(level),
            Encoding::Protobuf => protobuf::level(level),
        };
        outgoing(Topic::Levels, ids::level_key(level), headers, value)
    }

    /// CloudEvents 1.0 in binary mode: the value stays as it is, the envelope is headers.
    fn cloud_event(&self, id: Vec<u8>, kind: &'static str, time: Time) -> Vec<Header> {
        let mut at = Vec::with_capacity(RFC3339_BYTES);
        push_rfc3339(&mut at, time);
        vec![
            Header::fixed(headers::CE_SPECVERSION, "1.0"),
            Header::new(headers::CE_ID, id),
            Header::fixed(headers::CE_TYPE, kind),
            Header::new(headers::CE_SOURCE, self.ce_source.as_str()),
            Header::new(headers::CE_TIME, at),
            self.content_type(),
        ]
    }

    /// Headers cost more to send than a small value does, so that JSON, the default, goes without.
    fn plain(&self) -> Vec<Header> {
        match self.encoding {
            Encoding::Json => Vec::new(),
            Encoding::Protobuf => vec![self.content_type()],
        }
    }

    const fn content_type(&self) -> Header {
        Header::fixed(headers::CONTENT_TYPE, self.encoding.content_type())
    }
}

fn outgoing(
    topic: Topic,
    key: impl Into<Vec<u8>>,
    headers: Vec<Header>,
    value: Vec<u8>,
) -> Outgoing {
    Outgoing { topic, key: Some(key.into()), headers, value: Some(value) }
}
