//! Hand-made stories: one for each thing that the model reads out of the contract beside the storms.

use allotment::{
    Adjusted, AlertKind, Backorder, Body, Channel, Claims, Comment, Component, Counted, Decision,
    Effect, Effects, Event, Fulfillment, HandedOver, Id, Input, Inspection, Item, Level, Line,
    OrderEvent, OrderRef, OrderVerb, Outcome, PolicyChange, Reason, Recalled, Received, RefundLine,
    Session, Settings, Shortage, Standing, Taken, Time, WaveClosed, What,
};

use super::Reference;

/// A pool and what it told of the last event.
struct Story {
    model: Reference,
    now: i64,
    events: u32,
    told: Vec<Effect>,
}

impl Story {
    fn new() -> Self {
        let model = Reference::new(Settings { manifest_corrections: true, ..Settings::default() });
        Self { model, now: 1_000_000_000, events: 0, told: Vec::new() }
    }

    fn tell_on(&mut self, platform: &str, what: What) -> Taken {
        self.events += 1;
        let event = Event {
            platform: Id::new(platform),
            event_id: Id::new(&self.events.to_string()),
            occurred_at: Time(self.now),
            what,
        };
        let arrival = Time(self.now);
        let input = Input { pool: Id::new("p"), arrival, body: Body::Event(event) };
        let mut out = Effects::default();
        let taken = self.model.apply(arrival, input, &mut out);
        self.told = out.list;
        taken
    }

    fn tell(&mut self, what: What) -> Taken {
        self.tell_on("douyin", what)
    }

    fn wait(&mut self, seconds: i64) {
        self.now += seconds * 1000;
        let mut out = Effects::default();
        self.model.advance(Time(self.now), &mut out);
        self.told = out.list;
    }

    fn receive(&mut self, sku: &str, quantity: u32, lot_id: &str) {
        self.tell(What::Received(Received {
            sku: Id::new(sku),
            quantity,
            lot_id: Id::new(lot_id),
            best_before: None,
            inspection: Inspection::Passed,
        }));
    }

    fn order_on(&mut self, platform: &str, order_id: &str, verb: OrderVerb) {
        let order = OrderEvent {
            order_id: Id::new(order_id),
            buyer_id: Some(Id::new("b")),
            person_ref: Some(Id::new("person")),
            session_id: Some(Id::new("live")),
            recipient_ref: None,
            version: None,
            verb,
        };
        self.now += 1000;
        self.tell_on(platform, What::Order(order));
    }

    fn create(&mut self, order_id: &str, sku: &str, quantity: u32) {
        let lines = lines(sku, quantity);
        self.order_on("douyin", order_id, OrderVerb::Created { lines });
    }

    fn pay(&mut self, order_id: &str) {
        self.order_on("douyin", order_id, OrderVerb::Paid { lines: None });
    }

    fn comment(&mut self, text: &str) {
        self.now += 1000;
        self.tell(What::Comment(Comment {
            buyer_id: Id::new("b"),
            text: Id::new(text),
            person_ref: None,
            session_id: Some(Id::new("live")),
        }));
    }

    fn policy(&mut self, change: PolicyChange) {
        self.tell(What::Policy(change));
    }

    fn decision(&self, order_id: &str) -> &Decision {
        let mut found = self.told.iter().filter_map(|effect| match effect {
            Effect::Decision(d) if d.order_id.as_str() == order_id => Some(d),
            _ => None,
        });
        found.next_back().expect("something was decided of the order")
    }

    fn answer(&self, order_id: &str) -> (Outcome, Reason) {
        let decision = self.decision(order_id);
        (decision.outcome, decision.reason)
    }

    fn alerts(&self) -> Vec<AlertKind> {
        let kind = |effect: &Effect| match effect {
            Effect::Alert(alert) => Some(alert.kind),
            _ => None,
        };
        self.told.iter().filter_map(kind).collect()
    }

