//! Claims: what buyers asked for in comments is held for them until their orders come.
//!
//! A claim is an unpaid order that nobody is told of: one line, whole, with a place in line and a deadline,
//! in the same indexes as every other holder. It never waits: what it loses it no longer asks for, and when
//! nothing is left of it, it ends.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::digest;
use crate::order::{Latest, Order, OrderIx, Stamp};
use crate::pool::{Pool, Turn};
use crate::stock::{InLine, Part, SkuIx, Stock};
use crate::weight;
use crate::{Comment, Id, Line, OrderRef, Settings, Standing, Time};

/// The claims of a pool, found by whose they are.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    all: BTreeSet<InLine>,
    /// Of a person, and of a platform's buyer, by their hashes.
    by_who: BTreeMap<u128, BTreeSet<InLine>>,
}

impl Claims {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// What they take in memory beside what they are as orders.
    pub(crate) fn weight(&self) -> usize {
        let of_each = 2 * size_of::<(u128, BTreeSet<InLine>)>() + 3 * size_of::<InLine>();
        weight::entries(self.all.len(), of_each)
    }

    pub(crate) fn insert(&mut self, claim: InLine, who: &[u128]) {
        self.all.insert(claim);
        for &who in who {
            self.by_who.entry(who).or_default().insert(claim);
        }
    }

    fn remove(&mut self, claim: InLine, who: &[u128]) {
        assert!(self.all.remove(&claim), "a claim ends once");
        for who in who {
            let of = self.by_who.get_mut(who).expect("a claim is found by whose it is");
            of.remove(&claim);
            if of.is_empty() {
                self.by_who.remove(who);
            }
        }
    }

    /// Those of any of these, by place.
    fn of(&self, who: &[u128]) -> BTreeSet<InLine> {
        who.iter().filter_map(|who| self.by_who.get(who)).flatten().copied().collect()
    }
}

impl Order {
    /// Whose it is, as hashes: its platform's buyer's, and a person's.
    pub(crate) fn claimants(&self, key: &[u8; 16]) -> Vec<u128> {
        let buyer = self.buyer_id.get().map(|buyer| digest::buyer(key, &self.name.platform, buyer));
        let person = self.person_ref.get().map(|person| digest::person(key, person));
        buyer.into_iter().chain(person).collect()
    }

    /// What it is found by: an order by its name, a claim by its buyer and what it is of.
    pub(crate) fn hash(&self, key: &[u8; 16], stock: &Stock) -> u128 {
        if self.claim {
            let sku = &stock.sku(self.lines[0].sku).id;
            digest::claim(key, &self.name.platform, &self.name.order_id, sku)
        } else {
            digest::identity(key, &self.name.platform, &self.name.order_id)
        }
    }
}

impl Pool {
    /// Holds units for a buyer: all of them or none. Who has claimed the SKU before has as many as he last
    /// said, if they are there.
    pub(crate) fn claim(
        &mut self,
        (platform, at): (&Id, Time),
        comment: &Comment,
        (sku, units): (SkuIx, u32),
        turn: &mut Turn<'_>,
    ) {
        if !self.stock.sku(sku).known {
            return;
        }
        let id = self.stock.sku(sku).id.clone();
        let hash = digest::claim(&turn.settings.hash_key, platform, &comment.buyer_id, &id);
        if let Some(ix) = self.orders.find(hash) {
            self.claim_again(ix, (at, comment), turn.settings);
            return self.change_claim(ix, units, turn);
        }
        let ix = self.orders.open(hash, &OrderRef::new(platform, &comment.buyer_id));
        let stamp = Stamp { version: None, occurred_at: at };
        let order = self.orders.get_mut(ix);
        order.claim = true;
        order.buyer_id.offer(stamp, &comment.buyer_id);
        if let Some(person_ref) = &comment.person_ref {
            order.person_ref.offer(stamp, person_ref);
        }
        if let Some(session_id) = &comment.session_id {
            order.session_id.offer(stamp, session_id);
        }
        let line = Line { line_id: Id::new("1"), sku: id, quantity: units };
        order.merge_lines(&[line], stamp, &mut self.stock);
        order.take_apart(&self.stock);
        if !self.claim_fits(ix, turn.settings) {
            return self.orders.remove(hash, ix);
        }
        self.take_place(ix);
        self.enter_season(ix);
        self.fill_claim(ix);
        let end = self.policy.claim_ttl.map_or(Time::NEVER, |ttl| turn.now.plus(ttl));
        self.order_mut(ix).deadline = Some(end);
        self.stand(ix, Standing::Reserved);
        self.rest(ix, turn);
        let who = self.order(ix).claimants(&turn.settings.hash_key);
        self.claims.insert(self.in_line(ix), &who);
    }

    /// Who claims again may say more of himself: the newest word counts.
    fn claim_again(&mut self, ix: OrderIx, (at, comment): (Time, &Comment), settings: &Settings) {
        let (who, of) = (self.order(ix).claimants(&settings.hash_key), self.in_line(ix));
        let before = self.order(ix).who(&settings.hash_key);
        self.claims.remove(of, &who);
        let stamp = Stamp { version: None, occurred_at: at };
        let order = self.orders.get_mut(ix);
        if let Some(person_ref) = &comment.person_ref {
            order.person_ref = Latest::default();
            order.person_ref.offer(stamp, person_ref);
        }
        if let Some(session_id) = &comment.session_id {
            order.session_id = Latest::default();
            order.session_id.offer(stamp, session_id);
        }
        self.claims.insert(of, &self.order(ix).claimants(&settings.hash_key));
        self.count_for(ix, before, settings);
    }

