//! What an order counts for against what is promised to all of a season's orders together: limits, channels,
//! backorders.
//!
//! The sums over all orders are kept beside the stock as tallies change (`channels.rs`, `limits.rs`,
//! `backorder.rs`); they follow from the tallies, and are not stored.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use super::{Open, Order, ParcelState, push_tight};
use crate::Standing;
use crate::image::{list, maybe_wide};
use crate::stock::{Part, Parts, SeasonIx, SkuIx, Stock};

/// What an order counts for of one SKU, in the season in which it first asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub(crate) struct Tally {
    #[n(0)]
    pub(crate) sku: SkuIx,
    #[n(1)]
    pub(crate) season: SeasonIx,
    /// Units that it holds, or that have left with it.
    #[n(2)]
    pub(crate) used: u64,
    /// Units that count against its buyer's limit.
    #[n(3)]
    pub(crate) wanted: u64,
    /// Units that it was short of when it joined the SKU's backorder.
    #[n(4)]
    pub(crate) joined: u64,
}

impl Tally {
    pub(crate) const fn new(sku: SkuIx, season: SeasonIx) -> Self {
        Self { sku, season, used: 0, wanted: 0, joined: 0 }
    }

    /// What is used, as a change of a sum.
    pub(crate) fn change(&self) -> i64 {
        signed(self.used)
    }
}

/// What a closed order goes on to count for, as long as it is remembered, and for whom.
#[derive(Debug, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Kept {
    #[n(0)]
    pub(crate) who: Who,
    #[n(1)]
    #[cbor(with = "list")]
    pub(crate) tallies: Vec<Tally>,
}

/// Whose limits an order counts against, as hashes: a person, and a buyer of its platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Who {
    #[n(0)]
    #[cbor(with = "maybe_wide", default, skip_if = "Option::is_none")]
    pub(crate) person: Option<u128>,
    #[n(1)]
    #[cbor(with = "maybe_wide", default, skip_if = "Option::is_none")]
    pub(crate) buyer: Option<u128>,
}

impl Who {
    pub(crate) fn each(self) -> impl Iterator<Item = u128> {
        [self.person, self.buyer].into_iter().flatten()
    }
}

impl Order {
    /// What it counts for, open or closed.
    pub(crate) fn tallies(&self) -> &[Tally] {
        self.kept.as_ref().map_or(&self.tallies, |kept| &kept.tallies)
    }

    pub(crate) fn tally(&self, sku: SkuIx) -> Option<&Tally> {
        self.tallies().iter().find(|tally| tally.sku == sku)
    }

    /// Its tally of `sku`; a new one is in `season`.
    pub(crate) fn tally_mut(&mut self, sku: SkuIx, season: SeasonIx) -> &mut Tally {
        let Open { tallies, .. } = &mut **self;
        let at = tallies.iter().position(|tally| tally.sku == sku).unwrap_or_else(|| {
            push_tight(tallies, Tally::new(sku, season));
            tallies.len() - 1
        });
        &mut tallies[at]
    }

    /// Whether it counts against its buyer's limits: it holds, waits or was handed over, and was not cancelled
    /// after that.
    pub(crate) fn is_counted(&self) -> bool {
        let counted = matches!(
            self.standing,
            Standing::Reserved
                | Standing::Allocated
                | Standing::Backordered
                | Standing::Waitlisted
                | Standing::HandedOver
        );
        counted && !self.is_cancelled()
    }

    /// What its lines ask for, what has left included, of each SKU that they name or that is in a bundle.
    pub(crate) fn asks_for(&self, stock: &Stock) -> Parts {
        let mut asks = Parts::new();
        for line in &self.lines {
            let parts = stock.parts(line.sku, line.recipe);
            let whole = (!line.recipe.is_none()).then_some((line.sku, 1));
            for (sku, units) in whole.into_iter().chain(parts) {
                add(&mut asks, sku, units * u64::from(line.quantity));
            }
        }
        asks
    }

    /// What counts against its buyer's limits; a rest that was refused does not.
    pub(crate) fn wants(&self, stock: &Stock) -> Parts {
        if !self.is_counted() {
            return Parts::new();
        }
        let mut wants = self.asks_for(stock);
        let refused = if self.rest_refused { self.refused(stock) } else { Parts::new() };
        for (sku, units) in refused {
            let want = wants.iter_mut().find(|(other, _)| *other == sku);
            let (_, want) = want.expect("what is refused was asked for");
            *want = want.saturating_sub(units);
        }
        wants
    }

    /// Of an order whose rest was refused: what that is.
    fn refused(&self, stock: &Stock) -> Parts {
        let mut refused = self.lacks(stock);
        if self.has_bundles() {
            for share in self.shares(stock).iter().filter(|share| share.is_bundle()) {
                add(&mut refused, share.sku, u64::from(share.open - share.filled));
            }
        }
        refused
    }

    /// Units of `sku` that it holds, or that have left with it.
    pub(crate) fn used_of(&self, sku: SkuIx, stock: &Stock) -> u64 {
        let left = self.parcels.iter().filter(|parcel| parcel.state == ParcelState::HandedOver);
        let lots = left.flat_map(|parcel| &parcel.content).flat_map(|packed| &packed.lots);
        let units = lots.filter(|&&(lot, _)| stock.lot(lot).sku == sku).map(|&(_, units)| units);
        self.held_of(sku) + units.sum::<u64>()
    }

    /// Pages that were written before there were tallies: every order was in no season.
    pub(crate) fn adopt_tallies(&mut self, stock: &Stock) {
        if self.closed || !self.tallies.is_empty() || self.place.is_none() {
            return;
        }
        let mut used: Vec<SkuIx> = Vec::new();
        let lots = self.parcels.iter().flat_map(|parcel| &parcel.content);
        let lots = lots.flat_map(|packed| &packed.lots).map(|&(lot, _)| stock.lot(lot).sku);
        for sku in lots.chain(self.holds.iter().map(|hold| hold.sku)) {
            if !used.contains(&sku) {
                used.push(sku);
            }
        }
        for (sku, _) in self.asks_for(stock) {
            self.tally_mut(sku, SeasonIx::NONE);
        }
        for sku in used {
            self.tally_mut(sku, SeasonIx::NONE).used = self.used_of(sku, stock);
        }
        for (sku, units) in self.wants(stock) {
            self.tally_mut(sku, SeasonIx::NONE).wanted = units;
        }
    }
}

/// Adds units of a SKU to a list that has each once.
pub(super) fn add(parts: &mut Parts, sku: SkuIx, units: u64) {
    match parts.iter_mut().find(|(other, _)| *other == sku) {
        Some((_, sum)) => *sum += units,
        None => parts.push((sku, units)),
    }
}

/// Units of a SKU in a list; 0 where it is not there.
pub(crate) fn units_of(parts: &[Part], sku: SkuIx) -> u64 {
    parts.iter().find(|&&(other, _)| other == sku).map_or(0, |&(_, units)| units)
}

/// Units as a change of a sum.
pub(crate) fn signed(units: u64) -> i64 {
    i64::try_from(units).expect("an order's units are far fewer than 2^63")
}
