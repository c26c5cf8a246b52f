//! What a pool's warehouse tells: lots that come, wait, pass, fail and shrink, counts and recalls, items and
//! policies.

use allotment::{
    Adjusted, AllocateOn, Body, Counted, Event, Id, Input, Inspected, Inspection, InspectionResult,
    Item, PolicyChange, Recalled, Received, Shortage, Time, What,
};

use super::catalogue;
use super::{BEGIN, Feature, HOUR, Pending, Rates, SECOND};
use crate::dice::Dice;

/// The name of a SKU of the storm.
pub(super) fn sku(dice: &mut Dice, rates: &Rates) -> String {
    ["orange", "tea", "egg"][dice.below(rates.skus as u64) as usize].to_owned()
}

/// A lot's name; two SKUs now and then claim the same one.
fn lot(dice: &mut Dice, sku: &str) -> Id {
    if dice.percent(3) {
        Id::new("lot-common")
    } else {
        Id::new(&format!("{sku}-{}", dice.between(1, 4)))
    }
}

/// All stock events of a pool.
pub(super) fn fill(dice: &mut Dice, rates: &Rates, pool: &Id, pending: &mut Vec<Pending>) {
    for (at, sku) in ["orange", "tea", "egg"].iter().take(rates.skus as usize).enumerate() {
        if dice.percent(90) {
            let most = if dice.percent(rates.plenty) { 200 } else { 8 };
            let quantity = dice.between(1, most) as u32;
            let lot_id = Id::new(&format!("{sku}-1"));
            let received = Received {
                sku: Id::new(sku),
                quantity,
                lot_id,
                best_before: dice.percent(30).then(|| Time(BEGIN + dice.between(1, 3000) * SECOND)),
                inspection: Inspection::Passed,
            };
            tell(pool, &format!("first-{at}"), BEGIN - HOUR, What::Received(received), pending);
        }
    }
    for number in 0..rates.orders * rates.stock_events / 20 {
        let at = BEGIN + dice.between(-60, 4000) * SECOND;
        let what = something(dice, rates);
        tell(pool, &format!("s{number}"), at, what, pending);
    }
    if rates.has(Feature::Counts) {
        for number in 0..dice.between(1, 8) {
            let at = BEGIN + dice.between(-60, 4000) * SECOND;
            let counted = What::Counted(counted(dice, rates));
            tell(pool, &format!("count-{number}"), at, counted, pending);
        }
    }
    if rates.has(Feature::Recalls) {
        for number in 0..dice.between(1, 3) {
            let at = BEGIN + dice.between(-60, 4000) * SECOND;
            let sku = sku(dice, rates);
            let recalled = Recalled { lot_id: lot(dice, &sku), reason: Id::new("frost") };
            tell(pool, &format!("recall-{number}"), at, What::Recalled(recalled), pending);
        }
    }
    for number in 0..3 {
        if dice.percent(rates.policies * 2) || number == 0 && dice.percent(50) {
            let at =
                if number == 0 { BEGIN - HOUR } else { BEGIN + dice.between(0, 2000) * SECOND };
            tell(pool, &format!("policy-{number}"), at, What::Policy(policy(dice)), pending);
        }
    }
}

fn something(dice: &mut Dice, rates: &Rates) -> What {
    let sku = if rates.has(Feature::Bundles) && dice.percent(5) {
        catalogue::ordered(dice, rates)
    } else {
        sku(dice, rates)
    };
    let id = Id::new(&sku);
    match dice.below(12) {
        0..=3 => What::Received(Received {
            sku: id,
            quantity: dice.between(1, 5) as u32,
            lot_id: lot(dice, &sku),
            best_before: dice.percent(40).then(|| Time(BEGIN + dice.between(-100, 5000) * SECOND)),
            inspection: if dice.percent(25) { Inspection::Pending } else { Inspection::Passed },
        }),
        4..=5 => What::Inspected(Inspected {
            lot_id: lot(dice, &sku),
            result: if dice.percent(50) {
                InspectionResult::Passed
            } else {
                InspectionResult::Failed
            },
            note: None,
        }),
        6..=9 => What::Adjusted(Adjusted {
            sku: id,
            delta: if dice.percent(70) { -dice.between(1, 5) } else { dice.between(1, 3) },
            lot_id: dice.percent(50).then(|| lot(dice, &sku)),
            reason: None,
        }),
        _ => What::Item(Item {
            sku: id,
            name: Some(Id::new("a name")),
            keywords: Vec::new(),
            components: Vec::new(),
            limit_per_buyer: None,
            safety_stock: None,
            low_stock_at: dice.percent(70).then(|| dice.between(0, 5) as u32),
            backorder: None,
            channels: Vec::new(),
            season: None,
        }),
    }
}

fn counted(dice: &mut Dice, rates: &Rates) -> Counted {
    let sku = catalogue::ordered(dice, rates);
    Counted {
        quantity: dice.between(0, 12) as u32,
        lot_id: dice.percent(40).then(|| lot(dice, &sku)),
        sku: Id::new(&sku),
    }
}

fn policy(dice: &mut Dice) -> PolicyChange {
    let shortage =
        |dice: &mut Dice| if dice.percent(50) { Shortage::Refuse } else { Shortage::Waitlist };
    PolicyChange {
        allocate_on: dice
            .percent(30)
            .then(|| if dice.percent(60) { AllocateOn::Paid } else { AllocateOn::Created }),
        reservation_ttl_s: dice.percent(40).then(|| [0, 20, 120, 600][dice.below(4) as usize]),
        unpaid_shortage: dice.percent(60).then(|| shortage(dice)),
        paid_shortage: dice.percent(40).then(|| shortage(dice)),
        partial: dice.percent(40).then(|| dice.percent(60)),
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