    fn pages(&self) -> Vec<(u32, usize)> {
        let page = |effect: &Effect| match effect {
            Effect::Fulfillment(Fulfillment::Manifest(m)) => Some((m.page, m.parcels.len())),
            _ => None,
        };
        self.told.iter().filter_map(page).collect()
    }

    fn level(&mut self, sku: &str) -> Level {
        let mut out = Effects::default();
        // Each level is told once; the last one that was is the newest.
        self.model.clone().levels(&mut out);
        let level = out.list.into_iter().find_map(|effect| match effect {
            Effect::Level(level) if level.sku.as_str() == sku => Some(level),
            _ => None,
        });
        level.expect("nothing has taken the levels yet")
    }
}

fn lines(sku: &str, quantity: u32) -> Vec<Line> {
    vec![Line { line_id: Id::new("1"), sku: Id::new(sku), quantity }]
}

fn item(sku: &str) -> Item {
    Item {
        sku: Id::new(sku),
        name: None,
        keywords: Vec::new(),
        components: Vec::new(),
        limit_per_buyer: None,
        safety_stock: None,
        low_stock_at: None,
        backorder: None,
        channels: Vec::new(),
        season: None,
    }
}

#[test]
fn a_count_corrects_the_books_either_way() {
    let mut story = Story::new();
    story.receive("orange", 5, "lot");
    let counted =
        |quantity| What::Counted(Counted { sku: Id::new("orange"), quantity, lot_id: None });
    story.tell(counted(5));
    assert_eq!(story.alerts(), []);
    story.tell(counted(7));
    assert_eq!(story.alerts(), [AlertKind::StockMismatch]);
    story.create("1", "orange", 6);
    story.tell(counted(4));
    assert_eq!(story.answer("1"), (Outcome::Waitlisted, Reason::Count));
    let books = story.level("orange").books.expect("it has stock of its own");
    assert_eq!((books.adjusted_in, books.removed, books.reserved), (2, 3, 4));
}

#[test]
fn a_recall_takes_what_is_there_and_names_what_has_left() {
    let mut story = Story::new();
    story.receive("orange", 3, "bad");
    story.create("1", "orange", 2);
    story.pay("1");
    let orders = vec![OrderRef::new(&Id::new("douyin"), &Id::new("1"))];
    story.tell(What::HandedOver(HandedOver { orders, ..HandedOver::default() }));
    story.create("2", "orange", 1);
    let recalled = || What::Recalled(Recalled { lot_id: Id::new("bad"), reason: Id::new("frost") });
    story.tell(recalled());
    assert_eq!(story.answer("2"), (Outcome::Waitlisted, Reason::LotLost));
    assert!(story.alerts().contains(&AlertKind::Recall));
    assert!(story.alerts().contains(&AlertKind::RecallHandedOver));
    story.tell(recalled());
    assert_eq!(story.alerts(), []);
    story.receive("orange", 4, "bad");
    assert_eq!(story.alerts(), [AlertKind::Recall]);
    assert_eq!(story.level("orange").books.expect("it has stock").removed, 5);
}

#[test]
fn a_bundle_needs_all_of_its_parts() {
    let mut story = Story::new();
    let part = |sku: &str, quantity| Component { sku: Id::new(sku), quantity };
    let components = vec![part("orange", 2), part("tea", 1)];
    story.tell(What::Item(Item { components, ..item("box") }));
    story.receive("orange", 5, "o");
    story.receive("tea", 3, "t");
    assert_eq!(story.level("box").sellable, [(Id::new("*"), 2)]);
    story.create("1", "box", 2);
    assert_eq!(story.answer("1"), (Outcome::Reserved, Reason::Ok));
    assert_eq!(story.decision("1").lines[0].reserved, 2);
    story.create("2", "box", 1);
    assert_eq!(story.answer("2"), (Outcome::Refused, Reason::Short));
    let nested = Item { components: vec![part("box", 1)], ..item("crate") };
    assert!(matches!(story.tell(What::Item(nested)), Taken::Refused { .. }));
}

