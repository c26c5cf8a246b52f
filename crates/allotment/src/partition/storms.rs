//! First come, first served, on random storms over plain orders, bundles, channels, limits and backorders.
//!
//! After each event and each instant, with all that the pool knows of its orders:
//!
//! - nobody waits beside a shelf that could fill them;
//! - nobody got stock while another order, at an earlier place, went on waiting for no more than that: unless
//!   the other is unpaid, and its platform could not have had it (contract §5);
//! - what is counted as orders change is what a walk over all of them counts.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::order::{Order, Tally, signed, units_of};
use crate::stock::{Part, SeasonIx, SkuIx};
use crate::*;

const STORMS: u64 = 150;
const EVENTS: u64 = 90;

/// A small generator of numbers that look random; everything a storm does follows from its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) % end
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn units(&mut self, most: u64) -> u32 {
        1 + self.below(most) as u32
    }

    fn pick(&mut self, names: &[&str]) -> Id {
        Id::new(names[self.below(names.len() as u64) as usize])
    }
}

const PLATFORMS: [&str; 3] = ["d", "w", "x"];
const SKUS: [&str; 3] = ["tea", "nut", "egg"];
const ORDERED: [&str; 5] = ["tea", "nut", "egg", "kit", "box"];

/// What the core knows of an order.
#[derive(Clone)]
struct Known {
    place: u64,
    platform: Id,
    paid: bool,
    waiting: Vec<Part>,
    /// What it holds or has been sent, of each SKU.
    got: Vec<Part>,
    /// The season in which it asked for each.
    seasons: Vec<(SkuIx, SeasonIx)>,
}

/// One storm on one pool.
struct Storm {
    seed: u64,
    dice: Dice,
    partition: Partition,
    orders: u64,
    events: u64,
    turns: u64,
}

impl Storm {
    fn new(seed: u64) -> Self {
        let dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let partition = Partition::new(Settings::default());
        let mut storm = Self { seed, dice, partition, orders: 0, events: 0, turns: 0 };
        let policy = PolicyChange {
            unpaid_shortage: Some(Shortage::Waitlist),
            partial: Some(storm.dice.one_in(3)),
            paid_preempts_reserved: Some(storm.dice.one_in(4)),
            reservation_ttl_s: Some(60),
            ..PolicyChange::default()
        };
        storm.happens("stock", What::Policy(policy));
        storm.happens("stock", bundle("kit", &[("tea", 1), ("nut", 1)]));
        storm.happens("stock", bundle("box", &[("egg", 2)]));
        storm
    }

    fn run(&mut self) {
        for _ in 0..EVENTS {
            let (platform, what) = match self.dice.below(20) {
                0..=6 => self.order(true),
                7..=11 => self.order(false),
                12..=15 => (Id::new("stock"), self.stock_event()),
                16..=18 => (Id::new("stock"), self.item()),
                _ => (Id::new("stock"), self.left()),
            };
            self.happens(&platform, what);
        }
    }

    /// Lets time pass and an event happen, and looks at what they brought about.
    fn happens(&mut self, platform: &str, what: What) {
        let now = Time(self.partition.now().max(Time(0)).0 + 1000 * self.dice.below(9) as i64);
        while let Some(at) = self.partition.next_deadline().filter(|&at| at <= now) {
            let what = format!("storm {}, {at:?}", self.seed);
            self.watch(&what, |partition| partition.advance(at, &mut Effects::default()));
        }
        self.events += 1;
        let event = Event {
            platform: Id::new(platform),
            event_id: Id::new(&format!("e{}", self.events)),
            occurred_at: now,
            what,
        };
        let what = format!("storm {}, event {}: {:?}", self.seed, self.events, event.what);
        let input = Input { pool: Id::new("p"), arrival: now, body: Body::Event(event) };
        self.watch(&what, |partition| {
            let taken = partition.apply(now, input, &mut Effects::default());
            assert_eq!(taken, Taken::Applied);
        });
    }

