//! What `run` refuses, and what it says.

use crate::{
    deployment::Deployment,
    granary,
    orders::{answered, send},
};

const CONSOLE: &str = "console.address=127.0.0.1:0";

#[test]
fn topics_that_are_not_there_are_named() {
    let Some(deployment) = Deployment::new("refused", 1) else { return };
    let mut service = deployment.run("missing", &["topics.stock=nowhere.stock"]);
    assert!(!service.wait().success());
    assert!(service.log().contains("nowhere.stock: does not exist"), "{}", service.log());
}

#[test]
fn a_broker_that_is_not_there_is_said() {
    let Some(deployment) = Deployment::new("unreachable", 1) else { return };
    let mut service = deployment.run("one", &["kafka.bootstrap_servers=127.0.0.1:1"]);
    assert!(!service.wait().success());
    assert!(service.log().contains("no Kafka broker answers at 127.0.0.1:1"), "{}", service.log());
}

/// What `granary topics check` says: to people where all is well, and what is wrong.
fn check(deployment: &Deployment) -> Result<String, String> {
    granary::once(granary::command("topics check", &deployment.config()), b"")
}

#[test]
fn checkpoints_that_are_deleted_by_age_are_refused_and_short_journals_and_inputs_are_told_of() {
    let Some(deployment) = Deployment::new("aged", 1) else { return };
    let fine = "11 topics with 1 partitions each, as they must be\n";
    assert!(check(&deployment).expect("nothing is refused").ends_with(fine));

    deployment.alter("checkpoints", "cleanup.policy=[compact,delete],retention.bytes=1048576");
    let refused = check(&deployment).expect_err("it is refused");
    let checkpoints = format!(
        "{}: retention.bytes is 1048576; with `delete` in cleanup.policy",
        deployment.topic("checkpoints")
    );
    assert!(refused.contains(&checkpoints), "{refused}");
    let mut service = deployment.run("refused", &[]);
    assert!(!service.wait().success());
    assert!(service.log().contains(&checkpoints), "{}", service.log());

    deployment.alter("checkpoints", "cleanup.policy=compact");
    deployment.alter("journal", "retention.ms=604800000");
    deployment.alter("orders", "retention.ms=3600000");
    let told = check(&deployment).expect("nothing is lost by it today");
    for (topic, why) in [
        ("journal", "retention.ms is 604800000, so the last transactions"),
        ("orders", "retention.ms is 3600000, so what comes while"),
    ] {
        let advice = format!("advice: {}: {why}", deployment.topic(topic));
        assert!(told.contains(&advice), "{told}");
    }
    assert!(told.ends_with(fine), "{told}");
}

/// The same on the model is `input_that_is_gone_is_missed` (`crates/simulator/tests/lane/journal.rs`).
#[test]
fn input_that_was_deleted_before_a_checkpoint_had_it_is_named_and_what_to_do() {
    let Some(deployment) = Deployment::new("bereft", 2) else { return };
    let service = deployment.run("first", &[CONSOLE]);
    answered(&deployment, 1);
    answered(&deployment, 2);
    service.kill();
    deployment.delete_records("orders", 0);
    let service = deployment.run("second", &[CONSOLE]);
    service.await_events("lane_failed", 1);
    let cause = service.events("lane_failed")[0]["cause"].as_str().unwrap_or_default().to_owned();
    for part in [
        "took orders from offset 0 to 1",
        "0 of 1 records are there: the earliest retained offset is 2",
        "restore the records, or start a new deployment",
        "Keep the inputs for longer than the oldest record that a checkpoint still needs",
    ] {
        assert!(cause.contains(part), "it says `{part}`: {cause}");
    }
    let (status, missing) = service.get("/readyz");
    assert_eq!(status, 503);
    assert!(missing.contains(&format!("partition 0: stopped by an error: {cause}")), "{missing}");
    assert_eq!(service.get("/healthz").0, 200, "a restart would not help");
    // The other one works on, and nothing was decided where something is missing.
    send(&deployment, 0, 3);
    send(&deployment, 1, 3);
    let mut decisions = deployment.reader("decisions");
    let seen = decisions.until("the other partition's answer", |seen| seen.len() >= 5).to_vec();
    let of_first = |partition: i32| seen.iter().filter(|seen| seen.partition == partition).count();
    assert_eq!((of_first(0), of_first(1)), (2, 3));
    service.stop_anyhow();
}
