//! JSON in: one event or an array of them. What is taken means the same when it is read the long way, and when it is written
//! as protobuf.

use allotment::{Body, Time};
use contract::{Arrival, Decoder, Delivery, Encoding};

use crate::{heap, write};

/// Bytes of memory for each byte of JSON: an array of the smallest entries is a slice for each two bytes,
/// in a list that doubles.
const MEMORY: usize = 64;

/// What a message of a fault, and a list of one entry, may cost.
const MEMORY_ALWAYS: usize = 64 * 1024;

/// Feeds the decoder.
pub(crate) fn feed(value: &[u8]) -> bool {
    let decoder = Decoder::default();
    let mut taken = false;
    heap::within(MEMORY_ALWAYS + MEMORY * value.len(), || {
        for delivery in decoder.decode(Some(value), None, Arrival::FromEvent) {
            judge(value, &delivery);
            taken |= delivery.rejection.is_none();
        }
    });
    both_ways(&decoder, value);
    for delivery in decoder.decode(Some(value), None, Arrival::FromEvent) {
        alone(&decoder, &delivery);
        as_protobuf(&decoder, &delivery);
    }
    taken
}

/// The short way of usual events says what the long way says.
pub(crate) fn both_ways(decoder: &Decoder, value: &[u8]) {
    let long = decoder.clone().without_short_way();
    let short = decoder.decode(Some(value), None, Arrival::FromEvent);
    assert!(short.eq(long.decode(Some(value), None, Arrival::FromEvent)));
}

/// A delivery is rejected exactly where its input is, for the same reason, and its bytes are the value's.
pub(crate) fn judge(value: &[u8], delivery: &Delivery<'_>) {
    let Delivery { bytes, input, rejection, .. } = delivery;
    match (&input.body, rejection) {
        (Body::Event(_), None) => assert!(!input.pool.is_empty() && input.arrival != Time::MIN),
        (Body::Rejected(rejected), Some(rejection)) => {
            assert_eq!(rejected.code, rejection.code);
            assert!(!rejection.message.is_empty() && input.arrival == Time::MIN);
            assert!(rejected.order.is_none() || !input.pool.is_empty());
        }
        (body, rejection) => panic!("{body:?} with {rejection:?}"),
    }
    let (all, own) = (value.as_ptr_range(), bytes.as_ptr_range());
    assert!(bytes.is_empty() || (all.start <= own.start && own.end <= all.end));
}

/// An entry of an array means what it means alone, but that alone it is no entry. (An array in an array is
/// no event; alone it would be events.)
fn alone(decoder: &Decoder, delivery: &Delivery<'_>) {
    if delivery.entry.is_none() || delivery.bytes.first() == Some(&b'[') {
        return;
    }
    let mut again = decoder.decode(Some(delivery.bytes), None, Arrival::FromEvent);
    let again = again.next().expect("what is no array is one delivery");
    assert_eq!(again.input, delivery.input);
    if delivery.bytes != b"null" {
        assert_eq!(again.rejection, delivery.rejection);
    }
}

/// Written as protobuf and read again it is the same input.
fn as_protobuf(decoder: &Decoder, delivery: &Delivery<'_>) {
    let Body::Event(event) = &delivery.input.body else { return };
    let Some(bytes) = write::protobuf(&delivery.input, event) else { return };
    let decoder = decoder.clone().with_default_encoding(Encoding::Protobuf);
    let mut again = decoder.decode(Some(&bytes), None, Arrival::FromEvent);
    let again = again.next().expect("a message is one delivery");
    assert_eq!((again.rejection, again.input), (None, delivery.input.clone()));
}