    fn order(&mut self, new: bool) -> (Id, What) {
        self.orders += u64::from(new || self.orders == 0);
        let number = if new { self.orders } else { 1 + self.dice.below(self.orders) };
        let platform = Id::new(PLATFORMS[(number % 3) as usize]);
        let verb = match (new, self.dice.below(10)) {
            (true, 0..=6) => OrderVerb::Created { lines: self.lines() },
            (true, _) => OrderVerb::Paid { lines: Some(self.lines()) },
            (false, 0..=3) => OrderVerb::Paid { lines: None },
            (false, 4..=5) => OrderVerb::Amended { lines: self.lines() },
            (false, 6) => OrderVerb::Refunded { lines: None },
            (false, 7) => {
                let sku = Some(self.dice.pick(&ORDERED));
                let line = RefundLine { line_id: None, sku, quantity: self.dice.units(2).into() };
                OrderVerb::Refunded { lines: Some(vec![line]) }
            }
            (false, _) => OrderVerb::Cancelled,
        };
        let order = OrderEvent {
            order_id: Id::new(&format!("{number}")),
            buyer_id: Some(Id::new(&format!("b{}", number % 7))),
            person_ref: self.dice.one_in(2).then(|| Id::new(&format!("p{}", number % 5))),
            session_id: None,
            recipient_ref: None,
            version: None,
            verb,
        };
        (platform, What::Order(order))
    }

    fn lines(&mut self) -> Vec<Line> {
        let line = |at: u64, dice: &mut Dice| Line {
            line_id: Id::new(&format!("{at}")),
            sku: dice.pick(&ORDERED),
            quantity: dice.units(4),
        };
        (0..1 + self.dice.below(2)).map(|at| line(at, &mut self.dice)).collect()
    }

    fn stock_event(&mut self) -> What {
        let sku = self.dice.pick(&SKUS);
        if self.dice.one_in(5) {
            let delta = -i64::from(self.dice.units(4));
            return What::Adjusted(Adjusted { sku, delta, lot_id: None, reason: None });
        }
        What::Received(Received {
            lot_id: Id::new(&format!("{sku}-{}", self.dice.below(3))),
            sku,
            quantity: self.dice.units(9),
            best_before: None,
            inspection: Inspection::Passed,
        })
    }

    fn item(&mut self) -> What {
        let dice = &mut self.dice;
        let channels = PLATFORMS.iter().filter(|_| dice.one_in(2));
        let channels: Vec<&str> = channels.copied().collect();
        let channel = |dice: &mut Dice, platform: &&str| Channel {
            platform: Id::new(platform),
            reserved: dice.one_in(2).then(|| dice.units(6)),
            max: dice.one_in(2).then(|| dice.units(9)),
        };
        let until = Time(self.partition.now().0 + 1000 * dice.below(200) as i64);
        What::Item(Item {
            sku: dice.pick(&SKUS),
            name: None,
            keywords: vec![],
            components: vec![],
            limit_per_buyer: dice.one_in(3).then(|| dice.units(9)),
            safety_stock: dice.one_in(3).then(|| dice.units(3)),
            low_stock_at: None,
            backorder: dice.one_in(3).then(|| Backorder {
                limit: dice.units(20),
                until: dice.one_in(2).then_some(until),
            }),
            channels: channels.iter().map(|platform| channel(dice, platform)).collect(),
            season: dice.one_in(3).then(|| dice.pick(&["spring", "autumn"])),
        })
    }

    fn left(&mut self) -> What {
        let number = 1 + self.dice.below(self.orders.max(1));
        let platform = Id::new(PLATFORMS[(number % 3) as usize]);
        let order = OrderRef { platform, order_id: Id::new(&format!("{number}")) };
        What::HandedOver(HandedOver { orders: vec![order], ..HandedOver::default() })
    }

    /// Looks at the pool before and after `act`, at `what` a failure says.
    fn watch(&mut self, what: &str, act: impl FnOnce(&mut Partition)) {
        let before = self.known();
        act(&mut self.partition);
        let after = self.known();
        self.partition.assert_counts();
        let Some(pool) = self.partition.pools.first() else { return };
        for order in pool.orders.all().filter(|order| order.waits() && !is_late(pool, order)) {
            assert!(
                !could_be_filled(pool, order),
                "{what}: {:?} waits beside a full shelf",
                order.name
            );
        }
        for (name, later) in &after {
            let had = before.get(name).map_or(&[][..], |known| &known.got);
            let got: Vec<Part> = later
                .got
                .iter()
                .map(|&(sku, units)| (sku, units.saturating_sub(units_of(had, sku))))
                .filter(|&(_, units)| units > 0)
                .collect();
            // What a paid order takes from reservations was on no shelf.
            if got.is_empty() || (later.paid && pool.policy.paid_preempts_reserved) {
                continue;
            }
            self.turns += 1;
            for (other, earlier) in &after {
                // Who has just got a part has been asked.
                let waits_on = !earlier.waiting.is_empty()
                    && before.get(other).is_some_and(|was| {
                        let more = |&(sku, units): &Part| units_of(&was.waiting, sku) < units;
                        was.got == earlier.got && !earlier.waiting.iter().any(more)
                    });
                if earlier.place < later.place && waits_on {
                    let could = could_have_had(pool, earlier, later, &got);
                    assert!(
                        !could,
                        "{what}: {name} got {got:?}, and {other} waits for {:?}",
                        earlier.waiting
                    );
                }
            }
        }
    }

