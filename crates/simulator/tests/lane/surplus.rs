//! Inputs that get more partitions than the deployment has: what comes on those is sent home once, whatever fails.

use std::collections::BTreeMap;

use allotment::Millis;
use contract::Topic;
use lane::{InputTopic, JournalRecord, Surplus};
use simulator::kafka::{Fault, Step};

use crate::input::{created, paid, received};
use crate::world::{Plan, START, World};

/// Orders and stock get more partitions while two lanes work, and everything from then on comes on those.
fn growing(world: &mut World, plan: Plan<'_>) {
    world.send(Topic::Stock, "tea", &received("tea", "lot-0", 2));
    world.send(Topic::Orders, "tea", &created("tea", 1, 2));
    world.settle_with(plan);
    world.cluster.grow(Topic::Orders, 5);
    world.cluster.grow(Topic::Stock, 3);
    let (cluster, clock) = (&world.cluster, world.clock);
    world.hosts.values_mut().for_each(|host| host.describe(cluster, clock));
    for pool in ["oranges", "tea"] {
        world.send_to(Topic::Stock, 2, Some(pool), received(pool, "lot-1", 100).as_bytes());
    }
    world.settle_with(plan);
    for pool in ["oranges", "tea"] {
        for order in 2..8 {
            let value = created(pool, order, 2);
            world.send_to(Topic::Orders, 2 + order % 3, Some(pool), value.as_bytes());
        }
    }
    world.send_to(Topic::Orders, 3, None, b"{\"type\":");
    world.settle_with(plan);
    world.pass_to(START.plus(Millis(5_000)), plan);
    let both = format!("[{},{}]", paid("tea", 2), paid("oranges", 3));
    world.send_to(Topic::Orders, 4, None, both.as_bytes());
    world.settle_with(plan);
    world.pass_to(START.plus(Millis(10_000)), plan);
}

/// How often each order has been answered in which way, and each thing been refused.
fn answers(world: &World) -> BTreeMap<String, usize> {
    let mut answers = BTreeMap::new();
    for seen in world.seen(Topic::Decisions) {
        let told = seen.json();
        let key = format!("{} {} {}", told["pool"], told["order_id"], told["outcome"]);
        *answers.entry(key).or_default() += 1;
    }
    for seen in world.seen(Topic::DeadLetter) {
        let place = ["source-topic", "source-partition", "source-offset", "error-code"];
        let place = place.map(|name| seen.header(name).unwrap_or("none").to_owned());
        *answers.entry(place.join(" ")).or_default() += 1;
    }
    answers
}

/// What the journals say of the added partitions: for each, where its last record ended.
fn ends(world: &World) -> BTreeMap<Surplus, i64> {
    let mut ends = BTreeMap::new();
    for partition in 0..2 {
        let log = world.cluster.log((Topic::Journal, partition));
        let (records, _) = log.read_committed(log.earliest(), usize::MAX).unwrap();
        for (_, message) in records {
            let record = JournalRecord::decode(&message.value.unwrap()).unwrap();
            for (surplus, range) in record.surplus {
                assert_eq!(surplus.partition % 2, partition, "the lane of p mod P reads it");
                // The first one may have been trimmed behind a checkpoint.
                let before = ends.insert(surplus, range.to).unwrap_or(range.from);
                assert_eq!(before, range.from, "{surplus:?}: nothing between");
            }
        }
    }
    ends
}

fn calm() -> World {
    let mut world = World::with(2, None);
    growing(&mut world, &mut |_, _| None);
    world
}

