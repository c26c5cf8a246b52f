//! Inputs of the storms as a bridge would write them: JSON, one event a record.

use allotment::{
    Body, Event, Id, Input, Line, OrderVerb, PolicyChange, RefundLine, SnapshotStatus, Time, What,
};
use serde_json::{Value, json};

/// The bytes of an input; what can't be taken becomes an event that can't.
pub(crate) fn bytes(input: &Input) -> Vec<u8> {
    let mut value = match &input.body {
        Body::Event(event) => event_of(event),
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

fn event_of(event: &Event) -> Value {
    let mut value = what(&event.what);
    value["type"] = json!(contract::words::event(&event.what));
    value["platform"] = json!(text(&event.platform));
    value["event_id"] = json!(text(&event.event_id));
    value["occurred_at"] = json!(event.occurred_at.0);
    value
}

fn what(what: &What) -> Value {
    let id = |id: &Option<Id>| json!(id.as_ref().map(text));
    match what {
        What::Order(order) => {
            let mut value = verb(&order.verb);
            value["order_id"] = json!(text(&order.order_id));
            value["buyer_id"] = id(&order.buyer_id);
            value["person_ref"] = id(&order.person_ref);
            value["session_id"] = id(&order.session_id);
            value["recipient_ref"] = id(&order.recipient_ref);
            value["version"] = json!(order.version);
            value
        }
        What::Policy(change) => policy(change),
        What::Item(item) => json!({
            "sku": text(&item.sku), "name": id(&item.name), "low_stock_at": item.low_stock_at,
            "components": item.components.iter()
                .map(|c| json!({"sku": text(&c.sku), "quantity": c.quantity})).collect::<Vec<_>>(),
        }),
        What::Received(of) => json!({
            "sku": text(&of.sku), "quantity": of.quantity, "lot_id": text(&of.lot_id),
            "best_before": of.best_before.map(|time: Time| time.0),
            "inspection": if of.inspection == allotment::Inspection::Pending { "pending" } else { "passed" },
        }),
        What::Inspected(of) => json!({
            "lot_id": text(&of.lot_id), "note": id(&of.note),
            "result": if of.result == allotment::InspectionResult::Failed { "failed" } else { "passed" },
        }),
        What::Adjusted(of) => {
            json!({"sku": text(&of.sku), "delta": of.delta, "lot_id": id(&of.lot_id), "reason": id(&of.reason)})
        }
        What::Counted(of) => {
            json!({"sku": text(&of.sku), "quantity": of.quantity, "lot_id": id(&of.lot_id)})
        }
        What::Recalled(of) => json!({"lot_id": text(&of.lot_id), "reason": text(&of.reason)}),
        What::HandedOver(of) => json!({
            "wave_id": id(&of.wave_id),
            "orders": of.orders.iter()
                .map(|o| json!({"platform": text(&o.platform), "order_id": text(&o.order_id)})).collect::<Vec<_>>(),
            "parcels": of.parcels.iter()
                .map(|p| json!({"fulfillment_id": text(&p.fulfillment_id), "revision": p.revision})).collect::<Vec<_>>(),
        }),
        What::WaveClosed(of) => {
            json!({"wave_id": text(&of.wave_id), "session_id": id(&of.session_id)})
        }
        other => panic!("storms have no {other:?} yet"),
    }
}

fn verb(verb: &OrderVerb) -> Value {
    let lines = |lines: &[Line]| -> Vec<Value> {
        let line = |l: &Line| json!({"line_id": text(&l.line_id), "sku": text(&l.sku), "quantity": l.quantity});
        lines.iter().map(line).collect()
    };
    match verb {
        OrderVerb::Created { lines: l } | OrderVerb::Amended { lines: l } => {
            json!({"lines": lines(l)})
        }
        OrderVerb::Paid { lines: l } => json!({"lines": l.as_deref().map(lines)}),
        OrderVerb::Held | OrderVerb::Cleared | OrderVerb::Cancelled => json!({}),
        OrderVerb::Refunded { lines: l } => {
            let line = |l: &RefundLine| json!({"line_id": l.line_id.as_ref().map(text), "sku": l.sku.as_ref().map(text), "quantity": l.quantity});
            json!({"lines": l.as_ref().map(|l| l.iter().map(line).collect::<Vec<_>>())})
        }
        OrderVerb::Snapshot { status, lines: l } => {
            let status = match status {
                SnapshotStatus::Created => "created",
                SnapshotStatus::Paid => "paid",
                SnapshotStatus::Held => "held",
                SnapshotStatus::Cancelled => "cancelled",
            };
            json!({"status": status, "lines": lines(l)})
        }
    }
}

fn policy(change: &PolicyChange) -> Value {
    let shortage = |s: allotment::Shortage| {
        if s == allotment::Shortage::Refuse { "refuse" } else { "waitlist" }
    };
    json!({
        "allocate_on": change.allocate_on
            .map(|on| if on == allotment::AllocateOn::Created { "created" } else { "paid" }),
        "reservation_ttl_s": change.reservation_ttl_s,
        "unpaid_shortage": change.unpaid_shortage.map(shortage),
        "paid_shortage": change.paid_shortage.map(shortage),
        "partial": change.partial,
    })
}
