//! What lies on the checkpoints topic: pages of a partition's state, and the manifest that makes them count.
//!
//! | key | value |
//! | --- | --- |
//! | `pool/kind/number/sequence` | a page as it was after that transaction; `pool` written as in the contract's joined ids |
//! | `pool/kind/number/sequence/part` | the further parts of a page that is too large for one record, from 1 |
//! | `manifest` | the newest manifest |
//!
//! Every value is an envelope (`sealed`). A page's body is the number of this part and of all parts, two
//! bytes each, low byte first, and the bytes that the core gave; a page of no parts says that there is no
//! such page any more. The manifest's body is a protobuf message, declared here.
//!
//! **What counts.** A checkpoint is the partition's state after one transaction, the manifest's `sequence`:
//! of each page the version with the greatest sequence that is not beyond it. Versions beyond it were
//! written by an owner that died before its manifest; a new owner takes them away before it writes a
//! manifest of its own, so that no manifest ever makes them count. Versions before the one that counts are
//! taken away once the newer manifest is committed. So the state is always there whole, under the manifest
//! that stands, whatever was interrupted.
//!
//! **Before this changes**: [`MANIFEST_FORMAT`] and [`PAGE_FORMAT`] version the envelope, and
//! [`allotment::IMAGE_FORMAT`], which the manifest names, what is in the pages. A reader refuses what is
//! newer than itself and reads all that is older; unknown fields of the manifest are ignored, so a field
//! that an old reader must not miss needs a new format.

use std::collections::BTreeMap;

use allotment::{Id, PageKey, PageKind, Time};
use contract::join;
use prost::Message;

use crate::bounds::PART_BYTES;
use crate::journal::{Range, WireSurplus, WireTopic, digest};
use crate::topics::Ends;
use crate::{InputTopic, PerInput, Surplus, TopicId, envelope};

/// The format of a page's value.
const PAGE_FORMAT: u8 = 1;

/// The format of the manifest's value.
pub(crate) const MANIFEST_FORMAT: u8 = 1;

/// Key the checksums.
const PAGE: &[u8; 16] = b"granary page\0\0\0\0";
const MANIFEST: &[u8; 16] = b"granary manifest";

/// The manifest's key. No page has it: a page's key has slashes.
pub const MANIFEST_KEY: &[u8] = b"manifest";

/// What a key of the checkpoints topic names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CheckpointKey {
    /// The manifest.
    Manifest,
    /// A part of a page.
    Page {
        /// Which page.
        page: PageKey,
        /// The transaction after which it was like that.
        sequence: u64,
        /// Which part of it, from 0.
        part: u16,
    },
}

impl CheckpointKey {
    /// The key's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let Self::Page { page, sequence, part } = self else { return MANIFEST_KEY.to_vec() };
        let (number, sequence) = (page.number.to_string(), sequence.to_string());
        let mut parts = vec![page.pool.as_str(), page.kind.as_str(), &number, &sequence];
        let part = part.to_string();
        if part != "0" {
            parts.push(&part);
        }
        join(&parts).into_bytes()
    }

    /// What `bytes` name; `None` where they are no key of ours.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        if bytes == MANIFEST_KEY {
            return Some(Self::Manifest);
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let mut parts = text.split('/');
        let pool = parts.next()?.replace("%2F", "/").replace("%25", "%");
        let kind = PageKind::of_str(parts.next()?)?;
        let number = parts.next()?.parse().ok()?;
        let sequence = parts.next()?.parse().ok()?;
        let part = parts.next().map_or(Some(0), |part| part.parse().ok())?;
        let page = PageKey { pool: Id::new(&pool), kind, number };
        let key = Self::Page { page, sequence, part };
        // Whatever else could be read as this one is not ours.
        (key.encode() == bytes).then_some(key)
    }
}

/// A part of a page, as a record of the checkpoints topic has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PagePart<'a> {
    /// How many parts the page has; none where there is no such page any more.
    pub parts: u16,
    /// This part's bytes.
    pub bytes: &'a [u8],
}

