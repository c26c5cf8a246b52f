//! Orders to every partition, and which process runs which: for tests of who takes over from whom.

use crate::{deployment::Deployment, granary::Granary};

/// Sends an order to each partition, the `round`th time, and waits for all answers.
pub(crate) fn answered(deployment: &Deployment, round: usize) {
    (0..deployment.partitions).for_each(|partition| send(deployment, partition, round));
    let mut decisions = deployment.reader("decisions");
    let all = round * deployment.partitions as usize;
    let seen = decisions.until("each partition's answer", |seen| seen.len() >= all);
    assert_eq!(seen.len(), all, "each order is answered once");
}

/// Sends an order to a partition, the `round`th time.
pub(crate) fn send(deployment: &Deployment, partition: u32, round: usize) {
    let writer = deployment.writer();
    let pool = pool_of(partition, deployment.partitions);
    let order = order(&pool, round);
    writer.send(&deployment.topic("orders"), partition, &pool, order.as_bytes());
    writer.flush();
}

/// The `round`th order of a pool, as an event of this moment.
pub(crate) fn order(pool: &str, round: usize) -> String {
    let now = now();
    format!(
        r#"{{"type":"order.created","event_id":"e{round}","platform":"x","pool":"{pool}","occurred_at":{now},"order_id":"{round}","lines":[{{"sku":"s","quantity":1}}]}}"#
    )
}

/// This moment, as events say it.
pub(crate) fn now() -> u128 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970").as_millis()
}

/// A pool whose home is this partition.
pub(crate) fn pool_of(partition: u32, partitions: u32) -> String {
    let pools = (0..).map(|number| format!("p{number}"));
    let at_home = |pool: &String| lane::home(pool, partitions) == partition;
    pools.into_iter().find(at_home).expect("every partition has pools")
}

/// The partitions whose lanes have begun to run, in order.
pub(crate) fn partitions(granary: &Granary) -> Vec<i64> {
    let mut partitions: Vec<_> = granary
        .events("lane_running")
        .iter()
        .filter_map(|event| event["partition"].as_i64())
        .collect();
    // The first one began with all of them, and gave some away.
    for event in granary.events("lane_stopped") {
        partitions.retain(|partition| event["partition"] != *partition);
    }
    partitions.sort_unstable();
    partitions
}
