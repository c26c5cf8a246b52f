//! Processes that follow others' partitions, and take them over with what they know.

use serde_json::Value;

use crate::{
    deployment::Deployment,
    faults::{begin, end},
    granary::Granary,
    orders::{answered, partitions},
};

const CONSOLE: &str = "console.address=127.0.0.1:0";

/// Of three processes one dies; each partition of it must have been followed by the one that is given it.
#[test]
fn whoever_dies_is_followed_by_its_heirs() {
    let Some(deployment) = Deployment::new("heirs", 6) else { return };
    let processes = ["first", "second", "third"].map(|name| {
        let process = deployment.run(name, &[CONSOLE]);
        process.await_log("partitions assigned");
        process
    });
    let [first, second, third] = processes;
    first.until("the group is shared out", |first| partitions(first).len() == 2);
    answered(&deployment, 1);
    let had = partitions(&first);
    let abreast = || [&second, &third].iter().flat_map(|other| standbys(other)).collect::<Vec<_>>();
    first.until("its partitions are followed", |_| had.iter().all(|p| abreast().contains(p)));
    first.kill();
    answered(&deployment, 2);
    for partition in &had {
        let over: Vec<Value> = [&second, &third]
            .iter()
            .flat_map(|other| other.events("lane_running"))
            .filter(|event| event["partition"] == *partition && event["standby"] == true)
            .collect();
        assert_eq!(over.len(), 1, "partition {partition} went to who had followed it");
        assert_eq!(over[0]["transactions"], 0, "everything was replayed before: {}", over[0]);
    }
    second.stop();
    third.stop();
}

/// A standby takes over in the middle of the work, what was not committed is done again, and nothing twice.
#[test]
fn a_standby_takes_over_in_the_middle_of_the_work() {
    let Some(deployment) = Deployment::new("taken-over", 2) else { return };
    let (expected, mut decisions) = begin(&deployment, 41, 12);
    let all = expected.decisions.len();
    let small = ["bounds.batch_records=20", CONSOLE];
    let first = deployment.run("first", &small);
    first.await_events("lane_running", 2);
    let second = deployment.run("second", &small);
    let has_one = |granary: &Granary| partitions(granary).len() == 1;
    second.until("each has a partition", |second| has_one(&first) && has_one(second));
    second.until("it follows the other one", |second| {
        second.metric("granary_lane_state", "standby").values().sum::<f64>() == 1.0
    });
    let told = decisions.to_end().len();
    decisions.until("further decisions", |seen| seen.len() >= told + all / 10);
    first.kill();
    let told = deployment.reader("decisions").to_end().len();
    assert!(told < all, "it died in the middle: {told} of {all}");
    end(&deployment, &expected, decisions);
    let over = second.events("lane_running");
    assert!(over.iter().any(|event| event["standby"] == true), "{over:?}");
    second.stop();
}

/// The partitions that a process follows and is abreast of.
fn standbys(granary: &Granary) -> Vec<i64> {
    let states = granary.metric("granary_lane_state", "state=\"standby\"");
    let behind = granary.metric("granary_standby_behind_seconds", "");
    let lag = granary.metric("granary_standby_lag_transactions", "");
    let abreast = |p: &i64| states[p] == 1.0 && lag[p] == 0.0 && behind[p] < 0.5;
    states.keys().copied().filter(abreast).collect()
}
