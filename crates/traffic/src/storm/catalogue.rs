//! What a pool's catalogue and policies say: bundles, channels, limits, backorders and seasons, all of which
//! are replaced in the middle.

use allotment::{Backorder, Channel, Claims, Component, Id, Item, PolicyChange, Time, What};

use super::shelf::{self, tell};
use super::{BEGIN, Feature, HOUR, Pending, Rates, SECOND};
use crate::rng::Rng;

/// Things that consist of others, most of the time.
const BUNDLES: [&str; 2] = ["box", "mix"];

/// What an order asks for: a SKU, or a bundle where the storm has any.
pub(super) fn ordered(rng: &mut Rng, rates: &Rates) -> String {
    if rates.has(Feature::Bundles) && rng.percent(40) {
        return rng.word(&BUNDLES).to_owned();
    }
    shelf::sku(rng, rates)
}

/// All items and policies that the storm's features call for.
pub(super) fn fill(rng: &mut Rng, rates: &Rates, pool: &Id, pending: &mut Vec<Pending>) {
    let about_items = [
        Feature::Bundles,
        Feature::Channels,
        Feature::Limits,
        Feature::Backorder,
        Feature::Comments,
    ];
    if about_items.iter().any(|feature| rates.has(*feature)) {
        for number in 0..4 + rng.between(0, 8) {
            let early = number < 4 && rng.percent(80);
            let at = if early { BEGIN - HOUR } else { BEGIN + rng.between(-60, 4000) * SECOND };
            let item = What::Item(item(rng, rates, number));
            tell(pool, &format!("item-{number}"), at, item, pending);
        }
    }
    if rates.has(Feature::Preemption) || rates.has(Feature::Comments) {
        for number in 0..3 {
            let at = if number == 0 { BEGIN - HOUR } else { BEGIN + rng.between(0, 3000) * SECOND };
            let policy = What::Policy(policy(rng, rates, number == 0));
            tell(pool, &format!("policies-{number}"), at, policy, pending);
        }
    }
}

fn item(rng: &mut Rng, rates: &Rates, number: i64) -> Item {
    let bundles = rates.has(Feature::Bundles);
    let sku = match number {
        0 | 1 if bundles => BUNDLES[number as usize].to_owned(),
        _ if bundles && rng.percent(40) => rng.word(&BUNDLES).to_owned(),
        _ => shelf::sku(rng, rates),
    };
    let is_bundle = BUNDLES.contains(&sku.as_str());
    let parts = if is_bundle { rng.percent(90) } else { bundles && rng.percent(4) };
    let channels = rates.has(Feature::Channels) && rng.percent(70);
    Item {
        name: None,
        keywords: if rates.has(Feature::Comments) { keywords(&sku) } else { Vec::new() },
        components: if parts { components(rng, rates) } else { Vec::new() },
        limit_per_buyer: (rates.has(Feature::Limits) && rng.percent(80))
            .then(|| rng.between(1, 6) as u32),
        safety_stock: (channels && rng.percent(30)).then(|| rng.between(0, 3) as u32),
        low_stock_at: rng.percent(30).then(|| rng.between(0, 5) as u32),
        backorder: (rates.has(Feature::Backorder) && rng.percent(80)).then(|| Backorder {
            limit: rng.between(0, 9) as u32,
            until: rng.percent(60).then(|| Time(BEGIN + rng.between(-60, 4000) * SECOND)),
        }),
        channels: if channels { some_channels(rng) } else { Vec::new() },
        season: (channels || rates.has(Feature::Limits) || rates.has(Feature::Backorder))
            .then(|| rng.percent(50).then(|| Id::new(rng.word(&["early", "late"]))))
            .flatten(),
        sku: Id::new(&sku),
    }
}

fn components(rng: &mut Rng, rates: &Rates) -> Vec<Component> {
    let mut parts = Vec::new();
    for _ in 0..rng.between(1, 3) {
        let nested = rng.percent(4);
        let sku = if nested { rng.word(&BUNDLES).to_owned() } else { shelf::sku(rng, rates) };
        let quantity = [1, 1, 2, 3][rng.below(4) as usize];
        parts.push(Component { sku: Id::new(&sku), quantity });
    }
    parts
}

fn some_channels(rng: &mut Rng) -> Vec<Channel> {
    let mut channels = Vec::new();
    for platform in ["douyin", "weixin", "tao%bao", "elsewhere"] {
        if rng.percent(45) {
            channels.push(Channel {
                platform: Id::new(platform),
                reserved: rng.percent(60).then(|| rng.between(0, 4) as u32),
                max: rng.percent(50).then(|| rng.between(0, 6) as u32),
            });
        }
    }
    channels
}

/// What buyers type for a SKU.
fn keywords(sku: &str) -> Vec<Id> {
    match sku {
        "orange" => vec![Id::new("橙子")],
        _ => Vec::new(),
    }
}

fn policy(rng: &mut Rng, rates: &Rates, first: bool) -> PolicyChange {
    let mut change = PolicyChange::default();
    if rates.has(Feature::Preemption) && (first || rng.percent(40)) {
        change.paid_preempts_reserved = Some(first || rng.percent(50));
    }
    if rates.has(Feature::Comments) && (first || rng.percent(40)) {
        let claims = *rng.one_of(&[Claims::Hold, Claims::Hold, Claims::Signal, Claims::Off]);
        change.claims = Some(claims);
        change.claim_ttl_s = rng.percent(60).then(|| [0, 5, 60, 600][rng.below(4) as usize]);
    }
    change
}
