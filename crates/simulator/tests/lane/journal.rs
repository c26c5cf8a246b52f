//! A journal or an input that is not what it was: the lane stops, and says what, where and what to do.

use allotment::{Millis, Time};
use contract::Topic;
use lane::{Cause, InputTopic, JournalRecord, PerInput, RULES, Range};
use simulator::kafka::{Log, Place};

use crate::input::{created, received};
use crate::world::World;

const JOURNAL: Place = (Topic::Journal, 0);
const ORDERS: Place = (Topic::Orders, 0);

/// A world with five transactions: one to learn the time, stock, and three orders one by one. Journal offsets are
/// 0, 2, 4, 6 and 8, for each transaction ends with a control record.
fn five() -> World {
    let mut world = World::with(1, None);
    world.send(Topic::Stock, "oranges", &received("oranges", "lot-1", 5));
    world.settle();
    for order in 1..4 {
        world.send(Topic::Orders, "oranges", &created("oranges", order, 1));
        world.settle();
    }
    assert_eq!(world.cluster.log(JOURNAL).end(), 10);
    world
}

/// Why a lane that starts now stops for good; it must have told nobody anything.
fn halts(mut world: World) -> Cause {
    let told = world.told();
    world.restart(0);
    world.settle();
    assert_eq!(world.told(), told, "who is not sure tells nothing");
    let Some(Err(halt)) = world.hosts[&0].ended() else { panic!("the lane did not halt") };
    assert_eq!(halt.partition, 0);
    assert!(halt.to_string().starts_with("partition 0: "), "{halt}");
    halt.cause.clone()
}

fn change(log: &mut Log, offset: i64, change: impl FnOnce(&mut JournalRecord)) {
    let (records, _) = log.read_committed(offset, 1).unwrap();
    let mut record = JournalRecord::decode(records[0].1.value.as_ref().unwrap()).unwrap();
    change(&mut record);
    log.overwrite(offset, record.encode());
}

/// Why a lane stops that finds the journal record at `offset` changed so.
fn halts_with(offset: i64, with: impl FnOnce(&mut JournalRecord)) -> Cause {
    let mut world = five();
    change(world.cluster.log_mut(JOURNAL), offset, with);
    halts(world)
}

#[test]
fn untouched_it_comes_back() {
    let mut world = five();
    world.restart(0);
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.hosts[&0].lane().status().sequence), (1, 6));
    world.send(Topic::Orders, "oranges", &created("oranges", 4, 1));
    world.settle();
    let log = world.cluster.log(JOURNAL);
    let (records, _) = log.read_committed(12, 1).unwrap();
    let record = JournalRecord::decode(records[0].1.value.as_ref().unwrap()).unwrap();
    assert_eq!(
        (record.sequence, record.epoch, record.rules),
        (7, 2, RULES),
        "a new owner, the same count"
    );
    assert_eq!(record.taken[InputTopic::Orders], Some(Range { from: 3, to: 4, records: 1 }));
    assert_eq!(record.taken[InputTopic::Stock], None);
}

#[test]
fn an_input_that_was_made_again_is_refused_whatever_is_in_it() {
    for orders in [0, 2, 9] {
        let mut world = five();
        world.cluster.make_again(Topic::Orders);
        for order in 10..10 + orders {
            world.send(Topic::Orders, "oranges", &created("oranges", order, 1));
        }
        let Cause::MadeAgain { input, topic, journal, found } = halts(world) else {
            panic!("another cause")
        };
        assert_eq!((input, topic.as_str()), (InputTopic::Orders, "granary.orders"));
        assert_ne!(journal, found);
    }
}

#[test]
fn a_journal_without_ids_of_topics_is_taken_and_the_next_owner_writes_them() {
    let mut world = five();
    change(world.cluster.log_mut(JOURNAL), 0, |record| record.topics = PerInput::default());
    world.restart(0);
    world.send(Topic::Orders, "oranges", &created("oranges", 4, 1));
    world.settle();
    let (records, _) = world.cluster.log(JOURNAL).read_committed(10, 1).unwrap();
    let record = JournalRecord::decode(records[0].1.value.as_ref().unwrap()).unwrap();
    assert!(record.topics.iter().all(|(_, id)| id.is_some()), "{:?}", record.topics);
    world.cluster.make_again(Topic::Orders);
    assert!(matches!(halts(world), Cause::MadeAgain { .. }));
}

