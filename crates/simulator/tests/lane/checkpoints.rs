//! Checkpoints: what a lane writes, what it comes back from, and what it refuses to come back from.

use std::collections::{BTreeMap, BTreeSet};

use allotment::Millis;
use contract::Topic;
use lane::{Cause, CheckpointKey, Checkpoints, InputTopic, Manifest, PagePart, Stage};
use serde_json::json;
use simulator::kafka::{Fault, Place, Step};

use crate::crashes::evening;
use crate::input::{any, created, paid, received};
use crate::world::{OFTEN, START, World, assert_same};

const CHECKPOINTS: Place = (Topic::Checkpoints, 0);
const JOURNAL: Place = (Topic::Journal, 0);
const ORDERS: Place = (Topic::Orders, 0);

/// None but at the end, and in many transactions.
const SELDOM: Checkpoints =
    Checkpoints { interval: Millis(600_000), events: 1000, portion_bytes: 300, stop_bytes: 1 };

/// One village with some orders, all of it in a checkpoint, and its lane stopped.
fn stopped(checkpoints: Checkpoints) -> World {
    let mut world = World::with(1, Some(checkpoints));
    sell(&mut world, 0..20);
    stop(&mut world);
    world
}

fn sell(world: &mut World, orders: std::ops::Range<u32>) {
    let lot = format!("lot-{}", orders.start);
    world.send(Topic::Stock, "oranges", &received("oranges", &lot, 15));
    world.settle();
    for order in orders {
        world.send(Topic::Orders, "oranges", &created("oranges", order, 1));
        if order % 3 == 0 {
            world.send(Topic::Orders, "oranges", &paid("oranges", order));
        }
        world.settle();
    }
}

pub(crate) fn stop(world: &mut World) {
    let clock = world.clock;
    for host in world.hosts.values_mut() {
        host.stop(clock);
    }
    for _ in 0..1000 {
        world.turn(&mut |_, _| None);
        world.clock = world.clock.plus(Millis(1));
    }
    for host in world.hosts.values() {
        assert_eq!(host.ended(), Some(&Ok(())));
    }
}

/// What a reader of the topic finds under each key.
fn stored(world: &World) -> BTreeMap<Vec<u8>, (i64, Vec<u8>)> {
    let log = world.cluster.log(CHECKPOINTS);
    let (records, _) = log.read_committed(log.earliest(), usize::MAX).unwrap();
    let mut stored = BTreeMap::new();
    for (offset, message) in records {
        let key = message.key.unwrap();
        match message.value {
            Some(value) => stored.insert(key, (offset, value)),
            None => stored.remove(&key),
        };
    }
    stored
}

fn manifest(world: &World) -> Manifest {
    Manifest::decode(&stored(world)[lane::MANIFEST_KEY].1).unwrap()
}

/// Why a lane that starts now stops for good.
fn halts(mut world: World) -> Cause {
    let told = world.told();
    world.restart(0);
    world.settle();
    assert_eq!(world.told(), told, "who is not sure tells nothing");
    let Some(Err(halt)) = world.hosts[&0].ended() else { panic!("the lane did not halt") };
    halt.cause.clone()
}

#[test]
fn a_lane_that_is_stopped_leaves_nothing_to_replay() {
    for portions in [1, 300, 1 << 20] {
        let mut world = stopped(Checkpoints { stop_bytes: portions, ..OFTEN });
        let (digest, sequence) = (manifest(&world).digest, manifest(&world).sequence);
        world.restart(0);
        world.settle();
        let host = &world.hosts[&0];
        assert_eq!((host.ready(), host.replayed()), (1, 0), "portions of {portions}");
        let loaded = host.lane().loaded().unwrap();
        assert_eq!(loaded.checkpoint.sequence, sequence);
        assert_eq!(host.lane().status().digest, digest);
        // And goes on like one that never stopped.
        sell(&mut world, 20..30);
        let mut never = World::with(1, None);
        sell(&mut never, 0..20);
        never.clock = never.clock.plus(Millis(1000));
        sell(&mut never, 20..30);
        assert_same(&world.told_but_when(), &never.told_but_when(), "stopped in between");
    }
}

