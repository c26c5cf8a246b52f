//! An evening is the same for the same seed, keeps the promised numbers, and is made of what it says.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{Millis, Time};
use serde_json::Value;

use super::{Delivery, Evening, Plan, Topic, evening};

/// 2026-11-22 20:00 in China.
const START: Time = Time(1_795_348_800_000);

fn usual(seed: u64) -> Evening {
    evening(&Plan::usual(seed, START))
}

fn parsed(deliveries: &[Delivery]) -> Vec<Value> {
    deliveries.iter().filter_map(|delivery| serde_json::from_slice(&delivery.value).ok()).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    assert_eq!(usual(7), usual(7));
    assert_ne!(usual(7).deliveries, usual(8).deliveries);
}

#[test]
fn pools_do_not_depend_on_their_neighbours() {
    let plan = Plan { pools: 3, ..Plan::usual(7, START) };
    let all = evening(&plan);
    let second = evening(&Plan { first_pool: 1, pools: 1, ..plan });
    let of_second: Vec<_> =
        all.deliveries.iter().filter(|d| d.key == second.deliveries[0].key).cloned().collect();
    assert_eq!(of_second, second.deliveries);
    assert_eq!(all.deliveries.iter().map(|d| &d.key).collect::<BTreeSet<_>>().len(), 3);
}

#[test]
fn the_promised_numbers_hold_for_many_seeds() {
    for seed in 0..60 {
        let tally = usual(seed).tally;
        assert!((300..=500).contains(&tally.orders), "seed {seed}: {tally:?}");
        assert_eq!(tally.sell_outs, 2, "seed {seed}");
        assert!((15..=160).contains(&tally.duplicates), "seed {seed}: {tally:?}");
        assert!((10..=100).contains(&tally.late), "seed {seed}: {tally:?}");
        assert_eq!((tally.conflicts, tally.bad), (1, 5), "seed {seed}");
    }
}

#[test]
fn a_long_evening_fits_into_a_minute() {
    let plan = Plan { length: Millis::from_secs(60), ..Plan::usual(7, START) };
    let short = evening(&plan);
    assert_eq!(short.tally, usual(7).tally);
    assert!(short.deliveries.is_sorted_by_key(|delivery| delivery.at));
    let last = short.deliveries.last().expect("an evening has events").at;
    assert!((Millis::from_secs(55)..=plan.length).contains(&last), "{last:?}");
    let policy = parsed(&short.deliveries)
        .into_iter()
        .find(|e| e["type"] == "pool.policy")
        .expect("there is a policy");
    assert_eq!(policy["reservation_ttl_s"], 4);
}

#[test]
fn it_has_four_platforms_a_dozen_goods_and_every_kind_of_event() {
    let events = parsed(&usual(7).deliveries);
    let said = |field: &str| {
        events.iter().filter_map(|e| Some(e[field].as_str()?.to_owned())).collect::<BTreeSet<_>>()
    };
    assert_eq!(
        said("platform").into_iter().collect::<Vec<_>>(),
        ["douyin", "kuaishou", "taobao", "weixin"]
    );
    assert_eq!(said("sku").len(), 12);
    let kinds = said("type");
    for kind in [
        "catalogue.item",
        "order.amended",
        "order.cancelled",
        "order.cleared",
        "order.created",
        "order.held",
        "order.paid",
        "order.refunded",
        "order.snapshot",
        "order.teleported",
        "pool.policy",
        "shipment.handed_over",
        "stock.adjusted",
        "stock.inspected",
        "stock.received",
    ] {
        assert!(kinds.contains(kind), "{kind} is missing");
    }
    assert_eq!(kinds.len(), 15, "a kind that is not looked for: {kinds:?}");
}

#[test]
fn some_payments_overtake_their_orders() {
    let mut created = BTreeSet::new();
    let mut overtaken = 0;
    for event in parsed(&usual(7).deliveries) {
        let order = (event["platform"].to_string(), event["order_id"].to_string());
        match event["type"].as_str() {
            Some("order.created") => drop(created.insert(order)),
            Some("order.paid") if !created.contains(&order) => overtaken += 1,
            _ => {}
        }
    }
    assert!(overtaken >= 3, "{overtaken}");
}

#[test]
fn orders_come_in_bursts() {
    let mut by_minute = BTreeMap::new();
    for delivery in usual(7).deliveries.iter().filter(|delivery| delivery.topic == Topic::Orders) {
        *by_minute.entry(delivery.at.0 / 60_000).or_insert(0) += 1;
    }
    let busiest = by_minute.values().copied().max().expect("there are orders");
    let all: i32 = by_minute.values().sum();
    let average = all / i32::try_from(by_minute.len()).expect("forty minutes");
    assert!(busiest >= 2 * average, "busiest {busiest}, average {average}");
}