#[test]
fn what_was_refused_in_part_keeps_only_what_is_whole() {
    let mut story = Story::new();
    story.policy(PolicyChange { partial: Some(true), ..PolicyChange::default() });
    let components = vec![Component { sku: Id::new("orange"), quantity: 6 }];
    story.tell(What::Item(Item { components, ..item("mix") }));
    story.receive("orange", 5, "o");
    let line = |line_id: &str, sku: &str, quantity| Line {
        line_id: Id::new(line_id),
        sku: Id::new(sku),
        quantity,
    };
    let lines = vec![line("1", "mix", 2), line("2", "orange", 6)];
    story.order_on("douyin", "1", OrderVerb::Created { lines });
    assert_eq!(story.answer("1"), (Outcome::Refused, Reason::Short));
    let refund = RefundLine { line_id: None, sku: Some(Id::new("orange")), quantity: 3 };
    story.order_on("douyin", "1", OrderVerb::Refunded { lines: Some(vec![refund]) });
    assert_eq!(story.level("orange").books.expect("it has stock").reserved, 3);
}

#[test]
fn a_wave_takes_its_parcels_and_is_corrected() {
    let mut story = Story::new();
    story.receive("orange", 5, "lot");
    for order in ["1", "2"] {
        story.create(order, "orange", 1);
        story.pay(order);
    }
    let wave_id = Id::new("w");
    let handed = HandedOver { wave_id: Some(wave_id.clone()), ..HandedOver::default() };
    story.tell(What::WaveClosed(WaveClosed { wave_id: wave_id.clone(), session_id: None }));
    assert_eq!(story.pages(), [(1, 2)]);
    story.order_on("douyin", "1", OrderVerb::Held);
    assert_eq!(story.pages(), [(1, 1)]);
    story.tell(What::HandedOver(handed));
    assert_eq!(story.answer("2"), (Outcome::HandedOver, Reason::Ok));
    story.tell(What::WaveClosed(WaveClosed { wave_id, session_id: None }));
    assert_eq!(story.told, []);
}

#[test]
fn a_session_is_summed_up_once() {
    let mut story = Story::new();
    story.receive("orange", 1, "lot");
    story.create("1", "orange", 1);
    let session = || Session { session_id: Id::new("live"), platform: None, skus: Vec::new() };
    story.tell(What::SessionClosed(session()));
    assert_eq!(story.alerts(), [AlertKind::SessionSummary]);
    story.tell(What::SessionClosed(session()));
    assert_eq!(story.alerts(), []);
}

#[test]
fn a_channel_keeps_units_for_its_platform() {
    let mut story = Story::new();
    story.receive("orange", 5, "lot");
    let channel =
        |platform: &str, reserved, max| Channel { platform: Id::new(platform), reserved, max };
    let channels = vec![channel("weixin", Some(3), None), channel("douyin", None, Some(9))];
    story.tell(What::Item(Item { channels, safety_stock: Some(1), ..item("orange") }));
    let sellable = [("douyin", 1), ("weixin", 4), ("*", 1)].map(|(p, n)| (Id::new(p), n));
    assert_eq!(story.level("orange").sellable, sellable);
    story.create("1", "orange", 2);
    assert_eq!(story.answer("1"), (Outcome::Refused, Reason::Channel));
    story.pay("1");
    assert_eq!(story.answer("1"), (Outcome::Allocated, Reason::Ok));
}

#[test]
fn a_limit_counts_a_person_over_platforms_and_within_a_season() {
    let mut story = Story::new();
    story.receive("orange", 9, "lot");
    let limited = |season: &str| {
        What::Item(Item {
            limit_per_buyer: Some(3),
            season: Some(Id::new(season)),
            ..item("orange")
        })
    };
    story.tell(limited("early"));
    story.create("1", "orange", 2);
    story.order_on("weixin", "2", OrderVerb::Created { lines: lines("orange", 2) });
    assert_eq!(story.answer("2"), (Outcome::Refused, Reason::Limit));
    story.order_on("douyin", "1", OrderVerb::Amended { lines: lines("orange", 4) });
    assert_eq!(story.answer("1"), (Outcome::Refused, Reason::Limit));
    assert_eq!(story.decision("1").standing, Standing::Reserved);
    story.tell(limited("late"));
    story.create("3", "orange", 3);
    assert_eq!(story.answer("3"), (Outcome::Reserved, Reason::Ok));
}

