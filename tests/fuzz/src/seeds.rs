//! The seeds of the corpus: the worked examples, and what our own encoders make of them. No personal data.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use allotment::Body;
use contract::{Arrival, Decoder};
use serde_json::Value;

use crate::{config, records, write};

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
            for (at, bytes) in records::journal(text.as_bytes()).into_iter().take(3).enumerate() {
                add(&mut seeds, "journal", format!("good-1-{}", at + 1), bytes);
            }
        }
        add(&mut seeds, "records", format!("good-{name}"), text.into_bytes());
    }
    let array = examples().into_iter().map(|(_, lines)| lines).next().expect("there are some");
    let array = array.lines().take(4).collect::<Vec<_>>().join(",\n");
    add(&mut seeds, "json", "good-array".to_owned(), format!("[{array}]").into_bytes());
    for (name, text) in [("good-rerouted", records::REROUTED), ("odd", records::ODD)] {
        add(&mut seeds, "records", name.to_owned(), text.into());
    }
    for (name, text) in config::SEEDS {
        add(&mut seeds, "config", name.to_owned(), text.into());
    }
    seeds
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
        let topic = if line.contains("\"order.") { "orders" } else { "stock" };
        format!("{topic} {} {}\n\n{line}", at % 2, records::START.0 + at as i64)
    };
    lines.lines().enumerate().map(record).collect::<Vec<_>>().join("\n---\n")
}
