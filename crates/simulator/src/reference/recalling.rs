//! `stock.recalled`: what has not left is removed, what has left is named.

use allotment::{Alert, AlertKind, Facts, Id, Recalled};

use super::order::Packed;
use super::pool::{OrderKey, Pool};

impl Pool {
    pub(super) fn recall(&mut self, recalled: &Recalled, alerts: &mut Vec<Alert>) {
        let lot_id = &recalled.lot_id;
        if lot_id.as_str() == super::COUNTED || !self.recalled.insert(lot_id.clone()) {
            return;
        }
        let lot = self.lots.iter().position(|l| l.lot_id == *lot_id);
        let mut removed = 0;
        if let Some(lot) = lot {
            let before = self.lots[lot].removed;
            self.lots[lot].recalled = true;
            self.fail(lot);
            removed = self.lots[lot].removed - before;
        }
        // Who waits from now on for what was refused to it gets what there is of that.
        let mut losers = self.losers.clone();
        losers.sort_by_key(|key| self.orders[key].place);
        for key in losers {
            self.fill(&key);
        }
        let orders =
            self.losers.iter().map(|key| super::alerts::short_of(key, self.orders[key].waits()));
        let alert = self.alert(AlertKind::Recall, orders.collect());
        alerts.push(self.of_lot(lot_id, removed, alert));
        let mut left: Vec<OrderKey> = self
            .orders
            .iter()
            .filter(|(_, order)| order.handed.iter().any(|packed| self.holds_lot(packed, lot_id)))
            .map(|(key, _)| key.clone())
            .collect();
        left.sort_by_key(|key| self.orders[key].place);
        self.tell_what_left(lot_id, &left, alerts);
    }

    /// Units of a recalled lot came: they are removed, and a person hears of it. Says whether it is one.
    pub(super) fn came_recalled(
        &mut self,
        lot: usize,
        units: u64,
        alerts: &mut Vec<Alert>,
    ) -> bool {
        if self.lots[lot].recalled {
            let lot_id = self.lots[lot].lot_id.clone();
            let alert = self.alert(AlertKind::Recall, Vec::new());
            alerts.push(self.of_lot(&lot_id, units, alert));
        }
        self.lots[lot].recalled
    }

    /// A parcel left: whoever now got units of a recalled lot is named.
    pub(super) fn recalled_left(
        &mut self,
        key: &OrderKey,
        content: &[Packed],
        alerts: &mut Vec<Alert>,
    ) {
        for lot_id in self.recalled.clone() {
            if content.iter().any(|packed| self.holds_lot(packed, &lot_id)) {
                self.tell_what_left(&lot_id, std::slice::from_ref(key), alerts);
            }
        }
    }

    fn tell_what_left(&mut self, lot_id: &Id, orders: &[OrderKey], alerts: &mut Vec<Alert>) {
        let told = self.told_recalled.entry(lot_id.clone()).or_default();
        let mut news = orders.to_vec();
        news.retain(|key| told.insert(key.clone()));
        if !news.is_empty() {
            let orders = news.iter().map(super::alerts::named).collect();
            let alert = self.alert(AlertKind::RecallHandedOver, orders);
            alerts.push(self.of_lot(lot_id, 0, alert));
        }
    }

    fn holds_lot(&self, packed: &Packed, lot_id: &Id) -> bool {
        let mut lots = packed.parts.iter().flat_map(|part| &part.lots);
        lots.any(|(lot, _)| self.lots[*lot].lot_id == *lot_id)
    }

    fn of_lot(&self, lot_id: &Id, removed: u64, alert: Alert) -> Alert {
        let lot = self.lots.iter().find(|l| l.lot_id == *lot_id);
        let facts = Facts::Lot { lot_id: lot_id.clone(), removed };
        Alert { sku: lot.map(|l| l.sku.clone()), facts, ..alert }
    }
}
