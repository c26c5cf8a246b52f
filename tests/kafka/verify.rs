//! `granary verify` on live topics: beside the service, and where a checkpoint is not what it was.

use crate::{deployment::Deployment, granary, orders::answered};

/// Its exit code and what it says.
fn verify(deployment: &Deployment, more: &[&str]) -> (Option<i32>, String) {
    let output = granary::command("verify", &deployment.config()).args(more).output();
    let output = output.expect("the program is there");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn it_verifies_beside_the_service_and_after_it() {
    let Some(deployment) = Deployment::new("verified", 2) else { return };
    let (code, told) = verify(&deployment, &[]);
    assert_eq!(code, Some(0), "nothing is as it must be, too: {told}");
    assert_eq!(told.matches("no checkpoint").count(), 2, "{told}");
    let often = ["checkpoints.interval=1s"];
    let service = deployment.run("one", &often);
    answered(&deployment, 1);
    service.await_events("lane_running", 2);
    let (code, told) = verify(&deployment, &[]);
    assert_eq!(code, Some(0), "beside the service: {told}");
    answered(&deployment, 2);
    service.stop();
    let (code, told) = verify(&deployment, &[]);
    assert_eq!(code, Some(0), "after it: {told}");
    assert_eq!(
        told.matches("replayed 0 transactions").count(),
        2,
        "all is in the checkpoints: {told}"
    );
    assert_eq!(told.matches("2 orders; checkpoint of").count(), 2, "{told}");
    // It left nothing behind that a start would trip over.
    let again = deployment.run("again", &often);
    answered(&deployment, 3);
    again.stop();
}

#[test]
fn what_is_not_a_checkpoint_any_more_is_found() {
    let Some(deployment) = Deployment::new("flawed", 2) else { return };
    let service = deployment.run("one", &["checkpoints.interval=1s"]);
    for round in 1..=4 {
        answered(&deployment, round);
    }
    let journal = deployment.reader("journal");
    let trimmed = |partition| journal.earliest(&deployment.topic("journal"), partition) > 0;
    service.until("the journal is trimmed", |_| trimmed(0) && trimmed(1));
    service.stop();
    assert_eq!(verify(&deployment, &[]).0, Some(0), "it is as it must be so far");

    // As after a topic was made anew: nothing is there in the place of what was trimmed.
    let elsewhere = format!("topics.checkpoints={}", deployment.topic("elsewhere"));
    let mut create = granary::command("topics create", &deployment.config());
    create.args(["--partitions", "2", "--set", &elsewhere]);
    granary::once(create, b"").expect("the topic is made");
    let (code, told) = verify(&deployment, &["--set", &elsewhere]);
    assert_eq!(code, Some(1), "{told}");
    for partition in 0..2 {
        assert!(flaw(&told, partition).contains("the journal"), "{told}");
    }

    let mut reader = deployment.reader("checkpoints");
    let mut seen = reader.to_end().to_vec();
    seen.retain(|seen| seen.partition == 0 && seen.key.contains('/') && !seen.value.is_empty());
    let page = seen.pop().expect("partition 0 has pages").key;
    let writer = deployment.writer();
    writer.send(&deployment.topic("checkpoints"), 0, &page, b"not a page");
    writer.send(&deployment.topic("checkpoints"), 1, "manifest", b"not a manifest");
    writer.flush();
    let (code, told) = verify(&deployment, &[]);
    assert_eq!(code, Some(1), "{told}");
    assert!(flaw(&told, 0).contains(&format!("page {page}")), "{told}");
    assert!(flaw(&told, 1).contains("manifest"), "{told}");
    let (code, told) = verify(&deployment, &["--partition", "2"]);
    assert_eq!(code, Some(2), "{told}");
}

/// The line that says what is wrong with a partition.
fn flaw(told: &str, partition: u32) -> &str {
    let begin = format!("partition {partition}: WRONG");
    told.lines().find(|line| line.starts_with(&begin)).unwrap_or_else(|| panic!("{told}"))
}
