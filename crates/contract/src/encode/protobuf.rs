//! The values of the output topics in protobuf: the same fields as in JSON.

use allotment::{
    Alert, AlertOrder, Books, Decision, Fulfillment, Id, Level, LotShare, Manifest, Parcel,
    ParcelCancelled, ParcelLine,
};
use prost::Message;

use super::texts::Language;
use super::{ids, words};
use crate::proto::output as proto;

/// A record of `granary.decisions`.
pub(crate) fn decision(decision: &Decision, language: Language) -> Vec<u8> {
    let lines = decision.lines.iter().map(|line| proto::DecidedLine {
        line_id: line.line_id.to_string(),
        sku: line.sku.to_string(),
        quantity: line.quantity,
        reserved: line.reserved,
        allocated: line.allocated,
        waitlisted: line.waitlisted,
    });
    let message = proto::Decision {
        r#type: words::ORDER_DECIDED.to_owned(),
        decision_id: ids::decision(decision),
        event_id: optional(decision.event_id.as_ref()),
        platform: decision.platform.to_string(),
        pool: decision.pool.to_string(),
        order_id: decision.order_id.to_string(),
        outcome: words::outcome(decision.outcome).to_owned(),
        reason: words::reason(decision.reason).to_owned(),
        detail: language.detail(decision),
        standing: words::standing(decision.standing).to_owned(),
        paid: decision.paid,
        held: decision.held,
        version: decision.version,
        lines: lines.collect(),
        decided_at: decision.decided_at.0,
    };
    message.encode_to_vec()
}

/// A record of `granary.fulfillment`.
pub(crate) fn fulfillment(fulfillment: &Fulfillment) -> Vec<u8> {
    use proto::fulfillment::What;
    let what = match fulfillment {
        Fulfillment::Requested(of) => What::Requested(parcel(of)),
        Fulfillment::Revised(of) => What::Revised(parcel(of)),
        Fulfillment::Cancelled(of) => What::Cancelled(cancelled(of)),
        Fulfillment::Manifest(of) => What::Manifest(manifest(of)),
    };
    proto::Fulfillment { what: Some(what) }.encode_to_vec()
}

/// A record of `granary.alerts`.
pub(crate) fn alert(id: &str, alert: &Alert, language: Language) -> Vec<u8> {
    let message = proto::Alert {
        alert_id: id.to_owned(),
        r#type: words::alert(alert.kind).to_owned(),
        severity: words::severity(alert.kind).to_owned(),
        pool: alert.pool.to_string(),
        sku: optional(alert.sku.as_ref()),
        platform: optional(alert.platform.as_ref()),
        shortage: alert.shortage,
        orders: alert.orders.iter().map(alert_order).collect(),
        orders_total: alert.orders_total,
        message: language.message(alert),
        suggestion: language.suggestion(alert),
        raised_at: alert.raised_at.0,
    };
    message.encode_to_vec()
}

/// A record of `granary.levels`.
pub(crate) fn level(level: &Level) -> Vec<u8> {
    let message = proto::Level {
        pool: level.pool.to_string(),
        sku: level.sku.to_string(),
        books: level.books.map(Into::into),
        sellable: level
            .sellable
            .iter()
            .map(|(platform, units)| (platform.to_string(), *units))
            .collect(),
        sold_out: level.sold_out,
        revision: level.revision,
        as_of: level.as_of.0,
    };
    message.encode_to_vec()
}

/// An absent id is an empty string, which no id is.
fn optional(id: Option<&Id>) -> String {
    id.map(Id::to_string).unwrap_or_default()
}

fn parcel(parcel: &Parcel) -> proto::Parcel {
    proto::Parcel {
        fulfillment_id: ids::parcel(parcel),
        revision: parcel.revision,
        pool: parcel.pool.to_string(),
        platform: parcel.platform.to_string(),
        order_id: parcel.order_id.to_string(),
        buyer_id: optional(parcel.buyer_id.as_ref()),
        session_id: optional(parcel.session_id.as_ref()),
        recipient_ref: optional(parcel.recipient_ref.as_ref()),
        lines: parcel.lines.iter().map(parcel_line).collect(),
        requested_at: parcel.requested_at.0,
    }
}

fn parcel_line(line: &ParcelLine) -> proto::ParcelLine {
    let components = line.components.iter().map(|component| proto::ParcelComponent {
        sku: component.sku.to_string(),
        quantity: component.quantity,
        lots: lots(&component.lots),
    });
    proto::ParcelLine {
        line_id: line.line_id.to_string(),
        sku: line.sku.to_string(),
        quantity: line.quantity,
        lots: lots(&line.lots),
        components: components.collect(),
    }
}

fn lots(lots: &[LotShare]) -> Vec<proto::LotShare> {
    lots.iter()
        .map(|lot| proto::LotShare { lot_id: lot.lot_id.to_string(), quantity: lot.quantity })
        .collect()
}

fn cancelled(parcel: &ParcelCancelled) -> proto::ParcelCancelled {
    proto::ParcelCancelled {
        fulfillment_id: ids::cancelled(parcel),
        revision: parcel.revision,
        pool: parcel.pool.to_string(),
        platform: parcel.platform.to_string(),
        order_id: parcel.order_id.to_string(),
        reason: words::reason(parcel.reason).to_owned(),
    }
}

fn manifest(manifest: &Manifest) -> proto::Manifest {
    let totals = manifest.totals.iter().map(|total| proto::ManifestTotal {
        sku: total.sku.to_string(),
        lot_id: total.lot_id.to_string(),
        quantity: total.quantity,
    });
    let parcels = manifest.parcels.iter().map(|parcel| proto::ManifestParcel {
        platform: parcel.platform.to_string(),
        order_id: parcel.order_id.to_string(),
        fulfillment_id: ids::manifest_parcel(manifest, parcel),
        revision: parcel.revision,
        recipient_ref: optional(parcel.recipient_ref.as_ref()),
    });
    proto::Manifest {
        wave_id: manifest.wave_id.to_string(),
        pool: manifest.pool.to_string(),
        page: manifest.page,
        pages: manifest.pages,
        totals: totals.collect(),
        parcels: parcels.collect(),
    }
}

fn alert_order(order: &AlertOrder) -> proto::AlertOrder {
    let lines = order
        .lines
        .iter()
        .map(|line| proto::AlertLine { sku: line.sku.to_string(), shortage: line.shortage });
    proto::AlertOrder {
        platform: order.platform.to_string(),
        order_id: order.order_id.to_string(),
        shortage: order.shortage,
        lines: lines.collect(),
    }
}

impl From<Books> for proto::Books {
    fn from(books: Books) -> Self {
        Self {
            received: books.received,
            adjusted_in: books.adjusted_in,
            available: books.available,
            reserved: books.reserved,
            allocated: books.allocated,
            awaiting_inspection: books.awaiting_inspection,
            handed_over: books.handed_over,
            removed: books.removed,
            waitlisted: books.waitlisted,
            backordered: books.backordered,
        }
    }
}
