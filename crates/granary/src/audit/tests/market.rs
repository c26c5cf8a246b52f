//! A market of bundles: a few orders over little stock, which is counted, recalled and found in between.

use allotment::Time;
use lane::InputTopic;
use serde_json::{Value, json};
use simulator::dice::Dice;

use super::topics::Sent;

const SKUS: [&str; 5] = ["tea", "nut", "fig", "gift", "box"];
const LOTS: [(&str, &str); 6] =
    [("tea", "t1"), ("tea", "t2"), ("nut", "n1"), ("nut", "n2"), ("fig", "f1"), ("fig", "f2")];

/// The market of a seed.
pub(crate) fn market(seed: u64) -> Vec<Sent> {
    let mut dice = Dice::new(seed);
    let mut events = vec![json!({
        "type": "pool.policy", "partial": dice.percent(50),
        "paid_shortage": if dice.percent(30) { "refuse" } else { "waitlist" },
        "unpaid_shortage": if dice.percent(50) { "refuse" } else { "waitlist" },
    })];
    if dice.percent(80) {
        events.push(bundle("gift", &[("tea", 2), ("nut", 1)]));
        events.push(bundle("box", &[("nut", 1), ("fig", 1)]));
    }
    for _ in 0..dice.between(30, 120) {
        let event = if dice.percent(60) { order(&mut dice) } else { stock(&mut dice) };
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

fn order(dice: &mut Dice) -> Value {
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
    let verb = *dice.one_of(&verbs);
    let mut event = json!({
        "type": format!("order.{verb}"), "platform": dice.one_of(&["d", "w"]),
        "order_id": dice.below(12).to_string(),
    });
    if ["created", "paid", "amended", "refunded"].contains(&verb) {
        let line =
            |dice: &mut Dice| json!({"sku": dice.one_of(&SKUS), "quantity": dice.between(1, 3)});
        let lines: Vec<Value> = (0..dice.between(1, 3)).map(|_| line(dice)).collect();
        event["lines"] = json!(lines);
    }
    event
}

fn stock(dice: &mut Dice) -> Value {
    let (sku, lot) = *dice.one_of(&LOTS);
    let lot_id = dice.percent(50).then_some(lot);
    match dice.below(12) {
        0 => {
            json!({"type": "stock.counted", "sku": sku, "quantity": dice.below(8), "lot_id": lot_id})
        }
        1 => {
            json!({"type": "stock.adjusted", "sku": sku, "delta": -dice.between(1, 3), "lot_id": lot_id})
        }
        2 => {
            json!({"type": "stock.adjusted", "sku": sku, "delta": dice.between(1, 3), "lot_id": lot_id})
        }
        3 => json!({"type": "stock.recalled", "lot_id": lot, "reason": "spoilt"}),
        4 => {
            json!({"type": "stock.inspected", "lot_id": lot, "result": dice.one_of(&["passed", "failed"])})
        }
        5 if dice.percent(30) => bundle("gift", &[("tea", 1), ("fig", 1)]),
        5 if dice.percent(30) => bundle("box", &[]),
        5 => bundle("gift", &[("tea", 2), ("nut", 1)]),
        6 | 7 => json!({
            "type": "shipment.handed_over",
            "orders": [{"platform": dice.one_of(&["d", "w"]), "order_id": dice.below(12).to_string()}],
        }),
        _ => {
            json!({"type": "stock.received", "sku": sku, "quantity": dice.between(1, 6), "lot_id": lot})
        }
    }
}
