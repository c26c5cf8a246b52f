//! The group's offsets, which tools read to say how far Granary is: every input has one, and what the audit says where
//! Kafka has forgotten one.

use std::time::Instant;

use clients::{PATIENCE, Seen};

use crate::{
    audit,
    deployment::{Deployment, committed},
    granary,
    granary::Granary,
    orders::{answered, now, pool_of},
};

const INPUTS: [&str; 4] = ["orders", "stock", "comments", "reroute"];

/// Waits until every input has an offset in the group, those too on which nothing ever came.
fn await_offsets(deployment: &Deployment, service: &Granary) {
    service.until("every input has an offset", |_| {
        INPUTS.iter().all(|input| committed(deployment, input, 0).is_some())
    });
}

/// Something is received, and nothing comes on this input after it.
fn receive(deployment: &Deployment) {
    let (pool, now) = (pool_of(0, 1), now());
    let event = format!(
        r#"{{"type":"stock.received","event_id":"r","pool":"{pool}","sku":"s","quantity":100,"lot_id":"l","occurred_at":{now}}}"#
    );
    let writer = deployment.writer();
    writer.send(&deployment.topic("stock"), 0, &pool, event.as_bytes());
    writer.flush();
    let has_it = |seen: &[Seen]| seen.iter().any(|seen| seen.value.contains(r#""received":100"#));
    deployment.reader("levels").until("what is received", has_it);
}

/// What Kafka does when nobody has committed an offset for a week.
fn forget(deployment: &Deployment, topic: &str) {
    let topic = deployment.topic(topic);
    let arguments = ["--group", &deployment.name, "--delete-offsets", "--topic", &topic];
    deployment.tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", &arguments);
}

#[test]
fn a_quiet_input_has_an_offset_and_the_audit_knows_when_it_has_expired() {
    let Some(deployment) = Deployment::new("offsets", 1) else { return };
    let service = deployment.run("one", &["checkpoints.interval=1s"]);
    await_offsets(&deployment, &service);
    receive(&deployment);
    // The journal forgets what was taken of the quiet input: it lies before a checkpoint.
    let journal = deployment.reader("journal");
    let taken = deployment.reader("journal").to_end().len();
    let taken = i64::try_from(taken).expect("there are few");
    let (began, mut round) = (Instant::now(), 0);
    while journal.earliest(&deployment.topic("journal"), 0) <= taken {
        assert!(began.elapsed() < PATIENCE, "the journal is trimmed");
        round += 1;
        answered(&deployment, round);
    }
    service.stop();
    assert!(committed(&deployment, "stock", 0) > Some(0), "it has one while Kafka keeps it");
    audit::proves(&deployment);

    forget(&deployment, "stock");
    assert_eq!(committed(&deployment, "stock", 0), None, "it is gone");
    let told = granary::once(granary::command("audit", &deployment.config()), b"");
    let told = told.expect("it is no violation");
    assert!(told.contains("the group's offset is gone"), "{told}");

    let service = deployment.run("two", &[]);
    await_offsets(&deployment, &service);
    service.stop();
    audit::finds_nothing(&deployment);
}
