//! One fault at every step there is, one run each: the outside sees what it would have seen without it.

use allotment::Millis;
use contract::Topic;
use simulator::kafka::{Fault, Step};

use crate::input::{any, created, paid, received};
use crate::world::{Plan, START, World, assert_same};

/// A few minutes of two villages: stock, a sell-out, a promotion, an expiry, bad input, misplaced input.
pub(crate) fn evening(world: &mut World, plan: Plan<'_>) {
    let policy = serde_json::json!({"reservation_ttl_s": 30, "unpaid_shortage": "waitlist"});
    for pool in ["oranges", "tea"] {
        world.send(Topic::Stock, pool, &any("pool.policy", "policy", pool, policy.clone()));
        world.send(Topic::Stock, pool, &received(pool, "lot-1", 3));
        for order in 1..4 {
            world.send(Topic::Orders, pool, &created(pool, order, 2));
        }
    }
    world.settle_with(plan);
    world.pass_to(START.plus(Millis(10_000)), plan);
    world.send(Topic::Orders, "oranges", &paid("oranges", 1));
    world.send(Topic::Orders, "oranges", "{\"type\":");
    world.settle_with(plan);
    world.pass_to(START.plus(Millis(20_000)), plan);
    let here = world.home("tea");
    let misplaced = format!("[{},{}]", paid("tea", 1), created("tea", 4, 0));
    world.send_to(Topic::Comments, 1 - here, None, misplaced.as_bytes());
    world.settle_with(plan);
    world.pass_to(START.plus(Millis(45_000)), plan);
    world.send(Topic::Stock, "tea", &received("tea", "lot-2", 1));
    world.settle_with(plan);
}

fn calm() -> World {
    let mut world = World::new(2);
    evening(&mut world, &mut |_, _| None);
    assert_eq!(world.hosts.values().map(|host| host.ready()).sum::<u32>(), 2);
    world
}

/// Runs the evening once for each step at which `fault` can strike, until it finds no further one; `view` is
/// what is compared of what the outside was told.
fn everywhere(
    fault: Fault,
    strikes: impl Fn(Step) -> bool,
    view: impl Fn(&World) -> Vec<String>,
) -> usize {
    let wanted = view(&calm());
    for nth in 0.. {
        let (mut count, mut world) = (0, World::new(2));
        world.appetite = 1 + nth % 3;
        let mut struck = None;
        evening(&mut world, &mut |_, step| {
            count += usize::from(strikes(step));
            if count == nth + 1 && strikes(step) && struck.is_none() {
                struck = Some(step);
                return Some(fault);
            }
            None
        });
        let Some(step) = struck else { return nth };
        assert_same(&view(&world), &wanted, &format!("{fault:?} at {step:?}, the {nth}th"));
        let live = world.hosts.values().filter(|host| host.ready() > 0).count();
        assert_eq!(live, 2, "{fault:?} at {step:?}: both lanes are live again");
    }
    unreachable!("an evening has an end")
}

#[test]
fn a_crash_at_any_step_loses_nothing_and_repeats_nothing() {
    assert!(everywhere(Fault::Crash, |_| true, World::told) > 50);
}

#[test]
fn a_step_without_an_answer_is_survived_wherever_it_is() {
    assert!(everywhere(Fault::Broken { happened: false }, |_| true, World::told) > 50);
}

#[test]
fn a_commit_of_unknown_result_that_happened_is_not_repeated() {
    assert!(
        everywhere(Fault::Broken { happened: true }, |step| step == Step::Commit, World::told) > 10
    );
}

#[test]
fn a_producer_that_is_shut_out_comes_back() {
    // It waits for seconds, in which time passes at the home of what it has to reroute.
    assert!(everywhere(Fault::ShutOut, |_| true, World::told_but_when) > 50);
}

#[test]
fn a_commit_that_was_asked_for_twice_counts_once_wherever_the_first_request_arrives() {
    let wanted = calm().told();
    let (mut world, mut commits) = (World::new(2), 0);
    evening(&mut world, &mut |_, step| {
        commits += u32::from(step == Step::Commit);
        let by = Millis(1 + i64::from(commits % 7));
        let fault = Fault::Straggler { by, next: commits % 2 == 0 };
        (step == Step::Commit && commits % 3 == 0).then_some(fault)
    });
    assert!(commits > 15, "{commits} commits");
    assert_same(&world.told(), &wanted, "every third one");
}

#[test]
fn an_owner_that_has_lost_its_partition_writes_nothing_any_more() {
    let mut world = calm();
    let partition = world.home("oranges");
    let mut old = world.hosts.remove(&partition).unwrap();
    world.restart(partition);
    world.settle();
    world.send(Topic::Orders, "oranges", &created("oranges", 9, 1));
    // The old owner wakes up first, sees the record, and decides.
    let mut calm_faults = |_| None;
    while old.lane().status().sequence < 100 && old.dropped() == 0 {
        assert!(old.turn(&mut world.cluster, world.clock, 1000, &mut calm_faults).unwrap());
    }
    world.settle();
    let of_order = world
        .seen(Topic::Decisions)
        .into_iter()
        .filter(|seen| seen.json()["order_id"] == "9")
        .count();
    assert_eq!(of_order, 1, "the new owner's answer, and no other");
    // It learns in its pause that the partition is not its own any more.
    old.stop(world.clock);
    old.turn(&mut world.cluster, world.clock, 1000, &mut calm_faults).unwrap();
    assert_eq!(old.ended(), Some(&Ok(())));
    assert_eq!(world.hosts[&partition].dropped(), 0, "the new owner was not disturbed");
}

#[test]
fn a_kafka_that_stays_away_is_asked_less_and_less_often() {
    let mut world = World::new(1);
    let mut asked = Vec::new();
    for _ in 0..2000 {
        let clock = world.clock;
        world.turn(&mut |_, step| {
            assert_eq!(step, Step::Init);
            asked.push(clock);
            Some(Fault::Broken { happened: false })
        });
        world.clock = world.clock.plus(Millis(50));
    }
    let gaps: Vec<_> = asked.windows(2).map(|two| two[1].0 - two[0].0).collect();
    assert_eq!(
        &gaps[..6],
        [0, 150, 250, 450, 850, 1650],
        "a turn is 50 ms, and the one after the wake asks"
    );
    assert!(gaps[9..].iter().all(|gap| *gap == 10_050), "{gaps:?}");
}

#[test]
fn bad_records_of_two_partitions_have_alerts_of_their_own() {
    let mut world = World::new(2);
    for partition in [0, 1] {
        world.send_to(Topic::Orders, partition, None, b"no event");
    }
    world.settle();
    let ids = world.seen(Topic::Alerts).into_iter().map(|seen| seen.json()["alert_id"].to_string());
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    assert_eq!(ids, ["\"/input_rejected/0/1\"", "\"/input_rejected/1/1\""]);
}
