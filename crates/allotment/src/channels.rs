//! What each platform may still sell: safety stock, what is kept for the others, and what it is capped at.
//!
//! It binds unpaid orders, when they ask and when they are promoted. A paid order may use whatever is
//! available: an oversold order beside a full shelf would be absurd.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::order::{Order, OrderIx};
use crate::pool::Pool;
use crate::steps::step;
use crate::stock::{Part, Sku, SkuIx, Stock};
use crate::{Channel, Id, Share};

/// What stands for every platform that has no channel.
pub(crate) const ANY_OTHER: &str = "*";

/// What a SKU's channels keep and allow, looked at once for all platforms.
pub(crate) struct Shares<'a> {
    sku: &'a Sku,
    /// By platform: what its channel keeps for it, and what it may have in the season at most.
    channels: BTreeMap<&'a Id, (u64, Option<u64>)>,
    /// What all channels keep.
    kept: u64,
}

impl Shares<'_> {
    /// Units that `platform` can still sell.
    pub(crate) fn sellable(&self, platform: &Id) -> u64 {
        let (own, most) = self.channels.get(platform).copied().unwrap_or_default();
        self.sku.sellable_beside(platform, self.kept - own, most)
    }
}

impl Sku {
    /// Units that each platform can still sell.
    pub(crate) fn shares(&self) -> Shares<'_> {
        let mut shares = Shares { sku: self, channels: BTreeMap::new(), kept: 0 };
        for channel in &self.channels {
            let kept = self.kept_for(channel);
            let most = channel.max.map(u64::from);
            shares.channels.entry(&channel.platform).or_insert((0, most)).0 += kept;
            shares.kept += kept;
        }
        shares
    }

    /// Units that `platform` can still sell.
    pub(crate) fn sellable(&self, platform: &Id) -> u64 {
        self.sellable_beside(platform, self.kept_for_others(platform), self.most(platform))
    }

    /// Units that `platform` can still sell beside those that are kept for others, if it may have so many at
    /// most.
    fn sellable_beside(&self, platform: &Id, kept: u64, most: Option<u64>) -> u64 {
        let kept = u64::from(self.safety_stock) + kept;
        let most = most.map_or(u64::MAX, |most| most.saturating_sub(self.used_now(platform)));
        self.books.available.saturating_sub(kept).min(most)
    }

    /// Units that a channel keeps for its platform.
    fn kept_for(&self, channel: &Channel) -> u64 {
        step();
        let reserved = u64::from(channel.reserved.unwrap_or_default());
        reserved.saturating_sub(self.used_now(&channel.platform))
    }

    /// Units that are kept for other platforms than this.
    fn kept_for_others(&self, platform: &Id) -> u64 {
        let others = self.channels.iter().filter(|channel| channel.platform != *platform);
        others.map(|channel| self.kept_for(channel)).sum()
    }

    /// Units that `platform` may have in the season, if that has a bound.
    fn most(&self, platform: &Id) -> Option<u64> {
        let own = self.channels.iter().find(|channel| channel.platform == *platform);
        own.and_then(|channel| channel.max).map(u64::from)
    }

    /// What decides how much `platform` can still sell.
    pub(crate) fn share(&self, platform: &Id) -> Share {
        Share {
            sellable: self.sellable(platform),
            safety_stock: self.safety_stock.into(),
            kept_for_others: self.kept_for_others(platform),
            most: self.most(platform),
            used: self.used_now(platform),
        }
    }

    /// Whether anything but what is available decides what can be sold of it.
    pub(crate) const fn is_shaped(&self) -> bool {
        self.safety_stock > 0 || !self.channels.is_empty()
    }

    /// Units for an order more: of `platform` where it is unpaid, else whatever is available.
    fn room(&self, platform: Option<&Id>) -> u64 {
        platform.map_or(self.books.available, |platform| self.sellable(platform))
    }
}

impl Stock {
    /// Units of a SKU that `platform` can still sell; of a bundle whole ones, as its components allow.
    pub(crate) fn sellable(&self, sku: SkuIx, platform: &Id) -> u64 {
        let of_part = |&(part, units): &Part| self.sku(part).sellable(platform) / units;
        let whole = self.components(sku).iter().map(of_part).min();
        whole.unwrap_or_else(|| self.sku(sku).sellable(platform))
    }

    /// As [`Stock::sellable_by_platform`], where that does not follow from the books.
    pub(crate) fn sellable_if_shaped(&self, sku: SkuIx) -> Option<Vec<(Id, u64)>> {
        let shaped = !self.components(sku).is_empty() || self.sku(sku).is_shaped();
        shaped.then(|| self.sellable_by_platform(sku))
    }

    /// Units that each platform with a channel can still sell, and last any other.
    pub(crate) fn sellable_by_platform(&self, sku: SkuIx) -> Vec<(Id, u64)> {
        let parts = self.parts(sku, self.sku(sku).recipe);
        let parts: Vec<(Shares<'_>, u64)> =
            parts.map(|(part, units)| (self.sku(part).shares(), units)).collect();
        let named = parts.iter().flat_map(|(shares, _)| shares.channels.keys());
        let named: BTreeSet<Id> = named.map(|&platform| platform.clone()).collect();
        let sellable = |platform: Id| {
            let of_part = |(shares, units): &(Shares<'_>, u64)| shares.sellable(&platform) / units;
            let whole = parts.iter().map(of_part).min();
            (platform, whole.expect("everything is of one part at least"))
        };
        named.into_iter().chain([Id::new(ANY_OTHER)]).map(sellable).collect()
    }
}

/// Whether any platform can sell it.
pub(crate) fn can_sell(sellable: &[(Id, u64)]) -> bool {
    sellable.iter().any(|&(_, units)| units > 0)
}

/// The platform whose channel binds an order; none once it is paid.
pub(crate) fn bound_by(order: &Order) -> Option<&Id> {
    (!order.paid).then_some(&order.name.platform)
}

impl Pool {
    /// Units of `sku` that an order can get beside those that it holds.
    pub(crate) fn room(&self, ix: OrderIx, sku: SkuIx) -> u64 {
        self.stock.sku(sku).room(bound_by(self.order(ix)))
    }

    /// Whether an order is short only because of what its platform may sell: what is available would do.
    pub(crate) fn is_short_of_room(&self, ix: OrderIx, lacks: &[Part]) -> bool {
        let available = |sku: SkuIx| self.stock.sku(sku).books.available;
        lacks.iter().all(|&(sku, units)| available(sku) >= units)
            && lacks.iter().any(|&(sku, units)| self.room(ix, sku) < units)
    }

    /// Units of `sku` became an order's, or are its no longer: its platform has used as many.
    pub(crate) fn count_used(&mut self, ix: OrderIx, sku: SkuIx, change: i64) {
        let season = self.stock.sku(sku).season;
        let order = self.orders.get_mut(ix);
        let tally = order.tally_mut(sku, season);
        tally.used =
            tally.used.checked_add_signed(change).expect("an order gives no more than it has");
        let season = tally.season;
        self.stock.count_used(sku, season, &order.name.platform, change);
    }
}
