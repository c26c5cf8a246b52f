//! New and released stock goes to those who wait, by place in line: each is filled if it can be; one that
//! can't be is passed over and keeps its place.

use crate::answer::Answer;
use crate::order::OrderIx;
use crate::pool::{Pool, Turn};
use crate::stock::InLine;
use crate::{Outcome, Reason, Standing};

impl Pool {
    /// Offers what is free to everybody who waits.
    pub(crate) fn offer_to_waitlist(&mut self, turn: &mut Turn<'_>) {
        self.offer_before(u64::MAX, turn);
        self.stock.offered();
    }

    /// Offers what is free to those who wait at places before `end`.
    pub(crate) fn offer_before(&mut self, end: u64, turn: &mut Turn<'_>) {
        self.stock.widen_offer();
        let mut from = 0;
        while let Some((place, ix)) = self.next_in_line(from, end) {
            self.promote(ix, turn);
            from = place + 1;
        }
    }

    /// The first from place `from` on whose wish for a SKU that was freed can be met.
    fn next_in_line(&self, from: u64, end: u64) -> Option<InLine> {
        let freed = self.stock.freed().iter().map(|&sku| self.stock.sku(sku));
        let first = freed.filter_map(|sku| sku.next_waiting(from, self.policy.partial)).min();
        first.filter(|&(place, _)| place < end)
    }

    /// Gives an order that waits what there is for it.
    pub(crate) fn promote(&mut self, ix: OrderIx, turn: &mut Turn<'_>) {
        if !self.fill(ix) {
            return;
        }
        let lacks = self.order(ix).lacks(&self.stock);
        let whole = lacks.is_empty();
        self.wait_for(ix, lacks);
        if whole {
            let paid = self.order(ix).paid;
            // The clock of a reservation that stock filled starts when the stock came.
            self.stop_clock(ix);
            self.start_clock(ix, turn);
            self.stand(ix, if paid { Standing::Allocated } else { Standing::Reserved });
            let outcome = if paid { Outcome::Allocated } else { Outcome::Reserved };
            self.answer(ix, Answer::new(outcome, Reason::Promoted), turn);
        }
        self.ship(ix, turn);
        self.watch_oversold(ix, turn);
        self.rest(ix, turn);
    }
}
