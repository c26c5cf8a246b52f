//! The values of the output topics in protobuf: the same fields as in JSON, with the numbers of
//! `proto/granary/v1/output.proto`, in the order of these numbers.

use std::collections::BTreeMap;

use allotment::{
    Alert, AlertOrder, Books, Decision, Fulfillment, Level, LotShare, Manifest, Parcel,
    ParcelCancelled, ParcelLine,
};

use super::message::{Message, message};
use super::texts::Language;
use super::{ids, words};

/// A record of `granary.decisions`.
pub(crate) fn decision(decision: &Decision, language: Language) -> Vec<u8> {
    message(|out| {
        out.text(1, words::ORDER_DECIDED);
        out.joined(2, &ids::decision(decision));
        out.opt_text(3, decision.event_id.as_ref());
        out.text(4, &decision.platform);
        out.text(5, &decision.pool);
        out.text(6, &decision.order_id);
        out.text(7, words::outcome(decision.outcome));
        out.text(8, words::reason(decision.reason));
        out.sentence(9, |out| language.detail(decision, out));
        out.text(10, words::standing(decision.standing));
        out.truth(11, decision.paid);
        out.truth(12, decision.held);
        out.opt_int(13, decision.version);
        out.list(14, &decision.lines, |out, line| {
            out.text(1, &line.line_id);
            out.text(2, &line.sku);
            out.number(3, line.quantity);
            out.number(4, line.reserved);
            out.number(5, line.allocated);
            out.number(6, line.waitlisted);
        });
        out.int(15, decision.decided_at.0);
    })
}

/// A record of `granary.fulfillment`.
pub(crate) fn fulfillment(fulfillment: &Fulfillment) -> Vec<u8> {
    message(|out| match fulfillment {
        Fulfillment::Requested(of) => out.message(1, |out| write_parcel(out, of)),
        Fulfillment::Revised(of) => out.message(2, |out| write_parcel(out, of)),
        Fulfillment::Cancelled(of) => out.message(3, |out| write_cancelled(out, of)),
        Fulfillment::Manifest(of) => out.message(4, |out| write_manifest(out, of)),
    })
}

/// A record of `granary.alerts`.
pub(crate) fn alert(id: &str, alert: &Alert, language: Language) -> Vec<u8> {
    message(|out| {
        out.text(1, id);
        out.text(2, words::alert(alert.kind));
        out.text(3, words::severity(alert.kind));
        out.text(4, &alert.pool);
        out.opt_text(5, alert.sku.as_ref());
        out.opt_text(6, alert.platform.as_ref());
        out.number(7, alert.shortage);
        out.list(8, &alert.orders, write_alert_order);
        out.number(9, alert.orders_total);
        out.shown(10, language.message(alert));
        out.shown(11, language.suggestion(alert));
        out.int(12, alert.raised_at.0);
    })
}

/// A record of `granary.levels`.
pub(crate) fn level(level: &Level) -> Vec<u8> {
    message(|out| {
        out.text(1, &level.pool);
        out.text(2, &level.sku);
        if let Some(books) = &level.books {
            out.message(3, |out| write_books(out, books));
        }
        // The entries of a map are messages of key and value, in the order of their keys.
        let sellable: BTreeMap<&str, u64> =
            level.sellable.iter().map(|(platform, units)| (platform.as_str(), *units)).collect();
        for (platform, units) in sellable {
            out.message(4, |out| {
                out.text(1, platform);
                out.number(2, units);
            });
        }
        out.truth(5, level.sold_out);
        out.number(6, level.revision);
        out.int(7, level.as_of.0);
    })
}

fn write_parcel(out: &mut Message<'_>, parcel: &Parcel) {
    out.joined(1, &ids::parcel(parcel));
    out.number(2, parcel.revision);
    out.text(3, &parcel.pool);
    out.text(4, &parcel.platform);
    out.text(5, &parcel.order_id);
    out.opt_text(6, parcel.buyer_id.as_ref());
    out.opt_text(7, parcel.session_id.as_ref());
    out.opt_text(8, parcel.recipient_ref.as_ref());
    out.list(9, &parcel.lines, write_parcel_line);
    out.int(10, parcel.requested_at.0);
}

fn write_parcel_line(out: &mut Message<'_>, line: &ParcelLine) {
    out.text(1, &line.line_id);
    out.text(2, &line.sku);
    out.number(3, line.quantity);
    out.list(4, &line.lots, write_lot);
    out.list(5, &line.components, |out, component| {
        out.text(1, &component.sku);
        out.number(2, component.quantity);
        out.list(3, &component.lots, write_lot);
    });
}

fn write_lot(out: &mut Message<'_>, lot: &LotShare) {
    out.text(1, &lot.lot_id);
    out.number(2, lot.quantity);
}

fn write_cancelled(out: &mut Message<'_>, parcel: &ParcelCancelled) {
    out.joined(1, &ids::cancelled(parcel));
    out.number(2, parcel.revision);
    out.text(3, &parcel.pool);
    out.text(4, &parcel.platform);
    out.text(5, &parcel.order_id);
    out.text(6, words::reason(parcel.reason));
}

fn write_manifest(out: &mut Message<'_>, manifest: &Manifest) {
    out.text(1, &manifest.wave_id);
    out.text(2, &manifest.pool);
    out.number(3, manifest.page);
    out.number(4, manifest.pages);
    out.list(5, &manifest.totals, |out, total| {
        out.text(1, &total.sku);
        out.text(2, &total.lot_id);
        out.number(3, total.quantity);
    });
    out.list(6, &manifest.parcels, |out, parcel| {
        out.text(1, &parcel.platform);
        out.text(2, &parcel.order_id);
        out.joined(3, &ids::manifest_parcel(manifest, parcel));
        out.number(4, parcel.revision);
        out.opt_text(5, parcel.recipient_ref.as_ref());
    });
}

fn write_alert_order(out: &mut Message<'_>, order: &AlertOrder) {
    out.text(1, &order.platform);
    out.text(2, &order.order_id);
    out.number(3, order.shortage);
    out.list(4, &order.lines, |out, line| {
        out.text(1, &line.sku);
        out.number(2, line.shortage);
    });
}

fn write_books(out: &mut Message<'_>, books: &Books) {
    out.number(1, books.received);
    out.number(2, books.adjusted_in);
    out.number(3, books.available);
    out.number(4, books.reserved);
    out.number(5, books.allocated);
    out.number(6, books.awaiting_inspection);
    out.number(7, books.handed_over);
    out.number(8, books.removed);
    out.number(9, books.waitlisted);
    out.number(10, books.backordered);
}
