//! `stock.recalled`: a lot must not reach anybody; what has left is to be stopped.

use alloc::vec::Vec;

use crate::bounds::ALERT_ORDERS_MAX;
use crate::order::OrderIx;
use crate::pool::{Pool, Turn};
use crate::stock::{COUNTED, InLine, LotIx};
use crate::{Alert, AlertKind, Facts, Id, Reason, Recalled};

impl Pool {
    /// A recall is for good: of a lot that is still to come it is remembered, and no inspection undoes it.
    pub(crate) fn recalled(&mut self, recalled: &Recalled, turn: &mut Turn<'_>) {
        let id = &recalled.lot_id;
        if id.as_str() == COUNTED {
            // What was counted or found is there, and each SKU has a lot of that name.
            return;
        }
        let Some(lot) = self.stock.find_lot(id, None) else {
            if self.stock.early_recalls.insert(id.clone()) {
                self.tell_recall(None, id, 0, &[], turn);
            }
            return;
        };
        if core::mem::replace(&mut self.stock.lot_mut(lot).recalled, true) {
            return;
        }
        let lost = self.drop_lot(lot, Reason::LotLost, turn);
        self.tell_recall(Some(lot), id, lost.removed, &lost.orders, turn);
        let mut left: Vec<InLine> = Vec::new();
        for (ix, order) in self.orders.iter() {
            if order.parcels.iter().any(|parcel| parcel.has_left_with(lot)) {
                left.push((order.place.expect("what has left had a place in line"), ix));
            }
        }
        left.sort_unstable();
        self.tell_recall_handed_over(lot, &left, turn);
        self.offer_to_waitlist(turn);
    }

    /// Units of a recalled lot are out of the stock.
    pub(super) fn tell_recall(
        &mut self,
        lot: Option<LotIx>,
        lot_id: &Id,
        removed: u64,
        lost: &[InLine],
        turn: &mut Turn<'_>,
    ) {
        let mut orders = Vec::new();
        let mut shortage = 0;
        for &(_, ix) in lost {
            let entry = self.alert_order(ix, &self.order(ix).lacks(&self.stock));
            shortage += entry.shortage;
            if orders.len() < ALERT_ORDERS_MAX {
                orders.push(entry);
            }
        }
        let alert = Alert {
            sku: lot.map(|lot| self.stock.sku(self.stock.lot(lot).sku).id.clone()),
            shortage,
            orders,
            orders_total: lost.len() as u64,
            facts: Facts::Lot { lot_id: lot_id.clone(), removed },
            ..self.blank(AlertKind::Recall, turn)
        };
        self.tell_alert(alert, turn);
    }

    /// A parcel of an order has left that had recalled lots in it when the courier was told of it.
    pub(super) fn watch_recalled(&mut self, ix: OrderIx, number: usize, turn: &mut Turn<'_>) {
        let order = self.order(ix);
        let place = order.place.expect("what has left had a place in line");
        let mut recalled: Vec<LotIx> = Vec::new();
        for &(lot, _) in order.parcels[number - 1].content.iter().flat_map(|packed| &packed.lots) {
            let before = order.parcels[..number - 1].iter().any(|parcel| parcel.has_left_with(lot));
            if self.stock.lot(lot).recalled && !before && !recalled.contains(&lot) {
                recalled.push(lot);
            }
        }
        for lot in recalled {
            self.tell_recall_handed_over(lot, &[(place, ix)], turn);
        }
    }

    fn tell_recall_handed_over(&mut self, lot: LotIx, left: &[InLine], turn: &mut Turn<'_>) {
        if left.is_empty() {
            return;
        }
        let listed = left.iter().take(ALERT_ORDERS_MAX);
        let lot = self.stock.lot(lot);
        let alert = Alert {
            sku: Some(self.stock.sku(lot.sku).id.clone()),
            orders: listed.map(|&(_, ix)| self.alert_order(ix, &[])).collect(),
            orders_total: left.len() as u64,
            facts: Facts::Lot { lot_id: lot.id.clone(), removed: 0 },
            ..self.blank(AlertKind::RecallHandedOver, turn)
        };
        self.tell_alert(alert, turn);
    }
}
