//! The pools of one Kafka partition, and the time that passes through all of them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::image::{Broken, Images, Page, Restorer};
use crate::newcomers::{Newcomers, TOO_MANY_POOLS};
use crate::order::OrderIx;
use crate::pool::Pool;
use crate::{
    Account, Asks, Body, Code, Effects, Id, Input, Millis, OrderRef, Rejected, Taken, Time, digest,
};

/// What a deployment sets once, for all of its partitions; part of its state, so that digests agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long identities are remembered, and finished orders in full.
    pub dedup_window: Millis,
    /// How long a finished order's standing, place and numbers are kept after that.
    pub closed_retention: Millis,
    /// Keys every hash, so that nobody outside can aim at one.
    pub hash_key: [u8; 16],
    /// Whether a page of a manifest is told anew when a parcel on it changes or drops out. By the contract it is
    /// told once, when its wave closes.
    pub manifest_corrections: bool,
}

impl Default for Settings {
    fn default() -> Self {
        const DAY: i64 = 24 * 60 * 60;
        Self {
            dedup_window: Millis::from_secs(7 * DAY),
            closed_retention: Millis::from_secs(180 * DAY),
            hash_key: *b"granary-default!",
            manifest_corrections: false,
        }
    }
}

/// How much a partition holds in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// Pools.
    pub pools: u64,
    /// Orders, the finished ones that are remembered included.
    pub orders: u64,
    /// Identities of deliveries.
    pub identities: u64,
    /// Bytes of memory, estimated: within a quarter of what an allocator counts, for state of any size
    /// that matters.
    pub bytes: u64,
}

/// The pools of one Kafka partition.
#[derive(Debug)]
pub struct Partition {
    pub(crate) settings: Settings,
    now: Time,
    pub(crate) pools: Vec<Pool>,
    by_id: BTreeMap<Id, usize>,
    /// The first thing due in each pool.
    due: BTreeSet<(Time, usize)>,
    /// See [`Partition::told_by_time`].
    by_time: usize,
    /// Pools with levels to publish.
    dirty: BTreeSet<usize>,
    /// The sum of the pools' digests, kept because it is asked for with every transaction.
    digest: u128,
    /// The sum of what the pools hold, kept because it is asked for with every transaction.
    holds: Holds,
    newcomers: Newcomers,
    pub(crate) images: Images,
}

