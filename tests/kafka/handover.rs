//! Partitions that change hands as planned, or stay where they are: nobody waits for a timeout.

use std::time::{Duration, Instant};

use crate::{
    deployment::Deployment,
    granary::Granary,
    orders::{answered, partitions},
};

const PARTITIONS: u32 = 4;
/// So long that a hand-over which waited for it would show.
const SESSION: &str = "bounds.session_timeout=60s";
/// Far below [`SESSION`], and far above what a busy machine takes.
const BOUND: Duration = Duration::from_secs(20);

#[test]
fn a_planned_stop_hands_over_at_once() {
    stop_hands_over("handover", &[SESSION], &[SESSION]);
}

#[test]
fn a_process_with_a_name_hands_over_where_it_is_told_to() {
    let named = |set| [SESSION, "application.on_stop=hand_over", set];
    stop_hands_over(
        "handover-named",
        &named("application.instance=a"),
        &named("application.instance=b"),
    );
}

fn stop_hands_over(name: &str, first: &[&str], second: &[&str]) {
    let Some(deployment) = Deployment::new(name, PARTITIONS) else { return };
    let (first, second) = both(&deployment, first, second);
    answered(&deployment, 1);
    let asked = Instant::now();
    first.stop();
    // Each partition answers again; half of them were the first one's.
    answered(&deployment, 2);
    let took = asked.elapsed();
    assert!(took < BOUND, "it took {took:?}");
    second.stop();
}

#[test]
fn a_quick_restart_of_a_process_with_a_name_moves_nothing() {
    let Some(deployment) = Deployment::new("restarted", PARTITIONS) else { return };
    let named = |set| [SESSION, set];
    let (first, second) =
        both(&deployment, &named("application.instance=a"), &named("application.instance=b"));
    answered(&deployment, 1);
    let (had, kept) = (partitions(&first), changes(&second));
    assert!(!had.is_empty() && had.len() < PARTITIONS as usize, "{had:?}");
    first.stop();
    let again = deployment.run("again", &named("application.instance=a"));
    let asked = Instant::now();
    answered(&deployment, 2);
    assert!(asked.elapsed() < BOUND, "nobody waits for a timeout");
    assert_eq!(partitions(&again), had, "it has its partitions again");
    assert_eq!(changes(&second), kept, "the other one did not notice");
    again.stop();
    second.stop();
}

/// Two processes that share the partitions, each with lanes that run.
fn both(deployment: &Deployment, first: &[&str], second: &[&str]) -> (Granary, Granary) {
    let first = deployment.run("first", first);
    first.await_events("lane_running", PARTITIONS as usize);
    let second = deployment.run("second", second);
    second.await_events("lane_running", PARTITIONS as usize / 2);
    (first, second)
}

/// How often the group has changed what a process runs.
fn changes(granary: &Granary) -> usize {
    granary.events("rebalanced").len()
}
