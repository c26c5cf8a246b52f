//! What is known of one order: facts that its events told, and what it holds, waits for and was sent.
//!
//! Facts are merged so that the order in which they arrive does not matter; what the order gets for them
//! is decided elsewhere (`ask.rs`).

mod arena;
mod facts;
mod shares;
mod tally;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

pub(crate) use arena::Orders;
pub(crate) use facts::{NewLines, Stamp};
pub(crate) use shares::LineShare;
use tally::add;
pub(crate) use tally::{Kept, Tally, Who, signed, units_of};

use minicbor::{Decode, Encode};
use smallvec::SmallVec;

use crate::image::{is_default, list};
use crate::stock::{InLine, LotIx, Part, Parts, Promise, RecipeIx, SkuIx, Stock};
use crate::waves::WaveIx;
use crate::weight;
use crate::{Id, OrderRef, RefundLine, Standing, Time};

/// An order's position in its pool's [`Orders`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct OrderIx(pub(crate) u32);

/// One order of a pool: what is kept of it once it is closed, and the rest.
///
/// Closed orders are kept for months and are by far the most, so they are small.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Order {
    #[n(0)]
    pub(crate) name: OrderRef,
    /// The greatest version seen.
    #[n(1)]
    pub(crate) version: Option<i64>,
    #[n(2)]
    pub(crate) standing: Standing,
    #[n(3)]
    pub(crate) place: Option<u64>,
    /// Running number of decisions.
    #[n(4)]
    pub(crate) decisions: u32,
    #[n(5)]
    #[cbor(skip_if = "is_default")]
    pub(crate) paid: bool,
    /// The first cancellation, by when it happened.
    #[n(6)]
    pub(crate) cancelled_at: Option<Time>,
    /// `paid_after_cancel` was told.
    #[n(7)]
    #[cbor(skip_if = "is_default")]
    pub(crate) paid_after_cancel: bool,
    /// When it will be forgotten in full, if nothing more happens.
    #[n(8)]
    pub(crate) forget_at: Option<Time>,
    /// Only its standing, place and numbers are kept.
    #[n(9)]
    #[cbor(skip_if = "is_default")]
    pub(crate) closed: bool,
    #[n(10)]
    open: Option<Box<Open>>,
    /// What it goes on to count for once it is closed, if anything.
    #[n(20)]
    pub(crate) kept: Option<Box<Kept>>,
    /// What it took when it was last weighed.
    #[cbor(skip)]
    weight: u32,
}

/// What is known of an order until it is closed. An order is read and changed as if this were part of it.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Open {
    #[n(0)]
    #[cbor(skip_if = "Latest::is_unknown")]
    pub(crate) buyer_id: Latest<Id>,
    #[n(1)]
    #[cbor(skip_if = "Latest::is_unknown")]
    pub(crate) session_id: Latest<Id>,
    #[n(2)]
    #[cbor(skip_if = "Latest::is_unknown")]
    pub(crate) recipient_ref: Latest<Id>,
    /// When the lines held at the source; `None` while no lines are known.
    #[n(3)]
    pub(crate) lines_stamp: Option<Stamp>,
    #[n(4)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    pub(crate) lines: Vec<OrderLine>,
    #[n(5)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    pub(crate) refunds: Vec<Refund>,
    /// The latest payment, by when it happened.
    #[n(6)]
    pub(crate) paid_at: Option<Time>,
    /// The newest of held and cleared.
    #[n(7)]
    #[cbor(skip_if = "Latest::is_unknown")]
    pub(crate) hold: Latest<bool>,
    /// It keeps what there was, and the rest was refused.
    #[n(8)]
    #[cbor(skip_if = "is_default")]
    pub(crate) rest_refused: bool,
    /// It was refused, or its reservation expired, since it last asked: a payment comes too late for its
    /// place.
    #[n(9)]
    #[cbor(skip_if = "is_default")]
    pub(crate) too_late: bool,
    /// When its reservation ends; kept while it waits, in case it fits again.
    #[n(10)]
    pub(crate) deadline: Option<Time>,
    #[n(11)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    pub(crate) holds: Vec<Hold>,
    /// What it waits for, as the waitlist has it.
    #[n(12)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    pub(crate) waiting: Vec<Part>,
    #[n(13)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    pub(crate) handed_over: Vec<Sent>,
    #[n(14)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    pub(crate) parcels: Vec<OrderParcel>,
    /// `oversold` was told, and not yet that it was resolved.
    #[n(15)]
    #[cbor(skip_if = "is_default")]
    pub(crate) oversold: bool,
    /// When people are told that its lines are missing.
    #[n(16)]
    pub(crate) lines_due: Option<Time>,
    #[n(20)]
    #[cbor(default, skip_if = "Latest::is_unknown")]
    pub(crate) person_ref: Latest<Id>,
    /// What it counts for, of each SKU that it has asked for.
    #[n(21)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    pub(crate) tallies: Vec<Tally>,
    /// It is a claim: what a comment holds for its buyer. Nobody is told of it.
    #[n(22)]
    #[cbor(default, skip_if = "is_default")]
    pub(crate) claim: bool,
}

