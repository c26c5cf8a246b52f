//! Records that Kafka holds and does not show, because another producer's transaction is open before them: time does
//! not pass over them, people see it, and it does not last for ever.

use std::time::{Duration, Instant};

use clients::{PATIENCE, Seen, Writer};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer};
use serde_json::Value;

use crate::{audit, deployment::Deployment, granary::Granary};

/// The console, so that tests see what people see.
const CONSOLE: &str = "console.address=127.0.0.1:0";

const METRIC: &str = "granary_input_hidden_seconds";

/// A deployment of two partitions; whoever is hidden is on the first.
struct Scene {
    deployment: Deployment,
    writer: Writer,
    /// Whose transaction hangs. It has nothing to do with the orders.
    bridge: Writer,
}

impl Scene {
    fn new(name: &str) -> Option<Self> {
        let deployment = Deployment::new(name, 2)?;
        let (writer, id) = (deployment.writer(), format!("{name}-bridge"));
        let properties = [("transactional.id", id.as_str()), ("transaction.timeout.ms", "300000")];
        let bridge = Writer::with(&deployment.kafka.bootstrap(), &properties);
        bridge.producer().init_transactions(PATIENCE).expect("it is the only one");
        Some(Self { deployment, writer, bridge })
    }

    fn send(&self, topic: &str, pool: &str, text: &str) {
        let (home, value) = (lane::home(pool, 2), value(pool, text));
        self.writer.send(&self.deployment.topic(topic), home, pool, value.as_bytes());
        self.writer.flush();
    }

    /// A unit of stock in a pool that keeps reservations for so long.
    fn stock(&self, pool: &str, ttl_s: u32) {
        let policy = format!(
            r#""type":"pool.policy","event_id":"policy","reservation_ttl_s":{ttl_s},"occurred_at":NOW"#
        );
        self.send("stock", pool, &policy);
        self.receive(pool, "first");
    }

    fn receive(&self, pool: &str, lot: &str) {
        let text = r#""type":"stock.received","event_id":"LOT","sku":"s","quantity":1,"lot_id":"LOT","occurred_at":NOW"#;
        self.send("stock", pool, &text.replace("LOT", lot));
    }

    fn place(&self, pool: &str, order: u32) {
        let text = r#""type":"order.created","order_id":"ID","lines":[{"sku":"s","quantity":1}],"occurred_at":NOW"#;
        self.send("orders", pool, &text.replace("ID", &order.to_string()));
    }

    fn pay(&self, pool: &str, order: u32) {
        let text = r#""type":"order.paid","order_id":"ID","occurred_at":NOW"#;
        self.send("orders", pool, &text.replace("ID", &order.to_string()));
    }

    /// Another bridge begins a transaction, writes to the partition of this pool, and hangs.
    fn hang(&self, pool: &str) {
        self.bridge.producer().begin_transaction().expect("none is open");
        let text = r#""type":"order.created","order_id":"77","lines":[{"sku":"s","quantity":1}],"occurred_at":NOW"#;
        let (home, orders) = (lane::home(pool, 2), self.deployment.topic("orders"));
        self.bridge.send(&orders, home, pool, value(pool, text).as_bytes());
        self.bridge.flush();
    }

    /// Another lane begins a transaction, sends a payment home, which it took just now, and stands still.
    fn send_home(&self, pool: &str, order: u32) {
        self.bridge.producer().begin_transaction().expect("none is open");
        let text = r#""type":"order.paid","order_id":"ID","occurred_at":NOW"#;
        let value = value(pool, &text.replace("ID", &order.to_string()));
        let arrival = now().to_string();
        let header = Header { key: lane::ARRIVAL, value: Some(&arrival) };
        let topic = self.deployment.topic("reroute");
        let record = BaseRecord::to(&topic)
            .partition(i32::try_from(lane::home(pool, 2)).expect("there are two"))
            .key(pool)
            .payload(value.as_bytes())
            .headers(OwnedHeaders::new().insert(header));
        self.bridge.producer().send(record).map_err(|(error, _)| error).expect("it is taken");
        self.bridge.flush();
    }

