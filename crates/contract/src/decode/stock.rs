//! Stock events: policy, lots, counts, sessions, waves and hand-overs; and comments.

use allotment::{
    Adjusted, Code, Comment, Counted, HandedOver, Inspected, Inspection, InspectionResult,
    OrderRef, ParcelRef, PolicyChange, Recalled, Received, Session, WaveClosed,
};

use super::check::Check;
use super::fields::{EventFields, Value};
use super::words::{ALLOCATE_ON, CLAIMS, INSPECTION, INSPECTION_RESULT, SHORTAGE};
use crate::bounds::{DELTA, QUANTITY, REVISION, SECONDS, UNITS};

/// Reads `pool.policy`.
pub(crate) fn policy(fields: &EventFields<'_>, check: &mut Check<'_>) -> PolicyChange {
    PolicyChange {
        allocate_on: check.opt_word("allocate_on", &fields.allocate_on, &ALLOCATE_ON),
        reservation_ttl_s: check.opt_int("reservation_ttl_s", &fields.reservation_ttl_s, &SECONDS),
        unpaid_shortage: check.opt_word("unpaid_shortage", &fields.unpaid_shortage, &SHORTAGE),
        paid_shortage: check.opt_word("paid_shortage", &fields.paid_shortage, &SHORTAGE),
        partial: check.opt_bool("partial", &fields.partial),
        paid_preempts_reserved: check
            .opt_bool("paid_preempts_reserved", &fields.paid_preempts_reserved),
        claims: check.opt_word("claims", &fields.claims, &CLAIMS),
        claim_ttl_s: check.opt_int("claim_ttl_s", &fields.claim_ttl_s, &SECONDS),
    }
}

/// Reads `stock.received`.
pub(crate) fn received(fields: &EventFields<'_>, check: &mut Check<'_>) -> Received {
    Received {
        sku: check.id("sku", &fields.sku),
        quantity: check.units("quantity", &fields.quantity, &QUANTITY),
        lot_id: check.id("lot_id", &fields.lot_id),
        best_before: check.opt_time_or_date("best_before", &fields.best_before),
        inspection: check
            .opt_word("inspection", &fields.inspection, &INSPECTION)
            .unwrap_or(Inspection::Passed),
    }
}

/// Reads `stock.inspected`.
pub(crate) fn inspected(fields: &EventFields<'_>, check: &mut Check<'_>) -> Inspected {
    Inspected {
        lot_id: check.id("lot_id", &fields.lot_id),
        result: check
            .word("result", &fields.result, &INSPECTION_RESULT)
            .unwrap_or(InspectionResult::Failed),
        note: check.opt_text("note", &fields.note),
    }
}

/// Reads `stock.adjusted`.
pub(crate) fn adjusted(fields: &EventFields<'_>, check: &mut Check<'_>) -> Adjusted {
    let delta = check.int("delta", &fields.delta, &DELTA);
    if delta == Some(0) {
        check.fail(Code::OutOfRange, "delta", "must not be 0");
    }
    Adjusted {
        sku: check.id("sku", &fields.sku),
        delta: delta.unwrap_or_default(),
        lot_id: check.opt_id("lot_id", &fields.lot_id),
        reason: check.opt_text("reason", &fields.reason),
    }
}

/// Reads `stock.counted`.
pub(crate) fn counted(fields: &EventFields<'_>, check: &mut Check<'_>) -> Counted {
    Counted {
        sku: check.id("sku", &fields.sku),
        quantity: check.units("quantity", &fields.quantity, &UNITS),
        lot_id: check.opt_id("lot_id", &fields.lot_id),
    }
}

/// Reads `stock.recalled`.
pub(crate) fn recalled(fields: &EventFields<'_>, check: &mut Check<'_>) -> Recalled {
    Recalled {
        lot_id: check.id("lot_id", &fields.lot_id),
        reason: check.text("reason", &fields.reason),
    }
}

/// Reads `session.opened` and `session.closed`; the platform is the event's own, where it names one.
pub(crate) fn session(fields: &EventFields<'_>, check: &mut Check<'_>) -> Session {
    Session {
        session_id: check.id("session_id", &fields.session_id),
        platform: check.opt_id("platform", &fields.platform),
        skus: check.ids("skus", &fields.skus),
    }
}

/// Reads `wave.closed`.
pub(crate) fn wave_closed(fields: &EventFields<'_>, check: &mut Check<'_>) -> WaveClosed {
    WaveClosed {
        wave_id: check.id("wave_id", &fields.wave_id),
        session_id: check.opt_id("session_id", &fields.session_id),
    }
}

/// Reads `shipment.handed_over`. An empty list is as absent; something must have left.
pub(crate) fn handed_over(fields: &EventFields<'_>, check: &mut Check<'_>) -> HandedOver {
    let orders = check.entries("orders", &fields.orders, |check, _, order| OrderRef {
        platform: check.id("platform", &order.platform),
        order_id: check.id("order_id", &order.order_id),
    });
    let parcels = check.entries("parcels", &fields.parcels, |check, _, parcel| ParcelRef {
        fulfillment_id: check.joined_id("fulfillment_id", &parcel.fulfillment_id),
        revision: check.opt_units("revision", &parcel.revision, &REVISION),
    });
    let empty = [&fields.orders, &fields.parcels].into_iter().all(Value::is_empty_list);
    if empty && matches!(fields.wave_id, Value::Absent) {
        check.fail(Code::MissingField, "wave_id", "must be there, or orders, or parcels");
    }
    HandedOver {
        wave_id: check.opt_id("wave_id", &fields.wave_id),
        orders: orders.unwrap_or_default(),
        parcels: parcels.unwrap_or_default(),
    }
}

/// Reads `comment.posted`.
pub(crate) fn comment(fields: &EventFields<'_>, check: &mut Check<'_>) -> Comment {
    Comment {
        buyer_id: check.id("buyer_id", &fields.buyer_id),
        text: check.text("text", &fields.text),
        person_ref: check.opt_id("person_ref", &fields.person_ref),
        session_id: check.opt_id("session_id", &fields.session_id),
    }
}
