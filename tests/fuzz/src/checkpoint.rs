//! The checkpoints topic: keys, parts of pages, the manifest; and what a lane says that comes back from it.
//!
//! The bytes are records: of each a byte of the key's length and two of the value's, low byte first, the key and
//! the value. A value of a page or a manifest is put behind the checksum that is right for it; an empty one is a
//! tombstone. What is fed is appended to the topic of a partition that has lived for a while.

use std::hash::Hasher;
use std::sync::OnceLock;

use contract::Topic;
use lane::{CheckpointKey, Checkpoints, Manifest, PagePart, Settings};
use simulator::kafka::{Cluster, Host, Message};
use siphasher::sip::SipHasher13;

use crate::heap;
use crate::records::{self, START};

/// Bytes of memory for each byte of a manifest: the smallest need of an input is two bytes.
const MEMORY: usize = 64;

/// What a message of a fault may cost.
const MEMORY_ALWAYS: usize = 4 * 1024;

/// The format's version, which the first byte of every value is.
const FORMAT: u8 = 1;

/// The envelope: the format and the checksum.
const HEAD: usize = 9;

/// A lane that comes back does so, or stops, within so many turns and pauses.
const TURNS: usize = 400;

const PLACE: (Topic, u32) = (Topic::Checkpoints, 0);

/// Feeds the decoders, and then a lane.
pub(crate) fn feed(bytes: &[u8]) -> bool {
    let records: Vec<_> = parse(bytes).into_iter().map(sealed).collect();
    let mut known = false;
    for (key, value) in &records {
        known |= decode(key, value.as_deref().unwrap_or_default());
    }
    come_back(records);
    known
}

/// The topic of the partition that has lived for a while, as seeds: all of it, the manifest alone, and keys
/// that are ours and keys that only look so.
pub(crate) fn seeds() -> [Vec<u8>; 3] {
    let (records, _) = lived().log(PLACE).read_committed(0, usize::MAX).expect("nothing is gone");
    let (mut all, mut last) = (Vec::new(), Vec::new());
    for (_, Message { key, value, .. }) in records {
        let key = key.expect("checkpoints have keys");
        let body = value.map_or_else(Vec::new, |value| value[HEAD..].to_vec());
        let one = unparsed(&key, &body);
        if key == lane::MANIFEST_KEY {
            last.clone_from(&one);
        }
        all.extend(one);
    }
    let keys =
        ["a%2Fb%25/orders/12/99", "p/orders/012/99", "p/base/0/1/0", "p/base/0/1/1", "p/base/0"];
    let keys = keys.map(|key| unparsed(key.as_bytes(), &[1, 0, 7])).concat();
    [all, last, keys]
}

fn decode(key: &[u8], value: &[u8]) -> bool {
    let read = || {
        let found = CheckpointKey::decode(key);
        let _ = (PagePart::decode(key, value), Manifest::decode(value));
        found
    };
    let found = heap::within(MEMORY_ALWAYS + MEMORY * (key.len() + value.len()), read);
    if let Some(named) = &found {
        assert_eq!(named.encode(), key, "a key has one spelling");
    }
    if let Ok(manifest) = Manifest::decode(value) {
        let again = manifest.encode();
        assert_eq!(Manifest::decode(&again), Ok(manifest), "written, read again");
    }
    found.is_some()
}

/// A lane that finds this comes back from it, or says what is wrong, or waits; it doesn't panic.
fn come_back(records: Vec<(Vec<u8>, Option<Vec<u8>>)>) {
    let mut cluster = lived().clone();
    for (key, value) in records {
        let message = Message { timestamp: START, key: Some(key), headers: Vec::new(), value };
        cluster.send(PLACE, message);
    }
    let mut clock = START;
    let mut host = Host::new(settings(), clock);
    for _ in 0..TURNS {
        let busy = host.turn(&mut cluster, clock, 1000, &mut |_| None);
        if let Some(Err(halt)) = host.ended() {
            assert!(halt.to_string().len() > 20, "{halt}");
            return;
        }
        if busy.expect("no process crashes here") {
            continue;
        }
        match host.next_wake() {
            Some(wake) if !host.lane().status().caught_up => clock = clock.max(wake),
            _ => return,
        }
    }
}

/// A partition that was given work, has written checkpoints and was killed.
fn lived() -> &'static Cluster {
    static LIVED: OnceLock<Cluster> = OnceLock::new();
    LIVED.get_or_init(|| {
        let mut cluster = Cluster::new(1);
        let mut clock = START;
        let mut host = Host::new(settings(), clock);
        for (topic, value) in crate::image::STORY.map(|event| (records::topic_of(event), event)) {
            let value = Some(value.as_bytes().to_vec());
            let message = Message { timestamp: clock, key: None, headers: Vec::new(), value };
            cluster.send((topic, 0), message);
            for _ in 0..TURNS {
                let busy = host.turn(&mut cluster, clock, 1, &mut |_| None);
                match host.next_wake() {
                    _ if busy.expect("no process crashes here") => {}
                    Some(wake) if !host.lane().status().caught_up => clock = clock.max(wake),
                    _ => break,
                }
            }
        }
        cluster
    })
}

/// Checkpoints as often as there is anything to write.
fn settings() -> Settings {
    let often = Checkpoints { events: 1, interval: allotment::Millis(1), ..Checkpoints::default() };
    Settings { checkpoints: Some(often), ..records::settings(0) }
}

fn parse(mut bytes: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut records = Vec::new();
    while let [key, low, high, rest @ ..] = bytes {
        let (key, rest) = rest.split_at(rest.len().min((*key).into()));
        let (value, rest) = rest.split_at(rest.len().min(u16::from_le_bytes([*low, *high]).into()));
        records.push((key.to_vec(), value.to_vec()));
        bytes = rest;
    }
    records
}

fn unparsed(key: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("a seed is small").to_le_bytes();
    let head = [u8::try_from(key.len()).expect("a seed is small"), length[0], length[1]];
    [head.as_slice(), key, body].concat()
}

/// The record with its value in the envelope of what its key names.
fn sealed((key, body): (Vec<u8>, Vec<u8>)) -> (Vec<u8>, Option<Vec<u8>>) {
    if body.is_empty() {
        return (key, None);
    }
    let kind =
        if key == lane::MANIFEST_KEY { b"granary manifest" } else { b"granary page\0\0\0\0" };
    let mut hash = SipHasher13::new_with_key(kind);
    hash.write(&key);
    hash.write(&body);
    let value = [&[FORMAT], hash.finish().to_le_bytes().as_slice(), &body].concat();
    (key, Some(value))
}
