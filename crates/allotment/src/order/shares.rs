//! How an order's units are spread over its lines: what has left, what is held, what is waited for.
//!
//! Stock is held by SKU, because two lines of one SKU are one need; the spread is worked out when
//! somebody is told. First line first, and what left for a line stays with that line.

use alloc::vec::Vec;

use super::{Order, Packed};
use crate::Id;
use crate::stock::{LotIx, SkuIx, Stock};

/// What one line has of its order's units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineShare {
    pub(crate) line_id: Id,
    pub(crate) sku: SkuIx,
    /// To be delivered as of the newest lines, what has left included.
    pub(crate) quantity: u32,
    /// Still to be delivered.
    pub(crate) open: u32,
    pub(crate) held: Vec<(LotIx, u32)>,
}

impl LineShare {
    pub(crate) fn held_units(&self) -> u32 {
        self.held.iter().map(|(_, units)| units).sum()
    }
}

impl Order {
    /// Every line with its share; `stock` tells in which order lots are packed.
    pub(crate) fn shares(&self, stock: &Stock) -> Vec<LineShare> {
        let mut shares: Vec<LineShare> = self
            .lines
            .iter()
            .map(|line| LineShare {
                line_id: line.line_id.clone(),
                sku: line.sku,
                quantity: line.quantity,
                open: line.quantity,
                held: Vec::new(),
            })
            .collect();
        self.spread_sent(&mut shares);
        self.spread_held(&mut shares, stock);
        shares
    }

    /// Takes off what has left: first by line, then what is over from other lines of the SKU.
    fn spread_sent(&self, shares: &mut [LineShare]) {
        let mut over: Vec<(SkuIx, u32)> = Vec::new();
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

    fn spread_held(&self, shares: &mut [LineShare], stock: &Stock) {
        let mut holds = self.holds.clone();
        holds.sort_by_key(|hold| stock.lot(hold.lot).rank(hold.lot));
        for hold in holds {
            let mut units = hold.units;
            for share in shares.iter_mut().filter(|share| share.sku == hold.sku) {
                let take = (share.open - share.held_units()).min(units);
                if take > 0 {
                    share.held.push((hold.lot, take));
                    units -= take;
                }
            }
            assert!(
                units == 0,
                "order {:?} holds {units} units more than its lines ask for",
                self.name
            );
        }
    }

    /// What its parcel holds when it is sent now.
    pub(crate) fn content(&self, stock: &Stock) -> Vec<Packed> {
        let packed = |mut share: LineShare| {
            share.held.shrink_to_fit();
            Packed { line_id: share.line_id, sku: share.sku, lots: share.held }
        };
        let shares = self.shares(stock).into_iter().filter(|share| !share.held.is_empty());
        let mut content: Vec<Packed> = shares.map(packed).collect();
        content.shrink_to_fit();
        content
    }
}