#[test]
fn what_comes_on_added_partitions_is_decided_at_home() {
    let world = calm();
    let answers = answers(&world);
    let reserved = answers.keys().filter(|key| key.contains("reserved")).count();
    assert_eq!(reserved, 13, "every order, the paid ones too: {answers:#?}");
    assert_eq!(answers.keys().filter(|key| key.contains("allocated")).count(), 2, "{answers:#?}");
    let letter = "granary.orders 3 4 not_json";
    assert_eq!(answers.get(letter), Some(&1), "named where it came from: {answers:#?}");
    let ends = ends(&world);
    assert_eq!(ends.len(), 4, "{ends:?}");
    for (Surplus { input, partition }, end) in ends {
        let place = (input.topic(), partition);
        assert_eq!(world.cluster.committed(place), Some(end), "{input} {partition}");
    }
}

#[test]
fn what_comes_on_added_partitions_is_decided_once_whatever_fails() {
    let wanted = answers(&calm());
    let lost = [true, false].map(|happened| Fault::Broken { happened });
    for fault in [&[Fault::Crash, Fault::ShutOut], &lost[..]].concat() {
        for nth in 0.. {
            let (mut count, mut struck) = (0, None);
            let mut world = World::new(2);
            world.appetite = 1 + nth % 3;
            growing(&mut world, &mut |_, step: Step| {
                count += 1;
                (count == nth + 1).then(|| {
                    struck = Some(step);
                    fault
                })
            });
            let Some(step) = struck else { break };
            assert_eq!(answers(&world), wanted, "{fault:?} at {step:?}, the {nth}th");
        }
    }
}

#[test]
fn a_lane_that_comes_back_from_a_checkpoint_reads_on_where_it_was() {
    let mut world = World::new(2);
    growing(&mut world, &mut |_, _| None);
    world.hosts.values_mut().for_each(|host| host.stop(world.clock));
    world.settle();
    let told = answers(&world);
    (0..2).for_each(|partition| world.restart(partition));
    world.settle();
    assert_eq!(answers(&world), told, "nothing is sent home twice");
    world.send_to(Topic::Orders, 4, Some("tea"), created("tea", 99, 1).as_bytes());
    world.settle();
    assert_eq!(answers(&world).len(), told.len() + 1);
    let orders = Surplus { input: InputTopic::Orders, partition: 4 };
    assert!(ends(&world).contains_key(&orders));
}

#[test]
fn a_lane_reads_on_where_the_records_of_an_added_partition_were_deleted() {
    let mut world = World::new(2);
    growing(&mut world, &mut |_, _| None);
    let place = (Topic::Orders, 4);
    // A producer's transaction: its marker is the last entry, and no record is left behind it.
    let producer = world.cluster.init("shop");
    let message = world.message(Some("tea"), created("tea", 97, 1).as_bytes());
    world.cluster.produce(&producer, place, message).unwrap();
    world.cluster.commit(&producer).unwrap();
    world.settle();
    let told = answers(&world);
    let surplus = Surplus { input: InputTopic::Orders, partition: 4 };
    let end = world.cluster.log(place).end();
    assert_eq!(ends(&world)[&surplus], end - 1, "the journal ends before the marker");
    world.cluster.log_mut(place).delete_before(end);
    (0..2).for_each(|partition| world.restart(partition));
    world.settle();
    assert_eq!(answers(&world), told, "nothing is sent home twice");
    world.send_to(Topic::Orders, 4, Some("tea"), created("tea", 98, 1).as_bytes());
    world.settle();
    assert_eq!(answers(&world).len(), told.len() + 1);
    let drops: u32 = world.hosts.values().map(|host| host.dropped()).sum();
    assert_eq!(drops, 0, "no lane has had to come back");
}

#[test]
fn records_that_a_broker_lost_on_an_added_partition_are_not_passed_over() {
    let mut world = World::new(2);
    growing(&mut world, &mut |_, _| None);
    let place = (Topic::Orders, 4);
    let end = world.cluster.log(place).end();
    world.cluster.log_mut(place).truncate(end - 1);
    (0..2).for_each(|partition| world.restart(partition));
    (0..200).for_each(|_| world.turn(&mut |_, _| None));
    let why = world.hosts[&0].why_dropped().expect("the lane does not go on as if nothing were");
    assert!(why.contains("added partition 4"), "{why}");
}
