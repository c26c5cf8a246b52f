//! Releases: one after the other, one beside the other, and back.

use allotment::{IMAGE_FORMAT, Millis};
use contract::Topic;
use lane::{Cause, Checkpoints, Manifest, RULES, Stage};
use simulator::kafka::Place;

use crate::checkpoints::stop;
use crate::input::{created, received};
use crate::world::{OFTEN, World, assert_same};

const CHECKPOINTS: Place = (Topic::Checkpoints, 0);

/// A village at work under the rules of this release.
fn old() -> World {
    at_work(OFTEN)
}

fn at_work(checkpoints: Checkpoints) -> World {
    let mut world = World::with(1, Some(checkpoints));
    world.send(Topic::Stock, "oranges", &received("oranges", "lot", 15));
    world.settle();
    sell(&mut world, 0..10);
    world
}

fn sell(world: &mut World, orders: std::ops::Range<u32>) {
    for order in orders {
        world.send(Topic::Orders, "oranges", &created("oranges", order, 1));
        world.settle();
    }
}

/// From here on processes are of the release with the next rules.
fn upgrade(world: &mut World) {
    world.settings.rules = RULES + 1;
}

fn answers(world: &World) -> usize {
    world.seen(Topic::Decisions).len()
}

#[test]
fn a_lane_that_was_stopped_in_peace_goes_on_under_other_rules() {
    let mut world = old();
    stop(&mut world);
    upgrade(&mut world);
    world.restart(0);
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.hosts[&0].replayed()), (1, 0));
    sell(&mut world, 10..12);
    assert_eq!(answers(&world), 12);
    // Killed before it wrote a checkpoint of its own, it comes back from that of the other release.
    world.restart(0);
    world.settle();
    assert_eq!(world.hosts[&0].ready(), 1);
    sell(&mut world, 12..13);
    assert_eq!(answers(&world), 13);
}

#[test]
fn an_idle_lane_that_was_killed_goes_on_under_other_rules_too() {
    let mut world = old();
    world.pass_to(world.clock.plus(Millis(10_000)), &mut |_, _| None);
    upgrade(&mut world);
    world.restart(0);
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.hosts[&0].replayed()), (1, 0));
}

#[test]
fn a_lane_that_was_killed_is_refused_by_other_rules_and_told_what_to_do() {
    let mut world = at_work(Checkpoints { events: 1000, interval: Millis(600_000), ..OFTEN });
    sell(&mut world, 10..11);
    upgrade(&mut world);
    let told = world.told();
    world.restart(0);
    world.settle();
    let Some(Err(halt)) = world.hosts[&0].ended() else { panic!("it did not halt") };
    let Cause::Rules { journal, ours, .. } = halt.cause else { panic!("{halt}") };
    assert_eq!((journal, ours), (RULES, RULES + 1));
    let text = halt.to_string();
    assert!(text.contains("stop it in peace") && text.contains("checkpoint"), "{text}");
    assert_same(&world.told(), &told, "it told nothing");
    // What the message says helps.
    world.settings.rules = RULES;
    world.restart(0);
    world.settle();
    stop(&mut world);
    upgrade(&mut world);
    world.restart(0);
    world.settle();
    assert_eq!(world.hosts[&0].ready(), 1);
}

#[test]
fn a_rolling_upgrade_hands_over_to_a_standby_of_the_new_release() {
    let mut world = old();
    upgrade(&mut world);
    world.follow(0);
    sell(&mut world, 10..20);
    world.pass_to(world.clock.plus(Millis(30_000)), &mut |_, _| None);
    sell(&mut world, 20..21);
    // It can't follow what other rules decide; it waits, and says so.
    assert_eq!(world.standbys[&0].ended(), None);
    assert!(world.standbys[&0].dropped() > 0);
    let standby = world.standbys.remove(&0).unwrap();
    stop(&mut world);
    world.standbys.insert(0, standby);
    world.take_over(0);
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.hosts[&0].replayed()), (1, 0));
    sell(&mut world, 21..25);
    assert_eq!(answers(&world), 25);
    // And a standby of the old one waits, too, instead of ending.
    world.settings.rules = RULES;
    world.follow(0);
    world.pass_to(world.clock.plus(Millis(30_000)), &mut |_, _| None);
    sell(&mut world, 25..26);
    let stage = world.standbys[&0].lane().status().stage;
    assert!(world.standbys[&0].ended().is_none() && stage != Stage::Ended);
}

#[test]
fn a_release_with_the_same_rules_takes_over_without_a_stop() {
    let mut world = old();
    world.follow(0);
    sell(&mut world, 10..11);
    world.take_over(0);
    sell(&mut world, 11..15);
    assert_eq!((answers(&world), world.hosts[&0].dropped()), (15, 0));
}

#[test]
fn the_way_back_is_the_same_as_the_way_there() {
    let mut world = old();
    stop(&mut world);
    upgrade(&mut world);
    world.restart(0);
    world.settle();
    sell(&mut world, 10..12);
    stop(&mut world);
    world.settings.rules = RULES;
    world.restart(0);
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.hosts[&0].replayed()), (1, 0));
    sell(&mut world, 12..14);
    assert_eq!(answers(&world), 14);
}

#[test]
fn a_checkpoint_of_a_newer_format_is_refused_and_says_which_release_to_run() {
    let mut world = old();
    stop(&mut world);
    let log = world.cluster.log(CHECKPOINTS);
    let (records, _) = log.read_committed(0, usize::MAX).unwrap();
    let of_manifest = |(_, message): &&(i64, simulator::kafka::Message)| {
        message.key.as_deref() == Some(lane::MANIFEST_KEY)
    };
    let (offset, message) = records.iter().rfind(of_manifest).unwrap();
    let value = message.value.clone().unwrap();
    let manifest = Manifest::decode(&value).unwrap();
    let newer = Manifest { image: manifest.image + 1, ..manifest }.encode();
    let mut other = value;
    other[0] += 1;
    for (value, of, own) in [(newer, "pages", IMAGE_FORMAT), (other, "manifest", 1)] {
        let mut world = old();
        stop(&mut world);
        world.cluster.log_mut(CHECKPOINTS).overwrite(*offset, value);
        world.restart(0);
        world.settle();
        let Some(Err(halt)) = world.hosts[&0].ended() else { panic!("it did not halt") };
        let Cause::CheckpointFormat { what, found, ours } = halt.cause else { panic!("{halt}") };
        assert_eq!((what, found, ours), (of, own + 1, own));
        assert!(halt.to_string().contains("a newer release wrote it"), "{halt}");
    }
}
