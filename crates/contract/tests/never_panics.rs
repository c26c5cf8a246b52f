//! Whatever bytes come, something is said of them, and nothing panics.

mod common;

use allotment::{Body, Time};
use contract::{Arrival, Decoder, Delivery, Encoding};
use proptest::prelude::*;

/// A delivery is rejected exactly where its input is, for the same reason, and its bytes are of the value.
fn judge(value: &[u8], encoding: Encoding) {
    let decoder = Decoder::default().with_default_encoding(encoding);
    for Delivery { bytes, input, rejection, .. } in
        decoder.decode(Some(value), None, Arrival::FromEvent)
    {
        match (&input.body, &rejection) {
            (Body::Event(_), None) => assert!(!input.pool.is_empty() && input.arrival != Time::MIN),
            (Body::Rejected(rejected), Some(rejection)) => {
                assert_eq!(rejected.code, rejection.code);
                assert!(!rejection.message.is_empty() && input.arrival == Time::MIN);
                assert!(rejected.order.is_none() || !input.pool.is_empty());
            }
            (body, rejection) => panic!("{body:?} with {rejection:?}"),
        }
        assert!(bytes.is_empty() || value.windows(bytes.len()).any(|window| window == bytes));
    }
}

/// JSON that comes near to an event: known names with values of every kind.
fn near_event() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>()
            .prop_filter("JSON has finite numbers", |n| n.is_finite())
            .prop_map(|n| format!("{n:e}")),
        "[a-z0-9/%红]{0,5}".prop_map(|text| format!("{text:?}")),
        Just("\"2026-11-22T20:00:03+08:00\"".to_owned()),
        Just("\"order.created\"".to_owned()),
        Just("\"order.refunded\"".to_owned()),
        Just("\"catalogue.item\"".to_owned()),
        Just("\"shipment.handed_over\"".to_owned()),
    ];
    scalar.prop_recursive(3, 40, 8, |inner| {
        let name = prop::sample::select(vec![
            "type", "event_id", "platform", "pool", "occurred_at", "received_at", "order_id", "lines", "line_id",
            "sku", "quantity", "version", "status", "orders", "parcels", "fulfillment_id", "components", "backorder",
            "limit", "until", "channels", "max", "keywords", "best_before", "other",
        ]);
        let fields = prop::collection::vec((name, inner.clone()), 0..12).prop_map(|fields| {
            let parts: Vec<_> = fields.into_iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
            format!("{{{}}}", parts.join(","))
        });
        prop_oneof![3 => fields, 1 => prop::collection::vec(inner, 0..4).prop_map(|list| format!("[{}]", list.join(",")))]
    })
}

proptest! {
    #[test]
    fn on_arbitrary_bytes(value in prop::collection::vec(any::<u8>(), 0..200)) {
        judge(&value, Encoding::Json);
        judge(&value, Encoding::Protobuf);
    }

    #[test]
    fn on_what_comes_near_to_events(value in near_event()) {
        judge(value.as_bytes(), Encoding::Json);
    }

    #[test]
    fn on_times(text in "[-+0-9TtZz:. ]{0,32}") {
        let value = format!(r#"{{"type":"order.held","platform":"d","pool":"p","order_id":"1","occurred_at":"{text}"}}"#);
        judge(value.as_bytes(), Encoding::Json);
    }
}
