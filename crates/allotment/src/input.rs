//! What comes in: events as the contract's border understood them, and news of what it could not take.
//!
//! The border has checked everything that can be seen in one event (types, ranges, lengths, times). What
//! needs the state (stale, future, a lot of another SKU, stock of a bundle) is refused here.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::{Id, Time};

/// One thing that reached a pool.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Input {
    /// The pool it is for; empty only for a [`Body::Rejected`] whose pool could not be read.
    pub pool: Id,
    /// When it reached us.
    pub arrival: Time,
    /// What it is.
    pub body: Body,
}

/// An event, or the news that one could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// An event that the border understood.
    Event(Event),
    /// Input that the border sends to the dead letters. It is counted, and answered if it was an order's.
    Rejected(Rejected),
}

/// An event with the fields that all of them have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// The platform, or the system of record of a stock event (`stock` when it named none).
    pub platform: Id,
    /// The delivery's identity within `platform`; already derived where an order event had none.
    pub event_id: Id,
    /// When it happened at the source.
    pub occurred_at: Time,
    /// What happened.
    pub what: What,
}

/// Input that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rejected {
    /// Why.
    pub code: Code,
    /// The order to answer, where its type was an order event's and pool, platform and order id could be read.
    pub order: Option<RejectedOrder>,
}

/// Whom to answer that an order event was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RejectedOrder {
    /// The order's platform.
    pub platform: Id,
    /// The order's id.
    pub order_id: Id,
    /// The event's id, where it could be read or derived.
    pub event_id: Option<Id>,
}

/// What happened: one variant a type of the contract.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// `order.*`
    Order(OrderEvent),
    /// `pool.policy`
    Policy(PolicyChange),
    /// `catalogue.item`
    Item(Item),
    /// `stock.received`
    Received(Received),
    /// `stock.inspected`
    Inspected(Inspected),
    /// `stock.adjusted`
    Adjusted(Adjusted),
    /// `stock.counted`
    Counted(Counted),
    /// `stock.recalled`
    Recalled(Recalled),
    /// `session.opened`
    SessionOpened(Session),
    /// `session.closed`
    SessionClosed(Session),
    /// `wave.closed`
    WaveClosed(WaveClosed),
    /// `shipment.handed_over`
    HandedOver(HandedOver),
    /// `comment.posted`
    Comment(Comment),
}

/// An order event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OrderEvent {
    /// Unique within the platform.
    pub order_id: Id,
    /// The buyer on that platform.
    pub buyer_id: Option<Id>,
    /// Opaque key that is the same for one person on every platform.
    pub person_ref: Option<Id>,
    /// The live session that it was placed in.
    pub session_id: Option<Id>,
    /// Opaque reference to the address.
    pub recipient_ref: Option<Id>,
    /// Grows with each change of the order.
    pub version: Option<i64>,
    /// What happened to the order.
    pub verb: OrderVerb,
}

/// What happened to an order. Lines have 1 to 200 entries, with `line_id`s that differ.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum OrderVerb {
    /// Placed, not paid.
    Created {
        /// What is to be delivered.
        lines: Vec<Line>,
    },
    /// Money taken.
    Paid {
        /// What is to be delivered, where the platform said so.
        lines: Option<Vec<Line>>,
    },
    /// The whole order is now these lines.
    Amended {
        /// What is to be delivered.
        lines: Vec<Line>,
    },
    /// Must not ship yet.
    Held,
    /// May ship now.
    Cleared,
    /// Will not be delivered; final.
    Cancelled,
    /// Units are refunded.
    Refunded {
        /// Which; all where absent.
        lines: Option<Vec<RefundLine>>,
    },
    /// The order as the platform shows it now.
    Snapshot {
        /// How the platform shows it.
        status: SnapshotStatus,
        /// What is to be delivered.
        lines: Vec<Line>,
    },
}

/// The status of an `order.snapshot`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SnapshotStatus {
    /// Placed, not paid.
    Created,
    /// Paid, and free to ship.
    Paid,
    /// Paid, and must not ship yet.
    Held,
    /// Cancelled.
    Cancelled,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// Names the line within its order; its position from 1 where the platform named none.
    pub line_id: Id,
    /// What is ordered.
    pub sku: Id,
    /// Units, 1..=1 000 000.
    pub quantity: u32,
}

