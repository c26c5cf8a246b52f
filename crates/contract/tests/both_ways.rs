//! The short way of reading usual events and the long way of reading all are one reading: whatever the bytes, both say the
//! same, of what they take and of what they refuse.
#![expect(clippy::unwrap_used, reason = "what is not there fails the test, in helpers too")]

use allotment::Time;
use contract::proto::input::event::What;
use contract::proto::input::stock_received::BestBefore;
use contract::proto::input::{
    CommentPosted, Event, Order, OrderCancelled, OrderCreated, OrderLine, OrderPaid, StockAdjusted,
    StockCounted, StockReceived,
};
use contract::{Arrival, Decoder, Encoding};
use proptest::prelude::*;
use prost::Message;

fn check(value: &[u8], encoding: Encoding) {
    let short = Decoder::default().with_default_encoding(encoding);
    let long = short.clone().without_short_way();
    for arrival in [Arrival::FromEvent, Arrival::Record(Time(7))] {
        let read = |decoder: &Decoder| decoder.decode(Some(value), None, arrival).collect();
        let (found, expected): (Vec<_>, Vec<_>) = (read(&short), read(&long));
        assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(value));
    }
}

/// Events as bridges write them: the worked examples, and the usual types with every field that they have.
fn json_seeds() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/examples");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let inputs = files.filter(|path| path.to_string_lossy().ends_with(".in.ndjson"));
    let examples = inputs.map(|path| std::fs::read_to_string(path).unwrap());
    let mut seeds: Vec<Vec<u8>> = examples
        .flat_map(|text| text.lines().map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>())
        .collect();
    assert!(seeds.len() > 50, "{} examples", seeds.len());
    let order = r#""event_id":"e-1","platform":"douyin","pool":"hexi","occurred_at":"2026-11-22T20:00:03.120+08:00","received_at":1795348803120,"order_id":"4990021","buyer_id":"u-77","person_ref":"p","session_id":"s","recipient_ref":"r","version":12"#;
    let stock = r#""event_id":"e-2","pool":"hexi","occurred_at":"2026-11-22T12:00:03Z","sku":"orange","lot_id":"l-1""#;
    let lines =
        r#""lines":[{"line_id":"1","sku":"orange","quantity":2},{"sku":"茶","quantity":1}]"#;
    for kind in
        ["created", "paid", "amended", "held", "cleared", "cancelled", "refunded", "snapshot"]
    {
        seeds.push(format!(r#"{{"type":"order.{kind}",{order},{lines}}}"#).into());
        seeds.push(
            format!(" {{ {order} , \"odd\" : null ,\n\"type\" : \"order.{kind}\" }} ").into(),
        );
    }
    for more in [
        r#""type":"stock.received","quantity":3,"best_before":"2026-12-01T00:00:00Z","inspection":"pending""#,
        r#""type":"stock.adjusted","delta":-3,"reason":"a \" fell""#,
        r#""type":"stock.counted","quantity":0"#,
        r#""type":"comment.posted","platform":"douyin","buyer_id":"u-1","text":"要 2 箱""#,
    ] {
        seeds.push(format!("{{{stock},{more}}}").into());
    }
    seeds
}

fn protobuf_seeds() -> Vec<Vec<u8>> {
    let text = |text: &str| text.to_owned();
    let order = || {
        let version = Some(12);
        let [order_id, buyer_id, person_ref] = ["4990021", "u-77", "p"].map(text);
        let [session_id, recipient_ref] = ["s", "r"].map(text);
        Some(Order { order_id, buyer_id, person_ref, session_id, recipient_ref, version })
    };
    let line =
        |line_id, sku| OrderLine { line_id: text(line_id), sku: text(sku), quantity: Some(2) };
    let lines = || vec![line("1", "orange"), line("", "茶")];
    let (sku, lot_id) = (text("orange"), text("l-1"));
    let received = StockReceived {
        sku: sku.clone(),
        quantity: Some(3),
        lot_id: lot_id.clone(),
        inspection: text("pending"),
        best_before: Some(BestBefore::BestBeforeAt(1_795_948_803_120)),
    };
    let delta = Some(5);
    let all = [
        What::OrderCreated(OrderCreated { order: order(), lines: lines() }),
        What::OrderPaid(OrderPaid { order: order(), lines: lines() }),
        What::OrderPaid(OrderPaid { order: order(), lines: Vec::new() }),
        What::OrderCancelled(OrderCancelled { order: order() }),
        What::StockReceived(received),
        What::StockAdjusted(StockAdjusted {
            sku: sku.clone(),
            delta,
            lot_id: lot_id.clone(),
            reason: text("found"),
        }),
        What::StockCounted(StockCounted { sku, quantity: Some(300), lot_id }),
        What::CommentPosted(CommentPosted {
            buyer_id: text("u-1"),
            text: text("要 2 箱"),
            ..CommentPosted::default()
        }),
    ];
    all.map(|what| {
        let event = Event {
            event_id: text("e-1"),
            platform: text("douyin"),
            pool: text("hexi"),
            occurred_at: Some(1_795_348_803_120),
            received_at: Some(1_795_348_803_125),
            what: Some(what),
        };
        event.encode_to_vec()
    })
    .to_vec()
}

/// What may come into an event, or come instead of something.
const PIECES: [&[u8]; 40] = [
    b"",
    b"null",
    b"true",
    b"1",
    b"-1",
    b"-0",
    b"1.0",
    b"1e3",
    b"00",
    b"9223372036854775808",
    b"1000000",
    b"1000001",
    b"\"",
    b"\\",
    b"\"\"",
    b"\"x\"",
    b"\\u00e9",
    b"\\\"",
    b"{}",
    b"[]",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b":",
    b" ",
    b"\n",
    b"\"pool\":\"p\",",
    b"\"pool\":null,",
    b"\"lines\":[],",
    b"\"sku\":\"s\",",
    b"\"type\":\"order.paid\",",
    b"\"other\":1,",
    b"\"other\":{\"pool\":1},",
    b"\xff",
    b"\xe7\xba\xa2",
    b"\x00",
    b"\x80\x01",
    b"\x0a\x00",
];

/// Changes of an event: from where on, how many bytes go, and what comes instead.
fn changes() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    let change = (any::<usize>(), prop_oneof![Just(0), Just(1), 0..12_usize], 0..PIECES.len());
    prop::collection::vec(change, 0..4)
}

