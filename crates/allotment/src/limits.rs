//! How many units of a SKU one buyer may have in a season: over all orders and platforms of one person, and
//! of one platform's buyer. Either may refuse.

use crate::Settings;
use crate::bounds::USED_MAX;
use crate::digest::{self, Digester};
use crate::identity::Hashed;
use crate::order::{Order, OrderIx, Tally, Who, signed, units_of};
use crate::pool::Pool;
use crate::stock::{Part, SeasonIx, SkuIx};

/// Units that each buyer's orders count for, by buyer, SKU and season. It follows from the orders' tallies.
///
/// Nothing is counted before a SKU of the pool has a limit: most pools have none.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    counting: bool,
    sums: Hashed<u64>,
}

impl Limits {
    /// For a pool of which some SKU has a limit, or none has.
    pub(crate) fn new(counting: bool) -> Self {
        Self { counting, ..Self::default() }
    }

    pub(crate) const fn is_counting(&self) -> bool {
        self.counting
    }

    fn of(&self, key: &[u8; 16], who: u128, sku: SkuIx, season: SeasonIx) -> u64 {
        self.sums.get(&name(key, who, sku, season)).copied().unwrap_or_default()
    }

    /// A tally counts for `who` from now on, or no longer, with `change` units.
    fn count(&mut self, key: &[u8; 16], who: Who, tally: &Tally, change: i64) {
        if !self.counting || change == 0 {
            return;
        }
        for who in who.each() {
            let name = name(key, who, tally.sku, tally.season);
            let sum = self.sums.entry(name).or_default();
            *sum = sum.checked_add_signed(change).expect("a buyer's sum is never negative");
            if *sum == 0 {
                self.sums.remove(&name);
            }
        }
    }

    /// Adds what all tallies of an order count for.
    pub(crate) fn add(&mut self, key: &[u8; 16], order: &Order) -> Result<(), &'static str> {
        if !self.counting {
            return Ok(());
        }
        let who = order.who(key);
        for tally in order.tallies() {
            let sums = who.each().map(|who| self.of(key, who, tally.sku, tally.season));
            let most = sums.max().unwrap_or_default();
            if tally.wanted > USED_MAX - most {
                return Err("its buyer has more units than can be counted");
            }
            self.count(key, who, tally, signed(tally.wanted));
        }
        Ok(())
    }

    /// Asserts that a count is the same.
    pub(crate) fn assert_same(&self, recounted: &Self) {
        assert!(self.sums == recounted.sums, "what buyers' orders count for is what is counted");
    }

    pub(crate) fn weight(&self) -> usize {
        self.sums.allocation_size()
    }
}

/// More was asked for than a buyer may have: of this SKU, where it is just one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OverLimit {
    pub(crate) of: Option<SkuIx>,
}

/// What a limit says of an order, in units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limited {
    pub(crate) sku: SkuIx,
    pub(crate) limit: u64,
    /// What counts for its buyer beside it: of the person or of the platform's buyer, whichever is more.
    pub(crate) others: u64,
    /// What it counted for before.
    before: u64,
    pub(crate) wish: u64,
}

impl Limited {
    const fn is_over(&self) -> bool {
        self.wish > self.before && self.others + self.wish > self.limit
    }
}

fn name(key: &[u8; 16], who: u128, sku: SkuIx, season: SeasonIx) -> u128 {
    let mut digester = Digester::new(key);
    digester.bytes(&who.to_le_bytes()).count(sku.0.into()).count(season.0.into());
    digester.finish()
}

impl Order {
    /// Whose limits it counts against, by the newest word of its events.
    pub(crate) fn who(&self, key: &[u8; 16]) -> Who {
        if let Some(kept) = &self.kept {
            return kept.who;
        }
        let person = self.person_ref.get().map(|person| digest::person(key, person));
        let buyer = self.buyer_id.get();
        Who { person, buyer: buyer.map(|buyer| digest::buyer(key, &self.name.platform, buyer)) }
    }
}

impl Pool {
    /// Whether an order's lines ask for more than its buyer may have, and for more than before.
    pub(crate) fn over_limit(&self, ix: OrderIx, settings: &Settings) -> Option<OverLimit> {
        let mut over = self.limited(ix, settings).filter(Limited::is_over);
        let first = over.next()?;
        Some(OverLimit { of: over.next().is_none().then_some(first.sku) })
    }