    /// It is of so many units from now on; of more only if they are there.
    fn change_claim(&mut self, ix: OrderIx, units: u32, turn: &Turn<'_>) {
        let before = self.order(ix).lines[0].quantity;
        self.set_claim(ix, units);
        if units < before {
            self.give_back_excess(ix);
        } else if self.claim_fits(ix, turn.settings) {
            self.fill_claim(ix);
        } else {
            self.set_claim(ix, before);
        }
        self.rest(ix, turn);
    }

    fn set_claim(&mut self, ix: OrderIx, units: u32) {
        let line = &mut self.order_mut(ix).lines[0];
        (line.ordered, line.quantity) = (units, units);
    }

    /// Whether what it lacks is there for its platform, and its buyer may have it.
    fn claim_fits(&self, ix: OrderIx, settings: &Settings) -> bool {
        let there = |&(sku, units): &Part| self.room(ix, sku) >= units;
        let lacks = self.order(ix).lacks(&self.stock);
        lacks.iter().all(there) && self.over_limit(ix, settings).is_none()
    }

    fn fill_claim(&mut self, ix: OrderIx) {
        self.fill(ix);
        assert!(!self.order(ix).is_short(&self.stock), "a claim that fits is filled whole");
    }

    /// A claim lost units: it is of what whole ones it still holds. Returns whether it gave anything back.
    pub(crate) fn shrink_claim(&mut self, ix: OrderIx, turn: &Turn<'_>) -> bool {
        let shares = self.order(ix).shares(&self.stock);
        let whole = shares[0].filled;
        let excess = whole == 0 && !self.order(ix).holds.is_empty();
        if whole == 0 {
            self.end_claim(ix, turn);
            return excess;
        }
        self.set_claim(ix, whole);
        let excess = !self.order(ix).excess(&self.stock).is_empty();
        self.give_back_excess(ix);
        self.rest(ix, turn);
        excess
    }

    /// A claim is over: what it held is free.
    pub(crate) fn end_claim(&mut self, ix: OrderIx, turn: &Turn<'_>) {
        let key = &turn.settings.hash_key;
        let (hash, who) = (self.order(ix).hash(key, &self.stock), self.order(ix).claimants(key));
        self.claims.remove(self.in_line(ix), &who);
        self.let_go(ix);
        self.uncount(ix, turn.settings);
        self.orders.remove(hash, ix);
    }

    /// A buyer wants what he claimed no more: one SKU, or all.
    pub(crate) fn withdraw(
        &mut self,
        platform: &Id,
        buyer_id: &Id,
        sku: Option<SkuIx>,
        turn: &Turn<'_>,
    ) {
        let who = digest::buyer(&turn.settings.hash_key, platform, buyer_id);
        for (_, ix) in self.claims.of(&[who]) {
            if sku.is_none_or(|sku| self.order(ix).lines[0].sku == sku) {
                self.end_claim(ix, turn);
            }
        }
    }

    /// An order asks: what its buyer claimed of what it needs is released to it.
    pub(crate) fn take_over_claims(&mut self, ix: OrderIx, turn: &Turn<'_>) {
        for claim in self.claims_for(ix, turn.settings) {
            self.end_claim(claim, turn);
        }
    }

    /// What an order's buyer has claimed of what it needs.
    pub(crate) fn claims_for(&self, ix: OrderIx, settings: &Settings) -> Vec<OrderIx> {
        let order = self.order(ix);
        if self.claims.len() == 0 || order.claim {
            return Vec::new();
        }
        let needs = order.needs(&self.stock).into_iter().map(|(sku, _)| sku);
        let lines = order.lines.iter().filter(|line| line.quantity > 0).map(|line| line.sku);
        let asks: Vec<SkuIx> = lines.chain(needs).collect();
        let claims = self.claims.of(&order.claimants(&settings.hash_key)).into_iter();
        let asked = |claim: &OrderIx| asks.contains(&self.order(*claim).lines[0].sku);
        claims.map(|(_, claim)| claim).filter(asked).collect()
    }

    /// What any of these have claimed: units of a SKU each, by place.
    pub(crate) fn claims_of(&self, who: &[u128]) -> Vec<(Id, u64)> {
        let claim = |(_, ix): InLine| {
            let line = &self.order(ix).lines[0];
            (self.stock.sku(line.sku).id.clone(), u64::from(line.quantity))
        };
        self.claims.of(who).into_iter().map(claim).collect()
    }

    /// Ends the claims that were made in a session; returns how many.
    pub(crate) fn end_claims_of(&mut self, session: &Id, turn: &Turn<'_>) -> u64 {
        let made = |who: &&InLine| self.order(who.1).session_id.get() == Some(session);
        let claims: Vec<InLine> = self.claims.all.iter().filter(made).copied().collect();
        for &(_, ix) in &claims {
            self.end_claim(ix, turn);
        }
        claims.len() as u64
    }
}