#[test]
fn a_backorder_waits_within_its_limit_until_its_date() {
    let mut story = Story::new();
    let until = Some(Time(story.now + 100_000));
    let backorder = Some(Backorder { limit: 3, until });
    story.tell(What::Item(Item { backorder, ..item("orange") }));
    for order in ["1", "2", "3"] {
        story.create(order, "orange", 1);
    }
    assert_eq!(story.answer("3"), (Outcome::Backordered, Reason::Short));
    assert_eq!(story.alerts(), []);
    story.create("4", "orange", 1);
    assert_eq!(story.answer("4"), (Outcome::Refused, Reason::Short));
    story.pay("2");
    assert_eq!(story.answer("2"), (Outcome::Backordered, Reason::Short));
    assert_eq!(story.level("orange").books.expect("it has stock of its own").backordered, 3);
    story.wait(100);
    assert_eq!(story.answer("1"), (Outcome::Refused, Reason::Short));
    assert_eq!(story.answer("2"), (Outcome::Waitlisted, Reason::Short));
    assert_eq!(story.alerts(), [AlertKind::Oversold]);
}

#[test]
fn a_paid_order_takes_from_the_newest_reservation() {
    let mut story = Story::new();
    story.policy(PolicyChange { paid_preempts_reserved: Some(true), ..PolicyChange::default() });
    story.receive("orange", 4, "lot");
    story.create("1", "orange", 2);
    story.create("2", "orange", 2);
    story.order_on("douyin", "3", OrderVerb::Paid { lines: Some(lines("orange", 1)) });
    assert_eq!(story.answer("3"), (Outcome::Allocated, Reason::Ok));
    assert_eq!(story.answer("2"), (Outcome::Waitlisted, Reason::Preempted));
    assert_eq!(story.alerts(), [AlertKind::OversellRisk]);
}

#[test]
fn a_claim_holds_until_its_buyers_order_takes_it_over() {
    let mut story = Story::new();
    let shortage = Some(Shortage::Waitlist);
    let claims = Some(Claims::Hold);
    story.policy(PolicyChange { claims, unpaid_shortage: shortage, ..PolicyChange::default() });
    story.tell(What::Item(Item { keywords: vec![Id::new("橙子")], ..item("orange") }));
    story.receive("orange", 3, "lot");
    story.comment("橙子x3");
    assert_eq!(story.level("orange").books.expect("it has stock").reserved, 3);
    story.order_on("weixin", "2", OrderVerb::Created { lines: lines("tea", 1) });
    story.create("1", "orange", 2);
    assert_eq!(story.answer("1"), (Outcome::Reserved, Reason::Ok));
    assert_eq!(story.level("orange").books.expect("it has stock").reserved, 2);
    story.comment("橙子+1");
    story.wait(120);
    assert_eq!(story.level("orange").books.expect("it has stock").reserved, 2);
}

#[test]
fn a_rush_and_complaints_are_told_once() {
    let mut story = Story::new();
    story.receive("orange", 40, "lot");
    story.create("1", "orange", 10);
    assert_eq!(story.alerts(), [AlertKind::DemandSurge]);
    story.pay("1");
    let orders = vec![OrderRef::new(&Id::new("douyin"), &Id::new("1"))];
    story.tell(What::HandedOver(HandedOver { orders, ..HandedOver::default() }));
    story.comment("坏了三个");
    assert_eq!(story.alerts(), [], "one buyer is no signal");
    let delta = -1;
    let (sku, lot_id, reason) = (Id::new("orange"), None, None);
    story.tell(What::Adjusted(Adjusted { sku, delta, lot_id, reason }));
    assert_eq!(story.alerts(), [], "the rush was told");
}
