//! `granary process` against the worked examples of the contract, on one partition and on several.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Map, Value};

/// What a program may word as it likes.
const FREE: &[&str] = &["detail", "message", "suggestion", "alert_id"];

fn examples() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/examples");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            Some((path.file_name()?.to_str()?.strip_suffix(".in.ndjson")?.to_owned(), path))
        })
        .collect();
    found.sort();
    assert_eq!(found.len(), 14);
    found
}

fn process(input: &Path, partitions: &str) -> String {
    let mut command = Command::cargo_bin("granary").unwrap();
    let output = command.args(["process", "--partitions", partitions]).arg(input).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn wanted(input: &Path) -> String {
    std::fs::read_to_string(input.to_str().unwrap().replace(".in.ndjson", ".out.ndjson")).unwrap()
}

/// Takes away what is free, and what is the same as absent.
fn strip(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().map(|(name, value)| (name.clone(), strip(value)));
            let empty = [Value::Null, Value::Array(Vec::new()), Value::from("")];
            kept.filter(|(name, value)| !FREE.contains(&name.as_str()) && !empty.contains(value))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(strip).collect(),
        other => other.clone(),
    }
}

/// Decisions, fulfillment and alerts by topic and order, each in its order; the last level of each SKU; dead
/// letters by their code. `input_rejected` is grouped freely, so it is left out.
fn view(output: &str) -> BTreeMap<String, Vec<Value>> {
    let mut seen: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in output.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let topic = record["topic"].as_str().unwrap();
        let value = strip(&record["value"]);
        if topic.ends_with("dead-letter") {
            let letter = record.get("value").or(record.get("value_base64")).unwrap();
            seen.entry(format!("{topic} {}", record["headers"]["error-code"]))
                .or_default()
                .push(letter.clone());
        } else if topic.ends_with("levels") {
            let mut level = value;
            for changing in ["revision", "as_of"] {
                level.as_object_mut().unwrap().remove(changing);
            }
            seen.insert(format!("level {}", record["key"]), vec![level]);
        } else if value["type"] != "input_rejected" {
            let who = ["order_id", "wave_id", "sku", "type"]
                .iter()
                .find_map(|field| value.get(field))
                .unwrap();
            let key = format!("{topic} {} {} {who}", value["pool"], value["platform"]);
            seen.entry(key).or_default().push(value);
        }
    }
    seen
}

#[test]
fn the_worked_examples_come_out() {
    for (name, input) in examples() {
        let (want, got) = (view(&wanted(&input)), view(&process(&input, "1")));
        for key in want.keys().chain(got.keys()) {
            assert_eq!(want.get(key), got.get(key), "{name}: {key}");
        }
    }
}

#[test]
fn the_answer_does_not_depend_on_the_number_of_partitions() {
    for (name, input) in examples() {
        assert_eq!(process(&input, "1"), process(&input, "7"), "{name}");
    }
    let evening = tempfile::NamedTempFile::new().unwrap();
    let plan = traffic::evening::Plan {
        pools: 5,
        ..traffic::evening::Plan::usual(7, allotment::Time(1_795_348_800_000))
    };
    let deliveries = traffic::evening::evening(&plan).deliveries;
    let lines: Vec<&[u8]> = deliveries.iter().map(|delivery| delivery.value.as_slice()).collect();
    std::fs::write(&evening, lines.join(&b'\n')).unwrap();
    let one = process(evening.path(), "1");
    assert!(one.lines().count() > deliveries.len(), "an evening has answers and levels");
    for partitions in ["2", "7"] {
        assert!(one == process(evening.path(), partitions), "{partitions} partitions, to the byte");
    }
}
