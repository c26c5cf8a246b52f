//! A storm's inputs as the bytes that a bridge would write: JSON, the way back from which is the contract's
//! decoder.

use allotment::{
    AllocateOn, Body, Claims, Event, HandedOver, Id, Input, Inspection, InspectionResult, Item,
    Line, OrderEvent, OrderVerb, PolicyChange, Received, RefundLine, Rejected, Session, Shortage,
    SnapshotStatus, Time, What,
};
use serde_json::{Map, Value, json};

/// Every type of event that storms have, which is every type of the contract.
pub const TYPES: [&str; 20] = [
    "order.created",
    "order.paid",
    "order.amended",
    "order.held",
    "order.cleared",
    "order.cancelled",
    "order.refunded",
    "order.snapshot",
    "pool.policy",
    "catalogue.item",
    "stock.received",
    "stock.inspected",
    "stock.adjusted",
    "stock.counted",
    "stock.recalled",
    "session.opened",
    "session.closed",
    "wave.closed",
    "shipment.handed_over",
    "comment.posted",
];

/// The fields of an event beside those that all have.
type Fields = Map<String, Value>;

/// The value of a record that is read as `input`. Input that could not be taken becomes something that
/// can't be: an event with a field out of range, or no JSON at all where it belongs to nobody.
#[must_use]
pub fn spell(input: &Input) -> String {
    match &input.body {
        Body::Event(event) => spell_event(&input.pool, event).to_string(),
        Body::Rejected(_) if input.pool.is_empty() => "{\"type\":\"order.created\",".to_owned(),
        Body::Rejected(rejected) => {
            spell_rejected(&input.pool, input.arrival, rejected).to_string()
        }
    }
}

fn spell_event(pool: &Id, event: &Event) -> Value {
    let (kind, mut fields) = spell_what(&event.what);
    fields.insert("type".to_owned(), json!(kind));
    fields.insert("event_id".to_owned(), json!(event.event_id.as_str()));
    let nameless = matches!(&event.what, What::SessionOpened(of) | What::SessionClosed(of) if of.platform.is_none());
    if !nameless {
        fields.insert("platform".to_owned(), json!(event.platform.as_str()));
    }
    fields.insert("pool".to_owned(), json!(pool.as_str()));
    fields.insert("occurred_at".to_owned(), json!(event.occurred_at.0));
    Value::Object(fields)
}

/// An order without units, or stock that changes by nothing.
fn spell_rejected(pool: &Id, arrival: Time, rejected: &Rejected) -> Value {
    let Some(order) = &rejected.order else {
        return json!({"type": "stock.adjusted", "event_id": "nothing", "pool": pool.as_str(),
            "occurred_at": arrival.0, "sku": "orange", "delta": 0});
    };
    let mut event = json!({"type": "order.created", "platform": order.platform.as_str(),
        "pool": pool.as_str(), "order_id": order.order_id.as_str(), "occurred_at": arrival.0,
        "lines": [{"sku": "orange", "quantity": 0}]});
    if let Some(id) = &order.event_id {
        event["event_id"] = json!(id.as_str());
    }
    event
}

fn spell_what(what: &What) -> (&'static str, Fields) {
    match what {
        What::Order(order) => spell_order(order),
        What::Policy(policy) => ("pool.policy", spell_policy(policy)),
        What::Item(item) => ("catalogue.item", spell_item(item)),
        What::Received(received) => ("stock.received", spell_received(received)),
        What::Inspected(of) => {
            let result = match of.result {
                InspectionResult::Passed => "passed",
                InspectionResult::Failed => "failed",
            };
            let of =
                json!({"lot_id": of.lot_id.as_str(), "result": result, "note": text(&of.note)});
            ("stock.inspected", fields(of))
        }
        What::Adjusted(of) => (
            "stock.adjusted",
            fields(json!({"sku": of.sku.as_str(), "delta": of.delta, "lot_id": text(&of.lot_id),
                "reason": text(&of.reason)})),
        ),
        What::Counted(of) => (
            "stock.counted",
            fields(json!({"sku": of.sku.as_str(), "quantity": of.quantity,
                "lot_id": text(&of.lot_id)})),
        ),
        What::Recalled(of) => (
            "stock.recalled",
            fields(json!({"lot_id": of.lot_id.as_str(), "reason": of.reason.as_str()})),
        ),
        What::SessionOpened(session) => ("session.opened", spell_session(session)),
        What::SessionClosed(session) => ("session.closed", spell_session(session)),
        What::WaveClosed(of) => (
            "wave.closed",
            fields(json!({"wave_id": of.wave_id.as_str(), "session_id": text(&of.session_id)})),
        ),
        What::HandedOver(handed) => ("shipment.handed_over", spell_handed_over(handed)),
        What::Comment(of) => (
            "comment.posted",
            fields(json!({"buyer_id": of.buyer_id.as_str(), "text": of.text.as_str(),
                "person_ref": text(&of.person_ref), "session_id": text(&of.session_id)})),
        ),
    }
}

