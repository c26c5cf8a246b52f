//! Input events as the bridge would write them.

use serde_json::{Value, json};

/// Any event of any type.
pub(crate) fn any(kind: &str, id: &str, pool: &str, fields: Value) -> String {
    let mut event = json!({
        "type": kind, "event_id": id, "platform": "douyin", "pool": pool, "occurred_at": "2026-11-22T12:00:00Z",
    });
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    event.to_string()
}

/// An order of `quantity` oranges.
pub(crate) fn created(pool: &str, order: u32, quantity: u32) -> String {
    let lines = json!([{"sku": "orange", "quantity": quantity}]);
    let order_id = order.to_string();
    any("order.created", &format!("c{order}"), pool, json!({"order_id": order_id, "lines": lines}))
}

/// Its payment.
pub(crate) fn paid(pool: &str, order: u32) -> String {
    any("order.paid", &format!("p{order}"), pool, json!({"order_id": order.to_string()}))
}

/// A lot of oranges.
pub(crate) fn received(pool: &str, lot: &str, quantity: u32) -> String {
    let fields = json!({"sku": "orange", "quantity": quantity, "lot_id": lot});
    any("stock.received", &format!("s-{lot}"), pool, fields)
}
