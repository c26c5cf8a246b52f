//! The audit on topics that are right, of storms and evenings, and on topics that were damaged.
//!
//! `GRANARY_STORMS` says how many storms (default below), `GRANARY_SEED` where they begin.

mod added;
mod damage;
mod market;
mod topics;
mod written;

use std::env;

use allotment::{Body, Time, What};
use contract::{Encoding, Topic};
use lane::InputTopic;
use traffic::evening::{self, Plan, evening};
use traffic::storm::{Features, Storm};

use topics::{Sent, Topics};

/// Enough to see each kind of storm in a few seconds.
const STORMS: u64 = 150;

fn number(name: &str) -> Option<u64> {
    env::var(name).ok().map(|text| text.parse().expect("a whole number"))
}

/// A storm as a bridge would publish it.
fn storm(seed: u64) -> Vec<Sent> {
    let sent = |input: &allotment::Input| {
        let topic = match &input.body {
            Body::Event(event) => match event.what {
                What::Order(_) => InputTopic::Orders,
                What::Comment(_) => InputTopic::Comments,
                _ => InputTopic::Stock,
            },
            Body::Rejected(_) => InputTopic::Orders,
        };
        Sent {
            topic,
            pool: input.pool.to_string(),
            arrival: input.arrival,
            value: written::bytes(input),
        }
    };
    // What comments hold is told by no decision: of that the audit knows nothing.
    let features = Features::named("counts,recalls,bundles,waves,sessions");
    let features = features.expect("they are features");
    Storm::with(seed, &features).inputs.iter().map(sent).collect()
}

/// An evening of some villages.
fn villages(seed: u64, pools: u32) -> Vec<Sent> {
    let start = Time(1_795_348_800_000);
    let plan = Plan { pools, ..Plan::usual(seed, start) };
    let sent = |delivery: evening::Delivery| Sent {
        topic: if delivery.topic == evening::Topic::Orders {
            InputTopic::Orders
        } else {
            InputTopic::Stock
        },
        pool: delivery.key,
        arrival: start.plus(delivery.at),
        value: delivery.value,
    };
    evening(&plan).deliveries.into_iter().map(sent).collect()
}

fn text(report: &super::Report) -> String {
    let violations: Vec<_> =
        report.violations.iter().map(|violation| format!("{violation:?}")).collect();
    format!("{report}\n{}", violations.join("\n"))
}

#[test]
fn storms_give_no_false_alarm() {
    let begin = number("GRANARY_SEED").unwrap_or(1);
    let mut counts = super::report::Counts::default();
    for seed in begin..begin + number("GRANARY_STORMS").unwrap_or(STORMS) {
        let encoding = if seed % 4 == 0 { Encoding::Protobuf } else { Encoding::Json };
        let report = Topics::of(&storm(seed), 1 + (seed % 3) as u32, encoding).audit();
        assert_eq!(report.total(), 0, "GRANARY_SEED={seed}\n{}", text(&report));
        counts.turns += report.counts.turns;
        counts.shelves += report.counts.shelves;
        counts.order_events += report.counts.order_events;
    }
    assert!(counts.turns > 100 && counts.shelves > 100 && counts.order_events > 1000, "{counts:?}");
}

#[test]
fn markets_of_bundles_give_no_false_alarm() {
    let begin = number("GRANARY_SEED").unwrap_or(1);
    let (mut counts, mut bundles) = (super::report::Counts::default(), 0);
    for seed in begin..begin + number("GRANARY_STORMS").unwrap_or(2 * STORMS) {
        let encoding = if seed % 4 == 0 { Encoding::Protobuf } else { Encoding::Json };
        let topics = Topics::of(&market::market(seed), 1, encoding);
        let report = topics.audit();
        assert_eq!(report.total(), 0, "GRANARY_SEED={seed}\n{}", text(&report));
        counts.turns += report.counts.turns;
        counts.shelves += report.counts.shelves;
        let parcels = topics.logs.get(&(Topic::Fulfillment, 0)).into_iter().flatten();
        let of_bundle = |record: &lane::Record| {
            let value = String::from_utf8_lossy(record.value.as_deref().unwrap_or_default());
            value.contains("components")
        };
        bundles += parcels.filter(|record| of_bundle(record)).count();
    }
    let enough = counts.turns > 100 && counts.shelves > 300 && bundles > 100;
    assert!(enough || number("GRANARY_STORMS").is_some(), "{counts:?} {bundles}");
}

