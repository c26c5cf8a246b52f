//! One event at a time: from handing it to the producer to reading its answer, read committed.

use std::time::{Duration, Instant};

use clients::Writer;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

/// Events measured, after some that only warm up.
const MEASURED: usize = 300;
const WARM_UP: usize = 300;
/// Between two events: longer than a commit, so that each finds an idle lane.
const PAUSE: Duration = Duration::from_millis(30);
/// An answer that takes longer is lost.
const PATIENCE: Duration = Duration::from_secs(30);
/// The events' pool. It is sent to its home, as a bridge's partitioner would, or each event would take the
/// detour of a reroute.
const POOL: &str = "benchmark";

/// Measures, and says the median and the tail.
pub(crate) fn measure(bootstrap: &str, partitions: u32) -> Result<String, String> {
    let writer = Writer::new(bootstrap);
    let reader = reader(bootstrap, partitions)?;
    let home = home(&writer, &reader, partitions)?;
    let mut spans = Vec::new();
    for number in 0..WARM_UP + MEASURED {
        std::thread::sleep(PAUSE);
        let sent = Instant::now();
        send(&writer, home, number);
        answer(&reader, number)?;
        spans.push(sent.elapsed());
    }
    let mut spans = spans.split_off(WARM_UP);
    spans.sort_unstable();
    let at = |percent: usize| {
        spans[(spans.len() * percent / 100).min(spans.len() - 1)].as_secs_f64() * 1e3
    };
    Ok(format!(
        "latency: one event at a time, produced to readable: median {:.1} ms, 95 % {:.1} ms, 99 % {:.1} ms ({MEASURED} events)",
        at(50),
        at(95),
        at(99)
    ))
}

/// Reads the decisions from now on.
pub(crate) fn reader(bootstrap: &str, partitions: u32) -> Result<BaseConsumer, String> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "benchmark")
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .set("fetch.queue.backoff.ms", "1")
        .create()
        .map_err(|error| error.to_string())?;
    let mut assigned = TopicPartitionList::new();
    for partition in 0..i32::try_from(partitions).expect("partitions are few") {
        let (_, end) = consumer
            .fetch_watermarks("granary.decisions", partition, PATIENCE)
            .map_err(|error| error.to_string())?;
        assigned
            .add_partition_offset("granary.decisions", partition, Offset::Offset(end))
            .map_err(|error| error.to_string())?;
    }
    consumer.assign(&assigned).map_err(|error| error.to_string())?;
    Ok(consumer)
}

/// The pool's home: sent anywhere, its first event is answered there.
fn home(writer: &Writer, reader: &BaseConsumer, partitions: u32) -> Result<u32, String> {
    let probe = usize::MAX;
    send(writer, 0, probe);
    let partition = answer(reader, probe)?;
    u32::try_from(partition)
        .ok()
        .filter(|home| *home < partitions)
        .ok_or_else(|| format!("an answer on partition {partition}"))
}

fn send(writer: &Writer, partition: u32, number: usize) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let millis = now.map_or(0, |now| now.as_millis());
    let event = format!(
        r#"{{"type":"order.created","event_id":"e-{number}","platform":"bench","pool":"{POOL}","occurred_at":{millis},"order_id":"o-{number}","lines":[{{"sku":"orange-5kg","quantity":1}}]}}"#
    );
    writer.send("granary.orders", partition, POOL, event.as_bytes());
}

/// Waits for the answer to event `number`; the partition that it was on.
fn answer(reader: &BaseConsumer, number: usize) -> Result<i32, String> {
    let wanted = format!("\"event_id\":\"e-{number}\"");
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(message) = reader.poll(Duration::from_millis(100)) {
            let message = message.map_err(|error| error.to_string())?;
            let value = message.payload().unwrap_or_default();
            if value.windows(wanted.len()).any(|window| window == wanted.as_bytes()) {
                return Ok(message.partition());
            }
        }
    }
    Err(format!("no answer to event {number} within {PATIENCE:?}"))
}
