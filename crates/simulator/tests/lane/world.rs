//! A cluster, a process for each partition, a clock, and a reader from outside.

use std::collections::BTreeMap;

use allotment::{Millis, Time};
use contract::{Encoder, Topic};
use lane::{Checkpoints, Limits, PerInput, RULES, Settings, Stage, home};
use serde_json::Value;
use simulator::kafka::{Cluster, Crashed, Fault, Host, Message, Step};

/// When every test begins: 2026-11-22T12:00:00Z.
pub(crate) const START: Time = Time(1_795_348_800_000);

/// What a reader from outside sees of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) partition: u32,
    pub(crate) key: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) value: Option<Vec<u8>>,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(self.value.as_ref().unwrap()).unwrap()
    }

    fn line(&self) -> String {
        let value = self.value.as_ref().map(|bytes| String::from_utf8_lossy(bytes));
        format!("{} {:?} {:?} {value:?}", self.partition, self.key, self.headers)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// Decides what goes wrong: on which partition, at which step.
pub(crate) type Plan<'a> = &'a mut dyn FnMut(u32, Step) -> Option<Fault>;

/// Everything.
pub(crate) struct World {
    pub(crate) cluster: Cluster,
    pub(crate) hosts: BTreeMap<u32, Host>,
    pub(crate) clock: Time,
    pub(crate) settings: Settings,
    /// Records of each input that a turn hands over at most.
    pub(crate) appetite: usize,
    pub(crate) crashes: u32,
    /// Before a process starts, the compacted topics are compacted.
    pub(crate) compacts: bool,
    /// Standbys, by their partition.
    pub(crate) standbys: BTreeMap<u32, Host>,
}

/// Checkpoints as often as can be, and a round takes many transactions.
pub(crate) const OFTEN: Checkpoints =
    Checkpoints { interval: Millis(1500), events: 3, portion_bytes: 300, stop_bytes: 3_000 };

pub(crate) fn settings() -> Settings {
    Settings {
        partition: 0,
        allotment: allotment::Settings::default(),
        time_zone: "Asia/Shanghai".to_owned(),
        encodings: PerInput::default(),
        names: PerInput::from_fn(|input| input.topic().default_name().to_owned()),
        encoder: Encoder::default(),
        limits: Limits::default(),
        checkpoints: Some(OFTEN),
        rules: RULES,
    }
}

impl World {
    /// A process for each partition, nothing done yet.
    pub(crate) fn new(partitions: u32) -> Self {
        Self::with(partitions, Some(OFTEN))
    }

    /// The same with other checkpoints, or none.
    pub(crate) fn with(partitions: u32, checkpoints: Option<Checkpoints>) -> Self {
        let mut world = Self {
            cluster: Cluster::new(partitions),
            hosts: BTreeMap::new(),
            clock: START,
            settings: Settings { checkpoints, ..settings() },
            appetite: 1000,
            crashes: 0,
            compacts: false,
            standbys: BTreeMap::new(),
        };
        (0..partitions).for_each(|partition| world.restart(partition));
        world
    }

    /// A new process takes the partition; the old one is gone without a word.
    pub(crate) fn restart(&mut self, partition: u32) {
        if self.compacts {
            self.compact(partition);
        }
        let host = self.new_host(partition);
        self.hosts.insert(partition, host);
    }

    /// What compaction leaves of a partition's checkpoints.
    pub(crate) fn compact(&mut self, partition: u32) {
        self.cluster.log_mut((Topic::Checkpoints, partition)).compact(true);
    }

    /// A standby begins to follow the partition.
    pub(crate) fn follow(&mut self, partition: u32) {
        let settings = Settings { partition, ..self.settings.clone() };
        self.standbys.insert(partition, Host::follower(settings, self.clock));
    }

    /// The owner is gone without a word, and the standby takes the partition over.
    pub(crate) fn take_over(&mut self, partition: u32) {
        let mut standby = self.standbys.remove(&partition).unwrap();
        standby.promote(self.clock);
        self.hosts.insert(partition, standby);
    }

    pub(crate) fn new_host(&self, partition: u32) -> Host {
        Host::new(Settings { partition, ..self.settings.clone() }, self.clock)
    }

    /// Sends a value to the partition of its pool.
    pub(crate) fn send(&mut self, topic: Topic, pool: &str, value: &str) {
        self.send_to(topic, self.home(pool), Some(pool), value.as_bytes());
    }

    pub(crate) fn home(&self, pool: &str) -> u32 {
        home(pool, self.cluster.partitions())
    }

    pub(crate) fn send_to(
        &mut self,
        topic: Topic,
        partition: u32,
        key: Option<&str>,
        value: &[u8],
    ) {
        let message = self.message(key, value);
        self.cluster.send((topic, partition), message);
    }

    pub(crate) fn message(&self, key: Option<&str>, value: &[u8]) -> Message {
        Message {
            timestamp: self.clock,
            key: key.map(|key| key.as_bytes().to_vec()),
            headers: Vec::new(),
            value: Some(value.to_vec()),
        }
    }

    /// Lets everybody work until there is nothing left to do. Nothing goes wrong.
    pub(crate) fn settle(&mut self) {
        self.settle_with(&mut |_, _| None);
    }

    /// Lets everybody work until there is nothing left to do; who crashes is started again. The clock moves
    /// only where a lane pauses.
    pub(crate) fn settle_with(&mut self, plan: Plan<'_>) {
        for _ in 0..20_000 {
            if self.turn_all(plan) {
                continue;
            }
            let pausing = |host: &&Host| host.lane().status().stage == Stage::Pausing;
            let wakes = self.hosts.values().filter(pausing).filter_map(Host::next_wake);
            let starts =
                self.hosts.values().filter(|host| !caught_up(host)).filter_map(Host::next_wake);
            match wakes.chain(starts).min() {
                Some(wake) => self.clock = self.clock.max(wake),
                None => return,
            }
        }
        panic!(
            "the world does not settle: {:?}",
            self.hosts.values().map(|h| h.lane().status()).collect::<Vec<_>>()
        );
    }

    /// Time passes up to `time`, in steps short enough that nobody believes to have been stopped.
    pub(crate) fn pass_to(&mut self, time: Time, plan: Plan<'_>) {
        while self.clock < time {
            self.clock = self.clock.plus(Millis(400)).min(time);
            self.settle_with(plan);
        }
    }

    /// One turn of each process, whatever comes of it.
    pub(crate) fn turn(&mut self, plan: Plan<'_>) {
        self.turn_all(plan);
    }

    /// One turn of each process; true if any had something to do.
    fn turn_all(&mut self, plan: Plan<'_>) -> bool {
        let (mut busy, mut gone, mut lost) = (false, Vec::new(), Vec::new());
        for (partition, host) in &mut self.hosts {
            let mut faults = |step| plan(*partition, step);
            match host.turn(&mut self.cluster, self.clock, self.appetite, &mut faults) {
                Ok(had) => busy |= had,
                Err(Crashed) => gone.push(*partition),
            }
        }
        for partition in gone {
            self.crashes += 1;
            if self.standbys.contains_key(&partition) {
                self.take_over(partition);
            } else {
                self.restart(partition);
            }
            busy = true;
        }
        for (partition, host) in &mut self.standbys {
            let mut faults = |step| plan(*partition, step);
            match host.turn(&mut self.cluster, self.clock, self.appetite, &mut faults) {
                Ok(had) => busy |= had,
                Err(Crashed) => lost.push(*partition),
            }
        }
        for partition in lost {
            self.crashes += 1;
            self.follow(partition);
            busy = true;
        }
        busy
    }

    /// All that a `read_committed` reader sees of a topic, partition by partition.
    pub(crate) fn seen(&self, topic: Topic) -> Vec<Seen> {
        let partitions = 0..self.cluster.partitions();
        partitions.flat_map(|partition| self.seen_on(topic, partition)).collect()
    }

    fn seen_on(&self, topic: Topic, partition: u32) -> Vec<Seen> {
        let log = self.cluster.log((topic, partition));
        let (records, _) = log.read_committed(log.earliest(), usize::MAX).unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let seen = |(_, message): (i64, Message)| Seen {
            partition,
            key: message.key.map(text),
            headers: message
                .headers
                .into_iter()
                .map(|header| {
                    (header.name.into_owned(), text(header.value.unwrap_or_default().into_owned()))
                })
                .collect(),
            value: message.value,
        };
        records.into_iter().map(seen).collect()
    }

    /// What the outside was told, a line each: decisions, fulfillment, alerts and dead letters in order, and
    /// the last level of each SKU without what counts how often it was published.
    pub(crate) fn told(&self) -> Vec<String> {
        let exact = [Topic::Decisions, Topic::Fulfillment, Topic::Alerts, Topic::DeadLetter];
        let mut told: Vec<String> = exact
            .into_iter()
            .flat_map(|topic| {
                self.seen(topic).into_iter().map(move |seen| format!("{topic:?} {}", seen.line()))
            })
            .collect();
        let mut levels = BTreeMap::new();
        for seen in self.seen(Topic::Levels) {
            let mut level = seen.json();
            let object = level.as_object_mut().unwrap();
            object.remove("revision");
            object.remove("as_of");
            levels.insert(seen.key.unwrap(), level);
        }
        told.extend(levels.into_values().map(|level| format!("level {level}")));
        told
    }

    /// The same without any of the times in it.
    pub(crate) fn told_but_when(&self) -> Vec<String> {
        let without_times = |line: String| {
            let mut parts = line.split("2026-11-22T");
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |kept, part| {
                kept + part.trim_start_matches(|c: char| !matches!(c, 'Z' | '"'))
            })
        };
        self.told().into_iter().map(without_times).collect()
    }
}

/// Stops the test where the outside was told something else, and shows the first difference.
pub(crate) fn assert_same(told: &[String], wanted: &[String], why: &str) {
    let nothing = "(nothing)".to_owned();
    for at in 0..told.len().max(wanted.len()) {
        let (told, wanted) = (told.get(at).unwrap_or(&nothing), wanted.get(at).unwrap_or(&nothing));
        assert!(told == wanted, "{why}: line {at}\n  told   {told}\n  wanted {wanted}");
    }
}

/// Whether it wants nothing but time: what is at the limit of its memory takes nothing.
fn caught_up(host: &Host) -> bool {
    let status = host.lane().status();
    host.ended().is_some() || status.caught_up || status.full
}
