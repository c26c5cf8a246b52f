//! What a merchant promises beyond stock: a harvest still on the tree, up to a limit, until a date.
//!
//! Filling an order frees nothing of the limit, because a harvest is not promised twice; who is cancelled,
//! refused, expired or refunded does.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use crate::answer::Answer;
use crate::order::{OrderIx, signed, units_of};
use crate::pool::{Due, Pool, Turn};
use crate::stock::{Part, SkuIx};
use crate::{Backorder, Outcome, Reason, Standing, Time};

impl Pool {
    /// Lets an order join the backorders of all SKUs that it is short of, if each has as much left.
    pub(crate) fn join_backorder(&mut self, ix: OrderIx, lacks: &[Part], now: Time) -> bool {
        let fits = |&(sku, units): &Part| {
            let entry = self.stock.sku(sku);
            let season = self.order(ix).tally(sku).map_or(entry.season, |tally| tally.season);
            entry.backorder.is_some_and(|promised| {
                promised.until.is_none_or(|until| now < until)
                    && entry.joined(season) + units <= u64::from(promised.limit)
            })
        };
        if !lacks.iter().all(fits) {
            return false;
        }
        for &(sku, units) in lacks {
            self.set_joined(ix, sku, units);
        }
        true
    }

    /// An order is no longer one of those to whom the harvest was promised.
    pub(crate) fn leave_backorders(&mut self, ix: OrderIx) {
        for at in 0..self.order(ix).tallies().len() {
            let tally = self.order(ix).tallies()[at];
            if tally.joined > 0 {
                self.set_joined(ix, tally.sku, 0);
            }
        }
    }

    /// After a refund: what an order no longer waits for is promised to it no more, and nothing of a SKU of
    /// which nothing is left to deliver.
    pub(crate) fn shrink_backorders(&mut self, ix: OrderIx) {
        if self.order(ix).tallies().iter().all(|tally| tally.joined == 0) {
            return;
        }
        let (asks, lacks) =
            (self.order(ix).asks_for(&self.stock), self.order(ix).lacks(&self.stock));
        for at in 0..self.order(ix).tallies().len() {
            let tally = self.order(ix).tallies()[at];
            let waited = units_of(&self.order(ix).waiting, tally.sku);
            let less = waited.saturating_sub(units_of(&lacks, tally.sku));
            let nothing = units_of(&asks, tally.sku) == 0;
            let left = if nothing { 0 } else { tally.joined.saturating_sub(less) };
            self.set_joined(ix, tally.sku, left);
        }
    }

    fn set_joined(&mut self, ix: OrderIx, sku: SkuIx, units: u64) {
        let season = self.stock.sku(sku).season;
        let tally = self.orders.get_mut(ix).tally_mut(sku, season);
        let change = signed(units) - signed(core::mem::replace(&mut tally.joined, units));
        let season = tally.season;
        self.stock.count_joined(sku, season, change);
    }

    /// The merchant promises something else from now on.
    pub(crate) fn promise_backorder(&mut self, sku: SkuIx, promised: Option<Backorder>) {
        let before = core::mem::replace(&mut self.stock.sku_mut(sku).backorder, promised);
        let until = |promised: Option<Backorder>| promised.and_then(|promised| promised.until);
        if let Some(until) = until(before) {
            self.unschedule(until, Due::Backorder(sku));
        }
        if let Some(until) = until(promised) {
            self.schedule(until, Due::Backorder(sku));
        }
    }

    /// The date of a SKU's backorder has come, and of others at the same instant: who was not filled waits
    /// without a promise if it is paid (in `overdue`, by place), and is refused if not.
    pub(crate) fn end_backorders(
        &mut self,
        sku: SkuIx,
        overdue: &mut Vec<OrderIx>,
        turn: &mut Turn<'_>,
    ) {
        let mut skus = vec![sku];
        while let Some(sku) = self.take_due_backorder(turn.now) {
            skus.push(sku);
        }
        let mut waiting = BTreeSet::new();
        for sku in skus {
            waiting.append(&mut self.stock.sku(sku).waiting.everybody());
        }
        waiting.retain(|&(_, ix)| self.order(ix).standing == Standing::Backordered);
        for (_, ix) in waiting {
            if self.order(ix).paid {
                self.stand(ix, Standing::Waitlisted);
                overdue.push(ix);
            } else {
                self.let_go(ix);
                self.stand(ix, Standing::Refused);
                self.answer(ix, Answer::new(Outcome::Refused, Reason::Short), turn);
                self.rest(ix, turn);
            }
        }
    }

    /// What the others gave back at that instant has been offered: who still waits hears that the promise was
    /// not kept.
    pub(crate) fn tell_overdue(&mut self, overdue: Vec<OrderIx>, turn: &mut Turn<'_>) {
        for ix in overdue {
            if self.order(ix).standing == Standing::Waitlisted {
                self.answer(ix, Answer::new(Outcome::Waitlisted, Reason::Short), turn);
                self.tell_shortage(ix, turn);
                self.rest(ix, turn);
            }
        }
    }
}
