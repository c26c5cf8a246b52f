//! The values of the output topics in JSON, field by field as the contract names them.

use allotment::{
    Alert, Books, Decision, Fulfillment, Level, LotShare, Manifest, Parcel, ParcelCancelled,
    ParcelLine,
};

use super::object::{Object, object};
use super::texts::Language;
use super::{ids, words};

/// A record of `granary.decisions`.
pub(crate) fn decision(decision: &Decision, language: Language) -> Vec<u8> {
    object(|out| {
        out.text("type", words::ORDER_DECIDED);
        out.text("decision_id", &ids::decision(decision));
        out.opt_text("event_id", decision.event_id.as_ref());
        out.text("platform", &decision.platform);
        out.text("pool", &decision.pool);
        out.text("order_id", &decision.order_id);
        out.text("outcome", words::outcome(decision.outcome));
        out.text("reason", words::reason(decision.reason));
        out.text("detail", &language.detail(decision));
        out.text("standing", words::standing(decision.standing));
        out.truth("paid", decision.paid);
        out.truth("held", decision.held);
        if let Some(version) = decision.version {
            out.number("version", version);
        }
        out.list("lines", &decision.lines, |out, line| {
            out.text("line_id", &line.line_id);
            out.text("sku", &line.sku);
            out.number("quantity", line.quantity);
            out.number("reserved", line.reserved);
            out.number("allocated", line.allocated);
            out.number("waitlisted", line.waitlisted);
        });
        out.time("decided_at", decision.decided_at);
    })
}

/// A record of `granary.fulfillment`.
pub(crate) fn fulfillment(fulfillment: &Fulfillment) -> Vec<u8> {
    object(|out| {
        out.text("type", words::fulfillment(fulfillment));
        match fulfillment {
            Fulfillment::Requested(parcel) | Fulfillment::Revised(parcel) => {
                write_parcel(out, parcel)
            }
            Fulfillment::Cancelled(parcel) => write_cancelled(out, parcel),
            Fulfillment::Manifest(manifest) => write_manifest(out, manifest),
        }
    })
}

/// A record of `granary.alerts`.
pub(crate) fn alert(id: &str, alert: &Alert, language: Language) -> Vec<u8> {
    object(|out| {
        out.text("alert_id", id);
        out.text("type", words::alert(alert.kind));
        out.text("severity", words::severity(alert.kind));
        out.text("pool", &alert.pool);
        out.opt_text("sku", alert.sku.as_ref());
        out.opt_text("platform", alert.platform.as_ref());
        out.number("shortage", alert.shortage);
        out.list("orders", &alert.orders, |out, order| {
            out.text("platform", &order.platform);
            out.text("order_id", &order.order_id);
            out.number("shortage", order.shortage);
            out.list("lines", &order.lines, |out, line| {
                out.text("sku", &line.sku);
                out.number("shortage", line.shortage);
            });
        });
        out.number("orders_total", alert.orders_total);
        out.text("message", &language.message(alert));
        out.text("suggestion", &language.suggestion(alert));
        out.time("raised_at", alert.raised_at);
    })
}

/// A record of `granary.levels`.
pub(crate) fn level(level: &Level) -> Vec<u8> {
    object(|out| {
        out.text("pool", &level.pool);
        out.text("sku", &level.sku);
        if let Some(books) = &level.books {
            write_books(out, books);
        }
        out.numbers("sellable", &level.sellable);
        out.truth("sold_out", level.sold_out);
        out.number("revision", level.revision);
        out.time("as_of", level.as_of);
    })
}

fn write_parcel(out: &mut Object<'_>, parcel: &Parcel) {
    out.text("fulfillment_id", &ids::parcel(parcel));
    out.number("revision", parcel.revision);
    out.text("pool", &parcel.pool);
    out.text("platform", &parcel.platform);
    out.text("order_id", &parcel.order_id);
    out.opt_text("buyer_id", parcel.buyer_id.as_ref());
    out.opt_text("session_id", parcel.session_id.as_ref());
    out.opt_text("recipient_ref", parcel.recipient_ref.as_ref());
    out.list("lines", &parcel.lines, write_parcel_line);
    out.time("requested_at", parcel.requested_at);
}

fn write_parcel_line(out: &mut Object<'_>, line: &ParcelLine) {
    out.text("line_id", &line.line_id);
    out.text("sku", &line.sku);
    out.number("quantity", line.quantity);
    if line.components.is_empty() {
        out.list("lots", &line.lots, write_lot);
    } else {
        out.list("components", &line.components, |out, component| {
            out.text("sku", &component.sku);
            out.number("quantity", component.quantity);
            out.list("lots", &component.lots, write_lot);
        });
    }
}

fn write_lot(out: &mut Object<'_>, lot: &LotShare) {
    out.text("lot_id", &lot.lot_id);
    out.number("quantity", lot.quantity);
}

fn write_cancelled(out: &mut Object<'_>, parcel: &ParcelCancelled) {
    out.text("fulfillment_id", &ids::cancelled(parcel));
    out.number("revision", parcel.revision);
    out.text("pool", &parcel.pool);
    out.text("platform", &parcel.platform);
    out.text("order_id", &parcel.order_id);
    out.text("reason", words::reason(parcel.reason));
}

fn write_manifest(out: &mut Object<'_>, manifest: &Manifest) {
    out.text("wave_id", &manifest.wave_id);
    out.text("pool", &manifest.pool);
    out.number("page", manifest.page);
    out.number("pages", manifest.pages);
    out.list("totals", &manifest.totals, |out, total| {
        out.text("sku", &total.sku);
        out.text("lot_id", &total.lot_id);
        out.number("quantity", total.quantity);
    });
    out.list("parcels", &manifest.parcels, |out, parcel| {
        out.text("platform", &parcel.platform);
        out.text("order_id", &parcel.order_id);
        out.text("fulfillment_id", &ids::manifest_parcel(manifest, parcel));
        out.number("revision", parcel.revision);
        out.opt_text("recipient_ref", parcel.recipient_ref.as_ref());
    });
}

fn write_books(out: &mut Object<'_>, books: &Books) {
    out.number("received", books.received);
    out.number("adjusted_in", books.adjusted_in);
    out.number("available", books.available);
    out.number("reserved", books.reserved);
    out.number("allocated", books.allocated);
    out.number("awaiting_inspection", books.awaiting_inspection);
    out.number("handed_over", books.handed_over);
    out.number("removed", books.removed);
    out.number("waitlisted", books.waitlisted);
    out.number("backordered", books.backordered);
}
