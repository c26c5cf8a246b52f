//! Complaints after hand-over: which lots they are about, and when they are too many to be chance.

use alloc::collections::{BTreeMap, BTreeSet};

use minicbor::{Decode, Encode};

use crate::bounds::{ALERT_ORDERS_MAX, QUALITY_BUYERS, QUALITY_SHARE};
use crate::digest;
use crate::image::wide;
use crate::order::{Order, OrderIx, ParcelState};
use crate::pool::{Pool, Turn};
use crate::steps::step;
use crate::stock::{InLine, LotIx};
use crate::weight::{self, Beside, Weighed};
use crate::{Alert, AlertKind, Facts, Id, Settings};

/// Who complained of what, and whose orders have left.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Quality {
    #[n(0)]
    #[cbor(default)]
    lots: Weighed<LotIx, Complaints>,
    /// Orders of which units have left and that are not closed, by their buyers' hashes.
    #[cbor(skip)]
    left: BTreeMap<u128, BTreeSet<OrderIx>>,
    /// How many those are.
    #[cbor(skip)]
    count: usize,
}

/// Complaints of one lot.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
struct Complaints {
    /// Who complained, each once.
    #[n(0)]
    buyers: BTreeSet<Buyer>,
    /// How many they were when that was last told.
    #[n(1)]
    told: u64,
}

impl Beside for Complaints {
    fn beside(&self) -> usize {
        step();
        weight::tree(self.buyers.len(), size_of::<Buyer>())
    }
}

/// A platform's buyer, by his hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
struct Buyer(
    #[n(0)]
    #[cbor(with = "wide")]
    u128,
);

impl Quality {
    pub(crate) fn is_empty(&self) -> bool {
        self.lots.is_empty()
    }

    /// What it takes in memory.
    pub(crate) fn weight(&self) -> usize {
        self.lots.weight()
            // Few buyers have many orders: a tree each of its own.
            + self.count * (weight::entries(1, size_of::<(u128, BTreeSet<OrderIx>)>()) + weight::tree(1, size_of::<OrderIx>()))
    }

    pub(crate) fn assert_weight(&self) {
        self.lots.assert_weight();
    }

    /// The lots that are named.
    pub(crate) fn lots(&self) -> impl Iterator<Item = LotIx> {
        self.lots.entries().keys().copied()
    }

    /// Units of a buyer's order have left.
    fn insert(&mut self, buyer: u128, ix: OrderIx) {
        self.count += usize::from(self.left.entry(buyer).or_default().insert(ix));
    }

    /// A buyer's order is closed, or somebody else's.
    fn remove(&mut self, buyer: u128, ix: OrderIx) {
        let Some(orders) = self.left.get_mut(&buyer) else { return };
        self.count -= usize::from(orders.remove(&ix));
        if orders.is_empty() {
            self.left.remove(&buyer);
        }
    }
}

impl Order {
    /// The lots of which units have left with it.
    pub(crate) fn lots_left(&self) -> impl Iterator<Item = LotIx> {
        let left = self.parcels.iter().filter(|parcel| parcel.state == ParcelState::HandedOver);
        left.flat_map(|parcel| &parcel.content).flat_map(|packed| &packed.lots).map(|&(lot, _)| lot)
    }
}

impl Order {
    /// Its buyer's hash, if units of it have left.
    fn buyer_if_left(&self, key: &[u8; 16]) -> Option<u128> {
        let buyer = self.buyer_id.get().filter(|_| !self.handed_over.is_empty())?;
        Some(digest::buyer(key, &self.name.platform, buyer))
    }
}

impl Pool {
    /// Units of an order have left: its buyer may complain of them.
    pub(crate) fn index_left(&mut self, ix: OrderIx, settings: &Settings) {
        if let Some(buyer) = self.order(ix).buyer_if_left(&settings.hash_key) {
            self.quality.insert(buyer, ix);
        }
    }

    /// An order's parcel of that number, which is its last, has left: one order more has left with each of its
    /// lots, unless it had before.
    pub(crate) fn count_left(&mut self, ix: OrderIx, number: usize) {
        let order = self.orders.get(ix);
        let (before, parcel) = (&order.parcels[..number - 1], &order.parcels[number - 1]);
        let lots = parcel.content.iter().flat_map(|packed| &packed.lots).map(|&(lot, _)| lot);
        for lot in lots.collect::<BTreeSet<_>>() {
            if !before.iter().any(|parcel| parcel.has_left_with(lot)) {
                self.stock.order_left(lot);
            }
        }
    }

    /// An order is closed, or its buyer may be another one.
    pub(crate) fn unindex_left(&mut self, ix: OrderIx, settings: &Settings) {
        if let Some(buyer) = self.order(ix).buyer_if_left(&settings.hash_key) {
            self.quality.remove(buyer, ix);
        }
    }

    /// A buyer complains: of every lot that he got units of, as far as it is known.
    pub(crate) fn complained(&mut self, platform: &Id, buyer_id: &Id, turn: &mut Turn<'_>) {
        let buyer = digest::buyer(&turn.settings.hash_key, platform, buyer_id);
        let Some(orders) = self.quality.left.get(&buyer) else { return };
        let lots: BTreeSet<LotIx> =
            orders.iter().flat_map(|&ix| self.orders.get(ix).lots_left()).collect();
        for lot in lots {
            if self.quality.lots.open(lot, |of| of.buyers.insert(Buyer(buyer))) {
                self.judge_quality(lot, turn);
            }
        }
    }

    /// Tells of a lot that enough of those who got it complain, and again when twice as many do.
    fn judge_quality(&mut self, lot: LotIx, turn: &mut Turn<'_>) {
        let complaints = &self.quality.lots.entries()[&lot];
        let buyers = complaints.buyers.len() as u64;
        if buyers < QUALITY_BUYERS || buyers / 2 < complaints.told {
            return;
        }
        let left = self.stock.lot(lot).orders_left;
        if buyers * QUALITY_SHARE < left {
            return;
        }
        let of = complaints.buyers.iter().filter_map(|buyer| self.quality.left.get(&buyer.0));
        let with =
            |&&ix: &&OrderIx| self.order(ix).parcels.iter().any(|parcel| parcel.has_left_with(lot));
        let orders: BTreeSet<InLine> =
            of.flatten().filter(with).map(|&ix| self.in_line(ix)).collect();
        let (id, sku) = (self.stock.lot(lot).id.clone(), self.stock.lot(lot).sku);
        let alert = Alert {
            sku: Some(self.stock.sku(sku).id.clone()),
            orders: orders
                .iter()
                .take(ALERT_ORDERS_MAX)
                .map(|&(_, ix)| self.alert_order(ix, &[]))
                .collect(),
            orders_total: orders.len() as u64,
            facts: Facts::Complaints { lot_id: id, buyers, left },
            ..self.blank(AlertKind::QualitySignal, turn)
        };
        self.tell_alert(alert, turn);
        self.quality.lots.open(lot, |of| of.told = buyers);
    }
}
