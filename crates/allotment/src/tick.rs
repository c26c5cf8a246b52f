//! One instant at which something is due: what ends is released by place in line, then there is one pass
//! over the waitlist.

use alloc::vec::Vec;

use crate::answer::Answer;
use crate::order::OrderIx;
use crate::pool::{Due, Pool, Turn};
use crate::{AlertKind, Effects, Facts, Id, Outcome, Reason, Settings, Standing, Time, digest};

impl Pool {
    /// Lets everything happen that is due at `now`.
    pub(crate) fn tick(&mut self, now: Time, settings: &Settings, out: &mut Effects) {
        let mut turn = Turn::new(now, Some(Id::new("tick")), settings, out);
        let mut overdue = Vec::new();
        while let Some(due) = self.take_due(now) {
            match due {
                Due::LotExpiry(lot) => {
                    self.stock.lot_mut(lot).expired = true;
                    let units = self.stock.lot(lot).available;
                    self.stock.remove_available(lot, units);
                    self.tell_lot_expired(lot, units, &mut turn);
                }
                Due::Backorder(sku) => self.end_backorders(sku, &mut overdue, &mut turn),
                Due::Reservation(_, ix) => self.expire(ix, &mut turn),
                Due::LinesMissing(ix) => {
                    self.order_mut(ix).lines_due = None;
                    self.tell_of_order(AlertKind::LinesMissing, ix, Facts::None, &mut turn);
                }
                Due::Window(key) => self.close_window(&key, &mut turn),
                Due::Forget(ix) => self.forget(ix, &turn),
            }
        }
        self.identities.forget(now);
        self.offer_to_waitlist(&mut turn);
        self.tell_overdue(overdue, &mut turn);
        self.close(&mut turn, 0);
    }

    /// A reservation's time is up.
    fn expire(&mut self, ix: OrderIx, turn: &mut Turn<'_>) {
        let order = self.order(ix);
        if order.claim {
            return self.end_claim(ix, turn);
        }
        assert!(
            order.standing == Standing::Reserved && !order.paid,
            "order {:?} is {:?}: only reservations expire",
            order.name,
            order.standing,
        );
        self.let_go(ix);
        self.stand(ix, Standing::Released);
        self.answer(ix, Answer::new(Outcome::Released, Reason::Expired), turn);
        self.rest(ix, turn);
    }

    /// A finished order: first its standing, place and numbers are kept, later nothing.
    fn forget(&mut self, ix: OrderIx, turn: &Turn<'_>) {
        let order = self.order_mut(ix);
        assert!(order.is_finished(), "order {:?} is not finished", order.name);
        if order.closed || order.standing == Standing::New {
            self.uncount(ix, turn.settings);
            let order = self.order(ix);
            let hash = digest::identity(
                &turn.settings.hash_key,
                &order.name.platform,
                &order.name.order_id,
            );
            return self.orders.remove(hash, ix);
        }
        let at = turn.now.plus(turn.settings.closed_retention);
        self.forget_in_waves(ix);
        self.unindex_left(ix, turn.settings);
        let order = self.order_mut(ix);
        let who = order.who(&turn.settings.hash_key);
        order.close(who);
        order.forget_at = Some(at);
        self.orders.weigh(ix);
        self.schedule(at, Due::Forget(ix));
    }
}
