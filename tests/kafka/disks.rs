//! A broker with several disks, of which one is full.

use std::{fs, time::Instant};

use clients::PATIENCE;
use fixture::proxy::kind;

use crate::{
    deployment::Deployment,
    ends::{SHORT_LIFE, Watched, halfway},
    faults::end,
};

/// The small disk's megabytes: room for a topic's first segment and its indexes.
const SMALL_MB: u32 = 48;

/// Puts a topic's only partition on the small disk, and all others of the cluster on the other one.
fn put_on_small_disk(deployment: &Deployment, topic: &str) {
    let (small, seen) = deployment.kafka.small_disk();
    let wanted = format!("{}-0", deployment.topic(topic));
    let there = || -> Vec<String> {
        let entries = fs::read_dir(&seen).expect("the disk is there").flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        names
            .filter(|name| {
                name.rsplit_once('-').is_some_and(|(_, number)| number.parse::<u32>().is_ok())
            })
            .collect()
    };
    let data = small.with_file_name("data");
    let moves = there().into_iter().filter(|name| *name != wanted).map(|name| (name, &data));
    let moves = moves.chain([(wanted.clone(), &small)]).map(|(name, disk)| {
        let (topic, partition) = name.rsplit_once('-').expect("a partition has a number");
        format!(
            r#"{{"topic":"{topic}","partition":{partition},"replicas":[1],"log_dirs":["{}"]}}"#,
            disk.display()
        )
    });
    let moves: Vec<_> = moves.collect();
    let file = deployment.config().with_file_name("moves.json");
    let json = format!(r#"{{"version":1,"partitions":[{}]}}"#, moves.join(","));
    fs::write(&file, json).expect("the moves can be written");
    let file = file.display().to_string();
    let execute = ["--reassignment-json-file", &file, "--execute"];
    deployment.tool("org.apache.kafka.tools.reassign.ReassignPartitionsCommand", &execute);
    let started = Instant::now();
    while there() != [wanted.as_str()] {
        assert!(started.elapsed() < PATIENCE, "only {wanted} is to be there: {:?}", there());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// A broker takes a disk that has failed out of its work until it is started again. What is on its other disks
/// goes on; but Kafka can't end a transaction that wrote to the one that is gone, so the lane waits.
#[test]
fn one_of_the_brokers_disks_is_full() {
    let Some(deployment) = Deployment::on_two_disks("disks", 1, SMALL_MB) else { return };
    let (watched, expected, decisions) = halfway(&deployment, 54, &SHORT_LIFE);
    put_on_small_disk(&deployment, "decisions");
    deployment.kafka.fill_small_disk(true);
    deployment.kafka.proxy().clear(kind::END_TXN);
    let topic = deployment.topic("decisions");
    let said = format!(
        "partition 0: takes no input, {topic} takes no writes: its partition has no leader"
    );
    watched.await_answer("/readyz", &said);
    // Who comes anew is kept out by the transaction that nobody can end, and says so too.
    watched.service.kill();
    let watched = Watched::run(&deployment, &SHORT_LIFE);
    watched.await_answer("/readyz", &said);
    assert!(watched.get("/readyz").starts_with("HTTP/1.1 503"), "it is not ready");
    watched.await_answer("/metrics", "granary_lane_output_refused{partition=\"0\"} 1");
    assert_eq!(watched.service.events("output_refused")[0]["topic"], topic);
    assert!(!deployment.kafka.has_ended(), "its other disk is all right");
    deployment.kafka.fill_small_disk(false);
    deployment.kafka.restart().expect("there is room again");
    watched.await_answer("/readyz", "HTTP/1.1 200");
    end(&deployment, &expected, decisions);
    watched.stop();
}
