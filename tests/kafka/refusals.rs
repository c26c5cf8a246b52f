//! What `run` refuses, and what it says.

use clients::Reader;

use crate::deployment::Deployment;

#[test]
fn topics_that_are_not_there_are_named() {
    let Some(deployment) = Deployment::new("refused", 1) else { return };
    let mut service = deployment.run("missing", &["topics.stock=nowhere.stock"]);
    assert!(!service.wait().success());
    assert!(service.log().contains("nowhere.stock: does not exist"), "{}", service.log());
}

#[test]
fn another_number_of_partitions_than_the_journals_is_refused() {
    let Some(deployment) = Deployment::new("grown", 1) else { return };
    let service = deployment.run("one", &[]);
    let order = r#"{"type":"order.created"}"#;
    let writer = deployment.writer();
    writer.send(&deployment.topic("orders"), 0, "k", order.as_bytes());
    writer.flush();
    deployment.reader("journal").until("a transaction", |seen| !seen.is_empty());
    assert!(service.stop().success());

    enlarge(&deployment);
    let mut service = deployment.run("two", &[]);
    assert!(!service.wait().success());
    let log = service.log();
    assert!(
        log.contains("the journal was written with 1 partitions, the topics have 2 now"),
        "{log}"
    );
}

#[test]
fn partitions_that_are_added_under_a_running_service_are_not_begun() {
    let Some(deployment) = Deployment::new("growing", 1) else { return };
    // So that it notices within the second, not within five minutes.
    let soon = "kafka.properties.topic.metadata.refresh.interval.ms=500";
    let mut service = deployment.run("one", &[soon]);
    let writer = deployment.writer();
    writer.send(&deployment.topic("orders"), 0, "k", b"{}");
    writer.flush();
    deployment.reader("journal").until("a transaction", |seen| !seen.is_empty());
    enlarge(&deployment);
    // Another one, which knows of the new partition.
    let writer = deployment.writer();
    writer.send(&deployment.topic("orders"), 1, "k", b"{}");
    writer.flush();
    assert!(!service.wait().success(), "it ends by itself");
    let refused = "the journal was written with 1 partitions, the topics have 2 now";
    assert!(service.log().contains(refused), "{}", service.log());
    let journal = Reader::new(&deployment.kafka.bootstrap(), &deployment.topic("journal"), 2)
        .to_end()
        .to_vec();
    assert!(journal.iter().all(|record| record.partition == 0), "nothing was begun there");
}

#[test]
fn a_broker_that_is_not_there_is_said() {
    let Some(deployment) = Deployment::new("unreachable", 1) else { return };
    let mut service = deployment.run("one", &["kafka.bootstrap_servers=127.0.0.1:1"]);
    assert!(!service.wait().success());
    assert!(service.log().contains("no Kafka broker answers at 127.0.0.1:1"), "{}", service.log());
}

/// Gives all topics of a deployment two partitions.
fn enlarge(deployment: &Deployment) {
    let bootstrap = deployment.kafka.bootstrap();
    for topic in contract::Topic::ALL {
        let short = topic.default_name().trim_start_matches("granary.");
        let name = deployment.topic(short);
        let alter =
            ["--bootstrap-server", &bootstrap, "--alter", "--topic", &name, "--partitions", "2"];
        deployment
            .kafka
            .jars()
            .run("org.apache.kafka.tools.TopicCommand", &alter)
            .expect("topics can grow");
    }
}