    /// What limits say of what an order's lines ask for: nothing, where neither its buyer nor the person is known.
    pub(crate) fn limited(
        &self,
        ix: OrderIx,
        settings: &Settings,
    ) -> impl Iterator<Item = Limited> {
        let order = self.order(ix);
        let key = &settings.hash_key;
        // What its buyer has claimed of it is the order's own.
        let claims = self.claims_for(ix, settings);
        let claimed = move |who: u128, sku: SkuIx, season: SeasonIx| -> u64 {
            let claims = claims.iter().map(|&claim| self.order(claim));
            let his = claims.filter(|claim| claim.who(key).each().any(|other| other == who));
            let tallies = his.filter_map(|claim| claim.tally(sku));
            let tallies = tallies.filter(|tally| tally.season == season);
            tallies.map(|tally| tally.wanted).sum()
        };
        let limited = move |(sku, wish): Part| {
            let limit = self.stock.sku(sku).limit_per_buyer?;
            let tally = order.tally(sku);
            let season = tally.map_or(self.stock.sku(sku).season, |tally| tally.season);
            let before = tally.map_or(0, |tally| tally.wanted);
            let others = order.who(key).each().map(|who| {
                self.limits.of(key, who, sku, season) - before - claimed(who, sku, season)
            });
            let others = others.max()?;
            Some(Limited { sku, limit: limit.into(), others, before, wish })
        };
        order.asks_for(&self.stock).into_iter().filter_map(limited)
    }

    /// A SKU has a limit: from now on what buyers' orders count for is counted. The first time, all orders are looked at.
    pub(crate) fn count_for_limits(&mut self, settings: &Settings) {
        if self.limits.counting {
            return;
        }
        self.limits.counting = true;
        for order in self.orders.all() {
            self.limits.add(&settings.hash_key, order).expect("a buyer's units can be counted");
        }
    }

    /// Brings what an order counts for against limits in line with where it stands.
    pub(crate) fn count_wanted(&mut self, ix: OrderIx, settings: &Settings) {
        let order = self.orders.get(ix);
        if order.closed || order.tallies().is_empty() {
            return;
        }
        let wants = order.wants(&self.stock);
        if order.tallies().iter().all(|tally| tally.wanted == units_of(&wants, tally.sku)) {
            return;
        }
        if self.limits.counting {
            let who = order.who(&settings.hash_key);
            for tally in order.tallies() {
                let change = signed(units_of(&wants, tally.sku)) - signed(tally.wanted);
                self.limits.count(&settings.hash_key, who, tally, change);
            }
        }
        for tally in &mut self.order_mut(ix).tallies {
            tally.wanted = units_of(&wants, tally.sku);
        }
    }

    /// Asserts that all counts are those of the orders' tallies, and those what the orders show.
    pub(crate) fn assert_counts(&self, settings: &Settings) {
        let mut limits = Limits::new(self.limits.counting);
        for order in self.orders.all() {
            limits.add(&settings.hash_key, order).expect("what was counted can be");
            order.check_tallies(&self.stock).expect("an order's tallies are what it shows");
        }
        self.limits.assert_same(&limits);
        self.stock.assert_sums(self.orders.all());
        self.assert_weights();
    }

    /// An order is forgotten, and what it counted for with it.
    pub(crate) fn uncount(&mut self, ix: OrderIx, settings: &Settings) {
        let order = self.orders.get(ix);
        let who = order.who(&settings.hash_key);
        for tally in order.tallies() {
            let (used, joined) = (tally.change(), signed(tally.joined));
            self.limits.count(&settings.hash_key, who, tally, -signed(tally.wanted));
            self.stock.count_used(tally.sku, tally.season, &order.name.platform, -used);
            self.stock.count_joined(tally.sku, tally.season, -joined);
            if used > 0 {
                // Its platform may sell as much more.
                self.stock.offer(tally.sku);
            }
        }
    }

    /// What an order counts for is somebody else's from now on.
    pub(crate) fn count_for(&mut self, ix: OrderIx, before: Who, settings: &Settings) {
        let order = self.orders.get(ix);
        let now = order.who(&settings.hash_key);
        if now == before {
            return;
        }
        for tally in order.tallies() {
            let units = signed(tally.wanted);
            self.limits.count(&settings.hash_key, before, tally, -units);
            self.limits.count(&settings.hash_key, now, tally, units);
        }
    }
}