#[test]
fn who_has_nothing_new_stops_at_once() {
    let mut world = stopped(OFTEN);
    world.restart(0);
    world.settle();
    let end = world.cluster.log(JOURNAL).end();
    stop(&mut world);
    assert_eq!(world.cluster.log(JOURNAL).end(), end);
}

#[test]
fn who_is_told_twice_stops_without_a_checkpoint() {
    let mut world = World::with(1, Some(SELDOM));
    world.send(Topic::Stock, "oranges", &received("oranges", "lot", 15));
    world.settle();
    let clock = world.clock;
    let host = world.hosts.get_mut(&0).unwrap();
    host.stop(clock);
    host.stop(clock);
    world.turn(&mut |_, _| None);
    world.turn(&mut |_, _| None);
    assert_eq!(world.hosts[&0].ended(), Some(&Ok(())));
    assert!(!stored(&world).contains_key(lane::MANIFEST_KEY));
}

#[test]
fn a_round_rides_in_the_transactions_that_there_are() {
    let mut world = World::with(1, Some(Checkpoints { interval: Millis(600_000), ..OFTEN }));
    world.send(Topic::Stock, "oranges", &received("oranges", "lot", 15));
    for order in 0..200 {
        world.send(Topic::Orders, "oranges", &created("oranges", order, 1));
    }
    world.settings.limits.batch_records = 2;
    world.restart(0);
    world.settle();
    let log = world.cluster.log(CHECKPOINTS);
    let mut portions: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
    for committed in log.history() {
        let sum = portions.entry(committed.transaction.unwrap()).or_default();
        sum.0 += committed.message.value.as_ref().map_or(0, Vec::len);
        sum.1 += 1;
    }
    assert!(portions.len() > 20, "{portions:?}");
    let versions = stored(&world).len() as u64;
    assert!(versions <= 2 * manifest(&world).pages + 1, "old ones do not pile up: {versions}");
    let largest_page = stored(&world).values().map(|(_, value)| value.len()).max().unwrap();
    for (transaction, (bytes, _)) in &portions {
        assert!(*bytes < OFTEN.portion_bytes + largest_page, "{transaction} has {bytes}");
    }
    let of = |topic| {
        let log = world.cluster.log((topic, 0));
        log.history().filter_map(|committed| committed.transaction).collect::<Vec<_>>()
    };
    let with_answers: BTreeSet<_> = of(Topic::Decisions).into_iter().collect();
    let riding = portions.keys().filter(|id| with_answers.contains(id)).count();
    assert!(riding > 10, "while there is something to decide, nothing else is waited for");
}

#[test]
fn an_idle_lane_writes_one_round_and_then_none() {
    let mut world = World::with(1, Some(OFTEN));
    sell(&mut world, 0..5);
    world.pass_to(world.clock.plus(Millis(10_000)), &mut |_, _| None);
    let before = world.cluster.log(JOURNAL).end();
    let manifest = manifest(&world);
    world.pass_to(world.clock.plus(Millis(60_000)), &mut |_, _| None);
    assert_eq!(world.cluster.log(JOURNAL).end(), before, "nothing has changed, nothing is written");
    world.restart(0);
    world.settle();
    assert_eq!(world.hosts[&0].replayed(), 0);
    assert!(manifest.sequence > 0);
}

