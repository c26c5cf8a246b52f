//! A market of bundles: a few orders over little stock, which is counted, recalled and found in between.

use allotment::Time;
use lane::InputTopic;
use serde_json::{Value, json};
use traffic::rng::Rng;

use super::topics::Sent;

const SKUS: [&str; 5] = ["tea", "nut", "fig", "gift", "box"];
const LOTS: [(&str, &str); 6] =
    [("tea", "t1"), ("tea", "t2"), ("nut", "n1"), ("nut", "n2"), ("fig", "f1"), ("fig", "f2")];

/// The market of a seed.
pub(crate) fn market(seed: u64) -> Vec<Sent> {
    let mut rng = Rng::new(seed);
    let mut events = vec![json!({
        "type": "pool.policy", "partial": rng.percent(50),
        "paid_shortage": if rng.percent(30) { "refuse" } else { "waitlist" },
        "unpaid_shortage": if rng.percent(50) { "refuse" } else { "waitlist" },
    })];
    if rng.percent(80) {
        events.push(bundle("gift", &[("tea", 2), ("nut", 1)]));
        events.push(bundle("box", &[("nut", 1), ("fig", 1)]));
    }
    for _ in 0..rng.between(30, 120) {
        let event = if rng.percent(60) { order(&mut rng) } else { stock(&mut rng) };
        events.push(event);
    }
    events.into_iter().enumerate().map(|(at, event)| sent(at, event)).collect()
}

fn sent(at: usize, mut event: Value) -> Sent {
    let arrival = Time(1_795_348_800_000 + 20_000 * i64::try_from(at).unwrap());
    event["pool"] = json!("m");
    event["event_id"] = json!(format!("e{at}"));
    event["occurred_at"] = json!(arrival.0);
    let order = event["type"].as_str().is_some_and(|kind| kind.starts_with("order."));
    let topic = if order { InputTopic::Orders } else { InputTopic::Stock };
    Sent { topic, pool: "m".to_owned(), arrival, value: serde_json::to_vec(&event).unwrap() }
}

fn bundle(sku: &str, parts: &[(&str, u32)]) -> Value {
    let part = |(sku, quantity): &(&str, u32)| json!({"sku": sku, "quantity": quantity});
    let parts: Vec<Value> = parts.iter().map(part).collect();
    json!({"type": "catalogue.item", "sku": sku, "components": parts})
}

fn order(rng: &mut Rng) -> Value {
    let verbs = [
        "created",
        "created",
        "paid",
        "paid",
        "amended",
        "held",
        "cleared",
        "cancelled",
        "refunded",
    ];
    let verb = *rng.one_of(&verbs);
    let mut event = json!({
        "type": format!("order.{verb}"), "platform": rng.one_of(&["d", "w"]),
        "order_id": rng.below(12).to_string(),
    });
    if ["created", "paid", "amended", "refunded"].contains(&verb) {
        let line = |rng: &mut Rng| json!({"sku": rng.one_of(&SKUS), "quantity": rng.between(1, 3)});
        let lines: Vec<Value> = (0..rng.between(1, 3)).map(|_| line(rng)).collect();
        event["lines"] = json!(lines);
    }
    event
}

fn stock(rng: &mut Rng) -> Value {
    let (sku, lot) = *rng.one_of(&LOTS);
    let lot_id = rng.percent(50).then_some(lot);
    match rng.below(12) {
        0 => {
            json!({"type": "stock.counted", "sku": sku, "quantity": rng.below(8), "lot_id": lot_id})
        }
        1 => {
            json!({"type": "stock.adjusted", "sku": sku, "delta": -rng.between(1, 3), "lot_id": lot_id})
        }
        2 => {
            json!({"type": "stock.adjusted", "sku": sku, "delta": rng.between(1, 3), "lot_id": lot_id})
        }
        3 => json!({"type": "stock.recalled", "lot_id": lot, "reason": "spoilt"}),
        4 => {
            json!({"type": "stock.inspected", "lot_id": lot, "result": rng.one_of(&["passed", "failed"])})
        }
        5 if rng.percent(30) => bundle("gift", &[("tea", 1), ("fig", 1)]),
        5 if rng.percent(30) => bundle("box", &[]),
        5 => bundle("gift", &[("tea", 2), ("nut", 1)]),
        6 | 7 => json!({
            "type": "shipment.handed_over",
            "orders": [{"platform": rng.one_of(&["d", "w"]), "order_id": rng.below(12).to_string()}],
        }),
        _ => {
            json!({"type": "stock.received", "sku": sku, "quantity": rng.between(1, 6), "lot_id": lot})
        }
    }
}
