//! How an order's units are spread over its lines: what has left, what is held, what is waited for.
//!
//! Stock is held by SKU, because two lines of one SKU are one need; the spread is worked out when
//! somebody is told. First line first, as many whole units of each as what is held makes; what left for a
//! line stays with that line. Of a bundle that lost a component, the others are held for no line.

use alloc::vec::Vec;

use smallvec::SmallVec;

use super::{Hold, Order, Packed};
use crate::Id;
use crate::stock::{LotIx, Parts, RecipeIx, SkuIx, Stock};

/// What one line has of its order's units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineShare {
    pub(crate) line_id: Id,
    pub(crate) sku: SkuIx,
    recipe: RecipeIx,
    /// To be delivered as of the newest lines, what has left included.
    pub(crate) quantity: u32,
    /// Still to be delivered.
    pub(crate) open: u32,
    /// Units of the line, whole bundles if it is of one, that are held.
    pub(crate) filled: u32,
    held: SmallVec<[(LotIx, u64); 2]>,
}

/// The shares of an order's lines, in their order. Few orders have more lines than fit here without an allocation.
pub(crate) type LineShares = SmallVec<[LineShare; 2]>;

impl LineShare {
    pub(crate) fn is_bundle(&self) -> bool {
        !self.recipe.is_none()
    }

    /// Units of `sku` that what is filled of it is made of.
    fn made_of(&self, sku: SkuIx, stock: &Stock) -> u64 {
        let mut parts = stock.parts(self.sku, self.recipe);
        parts.find(|&(part, _)| part == sku).map_or(0, |(_, units)| u64::from(self.filled) * units)
    }

    fn held_of(&self, sku: SkuIx, stock: &Stock) -> u64 {
        let of_it = self.held.iter().filter(|&&(lot, _)| stock.lot(lot).sku == sku);
        of_it.map(|(_, units)| units).sum()
    }
}

/// Units of `sku` that what is filled of lines is made of.
fn made_of(shares: &[LineShare], sku: SkuIx, stock: &Stock) -> u64 {
    shares.iter().map(|share| share.made_of(sku, stock)).sum()
}

/// Fills lines with what is `there` of each SKU, first line first, with as many whole units as it makes.
fn fill_lines(shares: &mut [LineShare], there: impl Fn(SkuIx) -> u64, stock: &Stock) {
    for at in 0..shares.len() {
        let (before, share) = (&shares[..at], &shares[at]);
        let makes = |(sku, units)| (there(sku) - made_of(before, sku, stock)) / units;
        let most = stock.parts(share.sku, share.recipe).map(makes).min();
        let filled = most.map_or(0, |most| most.min(u64::from(share.open)));
        shares[at].filled = u32::try_from(filled).expect("no more than is open of the line");
    }
}

impl Order {
    /// Every line with its share; `stock` tells in which order lots are packed.
    pub(crate) fn shares(&self, stock: &Stock) -> LineShares {
        let mut shares = self.open_lines();
        if !self.holds.is_empty() {
            fill_lines(&mut shares, |sku| self.held_of(sku), stock);
            self.spread_held(&mut shares, stock);
        }
        shares
    }

    fn open_lines(&self) -> LineShares {
        let mut shares: LineShares = self
            .lines
            .iter()
            .map(|line| LineShare {
                line_id: line.line_id.clone(),
                sku: line.sku,
                recipe: line.recipe,
                quantity: line.quantity,
                open: line.quantity,
                filled: 0,
                held: SmallVec::new(),
            })
            .collect();
        self.spread_sent(&mut shares);
        shares
    }

