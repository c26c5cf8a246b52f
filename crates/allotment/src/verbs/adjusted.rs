//! `stock.adjusted`: units were found, or are gone.

use crate::pool::{Pool, Turn};
use crate::stock::COUNTED;
use crate::{Adjusted, Alert, AlertKind, Facts, Id, InspectionResult, Reason};

impl Pool {
    pub(crate) fn adjusted(&mut self, adjusted: &Adjusted, turn: &mut Turn<'_>) {
        let sku = self.stock.know(&adjusted.sku);
        if adjusted.delta > 0 {
            let counted = Id::new(COUNTED);
            let lot =
                self.stock.open_lot(adjusted.lot_id.as_ref().unwrap_or(&counted), sku, None, false);
            let units = adjusted.delta.unsigned_abs();
            self.stock.bring(lot, units, false);
            if !self.stock.lot(lot).pending
                && self.stock.lot(lot).result != Some(InspectionResult::Failed)
            {
                self.stock.pass(lot, units);
            }
            return self.offer_to_waitlist(turn);
        }
        let units = adjusted.delta.unsigned_abs();
        let (books, removed) = match &adjusted.lot_id {
            None => (self.on_hand(sku), self.shrink(sku, units, Reason::Count, turn)),
            Some(id) => match self.stock.find_lot(id, Some(&adjusted.sku)) {
                Some(lot) => {
                    (self.on_hand_of_lot(lot), self.shrink_lot(lot, units, Reason::Count, turn))
                }
                None => (0, 0),
            },
        };
        if removed < units {
            let facts = Facts::Mismatch { books, reported: adjusted.delta };
            let alert = Alert {
                sku: Some(adjusted.sku.clone()),
                facts,
                ..self.blank(AlertKind::StockMismatch, turn)
            };
            self.tell_alert(alert, turn);
        }
    }
}
