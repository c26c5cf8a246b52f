//! What a partition says that it takes in memory is within a quarter of what the allocator counts, whatever
//! its state is made of.

use allotment::{
    Adjusted, Body, Effects, Event, Id, Input, Item, Partition, Rejected, Settings, Time, What,
};
use allotment::{Code, Millis, RejectedOrder};
use footprint::heap;
use footprint::traffic::{Traffic, apply};

const TRAFFIC: Traffic = Traffic { pools: 7, orders: 12_000 };

fn holds_what_it_says(what: &str, before: usize, partition: &Partition) {
    let counted = (heap::held() - before) as f64;
    let told = partition.holds().bytes as f64;
    let ratio = told / counted;
    println!("{what}: {:.1} MB, says {ratio:.2} of it", counted / 1e6);
    assert!((0.75..=1.25).contains(&ratio), "{what}: says {told} bytes, and holds {counted}");
}

fn event(pool: &str, id: u64, at: i64, what: What) -> Input {
    let at = Time(1_795_348_800_000 + at);
    let event_id = Id::new(&format!("event-{id}"));
    let event = Event { platform: Id::new("stock"), event_id, occurred_at: at, what };
    Input { pool: Id::new(pool), arrival: at, body: Body::Event(event) }
}

/// One test: what others allocate would be counted too.
#[test]
fn the_estimate_is_within_a_quarter() {
    let before = heap::held();
    let mut partition = Partition::new(Settings::default());
    TRAFFIC.stock(&mut partition);
    TRAFFIC.place(&mut partition);
    holds_what_it_says("placed", before, &partition);
    TRAFFIC.pay(&mut partition);
    holds_what_it_says("paid", before, &partition);
    restored_and_frozen(partition);
    closed();
    skus_and_lots();
    refusals_and_pools();
}

fn restored_and_frozen(mut live: Partition) {
    live.freeze();
    let mut pages = live.next_pages(usize::MAX);
    pages.sort_by(|one, other| one.key.cmp(&other.key));
    let now = live.now();
    drop(live);
    let stored: usize = pages.iter().filter_map(|page| page.bytes.as_ref()).map(Vec::len).sum();
    pages.iter_mut().filter_map(|page| page.bytes.as_mut()).for_each(Vec::shrink_to_fit);
    let key = size_of::<allotment::Page>() * pages.capacity();
    let before = heap::held() - stored - key;
    let mut restored = Partition::restore(Settings::default(), now, pages).expect("it is whole");
    holds_what_it_says("restored", before, &restored);
    restored.touch_all();
    restored.freeze();
    restored.touch_all();
    holds_what_it_says("restored, with a copy that is being written", before, &restored);
}

fn closed() {
    let before = heap::held();
    let settings = Settings { dedup_window: Millis::from_secs(60), ..Settings::default() };
    let mut partition = Partition::new(settings);
    // Without stock every order is refused, and closed when the window is over.
    TRAFFIC.place(&mut partition);
    let later = partition.now().plus(Millis::from_secs(200));
    partition.advance(later, &mut Effects::default());
    holds_what_it_says("closed", before, &partition);
    let bytes = (heap::held() - before) as u64 / TRAFFIC.orders;
    assert!(bytes < 400, "a closed order takes {bytes} bytes");
}

fn skus_and_lots() {
    let before = heap::held();
    let mut partition = Partition::new(Settings::default());
    for number in 0..6000_u64 {
        let id =
            |what: &str| Id::new(&format!("{what}-{number}-with-a-name-that-is-longer-than-most"));
        let item = Item {
            sku: id("sku"),
            name: None,
            keywords: Vec::new(),
            components: Vec::new(),
            limit_per_buyer: None,
            safety_stock: None,
            low_stock_at: Some(3),
            backorder: None,
            channels: Vec::new(),
            season: None,
        };
        apply(&mut partition, event("p", 2 * number, 0, What::Item(item)));
        let adjusted = Adjusted { sku: id("sku"), delta: 5, lot_id: Some(id("lot")), reason: None };
        apply(&mut partition, event("p", 2 * number + 1, 0, What::Adjusted(adjusted)));
    }
    holds_what_it_says("SKUs and lots", before, &partition);
}

fn refusals_and_pools() {
    let before = heap::held();
    let mut partition = Partition::new(Settings::default());
    for number in 0..6000_u64 {
        let order = RejectedOrder {
            platform: Id::new("douyin"),
            order_id: Id::new(&format!("order-{number}-of-somebody")),
            event_id: None,
        };
        let rejected = Rejected { code: Code::MissingField, order: Some(order) };
        let pool = Id::new(&format!("pool-{}", number / 4));
        let body = Body::Rejected(rejected);
        apply(&mut partition, Input { pool, arrival: Time(1_795_348_800_000), body });
    }
    holds_what_it_says("pools of orders that were only rejected", before, &partition);
}
