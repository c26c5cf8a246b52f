//! Standbys: a lane that follows another one's journal, and takes its partition over.

use allotment::Millis;
use contract::Topic;
use lane::{Cause, Checkpoints, JournalRecord, Stage};
use simulator::kafka::{Fault, Place, Step};

use crate::checkpoints::stop;
use crate::crashes::evening;
use crate::input::{any, created, received};
use crate::world::{OFTEN, World, assert_same};

const JOURNAL: Place = (Topic::Journal, 0);

/// One village; orders from `from` on, with a standby behind.
fn sell(world: &mut World, orders: std::ops::Range<u32>) {
    let lot = format!("lot-{}", orders.start);
    world.send(Topic::Stock, "oranges", &received("oranges", &lot, 15));
    world.settle();
    for order in orders {
        world.send(Topic::Orders, "oranges", &created("oranges", order, 1));
        world.settle();
    }
}

#[test]
fn a_standby_is_at_most_a_batch_behind_and_tells_nothing() {
    for checkpoints in [None, Some(OFTEN)] {
        let mut world = World::with(1, checkpoints);
        world.follow(0);
        let inits = world.cluster.init("granary-0");
        drop(inits);
        sell(&mut world, 0..10);
        let (owner, standby) =
            (world.hosts[&0].lane().status(), world.standbys[&0].lane().status());
        assert_eq!((owner.stage, standby.stage), (Stage::Live, Stage::Following));
        assert_eq!((standby.sequence, standby.digest), (owner.sequence, owner.digest));
        assert_eq!(standby.ahead, 0);
        assert_eq!(world.standbys[&0].ready(), 0);
        let journal = world.cluster.log(JOURNAL);
        assert_eq!(standby.journal, journal.end(), "it knows that there is nothing more");
    }
}

/// What lies in the journal, committed.
fn journal(world: &World) -> Vec<JournalRecord> {
    let values = world.seen(Topic::Journal).into_iter().filter_map(|seen| seen.value);
    values.map(|value| JournalRecord::decode(&value).unwrap()).collect()
}

/// While more comes than the owner can take, the standby has replayed all but the last transaction, whenever it was
/// its turn.
#[test]
fn a_standby_is_at_most_a_batch_behind_under_load() {
    for checkpoints in [None, Some(OFTEN)] {
        let mut world = World::with(1, checkpoints);
        world.settings.limits.batch_records = 3;
        world.restart(0);
        world.follow(0);
        // It has begun.
        sell(&mut world, 0..3);
        let mut under_load = 0;
        for turn in 0..200_u32 {
            for order in 0..5 {
                let order = created("oranges", 1000 + turn * 5 + order, 1);
                world.send(Topic::Orders, "oranges", &order);
            }
            world.clock = world.clock.plus(Millis(10));
            world.turn(&mut |_, _| None);
            let (owner, standby) =
                (world.hosts[&0].lane().status(), world.standbys[&0].lane().status());
            // The owner counts the one that it has in hand.
            let behind = owner.sequence - standby.sequence;
            assert!(behind <= 1, "turn {turn}: {behind} behind, {owner:?}, {standby:?}");
            under_load += u32::from(!owner.caught_up);
        }
        assert!(under_load > 150, "the owner has more to take: {under_load}");
        let last = journal(&world).last().unwrap().sequence;
        assert!(last > 150, "each turn it takes some of it: {last}");
    }
}

#[test]
fn a_standby_begins_with_an_empty_journal_too() {
    let mut world = World::with(1, Some(OFTEN));
    world.hosts.clear();
    world.follow(0);
    world.turn(&mut |_, _| None);
    assert_eq!(world.standbys[&0].lane().status().stage, Stage::Following);
    world.restart(0);
    sell(&mut world, 0..5);
    assert_eq!(world.standbys[&0].lane().status().digest, world.hosts[&0].lane().status().digest);
}