#[test]
fn a_hole_is_a_lost_transaction() {
    let mut world = five();
    world.cluster.log_mut(JOURNAL).erase(2);
    assert_eq!(halts(world), Cause::JournalHole { expected: 2, found: 3, offset: 4 });
    assert_eq!(
        halts_with(4, |r| r.sequence = 2),
        Cause::JournalHole { expected: 3, found: 2, offset: 4 }
    );
}

#[test]
fn a_journal_without_its_beginning_is_no_way_back() {
    let mut world = five();
    world.cluster.log_mut(JOURNAL).delete_before(2);
    assert_eq!(halts(world), Cause::JournalCut { expected: 1, found: 2, offset: 2 });
}

#[test]
fn a_journal_without_its_end_is_behind_the_committed_offsets() {
    let mut world = five();
    world.cluster.log_mut(JOURNAL).erase(8);
    let cause = Cause::Committed { input: InputTopic::Orders, committed: 3, journal: 2 };
    assert_eq!(halts(world), cause);
    assert!(
        cause.to_string().contains("delete the group's offsets"),
        "it says what to do: {cause}"
    );
}

#[test]
fn a_recreated_journal_is_noticed() {
    let mut world = five();
    *world.cluster.log_mut(JOURNAL) = Log::default();
    assert_eq!(
        halts(world),
        Cause::Committed { input: InputTopic::Stock, committed: 1, journal: 0 }
    );
}

#[test]
fn a_coordinator_that_shows_old_offsets_for_a_moment_is_asked_again() {
    let mut world = five();
    world.cluster.reset_offset(ORDERS, Some(2));
    world.restart(0);
    for _ in 0..50 {
        world.turn(&mut |_, _| None);
        world.clock = world.clock.plus(Millis(100));
    }
    assert_eq!((world.hosts[&0].ended(), world.hosts[&0].ready()), (None, 0));
    assert!(world.hosts[&0].dropped() > 3, "it looks again and again");
    world.cluster.reset_offset(ORDERS, Some(3));
    world.settle();
    assert_eq!(world.hosts[&0].ready(), 1);
}

#[test]
fn offsets_that_the_group_has_forgotten_do_not_matter() {
    let mut world = five();
    world.cluster.reset_offset(ORDERS, None);
    world.restart(0);
    world.settle();
    assert_eq!(world.hosts[&0].ready(), 1, "the journal is what counts");
}

#[test]
fn other_rules_settings_and_partitions_are_refused() {
    let ours = RULES;
    assert_eq!(
        halts_with(2, |r| r.rules += 1),
        Cause::Rules { sequence: 2, journal: ours + 1, ours }
    );
    assert_eq!(halts_with(2, |r| r.settings ^= 1), Cause::Settings { sequence: 2 });
    let mut world = five();
    world.settings.allotment.dedup_window = Millis::from_secs(60);
    assert_eq!(halts(world), Cause::Settings { sequence: 1 });
    let mut world = five();
    world.cluster.add_partitions(2);
    assert_eq!(halts(world), Cause::Partitions { journal: 1, topics: 2 });
}

#[test]
fn a_state_that_is_not_what_it_was_is_noticed() {
    let Cause::Digest { sequence, journal, replayed } = halts_with(8, |r| r.after ^= 1) else {
        panic!()
    };
    assert_eq!((sequence, journal ^ replayed), (5, 1));
    let Cause::DigestChain { sequence: 3, .. } = halts_with(2, |r| r.after ^= 1) else { panic!() };
    let events = halts_with(6, |r| r.events += 1);
    assert_eq!(events, Cause::Events { sequence: 4, journal: 4, replayed: 3 });
    let mut world = five();
    world.cluster.log_mut(ORDERS).overwrite(1, created("oranges", 2, 2).into_bytes());
    assert!(matches!(halts(world), Cause::Digest { sequence: 4, .. }));
    let mut world = five();
    // The arrival is part of what was decided: so is the clock that caps it.
    change(world.cluster.log_mut(JOURNAL), 2, |r| r.clock = Time(r.clock.0 - 60_000));
    assert!(matches!(halts(world), Cause::Digest { sequence: 2, .. }));
}

