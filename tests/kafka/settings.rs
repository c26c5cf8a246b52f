//! Settings of topics on which promises rest: what `topics create` sets, what `topics check` and `run` refuse,
//! and what they tell of.

use clients::{PATIENCE, Writer};
use rdkafka::producer::Producer;

use crate::{
    deployment::Deployment,
    granary::{self, Granary},
    orders,
};

const CONSOLE: &str = "console.address=127.0.0.1:0";

/// What `granary topics check` says: to people where nothing is refused, and what is refused.
fn check(deployment: &Deployment) -> Result<String, String> {
    granary::once(granary::command("topics check", &deployment.config()), b"")
}

#[test]
fn topics_that_would_lose_what_was_promised_are_refused() {
    let Some(deployment) = Deployment::new("unsound", 1) else { return };
    let wrong = [
        ("levels", "cleanup.policy=[compact,delete]", "retention.ms is 604800000; with `delete`"),
        ("journal", "retention.ms=3600000", "retention.ms is 3600000; a partition that is quiet"),
        ("journal", "cleanup.policy=[compact,delete]", "cleanup.policy is `compact,delete`"),
        ("decisions", "min.insync.replicas=2", "min.insync.replicas is 2 and it has 1 replicas"),
        ("alerts", "cleanup.policy=compact", "cleanup.policy is `compact`, must be `delete`"),
        (
            "dead-letter",
            "max.message.bytes=1048588",
            "max.message.bytes is 1048588; what is written to it needs up to 2097152",
        ),
        (
            "reroute",
            "max.message.bytes=1048588",
            "max.message.bytes is 1048588; what is written to it needs up to 2097152",
        ),
    ];
    for (topic, setting, _) in wrong {
        deployment.alter(topic, setting);
    }
    let refused = check(&deployment).expect_err("they are refused");
    let mut service = deployment.run("refused", &[]);
    assert!(!service.wait().success());
    for (topic, _, why) in wrong {
        let why = format!("{}: {why}", deployment.topic(topic));
        let line = |text: &str| text.lines().any(|line| line.contains(&why));
        assert!(line(&refused), "`{why}`: {refused}");
        assert!(service.log().contains(&why), "`{why}`: {}", service.log());
    }
    assert!(!refused.contains(&deployment.topic("orders")), "{refused}");
}

#[test]
fn topics_that_lose_something_on_a_bad_day_are_told_of() {
    let Some(deployment) = Deployment::new("doubtful", 1) else { return };
    let fine = "11 topics with 1 partitions each, as they must be\n";
    let told = check(&deployment).expect("nothing is refused");
    assert!(told.ends_with(fine), "{told}");
    // How late a producer may send is left to people, and they are told; there is nothing else.
    assert_eq!(told.lines().count(), 1 + 3, "{told}");
    assert_eq!(
        told.matches("message.timestamp.before.max.ms is 9223372036854775807").count(),
        3,
        "{told}"
    );
    let doubtful = [
        (
            "orders",
            "message.timestamp.before.max.ms=7200000",
            "message.timestamp.type is CreateTime",
        ),
        (
            "decisions",
            "message.timestamp.type=CreateTime",
            "message.timestamp.type is CreateTime, so the clock of the process",
        ),
        ("alerts", "retention.ms=3600000", "retention.ms is 3600000, so a reader that is away"),
        ("stock", "retention.bytes=1000000", "retention.bytes deletes by size"),
    ];
    for (topic, setting, _) in doubtful {
        deployment.alter(topic, setting);
    }
    let told = check(&deployment).expect("nothing is refused");
    let service = deployment.run("one", &[CONSOLE, "checkpoints.interval=24h"]);
    service.await_events("lane_running", 1);
    let warned = |service: &Granary, what: &str| {
        let events = service.events("topic_doubtful");
        events.iter().any(|event| event["message"].as_str().is_some_and(|m| m.contains(what)))
    };
    for (topic, _, why) in doubtful {
        let why = format!("{}: {why}", deployment.topic(topic));
        assert!(told.contains(&format!("advice: {why}")), "`{why}`: {told}");
        assert!(warned(&service, &why), "`{why}`: {}", service.log());
    }
    assert!(told.ends_with(fine), "{told}");
    // A week is plenty for checkpoints that are a day apart.
    assert!(!warned(&service, "twice checkpoints.interval"), "{}", service.log());
    service.stop();
    deployment.alter("orders", "retention.ms=90000000");
    let service = deployment.run("two", &["checkpoints.interval=24h"]);
    service.await_events("lane_running", 1);
    let why =
        "orders: retention.ms is 90000000, and coming back needs the inputs of up to 172800000 ms";
    assert!(warned(&service, why), "{}", service.log());
    service.stop();
}

#[test]
fn a_setting_that_is_changed_while_it_runs_is_told_of_and_nothing_stops() {
    let Some(deployment) = Deployment::new("changed", 1) else { return };
    let service = deployment.run("one", &[CONSOLE]);
    orders::answered(&deployment, 1);
    let levels = deployment.topic("levels");
    let metric = |service: &Granary, value: u32| {
        let line = format!("granary_topic_unsound{{topic=\"{levels}\"}} {value}");
        service.get("/metrics").1.contains(&line)
    };
    deployment.alter("levels", "cleanup.policy=[compact,delete]");
    service.await_events("topic_unsound", 1);
    let told = service.events("topic_unsound")[0]["message"].to_string();
    assert!(
        told.contains(&format!("{levels}: retention.ms is 604800000; with `delete`")),
        "{told}"
    );
    assert!(metric(&service, 1));
    orders::answered(&deployment, 2);
    deployment.alter("levels", "cleanup.policy=compact");
    service.await_events("topic_sound", 1);
    assert!(metric(&service, 0));
    assert_eq!(service.events("topic_unsound").len(), 1, "it is said once");
    service.stop();
}

/// The inputs that `topics create` makes take no record whose own time is hours ahead, and every other.
#[test]
fn records_whose_own_time_is_hours_ahead_are_refused_by_the_inputs_that_are_made() {
    let Some(deployment) = Deployment::new("timely", 1) else { return };
    let service = deployment.run("one", &[CONSOLE]);
    orders::answered(&deployment, 1);
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970").as_millis();
    let now = i64::try_from(now).expect("it is before the year 292 277 026");
    const HOUR: i64 = 3_600_000;
    for topic in ["orders", "stock", "comments"] {
        let topic = deployment.topic(topic);
        // A producer that gives a record up has had it refused.
        for (time, taken) in [
            (now - HOUR / 2, true),
            (now + HOUR / 2, true),
            (now - 2 * HOUR, true),
            (now + 2 * HOUR, false),
            (now * 1000, false),
        ] {
            let writer = Writer::new(&deployment.kafka.bootstrap());
            let before = end_of(&writer, &topic);
            writer.send_at(&topic, 0, "k", b"{}", time);
            writer.flush();
            let after = end_of(&writer, &topic);
            assert_eq!(after - before, i64::from(taken), "{topic}: {} ms off", time - now);
        }
    }
    orders::answered(&deployment, 2);
    service.stop();
}

/// Where the next record of the only partition would be.
fn end_of(writer: &Writer, topic: &str) -> i64 {
    let (_, end) =
        writer.producer().client().fetch_watermarks(topic, 0, PATIENCE).expect("it is there");
    end
}
