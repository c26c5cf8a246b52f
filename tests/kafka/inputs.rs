//! Inputs that are not as one would like them: on the wrong partition, aborted, or rubbish.

use std::time::Duration;

use clients::{PATIENCE, Seen, Writer};
use rdkafka::producer::Producer;
use serde_json::Value;

use crate::{
    audit,
    deployment::Deployment,
    expected::{self, Told, answers},
    story,
};

#[test]
fn records_on_the_wrong_partition_go_home() {
    let Some(deployment) = Deployment::new("astray", 3) else { return };
    let story = story::past_evening(31, 3);
    let astray = |pool: &str| (lane::home(pool, 3) + 1) % 3;
    story::publish(&deployment, &deployment.writer(), &story, astray);
    let lines = story::lines(&story.0);
    let expected = answers(&expected::of(&deployment, &lines), &lines);
    let all: usize = expected.values().sum();
    let service = deployment.run("one", &[]);
    let mut decisions = deployment.reader("decisions");
    let told = |seen: &[Seen]| {
        let mut told = Told::default();
        seen.iter().for_each(|seen| told.add("decisions", &seen.value));
        answers(&told, &lines)
    };
    let seen = decisions.until("all answers", |seen| {
        seen.len() >= all && told(seen).values().sum::<usize>() >= all
    });
    for decision in seen {
        let home = lane::home(&decision.key, 3);
        assert_eq!(u32::try_from(decision.partition), Ok(home), "{}", decision.key);
    }
    service.stop();
    // What went home by a detour comes when the home partition's time is the present already, so it is not
    // decided at the times at which it came; but each event was answered as often as it was delivered.
    assert_eq!(told(decisions.to_end()), expected);
    audit::proves(&deployment);
}

#[test]
fn what_a_bridge_aborts_never_happened() {
    let Some(deployment) = Deployment::new("aborted", 1) else { return };
    let orders = deployment.topic("orders");
    let bridge =
        Writer::with(&deployment.kafka.bootstrap(), &[("transactional.id", "aborted-bridge")]);
    bridge.producer().init_transactions(PATIENCE).expect("it is the only one");
    let stock = r#"{"type":"stock.received","event_id":"r","pool":"p","occurred_at":NOW,"sku":"s","quantity":5,"lot_id":"l"}"#;
    let transaction = |values: &[String], commit: bool| {
        bridge.producer().begin_transaction().expect("none is open");
        for value in values {
            bridge.send(&orders, 0, "p", value.as_bytes());
        }
        bridge.flush();
        let ended = if commit {
            bridge.producer().commit_transaction(PATIENCE)
        } else {
            bridge.producer().abort_transaction(PATIENCE)
        };
        ended.expect("the transaction ends");
    };
    let service = deployment.run("one", &[]);
    transaction(&[now(stock), order(1)], true);
    transaction(&[order(2), order(3)], false);
    transaction(&[order(4)], true);
    let mut decisions = deployment.reader("decisions");
    decisions.until("both decisions", |seen| seen.len() >= 2);
    transaction(&[order(5)], false);
    transaction(&[order(6)], true);
    decisions.until("the last decision", |seen| seen.len() >= 3);
    // It comes back from its journal with the same holes in the input.
    service.kill();
    let service = deployment.run("two", &[]);
    transaction(&[order(7)], true);
    let seen = decisions.until("the decision after it came back", |seen| seen.len() >= 4);
    let ids: Vec<_> = seen.iter().map(|d| field(&d.value, "order_id")).collect();
    assert_eq!(ids, ["1", "4", "6", "7"]);
    assert!(seen.iter().all(|d| field(&d.value, "outcome") == "reserved"));
    service.stop();
    audit::proves(&deployment);
}

#[test]
fn rubbish_becomes_dead_letters_with_its_bytes() {
    let Some(deployment) = Deployment::new("rubbish", 1) else { return };
    let orders = deployment.topic("orders");
    let writer = deployment.writer();
    let service = deployment.run("one", &[]);
    let entry = order(1);
    let bad: [(&[u8], &str); 5] = [
        (b"{ not json", "not_json"),
        (b"\xff\xfe", "not_utf8"),
        (b"", "not_json"),
        (
            br#"{"type":"order.eaten","event_id":"e","platform":"x","pool":"p","occurred_at":1}"#,
            "unknown_type",
        ),
        (
            br#"{"type":"order.created","event_id":"e","platform":"x","pool":"p","occurred_at":1}"#,
            "missing_field",
        ),
    ];
    for (value, _) in &bad {
        writer.send(&orders, 0, "the key", value);
    }
    writer.send(&orders, 0, "p", format!("[{entry},17]").as_bytes());
    writer.flush();
    let mut letters = deployment.reader("dead-letter");
    let seen = letters.until("six dead letters", |seen| seen.len() >= 6).to_vec();
    for (offset, ((value, code), letter)) in bad.iter().zip(&seen).enumerate() {
        assert_eq!(letter.value, String::from_utf8_lossy(value));
        assert_eq!(letter.key, "the key");
        assert_eq!(letter.headers["error-code"], *code, "{}", letter.value);
        assert_eq!(letter.headers["source-topic"], orders);
        assert_eq!(letter.headers["source-partition"], "0");
        assert_eq!(letter.headers["source-offset"], offset.to_string());
    }
    assert_eq!((seen[5].value.as_str(), seen[5].headers["source-entry"].as_str()), ("17", "1"));
    let mut decisions = deployment.reader("decisions");
    decisions.until("the good entry's decision", |seen| !seen.is_empty());
    service.stop();
    audit::proves(&deployment);
}

fn order(number: u32) -> String {
    now(&format!(
        r#"{{"type":"order.created","event_id":"e{number}","platform":"x","pool":"p","occurred_at":NOW,"order_id":"{number}","lines":[{{"sku":"s","quantity":1}}]}}"#
    ))
}

fn now(text: &str) -> String {
    let now: Duration = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970");
    text.replace("NOW", &now.as_millis().to_string())
}

fn field(value: &str, name: &str) -> String {
    let value: Value = serde_json::from_str(value).expect("decisions are JSON");
    value[name].as_str().unwrap_or_default().to_owned()
}
