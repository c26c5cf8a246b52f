//! Memory: it stays below what is configured, whatever comes in; and what one record leads to goes through.

use std::time::SystemTime;

use serde_json::{Value, json};

use crate::{
    audit,
    deployment::Deployment,
    expected::{self, Told},
};

const MIB: u64 = 1 << 20;

/// As little memory as may be configured, and buffers to match.
const LITTLE: u64 = 160 * MIB;
const SET: [&str; 4] = [
    "bounds.memory=160MiB",
    "bounds.fetch_ahead=1MiB",
    "bounds.batch_bytes=1MiB",
    "console.address=127.0.0.1:0",
];

/// A record is 256 KiB at most.
const VALUE_BYTES_MAX: usize = 256 * 1024;

/// Together half as much again as there is room for.
const ROUNDS: usize = 10;

/// Entries of an array that are no events.
const NONSENSE: usize = 2000;

/// Writes hostile input, a millisecond between two records, all of it in the past.
struct Flood {
    at: i64,
    lines: Vec<Vec<u8>>,
}

impl Flood {
    fn new() -> Self {
        let now = SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970").as_millis();
        let hours_ago =
            i64::try_from(now).expect("it is before the year 292 277 026") - 4 * 3_600_000;
        Self { at: hours_ago, lines: Vec::new() }
    }

    fn push(&mut self, line: impl Into<Vec<u8>>) {
        self.lines.push(line.into());
        self.at += 1;
    }

    fn event(&self, kind: &str, id: &str, pool: &str, fields: Value) -> Value {
        let of_buyers = ["order.", "comment."].iter().any(|kinds| kind.starts_with(kinds));
        let platform = if of_buyers { "x" } else { "stock" };
        let mut event = json!({
            "type": kind, "event_id": id, "platform": platform, "pool": pool, "occurred_at": self.at,
        });
        let fields = fields.as_object().expect("fields are an object").clone();
        event.as_object_mut().expect("an event is an object").extend(fields);
        event
    }

    /// An order of one line.
    fn order(&self, kind: &str, id: &str, pool: &str) -> Value {
        let lines = json!([{"sku": "s", "quantity": 1}]);
        self.event(kind, &format!("{kind}-{id}"), pool, json!({"order_id": id, "lines": lines}))
    }

    /// Everything that is hard to hold, the `round`th time.
    fn round(&mut self, round: usize) {
        // The longest ids in the longest order.
        for number in 0..10 {
            let name = format!("{round}-{number}");
            let line = |line: usize| {
                let (sku, id) =
                    (long(&format!("sku-{name}-{line}")), long(&format!("line-{line}")));
                json!({"line_id": id, "sku": sku, "quantity": 1_000_000})
            };
            let lines: Vec<Value> = (0..200).map(line).collect();
            let fields = json!({"order_id": long(&format!("order-{name}")), "lines": lines});
            let event = long(&format!("event-{name}"));
            let event = self.event("order.created", &event, "pool", fields);
            self.push(event.to_string());
        }
        // As many orders as an array can have, and entries that are none.
        for array in 0..2 {
            let order = |entry: usize| {
                let id = format!("a-{round}-{array}-{entry}");
                self.order("order.created", &id, "pool").to_string()
            };
            let entries: Vec<String> = (0..1400).map(order).collect();
            let array = format!("[{},17,[],{{}}]", entries.join(","));
            assert!(array.len() < VALUE_BYTES_MAX, "{}", array.len());
            self.push(array);
        }
        // Thousands of entries, each a dead letter of its own.
        self.push(format!("[{}]", vec!["7"; NONSENSE].join(",")));
        // Pools that nobody has heard of, and lots.
        for number in 0..40 {
            let (pool, id) =
                (long(&format!("pool-{round}-{number}")), format!("r-{round}-{number}"));
            let lot = json!({"sku": long(&id), "quantity": 1_000_000, "lot_id": long(&id)});
            let event = self.event("stock.received", &long(&id), &pool, lot);
            self.push(event.to_string());
            let order = self.order("order.paid", &id, &pool);
            self.push(order.to_string());
        }
        self.bundles(round);
        self.sale(round);
        // Rubbish: as large as is read, and larger.
        self.push("{".repeat(VALUE_BYTES_MAX));
        self.push("x".repeat(3 * VALUE_BYTES_MAX));
    }

