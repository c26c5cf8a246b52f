//! The evening itself: platforms that sell while they believe that they can, a bridge that tells them otherwise,
//! and the allotment between them.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{
    Alert, AlertKind, Body, Books, Decision, Effect, Effects, Event, Fulfillment, Id, Input, Level,
    Line, Millis, OrderEvent, OrderVerb, Outcome as Answer, Partition, Received, Settings,
    Standing, Taken, Time, What,
};

use super::Reaction;
use super::buyers::{Buyer, PLATFORMS, START, STOCK};
use super::settings::{SKU, Setting, TO_PAY_S};

/// By then every order has been paid or closed.
const SETTLED: Millis = Millis::from_secs(60 * 60);

/// Orders, and units of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Orders.
    pub orders: u64,
    /// Units.
    pub units: u64,
}

/// What an evening came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Units that came in.
    pub received: u64,
    /// Units of paid orders, which are there for them.
    pub sold: u64,
    /// Units that nobody has.
    pub left: u64,
    /// Paid orders that are short at the end, and what they lack: money to be given back.
    pub oversold: Count,
    /// Orders of which `oversold` was told on the way, those included that were helped since.
    pub told: u64,
    /// Paid orders that wait for what the merchant promised.
    pub promised: Count,
    /// Buyers who would have paid: nothing was for sale, or their order was closed before they did.
    pub turned_away: u64,
}

/// What happens next, to or by a buyer.
#[derive(Clone, Copy, Debug)]
enum Step {
    Comes(usize),
    Pays(usize),
    /// An order is closed if it is not paid: its time is up, or the bridge says so.
    Closes(usize),
    /// News of an order reach the allotment.
    Arrives(usize, News),
    /// The bridge puts the item on or off sale on a platform.
    Switches(usize, bool),
}

#[derive(Clone, Copy, Debug)]
enum News {
    Placed,
    Paid,
    Closed,
}

/// How a buyer's order stands on its platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    #[default]
    None,
    TurnedAway,
    Placed,
    Closed,
    Paid,
}

/// An evening under way.
pub(super) struct Market {
    partition: Partition,
    reaction: Reaction,
    closes_refused: bool,
    buyers: Vec<Buyer>,
    /// By buyer.
    orders: Vec<Order>,
    /// The last answer, by buyer.
    answers: BTreeMap<usize, (Standing, u64)>,
    /// What the platforms show, and what the bridge was last asked to make of it.
    on_sale: [bool; PLATFORMS.len()],
    asked_for: [bool; PLATFORMS.len()],
    agenda: BTreeMap<(Time, u64), Step>,
    entries: u64,
    events: u64,
    books: Books,
    /// Orders that are oversold now, and that ever were.
    open: BTreeSet<usize>,
    told: BTreeSet<usize>,
}

impl Market {
    /// The stock has come and is on sale everywhere.
    pub(super) fn open(buyers: Vec<Buyer>, setting: &Setting, reaction: Reaction) -> Self {
        let mut market = Self {
            partition: Partition::new(Settings::default()),
            reaction,
            closes_refused: setting.closes_refused,
            orders: vec![Order::None; buyers.len()],
            answers: BTreeMap::new(),
            on_sale: [true; PLATFORMS.len()],
            asked_for: [true; PLATFORMS.len()],
            agenda: BTreeMap::new(),
            entries: 0,
            events: 0,
            books: Books::default(),
            open: BTreeSet::new(),
            told: BTreeSet::new(),
            buyers,
        };
        let received = Received {
            sku: SKU.into(),
            lot_id: "lot-1".into(),
            quantity: STOCK,
            best_before: None,
            inspection: allotment::Inspection::Passed,
        };
        market.hear(START, "stock".into(), What::Policy(setting.policy.clone()));
        market.hear(START, "stock".into(), What::Received(received));
        market.hear(START, "stock".into(), What::Item(setting.item.clone()));
        for nth in 0..market.buyers.len() {
            market.plan(market.buyers[nth].at, Step::Comes(nth));
        }
        market
    }

    /// Plays it to the end.
    pub(super) fn play(mut self) -> Outcome {
        while let Some(((at, _), step)) = self.agenda.pop_first() {
            self.pass(at);
            self.perform(at, step);
        }
        self.pass(self.partition.now().plus(SETTLED));
        self.outcome()
    }

    fn plan(&mut self, at: Time, step: Step) {
        self.entries += 1;
        self.agenda.insert((at, self.entries), step);
    }

    fn perform(&mut self, at: Time, step: Step) {
        match step {
            Step::Comes(nth) => self.comes(at, nth),
            Step::Pays(nth) if self.orders[nth] == Order::Placed => {
                self.orders[nth] = Order::Paid;
                let [_, travel] = self.buyers[nth].travel;
                self.plan(at.plus(travel), Step::Arrives(nth, News::Paid));
            }
            Step::Closes(nth) if self.orders[nth] == Order::Placed => {
                self.orders[nth] = Order::Closed;
                let [travel, _] = self.buyers[nth].travel;
                self.plan(at.plus(travel), Step::Arrives(nth, News::Closed));
            }
            // It was closed before it was paid, or paid before it was closed.
            Step::Pays(_) | Step::Closes(_) => {}
            Step::Arrives(nth, news) => self.arrives(at, nth, news),
            Step::Switches(platform, on) => self.on_sale[platform] = on,
        }
    }

