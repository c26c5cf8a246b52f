//! A storm of orders that are short: people hear of it as often as time allows, however many orders there are,
//! and what they hear adds up to every order.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use allotment::{
    Alert, AlertKind, Body, Effect, Effects, Event, Id, Input, Line, Millis, OrderEvent, OrderVerb,
    Partition, PolicyChange, Received, Settings, Shortage, Taken, Time, What,
};

const ORDERS: u32 = 100_000;
const PLATFORMS: [&str; 4] = ["douyin", "weixin", "kuaishou", "taobao"];
const SKUS: [&str; 3] = ["orange-5kg", "tea-250g", "kiwi"];

/// What follows the first alert of a SKU and platform within this span is one more (contract §5).
const WINDOW: i64 = 10_000;
/// Orders that one alert names (contract §6).
const NAMED: usize = 100;
/// 2026-11-22 20:00 in China.
const START: Time = Time(1_795_348_800_000);

/// An order of the storm, from its number alone.
struct Order {
    id: Id,
    platform: Id,
    lines: Vec<Line>,
}

impl Order {
    fn new(number: u32) -> Self {
        let mut chance = u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
        let mut below = |bound: u64| {
            let drawn = chance % bound;
            chance /= bound;
            drawn
        };
        let platform = PLATFORMS[usize::try_from(below(4)).unwrap()];
        let first = usize::try_from(below(3)).unwrap();
        // Every third order wants two things.
        let wants = if below(3) == 0 { 2 } else { 1 };
        let line = |nth: usize| Line {
            line_id: Id::new(&(nth + 1).to_string()),
            sku: SKUS[(first + nth) % 3].into(),
            quantity: u32::try_from(below(3)).unwrap() + 1,
        };
        let lines = (0..wants).map(line).collect();
        Self { id: Id::new(&format!("o-{number}")), platform: platform.into(), lines }
    }

    fn says(&self, verb: OrderVerb) -> (Id, What) {
        let event = OrderEvent {
            order_id: self.id.clone(),
            buyer_id: None,
            person_ref: None,
            session_id: None,
            recipient_ref: None,
            version: None,
            verb,
        };
        (self.platform.clone(), What::Order(event))
    }

    fn units(&self) -> u64 {
        self.lines.iter().map(|line| u64::from(line.quantity)).sum()
    }
}

/// A pool in which everything is known and nothing is left, and the alerts that it told.
struct Village {
    partition: Partition,
    events: u64,
    alerts: Vec<Alert>,
}

impl Village {
    fn sold_out() -> Self {
        let partition = Partition::new(Settings::default());
        let mut village = Self { partition, events: 0, alerts: Vec::new() };
        for sku in SKUS {
            village.receive(sku, 1);
        }
        let all = SKUS.map(|sku| Line { line_id: sku.into(), sku: sku.into(), quantity: 1 });
        let first = Order { id: "first".into(), platform: "douyin".into(), lines: all.into() };
        village.order(START, &first, OrderVerb::Paid { lines: Some(first.lines.clone()) });
        village.alerts.clear();
        village
    }

    fn receive(&mut self, sku: &str, quantity: u32) {
        let received = Received {
            sku: sku.into(),
            lot_id: Id::new(&format!("lot-{sku}")),
            quantity,
            best_before: None,
            inspection: allotment::Inspection::Passed,
        };
        let now = self.partition.now().max(START);
        self.hear(now, "stock".into(), What::Received(received));
    }

    fn order(&mut self, at: Time, order: &Order, verb: OrderVerb) {
        let (platform, what) = order.says(verb);
        self.hear(at, platform, what);
    }

    fn hear(&mut self, at: Time, platform: Id, what: What) {
        self.events += 1;
        let event_id = Id::new(&self.events.to_string());
        let body = Body::Event(Event { platform, event_id, occurred_at: at, what });
        let mut effects = Effects::default();
        let input = Input { pool: "hexi".into(), arrival: at, body };
        assert_eq!(self.partition.apply(at, input, &mut effects), Taken::Applied);
        self.listen(effects);
    }

    fn wait(&mut self, span: Millis) {
        let mut effects = Effects::default();
        self.partition.advance(self.partition.now().plus(span), &mut effects);
        self.listen(effects);
    }

    fn listen(&mut self, effects: Effects) {
        self.alerts.extend(effects.list.into_iter().filter_map(|effect| match effect {
            Effect::Alert(alert) => Some(alert),
            _ => None,
        }));
    }

    fn told(&self, kind: AlertKind) -> Vec<&Alert> {
        self.alerts.iter().filter(|alert| alert.kind == kind).collect()
    }

    /// Comes back from its own pages.
    fn restart(&mut self) {
        self.partition.touch_all();
        self.partition.freeze();
        let mut pages = Vec::new();
        while self.partition.is_frozen() {
            pages.append(&mut self.partition.next_pages(usize::MAX));
        }
        pages.sort_by(|one, other| one.key.cmp(&other.key));
        let now = self.partition.now();
        self.partition = Partition::restore(Settings::default(), now, pages).unwrap();
    }
}

/// Of a SKU and platform: orders, and units that they are short of.
type Short = BTreeMap<(Id, Id), (u64, u64)>;

