//! Protobuf messages to the fields that JSON is read into, so that both are judged by the same rules.

use super::fields::{EntryFields, EventFields, Value};
use super::kind::{EventKind, OrderKind};
use crate::proto::input::event::What;
use crate::proto::input::stock_received::BestBefore;
use crate::proto::input::{
    Backorder, CatalogueItem, Channel, CommentPosted, Component, Event, Order, OrderLine, OrderRef,
    OrderRefunded, ParcelRef, PoolPolicy, RefundLine, ShipmentHandedOver, StockReceived,
};

/// The fields of `event`. An empty string is absent; without a `what` that we know, the type is unknown.
pub(crate) fn fields(event: &Event) -> EventFields<'_> {
    let mut fields = EventFields {
        kind: Value::Text(event.what.as_ref().map_or("", |what| kind(what).as_str())),
        event_id: text(&event.event_id),
        platform: text(&event.platform),
        pool: text(&event.pool),
        occurred_at: int(event.occurred_at),
        received_at: int(event.received_at),
        ..EventFields::default()
    };
    if let Some(what) = &event.what {
        fill(&mut fields, what);
    }
    fields
}

/// The type that a message is of.
const fn kind(what: &What) -> EventKind {
    match what {
        What::OrderCreated(_) => EventKind::Order(OrderKind::Created),
        What::OrderPaid(_) => EventKind::Order(OrderKind::Paid),
        What::OrderAmended(_) => EventKind::Order(OrderKind::Amended),
        What::OrderHeld(_) => EventKind::Order(OrderKind::Held),
        What::OrderCleared(_) => EventKind::Order(OrderKind::Cleared),
        What::OrderCancelled(_) => EventKind::Order(OrderKind::Cancelled),
        What::OrderRefunded(_) => EventKind::Order(OrderKind::Refunded),
        What::OrderSnapshot(_) => EventKind::Order(OrderKind::Snapshot),
        What::PoolPolicy(_) => EventKind::Policy,
        What::CatalogueItem(_) => EventKind::Item,
        What::StockReceived(_) => EventKind::Received,
        What::StockInspected(_) => EventKind::Inspected,
        What::StockAdjusted(_) => EventKind::Adjusted,
        What::StockCounted(_) => EventKind::Counted,
        What::StockRecalled(_) => EventKind::Recalled,
        What::SessionOpened(_) => EventKind::SessionOpened,
        What::SessionClosed(_) => EventKind::SessionClosed,
        What::WaveClosed(_) => EventKind::WaveClosed,
        What::ShipmentHandedOver(_) => EventKind::HandedOver,
        What::CommentPosted(_) => EventKind::Comment,
    }
}

fn fill<'a>(fields: &mut EventFields<'a>, what: &'a What) {
    match what {
        What::OrderCreated(of) => fill_order(fields, of.order.as_ref(), lines(&of.lines)),
        What::OrderPaid(of) if of.lines.is_empty() => {
            fill_order(fields, of.order.as_ref(), Value::Absent)
        }
        What::OrderPaid(of) => fill_order(fields, of.order.as_ref(), lines(&of.lines)),
        What::OrderAmended(of) => fill_order(fields, of.order.as_ref(), lines(&of.lines)),
        What::OrderHeld(of) => fill_order(fields, of.order.as_ref(), Value::Absent),
        What::OrderCleared(of) => fill_order(fields, of.order.as_ref(), Value::Absent),
        What::OrderCancelled(of) => fill_order(fields, of.order.as_ref(), Value::Absent),
        What::OrderRefunded(of) => fill_order(fields, of.order.as_ref(), refunded(of)),
        What::OrderSnapshot(of) => {
            fill_order(fields, of.order.as_ref(), lines(&of.lines));
            fields.status = text(&of.status);
        }
        What::PoolPolicy(of) => fill_policy(fields, of),
        What::CatalogueItem(of) => fill_item(fields, of),
        What::StockReceived(of) => fill_received(fields, of),
        What::StockInspected(of) => {
            fields.lot_id = text(&of.lot_id);
            fields.result = text(&of.result);
            fields.note = text(&of.note);
        }
        What::StockAdjusted(of) => {
            fields.sku = text(&of.sku);
            fields.delta = int(of.delta);
            fields.lot_id = text(&of.lot_id);
            fields.reason = text(&of.reason);
        }
        What::StockCounted(of) => {
            fields.sku = text(&of.sku);
            fields.quantity = int(of.quantity);
            fields.lot_id = text(&of.lot_id);
        }
        What::StockRecalled(of) => {
            fields.lot_id = text(&of.lot_id);
            fields.reason = text(&of.reason);
        }
        What::SessionOpened(of) | What::SessionClosed(of) => {
            fields.session_id = text(&of.session_id);
            fields.skus = Value::Texts(&of.skus);
        }
        What::WaveClosed(of) => {
            fields.wave_id = text(&of.wave_id);
            fields.session_id = text(&of.session_id);
        }
        What::ShipmentHandedOver(of) => fill_handed_over(fields, of),
        What::CommentPosted(of) => fill_comment(fields, of),
    }
}

