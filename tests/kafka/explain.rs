//! `granary explain` and the console's route beside a running service: why an order got what it got.

use std::cell::Cell;

use clients::Writer;
use serde_json::Value;

use crate::{audit, deployment::Deployment, granary, granary::Granary, story};

const POOL: &str = "hexi oranges/红";
const SHORT: &str = "short by 1 of tea: 3 received, 2 allocated to orders before it, 1 left for the 2 that it needs";

/// Its exit code, what it says, and what it complains of.
fn explain(deployment: &Deployment, order: &str, more: &[&str]) -> (Option<i32>, String, String) {
    let mut command = granary::command("explain", &deployment.config());
    let output = command.args(["x", order]).args(more).output().expect("the program is there");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What publishes to a deployment, event by event.
struct Bridge<'a> {
    deployment: &'a Deployment,
    writer: Writer,
    now: u128,
}

impl<'a> Bridge<'a> {
    fn new(deployment: &'a Deployment) -> Self {
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970");
        Self { deployment, writer: deployment.writer(), now: now.as_millis() }
    }

    fn send(&self, topic: &str, partition: u32, kind: &str, id: &str, fields: &str) {
        let (platform, now) = (if topic == "stock" { "stock" } else { "x" }, self.now);
        let event = format!(
            r#"{{"type":"{kind}","event_id":"{id}","platform":"{platform}","pool":"{POOL}","occurred_at":{now},{fields}}}"#
        );
        self.writer.send(&self.deployment.topic(topic), partition, POOL, event.as_bytes());
        self.writer.flush();
    }

