//! `granary audit` on live topics: proves what is right, and finds what is wrong where it is.

use std::process::Output;

use serde_json::Value;

use crate::{deployment::Deployment, granary, story};

fn audit(deployment: &Deployment, more: &[&str]) -> Output {
    let mut command = granary::command("audit", &deployment.config());
    command.args(more).output().expect("the program is there")
}

/// What the audit says of a deployment's topics, for programs.
fn report(output: &Output) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

/// How many records of input the audit finds that nobody has taken.
pub(crate) fn not_yet_taken(deployment: &Deployment) -> u64 {
    let report = report(&audit(deployment, &["--json"]));
    report["counts"]["not_yet_taken"].as_u64().expect("it counts them")
}

/// The audit must find nothing wrong, and all input must have been taken.
///
/// # Panics
/// It is not so; the message is its report.
pub(crate) fn finds_nothing(deployment: &Deployment) -> Value {
    let output = audit(deployment, &["--json"]);
    let report = report(&output);
    assert!(output.status.success(), "{report:#}");
    assert_eq!(report["counts"]["not_yet_taken"], 0, "{report:#}");
    report
}

/// The audit must prove everything, and all input must have been taken.
///
/// # Panics
/// It does not; the message is its report.
pub(crate) fn proves(deployment: &Deployment) {
    let report = finds_nothing(deployment);
    for check in report["checks"].as_object().expect("there are checks").values() {
        assert_eq!(check["not_proved"], Value::Array(Vec::new()), "{report:#}");
    }
    assert!(report["counts"]["decisions"].as_u64() > Some(0), "{report:#}");
}

#[test]
fn what_was_written_beside_the_service_is_found_where_it_is() {
    let Some(deployment) = Deployment::new("audited", 2) else { return };
    let story = story::past_evening(41, 2);
    let home = |pool: &str| lane::home(pool, 2);
    story::publish(&deployment, &deployment.writer(), &story, home);
    let service = deployment.run("one", &["bounds.batch_records=50"]);
    let mut decisions = deployment.reader("decisions");
    decisions.until("some decisions", |seen| seen.len() >= 300);
    // In the middle of its work, beside the running service: nothing to complain of.
    let running = audit(&deployment, &["--json"]);
    assert!(running.status.success(), "{:#}", report(&running));
    let all = crate::expected::of(&deployment, &story::lines(&story.0));
    decisions.until("all decisions", |seen| seen.len() >= all.decisions.len());
    proves(&deployment);

    let copied = decisions.to_end()[100].clone();
    let writer = deployment.writer();
    let partition = u32::try_from(copied.partition).expect("partitions are few");
    writer.send(&deployment.topic("decisions"), partition, &copied.key, copied.value.as_bytes());
    writer.flush();
    let output = audit(&deployment, &[]);
    assert_eq!(output.status.code(), Some(1));
    let end = deployment
        .reader("decisions")
        .to_end()
        .iter()
        .filter(|seen| seen.partition == copied.partition)
        .map(|seen| seen.offset)
        .max();
    let place = format!(
        "{}/{partition} offset {}: ",
        deployment.topic("decisions"),
        end.expect("it was written")
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let id: Value = serde_json::from_str(&copied.value).expect("decisions are JSON");
    let id = id["decision_id"].as_str().expect("they have an id");
    assert!(text.contains(&format!("{place}{id}")), "{place}{id}\n{text}");
    service.stop();
}

#[test]
fn topics_that_cannot_be_read_are_no_verdict() {
    let Some(deployment) = Deployment::new("unread", 1) else { return };
    let output = audit(&deployment, &["--set", "kafka.bootstrap_servers=127.0.0.1:1"]);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains("no Kafka broker answers at 127.0.0.1:1"), "{errors}");
}
