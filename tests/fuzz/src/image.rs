//! The pages of a partition's state, behind checksums that are right: what a checkpoint is restored from.
//!
//! The bytes are pages of one pool: of each a byte of kind, a byte of number (255: the greatest there is), two of
//! length, low byte first, and the body. The checksums, and what closes the base, are put in here.
//!
//! What is held is that restoring ends: in a partition, or in words. That a partition with right checksums and a
//! wrong history behaves is not: nobody but Granary writes them, and its digest would be another.

use std::collections::BTreeMap;
use std::hash::Hasher;

use allotment::{Body, Broken, Effects, Id, Page, PageKey, PageKind, Partition, Settings};
use contract::{Arrival, Decoder};
use siphasher::sip128::{Hasher128, SipHasher13};

use crate::heap;
use crate::records::START;

/// The pool that all pages are of. One whose base says otherwise is refused.
const POOL: &str = "p";

/// Bytes of memory for each byte of a page: the smallest entries of lists in the state's own types.
const MEMORY: usize = 200;

/// Bytes of memory for each page: a page of orders has room for all of its slots.
const MEMORY_OF_PAGE: usize = 128 * 1024;

/// A story of one pool, of which the seeds are the state. What is added is added at the end: a seed is named by how
/// much of the story it has.
pub const STORY: [&str; 25] = [
    r#"{"type":"catalogue.item","event_id":"s1","pool":"p","occurred_at":1795348800000,"sku":"s","limit_per_buyer":5,"safety_stock":1,"channels":[{"platform":"d","reserved":1}],"backorder":{"limit":2}}"#,
    r#"{"type":"catalogue.item","event_id":"s2","pool":"p","occurred_at":1795348800000,"sku":"b","components":[{"sku":"s","quantity":2}]}"#,
    r#"{"type":"stock.received","event_id":"s3","pool":"p","occurred_at":1795348800000,"sku":"s","quantity":6,"lot_id":"l","best_before":"2026-12-01"}"#,
    r#"{"type":"order.created","event_id":"s4","platform":"d","pool":"p","occurred_at":1795348800000,"order_id":"1","buyer_id":"x","lines":[{"sku":"s","quantity":2}]}"#,
    r#"{"type":"order.paid","event_id":"s5","platform":"d","pool":"p","occurred_at":1795348800000,"order_id":"2","lines":[{"sku":"b","quantity":1}]}"#,
    r#"{"type":"order.paid","event_id":"s6","platform":"w","pool":"p","occurred_at":1795348800000,"order_id":"3","lines":[{"sku":"s","quantity":9}]}"#,
    r#"{"type":"order.cancelled","event_id":"s7","platform":"d","pool":"p","occurred_at":1795348800000,"order_id":"4"}"#,
    r#"{"type":"stock.counted","event_id":"s8","pool":"p","occurred_at":1795348800000,"sku":"s","quantity":8}"#,
    r#"{"type":"shipment.handed_over","event_id":"s9","pool":"p","occurred_at":1795348800000,"orders":[{"platform":"d","order_id":"2"}]}"#,
    r#"{"type":"stock.recalled","event_id":"s10","pool":"p","occurred_at":1795348800000,"lot_id":"l","reason":"r"}"#,
    r#"{"type":"stock.recalled","event_id":"s11","pool":"p","occurred_at":1795348800000,"lot_id":"early","reason":"r"}"#,
    r#"{"type":"pool.policy","event_id":"s12","pool":"p","occurred_at":1795348800000,"claims":"hold","unpaid_shortage":"waitlist"}"#,
    r#"{"type":"catalogue.item","event_id":"s13","pool":"p","occurred_at":1795348800000,"sku":"t","keywords":["1"],"low_stock_at":2,"season":"1","backorder":{"limit":3,"until":1795435200000}}"#,
    r#"{"type":"stock.received","event_id":"s14","pool":"p","occurred_at":1795348800000,"sku":"t","quantity":4,"lot_id":"m"}"#,
    r#"{"type":"session.opened","event_id":"s15","platform":"d","pool":"p","occurred_at":1795348800000,"session_id":"v","skus":["t"]}"#,
    r#"{"type":"comment.posted","event_id":"s16","platform":"d","pool":"p","occurred_at":1795348800000,"buyer_id":"x","text":"1号来两份","session_id":"v"}"#,
    r#"{"type":"comment.posted","event_id":"s17","platform":"d","pool":"p","occurred_at":1795348800000,"buyer_id":"y","text":"扣1","session_id":"v"}"#,
    r#"{"type":"order.paid","event_id":"s18","platform":"d","pool":"p","occurred_at":1795348800000,"order_id":"5","buyer_id":"x","session_id":"v","lines":[{"sku":"t","quantity":2}]}"#,
    r#"{"type":"order.paid","event_id":"s19","platform":"d","pool":"p","occurred_at":1795348800000,"order_id":"6","buyer_id":"z","session_id":"v","lines":[{"sku":"t","quantity":3}]}"#,
    r#"{"type":"wave.closed","event_id":"s20","pool":"p","occurred_at":1795348800000,"wave_id":"w","session_id":"v"}"#,
    r#"{"type":"shipment.handed_over","event_id":"s21","pool":"p","occurred_at":1795348800000,"wave_id":"w"}"#,
    r#"{"type":"comment.posted","event_id":"s22","platform":"d","pool":"p","occurred_at":1795348800000,"buyer_id":"x","text":"坏了","session_id":"v"}"#,
    r#"{"type":"shipment.handed_over","event_id":"s23","pool":"p","occurred_at":1795348800000,"wave_id":"later"}"#,
    r#"{"type":"session.closed","event_id":"s24","platform":"d","pool":"p","occurred_at":1795348800000,"session_id":"v"}"#,
    r#"{"type":"comment.posted","event_id":"s25","platform":"d","pool":"p","occurred_at":1795348800000,"buyer_id":"y","text":"扣1"}"#,
];

