//! Records whose own timestamps are wrong: they arrive when they are taken, or the dead letter names the timestamp.

use allotment::{Millis, Time};
use contract::Topic;
use simulator::kafka::Message;

use crate::input::{created, received};
use crate::world::{START, World};

/// How long identities are kept.
const WINDOW: Millis = Millis(60_000);

fn world(partitions: u32) -> World {
    let mut world = World::new(partitions);
    world.hosts.clear();
    world.settings.allotment.dedup_window = WINDOW;
    (0..partitions).for_each(|partition| world.restart(partition));
    world.settle();
    world.clock = START.plus(Millis(1_000));
    world
}

/// A record whose producer has set this timestamp.
fn send(world: &mut World, topic: Topic, partition: u32, timestamp: i64, value: &str) {
    let message = world.message(Some("oranges"), value.as_bytes());
    let message = Message { timestamp: Time(timestamp), ..message };
    world.cluster.send((topic, partition), message);
}

/// None, none, in seconds, before the year 2000, in microseconds, and nonsense.
const ODD: [i64; 6] = [-1, 0, START.0 / 1000, 946_684_799_999, START.0 * 1000, i64::MAX];

#[test]
fn a_record_without_a_credible_time_arrives_when_it_is_taken_and_its_identity_leaves() {
    for odd in ODD {
        let mut world = world(1);
        send(&mut world, Topic::Stock, 0, odd, &received("oranges", "lot-1", 5));
        send(&mut world, Topic::Orders, 0, odd, &created("oranges", 1, 1));
        world.settle();
        assert_eq!(world.seen(Topic::DeadLetter), [], "{odd}");
        let decisions = world.seen(Topic::Decisions);
        assert_eq!(decisions.len(), 1, "{odd}");
        assert_eq!(decisions[0].json()["outcome"], "reserved");
        assert_eq!(decisions[0].json()["decided_at"], "2026-11-22T12:00:01.000Z", "{odd}");
        assert_eq!(world.hosts[&0].lane().holds().identities, 2);
        world.restart(0);
        world.settle();
        assert_eq!(world.hosts[&0].ready(), 1, "{odd}: and it comes back");
        world.pass_to(world.clock.plus(WINDOW).plus(Millis(2_000)), &mut |_, _| None);
        world.send(Topic::Stock, "oranges", "{}");
        let other = received("oranges", "lot-2", 1).replace("12:00:00Z", "12:01:00Z");
        world.send(Topic::Stock, "oranges", &other);
        world.settle();
        assert_eq!(world.hosts[&0].lane().holds().identities, 1, "{odd}: the old ones are gone");
    }
}

#[test]
fn what_is_sent_home_bears_the_time_at_which_it_was_taken() {
    for odd in ODD {
        let mut world = world(2);
        let away = 1 - world.home("oranges");
        send(&mut world, Topic::Orders, away, odd, &created("oranges", 1, 1));
        world.settle();
        let rerouted = world.seen(Topic::Reroute);
        let arrival = rerouted[0].header("granary-arrival").unwrap();
        assert_eq!(arrival, START.plus(Millis(1_000)).0.to_string(), "{odd}");
    }
}

#[test]
fn a_timestamp_that_is_years_too_old_is_named_as_what_is_wrong() {
    let mut world = world(1);
    let year_2010 = 1_262_304_000_000;
    send(&mut world, Topic::Orders, 0, year_2010, &created("oranges", 1, 1));
    world.settle();
    let letters = world.seen(Topic::DeadLetter);
    assert_eq!(letters[0].header("error-code"), Some("future"));
    let message = letters[0].header("error-message").unwrap();
    assert!(
        message.contains("timestamp of the Kafka record is 2010-01-01T00:00:00.000Z"),
        "{message}"
    );
    assert!(message.contains("occurred_at is 2026-11-22T12:00:00.000Z"), "{message}");
    // An event that is in the future by the brokers' time too is its sender's mistake.
    let early = created("oranges", 2, 1).replace("2026-11-22", "2027-11-22");
    send(&mut world, Topic::Orders, 0, year_2010, &early);
    world.settle();
    let letters = world.seen(Topic::DeadLetter);
    assert_eq!(letters[1].header("error-message"), Some("future: occurred_at"));
}
