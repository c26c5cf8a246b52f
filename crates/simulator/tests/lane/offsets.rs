//! The group's offsets: of all inputs, also of those on which nothing comes, and again and again.

use allotment::Millis;
use contract::Topic;

use crate::input::created;
use crate::world::World;

const INPUTS: [Topic; 4] = [Topic::Orders, Topic::Stock, Topic::Comments, Topic::Reroute];

fn committed(world: &World) -> [Option<i64>; 4] {
    INPUTS.map(|topic| world.cluster.committed((topic, 0)))
}

#[test]
fn the_positions_of_all_inputs_are_committed_at_once_and_again_when_kafka_has_forgotten_them() {
    let mut world = World::new(1);
    world.send(Topic::Orders, "oranges", &created("oranges", 1, 1));
    world.settle();
    let all = committed(&world);
    assert!(all.iter().all(Option::is_some), "{all:?}");
    assert!(all[0] > Some(0), "{all:?}");
    for topic in INPUTS {
        world.cluster.forget_committed((topic, 0));
    }
    // What comes later on one input tells of that one alone.
    world.send(Topic::Orders, "oranges", &created("oranges", 2, 1));
    world.settle();
    assert_eq!(committed(&world)[1..], [None; 3]);
    // An idle lane does it by itself.
    world.pass_to(world.clock.plus(Millis::from_secs(31 * 60)), &mut |_, _| None);
    world.settle();
    assert_eq!(committed(&world)[1..], all[1..]);
    // A quiet input's offset that is gone is no reason to refuse.
    world.cluster.forget_committed((Topic::Stock, 0));
    world.restart(0);
    world.settle();
    assert_eq!(committed(&world)[1], all[1]);
    assert_eq!(world.hosts[&0].ready(), 1);
}
