//! Record headers: CloudEvents on what goes out, reasons and sources on dead letters.
#![expect(clippy::unwrap_used, reason = "what is not there fails the test, in helpers too")]

mod common;

use allotment::{Code, Effect, Fulfillment};
use common::effects;
use contract::{Encoder, Encoding, Outgoing, Source, Topic};
use expect_test::expect;

fn text(record: &Outgoing) -> String {
    let line = |header: &contract::Header| {
        let value =
            header.value.as_deref().map_or("(none)", |value| std::str::from_utf8(value).unwrap());
        format!("{}: {value}\n", header.name)
    };
    record.headers.iter().map(line).collect()
}

#[test]
fn fulfillment_and_alerts_are_cloud_events() {
    let encoder = Encoder { ce_source: "/granary/county".to_owned(), ..Encoder::default() };
    let requested = Effect::Fulfillment(Fulfillment::Requested(effects::parcel()));
    expect![[r#"
        ce_specversion: 1.0
        ce_id: hexi-oranges/douyin/4990021/1/3
        ce_type: fulfillment.requested
        ce_source: /granary/county
        ce_time: 2026-11-22T12:00:03.120Z
        content-type: application/json
    "#]]
    .assert_eq(&text(&encoder.encode(0, &requested)));
    let alert = Effect::Alert(effects::alerts().swap_remove(0));
    expect![[r#"
        ce_specversion: 1.0
        ce_id: hexi-oranges/oversold/4
        ce_type: oversold
        ce_source: /granary/county
        ce_time: 2026-11-22T12:00:03.120Z
        content-type: application/json
    "#]]
    .assert_eq(&text(&encoder.encode(0, &alert)));
    let id = |effect: Fulfillment| {
        let record = encoder.encode(0, &Effect::Fulfillment(effect));
        assert!(text(&record).contains("\nce_time: 2026-11-22T12:00:03.120Z\n"));
        let header = record.headers.into_iter().find(|header| header.name == "ce_id").unwrap();
        String::from_utf8(header.value.unwrap().into_owned()).unwrap()
    };
    assert_eq!(
        id(Fulfillment::Cancelled(effects::parcel_cancelled())),
        "hexi-oranges/douyin/4990021/1/4"
    );
    assert_eq!(id(Fulfillment::Manifest(effects::manifest())), "hexi-oranges/w-1/1/1");
}

#[test]
fn the_busier_topics_are_cloud_events_where_asked_for() {
    let (decision, level) =
        (Effect::Decision(effects::decision()), Effect::Level(effects::level()));
    let quiet = Encoder::default();
    assert_eq!(
        (text(&quiet.encode(0, &decision)), text(&quiet.encode(0, &level))),
        (String::new(), String::new())
    );
    let told = Encoder {
        cloud_events_on_decisions: true,
        cloud_events_on_levels: true,
        ..Encoder::default()
    };
    expect![[r#"
        ce_specversion: 1.0
        ce_id: hexi-oranges/weixin/4990021%2Fb/2
        ce_type: order.decided
        ce_source: /granary
        ce_time: 2026-11-22T12:00:03.120Z
        content-type: application/json
    "#]]
    .assert_eq(&text(&told.encode(0, &decision)));
    expect![[r#"
        ce_specversion: 1.0
        ce_id: hexi-oranges/orange%2F5kg/7
        ce_type: stock.level
        ce_source: /granary
        ce_time: 2026-11-22T12:00:03.120Z
        content-type: application/json
    "#]]
    .assert_eq(&text(&told.encode(0, &level)));
    let protobuf = Encoder { encoding: Encoding::Protobuf, ..Encoder::default() };
    assert_eq!(text(&protobuf.encode(0, &decision)), "content-type: application/protobuf\n");
}

#[test]
fn dead_letters_keep_what_came() {
    let source = Source { topic: "granary.orders", partition: 3, offset: 42, entry: Some(1) };
    let original = [
        ("content-type", Some(b"application/json".as_slice())),
        ("traceparent", None),
        // It was driven in again, and failed again.
        ("error-code", Some(b"bad_time".as_slice())),
    ];
    let encoder = Encoder { encoding: Encoding::Protobuf, ..Encoder::default() };
    let record = encoder.dead_letter(
        &source,
        Some(b"\xff"),
        &original,
        Some(b"\xfe{}"),
        Code::NotUtf8,
        "not UTF-8",
    );
    assert_eq!(record.topic, Topic::DeadLetter);
    assert_eq!(
        (record.key.as_deref(), record.value.as_deref()),
        (Some(b"\xff".as_slice()), Some(b"\xfe{}".as_slice()))
    );
    expect![[r#"
        content-type: application/json
        traceparent: (none)
        error-code: not_utf8
        error-message: not UTF-8
        source-topic: granary.orders
        source-partition: 3
        source-offset: 42
        source-entry: 1
    "#]]
    .assert_eq(&text(&record));

    let source = Source { entry: None, ..source };
    let record = encoder.dead_letter(&source, None, &[], None, Code::NotJson, "an empty value");
    assert_eq!((&record.key, &record.value), (&None, &None));
    assert!(!text(&record).contains("source-entry"));
}

#[test]
fn what_does_not_fit_is_left_out_and_named() {
    let source = Source { topic: "granary.orders", partition: 0, offset: 7, entry: None };
    let encoder = Encoder::default();
    let letter = |source: &Source<'_>,
                  key: &[u8],
                  headers: &[(&str, Option<&[u8]>)],
                  value: &[u8]| {
        encoder.dead_letter(source, Some(key), headers, Some(value), Code::TooLarge, "too large")
    };
    let cut = |record: &Outgoing| {
        let header = record.headers.iter().find(|header| header.name == "cut");
        header.map(|header| String::from_utf8(header.value.clone().unwrap().into_owned()).unwrap())
    };
    // As much as passes uncompressed through a topic of Kafka's default size.
    let (key, value) = (vec![1; 100_000], vec![2; 940_000]);
    let whole = letter(&source, &key, &[("a", Some(b"b"))], &value);
    assert_eq!((whole.key.as_ref(), whole.value.as_ref()), (Some(&key), Some(&value)));
    assert_eq!(cut(&whole), None);
    let (key, header, value) = (vec![1; 200_000], vec![2; 50_000_000], vec![3; 100_000_000]);
    let large = letter(&source, &key, &[("a", None), ("b", Some(&header)), ("c", None)], &value);
    assert_eq!(large.key, None);
    let said = "the key of 200000 bytes, 3 headers, the value after 1835008 of 100000000 bytes";
    assert_eq!(cut(&large).unwrap(), said);
    let bytes = |record: &Outgoing| {
        let header = |header: &contract::Header| {
            header.name.len() + header.value.as_ref().map_or(0, |value| value.len())
        };
        record.headers.iter().map(header).sum::<usize>() + record.value.as_ref().unwrap().len()
    };
    assert!(bytes(&large) < contract::SENT_ON_BYTES_MAX);
    // An array repeats them for each of its entries.
    let entry = Source { entry: Some(3), ..source };
    let small = letter(&entry, b"hexi", &[("trace", Some(&[4; 3000])), ("z", None)], b"17");
    assert_eq!(small.key.as_deref(), Some(&b"hexi"[..]));
    assert_eq!(cut(&small).unwrap(), "2 headers");
}

#[test]
fn headers_that_are_empty_take_room_too() {
    let source = Source { topic: "granary.orders", partition: 0, offset: 7, entry: None };
    let many = vec![("", None); 1_000_000];
    let letter = Encoder::default().dead_letter(&source, None, &many, None, Code::NotJson, "no");
    // Each has two bytes at least.
    assert!(2 * letter.headers.len() < contract::SENT_ON_BYTES_MAX / 2);
    let cut = letter.headers.iter().find(|header| header.name == "cut").expect("some are cut");
    let kept = letter.headers.iter().filter(|header| header.name.is_empty()).count();
    let said = format!("{} headers", many.len() - kept);
    assert_eq!(cut.value.as_deref(), Some(said.as_bytes()));
}
