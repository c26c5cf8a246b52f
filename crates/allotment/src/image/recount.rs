//! Pages of format 3 and before counted an order's units of one SKU in 32 bits, and more than that as the greatest
//! such number. What they say so is counted anew.

use crate::order::{Order, units_of};
use crate::pool::Pool;

/// What stood for as many, and for everything above it.
const FULL: u64 = u32::MAX as u64;

impl Pool {
    /// What an order waits for and counts for is exact from now on, and the books with it. Of a closed order
    /// nothing is left that could show it.
    pub(super) fn count_in_full(&mut self, order: &mut Order) -> Result<(), &'static str> {
        let full = order.asks_for(&self.stock).iter().any(|&(_, units)| units >= FULL);
        if order.closed || !full {
            return Ok(());
        }
        let (standing, lacks) = (order.standing, order.lacks(&self.stock));
        for (sku, units) in order.waiting.iter_mut().filter(|(_, units)| *units == FULL) {
            let exact = units_of(&lacks, *sku);
            let waited = self.stock.sku_mut(*sku).books.waited_for(standing);
            let others = waited.checked_sub(*units).filter(|_| exact > 0);
            *waited = others.ok_or("it waits for what nobody waits for")? + exact;
            *units = exact;
            self.dirty.insert(*sku);
        }
        let wants = order.wants(&self.stock);
        for tally in &mut order.tallies {
            tally.wanted = units_of(&wants, tally.sku);
        }
        Ok(())
    }
}
