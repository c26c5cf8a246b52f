//! Storms: adversarial but plausible input from a seed, to hold one reading of the contract against another.
//!
//! Each seed first draws its own rates (a swarm): some storms are all amendments, some all adjustments, some
//! jump days ahead. [`Storm::new`] makes one, [`shrink()`] finds the few inputs that a failure needs, [`spell()`] writes them as
//! a bridge would.

mod catalogue;
mod chatter;
mod dispatch;
mod features;
mod giant;
mod life;
mod play;
mod shelf;
mod shrink;
mod spell;

use allotment::{Body, Event, Id, Input, Item, Rejected, RejectedOrder, Time, What};

pub use chatter::COMMENTS;
pub use features::{Feature, Features};
pub use giant::enlarged;
pub use play::Scene;
pub use shrink::shrink;
pub use spell::{TYPES, spell};

use crate::rng::Rng;
use life::Life;

/// When every storm begins: 2026-11-22 12:00 UTC, in milliseconds.
const BEGIN: i64 = 1_795_348_800_000;
const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;
const DAY: i64 = 24 * HOUR;

/// Percentages and sizes that one storm keeps to.
#[derive(Clone, Debug)]
struct Rates {
    pools: i64,
    skus: i64,
    orders: i64,
    platforms: i64,
    versions: i64,
    permuted: i64,
    repeated: i64,
    conflicting: i64,
    plenty: i64,
    big_lines: i64,
    stock_events: i64,
    policies: i64,
    rejects: i64,
    strays: i64,
    jumps: i64,
    long_jumps: i64,
    slack: i64,
    pays: i64,
    amends: i64,
    refunds: i64,
    holds: i64,
    cancels: i64,
    snapshots: i64,
    leaves: i64,
    unknown: i64,
    ties: i64,
    refs: i64,
    features: Features,
}

impl Rates {
    fn has(&self, feature: Feature) -> bool {
        self.features.has(feature)
    }

    fn draw(rng: &mut Rng, features: Features) -> Self {
        // Mostly small, sometimes nothing, sometimes what the whole storm is about.
        let rate = |rng: &mut Rng| [0, 3, 10, 25, 60][rng.below(5) as usize];
        Self {
            pools: rng.between(1, 3),
            skus: rng.between(1, 3),
            // Once in a while a crowd: more orders than an alert names.
            orders: if rng.percent(1) { 130 } else { [2, 4, 8, 14, 20][rng.below(5) as usize] },
            platforms: rng.between(1, 3),
            versions: [0, 50, 100][rng.below(3) as usize],
            permuted: rate(rng),
            repeated: rate(rng),
            conflicting: rate(rng) / 3,
            plenty: [0, 0, 30, 100][rng.below(4) as usize],
            big_lines: rate(rng),
            stock_events: [10, 30, 60][rng.below(3) as usize],
            policies: rate(rng) / 2,
            rejects: rate(rng) / 4,
            strays: rate(rng) / 4,
            jumps: rate(rng),
            long_jumps: rate(rng) / 4,
            slack: rate(rng),
            pays: [10, 50, 90][rng.below(3) as usize],
            amends: rate(rng),
            refunds: rate(rng),
            holds: rate(rng),
            cancels: rate(rng),
            snapshots: rate(rng),
            leaves: rate(rng),
            unknown: rate(rng) / 6,
            ties: rate(rng),
            refs: [0, 0, 30][rng.below(3) as usize],
            features,
        }
    }
}

/// A seeded sequence of inputs, in the order in which they reach us.
#[derive(Clone, Debug)]
pub struct Storm {
    /// What comes in.
    pub inputs: Vec<Input>,
}

/// What has been thought of and not yet come: an event, and when it will.
struct Pending {
    arrival: i64,
    input: Input,
}

impl Storm {
    /// The storm of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with(seed, &Features::all())
    }

    /// The storm of this seed, with some of these features.
    #[must_use]
    pub fn with(seed: u64, features: &Features) -> Self {
        let mut rng = Rng::new(seed);
        let rates = Rates::draw(&mut rng, features.draw(seed));
        let mut pending = Vec::new();
        for pool in 0..rates.pools {
            let pool = Id::new(["p", "q/1", "r%"][pool as usize]);
            shelf::fill(&mut rng, &rates, &pool, &mut pending);
            Life::of_all(&mut rng, &rates, &pool, &mut pending);
            catalogue::fill(&mut rng, &rates, &pool, &mut pending);
            dispatch::fill(&mut rng, &rates, &pool, &mut pending);
            chatter::fill(&mut rng, &rates, &pool, &mut pending);
        }
        Self { inputs: arrive(&mut rng, &rates, pending) }
    }

    /// The storm without those of its inputs that are not the pool's.
    #[must_use]
    pub fn of_pool(&self, pool: &Id) -> Self {
        Self { inputs: self.inputs.iter().filter(|i| i.pool == *pool).cloned().collect() }
    }
}