fn add(sums: &mut Short, sku: &Id, platform: &Id, orders: u64, units: u64) {
    let sum = sums.entry((sku.clone(), platform.clone())).or_default();
    *sum = (sum.0 + orders, sum.1 + units);
}

/// 100 000 unpaid orders, evenly over `length`. Returns the pool, and what all of them are short of.
fn storm(length: Millis, shortage: Shortage) -> (Village, Short) {
    let mut village = Village::sold_out();
    let policy = PolicyChange { unpaid_shortage: Some(shortage), ..PolicyChange::default() };
    village.hear(START, "stock".into(), What::Policy(policy));
    let mut short = Short::new();
    for number in 0..ORDERS {
        let order = Order::new(number);
        for line in &order.lines {
            add(&mut short, &line.sku, &order.platform, 1, line.quantity.into());
        }
        let at = START.plus(Millis(length.0 * i64::from(number) / i64::from(ORDERS)));
        village.order(at, &order, OrderVerb::Created { lines: order.lines.clone() });
        if number == ORDERS / 2 {
            village.restart();
        }
    }
    village.wait(Millis(WINDOW));
    (village, short)
}

/// Each window begins with an alert, ends with at most one more, and no two of a SKU and platform overlap.
fn most_alerts(length: Millis) -> usize {
    2 * SKUS.len() * PLATFORMS.len() * (usize::try_from(length.0 / WINDOW).unwrap() + 1)
}

fn assert_told_as_one_can_bear(length: Millis, shortage: Shortage) {
    let (village, short) = storm(length, shortage);
    let told = village.told(AlertKind::OversellRisk);
    assert_eq!(told.len(), village.alerts.len(), "nothing else is told of unpaid orders");
    assert!(told.len() <= most_alerts(length), "{} within {length:?}", told.len());

    let mut sums = Short::new();
    let mut named = BTreeSet::new();
    for alert in told {
        let (sku, platform) = (alert.sku.as_ref().unwrap(), alert.platform.as_ref().unwrap());
        add(&mut sums, sku, platform, alert.orders_total, alert.shortage);
        let total = usize::try_from(alert.orders_total).unwrap();
        assert_eq!(alert.orders.len(), total.min(NAMED), "as many as fit are named");
        for order in &alert.orders {
            assert!(named.insert((sku.clone(), order.order_id.clone())), "{order:?} twice");
        }
    }
    assert_eq!(sums, short, "every order and unit is in a total, within {length:?}");
}

#[test]
fn a_rush_of_unpaid_orders_that_are_short_is_told_a_few_times_and_in_full() {
    assert_told_as_one_can_bear(Millis::from_secs(60), Shortage::Refuse);
}

#[test]
fn so_is_a_whole_evening_of_them_also_where_they_wait() {
    assert_told_as_one_can_bear(Millis::from_secs(40 * 60), Shortage::Waitlist);
}

/// Money was taken for each: each has an alert of its own, which is closed when nobody has to do anything more.
#[test]
fn paid_orders_that_are_short_are_told_once_each_and_each_is_closed() {
    let mut village = Village::sold_out();
    let orders: Vec<Order> = (0..ORDERS).map(Order::new).collect();
    for order in &orders {
        village.order(START, order, OrderVerb::Paid { lines: Some(order.lines.clone()) });
    }
    village.wait(Millis(WINDOW));
    assert_closed_by(&mut village, &orders, &[], "nothing yet");

    let (cancelled, more) = orders.split_at(30_000);
    let (refunded, filled) = more.split_at(30_000);
    let now = village.partition.now();
    for order in cancelled {
        village.order(now, order, OrderVerb::Cancelled);
    }
    assert_closed_by(&mut village, &orders, cancelled, "a cancellation");
    for order in refunded {
        village.order(now, order, OrderVerb::Refunded { lines: None });
    }
    assert_closed_by(&mut village, &orders, &orders[..60_000], "a refund");
    for sku in SKUS {
        let wanted = filled.iter().flat_map(|order| &order.lines).filter(|line| *line.sku == *sku);
        village.receive(sku, wanted.map(|line| line.quantity).sum());
    }
    assert_closed_by(&mut village, &orders, &orders, "stock");
}

/// All of `orders` are told as oversold, once each, and `closed` of them as no longer, once each.
fn assert_closed_by(village: &mut Village, orders: &[Order], closed: &[Order], by: &str) {
    let told = |kind| {
        let mut units = BTreeMap::new();
        for alert in village.told(kind) {
            assert_eq!((alert.orders.len(), alert.orders_total), (1, 1), "{alert:?}");
            let again = units.insert(alert.orders[0].order_id.clone(), alert.shortage);
            assert_eq!(again, None, "{alert:?} came twice, after {by}");
        }
        units
    };
    let oversold = orders.iter().map(|order| (order.id.clone(), order.units())).collect();
    let resolved = closed.iter().map(|order| (order.id.clone(), 0)).collect();
    let (open, over): (BTreeMap<_, _>, BTreeMap<_, _>) = (oversold, resolved);
    assert!(told(AlertKind::Oversold) == open, "the oversold, after {by}");
    assert!(told(AlertKind::OversellResolved) == over, "the resolved, after {by}");
    assert!(village.told(AlertKind::OversellRisk).is_empty(), "no paid order is a risk");
}
