//! `limit_per_buyer`: units of a season over all orders of a person, and of a platform's buyer.

use std::collections::BTreeMap;

use allotment::{Id, Standing};

use super::order::{Order, Recipe, Tally};
use super::pool::{OrderKey, Pool};

/// Units by SKU, as ordered and, through bundles, as taken apart.
pub(super) type Units = BTreeMap<Id, u64>;

/// Adds units of an ordered SKU and of what they consist of.
fn add(sum: &mut Units, sku: &Id, units: u64, recipe: Option<&Recipe>) {
    *sum.entry(sku.clone()).or_default() += units;
    for (part, each) in recipe.into_iter().flatten() {
        *sum.entry(part.clone()).or_default() += units * each;
    }
}

/// Units of whole bundles, or of a SKU, and of what they consist of.
pub(super) fn units(sku: &Id, quantity: u64, recipe: Option<&Recipe>) -> Units {
    let mut sum = Units::new();
    add(&mut sum, sku, quantity, recipe);
    sum
}

impl Order {
    /// All that its lines ask for, with what has left.
    pub(super) fn wish(&self) -> Units {
        let mut sum = Units::new();
        for line in self.effective() {
            add(&mut sum, &line.sku, u64::from(line.quantity), self.recipes.get(&line.sku));
        }
        sum
    }

    /// What it counts for against its buyer's limit.
    pub(super) fn bought(&self) -> Units {
        use Standing::{Allocated, Backordered, HandedOver, Reserved, Waitlisted};
        let counts =
            matches!(self.standing(), Reserved | Allocated | Backordered | Waitlisted | HandedOver);
        let mut sum = Units::new();
        if !counts || self.cancelled() {
            return sum;
        }
        for (line, open, whole) in self.filled_lines() {
            // A rest that was refused is bought by nobody.
            let refused = if self.waiting() { 0 } else { open - whole };
            let units = u64::from(line.quantity) - refused;
            add(&mut sum, &line.sku, units, self.recipes.get(&line.sku));
        }
        sum
    }
}

impl Pool {
    /// The SKUs of which an order wishes more than its buyer may have; `was` is the order before it wished.
    pub(super) fn over_limit(&self, key: &OrderKey, was: &Order) -> Vec<Id> {
        let order = &self.orders[key];
        let Tally { buyer_id, person_ref, seasons, .. } = order.tally();
        if buyer_id.is_none() && person_ref.is_none() {
            return Vec::new();
        }
        let before = was.bought();
        let mut over = Vec::new();
        for (sku, units) in order.wish() {
            let limit = self.items.get(&sku).and_then(|item| item.limit_per_buyer);
            let more = units > before.get(&sku).copied().unwrap_or(0);
            let (Some(limit), true) = (limit, more) else { continue };
            let season = seasons.get(&sku).cloned().flatten();
            let of_person = person_ref.as_ref().map_or(0, |person| {
                self.bought_by(&sku, &season, key, |_, _, by| by == Some(person))
            });
            let of_buyer = buyer_id.as_ref().map_or(0, |buyer| {
                self.bought_by(&sku, &season, key, |platform, by, _| {
                    *platform == key.0 && by == Some(buyer)
                })
            });
            if of_person.max(of_buyer) + units > u64::from(limit) {
                over.push(sku);
            }
        }
        over
    }

    /// Units of a SKU in a season over all orders, but for one, and claims of those; told by platform,
    /// buyer and person.
    pub(super) fn bought_by(
        &self,
        sku: &Id,
        season: &Option<Id>,
        but: &OrderKey,
        of: impl Fn(&Id, Option<&Id>, Option<&Id>) -> bool,
    ) -> u64 {
        let mut sum = 0;
        for (key, order) in self.orders.iter().filter(|(key, _)| *key != but) {
            let tally = order.tally();
            let theirs = of(&key.0, tally.buyer_id.as_ref(), tally.person_ref.as_ref());
            if theirs && tally.seasons.get(sku) == Some(season) {
                sum += tally.bought.get(sku).copied().unwrap_or(0);
            }
        }
        for (key, claim) in &self.claims {
            let theirs = of(&key.platform, Some(&key.buyer_id), claim.person_ref.as_ref());
            if theirs && claim.seasons.get(sku) == Some(season) {
                sum += claim.bought(&key.sku).get(sku).copied().unwrap_or(0);
            }
        }
        sum
    }
}
