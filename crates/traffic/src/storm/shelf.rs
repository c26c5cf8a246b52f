//! What a pool's warehouse tells: lots that come, wait, pass, fail and shrink, counts and recalls, items and
//! policies.

use allotment::{
    Adjusted, AllocateOn, Body, Counted, Event, Id, Input, Inspected, Inspection, InspectionResult,
    Item, PolicyChange, Recalled, Received, Shortage, Time, What,
};

use super::catalogue;
use super::{BEGIN, Feature, HOUR, Pending, Rates, SECOND};
use crate::rng::Rng;

/// The name of a SKU of the storm.
pub(super) fn sku(rng: &mut Rng, rates: &Rates) -> String {
    ["orange", "tea", "egg"][rng.below(rates.skus as u64) as usize].to_owned()
}

/// A lot's name; two SKUs now and then claim the same one.
fn lot(rng: &mut Rng, sku: &str) -> Id {
    if rng.percent(3) {
        Id::new("lot-common")
    } else {
        Id::new(&format!("{sku}-{}", rng.between(1, 4)))
    }
}

/// All stock events of a pool.
pub(super) fn fill(rng: &mut Rng, rates: &Rates, pool: &Id, pending: &mut Vec<Pending>) {
    for (at, sku) in ["orange", "tea", "egg"].iter().take(rates.skus as usize).enumerate() {
        if rng.percent(90) {
            let most = if rng.percent(rates.plenty) { 200 } else { 8 };
            let quantity = rng.between(1, most) as u32;
            let lot_id = Id::new(&format!("{sku}-1"));
            let received = Received {
                sku: Id::new(sku),
                quantity,
                lot_id,
                best_before: rng.percent(30).then(|| Time(BEGIN + rng.between(1, 3000) * SECOND)),
                inspection: Inspection::Passed,
            };
            tell(pool, &format!("first-{at}"), BEGIN - HOUR, What::Received(received), pending);
        }
    }
    for number in 0..rates.orders * rates.stock_events / 20 {
        let at = BEGIN + rng.between(-60, 4000) * SECOND;
        let what = something(rng, rates);
        tell(pool, &format!("s{number}"), at, what, pending);
    }
    if rates.has(Feature::Counts) {
        for number in 0..rng.between(1, 8) {
            let at = BEGIN + rng.between(-60, 4000) * SECOND;
            let counted = What::Counted(counted(rng, rates));
            tell(pool, &format!("count-{number}"), at, counted, pending);
        }
    }
    if rates.has(Feature::Recalls) {
        for number in 0..rng.between(1, 3) {
            let at = BEGIN + rng.between(-60, 4000) * SECOND;
            let sku = sku(rng, rates);
            let recalled = Recalled { lot_id: lot(rng, &sku), reason: Id::new("frost") };
            tell(pool, &format!("recall-{number}"), at, What::Recalled(recalled), pending);
        }
    }
    for number in 0..3 {
        if rng.percent(rates.policies * 2) || number == 0 && rng.percent(50) {
            let at = if number == 0 { BEGIN - HOUR } else { BEGIN + rng.between(0, 2000) * SECOND };
            tell(pool, &format!("policy-{number}"), at, What::Policy(policy(rng)), pending);
        }
    }
}

fn something(rng: &mut Rng, rates: &Rates) -> What {
    let sku = if rates.has(Feature::Bundles) && rng.percent(5) {
        catalogue::ordered(rng, rates)
    } else {
        sku(rng, rates)
    };
    let id = Id::new(&sku);
    match rng.below(12) {
        0..=3 => What::Received(Received {
            sku: id,
            quantity: rng.between(1, 5) as u32,
            lot_id: lot(rng, &sku),
            best_before: rng.percent(40).then(|| Time(BEGIN + rng.between(-100, 5000) * SECOND)),
            inspection: if rng.percent(25) { Inspection::Pending } else { Inspection::Passed },
        }),
        4..=5 => What::Inspected(Inspected {
            lot_id: lot(rng, &sku),
            result: if rng.percent(50) {
                InspectionResult::Passed
            } else {
                InspectionResult::Failed
            },
            note: None,
        }),
        6..=9 => What::Adjusted(Adjusted {
            sku: id,
            delta: if rng.percent(70) { -rng.between(1, 5) } else { rng.between(1, 3) },
            lot_id: rng.percent(50).then(|| lot(rng, &sku)),
            reason: None,
        }),
        _ => What::Item(Item {
            sku: id,
            name: Some(Id::new("a name")),
            keywords: Vec::new(),
            components: Vec::new(),
            limit_per_buyer: None,
            safety_stock: None,
            low_stock_at: rng.percent(70).then(|| rng.between(0, 5) as u32),
            backorder: None,
            channels: Vec::new(),
            season: None,
        }),
    }
}

fn counted(rng: &mut Rng, rates: &Rates) -> Counted {
    let sku = catalogue::ordered(rng, rates);
    Counted {
        quantity: rng.between(0, 12) as u32,
        lot_id: rng.percent(40).then(|| lot(rng, &sku)),
        sku: Id::new(&sku),
    }
}

fn policy(rng: &mut Rng) -> PolicyChange {
    let shortage =
        |rng: &mut Rng| if rng.percent(50) { Shortage::Refuse } else { Shortage::Waitlist };
    PolicyChange {
        allocate_on: rng
            .percent(30)
            .then(|| if rng.percent(60) { AllocateOn::Paid } else { AllocateOn::Created }),
        reservation_ttl_s: rng.percent(40).then(|| [0, 20, 120, 600][rng.below(4) as usize]),
        unpaid_shortage: rng.percent(60).then(|| shortage(rng)),
        paid_shortage: rng.percent(40).then(|| shortage(rng)),
        partial: rng.percent(40).then(|| rng.percent(60)),
        ..PolicyChange::default()
    }
}

pub(super) fn tell(pool: &Id, event_id: &str, at: i64, what: What, pending: &mut Vec<Pending>) {
    tell_on("stock", pool, event_id, at, what, pending);
}

pub(super) fn tell_on(
    platform: &str,
    pool: &Id,
    event_id: &str,
    at: i64,
    what: What,
    pending: &mut Vec<Pending>,
) {
    let event = Event {
        platform: Id::new(platform),
        event_id: Id::new(event_id),
        occurred_at: Time(at),
        what,
    };
    let input = Input { pool: pool.clone(), arrival: Time(at), body: Body::Event(event) };
    pending.push(Pending { arrival: at, input });
}
