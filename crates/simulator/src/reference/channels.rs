//! What may still be sold on which platform: channels, safety stock and seasons.

use std::collections::BTreeSet;

use allotment::{Channel, Id};

use super::order::{Holding, Order, Tally};
use super::pool::{OrderKey, Pool};

impl Pool {
    pub(super) fn season(&self, sku: &Id) -> Option<Id> {
        self.items.get(sku).and_then(|item| item.season.clone())
    }

    /// An order stays in the season in which it first asks for a SKU, as a part of a bundle too.
    pub(super) fn note_seasons(&mut self, key: &OrderKey) {
        let order = &self.orders[key];
        let mut skus = BTreeSet::new();
        for line in order.effective().iter().filter(|line| line.quantity > 0) {
            skus.insert(line.sku.clone());
            skus.extend(order.parts_of(&line.sku).into_iter().map(|(part, _)| part));
        }
        for sku in skus {
            let season = self.season(&sku);
            self.order_mut(key).seasons.entry(sku).or_insert(season);
        }
    }

    /// Units that orders and claims of a platform hold, or that left with its orders, in the present season.
    fn used(&self, sku: &Id, platform: &Id) -> u64 {
        let season = self.season(sku);
        let mut used = 0;
        for ((of, _), order) in &self.orders {
            let tally = order.tally();
            if of == platform && tally.seasons.get(sku) == Some(&season) {
                used += tally.used.get(sku).copied().unwrap_or(0);
            }
        }
        for (key, claim) in &self.claims {
            if key.platform == *platform && claim.seasons.get(sku) == Some(&season) {
                used += units_of(&claim.holdings, sku);
            }
        }
        used
    }

    fn channels(&self, sku: &Id) -> &[Channel] {
        self.items.get(sku).map_or(&[], |item| &item.channels)
    }

    /// The contract's formula for a SKU with stock of its own. A platform without a channel has no `max`.
    pub(super) fn sellable_units(&self, sku: &Id, platform: &Id) -> u64 {
        let safety = self.items.get(sku).and_then(|item| item.safety_stock).unwrap_or(0);
        let mut left = i128::from(self.available(sku)) - i128::from(safety);
        let mut most = i128::MAX;
        for channel in self.channels(sku) {
            let used = i128::from(self.used(sku, &channel.platform));
            if channel.platform == *platform {
                most = channel.max.map_or(most, |max| i128::from(max) - used);
            } else {
                left -= (i128::from(channel.reserved.unwrap_or(0)) - used).max(0);
            }
        }
        u64::try_from(left.min(most).max(0)).expect("no more than is available")
    }

    /// What may be sold of a SKU or a bundle on a platform.
    pub(super) fn sellable(&self, sku: &Id, platform: &Id) -> u64 {
        match self.recipe(sku) {
            None => self.sellable_units(sku, platform),
            Some(parts) => super::bundles::whole_units(&parts, u64::MAX, |part| {
                self.sellable_units(part, platform)
            }),
        }
    }

    /// The platforms that a SKU's level names, `*` last, each with what it may sell.
    pub(super) fn sellable_by_platform(&self, sku: &Id) -> Vec<(Id, u64)> {
        let parts = self.recipe(sku).unwrap_or_else(|| vec![(sku.clone(), 1)]);
        let named: BTreeSet<Id> = parts
            .iter()
            .flat_map(|(part, _)| self.channels(part))
            .map(|channel| channel.platform.clone())
            .collect();
        let all = named.into_iter().chain([Id::new("*")]);
        all.map(|platform| (platform.clone(), self.sellable(sku, &platform))).collect()
    }

    /// Units of a SKU that an order can get now.
    pub(super) fn room(&self, key: &OrderKey, sku: &Id) -> u64 {
        let available = self.available(sku);
        if self.orders[key].paid {
            // An oversold order beside a full shelf would be absurd.
            available
        } else {
            available.min(self.sellable_units(sku, &key.0))
        }
    }
}

impl Order {
    /// What it counts for in its seasons.
    pub(super) fn tally(&self) -> Tally {
        if let Some(closed) = &self.closed {
            return closed.tally.clone();
        }
        let newest = |field: &Option<(super::facts::Age, Id)>| {
            field.as_ref().map(|(_, value)| value.clone())
        };
        let mut tally = Tally {
            seasons: self.seasons.clone(),
            joined: self.joined.clone(),
            buyer_id: newest(&self.buyer_id),
            person_ref: newest(&self.person_ref),
            bought: self.bought(),
            ..Tally::default()
        };
        for holding in &self.holdings {
            *tally.used.entry(holding.sku.clone()).or_default() += holding.units;
        }
        for part in self.handed.iter().flat_map(|packed| &packed.parts) {
            let units: u64 = part.lots.iter().map(|(_, units)| units).sum();
            *tally.used.entry(part.sku.clone()).or_default() += units;
        }
        tally
    }
}

pub(super) fn units_of(holdings: &[Holding], sku: &Id) -> u64 {
    holdings.iter().filter(|h| h.sku == *sku).map(|h| h.units).sum()
}
