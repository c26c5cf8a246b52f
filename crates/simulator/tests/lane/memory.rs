//! A lane whose state takes as much as it may: it takes no more, loses nothing, and goes on.

use allotment::{Millis, Time};
use contract::Topic;
use lane::JournalRecord;
use serde_json::json;
use simulator::kafka::Message;

use crate::input::{any, created, paid, received};
use crate::world::{World, assert_same};

/// How long identities are remembered here, and finished orders.
const WINDOW: Millis = Millis::from_secs(60);

/// Some hundred and fifty orders; when they are forgotten but for their numbers, a third is left.
const LITTLE: u64 = 128 * 1024;

/// What a record may add: a list grows to twice its size, a page begins.
const STEP: u64 = 24 * 1024;

fn world(state_bytes: u64) -> World {
    let mut world = World::new(1);
    world.hosts.clear();
    world.settings.allotment.dedup_window = WINDOW;
    world.settings.limits.state_bytes = state_bytes;
    world.restart(0);
    world.send(Topic::Stock, "oranges", &received("oranges", "lot-1", 1000));
    world.settle();
    world
}

/// An order, as late as now.
fn order_of(world: &World, number: u32) -> String {
    let lines = json!([{"sku": "orange", "quantity": 1}]);
    let at = world.clock.0;
    let fields = json!({"order_id": number.to_string(), "lines": lines, "occurred_at": at});
    any("order.created", &format!("c{number}"), "oranges", fields)
}

/// A cancellation, so that the order is finished at once.
fn cancelled(world: &World, number: u32) -> String {
    let fields = json!({"order_id": number.to_string(), "occurred_at": world.clock.0});
    any("order.cancelled", &format!("x{number}"), "oranges", fields)
}

/// Orders with what becomes of them, one each hundred milliseconds, read or not.
fn sell(world: &mut World, orders: std::ops::Range<u32>, settle: bool) {
    for number in orders {
        world.send(Topic::Orders, "oranges", &order_of(world, number));
        world.send(Topic::Orders, "oranges", &cancelled(world, number));
        if number % 7 == 0 {
            world.send(Topic::Orders, "oranges", "not an event");
        }
        world.clock = world.clock.plus(Millis(100));
        if settle {
            world.settle();
        }
    }
}

/// As many as there is room for, one after the other; how many that was.
fn fill(world: &mut World) -> u32 {
    let mut number = 0;
    while !is_full(world) {
        let (order, id) = (number / 2, number);
        let record = if id % 2 == 0 { order_of(world, order) } else { cancelled(world, order) };
        world.send(Topic::Orders, "oranges", &record);
        world.settle();
        number += 1;
    }
    number
}

fn is_full(world: &World) -> bool {
    world.hosts[&0].lane().status().full
}

fn bytes(world: &World) -> u64 {
    world.hosts[&0].lane().holds().bytes
}

/// The state may take what it takes.
fn lift(world: &mut World) {
    let clock = world.clock;
    world.hosts.get_mut(&0).unwrap().allow(u64::MAX, clock);
    world.settle();
}

#[test]
fn a_lane_at_its_limit_takes_nothing_and_loses_nothing() {
    let (mut small, mut large) = (world(LITTLE), world(u64::MAX));
    sell(&mut small, 0..250, true);
    sell(&mut large, 0..250, true);
    assert!(is_full(&small) && !is_full(&large));
    assert!(bytes(&small) >= LITTLE, "{}", bytes(&small));
    assert!(bytes(&small) < LITTLE + STEP, "no more than a record adds: {}", bytes(&small));
    let told = small.told();
    let taken = small.cluster.committed((Topic::Orders, 0));
    assert!(taken > Some(200) && taken < Some(500), "{taken:?}");
    // It stays so, however long, since what waits holds time up; and it reads no more than it may hold.
    let later = small.clock.plus(WINDOW).plus(WINDOW);
    small.pass_to(later, &mut |_, _| None);
    large.pass_to(later, &mut |_, _| None);
    assert!(is_full(&small));
    assert_eq!(small.cluster.committed((Topic::Orders, 0)), taken);
    assert_same(&small.told(), &told, "nothing was decided");
    lift(&mut small);
    assert!(!is_full(&small));
    let later = small.clock.plus(Millis(1000));
    small.pass_to(later, &mut |_, _| None);
    large.pass_to(later, &mut |_, _| None);
    assert_same(&small.told(), &large.told(), "it is as if there had been no limit");
}

