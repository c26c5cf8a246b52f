//! Pools that somebody makes up: more than an hour may bring are dead letters, whatever fails in between.

use contract::{Topic, headers};
use lane::{Checkpoints, Limits};

use crate::input::{created, received};
use crate::world::{START, World};

/// Two partitions that take three new pools an hour.
fn world() -> World {
    let often = Checkpoints { events: 4, ..Checkpoints::default() };
    let mut world = World::with(2, Some(often));
    world.settings.limits = Limits { new_pools: 3, ..world.settings.limits };
    world.restart(0);
    world.restart(1);
    world
}

/// The first so many pools whose home is `partition`.
fn pools_of(world: &World, partition: u32, count: usize) -> Vec<String> {
    let names = (0..).map(|number| format!("order-{number}"));
    names.filter(|name| world.home(name) == partition).take(count).collect()
}

fn order(world: &mut World, pool: &str, number: u32) {
    world.send(Topic::Orders, pool, &created(pool, number, 1));
    world.settle();
}

#[test]
fn pools_that_are_too_many_are_dead_letters_and_the_other_partition_goes_on() {
    let mut world = world();
    let (flooded, quiet) = (pools_of(&world, 0, 9), pools_of(&world, 1, 1));
    world.send(Topic::Stock, &quiet[0], &received(&quiet[0], "lot", 5));
    for (number, pool) in (0..).zip(&flooded) {
        order(&mut world, pool, number);
        // What counts is in the journal and in checkpoints.
        if number % 2 == 0 {
            world.restart(0);
            world.settle();
        }
    }
    order(&mut world, &flooded[0], 90);
    order(&mut world, &quiet[0], 91);
    assert_eq!(world.seen(Topic::Decisions).len(), 3 + 1 + 1, "known pools go on");
    let letters = world.seen(Topic::DeadLetter);
    assert_eq!(letters.len(), 6);
    for letter in letters {
        assert_eq!(letter.header(headers::ERROR_CODE), Some("out_of_range"));
        let message = letter.header(headers::ERROR_MESSAGE).unwrap();
        assert!(message.contains("bounds.new_pools"), "{message}");
    }
    // The first at once; the others are still adding up.
    let alerts = world.seen(Topic::Alerts).into_iter().map(|alert| alert.json());
    assert_eq!(alerts.filter(|alert| alert["type"] == "input_rejected").count(), 1);
}

#[test]
fn the_next_hour_brings_new_pools_again_and_the_bound_may_change_in_between() {
    let mut world = world();
    let pools = pools_of(&world, 0, 9);
    (0..).zip(&pools[..4]).for_each(|(number, pool)| order(&mut world, pool, number));
    assert_eq!(world.seen(Topic::Decisions).len(), 3);
    // The journal knows what was allowed when: what was decided under the old bound stays so.
    world.settings.limits.new_pools = 5;
    world.restart(0);
    world.settle();
    (4..).zip(&pools[4..7]).for_each(|(number, pool)| order(&mut world, pool, number));
    assert_eq!(world.seen(Topic::Decisions).len(), 5);
    world.pass_to(START.plus(allotment::Millis::from_secs(2 * 60 * 60)), &mut |_, _| None);
    // Nothing moved the partition's time meanwhile.
    order(&mut world, &pools[8], 8);
    assert_eq!(world.seen(Topic::Decisions).len(), 6);
}