    /// Bundles of as many parts as there may be, and orders that wait for all of them.
    fn bundles(&mut self, round: usize) {
        for number in 0..3 {
            let bundle = long(&format!("bundle-{round}-{number}"));
            let part =
                |part: usize| json!({"sku": long(&format!("part-{round}-{part}")), "quantity": 3});
            let components: Vec<Value> = (0..20).map(part).collect();
            let item =
                json!({"sku": bundle, "components": components, "limit_per_buyer": 1_000_000});
            let item = self.event("catalogue.item", &bundle, "bundles", item);
            self.push(item.to_string());
            let line = |line: usize| json!({"line_id": long(&format!("{line}")), "sku": bundle, "quantity": 2});
            let lines: Vec<Value> = (0..20).map(line).collect();
            let order = long(&format!("order-{round}-{number}"));
            let fields = json!({"order_id": order, "buyer_id": order, "lines": lines});
            let paid = self.event("order.paid", &order, "bundles", fields);
            self.push(paid.to_string());
        }
    }

    /// A sale with enough for all: comments that hold units, from who never buys, and waves of parcels.
    fn sale(&mut self, round: usize) {
        let id = format!("sale-{round}");
        for (kind, fields) in [
            ("pool.policy", json!({"claims": "hold", "claim_ttl_s": 600})),
            ("catalogue.item", json!({"sku": "s", "keywords": ["橙子", long("keyword")]})),
            ("stock.received", json!({"sku": "s", "quantity": 1_000_000, "lot_id": long(&id)})),
        ] {
            let event = self.event(kind, &format!("{kind}-{id}"), "sale", fields);
            self.push(event.to_string());
        }
        let claim = |entry: usize| {
            let name = long(&format!("{id}-{entry}"));
            let fields = json!({"buyer_id": name, "person_ref": name, "text": "要3箱橙子"});
            self.event("comment.posted", &name, "sale", fields).to_string()
        };
        let claims: Vec<String> = (0..200).map(claim).collect();
        self.push(format!("[{}]", claims.join(",")));
        let text = "要3箱橙子".repeat(10_000);
        let fields = json!({"buyer_id": long(&id), "text": text, "session_id": long(&id)});
        let longest = self.event("comment.posted", &id, "sale", fields);
        self.push(longest.to_string());
        let paid = |entry: usize| {
            self.order("order.paid", &long(&format!("{id}-{entry}"))[..200], "sale").to_string()
        };
        let orders: Vec<String> = (0..200).map(paid).collect();
        self.push(format!("[{}]", orders.join(",")));
        let wave = self.event("wave.closed", &id, "sale", json!({"wave_id": long(&id)}));
        self.push(wave.to_string());
    }

    fn publish(&self, deployment: &Deployment) {
        let (writer, orders) = (deployment.writer(), deployment.topic("orders"));
        let from = self.at - i64::try_from(self.lines.len()).expect("lines are few");
        for (at, line) in (from..).zip(&self.lines) {
            writer.send_at(&orders, 0, "k", line, at);
        }
        writer.flush();
    }
}

/// An id of the greatest length.
fn long(id: &str) -> String {
    format!("{id}-{}", "z".repeat(255 - id.len()))
}

