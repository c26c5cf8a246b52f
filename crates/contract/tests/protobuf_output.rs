//! Protobuf output carries what JSON output carries: each message, written out as JSON, is that JSON. It is byte for byte
//! what prost writes.
#![expect(clippy::unwrap_used, reason = "what is not there fails the test, in helpers too")]

#[path = "protobuf_output/by_prost.rs"]
mod by_prost;
mod common;

use allotment::{Effect, Fulfillment};
use common::{drawn, effects};
use contract::proto::output as proto;
use contract::{Encoder, Encoding, Language};
use jiff::Timestamp;
use proptest::prelude::*;
use prost::Message;
use serde_json::{Map, Value, json};

#[test]
fn both_encodings_say_the_same() {
    let json = Encoder::default();
    let protobuf = Encoder { encoding: Encoding::Protobuf, ..Encoder::default() };
    for effect in effects::effects() {
        let expected: Value =
            serde_json::from_slice(&json.encode(0, &effect).value.unwrap()).unwrap();
        let bytes = protobuf.encode(0, &effect).value.unwrap();
        assert_eq!(told(&effect, &bytes), full(expected));
    }
}

#[test]
fn keys_and_topics_are_those_of_json() {
    let json = Encoder::default();
    let protobuf = Encoder { encoding: Encoding::Protobuf, ..Encoder::default() };
    for effect in effects::effects() {
        let (expected, found) = (json.encode(0, &effect), protobuf.encode(0, &effect));
        assert_eq!((found.topic, &found.key), (expected.topic, &expected.key));
        let content_type =
            found.headers.iter().find(|header| header.name == "content-type").unwrap();
        assert_eq!(content_type.value.as_deref(), Some(b"application/protobuf".as_slice()));
    }
}

proptest! {
    #[test]
    fn of_any_ids_and_numbers_they_are_what_the_libraries_make_of_the_same_fields(
        draw in drawn::draws(),
    ) {
        let mut draw = draw;
        for effect in drawn::drawn(&mut draw) {
            for language in [Language::En, Language::Zh] {
                let encode = |encoding| {
                    let encoder = Encoder { encoding, language, ..Encoder::default() };
                    encoder.encode(3, &effect).value.unwrap()
                };
                let json: Value = serde_json::from_slice(&encode(Encoding::Json)).unwrap();
                let expected = by_prost::bytes(&effect, &json);
                assert_eq!(encode(Encoding::Protobuf), expected, "{effect:?}");
                assert_eq!(full(json), told(&effect, &expected), "{effect:?}");
            }
        }
    }
}

/// Null, an empty list and an absent field mean the same.
fn full(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.into_iter().map(|(name, value)| (name, full(value)));
            let kept: Map<_, _> =
                kept.filter(|(_, value)| *value != Value::Null && *value != json!([])).collect();
            Value::Object(kept)
        }
        Value::Array(entries) => Value::Array(entries.into_iter().map(full).collect()),
        other => other,
    }
}

fn told(effect: &Effect, bytes: &[u8]) -> Value {
    full(match effect {
        Effect::Decision(_) => decision(proto::Decision::decode(bytes).unwrap()),
        Effect::Fulfillment(of) => fulfillment(of, proto::Fulfillment::decode(bytes).unwrap()),
        Effect::Alert(_) => alert(proto::Alert::decode(bytes).unwrap()),
        Effect::Level(_) => level(proto::Level::decode(bytes).unwrap()),
    })
}

fn time(milliseconds: i64) -> String {
    format!("{:.3}", Timestamp::from_millisecond(milliseconds).unwrap())
}

