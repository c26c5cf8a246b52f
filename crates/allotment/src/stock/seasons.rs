//! What a SKU's orders add up to, season by season. It follows from the orders' tallies.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use super::{Sku, SkuIx, Stock};
use crate::Id;
use crate::bounds::USED_MAX;
use crate::order::{Order, signed};

/// A season of one SKU: its position among the names that its item has had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct SeasonIx(#[n(0)] pub(crate) u32);

impl SeasonIx {
    /// An item without a season is in this one.
    pub(crate) const NONE: Self = Self(0);
}

/// What a SKU's orders add up to, by season.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    /// Units reserved, allocated and handed over, by platform.
    used: BTreeMap<Id, Vec<u64>>,
    /// Units that those were short of who joined the backorder.
    joined: Vec<u64>,
}

/// Changes a season's sum.
fn change(sums: &mut Vec<u64>, season: SeasonIx, change: i64) {
    let at = season.0 as usize;
    if sums.len() <= at {
        sums.resize(at + 1, 0);
    }
    sums[at] = sums[at].checked_add_signed(change).expect("a season's sum is never negative");
}

fn sum_of(sums: &[u64], season: SeasonIx) -> u64 {
    sums.get(season.0 as usize).copied().unwrap_or_default()
}

impl Sku {
    /// The season of that name; the SKU has one more if it is new.
    pub(crate) fn season_of(&mut self, name: Option<&Id>) -> SeasonIx {
        let Some(name) = name else { return SeasonIx::NONE };
        let at = self.seasons.iter().position(|known| known == name).unwrap_or_else(|| {
            self.seasons.push(name.clone());
            self.seasons.len() - 1
        });
        SeasonIx(u32::try_from(at + 1).expect("a SKU has fewer than 2^32 seasons"))
    }

    pub(crate) fn has_season(&self, season: SeasonIx) -> bool {
        season.0 as usize <= self.seasons.len()
    }

    /// Units that orders of `platform` hold or have been sent, in the present season.
    pub(crate) fn used_now(&self, platform: &Id) -> u64 {
        self.used(platform, self.season)
    }

    pub(crate) fn used(&self, platform: &Id, season: SeasonIx) -> u64 {
        self.sums.used.get(platform).map_or(0, |sums| sum_of(sums, season))
    }

    /// Units that those of a season were short of who joined the backorder.
    pub(crate) fn joined(&self, season: SeasonIx) -> u64 {
        sum_of(&self.sums.joined, season)
    }
}

impl Stock {
    /// What an order's tallies add to the sums of its SKUs.
    pub(crate) fn add_tallies(&mut self, order: &Order) -> Result<(), &'static str> {
        for tally in order.tallies() {
            let platform = &order.name.platform;
            let sku = self.sku(tally.sku);
            let (used, joined) = (sku.used(platform, tally.season), sku.joined(tally.season));
            if tally.used > USED_MAX - used || tally.joined > USED_MAX - joined {
                return Err("it counts for more units than can be counted");
            }
            let (used, joined) = (tally.change(), signed(tally.joined));
            self.count_used(tally.sku, tally.season, platform, used);
            self.count_joined(tally.sku, tally.season, joined);
        }
        Ok(())
    }

    /// Asserts that the sums are those of these orders.
    pub(crate) fn assert_sums<'a>(&self, orders: impl Iterator<Item = &'a Order>) {
        let mut recounted = Self::default();
        recounted.skus.extend(self.skus.iter().map(|_| Sku::default()));
        orders.for_each(|order| recounted.add_tallies(order).expect("what was counted can be"));
        for (sku, again) in self.skus.iter().zip(&recounted.skus) {
            let seasons = || (0..=sku.seasons.len()).map(|at| SeasonIx(at as u32));
            let platforms = || sku.sums.used.keys().chain(again.sums.used.keys());
            for season in seasons() {
                assert_eq!(sku.joined(season), again.joined(season), "backorders of {}", sku.id);
                for platform in platforms() {
                    let (counted, is) = (sku.used(platform, season), again.used(platform, season));
                    assert_eq!(counted, is, "what {platform} has used of {}", sku.id);
                }
            }
        }
    }

    pub(crate) fn count_used(&mut self, sku: SkuIx, season: SeasonIx, platform: &Id, units: i64) {
        let used = &mut self.sku_mut(sku).sums.used;
        match used.get_mut(platform) {
            Some(sums) => change(sums, season, units),
            None => change(used.entry(platform.clone()).or_default(), season, units),
        }
        self.touch(sku);
    }

    pub(crate) fn count_joined(&mut self, sku: SkuIx, season: SeasonIx, units: i64) {
        change(&mut self.sku_mut(sku).sums.joined, season, units);
    }
}
