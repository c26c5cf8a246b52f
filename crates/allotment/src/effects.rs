//! What goes out: decisions, parcels, alerts and levels, as data. Texts for people are made at the border.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::image::list;
use crate::{Code, Id, Time};

/// What an input, or the passing of time, brought about, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Effects {
    /// In the order in which they were decided.
    pub list: Vec<Effect>,
}

/// One thing to tell the outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The answer to an order event, or a change of an order's standing.
    Decision(Decision),
    /// What the courier acts on.
    Fulfillment(Fulfillment),
    /// What a person must know.
    Alert(Alert),
    /// The newest stock level of a SKU.
    Level(Level),
}

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Taken {
    /// It had its effect (which may be none: a duplicate).
    Applied,
    /// It could not be taken and belongs to the dead letters; `now` did not move.
    Refused {
        /// Why.
        code: Code,
        /// The field, or what in it, that the code is about.
        about: &'static str,
    },
}

/// `order.decided`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// The order's pool.
    pub pool: Id,
    /// The order's platform.
    pub platform: Id,
    /// The order.
    pub order_id: Id,
    /// The order's running number of decisions, from 1.
    pub number: u32,
    /// The event that caused it; `tick` where time did; absent where a rejected event had none.
    pub event_id: Option<Id>,
    /// What was decided.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// Where the order now stands.
    pub standing: Standing,
    /// Whether money was taken.
    pub paid: bool,
    /// Whether it must not ship yet.
    pub held: bool,
    /// The greatest version seen of the order.
    pub version: Option<i64>,
    /// What is to be delivered, and what it holds for that.
    pub lines: Vec<DecidedLine>,
    /// `now` when it was decided.
    pub decided_at: Time,
}

/// A line as it now stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DecidedLine {
    /// Names the line within its order.
    pub line_id: Id,
    /// What is ordered.
    pub sku: Id,
    /// Units to be delivered, refunds taken off.
    pub quantity: u32,
    /// Units held while unpaid.
    pub reserved: u32,
    /// Units committed.
    pub allocated: u32,
    /// Units that it waits for.
    pub waitlisted: u32,
}

/// The answer to an order event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Holds its units until it is paid or expires.
    Reserved,
    /// Holds its units for good.
    Allocated,
    /// Waits within a promised limit.
    Backordered,
    /// Waits at its place in line.
    Waitlisted,
    /// Gets nothing, or not the rest.
    Refused,
    /// Gave back what it held or waited for.
    Released,
    /// Its lines changed, and it fits.
    Amended,
    /// Units were refunded.
    Refunded,
    /// Remembered; nothing moved.
    Noted,
    /// Gone with the courier.
    HandedOver,
    /// Seen before, with the same content.
    Duplicate,
    /// Older than what is known, or of a cancelled order.
    Superseded,
    /// Seen before, with other content.
    Conflict,
    /// Could not be taken.
    Rejected,
}

/// Why an outcome is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// As asked.
    Ok,
    /// Not enough stock.
    Short,
    /// A SKU that nothing has named.
    UnknownSku,
    /// Over the limit for one person.
    Limit,
    /// Over what the platform may sell.
    Channel,
    /// The reservation's time was up.
    Expired,
    /// The order is cancelled.
    Cancelled,
    /// Everything is refunded.
    Refunded,
    /// Stock came for it.
    Promoted,
    /// A paid order took its reservation.
    Preempted,
    /// Its lot failed or was recalled.
    LotLost,
    /// Fewer units are there than were promised.
    Count,
    /// It must not ship yet.
    Held,
    /// It has left already.
    AfterHandOver,
    /// It is finished.
    Closed,
    /// Newer is known.
    Older,
    /// The same delivery again.
    Repeat,
    /// The same identity, other content.
    DifferentContent,
    /// Its lines have not come yet.
    NoLinesYet,
    /// The pool's policy says so.
    Policy,
    /// It could not be taken.
    Rejected(Code),
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Standing {
    /// Has not asked for stock.
    #[default]
    #[n(0)]
    New,
    /// Holds units until it is paid or expires.
    #[n(1)]
    Reserved,
    /// Holds units for good.
    #[n(2)]
    Allocated,
    /// Waits within a promised limit.
    #[n(3)]
    Backordered,
    /// Waits at its place in line.
    #[n(4)]
    Waitlisted,
    /// Was short and does not wait.
    #[n(5)]
    Refused,
    /// Its reservation expired.
    #[n(6)]
    Released,
    /// Will not be delivered.
    #[n(7)]
    Cancelled,
    /// Nothing of it is left to deliver.
    #[n(8)]
    Refunded,
    /// Gone with the courier.
    #[n(9)]
    HandedOver,
}

/// What the courier acts on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fulfillment {
    /// `fulfillment.requested`
    Requested(Parcel),
    /// `fulfillment.revised`
    Revised(Parcel),
    /// `fulfillment.cancelled`
    Cancelled(ParcelCancelled),
    /// `fulfillment.manifest`, one page of it
    Manifest(Manifest),
}

