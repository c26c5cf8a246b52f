//! An evening through lanes on the model, with crashes, against `granary process` on the same evening.

use std::collections::BTreeMap;

use allotment::Millis;
use contract::{Decoder, Encoder, Topic};
use lane::Process;
use simulator::kafka::Fault;
use traffic::evening::{self, Delivery, Plan, evening};

use crate::world::{START, World};
use traffic::rng::Rng;

/// What each pool was told, by topic, in order. How rejections are added up depends on where `now` has
/// followed the clock to, and how often a level is published on the batches; neither is compared.
type Told = BTreeMap<(Topic, String), Vec<String>>;

fn note(told: &mut Told, topic: Topic, key: Option<String>, value: Option<&[u8]>) {
    let text = String::from_utf8_lossy(value.unwrap_or_default()).into_owned();
    let compared =
        matches!(topic, Topic::Decisions | Topic::Fulfillment | Topic::Alerts | Topic::DeadLetter);
    // Dead letters of several partitions are in no order.
    let key = if topic == Topic::DeadLetter { Some(text.clone()) } else { key };
    if compared && !text.contains("input_rejected") {
        told.entry((topic, key.unwrap_or_default())).or_default().push(text);
    }
}

fn by_process(deliveries: &[Delivery], end: Millis) -> Told {
    let settings = allotment::Settings::default();
    let mut process = Process::new(settings, &Decoder::default(), Encoder::default(), 1);
    let mut records: Vec<_> = (0..)
        .zip(deliveries)
        .flat_map(|(at, delivery)| process.line("stdin", at, &delivery.value))
        .collect();
    records.extend(process.until(START.plus(end)));
    let mut told = Told::new();
    for record in records.into_iter().map(|produce| produce.record) {
        let key = record.key.map(|key| String::from_utf8(key).unwrap());
        note(&mut told, record.topic, key, record.value.as_deref());
    }
    told
}

fn by_lanes(deliveries: &[Delivery], end: Millis, seed: u64) -> (Told, u32) {
    let mut rng = Rng::new(seed);
    let mut world = World::new(2);
    let mut plan = |_, _| (rng.below(800) == 0).then_some(Fault::Crash);
    for delivery in deliveries {
        world.pass_to(START.plus(delivery.at), &mut plan);
        let topic = match delivery.topic {
            evening::Topic::Orders => Topic::Orders,
            evening::Topic::Stock => Topic::Stock,
            evening::Topic::Comments => Topic::Comments,
        };
        let home = world.home(&delivery.key);
        world.send_to(topic, home, Some(&delivery.key), &delivery.value);
        world.settle_with(&mut plan);
    }
    world.pass_to(START.plus(end).plus(Millis(500)), &mut plan);
    let mut told = Told::new();
    for topic in Topic::ALL {
        for seen in world.seen(topic) {
            note(&mut told, topic, seen.key, seen.value.as_deref());
        }
    }
    (told, world.crashes)
}

#[test]
fn lanes_that_crash_tell_what_process_tells() {
    let plan = Plan { pools: 2, length: Millis(60_000), ..Plan::usual(11, START) };
    let deliveries = evening(&plan).deliveries;
    let end = Millis(90_000);
    let wanted = by_process(&deliveries, end);
    let (told, crashes) = by_lanes(&deliveries, end, 11);
    assert!(crashes > 3, "an evening without a crash proves little: {crashes}");
    for (place, lines) in &wanted {
        let (lines, told) = (lines.clone(), told.get(place).cloned().unwrap_or_default());
        crate::world::assert_same(&told, &lines, &format!("{place:?}"));
    }
    assert_eq!(told.len(), wanted.len());
}