#[test]
fn memory_stays_below_its_limit_under_any_input_and_nothing_is_lost() {
    let Some(deployment) = Deployment::new("memory", 1) else { return };
    let mut flood = Flood::new();
    (0..ROUNDS).for_each(|round| flood.round(round));
    flood.publish(&deployment);
    let service = deployment.run("small", &SET);
    service.until("it takes no more input", |service| {
        assert!(service.peak_memory() < LITTLE, "{} MiB", service.peak_memory() / MIB);
        service.get("/readyz").1.contains("takes no input, its state takes")
    });
    service.await_events("memory_full", 1);
    assert_eq!(service.get("/readyz").0, 503);
    assert_eq!(service.metric("granary_lane_memory_full", "")[&0], 1.0);
    let (state, limit) = ("granary_lane_state_bytes", "granary_lane_state_limit_bytes");
    assert!(service.metric(state, "")[&0] >= service.metric(limit, "")[&0]);
    assert_eq!(service.get("/healthz").0, 200, "a restart would not help");
    let lag = service.metric("granary_lane_lag_records", "")[&0];
    assert!(lag > 10.0, "there was more to take: {lag}");
    let taken = service.metric("granary_lane_orders", "")[&0];
    println!("at its limit: {} MiB at most, {taken} orders", service.peak_memory() / MIB);
    // It comes back to the same, and its buffers are filled once more.
    service.kill();
    let again = deployment.run("again", &SET);
    again.await_events("lane_running", 1);
    again.await_events("memory_full", 1);
    assert!(again.peak_memory() < LITTLE, "{} MiB", again.peak_memory() / MIB);
    println!("come back: {} MiB at most", again.peak_memory() / MIB);
    again.stop();
    let service = deployment.run("large", &["bounds.memory=2GiB"]);
    let expected = expected::of(&deployment, &flood.lines);
    assert!(expected.dead.len() > ROUNDS * NONSENSE);
    let is_page = |parcel: &&Value| parcel["type"] == "fulfillment.manifest";
    let pages = expected.parcels.values().filter(is_page).count();
    assert!(pages >= ROUNDS, "each round closes a wave: {pages}");
    expected::same(deployment.told(&expected), &expected);
    assert!(service.events("memory_full").is_empty());
    service.stop();
    // What claims hold is told by no decision: of their pool it proves less.
    audit::finds_nothing(&deployment);
}

/// Orders that wait for the same stock: with what is told of each, more than the client's queue holds.
const WAITING: usize = 40_000;

#[test]
fn one_record_that_fills_everybody_who_waits_goes_through() {
    let Some(deployment) = Deployment::new("fills", 1) else { return };
    let mut flood = Flood::new();
    let policy = flood.event("pool.policy", "policy", "pool", json!({"allocate_on": "paid"}));
    flood.push(policy.to_string());
    for array in 0..WAITING / 1000 {
        let paid =
            |entry: usize| flood.order("order.paid", &format!("{}", array * 1000 + entry), "pool");
        let entries: Vec<String> = (0..1000).map(|entry| paid(entry).to_string()).collect();
        flood.push(format!("[{}]", entries.join(",")));
    }
    flood.publish(&deployment);
    let service = deployment.run("one", &["console.address=127.0.0.1:0"]);
    await_told(&deployment, "decisions", WAITING);
    let before = service.peak_memory();
    let lot = json!({"sku": "s", "quantity": WAITING, "lot_id": "l"});
    let mut stock = Flood { at: flood.at, lines: Vec::new() };
    let received = stock.event("stock.received", "r", "pool", lot);
    stock.push(received.to_string());
    stock.publish(&deployment);
    await_told(&deployment, "fulfillment", WAITING);
    println!(
        "one record, {} outputs: {} MiB at most, {} MiB before, of which the state takes {} MiB",
        3 * WAITING,
        service.peak_memory() / MIB,
        before / MIB,
        service.metric("granary_lane_state_bytes", "")[&0] / MIB as f64,
    );
    assert!(service.events("lane_dropped").is_empty(), "it went through at once");
    let mut told = Told::default();
    for topic in ["decisions", "fulfillment", "alerts"] {
        deployment.reader(topic).to_end().iter().for_each(|seen| told.add(topic, &seen.value));
    }
    let resolved = told.alerts.values().filter(|alert| alert["type"] == "oversell_resolved");
    assert_eq!(resolved.count(), WAITING);
    assert_eq!((told.decisions.len(), told.parcels.len()), (2 * WAITING, WAITING));
    service.stop();
}

/// Waits until a topic has so many records.
fn await_told(deployment: &Deployment, topic: &str, count: usize) {
    let mut reader = deployment.reader(topic);
    reader.until(topic, |seen| seen.len() >= count);
}
