//! Standbys: a lane that follows another one's journal, and takes its partition over.

use allotment::Millis;
use contract::Topic;
use lane::{Checkpoints, Stage};
use simulator::kafka::{Fault, Place, Step};

use crate::checkpoints::stop;
use crate::crashes::evening;
use crate::input::{created, received};
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
    let mut world = World::with(1, Some(OFTEN));
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
    world.standbys.insert(0, standby);
    world.take_over(0);
    world.settle();
    let host = &world.hosts[&0];
    assert_eq!((host.ready(), host.dropped()), (1, 0));
    assert!(host.lane().status().sequence > replayed);
    let answers = world.seen(Topic::Decisions);
    let of = |order: &str| answers.iter().filter(|seen| seen.json()["order_id"] == order).count();
    assert_eq!((of("20"), of("21")), (1, 1), "the last committed, and the one that was not");
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
