//! `stock.counted`: what is there is held against the books, which follow.

use allotment::{Adjusted, Alert, AlertKind, Counted, Facts};

use super::pool::Pool;

impl Pool {
    pub(super) fn count(&mut self, counted: &Counted, alerts: &mut Vec<Alert>) {
        self.known.insert(counted.sku.clone());
        let lots = match &counted.lot_id {
            Some(lot_id) => self.find_lot(lot_id, &counted.sku).into_iter().collect(),
            None => self.lots_of(&counted.sku),
        };
        let here = |lot: usize| self.loose(lot) + self.lots[lot].awaiting + self.promised(lot);
        let books: u64 = lots.into_iter().map(here).sum();
        let reported = i64::from(counted.quantity);
        let delta = reported - i64::try_from(books).expect("units of a SKU are far fewer");
        if delta == 0 {
            return;
        }
        let facts = Facts::Mismatch { books, reported };
        let sku = Some(counted.sku.clone());
        alerts.push(Alert { sku, facts, ..self.alert(AlertKind::StockMismatch, Vec::new()) });
        let (sku, lot_id) = (counted.sku.clone(), counted.lot_id.clone());
        // The books follow as they would follow an adjustment; there are as many units as it takes away.
        self.adjust(&Adjusted { sku, delta, lot_id, reason: None }, alerts);
    }
}