    fn comes(&mut self, at: Time, nth: usize) {
        let buyer = self.buyers[nth];
        if !self.on_sale[buyer.platform] {
            self.orders[nth] = Order::TurnedAway;
            return;
        }
        self.orders[nth] = Order::Placed;
        let [travel, _] = buyer.travel;
        self.plan(at.plus(travel), Step::Arrives(nth, News::Placed));
        if let Some(after) = buyer.pays_after {
            self.plan(at.plus(after), Step::Pays(nth));
        }
        self.plan(at.plus(Millis::from_secs(TO_PAY_S)), Step::Closes(nth));
    }

    fn arrives(&mut self, at: Time, nth: usize, news: News) {
        let Buyer { platform, units, .. } = self.buyers[nth];
        let line = Line { line_id: "1".into(), sku: SKU.into(), quantity: units };
        let verb = match news {
            News::Placed => OrderVerb::Created { lines: vec![line] },
            News::Paid => OrderVerb::Paid { lines: None },
            News::Closed => OrderVerb::Cancelled,
        };
        let order = OrderEvent {
            order_id: Id::new(&nth.to_string()),
            buyer_id: None,
            person_ref: None,
            session_id: None,
            recipient_ref: None,
            version: None,
            verb,
        };
        self.hear(at, PLATFORMS[platform].0.into(), What::Order(order));
    }

    /// The allotment hears something, in a transaction of its own.
    fn hear(&mut self, at: Time, platform: Id, what: What) {
        self.events += 1;
        let event_id = Id::new(&self.events.to_string());
        let body = Body::Event(Event { platform, event_id, occurred_at: at, what });
        let input = Input { pool: "hexi-oranges".into(), arrival: at, body };
        let mut effects = Effects::default();
        let taken = self.partition.apply(at, input, &mut effects);
        assert_eq!(taken, Taken::Applied, "what happens here can be taken");
        self.publish(effects);
    }

    /// Time passes; what is due is told when it is.
    fn pass(&mut self, until: Time) {
        while let Some(due) = self.partition.next_deadline().filter(|due| *due <= until) {
            let mut effects = Effects::default();
            self.partition.advance(due, &mut effects);
            self.publish(effects);
        }
    }

    /// What the outside makes of a transaction's outputs.
    fn publish(&mut self, mut effects: Effects) {
        self.partition.levels(&mut effects);
        for effect in effects.list {
            match effect {
                Effect::Decision(decision) => self.read_decision(&decision),
                Effect::Level(level) => self.read_level(&level),
                Effect::Alert(alert) => self.read_alert(&alert),
                Effect::Fulfillment(parcel) => {
                    assert!(matches!(parcel, Fulfillment::Requested(_)), "no parcel comes back");
                }
            }
        }
    }

    fn read_decision(&mut self, decision: &Decision) {
        let nth = buyer_of(&decision.order_id);
        let allocated = decision.lines.iter().map(|line| u64::from(line.allocated)).sum();
        self.answers.insert(nth, (decision.standing, allocated));
        if decision.outcome == Answer::Refused && !decision.paid && self.closes_refused {
            self.react(Step::Closes(nth));
        }
    }

    fn read_level(&mut self, level: &Level) {
        self.books = level.books.expect("an item that is no bundle has books");
        for (platform, (name, _)) in PLATFORMS.iter().enumerate() {
            let own = level.sellable.iter().find(|(named, _)| &**named == *name);
            let (_, units) = own.or(level.sellable.last()).expect("`*` is always there, last");
            let on = *units > 0;
            if self.asked_for[platform] != on {
                self.asked_for[platform] = on;
                self.react(Step::Switches(platform, on));
            }
        }
    }

    fn read_alert(&mut self, alert: &Alert) {
        for order in &alert.orders {
            let nth = buyer_of(&order.order_id);
            match alert.kind {
                AlertKind::Oversold => {
                    self.told.insert(nth);
                    assert!(self.open.insert(nth), "order {nth} is told as oversold once");
                }
                AlertKind::OversellResolved => {
                    assert!(self.open.remove(&nth), "order {nth} was told as oversold");
                }
                _ => {}
            }
        }
    }

    fn react(&mut self, step: Step) {
        if let Some(after) = self.reaction {
            self.plan(self.partition.now().plus(after), step);
        }
    }

    fn outcome(&self) -> Outcome {
        let mut outcome = Outcome {
            received: self.books.received,
            left: self.books.available,
            told: self.told.len() as u64,
            ..Outcome::default()
        };
        let mut short = BTreeSet::new();
        for (nth, buyer) in self.buyers.iter().enumerate() {
            let gone = matches!(self.orders[nth], Order::TurnedAway | Order::Closed);
            outcome.turned_away += u64::from(gone && buyer.pays_after.is_some());
            if self.orders[nth] != Order::Paid {
                continue;
            }
            let &(standing, allocated) = self.answers.get(&nth).expect("a paid order is answered");
            let lacks = u64::from(buyer.units) - allocated;
            outcome.sold += allocated;
            let count = match standing {
                Standing::Backordered => &mut outcome.promised,
                _ => &mut outcome.oversold,
            };
            count.orders += u64::from(lacks > 0);
            count.units += lacks;
            if lacks > 0 && standing != Standing::Backordered {
                short.insert(nth);
            }
        }
        assert_eq!(short, self.open, "who is short has an alert that is open, and nobody else");
        assert_eq!(self.books.reserved, 0, "every order was paid or closed");
        assert_eq!(outcome.sold + outcome.left, outcome.received, "no unit is lost or made");
        outcome
    }
}

/// Orders are numbered as their buyers came.
fn buyer_of(order_id: &Id) -> usize {
    order_id.parse().expect("an order's id is its buyer's number")
}