/// Feeds what restores.
pub(crate) fn feed(bytes: &[u8]) -> bool {
    let pages = sealed(parse(bytes));
    let memory = MEMORY * bytes.len() + MEMORY_OF_PAGE * (1 + pages.len());
    let restored = heap::within(memory, || restore(pages));
    match restored {
        Ok(mut partition) => {
            assert!(!partition.is_dirty(), "what was restored is what was stored");
            let (_, _) = (partition.holds(), partition.next_deadline());
            let again = restore(stored(&mut partition));
            let mut again = again.unwrap_or_else(|why| panic!("stored, but {why}"));
            assert_eq!(again.digest(), partition.digest(), "stored, restored again");
            assert_eq!(stored(&mut again), stored(&mut partition), "stored again");
            true
        }
        Err(why) => {
            assert!(why.to_string().len() > 20, "{why}");
            false
        }
    }
}

/// The state after each event of the story, as seeds.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let after = |count: usize| {
        let mut partition = Partition::new(Settings::default());
        STORY[..count].iter().for_each(|event| take(&mut partition, event));
        partition.freeze();
        unsealed(partition.next_pages(usize::MAX))
    };
    (1..=STORY.len()).map(after).collect()
}

fn restore(pages: Vec<Page>) -> Result<Partition, Broken> {
    Partition::restore(Settings::default(), START, pages)
}

/// All pages of the partition as it is.
fn stored(partition: &mut Partition) -> Vec<Page> {
    partition.touch_all();
    partition.freeze();
    let mut pages = partition.next_pages(usize::MAX);
    pages.retain(|page| page.bytes.is_some());
    pages.sort_by(|one, other| one.key.cmp(&other.key));
    pages
}

fn take(partition: &mut Partition, event: &str) {
    let mut effects = Effects::default();
    for delivery in Decoder::default().decode(Some(event.as_bytes()), None, Arrival::FromEvent) {
        assert!(matches!(delivery.input.body, Body::Event(_)), "{:?}", delivery.rejection);
        partition.apply(delivery.input.arrival.max(partition.now()), delivery.input, &mut effects);
    }
    partition.levels(&mut effects);
}

/// Bodies by kind and number; of two that are the same page the first counts.
type Bodies = BTreeMap<(PageKind, u32), Vec<u8>>;

