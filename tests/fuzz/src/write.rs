//! An event that was taken as protobuf would say it, written down from `proto/granary/v1` apart from the
//! decoder.

use allotment::{
    self as core, AllocateOn, Claims, Id, Input, Inspection, InspectionResult, OrderVerb, Shortage,
    SnapshotStatus, Time,
};
use contract::proto::input::event::What;
use contract::proto::input::stock_received::BestBefore;
use contract::proto::input::*;
use prost::Message;

/// The message's bytes; `None` where protobuf has no way to say it: an empty text is an absent one there.
pub(crate) fn protobuf(input: &Input, event: &core::Event) -> Option<Vec<u8>> {
    let empty = |text: &Option<Id>| text.as_ref().is_some_and(|text| text.is_empty());
    let unsayable = match &event.what {
        core::What::Item(of) => empty(&of.name),
        core::What::Inspected(of) => empty(&of.note),
        core::What::Adjusted(of) => empty(&of.reason),
        core::What::Recalled(of) => of.reason.is_empty(),
        // The platform that a session runs on is the event's own, where it named one.
        core::What::SessionOpened(of) | core::What::SessionClosed(of) => of.platform.is_none(),
        _ => false,
    };
    // An id that was derived may be longer than one that is given.
    if unsayable || event.event_id.len() > contract::ID_BYTES_MAX {
        return None;
    }
    let message = Event {
        event_id: event.event_id.to_string(),
        platform: event.platform.to_string(),
        pool: input.pool.to_string(),
        occurred_at: Some(event.occurred_at.0),
        received_at: Some(input.arrival.0),
        what: Some(what(&event.what)),
    };
    Some(message.encode_to_vec())
}

fn what(what: &core::What) -> What {
    match what {
        core::What::Order(of) => order(of),
        core::What::Policy(of) => What::PoolPolicy(policy(of)),
        core::What::Item(of) => What::CatalogueItem(item(of)),
        core::What::Received(of) => What::StockReceived(StockReceived {
            sku: of.sku.to_string(),
            quantity: Some(of.quantity.into()),
            lot_id: of.lot_id.to_string(),
            best_before: of.best_before.map(|Time(at)| BestBefore::BestBeforeAt(at)),
            inspection: match of.inspection {
                Inspection::Passed => "passed".to_owned(),
                Inspection::Pending => "pending".to_owned(),
            },
        }),
        core::What::Inspected(of) => What::StockInspected(StockInspected {
            lot_id: of.lot_id.to_string(),
            result: match of.result {
                InspectionResult::Passed => "passed".to_owned(),
                InspectionResult::Failed => "failed".to_owned(),
            },
            note: text(&of.note),
        }),
        core::What::Adjusted(of) => What::StockAdjusted(StockAdjusted {
            sku: of.sku.to_string(),
            delta: Some(of.delta),
            lot_id: text(&of.lot_id),
            reason: text(&of.reason),
        }),
        core::What::Counted(of) => What::StockCounted(StockCounted {
            sku: of.sku.to_string(),
            quantity: Some(of.quantity.into()),
            lot_id: text(&of.lot_id),
        }),
        core::What::Recalled(of) => What::StockRecalled(StockRecalled {
            lot_id: of.lot_id.to_string(),
            reason: of.reason.to_string(),
        }),
        core::What::SessionOpened(of) => What::SessionOpened(session(of)),
        core::What::SessionClosed(of) => What::SessionClosed(session(of)),
        core::What::WaveClosed(of) => What::WaveClosed(WaveClosed {
            wave_id: of.wave_id.to_string(),
            session_id: text(&of.session_id),
        }),
        core::What::HandedOver(of) => What::ShipmentHandedOver(handed_over(of)),
        core::What::Comment(of) => What::CommentPosted(CommentPosted {
            buyer_id: of.buyer_id.to_string(),
            text: of.text.to_string(),
            person_ref: text(&of.person_ref),
            session_id: text(&of.session_id),
        }),
    }
}

