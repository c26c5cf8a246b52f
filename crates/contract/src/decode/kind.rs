//! The `type`s of the contract.

use allotment::{OrderVerb, What};

/// An event's `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventKind {
    /// `order.*`
    Order(OrderKind),
    /// `pool.policy`
    Policy,
    /// `catalogue.item`
    Item,
    /// `stock.received`
    Received,
    /// `stock.inspected`
    Inspected,
    /// `stock.adjusted`
    Adjusted,
    /// `stock.counted`
    Counted,
    /// `stock.recalled`
    Recalled,
    /// `session.opened`
    SessionOpened,
    /// `session.closed`
    SessionClosed,
    /// `wave.closed`
    WaveClosed,
    /// `shipment.handed_over`
    HandedOver,
    /// `comment.posted`
    Comment,
}

/// What follows `order.` in an order event's `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OrderKind {
    /// `order.created`
    Created,
    /// `order.paid`
    Paid,
    /// `order.amended`
    Amended,
    /// `order.held`
    Held,
    /// `order.cleared`
    Cleared,
    /// `order.cancelled`
    Cancelled,
    /// `order.refunded`
    Refunded,
    /// `order.snapshot`
    Snapshot,
}

impl EventKind {
    /// The type that is spelled `text`.
    pub(crate) fn from_str(text: &str) -> Option<Self> {
        Some(match text {
            "order.created" => Self::Order(OrderKind::Created),
            "order.paid" => Self::Order(OrderKind::Paid),
            "order.amended" => Self::Order(OrderKind::Amended),
            "order.held" => Self::Order(OrderKind::Held),
            "order.cleared" => Self::Order(OrderKind::Cleared),
            "order.cancelled" => Self::Order(OrderKind::Cancelled),
            "order.refunded" => Self::Order(OrderKind::Refunded),
            "order.snapshot" => Self::Order(OrderKind::Snapshot),
            "pool.policy" => Self::Policy,
            "catalogue.item" => Self::Item,
            "stock.received" => Self::Received,
            "stock.inspected" => Self::Inspected,
            "stock.adjusted" => Self::Adjusted,
            "stock.counted" => Self::Counted,
            "stock.recalled" => Self::Recalled,
            "session.opened" => Self::SessionOpened,
            "session.closed" => Self::SessionClosed,
            "wave.closed" => Self::WaveClosed,
            "shipment.handed_over" => Self::HandedOver,
            "comment.posted" => Self::Comment,
            _ => return None,
        })
    }

    /// The type of an event that was understood.
    pub(crate) const fn of(what: &What) -> Self {
        match what {
            What::Order(order) => Self::Order(OrderKind::of(&order.verb)),
            What::Policy(_) => Self::Policy,
            What::Item(_) => Self::Item,
            What::Received(_) => Self::Received,
            What::Inspected(_) => Self::Inspected,
            What::Adjusted(_) => Self::Adjusted,
            What::Counted(_) => Self::Counted,
            What::Recalled(_) => Self::Recalled,
            What::SessionOpened(_) => Self::SessionOpened,
            What::SessionClosed(_) => Self::SessionClosed,
            What::WaveClosed(_) => Self::WaveClosed,
            What::HandedOver(_) => Self::HandedOver,
            What::Comment(_) => Self::Comment,
        }
    }

    /// The type as the contract spells it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Order(OrderKind::Created) => "order.created",
            Self::Order(OrderKind::Paid) => "order.paid",
            Self::Order(OrderKind::Amended) => "order.amended",
            Self::Order(OrderKind::Held) => "order.held",
            Self::Order(OrderKind::Cleared) => "order.cleared",
            Self::Order(OrderKind::Cancelled) => "order.cancelled",
            Self::Order(OrderKind::Refunded) => "order.refunded",
            Self::Order(OrderKind::Snapshot) => "order.snapshot",
            Self::Policy => "pool.policy",
            Self::Item => "catalogue.item",
            Self::Received => "stock.received",
            Self::Inspected => "stock.inspected",
            Self::Adjusted => "stock.adjusted",
            Self::Counted => "stock.counted",
            Self::Recalled => "stock.recalled",
            Self::SessionOpened => "session.opened",
            Self::SessionClosed => "session.closed",
            Self::WaveClosed => "wave.closed",
            Self::HandedOver => "shipment.handed_over",
            Self::Comment => "comment.posted",
        }
    }
}

impl OrderKind {
    const fn of(verb: &OrderVerb) -> Self {
        match verb {
            OrderVerb::Created { .. } => Self::Created,
            OrderVerb::Paid { .. } => Self::Paid,
            OrderVerb::Amended { .. } => Self::Amended,
            OrderVerb::Held => Self::Held,
            OrderVerb::Cleared => Self::Cleared,
            OrderVerb::Cancelled => Self::Cancelled,
            OrderVerb::Refunded { .. } => Self::Refunded,
            OrderVerb::Snapshot { .. } => Self::Snapshot,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_read_as_it_is_spelled() {
        let all = "order.created order.paid order.amended order.held order.cleared order.cancelled order.refunded \
            order.snapshot pool.policy catalogue.item stock.received stock.inspected stock.adjusted stock.counted \
            stock.recalled session.opened session.closed wave.closed shipment.handed_over comment.posted";
        for text in all.split_ascii_whitespace() {
            assert_eq!(EventKind::from_str(text).map(EventKind::as_str), Some(text));
        }
        for text in ["", "order", "order.", "order.Paid", "order.paid ", "order.decided"] {
            assert_eq!(EventKind::from_str(text), None, "{text}");
        }
    }
}
