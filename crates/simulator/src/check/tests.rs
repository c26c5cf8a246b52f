//! Each checker finds what it is there for: a world that is right, with one thing changed.

use contract::Topic;
use lane::{Checkpoints, InputTopic, JournalRecord, MANIFEST_KEY, Settings};

use super::*;
use crate::kafka::{Message, Place};
use crate::world::{Rates, World};
use traffic::rng::Rng;

/// All topics of a world that lived through a storm on one partition, with nothing wrong.
fn world() -> (Cluster, Settings) {
    world_with(None)
}

/// The same, with checkpoints.
fn world_with(checkpoints: Option<Checkpoints>) -> (Cluster, Settings) {
    let mut world = before(checkpoints);
    let outcome = world.live();
    assert_eq!(outcome.finding, None);
    assert!(outcome.tally.0["transactions"] > 20, "{:?}", outcome.tally);
    (world.cluster.clone(), world.settings.clone())
}

/// Before anything happens in it.
fn before(checkpoints: Option<Checkpoints>) -> World<'static> {
    let mut rng = Rng::new(4);
    let calm = Rates::calm(&mut rng);
    let rates = Rates { partitions: 1, processes: 1, checkpoints, ..calm };
    World::new(4, rng, rates, None)
}

/// Who finds what was changed.
fn found(change: impl FnOnce(&mut Cluster)) -> &'static str {
    found_in(world(), change)
}

fn found_in(
    (mut cluster, settings): (Cluster, Settings),
    change: impl FnOnce(&mut Cluster),
) -> &'static str {
    change(&mut cluster);
    let evidence = Evidence { cluster: &cluster, settings: &settings, slack: Millis(0) };
    let end = everything(&evidence).and_then(|_| the_end(&evidence, &[Time::MIN]));
    end.expect_err("nobody found it").checker
}

/// The `nth` record of a place, from 0.
fn nth(cluster: &Cluster, place: Place, nth: usize) -> (i64, Message) {
    let record = cluster.log(place).history().nth(nth).expect("the storm has so many");
    (record.offset, record.message.clone())
}

fn change_journal(cluster: &mut Cluster, which: usize, change: impl FnOnce(&mut JournalRecord)) {
    let place = (Topic::Journal, 0);
    let (offset, message) = nth(cluster, place, which);
    let mut record = JournalRecord::decode(&message.value.expect("it has one")).expect("it is one");
    change(&mut record);
    cluster.log_mut(place).overwrite(offset, record.encode());
}