#[test]
fn time_makes_room_where_nothing_waits() {
    let mut world = world(LITTLE);
    let number = fill(&mut world);
    let told = world.told().len();
    let free = world.clock.plus(WINDOW).plus(Millis(1000));
    world.pass_to(free, &mut |_, _| None);
    assert!(!is_full(&world), "{} bytes", bytes(&world));
    assert!(bytes(&world) < LITTLE / 4 * 3, "{} bytes", bytes(&world));
    sell(&mut world, number..number + 1, true);
    assert!(world.told().len() > told, "and what comes is decided");
}

#[test]
fn time_makes_room_where_a_record_waits_that_arrives_when_it_is_taken() {
    let mut world = world(LITTLE);
    fill(&mut world);
    let taken = world.cluster.committed((Topic::Orders, 0));
    let free = world.clock.plus(WINDOW).plus(Millis(1000));
    let fields = json!({"order_id": "late", "occurred_at": free.0});
    let record = any("order.cancelled", "late", "oranges", fields);
    let message = world.message(None, record.as_bytes());
    world.cluster.send((Topic::Orders, 0), Message { timestamp: Time(0), ..message });
    world.settle();
    assert_eq!(world.cluster.committed((Topic::Orders, 0)), taken, "there is no room for it");
    world.pass_to(free, &mut |_, _| None);
    assert!(!is_full(&world), "{} bytes", bytes(&world));
    assert!(world.cluster.committed((Topic::Orders, 0)) > taken);
}

#[test]
fn time_makes_room_up_to_the_first_record_that_waits() {
    let (mut small, mut large) = (world(u64::MAX), world(u64::MAX));
    small.settings.limits.state_bytes = LITTLE;
    for world in [&mut small, &mut large] {
        sell(world, 0..200, true);
        // Nobody reads for two minutes; what comes meanwhile comes when the rest could be forgotten.
        let resume = world.clock.plus(WINDOW).plus(WINDOW);
        world.hosts.clear();
        world.clock = resume.minus(Millis(30_000));
        sell(world, 300..310, false);
        world.clock = resume;
        world.restart(0);
        world.turn(&mut |_, _| None);
    }
    // One comes back with more than it may hold.
    while small.hosts[&0].ready() == 0 {
        small.turn(&mut |_, _| None);
    }
    assert!(bytes(&small) > LITTLE && is_full(&small), "{} bytes", bytes(&small));
    // It lets time pass up to what waits, and takes that.
    for world in [&mut small, &mut large] {
        let later = world.clock.plus(Millis(2000));
        world.pass_to(later, &mut |_, _| None);
    }
    assert!(!is_full(&small));
    assert_same(&small.told(), &large.told(), "the same at the same instants");
}

#[test]
fn what_can_not_be_taken_moves_no_time_where_it_waits() {
    let (mut small, mut large) = (world(u64::MAX), world(u64::MAX));
    for world in [&mut small, &mut large] {
        sell(world, 0..40, true);
    }
    let minute = small.clock.plus(WINDOW);
    // Both stand still while something comes that is no event, much later, and then one that came before.
    let (clock, late) = (minute.plus(Millis(600)), minute.plus(Millis(60_000)));
    for world in [&mut small, &mut large] {
        world.hosts.clear();
        world.clock = late;
        world.send(Topic::Orders, "oranges", "not an event");
        world.clock = clock;
        world.send(Topic::Orders, "oranges", &order_of(world, 1000));
        world.clock = late.plus(Millis(5000));
    }
    small.settings.limits.state_bytes = 1;
    small.restart(0);
    small.settle();
    let now = small.hosts[&0].lane().status().now;
    let until = small.clock.plus(Millis(3000));
    small.pass_to(until, &mut |_, _| None);
    assert_eq!(small.hosts[&0].lane().status().now, now, "what is no event moves no time");
    large.clock = small.clock;
    large.restart(0);
    large.settle();
    lift(&mut small);
    assert_same(&small.told(), &large.told(), "as without a limit");
}