/// A parcel, whole.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parcel {
    /// The order's pool.
    pub pool: Id,
    /// The order's platform.
    pub platform: Id,
    /// The order.
    pub order_id: Id,
    /// The order's running number of parcels, from 1.
    pub number: u32,
    /// From 1; the highest counts.
    pub revision: u32,
    /// The buyer on that platform.
    pub buyer_id: Option<Id>,
    /// The live session it was placed in.
    pub session_id: Option<Id>,
    /// Opaque reference to the address.
    pub recipient_ref: Option<Id>,
    /// What goes in.
    pub lines: Vec<ParcelLine>,
    /// `now` when it was requested or revised.
    pub requested_at: Time,
}

/// A line of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParcelLine {
    /// Names the line within its order.
    pub line_id: Id,
    /// What is ordered.
    pub sku: Id,
    /// Units of it in the parcel.
    pub quantity: u32,
    /// The lots they come from; empty for a bundle.
    pub lots: Vec<LotShare>,
    /// A bundle's parts; empty for a SKU with stock of its own.
    pub components: Vec<ParcelComponent>,
}

/// Units of one lot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LotShare {
    /// The lot.
    pub lot_id: Id,
    /// Units of it.
    pub quantity: u64,
}

/// A bundle's part in a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParcelComponent {
    /// The part.
    pub sku: Id,
    /// Units of it.
    pub quantity: u64,
    /// The lots they come from.
    pub lots: Vec<LotShare>,
}

/// A parcel that must not leave.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParcelCancelled {
    /// The order's pool.
    pub pool: Id,
    /// The order's platform.
    pub platform: Id,
    /// The order.
    pub order_id: Id,
    /// The order's running number of parcels, from 1.
    pub number: u32,
    /// One higher than the last.
    pub revision: u32,
    /// Why.
    pub reason: Reason,
    /// `now` when it was taken back; goes out beside the value, as the record's `ce_time`.
    pub cancelled_at: Time,
}

/// One page of a wave's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Manifest {
    /// The pool.
    pub pool: Id,
    /// The wave.
    pub wave_id: Id,
    /// From 1.
    pub page: u32,
    /// How many there are.
    pub pages: u32,
    /// How often this page was told, from 1: again when a parcel of it changed or dropped out.
    pub revision: u32,
    /// What the page's parcels hold.
    pub totals: Vec<ManifestTotal>,
    /// The parcels, 500 at most.
    pub parcels: Vec<ManifestParcel>,
    /// `now` when it was told; goes out beside the value, as the record's `ce_time`.
    pub told_at: Time,
}

/// What a manifest page holds of one lot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ManifestTotal {
    /// What.
    pub sku: Id,
    /// Of which lot.
    pub lot_id: Id,
    /// Units.
    pub quantity: u64,
}

/// A parcel on a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ManifestParcel {
    /// The order's platform.
    pub platform: Id,
    /// The order.
    pub order_id: Id,
    /// The order's running number of parcels.
    pub number: u32,
    /// The parcel's revision.
    pub revision: u32,
    /// Opaque reference to the address.
    pub recipient_ref: Option<Id>,
}

/// What a person must know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Alert {
    /// The pool; empty for input whose pool could not be read.
    pub pool: Id,
    /// The pool's running number of alerts of this kind, from 1.
    pub number: u64,
    /// What it is about.
    pub kind: AlertKind,
    /// The SKU, where there is just one.
    pub sku: Option<Id>,
    /// The platform, where there is just one.
    pub platform: Option<Id>,
    /// Units missing.
    pub shortage: u64,
    /// The orders concerned, 100 at most.
    pub orders: Vec<AlertOrder>,
    /// How many are concerned.
    pub orders_total: u64,
    /// What the text for people tells beside that.
    pub facts: Facts,
    /// `now` when it was raised.
    pub raised_at: Time,
}

