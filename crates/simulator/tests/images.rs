//! A partition that is frozen and restored in the middle of a storm is the one that was: the same effects for
//! the whole rest, the same deadlines, the same pages when it is frozen again. And what is not what was
//! written is refused.
//!
//! `GRANARY_STORMS` says how many storms (default below), `GRANARY_SEED` where they begin.

use std::collections::BTreeMap;
use std::env;

use allotment::{Effects, Input, Millis, Page, PageKey, Partition, Settings, Time};
use simulator::storm::Storm;

const STORMS: u64 = 120;

/// The pages of a partition as a checkpoint has them: the newest of each key.
type Stored = BTreeMap<PageKey, Vec<u8>>;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().expect("a whole number"))
}

fn storms() -> impl Iterator<Item = (u64, Vec<Input>)> {
    let begin = number("GRANARY_SEED").unwrap_or(1);
    let seeds = begin..begin + number("GRANARY_STORMS").unwrap_or(STORMS);
    seeds.map(|seed| (seed, Storm::new(seed).inputs))
}

/// A window and retention of days, so that storms see orders and identities forgotten.
fn settings() -> Settings {
    const DAY: i64 = 24 * 60 * 60;
    Settings {
        dedup_window: Millis::from_secs(DAY),
        closed_retention: Millis::from_secs(2 * DAY),
        ..Settings::default()
    }
}

/// A partition to which nothing has happened, just before the first input.
fn begun(inputs: &[Input]) -> Partition {
    let mut partition = Partition::new(settings());
    if let Some(first) = inputs.iter().map(|input| input.arrival).min() {
        partition.advance(first.minus(Millis(1)), &mut Effects::default());
    }
    partition
}

fn apply(partition: &mut Partition, input: &Input) -> Effects {
    let mut out = Effects::default();
    let now = partition.now().max(input.arrival);
    partition.apply(now, input.clone(), &mut out);
    out
}

fn store(stored: &mut Stored, pages: Vec<Page>) {
    for page in pages {
        match page.bytes {
            Some(bytes) => stored.insert(page.key, bytes),
            None => {
                let gone = stored.remove(&page.key);
                assert!(gone.is_some(), "{} was never there", page.key);
                continue;
            }
        };
    }
}

fn restore(now: Time, stored: &Stored) -> Partition {
    let page =
        |(key, bytes): (&PageKey, &Vec<u8>)| Page { key: key.clone(), bytes: Some(bytes.clone()) };
    let restored = Partition::restore(settings(), now, stored.iter().map(page));
    restored.unwrap_or_else(|why| panic!("{why}"))
}

/// Freezes, and takes all pages at once.
fn image(partition: &mut Partition) -> Vec<Page> {
    partition.freeze();
    let pages = partition.next_pages(usize::MAX);
    assert!(!partition.is_frozen(), "all that is asked for is given");
    pages
}

/// What can be seen of a partition from outside.
fn face(partition: &Partition) -> (Time, u128, Option<Time>, allotment::Holds) {
    (partition.now(), partition.digest(), partition.next_deadline(), partition.holds())
}

fn sorted(mut pages: Vec<Page>) -> Vec<Page> {
    pages.sort_by(|one, other| one.key.cmp(&other.key));
    pages
}

/// Where a storm of `length` is frozen: a different place and number of times in each.
fn freezes(seed: u64, length: usize) -> Vec<usize> {
    let mut at = 1 + (seed as usize * 7) % 23;
    let mut places = Vec::new();
    while at < length {
        places.push(at);
        at += 3 + (seed as usize + at * 13) % (length / 3 + 2);
    }
    places
}

#[test]
fn a_restored_partition_is_the_one_that_was_frozen() {
    let mut restored_ones = 0;
    for (seed, inputs) in storms() {
        let mut live = begun(&inputs);
        let (mut stored, mut frozen_at) = (Stored::new(), None);
        let mut copies: Vec<Partition> = Vec::new();
        let freezes = freezes(seed, inputs.len());
        for (at, input) in inputs.iter().enumerate() {
            if freezes.contains(&at) && frozen_at.is_none() {
                live.freeze();
                assert!(!live.is_dirty(), "seed {seed}: nothing has changed since it was frozen");
                frozen_at = Some((at, live.is_frozen(), face(&live)));
            }
            if let Some((from, _, expected)) = frozen_at {
                // In portions of a page or two, while events go on.
                let pages = live.next_pages(1 + seed as usize % 900);
                store(&mut stored, pages);
                if !live.is_frozen() {
                    let mut copy = restore(expected.0, &stored);
                    assert_eq!(face(&copy), expected, "seed {seed}, frozen at {from}");
                    assert!(!copy.is_dirty(), "seed {seed}: what was restored is clean");
                    for input in &inputs[from..at] {
                        apply(&mut copy, input);
                    }
                    copies.push(copy);
                    restored_ones += 1;
                    frozen_at = None;
                }
            }
            let effects = apply(&mut live, input);
            for copy in &mut copies {
                assert_eq!(apply(copy, input), effects, "seed {seed}, input {at}");
                assert_eq!(face(copy), face(&live), "seed {seed}, input {at}");
            }
            if at % 5 == 0 && frozen_at.is_none() {
                let (mut levels, mut others) = (Effects::default(), Effects::default());
                live.levels(&mut levels);
                for copy in &mut copies {
                    copy.levels(&mut others);
                    assert_eq!(others, levels, "seed {seed}, input {at}");
                    others.list.clear();
                }
            }
            copies.truncate(3);
        }
    }
    assert!(restored_ones > 200 || number("GRANARY_STORMS").is_some(), "{restored_ones} restored");
}

