//! Records with any headers on any input of two partitions, rerouted ones among them, through production's
//! lanes on the model of Kafka.
//!
//! The bytes are text, so that seeds can be read and a mutation is one of something: records, each followed by
//! a line `---`; of each the first line `TOPIC PARTITION TIMESTAMP`, then a line `name: value` a header, an empty
//! line, and the value.

use std::collections::BTreeMap;

use allotment::Time;
use contract::{Encoder, Header, Topic, headers};
use lane::{Checkpoints, Limits, PerInput, Settings};
use simulator::kafka::{Cluster, Host, Message};

/// Both a pool's home and another partition, for half of all pools.
const PARTITIONS: u32 = 2;

/// When everything happens: 2026-11-22T12:00:00Z.
pub(crate) const START: Time = Time(1_795_348_800_000);

/// Enough for every record to be rerouted and taken in a transaction of its own; a world that is not still
/// by then never is.
const TURNS: usize = 4000;

/// More records show nothing that these don't, and cost time.
const RECORDS_MAX: usize = 32;

/// A record that came from another partition, as production's own lanes send it, and one that forges that.
pub(crate) const REROUTED: &str = "\
reroute 0 1795348801000
content-type: application/json
granary-arrival: 1795348800123
granary-encoding: application/json
source-topic: granary.orders
source-partition: 1
source-offset: 0
source-entry: 2