fn parse(mut bytes: &[u8]) -> Bodies {
    let mut bodies = Bodies::new();
    while let [kind, number, low, high, rest @ ..] = bytes {
        let kind = PageKind::of_number(kind % 3).expect("there are three kinds");
        let number = if *number == u8::MAX { u32::MAX } else { u32::from(*number) };
        let (body, rest) = rest.split_at(rest.len().min(u16::from_le_bytes([*low, *high]).into()));
        bodies.entry((kind, number)).or_insert_with(|| body.to_vec());
        bytes = rest;
    }
    bodies
}

/// The pages of these bodies, each with its checksum, the base closed.
fn sealed(mut bodies: Bodies) -> Vec<Page> {
    let closing = closing(&bodies);
    let base = bodies.range_mut((PageKind::Base, 0)..(PageKind::Orders, 0)).next_back();
    if let Some((_, last)) = base {
        last.extend(closing);
    }
    let page = |((kind, number), mut body): ((PageKind, u32), Vec<u8>)| {
        let checksum = checksum(kind, number, &body);
        body.extend(checksum.to_le_bytes());
        Page { key: PageKey { pool: Id::new(POOL), kind, number }, bytes: Some(body) }
    };
    bodies.into_iter().map(page).collect()
}

/// The other way round: the bytes that stand for these pages.
fn unsealed(pages: Vec<Page>) -> Vec<u8> {
    let mut bodies = Bodies::new();
    for Page { key, bytes } in pages {
        let mut body = bytes.expect("a page that was never given before is there");
        body.truncate(body.len() - 8);
        bodies.insert((key.kind, key.number), body);
    }
    let closing = closing(&bodies);
    let base = bodies.get_mut(&(PageKind::Base, 0)).expect("a pool has a base");
    assert!(base.ends_with(&closing), "the base is closed as it is closed here");
    base.truncate(base.len() - closing.len());
    let mut bytes = Vec::new();
    for ((kind, number), body) in bodies {
        let number = u8::try_from(number).expect("a seed is small");
        let length = u16::try_from(body.len()).expect("a seed is small");
        bytes.extend([kind.number(), number]);
        bytes.extend(length.to_le_bytes());
        bytes.extend(body);
    }
    bytes
}

/// What a base ends with, as CBOR: how many pages of orders and of identities there are, and the sum of their
/// checksums.
fn closing(bodies: &Bodies) -> Vec<u8> {
    let count = |wanted| bodies.keys().filter(|(kind, _)| *kind == wanted).count() as u64;
    let others = bodies.iter().filter(|((kind, _), _)| *kind != PageKind::Base);
    let sum = others.fold(0_u64, |sum, ((kind, number), body)| {
        sum.wrapping_add(checksum(*kind, *number, body))
    });
    let mut closing = vec![0xa3];
    let fields = [count(PageKind::Orders), count(PageKind::Identities), sum];
    for (number, value) in (0_u8..).zip(fields) {
        closing.push(number);
        integer(&mut closing, value);
    }
    closing
}

/// An integer as CBOR writes it: in as few bytes as it needs.
fn integer(out: &mut Vec<u8>, value: u64) {
    let bytes = value.to_be_bytes();
    match value {
        0..24 => out.push(bytes[7]),
        24..0x100 => out.extend([0x18, bytes[7]]),
        0x100..0x1_0000 => {
            out.push(0x19);
            out.extend(&bytes[6..]);
        }
        0x1_0000..0x1_0000_0000 => {
            out.push(0x1a);
            out.extend(&bytes[4..]);
        }
        _ => {
            out.push(0x1b);
            out.extend(bytes);
        }
    }
}

fn checksum(kind: PageKind, number: u32, body: &[u8]) -> u64 {
    let mut hash = SipHasher13::new_with_key(&Settings::default().hash_key);
    let count = |count: usize| (count as u64).to_le_bytes();
    hash.write(&count(POOL.len()));
    hash.write(POOL.as_bytes());
    hash.write(&u64::from(kind.number()).to_le_bytes());
    hash.write(&u64::from(number).to_le_bytes());
    hash.write(&count(body.len()));
    hash.write(body);
    hash.finish128().as_u128() as u64
}
