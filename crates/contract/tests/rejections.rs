//! Bad input: for each event the code that the contract asks for, the first that fits anywhere in it.

mod common;

use allotment::Code;
use common::{decode_one, rejection};

/// A good order event into which a case writes its fault: `{…}` without the fields that the case brings.
const HEAD: &str =
    r#""event_id":"e","platform":"douyin","pool":"p","occurred_at":"2026-11-22T20:00:00+08:00""#;

/// Checks one case a row: an event's fields beside [`HEAD`], and the code (`fine` where it is taken).
fn check(cases: &str) {
    for case in
        cases.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"))
    {
        let (code, fields) = case.split_once('|').expect("a case is `code | fields`");
        let text = format!("{{{HEAD},{}}}", fields.trim());
        check_text(code.trim(), &text);
    }
}

/// As [`check`], with whole values.
fn check_values(cases: &str) {
    for case in
        cases.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//"))
    {
        let (code, text) = case.split_once('|').expect("a case is `code | value`");
        check_text(code.trim(), text.trim());
    }
}

fn check_text(code: &str, text: &str) {
    let found = rejection(text.as_bytes()).map_or("fine", |rejection| rejection.code.as_str());
    assert_eq!(found, code, "{text}");
}

#[test]
fn values_that_are_no_event() {
    check_values(
        r#"
        not_json    |
        not_json    | null
        not_json    | {"type":"order.created",
        not_json    | {"type":"order.held"} x
        not_json    | {"type":"order.held"}{"type":"order.held"}
        not_json    | {'type':'order.held'}
        not_json    | NaN
        not_json    | [{"type":"order.held"},
        not_json    | {"type":"\ud800"}
        wrong_type  | 42
        wrong_type  | "order.held"
        wrong_type  | true
        missing_field | {}
        missing_field | {"type":null,"pool":"p"}
        "#,
    );
    assert_eq!(rejection(b"{\"type\":\"\xff\"}").unwrap().code, Code::NotUtf8);
    assert_eq!(rejection(b" \n").unwrap().code, Code::NotJson);
    let deep = format!("{{\"type\":{}", "[".repeat(100_000));
    assert_eq!(rejection(deep.as_bytes()).unwrap().code, Code::NotJson);
}

#[test]
fn a_value_has_256_kib() {
    let event = |padding: usize| {
        format!(
            r#"{{{HEAD},"type":"order.held","order_id":"1","padding":"{}"}}"#,
            "x".repeat(padding)
        )
    };
    let room = contract::VALUE_BYTES_MAX - event(0).len();
    assert!(rejection(event(room).as_bytes()).is_none());
    assert_eq!(rejection(event(room + 1).as_bytes()).unwrap().code, Code::TooLarge);
}

#[test]
fn types_and_common_fields() {
    check_values(
        r#"
        unknown_type  | {"type":"order.eaten"}
        unknown_type  | {"type":""}
        unknown_type  | {"type":"Order.Created","pool":1.5}
        missing_field | {"type":42}
        wrong_type    | {"type":42,"pool":"p","occurred_at":0}
        missing_field | {"type":"order.held","event_id":"e","platform":"d","occurred_at":0,"order_id":"1"}
        missing_field | {"type":"order.held","event_id":"e","pool":"p","occurred_at":0,"order_id":"1"}
        missing_field | {"type":"order.held","event_id":"e","platform":"d","pool":"p","order_id":"1"}
        missing_field | {"type":"order.held","event_id":"e","platform":"d","pool":"p","occurred_at":0}
        fine          | {"type":"order.held","platform":"d","pool":"p","occurred_at":0,"order_id":"1"}
        missing_field | {"type":"wave.closed","pool":"p","occurred_at":0,"wave_id":"w"}
        fine          | {"type":"wave.closed","event_id":"e","pool":"p","occurred_at":0,"wave_id":"w"}
        missing_field | {"type":"comment.posted","event_id":"e","pool":"p","occurred_at":0,"buyer_id":"b","text":"1"}
        missing_field | {"type":"comment.posted","platform":"d","pool":"p","occurred_at":0,"buyer_id":"b","text":"1"}
        fine          | {"type":"order.held","event_id":null,"platform":"d","pool":"p","occurred_at":0,"order_id":"1"}
        wrong_type    | {"type":"order.held","event_id":{},"platform":"d","pool":"p","occurred_at":0,"order_id":"1"}
        "#,
    );
}

#[test]
fn ids() {
    check(
        r#"
        fine         | "type":"order.held","order_id":42
        fine         | "type":"order.held","order_id":-9223372036854775808
        fine         | "type":"order.held","order_id":18446744073709551615
        out_of_range | "type":"order.held","order_id":18446744073709551616
        out_of_range | "type":"order.held","order_id":-9223372036854775809
        out_of_range | "type":"order.held","order_id":""
        wrong_type   | "type":"order.held","order_id":42.0
        wrong_type   | "type":"order.held","order_id":1e3
        wrong_type   | "type":"order.held","order_id":1e999
        wrong_type   | "type":"order.held","order_id":true
        wrong_type   | "type":"order.held","order_id":["1"]
        missing_field | "type":"order.held","order_id":null
        fine         | "type":"order.held","order_id":"1","buyer_id":7,"person_ref":null
        wrong_type   | "type":"order.held","order_id":"1","buyer_id":7.5
        wrong_type   | "type":"order.held","order_id":"1","session_id":false
        out_of_range | "type":"order.held","order_id":"1","recipient_ref":""
        "#,
    );
    let with_id = |id: String| format!(r#"{{{HEAD},"type":"order.held","order_id":"{id}"}}"#);
    assert!(rejection(with_id("x".repeat(256)).as_bytes()).is_none());
    assert_eq!(rejection(with_id("x".repeat(257)).as_bytes()).unwrap().code, Code::OutOfRange);
    // Bytes count, not characters.
    assert_eq!(rejection(with_id("橙".repeat(86)).as_bytes()).unwrap().code, Code::OutOfRange);
}

#[test]
fn order_lines() {
    check(
        r#"
        missing_field  | "type":"order.created","order_id":"1"
        missing_field  | "type":"order.amended","order_id":"1","lines":null
        missing_field  | "type":"order.snapshot","order_id":"1","status":"paid"
        fine           | "type":"order.paid","order_id":"1"
        fine           | "type":"order.refunded","order_id":"1"
        empty_lines    | "type":"order.created","order_id":"1","lines":[]
        empty_lines    | "type":"order.paid","order_id":"1","lines":[]
        empty_lines    | "type":"order.refunded","order_id":"1","lines":[]
        wrong_type     | "type":"order.created","order_id":"1","lines":{}
        wrong_type     | "type":"order.created","order_id":"1","lines":"x"
        wrong_type     | "type":"order.created","order_id":"1","lines":[1]
        wrong_type     | "type":"order.created","order_id":"1","lines":[null]
        wrong_type     | "type":"order.created","order_id":"1","lines":[[]]
        wrong_type     | "type":"order.created","order_id":"1","lines":[1e999]
        missing_field  | "type":"order.created","order_id":"1","lines":[{}]
        missing_field  | "type":"order.created","order_id":"1","lines":[{"sku":"a"}]
        missing_field  | "type":"order.created","order_id":"1","lines":[{"quantity":1}]
        out_of_range   | "type":"order.created","order_id":"1","lines":[{"sku":"","quantity":1}]
        fine           | "type":"order.created","order_id":"1","lines":[{"sku":7,"quantity":1}]
        out_of_range   | "type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":0}]
        out_of_range   | "type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":-1}]
        fine           | "type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":1000000}]
        out_of_range   | "type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":1000001}]
        out_of_range   | "type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":99999999999999999999}]
        wrong_type     | "type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":2.0}]
        wrong_type     | "type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":"2"}]
        wrong_type     | "type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":true}]
        missing_field  | "type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":null}]
        duplicate_line | "type":"order.created","order_id":"1","lines":[{"line_id":"x","sku":"a","quantity":1},{"line_id":"x","sku":"b","quantity":1}]
        duplicate_line | "type":"order.created","order_id":"1","lines":[{"line_id":"2","sku":"a","quantity":1},{"sku":"a","quantity":1}]
        duplicate_line | "type":"order.created","order_id":"1","lines":[{"line_id":2,"sku":"a","quantity":1},{"sku":"a","quantity":1}]
        fine           | "type":"order.created","order_id":"1","lines":[{"line_id":"1","sku":"a","quantity":1},{"sku":"a","quantity":1}]
        "#,
    );
}