#[test]
fn time_is_the_owners_as_the_journal_has_it() {
    let mut world = World::with(1, None);
    world.follow(0);
    sell(&mut world, 0..3);
    let now = world.standbys[&0].lane().status().now;
    assert_eq!(now, world.hosts[&0].lane().status().now);
    // The owner is gone; for the standby no time passes.
    world.hosts.clear();
    world.clock = world.clock.plus(Millis(3_600_000));
    world.turn(&mut |_, _| None);
    assert_eq!(world.standbys[&0].lane().status().now, now);
}

#[test]
fn a_takeover_replays_only_the_rest() {
    // Without checkpoints everything would be to replay for whoever does not know it.
    for checkpoints in [None, Some(OFTEN)] {
        let mut world = World::with(1, checkpoints);
        world.follow(0);
        sell(&mut world, 0..20);
        let replayed = world.standbys[&0].lane().status().sequence;
        // The owner commits once more, unseen, and dies in the middle of the next.
        let standby = world.standbys.remove(&0).unwrap();
        sell(&mut world, 20..21);
        world.send(Topic::Orders, "oranges", &created("oranges", 21, 1));
        let mut steps = 0;
        while steps < 10 {
            world.turn(&mut |_, step| {
                steps += 1;
                (step == Step::Commit).then_some(Fault::Broken { happened: false })
            });
        }
        world.hosts.clear();
        // Those that had only a portion of a checkpoint are not counted.
        let has_input = |record: &&JournalRecord| {
            record.followed.is_some() || record.taken.iter().any(|(_, range)| range.is_some())
        };
        let committed = journal(&world);
        let rest = committed.iter().filter(|record| record.sequence > replayed);
        let rest = rest.filter(has_input).count() as u64;
        world.standbys.insert(0, standby);
        world.take_over(0);
        world.settle();
        let host = &world.hosts[&0];
        assert_eq!((host.ready(), host.dropped()), (1, 0));
        assert!(host.lane().status().sequence > replayed);
        assert_eq!(host.replayed(), rest);
        let last = committed.last().unwrap().sequence;
        assert!((2..5).contains(&rest) && last > 20, "{rest} of {last}");
        let answers = world.seen(Topic::Decisions);
        let of =
            |order: &str| answers.iter().filter(|seen| seen.json()["order_id"] == order).count();
        assert_eq!((of("20"), of("21")), (1, 1), "the last committed, and the one that was not");
    }
}

#[test]
fn who_takes_over_writes_checkpoints_that_hold() {
    let mut world = World::with(1, Some(OFTEN));
    world.follow(0);
    // The standby has loaded an early checkpoint; the owner has written many since.
    sell(&mut world, 0..40);
    world.take_over(0);
    sell(&mut world, 40..80);
    world.pass_to(world.clock.plus(Millis(10_000)), &mut |_, _| None);
    assert_eq!(world.hosts[&0].dropped(), 0);
    let (status, told) = (world.hosts[&0].lane().status(), world.told());
    assert!(status.checkpoint.unwrap().sequence > 40);
    world.compact(0);
    world.restart(0);
    world.settle();
    assert_eq!(world.hosts[&0].lane().status().digest, status.digest);
    assert_eq!(
        world.hosts[&0].lane().status().checkpoint.unwrap().sequence,
        status.checkpoint.unwrap().sequence
    );
    assert_same(&world.told(), &told, "after a checkpoint of the new owner");
    // And again, at once: hand to hand without a word in between.
    for round in 0..6 {
        world.follow(0);
        sell(&mut world, 100 + round * 10..105 + round * 10);
        world.take_over(0);
        sell(&mut world, 105 + round * 10..110 + round * 10);
        stop(&mut world);
        world.restart(0);
        world.settle();
        assert_eq!((world.hosts[&0].ready(), world.hosts[&0].replayed()), (1, 0), "round {round}");
    }
}

#[test]
fn a_takeover_with_another_number_of_partitions_is_refused() {
    let mut world = World::with(1, Some(OFTEN));
    world.follow(0);
    sell(&mut world, 0..10);
    world.cluster.add_partitions(2);
    world.take_over(0);
    world.settle();
    let Some(Err(halt)) = world.hosts[&0].ended() else { panic!("it did not halt") };
    assert_eq!(halt.cause, Cause::Partitions { journal: 1, topics: 2 });
}

