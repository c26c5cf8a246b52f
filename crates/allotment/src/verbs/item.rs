//! `catalogue.item`: what a SKU is. It replaces the item as a whole.

use alloc::vec::Vec;

use crate::pool::{Pool, Turn};
use crate::stock::{Part, SkuIx, Stock};
use crate::{Channel, Code, Component, Item};

/// What speaks against an item's components, as the catalogue and the stock stand.
pub(crate) fn refuses(item: &Item, stock: &Stock) -> Option<(Code, &'static str)> {
    if item.components.is_empty() {
        return None;
    }
    let bundle =
        |component: &Component| component.sku == item.sku || stock.is_bundle(&component.sku);
    if item.components.iter().any(bundle) {
        return Some((Code::NestedBundle, "components: one of them is a bundle itself"));
    }
    let sku = stock.find(&item.sku)?;
    if !stock.sku(sku).part_of.is_empty() {
        return Some((Code::NestedBundle, "components: sku is a component of another bundle"));
    }
    let own_stock = stock.ever_had_lot(sku);
    own_stock.then_some((Code::NotSupported, "components: sku has had stock of its own"))
}

impl Pool {
    /// The name is for people, and what comments may say.
    pub(crate) fn item(&mut self, item: &Item, turn: &mut Turn<'_>) {
        let was_known = self.stock.is_known(&item.sku);
        let sku = self.stock.know(&item.sku);
        self.wares.call(sku, item);
        let entry = self.stock.sku_mut(sku);
        entry.low_stock_at = item.low_stock_at;
        entry.limit_per_buyer = item.limit_per_buyer;
        entry.safety_stock = item.safety_stock.unwrap_or_default();
        entry.channels = last_of_each(&item.channels);
        entry.season = entry.season_of(item.season.as_ref());
        if item.limit_per_buyer.is_some() {
            self.count_for_limits(turn.settings);
        }
        self.promise_backorder(sku, item.backorder);
        let mut parts: Vec<Part> = Vec::new();
        for component in &item.components {
            let part = self.stock.know(&component.sku);
            match parts.iter_mut().find(|(sku, _)| *sku == part) {
                Some((_, units)) => *units += u64::from(component.quantity),
                None => parts.push((part, component.quantity.into())),
            }
        }
        self.stock.set_components(sku, parts);
        // Whoever waits for it may have more of it than before.
        self.stock.offer(sku);
        if was_known || item.components.is_empty() {
            self.offer_to_waitlist(turn);
        } else {
            self.take_apart_unknown(sku, turn);
        }
    }

    /// A SKU that nothing had named is a bundle: whoever waits for it waits for its components instead.
    fn take_apart_unknown(&mut self, sku: SkuIx, turn: &mut Turn<'_>) {
        let waiting = self.stock.sku(sku).waiting.everybody();
        for &(_, ix) in &waiting {
            self.orders.get_mut(ix).take_apart_what_was_whole(&self.stock);
            self.enter_season(ix);
            let lacks = self.order(ix).lacks(&self.stock);
            self.wait_for(ix, lacks);
        }
        for part in self.stock.components(sku).to_vec() {
            self.stock.offer(part.0);
        }
        self.offer_to_waitlist(turn);
        for (_, ix) in waiting {
            // What it holds may make the bundle whole.
            self.ship(ix, turn);
            self.rest(ix, turn);
        }
    }
}

/// Of several channels of one platform the last counts.
fn last_of_each(channels: &[Channel]) -> Vec<Channel> {
    let later = |at: usize, channel: &Channel| {
        channels[at + 1..].iter().any(|other| other.platform == channel.platform)
    };
    let each = channels.iter().enumerate().filter(|&(at, channel)| !later(at, channel));
    each.map(|(_, channel)| channel.clone()).collect()
}
