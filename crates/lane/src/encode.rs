//! Fourth step of an event's way: the records to produce for what became of it.
//!
//! A record that is sent home keeps its key, its headers and its bytes (of an array: the entry's). Added are the
//! headers that rerouting sets and those of the dead letters that name its source, so that a dead letter at home names
//! the place where its sender put it.

use allotment::{Code, Effect, Time};
use contract::{Encoding, Header, Kept, Outgoing, Source, Topic, headers};

use crate::codec::Codec;
use crate::decode::{ARRIVAL, ENCODING, Origin};
use crate::engine::{Applied, Verdict};
use crate::{InputTopic, Produce};

/// The headers that rerouting sets, in place of any that were there.
const OWN: [&str; 6] = [
    ARRIVAL,
    ENCODING,
    headers::SOURCE_TOPIC,
    headers::SOURCE_PARTITION,
    headers::SOURCE_OFFSET,
    headers::SOURCE_ENTRY,
];

/// What became of a delivery.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It was at home.
    Applied(Applied),
    /// It is sent to this partition.
    SentHome(u32),
}

/// The part of a record that one delivery is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) input: InputTopic,
    pub(crate) origin: &'a Origin<'a>,
    /// When the record reached us.
    pub(crate) arrival: Time,
    /// See [`contract::Delivery::entry`].
    pub(crate) entry: Option<u32>,
    /// See [`contract::Delivery::bytes`].
    pub(crate) bytes: &'a [u8],
}

/// Encodes what became of a delivery on partition `index`: a dead letter first, then what was decided.
pub(crate) fn outcome(
    codec: &Codec,
    index: u32,
    part: Part<'_>,
    outcome: &Outcome,
    out: &mut Vec<Produce>,
) {
    let before = out.len();
    let records = match outcome {
        Outcome::SentHome(to) => {
            out.push(Produce { partition: *to, record: to_home(codec, part) });
            1
        }
        Outcome::Applied(Applied { effects: decided, by_time, verdict }) => {
            let refused = match verdict {
                Verdict::Taken(_) => 0,
                Verdict::Refused { code, message, .. } => {
                    let record = dead_letter(codec, part, *code, message);
                    out.push(Produce { partition: index, record });
                    1
                }
            };
            let (by_time, by_input) = decided.split_at(*by_time);
            effects(codec, index, None, by_time, out);
            effects(codec, index, part.origin.trace, by_input, out);
            refused + decided.len()
        }
    };
    assert_eq!(out.len() - before, records, "each output belongs to what became of its event");
}

/// Encodes what was decided on partition `index`, with the trace of the input that caused it.
pub(crate) fn effects(
    codec: &Codec,
    index: u32,
    trace: Option<&[u8]>,
    effects: &[Effect],
    out: &mut Vec<Produce>,
) {
    for effect in effects {
        let mut record = codec.encoder.encode(index, effect);
        if let Some(trace) = trace {
            record.headers.push(Header::new(headers::TRACEPARENT, trace));
        }
        out.push(Produce { partition: index, record });
    }
}

fn dead_letter(codec: &Codec, part: Part<'_>, code: Code, message: &str) -> Outgoing {
    let Part { origin, entry, bytes, .. } = part;
    // The bytes of a record that is one event may be none at all, which is not nothing in them.
    let bytes = if entry.is_some() { Some(bytes) } else { origin.record.value.as_deref() };
    let (source, key) = (source(part), origin.record.key.as_deref());
    codec.encoder.dead_letter(&source, key, &as_sent(origin), bytes, code, message)
}

/// The record that takes a delivery home.
fn to_home(codec: &Codec, part: Part<'_>) -> Outgoing {
    let Part { origin, arrival, entry, bytes, .. } = part;
    let original = origin.record.headers.iter();
    let original = original.filter(|header| !OWN.contains(&header.name.as_ref()));
    let original = original.map(|header| (header.name.as_ref(), header.value.as_deref()));
    // What has a home was read, so it is not too large.
    let value = if entry.is_some() { Some(bytes) } else { origin.record.value.as_deref() };
    let kept = Kept::of(origin.record.key.as_deref(), original, value, entry.is_some());
    let mut list = kept.headers;
    let source = source(part);
    list.push(Header::new(ARRIVAL, arrival.0.to_string()));
    list.push(Header::new(ENCODING, read_as(codec, part).content_type()));
    list.push(Header::new(headers::SOURCE_TOPIC, source.topic));
    list.push(Header::new(headers::SOURCE_PARTITION, source.partition.to_string()));
    list.push(Header::new(headers::SOURCE_OFFSET, source.offset.to_string()));
    list.extend(source.entry.map(|entry| Header::new(headers::SOURCE_ENTRY, entry.to_string())));
    Outgoing { topic: Topic::Reroute, key: kept.key, headers: list, value: kept.value }
}

/// Where a delivery came from: its own entry, or the one that its record names.
fn source<'a>(part: Part<'a>) -> Source<'a> {
    let source = part.origin.source;
    Source { entry: part.entry.or(source.entry), ..source }
}

/// The headers of a record as its sender set them.
fn as_sent<'a>(origin: &Origin<'a>) -> Vec<(&'a str, Option<&'a [u8]>)> {
    let own = |header: &&Header| origin.rerouted && OWN.contains(&header.name.as_ref());
    let as_sent = origin.record.headers.iter().filter(|header| !own(header));
    as_sent.map(|header| (header.name.as_ref(), header.value.as_deref())).collect()
}

/// How a delivery was read: an array is JSON whatever the record said.
fn read_as(codec: &Codec, Part { input, origin, entry, .. }: Part<'_>) -> Encoding {
    let named = || origin.content_type.and_then(Encoding::of_content_type);
    if entry.is_some() { Encoding::Json } else { named().unwrap_or(codec.encodings[input]) }
}
