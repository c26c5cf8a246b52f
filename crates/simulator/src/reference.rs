//! The reference model: contract.md §5 read again, apart from the allotment, slow and obvious.
//!
//! It keeps what was told and works out the rest each time by looking at everything; it has no index and
//! nothing that is remembered only to be quick. It shares the allotment's vocabulary (what comes in, what
//! goes out) and none of its logic. Where the contract leaves a choice, `reference/READING.md` says which
//! one was made here. Reading order: `facts`, `order`, `stock`, `verbs`, `asking`, `ending`, `passing`; then one
//! file a concern.

mod alerts;
mod asking;
mod backorder;
mod bundles;
mod channels;
mod claims;
mod comments;
mod counting;
mod courier;
mod door;
mod ending;
mod facts;
mod levels;
mod limits;
mod order;
mod passing;
mod pool;
mod preemption;
mod quality;
mod recalling;
mod sessions;
mod stock;
mod surge;
#[cfg(test)]
mod tests;
mod truck;
mod verbs;
mod warehouse;
mod waves;

use std::collections::BTreeMap;

use allotment::{Body, Code, Effects, Id, Input, Settings, TOO_MANY_POOLS, Taken, Time};

use pool::Pool;

/// Units that were counted or adjusted in without a lot are in the lot of this name.
const COUNTED: &str = "counted";

/// The pools of one partition, as the contract describes them.
#[derive(Clone, Debug)]
pub struct Reference {
    settings: Settings,
    now: Time,
    pools: BTreeMap<Id, Pool>,
    /// As many new pools as an hour may bring.
    new_pools: u32,
    /// In which hour each pool was first heard of.
    births: Vec<i64>,
}

impl Reference {
    /// A partition to which nothing has happened yet.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self {
            settings,
            now: Time::MIN,
            pools: BTreeMap::new(),
            new_pools: u32::MAX,
            births: Vec::new(),
        }
    }

    /// The time as this partition knows it.
    #[must_use]
    pub const fn now(&self) -> Time {
        self.now
    }

    /// From here on an hour may bring so many new pools.
    pub const fn allow_pools(&mut self, an_hour: u32) {
        self.new_pools = an_hour;
    }

    /// Whether a pool is new, and one too many.
    fn too_many(&self, id: &Id, now: Time) -> bool {
        let young = self.births.iter().filter(|born| **born >= self.hour(now)).count();
        !id.is_empty() && !self.pools.contains_key(id) && young as u64 >= u64::from(self.new_pools)
    }

    /// The hour that a pool which comes now is counted in: none before that of another pool.
    fn hour(&self, now: Time) -> i64 {
        let hour = now.0.div_euclid(3_600_000);
        self.births.iter().copied().max().unwrap_or(hour).max(hour)
    }

    /// Lets time pass up to `now` and gives `input` its effect; a refused input leaves time where it was.
    pub fn apply(&mut self, now: Time, input: Input, out: &mut Effects) -> Taken {
        if self.too_many(&input.pool, self.now.max(now)) {
            let code = match input.body {
                Body::Event(_) => Code::OutOfRange,
                Body::Rejected(rejected) => rejected.code,
            };
            let at = self.time_of_refusal(input.arrival);
            self.pool(&Id::default()).refuse(at, code, None, out);
            return Taken::Refused { code, about: TOO_MANY_POOLS };
        }
        if !input.pool.is_empty() && !self.pools.contains_key(&input.pool) {
            self.births.push(self.hour(self.now.max(now)));
        }
        let event = match input.body {
            Body::Event(event) => event,
            Body::Rejected(rejected) => {
                let at = self.time_of_refusal(input.arrival);
                self.pool(&input.pool).refuse(at, rejected.code, rejected.order.as_ref(), out);
                return Taken::Applied;
            }
        };
        let now = self.now.max(now);
        let at = self.time_of_refusal(input.arrival);
        let window = self.settings.dedup_window;
        if let Some(refusal) = self.pool(&input.pool).refusal(now, input.arrival, window, &event) {
            let order = door::answered(&event);
            self.pool(&input.pool).refuse(at, refusal.code, order.as_ref(), out);
            return Taken::Refused { code: refusal.code, about: refusal.about };
        }
        self.advance(now, out);
        let settings = self.settings;
        let pool = self.pool(&input.pool);
        pool.event(input.arrival, event, &settings, out);
        pool.pass_time(now, &settings, out);
        Taken::Applied
    }

    /// Lets time pass up to `now`, deadline by deadline.
    pub fn advance(&mut self, now: Time, out: &mut Effects) {
        self.now = self.now.max(now);
        for pool in self.pools.values_mut() {
            pool.pass_time(self.now, &self.settings, out);
        }
    }

    /// When time next brings something about.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Time> {
        self.pools.values().filter_map(|pool| pool.next_deadline(&self.settings)).min()
    }

    /// The levels of all SKUs that changed since the last call.
    pub fn levels(&mut self, out: &mut Effects) {
        for pool in self.pools.values_mut() {
            pool.tell_levels(out);
        }
    }

    /// Tells at once what alerts are still adding up.
    pub fn flush_alerts(&mut self, out: &mut Effects) {
        for pool in self.pools.values_mut() {
            pool.flush_alerts(out);
        }
    }

    fn pool(&mut self, id: &Id) -> &mut Pool {
        let now = self.now;
        self.pools.entry(id.clone()).or_insert_with(|| Pool::new(id.clone(), now, &self.settings))
    }

    /// A refusal bears the time as it was; before there was any, the arrival of what is refused.
    fn time_of_refusal(&self, arrival: Time) -> Time {
        if self.now == Time::MIN { arrival } else { self.now }
    }
}