/// Puts everything in the order of its arrival, with repeats, conflicts, strays, jumps and rejects.
fn arrive(rng: &mut Rng, rates: &Rates, mut pending: Vec<Pending>) -> Vec<Input> {
    let mut more = Vec::new();
    for one in &pending {
        if rng.percent(rates.repeated) {
            more.push(again(rng, one));
        }
        if rng.percent(rates.conflicting) {
            let other = &pending[rng.below(pending.len() as u64) as usize];
            more.extend(conflict(one, other));
        }
        if rng.percent(rates.strays) {
            more.push(stray(rng, one));
        }
        if rng.percent(rates.rejects) {
            more.push(reject(rng, one));
        }
    }
    pending.append(&mut more);
    pending.sort_by_key(|one| one.arrival);
    let mut later = 0;
    let mut inputs = Vec::new();
    for one in pending {
        if rng.percent(rates.jumps) {
            later += rng.between(1, 90) * SECOND;
        }
        if rng.percent(rates.long_jumps) {
            later += [HOUR, 20 * HOUR, 3 * DAY, 8 * DAY, 200 * DAY][rng.below(5) as usize];
        }
        // Arrivals of neighbours may cross: the greatest so far counts.
        let slack = if rng.percent(rates.slack) { rng.between(0, 5) * SECOND } else { 0 };
        inputs.push(shifted(one.input, one.arrival + later - slack, later));
    }
    inputs
}

/// The same input, as it comes `later` because everything comes later.
fn shifted(mut input: Input, arrival: i64, later: i64) -> Input {
    input.arrival = Time(arrival);
    if let Body::Event(event) = &mut input.body {
        event.occurred_at.0 += later;
        if let What::Received(received) = &mut event.what {
            received.best_before = received.best_before.map(|t| Time(t.0 + later));
        }
        if let What::Item(Item { backorder: Some(backorder), .. }) = &mut event.what {
            backorder.until = backorder.until.map(|t| Time(t.0 + later));
        }
    }
    input
}

fn again(rng: &mut Rng, one: &Pending) -> Pending {
    let mut input = one.input.clone();
    let arrival = one.arrival + rng.between(0, 600) * SECOND;
    if let Body::Event(event) = &mut input.body
        && rng.percent(30)
    {
        event.occurred_at.0 += rng.between(0, 60) * SECOND;
    }
    Pending { arrival, input }
}

/// Another event with the identity of this one.
fn conflict(one: &Pending, other: &Pending) -> Option<Pending> {
    let (Body::Event(first), Body::Event(second)) = (&one.input.body, &other.input.body) else {
        return None;
    };
    if first.platform != second.platform || one.input.pool != other.input.pool {
        return None;
    }
    let event = Event { event_id: first.event_id.clone(), ..second.clone() };
    let arrival = one.arrival.max(other.arrival);
    Some(Pending { arrival, input: Input { body: Body::Event(event), ..one.input.clone() } })
}

/// The same with a clock that is days wrong, either way.
fn stray(rng: &mut Rng, one: &Pending) -> Pending {
    let mut input = one.input.clone();
    if let Body::Event(event) = &mut input.body {
        event.event_id = Id::new(&format!("{}-stray", event.event_id));
        event.occurred_at.0 +=
            [-8 * DAY, -7 * DAY, -6 * DAY, DAY, DAY + 1, 3 * DAY][rng.below(6) as usize];
    }
    Pending { arrival: one.arrival, input }
}

/// Input that the border could not read, for the same order or for nobody.
fn reject(rng: &mut Rng, one: &Pending) -> Pending {
    let code = allotment::Code::OutOfRange;
    let order = match &one.input.body {
        Body::Event(Event { platform, event_id, what: What::Order(order), .. }) => {
            Some(RejectedOrder {
                platform: platform.clone(),
                order_id: order.order_id.clone(),
                event_id: rng.percent(70).then(|| Id::new(&format!("{event_id}-bad"))),
            })
        }
        _ => None,
    };
    let nobody = order.is_none() && rng.percent(50);
    let body = Body::Rejected(Rejected { code, order });
    let pool = if nobody { Id::default() } else { one.input.pool.clone() };
    Pending { arrival: one.arrival, input: Input { pool, body, ..one.input.clone() } }
}