    /// Takes off what has left: first by line, then what is over from other lines of the SKU.
    fn spread_sent(&self, shares: &mut [LineShare]) {
        let mut over: SmallVec<[(SkuIx, u32); 4]> = SmallVec::new();
        for sent in &self.handed_over {
            let mut units = sent.units;
            let own =
                |share: &&mut LineShare| share.line_id == sent.line_id && share.sku == sent.sku;
            if let Some(share) = shares.iter_mut().find(own) {
                let cut = share.open.min(units);
                share.open -= cut;
                units -= cut;
            }
            over.push((sent.sku, units));
        }
        for (sku, mut units) in over {
            for share in shares.iter_mut().filter(|share| share.sku == sku) {
                let cut = share.open.min(units);
                share.open -= cut;
                units -= cut;
            }
        }
    }

    /// Puts the lots that are held on the lines that are filled, first expired first.
    fn spread_held(&self, shares: &mut [LineShare], stock: &Stock) {
        let mut holds: SmallVec<[Hold; 4]> = self.holds.iter().copied().collect();
        holds.sort_by_key(|hold| stock.lot(hold.lot).rank(hold.lot));
        for hold in holds {
            let mut units = hold.units;
            for share in &mut *shares {
                let asks = share.made_of(hold.sku, stock) - share.held_of(hold.sku, stock);
                let take = asks.min(units);
                if take > 0 {
                    share.held.push((hold.lot, take));
                    units -= take;
                }
            }
            assert!(
                units == 0 || self.has_bundles(),
                "order {:?} holds {units} units more than its lines ask for",
                self.name
            );
        }
    }

    /// What it would take of each SKU to fill as many whole units of its lines as can be filled with what it
    /// holds and `available` units more.
    pub(crate) fn takes(&self, stock: &Stock, available: impl Fn(SkuIx) -> u64) -> Parts {
        let there = |sku| available(sku) + self.held_of(sku);
        let mut shares = self.open_lines();
        fill_lines(&mut shares, there, stock);
        let more = |sku| made_of(&shares, sku, stock).saturating_sub(self.held_of(sku));
        self.lacks(stock).into_iter().map(|(sku, _)| (sku, more(sku))).collect()
    }

    /// What it holds beyond what it asks for; if its rest was refused, beyond whole units of its lines.
    pub(crate) fn excess(&self, stock: &Stock) -> Parts {
        if !self.has_bundles() {
            return self.held_beyond(|sku| self.left_of(sku));
        }
        if self.rest_refused {
            let shares = self.shares(stock);
            return self.held_beyond(|sku| made_of(&shares, sku, stock));
        }
        let needs = self.needs(stock);
        let need = |sku| needs.iter().find(|&&(other, _)| other == sku).map_or(0, |need| need.1);
        self.held_beyond(need)
    }

    /// What it holds of each SKU beyond what it `wants` of it.
    fn held_beyond(&self, wants: impl Fn(SkuIx) -> u64) -> Parts {
        let mut beyond = Parts::new();
        for &Hold { sku, .. } in &self.holds {
            let units = self.held_of(sku).saturating_sub(wants(sku));
            if units > 0 && beyond.iter().all(|&(other, _)| other != sku) {
                beyond.push((sku, units));
            }
        }
        beyond
    }

    /// Whether what it holds makes a whole unit of any line.
    pub(crate) fn fills_any(&self, stock: &Stock) -> bool {
        let filled = || self.shares(stock).iter().any(|share| share.filled > 0);
        !self.holds.is_empty() && (!self.has_bundles() || filled())
    }

    /// What its parcel holds when it is sent now.
    pub(crate) fn content(&self, stock: &Stock) -> Vec<Packed> {
        let packed = |share: LineShare| {
            let LineShare { line_id, sku, recipe, filled, held, .. } = share;
            let mut lots = held.into_vec();
            let parts = || stock.parts(sku, recipe);
            lots.sort_by_key(|&(lot, _)| parts().position(|(part, _)| part == stock.lot(lot).sku));
            lots.shrink_to_fit();
            Packed { line_id, sku, lots, bundles: if recipe.is_none() { 0 } else { filled } }
        };
        let shares = self.shares(stock).into_iter().filter(|share| share.filled > 0);
        let mut content: Vec<Packed> = shares.map(packed).collect();
        content.shrink_to_fit();
        content
    }
}
