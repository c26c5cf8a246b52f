//! Records that are not at home: how they are sent there, and how they say where they came from.
//!
//! A record keeps its key, its headers and its bytes (of an array: the entry's). Added are the headers
//! below and those of the dead letters that name its source, so that a dead letter at home names the place
//! where its sender put it. A record that bears [`ARRIVAL`] was rerouted and is not rerouted again.

use allotment::Time;
use contract::{Delivery, Encoding, Header, Kept, Outgoing, Source, Topic, headers};

use crate::bounds::TOPIC_NAME_BYTES_MAX;
use crate::merge_queue::Held;
use crate::{InputTopic, Record};

/// When the record reached its first topic, in milliseconds since the epoch.
pub const ARRIVAL: &str = "granary-arrival";

/// How its value was read on its first topic; there another default may hold than on this one.
pub const ENCODING: &str = "granary-encoding";

/// The headers that rerouting sets, in place of any that were there.
const OWN: [&str; 6] = [
    ARRIVAL,
    ENCODING,
    headers::SOURCE_TOPIC,
    headers::SOURCE_PARTITION,
    headers::SOURCE_OFFSET,
    headers::SOURCE_ENTRY,
];

/// Where a record came from, and what of it is its sender's.
#[derive(Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) rerouted: bool,
    pub(crate) record: &'a Record,
}

/// No event arrived before the year 2000: a time before that is none (-1, 0), or has another unit (seconds).
const CREDIBLE: Time = Time(946_684_800_000);

/// When a record says that it reached us: on its first topic, if it was rerouted. One that does not say so credibly
/// bears [`Time::NEVER`], which the clock of its batch caps, as it does every arrival: then it arrives when it is taken.
#[must_use]
pub fn arrival(input: InputTopic, record: &Record) -> Time {
    let rerouted = if input == InputTopic::Reroute { text(record, ARRIVAL) } else { None };
    let said = rerouted.and_then(|text| text.parse().ok()).map_or(record.timestamp, Time);
    if said < CREDIBLE { Time::NEVER } else { said }
}

/// The value of the last header of this name.
pub(crate) fn header<'a>(record: &'a Record, name: &str) -> Option<&'a [u8]> {
    record.headers.iter().rev().find(|header| header.name == name)?.value.as_deref()
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
        if input != InputTopic::Reroute || header(record, ARRIVAL).is_none() {
            return Self { source: here, rerouted: false, record };
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
        Self { source, rerouted: true, record }
    }

    /// The origin of one of its entries: its own, or what the record says of itself.
    pub(crate) fn entry(&self, entry: Option<u32>) -> Source<'a> {
        Source { entry: entry.or(self.source.entry), ..self.source }
    }

    /// The `content-type` to read it by.
    pub(crate) fn content_type(&self) -> Option<&'a [u8]> {
        let read_as = if self.rerouted { header(self.record, ENCODING) } else { None };
        read_as.or_else(|| header(self.record, headers::CONTENT_TYPE))
    }

    /// Its headers as its sender set them.
    pub(crate) fn headers(&self) -> Vec<(&'a str, Option<&'a [u8]>)> {
        let own = |header: &&Header| self.rerouted && OWN.contains(&header.name.as_ref());
        let as_sent = self.record.headers.iter().filter(|header| !own(header));
        as_sent.map(|header| (header.name.as_ref(), header.value.as_deref())).collect()
    }
}

/// The record that takes a delivery of `held` home, which reached us at `arrival`.
pub(crate) fn send_home(
    origin: &Origin<'_>,
    held: &Held,
    arrival: Time,
    delivery: &Delivery<'_>,
    read_as: Encoding,
) -> Outgoing {
    let Record { key, headers: original, .. } = &held.record;
    let original = original.iter().filter(|header| !OWN.contains(&header.name.as_ref()));
    let original = original.map(|header| (header.name.as_ref(), header.value.as_deref()));
    // What has a home was read, so it is not too large.
    let entry = delivery.entry.is_some();
    let value = if entry { Some(delivery.bytes) } else { held.record.value.as_deref() };
    let kept = Kept::of(key.as_deref(), original, value, entry);
    let mut list = kept.headers;
    let source = origin.entry(delivery.entry);
    list.push(Header::new(ARRIVAL, arrival.0.to_string()));
    list.push(Header::new(ENCODING, read_as.content_type()));
    list.push(Header::new(headers::SOURCE_TOPIC, source.topic));
    list.push(Header::new(headers::SOURCE_PARTITION, source.partition.to_string()));
    list.push(Header::new(headers::SOURCE_OFFSET, source.offset.to_string()));
    list.extend(source.entry.map(|entry| Header::new(headers::SOURCE_ENTRY, entry.to_string())));
    Outgoing { topic: Topic::Reroute, key: kept.key, headers: list, value: kept.value }
}

fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    header(record, name).and_then(|value| std::str::from_utf8(value).ok())
}

fn number<T: std::str::FromStr>(record: &Record, name: &str) -> Option<T> {
    text(record, name).and_then(|value| value.parse().ok())
}
