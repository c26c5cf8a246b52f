//! `catalogue.item`: what a SKU is. It replaces the item as a whole.

use crate::Item;
use crate::pool::Pool;

/// The first field whose behaviour is still to come.
pub(super) fn not_supported(item: &Item) -> Option<&'static str> {
    [
        ("keywords", !item.keywords.is_empty()),
        ("components", !item.components.is_empty()),
        ("limit_per_buyer", item.limit_per_buyer.is_some()),
        ("safety_stock", item.safety_stock.is_some()),
        ("backorder", item.backorder.is_some()),
        ("channels", !item.channels.is_empty()),
        ("season", item.season.is_some()),
    ]
    .into_iter()
    .find_map(|(field, present)| present.then_some(field))
}

impl Pool {
    /// The name is for people, and is kept by those who show it.
    pub(crate) fn item(&mut self, item: &Item) {
        let sku = self.stock.know(&item.sku);
        self.stock.sku_mut(sku).low_stock_at = item.low_stock_at;
    }
}
