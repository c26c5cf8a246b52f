//! The way back while it takes its time, and how far back it would have to read: what people see of both.

use std::time::{Duration, Instant};

use clients::PATIENCE;
use fixture::proxy::{Fault, kind};

use crate::{
    audit,
    deployment::Deployment,
    expected,
    faults::{begin, begin_with},
    granary::Granary,
    story,
};

const CONSOLE: &str = "console.address=127.0.0.1:0";
/// Nothing comes between: everything since the start is to be replayed.
const NO_CHECKPOINT: &str = "checkpoints.interval=1h";
/// How long requests go through, and how long it is looked then what came of it.
const DRIP: Duration = Duration::from_millis(40);
const LOOK: Duration = Duration::from_millis(500);
/// How often it is tried to hold a way back in its middle.
const ATTEMPTS: usize = 20;

/// How far `/readyz` says that the lane of partition 0 is: pages loaded, records replayed, each of how many.
fn progress(service: &Granary) -> Option<[u64; 4]> {
    let (status, text) = service.get("/readyz");
    let (_, text) = text.split_once("partition 0: recovering, ")?;
    assert_eq!(status, 503, "who comes back is not ready");
    let numbers: Vec<u64> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [pages, pages_of, records, records_of] => Some([pages, pages_of, records, records_of]),
        [records, records_of] => Some([0, 0, records, records_of]),
        _ => panic!("it says how far it is: {text}"),
    }
}

/// Something is replayed, and something is not.
fn is_on_its_way([_, _, records, records_of]: [u64; 4]) -> bool {
    records > 0 && records < records_of
}

/// A process whose way back stands in its middle; `None` where it was too quick.
fn held_on_the_way_back(deployment: &Deployment) -> Option<Granary> {
    let proxy = deployment.kafka.proxy();
    proxy.set(kind::FETCH, 0, Fault::HoldRequest);
    let small = ["bounds.fetch_ahead=1MiB", "bounds.batch_bytes=1MiB"];
    let service = deployment.run("third", &[&[CONSOLE, NO_CHECKPOINT], &small[..]].concat());
    let started = Instant::now();
    let is_over = |service: &Granary| !service.events("lane_running").is_empty();
    // Requests go through for a moment at a time, until it is on its way.
    while !progress(&service).is_some_and(is_on_its_way) && !is_over(&service) {
        assert!(started.elapsed() < PATIENCE, "something is replayed: {:?}", progress(&service));
        proxy.clear(kind::FETCH);
        std::thread::sleep(DRIP);
        proxy.set(kind::FETCH, 0, Fault::HoldRequest);
        let since = Instant::now();
        while since.elapsed() < LOOK && !progress(&service).is_some_and(is_on_its_way) {
            std::thread::sleep(DRIP);
        }
    }
    service.until("the log says how far it is, or it is over", |service| {
        is_over(service) || !service.events("recovery_progress").is_empty()
    });
    if is_over(&service) {
        service.kill();
        return None;
    }
    Some(service)
}

#[test]
fn a_slow_way_back_says_how_far_it_is() {
    let Some(deployment) = Deployment::behind_proxy("slow", 1) else { return };
    // A checkpoint of everything up to here, which has pages.
    let (expected, mut decisions) = begin_with(&deployment, &story::past_storms(1, 40));
    let service = deployment.run("first", &[NO_CHECKPOINT]);
    decisions.until("all decisions", |seen| seen.len() >= expected.decisions.len());
    service.stop();
    let stored = deployment.reader("checkpoints").to_end().len();
    assert!(stored > 0, "it has left a checkpoint");
    // And an evening after it, with more bytes than one fetch brings. It comes late, so it is not decided as usual.
    let before = decisions.to_end().len();
    let evening = story::past_evening(61, 8);
    story::publish(&deployment, &deployment.writer(), &evening, |_| 0);
    let service = deployment.run("second", &[NO_CHECKPOINT]);
    let enough = before + evening.0.deliveries.len() * 3 / 4;
    decisions.until("most of the evening", |seen| seen.len() >= enough);
    service.kill();

    // What was fetched already is replayed all the same, so it may be over before requests are held again.
    let service = (0..ATTEMPTS).find_map(|_| held_on_the_way_back(&deployment));
    let service = service.expect("one way back is held in its middle");
    let proxy = deployment.kafka.proxy();
    service.until("the log says how far it is", |service| {
        let told = service.events("recovery_progress");
        let number = |name: &str| told.last().and_then(|told| told[name].as_u64());
        let names = ["pages", "pages_of", "records", "records_of"];
        let numbers = names.map(|name| number(name).unwrap_or_default());
        is_on_its_way(numbers) && Some(numbers) == progress(service)
    });
    let [pages, pages_of, records, records_of] = progress(&service).expect("it is on its way");
    assert!(pages > 0 && pages == pages_of, "{pages} of {pages_of} pages are loaded before");
    for (name, value) in [
        ("granary_lane_loaded_pages", pages),
        ("granary_lane_pages_to_load", pages_of),
        ("granary_lane_recovered_records", records),
        ("granary_lane_recovery_goal_records", records_of),
    ] {
        service.until(name, |service| service.metric(name, "")[&0] == value as f64);
    }
    proxy.clear(kind::FETCH);
    service.await_events("lane_running", 1);
    service.until("it is ready", |service| service.get("/readyz").0 == 200);
    service.until("the rest is taken", |_| audit::not_yet_taken(&deployment) == 0);
    service.stop();
    audit::finds_nothing(&deployment);
}

/// What the alert `GranaryInputsNearlyGone` compares.
#[test]
fn how_far_back_the_way_back_reads_stands_beside_how_long_inputs_are_kept() {
    const WEEK: u64 = 7 * 24 * 3600;
    const NEEDED: &str = "granary_lane_needed_input_age_seconds";
    let Some(deployment) = Deployment::new("kept", 1) else { return };
    // Its first record is four hours old.
    let (expected, mut decisions) = begin(&deployment, 62, 1);
    let service = deployment.run("first", &[CONSOLE, NO_CHECKPOINT]);
    decisions.until("all decisions", |seen| seen.len() >= expected.decisions.len());
    let hours = |service: &Granary, name: &str| service.metric(name, "")[&0] / 3600.0;
    service.until("all of it is needed", |service| {
        let needed = hours(service, NEEDED);
        assert!(needed < 4.5, "{needed}");
        needed > 3.9
    });
    let (_, metrics) = service.get("/metrics");
    let kept = |topic: &str| {
        format!("granary_input_retention_seconds{{topic=\"{}\"}} {WEEK}", deployment.topic(topic))
    };
    for topic in ["orders", "comments", "stock", "reroute"] {
        assert!(metrics.contains(&kept(topic)), "{topic} is made so: {metrics}");
    }
    service.kill();
    // Once a checkpoint has all of it, nothing is needed.
    let service = deployment.run("second", &[CONSOLE, "checkpoints.interval=1s"]);
    let age = |service: &Granary| hours(service, "granary_lane_checkpoint_age_seconds");
    service.await_events("lane_running", 1);
    service.until("a checkpoint has all of it", |service| {
        age(service) > 0.0 && hours(service, NEEDED) == 0.0
    });
    expected::same(deployment.told(&expected), &expected);
    service.stop();
}