#[test]
fn what_is_superseded_is_taken_away_and_the_journal_is_trimmed() {
    let mut world = World::with(1, Some(OFTEN));
    sell(&mut world, 0..60);
    world.pass_to(world.clock.plus(Millis(10_000)), &mut |_, _| None);
    let stands = manifest(&world);
    let stored = stored(&world);
    let mut versions: BTreeMap<_, u32> = BTreeMap::new();
    for (key, (_, value)) in &stored {
        let Some(CheckpointKey::Page { page, sequence, .. }) = CheckpointKey::decode(key) else {
            continue;
        };
        assert!(PagePart::decode(key, value).unwrap().parts > 0, "nothing says that it is gone");
        assert!(sequence <= stands.sequence);
        *versions.entry(page).or_default() += 1;
    }
    assert!(versions.values().all(|count| *count == 1), "{versions:?}");
    assert_eq!(versions.len() as u64, stands.pages);
    let journal = world.cluster.log(JOURNAL);
    assert!(journal.earliest() > 0 && journal.earliest() < stands.journal);
    // Without what was trimmed, and without what was compacted, it comes back as it was.
    let told = world.told();
    world.cluster.log_mut(CHECKPOINTS).compact(true);
    world.cluster.log_mut(JOURNAL).delete_before(stands.journal);
    world.restart(0);
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.told() == told), (1, true));
    sell(&mut world, 60..70);
    assert_eq!(world.hosts[&0].dropped(), 0);
}

#[test]
fn a_journal_that_was_cut_behind_the_checkpoint_is_refused() {
    let mut world =
        World::with(1, Some(Checkpoints { interval: Millis(600_000), events: 5, ..OFTEN }));
    sell(&mut world, 0..12);
    let stands = manifest(&world);
    let journal = world.cluster.log(JOURNAL);
    assert!(journal.end() >= stands.journal + 4, "there is something after it");
    world.cluster.log_mut(JOURNAL).delete_before(stands.journal + 2);
    let cause = halts(world);
    let Cause::JournalCut { expected, found, .. } = cause else { panic!("{cause}") };
    assert_eq!((expected, found), (stands.sequence + 1, stands.sequence + 2));
    assert!(cause.to_string().contains("retention.ms=-1"), "{cause}");
}

#[test]
fn a_journal_that_ends_before_the_checkpoint_is_refused() {
    let mut world = stopped(OFTEN);
    let stands = manifest(&world);
    world.cluster.log_mut(JOURNAL).truncate(stands.journal - 2);
    let cause = halts(world);
    assert!(
        matches!(cause, Cause::JournalShort { sequence, .. } if sequence == stands.sequence),
        "{cause}"
    );
}

#[test]
fn input_may_go_that_is_in_the_checkpoint_and_none_after_it() {
    let mut world =
        World::with(1, Some(Checkpoints { interval: Millis(600_000), events: 5, ..OFTEN }));
    sell(&mut world, 0..12);
    let need = manifest(&world).needs[InputTopic::Orders];
    let status = world.hosts[&0].lane().status();
    assert_eq!(status.needs[InputTopic::Orders].from, need.from, "it is shown");
    assert!(need.position > 0 && status.needs[InputTopic::Orders].arrival.is_some());
    assert!(need.from < status.positions[InputTopic::Orders]);
    let told = world.told();
    world.cluster.log_mut(ORDERS).delete_before(need.from);
    world.restart(0);
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.told() == told), (1, true));
    world.cluster.log_mut(ORDERS).delete_before(need.from + 1);
    let cause = halts(world);
    let text = cause.to_string();
    assert!(
        matches!(cause, Cause::InputMissing { input: InputTopic::Orders, from, .. } if from == need.from)
    );
    let earliest = format!("the earliest retained offset is {}", need.from + 1);
    assert!(text.contains(&earliest) && text.contains("Keep the inputs for longer"), "{text}");
}

#[test]
fn a_control_record_that_retention_takes_is_no_loss() {
    let mut world = World::with(1, Some(OFTEN));
    let bridge = world.cluster.init("bridge");
    let message = world.message(Some("oranges"), created("oranges", 1, 1).as_bytes());
    world.cluster.produce(&bridge, ORDERS, message).unwrap();
    world.cluster.commit(&bridge).unwrap();
    world.settle();
    stop(&mut world);
    let end = world.cluster.log(ORDERS).end();
    assert_eq!(end, 2, "a record and the end of its transaction");
    world.cluster.log_mut(ORDERS).delete_before(end);
    world.restart(0);
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.hosts[&0].ended()), (1, None));
}

