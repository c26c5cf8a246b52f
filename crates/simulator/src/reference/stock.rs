//! Lots: what is in them, whom it is promised to, who gets a unit next and who loses one.

use std::collections::BTreeSet;

use allotment::{Id, InspectionResult, Time};

use super::claims::ClaimKey;
use super::order::Holding;
use super::pool::{OrderKey, Pool};

/// A lot and what became of its units. What is free is never stored: it is what the rest leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lot {
    pub(super) lot_id: Id,
    pub(super) sku: Id,
    pub(super) best_before: Option<Time>,
    pub(super) result: Option<InspectionResult>,
    pub(super) recalled: bool,
    /// None of it has come without waiting for its inspection.
    pub(super) all_pending: bool,
    pub(super) received: u64,
    pub(super) adjusted_in: u64,
    pub(super) awaiting: u64,
    pub(super) handed_over: u64,
    pub(super) removed: u64,
    /// `best_before` has passed.
    pub(super) expired: bool,
}

/// Who can hold stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Order(OrderKey),
    Claim(ClaimKey),
}

/// What somebody holds.
pub(super) struct Hands<'a> {
    pub(super) who: Holder,
    pub(super) place: Option<u64>,
    pub(super) paid: bool,
    pub(super) holdings: &'a [Holding],
}

impl Hands<'_> {
    pub(super) fn of_lot(&self, lot: usize) -> u64 {
        self.holdings.iter().filter(|h| h.lot == lot).map(|h| h.units).sum()
    }

    pub(super) fn of_sku(&self, sku: &Id) -> u64 {
        self.holdings.iter().filter(|h| h.sku == *sku).map(|h| h.units).sum()
    }
}

/// Where units go that leave a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Removed,
    HandedOver,
}

impl Pool {
    /// Finds or makes a lot. The lot `counted` exists once for each SKU, all others once in the pool.
    pub(super) fn lot_named(
        &mut self,
        lot_id: &Id,
        sku: &Id,
        best_before: Option<Time>,
        pending: bool,
    ) -> usize {
        if let Some(at) = self.find_lot(lot_id, sku) {
            return at;
        }
        self.lots.push(Lot {
            lot_id: lot_id.clone(),
            sku: sku.clone(),
            best_before,
            result: self.remembered_inspections.get(lot_id).copied(),
            recalled: self.recalled.contains(lot_id),
            all_pending: pending,
            received: 0,
            adjusted_in: 0,
            awaiting: 0,
            handed_over: 0,
            removed: 0,
            expired: false,
        });
        self.lots.len() - 1
    }

    pub(super) fn find_lot(&self, lot_id: &Id, sku: &Id) -> Option<usize> {
        let counted = lot_id.as_str() == super::COUNTED;
        self.lots.iter().position(|l| l.lot_id == *lot_id && (!counted || l.sku == *sku))
    }

