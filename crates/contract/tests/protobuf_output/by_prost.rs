//! The values of the output topics as prost writes them: what the encoder, which writes them itself, is held against.

use allotment::{
    Alert, AlertOrder, Decision, Effect, Fulfillment, Id, Level, LotShare, Manifest, Parcel,
    ParcelCancelled, ParcelLine,
};
use prost::Message;

use contract::proto::output as proto;
use serde_json::Value;

/// The value of a record. Words and sentences, which have tests of their own, are those that were `found`.
pub(crate) fn bytes(effect: &Effect, found: &Value) -> Vec<u8> {
    match effect {
        Effect::Decision(of) => decision(of, found),
        Effect::Fulfillment(of) => fulfillment(of, found),
        Effect::Alert(of) => alert(of, found),
        Effect::Level(of) => level(of),
    }
}

fn word(found: &Value, name: &str) -> String {
    found[name].as_str().expect("a word").to_owned()
}

fn numbered(pool: &Id, platform: &Id, order_id: &Id, number: u32) -> String {
    let escaped =
        [pool, platform, order_id].map(|part| part.replace('%', "%25").replace('/', "%2F"));
    format!("{}/{number}", escaped.join("/"))
}

/// A record of `granary.decisions`.
fn decision(decision: &Decision, found: &Value) -> Vec<u8> {
    let lines = decision.lines.iter().map(|line| proto::DecidedLine {
        line_id: line.line_id.to_string(),
        sku: line.sku.to_string(),
        quantity: line.quantity,
        reserved: line.reserved,
        allocated: line.allocated,
        waitlisted: line.waitlisted,
    });
    let message = proto::Decision {
        r#type: word(found, "type"),
        decision_id: numbered(
            &decision.pool,
            &decision.platform,
            &decision.order_id,
            decision.number,
        ),
        event_id: optional(decision.event_id.as_ref()),
        platform: decision.platform.to_string(),
        pool: decision.pool.to_string(),
        order_id: decision.order_id.to_string(),
        outcome: word(found, "outcome"),
        reason: word(found, "reason"),
        detail: word(found, "detail"),
        standing: word(found, "standing"),
        paid: decision.paid,
        held: decision.held,
        version: decision.version,
        lines: lines.collect(),
        decided_at: decision.decided_at.0,
    };
    message.encode_to_vec()
}

/// A record of `granary.fulfillment`.
fn fulfillment(fulfillment: &Fulfillment, found: &Value) -> Vec<u8> {
    use proto::fulfillment::What;
    let what = match fulfillment {
        Fulfillment::Requested(of) => What::Requested(parcel(of)),
        Fulfillment::Revised(of) => What::Revised(parcel(of)),
        Fulfillment::Cancelled(of) => What::Cancelled(cancelled(of, found)),
        Fulfillment::Manifest(of) => What::Manifest(manifest(of)),
    };
    proto::Fulfillment { what: Some(what) }.encode_to_vec()
}

/// A record of `granary.alerts`.
fn alert(alert: &Alert, found: &Value) -> Vec<u8> {
    let message = proto::Alert {
        alert_id: word(found, "alert_id"),
        r#type: word(found, "type"),
        severity: word(found, "severity"),
        pool: alert.pool.to_string(),
        sku: optional(alert.sku.as_ref()),
        platform: optional(alert.platform.as_ref()),
        shortage: alert.shortage,
        orders: alert.orders.iter().map(alert_order).collect(),
        orders_total: alert.orders_total,
        message: word(found, "message"),
        suggestion: word(found, "suggestion"),
        raised_at: alert.raised_at.0,
    };
    message.encode_to_vec()
}

/// A record of `granary.levels`.
fn level(level: &Level) -> Vec<u8> {
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
        fulfillment_id: numbered(&parcel.pool, &parcel.platform, &parcel.order_id, parcel.number),
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

fn cancelled(parcel: &ParcelCancelled, found: &Value) -> proto::ParcelCancelled {
    proto::ParcelCancelled {
        fulfillment_id: numbered(&parcel.pool, &parcel.platform, &parcel.order_id, parcel.number),
        revision: parcel.revision,
        pool: parcel.pool.to_string(),
        platform: parcel.platform.to_string(),
        order_id: parcel.order_id.to_string(),
        reason: word(found, "reason"),
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
        fulfillment_id: numbered(&manifest.pool, &parcel.platform, &parcel.order_id, parcel.number),
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