#[test]
fn evenings_are_proved() {
    for partitions in [1, 3] {
        let report = Topics::of(&villages(7, 4), partitions, Encoding::Json).audit();
        assert_eq!((report.total(), report.unproved.len()), (0, 0), "{}", text(&report));
        assert!(report.counts.turns > 20 && report.counts.shelves > 20, "{}", text(&report));
    }
}

/// Channels, limits, a backorder's date and reservations that are taken: who is passed over is so by right.
const SHARED_OUT: &str = r#"
pool.policy 0 "unpaid_shortage":"waitlist","reservation_ttl_s":600
catalogue.item 0 "sku":"tea","safety_stock":1,"channels":[{"platform":"d","reserved":3},{"platform":"w","max":2}],"limit_per_buyer":4
catalogue.item 0 "sku":"nut","backorder":{"limit":3,"until":1795348860000}
stock.received 1 "sku":"tea","lot_id":"T1","quantity":8
order.created 2 "platform":"w","order_id":"1","buyer_id":"a","lines":[{"sku":"tea","quantity":2}]
order.created 3 "platform":"w","order_id":"2","buyer_id":"b","lines":[{"sku":"tea","quantity":1}]
order.created 4 "platform":"x","order_id":"3","buyer_id":"c","lines":[{"sku":"tea","quantity":2}]
order.created 5 "platform":"d","order_id":"4","buyer_id":"d","lines":[{"sku":"tea","quantity":1}]
order.amended 6 "platform":"d","order_id":"4","lines":[{"sku":"tea","quantity":9}]
order.created 7 "platform":"d","order_id":"5","buyer_id":"e","lines":[{"sku":"nut","quantity":2}]
order.paid 8 "platform":"d","order_id":"6","buyer_id":"f","lines":[{"sku":"nut","quantity":1}]
stock.received 70 "sku":"nut","lot_id":"N1","quantity":1
order.cancelled 71 "platform":"x","order_id":"3"
pool.policy 72 "paid_preempts_reserved":true
order.paid 73 "platform":"w","order_id":"7","buyer_id":"g","lines":[{"sku":"tea","quantity":4}]
order.paid 74 "platform":"w","order_id":"8","buyer_id":"h","lines":[{"sku":"tea","quantity":2}]
stock.received 75 "sku":"tea","lot_id":"T2","quantity":1
"#;

#[test]
fn who_may_not_have_it_is_passed_over_by_right() {
    let start = Time(1_795_348_800_000);
    let sent = |(number, line): (usize, &str)| {
        let [kind, second, fields] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let arrival = start.plus(allotment::Millis::from_secs(second.parse().expect("a number")));
        let topic = if kind.starts_with("order") { InputTopic::Orders } else { InputTopic::Stock };
        let value = format!(
            r#"{{"type":"{kind}","event_id":"e{number}","pool":"p","occurred_at":{},{fields}}}"#,
            arrival.0
        );
        Sent { topic, pool: "p".to_owned(), arrival, value: value.into_bytes() }
    };
    let sent: Vec<Sent> = SHARED_OUT.trim().lines().enumerate().map(sent).collect();
    let topics = Topics::of(&sent, 1, Encoding::Json);
    let decisions: Vec<String> = topics.logs[&(Topic::Decisions, 0)]
        .iter()
        .map(|record| {
            let bytes = record.value.as_deref().expect("a decision has a value");
            let of: serde_json::Value = serde_json::from_slice(bytes).expect("JSON");
            let field = |name: &str| of[name].as_str().expect("a word").to_owned();
            [field("order_id"), field("outcome"), field("reason")].join(" ")
        })
        .collect();
    for word in ["2 waitlisted channel", "4 refused limit", "5 refused short", "6 waitlisted short"]
    {
        assert!(decisions.iter().any(|decision| decision == word), "{word}: {decisions:#?}");
    }
    assert!(decisions.iter().any(|decision| decision.ends_with("preempted")), "{decisions:#?}");
    let report = topics.audit();
    assert_eq!(report.total(), 0, "{}", text(&report));
}