impl<'a> PagePart<'a> {
    /// The part that `value` is, under the key `key`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn decode(key: &[u8], value: &'a [u8]) -> Result<Self, &'static str> {
        let body = envelope::open(value, PAGE_FORMAT, PAGE, key)?;
        let (parts, bytes) = body.split_first_chunk().ok_or("it is cut off")?;
        Ok(Self { parts: u16::from_le_bytes(*parts), bytes })
    }

    fn encode(self, key: &[u8]) -> Vec<u8> {
        let mut body = Vec::with_capacity(2 + self.bytes.len());
        body.extend_from_slice(&self.parts.to_le_bytes());
        body.extend_from_slice(self.bytes);
        envelope::seal(PAGE_FORMAT, PAGE, key, &body)
    }
}

/// The records, key and value, of a page as it was after `sequence`; `None`: there is no such page any more.
pub(crate) fn records_of(
    page: &PageKey,
    sequence: u64,
    bytes: Option<&[u8]>,
) -> Vec<(Vec<u8>, Vec<u8>)> {
    let key = |part| CheckpointKey::Page { page: page.clone(), sequence, part }.encode();
    let Some(bytes) = bytes else {
        let key = key(0);
        let value = PagePart { parts: 0, bytes: &[] }.encode(&key);
        return vec![(key, value)];
    };
    let parts = u16::try_from(bytes.len().div_ceil(PART_BYTES).max(1))
        .expect("a page has fewer than 65 536 parts: it would be 32 GiB");
    let part = |number: u16| {
        let (from, key) = (usize::from(number) * PART_BYTES, key(number));
        let bytes = &bytes[from..bytes.len().min(from + PART_BYTES)];
        let value = PagePart { parts, bytes }.encode(&key);
        (key, value)
    };
    (0..parts).map(part).collect()
}

/// What makes a checkpoint count: where it stands, and where the way back goes on from there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// The transaction after which the partition was like that.
    pub sequence: u64,
    /// The owner that wrote it.
    pub epoch: u64,
    /// The rules by which it came about.
    pub rules: u32,
    /// The format of the pages.
    pub image: u32,
    /// How many partitions the topics have.
    pub partitions: u32,
    /// A fingerprint of the settings that decide.
    pub settings: u64,
    /// The partition's digest.
    pub digest: u128,
    /// Events taken since the beginning.
    pub events: u64,
    /// Time as the partition knew it; [`Time::MIN`] before its first record.
    pub now: Time,
    /// Where each input is read on.
    pub needs: PerInput<Need>,
    /// The next transaction is in the journal at this offset or after it.
    pub journal: i64,
    /// How many pages there are.
    pub pages: u64,
    /// The owner's clock when it was taken.
    pub clock: Time,
    /// Which topics the inputs are, as far as that is known.
    pub topics: PerInput<Option<TopicId>>,
    /// Below which offset everything was sent home of partitions that have no lane.
    pub surplus: BTreeMap<Surplus, i64>,
}

/// What the way back needs of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Need {
    /// Below it everything was taken.
    pub position: i64,
    /// The first offset that is read again: the position, or where it is known that only control records
    /// follow that, after them.
    pub from: i64,
    /// When the first record that is read again reached us; `None` where there is none yet.
    pub arrival: Option<Time>,
}

/// What a transaction has of a checkpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Portion {
    /// Records of it.
    pub records: u64,
    /// Their bytes.
    pub bytes: u64,
    /// It has the manifest, which makes the checkpoint stand that was taken after this transaction.
    pub manifest: Option<u64>,
}

/// A checkpoint that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The transaction after which the partition was like that.
    pub sequence: u64,
    /// Its pages.
    pub pages: u64,
    /// The owner's clock when it was taken.
    pub clock: Time,
}

impl Checkpoint {
    pub(crate) const fn of(manifest: &Manifest) -> Self {
        let Manifest { sequence, pages, clock, .. } = *manifest;
        Self { sequence, pages, clock }
    }
}

