//! The main job, read back by Kafka's own console consumer, which shares no code with us.

use fixture::foreign;

use crate::{
    deployment::Deployment,
    expected::{self, Told},
    story,
};

#[test]
fn an_evening_comes_out_once_before_foreign_eyes() {
    let Some(deployment) = Deployment::new("evening", 2) else { return };
    let story = story::past_evening(11, 4);
    let home = |pool: &str| lane::home(pool, 2);
    story::publish(&deployment, &deployment.writer(), &story, home);
    let expected = expected::of(&deployment, &story::lines(&story.0));
    assert!(expected.decisions.len() > 1000 && !expected.dead.is_empty());

    let readers: Vec<_> = Told::TOPICS
        .into_iter()
        .map(|topic| {
            let bootstrap = deployment.kafka.bootstrap();
            let reader = foreign::Reader::start(
                deployment.kafka.jars(),
                &bootstrap,
                &deployment.topic(topic),
            );
            (topic, reader.expect("java runs"))
        })
        .collect();
    let service = deployment.run("one", &[]);
    let patience = clients::PATIENCE;
    let mut told = Told::default();
    for (topic, reader) in &readers {
        let enough = expected.count(topic);
        let counts = |seen: &foreign::Record| !seen.value.contains(r#""type":"input_rejected""#);
        let enough =
            |seen: &[foreign::Record]| seen.iter().filter(|seen| counts(seen)).count() >= enough;
        for record in reader.until(patience, topic, enough) {
            told.add(topic, &record.value);
        }
    }
    expected::same(told, &expected);
    service.stop();
}

#[test]
fn a_foreign_bridge_that_keys_by_pool_needs_no_detour() {
    const POOLS: usize = 20;
    let Some(deployment) = Deployment::new("bridge", 3) else { return };
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970").as_millis();
    let event = |pool: usize| {
        let event = format!(
            r#"{{"type":"order.created","event_id":"e","platform":"x","pool":"pool-{pool}","occurred_at":{now},"order_id":"1","lines":[{{"sku":"s","quantity":1}}]}}"#
        );
        (format!("pool-{pool}"), event)
    };
    let events: Vec<_> = (0..POOLS).map(event).collect();
    let bootstrap = deployment.kafka.bootstrap();
    let orders = deployment.topic("orders");
    foreign::write(deployment.kafka.jars(), &bootstrap, &orders, &events).expect("java runs");
    let service = deployment.run("one", &[]);
    let mut decisions = deployment.reader("decisions");
    let seen = decisions.until("every decision", |seen| seen.len() >= POOLS);
    for decision in seen {
        let home = lane::home(&decision.key, deployment.partitions);
        assert_eq!(u32::try_from(decision.partition), Ok(home), "{}", decision.key);
    }
    service.stop();
    assert_eq!(deployment.reader("reroute").to_end().len(), 0, "Kafka's partitioner is ours");
}