/// What is known of an order of which nothing is known, or nothing any more.
static NOTHING: Open = Open {
    buyer_id: Latest(None),
    session_id: Latest(None),
    recipient_ref: Latest(None),
    lines_stamp: None,
    lines: Vec::new(),
    refunds: Vec::new(),
    paid_at: None,
    hold: Latest(None),
    rest_refused: false,
    too_late: false,
    deadline: None,
    holds: Vec::new(),
    waiting: Vec::new(),
    handed_over: Vec::new(),
    parcels: Vec::new(),
    oversold: false,
    lines_due: None,
    person_ref: Latest(None),
    tallies: Vec::new(),
    claim: false,
};

impl Open {
    fn weigh(&self) -> usize {
        let ids = [&self.buyer_id, &self.person_ref, &self.session_id, &self.recipient_ref];
        let ids: usize = ids.iter().filter_map(|latest| latest.get()).map(weight::id).sum();
        let lines: usize = self.lines.iter().map(|line| weight::id(&line.line_id)).sum();
        let refunds = self.refunds.iter().filter_map(|refund| refund.lines.as_ref());
        let refunds: usize = refunds.map(weight::list).sum();
        let packed = self.parcels.iter().flat_map(|parcel| &parcel.content);
        let packed = packed.map(|packed| weight::list(&packed.lots) + weight::id(&packed.line_id));
        let parcels = self.parcels.iter().map(|parcel| weight::list(&parcel.content));
        weight::block(size_of::<Self>())
            + weight::list(&self.lines)
            + weight::list(&self.refunds)
            + weight::list(&self.holds)
            + weight::list(&self.waiting)
            + weight::list(&self.handed_over)
            + weight::list(&self.parcels)
            + weight::list(&self.tallies)
            + ids
            + lines
            + refunds
            + packed.sum::<usize>()
            + parcels.sum::<usize>()
    }
}

impl Deref for Order {
    type Target = Open;

    fn deref(&self) -> &Open {
        self.open.as_deref().unwrap_or(&NOTHING)
    }
}

impl DerefMut for Order {
    fn deref_mut(&mut self) -> &mut Open {
        self.open.get_or_insert_default()
    }
}

/// A value with the stamp of the newest event that told it.
#[derive(Debug, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct Latest<T>(#[n(0)] pub(crate) Option<(Stamp, T)>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Latest<T> {
    /// Nothing has told it.
    pub(crate) const fn is_unknown(&self) -> bool {
        self.0.is_none()
    }
}

impl<T: Clone + Ord> Latest<T> {
    /// Takes `value` unless a newer one is known; of two equally new ones the greater wins.
    pub(crate) fn offer(&mut self, stamp: Stamp, value: &T) -> bool {
        let newer = self.0.as_ref().is_none_or(|(known, old)| (*known, old) <= (stamp, value));
        if newer {
            self.0 = Some((stamp, value.clone()));
        }
        newer
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }
}

/// A line as the newest event told it.
#[derive(Clone, Debug, Encode, Decode)]
pub(crate) struct OrderLine {
    #[n(0)]
    pub(crate) line_id: Id,
    #[n(1)]
    pub(crate) sku: SkuIx,
    /// As told.
    #[n(2)]
    pub(crate) ordered: u32,
    /// What is left of it after the refunds that came later than the lines.
    #[n(3)]
    pub(crate) quantity: u32,
    /// How it is taken apart, if it is of a bundle.
    #[n(4)]
    #[cbor(skip_if = "RecipeIx::is_none")]
    pub(crate) recipe: RecipeIx,
}

/// A refund, kept because lines that are older may still come.
#[derive(Clone, Debug, Encode, Decode)]
pub(crate) struct Refund {
    #[n(0)]
    pub(crate) occurred_at: Time,
    #[n(1)]
    pub(crate) lines: Option<Vec<RefundLine>>,
}

/// Units of a lot that an order holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Hold {
    #[n(0)]
    pub(crate) sku: SkuIx,
    #[n(1)]
    pub(crate) lot: LotIx,
    #[n(2)]
    pub(crate) units: u64,
}

