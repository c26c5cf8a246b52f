//! The life of an order as its platform knows it, and how its events reach us: late, twice, permuted.

use allotment::{
    Body, Event, HandedOver, Id, Input, Line, OrderEvent, OrderRef, OrderVerb, ParcelRef,
    RefundLine, SnapshotStatus, Time, What,
};

use super::{BEGIN, Feature, Pending, Rates, SECOND, catalogue, dispatch};
use crate::rng::Rng;

/// One order while it is being made up.
pub(super) struct Life<'a> {
    rng: &'a mut Rng,
    rates: &'a Rates,
    pool: &'a Id,
    platform: Id,
    order_id: Id,
    number: i64,
    at: i64,
    version: Option<i64>,
    lines: Vec<Line>,
    events: u32,
    permuted: bool,
}

impl<'a> Life<'a> {
    /// The lives of all orders of a pool.
    pub(super) fn of_all(
        rng: &'a mut Rng,
        rates: &'a Rates,
        pool: &'a Id,
        pending: &mut Vec<Pending>,
    ) {
        for number in 0..rates.orders {
            let platform =
                ["douyin", "weixin", "tao%bao"][rng.below(rates.platforms as u64) as usize];
            let order_id = if rng.percent(5) { format!("{number}/x") } else { number.to_string() };
            let span = if rates.orders > 100 { 8 } else { 1800 };
            let at = BEGIN + rng.between(0, span) * SECOND;
            let version = rng.percent(rates.versions).then_some(1);
            let permuted = rng.percent(rates.permuted);
            let mut life = Life {
                rng: &mut *rng,
                rates,
                pool,
                platform: Id::new(platform),
                order_id: Id::new(&order_id),
                number,
                at,
                version,
                lines: Vec::new(),
                events: 0,
                permuted,
            };
            life.lines = life.some_lines();
            life.live(pending);
        }
    }

    fn live(&mut self, pending: &mut Vec<Pending>) {
        let lines = self.lines.clone();
        if self.rng.percent(85) {
            self.tell(OrderVerb::Created { lines }, pending);
        }
        for _ in 0..self.rng.between(0, 7) {
            let verb = self.next_verb();
            if let Some(verb) = verb {
                self.pass();
                self.tell(verb, pending);
            }
            if self.rng.percent(self.rates.leaves) {
                self.pass();
                self.leave(pending);
            }
        }
    }

    /// Seconds, or long enough for a reservation to expire; sometimes no time at all.
    fn pass(&mut self) {
        if self.rng.percent(self.rates.ties) {
            return;
        }
        self.at += if self.rng.percent(15) {
            self.rng.between(300, 3000)
        } else {
            self.rng.between(1, 40)
        } * SECOND;
        if let Some(version) = &mut self.version {
            *version += 1;
        }
    }

    fn next_verb(&mut self) -> Option<OrderVerb> {
        let rates = self.rates;
        let choices = [
            (rates.pays, 0),
            (rates.amends, 1),
            (rates.refunds, 2),
            (rates.holds, 3),
            (rates.cancels / 3, 4),
            (rates.snapshots, 5),
        ];
        let total: i64 = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.rng.between(1, total.max(1));
        let which = choices.iter().find(|(weight, _)| {
            left -= weight;
            left <= 0
        })?;
        Some(match which.1 {
            0 => OrderVerb::Paid { lines: self.rng.percent(30).then(|| self.lines.clone()) },
            1 => {
                self.lines = self.other_lines();
                OrderVerb::Amended { lines: self.lines.clone() }
            }
            2 => OrderVerb::Refunded { lines: self.refund() },
            3 if self.rng.percent(50) => OrderVerb::Held,
            3 => OrderVerb::Cleared,
            4 => OrderVerb::Cancelled,
            _ => self.snapshot(),
        })
    }

    fn snapshot(&mut self) -> OrderVerb {
        if self.rng.percent(25) {
            self.lines = self.other_lines();
        }
        let status = match self.rng.below(7) {
            0 | 1 => SnapshotStatus::Created,
            2 | 3 => SnapshotStatus::Paid,
            4 | 5 => SnapshotStatus::Held,
            _ => SnapshotStatus::Cancelled,
        };
        OrderVerb::Snapshot { status, lines: self.lines.clone() }
    }

    fn some_lines(&mut self) -> Vec<Line> {
        let count = [1, 1, 1, 2, 3][self.rng.below(5) as usize];
        (1..=count).map(|n| self.line(&n.to_string())).collect()
    }

    fn line(&mut self, line_id: &str) -> Line {
        let unknown = self.rng.percent(self.rates.unknown);
        let sku =
            if unknown { "nothing".to_owned() } else { catalogue::ordered(self.rng, self.rates) };
        let most = if self.rng.percent(self.rates.big_lines) { 9 } else { 3 };
        let quantity = self.rng.between(1, most) as u32;
        Line { line_id: Id::new(line_id), sku: Id::new(&sku), quantity }
    }

    /// The lines after an amendment: more, fewer, of something else, or new ones altogether.
    fn other_lines(&mut self) -> Vec<Line> {
        let mut lines = self.lines.clone();
        let which = self.rng.below(lines.len() as u64) as usize;
        match self.rng.below(6) {
            0 => lines[which].quantity += self.rng.between(1, 3) as u32,
            1 => lines[which].quantity = lines[which].quantity.saturating_sub(1).max(1),
            2 => lines[which].sku = Id::new(&catalogue::ordered(self.rng, self.rates)),
            3 if lines.len() > 1 => drop(lines.remove(which)),
            4 => {
                let line = self.line("9");
                lines.retain(|l| l.line_id.as_str() != "9");
                lines.push(line);
            }
            _ => return self.some_lines(),
        }
        lines
    }

