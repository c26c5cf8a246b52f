//! Inputs of the storms as a bridge would write them: JSON, one event a record.

use allotment::{Body, Id, Input};
use serde_json::json;
use traffic::storm::spell;

/// The bytes of an input; what can't be taken becomes an event that can't.
pub(crate) fn bytes(input: &Input) -> Vec<u8> {
    let mut value: serde_json::Value = match &input.body {
        Body::Event(_) => serde_json::from_str(&spell(input)).unwrap(),
        Body::Rejected(rejected) => match &rejected.order {
            Some(order) => json!({
                "type": "order.created", "platform": text(&order.platform), "order_id": text(&order.order_id),
                "event_id": order.event_id.as_ref().map(text), "occurred_at": input.arrival.0,
                "lines": [{"sku": "orange", "quantity": 0}],
            }),
            None => json!({"type": "order.eaten"}),
        },
    };
    if !input.pool.is_empty() {
        value["pool"] = json!(text(&input.pool));
    }
    value["received_at"] = json!(input.arrival.0);
    serde_json::to_vec(&value).unwrap()
}

fn text(id: &Id) -> String {
    id.to_string()
}
