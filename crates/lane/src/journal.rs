//! The journal's record: what a transaction took and what it led to, in about a hundred bytes.
//!
//! On the wire: one byte of format version, eight bytes of checksum, then a protobuf message. Protobuf
//! because its rules for old readers, new readers and unknown fields are known to everybody, and its
//! varints keep the record small; the message is declared here and not in `proto/`, since nobody but a lane
//! may read or write it. Before it changes: an old reader must refuse what it can't replay (raise
//! [`FORMAT`] or [`crate::RULES`]), a new reader must read every old record, and an old writer never follows a
//! new one (epochs grow, and rules are checked before the first transaction).

use allotment::Time;
use prost::Message;

use crate::topic_id::TopicIds;
use crate::{InputTopic, PerInput, Surplus, TopicId, envelope};

/// The format's version.
const FORMAT: u8 = 1;

/// Keys the checksum.
const KIND: &[u8; 16] = b"granary journal\0";

/// What one transaction took, and what it led to. Journal and inputs together are the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRecord {
    /// Counts the owners of the partition, from 1: grows each time that a lane comes back.
    pub epoch: u64,
    /// Counts the partition's transactions, from 1, without a gap.
    pub sequence: u64,
    /// The rules by which it was decided.
    pub rules: u32,
    /// How many partitions the topics have.
    pub partitions: u32,
    /// A fingerprint of the settings that decide.
    pub settings: u64,
    /// The lane's clock: no arrival counts as later than this.
    pub clock: Time,
    /// Where everything readable had been read: what `now` had followed the clock to before the records.
    pub followed: Option<Time>,
    /// The latest `now` that the records could lead to. It is there where Kafka held input that it did not show yet:
    /// `now` must not pass that. None where nothing was hidden.
    pub until: Option<Time>,
    /// How many new pools an hour could bring.
    pub new_pools: u32,
    /// What was taken of each input: in the first record of all of them, later only where something was.
    pub taken: PerInput<Option<Range>>,
    /// Events taken since the beginning.
    pub events: u64,
    /// The partition's digest before the transaction.
    pub before: u128,
    /// The partition's digest after it.
    pub after: u128,
    /// Which topics the inputs are: in the first record of each owner, as far as Kafka says it.
    pub topics: PerInput<Option<TopicId>>,
    /// What was sent home of partitions that have no lane. The state does not depend on it.
    pub surplus: Vec<(Surplus, Range)>,
}

/// Offsets of one input. Control and aborted records inside take offsets, but are no records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Where the last one ended.
    pub from: i64,
    /// The offset after the last record taken.
    pub to: i64,
    /// Records taken.
    pub records: u64,
}

impl Range {
    /// Asserts that it goes forward, and that each of its records has an offset in it.
    pub(crate) fn check(&self) {
        let Self { from, to, records } = *self;
        let offsets = to.checked_sub(from).and_then(|offsets| u64::try_from(offsets).ok());
        assert!(offsets.is_some_and(|offsets| records <= offsets), "{self:?} is no range");
    }
}

impl JournalRecord {
    /// Nothing was decided in it: it has a portion of a checkpoint, and nothing else. By which rules it was
    /// written does not matter.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let took = |(_, range): (InputTopic, &Option<Range>)| range.is_some_and(|r| r.records > 0);
        self.followed.is_none() && !self.taken.iter().any(took) && self.surplus.is_empty()
    }

    /// The record's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        envelope::seal(FORMAT, KIND, &[], &Wire::from(self).encode_to_vec())
    }

    /// The record that `bytes` are.
    ///
    /// # Errors
    /// What is wrong with the bytes, in words.
    pub fn decode(bytes: &[u8]) -> Result<Self, &'static str> {
        let body = envelope::open(bytes, FORMAT, KIND, &[])?;
        Wire::decode(body).map_err(|_| "it is no journal record")?.try_into()
    }
}