#[test]
fn a_way_back_is_finished_whatever_it_takes_and_then_the_lane_pauses() {
    let mut world = world(u64::MAX);
    sell(&mut world, 0..100, true);
    let (held, told) = (bytes(&world), world.told());
    world.settings.limits.state_bytes = held / 4;
    world.restart(0);
    world.settle();
    assert_eq!(world.hosts[&0].ready(), 1, "it is live");
    assert!(is_full(&world));
    assert!(bytes(&world) > held / 2, "all that was decided is there");
    sell(&mut world, 100..101, true);
    assert_same(&world.told(), &told, "and it takes nothing");
    // It can be stopped in peace, and still writes what has changed.
    let clock = world.clock;
    world.hosts.get_mut(&0).unwrap().stop(clock);
    world.settle();
    assert_eq!(world.hosts[&0].ended(), Some(&Ok(())));
}

#[test]
fn a_full_lane_writes_its_checkpoints() {
    let mut world = world(LITTLE);
    sell(&mut world, 0..250, true);
    assert!(is_full(&world));
    let until = world.clock.plus(Millis(10_000));
    world.pass_to(until, &mut |_, _| None);
    let status = world.hosts[&0].lane().status();
    let stands = status.checkpoint.map(|checkpoint| checkpoint.sequence);
    assert!(stands >= last_decided(&world), "what was decided is in it: {status:?}");
}

/// The last transaction in which anything was taken, where a checkpoint does not stand in for it already.
fn last_decided(world: &World) -> Option<u64> {
    let log = world.cluster.log((Topic::Journal, 0));
    let (records, _) = log.read_committed(log.earliest(), usize::MAX).unwrap();
    let decoded = records
        .iter()
        .map(|(_, message)| JournalRecord::decode(message.value.as_ref().unwrap()).unwrap());
    let decided = decoded.filter(|record| record.taken.iter().any(|(_, range)| range.is_some()));
    decided.map(|record| record.sequence).next_back()
}

#[test]
fn a_standby_at_its_limit_stands_still_and_still_takes_over() {
    let mut world = world(u64::MAX);
    let own = world.settings.limits;
    world.settings.limits.state_bytes = LITTLE;
    world.follow(0);
    world.settings.limits = own;
    sell(&mut world, 0..250, true);
    let owner = world.hosts[&0].lane().status();
    let standby = &world.standbys[&0];
    assert!(standby.lane().status().full);
    assert!(standby.lane().status().ahead > 10, "it is behind");
    assert!(standby.lane().holds().bytes < LITTLE + STEP);
    // Allowed more, it follows on.
    let clock = world.clock;
    let standby = world.standbys.get_mut(&0).unwrap();
    standby.allow(LITTLE + LITTLE / 8, clock);
    world.settle();
    assert!(world.standbys[&0].lane().status().full);
    // As an owner it finishes what was decided, and takes nothing more.
    let told = world.told();
    world.take_over(0);
    world.settle();
    let status = world.hosts[&0].lane().status();
    assert_eq!((status.digest, status.full), (owner.digest, true));
    sell(&mut world, 250..251, true);
    assert_same(&world.told(), &told, "it is full");
    lift(&mut world);
    assert!(world.told().len() > told.len());
}

#[test]
fn outputs_of_a_transaction_are_bounded_in_bytes() {
    let transactions = |batch_output_bytes: usize| {
        let mut world = World::with(1, None);
        world.hosts.clear();
        world.settings.limits.batch_output_bytes = batch_output_bytes;
        world.send(Topic::Stock, "oranges", &received("oranges", "lot-1", 40));
        for number in 0..40 {
            world.send(Topic::Orders, "oranges", &created("oranges", number, 1));
            world.send(Topic::Orders, "oranges", &paid("oranges", number));
        }
        world.restart(0);
        world.settle();
        let told = world.told();
        (world.hosts[&0].lane().status().sequence, told)
    };
    let (few, many) = (transactions(8 << 20), transactions(4096));
    assert_eq!(few.0, 2, "the first takes nothing");
    assert!(many.0 > 8, "{} transactions", many.0);
    assert_same(&many.1, &few.1, "cut otherwise");
}
