//! An order asks for stock: what it gives back, what it gets, and what becomes of it if it is short.
//!
//! To add a reason to refuse an order, see [`Pool::ask`]: everything that may say no to an order that
//! asks is decided there, and nowhere else.

use alloc::vec::Vec;

use crate::limits::OverLimit;
use crate::order::{OrderIx, signed};
use crate::pool::{Due, Pool, Turn};
use crate::stock::{Part, Parts, SkuIx};
use crate::{AlertKind, AllocateOn, Facts, Shortage, Standing, Time};

/// What an event asks on behalf of its order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Its lines changed.
    pub(crate) amended: bool,
    /// It wants less than before, and may fit now.
    pub(crate) reduced: bool,
    /// If it was refused or expired, it asks again.
    pub(crate) again: Option<Again>,
    /// What it keeps is paid for now: it asks once more for a rest that was refused.
    pub(crate) for_the_rest: bool,
}

/// Where in line an order asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// Where it was: it was amended.
    AtItsPlace,
    /// At the end: a payment came too late.
    AtTheEnd,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It did not ask for anything.
    Nothing,
    /// It asked and fits.
    Fits,
    /// It asked and is short.
    Short,
    /// It asked, is short, and what is missing is promised to it.
    Promised,
    /// It asked for more than its buyer may have.
    OverLimit(OverLimit),
}

impl Pool {
    /// Brings what an order holds and waits for in line with its facts.
    pub(crate) fn settle(&mut self, ix: OrderIx, wish: Wish, turn: &mut Turn<'_>) -> Asked {
        if self.order(ix).is_cancelled() {
            self.let_go(ix);
            self.leave_backorders(ix);
            let left = !self.order(ix).handed_over.is_empty()
                && self.order(ix).standing != Standing::Refunded;
            self.stand(ix, if left { Standing::HandedOver } else { Standing::Cancelled });
            return Asked::Nothing;
        }
        if self.order(ix).lines_stamp.is_none() {
            return Asked::Nothing;
        }
        if !self.order(ix).is_open() {
            self.let_go(ix);
            self.nothing_left(ix);
            return Asked::Nothing;
        }
        if wish.amended {
            // It will wait for all of its new lines, so that what it holds for them stays.
            self.order_mut(ix).rest_refused = false;
            if self.order(ix).is_counted() {
                self.enter_season(ix);
            }
        }
        self.give_back_excess(ix);
        if let Some(place) = self.order(ix).place {
            self.offer_before(place, turn);
        }
        if self.may_ask(ix, wish) { self.ask(ix, wish, turn) } else { self.stay(ix) }
    }

    /// Nothing is left to deliver: all of it is refunded, or has left.
    fn nothing_left(&mut self, ix: OrderIx) {
        let order = self.order(ix);
        let asks = order.lines.iter().any(|line| line.quantity > 0);
        let left = !order.handed_over.is_empty() && (asks || order.standing != Standing::Refunded);
        let standing = if left { Standing::HandedOver } else { Standing::Refunded };
        if order.standing != standing {
            self.stand(ix, standing);
        }
    }

    fn may_ask(&self, ix: OrderIx, wish: Wish) -> bool {
        let order = self.order(ix);
        let takes = order.paid || self.policy.allocate_on == AllocateOn::Created;
        match order.standing {
            // A refund leaves something to deliver, but places nothing.
            Standing::New | Standing::Refunded => takes && (wish.amended || wish.again.is_some()),
            Standing::Refused | Standing::Released => takes && wish.again.is_some(),
            Standing::Waitlisted | Standing::Backordered => {
                wish.amended || wish.reduced || wish.for_the_rest
            }
            Standing::Reserved | Standing::Allocated => {
                order.is_short(&self.stock)
                    && (!order.rest_refused || wish.amended || wish.for_the_rest)
            }
            Standing::HandedOver => wish.amended,
            Standing::Cancelled => false,
        }
    }

    /// It asks for nothing; what it wants less of may have changed where it stands.
    fn stay(&mut self, ix: OrderIx) -> Asked {
        let order = self.order(ix);
        if order.standing == Standing::Refunded {
            // Something is to be delivered again, and nothing was asked for yet.
            self.stand(ix, Standing::New);
        } else if order.rest_refused {
            let (whole, nothing) = (!order.is_short(&self.stock), order.holds.is_empty());
            let left = !order.handed_over.is_empty();
            if nothing && order.standing != Standing::HandedOver {
                self.stop_clock(ix);
                self.stand(ix, if left { Standing::HandedOver } else { Standing::Refused });
            }
            self.order_mut(ix).rest_refused = !whole && (left || !nothing);
        }
        Asked::Nothing
    }

