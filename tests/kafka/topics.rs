//! Topics that change under a deployment: an input that is deleted and made again under its name, and topics that get
//! more partitions.

use std::time::{Duration, Instant};

use clients::PATIENCE;
use rdkafka::admin::{AdminOptions, NewPartitions};

use crate::{
    audit,
    deployment::{Deployment, block_on, committed},
    granary::{self, Granary},
    orders::{answered, partitions, send},
};

const CONSOLE: &str = "console.address=127.0.0.1:0";

/// Deletes an input and makes it again under its name, with more orders than the old one had.
fn make_again(deployment: &Deployment, topic: &str, orders: usize) {
    deployment.delete_topic(topic);
    let created = deployment.create_topics(deployment.partitions).expect("it is made");
    assert!(created.contains(&format!("{}: created", deployment.topic(topic))), "{created}");
    for round in 101..=100 + orders {
        send(deployment, 0, round);
    }
}

/// Gives a topic of a deployment so many partitions.
fn enlarge(deployment: &Deployment, topic: &str, partitions: usize) {
    let name = deployment.topic(topic);
    let wanted = [NewPartitions::new(&name, partitions)];
    let done = block_on(deployment.admin().create_partitions(&wanted, &AdminOptions::new()));
    assert_eq!(done.expect("it is answered"), [Ok(name.clone())]);
}

/// A process that has answered two orders on each partition.
fn begun(deployment: &Deployment, settings: &[&str]) -> Granary {
    let service = deployment.run("first", settings);
    answered(deployment, 1);
    answered(deployment, 2);
    service
}

/// What it must say: the topic, both ids, and what to do.
fn refuses(deployment: &Deployment, service: &mut Granary, topic: &str) {
    assert!(!service.wait().success(), "it ends by itself");
    let log = service.log();
    let begins = format!("the topic {} was deleted and made again", deployment.topic(topic));
    let from = log.find(&begins).unwrap_or_else(|| panic!("it says `{begins}`: {log}"));
    let told = &log[from..];
    let ids: Vec<&str> = told.split(' ').filter(|word| word.len() >= 22).take(2).collect();
    assert_ne!(ids[0].trim_end_matches(','), ids[1].trim_end_matches('.'), "{told}");
    assert!(told.contains("docs/operations.md"), "{told}");
}

/// How many answers there are.
fn decisions(deployment: &Deployment) -> usize {
    deployment.reader("decisions").to_end().len()
}

#[test]
fn an_input_that_was_made_again_while_it_was_stopped_is_refused() {
    let Some(deployment) = Deployment::new("remade-stopped", 2) else { return };
    let service = begun(&deployment, &[]);
    service.stop();
    make_again(&deployment, "orders", 5);
    let mut service = deployment.run("second", &[]);
    refuses(&deployment, &mut service, "orders");
    assert_eq!(decisions(&deployment), 4, "nothing of the new topic was taken");
}

#[test]
fn an_input_that_was_made_again_after_a_kill_is_refused() {
    let Some(deployment) = Deployment::new("remade-killed", 1) else { return };
    let service = begun(&deployment, &["checkpoints.interval=1s"]);
    service.kill();
    make_again(&deployment, "stock", 0);
    let mut service = deployment.run("second", &[]);
    refuses(&deployment, &mut service, "stock");
}

#[test]
fn an_input_that_is_made_again_while_it_runs_stops_it_within_seconds() {
    let Some(deployment) = Deployment::new("remade-running", 1) else { return };
    let mut service = begun(&deployment, &[]);
    make_again(&deployment, "orders", 5);
    let made = Instant::now();
    refuses(&deployment, &mut service, "orders");
    assert!(made.elapsed() < Duration::from_secs(30), "{:?}", made.elapsed());
}

