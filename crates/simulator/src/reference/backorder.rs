//! Backorder: waiting within a limit that the merchant promised.

use allotment::{Id, Time};

use super::order::Order;
use super::pool::{OrderKey, Pool};

impl Pool {
    /// An order that asked and is short waits within the promised limit, if all that it waits for fits.
    /// Says whether it does.
    pub(super) fn join_backorder(&mut self, key: &OrderKey) -> bool {
        let waits = self.orders[key].waits();
        if waits.is_empty()
            || !waits.iter().all(|(sku, units)| self.fits_backorder(key, sku, *units))
        {
            return false;
        }
        let order = self.order_mut(key);
        order.backordered = true;
        order.joined = waits.into_iter().collect();
        true
    }

    fn fits_backorder(&self, key: &OrderKey, sku: &Id, units: u64) -> bool {
        let Some(backorder) = self.items.get(sku).and_then(|item| item.backorder) else {
            return false;
        };
        let in_time = backorder.until.is_none_or(|until| self.now < until);
        let season = self.orders[key].seasons.get(sku).cloned().flatten();
        in_time && self.backorder_sum(sku, &season) + units <= u64::from(backorder.limit)
    }

    /// What orders waited for when they joined, less what was taken back.
    fn backorder_sum(&self, sku: &Id, season: &Option<Id>) -> u64 {
        let all = self.orders.values().map(Order::tally);
        let same = all.filter(|tally| tally.seasons.get(sku) == Some(season));
        same.map(|tally| tally.joined.get(sku).copied().unwrap_or(0)).sum()
    }

    /// When an order has been promised its stock until, if it still waits for some.
    pub(super) fn promised_until(&self, order: &Order) -> Option<Time> {
        if !order.backordered {
            return None;
        }
        let until = |sku: &Id| self.items.get(sku)?.backorder?.until;
        order.waits().iter().filter_map(|(sku, _)| until(sku)).min()
    }

    /// Whose date has passed waits longer if it is paid, and is refused if not; by place in line.
    pub(super) fn end_backorders(&mut self) {
        let now = self.now;
        let due = |order: &Order| self.promised_until(order).is_some_and(|until| until <= now);
        let mut keys: Vec<OrderKey> =
            self.orders.iter().filter(|(_, o)| due(o)).map(|(key, _)| key.clone()).collect();
        keys.sort_by_key(|key| self.orders[key].place);
        for key in keys {
            if self.orders[&key].paid {
                self.order_mut(&key).backordered = false;
            } else {
                self.give_back_all(&super::stock::Holder::Order(key.clone()));
                self.order_mut(&key).refuse();
            }
        }
    }
}

impl Order {
    /// A refund took back some of what it waited for, or all of a SKU.
    pub(super) fn leave_backorder(&mut self, waited: &[(Id, u64)]) {
        let (waits, wish) = (self.waits(), self.wish());
        for (sku, joined) in &mut self.joined {
            let units = |of: &[(Id, u64)]| of.iter().find(|(s, _)| s == sku).map_or(0, |(_, n)| *n);
            *joined = joined.saturating_sub(units(waited).saturating_sub(units(&waits)));
            if wish.get(sku).is_none_or(|units| *units == 0) {
                *joined = 0;
            }
        }
    }
}
