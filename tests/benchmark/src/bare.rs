//! The bare loop that Granary is compared with: consume, produce a record as large as a decision for each,
//! send the offsets, commit. It decodes nothing and decides nothing, and it has not rust-rdkafka's pause of
//! 100 ms a commit (`driver/src/native.rs`).

use std::sync::Barrier;
use std::time::Duration;

use clients::PATIENCE;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use crate::cost::{Cost, Meter};

/// The topics that it takes, which are Granary's.
const INPUTS: [&str; 2] = ["granary.orders", "granary.stock"];
/// The topic that it writes to, with as many partitions.
pub(crate) const OUTPUT: &str = "bare.output";
/// How long an empty batch is waited for.
const WAIT: Duration = Duration::from_millis(100);
/// As large as a decision usually is.
const VALUE: [u8; 400] = [b'x'; 400];
/// As many records as a lane takes into a transaction.
const BATCH: usize = 5000;

/// Takes everything that lies on the inputs, one loop a partition, and says how fast that was.
pub(crate) fn measure(bootstrap: &str, id: &str, partitions: u32) -> Cost {
    // All loops are ready before the first one begins.
    let ready = Barrier::new(partitions as usize + 1);
    let drain = |partition| {
        let mut each = Loop::new(bootstrap, id, partition);
        ready.wait();
        each.drain()
    };
    std::thread::scope(|scope| {
        let drain = &drain;
        let loops: Vec<_> = (0..partitions).map(|p| scope.spawn(move || drain(p))).collect();
        ready.wait();
        let meter = Meter::start();
        let done: Vec<_> = loops.into_iter().map(|each| each.join().expect("it ends")).collect();
        let sum = |of: fn(&Done) -> u64| done.iter().map(of).sum();
        meter.stop(sum(|done| done.records), sum(|done| done.transactions))
    })
}

/// What a loop did.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    records: u64,
    transactions: u64,
}

struct Loop {
    consumer: BaseConsumer,
    producer: BaseProducer,
    partition: i32,
    ends: usize,
}

impl Loop {
    fn new(bootstrap: &str, id: &str, partition: u32) -> Self {
        let partition = i32::try_from(partition).expect("partitions are few");
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("group.id", id)
            .set("enable.auto.commit", "false")
            .set("isolation.level", "read_committed")
            .set("enable.partition.eof", "true")
            .set("fetch.queue.backoff.ms", "1")
            .create()
            .expect("the properties are right");
        let mut assigned = TopicPartitionList::new();
        for input in INPUTS {
            let added = assigned.add_partition_offset(input, partition, Offset::Beginning);
            added.expect("the beginning is an offset");
        }
        consumer.assign(&assigned).expect("an assignment can be made");
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap)
            .set("transactional.id", format!("{id}-{partition}"))
            .set("linger.ms", "0")
            .set("retry.backoff.ms", "1")
            .set("compression.type", "lz4")
            .create()
            .expect("the properties are right");
        producer.init_transactions(PATIENCE).expect("it is the only one");
        Self { consumer, producer, partition, ends: 0 }
    }

    /// Takes all that is there.
    fn drain(&mut self) -> Done {
        let mut done = Done::default();
        while self.ends < INPUTS.len() {
            let records = self.batch();
            done.records += records;
            done.transactions += u64::from(records > 0);
        }
        done
    }

    /// Takes what is there, at most a batch; how many records that were.
    fn batch(&mut self) -> u64 {
        let mut positions = [None; INPUTS.len()];
        let mut records = 0;
        let mut wait = WAIT;
        for _ in 0..BATCH {
            match self.consumer.poll(wait) {
                None => break,
                Some(Err(_)) => self.ends += 1,
                Some(Ok(message)) => {
                    if records == 0 {
                        self.producer.begin_transaction().expect("none is open");
                    }
                    let input = INPUTS.iter().position(|input| *input == message.topic());
                    positions[input.expect("only the inputs are read")] =
                        Some(message.offset() + 1);
                    let record = BaseRecord::to(OUTPUT).partition(self.partition).payload(&VALUE);
                    self.producer.send(record.key("p")).expect("a batch fits the queue");
                    records += 1;
                }
            }
            wait = Duration::ZERO;
        }
        if records > 0 {
            self.commit(&positions);
        }
        records
    }

    fn commit(&self, positions: &[Option<i64>]) {
        let mut offsets = TopicPartitionList::new();
        for (input, position) in INPUTS.iter().zip(positions) {
            if let Some(position) = position {
                let added =
                    offsets.add_partition_offset(input, self.partition, Offset::Offset(*position));
                added.expect("a position is an offset");
            }
        }
        let group = self.consumer.group_metadata().expect("the consumer has a group");
        self.producer
            .send_offsets_to_transaction(&offsets, &group, PATIENCE)
            .expect("offsets are taken");
        // Else the commit would sleep for 100 ms.
        while self.producer.in_flight_count() > 0 {
            self.producer.poll(Duration::from_micros(200));
        }
        self.producer.commit_transaction(PATIENCE).expect("it commits");
    }
}