#[test]
fn ranges_that_do_not_meet_are_refused() {
    let cause =
        halts_with(6, |r| r.taken[InputTopic::Orders] = Some(Range { from: 0, to: 2, records: 1 }));
    assert_eq!(
        cause,
        Cause::RangeBroken { sequence: 4, input: InputTopic::Orders, expected: 1, found: 0 }
    );
}

#[test]
fn two_owners_at_once_are_noticed() {
    assert_eq!(
        halts_with(4, |r| r.epoch = 0),
        Cause::JournalEpoch { sequence: 3, last: 1, found: 0 }
    );
}

#[test]
fn bytes_that_are_no_journal_are_refused() {
    let mut world = five();
    world.cluster.log_mut(JOURNAL).overwrite(2, b"{}".to_vec());
    assert!(matches!(halts(world), Cause::Unreadable { offset: 2, .. }));
}

#[test]
fn input_that_is_gone_is_missed() {
    let mut world = five();
    world.cluster.log_mut(ORDERS).delete_before(1);
    let missing = |cause| match cause {
        Cause::InputMissing { sequence, input: InputTopic::Orders, from, to, missing } => {
            (sequence, from, to, missing)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(
        missing(halts(world)),
        (3, 0, 1, "0 of 1 records are there: the earliest retained offset is 1".to_owned())
    );
    let mut world = five();
    world.cluster.log_mut(ORDERS).erase(1);
    assert_eq!(missing(halts(world)), (4, 1, 2, "0 of 1 records are there".to_owned()));
    let mut world = five();
    *world.cluster.log_mut(ORDERS) = Log::default();
    assert_eq!(missing(halts(world)), (3, 0, 1, "what follows offset 0 does not exist".to_owned()));
}

#[test]
fn a_broker_that_shows_less_for_a_moment_is_given_that_moment() {
    let mut world = five();
    let (whole, mut short) = (world.cluster.log(ORDERS).clone(), world.cluster.log(ORDERS).clone());
    short.truncate(1);
    *world.cluster.log_mut(ORDERS) = short;
    world.restart(0);
    for _ in 0..20 {
        world.turn(&mut |_, _| None);
        world.clock = world.clock.plus(Millis(1000));
    }
    assert_eq!(world.hosts[&0].ended(), None, "it is not given up yet");
    *world.cluster.log_mut(ORDERS) = whole;
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.hosts[&0].lane().status().sequence), (1, 6));
}

#[test]
fn input_deleted_before_it_was_read_is_a_loss_and_not_a_gap() {
    let mut world = five();
    world.hosts.clear();
    world.send(Topic::Comments, "oranges", "{}");
    world.send(Topic::Comments, "oranges", "{}");
    world.cluster.log_mut((Topic::Comments, 0)).delete_before(1);
    let Cause::InputGone { input: InputTopic::Comments, from: 0, why } = halts(world) else {
        panic!()
    };
    assert_eq!(why, "the earliest retained offset is 1");
    // The same while the lane is live.
    let mut world = five();
    world.send(Topic::Orders, "oranges", &created("oranges", 8, 1));
    world.send(Topic::Orders, "oranges", &created("oranges", 9, 1));
    world.cluster.log_mut(ORDERS).delete_before(4);
    world.settle();
    let Some(Err(halt)) = world.hosts[&0].ended() else { panic!("the lane did not halt") };
    assert_eq!(world.hosts[&0].dropped(), 1, "it has looked again: a successor may have taken it");
    // Without a checkpoint it misses more on the way back than what it had not read.
    assert!(
        matches!(halt.cause, Cause::InputMissing { input: InputTopic::Orders, from: 0, .. }),
        "{halt}"
    );
}
