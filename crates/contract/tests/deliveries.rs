//! What a record is taken apart into: entries, bytes, arrivals, ids, and whom to answer.

mod common;

use allotment::{Body, Code, Event, Id, Input, OrderVerb, Rejected, RejectedOrder, Time, What};
use common::{ARRIVED, decode_one};
use contract::{Arrival, Decoder, Delivery, Encoding};

fn decode(value: &str) -> Vec<Delivery<'_>> {
    Decoder::default().decode(Some(value.as_bytes()), None, Arrival::Record(ARRIVED)).collect()
}

fn event(input: Input) -> Event {
    match input.body {
        Body::Event(event) => event,
        Body::Rejected(rejected) => panic!("rejected: {}", rejected.code.as_str()),
    }
}

fn rejected(value: &str) -> (Id, Rejected) {
    let input = decode_one(value.as_bytes()).input;
    match input.body {
        Body::Rejected(rejected) => (input.pool, rejected),
        Body::Event(_) => panic!("taken: {value}"),
    }
}

#[test]
fn the_contracts_example_is_read() {
    let value = r#"{"type":"order.created","event_id":"7291004","platform":"douyin","pool":"hexi-oranges","occurred_at":"2026-11-22T20:00:03.120+08:00",
 "order_id":"4990021","buyer_id":"u-77","session_id":"s-1122","lines":[{"sku":"orange-5kg","quantity":2}]}"#;
    let delivery = decode_one(value.as_bytes());
    assert_eq!(
        (delivery.entry, delivery.bytes, &delivery.rejection),
        (None, value.as_bytes(), &None)
    );
    expect_test::expect![[r#"
        Input {
            pool: "hexi-oranges",
            arrival: Time(
                1763812803120,
            ),
            body: Event(
                Event {
                    platform: "douyin",
                    event_id: "7291004",
                    occurred_at: Time(
                        1795348803120,
                    ),
                    what: Order(
                        OrderEvent {
                            order_id: "4990021",
                            buyer_id: Some(
                                "u-77",
                            ),
                            person_ref: None,
                            session_id: Some(
                                "s-1122",
                            ),
                            recipient_ref: None,
                            version: None,
                            verb: Created {
                                lines: [
                                    Line {
                                        line_id: "1",
                                        sku: "orange-5kg",
                                        quantity: 2,
                                    },
                                ],
                            },
                        },
                    ),
                },
            ),
        }
    "#]]
    .assert_debug_eq(&delivery.input);
}

#[test]
fn an_array_is_a_delivery_for_each_entry() {
    let held = |order: &str| {
        format!(
            r#"{{"type":"order.held","platform":"d","pool":"p","occurred_at":0,"order_id":"{order}"}}"#
        )
    };
    let (first, last) = (held("1"), held("2"));
    let value = format!(" [ {first} , {{\"type\":\"x\"}},[],\n7, null, {last}]");
    let found: Vec<_> = decode(&value)
        .into_iter()
        .map(|of| {
            (
                of.entry,
                String::from_utf8(of.bytes.to_vec()).unwrap(),
                of.rejection.map(|of| of.code),
            )
        })
        .collect();
    let expected = [
        (Some(0), first.as_str(), None),
        (Some(1), "{\"type\":\"x\"}", Some(Code::UnknownType)),
        (Some(2), "[]", Some(Code::WrongType)),
        (Some(3), "7", Some(Code::WrongType)),
        (Some(4), "null", Some(Code::WrongType)),
        (Some(5), last.as_str(), None),
    ];
    assert_eq!(found, expected.map(|(entry, bytes, code)| (entry, bytes.to_owned(), code)));
    assert!(decode("[]").is_empty());
    assert_eq!(decode("[{]").len(), 1);
    assert_eq!(decode("[{]")[0].rejection.as_ref().map(|of| of.code), Some(Code::NotJson));
    let mut lazily = Decoder::default().decode(Some(value.as_bytes()), None, Arrival::FromEvent);
    assert_eq!(lazily.len(), 6);
    lazily.next();
    assert_eq!(lazily.len(), 5);
}

#[test]
fn arrival_is_the_records_or_the_events_own() {
    let arrival = |fields: &str, arrival: Arrival| {
        let value =
            format!(r#"{{"type":"order.held","platform":"d","pool":"p","order_id":"1",{fields}}}"#);
        let input =
            Decoder::default().decode(Some(value.as_bytes()), None, arrival).next().unwrap().input;
        (input.arrival, matches!(input.body, Body::Event(_)))
    };
    let both = r#""occurred_at":1000,"received_at":"1970-01-01T00:00:02Z""#;
    assert_eq!(arrival(both, Arrival::Record(Time(5))), (Time(5), true));
    assert_eq!(arrival(both, Arrival::FromEvent), (Time(2000), true));
    assert_eq!(
        arrival(r#""occurred_at":1000,"received_at":null"#, Arrival::FromEvent),
        (Time(1000), true)
    );
    assert_eq!(
        arrival(r#""occurred_at":1000,"received_at":"soon""#, Arrival::FromEvent),
        (Time::MIN, false)
    );
    assert_eq!(
        arrival(r#""occurred_at":1000,"received_at":"soon""#, Arrival::Record(Time(5))),
        (Time(5), false)
    );
}

#[test]
fn an_absent_event_id_of_an_order_is_derived() {
    let event_id = |fields: &str| {
        let value = format!(
            r#"{{"type":"order.paid","platform":"d","pool":"p","occurred_at":1000,{fields}}}"#
        );
        event(decode_one(value.as_bytes()).input).event_id.to_string()
    };
    assert_eq!(event_id(r#""order_id":"1""#), "1/order.paid/1000");
    assert_eq!(event_id(r#""order_id":"1","version":7"#), "1/order.paid/7");
    assert_eq!(event_id(r#""order_id":"a/b%","version":-7"#), "a%2Fb%25/order.paid/-7");
    assert_eq!(event_id(r#""order_id":"1","event_id":"x""#), "x");
    assert_eq!(event_id(r#""order_id":"1","event_id":42"#), "42");
    assert_eq!(event_id(r#""order_id":"1","event_id":"42""#), "42");
}

#[test]
fn integers_are_the_ids_that_their_digits_are() {
    let order_id = |id: &str| {
        let value = format!(
            r#"{{"type":"order.held","platform":"d","pool":"p","occurred_at":0,"order_id":{id}}}"#
        );
        match event(decode_one(value.as_bytes()).input).what {
            What::Order(order) => order.order_id.to_string(),
            other => panic!("{other:?}"),
        }
    };
    // Beyond what a float tells apart.
    assert_eq!(order_id("9007199254740993"), "9007199254740993");
    assert_eq!(order_id("18446744073709551615"), "18446744073709551615");
    assert_eq!(order_id("-0"), "0");
    assert_eq!(order_id(r#""0042""#), "0042");
    assert_eq!(order_id(r#""\u6a59/\"""#), "橙/\"");
}

#[test]
fn stock_events_are_of_platform_stock_unless_they_say_otherwise() {
    let platform = |fields: &str| {
        let value = format!(
            r#"{{"type":"wave.closed","event_id":"e","pool":"p","occurred_at":0,"wave_id":"w"{fields}}}"#
        );
        event(decode_one(value.as_bytes()).input).platform.to_string()
    };
    assert_eq!(platform(""), "stock");
    assert_eq!(platform(r#","platform":"wms""#), "wms");
    let session = |fields: &str| {
        let value = format!(
            r#"{{"type":"session.opened","event_id":"e","pool":"p","occurred_at":0,"session_id":"s"{fields}}}"#
        );
        let event = event(decode_one(value.as_bytes()).input);
        match event.what {
            What::SessionOpened(session) => {
                (event.platform.to_string(), session.platform.map(|id| id.to_string()))
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(session(""), ("stock".to_owned(), None));
    assert_eq!(
        session(r#","platform":"douyin""#),
        ("douyin".to_owned(), Some("douyin".to_owned()))
    );
}

#[test]
fn default_line_ids_are_positions_but_refunds_have_none() {
    let verb = |kind: &str, lines: &str| {
        let value = format!(
            r#"{{"type":"{kind}","platform":"d","pool":"p","occurred_at":0,"order_id":"1","lines":[{lines}]}}"#
        );
        match event(decode_one(value.as_bytes()).input).what {
            What::Order(order) => order.verb,
            other => panic!("{other:?}"),
        }
    };
    let lines = r#"{"sku":"a","quantity":1},{"sku":"b","quantity":2,"line_id":null},{"line_id":"x","sku":"c","quantity":3}"#;
    let OrderVerb::Paid { lines: Some(paid) } = verb("order.paid", lines) else { panic!() };
    assert_eq!(paid.iter().map(|line| line.line_id.as_str()).collect::<Vec<_>>(), ["1", "2", "x"]);
    let OrderVerb::Refunded { lines: Some(refunded) } = verb("order.refunded", lines) else {
        panic!()
    };
    let named: Vec<_> = refunded.iter().map(|line| line.line_id.as_ref().map(Id::as_str)).collect();
    assert_eq!(named, [None, None, Some("x")]);
}

#[test]
fn plain_dates_end_in_the_deployments_zone() {
    let value = br#"{"type":"stock.received","event_id":"e","pool":"p","occurred_at":0,"sku":"a","quantity":1,"lot_id":"l","best_before":"1970-01-02"}"#;
    let best_before = |decoder: Decoder| {
        let input = decoder.decode(Some(value), None, Arrival::FromEvent).next().unwrap().input;
        match event(input).what {
            What::Received(received) => received.best_before.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    const HOUR: i64 = 3_600_000;
    assert_eq!(best_before(Decoder::default()), Time(40 * HOUR));
    assert_eq!(best_before(Decoder::default().with_time_zone("UTC").unwrap()), Time(48 * HOUR));
    let fault = Decoder::default().with_time_zone("Asia/Hexi").unwrap_err();
    assert!(fault.to_string().contains("Asia/Hexi"));
}

#[test]
fn a_rejected_order_is_answered_where_it_can_be_named() {
    let (pool, found) = rejected(
        r#"{"type":"order.paid","platform":"d","pool":"p","occurred_at":"soon","order_id":1,"version":3}"#,
    );
    let order = RejectedOrder {
        platform: "d".into(),
        order_id: "1".into(),
        event_id: Some("1/order.paid/3".into()),
    };
    assert_eq!((&*pool, found), ("p", Rejected { code: Code::BadTime, order: Some(order) }));

    for (value, pool, event_id) in [
        // Neither a version nor a time to derive an event id of.
        (
            r#"{"type":"order.paid","platform":"d","pool":"p","occurred_at":"soon","order_id":1}"#,
            "p",
            Some(None),
        ),
        (
            r#"{"type":"order.paid","platform":"d","pool":"p","order_id":1,"event_id":"e"}"#,
            "p",
            Some(Some("e")),
        ),
        (
            r#"{"type":"order.paid","platform":"d","pool":"p","order_id":1,"event_id":1.5,"occurred_at":0}"#,
            "p",
            Some(None),
        ),
        // Pool, platform or order id can't be read.
        (
            r#"{"type":"order.paid","platform":"d","order_id":1,"event_id":"e","occurred_at":0}"#,
            "",
            None,
        ),
        (
            r#"{"type":"order.paid","platform":1.5,"pool":"p","order_id":1,"event_id":"e","occurred_at":0}"#,
            "p",
            None,
        ),
        (
            r#"{"type":"order.paid","platform":"d","pool":"p","order_id":"","event_id":"e","occurred_at":0}"#,
            "p",
            None,
        ),
        // No order event.
        (
            r#"{"type":"order.eaten","platform":"d","pool":"p","order_id":"1","event_id":"e","occurred_at":0}"#,
            "p",
            None,
        ),
        (
            r#"{"type":"wave.closed","platform":"d","pool":"p","order_id":"1","event_id":"e","occurred_at":0}"#,
            "p",
            None,
        ),
        (r#"{"type":7,"pool":"p"}"#, "p", None),
        ("[[]]", "", None),
    ] {
        let (found_pool, found) = rejected(value);
        assert_eq!(&*found_pool, pool, "{value}");
        let found_id = found.order.as_ref().map(|order| order.event_id.as_ref().map(Id::as_str));
        assert_eq!(found_id, event_id, "{value}");
    }
}

#[test]
fn the_content_type_decides_and_else_the_configuration() {
    let codes = |value: Option<&[u8]>, header: Option<&[u8]>| {
        [Encoding::Json, Encoding::Protobuf].map(|default| {
            let decoder = Decoder::default().with_default_encoding(default);
            let found = decoder.decode(value, header, Arrival::FromEvent).next().unwrap().rejection;
            found.expect("rejected").code
        })
    };
    let value = Some(b"\x08".as_slice());
    assert_eq!(codes(value, None), [Code::NotJson, Code::NotProtobuf]);
    assert_eq!(codes(value, Some(b"text/plain")), [Code::NotJson, Code::NotProtobuf]);
    assert_eq!(codes(value, Some(b"application/json")), [Code::NotJson; 2]);
    assert_eq!(codes(value, Some(b"application/x-protobuf")), [Code::NotProtobuf; 2]);
    assert_eq!(codes(None, None), [Code::NotJson, Code::NotProtobuf]);
}