    /// Publishes three units, and two orders of two, of which the last is on the wrong partition first.
    fn sells_three(&self) {
        let home = lane::home(POOL, self.deployment.partitions);
        let mut decisions = self.deployment.reader("decisions");
        let mut answered = |count: usize| {
            decisions.until("the order is answered", |seen| seen.len() >= count);
        };
        let received = r#""sku":"tea","quantity":3,"lot_id":"L1""#;
        self.send("stock", home, "stock.received", "s1", received);
        let paid =
            |order: &str| format!(r#""order_id":"{order}","lines":[{{"sku":"tea","quantity":2}}]"#);
        // Each is answered before the next is sent: so it is certain who was first.
        let mut levels = self.deployment.reader("levels");
        levels.until("the stock is there", |seen| !seen.is_empty());
        self.send("orders", home, "order.paid", "p1", &paid("o-1"));
        answered(1);
        let elsewhere = (home + 1) % self.deployment.partitions;
        self.send("orders", elsewhere, "order.paid", "p2", &paid("o-2"));
        answered(2);
        self.send("orders", home, "order.paid", "p2", &paid("o-2"));
        answered(3);
    }

    /// Publishes what concerns nobody until two checkpoints stand: the journal is trimmed up to the first.
    fn goes_on_until_trimmed(&self, service: &Granary) {
        let (topic, home) =
            (self.deployment.topic("journal"), lane::home(POOL, self.deployment.partitions));
        let (journal, sent) = (self.deployment.reader("journal"), Cell::new(0));
        service.until("the journal is trimmed", |_| {
            let number = sent.replace(sent.get() + 1);
            let idle = format!(r#""order_id":"idle-{number}""#);
            self.send("orders", home, "order.cancelled", &format!("x{number}"), &idle);
            journal.earliest(&topic, home) > 0
        });
    }
}

#[test]
fn an_order_is_explained_beside_the_service_and_what_is_gone_is_not_made_up() {
    let Some(deployment) = Deployment::new("explained", 2) else { return };
    let service =
        deployment.run("one", &["checkpoints.interval=1s", "console.address=127.0.0.1:0"]);
    let bridge = Bridge::new(&deployment);
    bridge.sells_three();
    let home = lane::home(POOL, 2);
    bridge.goes_on_until_trimmed(&service);

    let (code, text, errors) = explain(&deployment, "o-2", &[]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(text.contains(SHORT), "{text}");
    let place = format!(" [{}/{}@0]", deployment.topic("orders"), (home + 1) % 2);
    assert!(text.contains(&place), "it lies where its sender put it: {place}\n{text}");
    assert!(text.contains("came before, nothing done"), "{text}");

    let (code, of_pool, _) = explain(&deployment, "o-2", &["--pool", POOL, "--json"]);
    assert_eq!(code, Some(0));
    let (status, of_console) = service.get("/v1/orders/x/o-2");
    assert_eq!((status, json(&of_console)), (200, json(&of_pool)), "one story everywhere");
    let story = json(&of_pool);
    assert_eq!(
        (&story["pools"][0]["pool"], &story["pools"][0]["gaps"]),
        (&POOL.into(), &Value::Array(vec![]))
    );
    let encoded = "hexi%20oranges%2F%E7%BA%A2";
    let (status, named) = service.get(&format!("/v1/orders/x/o%2D2?pool={encoded}"));
    assert_eq!((status, json(&named)), (200, story));

    let other = deployment.run("two", &["console.address=127.0.0.1:0"]);
    let (status, of_other) = other.get("/v1/orders/x/o-2");
    assert_eq!((status, json(&of_other)), (200, json(&of_pool)), "whichever lanes it has, if any");
    other.stop();

    let (code, text, errors) = explain(&deployment, "o-3", &[]);
    assert_eq!((code, text.as_str()), (Some(1), ""));
    assert!(errors.contains("no record of order x/o-3"), "{errors}");
    assert_eq!(explain(&deployment, "o-2", &["--pool", "other"]).0, Some(1));
    let (status, why) = service.get("/v1/orders/x/o-3");
    assert!(status == 404 && why.contains("no record of order x/o-3"), "{status} {why}");
    let nowhere = ["--set", "kafka.bootstrap_servers=127.0.0.1:1"];
    assert_eq!(explain(&deployment, "o-2", &nowhere).0, Some(2));
    audit::proves(&deployment);

    deployment.delete_records("stock", home);
    let (code, text, errors) = explain(&deployment, "o-2", &[]);
    assert_eq!(code, Some(0), "{errors}");
    let gone = format!("What came before offset 1 of {}", deployment.topic("stock"));
    assert!(text.contains(&gone) && !text.contains("received"), "{text}");
    assert!(text.contains("#1 waitlisted (short)") && text.contains("#2 duplicate"), "{text}");
    service.stop();
}

#[test]
fn what_an_evening_decided_is_decided_again() {
    let Some(deployment) = Deployment::new("retold", 2) else { return };
    let evening = story::past_evening(71, 2);
    let home = |pool: &str| lane::home(pool, 2);
    story::publish(&deployment, &deployment.writer(), &evening, home);
    let often = ["bounds.batch_records=50", "checkpoints.events=100", "encoding.output=protobuf"];
    let service = deployment.run("one", &often);
    let expected = crate::expected::of(&deployment, &story::lines(&evening.0));
    let mut decisions = deployment.reader("decisions");
    decisions.until("all decisions", |seen| seen.len() >= expected.decisions.len());
    let short: Vec<_> = (expected.decisions.values())
        .filter(|decision| decision["outcome"] == "waitlisted")
        .step_by(7)
        .take(4)
        .collect();
    assert!(!short.is_empty(), "somebody is short");
    for decision in short {
        let text = |field: &str| decision[field].as_str().expect("it is text");
        let mut command = granary::command("explain", &deployment.config());
        command.args([text("platform"), text("order_id"), "--pool", text("pool"), "--json"]);
        command.args(["--set", "encoding.output=protobuf"]);
        let told = json(&granary::once(command, b"").expect("it is told"));
        let pool = &told["pools"][0];
        assert_eq!(pool["gaps"], Value::Array(vec![]), "{told:#}");
        let steps = pool["steps"].as_array().expect("there are steps");
        assert!(
            steps.iter().any(|step| step["short"][0]["short_by"].as_u64() > Some(0)),
            "{told:#}"
        );
    }
    service.stop();
}