#[derive(Clone, PartialEq, Message)]
struct Wire {
    #[prost(uint64, tag = "1")]
    epoch: u64,
    #[prost(uint64, tag = "2")]
    sequence: u64,
    #[prost(uint32, tag = "3")]
    rules: u32,
    #[prost(uint32, tag = "4")]
    partitions: u32,
    #[prost(fixed64, tag = "5")]
    settings: u64,
    #[prost(int64, tag = "6")]
    clock: i64,
    #[prost(int64, optional, tag = "7")]
    followed: Option<i64>,
    #[prost(message, repeated, tag = "8")]
    taken: Vec<WireRange>,
    #[prost(uint64, tag = "9")]
    events: u64,
    #[prost(bytes = "vec", tag = "10")]
    before: Vec<u8>,
    #[prost(bytes = "vec", tag = "11")]
    after: Vec<u8>,
    #[prost(message, repeated, tag = "12")]
    topics: Vec<WireTopic>,
    #[prost(int64, optional, tag = "16")]
    until: Option<i64>,
    #[prost(uint32, tag = "17")]
    new_pools: u32,
    #[prost(message, repeated, tag = "13")]
    surplus: Vec<WireSurplus>,
}

/// What was taken of a partition without a lane, or where it ends in a manifest.
#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct WireSurplus {
    #[prost(uint32, tag = "1")]
    input: u32,
    #[prost(uint32, tag = "2")]
    partition: u32,
    #[prost(int64, tag = "3")]
    from: i64,
    #[prost(int64, tag = "4")]
    length: i64,
    #[prost(uint64, tag = "5")]
    records: u64,
}

impl WireSurplus {
    pub(crate) fn of((surplus, range): &(Surplus, Range)) -> Self {
        let (Surplus { input, partition }, Range { from, to, records }) = (*surplus, *range);
        Self { input: input.number(), partition, from, length: to - from, records }
    }

    pub(crate) fn read(list: Vec<Self>) -> Result<Vec<(Surplus, Range)>, &'static str> {
        let mut found: Vec<(Surplus, Range)> = Vec::new();
        for Self { input, partition, from, length, records } in list {
            let input = InputTopic::of_number(input).ok_or("it names an unknown input")?;
            let surplus = Surplus { input, partition };
            let to = range_end(from, length)?;
            if found.iter().any(|(other, _)| *other == surplus) {
                return Err("it names a partition twice");
            }
            found.push((surplus, Range { from, to, records }));
        }
        Ok(found)
    }
}

fn range_end(from: i64, length: i64) -> Result<i64, &'static str> {
    let to = from.checked_add(length).filter(|_| from >= 0 && length >= 0);
    to.ok_or("it has an impossible range")
}

/// Which topic an input is.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct WireTopic {
    #[prost(uint32, tag = "1")]
    input: u32,
    #[prost(bytes = "vec", tag = "2")]
    id: Vec<u8>,
}

impl WireTopic {
    /// As the ids of the inputs are stored.
    pub(crate) fn list(ids: &TopicIds) -> Vec<Self> {
        let wire = |(input, id): (InputTopic, &Option<TopicId>)| {
            id.map(|id| Self { input: input.number(), id: id.bytes() })
        };
        ids.iter().filter_map(wire).collect()
    }

    /// The ids that are stored so.
    pub(crate) fn read(list: &[Self]) -> Result<TopicIds, &'static str> {
        let mut ids = TopicIds::default();
        for Self { input, id } in list {
            let input = InputTopic::of_number(*input).ok_or("it names an unknown input")?;
            if ids[input].replace(TopicId::of_bytes(id)?).is_some() {
                return Err("it names an input twice");
            }
        }
        Ok(ids)
    }
}

#[derive(Clone, Copy, PartialEq, Message)]
struct WireRange {
    #[prost(uint32, tag = "1")]
    input: u32,
    #[prost(int64, tag = "2")]
    from: i64,
    /// How far it reaches: small, where `to` is large.
    #[prost(int64, tag = "3")]
    length: i64,
    #[prost(uint64, tag = "4")]
    records: u64,
}

