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
    /// Every type of the contract.
    pub(crate) const ALL: [Self; 20] = [
        Self::Order(OrderKind::Created),
        Self::Order(OrderKind::Paid),
        Self::Order(OrderKind::Amended),
        Self::Order(OrderKind::Held),
        Self::Order(OrderKind::Cleared),
        Self::Order(OrderKind::Cancelled),
        Self::Order(OrderKind::Refunded),
        Self::Order(OrderKind::Snapshot),
        Self::Policy,
        Self::Item,
        Self::Received,
        Self::Inspected,
        Self::Adjusted,
        Self::Counted,
        Self::Recalled,
        Self::SessionOpened,
        Self::SessionClosed,
        Self::WaveClosed,
        Self::HandedOver,
        Self::Comment,
    ];

    /// The type that is spelled `text`.
    pub(crate) fn from_str(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
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
