//! Which orders hold and wait for which units: an order's own list, and the indexes by SKU and place that
//! find the next to be served or the newest to lose without looking at everybody.

use crate::Standing;
use crate::channels::bound_by;
use crate::order::{Hold, OrderIx, push_tight, signed};
use crate::pool::Pool;
use crate::stock::{InLine, LotIx, Parts, Promise, SkuIx};

impl Pool {
    pub(crate) fn in_line(&self, ix: OrderIx) -> InLine {
        (self.order(ix).place.expect("who holds or waits has a place in line"), ix)
    }

    /// `units` of a lot, promised already, are this order's.
    pub(crate) fn add_hold(&mut self, ix: OrderIx, sku: SkuIx, lot: LotIx, units: u64) {
        let order = self.order_mut(ix);
        match order.holds.iter_mut().find(|hold| hold.lot == lot) {
            Some(hold) => hold.units += units,
            None => push_tight(&mut order.holds, Hold { sku, lot, units }),
        }
        self.index_holder(ix, sku);
        self.count_used(ix, sku, signed(units));
    }

    /// `units` of a lot are this order's no longer. The caller moves them, then indexes the holder.
    pub(crate) fn drop_hold(&mut self, ix: OrderIx, lot: LotIx, units: u64) {
        let order = self.order_mut(ix);
        let at = order
            .holds
            .iter()
            .position(|hold| hold.lot == lot)
            .expect("an order gives what it holds");
        order.holds[at].units =
            order.holds[at].units.checked_sub(units).expect("an order gives no more than it holds");
        let sku = order.holds[at].sku;
        if order.holds[at].units == 0 {
            order.holds.remove(at);
        }
        self.count_used(ix, sku, -signed(units));
    }

    /// Keeps the SKU's index of holders right after what `ix` holds of it has changed.
    pub(crate) fn index_holder(&mut self, ix: OrderIx, sku: SkuIx) {
        let Some(place) = self.order(ix).place else { return };
        let (holds, promise) = (self.order(ix).held_of(sku) > 0, self.order(ix).promise());
        let sku = self.stock.sku_mut(sku);
        for (by, promised) in
            [(&mut sku.reserved_by, Promise::Reserved), (&mut sku.allocated_by, Promise::Allocated)]
        {
            if holds && promise == promised {
                by.insert((place, ix));
            } else {
                by.remove(&(place, ix));
            }
        }
    }

    /// Puts on the waitlist what an order waits for, in place of what it waited for before.
    pub(crate) fn wait_for(&mut self, ix: OrderIx, lacks: Parts) {
        let old = core::mem::take(&mut self.order_mut(ix).waiting);
        if old.is_empty() && lacks.is_empty() {
            return;
        }
        let who = self.in_line(ix);
        let order = self.orders.get_mut(ix);
        let (standing, bound) = (order.standing, bound_by(order));
        for (sku, units) in old {
            let entry = self.stock.sku_mut(sku);
            *entry.books.waited_for(standing) -= units;
            entry.waiting.remove(bound, units, who);
            self.stock.touch(sku);
        }
        for &(sku, units) in &lacks {
            let entry = self.stock.sku_mut(sku);
            *entry.books.waited_for(standing) += units;
            entry.waiting.insert(bound, units, who);
            self.stock.touch(sku);
        }
        order.waiting = lacks.into_vec();
    }

    /// What an order waits for is promised by another date, or by none, once it stands otherwise.
    pub(crate) fn move_waiting(&mut self, ix: OrderIx, from: Standing, to: Standing) {
        if (from == Standing::Backordered) == (to == Standing::Backordered) {
            return;
        }
        for &(sku, units) in &self.orders.get(ix).waiting {
            let books = &mut self.stock.sku_mut(sku).books;
            *books.waited_for(from) -= units;
            *books.waited_for(to) += units;
            self.stock.touch(sku);
        }
    }

    /// An order that waits is paid for: no channel binds it any more.
    pub(crate) fn unbind_waiting(&mut self, ix: OrderIx) {
        if self.order(ix).waiting.is_empty() {
            return;
        }
        let who = self.in_line(ix);
        let order = self.orders.get(ix);
        for &(sku, units) in &order.waiting {
            let waiting = &mut self.stock.sku_mut(sku).waiting;
            waiting.remove(Some(&order.name.platform), units, who);
            waiting.insert(None, units, who);
        }
    }
}
