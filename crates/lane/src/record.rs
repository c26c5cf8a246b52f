//! Records as a lane sees them: what was fetched, and what is to be produced. They own their bytes.

use allotment::Time;
use contract::{Header, Outgoing};

use crate::{InputTopic, Portion, Surplus};

/// A record of an input topic, as a `read_committed` consumer got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its place in the partition.
    pub offset: i64,
    /// Its Kafka timestamp: when it reached us.
    pub timestamp: Time,
    /// As it came.
    pub key: Option<Vec<u8>>,
    /// As they came, in their order.
    pub headers: Vec<Header>,
    /// As it came.
    pub value: Option<Vec<u8>>,
}

impl Record {
    /// The bytes that the record costs while it is held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let headers: usize = self
            .headers
            .iter()
            .map(|h| h.name.len() + h.value.as_ref().map_or(0, |value| value.len()))
            .sum();
        size_of::<Self>()
            + headers
            + self.key.as_ref().map_or(0, Vec::len)
            + self.value.as_ref().map_or(0, Vec::len)
    }
}

/// A record of the checkpoints topic, as a `read_committed` consumer got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointRecord {
    /// Its place in the partition.
    pub offset: i64,
    /// As it came; empty if it had none.
    pub key: Vec<u8>,
    /// As it came; `None` takes the key's record away.
    pub value: Option<Vec<u8>>,
}

/// A record to produce.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Produce {
    /// Which partition: chosen here, never by a partitioner.
    pub partition: u32,
    /// Topic, key, headers and value.
    pub record: Outgoing,
}

/// One transaction: all of it becomes visible, or none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// What to produce, in this order; the journal's record is the last of them.
    pub records: Vec<Produce>,
    /// For each input of which something was taken, the offset after it, and now and then for all of them: what to send
    /// with the transaction. Empty where only time passed; then nothing may be sent (`docs/kafka-facts.md` C.1 9).
    pub offsets: Vec<(InputTopic, i64)>,
    /// The same of each partition without a lane.
    pub surplus: Vec<(Surplus, i64)>,
    /// What was decided in it, before it was encoded: for views and metrics once it is committed.
    pub effects: Vec<allotment::Effect>,
    /// What it has of a checkpoint.
    pub checkpoint: Option<Portion>,
    /// What it took and made, in numbers.
    pub counts: Counts,
    /// The events that it took, dead letters and what was sent home aside, by their type.
    pub events: Vec<(&'static str, u64)>,
    /// When the oldest record that it took reached us.
    pub oldest: Option<Time>,
}

/// What a transaction took and made, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records taken from the inputs.
    pub records: u64,
    /// Events in them; a record that is an array holds several.
    pub events: u64,
    /// Events that became dead letters.
    pub dead_letters: u64,
    /// Events sent to their home partition.
    pub rerouted: u64,
    /// Dead letters of pools that were too many ([`crate::Limits::new_pools`]).
    pub turned_away: u64,
}

impl Counts {
    /// Adds what another transaction took and made.
    pub const fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.events += other.events;
        self.dead_letters += other.dead_letters;
        self.rerouted += other.rerouted;
        self.turned_away += other.turned_away;
    }
}
