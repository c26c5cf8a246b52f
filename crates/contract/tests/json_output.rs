//! JSON output has the contract's fields, spelled and nested as the worked examples have them.
#![expect(clippy::unwrap_used, reason = "what is not there fails the test, in helpers too")]

mod common;

use allotment::{Effect, Fulfillment};
use common::effects;
use contract::{Encoder, Topic};
use expect_test::{Expect, expect};

fn check(effect: Effect, topic: Topic, key: &str, value: Expect) {
    let found = Encoder::default().encode(0, &effect);
    assert_eq!((found.topic, found.key.as_deref()), (topic, Some(key.as_bytes())));
    value.assert_eq(&String::from_utf8(found.value.unwrap()).unwrap());
}

#[test]
fn a_decision() {
    check(
        Effect::Decision(effects::decision()),
        Topic::Decisions,
        "hexi-oranges",
        expect![[
            r#"{"type":"order.decided","decision_id":"hexi-oranges/weixin/4990021%2Fb/2","event_id":"7291004","platform":"weixin","pool":"hexi-oranges","order_id":"4990021/b","outcome":"waitlisted","reason":"short","detail":"2 of 5 units missing; the order waits at its place in line: there is not enough stock.","standing":"waitlisted","paid":true,"held":false,"version":-3,"lines":[{"line_id":"1","sku":"orange-5kg","quantity":5,"reserved":0,"allocated":3,"waitlisted":2}],"decided_at":"2026-11-22T12:00:03.120Z"}"#
        ]],
    );
}

#[test]
fn a_parcel() {
    let requested = Fulfillment::Requested(effects::parcel());
    check(
        Effect::Fulfillment(requested),
        Topic::Fulfillment,
        "hexi-oranges",
        expect![[
            r#"{"type":"fulfillment.requested","fulfillment_id":"hexi-oranges/douyin/4990021/1","revision":3,"pool":"hexi-oranges","platform":"douyin","order_id":"4990021","buyer_id":"u-77","recipient_ref":"addr-1","lines":[{"line_id":"1","sku":"orange-5kg","quantity":2,"lots":[{"lot_id":"lot-1","quantity":2}]},{"line_id":"2","sku":"gift \"box\"","quantity":1,"components":[{"sku":"tea-250g","quantity":2,"lots":[{"lot_id":"lot-1","quantity":2}]}]}],"requested_at":"2026-11-22T12:00:03.120Z"}"#
        ]],
    );
    let revised =
        Encoder::default().encode(0, &Effect::Fulfillment(Fulfillment::Revised(effects::parcel())));
    assert!(
        revised.value.unwrap().starts_with(br#"{"type":"fulfillment.revised","fulfillment_id":"#)
    );
}

#[test]
fn a_cancelled_parcel() {
    let cancelled = Fulfillment::Cancelled(effects::parcel_cancelled());
    check(
        Effect::Fulfillment(cancelled),
        Topic::Fulfillment,
        "hexi-oranges",
        expect![[
            r#"{"type":"fulfillment.cancelled","fulfillment_id":"hexi-oranges/douyin/4990021/1","revision":4,"pool":"hexi-oranges","platform":"douyin","order_id":"4990021","reason":"held"}"#
        ]],
    );
}

#[test]
fn a_manifest() {
    let manifest = Fulfillment::Manifest(effects::manifest());
    check(
        Effect::Fulfillment(manifest),
        Topic::Fulfillment,
        "hexi-oranges",
        expect![[
            r#"{"type":"fulfillment.manifest","wave_id":"w-1","pool":"hexi-oranges","page":1,"pages":2,"totals":[{"sku":"orange-5kg","lot_id":"lot-1","quantity":900}],"parcels":[{"platform":"douyin","order_id":"4990021","fulfillment_id":"hexi-oranges/douyin/4990021/1","revision":3,"recipient_ref":"addr-1"}]}"#
        ]],
    );
}

#[test]
fn an_alert() {
    let alert = effects::alerts().swap_remove(0);
    check(
        Effect::Alert(alert),
        Topic::Alerts,
        "hexi-oranges",
        expect![[
            r#"{"alert_id":"hexi-oranges/oversold/4","type":"oversold","severity":"critical","pool":"hexi-oranges","sku":"orange-5kg","platform":"douyin","shortage":5,"orders":[{"platform":"douyin","order_id":"4990021","shortage":5,"lines":[{"sku":"orange-5kg","shortage":5}]}],"orders_total":1,"message":"Oversold: paid order 4990021 of douyin is short of 5 units of orange-5kg.","suggestion":"Bring in 5 units of orange-5kg and send stock.received: the order is then filled by itself. If there is no more, refund order 4990021 of douyin on the platform, and lower what is listed there.","raised_at":"2026-11-22T12:00:03.120Z"}"#
        ]],
    );
}

#[test]
fn levels() {
    check(
        Effect::Level(effects::level()),
        Topic::Levels,
        "hexi-oranges/orange%2F5kg",
        expect![[
            r#"{"pool":"hexi-oranges","sku":"orange/5kg","received":20,"adjusted_in":1,"available":9,"reserved":2,"allocated":3,"awaiting_inspection":4,"handed_over":1,"removed":2,"waitlisted":5,"backordered":6,"sellable":{"douyin":4,"*":9},"sold_out":false,"revision":7,"as_of":"2026-11-22T12:00:03.120Z"}"#
        ]],
    );
    check(
        Effect::Level(effects::bundle_level()),
        Topic::Levels,
        "hexi-oranges/gift",
        expect![[
            r#"{"pool":"hexi-oranges","sku":"gift","sellable":{"*":0},"sold_out":true,"revision":7,"as_of":"2026-11-22T12:00:03.120Z"}"#
        ]],
    );
}

#[test]
fn every_output_is_json() {
    for effect in effects::effects() {
        let value = Encoder::default().encode(0, &effect).value.unwrap();
        let parsed: serde_json::Value = serde_json::from_slice(&value).expect("output is JSON");
        assert_eq!(parsed["pool"], "hexi-oranges");
        let has_type = parsed["type"].is_string();
        assert_eq!(has_type, !matches!(effect, Effect::Level(_)), "{parsed}");
    }
}
