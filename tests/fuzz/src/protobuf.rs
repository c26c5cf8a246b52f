//! Protobuf in: one event. What it means, and why it is refused, is the same when it is written as JSON.

use contract::proto::input::Event;
use contract::proto::input::event::What;
use contract::{Arrival, Decoder, Encoding, VALUE_BYTES_MAX};
use prost::Message;

use crate::{heap, json, message};

/// Bytes of memory for each byte of protobuf: an empty line of two bytes becomes a message, and a list of
/// its fields, before it is found to be one too many. A record has 256 KiB at most.
const MEMORY: usize = 400;

/// What the smallest message may cost.
const MEMORY_ALWAYS: usize = 64 * 1024;

/// Feeds the decoder.
pub(crate) fn feed(value: &[u8]) -> bool {
    let decoder = Decoder::default().with_default_encoding(Encoding::Protobuf);
    let delivery = heap::within(MEMORY_ALWAYS + MEMORY * value.len(), || {
        let mut all = decoder.decode(Some(value), None, Arrival::FromEvent);
        let one = all.next().expect("a message is one delivery");
        assert!(all.next().is_none());
        json::judge(value, &one);
        one
    });
    json::both_ways(&decoder, value);
    let Ok(event) = Event::decode(value) else { return false };
    let canonical = event.encode_to_vec();
    assert_eq!(Event::decode(&*canonical).as_ref(), Ok(&event), "written, read again");
    if canonical.is_empty() {
        return false;
    }
    let read = |encoding, bytes: &[u8]| {
        let decoder = Decoder::default().with_default_encoding(encoding);
        let mut all = decoder.decode(Some(bytes), None, Arrival::FromEvent);
        all.next().map(|delivery| (delivery.rejection, delivery.input)).expect("it is one event")
    };
    let meant = (delivery.rejection, delivery.input);
    if value.len() <= VALUE_BYTES_MAX && canonical.len() <= VALUE_BYTES_MAX {
        assert_eq!(read(Encoding::Protobuf, &canonical), meant, "written again");
        let text = message::json(&event).to_string();
        if text.len() <= VALUE_BYTES_MAX && !only_protobuf_can(&event) {
            assert_eq!(read(Encoding::Json, text.as_bytes()), meant, "{text}");
        }
    }
    meant.0.is_none()
}

/// What JSON has no way to say: a refund of all, and of these lines.
fn only_protobuf_can(event: &Event) -> bool {
    matches!(&event.what, Some(What::OrderRefunded(of)) if of.all && !of.lines.is_empty())
}
