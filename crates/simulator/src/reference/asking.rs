//! Asking for stock, and the waitlist.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{Id, Shortage};

use super::order::Mode;
use super::pool::{OrderKey, Pool};
use super::stock::Holder;

impl Pool {
    /// An order comes with its lines as they are now: they are taken apart, but for bundles of which it
    /// holds or waits for something already, and its buyer's claims end. Says whether there were any.
    pub(super) fn come_forward(&mut self, key: &OrderKey, changed: bool) -> bool {
        let (holds, waits) = (self.orders[key].holds_anything(), self.orders[key].waiting());
        if changed || !(holds || waits) {
            self.take_apart(key);
        } else if !waits {
            self.take_apart_what_was_whole(key);
        }
        self.note_seasons(key);
        !self.orders[key].lacks().is_empty() && self.take_claims_over(key)
    }

    /// An order asks for more than its buyer may have: it is refused at its place.
    pub(super) fn turn_away(&mut self, key: &OrderKey) {
        let place = self.orders[key].place.unwrap_or_else(|| self.next_place());
        let order = self.order_mut(key);
        order.place = Some(place);
        order.refuse();
    }

    /// An order asks for all that it needs, at its place or, where it has none, at the end of the line.
    /// Gives what was refused to it: what it would have waited for.
    pub(super) fn ask(&mut self, key: &OrderKey) -> Vec<(Id, u64)> {
        let place = self.orders[key].place.unwrap_or_else(|| self.next_place());
        let order = self.order_mut(key);
        order.place = Some(place);
        order.mode = Mode::Active;
        order.given_up.clear();
        order.joined.clear();
        let amended = std::mem::take(&mut order.backordered);
        order.deadline = None;
        order.lapsed = false;
        self.give_back_excess(key);
        self.fill(key);
        self.preempt(key);
        let policy = if self.orders[key].paid {
            self.policy.paid_shortage
        } else {
            self.policy.unpaid_shortage
        };
        let mut refused = self.orders[key].waits();
        if self.join_backorder(key) || amended || policy == Shortage::Waitlist {
            refused.clear();
        } else if !refused.is_empty() {
            let order = self.order_mut(key);
            if order.holds_anything() {
                order.given_up = order.lacks().into_iter().collect::<BTreeMap<_, _>>();
            } else {
                order.refuse();
            }
        }
        let (now, ttl) = (self.now, self.policy.reservation_ttl);
        self.order_mut(key).start_clock(now, ttl);
        refused
    }

    /// An order that has asked before needs something else now: it keeps what fits, gives back the rest
    /// (to earlier places first), and takes or waits for what it lacks.
    pub(super) fn fit_again(&mut self, key: &OrderKey) {
        self.give_back_excess(key);
        self.pass_over_waitlist(Some(key));
        let (now, ttl) = (self.now, self.policy.reservation_ttl);
        self.order_mut(key).start_clock(now, ttl);
    }

    /// Each order that waits for something that was released or came is tried, by place in line, and so is
    /// `own`, whose event this is. A reservation that is filled so starts its clock now; `own` keeps the one
    /// that it has.
    pub(super) fn pass_over_waitlist(&mut self, own: Option<&OrderKey>) {
        let mut released = std::mem::take(&mut self.released);
        if !released.is_empty() && std::mem::take(&mut self.for_all) {
            released.extend(self.known.iter().cloned());
        }
        let mut waiting: Vec<OrderKey> = self
            .orders
            .keys()
            .filter(|key| own == Some(*key) || self.waits_for(key, &released))
            .cloned()
            .collect();
        waiting.sort_by_key(|key| self.orders[key].place);
        for key in waiting {
            if own != Some(&key) && !self.waits_for(&key, &released) {
                continue;
            }
            self.fill(&key);
            if own != Some(&key) && !self.orders[&key].waiting() {
                let (now, ttl) = (self.now, self.policy.reservation_ttl);
                let order = self.order_mut(&key);
                order.deadline = None;
                order.start_clock(now, ttl);
            }
        }
    }

    /// Whether an order waits for any of these SKUs of which there is something.
    fn waits_for(&self, key: &OrderKey, skus: &BTreeSet<Id>) -> bool {
        let waits = self.orders[key].waits();
        waits.iter().any(|(sku, _)| skus.contains(sku) && self.available(sku) > 0)
    }

    /// Gives a waiting order what it waits for: the whole, or with `partial` as much as there is.
    pub(super) fn fill(&mut self, key: &OrderKey) {
        let who = Holder::Order(key.clone());
        let waits = self.orders[key].waits();
        if waits.iter().all(|(sku, units)| self.room(key, sku) >= *units) {
            for (sku, units) in waits {
                self.take(&who, &sku, units);
            }
        } else if self.policy.partial && !waits.is_empty() {
            self.fill_in_part(key);
        }
    }

    /// Line by line as many whole units as all of their parts allow.
    fn fill_in_part(&mut self, key: &OrderKey) {
        let order = self.orders[key].clone();
        // What it holds, and of that what no earlier line uses.
        let mut spare: BTreeMap<Id, u64> = BTreeMap::new();
        for holding in &order.holdings {
            *spare.entry(holding.sku.clone()).or_default() += holding.units;
        }
        let mut room: BTreeMap<Id, u64> = BTreeMap::new();
        for (line, open) in order.open_lines() {
            let parts = order.parts_of(&line.sku);
            // What it takes may count in another season: its platform's room is what it was before.
            for (sku, _) in &parts {
                room.entry(sku.clone()).or_insert_with(|| self.room(key, sku));
            }
            let there = |sku: &Id| spare.get(sku).copied().unwrap_or(0) + room[sku];
            let whole = super::bundles::whole_units(&parts, open, there);
            for (sku, each) in parts {
                let own = spare.entry(sku.clone()).or_default();
                let from_own = (whole * each).min(*own);
                *own -= from_own;
                let taken = whole * each - from_own;
                *room.get_mut(&sku).expect("it was just asked for") -= taken;
                self.take(&Holder::Order(key.clone()), &sku, taken);
            }
        }
    }
}
