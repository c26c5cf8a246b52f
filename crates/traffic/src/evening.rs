//! A live-sale evening of one county, from a seed: what the bridge publishes, when, and how it goes wrong.
//!
//! Each pool is a village with a dozen goods and 300 to 500 orders on four platforms. The host shows one
//! item after the other, and orders come in bursts. Two items sell out; one platform goes on selling what
//! is gone, so a handful of orders are paid and oversold. Buyers pay after seconds or minutes, or never;
//! they cancel, amend and ask for refunds. The bridge delivers some events late, in the wrong order or
//! twice, and a few records are rubbish.
//!
//! [`evening`] only makes bytes: it knows no broker and no clock, and the same [`Plan`] gives the same
//! bytes on every machine. All references to people are opaque.

mod bridge;
mod orders;
#[cfg(test)]
mod played;
mod shelf;
mod stage;
mod story;
#[cfg(test)]
mod tests;

use allotment::{Millis, Time};

use self::bridge::Bridge;
use self::shelf::Shelf;
use self::stage::Happening;
use crate::rng::Rng;

/// What evening it shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Decides everything that follows.
    pub seed: u64,
    /// Number of the first pool. Pools differ by number, so a second evening continues where the first ended.
    pub first_pool: u32,
    /// How many pools sell at once.
    pub pools: u32,
    /// When it begins; `occurred_at` and `received_at` follow from it. The events are to be published then:
    /// one that reaches a broker more than a day early, or a week late, is a dead letter.
    pub start: Time,
    /// How long it takes, at least half a minute. Everything is squeezed into it, reservations included;
    /// forty minutes is a usual session.
    pub length: Millis,
}

impl Plan {
    /// One pool and the usual forty minutes.
    #[must_use]
    pub const fn usual(seed: u64, start: Time) -> Self {
        Self { seed, first_pool: 0, pools: 1, start, length: Millis(stage::SHOW) }
    }

    fn date_after(&self, days: i64) -> String {
        bridge::date_after(self.start, days)
    }
}

/// Which topic the bridge publishes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// The orders topic.
    Orders,
    /// The stock topic.
    Stock,
    /// The comments topic. Evenings have none; storms do, where they are played.
    Comments,
}

/// One record that the bridge publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// When, counted from the plan's start.
    pub at: Millis,
    /// Where.
    pub topic: Topic,
    /// The record's key: the pool.
    pub key: String,
    /// The record's value: JSON, or what was meant to be.
    pub value: Vec<u8>,
}

/// What was put into an evening, all pools together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Orders placed.
    pub orders: u32,
    /// Items that sell out.
    pub sell_outs: u32,
    /// Order events delivered a second time.
    pub duplicates: u32,
    /// Order events delivered late, often after younger ones of their order.
    pub late: u32,
    /// Deliveries whose identity was used before, with other content.
    pub conflicts: u32,
    /// Records that nobody can take.
    pub bad: u32,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.orders += other.orders;
        self.sell_outs += other.sell_outs;
        self.duplicates += other.duplicates;
        self.late += other.late;
        self.conflicts += other.conflicts;
        self.bad += other.bad;
    }
}

/// An evening: its records in the order in which they are published, and what is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evening {
    /// The records.
    pub deliveries: Vec<Delivery>,
    /// What is in them.
    pub tally: Tally,
}

/// The evening that `plan` asks for.
///
/// # Panics
///
/// Where the plan's start is not within the years -9999 to 9999.
#[must_use]
pub fn evening(plan: &Plan) -> Evening {
    let mut published = Vec::new();
    let mut tally = Tally::default();
    for number in plan.first_pool..plan.first_pool + plan.pools {
        let (records, of_pool) = pool_evening(plan, number);
        published.extend(records);
        tally.add(of_pool);
    }
    // Stable: within one millisecond pools come by number, and what a pool published keeps its order.
    published.sort_by_key(|(at, _)| *at);
    Evening { deliveries: published.into_iter().map(|(_, delivery)| delivery).collect(), tally }
}

fn pool_evening(plan: &Plan, number: u32) -> (Vec<(i64, Delivery)>, Tally) {
    let stream = |name| Rng::stream(plan.seed, number, name);
    let pool = shelf::pool_name(number);
    let shelf = Shelf::new(&mut stream("shelf"));
    let orders = orders::orders(&shelf, &mut stream("orders"));
    let mut happenings = shelf::stock_events(plan, &shelf, &orders, &mut stream("stock"));
    let mut telling = stream("story");
    for order in &orders {
        happenings.extend(story::tell(order, &pool, &mut telling));
    }
    happenings.extend(story::vans(&orders, &pool));
    happenings.sort_by_key(|happening| happening.at);

    let mut bridge = Bridge::new(plan, pool);
    bridge.carry(&happenings, &mut stream("bridge"));
    let victims = victims(&happenings, &mut stream("victims"));
    bridge.contradict(victims[0], &mut stream("contradict"));
    bridge.garble(victims[1], &mut stream("garble"));
    let (records, mut tally) = bridge.finish();
    tally.orders = u32::try_from(orders.len()).expect("a few hundred orders");
    tally.sell_outs = u32::try_from(shelf.scarce.len()).expect("two");
    (records, tally)
}

/// Two different placings with an identity of their own, of orders that have no part in a sell-out.
fn victims<'a>(happenings: &'a [Happening], rng: &mut Rng) -> [&'a Happening; 2] {
    let mut usual = happenings.iter().filter(|happening| {
        happening.kind == "order.created"
            && happening.travel.is_none()
            && happening.event_id.is_some()
    });
    let mut skip = || usize::try_from(rng.between(10, 60)).expect("a small number");
    let first = usual.nth(skip()).expect("hundreds of orders are placed");
    let second = usual.nth(skip()).expect("hundreds of orders are placed");
    [first, second]
}
