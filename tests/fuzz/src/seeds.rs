//! The seeds of the corpus: the worked examples, and what our own encoders make of them. No personal data.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use allotment::{Body, Time};
use contract::{Arrival, Decoder, Topic};
use lane::{InputTopic, JournalRecord, Range, Surplus, TopicId};
use serde_json::Value;

use crate::{assignment, checkpoint, comment, config, image, records, write};

/// One file of the corpus.
#[derive(Clone, Debug)]
pub struct Seed {
    /// For which target.
    pub target: &'static str,
    /// Its file's name; `good-…` must be taken.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Events with every field that their type has, each field another value.
const FULL: [(&str, &str); 15] = [
    (
        "paid",
        r#""type":"order.paid","order_id":1,"buyer_id":"b","person_ref":"r","session_id":"s","recipient_ref":"a","version":-7,"lines":[{"line_id":"l","sku":"x","quantity":2},{"sku":"y","quantity":1000000}]"#,
    ),
    (
        "refunded",
        r#""type":"order.refunded","order_id":"1","lines":[{"line_id":"l","quantity":2},{"sku":"y","quantity":3}]"#,
    ),
    (
        "snapshot",
        r#""type":"order.snapshot","order_id":"1","status":"held","lines":[{"sku":"x","quantity":2}]"#,
    ),
    (
        "policy",
        r#""type":"pool.policy","allocate_on":"paid","reservation_ttl_s":0,"unpaid_shortage":"waitlist","paid_shortage":"refuse","partial":false,"paid_preempts_reserved":true,"claims":"hold","claim_ttl_s":60"#,
    ),
    (
        "item",
        r#""type":"catalogue.item","sku":"x","name":"红橙","keywords":[1,"k"],"components":[{"sku":"y","quantity":2}],"limit_per_buyer":3,"safety_stock":4,"low_stock_at":5,"backorder":{"limit":6,"until":9},"channels":[{"platform":"d","reserved":7},{"platform":"w","max":8}],"season":2026"#,
    ),
    (
        "received",
        r#""type":"stock.received","sku":"x","quantity":5,"lot_id":"l","best_before":"2026-12-01","inspection":"pending""#,
    ),
    ("inspected", r#""type":"stock.inspected","lot_id":"l","result":"failed","note":"n""#),
    ("adjusted", r#""type":"stock.adjusted","sku":"x","delta":-3,"lot_id":"l","reason":"r""#),
    ("counted", r#""type":"stock.counted","sku":"x","quantity":0,"lot_id":"l""#),
    ("recalled", r#""type":"stock.recalled","lot_id":"l","reason":"r""#),
    ("session", r#""type":"session.opened","session_id":"s","skus":["x",7]"#),
    ("session-closed", r#""type":"session.closed","session_id":"s""#),
    ("wave", r#""type":"wave.closed","wave_id":"w","session_id":"s""#),
    (
        "handed-over",
        r#""type":"shipment.handed_over","wave_id":"w","orders":[{"platform":"e","order_id":1}],"parcels":[{"fulfillment_id":"p/d/1/1","revision":2}]"#,
    ),
    (
        "comment",
        r#""type":"comment.posted","buyer_id":"b","text":"\u6a59 \"k\"","person_ref":"r","session_id":"s""#,
    ),
];

/// All of them.
///
/// # Panics
/// The worked examples are not where they are.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    let mut seen = BTreeSet::new();
    for (name, lines) in examples() {
        for (at, line) in lines.lines().enumerate() {
            if seen.insert(shape(line)) {
                add_event(&mut seeds, &format!("{name}-{}", at + 1), line);
            }
        }
        let text = records_of(&lines);
        // Of journals one is as good as another.
        if name == "oversold-and-resolved" {
            let first = records::journal(text.as_bytes()).swap_remove(0);
            add_journal(&mut seeds, &JournalRecord::decode(&first).expect("a lane wrote it"));
        }
        add(&mut seeds, "records", format!("good-{name}"), text.into_bytes());
    }
    for (name, fields) in FULL {
        let event = format!(
            r#"{{"event_id":"e","platform":"d","pool":"p","occurred_at":"2026-11-22T20:00:03.5+08:00","received_at":1795348800000,{fields}}}"#
        );
        add_event(&mut seeds, &format!("full-{name}"), &event);
    }
    let array = examples().into_iter().map(|(_, lines)| lines).next().expect("there are some");
    let array = array.lines().take(4).collect::<Vec<_>>().join(",\n");
    add(&mut seeds, "json", "good-array".to_owned(), format!("[{array}]").into_bytes());
    for (name, text) in [("good-rerouted", records::REROUTED), ("odd", records::ODD)] {
        add(&mut seeds, "records", name.to_owned(), text.into());
    }
    for (at, bytes) in image::seeds().into_iter().enumerate() {
        add(&mut seeds, "image", format!("good-{}-{}", allotment::IMAGE_FORMAT, at + 1), bytes);
    }
    for (name, bytes) in ["all", "manifest", "keys"].into_iter().zip(checkpoint::seeds()) {
        add(&mut seeds, "checkpoint", format!("good-{}-{name}", allotment::IMAGE_FORMAT), bytes);
    }
    for (name, text) in config::SEEDS {
        add(&mut seeds, "config", name.to_owned(), text.into());
    }
    for (name, text) in comment::SEEDS {
        add(&mut seeds, "comment", name.to_owned(), text.into());
    }
    for (name, bytes) in assignment::seeds() {
        add(&mut seeds, "assignment", name.to_owned(), bytes);
    }
    seeds
}

/// A journal's first record as it is, and what else may stand in one.
fn add_journal(seeds: &mut Vec<Seed>, first: &JournalRecord) {
    let mut odd = JournalRecord {
        epoch: u64::MAX,
        sequence: u64::MAX,
        followed: Some(Time(-5)),
        clock: Time(i64::MAX),
        events: u64::MAX,
        before: 1 << 127,
        ..first.clone()
    };
    odd.taken[InputTopic::Orders] = Some(Range { from: 7, to: i64::MAX, records: u64::MAX });
    let followed = JournalRecord { followed: Some(Time(0)), ..first.clone() };
    for (name, record) in [("first", first), ("followed", &followed), ("odd", &odd)] {
        add(seeds, "journal", format!("good-1-{name}"), record.encode());
    }
    let mut grown = first.clone();
    grown.topics[InputTopic::Orders] = TopicId::of_halves(1, -1);
    let surplus = Surplus { input: InputTopic::Orders, partition: 7 };
    grown.surplus = vec![(surplus, Range { from: 0, to: 9, records: 8 })];
    add(seeds, "journal", "good-2-grown".to_owned(), grown.encode());
}

fn add(seeds: &mut Vec<Seed>, target: &'static str, name: String, bytes: Vec<u8>) {
    seeds.push(Seed { target, name, bytes });
}

/// The worked examples' inputs, by name.
fn examples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let entries = fs::read_dir(folder).expect("the examples are there");
    let mut examples: Vec<(String, String)> = entries
        .filter_map(|entry| {
            let path = entry.expect("the folder can be read").path();
            let name = path.file_name()?.to_str()?.strip_suffix(".in.ndjson")?.to_owned();
            Some((name, fs::read_to_string(&path).expect("an example is text")))
        })
        .collect();
    examples.sort();
    examples
}

/// An event's type and the names of its fields: two of one shape are one seed.
fn shape(line: &str) -> String {
    match serde_json::from_str(line) {
        Ok(Value::Object(object)) => {
            let names: Vec<&str> = object.keys().map(String::as_str).collect();
            format!("{} {}", object.get("type").unwrap_or(&Value::Null), names.join(" "))
        }
        _ => line.to_owned(),
    }
}

/// An event as JSON and, where it is taken, as protobuf.
fn add_event(seeds: &mut Vec<Seed>, name: &str, line: &str) {
    let mut taken = false;
    for delivery in Decoder::default().decode(Some(line.as_bytes()), None, Arrival::FromEvent) {
        taken |= delivery.rejection.is_none();
        if let Body::Event(event) = &delivery.input.body
            && let Some(bytes) = write::protobuf(&delivery.input, event)
        {
            add(seeds, "protobuf", format!("good-{name}"), bytes);
        }
    }
    let name = if taken { format!("good-{name}") } else { name.to_owned() };
    add(seeds, "json", name, line.into());
}

/// An example's lines as records, half of them away from home.
fn records_of(lines: &str) -> String {
    let record = |(at, line): (usize, &str)| {
        let topic = match records::topic_of(line) {
            Topic::Orders => "orders",
            _ => "stock",
        };
        format!("{topic} {} {}\n\n{line}", at % 2, records::START.0 + at as i64)
    };
    lines.lines().enumerate().map(record).collect::<Vec<_>>().join("\n---\n")
}
