//! How the words of the output are spelled.

use allotment::{AlertKind, Fulfillment, Outcome, Reason, Standing};

/// `type` of a decision.
pub(crate) const ORDER_DECIDED: &str = "order.decided";

/// The CloudEvents type of a level, which has no `type` of its own.
pub(crate) const STOCK_LEVEL: &str = "stock.level";

/// `outcome`
pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Reserved => "reserved",
        Outcome::Allocated => "allocated",
        Outcome::Backordered => "backordered",
        Outcome::Waitlisted => "waitlisted",
        Outcome::Refused => "refused",
        Outcome::Released => "released",
        Outcome::Amended => "amended",
        Outcome::Refunded => "refunded",
        Outcome::Noted => "noted",
        Outcome::HandedOver => "handed_over",
        Outcome::Duplicate => "duplicate",
        Outcome::Superseded => "superseded",
        Outcome::Conflict => "conflict",
        Outcome::Rejected => "rejected",
    }
}

/// `reason`
pub(crate) const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Ok => "ok",
        Reason::Short => "short",
        Reason::UnknownSku => "unknown_sku",
        Reason::Limit => "limit",
        Reason::Channel => "channel",
        Reason::Expired => "expired",
        Reason::Cancelled => "cancelled",
        Reason::Refunded => "refunded",
        Reason::Promoted => "promoted",
        Reason::Preempted => "preempted",
        Reason::LotLost => "lot_lost",
        Reason::Count => "count",
        Reason::Held => "held",
        Reason::AfterHandOver => "after_hand_over",
        Reason::Closed => "closed",
        Reason::Older => "older",
        Reason::Repeat => "repeat",
        Reason::DifferentContent => "different_content",
        Reason::NoLinesYet => "no_lines_yet",
        Reason::Policy => "policy",
        Reason::Rejected(code) => code.as_str(),
    }
}

/// `standing`
pub(crate) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::New => "new",
        Standing::Reserved => "reserved",
        Standing::Allocated => "allocated",
        Standing::Backordered => "backordered",
        Standing::Waitlisted => "waitlisted",
        Standing::Refused => "refused",
        Standing::Released => "released",
        Standing::Cancelled => "cancelled",
        Standing::Refunded => "refunded",
        Standing::HandedOver => "handed_over",
    }
}

/// `type` of what the courier acts on.
pub(crate) const fn fulfillment(fulfillment: &Fulfillment) -> &'static str {
    match fulfillment {
        Fulfillment::Requested(_) => "fulfillment.requested",
        Fulfillment::Revised(_) => "fulfillment.revised",
        Fulfillment::Cancelled(_) => "fulfillment.cancelled",
        Fulfillment::Manifest(_) => "fulfillment.manifest",
    }
}

/// `type` of an alert.
pub(crate) const fn alert(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Oversold => "oversold",
        AlertKind::PaidAfterCancel => "paid_after_cancel",
        AlertKind::RecallHandedOver => "recall_handed_over",
        AlertKind::OversellRisk => "oversell_risk",
        AlertKind::Conflict => "conflict",
        AlertKind::UnknownSku => "unknown_sku",
        AlertKind::OverLimit => "over_limit",
        AlertKind::LinesMissing => "lines_missing",
        AlertKind::InputRejected => "input_rejected",
        AlertKind::StockMismatch => "stock_mismatch",
        AlertKind::Recall => "recall",
        AlertKind::LotExpired => "lot_expired",
        AlertKind::SoldOut => "sold_out",
        AlertKind::QualitySignal => "quality_signal",
        AlertKind::OversellResolved => "oversell_resolved",
        AlertKind::LowStock => "low_stock",
        AlertKind::Restocked => "restocked",
        AlertKind::DemandSurge => "demand_surge",
        AlertKind::SessionSummary => "session_summary",
    }
}

/// `severity` of an alert.
pub(crate) const fn severity(kind: AlertKind) -> &'static str {
    match kind {
        AlertKind::Oversold | AlertKind::PaidAfterCancel | AlertKind::RecallHandedOver => {
            "critical"
        }
        AlertKind::OversellRisk
        | AlertKind::Conflict
        | AlertKind::UnknownSku
        | AlertKind::OverLimit
        | AlertKind::LinesMissing
        | AlertKind::InputRejected
        | AlertKind::StockMismatch
        | AlertKind::Recall
        | AlertKind::LotExpired
        | AlertKind::SoldOut
        | AlertKind::QualitySignal => "warning",
        AlertKind::OversellResolved
        | AlertKind::LowStock
        | AlertKind::Restocked
        | AlertKind::DemandSurge
        | AlertKind::SessionSummary => "info",
    }
}