#[test]
fn a_damaged_checkpoint_is_refused_and_named() {
    let whole = stopped(OFTEN);
    // Of each page only the newest version counts: those before it are taken away in the next round.
    let mut pages: BTreeMap<String, (u64, (i64, Vec<u8>))> = BTreeMap::new();
    for (key, value) in stored(&whole).into_iter().filter(|(key, _)| key != lane::MANIFEST_KEY) {
        let key = String::from_utf8(key).unwrap();
        let (page, version) = key.rsplit_once('/').unwrap();
        let version: u64 = version.parse().unwrap();
        if pages.get(page).is_none_or(|(known, _)| *known < version) {
            pages.insert(page.to_owned(), (version, value));
        }
    }
    assert!(pages.len() > 2);
    for (page, (version, (offset, value))) in &pages {
        let name = format!("{page}/{version}");
        let mut changed = value.clone();
        *changed.last_mut().unwrap() ^= 1;
        let mut world = stopped(OFTEN);
        world.cluster.log_mut(CHECKPOINTS).overwrite(*offset, changed);
        let Cause::CheckpointDamaged { why } = halts(world) else { panic!() };
        assert_eq!(why, format!("page {name} can't be read: its checksum is wrong"));
        let mut world = stopped(OFTEN);
        world.cluster.log_mut(CHECKPOINTS).erase(*offset);
        let cause = halts(world);
        assert!(matches!(cause, Cause::CheckpointDamaged { .. }), "{name}: {cause}");
    }
    let mut world = stopped(OFTEN);
    let (offset, mut value) = stored(&world)[lane::MANIFEST_KEY].clone();
    value[20] ^= 1;
    world.cluster.log_mut(CHECKPOINTS).overwrite(offset, value);
    assert!(matches!(halts(world), Cause::CheckpointDamaged { why } if why.contains("manifest")));
    let mut world = stopped(OFTEN);
    let manifest = Manifest { digest: 1, ..manifest(&world) };
    world.cluster.log_mut(CHECKPOINTS).overwrite(offset, manifest.encode());
    assert!(matches!(halts(world), Cause::CheckpointDigest { manifest: 1, .. }));
}

#[test]
fn a_checkpoint_of_another_deployment_is_refused() {
    let mut world = stopped(OFTEN);
    world.settings.allotment.dedup_window = Millis::from_secs(60);
    assert!(matches!(halts(world), Cause::Settings { .. }));
    let mut world = stopped(OFTEN);
    world.cluster.add_partitions(2);
    assert_eq!(halts(world), Cause::Partitions { journal: 1, topics: 2 });
}

#[test]
fn without_its_checkpoints_a_journal_that_is_whole_is_enough() {
    let mut world =
        World::with(1, Some(Checkpoints { interval: Millis(600_000), events: 50, ..OFTEN }));
    sell(&mut world, 0..12);
    stop(&mut world);
    let told = world.told();
    let end = world.cluster.log(CHECKPOINTS).end();
    world.cluster.log_mut(CHECKPOINTS).delete_before(end);
    world.restart(0);
    world.settle();
    assert_eq!((world.hosts[&0].ready(), world.told() == told), (1, true));
}

/// Crashes at each step in turn, and once more after the lane has come back and begun another round, with
/// compaction in between; the outside must never notice, nor may a version of a dead round ever count.
#[test]
fn rounds_that_were_interrupted_never_mix() {
    let mut calm = World::with(2, None);
    evening(&mut calm, &mut |_, _| None);
    let wanted = calm.told();
    for portion_bytes in [1, 700] {
        for nth in (0..).step_by(3) {
            let mut world = World::with(2, Some(Checkpoints { portion_bytes, ..OFTEN }));
            world.compacts = nth % 2 == 0;
            let (mut count, mut struck) = (0, 0);
            evening(&mut world, &mut |_, step| {
                count += 1;
                // The second strikes while a new round is under way.
                let due = count == nth + 1 || count == nth + 1 + 40 + nth % 17;
                struck += usize::from(due);
                (due && step != Step::Fetch).then_some(Fault::Crash)
            });
            assert_same(
                &world.told(),
                &wanted,
                &format!("portions of {portion_bytes}, the {nth}th"),
            );
            let digests = |world: &World| -> Vec<u128> {
                world.hosts.values().map(|host| host.lane().status().digest).collect()
            };
            assert_eq!(digests(&world), digests(&calm), "the {nth}th");
            if struck == 0 {
                break;
            }
        }
    }
    assert!(START < calm.clock);
}

