//! First step of an event's way: what a record holds, and where it came from.
//!
//! A record that bears [`ARRIVAL`] was rerouted: another lane sent it home, and its headers say where its sender had
//! put it and how it was read there.

use allotment::Time;
use contract::{Arrival, Deliveries, Source, TRACE_BYTES_MAX, headers};

use crate::bounds::TOPIC_NAME_BYTES_MAX;
use crate::codec::Codec;
use crate::{InputTopic, Record};

/// When the record reached its first topic, in milliseconds since the epoch.
pub const ARRIVAL: &str = "granary-arrival";

/// How its value was read on its first topic; there another default may hold than on this one.
pub const ENCODING: &str = "granary-encoding";

/// No event arrived before the year 2000: a time before that is none (-1, 0), or has another unit (seconds).
const CREDIBLE: Time = Time(946_684_800_000);

/// Where a record came from.
#[derive(Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) rerouted: bool,
    pub(crate) record: &'a Record,
    /// The `content-type` that it was read by, if any.
    pub(crate) content_type: Option<&'a [u8]>,
    /// The trace that it belongs to, if any; what it leads to belongs to the same one.
    pub(crate) trace: Option<&'a [u8]>,
}

/// Where a record was fetched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) input: InputTopic,
    pub(crate) partition: u32,
}

/// Reads a record that was fetched at `place`.
pub(crate) fn decode<'a>(
    codec: &'a Codec,
    Place { input, partition }: Place,
    record: &'a Record,
    arrival: Arrival,
) -> (Origin<'a>, Deliveries<'a>) {
    let origin = Origin::of(input, record, &codec.names[input], partition);
    let value = record.value.as_deref();
    let deliveries = codec.decoders[input].decode(value, origin.content_type, arrival);
    (origin, deliveries)
}

/// When a record says that it reached us: on its first topic, if it was rerouted. One that does not say so credibly
/// bears [`Time::NEVER`], which the clock of its batch caps, as it does every arrival: then it arrives when it is taken.
#[must_use]
pub fn arrival(input: InputTopic, record: &Record) -> Time {
    let rerouted = if input == InputTopic::Reroute { text(record, ARRIVAL) } else { None };
    let said = rerouted.and_then(|text| text.parse().ok()).map_or(record.timestamp, Time);
    if said < CREDIBLE { Time::NEVER } else { said }
}

impl<'a> Origin<'a> {
    /// The origin of a record that was fetched from this input, whose topic has this name.
    pub(crate) fn of(
        input: InputTopic,
        record: &'a Record,
        topic: &'a str,
        partition: u32,
    ) -> Self {
        let partition = partition.cast_signed();
        let here = Source { topic, partition, offset: record.offset, entry: None };
        let content_type = header(record, headers::CONTENT_TYPE);
        let trace = header(record, headers::TRACEPARENT);
        let trace = trace.filter(|trace| trace.len() <= TRACE_BYTES_MAX);
        if input != InputTopic::Reroute || header(record, ARRIVAL).is_none() {
            return Self { source: here, rerouted: false, record, content_type, trace };
        }
        let source = Source {
            // What is no topic's name was not written by a lane, and might not fit where it is repeated.
            topic: text(record, headers::SOURCE_TOPIC)
                .filter(|name| name.len() <= TOPIC_NAME_BYTES_MAX)
                .unwrap_or(topic),
            partition: number(record, headers::SOURCE_PARTITION).unwrap_or(partition),
            offset: number(record, headers::SOURCE_OFFSET).unwrap_or(record.offset),
            entry: number(record, headers::SOURCE_ENTRY),
        };
        let content_type = header(record, ENCODING).or(content_type);
        Self { source, rerouted: true, record, content_type, trace }
    }
}

/// The value of the last header of this name.
fn header<'a>(record: &'a Record, name: &str) -> Option<&'a [u8]> {
    record.headers.iter().rev().find(|header| header.name == name)?.value.as_deref()
}

fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    header(record, name).and_then(|value| std::str::from_utf8(value).ok())
}

fn number<T: std::str::FromStr>(record: &Record, name: &str) -> Option<T> {
    text(record, name).and_then(|value| value.parse().ok())
}