#[test]
fn refund_lines() {
    check(
        r#"
        missing_field  | "type":"order.refunded","order_id":"1","lines":[{"quantity":1}]
        missing_field  | "type":"order.refunded","order_id":"1","lines":[{"line_id":null,"sku":null,"quantity":1}]
        missing_field  | "type":"order.refunded","order_id":"1","lines":[{"line_id":"1"}]
        fine           | "type":"order.refunded","order_id":"1","lines":[{"line_id":"1","quantity":1}]
        fine           | "type":"order.refunded","order_id":"1","lines":[{"sku":"a","quantity":1},{"sku":"a","quantity":1}]
        duplicate_line | "type":"order.refunded","order_id":"1","lines":[{"line_id":"1","quantity":1},{"line_id":"1","quantity":2}]
        "#,
    );
}

#[test]
fn there_are_200_lines_at_most() {
    let with_lines = |count: usize| {
        let lines = vec![r#"{"sku":"a","quantity":1}"#; count].join(",");
        format!(r#"{{{HEAD},"type":"order.paid","order_id":"1","lines":[{lines}]}}"#)
    };
    assert!(rejection(with_lines(200).as_bytes()).is_none());
    assert_eq!(rejection(with_lines(201).as_bytes()).unwrap().code, Code::OutOfRange);
}

#[test]
fn what_a_type_ignores_is_not_looked_at() {
    check(
        r#"
        fine | "type":"order.cancelled","order_id":"1","lines":"not looked at"
        fine | "type":"order.held","order_id":"1","lines":[],"status":17,"sku":{"a":[1,2]}
        fine | "type":"order.cleared","order_id":"1","lines":[{"quantity":-1}]
        fine | "type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":1,"max":"x"}],"status":"eaten","delta":0
        fine | "type":"order.cancelled","order_id":"1","unknown":{"a":[1e999]}
        fine | "type":"wave.closed","wave_id":"w","order_id":1.5,"version":"x","buyer_id":{}
        fine | "type":"comment.posted","buyer_id":"b","text":"","lines":7,"order_id":""
        "#,
    );
    // Deep nesting in a field that nobody asked for harms nobody.
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let text =
        format!(r#"{{{HEAD},"type":"order.held","order_id":"1","x":{deep},"lines":{deep}}}"#);
    assert!(rejection(text.as_bytes()).is_none());
}

#[test]
fn snapshots_versions_and_times() {
    let lines = r#""lines":[{"sku":"a","quantity":1}]"#;
    for (status, code) in [
        (r#""created""#, "fine"),
        (r#""paid""#, "fine"),
        (r#""held""#, "fine"),
        (r#""cancelled""#, "fine"),
        (r#""shipped""#, "out_of_range"),
        (r#""""#, "out_of_range"),
        ("1", "wrong_type"),
        ("null", "missing_field"),
    ] {
        check(&format!(
            r#"{code} | "type":"order.snapshot","order_id":"1",{lines},"status":{status}"#
        ));
    }
    check(
        r#"
        fine         | "type":"order.held","order_id":"1","version":-1
        fine         | "type":"order.held","order_id":"1","version":9223372036854775807
        out_of_range | "type":"order.held","order_id":"1","version":9223372036854775808
        wrong_type   | "type":"order.held","order_id":"1","version":"7"
        wrong_type   | "type":"order.held","order_id":"1","version":7.0
        fine         | "type":"order.held","order_id":"1","received_at":1763812803120
        bad_time     | "type":"order.held","order_id":"1","received_at":"yesterday"
        bad_time     | "type":"order.held","order_id":"1","received_at":"2026-11-22T20:00:00"
        bad_time     | "type":"order.held","order_id":"1","received_at":"1763812803120"
        bad_time     | "type":"order.held","order_id":"1","received_at":9223372036854775807
        bad_time     | "type":"order.held","order_id":"1","received_at":99999999999999999999
        wrong_type   | "type":"order.held","order_id":"1","received_at":1763812803120.0
        wrong_type   | "type":"order.held","order_id":"1","received_at":true
        "#,
    );
}

#[test]
fn policies() {
    check(
        r#"
        fine         | "type":"pool.policy"
        fine         | "type":"pool.policy","allocate_on":"paid","reservation_ttl_s":0,"unpaid_shortage":"waitlist","paid_shortage":"refuse","partial":true,"paid_preempts_reserved":false,"claims":"hold","claim_ttl_s":60
        out_of_range | "type":"pool.policy","allocate_on":"shipped"
        wrong_type   | "type":"pool.policy","allocate_on":1
        out_of_range | "type":"pool.policy","reservation_ttl_s":-1
        wrong_type   | "type":"pool.policy","reservation_ttl_s":1.5
        wrong_type   | "type":"pool.policy","partial":"true"
        wrong_type   | "type":"pool.policy","partial":1
        fine         | "type":"pool.policy","partial":null
        out_of_range | "type":"pool.policy","unpaid_shortage":"Refuse"
        out_of_range | "type":"pool.policy","claims":"on"
        out_of_range | "type":"pool.policy","claim_ttl_s":-5
        "#,
    );
}

#[test]
fn items() {
    check(
        r#"
        missing_field | "type":"catalogue.item"
        fine          | "type":"catalogue.item","sku":"a"
        fine          | "type":"catalogue.item","sku":"a","name":"","components":[],"channels":[],"keywords":[]
        wrong_type    | "type":"catalogue.item","sku":"a","name":7
        wrong_type    | "type":"catalogue.item","sku":"a","keywords":"x"
        fine          | "type":"catalogue.item","sku":"a","keywords":["x",7]
        wrong_type    | "type":"catalogue.item","sku":"a","keywords":[7.5]
        missing_field | "type":"catalogue.item","sku":"a","components":[{"sku":"b"}]
        out_of_range  | "type":"catalogue.item","sku":"a","components":[{"sku":"b","quantity":0}]
        wrong_type    | "type":"catalogue.item","sku":"a","components":["b"]
        fine          | "type":"catalogue.item","sku":"a","low_stock_at":0,"safety_stock":1000000000
        out_of_range  | "type":"catalogue.item","sku":"a","low_stock_at":1000000001
        out_of_range  | "type":"catalogue.item","sku":"a","safety_stock":-1
        fine          | "type":"catalogue.item","sku":"a","limit_per_buyer":3
        wrong_type    | "type":"catalogue.item","sku":"a","limit_per_buyer":"3"
        fine          | "type":"catalogue.item","sku":"a","backorder":{"limit":0,"until":"2026-12-01T00:00:00Z"}
        fine          | "type":"catalogue.item","sku":"a","backorder":{"limit":5}
        missing_field | "type":"catalogue.item","sku":"a","backorder":{}
        wrong_type    | "type":"catalogue.item","sku":"a","backorder":[]
        bad_time      | "type":"catalogue.item","sku":"a","backorder":{"limit":5,"until":"2026-12-01"}
        fine          | "type":"catalogue.item","sku":"a","channels":[{"platform":"d","reserved":0,"max":1000000000}]
        missing_field | "type":"catalogue.item","sku":"a","channels":[{"max":1}]
        out_of_range  | "type":"catalogue.item","sku":"a","channels":[{"platform":"d","max":-1}]
        fine          | "type":"catalogue.item","sku":"a","season":2026
        "#,
    );
    let with_components = |count: usize| {
        let list: Vec<_> =
            (0..count).map(|n| format!(r#"{{"sku":"s{n}","quantity":1}}"#)).collect();
        format!(r#"{{{HEAD},"type":"catalogue.item","sku":"a","components":[{}]}}"#, list.join(","))
    };
    assert!(rejection(with_components(20).as_bytes()).is_none());
    assert_eq!(rejection(with_components(21).as_bytes()).unwrap().code, Code::OutOfRange);
}

#[test]
fn lots_and_counts() {
    check(
        r#"
        fine          | "type":"stock.received","sku":"a","quantity":1,"lot_id":"l"
        missing_field | "type":"stock.received","sku":"a","quantity":1
        out_of_range  | "type":"stock.received","sku":"a","quantity":1000001,"lot_id":"l"
        fine          | "type":"stock.received","sku":"a","quantity":1,"lot_id":"l","best_before":"2026-12-01","inspection":"pending"
        bad_time      | "type":"stock.received","sku":"a","quantity":1,"lot_id":"l","best_before":"2026-02-30"
        wrong_type    | "type":"stock.received","sku":"a","quantity":1,"lot_id":"l","best_before":[]
        out_of_range  | "type":"stock.received","sku":"a","quantity":1,"lot_id":"l","inspection":"failed"
        fine          | "type":"stock.inspected","lot_id":"l","result":"failed","note":"mould"
        missing_field | "type":"stock.inspected","lot_id":"l"
        out_of_range  | "type":"stock.inspected","lot_id":"l","result":"pending"
        fine          | "type":"stock.adjusted","sku":"a","delta":-1000000000
        out_of_range  | "type":"stock.adjusted","sku":"a","delta":0
        out_of_range  | "type":"stock.adjusted","sku":"a","delta":1000000001
        missing_field | "type":"stock.adjusted","sku":"a"
        fine          | "type":"stock.counted","sku":"a","quantity":0
        out_of_range  | "type":"stock.counted","sku":"a","quantity":-1
        out_of_range  | "type":"stock.counted","sku":"a","quantity":1000000001
        fine          | "type":"stock.recalled","lot_id":"l","reason":"pesticide"
        missing_field | "type":"stock.recalled","lot_id":"l"
        "#,
    );
}

#[test]
fn sessions_waves_and_hand_overs() {
    check(
        r#"
        fine          | "type":"session.opened","session_id":"s","skus":["a",7]
        missing_field | "type":"session.closed"
        wrong_type    | "type":"session.opened","session_id":"s","skus":["a",null]
        missing_field | "type":"wave.closed","session_id":"s"
        missing_field | "type":"shipment.handed_over"
        missing_field | "type":"shipment.handed_over","orders":[],"parcels":[]
        fine          | "type":"shipment.handed_over","wave_id":"w","orders":[]
        fine          | "type":"shipment.handed_over","orders":[{"platform":"d","order_id":1}]
        missing_field | "type":"shipment.handed_over","orders":[{"order_id":"1"}]
        wrong_type    | "type":"shipment.handed_over","orders":["1"]
        wrong_type    | "type":"shipment.handed_over","orders":{}
        fine          | "type":"shipment.handed_over","parcels":[{"fulfillment_id":"p/d/1/1"}]
        out_of_range  | "type":"shipment.handed_over","parcels":[{"fulfillment_id":"p/d/1/1","revision":0}]
        missing_field | "type":"shipment.handed_over","parcels":[{"revision":1}]
        missing_field | "type":"comment.posted","buyer_id":"b"
        wrong_type    | "type":"comment.posted","buyer_id":"b","text":42
        "#,
    );
}

#[test]
fn the_first_code_that_fits_anywhere_wins() {
    let quantity = |value: &str| format!(r#"{{"sku":"a","quantity":{value}}}"#);
    for (lines, occurred_at, code) in [
        (format!("[{},{{}}]", quantity("2.5")), r#""x""#, "missing_field"),
        (format!("[{},{}]", quantity("0"), quantity("true")), r#""x""#, "wrong_type"),
        (format!("[{},{}]", quantity("1"), quantity("0")), r#""x""#, "out_of_range"),
        ("[]".to_owned(), r#""x""#, "empty_lines"),
        (
            format!("[{},{{\"line_id\":1,\"sku\":\"a\",\"quantity\":1}}]", quantity("1")),
            r#""x""#,
            "duplicate_line",
        ),
        (format!("[{}]", quantity("1")), r#""x""#, "bad_time"),
        (format!("[{}]", quantity("1")), "0", "fine"),
    ] {
        let common = r#""type":"order.created","platform":"d","pool":"p","order_id":"1""#;
        check_text(code, &format!(r#"{{"lines":{lines},"occurred_at":{occurred_at},{common}}}"#));
    }
}

#[test]
fn of_a_key_given_twice_the_last_counts() {
    check(
        r#"
        fine          | "type":"order.eaten","type":"order.held","order_id":1.5,"order_id":"1"
        missing_field | "type":"order.held","order_id":"1","order_id":null
        "#,
    );
}

#[test]
fn messages_name_the_field_and_no_value() {
    let text = format!(
        r#"{{{HEAD},"type":"order.created","order_id":"1","lines":[{{"sku":"a","quantity":1}},{{"sku":"a","quantity":-7}}]}}"#
    );
    let found = decode_one(text.as_bytes()).rejection.unwrap();
    assert_eq!(
        found.to_string(),
        "out_of_range: lines[1].quantity: must be an integer from 1 to 1000000"
    );
    let found = rejection(br#"{"type":"order.eaten"}"#).unwrap();
    assert_eq!(found.message, r#"type: "order.eaten" is not a type of the contract"#);
}
