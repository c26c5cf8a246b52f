//! Processes that die, stop and come back in the middle of their work.

use std::{
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::{Duration, Instant},
};

use clients::{Reader, Seen};
use fixture::process::Signal;
use traffic::evening::Evening;

use crate::{
    audit,
    deployment::Deployment,
    expected::{self, Told, answers},
    story,
};

/// Transactions of a few records: the work takes long enough to be disturbed, and there is always one open.
pub(crate) const SMALL: &str = "bounds.batch_records=20";

/// How long the broker is away where it is away for long.
const MINUTE: Duration = Duration::from_secs(65);

#[test]
fn kill_in_the_middle_and_recover() {
    let Some(deployment) = Deployment::new("killed", 2) else { return };
    let (expected, mut decisions) = begin(&deployment, 21, 6);
    let all = expected.decisions.len();
    for round in 1..=3 {
        let service = deployment.run(&format!("round-{round}"), &[SMALL]);
        decisions.until("further decisions", |seen| seen.len() >= all * round / 5);
        service.kill();
        let told = deployment.reader("decisions").to_end().len();
        assert!(told < all, "it died in the middle: {told} of {all}");
    }
    let service = deployment.run("last", &[]);
    end(&deployment, &expected, decisions);
    service.stop();
}

/// As above, with everything that the contract names: comments and claims, sessions, waves, counts, recalls, bundles, limits,
/// channels, backorders, preemption, snapshots.
#[test]
fn kill_in_the_middle_of_everything_that_there_is() {
    let Some(deployment) = Deployment::new("killed-storms", 3) else { return };
    let (expected, mut decisions) = begin_with(&deployment, &story::past_storms(1, 60));
    let all = expected.decisions.len();
    // Checkpoints all the time, so that what is come back to is read from pages too.
    let set = [SMALL, "checkpoints.events=300", "checkpoints.portion_bytes=4KiB"];
    for round in 1..=4 {
        let service = deployment.run(&format!("round-{round}"), &set);
        decisions.until("further decisions", |seen| seen.len() >= all * round / 6);
        service.kill();
        let told = deployment.reader("decisions").to_end().len();
        assert!(told < all, "it died in the middle: {told} of {all}");
    }
    let service = deployment.run("last", &set);
    decisions.until("all decisions", |seen| seen.len() >= all);
    expected::same(deployment.told(&expected), &expected);
    // What claims hold is told by no decision: of their pools it proves less.
    audit::finds_nothing(&deployment);
    service.stop();
    let (decisions, parcels, alerts) = (all, expected.parcels.len(), expected.alerts.len());
    println!("told once each: {decisions} decisions, {parcels} parcels, {alerts} alerts");
}

#[test]
fn two_processes_share_and_one_dies() {
    let Some(deployment) = Deployment::new("shared", 4) else { return };
    let (expected, mut decisions) = begin(&deployment, 22, 12);
    let all = expected.decisions.len();
    let first = deployment.run("first", &[SMALL]);
    first.await_log("lane_running");
    let second = deployment.run("second", &[SMALL]);
    second.await_log("lane_running");
    decisions.until("further decisions", |seen| seen.len() >= all / 3);
    first.kill();
    let told = deployment.reader("decisions").to_end().len();
    assert!(told < all, "it died in the middle: {told} of {all}");
    end(&deployment, &expected, decisions);
    second.stop();
}

#[test]
fn a_process_that_stood_still_is_shut_out() {
    let Some(deployment) = Deployment::new("stopped", 4) else { return };
    let (expected, mut decisions) = begin(&deployment, 23, 12);
    let all = expected.decisions.len();
    let first = deployment.run("first", &[SMALL]);
    first.await_log("lane_running");
    let second = deployment.run("second", &[SMALL]);
    second.await_log("lane_running");
    decisions.until("further decisions", |seen| seen.len() >= all / 3);
    first.signal(Signal::Stop);
    // The group gives its partitions to the other one, which does all the rest.
    decisions.until("all decisions", |seen| seen.len() >= all);
    first.signal(Signal::Continue);
    // It believed to have partitions, and was in the middle of a transaction of each.
    first.await_log("partitions lost");
    end(&deployment, &expected, decisions);
    for service in [first, second] {
        let rivals = service.events("lane_has_rival");
        assert!(rivals.is_empty(), "a takeover is no second deployment: {rivals:?}");
        service.stop();
    }
}

#[test]
fn the_broker_dies_and_comes_back() {
    let Some(deployment) = Deployment::alone("broker", 2) else { return };
    let (expected, mut decisions) = begin(&deployment, 24, 6);
    let all = expected.decisions.len();
    let service = deployment.run("one", &[SMALL, "bounds.stop_timeout=2s"]);
    decisions.until("some decisions", |seen| seen.len() >= all / 4);
    deployment.kafka.kill();
    deployment.kafka.restart().expect("it comes back");
    end(&deployment, &expected, decisions);
    // A service is stopped within its bound also where there is no broker to finish anything with.
    deployment.kafka.kill();
    service.await_log("brokers are down");
    service.stop_anyhow();
}