    /// The transaction ends; what it wrote never happened.
    fn let_go(&self) {
        self.bridge.producer().abort_transaction(PATIENCE).expect("it ends");
    }

    /// Waits for the level of a pool with so many units received: a record of it was taken.
    fn await_level(&self, pool: &str, received: u64) {
        let mut levels = self.deployment.reader("levels");
        levels.until("the level", |seen| {
            let is = |one: &Seen| {
                let level: Value = serde_json::from_str(&one.value).expect("levels are JSON");
                level["pool"] == pool && level["received"] == received
            };
            seen.iter().any(is)
        });
    }
}

fn value(pool: &str, text: &str) -> String {
    let text = text.replace("NOW", &now().to_string());
    format!(r#"{{"pool":"{pool}","platform":"x",{text}}}"#)
}

fn now() -> u128 {
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed();
    now.expect("it is after 1970").as_millis()
}

/// A pool's name whose home is this partition of two.
fn pool_of(partition: u32, name: &str) -> String {
    let names = (0..).map(|n| format!("{name}-{n}"));
    names.into_iter().find(|pool| lane::home(pool, 2) == partition).expect("there are many")
}

/// What was decided of a pool's orders: each order and what became of it.
fn decided(seen: &[Seen], pool: &str) -> Vec<String> {
    let of = seen.iter().filter(|one| one.key == pool).map(|one| {
        let decision: Value = serde_json::from_str(&one.value).expect("decisions are JSON");
        let text = |name: &str| decision[name].as_str().unwrap_or_default().to_owned();
        format!("{} {}", text("order_id"), text("outcome"))
    });
    of.collect()
}

/// What the service's metric says of the first partition of the orders.
fn metric(service: &Granary, deployment: &Deployment, name: &str) -> f64 {
    let orders = format!("topic=\"{}\"", deployment.topic("orders"));
    service.metric(name, &orders).get(&0).copied().unwrap_or(0.0)
}

/// Waits until the service tells people of what is hidden in every way that it has.
fn await_told(service: &Granary, deployment: &Deployment) {
    service.await_events("input_hidden", 1);
    let told = &service.events("input_hidden")[0];
    assert_eq!(
        (&told["topic"], &told["partition"]),
        (&deployment.topic("orders").into(), &0.into())
    );
    service.until("the metric says for how long", |service| {
        metric(service, deployment, METRIC) >= 5.0
    });
    service.until("lag counts what is hidden", |service| {
        service.metric("granary_lane_lag_records", "").get(&0).is_some_and(|lag| *lag >= 2.0)
    });
    let (status, text) = service.get("/readyz");
    let line = format!("2 records of {} from offset 1 on are hidden", deployment.topic("orders"));
    assert!(status == 200 && text.contains(&line), "{status} {text}");
}

#[test]
fn a_payment_behind_another_bridges_open_transaction_is_in_time() {
    let Some(scene) = Scene::new("hidden") else { return };
    let deployment = &scene.deployment;
    let (pool, beside, elsewhere) = (pool_of(0, "p"), pool_of(0, "q"), pool_of(1, "r"));
    let service = deployment.run("one", &[CONSOLE]);
    let mut decisions = deployment.reader("decisions");
    scene.stock(&pool, 10);
    scene.stock(&elsewhere, 10);
    scene.place(&pool, 1);
    decisions.until("the reservation", |seen| decided(seen, &pool) == ["1 reserved"]);
    scene.hang(&pool);
    scene.pay(&pool, 1);
    // A reservation of another lane that was made later is over, so this one's time is over too.
    scene.place(&elsewhere, 2);
    decisions.until("what expires on the other lane", |seen| {
        decided(seen, &elsewhere) == ["2 reserved", "2 released"]
    });
    // Records of other inputs are taken, and bring time no further.
    scene.receive(&beside, "a");
    scene.await_level(&beside, 1);
    await_told(&service, deployment);
    // Whoever comes next sees it too.
    service.kill();
    let service = deployment.run("two", &[CONSOLE]);
    scene.receive(&beside, "b");
    scene.await_level(&beside, 2);
    await_told(&service, deployment);
    assert_eq!(decided(decisions.to_end(), &pool), ["1 reserved"]);
    scene.let_go();
    decisions.until("the payment", |seen| decided(seen, &pool).len() > 1);
    service.await_events("input_shown", 1);
    service.until("nothing is hidden", |service| metric(service, deployment, METRIC) == 0.0);
    assert_eq!(decided(decisions.to_end(), &pool), ["1 reserved", "1 allocated"]);
    service.stop();
    audit::finds_nothing(deployment);
}

#[test]
fn what_a_lane_that_stands_still_has_sent_home_is_in_time() {
    let Some(scene) = Scene::new("sibling") else { return };
    let deployment = &scene.deployment;
    let (pool, elsewhere) = (pool_of(0, "p"), pool_of(1, "r"));
    let service = deployment.run("one", &[CONSOLE]);
    let mut decisions = deployment.reader("decisions");
    scene.stock(&pool, 6);
    scene.stock(&elsewhere, 6);
    scene.place(&pool, 1);
    decisions.until("the reservation", |seen| decided(seen, &pool) == ["1 reserved"]);
    scene.send_home(&pool, 1);
    // On this topic orders of the partition can be read, and come in beside what is hidden.
    scene.place(&elsewhere, 2);
    decisions.until("what expires on the other lane", |seen| {
        decided(seen, &elsewhere) == ["2 reserved", "2 released"]
    });
    scene.place(&pool, 3);
    decisions.until("the answer to another", |seen| decided(seen, &pool).len() > 1);
    assert_eq!(decided(decisions.to_end(), &pool), ["1 reserved", "3 refused"]);
    let reroute = format!("topic=\"{}\"", deployment.topic("reroute"));
    assert!(service.metric(METRIC, &reroute)[&0] > 1.0);
    scene.bridge.producer().commit_transaction(PATIENCE).expect("it ends");
    decisions.until("the payment", |seen| decided(seen, &pool).len() > 2);
    assert_eq!(decided(decisions.to_end(), &pool), ["1 reserved", "3 refused", "1 allocated"]);
    // The audit would miss what was sent home on the topic that it came from.
    service.stop();
}

#[test]
fn patience_with_a_transaction_that_hangs_for_good_ends() {
    let Some(scene) = Scene::new("hangs") else { return };
    let deployment = &scene.deployment;
    let pool = pool_of(0, "p");
    let service = deployment.run("one", &[CONSOLE, "bounds.hidden_patience=8s"]);
    let mut decisions = deployment.reader("decisions");
    scene.stock(&pool, 4);
    scene.place(&pool, 1);
    decisions.until("the reservation", |seen| decided(seen, &pool) == ["1 reserved"]);
    let began = Instant::now();
    scene.hang(&pool);
    scene.pay(&pool, 1);
    decisions
        .until("the end of patience", |seen| decided(seen, &pool) == ["1 reserved", "1 released"]);
    assert!(began.elapsed() >= Duration::from_secs(8), "not before: {:?}", began.elapsed());
    service.await_events("hidden_passed", 1);
    service.until("the metric says so", |service| {
        metric(service, deployment, "granary_input_hidden_passed") == 1.0
    });
    let (status, text) = service.get("/readyz");
    assert!(status == 200 && text.contains("time passes over them"), "{status} {text}");
    scene.let_go();
    decisions.until("the payment is tried again", |seen| {
        decided(seen, &pool) == ["1 reserved", "1 released", "1 allocated"]
    });
    service.until("nothing is hidden", |service| {
        metric(service, deployment, "granary_input_hidden_passed") == 0.0
    });
    service.stop();
    audit::finds_nothing(deployment);
}