/// The places at which a JSON value or field begins or ends, so that changes are often of whole ones.
fn places(value: &[u8]) -> Vec<usize> {
    let sign = |byte: &u8| b"{}[],:\"".contains(byte);
    let signs = value.iter().enumerate().filter(|(_, byte)| sign(byte));
    signs.flat_map(|(at, _)| [at, at + 1]).collect()
}

fn changed(seed: &[u8], changes: &[(usize, usize, usize)]) -> Vec<u8> {
    let mut value = seed.to_vec();
    for (place, gone, piece) in changes {
        let places = places(&value);
        let at = match places.get(place % (2 * places.len() + 1)) {
            Some(at) => *at,
            None => place % (value.len() + 1),
        };
        let end = (at + gone).min(value.len());
        value.splice(at..end, PIECES[*piece].iter().copied());
    }
    value
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn of_changed_json(seed in prop::sample::select(json_seeds()), changes in changes()) {
        check(&changed(&seed, &changes), Encoding::Json);
    }

    #[test]
    fn of_changed_protobuf(seed in prop::sample::select(protobuf_seeds()), changes in changes()) {
        check(&changed(&seed, &changes), Encoding::Protobuf);
    }

    #[test]
    fn of_any_bytes(value in prop::collection::vec(any::<u8>(), 0..80)) {
        check(&value, Encoding::Json);
        check(&value, Encoding::Protobuf);
    }
}

/// Each piece at each place of an event, before what is there and instead of it.
#[test]
fn of_every_piece_at_every_place() {
    let seeds = json_seeds();
    let usual = seeds.iter().filter(|seed| !seed.contains(&b'\n'));
    for seed in usual.rev().step_by(3).take(6) {
        let places = places(seed);
        for (position, at) in places.iter().enumerate() {
            let next = *places.get(position + 1).unwrap_or(&seed.len());
            for (end, piece) in [*at, next].into_iter().flat_map(|end| PIECES.map(|p| (end, p))) {
                let mut value = seed.clone();
                value.splice(*at..end.max(*at), piece.iter().copied());
                check(&value, Encoding::Json);
            }
        }
    }
}

#[test]
fn of_every_seed_and_every_byte_of_it() {
    for seed in json_seeds() {
        check(&seed, Encoding::Json);
    }
    for seed in protobuf_seeds() {
        for at in 0..seed.len() {
            for byte in [0, 1, 0x0a, 0x7f, 0x80, 0xff, seed[at] ^ 1, seed[at] ^ 8] {
                let mut value = seed.clone();
                value[at] = byte;
                check(&value, Encoding::Protobuf);
            }
            check(&seed[..at], Encoding::Protobuf);
        }
    }
}

/// What comes twice in protobuf is merged, of a number or text the last one counts.
#[test]
fn of_messages_and_fields_that_come_twice() {
    let within = |field: u8, bytes: &[u8]| {
        let mut message = vec![field << 3 | 2, u8::try_from(bytes.len()).unwrap()];
        assert!(bytes.len() < 128 && field < 16);
        message.extend_from_slice(bytes);
        message
    };
    let [one, other] = ["1", "22"].map(|id| within(1, id.as_bytes()));
    let fields = [one, other, Vec::new(), vec![6 << 3, 1], vec![6 << 3, 2], vec![10, 0]];
    let head = [within(1, b"e"), within(2, b"d"), within(3, b"p"), vec![4 << 3, 1]].concat();
    let line = [within(2, b"s"), vec![3 << 3, 1]].concat();
    for (first, second) in fields.iter().flat_map(|a| fields.iter().map(move |b| (a, b))) {
        let order = within(1, &[first.as_slice(), second].concat());
        let orders = [within(1, first), within(1, second)].concat();
        for body in
            [order, orders, [within(1, first), within(2, &[&line[..], second].concat())].concat()]
        {
            for kind in 10..16 {
                let what = within(kind, &body);
                check(&[&head[..], &what].concat(), Encoding::Protobuf);
                check(&[&head[..], &what, second, &what].concat(), Encoding::Protobuf);
                check(
                    &[&head[..], &what, &within(10, &within(1, first))].concat(),
                    Encoding::Protobuf,
                );
            }
        }
    }
}

#[test]
fn of_more_lines_than_are_usual() {
    for count in [1, 15, 16, 17, 200, 201] {
        for last in ["", r#","line_id":"1""#] {
            let line = |at: usize| {
                let last = if at + 1 == count { last } else { "" };
                format!(r#"{{"sku":"s-{at}","quantity":1{last}}}"#)
            };
            let lines: Vec<_> = (0..count).map(line).collect();
            let value = format!(
                r#"{{"type":"order.created","event_id":"e","platform":"d","pool":"p","occurred_at":0,"order_id":"o","lines":[{}]}}"#,
                lines.join(",")
            );
            check(value.as_bytes(), Encoding::Json);
        }
    }
}