/// Units of a line, whole bundles if it is of one, that have left.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Sent {
    #[n(0)]
    pub(crate) line_id: Id,
    #[n(1)]
    pub(crate) sku: SkuIx,
    #[n(2)]
    pub(crate) units: u32,
}

/// A parcel as the courier was told of it.
#[derive(Clone, Debug, Encode, Decode)]
pub(crate) struct OrderParcel {
    #[n(0)]
    pub(crate) revision: u32,
    #[n(1)]
    pub(crate) state: ParcelState,
    #[n(2)]
    #[cbor(with = "list")]
    pub(crate) content: Vec<Packed>,
    /// The wave that took it.
    #[n(3)]
    pub(crate) wave: Option<InWave>,
}

/// Where in a wave a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct InWave {
    #[n(0)]
    pub(crate) wave: WaveIx,
    /// Its line on the manifest, over all pages, from 0.
    #[n(1)]
    pub(crate) line: u32,
}

impl OrderParcel {
    /// Whether it has left, with units of `lot` as the courier was told of it.
    pub(crate) fn has_left_with(&self, lot: LotIx) -> bool {
        let mut lots = self.content.iter().flat_map(|packed| &packed.lots);
        self.state == ParcelState::HandedOver && lots.any(|&(packed, _)| packed == lot)
    }
}

/// Where a parcel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum ParcelState {
    /// To be packed.
    #[n(0)]
    Requested,
    /// Must not leave.
    #[n(1)]
    Cancelled,
    /// Has left.
    #[n(2)]
    HandedOver,
}

/// A line of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Packed {
    #[n(0)]
    pub(crate) line_id: Id,
    /// As ordered.
    #[n(1)]
    pub(crate) sku: SkuIx,
    /// Of a bundle those of all its components.
    #[n(2)]
    #[cbor(with = "list")]
    pub(crate) lots: Vec<(LotIx, u64)>,
    /// How many bundles they make; 0 where it is none.
    #[n(3)]
    #[cbor(skip_if = "is_default")]
    pub(crate) bundles: u32,
}

impl Packed {
    /// Units of what was ordered: whole bundles, if it is one.
    pub(crate) fn units(&self) -> u32 {
        match self.bundles {
            0 => {
                let units = self.lots.iter().map(|(_, units)| units).sum::<u64>();
                u32::try_from(units).expect("no more than the line's quantity")
            }
            bundles => bundles,
        }
    }
}

impl Order {
    pub(crate) fn new(name: OrderRef) -> Self {
        Self { name, ..Self::default() }
    }

    /// How its units are promised.
    pub(crate) const fn promise(&self) -> Promise {
        if self.paid { Promise::Allocated } else { Promise::Reserved }
    }

    pub(crate) fn is_held(&self) -> bool {
        self.hold.get().copied().unwrap_or_default()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled_at.is_some()
    }

    pub(crate) fn waits(&self) -> bool {
        matches!(self.standing, Standing::Waitlisted | Standing::Backordered)
    }

    /// Units of `sku` that it holds.
    pub(crate) fn held_of(&self, sku: SkuIx) -> u64 {
        self.holds.iter().filter(|hold| hold.sku == sku).map(|hold| hold.units).sum()
    }

    /// Units of `lot` that it holds.
    pub(crate) fn held_of_lot(&self, lot: LotIx) -> u64 {
        self.holds.iter().filter(|hold| hold.lot == lot).map(|hold| hold.units).sum()
    }

    /// The SKUs of its lines as ordered, each once, in the order of the lines, and how they are taken apart.
    pub(crate) fn skus(&self) -> SmallVec<[(SkuIx, RecipeIx); 4]> {
        let mut skus = SmallVec::new();
        for line in &self.lines {
            if skus.iter().all(|&(sku, _)| sku != line.sku) {
                skus.push((line.sku, line.recipe));
            }
        }
        skus
    }

    /// Its SKU, if all lines are of one.
    pub(crate) fn only_sku(&self) -> Option<SkuIx> {
        let (first, others) = self.lines.split_first()?;
        others.iter().all(|line| line.sku == first.sku).then_some(first.sku)
    }

    /// Units that were ordered as `sku` and are still to be delivered: not refunded, not gone.
    pub(crate) fn left_of(&self, sku: SkuIx) -> u64 {
        let lines = self.lines.iter().filter(|line| line.sku == sku);
        let ordered: u64 = lines.map(|line| u64::from(line.quantity)).sum();
        let sent = self.handed_over.iter().filter(|sent| sent.sku == sku);
        let sent: u64 = sent.map(|sent| u64::from(sent.units)).sum();
        ordered.saturating_sub(sent)
    }

