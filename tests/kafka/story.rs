//! The evenings and storms that the tests play, and how they are put on the topics.

use std::collections::BTreeSet;

use allotment::{Millis, Time};
use clients::Writer;
use serde_json::Value;
use traffic::{
    evening::{Evening, Plan, Tally, Topic, evening},
    storm::{Scene, Storm, TYPES},
};

use crate::deployment::Deployment;

/// How long ago what is over began.
const AGO: Millis = Millis(4 * 3_600_000);

/// An evening that is over: all of its events lie in the past, and all of its deadlines too, so that what
/// comes out does not depend on when it is read.
pub(crate) fn past_evening(seed: u64, pools: u32) -> (Evening, i64) {
    let start = ago();
    let plan = Plan { pools, ..Plan::usual(seed, start) };
    (evening(&plan), start.0)
}

/// Storms that are over, each in pools of its own: everything that the contract names, and events of every type.
pub(crate) fn past_storms(seed: u64, count: u64) -> (Evening, i64) {
    // What comes at its end has three hours left for its last deadlines.
    const HOUR: Millis = Millis(3_600_000);
    let start = ago();
    let storm = |seed: u64| {
        let name = format!("storm{seed}-");
        Storm::new(seed).play(Scene { name: &name, start, length: HOUR })
    };
    let mut deliveries: Vec<_> = (seed..seed + count).flat_map(storm).collect();
    deliveries.sort_by_key(|delivery| delivery.at);
    let types: BTreeSet<String> = deliveries
        .iter()
        .filter_map(|delivery| serde_json::from_slice::<Value>(&delivery.value).ok())
        .filter_map(|event| event["type"].as_str().map(str::to_owned))
        .collect();
    assert!(TYPES.into_iter().all(|name| types.contains(name)), "of every type: {types:?}");
    (Evening { deliveries, tally: Tally::default() }, start.0)
}

fn ago() -> Time {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970");
    let now = i64::try_from(now.as_millis()).expect("it is before the year 292 277 026");
    Time(now - AGO.0)
}

/// The lines of an evening in the order in which the service takes them: by arrival, then topic, then place.
pub(crate) fn lines(evening: &Evening) -> Vec<Vec<u8>> {
    let mut deliveries: Vec<_> = evening.deliveries.iter().collect();
    let place = |topic| match topic {
        Topic::Stock => 0,
        Topic::Orders => 1,
        Topic::Comments => 2,
    };
    deliveries.sort_by_key(|delivery| (delivery.at, place(delivery.topic)));
    // A line is a line; what is broken over several can't be one, and is left out on both sides.
    deliveries.into_iter().filter(|d| is_line(&d.value)).map(|d| d.value.clone()).collect()
}

/// Publishes an evening with the timestamps that it has, each pool where `partition` says.
pub(crate) fn publish(
    deployment: &Deployment,
    writer: &Writer,
    (evening, start): &(Evening, i64),
    partition: impl Fn(&str) -> u32,
) {
    publish_slowly(deployment, writer, (evening, start), partition, |_| {});
}

/// As [`publish`], and tells after each record how many were published.
pub(crate) fn publish_slowly(
    deployment: &Deployment,
    writer: &Writer,
    (evening, start): (&Evening, &i64),
    partition: impl Fn(&str) -> u32,
    published: impl Fn(usize),
) {
    let topics = ["orders", "stock", "comments"].map(|topic| deployment.topic(topic));
    let lines = evening.deliveries.iter().filter(|delivery| is_line(&delivery.value));
    for (number, delivery) in lines.enumerate() {
        let topic = match delivery.topic {
            Topic::Orders => &topics[0],
            Topic::Stock => &topics[1],
            Topic::Comments => &topics[2],
        };
        let partition = partition(&delivery.key);
        writer.send_at(topic, partition, &delivery.key, &delivery.value, start + delivery.at.0);
        published(number + 1);
    }
    writer.flush();
}

fn is_line(value: &[u8]) -> bool {
    !value.contains(&b'\n') && !value.trim_ascii().is_empty()
}