fn text(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn decision(of: proto::Decision) -> Value {
    let lines: Vec<_> = of
        .lines
        .into_iter()
        .map(|line| {
            json!({
                "line_id": line.line_id, "sku": line.sku, "quantity": line.quantity, "reserved": line.reserved,
                "allocated": line.allocated, "waitlisted": line.waitlisted,
            })
        })
        .collect();
    json!({
        "type": of.r#type, "decision_id": of.decision_id, "event_id": text(of.event_id), "platform": of.platform,
        "pool": of.pool, "order_id": of.order_id, "outcome": of.outcome, "reason": of.reason, "detail": of.detail,
        "standing": of.standing, "paid": of.paid, "held": of.held, "version": of.version, "lines": lines,
        "decided_at": time(of.decided_at),
    })
}

fn fulfillment(effect: &Fulfillment, of: proto::Fulfillment) -> Value {
    use proto::fulfillment::What;
    match (effect, of.what.unwrap()) {
        (Fulfillment::Requested(_), What::Requested(of)) => parcel("fulfillment.requested", of),
        (Fulfillment::Revised(_), What::Revised(of)) => parcel("fulfillment.revised", of),
        (Fulfillment::Cancelled(_), What::Cancelled(of)) => json!({
            "type": "fulfillment.cancelled", "fulfillment_id": of.fulfillment_id, "revision": of.revision,
            "pool": of.pool, "platform": of.platform, "order_id": of.order_id, "reason": of.reason,
        }),
        (Fulfillment::Manifest(_), What::Manifest(of)) => manifest(of),
        (effect, what) => panic!("{effect:?} became {what:?}"),
    }
}

fn parcel(kind: &str, of: proto::Parcel) -> Value {
    let lots = |lots: Vec<proto::LotShare>| -> Vec<Value> {
        lots.into_iter()
            .map(|lot| json!({"lot_id": lot.lot_id, "quantity": lot.quantity}))
            .collect()
    };
    let line = |line: proto::ParcelLine| {
        let components = line.components.into_iter();
        let components: Vec<_> = components
            .map(
                |part| json!({"sku": part.sku, "quantity": part.quantity, "lots": lots(part.lots)}),
            )
            .collect();
        json!({
            "line_id": line.line_id, "sku": line.sku, "quantity": line.quantity, "lots": lots(line.lots),
            "components": components,
        })
    };
    let lines: Vec<_> = of.lines.into_iter().map(line).collect();
    json!({
        "type": kind, "fulfillment_id": of.fulfillment_id, "revision": of.revision, "pool": of.pool,
        "platform": of.platform, "order_id": of.order_id, "buyer_id": text(of.buyer_id),
        "session_id": text(of.session_id), "recipient_ref": text(of.recipient_ref), "lines": lines,
        "requested_at": time(of.requested_at),
    })
}

fn manifest(of: proto::Manifest) -> Value {
    let totals: Vec<_> = of
        .totals
        .into_iter()
        .map(|total| json!({"sku": total.sku, "lot_id": total.lot_id, "quantity": total.quantity}))
        .collect();
    let parcels: Vec<_> = of
        .parcels
        .into_iter()
        .map(|parcel| {
            json!({
                "platform": parcel.platform, "order_id": parcel.order_id, "fulfillment_id": parcel.fulfillment_id,
                "revision": parcel.revision, "recipient_ref": text(parcel.recipient_ref),
            })
        })
        .collect();
    json!({
        "type": "fulfillment.manifest", "wave_id": of.wave_id, "pool": of.pool, "page": of.page,
        "pages": of.pages, "totals": totals, "parcels": parcels,
    })
}

fn alert(of: proto::Alert) -> Value {
    let order = |order: proto::AlertOrder| {
        let lines: Vec<_> = order
            .lines
            .into_iter()
            .map(|line| json!({"sku": line.sku, "shortage": line.shortage}))
            .collect();
        json!({"platform": order.platform, "order_id": order.order_id, "shortage": order.shortage, "lines": lines})
    };
    let orders: Vec<_> = of.orders.into_iter().map(order).collect();
    json!({
        "alert_id": of.alert_id, "type": of.r#type, "severity": of.severity, "pool": of.pool, "sku": text(of.sku),
        "platform": text(of.platform), "shortage": of.shortage, "orders": orders, "orders_total": of.orders_total,
        "message": of.message, "suggestion": of.suggestion, "raised_at": time(of.raised_at),
    })
}

fn level(of: proto::Level) -> Value {
    let mut fields = json!({
        "pool": of.pool, "sku": of.sku, "sellable": of.sellable, "sold_out": of.sold_out, "revision": of.revision,
        "as_of": time(of.as_of),
    });
    if let (Some(books), Value::Object(fields)) = (of.books, &mut fields) {
        let Value::Object(books) = json!({
            "received": books.received, "adjusted_in": books.adjusted_in, "available": books.available,
            "reserved": books.reserved, "allocated": books.allocated, "handed_over": books.handed_over,
            "awaiting_inspection": books.awaiting_inspection, "removed": books.removed,
            "waitlisted": books.waitlisted, "backordered": books.backordered,
        }) else {
            unreachable!("an object was written")
        };
        fields.extend(books);
    }
    fields
}
