//! Protobuf input means what JSON input means, and is judged alike.

mod common;

use allotment::{Code, Input};
use common::{ARRIVED, decode_one};
use contract::proto::input::event::What;
use contract::proto::input::stock_received::BestBefore;
use contract::proto::input::*;
use contract::{Arrival, Decoder, Rejection};
use prost::Message;

fn decode(event: &Event) -> (Input, Option<Rejection>) {
    let bytes = event.encode_to_vec();
    let mut found = Decoder::default().decode(
        Some(&bytes),
        Some(b"application/protobuf"),
        Arrival::Record(ARRIVED),
    );
    let delivery = found.next().expect("one delivery");
    assert_eq!((delivery.entry, delivery.bytes), (None, bytes.as_slice()));
    (delivery.input, delivery.rejection)
}

fn event(what: What) -> Event {
    Event {
        event_id: "e".to_owned(),
        platform: "d".to_owned(),
        pool: "p".to_owned(),
        occurred_at: Some(1000),
        received_at: Some(2000),
        what: Some(what),
    }
}

/// `what` in protobuf and `fields` in JSON must be one and the same input.
fn check(what: What, fields: &str) {
    let common =
        r#""event_id":"e","platform":"d","pool":"p","occurred_at":1000,"received_at":2000"#;
    let json = format!("{{{common},{fields}}}");
    let expected = decode_one(json.as_bytes());
    assert_eq!(expected.rejection, None, "{json}");
    assert_eq!(decode(&event(what)), (expected.input, None), "{json}");
}

fn order() -> Option<Order> {
    Some(Order {
        order_id: "1".to_owned(),
        buyer_id: "b".to_owned(),
        person_ref: "r".to_owned(),
        session_id: "s".to_owned(),
        recipient_ref: "a".to_owned(),
        version: Some(0),
    })
}

const ORDER: &str = r#""order_id":1,"buyer_id":"b","person_ref":"r","session_id":"s","recipient_ref":"a","version":0"#;

fn lines() -> Vec<OrderLine> {
    vec![
        OrderLine { line_id: String::new(), sku: "x".to_owned(), quantity: Some(2) },
        OrderLine { line_id: "b".to_owned(), sku: "y".to_owned(), quantity: Some(3) },
    ]
}

const LINES: &str = r#""lines":[{"sku":"x","quantity":2},{"line_id":"b","sku":"y","quantity":3}]"#;