#[test]
fn what_is_restored_gives_the_same_pages_again() {
    for (seed, inputs) in storms().take(60) {
        let (middle, mut live) = (inputs.len() / 2, begun(&inputs));
        for input in &inputs[..middle] {
            apply(&mut live, input);
        }
        let mut stored = Stored::new();
        store(&mut stored, image(&mut live));
        let mut copy = restore(live.now(), &stored);
        for input in &inputs[middle..] {
            assert_eq!(apply(&mut live, input), apply(&mut copy, input), "seed {seed}");
            assert_eq!(live.is_dirty(), copy.is_dirty(), "seed {seed}");
        }
        let (one, other) = (sorted(image(&mut live)), sorted(image(&mut copy)));
        assert_eq!(one, other, "seed {seed}");
        // What changed, laid over what was, is what a new partition would write.
        store(&mut stored, one);
        let mut whole = Stored::new();
        let mut again = begun(&inputs);
        for input in &inputs {
            apply(&mut again, input);
        }
        store(&mut whole, image(&mut again));
        assert_eq!(stored, whole, "seed {seed}");
    }
}

#[test]
fn nothing_is_given_twice_if_nothing_changes() {
    for (_, inputs) in storms().take(10) {
        let mut live = begun(&inputs);
        for input in &inputs {
            apply(&mut live, input);
        }
        assert!(live.is_dirty());
        assert!(!image(&mut live).is_empty());
        assert!(!live.is_dirty());
        assert!(image(&mut live).is_empty());
    }
}

/// A storm's whole partition, as stored.
fn stored_storm(seed: u64) -> (Time, Stored) {
    let inputs = Storm::new(seed).inputs;
    let mut live = begun(&inputs);
    for input in &inputs {
        apply(&mut live, input);
    }
    let mut stored = Stored::new();
    store(&mut stored, image(&mut live));
    (live.now(), stored)
}

fn refused(now: Time, pages: Vec<Page>) -> String {
    match Partition::restore(settings(), now, pages) {
        Ok(_) => panic!("it was restored"),
        Err(why) => why.to_string(),
    }
}

fn pages_of(stored: &Stored) -> Vec<Page> {
    let page =
        |(key, bytes): (&PageKey, &Vec<u8>)| Page { key: key.clone(), bytes: Some(bytes.clone()) };
    stored.iter().map(page).collect()
}

#[test]
fn every_damaged_page_is_refused() {
    for seed in 1..6 {
        let (now, stored) = stored_storm(seed);
        let pages = pages_of(&stored);
        for at in 0..pages.len() {
            let length = pages[at].bytes.as_ref().map_or(0, Vec::len);
            let damaged = |change: &dyn Fn(&mut Vec<u8>)| {
                let mut pages = pages.clone();
                change(pages[at].bytes.as_mut().expect("a page that is there"));
                refused(now, pages)
            };
            for byte in (0..length).step_by(1 + length / 40) {
                damaged(&|bytes| bytes[byte] ^= 1 << (byte % 8));
                damaged(&|bytes| bytes.truncate(byte));
            }
            let why = damaged(&|bytes| bytes.push(0));
            assert!(why.starts_with(&pages[at].key.to_string()), "{why}");
        }
    }
}

#[test]
fn every_missing_doubled_or_foreign_page_is_refused() {
    for seed in 1..12 {
        let (now, stored) = stored_storm(seed);
        let pages = pages_of(&stored);
        for at in 0..pages.len() {
            let alone =
                pages.iter().filter(|page| page.key.pool == pages[at].key.pool).count() == 1;
            let mut missing = pages.clone();
            let taken = missing.remove(at);
            // The last pool, if it is a single page, can't be missed here: its digest is in the sum that
            // the manifest has.
            if !alone {
                refused(now, missing.clone());
            }
            missing.insert(at, Page { bytes: None, ..taken.clone() });
            if !alone {
                refused(now, missing);
            }
            let mut doubled = pages.clone();
            doubled.insert(at, taken.clone());
            refused(now, doubled);
            for other in 0..pages.len() {
                if other != at {
                    let mut swapped = pages.clone();
                    swapped[other].bytes = taken.bytes.clone();
                    let why = refused(now, swapped);
                    assert!(why.contains("its checksum is another"), "{why}");
                }
            }
        }
    }
}

#[test]
fn a_page_of_another_time_is_refused() {
    let mut refusals = 0;
    for (_, inputs) in storms().take(30) {
        let mut live = begun(&inputs);
        let middle = inputs.len() / 2;
        for input in &inputs[..middle] {
            apply(&mut live, input);
        }
        let mut old = Stored::new();
        store(&mut old, image(&mut live));
        for input in &inputs[middle..] {
            apply(&mut live, input);
        }
        let mut new = old.clone();
        store(&mut new, image(&mut live));
        for (key, bytes) in &old {
            if new.get(key).is_some_and(|newer| newer != bytes) {
                let mut mixed = new.clone();
                mixed.insert(key.clone(), bytes.clone());
                // Where only the base changed, an older one is whole in itself: the digest tells.
                match Partition::restore(settings(), live.now(), pages_of(&mixed)) {
                    Ok(other) => assert_ne!(other.digest(), live.digest(), "{key}"),
                    Err(_) => refusals += 1,
                }
            }
        }
    }
    assert!(refusals > 30, "{refusals} were refused");
}

#[test]
fn another_hash_key_is_refused() {
    let (now, stored) = stored_storm(1);
    let other = Settings { hash_key: *b"another-hash-key", ..settings() };
    let why = Partition::restore(other, now, pages_of(&stored)).map(|_| ()).unwrap_err();
    assert!(why.to_string().contains("has another hash key"), "{why}");
}