#[test]
fn an_input_that_was_made_again_before_a_takeover_is_refused() {
    let Some(deployment) = Deployment::new("remade-takeover", 1) else { return };
    let first = begun(&deployment, &[CONSOLE]);
    let mut second = deployment.run("second", &[CONSOLE]);
    let began = Instant::now();
    let owners = || [&first, &second].map(|process| partitions(process).len());
    while owners().iter().sum::<usize>() != 1 || !has_standby(&first) && !has_standby(&second) {
        assert!(began.elapsed() < PATIENCE, "one owns it and the other one follows");
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut survivor = if owners() == [1, 0] {
        first.kill();
        second
    } else {
        second.kill();
        second = first;
        second
    };
    make_again(&deployment, "orders", 5);
    refuses(&deployment, &mut survivor, "orders");
    assert_eq!(decisions(&deployment), 2, "nothing of the new topic was taken");
}

fn has_standby(process: &Granary) -> bool {
    process.metric("granary_lane_state", "standby").values().sum::<f64>() == 1.0
}

/// So that the group hears of new partitions within the second, not within five minutes.
const SOON: &str = "kafka.properties.topic.metadata.refresh.interval.ms=500";

#[test]
fn partitions_that_are_added_are_told_within_seconds_and_the_old_ones_go_on() {
    let Some(deployment) = Deployment::new("grown", 2) else { return };
    let service = deployment.run("first", &[CONSOLE, SOON]);
    answered(&deployment, 1);
    enlarge(&deployment, "orders", 5);
    enlarge(&deployment, "stock", 3);
    told_of_growth(&deployment, &service);
    service.await_log("partitions assigned: [2");
    answered(&deployment, 2);
    assert_eq!(partitions(&service), [0, 1], "no lane is begun for what was added");
    service.stop();
    let service = deployment.run("second", &[CONSOLE, SOON]);
    answered(&deployment, 3);
    told_of_growth(&deployment, &service);
    assert_eq!(partitions(&service), [0, 1]);
    service.stop();
    audit::finds_nothing(&deployment);
}

#[test]
fn what_comes_on_added_partitions_is_answered_once_over_kills_and_restarts() {
    let Some(deployment) = Deployment::new("spread", 2) else { return };
    let often = ["checkpoints.interval=1s", CONSOLE];
    let service = deployment.run("first", &often);
    answered(&deployment, 1);
    enlarge(&deployment, "orders", 5);
    enlarge(&deployment, "stock", 3);
    told_of_growth(&deployment, &service);
    let mut all = 2;
    all += spread(&deployment, "a");
    await_answers(&deployment, all);
    service.kill();
    all += spread(&deployment, "b");
    let service = deployment.run("second", &often);
    await_answers(&deployment, all);
    service.stop();
    all += spread(&deployment, "c");
    let service = deployment.run("third", &often);
    await_answers(&deployment, all);
    service.stop();
    let verified = granary::once(granary::command("verify", &deployment.config()), b"");
    assert!(verified.is_ok(), "{verified:?}");
    audit::finds_nothing(&deployment);
    // The offsets of what was added are committed like those of all inputs, so tools see how far it is.
    let ends = [("orders", 2), ("orders", 3), ("orders", 4), ("stock", 2)];
    for (topic, partition) in ends {
        assert!(committed(&deployment, topic, partition) > Some(0), "{topic} {partition}");
    }
}

/// Sends stock and orders of pools of both homes to all partitions that were added, and a record that can't be read;
/// how many orders.
fn spread(deployment: &Deployment, round: &str) -> usize {
    let writer = deployment.writer();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970").as_millis();
    let mut orders = 0;
    for partition in 2..5 {
        for number in 0..8 {
            let (pool, order) =
                (format!("spread-{number}"), format!("{round}-{partition}-{number}"));
            let event = format!(
                r#"{{"type":"order.created","event_id":"{order}","platform":"x","pool":"{pool}","occurred_at":{now},"order_id":"{order}","lines":[{{"sku":"s","quantity":1}}]}}"#
            );
            writer.send(&deployment.topic("orders"), partition, &pool, event.as_bytes());
            orders += 1;
        }
        writer.send(&deployment.topic("orders"), partition, "nobody", b"{");
    }
    let stock = format!(
        r#"{{"type":"stock.received","event_id":"{round}","platform":"x","pool":"spread-1","occurred_at":{now},"sku":"s","quantity":100,"lot_id":"{round}"}}"#
    );
    writer.send(&deployment.topic("stock"), 2, "spread-1", stock.as_bytes());
    writer.flush();
    orders
}

/// Waits until so many orders are answered, and sees that each is answered once.
fn await_answers(deployment: &Deployment, all: usize) {
    let mut decisions = deployment.reader("decisions");
    decisions.until("every order's answer", |seen| orders_in(seen).len() >= all);
    let seen = decisions.to_end();
    assert_eq!(orders_in(seen).len(), all);
    let mut first: Vec<String> = orders_in(seen);
    first.dedup();
    assert_eq!(first.len(), all);
}

/// The orders to which the decisions are, each as often as it was asked for.
fn orders_in(seen: &[clients::Seen]) -> Vec<String> {
    let order = |seen: &clients::Seen| {
        let told: serde_json::Value = serde_json::from_str(&seen.value).expect("it is JSON");
        // What an order that waits gets later is no answer to it.
        (told["event_id"] != serde_json::Value::Null)
            .then(|| format!("{}/{}", told["pool"], told["order_id"]))
    };
    let mut orders: Vec<String> = seen.iter().filter_map(order).collect();
    orders.sort();
    orders
}

/// It must say within seconds which topics have got how many partitions more.
fn told_of_growth(deployment: &Deployment, service: &Granary) {
    service.await_events("topic_grown", 2);
    let (status, ready) = service.get("/readyz");
    assert_eq!(status, 200, "{ready}");
    let (_, metrics) = service.get("/metrics");
    for (topic, found) in [("orders", 5), ("stock", 3)] {
        let name = deployment.topic(topic);
        let note = format!("note: {name} has {found} partitions, the journal was written with 2");
        assert!(ready.contains(&note), "{ready}");
        let line = format!("granary_topic_added_partitions{{topic=\"{name}\"}} {}", found - 2);
        assert!(metrics.contains(&line), "{metrics}");
    }
}

#[test]
fn a_deployment_whose_topics_have_all_grown_starts_with_the_lanes_that_it_had() {
    let Some(deployment) = Deployment::new("grown-all", 1) else { return };
    let service = deployment.run("first", &[]);
    answered(&deployment, 1);
    service.kill();
    for topic in contract::Topic::ALL {
        enlarge(&deployment, topic.default_name().trim_start_matches("granary."), 2);
    }
    let service = deployment.run("second", &[CONSOLE]);
    answered(&deployment, 2);
    service.await_events("topic_grown", contract::Topic::ALL.len());
    assert_eq!(partitions(&service), [0]);
    service.stop();
}

#[test]
fn a_topic_with_fewer_partitions_than_the_journal_names_is_refused() {
    let Some(deployment) = Deployment::new("shrunk", 2) else { return };
    let service = deployment.run("first", &[]);
    answered(&deployment, 1);
    service.stop();
    deployment.delete_topic("levels");
    let refused = deployment.create_topics(1).expect_err("one is too few");
    let levels = deployment.topic("levels");
    let why = format!("{levels}: has 1 partitions, the journal was written with 2");
    assert!(refused.contains(&why), "{refused}");
    let mut service = deployment.run("second", &[]);
    assert!(!service.wait().success());
    assert!(service.log().contains(&why), "{}", service.log());
}
