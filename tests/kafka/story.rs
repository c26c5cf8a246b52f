//! The evenings that the tests play, and how they are put on the topics.

use clients::Writer;
use simulator::evening::{Evening, Plan, Topic, evening};

use crate::deployment::Deployment;

/// An evening that is over: all of its events lie in the past, and all of its deadlines too, so that what
/// comes out does not depend on when it is read.
pub(crate) fn past_evening(seed: u64, pools: u32) -> (Evening, i64) {
    const HOURS: i64 = 4;
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970");
    let start = i64::try_from(now.as_millis()).expect("it is before the year 292 277 026")
        - HOURS * 3_600_000;
    let plan = Plan { pools, ..Plan::usual(seed, allotment::Time(start)) };
    (evening(&plan), start)
}

/// The lines of an evening in the order in which the service takes them: by arrival, then topic, then place.
pub(crate) fn lines(evening: &Evening) -> Vec<Vec<u8>> {
    let mut deliveries: Vec<_> = evening.deliveries.iter().collect();
    deliveries.sort_by_key(|delivery| (delivery.at, delivery.topic == Topic::Orders));
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
    let (orders, stock) = (deployment.topic("orders"), deployment.topic("stock"));
    let lines = evening.deliveries.iter().filter(|delivery| is_line(&delivery.value));
    for (number, delivery) in lines.enumerate() {
        let topic = if delivery.topic == Topic::Orders { &orders } else { &stock };
        let partition = partition(&delivery.key);
        writer.send_at(topic, partition, &delivery.key, &delivery.value, start + delivery.at.0);
        published(number + 1);
    }
    writer.flush();
}

fn is_line(value: &[u8]) -> bool {
    !value.contains(&b'\n') && !value.trim_ascii().is_empty()
}