fn order(of: &core::OrderEvent) -> What {
    let order = Some(Order {
        order_id: of.order_id.to_string(),
        buyer_id: text(&of.buyer_id),
        person_ref: text(&of.person_ref),
        session_id: text(&of.session_id),
        recipient_ref: text(&of.recipient_ref),
        version: of.version,
    });
    match &of.verb {
        OrderVerb::Created { lines } => {
            What::OrderCreated(OrderCreated { order, lines: order_lines(lines) })
        }
        OrderVerb::Paid { lines } => What::OrderPaid(OrderPaid {
            order,
            lines: lines.as_deref().map_or_else(Vec::new, order_lines),
        }),
        OrderVerb::Amended { lines } => {
            What::OrderAmended(OrderAmended { order, lines: order_lines(lines) })
        }
        OrderVerb::Held => What::OrderHeld(OrderHeld { order }),
        OrderVerb::Cleared => What::OrderCleared(OrderCleared { order }),
        OrderVerb::Cancelled => What::OrderCancelled(OrderCancelled { order }),
        OrderVerb::Refunded { lines } => What::OrderRefunded(OrderRefunded {
            order,
            all: lines.is_none(),
            lines: lines.iter().flatten().map(refund_line).collect(),
        }),
        OrderVerb::Snapshot { status, lines } => What::OrderSnapshot(OrderSnapshot {
            order,
            status: match status {
                SnapshotStatus::Created => "created",
                SnapshotStatus::Paid => "paid",
                SnapshotStatus::Held => "held",
                SnapshotStatus::Cancelled => "cancelled",
            }
            .to_owned(),
            lines: order_lines(lines),
        }),
    }
}

fn order_lines(lines: &[core::Line]) -> Vec<OrderLine> {
    let line = |line: &core::Line| OrderLine {
        line_id: line.line_id.to_string(),
        sku: line.sku.to_string(),
        quantity: Some(line.quantity.into()),
    };
    lines.iter().map(line).collect()
}

fn refund_line(line: &core::RefundLine) -> RefundLine {
    RefundLine {
        line_id: text(&line.line_id),
        sku: text(&line.sku),
        quantity: Some(line.quantity.try_into().expect("the fuzzer's units fit")),
    }
}

fn policy(of: &core::PolicyChange) -> PoolPolicy {
    let shortage = |of: Option<Shortage>| match of {
        None => String::new(),
        Some(Shortage::Refuse) => "refuse".to_owned(),
        Some(Shortage::Waitlist) => "waitlist".to_owned(),
    };
    PoolPolicy {
        allocate_on: match of.allocate_on {
            None => String::new(),
            Some(AllocateOn::Created) => "created".to_owned(),
            Some(AllocateOn::Paid) => "paid".to_owned(),
        },
        reservation_ttl_s: of.reservation_ttl_s,
        unpaid_shortage: shortage(of.unpaid_shortage),
        paid_shortage: shortage(of.paid_shortage),
        partial: of.partial,
        paid_preempts_reserved: of.paid_preempts_reserved,
        claims: match of.claims {
            None => String::new(),
            Some(Claims::Off) => "off".to_owned(),
            Some(Claims::Signal) => "signal".to_owned(),
            Some(Claims::Hold) => "hold".to_owned(),
        },
        claim_ttl_s: of.claim_ttl_s,
    }
}

fn item(of: &core::Item) -> CatalogueItem {
    let component = |part: &core::Component| Component {
        sku: part.sku.to_string(),
        quantity: Some(part.quantity.into()),
    };
    let channel = |of: &core::Channel| Channel {
        platform: of.platform.to_string(),
        reserved: of.reserved.map(Into::into),
        max: of.max.map(Into::into),
    };
    CatalogueItem {
        sku: of.sku.to_string(),
        name: text(&of.name),
        keywords: texts(&of.keywords),
        components: of.components.iter().map(component).collect(),
        limit_per_buyer: of.limit_per_buyer.map(Into::into),
        safety_stock: of.safety_stock.map(Into::into),
        low_stock_at: of.low_stock_at.map(Into::into),
        backorder: of.backorder.map(|core::Backorder { limit, until }| Backorder {
            limit: Some(limit.into()),
            until: until.map(|Time(at)| at),
        }),
        channels: of.channels.iter().map(channel).collect(),
        season: text(&of.season),
    }
}

fn session(of: &core::Session) -> Session {
    Session { session_id: of.session_id.to_string(), skus: texts(&of.skus) }
}

fn handed_over(of: &core::HandedOver) -> ShipmentHandedOver {
    let order = |of: &core::OrderRef| OrderRef {
        platform: of.platform.to_string(),
        order_id: of.order_id.to_string(),
    };
    let parcel = |of: &core::ParcelRef| ParcelRef {
        fulfillment_id: of.fulfillment_id.to_string(),
        revision: of.revision.map(Into::into),
    };
    ShipmentHandedOver {
        wave_id: text(&of.wave_id),
        orders: of.orders.iter().map(order).collect(),
        parcels: of.parcels.iter().map(parcel).collect(),
    }
}

fn text(text: &Option<Id>) -> String {
    text.as_deref().unwrap_or_default().to_owned()
}

fn texts(ids: &[Id]) -> Vec<String> {
    ids.iter().map(Id::to_string).collect()
}
