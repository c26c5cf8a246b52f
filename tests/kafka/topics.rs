//! Topics that change under a deployment: an input that is deleted and made again under its name.

use std::time::{Duration, Instant};

use clients::PATIENCE;
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
};

use crate::{
    deployment::Deployment,
    granary::{self, Granary},
    orders::{answered, partitions, send},
};

const CONSOLE: &str = "console.address=127.0.0.1:0";

/// Deletes an input and makes it again under its name, with more orders than the old one had.
fn make_again(deployment: &Deployment, topic: &str, orders: usize) {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", deployment.kafka.bootstrap());
    let admin: AdminClient<DefaultClientContext> = config.create().expect("it is a client");
    let name = deployment.topic(topic);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it is a runtime");
    let deleted = runtime.block_on(admin.delete_topics(&[name.as_str()], &AdminOptions::new()));
    assert_eq!(deleted.expect("it is answered"), [Ok(name.clone())]);
    let mut create = granary::command("topics create", &deployment.config());
    create.args(["--partitions", &deployment.partitions.to_string()]);
    let created = granary::once(create, b"").expect("it is made");
    assert!(created.contains(&format!("{name}: created")), "{created}");
    for round in 101..=100 + orders {
        send(deployment, 0, round);
    }
}

/// What it must say: the topic, both ids, and what to do.
fn refuses(deployment: &Deployment, service: &mut Granary, topic: &str) {
    assert!(!service.wait().success(), "it ends by itself");
    let log = service.log();
    let begins = format!("the topic {} was deleted and made again", deployment.topic(topic));
    let from = log.find(&begins).unwrap_or_else(|| panic!("it says `{begins}`: {log}"));
    let told = &log[from..];
    let ids: Vec<&str> = told.split(' ').filter(|word| word.len() >= 22).take(2).collect();
    assert_ne!(ids[0].trim_end_matches(','), ids[1].trim_end_matches('.'), "{told}");
    assert!(told.contains("docs/operations.md"), "{told}");
}

/// How many answers there are.
fn decisions(deployment: &Deployment) -> usize {
    deployment.reader("decisions").to_end().len()
}

#[test]
fn an_input_that_was_made_again_while_it_was_stopped_is_refused() {
    let Some(deployment) = Deployment::new("remade-stopped", 2) else { return };
    let service = deployment.run("first", &[]);
    answered(&deployment, 1);
    answered(&deployment, 2);
    service.stop();
    make_again(&deployment, "orders", 5);
    let mut service = deployment.run("second", &[]);
    refuses(&deployment, &mut service, "orders");
    assert_eq!(decisions(&deployment), 4, "nothing of the new topic was taken");
}

#[test]
fn an_input_that_was_made_again_after_a_kill_is_refused() {
    let Some(deployment) = Deployment::new("remade-killed", 1) else { return };
    let service = deployment.run("first", &["checkpoints.interval=1s"]);
    answered(&deployment, 1);
    answered(&deployment, 2);
    service.kill();
    make_again(&deployment, "stock", 0);
    let mut service = deployment.run("second", &[]);
    refuses(&deployment, &mut service, "stock");
}

#[test]
fn an_input_that_is_made_again_while_it_runs_stops_it_within_seconds() {
    let Some(deployment) = Deployment::new("remade-running", 1) else { return };
    let mut service = deployment.run("first", &[]);
    answered(&deployment, 1);
    answered(&deployment, 2);
    make_again(&deployment, "orders", 0);
    let made = Instant::now();
    refuses(&deployment, &mut service, "orders");
    assert!(made.elapsed() < Duration::from_secs(30), "{:?}", made.elapsed());
}

#[test]
fn an_input_that_was_made_again_before_a_takeover_is_refused() {
    let Some(deployment) = Deployment::new("remade-takeover", 1) else { return };
    let first = deployment.run("first", &[CONSOLE]);
    answered(&deployment, 1);
    answered(&deployment, 2);
    let mut second = deployment.run("second", &[CONSOLE]);
    let began = Instant::now();
    let owners = || [&first, &second].map(|process| partitions(process).len());
    while owners().iter().sum::<usize>() != 1 || !has_standby(&first) && !has_standby(&second) {
        assert!(began.elapsed() < PATIENCE, "one owns it and the other one follows");
        std::thread::sleep(Duration::from_millis(50));
    }
    let mut survivor = if owners() == [1, 0] {
        first.kill();
        second
    } else {
        second.kill();
        second = first;
        second
    };
    make_again(&deployment, "orders", 5);
    refuses(&deployment, &mut survivor, "orders");
    assert_eq!(decisions(&deployment), 2, "nothing of the new topic was taken");
}

fn has_standby(process: &Granary) -> bool {
    process.metric("granary_lane_state", "standby").values().sum::<f64>() == 1.0
}
