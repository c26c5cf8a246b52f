//! What must come out: what `granary process` makes of the same events, and how the two are compared.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{deployment::Deployment, granary};

/// What was told, by what names it: each thing once.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Told {
    pub(crate) decisions: BTreeMap<String, Value>,
    pub(crate) parcels: BTreeMap<String, Value>,
    pub(crate) alerts: BTreeMap<String, Value>,
    /// The values of dead letters, sorted; they have no name.
    pub(crate) dead: Vec<String>,
    /// How often each page of a manifest was told: it is told anew when something of it changes.
    pages: BTreeMap<String, usize>,
}

impl Told {
    /// The topics of which every record counts.
    pub(crate) const TOPICS: [&str; 4] = ["decisions", "fulfillment", "alerts", "dead-letter"];

    /// Takes one record in.
    ///
    /// # Panics
    /// It was told before: nothing may be told twice.
    pub(crate) fn add(&mut self, topic: &str, value: &str) {
        if topic == "dead-letter" {
            self.dead.push(value.to_owned());
            return;
        }
        let mut value: Value = serde_json::from_str(value).expect("the outputs are JSON");
        if value["outcome"] == "rejected" {
            // What can't be taken does not move time, and `process` has one time for all partitions.
            value["decided_at"].take();
        }
        let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
        let (list, name) = match topic {
            "decisions" => (&mut self.decisions, text("decision_id")),
            "fulfillment" if value["type"] == "fulfillment.manifest" => {
                let page = format!("{} {} {}", text("pool"), text("wave_id"), value["page"]);
                let times = self.pages.entry(page.clone()).or_default();
                *times += 1;
                (&mut self.parcels, format!("manifest {page}, the {times}th time"))
            }
            "fulfillment" => {
                (&mut self.parcels, format!("{} {}", text("fulfillment_id"), value["revision"]))
            }
            // As above; and those without a pool are the partition's own.
            "alerts" if value["type"] == "input_rejected" => return,
            "alerts" => (&mut self.alerts, text("alert_id")),
            _ => return,
        };
        let before = list.insert(name, value);
        assert!(before.is_none(), "told twice: {before:?}");
    }

    /// How many records of a topic there must be at least. Alerts of rejected input are not among them.
    pub(crate) fn count(&self, topic: &str) -> usize {
        match topic {
            "decisions" => self.decisions.len(),
            "fulfillment" => self.parcels.len(),
            "alerts" => self.alerts.len(),
            "dead-letter" => self.dead.len(),
            _ => 0,
        }
    }

    fn sorted(mut self) -> Self {
        self.dead.sort();
        self
    }
}

/// What `granary process` makes of these lines, with time passing up to the present.
pub(crate) fn of(deployment: &Deployment, lines: &[Vec<u8>]) -> Told {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970");
    let mut process = granary::command("process", &deployment.config());
    process.args(["--partitions", &deployment.partitions.to_string()]);
    process.args(["--until", &now.as_millis().to_string()]);
    let output = granary::once(process, &lines.join(&b'\n')).expect("every line is taken");
    let mut told = Told::default();
    for line in output.lines() {
        let line: Value = serde_json::from_str(line).expect("the output is JSON");
        let topic = line["topic"].as_str().expect("each line names its topic");
        let topic = topic.rsplit_once('.').map_or(topic, |(_, short)| short);
        let value = &line["value"];
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        told.add(topic, &value);
    }
    told.sorted()
}

/// What the deployment has told, as `values` of each topic, must be `expected`.
///
/// # Panics
/// It is not; the message names the first difference.
pub(crate) fn same(told: Told, expected: &Told) {
    let told = told.sorted();
    same_list("decision", &told.decisions, &expected.decisions);
    same_list("parcel", &told.parcels, &expected.parcels);
    same_list("alert", &told.alerts, &expected.alerts);
    assert_eq!(told.dead, expected.dead, "the dead letters");
}

/// How often each order event of these lines was answered; what followed from it for others aside.
pub(crate) fn answers(told: &Told, lines: &[Vec<u8>]) -> BTreeMap<String, usize> {
    let name = |value: &Value| {
        let part = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        format!("{}/{}/{}", part("pool"), part("platform"), part("event_id"))
    };
    let lines = lines.iter().filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let orders =
        lines.filter(|event| event["type"].as_str().is_some_and(|t| t.starts_with("order.")));
    let orders: BTreeSet<String> = orders.map(|event| name(&event)).collect();
    let mut answers = BTreeMap::new();
    for decision in told.decisions.values() {
        let followed = ["promoted", "expired"].map(Value::from).contains(&decision["reason"]);
        let event = name(decision);
        if !followed && orders.contains(&event) {
            *answers.entry(event).or_default() += 1;
        }
    }
    answers
}

fn same_list(what: &str, told: &BTreeMap<String, Value>, expected: &BTreeMap<String, Value>) {
    for (name, value) in expected {
        assert_eq!(told.get(name), Some(value), "{what} {name}");
    }
    let more: Vec<_> = told.keys().filter(|name| !expected.contains_key(*name)).collect();
    assert!(more.is_empty(), "{what}s that were not expected: {more:?}");
}