    /// Gives an order what there is for it, first come, first served: whole, unless the policy lets it be
    /// filled in part. What is missing is waited for or refused.
    fn ask(&mut self, ix: OrderIx, wish: Wish, turn: &mut Turn<'_>) -> Asked {
        let was = self.order(ix).standing;
        let counted = self.order(ix).is_counted();
        if was == Standing::Backordered && wish.amended {
            self.leave_backorders(ix);
        }
        self.take_apart(ix);
        let order = self.order(ix);
        if order.place.is_none() || (order.too_late && wish.again == Some(Again::AtTheEnd)) {
            self.take_place(ix);
        }
        self.enter_season(ix);
        let asks_for_more = wish.amended || self.order(ix).rest_refused || asks_anew(was);
        if asks_for_more && self.order(ix).is_short(&self.stock) {
            self.take_over_claims(ix, turn);
        }
        let once_more = self.order(ix).rest_refused && !wish.amended;
        self.order_mut(ix).rest_refused = false;
        if !counted && let Some(over) = self.over_limit(ix, turn.settings) {
            self.stand(ix, Standing::Refused);
            return Asked::OverLimit(over);
        }
        if wish.amended || !self.order(ix).waits() {
            self.tell_unknown_skus(ix, turn);
        }
        self.fill(ix);
        self.preempt(ix, turn);
        let lacks = self.order(ix).lacks(&self.stock);
        let paid = self.order(ix).paid;
        let filled = if paid { Standing::Allocated } else { Standing::Reserved };
        if lacks.is_empty() {
            self.wait_for(ix, Parts::new());
            self.start_clock(ix, turn);
            self.stand(ix, filled);
            return Asked::Fits;
        }
        let stays = was == Standing::Backordered && !wish.amended;
        if stays || ((may_join(was) || once_more) && self.join_backorder(ix, &lacks, turn.now)) {
            self.wait_for(ix, lacks);
            self.stand(ix, Standing::Backordered);
            return Asked::Promised;
        }
        if must_wait(was, wish) || self.policy.shortage(paid) == Shortage::Waitlist {
            self.wait_for(ix, lacks);
            self.stand(ix, Standing::Waitlisted);
        } else if self.order(ix).holds.is_empty() {
            self.stand(ix, Standing::Refused);
        } else {
            self.order_mut(ix).rest_refused = true;
            self.give_back_excess(ix);
            self.start_clock(ix, turn);
            self.stand(ix, filled);
        }
        Asked::Short
    }

    /// An order is in the season in which it first asks for a SKU, for good.
    pub(crate) fn enter_season(&mut self, ix: OrderIx) {
        let order = self.orders.get_mut(ix);
        for (sku, _) in order.asks_for(&self.stock) {
            order.tally_mut(sku, self.stock.sku(sku).season);
        }
    }

    /// Bundles are what they are when their order asks; what it holds or waits for already, it goes on to need.
    fn take_apart(&mut self, ix: OrderIx) {
        let order = self.orders.get_mut(ix);
        match (order.waits(), order.holds.is_empty()) {
            (true, _) => {}
            (false, true) => order.take_apart(&self.stock),
            (false, false) => order.take_apart_what_was_whole(&self.stock),
        }
    }

    pub(crate) fn take_place(&mut self, ix: OrderIx) {
        let place = self.orders.next_place();
        let order = self.order_mut(ix);
        assert!(
            order.holds.is_empty() && order.waiting.is_empty(),
            "who holds or waits keeps its place"
        );
        order.place = Some(place);
    }

    /// Promises to an order what it lacks: all of it, or with `partial` what whole units of its lines there
    /// are. Returns whether it got anything.
    pub(crate) fn fill(&mut self, ix: OrderIx) -> bool {
        let lacks = self.order(ix).lacks(&self.stock);
        let room = |sku: SkuIx| self.room(ix, sku);
        let enough = |&(sku, units): &Part| room(sku) >= units;
        let takes = if lacks.iter().all(enough) {
            lacks
        } else if self.policy.partial {
            self.order(ix).takes(&self.stock, room)
        } else {
            return false;
        };
        let promise = self.order(ix).promise();
        let mut filled = false;
        for (sku, units) in takes {
            for (lot, units) in self.stock.promise(sku, units, promise) {
                self.add_hold(ix, sku, lot, units);
                filled = true;
            }
        }
        filled
    }

    /// An unpaid order's reservation ends a while after its stock was reserved; amending does not change
    /// when.
    pub(crate) fn start_clock(&mut self, ix: OrderIx, turn: &Turn<'_>) {
        let end = self.policy.reservation_ttl.map_or(Time::NEVER, |ttl| turn.now.plus(ttl));
        let order = self.order_mut(ix);
        order.deadline = if order.paid { None } else { Some(order.deadline.unwrap_or(end)) };
    }