fn spell_order(order: &OrderEvent) -> (&'static str, Fields) {
    let mut of = fields(json!({"order_id": order.order_id.as_str(),
        "buyer_id": text(&order.buyer_id), "person_ref": text(&order.person_ref),
        "session_id": text(&order.session_id), "recipient_ref": text(&order.recipient_ref),
        "version": order.version}));
    let (kind, lines) = match &order.verb {
        OrderVerb::Created { lines } => ("order.created", Some(spell_lines(lines))),
        OrderVerb::Paid { lines } => ("order.paid", lines.as_deref().map(spell_lines)),
        OrderVerb::Amended { lines } => ("order.amended", Some(spell_lines(lines))),
        OrderVerb::Held => ("order.held", None),
        OrderVerb::Cleared => ("order.cleared", None),
        OrderVerb::Cancelled => ("order.cancelled", None),
        OrderVerb::Refunded { lines } => ("order.refunded", lines.as_deref().map(spell_refund)),
        OrderVerb::Snapshot { status, lines } => {
            let status = match status {
                SnapshotStatus::Created => "created",
                SnapshotStatus::Paid => "paid",
                SnapshotStatus::Held => "held",
                SnapshotStatus::Cancelled => "cancelled",
            };
            of.insert("status".to_owned(), json!(status));
            ("order.snapshot", Some(spell_lines(lines)))
        }
    };
    of.extend(lines.map(|lines| ("lines".to_owned(), lines)));
    (kind, of)
}

fn spell_lines(lines: &[Line]) -> Value {
    let line = |line: &Line| json!({"line_id": line.line_id.as_str(), "sku": line.sku.as_str(), "quantity": line.quantity});
    lines.iter().map(line).collect()
}

fn spell_refund(lines: &[RefundLine]) -> Value {
    let line = |line: &RefundLine| json!({"line_id": text(&line.line_id), "sku": text(&line.sku), "quantity": line.quantity});
    lines.iter().map(line).collect()
}

fn spell_policy(policy: &PolicyChange) -> Fields {
    let shortage = |shortage: Shortage| match shortage {
        Shortage::Refuse => "refuse",
        Shortage::Waitlist => "waitlist",
    };
    let allocate_on = policy.allocate_on.map(|on| match on {
        AllocateOn::Created => "created",
        AllocateOn::Paid => "paid",
    });
    let claims = policy.claims.map(|claims| match claims {
        Claims::Off => "off",
        Claims::Signal => "signal",
        Claims::Hold => "hold",
    });
    fields(json!({"allocate_on": allocate_on, "reservation_ttl_s": policy.reservation_ttl_s,
        "unpaid_shortage": policy.unpaid_shortage.map(shortage),
        "paid_shortage": policy.paid_shortage.map(shortage), "partial": policy.partial,
        "paid_preempts_reserved": policy.paid_preempts_reserved, "claims": claims,
        "claim_ttl_s": policy.claim_ttl_s}))
}

fn spell_item(item: &Item) -> Fields {
    let ids = |ids: &[Id]| ids.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
    let components: Value = item
        .components
        .iter()
        .map(|part| json!({"sku": part.sku.as_str(), "quantity": part.quantity}))
        .collect();
    let channels: Value = item
        .channels
        .iter()
        .map(|of| json!({"platform": of.platform.as_str(), "reserved": of.reserved, "max": of.max}))
        .collect();
    let backorder =
        item.backorder.map(|of| json!({"limit": of.limit, "until": of.until.map(|t| t.0)}));
    fields(json!({"sku": item.sku.as_str(), "name": text(&item.name),
        "keywords": ids(&item.keywords), "components": components,
        "limit_per_buyer": item.limit_per_buyer, "safety_stock": item.safety_stock,
        "low_stock_at": item.low_stock_at, "backorder": backorder, "channels": channels,
        "season": text(&item.season)}))
}

fn spell_received(received: &Received) -> Fields {
    let inspection = match received.inspection {
        Inspection::Passed => "passed",
        Inspection::Pending => "pending",
    };
    fields(json!({"sku": received.sku.as_str(), "quantity": received.quantity,
        "lot_id": received.lot_id.as_str(), "best_before": received.best_before.map(|t| t.0),
        "inspection": inspection}))
}

fn spell_session(session: &Session) -> Fields {
    let skus: Vec<_> = session.skus.iter().map(|sku| sku.as_str()).collect();
    fields(json!({"session_id": session.session_id.as_str(), "skus": skus}))
}

fn spell_handed_over(handed: &HandedOver) -> Fields {
    let orders: Value = handed
        .orders
        .iter()
        .map(|of| json!({"platform": of.platform.as_str(), "order_id": of.order_id.as_str()}))
        .collect();
    let parcels: Value = handed
        .parcels
        .iter()
        .map(|of| json!({"fulfillment_id": of.fulfillment_id.as_str(), "revision": of.revision}))
        .collect();
    fields(json!({"wave_id": text(&handed.wave_id), "orders": orders, "parcels": parcels}))
}

fn text(id: &Option<Id>) -> Option<&str> {
    id.as_ref().map(Id::as_str)
}

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        other => unreachable!("fields are written as an object, not as {other}"),
    }
}

#[cfg(test)]
mod tests {
    use contract::{Arrival, Decoder};

    use super::*;
    use crate::storm::Storm;

    #[test]
    fn what_is_spelled_is_read_as_what_it_was() {
        let decoder = Decoder::default();
        let mut rejected = 0;
        for input in (0..80).flat_map(|seed| Storm::new(seed).inputs) {
            let bytes = spell(&input).into_bytes();
            let arrival = Arrival::Record(input.arrival);
            let read: Vec<_> = decoder.decode(Some(&bytes), None, arrival).collect();
            assert_eq!(read.len(), 1);
            match &input.body {
                // A refund's lines may name one line twice, which the border refuses.
                Body::Event(_) if read[0].rejection.is_some() => rejected += 1,
                Body::Event(_) => assert_eq!(read[0].input, input),
                Body::Rejected(of) => {
                    let Body::Rejected(read) = &read[0].input.body else { panic!("{read:?}") };
                    assert_eq!(read.order.is_some(), of.order.is_some());
                }
            }
        }
        assert!(rejected < 400, "most of a storm is read as it was: {rejected} were not");
    }
}