fn fill_order<'a>(fields: &mut EventFields<'a>, order: Option<&'a Order>, lines: Value<'a>) {
    fields.lines = lines;
    if let Some(order) = order {
        fields.order_id = text(&order.order_id);
        fields.buyer_id = text(&order.buyer_id);
        fields.person_ref = text(&order.person_ref);
        fields.session_id = text(&order.session_id);
        fields.recipient_ref = text(&order.recipient_ref);
        fields.version = int(order.version);
    }
}

fn refunded(of: &OrderRefunded) -> Value<'_> {
    match (of.all, of.lines.is_empty()) {
        (true, true) => Value::Absent,
        (true, false) => Value::Contradiction,
        (false, _) => entries(&of.lines, |line: &RefundLine| EntryFields {
            line_id: text(&line.line_id),
            sku: text(&line.sku),
            quantity: int(line.quantity),
            ..EntryFields::default()
        }),
    }
}

fn lines(lines: &[OrderLine]) -> Value<'_> {
    entries(lines, |line| EntryFields {
        line_id: text(&line.line_id),
        sku: text(&line.sku),
        quantity: int(line.quantity),
        ..EntryFields::default()
    })
}

fn fill_policy<'a>(fields: &mut EventFields<'a>, of: &'a PoolPolicy) {
    fields.allocate_on = text(&of.allocate_on);
    fields.reservation_ttl_s = int(of.reservation_ttl_s);
    fields.unpaid_shortage = text(&of.unpaid_shortage);
    fields.paid_shortage = text(&of.paid_shortage);
    fields.partial = truth(of.partial);
    fields.paid_preempts_reserved = truth(of.paid_preempts_reserved);
    fields.claims = text(&of.claims);
    fields.claim_ttl_s = int(of.claim_ttl_s);
}

fn fill_item<'a>(fields: &mut EventFields<'a>, of: &'a CatalogueItem) {
    fields.sku = text(&of.sku);
    fields.name = text(&of.name);
    fields.keywords = Value::Texts(&of.keywords);
    fields.components = entries(&of.components, |component: &Component| EntryFields {
        sku: text(&component.sku),
        quantity: int(component.quantity),
        ..EntryFields::default()
    });
    fields.limit_per_buyer = int(of.limit_per_buyer);
    fields.safety_stock = int(of.safety_stock);
    fields.low_stock_at = int(of.low_stock_at);
    fields.backorder = of.backorder.as_ref().map_or(Value::Absent, |of: &Backorder| {
        Value::Entry(Box::new(EntryFields {
            limit: int(of.limit),
            until: int(of.until),
            ..EntryFields::default()
        }))
    });
    fields.channels = entries(&of.channels, |channel: &Channel| EntryFields {
        platform: text(&channel.platform),
        reserved: int(channel.reserved),
        max: int(channel.max),
        ..EntryFields::default()
    });
    fields.season = text(&of.season);
}

fn fill_received<'a>(fields: &mut EventFields<'a>, of: &'a StockReceived) {
    fields.sku = text(&of.sku);
    fields.quantity = int(of.quantity);
    fields.lot_id = text(&of.lot_id);
    fields.best_before = match &of.best_before {
        None => Value::Absent,
        Some(BestBefore::BestBeforeAt(milliseconds)) => Value::Int(*milliseconds),
        Some(BestBefore::BestBeforeDate(date)) => Value::Text(date),
    };
    fields.inspection = text(&of.inspection);
}

fn fill_handed_over<'a>(fields: &mut EventFields<'a>, of: &'a ShipmentHandedOver) {
    fields.wave_id = text(&of.wave_id);
    fields.orders = entries(&of.orders, |order: &OrderRef| EntryFields {
        platform: text(&order.platform),
        order_id: text(&order.order_id),
        ..EntryFields::default()
    });
    fields.parcels = entries(&of.parcels, |parcel: &ParcelRef| EntryFields {
        fulfillment_id: text(&parcel.fulfillment_id),
        revision: int(parcel.revision),
        ..EntryFields::default()
    });
}

fn fill_comment<'a>(fields: &mut EventFields<'a>, of: &'a CommentPosted) {
    fields.buyer_id = text(&of.buyer_id);
    // A comment without a letter (a picture, say) is a comment.
    fields.text = Value::Text(&of.text);
    fields.person_ref = text(&of.person_ref);
    fields.session_id = text(&of.session_id);
}

const fn text(text: &str) -> Value<'_> {
    if text.is_empty() { Value::Absent } else { Value::Text(text) }
}

fn int<'a>(number: Option<i64>) -> Value<'a> {
    number.map_or(Value::Absent, Value::Int)
}

fn truth<'a>(truth: Option<bool>) -> Value<'a> {
    truth.map_or(Value::Absent, Value::Bool)
}

fn entries<'a, T>(list: &'a [T], entry: impl Fn(&'a T) -> EntryFields<'a>) -> Value<'a> {
    Value::Entries(list.iter().map(entry).collect())
}
