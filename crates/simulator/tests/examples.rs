//! The worked examples of the contract, through the border and the reference model: what comes out is held
//! against `tests/examples` as `check.py` there does it. They show that the model reads as the customer does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use allotment::{Body, Effects, Settings, Taken, Time};
use contract::{Arrival, Decoder, Encoder, Topic};
use serde_json::Value;
use simulator::reference::Reference;

/// Texts for people, and what numbers them, are free.
const FREE: [&str; 4] = ["detail", "message", "suggestion", "alert_id"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/examples")
}

fn strip(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let empty =
                |v: &Value| v.is_null() || v == "" || v.as_array().is_some_and(Vec::is_empty);
            let kept = fields.iter().filter(|(k, v)| !FREE.contains(&k.as_str()) && !empty(v));
            kept.map(|(k, v)| (k.clone(), strip(v))).collect::<serde_json::Map<_, _>>().into()
        }
        Value::Array(entries) => entries.iter().map(strip).collect(),
        other => other.clone(),
    }
}

/// What was said, by topic and whom it is about; of levels only the last.
#[derive(Default)]
struct View(BTreeMap<String, Vec<Value>>);

impl View {
    fn add(&mut self, topic: &str, key: &str, value: &Value) {
        if topic.ends_with("dead-letter") || value["type"] == "input_rejected" {
            return;
        }
        let mut value = strip(value);
        if topic.ends_with("levels") {
            let fields = value.as_object_mut().expect("a level is an object");
            fields.remove("revision");
            fields.remove("as_of");
            self.0.insert(format!("level {key}"), vec![value]);
            return;
        }
        let names = ["order_id", "wave_id", "sku", "type"];
        let who = names.iter().find_map(|k| value[*k].as_str()).unwrap_or_default();
        let name = format!("{topic} {} {} {who}", value["pool"], value["platform"]);
        self.0.entry(name).or_default().push(value);
    }

    fn of_file(path: &Path) -> Self {
        let mut view = Self::default();
        for line in fs::read_to_string(path).expect("the example is there").lines() {
            let record: Value = serde_json::from_str(line).expect("examples are JSON");
            let topic = record["topic"].as_str().expect("a record has a topic");
            view.add(topic, record["key"].as_str().unwrap_or_default(), &record["value"]);
        }
        view
    }

    fn of_effects(effects: &Effects) -> Self {
        let (mut view, encoder) = (Self::default(), Encoder::default());
        for effect in &effects.list {
            let record = encoder.encode(0, effect);
            let topic = match record.topic {
                Topic::Decisions => "granary.decisions",
                Topic::Fulfillment => "granary.fulfillment",
                Topic::Alerts => "granary.alerts",
                Topic::Levels => "granary.levels",
                other => panic!("the core says nothing on {other:?}"),
            };
            let key = String::from_utf8(record.key.unwrap_or_default()).expect("keys are text");
            let value = record.value.expect("our records have values");
            view.add(topic, &key, &serde_json::from_slice(&value).expect("and they are JSON"));
        }
        view
    }
}

fn effects_of(input: &str) -> Effects {
    let (mut model, mut out) = (Reference::new(Settings::default()), Effects::default());
    let decoder = Decoder::default();
    for line in input.lines() {
        for delivery in decoder.decode(Some(line.as_bytes()), None, Arrival::FromEvent) {
            let event = matches!(delivery.input.body, Body::Event(_));
            let now = model.now().max(delivery.input.arrival);
            if model.apply(now, delivery.input, &mut out) == Taken::Applied && event {
                assert!(model.now() > Time::MIN, "an event that was taken moved time");
            }
        }
        model.levels(&mut out);
    }
    model.flush_alerts(&mut out);
    out
}

#[test]
fn the_worked_examples_come_out_of_the_reference_model() {
    let mut told = 0;
    for entry in fs::read_dir(folder()).expect("the examples are there") {
        let path = entry.expect("the folder can be read").path();
        let file = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let Some(name) = file.strip_suffix(".in.ndjson") else { continue };
        let input = fs::read_to_string(&path).expect("it can be read");
        let got = View::of_effects(&effects_of(&input)).0;
        let want = View::of_file(&folder().join(format!("{name}.out.ndjson"))).0;
        for key in got.keys().chain(want.keys()) {
            assert_eq!(got.get(key), want.get(key), "{name}: {key}");
        }
        told += 1;
    }
    assert!(told >= 14, "only {told} examples were found");
}