/// The processes give their places up before the broker is back, and it remembers them as they were: it must not
/// wait for those long.
#[test]
fn the_broker_is_away_for_longer_than_the_group_bears() {
    let Some(deployment) = Deployment::alone("away", 4) else { return };
    let (expected, mut decisions) = begin(&deployment, 26, 6);
    let all = expected.decisions.len();
    let processes = ["first", "second", "third"].map(|name| deployment.run(name, &[SMALL]));
    processes.iter().for_each(|process| process.await_log("lane_running"));
    decisions.until("some decisions", |seen| seen.len() >= all / 10);
    deployment.kafka.kill();
    processes.iter().for_each(|process| process.await_log("partitions lost"));
    deployment.kafka.restart().expect("it comes back");
    end(&deployment, &expected, decisions);
    for process in processes {
        process.stop();
    }
}

#[test]
fn the_broker_is_away_for_a_minute() {
    let Some(deployment) = Deployment::alone("away", 2) else { return };
    let (expected, mut decisions) = begin(&deployment, 26, 6);
    let all = expected.decisions.len();
    let service = deployment.run("one", &[SMALL, "console.address=127.0.0.1:0"]);
    decisions.until("some decisions", |seen| seen.len() >= all / 4);
    let away = Instant::now();
    deployment.kafka.kill();
    service.await_log("brokers are down");
    // The minute is what is tried: longer than a transaction may live, and than any pause of a lane.
    std::thread::sleep(MINUTE.saturating_sub(away.elapsed()));
    assert_eq!(service.get("/healthz").0, 200, "a restart would not help");
    assert!(service.events("lane_failed").is_empty(), "no lane gives up");
    deployment.kafka.restart().expect("it comes back");
    assert!(away.elapsed() >= MINUTE);
    end(&deployment, &expected, decisions);
    service.stop();
}

#[test]
fn kills_at_random_moments_under_a_load_from_outside() {
    const HANDFUL: usize = 50;
    let Some(deployment) = Deployment::new("random", 3) else { return };
    let (evening, start) = story::past_evening(25, 6);
    let lines = story::lines(&evening);
    let expected = answers(&expected::of(&deployment, &lines), &lines);
    let all: usize = expected.values().sum();
    let (over, rounds) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let home = |pool: &str| lane::home(pool, 3);
            let writer = deployment.writer();
            story::publish_slowly(&deployment, &writer, (&evening, &start), home, |published| {
                if published % HANDFUL == 0 {
                    std::thread::sleep(Duration::from_millis(60));
                }
            });
            over.store(true, Ordering::Release);
        });
        // Moments that differ from each other and are the same in every run.
        for round in (0_u64..).take_while(|_| !over.load(Ordering::Acquire)) {
            // With a name of its own in the group it has its partitions back without waiting for its own death.
            let set = [SMALL, "application.instance=one"];
            let service = deployment.run(&format!("round-{round}"), &set);
            service.await_log("lane_running");
            std::thread::sleep(Duration::from_millis(round * 7919 % 1500));
            service.kill();
            rounds.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert!(rounds.into_inner() >= 3, "it was killed again and again");
    let service = deployment.run("last", &["application.instance=one"]);
    let told = |seen: &[Seen]| {
        let mut told = Told::default();
        seen.iter().for_each(|seen| told.add("decisions", &seen.value));
        answers(&told, &lines)
    };
    let mut decisions = deployment.reader("decisions");
    let enough = |seen: &[Seen]| seen.len() >= all && told(seen).values().sum::<usize>() >= all;
    decisions.until("all answers", enough);
    service.stop();
    // Told once each, or `told` had panicked; and every delivery was answered, none twice.
    assert_eq!(told(decisions.to_end()), expected);
    deployment.told(&Told::default());
    audit::proves(&deployment);
}

/// Publishes an evening; what must come of it, and a reader of the decisions.
pub(crate) fn begin(deployment: &Deployment, seed: u64, pools: u32) -> (Told, Reader) {
    begin_with(deployment, &story::past_evening(seed, pools))
}

/// As [`begin`], with this evening.
pub(crate) fn begin_with(deployment: &Deployment, story: &(Evening, i64)) -> (Told, Reader) {
    let home = |pool: &str| lane::home(pool, deployment.partitions);
    story::publish(deployment, &deployment.writer(), story, home);
    let expected = expected::of(deployment, &story::lines(&story.0));
    (expected, deployment.reader("decisions"))
}

/// Waits for the last decision; then everything must have been told, each of it once.
pub(crate) fn end(deployment: &Deployment, expected: &Told, mut decisions: Reader) {
    decisions.until("all decisions", |seen| seen.len() >= expected.decisions.len());
    drop(decisions);
    expected::same(deployment.told(expected), expected);
    audit::proves(deployment);
}
