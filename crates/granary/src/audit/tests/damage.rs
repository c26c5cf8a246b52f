//! Topics with one record dropped, doubled, swapped or altered: each is found, and where it is.

use std::collections::BTreeMap;

use allotment::Time;
use contract::{Encoding, Header, Topic, headers};
use lane::{InputTopic, JournalRecord, Record};
use serde_json::Value;

use super::super::report::Place;
use super::topics::{Sent, Topics};
use super::{storm, text, villages};

/// How often each kind of damage is tried.
const TRIES: usize = 6;

fn evening() -> Topics {
    Topics::of(&villages(11, 1), 1, Encoding::Json)
}

fn json(record: &Record) -> Value {
    serde_json::from_slice(record.value.as_deref().unwrap()).unwrap()
}

/// What records of a topic belong together: those of one order, parcel, SKU, kind of alert.
fn thread(topic: Topic, record: &Record) -> String {
    let of = |fields: &[&str]| {
        let value = json(record);
        fields.iter().map(|field| value[*field].to_string()).collect::<Vec<_>>().join(" ")
    };
    match topic {
        Topic::Decisions => of(&["pool", "platform", "order_id"]),
        Topic::Fulfillment => of(&["fulfillment_id"]),
        Topic::Levels => of(&["pool", "sku"]),
        Topic::Alerts => of(&["pool", "type"]),
        _ => String::new(),
    }
}

/// Neighbours in their threads, some of them from all over the topic.
fn neighbours(topics: &Topics, topic: Topic) -> Vec<(usize, usize)> {
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (at, record) in topics.logs[&(topic, 0)].iter().enumerate() {
        if let Some(before) = last.insert(thread(topic, record), at) {
            pairs.push((before, at));
        }
    }
    assert!(!pairs.is_empty(), "{topic:?} has neighbours");
    let step = pairs.len().div_ceil(TRIES);
    pairs.into_iter().step_by(step).collect()
}

/// Damages a topic, and sees that the audit finds it at this offset of this topic.
fn found(
    whole: &Topics,
    topic: Topic,
    what: &str,
    expected: (Topic, i64),
    damage: impl FnOnce(&mut Vec<Record>),
) {
    let mut topics = whole.clone();
    damage(topics.logs.get_mut(&(topic, 0)).unwrap());
    let report = topics.audit();
    let there = report.violations.iter().any(|v| (v.place.topic, v.place.offset) == expected);
    assert!(there, "{topic:?} {what}: nothing at {expected:?}\n{}", text(&report));
}

/// The topics in which every record counts, each in a thread of its own.
const THREADS: [Topic; 4] = [Topic::Decisions, Topic::Fulfillment, Topic::Alerts, Topic::Journal];

#[test]
fn a_record_that_is_dropped_is_missed_by_the_next_one() {
    let whole = evening();
    for topic in THREADS {
        for (gone, next) in neighbours(&whole, topic) {
            found(&whole, topic, "dropped", (topic, next as i64), |log| drop(log.remove(gone)));
        }
    }
}

#[test]
fn a_record_that_is_doubled_is_found() {
    let whole = evening();
    for topic in [&THREADS[..], &[Topic::Levels, Topic::DeadLetter]].concat() {
        let count = whole.logs[&(topic, 0)].len();
        for at in (0..count).step_by(count.div_ceil(TRIES)) {
            found(&whole, topic, "doubled", (topic, at as i64 + 1), |log| {
                log.insert(at, log[at].clone());
                log.iter_mut()
                    .enumerate()
                    .for_each(|(offset, record)| record.offset = offset as i64);
            });
        }
    }
}

#[test]
fn an_id_that_two_partitions_give_is_found() {
    let bad = |second: i64| Sent {
        topic: InputTopic::Orders,
        pool: String::new(),
        arrival: Time(1_795_348_800_000 + 1000 * second),
        value: b"no event".to_vec(),
    };
    let mut topics = Topics::of(&[bad(0), bad(1)], 2, Encoding::Json);
    assert_eq!(topics.audit().total(), 0, "{}", text(&topics.audit()));
    let told = topics.logs[&(Topic::Alerts, 0)][0].clone();
    assert_eq!(json(&told)["alert_id"], "/input_rejected/0/1");
    topics.logs.insert((Topic::Alerts, 1), vec![told]);
    let report = topics.audit();
    let place = Place { topic: Topic::Alerts, partition: 1, offset: 0 };
    assert!(report.violations.iter().any(|v| v.place == place), "{}", text(&report));
}