impl Manifest {
    /// The value's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        envelope::seal(MANIFEST_FORMAT, MANIFEST, MANIFEST_KEY, &Wire::from(self).encode_to_vec())
    }

    /// The manifest that `bytes` are.
    ///
    /// # Errors
    /// What is wrong with the bytes, in words.
    pub fn decode(bytes: &[u8]) -> Result<Self, &'static str> {
        let body = envelope::open(bytes, MANIFEST_FORMAT, MANIFEST, MANIFEST_KEY)?;
        Wire::decode(body).map_err(|_| "it is no manifest")?.try_into()
    }
}

#[derive(Clone, PartialEq, Message)]
struct Wire {
    #[prost(uint64, tag = "1")]
    sequence: u64,
    #[prost(uint64, tag = "2")]
    epoch: u64,
    #[prost(uint32, tag = "3")]
    rules: u32,
    #[prost(uint32, tag = "4")]
    image: u32,
    #[prost(uint32, tag = "5")]
    partitions: u32,
    #[prost(fixed64, tag = "6")]
    settings: u64,
    #[prost(bytes = "vec", tag = "7")]
    digest: Vec<u8>,
    #[prost(uint64, tag = "8")]
    events: u64,
    #[prost(int64, tag = "9")]
    now: i64,
    #[prost(message, repeated, tag = "10")]
    needs: Vec<WireNeed>,
    #[prost(int64, tag = "11")]
    journal: i64,
    #[prost(uint64, tag = "12")]
    pages: u64,
    #[prost(int64, tag = "13")]
    clock: i64,
    #[prost(message, repeated, tag = "14")]
    topics: Vec<WireTopic>,
    #[prost(message, repeated, tag = "15")]
    surplus: Vec<WireSurplus>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct WireNeed {
    #[prost(uint32, tag = "1")]
    input: u32,
    #[prost(int64, tag = "2")]
    from: i64,
    #[prost(int64, optional, tag = "3")]
    arrival: Option<i64>,
    #[prost(int64, tag = "4")]
    position: i64,
}

fn end_to_wire((surplus, end): (&Surplus, &i64)) -> WireSurplus {
    WireSurplus::of(&(*surplus, Range { from: *end, to: *end, records: 0 }))
}

fn ends(wire: Vec<WireSurplus>) -> Result<Ends, &'static str> {
    let found = WireSurplus::read(wire)?;
    Ok(found.into_iter().map(|(surplus, range)| (surplus, range.to)).collect())
}

impl From<&Manifest> for Wire {
    fn from(manifest: &Manifest) -> Self {
        let need = |(input, need): (InputTopic, &Need)| WireNeed {
            input: input.number(),
            position: need.position,
            from: need.from,
            arrival: need.arrival.map(|arrival| arrival.0),
        };
        Self {
            sequence: manifest.sequence,
            epoch: manifest.epoch,
            rules: manifest.rules,
            image: manifest.image,
            partitions: manifest.partitions,
            settings: manifest.settings,
            digest: manifest.digest.to_le_bytes().to_vec(),
            events: manifest.events,
            now: manifest.now.0,
            needs: manifest.needs.iter().map(need).collect(),
            journal: manifest.journal,
            pages: manifest.pages,
            clock: manifest.clock.0,
            topics: WireTopic::list(&manifest.topics),
            surplus: manifest.surplus.iter().map(end_to_wire).collect(),
        }
    }
}

impl TryFrom<Wire> for Manifest {
    type Error = &'static str;

