//! The values of the output topics in JSON, field by field as the contract names them.

use allotment::{
    Alert, Books, Decision, Fulfillment, Level, LotShare, Manifest, Parcel, ParcelCancelled,
    ParcelLine,
};

use super::object::{Object, key, object};
use super::texts::Language;
use super::{ids, words};

/// A record of `granary.decisions`.
pub(crate) fn decision(decision: &Decision, language: Language) -> Vec<u8> {
    object(|out| {
        out.word(key!("type"), words::ORDER_DECIDED);
        out.joined(key!("decision_id"), &ids::decision(decision));
        out.opt_text(key!("event_id"), decision.event_id.as_ref());
        out.text(key!("platform"), &decision.platform);
        out.text(key!("pool"), &decision.pool);
        out.text(key!("order_id"), &decision.order_id);
        out.word(key!("outcome"), words::outcome(decision.outcome));
        out.word(key!("reason"), words::reason(decision.reason));
        out.sentence(key!("detail"), |out| language.detail(decision, out));
        out.word(key!("standing"), words::standing(decision.standing));
        out.truth(key!("paid"), decision.paid);
        out.truth(key!("held"), decision.held);
        if let Some(version) = decision.version {
            out.number(key!("version"), version);
        }
        out.list(key!("lines"), &decision.lines, |out, line| {
            out.text(key!("line_id"), &line.line_id);
            out.text(key!("sku"), &line.sku);
            out.number(key!("quantity"), line.quantity);
            out.number(key!("reserved"), line.reserved);
            out.number(key!("allocated"), line.allocated);
            out.number(key!("waitlisted"), line.waitlisted);
        });
        out.time(key!("decided_at"), decision.decided_at);
    })
}

/// A record of `granary.fulfillment`.
pub(crate) fn fulfillment(fulfillment: &Fulfillment) -> Vec<u8> {
    object(|out| {
        out.word(key!("type"), words::fulfillment(fulfillment));
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
        out.text(key!("alert_id"), id);
        out.word(key!("type"), words::alert(alert.kind));
        out.word(key!("severity"), words::severity(alert.kind));
        out.text(key!("pool"), &alert.pool);
        out.opt_text(key!("sku"), alert.sku.as_ref());
        out.opt_text(key!("platform"), alert.platform.as_ref());
        out.number(key!("shortage"), alert.shortage);
        out.list(key!("orders"), &alert.orders, |out, order| {
            out.text(key!("platform"), &order.platform);
            out.text(key!("order_id"), &order.order_id);
            out.number(key!("shortage"), order.shortage);
            out.list(key!("lines"), &order.lines, |out, line| {
                out.text(key!("sku"), &line.sku);
                out.number(key!("shortage"), line.shortage);
            });
        });
        out.number(key!("orders_total"), alert.orders_total);
        out.shown(key!("message"), language.message(alert));
        out.shown(key!("suggestion"), language.suggestion(alert));
        out.time(key!("raised_at"), alert.raised_at);
    })
}

/// A record of `granary.levels`.
pub(crate) fn level(level: &Level) -> Vec<u8> {
    object(|out| {
        out.text(key!("pool"), &level.pool);
        out.text(key!("sku"), &level.sku);
        if let Some(books) = &level.books {
            write_books(out, books);
        }
        out.numbers(key!("sellable"), &level.sellable);
        out.truth(key!("sold_out"), level.sold_out);
        out.number(key!("revision"), level.revision);
        out.time(key!("as_of"), level.as_of);
    })
}

fn write_parcel(out: &mut Object<'_>, parcel: &Parcel) {
    out.joined(key!("fulfillment_id"), &ids::parcel(parcel));
    out.number(key!("revision"), parcel.revision);
    out.text(key!("pool"), &parcel.pool);
    out.text(key!("platform"), &parcel.platform);
    out.text(key!("order_id"), &parcel.order_id);
    out.opt_text(key!("buyer_id"), parcel.buyer_id.as_ref());
    out.opt_text(key!("session_id"), parcel.session_id.as_ref());
    out.opt_text(key!("recipient_ref"), parcel.recipient_ref.as_ref());
    out.list(key!("lines"), &parcel.lines, write_parcel_line);
    out.time(key!("requested_at"), parcel.requested_at);
}

fn write_parcel_line(out: &mut Object<'_>, line: &ParcelLine) {
    out.text(key!("line_id"), &line.line_id);
    out.text(key!("sku"), &line.sku);
    out.number(key!("quantity"), line.quantity);
    if line.components.is_empty() {
        out.list(key!("lots"), &line.lots, write_lot);
    } else {
        out.list(key!("components"), &line.components, |out, component| {
            out.text(key!("sku"), &component.sku);
            out.number(key!("quantity"), component.quantity);
            out.list(key!("lots"), &component.lots, write_lot);
        });
    }
}

fn write_lot(out: &mut Object<'_>, lot: &LotShare) {
    out.text(key!("lot_id"), &lot.lot_id);
    out.number(key!("quantity"), lot.quantity);
}

fn write_cancelled(out: &mut Object<'_>, parcel: &ParcelCancelled) {
    out.joined(key!("fulfillment_id"), &ids::cancelled(parcel));
    out.number(key!("revision"), parcel.revision);
    out.text(key!("pool"), &parcel.pool);
    out.text(key!("platform"), &parcel.platform);
    out.text(key!("order_id"), &parcel.order_id);
    out.word(key!("reason"), words::reason(parcel.reason));
}

fn write_manifest(out: &mut Object<'_>, manifest: &Manifest) {
    out.text(key!("wave_id"), &manifest.wave_id);
    out.text(key!("pool"), &manifest.pool);
    out.number(key!("page"), manifest.page);
    out.number(key!("pages"), manifest.pages);
    out.list(key!("totals"), &manifest.totals, |out, total| {
        out.text(key!("sku"), &total.sku);
        out.text(key!("lot_id"), &total.lot_id);
        out.number(key!("quantity"), total.quantity);
    });
    out.list(key!("parcels"), &manifest.parcels, |out, parcel| {
        out.text(key!("platform"), &parcel.platform);
        out.text(key!("order_id"), &parcel.order_id);
        out.joined(key!("fulfillment_id"), &ids::manifest_parcel(manifest, parcel));
        out.number(key!("revision"), parcel.revision);
        out.opt_text(key!("recipient_ref"), parcel.recipient_ref.as_ref());
    });
}

fn write_books(out: &mut Object<'_>, books: &Books) {
    out.number(key!("received"), books.received);
    out.number(key!("adjusted_in"), books.adjusted_in);
    out.number(key!("available"), books.available);
    out.number(key!("reserved"), books.reserved);
    out.number(key!("allocated"), books.allocated);
    out.number(key!("awaiting_inspection"), books.awaiting_inspection);
    out.number(key!("handed_over"), books.handed_over);
    out.number(key!("removed"), books.removed);
    out.number(key!("waitlisted"), books.waitlisted);
    out.number(key!("backordered"), books.backordered);
}