/// What an alert's text tells beside its fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Facts {
    /// Nothing more.
    None,
    /// Input records that could not be taken, and the reason of the first of them.
    Rejects {
        /// How many.
        count: u64,
        /// The first one's code.
        first: Code,
    },
    /// A lot and units of it.
    Lot {
        /// The lot.
        lot_id: Id,
        /// Units removed.
        removed: u64,
    },
    /// What the books said and what was reported.
    Mismatch {
        /// Units that the books had.
        books: u64,
        /// Units that the report claims.
        reported: i64,
    },
    /// A parcel that left though it should not have, or that never was.
    Parcel {
        /// `platform/order_id/n`'s n; 0 where the order never had one.
        number: u32,
    },
    /// Units left when stock became low.
    Left {
        /// Units.
        available: u64,
    },
    /// What a session came to; its orders are the alert's `orders_total`.
    Session {
        /// The session.
        session_id: Id,
        /// Units of its orders.
        units: u64,
        /// How many of its orders are paid.
        paid: u64,
        /// How many of its orders wait.
        waiting: u64,
        /// Claims that were released.
        claims: u64,
    },
    /// More is asked for than will be there for long.
    Surge {
        /// Units that were asked for within a minute.
        asked: u64,
        /// Units left.
        left: u64,
        /// When they are gone, if it goes on so.
        sold_out_at: Time,
    },
    /// Complaints of a lot.
    Complaints {
        /// The lot.
        lot_id: Id,
        /// How many buyers complained.
        buyers: u64,
        /// How many orders have left with units of it, also those that are forgotten.
        left: u64,
    },
    /// The event whose identity was used again.
    Event {
        /// Its id.
        event_id: Id,
    },
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum AlertKind {
    /// A paid order is short.
    #[n(0)]
    Oversold,
    /// Money was taken on a closed order.
    #[n(1)]
    PaidAfterCancel,
    /// A recalled lot has left in part.
    #[n(2)]
    RecallHandedOver,
    /// An unpaid order is short.
    #[n(3)]
    OversellRisk,
    /// An identity was used for two things.
    #[n(4)]
    Conflict,
    /// An order names a SKU that nothing has named.
    #[n(5)]
    UnknownSku,
    /// A paid order is over a person's limit.
    #[n(6)]
    OverLimit,
    /// A payment's lines have not come.
    #[n(7)]
    LinesMissing,
    /// Input could not be taken.
    #[n(8)]
    InputRejected,
    /// The books and the world differ.
    #[n(9)]
    StockMismatch,
    /// A lot was recalled.
    #[n(10)]
    Recall,
    /// A lot is past its date.
    #[n(11)]
    LotExpired,
    /// No platform can sell a SKU any more.
    #[n(12)]
    SoldOut,
    /// Complaints after hand-over.
    #[n(13)]
    QualitySignal,
    /// A short paid order was helped.
    #[n(14)]
    OversellResolved,
    /// A SKU is running out.
    #[n(15)]
    LowStock,
    /// A SKU that was sold out can be sold.
    #[n(16)]
    Restocked,
    /// More is asked for than is left.
    #[n(17)]
    DemandSurge,
    /// What a session came to.
    #[n(18)]
    SessionSummary,
}

/// An order in an alert.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct AlertOrder {
    /// Its platform.
    #[n(0)]
    pub platform: Id,
    /// Its id.
    #[n(1)]
    pub order_id: Id,
    /// Units it is short of.
    #[n(2)]
    pub shortage: u64,
    /// By SKU.
    #[n(3)]
    #[cbor(with = "list")]
    pub lines: Vec<AlertLine>,
}

/// What an order is short of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Encode, Decode)]
pub struct AlertLine {
    /// The SKU.
    #[n(0)]
    pub sku: Id,
    /// Units.
    #[n(1)]
    pub shortage: u64,
}

/// The newest stock level of a SKU.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Level {
    /// The pool.
    pub pool: Id,
    /// The SKU.
    pub sku: Id,
    /// Its books; absent for a bundle, which has no stock of its own.
    pub books: Option<Books>,
    /// Units that can be sold, by platform; `*` for any other. `*` is always there, last.
    pub sellable: Vec<(Id, u64)>,
    /// No platform can sell.
    pub sold_out: bool,
    /// How often the level has changed; grows.
    pub revision: u64,
    /// `now` when it last changed.
    pub as_of: Time,
}

/// A SKU's units by where they are, over its life.
///
/// `received + adjusted_in = available + reserved + allocated + awaiting_inspection + handed_over + removed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Encode, Decode)]
pub struct Books {
    /// Came in with lots.
    #[n(0)]
    pub received: u64,
    /// Came in by adjustments and counts.
    #[n(1)]
    pub adjusted_in: u64,
    /// Could be promised now.
    #[n(2)]
    pub available: u64,
    /// Held for unpaid orders.
    #[n(3)]
    pub reserved: u64,
    /// Committed to paid orders.
    #[n(4)]
    pub allocated: u64,
    /// Wait for their inspection.
    #[n(5)]
    pub awaiting_inspection: u64,
    /// Gone with the courier.
    #[n(6)]
    pub handed_over: u64,
    /// Gone otherwise.
    #[n(7)]
    pub removed: u64,
    /// Waited for by orders without a promised date.
    #[n(8)]
    pub waitlisted: u64,
    /// Waited for within a promised limit.
    #[n(9)]
    pub backordered: u64,
}

impl Books {
    /// Where units are that an order of this standing waits for.
    pub(crate) const fn waited_for(&mut self, standing: Standing) -> &mut u64 {
        match standing {
            Standing::Backordered => &mut self.backordered,
            _ => &mut self.waitlisted,
        }
    }

    /// What came in is what is there, promised, gone or waiting for its inspection.
    pub(crate) fn add_up(&self) -> bool {
        let sum = |terms: &[u64]| terms.iter().try_fold(0_u64, |sum, term| sum.checked_add(*term));
        let came = sum(&[self.received, self.adjusted_in]);
        let placed = sum(&[
            self.available,
            self.reserved,
            self.allocated,
            self.awaiting_inspection,
            self.handed_over,
            self.removed,
        ]);
        came.is_some() && came == placed
    }
}
