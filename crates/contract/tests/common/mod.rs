//! What several of these tests need.
#![allow(dead_code, reason = "each test binary uses its own part of it")]

pub(crate) mod drawn;
pub(crate) mod effects;

use allotment::Time;
use contract::{Arrival, Decoder, Delivery, Rejection};

/// When the records of these tests arrived.
pub(crate) const ARRIVED: Time = Time(1_763_812_803_120);

/// Reads JSON as Kafka would bring it; it must be one delivery.
pub(crate) fn decode_one(value: &[u8]) -> Delivery<'_> {
    let mut deliveries = Decoder::default().decode(Some(value), None, Arrival::Record(ARRIVED));
    let first = deliveries.next().expect("one delivery");
    assert!(deliveries.next().is_none(), "one delivery");
    first
}

/// Why the JSON is not taken.
pub(crate) fn rejection(value: &[u8]) -> Option<Rejection> {
    decode_one(value).rejection
}