/// A line of a refund; has a `line_id`, a `sku`, or both.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct RefundLine {
    /// The line that is refunded; decides where present.
    #[n(0)]
    pub line_id: Option<Id>,
    /// The SKU that is refunded, first line first.
    #[n(1)]
    pub sku: Option<Id>,
    /// Units, 1..=1 000 000; as many refunds of one instant as there are add up.
    #[n(2)]
    pub quantity: u64,
}

/// `pool.policy`: what is `None` keeps its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PolicyChange {
    /// When an order takes stock.
    pub allocate_on: Option<AllocateOn>,
    /// Seconds that a reservation lives; 0: for ever.
    pub reservation_ttl_s: Option<i64>,
    /// What becomes of an unpaid order that is short.
    pub unpaid_shortage: Option<Shortage>,
    /// What becomes of a paid order that is short.
    pub paid_shortage: Option<Shortage>,
    /// Whether an order may be filled in part.
    pub partial: Option<bool>,
    /// Whether a paid order may take from unpaid reservations.
    pub paid_preempts_reserved: Option<bool>,
    /// What comments do.
    pub claims: Option<Claims>,
    /// Seconds that a claim's hold lives.
    pub claim_ttl_s: Option<i64>,
}

/// When an order takes stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum AllocateOn {
    /// When it is placed: it reserves.
    #[n(0)]
    Created,
    /// When it is paid.
    #[n(1)]
    Paid,
}

/// What becomes of an order that is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Shortage {
    /// It is refused.
    #[n(0)]
    Refuse,
    /// It waits, at its place in line.
    #[n(1)]
    Waitlist,
}

/// What comments can do in a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Claims {
    /// Nothing.
    #[n(0)]
    Off,
    /// Count as demand.
    #[n(1)]
    Signal,
    /// Hold stock.
    #[n(2)]
    Hold,
}

/// `catalogue.item`: replaces the item as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// Which item.
    pub sku: Id,
    /// Its name for people.
    pub name: Option<Id>,
    /// What buyers type to claim it.
    pub keywords: Vec<Id>,
    /// What a bundle consists of; empty for a SKU with stock of its own.
    pub components: Vec<Component>,
    /// Units that one person may have in a season.
    pub limit_per_buyer: Option<u32>,
    /// Units that no unpaid order gets, and that the published `sellable` hides.
    pub safety_stock: Option<u32>,
    /// Units at which stock is called low.
    pub low_stock_at: Option<u32>,
    /// What may be promised beyond stock.
    pub backorder: Option<Backorder>,
    /// What each platform is kept or capped at.
    pub channels: Vec<Channel>,
    /// What limits, channels and backorder count starts afresh with a new one.
    pub season: Option<Id>,
}

/// A part of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Component {
    /// The part.
    pub sku: Id,
    /// Units in one bundle.
    pub quantity: u32,
}

/// What may be promised beyond stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Backorder {
    /// Units.
    #[n(0)]
    pub limit: u32,
    /// Until when they must have been filled; absent: no date.
    #[n(1)]
    pub until: Option<Time>,
}

/// What a platform is kept or capped at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Channel {
    /// The platform.
    #[n(0)]
    pub platform: Id,
    /// Units kept for it.
    #[n(1)]
    pub reserved: Option<u32>,
    /// Units that it may have.
    #[n(2)]
    pub max: Option<u32>,
}

/// `stock.received`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Received {
    /// What arrived.
    pub sku: Id,
    /// Units, 1..=1 000 000.
    pub quantity: u32,
    /// Unique in its pool.
    pub lot_id: Id,
    /// The instant from which it can't be promised.
    pub best_before: Option<Time>,
    /// Whether it waits for its inspection.
    pub inspection: Inspection,
}

/// Whether a delivery still waits for its inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Inspection {
    /// It can be promised.
    Passed,
    /// It can't be promised yet.
    Pending,
}

/// `stock.inspected`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inspected {
    /// The lot.
    pub lot_id: Id,
    /// How it went.
    pub result: InspectionResult,
    /// What the inspector wrote.
    pub note: Option<Id>,
}

/// The result of an inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum InspectionResult {
    /// May be sold.
    #[n(0)]
    Passed,
    /// Must not be sold.
    #[n(1)]
    Failed,
}

/// `stock.adjusted`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Adjusted {
    /// What changed.
    pub sku: Id,
    /// Units, either way; not 0, at most 1 000 000 000.
    pub delta: i64,
    /// The lot, where it is known.
    pub lot_id: Option<Id>,
    /// Why, in the sender's words.
    pub reason: Option<Id>,
}

