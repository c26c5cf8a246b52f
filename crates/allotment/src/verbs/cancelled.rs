//! `order.cancelled`: the order will not be delivered, and that is final.

use crate::answer::Answer;
use crate::ask::Wish;
use crate::order::OrderIx;
use crate::pool::{Pool, Turn};
use crate::{Outcome, Reason, Standing, Time};

impl Pool {
    /// Of several cancellations the first counts, by when they happened.
    pub(super) fn cancelled(&mut self, ix: OrderIx, at: Time, turn: &mut Turn<'_>) -> Answer {
        let order = self.order_mut(ix);
        let gives = !order.holds.is_empty() || !order.waiting.is_empty();
        let first = order
            .cancelled_at
            .replace(order.cancelled_at.map_or(at, |known| known.min(at)))
            .is_none();
        if first {
            self.stop_waiting_for_lines(ix);
            self.settle(ix, Wish::default(), turn);
        }
        if gives {
            Answer::new(Outcome::Released, Reason::Cancelled)
        } else if self.order(ix).standing == Standing::HandedOver {
            Answer::new(Outcome::Noted, Reason::AfterHandOver)
        } else {
            Answer::new(Outcome::Noted, Reason::Cancelled)
        }
    }
}