#[test]
fn a_standby_whose_journal_was_trimmed_looks_again() {
    let mut world = World::with(1, Some(OFTEN));
    world.follow(0);
    sell(&mut world, 0..10);
    let sleeper = world.standbys.remove(&0).unwrap();
    sell(&mut world, 10..60);
    assert!(world.cluster.log(JOURNAL).earliest() > sleeper.lane().status().journal);
    world.standbys.insert(0, sleeper);
    world.clock = world.clock.plus(Millis(100));
    world.settle();
    let standby = &world.standbys[&0];
    assert_eq!((standby.dropped(), standby.ended()), (1, None));
    assert_eq!(standby.lane().status().digest, world.hosts[&0].lane().status().digest);
}

#[test]
fn a_standby_stops_at_once_wherever_it_is() {
    for turns in 0..8 {
        let mut world = World::with(1, Some(OFTEN));
        sell(&mut world, 0..10);
        world.follow(0);
        let mut standby = world.standbys.remove(&0).unwrap();
        for _ in 0..turns {
            standby.step(&mut world.cluster, world.clock, &mut |_| None).unwrap();
        }
        let before = world.cluster.log(JOURNAL).end();
        standby.stop(world.clock);
        for _ in 0..20 {
            standby.step(&mut world.cluster, world.clock, &mut |_| None).unwrap();
        }
        assert_eq!(standby.ended(), Some(&Ok(())), "after {turns} turns");
        assert_eq!(world.cluster.log(JOURNAL).end(), before);
    }
}

/// Every owner that dies is followed by its standby, and a new standby begins; whatever step the crash
/// strikes at, of the owner, of the standby or of the takeover.
#[test]
fn a_crash_at_any_step_is_taken_over_without_a_trace() {
    let mut calm = World::with(2, None);
    evening(&mut calm, &mut |_, _| None);
    let wanted = calm.told();
    for checkpoints in [None, Some(Checkpoints { portion_bytes: 1, ..OFTEN })] {
        for nth in (0..).step_by(5) {
            let mut world = World::with(2, checkpoints);
            world.follow(0);
            world.follow(1);
            let (mut count, mut struck) = (0, 0);
            evening(&mut world, &mut |_, _| {
                count += 1;
                // One after the other, so that owner, standby and takeover are struck in any order.
                let due = count > nth && (count - nth) % 97 == 1 && struck < 6;
                struck += usize::from(due);
                due.then_some(Fault::Crash)
            });
            assert_same(&world.told(), &wanted, &format!("from the {nth}th on"));
            for (partition, host) in &world.hosts {
                let digest = calm.hosts[partition].lane().status().digest;
                assert_eq!(host.lane().status().digest, digest);
            }
            if struck == 0 {
                break;
            }
        }
    }
}

#[test]
fn a_promotion_is_heard_in_whatever_phase() {
    for turns in 0..12 {
        let mut world = World::with(1, Some(OFTEN));
        sell(&mut world, 0..10);
        let told = world.told();
        world.follow(0);
        let mut standby = world.standbys.remove(&0).unwrap();
        for _ in 0..turns {
            standby.step(&mut world.cluster, world.clock, &mut |_| None).unwrap();
        }
        standby.promote(world.clock);
        world.hosts.insert(0, standby);
        world.settle();
        assert_eq!(world.hosts[&0].ready(), 1, "after {turns} turns");
        assert_same(&world.told(), &told, "a takeover tells nothing");
        sell(&mut world, 20..22);
        assert_eq!(world.hosts[&0].dropped(), 0);
    }
}

/// A village that forgets within seconds, so that pages come and go, and with rounds by the clock only.
fn forgetful() -> World {
    let checkpoints = Checkpoints { events: 1000, portion_bytes: 1, ..OFTEN };
    let mut world = World::with(1, Some(checkpoints));
    world.settings.allotment.dedup_window = Millis(5000);
    world.settings.allotment.closed_retention = Millis(5000);
    world.restart(0);
    world
}

fn adjust(world: &mut World, id: &str) {
    let fields = serde_json::json!({"sku": "orange", "delta": 1, "occurred_at": world.clock.0});
    world.send(Topic::Stock, "oranges", &any("stock.adjusted", id, "oranges", fields));
}