impl Partition {
    /// A partition to which nothing has happened yet.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self {
            settings,
            now: Time::MIN,
            pools: Vec::new(),
            by_id: BTreeMap::new(),
            due: BTreeSet::new(),
            by_time: 0,
            digest: 0,
            holds: Holds { pools: 0, orders: 0, identities: 0, bytes: 0 },
            newcomers: Newcomers::new(),
            images: Images::new(),
            dirty: BTreeSet::new(),
        }
    }

    /// The partition of these pages, at `now`. For one that is large, a [`Restorer`] takes them one by one.
    pub fn restore(
        settings: Settings,
        now: Time,
        pages: impl IntoIterator<Item = Page>,
    ) -> Result<Self, Broken> {
        let mut restorer = Restorer::new(settings, now);
        for page in pages {
            restorer.page(page)?;
        }
        restorer.finish()
    }

    /// The partition of these pools, which have been restored.
    pub(crate) fn of_pools(settings: Settings, now: Time, pools: Vec<Pool>) -> Self {
        let by_id = pools.iter().enumerate().map(|(ix, pool)| (pool.id.clone(), ix)).collect();
        let due = |(ix, pool): (usize, &Pool)| pool.next_due().map(|at| (at, ix));
        let levels = |(ix, pool): (usize, &Pool)| (!pool.dirty.is_empty()).then_some(ix);
        let count = pools.len();
        let mut partition = Self {
            now,
            by_id,
            due: pools.iter().enumerate().filter_map(due).collect(),
            dirty: pools.iter().enumerate().filter_map(levels).collect(),
            digest: pools.iter().fold(0, |sum, pool| sum.wrapping_add(pool.digest())),
            pools,
            ..Self::new(settings)
        };
        for pool in &partition.pools {
            if let Some(born) = pool.born {
                partition.newcomers.came(&pool.id, born);
            }
        }
        (0..count).for_each(|ix| partition.recount(ix));
        partition
    }

    /// The time as this partition knows it; [`Time::MIN`] before anything happened.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// Lets time pass up to `now` and gives `input` its effect.
    ///
    /// `now` is the greatest arrival so far, this input's included. Where the input is refused, nothing
    /// but its answer and its count happens, and the partition's `now` stays where it was.
    pub fn apply(&mut self, now: Time, input: Input, out: &mut Effects) -> Taken {
        let now = now.max(self.now);
        let before = out.list.len();
        self.by_time = 0;
        let Some(ix) = self.pool_index(&input.pool, now) else {
            return self.turn_away(&input, out);
        };
        let taken = match self.pools[ix].refuses(now, &input, &self.settings) {
            None => {
                self.advance(now, out);
                self.by_time = out.list.len() - before;
                self.with_pool(ix, |pool, settings| pool.take(now, input, settings, out));
                // An order that fits again has its old deadline, which may be over by now.
                self.advance(now, out);
                Taken::Applied
            }
            Some(refusal) => {
                let at = self.now;
                self.with_pool(ix, |pool, settings| {
                    pool.reject(at, refusal.code, &input, settings, out)
                });
                if refusal.at_border { Taken::Applied } else { refusal.into() }
            }
        };
        assert!(now >= self.now, "time does not go back");
        taken
    }

    /// From here on an hour of the partition's time may bring so many new pools. What comes for one more is refused
    /// with [`crate::TOO_MANY_POOLS`].
    pub const fn allow_pools(&mut self, an_hour: u32) {
        self.newcomers.allow(an_hour);
    }

    /// How many new pools an hour may bring.
    #[must_use]
    pub const fn pools_allowed(&self) -> u32 {
        self.newcomers.most
    }

    /// Refuses what is for a pool too many: it is counted with what has no pool, and not answered, since an answer's
    /// number would have to be remembered.
    fn turn_away(&mut self, input: &Input, out: &mut Effects) -> Taken {
        let code = match &input.body {
            Body::Rejected(rejected) => rejected.code,
            Body::Event(_) => Code::OutOfRange,
        };
        let body = Body::Rejected(Rejected { code, order: None });
        let of_none = Input { pool: Id::default(), arrival: input.arrival, body };
        let ix =
            self.pool_index(&of_none.pool, self.now).expect("what has no name is always let in");
        let at = self.now;
        self.with_pool(ix, |pool, settings| pool.reject(at, code, &of_none, settings, out));
        Taken::Refused { code, about: TOO_MANY_POOLS }
    }

    /// Whether `input` would be taken, and move time to `now` where that is later. Changes nothing.
    #[must_use]
    pub fn takes(&self, now: Time, input: &Input) -> bool {
        let now = now.max(self.now);
        match self.by_id.get(&input.pool) {
            Some(&ix) => self.pools[ix].refuses(now, input, &self.settings),
            None if !self.newcomers.has_room(&input.pool, now) => return false,
            None => Pool::new(input.pool.clone()).refuses(now, input, &self.settings),
        }
        .is_none()
    }

    /// How many of the effects of the last [`Partition::apply`], the first of them, came of the time that
    /// passed before its input; the rest came of the input itself.
    #[must_use]
    pub const fn told_by_time(&self) -> usize {
        self.by_time
    }

    /// Lets time pass up to `now`, deadline by deadline. A `now` before the partition's own does nothing
    /// but what is due already.
    pub fn advance(&mut self, now: Time, out: &mut Effects) {
        let until = now.max(self.now);
        while let Some(&(at, ix)) = self.due.first()
            && at <= until
        {
            // A deadline that was set in the past is met at the time that it was seen.
            self.now = self.now.max(at);
            let at = self.now;
            self.with_pool(ix, |pool, settings| pool.tick(at, settings, out));
        }
        self.now = until;
    }

    /// When time next brings something about.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        self.due.first().map(|&(at, _)| at)
    }

    /// When the next page of identities ends, of which the memory can be had back with
    /// [`Partition::drop_ended`]. Looks at every pool.
    #[must_use]
    pub fn next_ending(&self) -> Option<Time> {
        self.pools.iter().filter_map(|pool| pool.identities.next_ending()).min()
    }

    /// Gives the memory of all identities back that have ended, also in pools to which nothing happens. Nothing
    /// else changes: an identity that has ended is unknown whether it is there or not.
    pub fn drop_ended(&mut self) {
        for ix in 0..self.pools.len() {
            if self.pools[ix].identities.next_ending().is_some_and(|end| end < self.now) {
                self.touch(ix);
                self.pools[ix].identities.forget(self.now);
                self.recount(ix);
            }
        }
    }

    /// The levels of all SKUs that changed since the last call, in a fixed order. Once a transaction.
    pub fn levels(&mut self, out: &mut Effects) {
        for ix in core::mem::take(&mut self.dirty) {
            self.touch(ix);
            self.pools[ix].publish_levels(out);
        }
    }

    /// Tells at once what alerts are still adding up; for the end of `granary process`.
    pub fn flush_alerts(&mut self, out: &mut Effects) {
        // Where nothing moved time, an alert bears the beginning of time as people write it.
        let now = self.now.max(Time(0));
        for ix in 0..self.pools.len() {
            self.with_pool(ix, |pool, settings| pool.flush_alerts(now, settings, out));
        }
    }

    /// Asserts that what is counted as orders change is what a walk over all orders counts; for tests.
    pub fn assert_counts(&self) {
        self.pools.iter().for_each(|pool| pool.assert_counts(&self.settings));
    }

    /// A sum over the pools of all that was applied and all that was decided.
    #[must_use]
    pub const fn digest(&self) -> u128 {
        self.digest
    }

    /// How an order of a pool stands, if anything is known of it. Walks those who hold what it needs, so it is
    /// for who asks, not for every event.
    #[must_use]
    pub fn account(&self, pool: &Id, order: &OrderRef) -> Option<Account> {
        let (pool, ix) = self.find(pool, order)?;
        Some(pool.account(ix, &self.settings))
    }

    /// What an order of a pool asks for, if anything is known of it. Looks at nobody else's.
    #[must_use]
    pub fn asks(&self, pool: &Id, order: &OrderRef) -> Option<Asks> {
        let (pool, ix) = self.find(pool, order)?;
        Some(pool.asks(ix))
    }

    /// What comments hold for a buyer of a platform, or for a person: units of a SKU each, by place in line.
    #[must_use]
    pub fn claims(
        &self,
        pool: &Id,
        platform: &Id,
        buyer_id: Option<&Id>,
        person_ref: Option<&Id>,
    ) -> Vec<(Id, u64)> {
        let key = &self.settings.hash_key;
        let buyer = buyer_id.map(|buyer| digest::buyer(key, platform, buyer));
        let person = person_ref.map(|person| digest::person(key, person));
        let who: Vec<u128> = buyer.into_iter().chain(person).collect();
        self.by_id.get(pool).map_or_else(Vec::new, |&ix| self.pools[ix].claims_of(&who))
    }

    fn find(&self, pool: &Id, order: &OrderRef) -> Option<(&Pool, OrderIx)> {
        let pool = &self.pools[*self.by_id.get(pool)?];
        let key = &self.settings.hash_key;
        let name = digest::identity(key, &order.platform, &order.order_id);
        pool.orders.find(name).map(|ix| (pool, ix))
    }

    /// How much it holds in memory.
    #[must_use]
    pub const fn holds(&self) -> Holds {
        self.holds
    }

    /// Brings what the partition holds in line with a pool that has changed.
    pub(crate) fn recount(&mut self, ix: usize) {
        let pool = &mut self.pools[ix];
        let now = pool.weigh();
        let before = core::mem::replace(&mut pool.holds, now);
        let change = |sum: &mut u64, before: u64, now: u64| *sum = *sum - before + now;
        change(&mut self.holds.pools, before.pools, now.pools);
        change(&mut self.holds.orders, before.orders, now.orders);
        change(&mut self.holds.identities, before.identities, now.identities);
        change(&mut self.holds.bytes, before.bytes, now.bytes);
    }

    /// The pool of that name, a new one if there is none; `None` if it would be one too many.
    fn pool_index(&mut self, id: &Id, now: Time) -> Option<usize> {
        if let Some(&ix) = self.by_id.get(id) {
            return Some(ix);
        }
        if !self.newcomers.has_room(id, now) {
            return None;
        }
        let born = now.max(self.newcomers.time());
        self.newcomers.came(id, born);
        let mut pool = Pool::new(id.clone());
        pool.born = Some(born);
        self.pools.push(pool);
        self.by_id.insert(id.clone(), self.pools.len() - 1);
        Some(self.pools.len() - 1)
    }

    /// Lets `act` change a pool, and keeps the partition's view of it right.
    fn with_pool(&mut self, ix: usize, act: impl FnOnce(&mut Pool, &Settings)) {
        self.touch(ix);
        let pool = &mut self.pools[ix];
        let before = pool.next_due();
        self.digest = self.digest.wrapping_sub(pool.digest());
        act(pool, &self.settings);
        self.digest = self.digest.wrapping_add(pool.digest());
        let after = pool.next_due();
        if before != after {
            if let Some(before) = before {
                self.due.remove(&(before, ix));
            }
            if let Some(after) = after {
                self.due.insert((after, ix));
            }
        }
        if !pool.dirty.is_empty() {
            self.dirty.insert(ix);
        }
        self.recount(ix);
    }
}

#[cfg(test)]
mod scale;
#[cfg(test)]
mod storms;