{\"type\":\"order.created\",\"event_id\":\"1\",\"platform\":\"d\",\"pool\":\"p\",\"occurred_at\":1795348800000,\"order_id\":1,\"lines\":[{\"sku\":\"s\",\"quantity\":1}]}
---
reroute 1 1795348801000
granary-arrival: 1795348800123
granary-encoding: application/json
source-partition: -1
source-offset: x
source-entry: 99999999999

{\"type\":\"order.created\",\"event_id\":\"1\",\"platform\":\"d\",\"pool\":\"p\",\"occurred_at\":1795348800000,\"order_id\":1,\"lines\":[{\"sku\":\"s\",\"quantity\":1}]}
---
reroute 0 1795348801000
granary-arrival
source-topic

";

/// Headers that are ours and came from outside, times that are not, and an array.
pub(crate) const ODD: &str = "\
orders 0 1795348800000
granary-arrival: -9223372036854775808
source-topic: x
traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
content-type: application/x-protobuf

{}
---
stock 1 -5
content-type: text/plain
content-type: application/json

[{\"type\":\"stock.received\",\"event_id\":\"s1\",\"pool\":\"p\",\"occurred_at\":1795348800000,\"sku\":\"s\",\"quantity\":5,\"lot_id\":\"l\"},
7,{\"type\":\"stock.received\",\"event_id\":\"s2\",\"pool\":\"q\",\"occurred_at\":1795348800000,\"sku\":\"s\",\"quantity\":5,\"lot_id\":\"l\"}]
---
comments 1 9223372036854775807";

/// Feeds the lanes.
pub(crate) fn feed(text: &[u8]) -> bool {
    let mut world = World::new();
    let sent = world.send(text);
    world.settle();
    let taken = world.committed(Topic::Decisions) + world.committed(Topic::Levels) > 0;
    world.dead_letters_name_what_was_sent(&sent);
    let told = world.all_told();
    // Processes that come back read their journal, and stop where the state is not what it was.
    world.restart();
    world.settle();
    assert_eq!(world.all_told(), told, "coming back tells nothing");
    taken
}

/// What the lanes write into their journals when they are fed this.
pub(crate) fn journal(text: &[u8]) -> Vec<Vec<u8>> {
    let mut world = World::new();
    world.send(text);
    world.settle();
    world.seen(Topic::Journal).into_iter().filter_map(|message| message.value).collect()
}

/// What was sent: by topic, partition and offset.
type Sent = BTreeMap<(&'static str, u32, i64), Option<Vec<u8>>>;

/// A lane's settings, as a deployment has them that sets nothing.
pub(crate) fn settings(partition: u32) -> Settings {
    Settings {
        partition,
        allotment: allotment::Settings::default(),
        time_zone: "Asia/Shanghai".to_owned(),
        encodings: PerInput::default(),
        names: PerInput::from_fn(|input| input.topic().default_name().to_owned()),
        encoder: Encoder::default(),
        limits: Limits::default(),
        // Often, so that who comes back comes from one.
        checkpoints: Some(Checkpoints { events: 4, ..Checkpoints::default() }),
        rules: lane::RULES,
    }
}

/// The topic that an event is sent on.
pub(crate) fn topic_of(event: &str) -> Topic {
    if event.contains("\"order.") { Topic::Orders } else { Topic::Stock }
}

/// Records out of text; what is no record is left out.
fn parse(text: &[u8]) -> Vec<(Topic, u32, Message)> {
    let mut records = Vec::new();
    for record in split(text, b"\n---\n") {
        let (head, value) = cut(record, b"\n\n");
        let mut lines = head.split(|byte| *byte == b'\n');
        let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
        let mut words = first.split(' ');
        let topic = match words.next() {
            Some("orders") => Topic::Orders,
            Some("stock") => Topic::Stock,
            Some("comments") => Topic::Comments,
            Some("reroute") => Topic::Reroute,
            _ => continue,
        };
        let partition = words.next().and_then(|word| word.parse::<u32>().ok()).unwrap_or(0);
        let timestamp = words.next().and_then(|word| word.parse().ok()).map_or(START, Time);
        let headers = lines.map(|line| {
            let (name, value) = cut(line, b": ");
            Header {
                name: String::from_utf8_lossy(name).into_owned().into(),
                value: value.map(|value| value.to_vec().into()),
            }
        });
        let message = Message {
            timestamp,
            key: None,
            headers: headers.collect(),
            value: value.map(<[u8]>::to_vec),
        };
        records.push((topic, partition % PARTITIONS, message));
    }
    records
}

/// The pieces between `mark`s.
fn split<'a>(mut text: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    while let (piece, Some(rest)) = cut(text, mark) {
        pieces.push(piece);
        text = rest;
    }
    pieces.push(text);
    pieces
}

/// What is before the first `mark`, and what is after it.
fn cut<'a>(text: &'a [u8], mark: &[u8]) -> (&'a [u8], Option<&'a [u8]>) {
    match text.windows(mark.len()).position(|window| window == mark) {
        Some(at) => (&text[..at], Some(&text[at + mark.len()..])),
        None => (text, None),
    }
}

/// A cluster, a process for each partition, and a clock.
struct World {
    cluster: Cluster,
    hosts: Vec<Host>,
    clock: Time,
}

impl World {
    fn new() -> Self {
        let mut world = Self { cluster: Cluster::new(PARTITIONS), hosts: Vec::new(), clock: START };
        world.restart();
        world
    }

    fn restart(&mut self) {
        let host = |partition| Host::new(settings(partition), self.clock);
        self.hosts = (0..PARTITIONS).map(host).collect();
    }

    fn send(&mut self, text: &[u8]) -> Sent {
        let mut sent = Sent::new();
        for (topic, partition, message) in parse(text).into_iter().take(RECORDS_MAX) {
            let offset = self.cluster.log((topic, partition)).end();
            sent.insert((topic.default_name(), partition, offset), message.value.clone());
            self.cluster.send((topic, partition), message);
        }
        sent
    }

    /// Lets everybody work until there is nothing left to do.
    fn settle(&mut self) {
        for _ in 0..TURNS {
            let mut busy = false;
            for host in &mut self.hosts {
                let done = host.turn(&mut self.cluster, self.clock, 1000, &mut |_| None);
                busy |= done.expect("no process crashes here");
                assert_eq!(host.ended(), None, "a lane stopped");
            }
            let waiting = self.hosts.iter().filter(|host| !host.lane().status().caught_up);
            match waiting.filter_map(|host| host.next_wake()).min() {
                _ if busy => {}
                Some(wake) => self.clock = self.clock.max(wake),
                None => return,
            }
        }
        panic!(
            "does not settle: {:?}",
            self.hosts.iter().map(|h| h.lane().status()).collect::<Vec<_>>()
        );
    }

    fn seen(&self, topic: Topic) -> Vec<Message> {
        let read = |partition| {
            let log = self.cluster.log((topic, partition));
            log.read_committed(log.earliest(), usize::MAX).expect("nothing was deleted").0
        };
        (0..PARTITIONS).flat_map(read).map(|(_, message)| message).collect()
    }

    fn committed(&self, topic: Topic) -> usize {
        self.seen(topic).len()
    }

    fn all_told(&self) -> Vec<Vec<Message>> {
        let topics = Topic::ALL.into_iter().filter(|topic| topic.way() == contract::Way::Out);
        topics.map(|topic| self.seen(topic)).collect()
    }

    /// A dead letter has the bytes of the record that it names. (What came on the reroute topic says itself
    /// where it came from; such a letter may name anything, but never that which nobody can read.)
    fn dead_letters_name_what_was_sent(&self, sent: &Sent) {
        let forged = sent.keys().any(|(topic, ..)| *topic == Topic::Reroute.default_name());
        for letter in self.seen(Topic::DeadLetter) {
            let header = |name: &str| -> &str {
                let mut all = letter.headers.iter().filter(|header| header.name == name);
                let value = all.next().and_then(|header| header.value.as_deref());
                assert!(all.next().is_none(), "{name} is there twice");
                value.map_or("", |value| std::str::from_utf8(value).expect("ours are text"))
            };
            assert!(!header(headers::ERROR_CODE).is_empty());
            assert!(!header(headers::ERROR_MESSAGE).is_empty());
            let topic = header(headers::SOURCE_TOPIC);
            let partition: i32 = header(headers::SOURCE_PARTITION).parse().expect("a number");
            let offset: i64 = header(headers::SOURCE_OFFSET).parse().expect("a number");
            if forged {
                continue;
            }
            let source = (topic, partition.cast_unsigned(), offset);
            let value = sent.get(&source).expect("it names a record that was sent");
            match header(headers::SOURCE_ENTRY) {
                "" => assert_eq!(&letter.value, value),
                entry => {
                    entry.parse::<u32>().expect("a number");
                    let (all, one) = (value.as_ref(), letter.value.as_ref());
                    let (all, one) = all.zip(one).expect("an array has bytes");
                    assert!(all.windows(one.len().max(1)).any(|window| window == one));
                }
            }
        }
    }
}