    fn try_from(wire: Wire) -> Result<Self, &'static str> {
        let mut needs: PerInput<Option<Need>> = PerInput::default();
        for WireNeed { input, from, arrival, position } in wire.needs {
            let input = InputTopic::of_number(input).ok_or("it names an unknown input")?;
            if position < 0 || from < position {
                return Err("it has an impossible offset");
            }
            let need = Need { position, from, arrival: arrival.map(Time) };
            if needs[input].replace(need).is_some() {
                return Err("it names an input twice");
            }
        }
        if needs.iter().any(|(_, need)| need.is_none()) {
            return Err("it does not name every input");
        }
        if wire.journal < 0 {
            return Err("it has an impossible offset");
        }
        Ok(Self {
            sequence: wire.sequence,
            epoch: wire.epoch,
            rules: wire.rules,
            image: wire.image,
            partitions: wire.partitions,
            settings: wire.settings,
            digest: digest(&wire.digest)?,
            events: wire.events,
            now: Time(wire.now),
            needs: PerInput::from_fn(|input| needs[input].unwrap_or_default()),
            journal: wire.journal,
            pages: wire.pages,
            clock: Time(wire.clock),
            topics: WireTopic::read(&wire.topics)?,
            surplus: ends(wire.surplus)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(pool: &str) -> PageKey {
        PageKey { pool: Id::new(pool), kind: PageKind::Orders, number: 12 }
    }

    fn manifest() -> Manifest {
        Manifest {
            sequence: 345_678,
            epoch: 12,
            rules: 1,
            image: 1,
            partitions: 12,
            settings: 0x0123_4567_89ab_cdef,
            digest: 1 << 127,
            events: 40_000_000,
            now: Time(1_795_000_000_000),
            needs: PerInput::from_fn(|input| Need {
                position: input as i64,
                from: input as i64 + 1,
                arrival: (input == InputTopic::Stock).then_some(Time(-5)),
            }),
            journal: 700_000,
            pages: 17,
            clock: Time(1_795_000_000_001),
            topics: PerInput::from_fn(|input| TopicId::of_halves(input as i64, 7)),
            surplus: Ends::from([(Surplus { input: InputTopic::Orders, partition: 13 }, 77)]),
        }
    }

    #[test]
    fn keys_are_read_as_they_were_written_and_others_are_not_ours() {
        for pool in ["oranges", "a/b%", "", "%2F", "红橙"] {
            for part in [0, 1, 300] {
                let key = CheckpointKey::Page { page: page(pool), sequence: 99, part };
                assert_eq!(CheckpointKey::decode(&key.encode()), Some(key));
            }
        }
        let key = CheckpointKey::Page { page: page("a/b"), sequence: 99, part: 0 };
        assert_eq!(key.encode(), b"a%2Fb/orders/12/99");
        assert_eq!(CheckpointKey::decode(b"manifest"), Some(CheckpointKey::Manifest));
        for other in [
            "",
            "a/orders/012/99",
            "a/orders/12/99/0",
            "a/other/1/2",
            "a/orders/1",
            "a/orders/1/2/3/4",
        ] {
            assert_eq!(CheckpointKey::decode(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn a_page_of_any_size_comes_in_parts_that_fit_and_are_bound_to_their_keys() {
        for size in [0, 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES] {
            let bytes: Vec<u8> = (0..size).map(|at| at.to_le_bytes()[0]).collect();
            let records = records_of(&page("p"), 7, Some(&bytes));
            let mut whole = Vec::new();
            for (key, value) in &records {
                assert!(value.len() <= PART_BYTES + 100);
                let part = PagePart::decode(key, value).unwrap();
                assert_eq!(usize::from(part.parts), records.len());
                whole.extend_from_slice(part.bytes);
            }
            assert_eq!(whole, bytes);
            assert!(PagePart::decode(b"p/orders/12/8", &records[0].1).is_err());
        }
        let gone = records_of(&page("p"), 7, None);
        assert_eq!(PagePart::decode(&gone[0].0, &gone[0].1).unwrap().parts, 0);
    }

    #[test]
    fn a_manifest_comes_back_as_it_was_and_any_other_bytes_are_refused() {
        let good = manifest().encode();
        assert_eq!(Manifest::decode(&good), Ok(manifest()));
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            assert!(Manifest::decode(&bad).is_err(), "byte {at} changed");
            assert!(Manifest::decode(&good[..at]).is_err(), "cut at {at}");
        }
    }
}