#[test]
fn order_events() {
    let json = |kind: &str, more: &str| format!(r#""type":"order.{kind}",{ORDER}{more}"#);
    let with_lines = format!(",{LINES}");
    check(
        What::OrderCreated(OrderCreated { order: order(), lines: lines() }),
        &json("created", &with_lines),
    );
    check(
        What::OrderPaid(OrderPaid { order: order(), lines: lines() }),
        &json("paid", &with_lines),
    );
    check(What::OrderPaid(OrderPaid { order: order(), lines: Vec::new() }), &json("paid", ""));
    check(
        What::OrderAmended(OrderAmended { order: order(), lines: lines() }),
        &json("amended", &with_lines),
    );
    check(What::OrderHeld(OrderHeld { order: order() }), &json("held", ""));
    check(What::OrderCleared(OrderCleared { order: order() }), &json("cleared", ""));
    check(What::OrderCancelled(OrderCancelled { order: order() }), &json("cancelled", ""));
    let all = OrderRefunded { order: order(), all: true, lines: Vec::new() };
    check(What::OrderRefunded(all), &json("refunded", ""));
    let some = RefundLine { line_id: String::new(), sku: "x".to_owned(), quantity: Some(1) };
    let some = OrderRefunded { order: order(), all: false, lines: vec![some] };
    check(What::OrderRefunded(some), &json("refunded", r#","lines":[{"sku":"x","quantity":1}]"#));
    let snapshot = OrderSnapshot { order: order(), status: "held".to_owned(), lines: lines() };
    check(
        What::OrderSnapshot(snapshot),
        &json("snapshot", &format!(r#","status":"held",{LINES}"#)),
    );
}

#[test]
fn policy_and_catalogue() {
    check(What::PoolPolicy(PoolPolicy::default()), r#""type":"pool.policy""#);
    let policy = PoolPolicy {
        allocate_on: "paid".to_owned(),
        reservation_ttl_s: Some(0),
        unpaid_shortage: "waitlist".to_owned(),
        paid_shortage: "refuse".to_owned(),
        partial: Some(false),
        paid_preempts_reserved: Some(true),
        claims: "hold".to_owned(),
        claim_ttl_s: Some(60),
    };
    check(
        What::PoolPolicy(policy),
        r#""type":"pool.policy","allocate_on":"paid","reservation_ttl_s":0,"unpaid_shortage":"waitlist","paid_shortage":"refuse","partial":false,"paid_preempts_reserved":true,"claims":"hold","claim_ttl_s":60"#,
    );
    check(
        What::CatalogueItem(CatalogueItem { sku: "x".to_owned(), ..CatalogueItem::default() }),
        r#""type":"catalogue.item","sku":"x""#,
    );
    let item = CatalogueItem {
        sku: "x".to_owned(),
        name: "红橙".to_owned(),
        keywords: vec!["1".to_owned()],
        components: vec![Component { sku: "y".to_owned(), quantity: Some(2) }],
        limit_per_buyer: Some(3),
        safety_stock: Some(0),
        low_stock_at: Some(5),
        backorder: Some(Backorder { limit: Some(0), until: Some(9) }),
        channels: vec![Channel { platform: "d".to_owned(), reserved: Some(0), max: None }],
        season: "2026".to_owned(),
    };
    check(
        What::CatalogueItem(item),
        r#""type":"catalogue.item","sku":"x","name":"红橙","keywords":[1],"components":[{"sku":"y","quantity":2}],"limit_per_buyer":3,"safety_stock":0,"low_stock_at":5,"backorder":{"limit":0,"until":9},"channels":[{"platform":"d","reserved":0}],"season":2026"#,
    );
}

#[test]
fn stock_events() {
    let received = |best_before| StockReceived {
        sku: "x".to_owned(),
        quantity: Some(5),
        lot_id: "l".to_owned(),
        best_before,
        inspection: "pending".to_owned(),
    };
    let json =
        r#""type":"stock.received","sku":"x","quantity":5,"lot_id":"l","inspection":"pending""#;
    check(What::StockReceived(received(None)), json);
    check(
        What::StockReceived(received(Some(BestBefore::BestBeforeAt(7)))),
        &format!(r#"{json},"best_before":7"#),
    );
    check(
        What::StockReceived(received(Some(BestBefore::BestBeforeDate("2026-12-01".to_owned())))),
        &format!(r#"{json},"best_before":"2026-12-01""#),
    );
    let inspected = StockInspected {
        lot_id: "l".to_owned(),
        result: "failed".to_owned(),
        note: "mould".to_owned(),
    };
    check(
        What::StockInspected(inspected),
        r#""type":"stock.inspected","lot_id":"l","result":"failed","note":"mould""#,
    );
    let adjusted = StockAdjusted {
        sku: "x".to_owned(),
        delta: Some(-4),
        lot_id: String::new(),
        reason: "fell".to_owned(),
    };
    check(
        What::StockAdjusted(adjusted),
        r#""type":"stock.adjusted","sku":"x","delta":-4,"reason":"fell""#,
    );
    let counted = StockCounted { sku: "x".to_owned(), quantity: Some(0), lot_id: "l".to_owned() };
    check(
        What::StockCounted(counted),
        r#""type":"stock.counted","sku":"x","quantity":0,"lot_id":"l""#,
    );
    let recalled = StockRecalled { lot_id: "l".to_owned(), reason: "mould".to_owned() };
    check(
        What::StockRecalled(recalled),
        r#""type":"stock.recalled","lot_id":"l","reason":"mould""#,
    );
}

#[test]
fn sessions_waves_hand_overs_and_comments() {
    let session =
        Session { session_id: "s".to_owned(), skus: vec!["x".to_owned(), "y".to_owned()] };
    check(
        What::SessionOpened(session.clone()),
        r#""type":"session.opened","session_id":"s","skus":["x","y"]"#,
    );
    check(
        What::SessionClosed(session),
        r#""type":"session.closed","session_id":"s","skus":["x","y"]"#,
    );
    let wave = WaveClosed { wave_id: "w".to_owned(), session_id: "s".to_owned() };
    check(What::WaveClosed(wave), r#""type":"wave.closed","wave_id":"w","session_id":"s""#);
    let handed_over = ShipmentHandedOver {
        wave_id: String::new(),
        orders: vec![OrderRef { platform: "d".to_owned(), order_id: "1".to_owned() }],
        parcels: vec![ParcelRef { fulfillment_id: "p/d/1/1".to_owned(), revision: Some(2) }],
    };
    check(
        What::ShipmentHandedOver(handed_over),
        r#""type":"shipment.handed_over","orders":[{"platform":"d","order_id":1}],"parcels":[{"fulfillment_id":"p/d/1/1","revision":2}]"#,
    );
    let comment = CommentPosted {
        buyer_id: "b".to_owned(),
        text: String::new(),
        person_ref: "r".to_owned(),
        session_id: String::new(),
    };
    check(
        What::CommentPosted(comment),
        r#""type":"comment.posted","buyer_id":"b","text":"","person_ref":"r""#,
    );
}

#[test]
fn bad_messages_have_the_codes_of_bad_objects() {
    let created = |lines| What::OrderCreated(OrderCreated { order: order(), lines });
    let line = |line_id: &str, sku: &str, quantity| OrderLine {
        line_id: line_id.to_owned(),
        sku: sku.to_owned(),
        quantity,
    };
    let refund = |all, lines| What::OrderRefunded(OrderRefunded { order: order(), all, lines });
    let refund_line = RefundLine { line_id: String::new(), sku: String::new(), quantity: Some(1) };
    for (what, code) in [
        (created(vec![]), Code::EmptyLines),
        (created(vec![line("", "", Some(1))]), Code::MissingField),
        (created(vec![line("", "x", None)]), Code::MissingField),
        (created(vec![line("", "x", Some(0))]), Code::OutOfRange),
        (created(vec![line("", "x", Some(i64::MAX))]), Code::OutOfRange),
        (created(vec![line("2", "x", Some(1)), line("", "x", Some(1))]), Code::DuplicateLine),
        (What::OrderHeld(OrderHeld { order: None }), Code::MissingField),
        (refund(false, vec![]), Code::EmptyLines),
        (refund(true, vec![refund_line.clone()]), Code::OutOfRange),
        (refund(false, vec![refund_line]), Code::MissingField),
        (What::ShipmentHandedOver(ShipmentHandedOver::default()), Code::MissingField),
    ] {
        let found = decode(&event(what.clone())).1.expect("rejected");
        assert_eq!(found.code, code, "{what:?}");
    }
    let mut late = event(What::OrderHeld(OrderHeld { order: order() }));
    late.occurred_at = Some(i64::MAX);
    assert_eq!(decode(&late).1.unwrap().code, Code::BadTime);
    late.occurred_at = None;
    assert_eq!(decode(&late).1.unwrap().code, Code::MissingField);
    // A type of a later version of the contract is a field that we do not know.
    late.what = None;
    assert_eq!(decode(&late).1.unwrap().code, Code::UnknownType);
}

#[test]
fn bytes_that_are_no_message_are_not_protobuf() {
    for bytes in [b"".as_slice(), b"{}", b"\xff\xff", b"\x0a\x02\xff\xfe", b"\x0a\x7f"] {
        let decoder = Decoder::default();
        let found = decoder
            .decode(Some(bytes), Some(b"application/protobuf"), Arrival::FromEvent)
            .next()
            .unwrap();
        assert_eq!(found.rejection.unwrap().code, Code::NotProtobuf, "{bytes:?}");
    }
}
