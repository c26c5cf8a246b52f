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

pub use features::{Feature, Features};
pub use giant::enlarged;
pub use play::Scene;
pub use shrink::shrink;
pub use spell::{TYPES, spell};

use crate::dice::Dice;
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

    fn draw(dice: &mut Dice, features: Features) -> Self {
        // Mostly small, sometimes nothing, sometimes what the whole storm is about.
        let rate = |dice: &mut Dice| [0, 3, 10, 25, 60][dice.below(5) as usize];
        Self {
            pools: dice.between(1, 3),
            skus: dice.between(1, 3),
            // Once in a while a crowd: more orders than an alert names.
            orders: if dice.percent(1) { 130 } else { [2, 4, 8, 14, 20][dice.below(5) as usize] },
            platforms: dice.between(1, 3),
            versions: [0, 50, 100][dice.below(3) as usize],
            permuted: rate(dice),
            repeated: rate(dice),
            conflicting: rate(dice) / 3,
            plenty: [0, 0, 30, 100][dice.below(4) as usize],
            big_lines: rate(dice),
            stock_events: [10, 30, 60][dice.below(3) as usize],
            policies: rate(dice) / 2,
            rejects: rate(dice) / 4,
            strays: rate(dice) / 4,
            jumps: rate(dice),
            long_jumps: rate(dice) / 4,
            slack: rate(dice),
            pays: [10, 50, 90][dice.below(3) as usize],
            amends: rate(dice),
            refunds: rate(dice),
            holds: rate(dice),
            cancels: rate(dice),
            snapshots: rate(dice),
            leaves: rate(dice),
            unknown: rate(dice) / 6,
            ties: rate(dice),
            refs: [0, 0, 30][dice.below(3) as usize],
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
        let mut dice = Dice::new(seed);
        let rates = Rates::draw(&mut dice, features.draw(seed));
        let mut pending = Vec::new();
        for pool in 0..rates.pools {
            let pool = Id::new(["p", "q/1", "r%"][pool as usize]);
            shelf::fill(&mut dice, &rates, &pool, &mut pending);
            Life::of_all(&mut dice, &rates, &pool, &mut pending);
            catalogue::fill(&mut dice, &rates, &pool, &mut pending);
            dispatch::fill(&mut dice, &rates, &pool, &mut pending);
            chatter::fill(&mut dice, &rates, &pool, &mut pending);
        }
        Self { inputs: arrive(&mut dice, &rates, pending) }
    }

    /// The storm without those of its inputs that are not the pool's.
    #[must_use]
    pub fn of_pool(&self, pool: &Id) -> Self {
        Self { inputs: self.inputs.iter().filter(|i| i.pool == *pool).cloned().collect() }
    }
}

/// Puts everything in the order of its arrival, with repeats, conflicts, strays, jumps and rejects.
fn arrive(dice: &mut Dice, rates: &Rates, mut pending: Vec<Pending>) -> Vec<Input> {
    let mut more = Vec::new();
    for one in &pending {
        if dice.percent(rates.repeated) {
            more.push(again(dice, one));
        }
        if dice.percent(rates.conflicting) {
            let other = &pending[dice.below(pending.len() as u64) as usize];
            more.extend(conflict(one, other));
        }
        if dice.percent(rates.strays) {
            more.push(stray(dice, one));
        }
        if dice.percent(rates.rejects) {
            more.push(reject(dice, one));
        }
    }
    pending.append(&mut more);
    pending.sort_by_key(|one| one.arrival);
    let mut later = 0;
    let mut inputs = Vec::new();
    for one in pending {
        if dice.percent(rates.jumps) {
            later += dice.between(1, 90) * SECOND;
        }
        if dice.percent(rates.long_jumps) {
            later += [HOUR, 20 * HOUR, 3 * DAY, 8 * DAY, 200 * DAY][dice.below(5) as usize];
        }
        // Arrivals of neighbours may cross: the greatest so far counts.
        let slack = if dice.percent(rates.slack) { dice.between(0, 5) * SECOND } else { 0 };
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

fn again(dice: &mut Dice, one: &Pending) -> Pending {
    let mut input = one.input.clone();
    let arrival = one.arrival + dice.between(0, 600) * SECOND;
    if let Body::Event(event) = &mut input.body
        && dice.percent(30)
    {
        event.occurred_at.0 += dice.between(0, 60) * SECOND;
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
fn stray(dice: &mut Dice, one: &Pending) -> Pending {
    let mut input = one.input.clone();
    if let Body::Event(event) = &mut input.body {
        event.event_id = Id::new(&format!("{}-stray", event.event_id));
        event.occurred_at.0 +=
            [-8 * DAY, -7 * DAY, -6 * DAY, DAY, DAY + 1, 3 * DAY][dice.below(6) as usize];
    }
    Pending { arrival: one.arrival, input }
}

/// Input that the border could not read, for the same order or for nobody.
fn reject(dice: &mut Dice, one: &Pending) -> Pending {
    let code = allotment::Code::OutOfRange;
    let order = match &one.input.body {
        Body::Event(Event { platform, event_id, what: What::Order(order), .. }) => {
            Some(RejectedOrder {
                platform: platform.clone(),
                order_id: order.order_id.clone(),
                event_id: dice.percent(70).then(|| Id::new(&format!("{event_id}-bad"))),
            })
        }
        _ => None,
    };
    let nobody = order.is_none() && dice.percent(50);
    let body = Body::Rejected(Rejected { code, order });
    let pool = if nobody { Id::default() } else { one.input.pool.clone() };
    Pending { arrival: one.arrival, input: Input { pool, body, ..one.input.clone() } }
}
