//! How the words of the output are spelled, and the types of the input.

use allotment::{AlertKind, Code, Effect, Fulfillment, Outcome, Reason, Standing, What};

use crate::decode::EventKind;

/// `type` of a decision.
pub(crate) const ORDER_DECIDED: &str = "order.decided";

/// The CloudEvents type of a level, which has no `type` of its own.
pub(crate) const STOCK_LEVEL: &str = "stock.level";

/// `type` of an input event.
#[must_use]
pub const fn event(what: &What) -> &'static str {
    EventKind::of(what).as_str()
}

/// `outcome`
#[must_use]
pub const fn outcome(outcome: Outcome) -> &'static str {
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
#[must_use]
pub const fn reason(reason: Reason) -> &'static str {
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
#[must_use]
pub const fn standing(standing: Standing) -> &'static str {
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
#[must_use]
pub const fn fulfillment(fulfillment: &Fulfillment) -> &'static str {
    match fulfillment {
        Fulfillment::Requested(_) => "fulfillment.requested",
        Fulfillment::Revised(_) => "fulfillment.revised",
        Fulfillment::Cancelled(_) => "fulfillment.cancelled",
        Fulfillment::Manifest(_) => "fulfillment.manifest",
    }
}

/// `type` of an alert.
#[must_use]
pub const fn alert(kind: AlertKind) -> &'static str {
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
#[must_use]
pub const fn severity(kind: AlertKind) -> &'static str {
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

/// What an effect is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// A decision, by its `outcome`.
    Decision(&'static str),
    /// What the courier was told, by its `type`.
    Fulfillment(&'static str),
    /// An alert, by its `type`, and the units by which a paid order was oversold.
    Alert {
        /// Its `type`.
        kind: &'static str,
        /// 0 where it is about something else.
        oversold_units: u64,
    },
    /// A stock level.
    Level,
}

/// What `effect` is counted as: for whoever counts and needs not know what it is about.
#[must_use]
pub const fn counted(effect: &Effect) -> Counted {
    match effect {
        Effect::Decision(decision) => Counted::Decision(outcome(decision.outcome)),
        Effect::Fulfillment(told) => Counted::Fulfillment(fulfillment(told)),
        Effect::Alert(told) => {
            let oversold = matches!(told.kind, AlertKind::Oversold);
            let oversold_units = if oversold { told.shortage } else { 0 };
            Counted::Alert { kind: alert(told.kind), oversold_units }
        }
        Effect::Level(_) => Counted::Level,
    }
}

/// The error code that is spelled `word`, with a spelling that lives for ever: what counts by code needs one.
#[must_use]
pub fn error_code(word: &[u8]) -> Option<&'static str> {
    const CODES: [Code; 16] = [
        Code::TooLarge,
        Code::NotUtf8,
        Code::NotJson,
        Code::NotProtobuf,
        Code::UnknownType,
        Code::MissingField,
        Code::WrongType,
        Code::OutOfRange,
        Code::EmptyLines,
        Code::DuplicateLine,
        Code::BadTime,
        Code::Stale,
        Code::Future,
        Code::LotOfOtherSku,
        Code::NestedBundle,
        Code::NotSupported,
    ];
    CODES.into_iter().map(Code::as_str).find(|code| code.as_bytes() == word)
}
