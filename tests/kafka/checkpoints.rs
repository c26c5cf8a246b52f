//! Checkpoints: what a start replays after a planned stop, after a kill, and where a checkpoint is not what it was.

use serde_json::Value;

use crate::{
    deployment::Deployment,
    faults::{begin, end},
    granary::Granary,
    orders::answered,
};

/// Transactions of a few records, so that there are many of them.
const SMALL: &str = "bounds.batch_records=20";
/// A checkpoint every few transactions, in portions that need several each.
const OFTEN: [&str; 3] = [SMALL, "checkpoints.events=200", "checkpoints.portion_bytes=4KiB"];
/// None but the one at the end.
const SELDOM: [&str; 2] = [SMALL, "checkpoints.interval=24h"];

#[test]
fn a_planned_stop_leaves_nothing_to_replay() {
    let Some(deployment) = Deployment::new("planned", 2) else { return };
    let (expected, mut decisions) = begin(&deployment, 51, 6);
    let all = expected.decisions.len();
    for round in 1..=2 {
        let service = deployment.run(&format!("round-{round}"), &SELDOM);
        decisions.until("further decisions", |seen| seen.len() >= all * round / 4);
        service.stop();
        let told = deployment.reader("decisions").to_end().len();
        assert!(told < all, "it stopped in the middle: {told} of {all}");
        let again = deployment.run(&format!("again-{round}"), &SELDOM);
        for running in runs(&again, 2) {
            assert_ne!(running["sequence"], 0, "there was something to come back to: {running}");
            assert_eq!(running["transactions"], 0, "nothing is replayed: {running}");
        }
        again.stop();
    }
    let service = deployment.run("last", &[]);
    end(&deployment, &expected, decisions);
    service.stop();
}

#[test]
fn a_kill_leaves_only_a_tail_to_replay() {
    let Some(deployment) = Deployment::new("tail", 2) else { return };
    let (expected, mut decisions) = begin(&deployment, 52, 12);
    let all = expected.decisions.len();
    let service = deployment.run("first", &OFTEN);
    decisions.until("many decisions", |seen| seen.len() >= all * 2 / 3);
    service.kill();
    let again = deployment.run("again", &OFTEN);
    for running in runs(&again, 2) {
        let number = |field: &str| running[field].as_u64().expect("it is a number");
        let (sequence, replayed) = (number("sequence"), number("transactions"));
        assert!(sequence > 40, "it had done much: {running}");
        assert!(replayed < sequence / 2, "only a tail is replayed: {running}");
    }
    // What lies before the checkpoints is gone from the journal.
    let reader = deployment.reader("journal");
    let earliest = |partition| reader.earliest(&deployment.topic("journal"), partition);
    again.until("the journal is trimmed", |_| (0..2).all(|partition| earliest(partition) > 0));
    end(&deployment, &expected, decisions);
    again.stop();
}

#[test]
fn a_kill_at_any_moment_of_a_checkpoint_loses_nothing() {
    let Some(deployment) = Deployment::new("torn", 2) else { return };
    let (expected, mut decisions) = begin(&deployment, 53, 6);
    let all = expected.decisions.len();
    for round in 1..=4 {
        let service = deployment.run(&format!("round-{round}"), &OFTEN);
        decisions.until("further decisions", |seen| seen.len() >= all * round / 6);
        service.kill();
    }
    let service = deployment.run("last", &OFTEN);
    end(&deployment, &expected, decisions);
    service.stop();
}

#[test]
fn a_checkpoint_that_was_tampered_with_stops_the_lane() {
    let Some(deployment) = Deployment::new("tampered", 1) else { return };
    let service = deployment.run("first", &[]);
    answered(&deployment, 1);
    service.stop();
    let page = page_key(&deployment);
    let writer = deployment.writer();
    writer.send(&deployment.topic("checkpoints"), 0, &page, b"not a page");
    writer.flush();
    let mut service = deployment.run("again", &[]);
    assert!(!service.wait().success(), "it must not guess");
    let failed = service.events("lane_failed");
    let cause = failed[0]["cause"].as_str().unwrap_or_default().to_owned();
    assert!(cause.contains("checkpoint"), "it says what is wrong: {cause}");
}

/// A key of a page that a checkpoint has.
fn page_key(deployment: &Deployment) -> String {
    let mut reader = deployment.reader("checkpoints");
    let keys = reader.to_end().iter().map(|seen| seen.key.clone());
    keys.into_iter().rfind(|key| key.contains('/')).expect("a checkpoint has pages")
}

/// How each of so many lanes began to run.
fn runs(granary: &Granary, lanes: usize) -> Vec<Value> {
    granary.await_events("lane_running", lanes);
    granary.events("lane_running")
}
