//! Bytes at the border to the types of allotment and back: JSON, protobuf, validation, dead letters.
//!
//! This is the only crate that knows how an event or a decision is written. It does no I/O and knows no
//! Kafka client: a record is a value, a `content-type` and a time for it, and what goes out is an
//! [`Outgoing`] that somebody else sends.
//!
//! - [`Decoder::decode`] takes a record's value apart into [`Delivery`]s, each an [`allotment::Input`] and,
//!   where it can't be taken, the [`Rejection`] for its dead letter.
//! - [`Encoder::encode`] makes a record of an [`allotment::Effect`], [`Encoder::dead_letter`] one of input
//!   that can't be taken.
//! - [`Topic`] is the table of topics, [`headers`] the list of record headers.

#![forbid(unsafe_code)]

mod bounds;
mod decode;
mod encode;
mod encoding;
pub mod headers;
mod join;
mod keep;
pub mod proto;
mod time;
mod topic;

pub use bounds::{
    COMPONENTS_MAX, ID_BYTES_MAX, JOINED_ID_BYTES_MAX, LINES_MAX, SENT_ON_BYTES_MAX,
    TRACE_BYTES_MAX, VALUE_BYTES_MAX,
};
pub use decode::{Arrival, Decoder, Deliveries, Delivery, Rejection, UnknownTimeZone};
pub use encode::{Encoder, Header, Language, Outgoing, Source, words};
pub use encoding::Encoding;
pub use join::join;
pub use keep::{Kept, kept_value};
pub use time::rfc3339;
pub use topic::{Cleanup, Topic, Way};