    /// Everybody who can hold stock: orders and claims.
    pub(super) fn hands(&self) -> Vec<Hands<'_>> {
        let orders = self.orders.iter().map(|(key, o)| Hands {
            who: Holder::Order(key.clone()),
            place: o.place,
            paid: o.paid,
            holdings: &o.holdings,
        });
        let claims = self.claims.iter().map(|(key, c)| Hands {
            who: Holder::Claim(key.clone()),
            place: Some(c.place),
            paid: false,
            holdings: &c.holdings,
        });
        orders.chain(claims).collect()
    }

    fn holdings_mut(&mut self, who: &Holder) -> &mut Vec<Holding> {
        match who {
            Holder::Order(key) => &mut self.order_mut(key).holdings,
            Holder::Claim(key) => {
                &mut self.claims.get_mut(key).expect("only known claims hold stock").holdings
            }
        }
    }

    fn holds_of_lot(&self, who: &Holder, lot: usize) -> u64 {
        let holdings = match who {
            Holder::Order(key) => &self.orders[key].holdings,
            Holder::Claim(key) => &self.claims[key].holdings,
        };
        holdings.iter().filter(|h| h.lot == lot).map(|h| h.units).sum()
    }

    /// Units of a lot that somebody holds.
    pub(super) fn promised(&self, lot: usize) -> u64 {
        let claims = self.claims.values().flat_map(|c| &c.holdings);
        let all = self.orders.values().flat_map(|o| &o.holdings).chain(claims);
        all.filter(|h| h.lot == lot).map(|h| h.units).sum()
    }

    /// Units of a lot that are nobody's and not awaiting inspection, sold or not.
    pub(super) fn loose(&self, lot: usize) -> u64 {
        let l = &self.lots[lot];
        let gone = l.removed + l.handed_over + l.awaiting + self.promised(lot);
        (l.received + l.adjusted_in)
            .checked_sub(gone)
            .expect("a lot never promises more than it has")
    }

    /// Whether units of a lot may be promised.
    pub(super) fn usable(&self, lot: usize) -> bool {
        let l = &self.lots[lot];
        l.result != Some(InspectionResult::Failed)
            && !l.recalled
            && !l.expired
            && l.best_before.is_none_or(|t| self.now < t)
    }

    /// Units of a lot that could be promised now.
    pub(super) fn free(&self, lot: usize) -> u64 {
        if self.usable(lot) { self.loose(lot) } else { 0 }
    }

    /// The lots of a SKU: first expired first, then those without date, first in first out.
    pub(super) fn lots_of(&self, sku: &Id) -> Vec<usize> {
        let mut lots: Vec<usize> =
            (0..self.lots.len()).filter(|i| self.lots[*i].sku == *sku).collect();
        lots.sort_by_key(|i| self.lot_rank(*i));
        lots
    }

    /// Sorts lots as [`Self::lots_of`] does.
    pub(super) fn lot_rank(&self, lot: usize) -> (bool, Option<Time>, usize) {
        let date = self.lots[lot].best_before;
        (date.is_none(), date, lot)
    }

    pub(super) fn available(&self, sku: &Id) -> u64 {
        self.lots_of(sku).into_iter().map(|lot| self.free(lot)).sum()
    }

    /// Gives somebody up to `units` of a SKU from what is available.
    pub(super) fn take(&mut self, who: &Holder, sku: &Id, units: u64) {
        let mut rest = units;
        for lot in self.lots_of(sku) {
            let some = self.free(lot).min(rest);
            self.hold(who, lot, some);
            rest -= some;
        }
    }

    pub(super) fn hold(&mut self, who: &Holder, lot: usize, units: u64) {
        let sku = self.lots[lot].sku.clone();
        let holdings = self.holdings_mut(who);
        match holdings.iter_mut().find(|h| h.lot == lot) {
            Some(holding) => holding.units += units,
            None => holdings.push(Holding { lot, sku, units }),
        }
        holdings.retain(|h| h.units > 0);
    }

    /// An order that loses a unit waits for all that it lacks, also for what was refused to it, and longer
    /// than it was promised; a claim just holds less.
    pub(super) fn lose(&mut self, who: &Holder, lot: usize) {
        if let Holder::Order(key) = who
            && !self.orders[key].waiting()
        {
            self.take_apart_what_was_whole(key);
        }
        self.drop_units(who, lot, 1);
        match who {
            Holder::Order(key) => {
                let order = self.order_mut(key);
                let given_up = std::mem::take(&mut order.given_up);
                order.backordered = false;
                // There may be some of what it waits for from now on.
                self.released.extend(given_up.into_keys());
                if !self.losers.contains(key) {
                    self.losers.push(key.clone());
                }
            }
            Holder::Claim(_) => {}
        }
    }

    /// Takes units of one lot away from who holds them.
    pub(super) fn drop_units(&mut self, who: &Holder, lot: usize, units: u64) {
        let holdings = self.holdings_mut(who);
        let holding = holdings
            .iter_mut()
            .find(|h| h.lot == lot)
            .expect("nobody gives up what it does not hold");
        holding.units =
            holding.units.checked_sub(units).expect("nobody gives up more than it holds");
        holdings.retain(|h| h.units > 0);
    }

    /// An order gives back what it holds beyond its needs. Of one that was refused in part that is also what
    /// makes nothing whole.
    pub(super) fn give_back_excess(&mut self, key: &OrderKey) {
        let order = &self.orders[key];
        let in_part = !order.waiting() && !order.given_up.is_empty();
        let needs = if in_part { order.whole_needs() } else { order.needs() };
        let skus: BTreeSet<Id> = order.holdings.iter().map(|h| h.sku.clone()).collect();
        for sku in skus {
            let need = needs.iter().find(|(s, _)| *s == sku).map_or(0, |(_, units)| *units);
            let excess = self.orders[key].holds(&sku).saturating_sub(need);
            self.give_back(&Holder::Order(key.clone()), &sku, excess);
        }
        if in_part {
            let order = self.order_mut(key);
            order.given_up = order.lacks().into_iter().collect();
        }
    }

    /// Somebody gives units back, what expires last first.
    pub(super) fn give_back(&mut self, who: &Holder, sku: &Id, units: u64) {
        let mut rest = units;
        for lot in self.lots_of(sku).into_iter().rev() {
            let some = self.holds_of_lot(who, lot).min(rest);
            if some > 0 {
                self.drop_units(who, lot, some);
                self.note_released(lot);
                rest -= some;
            }
        }
    }

    pub(super) fn give_back_all(&mut self, who: &Holder) {
        for holding in self.holdings_mut(who).clone() {
            self.drop_units(who, holding.lot, holding.units);
            self.note_released(holding.lot);
        }
    }

    /// Units of a lot came or were given back: whoever waits for its SKU is tried, if they may be promised.
    pub(super) fn note_released(&mut self, lot: usize) {
        if self.usable(lot) {
            self.released.insert(self.lots[lot].sku.clone());
        }
    }

    fn leave(&mut self, lot: usize, exit: Exit, units: u64) {
        match exit {
            Exit::Removed => self.lots[lot].removed += units,
            Exit::HandedOver => self.lots[lot].handed_over += units,
        }
    }

    /// An order's own units leave with its parcel.
    pub(super) fn leave_with(&mut self, key: &OrderKey, lot: usize, units: u64) {
        self.drop_units(&Holder::Order(key.clone()), lot, units);
        self.leave(lot, Exit::HandedOver, units);
    }

    /// Units leave a lot that are nobody's; at most those that there are. Says how many.
    pub(super) fn leave_loose(&mut self, lot: usize, exit: Exit, units: u64) -> u64 {
        let some = self.loose(lot).min(units);
        self.leave(lot, exit, some);
        some
    }

    /// Units leave that wait for their inspection; at most those that there are. Says how many.
    pub(super) fn leave_awaiting(&mut self, lot: usize, exit: Exit, units: u64) -> u64 {
        let some = self.lots[lot].awaiting.min(units);
        self.lots[lot].awaiting -= some;
        self.leave(lot, exit, some);
        some
    }

    /// A promised unit leaves a lot. Who held it gets another unit of the SKU for it: one that is
    /// available, or one that the newest reservation, else the newest allocation gives up.
    pub(super) fn leave_promised(&mut self, lot: usize, exit: Exit) {
        let holder =
            self.newest(|h| h.of_lot(lot) > 0).expect("the caller saw that the lot is promised");
        let sku = self.lots[lot].sku.clone();
        let other = self.lots_of(&sku).into_iter().find(|l| *l != lot && self.free(*l) > 0);
        if let Some(other) = other {
            self.drop_units(&holder, lot, 1);
            self.leave(lot, exit, 1);
            self.hold(&holder, other, 1);
            return;
        }
        let loser = self.loser(lot);
        let given = self.best_given_up(&loser, lot).expect("a loser has something to give");
        self.lose(&loser, given);
        if given != lot {
            self.drop_units(&holder, lot, 1);
            self.hold(&holder, given, 1);
        }
        self.leave(lot, exit, 1);
    }

    /// The newest reservation, else the newest allocation of a SKU loses a unit, what expires first. Says
    /// whether there was one.
    pub(super) fn lose_one(&mut self, sku: &Id, exit: Exit) -> bool {
        let unpaid = self.newest(|h| !h.paid && h.of_sku(sku) > 0);
        let Some(loser) = unpaid.or_else(|| self.newest(|h| h.of_sku(sku) > 0)) else {
            return false;
        };
        let lots = self.lots_of(sku).into_iter();
        let mut held = lots.filter(|lot| self.holds_of_lot(&loser, *lot) > 0);
        let lot = held.next().expect("it was just seen to hold some");
        self.lose(&loser, lot);
        self.leave(lot, exit, 1);
        true
    }

    /// Which unit is given so that one of `lot` can go: that one, or what expires last of those that another
    /// may be promised.
    fn best_given_up(&self, who: &Holder, lot: usize) -> Option<usize> {
        let lots = self.lots_of(&self.lots[lot].sku).into_iter().rev();
        let holds = |l: &usize| self.holds_of_lot(who, *l) > 0;
        std::iter::once(lot).chain(lots.filter(|l| self.usable(*l))).find(holds)
    }

    /// Who loses a unit so that one of `lot` can go.
    fn loser(&self, lot: usize) -> Holder {
        let lots = self.lots_of(&self.lots[lot].sku);
        let gives =
            |h: &Hands<'_>| lots.iter().any(|l| h.of_lot(*l) > 0 && (*l == lot || self.usable(*l)));
        let unpaid = self.newest(|h| !h.paid && gives(h));
        unpaid.or_else(|| self.newest(gives)).expect("whoever holds the lot can lose it")
    }

    /// The last in line of those.
    pub(super) fn newest(&self, which: impl Fn(&Hands<'_>) -> bool) -> Option<Holder> {
        let some = self.hands().into_iter().filter(which);
        some.max_by_key(|h| h.place).map(|h| h.who)
    }

    /// The unit of a SKU that somebody would give back first, if another may be promised it.
    pub(super) fn last_to_expire(&self, who: &Holder, sku: &Id) -> Option<usize> {
        let lots = self.lots_of(sku).into_iter().rev();
        lots.filter(|l| self.usable(*l)).find(|l| self.holds_of_lot(who, *l) > 0)
    }

    /// Every lot's units are accounted for, and nobody holds more than it needs.
    pub(super) fn assert_conserved(&self) {
        for lot in 0..self.lots.len() {
            let loose = self.loose(lot);
            assert!(
                self.usable(lot) || loose == 0,
                "units that can't be promised are removed at once"
            );
        }
        for order in self.orders.values() {
            let needs = order.needs();
            for holding in &order.holdings {
                let need = needs.iter().find(|(s, _)| *s == holding.sku).map_or(0, |(_, n)| *n);
                assert!(order.holds(&holding.sku) <= need, "an order holds no more than it needs");
                assert!(order.place.is_some(), "who holds stock has a place in line");
            }
        }
    }
}
