//! A partition that is frozen and restored in the middle of a storm is the one that was: the same effects for
//! the whole rest, the same deadlines, the same pages when it is frozen again. And what is not what was
//! written is refused.
//!
//! `GRANARY_STORMS` says how many storms (default below), `GRANARY_SEED` where they begin.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write;

use allotment::{
    Body, Effects, Event, Holds, IMAGE_FORMAT, Id, Input, Line, Millis, OrderEvent, OrderVerb,
    Page, PageKey, PageKind, Partition, Settings, Taken, Time, What,
};
use contract::{Arrival, Decoder};
use expect_test::expect_file;
use traffic::storm::Storm;

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

/// What can be seen of a partition from outside. How much memory it takes is not the same: what is restored
/// has no room to grow.
fn face(partition: &Partition) -> (Time, u128, Option<Time>, Holds) {
    let holds = Holds { bytes: 0, ..partition.holds() };
    (partition.now(), partition.digest(), partition.next_deadline(), holds)
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

/// Places `count` orders in one pool, half of them cancelled.
fn crowd(partition: &mut Partition, from: u64, count: u64) -> Vec<Effects> {
    let at = |number: u64| Time(1_795_348_800_000 + number as i64);
    let event = |number: u64, kind: &str, verb: OrderVerb| {
        let order = OrderEvent {
            order_id: Id::new(&format!("order-{number}")),
            buyer_id: Some(Id::new(&format!("buyer-{}", number % 100))),
            person_ref: None,
            session_id: None,
            recipient_ref: None,
            version: None,
            verb,
        };
        let event_id = Id::new(&format!("{kind}-{number}"));
        let (platform, what) = (Id::new("d"), What::Order(order));
        let event = Event { platform, event_id, occurred_at: at(number), what };
        Input { pool: Id::new("p"), arrival: at(number), body: Body::Event(event) }
    };
    let mut effects = Vec::new();
    for number in from..from + count {
        let line = Line { line_id: Id::new("1"), sku: Id::new("s"), quantity: 1 };
        let created = OrderVerb::Created { lines: vec![line] };
        effects.push(apply(partition, &event(number, "created", created)));
        if number % 2 == 0 {
            effects.push(apply(partition, &event(number, "cancelled", OrderVerb::Cancelled)));
        }
    }
    effects
}

#[test]
fn a_large_pool_is_written_in_portions_and_once() {
    let mut live = Partition::new(settings());
    crowd(&mut live, 0, 12_000);
    live.freeze();
    let (mut stored, mut portions, mut next) = (Stored::new(), 0, 12_000);
    let (now, digest) = (live.now(), live.digest());
    while live.is_frozen() {
        let pages = live.next_pages(64 * 1024);
        let length: usize = pages.iter().filter_map(|page| page.bytes.as_ref()).map(Vec::len).sum();
        assert!(length < 64 * 1024 + 300 * 1024, "{length} bytes in one portion");
        store(&mut stored, pages);
        crowd(&mut live, next, 50);
        (portions, next) = (portions + 1, next + 50);
    }
    assert!(portions > 20, "{portions} portions");
    let mut copy = restore(now, &stored);
    assert_eq!((copy.digest(), copy.holds().orders), (digest, 12_000));
    crowd(&mut copy, 12_000, next - 12_000);
    assert_eq!(face(&copy), face(&live));
    // What is full and does not change is not written again.
    let again = image(&mut live);
    let identities = again.iter().filter(|page| page.key.kind == PageKind::Identities).count();
    assert!(again.len() < stored.len() / 3, "{} of {} pages again", again.len(), stored.len());
    assert_eq!(
        identities,
        (18_000 + portions * 75_usize).div_ceil(256) - 18_000 / 256,
        "only those written since"
    );
    assert_eq!(crowd(&mut copy, next, 300), crowd(&mut live, next, 300));
}

#[test]
fn what_is_forgotten_leaves_its_pages() {
    let mut live = Partition::new(settings());
    crowd(&mut live, 0, 2000);
    let mut stored = Stored::new();
    store(&mut stored, image(&mut live));
    let count = |stored: &Stored, kind| stored.keys().filter(|key| key.kind == kind).count();
    assert_eq!(count(&stored, PageKind::Identities), 3000_usize.div_ceil(256));
    assert_eq!(count(&stored, PageKind::Orders), 2000_usize.div_ceil(64));
    let days = |days: i64| Millis::from_secs(days * 24 * 60 * 60);
    let mut copy = restore(live.now(), &stored);
    for partition in [&mut live, &mut copy] {
        partition.advance(Time(1_795_348_800_000).plus(days(9)), &mut Effects::default());
        assert_eq!((partition.holds().orders, partition.holds().identities), (0, 0));
    }
    let gone = image(&mut live);
    assert_eq!(sorted(gone.clone()), sorted(image(&mut copy)));
    store(&mut stored, gone);
    assert_eq!(stored.len(), 1, "only the base is left: {:?}", stored.keys());
    // Page numbers go on where they were; slots begin anew. A copy of what is left knows both.
    let mut copy = restore(live.now(), &stored);
    let late = |partition: &mut Partition| {
        let mut out = Effects::default();
        let at = partition.now();
        for mut input in Storm::new(3).inputs {
            input.pool = Id::new("p");
            let Body::Event(event) = &mut input.body else { continue };
            (event.occurred_at, input.arrival) = (at, at);
            partition.apply(at, input, &mut out);
        }
        out
    };
    assert_eq!(late(&mut copy), late(&mut live));
    assert_eq!(face(&copy), face(&live));
    assert_eq!(sorted(image(&mut copy)), sorted(image(&mut live)));
}

/// Pages as every format wrote them, and what they are of: a storm, then what came with each format.
const FORMATS: [&str; 4] = [
    include_str!("images/format-1.txt"),
    include_str!("images/format-2.txt"),
    include_str!("images/format-3.txt"),
    include_str!("images/format-4.txt"),
];

/// What came with the newest format, in JSON; it happens to the partition of the format before.
const NEWEST: &str = include_str!("images/format-4.ndjson");

/// Pages of format 3 that count in 32 bits what is more than they hold.
const FULL: &str = include_str!("images/full-3.txt");

/// The pages of a sample, and its line of facts.
fn sample(text: &str) -> (Time, Stored, &str) {
    let mut lines = text.lines();
    let facts = lines.next().expect("a line of facts");
    let mut stored = Stored::new();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let [pool, kind, number, hex] = words[..] else { panic!("{line}") };
        let kind = PageKind::of_str(kind).expect("a kind");
        let key = PageKey { pool: Id::new(pool), kind, number: number.parse().expect("a number") };
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
        stored.insert(key, (0..hex.len()).step_by(2).map(byte).collect());
    }
    let now = facts.split(' ').next().and_then(|now| now.parse().ok()).map(Time).expect("a time");
    (now, stored, facts)
}