/// Whoever comes now finds a checkpoint that holds.
fn comes_back(world: &mut World, why: &str) {
    let digest = world.hosts[&0].lane().status().digest;
    for compacts in [false, true] {
        world.compacts = compacts;
        world.restart(0);
        world.settle();
        let host = &world.hosts[&0];
        assert_eq!((host.ready(), host.ended()), (1, None), "{why}");
        assert_eq!(host.lane().status().digest, digest, "{why}");
        assert!(host.lane().loaded().is_some(), "{why}");
    }
}

#[test]
fn what_a_dead_round_wrote_of_pages_that_are_gone_never_counts() {
    let mut interrupted = 0;
    for nth in 0..60 {
        let mut world = forgetful();
        (0..4).for_each(|n| adjust(&mut world, &format!("early-{n}")));
        world.settle();
        // The round begins by the clock; somewhere in it the process dies.
        world.clock = world.clock.plus(Millis(1600));
        let (mut count, mut host) = (0, world.hosts.remove(&0).unwrap());
        let mut dead = false;
        for _ in 0..40 {
            let mut faults = |_| {
                count += 1;
                (count == nth + 1).then_some(Fault::Crash)
            };
            dead |= !dead && host.turn(&mut world.cluster, world.clock, 1000, &mut faults).is_err();
            world.clock = world.clock.plus(Millis(1));
        }
        interrupted += u32::from(dead);
        // When the next one comes, all of that is forgotten.
        world.clock = world.clock.plus(Millis(30_000));
        adjust(&mut world, "late");
        world.restart(0);
        world.settle();
        world.pass_to(world.clock.plus(Millis(4000)), &mut |_, _| None);
        comes_back(&mut world, &format!("died at the {nth}th"));
    }
    assert!(interrupted > 15, "{interrupted}");
}

#[test]
fn what_the_last_owner_wrote_of_pages_that_are_gone_never_counts() {
    let mut world = forgetful();
    world.follow(0);
    (0..4).for_each(|n| adjust(&mut world, &format!("early-{n}")));
    world.settle();
    world.pass_to(world.clock.plus(Millis(3000)), &mut |_, _| None);
    assert!(world.hosts[&0].lane().status().checkpoint.is_some());
    world.clock = world.clock.plus(Millis(30_000));
    // The owner never hears of what makes the pages go.
    adjust(&mut world, "late");
    world.take_over(0);
    world.settle();
    world.pass_to(world.clock.plus(Millis(4000)), &mut |_, _| None);
    assert_eq!(world.hosts[&0].dropped(), 0);
    comes_back(&mut world, "after a takeover");
}

#[test]
fn a_takeover_that_is_cut_short_leaves_what_stands_as_it_is() {
    for looked in 0..12 {
        for nth in (0..70).step_by(2) {
            let mut world = forgetful();
            (0..4).for_each(|n| adjust(&mut world, &format!("early-{n}")));
            world.settle();
            world.clock = world.clock.plus(Millis(1600));
            // The standby looks in the middle of a round, which the owner then finishes.
            let mut owner = world.hosts.remove(&0).unwrap();
            for _ in 0..looked * 5 {
                owner.step(&mut world.cluster, world.clock, &mut |_| None).unwrap();
                owner.wake(world.clock);
            }
            world.follow(0);
            world.settle();
            world.hosts.insert(0, owner);
            world.settle();
            world.pass_to(world.clock.plus(Millis(100)), &mut |_, _| None);
            assert!(world.hosts[&0].lane().status().checkpoint.is_some());
            adjust(&mut world, "last");
            world.settle();
            world.take_over(0);
            let mut count = 0;
            world.clock = world.clock.plus(Millis(1700));
            world.settle_with(&mut |_, _| {
                count += 1;
                (count == nth + 1).then_some(Fault::Crash)
            });
            assert_eq!(world.hosts[&0].ended(), None, "looked at {looked}, died at {nth}");
            comes_back(&mut world, &format!("looked at {looked}, died at the {nth}th"));
        }
    }
}