/// `stock.counted`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Counted {
    /// What was counted.
    pub sku: Id,
    /// Units physically on hand.
    pub quantity: u32,
    /// The lot, where only one was counted.
    pub lot_id: Option<Id>,
}

/// `stock.recalled`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recalled {
    /// The lot.
    pub lot_id: Id,
    /// Why, in the sender's words.
    pub reason: Id,
}

/// `session.opened` and `session.closed`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// Which session.
    pub session_id: Id,
    /// The platform it runs on, where named in the event's own fields.
    pub platform: Option<Id>,
    /// What is sold in it.
    pub skus: Vec<Id>,
}

/// `wave.closed`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WaveClosed {
    /// The wave.
    pub wave_id: Id,
    /// The session whose parcels it takes, where it takes only those.
    pub session_id: Option<Id>,
}

/// `shipment.handed_over`: names a wave, orders or parcels.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HandedOver {
    /// The wave that left.
    pub wave_id: Option<Id>,
    /// The orders that left.
    pub orders: Vec<OrderRef>,
    /// The parcels that left.
    pub parcels: Vec<ParcelRef>,
}

/// Names an order.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct OrderRef {
    /// Its platform.
    #[n(0)]
    pub platform: Id,
    /// Its id on that platform.
    #[n(1)]
    pub order_id: Id,
}

impl OrderRef {
    /// Names the order `order_id` of `platform`.
    #[must_use]
    pub fn new(platform: &Id, order_id: &Id) -> Self {
        Self { platform: platform.clone(), order_id: order_id.clone() }
    }
}

/// Names a parcel as it was told to the courier.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParcelRef {
    /// `pool/platform/order_id/n`, as we published it.
    pub fulfillment_id: Id,
    /// The revision that the courier had; absent: the current one.
    pub revision: Option<u32>,
}

/// `comment.posted`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Comment {
    /// Who wrote it.
    pub buyer_id: Id,
    /// What was written.
    pub text: Id,
    /// Opaque key that is the same for one person on every platform.
    pub person_ref: Option<Id>,
    /// The session it was written in.
    pub session_id: Option<Id>,
}

/// Why input could not be taken, in the order in which the first that fits is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Code {
    /// A value larger than 256 KiB.
    #[n(0)]
    TooLarge,
    /// Not UTF-8.
    #[n(1)]
    NotUtf8,
    /// Not JSON, or nothing at all.
    #[n(2)]
    NotJson,
    /// Not protobuf.
    #[n(3)]
    NotProtobuf,
    /// A `type` that the contract does not name.
    #[n(4)]
    UnknownType,
    /// A field that the type requires is absent.
    #[n(5)]
    MissingField,
    /// A field of another JSON type.
    #[n(6)]
    WrongType,
    /// A number, length or word outside its range.
    #[n(7)]
    OutOfRange,
    /// `"lines": []`.
    #[n(8)]
    EmptyLines,
    /// Two lines with one `line_id`.
    #[n(9)]
    DuplicateLine,
    /// A time that can't be read.
    #[n(10)]
    BadTime,
    /// Happened longer ago than the dedup window.
    #[n(11)]
    Stale,
    /// Claims to happen more than a day after its arrival.
    #[n(12)]
    Future,
    /// The lot is known with another SKU.
    #[n(13)]
    LotOfOtherSku,
    /// A bundle as a component of a bundle.
    #[n(14)]
    NestedBundle,
    /// Stock of a bundle, or components for a SKU that has had stock.
    #[n(15)]
    NotSupported,
}

impl Code {
    /// The code as the contract spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotUtf8 => "not_utf8",
            Self::NotJson => "not_json",
            Self::NotProtobuf => "not_protobuf",
            Self::UnknownType => "unknown_type",
            Self::MissingField => "missing_field",
            Self::WrongType => "wrong_type",
            Self::OutOfRange => "out_of_range",
            Self::EmptyLines => "empty_lines",
            Self::DuplicateLine => "duplicate_line",
            Self::BadTime => "bad_time",
            Self::Stale => "stale",
            Self::Future => "future",
            Self::LotOfOtherSku => "lot_of_other_sku",
            Self::NestedBundle => "nested_bundle",
            Self::NotSupported => "not_supported",
        }
    }
}
