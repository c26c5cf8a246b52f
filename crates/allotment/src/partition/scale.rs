//! What an event costs grows with what it is about, and no faster: counted in steps, for many and for twice as
//! many.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::steps::steps_of;
use crate::*;

/// A pool to which things happen, one a millisecond.
struct Scene {
    partition: Partition,
    events: i64,
}

impl Scene {
    fn new() -> Self {
        Self { partition: Partition::new(Settings::default()), events: 0 }
    }

    /// Lets an event happen; returns in how many steps.
    fn happens(&mut self, what: What) -> u64 {
        self.events += 1;
        let now = Time(self.events);
        let event_id = Id::new(&format!("e{}", self.events));
        let event = Event { platform: Id::new("d"), event_id, occurred_at: now, what };
        let input = Input { pool: Id::new("p"), arrival: now, body: Body::Event(event) };
        steps_of(|| {
            let mut out = Effects::default();
            assert_eq!(self.partition.apply(now, input, &mut out), Taken::Applied);
            self.partition.levels(&mut out);
        })
    }

    fn item(&mut self, sku: &str, channels: Vec<Channel>) {
        self.happens(What::Item(Item {
            sku: Id::new(sku),
            name: Some(Id::new("something that is called by quite a long name")),
            keywords: vec![],
            components: vec![],
            limit_per_buyer: None,
            safety_stock: None,
            low_stock_at: Some(1),
            backorder: None,
            channels,
            season: None,
        }));
    }

    fn receive(&mut self, lot: &str, quantity: u32, best_before: i64) {
        self.happens(What::Received(Received {
            sku: Id::new("tea"),
            quantity,
            lot_id: Id::new(lot),
            best_before: Some(Time(best_before)),
            inspection: Inspection::Passed,
        }));
    }

    /// So many orders of a unit each, every third of them unpaid.
    fn orders(&mut self, count: u32) {
        for number in 1..=count {
            let lines = vec![Line { line_id: Id::new("1"), sku: Id::new("tea"), quantity: 1 }];
            let paid = number % 3 > 0;
            self.happens(What::Order(OrderEvent {
                order_id: Id::new(&format!("{number}")),
                buyer_id: None,
                person_ref: None,
                session_id: None,
                recipient_ref: None,
                version: None,
                verb: if paid {
                    OrderVerb::Paid { lines: Some(lines) }
                } else {
                    OrderVerb::Created { lines }
                },
            }));
        }
    }
}

/// Steps in which a lot that half of the orders hold is recalled, with `spare` units of a third lot to replace it.
fn recall(orders: u32, spare: u32) -> u64 {
    let mut scene = Scene::new();
    scene.receive("first", orders / 2, 1_000_000);
    scene.receive("second", orders / 2, 2_000_000);
    scene.receive("third", spare, 3_000_000);
    scene.orders(orders);
    let recalled = Recalled { lot_id: Id::new("first"), reason: "spoilt".into() };
    let steps = scene.happens(What::Recalled(recalled));
    scene.partition.assert_counts();
    steps
}

#[test]
fn a_recall_looks_at_each_holder_a_few_times() {
    for spare in [1, 100, 400] {
        let (many, twice) = (recall(400, spare), recall(800, 2 * spare));
        assert!(many > 400 && many < 10 * 400, "{many} steps for 400 orders, {spare} to spare");
        assert!(twice < 5 * many / 2, "{many} steps for 400 orders, {twice} for 800");
    }
}

/// Steps in which an order of a SKU is decided and its level told, which so many platforms share; others of
/// several platforms wait for more than there is.
fn order_among(channels: u32) -> u64 {
    let mut scene = Scene::new();
    let channel = |number: u32| Channel {
        platform: Id::new(&format!("{number}")),
        reserved: Some(1),
        max: Some(9),
    };
    scene.item("tea", (0..channels).map(channel).collect());
    scene.receive("first", 9, 1_000_000);
    scene.orders(3);
    let adjusted = Adjusted { sku: Id::new("tea"), delta: 4, lot_id: None, reason: None };
    scene.happens(What::Adjusted(adjusted))
}

#[test]
fn an_event_looks_at_each_channel_a_few_times() {
    let (many, twice) = (order_among(300), order_among(600));
    assert!(many > 300 && many < 10 * 300, "{many} steps for 300 channels");
    assert!(twice < 5 * many / 2, "{many} steps for 300 channels, {twice} for 600");
}

#[test]
fn an_event_weighs_nothing_that_it_does_not_change() {
    let mut scene = Scene::new();
    for number in 0..100 {
        let id = Id::new(&format!("{number}"));
        scene.item(&id, vec![]);
        let session = Session { session_id: id.clone(), platform: None, skus: vec![id.clone()] };
        scene.happens(What::SessionOpened(session));
        scene.happens(What::WaveClosed(WaveClosed { wave_id: id, session_id: None }));
    }
    let steps = scene.happens(What::Policy(PolicyChange::default()));
    assert_eq!(steps, 0, "a policy is of no item, session or wave");
    scene.partition.assert_counts();
}