    /// Moves an order to `standing`, and its deadline in or out of what is due.
    pub(crate) fn stand(&mut self, ix: OrderIx, standing: Standing) {
        self.keep(ix);
        self.move_waiting(ix, self.order(ix).standing, standing);
        if matches!(
            standing,
            Standing::Refused | Standing::Released | Standing::Cancelled | Standing::Refunded
        ) {
            self.leave_backorders(ix);
        }
        let order = self.order_mut(ix);
        order.standing = standing;
        order.too_late = match standing {
            Standing::Refused | Standing::Released => true,
            // What is refunded before it asks again has missed its turn all the same.
            Standing::Refunded | Standing::New => order.too_late,
            _ => false,
        };
        let (place, deadline) = (order.place, order.deadline);
        if let (Some(place), Some(deadline)) = (place, deadline) {
            let due = Due::Reservation(place, ix);
            if standing == Standing::Reserved && deadline < Time::NEVER {
                self.schedule(deadline, due);
            } else {
                self.unschedule(deadline, due);
            }
        }
    }

    /// What an order held unpaid is allocated to it now.
    pub(crate) fn commit(&mut self, ix: OrderIx) {
        assert!(self.order(ix).paid, "only what is paid for is allocated");
        if self.order(ix).standing == Standing::Reserved {
            self.stand(ix, Standing::Allocated);
        }
        self.order_mut(ix).deadline = None;
        self.unbind_waiting(ix);
        for hold in self.order(ix).holds.clone() {
            self.stock.commit(hold.sku, hold.units);
            self.index_holder(ix, hold.sku);
        }
    }

    /// Gives back all that an order holds, and takes it off the waitlist.
    pub(crate) fn let_go(&mut self, ix: OrderIx) {
        self.wait_for(ix, Parts::new());
        let promise = self.order(ix).promise();
        for hold in core::mem::take(&mut self.order_mut(ix).holds) {
            self.stock.give_back(hold.lot, hold.units, promise);
            self.index_holder(ix, hold.sku);
            self.count_used(ix, hold.sku, -signed(hold.units));
        }
        self.stop_clock(ix);
        self.order_mut(ix).rest_refused = false;
    }

    /// Its reservation, if it had one, is over.
    pub(crate) fn stop_clock(&mut self, ix: OrderIx) {
        let order = self.order_mut(ix);
        if let (Some(place), Some(deadline)) = (order.place, order.deadline.take()) {
            self.unschedule(deadline, Due::Reservation(place, ix));
        }
    }

    /// Gives back what an order holds beyond what it asks for, what expires last first.
    pub(crate) fn give_back_excess(&mut self, ix: OrderIx) {
        let mut excess = self.order(ix).excess(&self.stock);
        if excess.is_empty() {
            return;
        }
        let promise = self.order(ix).promise();
        let mut holds = self.order(ix).holds.clone();
        holds.sort_by_key(|hold| core::cmp::Reverse(self.stock.lot(hold.lot).rank(hold.lot)));
        for hold in holds {
            let Some((_, excess)) = excess.iter_mut().find(|(sku, _)| *sku == hold.sku) else {
                continue;
            };
            let units = hold.units.min(*excess);
            *excess -= units;
            if units > 0 {
                self.drop_hold(ix, hold.lot, units);
                self.stock.give_back(hold.lot, units, promise);
                self.index_holder(ix, hold.sku);
            }
        }
    }

    fn tell_unknown_skus(&mut self, ix: OrderIx, turn: &mut Turn<'_>) {
        let unknown = |&sku: &SkuIx| !self.stock.sku(sku).known && self.order(ix).left_of(sku) > 0;
        let skus = self.order(ix).skus().into_iter().map(|(sku, _)| sku);
        for sku in skus.filter(unknown).collect::<Vec<_>>() {
            self.tell_of_sku_of_order(AlertKind::UnknownSku, sku, ix, Facts::None, turn);
        }
    }
}

/// An order that waits already, or that fitted until it was amended, waits whatever the policy is.
const fn must_wait(was: Standing, wish: Wish) -> bool {
    match was {
        Standing::Waitlisted | Standing::Backordered => true,
        Standing::Reserved | Standing::Allocated | Standing::HandedOver => wish.amended,
        _ => false,
    }
}

/// Whether what an order is short of may be promised to it: to one that asks anew, or whose promise is
/// judged anew. One that held what it wanted, or waits without a promise, does so on.
const fn may_join(was: Standing) -> bool {
    asks_anew(was) || matches!(was, Standing::Backordered)
}

/// Whether an order that stands so has nothing, and waits for nothing.
const fn asks_anew(was: Standing) -> bool {
    matches!(was, Standing::New | Standing::Refused | Standing::Released | Standing::Refunded)
}