/// The same where there is always more to take, so that rounds ride and what is taken meanwhile comes after
/// what they say.
#[test]
fn rounds_that_ride_are_of_what_was_before_them() {
    let busy = |checkpoints, nth: usize| {
        let mut world = World::with(1, checkpoints);
        world.settings.limits.batch_records = 1;
        world.restart(0);
        world.send(Topic::Stock, "oranges", &received("oranges", "lot", 15));
        for order in 0..40 {
            world.send(Topic::Orders, "oranges", &created("oranges", order, 1));
        }
        let mut count = 0;
        world.settle_with(&mut |_, _| {
            count += 1;
            (count == nth).then_some(Fault::Crash)
        });
        (world.told(), world.hosts[&0].lane().status().digest, world.crashes)
    };
    let (wanted, digest, _) = busy(None, 0);
    for nth in (1..).step_by(3) {
        let (told, own, crashes) = busy(Some(OFTEN), nth);
        assert_same(&told, &wanted, &format!("the {nth}th"));
        assert_eq!(own, digest, "the {nth}th");
        if crashes == 0 {
            return;
        }
    }
}

/// What comes after a checkpoint is fetched while its pages are loaded, and not when they are.
#[test]
fn the_journal_is_followed_before_the_last_page_is_loaded() {
    // Pages as large as they may be in few transactions: the loading of a megabyte is one step.
    let checkpoints = Checkpoints { portion_bytes: 1 << 20, events: 1000, ..OFTEN };
    let mut world = World::with(1, Some(checkpoints));
    for order in 0..30 {
        let line = |line: u32| json!({"line_id": format!("{line}{}", "-".repeat(200)), "sku": format!("{order}-{line}{}", "-".repeat(200)), "quantity": 1});
        let lines: Vec<_> = (0..200).map(line).collect();
        let fields = json!({"platform": "x", "order_id": order.to_string(), "lines": lines});
        let paid = any("order.paid", &format!("large-{order}"), "oranges", fields);
        world.send(Topic::Orders, "oranges", &paid);
        world.settle();
    }
    world.pass_to(world.clock.plus(Millis(2000)), &mut |_, _| None);
    let standing = world.hosts[&0].lane().status().checkpoint.expect("a checkpoint stands");
    for order in 100..110 {
        world.send(Topic::Orders, "oranges", &created("oranges", order, 1));
        world.settle();
    }
    assert_eq!(world.hosts[&0].lane().status().checkpoint, Some(standing), "nothing came after it");
    let mut host = world.new_host(0);
    let (mut early, mut seen) = (0, BTreeSet::new());
    while host.ready() == 0 {
        let had = host.step(&mut world.cluster, world.clock, &mut |_| None).unwrap();
        if !had {
            host.fetch(&mut world.cluster, 1000, &mut |_| None).unwrap();
            host.wake(world.clock);
        }
        let (status, recovery) = (host.lane().status(), host.lane().recovery());
        let recovery = recovery.unwrap_or_default();
        if recovery.pages > 0 && recovery.pages < recovery.pages_total {
            assert_eq!(status.stage, Stage::Loading);
            seen.insert(recovery.pages);
            early = early.max(status.ahead);
        }
    }
    assert!(seen.len() > 1, "pages are loaded in several steps: {seen:?}");
    assert!(early >= 10, "the journal is there before the last page is: {early}");
    assert!(host.replayed() >= 10);
}