    /// Whether anything is still to be delivered.
    pub(crate) fn is_open(&self) -> bool {
        self.lines.iter().any(|line| self.left_of(line.sku) > 0)
    }

    /// Whether any of its lines is of a bundle.
    pub(crate) fn has_bundles(&self) -> bool {
        self.lines.iter().any(|line| !line.recipe.is_none())
    }

    /// What it needs for what is still to be delivered, by SKU, bundles taken apart, in the order of its
    /// lines: all of them are added up.
    pub(crate) fn needs(&self, stock: &Stock) -> Parts {
        let mut needs = Parts::new();
        for (ordered, recipe) in self.skus() {
            let left = self.left_of(ordered);
            for (sku, units) in stock.parts(ordered, recipe) {
                add(&mut needs, sku, units * left);
            }
        }
        needs.retain(|(_, units)| *units > 0);
        needs
    }

    /// What it lacks, by SKU, in the order of its lines: a shortage is what an order waits for.
    pub(crate) fn lacks(&self, stock: &Stock) -> Parts {
        let mut lacks = self.needs(stock);
        for (sku, units) in &mut lacks {
            *units = units.saturating_sub(self.held_of(*sku));
        }
        lacks.retain(|(_, units)| *units > 0);
        lacks
    }

    /// Whether it lacks anything.
    pub(crate) fn is_short(&self, stock: &Stock) -> bool {
        !self.lacks(stock).is_empty()
    }

    /// Takes its bundles apart as they are now.
    pub(crate) fn take_apart(&mut self, stock: &Stock) {
        for line in &mut self.lines {
            line.recipe = stock.sku(line.sku).recipe;
        }
    }

    /// Takes apart those of its lines that were of no bundle, and are of one now: of such a SKU nothing will
    /// ever come by itself.
    pub(crate) fn take_apart_what_was_whole(&mut self, stock: &Stock) {
        for line in self.lines.iter_mut().filter(|line| line.recipe.is_none()) {
            line.recipe = stock.sku(line.sku).recipe;
        }
    }

    /// What it takes beside its slot and its name, the entries of indexes that it has included.
    fn weigh(&self) -> usize {
        let indexed = self.holds.len() + self.waiting.len();
        let indexes = weight::entries(indexed, size_of::<InLine>());
        let names = weight::id(&self.name.platform) + weight::id(&self.name.order_id);
        let kept = self.kept.as_ref();
        let kept =
            kept.map_or(0, |kept| weight::block(size_of::<Kept>()) + weight::list(&kept.tallies));
        names + indexes + kept + self.open.as_ref().map_or(0, |open| open.weigh())
    }

    /// Whether something of it is delivered, or still to be, as far as it stands.
    pub(crate) fn is_in_force(&self) -> bool {
        let over = matches!(
            self.standing,
            Standing::Refused | Standing::Released | Standing::Cancelled | Standing::Refunded
        );
        !over && !self.is_cancelled()
    }

    /// Of a finished order only standing, place and numbers are kept, and what it goes on to count for.
    pub(crate) fn close(&mut self, who: Who) {
        let mut tallies = core::mem::take(&mut self.tallies);
        tallies.retain(|tally| tally.used > 0 || tally.wanted > 0 || tally.joined > 0);
        tallies.shrink_to_fit();
        self.kept = (!tallies.is_empty()).then(|| Box::new(Kept { who, tallies }));
        self.open = None;
        self.closed = true;
    }

    /// Nothing is held, waited for or to be sent: it can be forgotten a window later.
    pub(crate) fn is_finished(&self) -> bool {
        let settled = match self.standing {
            Standing::Refused
            | Standing::Released
            | Standing::Cancelled
            | Standing::Refunded
            | Standing::HandedOver => true,
            // Nothing that could ever be delivered was told of it: rejected events, or a hold.
            Standing::New => self.lines_stamp.is_none() && !self.paid && self.refunds.is_empty(),
            Standing::Reserved
            | Standing::Allocated
            | Standing::Backordered
            | Standing::Waitlisted => false,
        };
        settled && self.holds.is_empty() && self.waiting.is_empty()
    }
}

/// Adds to one of an order's lists, which are short and many: no room is kept for more.
pub(crate) fn push_tight<T>(list: &mut Vec<T>, item: T) {
    if list.len() == list.capacity() {
        list.reserve_exact(1);
    }
    list.push(item);
}
