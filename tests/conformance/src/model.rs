//! Plays a script on the simulator's model.

use std::collections::BTreeMap;

use allotment::{Millis, Time};
use simulator::kafka::{Cluster, Fenced, Message, Producer};

use crate::step::{Place, Record, Step, Verb, ends, records};

/// The model, and who does something with it.
#[derive(Debug)]
pub struct Model {
    cluster: Cluster,
    now: Time,
    producers: BTreeMap<String, Producer>,
}

impl Default for Model {
    fn default() -> Self {
        Self { cluster: Cluster::new(1), now: Time(0), producers: BTreeMap::new() }
    }
}

impl Model {
    /// Plays one step, and says what came of it.
    ///
    /// # Panics
    /// The script names a producer that it has not made.
    pub fn play(&mut self, step: &Step) -> String {
        match step {
            Step::Init { producer, id, timeout } => {
                if let Some(seconds) = timeout {
                    self.cluster.set_transaction_timeout(Millis(i64::from(*seconds) * 1_000));
                }
                self.producers.insert(producer.clone(), self.cluster.init(id));
                ok()
            }
            Step::Produce { producer, verb } => self.produce(producer, verb),
            Step::Send { place, record, minutes } => {
                let stamp = self.now.plus(Millis(minutes * 60_000));
                self.cluster.send(*place, message(record, stamp));
                ok()
            }
            Step::Read { place, from, committed } => self.read(*place, *from, *committed),
            Step::Ends(place) => {
                let log = self.cluster.log(*place);
                ends(log.earliest(), log.stable(), log.end())
            }
            Step::Group(place) if self.cluster.is_pending(*place) => "pending".to_owned(),
            Step::Group(place) => {
                let offset = self.cluster.committed(*place);
                offset.map_or_else(|| "none".to_owned(), |offset| offset.to_string())
            }
            Step::Delete { place, before } => {
                let log = self.cluster.log_mut(*place);
                if *before > log.end() {
                    return "out of range".to_owned();
                }
                log.delete_before(*before);
                format!("earliest {}", log.earliest())
            }
            Step::Compact { place, again } => {
                self.cluster.log_mut(*place).compact(*again);
                ok()
            }
            Step::Grow(partitions) => {
                self.cluster.add_partitions(*partitions);
                ok()
            }
            Step::Pass(seconds) => {
                self.now = self.now.plus(Millis(i64::from(*seconds) * 1_000));
                self.cluster.pass_to(self.now);
                ok()
            }
            // The model's group has no members: a lane's offsets are those of a group that nobody joins.
            Step::Join(_) => ok(),
        }
    }

    fn produce(&mut self, producer: &str, verb: &Verb) -> String {
        let producer = self.producers.get(producer).expect("a producer begins with init");
        let done = match verb {
            // The client's own affair: a transaction begins with the first request of it.
            Verb::Begin => Ok(()),
            Verb::Record(place, record) => {
                self.cluster.produce(producer, *place, message(record, self.now)).map(drop)
            }
            Verb::Offset(place, offset) => self.cluster.send_offset(producer, *place, *offset),
            Verb::Commit | Verb::Late { commit: true } => self.cluster.commit(producer),
            Verb::Abort | Verb::Late { commit: false } => self.cluster.abort(producer),
        };
        match done {
            Ok(()) => ok(),
            Err(Fenced) => "fenced".to_owned(),
        }
    }

    fn read(&self, place: Place, from: i64, committed: bool) -> String {
        let log = self.cluster.log(place);
        let found = if committed {
            log.read_committed(from, usize::MAX).map(|(found, _)| found)
        } else {
            log.read_uncommitted(from)
        };
        let Some(found) = found else { return "out of range".to_owned() };
        let found: Vec<(i64, Record)> =
            found.into_iter().map(|(offset, message)| (offset, record(message))).collect();
        let found = records(&found);
        // A reader that begins behind what is stable is told of no end.
        if committed && from > log.stable() { format!("{found}, no end") } else { found }
    }
}

fn ok() -> String {
    "ok".to_owned()
}

fn message(record: &Record, timestamp: Time) -> Message {
    Message {
        timestamp,
        key: Some(record.key.clone().into_bytes()),
        headers: Vec::new(),
        value: record.value.clone().map(String::into_bytes),
    }
}

fn record(message: Message) -> Record {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Record { key: message.key.map(text).unwrap_or_default(), value: message.value.map(text) }
}