    fn refund(&mut self) -> Option<Vec<RefundLine>> {
        if self.rng.percent(25) {
            return None;
        }
        let mut lines = Vec::new();
        for _ in 0..self.rng.between(1, 2) {
            let line = self.lines[self.rng.below(self.lines.len() as u64) as usize].clone();
            let by_line = self.rng.percent(50);
            let both = self.rng.percent(10);
            lines.push(RefundLine {
                line_id: (by_line || both).then(|| line.line_id.clone()),
                sku: (!by_line || both).then_some(line.sku),
                quantity: self.rng.between(1, 3).unsigned_abs(),
            });
        }
        Some(lines)
    }

    fn tell(&mut self, verb: OrderVerb, pending: &mut Vec<Pending>) {
        self.events += 1;
        let occurred_at = Time(self.at);
        let event = Event {
            platform: self.platform.clone(),
            event_id: Id::new(&format!("{}-{}", self.order_id, self.events)),
            occurred_at,
            what: What::Order(OrderEvent {
                order_id: self.order_id.clone(),
                buyer_id: Some(buyer(self.rates, &self.order_id, self.number)),
                person_ref: if shared(self.rates) { person(self.rng, self.number) } else { None },
                session_id: self.session(),
                recipient_ref: self
                    .rng
                    .percent(self.rates.refs)
                    .then(|| Id::new(&format!("a{}", self.rng.below(2)))),
                version: self.version.filter(|_| self.rng.percent(95)),
                verb,
            }),
        };
        let late = if self.permuted { self.rng.between(0, 900) } else { self.rng.between(0, 1) };
        pending.push(Pending {
            arrival: self.at + late * SECOND,
            input: self.input(Body::Event(event)),
        });
    }

    /// The truck: usually for this order as it is, sometimes for one that was never told of.
    fn leave(&mut self, pending: &mut Vec<Pending>) {
        self.events += 1;
        let mut handed = HandedOver::default();
        for _ in 0..[1, 1, 1, 2, 3][self.rng.below(5) as usize] {
            self.load(&mut handed);
        }
        if self.rates.has(Feature::Waves) && self.rng.percent(10) {
            handed.wave_id = Some(dispatch::wave(self.rng));
        }
        let event = Event {
            platform: Id::new("stock"),
            event_id: Id::new(&format!("left-{}-{}-{}", self.platform, self.order_id, self.events)),
            occurred_at: Time(self.at),
            what: What::HandedOver(handed),
        };
        let late = self.rng.between(0, 1);
        pending.push(Pending {
            arrival: self.at + late * SECOND,
            input: self.input(Body::Event(event)),
        });
    }

    /// Puts an order or a parcel on the truck.
    fn load(&mut self, handed: &mut HandedOver) {
        let order_id = match self.rng.below(12) {
            0 => Id::new("stranger"),
            1 | 2 => Id::new(&self.rng.below(self.rates.orders as u64).to_string()),
            _ => self.order_id.clone(),
        };
        if self.rng.percent(50) {
            handed.orders.push(OrderRef { platform: self.platform.clone(), order_id });
            return;
        }
        let number = [1, 1, 1, 2, 7][self.rng.below(5) as usize];
        let escape = |id: &Id| id.replace('%', "%25").replace('/', "%2F");
        let pool = if self.rng.percent(2) { Id::new("elsewhere") } else { self.pool.clone() };
        let mut id =
            format!("{}/{}/{}/{number}", escape(&pool), escape(&self.platform), escape(&order_id));
        if self.rng.percent(2) {
            id = ["p", "p/douyin/1", "p/douyin/1/x", "p/douyin/1/1/1", "//"]
                [self.rng.below(5) as usize]
                .to_owned();
        }
        let revision = self.rng.percent(50).then(|| self.rng.between(1, 3) as u32);
        handed.parcels.push(ParcelRef { fulfillment_id: Id::new(&id), revision });
    }

    fn session(&mut self) -> Option<Id> {
        if self.rates.has(Feature::Sessions) || self.rates.has(Feature::Waves) {
            return self.rng.percent(60).then(|| dispatch::session(self.rng));
        }
        self.rng.percent(self.rates.refs).then(|| Id::new("live"))
    }

    fn input(&self, body: Body) -> Input {
        Input { pool: self.pool.clone(), arrival: Time(self.at), body }
    }
}

/// Whether buyers have several orders, and comments beside them.
fn shared(rates: &Rates) -> bool {
    rates.has(Feature::Limits) || rates.has(Feature::Comments)
}

/// The buyer of an order, as its platform knows them.
pub(super) fn buyer(rates: &Rates, order_id: &str, number: i64) -> Id {
    if shared(rates) {
        return Id::new(&format!("b{}", number % 4));
    }
    Id::new(&format!("b{order_id}"))
}

/// The same buyer, as all platforms know them; some do not tell.
pub(super) fn person(rng: &mut Rng, number: i64) -> Option<Id> {
    rng.percent(60).then(|| Id::new(&format!("p{}", number % 3)))
}