#[test]
fn an_offset_that_has_expired_is_no_violation() {
    let at = |second: i64| Time(1_795_348_800_000 + 1000 * second);
    let line = |kind: &str, second: i64, fields: &str| {
        format!(
            r#"{{"type":"{kind}","event_id":"{second}","pool":"p","occurred_at":{},{fields}}}"#,
            at(second).0
        )
    };
    let sent = |topic, second, value: String| Sent {
        topic,
        pool: "p".to_owned(),
        arrival: at(second),
        value: value.into_bytes(),
    };
    let received = line("stock.received", 0, r#""sku":"tea","quantity":5,"lot_id":"l""#);
    let lines = r#""platform":"d","lines":[{"sku":"tea","quantity":1}]"#;
    let order = |second| {
        let fields = format!(r#"{lines},"order_id":"{second}""#);
        sent(InputTopic::Orders, second, line("order.paid", second, &fields))
    };
    let sent = [sent(InputTopic::Stock, 0, received), order(1), order(2), order(3)];
    let mut topics = Topics::of(&sent, 1, Encoding::Json);
    // Of the journal only the orders are left, and the group knows nothing of the stock any more.
    topics.logs.get_mut(&(Topic::Journal, 0)).unwrap().remove(0);
    topics.earliest.insert((Topic::Journal, 0), 1);
    let report = topics.audit();
    assert_eq!(report.total(), 0, "{}", text(&report));
    assert!(text(&report).contains("the group's offset is gone"), "{}", text(&report));
}

#[test]
fn an_id_in_a_header_that_is_not_the_values_is_found() {
    let whole = evening();
    for topic in [Topic::Alerts, Topic::Fulfillment] {
        found(&whole, topic, "another ce_id", (topic, 3), |log| {
            let mut ids = log[3].headers.iter_mut().filter(|header| header.name == headers::CE_ID);
            ids.next().unwrap().value = Some(b"another".as_slice().into());
        });
    }
    for topic in [Topic::Decisions, Topic::Levels] {
        found(&whole, topic, "another ce_id", (topic, 3), |log| {
            log[3].headers.push(Header::new(headers::CE_ID, "another"));
        });
    }
}

#[test]
fn records_that_are_swapped_are_found() {
    let whole = evening();
    for topic in [&THREADS[..], &[Topic::Levels]].concat() {
        for (first, second) in neighbours(&whole, topic) {
            found(&whole, topic, "swapped", (topic, second as i64), |log| {
                log.swap(first, second);
                log[first].offset = first as i64;
                log[second].offset = second as i64;
            });
        }
    }
}

/// Puts another value in the first place in `field` of a record, or of its lines, where there is one.
fn alter(record: &mut Record, fields: &[&str], by: u64) -> bool {
    let mut value = json(record);
    let mut at = &mut value;
    for field in fields {
        at = match field.parse::<usize>() {
            Ok(index) => match at.get_mut(index) {
                Some(found) => found,
                None => return false,
            },
            Err(_) => &mut at[*field],
        };
    }
    *at = (at.as_u64().unwrap() + by).into();
    record.value = Some(serde_json::to_vec(&value).unwrap());
    true
}

#[test]
fn a_record_that_is_altered_is_found() {
    let whole = evening();
    let cases: [(Topic, &[&str], u64); 7] = [
        (Topic::Decisions, &["lines", "0", "waitlisted"], 7),
        (Topic::Decisions, &["lines", "0", "reserved"], 1000),
        (Topic::Levels, &["available"], 1),
        (Topic::Levels, &["handed_over"], 1),
        (Topic::Fulfillment, &["lines", "0", "quantity"], 1),
        (Topic::Fulfillment, &["lines", "0", "lots", "0", "quantity"], 100_000),
        (Topic::Fulfillment, &["revision"], 1),
    ];
    for (topic, fields, by) in cases {
        let count = whole.logs[&(topic, 0)].len();
        let mut tried = 0;
        for at in (0..count).step_by(count.div_ceil(TRIES)) {
            let mut record = whole.logs[&(topic, 0)][at].clone();
            let last = whole.logs[&(topic, 0)][at + 1..]
                .iter()
                .all(|other| thread(topic, other) != thread(topic, &record));
            // What a parcel was before its last revision is of no account any more.
            let counts = topic != Topic::Fulfillment
                || (last && json(&record)["type"] != "fulfillment.cancelled");
            if counts && alter(&mut record, fields, by) {
                tried += 1;
                found(&whole, topic, &fields.join("."), (topic, at as i64), |log| log[at] = record);
            }
        }
        assert!(tried > 3, "{topic:?} {fields:?}");
    }
}

#[test]
fn figures_as_large_as_can_be_are_found_and_stop_nothing() {
    const MOST: u64 = u64::MAX;
    let whole = evening();
    let set = |at: usize, topic: Topic, field: &str, new: Value| {
        let count = whole.logs[&(topic, 0)].len();
        let at = at.min(count - 1);
        found(&whole, topic, field, (topic, at as i64), |log| {
            let mut value = json(&log[at]);
            *value.pointer_mut(field).unwrap() = new;
            log[at].value = Some(serde_json::to_vec(&value).unwrap());
        });
    };
    for field in ["quantity", "reserved", "allocated", "waitlisted"] {
        set(40, Topic::Decisions, &format!("/lines/0/{field}"), MOST.into());
    }
    for field in ["available", "reserved", "allocated", "waitlisted", "backordered", "received"] {
        set(usize::MAX, Topic::Levels, &format!("/{field}"), MOST.into());
    }
    for field in ["/revision", "/lines/0/quantity", "/lines/0/lots/0/quantity"] {
        set(0, Topic::Fulfillment, field, MOST.into());
    }
    let ids = [
        (Topic::Decisions, "decision"),
        (Topic::Fulfillment, "fulfillment"),
        (Topic::Alerts, "alert"),
    ];
    for (topic, kind) in ids {
        let id = json(&whole.logs[&(topic, 0)][0])[format!("{kind}_id")].clone();
        let (id, _) = id.as_str().unwrap().rsplit_once('/').unwrap();
        for number in [0, MOST] {
            set(0, topic, &format!("/{kind}_id"), format!("{id}/{number}").into());
        }
    }
}

#[test]
fn instants_at_the_ends_of_time_are_found_and_stop_nothing() {
    let whole = evening();
    let ends = [i64::MAX, i64::MIN].map(|at| Value::from(at.to_string()));
    let instant = |record: &mut Record, field: &str, at: &Value| {
        let mut value = json(record);
        value[field] = at.clone();
        record.value = Some(serde_json::to_vec(&value).unwrap());
    };
    found(&whole, Topic::Decisions, "decided", (Topic::Decisions, 41), |log| {
        for (record, at) in log[40..].iter_mut().zip(&ends) {
            instant(record, "decided_at", at);
        }
    });
    // A first decision, and a first parcel, that come again as if the order were long forgotten.
    for (topic, field) in [(Topic::Decisions, "decided_at"), (Topic::Fulfillment, "requested_at")] {
        let mut topics = whole.clone();
        let log = topics.logs.get_mut(&(topic, 0)).unwrap();
        let again = log[0].clone();
        log.insert(1, again);
        for (record, at) in log.iter_mut().zip(ends.iter().rev()) {
            instant(record, field, at);
        }
        topics.audit();
    }
}

#[test]
fn a_wild_figure_at_a_trimmed_topics_beginning_stops_nothing() {
    let mut whole = evening();
    for (topic, id) in [(Topic::Alerts, "alert_id"), (Topic::Decisions, "decision_id")] {
        whole.earliest.insert((topic, 0), 1);
        for number in [0, u64::MAX] {
            let mut topics = whole.clone();
            let log = topics.logs.get_mut(&(topic, 0)).unwrap();
            log.remove(0);
            let mut value = json(&log[0]);
            let (of, _) = value[id].as_str().unwrap().rsplit_once('/').unwrap();
            value[id] = format!("{of}/{number}").into();
            log[0].value = Some(serde_json::to_vec(&value).unwrap());
            let report = topics.audit();
            assert!(number > 0 || report.total() > 0, "{topic:?} {number}\n{}", text(&report));
        }
    }
}

#[test]
fn a_journal_that_was_tampered_with_is_found() {
    let whole = evening();
    let tamper = |what: &str, tamper: fn(&mut JournalRecord)| {
        found(&whole, Topic::Journal, what, (Topic::Journal, 40), |log| {
            let mut record = JournalRecord::decode(log[40].value.as_deref().unwrap()).unwrap();
            tamper(&mut record);
            log[40].value = Some(record.encode());
        });
    };
    tamper("owner", |record| record.epoch = 0);
    tamper("digest", |record| record.before += 1);
    tamper("first", |record| record.sequence = 0);
    tamper("last", |record| record.sequence = u64::MAX);
    tamper("range", |record| {
        for (_, range) in record.taken.iter_mut() {
            if let Some(range) = range {
                range.from += 1;
            }
        }
    });
    tamper("records", |record| {
        for (_, range) in record.taken.iter_mut() {
            if let Some(range) = range {
                range.records += 1;
            }
        }
    });
    found(&whole, Topic::Journal, "bytes", (Topic::Journal, 40), |log| {
        log[40].value.as_mut().unwrap()[3] ^= 1;
    });
}

#[test]
fn the_first_record_or_the_last_one_is_missed_by_its_source() {
    let whole = evening();
    let orders = &whole.logs[&(Topic::Orders, 0)];
    let event = |record: &Record| {
        let event: Value =
            serde_json::from_slice(record.value.as_deref().unwrap()).unwrap_or_default();
        event["event_id"].as_str().map(str::to_owned)
    };
    // The last answer of its order: no decision follows it, but its event is there.
    let (at, asked) = whole.logs[&(Topic::Decisions, 0)]
        .iter()
        .enumerate()
        .rev()
        .find_map(|(at, record)| {
            let asked = orders
                .iter()
                .rfind(|order| event(order).is_some() && event(order) == event(record))?;
            (json(record)["reason"] == "ok").then_some((at, (Topic::Orders, asked.offset)))
        })
        .unwrap();
    found(&whole, Topic::Decisions, "unanswered", asked, |log| drop(log.remove(at)));
    let letter = &whole.logs[&(Topic::DeadLetter, 0)][0];
    let offset = super::super::origin::Source::of_headers(letter).unwrap().offset;
    found(&whole, Topic::DeadLetter, "no letter", (Topic::Orders, offset), |log| {
        drop(log.remove(0))
    });
    found(&whole, Topic::DeadLetter, "other bytes", (Topic::DeadLetter, 0), |log| {
        log[0].value.as_mut().unwrap()[0] ^= 1;
    });
}

#[test]
fn an_event_that_vanished_from_the_inputs_is_missed() {
    let mut topics = evening();
    topics.logs.get_mut(&(Topic::Orders, 0)).unwrap().remove(100);
    let report = topics.audit();
    let journal = report
        .violations
        .iter()
        .any(|v| v.place.topic == Topic::Journal && v.what.contains("0 are there"));
    let answer = report.violations.iter().any(|v| v.what.contains("no input that was taken has"));
    assert!(journal && answer, "{}", text(&report));
}

#[test]
fn who_was_served_out_of_turn_is_found() {
    // Two wait for one unit each; the one that came later gets it.
    let whole = Topics::of(&villages(11, 2), 1, Encoding::Json);
    let log = &whole.logs[&(Topic::Decisions, 0)];
    let waits = |record: &Record| json(record)["standing"] == "waitlisted";
    let mut tried = 0;
    for (at, promoted) in
        log.iter().enumerate().filter(|(_, record)| json(record)["reason"] == "promoted")
    {
        let value = json(promoted);
        let sku = value["lines"][0]["sku"].clone();
        let same = |record: &&Record| {
            let other = json(record);
            waits(record)
                && other["pool"] == value["pool"]
                && other["lines"].as_array().unwrap().len() == 1
                && other["lines"][0]["sku"] == sku
                && other["lines"][0]["quantity"].as_u64() >= value["lines"][0]["quantity"].as_u64()
                && value["lines"].as_array().unwrap().len() == 1
        };
        // Somebody who began to wait later than the one who was helped.
        let began = log.iter().position(|record| {
            thread(Topic::Decisions, record) == thread(Topic::Decisions, promoted)
        });
        let Some(later) = log[..at].iter().skip(began.unwrap() + 1).find(same) else { continue };
        if thread(Topic::Decisions, later) == thread(Topic::Decisions, promoted) {
            continue;
        }
        let mut swapped = json(later);
        swapped["standing"] = "allocated".into();
        swapped["outcome"] = "allocated".into();
        swapped["reason"] = "promoted".into();
        swapped["paid"] = true.into();
        for line in swapped["lines"].as_array_mut().unwrap() {
            line["allocated"] = line["quantity"].clone();
            line["waitlisted"] = 0.into();
            line["reserved"] = 0.into();
        }
        swapped["decided_at"] = value["decided_at"].clone();
        tried += 1;
        found(&whole, Topic::Decisions, "out of turn", (Topic::Decisions, at as i64), |log| {
            log[at].value = Some(serde_json::to_vec(&swapped).unwrap());
        });
    }
    assert!(tried > 0, "somebody waited behind somebody else");
}

#[test]
fn what_retention_removed_is_said_and_no_violation() {
    for seed in 1..40 {
        let whole = Topics::of(&storm(seed), 1, Encoding::Json);
        for topic in [
            Topic::Decisions,
            Topic::Fulfillment,
            Topic::Alerts,
            Topic::Orders,
            Topic::Stock,
            Topic::DeadLetter,
            Topic::Journal,
        ] {
            let mut topics = whole.clone();
            let Some(log) = topics.logs.get_mut(&(topic, 0)).filter(|log| log.len() > 4) else {
                continue;
            };
            log.drain(..log.len() / 3);
            topics.earliest.insert((topic, 0), log[0].offset);
            let report = topics.audit();
            assert_eq!(report.total(), 0, "seed {seed}, {topic:?}\n{}", text(&report));
            assert!(
                !report.unproved.is_empty() || topic == Topic::Journal,
                "seed {seed}, {topic:?}\n{report}"
            );
        }
    }
}