    fn known(&self) -> BTreeMap<String, Known> {
        let Some(pool) = self.partition.pools.first() else { return BTreeMap::new() };
        let known = |order: &Order| {
            let tallies = order.tallies().iter();
            let used = |tally: &Tally| (tally.sku, tally.used);
            let known = Known {
                place: order.place?,
                platform: order.name.platform.clone(),
                paid: order.paid,
                waiting: order.waiting.clone(),
                got: tallies.clone().map(used).collect(),
                seasons: tallies.map(|tally| (tally.sku, tally.season)).collect(),
            };
            let known =
                if is_late(pool, order) { Known { waiting: vec![], ..known } } else { known };
            Some((format!("{}/{}", order.name.platform, order.name.order_id), known))
        };
        pool.orders.all().filter_map(known).collect()
    }
}

fn bundle(sku: &str, components: &[(&str, u32)]) -> What {
    let component = |&(sku, quantity): &(&str, u32)| Component { sku: Id::new(sku), quantity };
    What::Item(Item {
        sku: Id::new(sku),
        name: None,
        keywords: vec![],
        components: components.iter().map(component).collect(),
        limit_per_buyer: None,
        safety_stock: None,
        low_stock_at: None,
        backorder: None,
        channels: vec![],
        season: None,
    })
}

/// What `platform` may sell of a SKU, as the contract says it, if `later` gave `back` units back.
fn sellable(pool: &Pool, sku: SkuIx, platform: &Id, later: Option<&Known>, back: u64) -> i64 {
    let sku_ix = sku;
    let sku = pool.stock.sku(sku);
    let used = |platform: &Id| {
        let counted = later.is_some_and(|later| {
            later.platform == *platform && later.seasons.contains(&(sku_ix, sku.season))
        });
        sku.used_now(platform) as i64 - if counted { signed(back) } else { 0 }
    };
    let mut sellable = sku.books.available as i64 + signed(back) - i64::from(sku.safety_stock);
    for channel in sku.channels.iter().filter(|channel| channel.platform != *platform) {
        let reserved = i64::from(channel.reserved.unwrap_or_default());
        sellable -= (reserved - used(&channel.platform)).max(0);
    }
    for channel in sku.channels.iter().filter(|channel| channel.platform == *platform) {
        if let Some(max) = channel.max {
            sellable = sellable.min(i64::from(max) - used(platform));
        }
    }
    sellable.max(0)
}

/// Whether an order gets stock a part at a time because its units are not counted: its season is over. It is
/// asked once a time, and gets what its platform may sell each time.
fn is_late(pool: &Pool, order: &Order) -> bool {
    let over = |tally: &Tally| tally.season != pool.stock.sku(tally.sku).season;
    pool.policy.partial && !order.paid && order.tallies().iter().any(over)
}

fn could_be_filled(pool: &Pool, order: &Order) -> bool {
    let room = |sku: SkuIx| {
        if order.paid {
            pool.stock.sku(sku).books.available
        } else {
            let platform = &order.name.platform;
            sellable(pool, sku, platform, None, 0) as u64
        }
    };
    if pool.policy.partial {
        return order.takes(&pool.stock, room).iter().any(|&(_, units)| units > 0);
    }
    order.waiting.iter().all(|&(sku, units)| room(sku) >= units)
}

/// Whether what `later` got would have filled `earlier`, and the platform of an unpaid one could have had it.
fn could_have_had(pool: &Pool, earlier: &Known, later: &Known, got: &[Part]) -> bool {
    earlier.waiting.iter().all(|&(sku, units)| {
        let back = units_of(got, sku);
        let room = sellable(pool, sku, &earlier.platform, Some(later), back);
        back >= units && (earlier.paid || room >= signed(units))
    })
}

#[test]
fn first_come_first_served() {
    let mut turns = 0;
    for seed in 1..=STORMS {
        let mut storm = Storm::new(seed);
        storm.run();
        turns += storm.turns;
    }
    assert!(turns > 3 * STORMS, "{turns} orders got something");
}