fn in_text(message: Message, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(message.value.expect("it has one")).expect("it is JSON");
    assert!(text.contains(from), "{from} is in {text}");
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn a_hole_in_the_journal_is_found() {
    let (offset, _) = nth(&world().0, (Topic::Journal, 0), 7);
    assert_eq!(found(|cluster| cluster.log_mut((Topic::Journal, 0)).erase(offset)), "owners");
    // With what its transaction told.
    assert_eq!(
        found(|cluster| change_journal(cluster, 7, |record| record.sequence += 1)),
        "journal"
    );
    assert_eq!(found(|cluster| change_journal(cluster, 7, |record| record.before ^= 1)), "journal");
    let mend = |cluster: &mut Cluster| {
        change_journal(cluster, 7, |record| record.after ^= 1);
        change_journal(cluster, 8, |record| record.before ^= 1);
    };
    assert_eq!(found(mend), "digest");
}

#[test]
fn two_owners_are_found() {
    assert_eq!(found(|cluster| change_journal(cluster, 7, |record| record.epoch += 1)), "owners");
}

#[test]
fn an_output_that_is_missing_doubled_or_other_is_found() {
    let place = (Topic::Decisions, 0);
    let (offset, message) = nth(&world().0, place, 3);
    assert_eq!(found(|cluster| cluster.log_mut(place).erase(offset)), "exactly once");
    let other = in_text(message.clone(), "\"order_id\":\"", "\"order_id\":\"9");
    assert_eq!(found(|cluster| cluster.log_mut(place).overwrite(offset, other)), "exactly once");
    let twice = |cluster: &mut Cluster| {
        let lane = cluster.init("granary-0");
        cluster.produce(&lane, place, message).expect("it is new");
        cluster.commit(&lane).expect("it is new");
    };
    assert_eq!(found(twice), "owners", "it is of no journalled transaction");
}

#[test]
fn a_record_that_is_lost_or_taken_twice_is_found() {
    let send = |cluster: &mut Cluster| {
        let (_, message) = nth(cluster, (Topic::Orders, 0), 0);
        cluster.send((Topic::Orders, 0), message);
    };
    assert_eq!(found(send), "never lost");
    let forget = |cluster: &mut Cluster| {
        send(cluster);
        let log = cluster.log_mut((Topic::Orders, 0));
        log.delete_before(log.end());
    };
    assert_eq!(found(forget), "never lost", "that it was deleted since is no excuse");
    let offsets = |cluster: &mut Cluster| cluster.reset_offset((Topic::Orders, 0), Some(1));
    assert_eq!(found(offsets), "taken once");
    let (cluster, _) = world();
    let (which, range) = cluster
        .log((Topic::Journal, 0))
        .history()
        .enumerate()
        .find_map(|(at, committed)| {
            let record = JournalRecord::decode(committed.message.value.as_ref()?).ok()?;
            Some((at, record.taken[InputTopic::Orders]?))
                .filter(|(at, range)| *at > 0 && range.records > 0)
        })
        .expect("orders were taken");
    let again = |cluster: &mut Cluster| {
        change_journal(cluster, which, |record| {
            let range = lane::Range { records: range.records + 1, ..range };
            record.taken[InputTopic::Orders] = Some(range);
        });
    };
    assert_eq!(found(again), "taken once");
}

#[test]
fn input_that_was_changed_is_found() {
    let place = (Topic::Orders, 0);
    let change = |cluster: &mut Cluster| {
        let named = |message: &Message| {
            let text = String::from_utf8_lossy(message.value.as_deref().unwrap_or_default());
            text.contains("\"event_id\":\"")
        };
        let all = 0..cluster.log(place).history().count();
        let found = all.map(|at| nth(cluster, place, at)).find(|(_, message)| named(message));
        let (offset, message) = found.expect("most events have an id");
        let value = in_text(message, "\"event_id\":\"", "\"event_id\":\"9");
        cluster.log_mut(place).overwrite(offset, value);
    };
    assert_eq!(found(change), "exactly once", "other ids are told than were asked");
}

#[test]
fn units_that_are_nowhere_are_found() {
    let (mut cluster, _) = world();
    let place = (Topic::Levels, 0);
    let (offset, message) = nth(&cluster, place, 0);
    let value = in_text(message, "\"received\":", "\"received\":1");
    cluster.log_mut(place).overwrite(offset, value);
    let history = History::read(&cluster).expect("the journal is whole");
    let found = conservation::check(&history).expect_err("units came from nowhere");
    assert!(found.contains("came in"), "{found}");
}

#[test]
fn another_reading_of_the_contract_is_found() {
    let (cluster, settings) = world();
    let history = History::read(&cluster).expect("the journal is whole");
    let mut walk = Walk::new(&history, &settings);
    assert_eq!(agreement::check(&walk), Ok(()));
    walk.partitions[0].reference.taken[0] = "otherwise".to_owned();
    assert!(agreement::check(&walk).is_err());
}

#[test]
fn a_checkpoint_that_nobody_can_come_back_from_is_found() {
    let often = Checkpoints { interval: Millis(3_000), events: 5, ..Checkpoints::default() };
    let place = (Topic::Checkpoints, 0);
    let damage = |cluster: &mut Cluster| {
        let key = |message: &Message| message.key.clone().unwrap_or_default();
        let all: Vec<_> = cluster.log(place).history().collect();
        let manifest = all.iter().rposition(|record| key(record.message) == MANIFEST_KEY);
        let before = all[..manifest.expect("a checkpoint stands")].iter().rev();
        let page = before.clone().find(|record| record.message.value.is_some());
        let page = page.expect("it has a page");
        let (offset, mut value) = (page.offset, page.message.value.clone().expect("it has one"));
        let middle = value.len() / 2;
        value[middle] ^= 1;
        cluster.log_mut(place).overwrite(offset, value);
    };
    assert_eq!(found_in(world_with(Some(often)), damage), "coming back");
    let lose = |cluster: &mut Cluster| {
        let end = cluster.log(place).end();
        cluster.log_mut(place).delete_before(end);
        let journal = cluster.log_mut((Topic::Journal, 0));
        journal.delete_before(journal.earliest() + 2);
    };
    assert_eq!(found_in(world_with(Some(often)), lose), "coming back");
}

#[test]
fn a_lane_that_never_settles_is_found() {
    let mut world = before(None);
    // What lies behind a transaction that nobody ever ends can't be read.
    world.cluster.set_transaction_timeout(Millis::from_secs(1_000_000_000));
    let bridge = world.cluster.init("bridge");
    let (topic, message) = (
        Topic::Orders,
        Message { timestamp: Time(0), key: None, headers: Vec::new(), value: None },
    );
    world.cluster.produce(&bridge, (topic, 0), message).expect("it is new");
    let found = world.live().finding.expect("the world can't settle");
    assert_eq!(found.checker, "liveness");
    assert!(found.what.contains("orders of partition 0 is taken to 0"), "{found}");
}

#[test]
fn time_that_ran_ahead_or_stood_still_is_found() {
    let (cluster, settings) = world();
    let history = History::read(&cluster).expect("the journal is whole");
    let evidence = Evidence { cluster: &cluster, settings: &settings, slack: Millis(0) };
    assert_eq!(time::check(&history, &evidence), Ok(()));
    let mut ahead = history.clone();
    let later = |record: &JournalRecord| Time(record.clock.0 - 500);
    // Each transaction as if time had followed the clock before it, whatever was there to be read.
    for transaction in &mut ahead.partitions[0].transactions {
        transaction.record.clock = transaction.record.clock.plus(Millis(60_000));
        transaction.record.followed = Some(later(&transaction.record));
    }
    assert!(time::check(&ahead, &evidence).expect_err("it ran ahead").contains("past the record"));
    let mut close = history.clone();
    let record = &mut close.partitions[0].transactions[0].record;
    record.followed = Some(record.clock);
    assert!(time::check(&close, &evidence).expect_err("it is too close").contains("too closely"));
    let mut walk = Walk::new(&history, &settings);
    walk.partitions[0].next_deadline = Some(Time(0));
    assert!(time::check_nothing_is_overdue(&walk, &[Time(1_000)]).is_ok());
    assert!(time::check_nothing_is_overdue(&walk, &[Time(10_000)]).is_err());
}

#[test]
fn a_clock_that_jumps_or_goes_back_is_found() {
    // The last one, so that nothing is decided after it.
    let last = world().0.log((Topic::Journal, 0)).history().count() - 1;
    for by in [3_600_000, -3_600_000] {
        let jump = |record: &mut JournalRecord| record.clock = Time(record.clock.0 + by);
        let (mut cluster, settings) = world();
        change_journal(&mut cluster, last, jump);
        let history = History::read(&cluster).expect("the journal is whole");
        let evidence = Evidence { cluster: &cluster, settings: &settings, slack: Millis(0) };
        let found = clock::check(&history, &evidence).expect_err("it is another clock");
        assert!(found.contains(if by > 0 { "gained too much" } else { "went back" }), "{found}");
    }
}

#[test]
fn time_that_passed_what_is_hidden_is_found() {
    let mut world = before(None);
    world.settings.limits.hidden_patience = Millis::from_secs(1_000_000_000);
    world.cluster.set_transaction_timeout(Millis::from_secs(1_000_000_000));
    let bridge = world.cluster.init("bridge");
    let (topic, message) = (
        Topic::Stock,
        Message { timestamp: Time(946_684_800_000), key: None, headers: Vec::new(), value: None },
    );
    world.cluster.produce(&bridge, (topic, 0), message).expect("it is new");
    assert!(world.live().finding.is_some(), "it can't settle");
    let (cluster, settings) = (&world.cluster, &world.settings);
    let history = History::read(cluster).expect("the journal is whole");
    let evidence = Evidence { cluster, settings, slack: Millis(0) };
    let mut walk = Walk::new(&history, settings);
    assert_eq!(hidden::check(&history, &walk, &evidence), Ok(()));
    let transactions = &history.partitions[0].transactions;
    let last = transactions.len() - 1;
    walk.partitions[0].steps[last].now = transactions[last].record.clock;
    let found = hidden::check(&history, &walk, &evidence).expect_err("it passed what is hidden");
    assert!(found.contains("past the record of stock at 0"), "{found}");
    let mut followed = history.clone();
    let record = &mut followed.partitions[0].transactions[last].record;
    record.followed = Some(record.clock.minus(Millis(500)));
    let walk = Walk::new(&history, settings);
    assert!(hidden::check(&followed, &walk, &evidence).is_err());
}