#[test]
fn pages_of_every_format_are_restored() {
    assert_eq!(
        IMAGE_FORMAT as usize,
        FORMATS.len(),
        "keep the samples of old formats, and add one of the new"
    );
    for text in FORMATS {
        let (now, stored, facts) = sample(text);
        assert_eq!(facts_of(&restore(now, &stored)), facts);
    }
    // As long as this is the format that is written, it is written just so.
    let (now, stored, _) = sample(FORMATS[FORMATS.len() - 1]);
    let mut restored = restore(now, &stored);
    restored.touch_all();
    let mut again = Stored::new();
    store(&mut again, image(&mut restored));
    assert!(again == stored, "pages that were restored are written otherwise");
}

#[test]
fn what_was_counted_in_32_bits_is_counted_anew() {
    let (now, stored, _) = sample(FULL);
    let mut partition = restore(now, &stored);
    partition.assert_counts();
    let order = |number: &str| allotment::OrderRef::new(&Id::new("d"), &Id::new(number));
    let asks = partition.asks(&Id::new("p"), &order("1")).expect("an order that waits");
    assert_eq!(asks.lacks, [(Id::new("tea"), 3_000_000_000)]);
    let mut out = Effects::default();
    partition.levels(&mut out);
    let tea = out.list.iter().find_map(|effect| match effect {
        allotment::Effect::Level(level) if level.sku.as_str() == "tea" => level.books,
        _ => None,
    });
    // What the paid order lacks of its 5 000 bundles, four of the next, and all 7 000 of the last.
    assert_eq!(tea.expect("its level is told anew").waitlisted, 10_004_000_000);
}

#[test]
fn the_newest_format_has_everything_that_came_with_it() {
    let (now, stored, _) = sample(FORMATS[FORMATS.len() - 2]);
    let mut partition = restore(now, &stored);
    for line in NEWEST.lines() {
        for delivery in Decoder::default().decode(Some(line.as_bytes()), None, Arrival::FromEvent) {
            let now = partition.now().max(delivery.input.arrival);
            let taken = partition.apply(now, delivery.input, &mut Effects::default());
            assert_eq!(taken, Taken::Applied, "{line}");
        }
    }
    partition.touch_all();
    let mut text = facts_of(&partition) + "\n";
    for page in sorted(image(&mut partition)) {
        let PageKey { pool, kind, number } = page.key;
        write!(text, "{pool} {} {number} ", kind.as_str()).expect("a string takes every text");
        for byte in page.bytes.expect("a page that is there") {
            write!(text, "{byte:02x}").expect("a string takes every text");
        }
        text.push('\n');
    }
    expect_file!["images/format-4.txt"].assert_eq(&text);
}

fn facts_of(partition: &Partition) -> String {
    let holds = partition.holds();
    let next = partition.next_deadline().map_or(0, |at| at.0);
    let (now, digest) = (partition.now().0, partition.digest());
    format!("{now} {digest:032x} {next} {} {} {}", holds.pools, holds.orders, holds.identities)
}
