//! Random traffic from a seed: what the bridge sends, when, and to which partition.

use allotment::{Millis, Time};
use contract::{Header, Topic};
use lane::home;
use serde_json::{Value, json};

use crate::input::any;
use crate::world::START;
use traffic::rng::Rng;

const POOLS: [&str; 5] = ["oranges", "tea", "rice", "honey", "pears"];

/// What is sent at one instant, and read before anything else is sent.
pub(crate) struct Burst {
    pub(crate) at: Time,
    /// It goes by way of another partition.
    pub(crate) misplaced: bool,
    pub(crate) sends: Vec<Send>,
}

/// One record.
pub(crate) struct Send {
    pub(crate) topic: Topic,
    pub(crate) partition: u32,
    pub(crate) headers: Vec<Header>,
    pub(crate) value: Vec<u8>,
    /// Sent in a transaction that is aborted.
    pub(crate) aborted: bool,
}

/// Bursts of orders, payments, stock and rubbish for five pools on `partitions` partitions.
pub(crate) fn traffic(seed: u64, partitions: u32) -> Vec<Burst> {
    let mut rng = Rng::new(seed);
    // The first processes have trouble to start in, too.
    let mut at = START.plus(Millis(20_000));
    let mut bursts = vec![Burst {
        at,
        misplaced: false,
        sends: POOLS.map(|pool| policy(pool, partitions)).into(),
    }];
    for _ in 0..25 {
        at = at.plus(Millis(20_000 + i64::try_from(rng.below(20_000)).unwrap()));
        // What goes by way of another partition takes as long as it takes; so it travels alone.
        let misplaced = rng.percent(20);
        let records = if misplaced { 1 } else { 1 + rng.below(8) };
        let sends = (0..records).map(|_| send(&mut rng, at, partitions, misplaced)).collect();
        bursts.push(Burst { at, misplaced, sends });
    }
    bursts
}

fn policy(pool: &str, partitions: u32) -> Send {
    let fields = json!({"reservation_ttl_s": 60, "unpaid_shortage": "waitlist"});
    let value = any("pool.policy", "policy", pool, fields).into_bytes();
    Send {
        topic: Topic::Stock,
        partition: home(pool, partitions),
        headers: Vec::new(),
        value,
        aborted: false,
    }
}

fn send(rng: &mut Rng, at: Time, partitions: u32, misplaced: bool) -> Send {
    let pool = *rng.one_of(&POOLS);
    let own = home(pool, partitions);
    let topic = *rng.one_of(&[Topic::Orders, Topic::Orders, Topic::Stock, Topic::Comments]);
    let value = match rng.below(20) {
        0 => b"{\"type\": \"order.created\", \"pool\":".to_vec(),
        1 => vec![0xff, 0xfe],
        2 => {
            let entries: Vec<_> = (0..3).map(|_| event(rng, at, pool)).collect();
            format!("[{},7]", entries.join(", ")).into_bytes()
        }
        _ => event(rng, at, pool).into_bytes(),
    };
    let headers = match rng.below(4) {
        0 => vec![Header::new("traceparent", format!("00-{:032x}-{:016x}-01", rng.below(9), at.0))],
        _ => Vec::new(),
    };
    let partition = if misplaced { (own + 1) % partitions } else { own };
    Send { topic, partition, headers, value, aborted: rng.percent(8) }
}

fn event(rng: &mut Rng, at: Time, pool: &str) -> String {
    // Few ids, so that orders meet their payments, and events their duplicates.
    let order = rng.below(12).to_string();
    let id = format!("e{}", rng.below(150));
    let quantity = 1 + rng.below(3);
    let sku = *rng.one_of(&["orange", "tea"]);
    let lines = json!([{"sku": sku, "quantity": quantity}]);
    let (kind, mut fields): (&str, Value) = match rng.below(12) {
        0..4 => ("order.created", json!({"order_id": order, "lines": lines})),
        4..6 => ("order.paid", json!({"order_id": order})),
        6 => ("order.amended", json!({"order_id": order, "lines": lines})),
        7 => ("order.cancelled", json!({"order_id": order})),
        8 => (*rng.one_of(&["order.held", "order.cleared"]), json!({"order_id": order})),
        9 => ("order.refunded", json!({"order_id": order, "lines": lines})),
        10 => {
            ("stock.received", json!({"sku": sku, "quantity": 4, "lot_id": format!("{sku}-{id}")}))
        }
        _ => ("stock.adjusted", json!({"sku": sku, "delta": i64::try_from(quantity).unwrap() - 2})),
    };
    let before = i64::try_from(rng.below(30_000)).unwrap();
    fields.as_object_mut().unwrap().insert("occurred_at".to_owned(), json!(at.0 - before));
    any(kind, &id, pool, fields)
}
