//! `stock.received`: a lot arrived, or a known one grew.

use crate::pool::{Due, Pool, Turn};
use crate::{Inspection, InspectionResult, Received};

impl Pool {
    pub(crate) fn received(&mut self, received: Received, turn: &mut Turn<'_>) {
        let sku = self.stock.know(&received.sku);
        let pending = received.inspection == Inspection::Pending;
        let ix = self.stock.open_lot(&received.lot_id, sku, pending);
        if let (None, Some(date)) = (self.stock.lot(ix).best_before, received.best_before) {
            self.stock.date_lot(ix, date);
            if date > turn.now {
                self.schedule(date, Due::LotExpiry(ix));
            } else {
                self.stock.lot_mut(ix).expired = true;
            }
        }
        let units = u64::from(received.quantity);
        self.stock.bring(ix, units, true);
        match (self.stock.lot(ix).result, received.inspection) {
            (Some(InspectionResult::Failed), _) | (None, Inspection::Pending) => {}
            (Some(InspectionResult::Passed), _) | (None, Inspection::Passed) => {
                self.stock.lot_mut(ix).pending = false;
                self.stock.pass(ix, units);
                if self.stock.lot(ix).expired {
                    self.tell_lot_expired(ix, units, turn);
                }
            }
        }
        self.offer_to_waitlist(turn);
    }
}
