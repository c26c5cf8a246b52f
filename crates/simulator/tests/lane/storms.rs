//! Random traffic with random faults from a seed, against the same traffic on a calm day.
//!
//! `GRANARY_SEED=n cargo test -p simulator --test lane storms` repeats one seed; with `GRANARY_SEEDS=m` it is the
//! first of m.

use std::env;

use allotment::Millis;
use simulator::kafka::{Fault, Message, Step};

use crate::traffic::{Burst, Send, traffic};
use crate::world::{Plan, World, assert_same};
use traffic::rng::Rng;

const PARTITIONS: u32 = 3;

/// Seeds that a run tries, where none is given.
const SEEDS: u64 = 30;

/// Longer than the pauses that a few faults in a row make a lane take.
const CALM_BEFORE: Millis = Millis(15_000);

fn weather(world: &mut World, bursts: &[Burst], plan: Plan<'_>) {
    world.settle_with(plan);
    for Burst { at, misplaced, sends } in bursts {
        // Who pauses at the last moment would be late for the burst, or the burst for the others.
        world.pass_to(at.minus(CALM_BEFORE), plan);
        world.pass_to(*at, &mut |_, _| None);
        assert_eq!(world.clock, *at);
        for send in sends {
            publish(world, send);
        }
        // A pause on the way would let time pass at home before the record is there, which is as it should
        // be, but no longer comparable; a crash costs no time.
        let mut harsh =
            |partition, step| plan(partition, step).filter(|f| !misplaced || *f == Fault::Crash);
        world.settle_with(&mut harsh);
    }
    // Everybody sees the same end of the day.
    let last = bursts.last().unwrap().at;
    world.pass_to(last.plus(Millis(90_000)), &mut |_, _| None);
}

fn publish(world: &mut World, send: &Send) {
    let Send { topic, partition, headers, value, aborted } = send;
    let message = Message {
        timestamp: world.clock,
        key: None,
        headers: headers.clone(),
        value: Some(value.clone()),
    };
    if *aborted {
        let bridge = world.cluster.init("bridge");
        world.cluster.produce(&bridge, (*topic, *partition), message).unwrap();
        world.cluster.abort(&bridge).unwrap();
    } else {
        world.cluster.send((*topic, *partition), message);
    }
}

/// One fault in so many steps, any of them.
fn trouble(rng: &mut Rng, rarely: u64, step: Step) -> Option<Fault> {
    if rng.below(rarely) != 0 {
        return None;
    }
    Some(match rng.below(5) {
        0 | 1 => Fault::Crash,
        2 => Fault::Broken { happened: rng.percent(50) },
        3 if matches!(step, Step::Begin | Step::Produce | Step::Commit) => Fault::ShutOut,
        _ => Fault::Broken { happened: step == Step::Commit },
    })
}

/// How rejections are added up depends on where `now` has followed the clock to, which a fault delays; the
/// dead letters themselves are compared.
fn view(world: &World) -> Vec<String> {
    world.told().into_iter().filter(|line| !line.contains("/input_rejected/")).collect()
}

fn storm(seed: u64) -> u32 {
    let bursts = traffic(seed, PARTITIONS);
    let mut calm = World::new(PARTITIONS);
    weather(&mut calm, &bursts, &mut |_, _| None);

    let mut rng = Rng::new(seed ^ 0x5703_1aa5);
    let mut rough = World::new(PARTITIONS);
    rough.appetite = 1 + usize::try_from(rng.below(4)).unwrap();
    rough.settings.limits.batch_records = 1 + usize::try_from(rng.below(5)).unwrap();
    (0..PARTITIONS).for_each(|partition| rough.restart(partition));
    let rarely = 40 + rng.below(400);
    weather(&mut rough, &bursts, &mut |_, step| trouble(&mut rng, rarely, step));
    assert_same(&view(&rough), &view(&calm), &format!("seed {seed}"));

    // And whoever comes last finds the way back.
    (0..PARTITIONS).for_each(|partition| rough.restart(partition));
    rough.settle();
    assert_same(&view(&rough), &view(&calm), &format!("seed {seed}, after the last replay"));
    assert!(rough.hosts.values().all(|host| host.ready() == 1), "seed {seed}");
    let dropped: u32 = rough.hosts.values().map(|host| host.dropped()).sum();
    rough.crashes + dropped
}

#[test]
fn whatever_fails_the_outside_sees_what_it_would_have_seen() {
    let number = |name| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let first = number("GRANARY_SEED");
    let many = number("GRANARY_SEEDS").unwrap_or(if first.is_some() { 1 } else { SEEDS });
    let first = first.unwrap_or(0);
    let faults: u32 = (first..first + many).map(storm).sum();
    assert!(many < SEEDS || u64::from(faults) > many, "storms without faults prove nothing");
}
