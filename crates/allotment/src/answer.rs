//! The answer to an order event, or the news that an order's standing changed by itself.

use crate::order::{LineShare, Order, OrderIx};
use crate::pool::{Due, Pool, Turn};
use crate::stock::Promise;
use crate::{DecidedLine, Decision, Effect, OrderRef, Outcome, Reason, Standing, digest};

/// What was decided, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    pub(crate) reason: Reason,
}

impl Answer {
    pub(crate) const fn new(outcome: Outcome, reason: Reason) -> Self {
        Self { outcome, reason }
    }
}

impl Pool {
    /// The order of that name; a new one if there is none.
    pub(crate) fn open_order(&mut self, name: &OrderRef, turn: &Turn<'_>) -> OrderIx {
        let hash = digest::identity(&turn.settings.hash_key, &name.platform, &name.order_id);
        self.orders.open(hash, name)
    }

    /// Tells what was decided of an order, and where it now stands.
    pub(crate) fn answer(&mut self, ix: OrderIx, answer: Answer, turn: &mut Turn<'_>) {
        self.order_mut(ix).decisions += 1;
        let order = self.order(ix);
        let line = |share: LineShare| self.decided_line(order, share);
        let decision = Decision {
            pool: self.id.clone(),
            platform: order.name.platform.clone(),
            order_id: order.name.order_id.clone(),
            number: order.decisions,
            event_id: turn.cause.clone(),
            outcome: answer.outcome,
            reason: answer.reason,
            standing: order.standing,
            paid: order.paid,
            held: order.is_held(),
            version: order.version,
            lines: order.shares(&self.stock).into_iter().map(line).collect(),
            decided_at: turn.now,
        };
        turn.tell(Effect::Decision(decision));
    }

    fn decided_line(&self, order: &Order, share: LineShare) -> DecidedLine {
        let held = share.filled;
        let by = |promise| if order.promise() == promise { held } else { 0 };
        DecidedLine {
            sku: self.stock.sku(share.sku).id.clone(),
            quantity: share.quantity,
            reserved: by(Promise::Reserved),
            allocated: by(Promise::Allocated),
            waitlisted: if order.waits() { share.open - held } else { 0 },
            line_id: share.line_id,
        }
    }

    /// Leaves an order to itself until its next event: a finished one is forgotten a window later.
    pub(crate) fn rest(&mut self, ix: OrderIx, turn: &Turn<'_>) {
        self.count_wanted(ix, turn.settings);
        self.orders.weigh(ix);
        let order = self.order(ix);
        match (order.forget_at, order.is_finished()) {
            (None, true) => {
                let mut at = turn.now.plus(turn.settings.dedup_window);
                if order.standing == Standing::New {
                    // Nothing of it is known but how often it was answered: there is nothing to close.
                    at = at.plus(turn.settings.closed_retention);
                }
                self.order_mut(ix).forget_at = Some(at);
                self.schedule(at, Due::Forget(ix));
            }
            (Some(_), false) => self.keep(ix),
            (None, false) | (Some(_), true) => {}
        }
    }

    /// An order is not to be forgotten, or only a window after it has been finished anew.
    pub(crate) fn keep(&mut self, ix: OrderIx) {
        if let Some(at) = self.order_mut(ix).forget_at.take() {
            self.unschedule(at, Due::Forget(ix));
        }
    }
}