impl From<&JournalRecord> for Wire {
    fn from(record: &JournalRecord) -> Self {
        let range = |(input, range): (InputTopic, &Option<Range>)| {
            range.map(|Range { from, to, records }| WireRange {
                input: input.number(),
                from,
                length: to - from,
                records,
            })
        };
        Self {
            epoch: record.epoch,
            sequence: record.sequence,
            rules: record.rules,
            partitions: record.partitions,
            settings: record.settings,
            clock: record.clock.0,
            followed: record.followed.map(|time| time.0),
            taken: record.taken.iter().filter_map(range).collect(),
            events: record.events,
            before: record.before.to_le_bytes().to_vec(),
            after: record.after.to_le_bytes().to_vec(),
            topics: WireTopic::list(&record.topics),
            until: record.until.map(|time| time.0),
            new_pools: record.new_pools,
            surplus: record.surplus.iter().map(WireSurplus::of).collect(),
        }
    }
}

impl TryFrom<Wire> for JournalRecord {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, &'static str> {
        let mut taken: PerInput<Option<Range>> = PerInput::default();
        for WireRange { input, from, length, records } in wire.taken {
            let input = InputTopic::of_number(input).ok_or("it names an unknown input")?;
            let to = range_end(from, length)?;
            if taken[input].replace(Range { from, to, records }).is_some() {
                return Err("it names an input twice");
            }
        }
        Ok(Self {
            epoch: wire.epoch,
            sequence: wire.sequence,
            rules: wire.rules,
            partitions: wire.partitions,
            settings: wire.settings,
            clock: Time(wire.clock),
            followed: wire.followed.map(Time),
            until: wire.until.map(Time),
            new_pools: wire.new_pools,
            taken,
            events: wire.events,
            before: digest(&wire.before)?,
            after: digest(&wire.after)?,
            topics: WireTopic::read(&wire.topics)?,
            surplus: WireSurplus::read(wire.surplus)?,
        })
    }
}

/// A digest as it is stored.
pub(crate) fn digest(bytes: &[u8]) -> Result<u128, &'static str> {
    bytes.try_into().map(u128::from_le_bytes).map_err(|_| "its digest has another length")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> JournalRecord {
        let mut taken = PerInput::default();
        taken[InputTopic::Orders] = Some(Range { from: 1_000_000, to: 1_000_350, records: 348 });
        taken[InputTopic::Stock] = Some(Range { from: 7, to: 9, records: 1 });
        JournalRecord {
            epoch: 12,
            sequence: 345_678,
            rules: 1,
            partitions: 12,
            settings: 0x0123_4567_89ab_cdef,
            clock: Time(1_795_000_000_000),
            followed: None,
            until: None,
            new_pools: 10_000,
            taken,
            events: 40_000_000,
            before: 1 << 127,
            after: u128::MAX,
            topics: PerInput::default(),
            surplus: Vec::new(),
        }
    }

    #[test]
    fn comes_back_as_it_was_and_is_small() {
        let mut record = record();
        for followed in [None, Some(Time(0)), Some(Time(-5))] {
            record.followed = followed;
            assert_eq!(JournalRecord::decode(&record.encode()), Ok(record.clone()));
        }
        record.followed = None;
        record.until = Some(Time(7));
        assert_eq!(JournalRecord::decode(&record.encode()), Ok(record.clone()));
        record.until = None;
        assert!(record.encode().len() < 120, "{}", record.encode().len());
    }

    #[test]
    fn ids_of_topics_and_added_partitions_come_back_and_records_without_them_are_read() {
        let mut record = record();
        record.topics[InputTopic::Stock] = TopicId::of_halves(1, 2);
        record.topics[InputTopic::Comments] = TopicId::of_halves(-1, 0);
        let surplus = Surplus { input: InputTopic::Stock, partition: 14 };
        record.surplus = vec![(surplus, Range { from: 3, to: 9, records: 5 })];
        assert_eq!(JournalRecord::decode(&record.encode()), Ok(record.clone()));
        // As an older release writes it: the field is not there at all.
        let mut wire = Wire::from(&record);
        wire.topics.clear();
        wire.surplus.clear();
        let bytes = envelope::seal(FORMAT, KIND, &[], &wire.encode_to_vec());
        record.topics = PerInput::default();
        record.surplus.clear();
        assert_eq!(JournalRecord::decode(&bytes), Ok(record));
    }

    #[test]
    fn any_other_bytes_are_refused() {
        let good = record().encode();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(JournalRecord::decode(&bad).is_err(), "byte {at} changed");
            assert!(JournalRecord::decode(&good[..at]).is_err(), "cut at {at}");
        }
    }
}
