//! `order.refunded`: units, or all, are refunded and need not be delivered.

use crate::answer::Answer;
use crate::ask::Wish;
use crate::order::OrderIx;
use crate::pool::{Pool, Turn};
use crate::{Outcome, Reason, RefundLine, Time};

impl Pool {
    pub(super) fn refunded(
        &mut self,
        ix: OrderIx,
        at: Time,
        lines: Option<&[RefundLine]>,
        turn: &mut Turn<'_>,
    ) -> Answer {
        let gone = !self.order(ix).handed_over.is_empty() && !self.order(ix).is_open();
        let reduced = self.orders.get_mut(ix).merge_refund(at, lines, &self.stock);
        self.shrink_backorders(ix);
        self.settle(ix, Wish { reduced, ..Wish::default() }, turn);
        match (reduced, gone) {
            (true, false) => Answer::new(Outcome::Refunded, Reason::Ok),
            // The goods are fresh: what has left does not come back.
            (true, true) => Answer::new(Outcome::Noted, Reason::AfterHandOver),
            (false, _) => Answer::new(Outcome::Noted, Reason::Ok),
        }
    }
}
