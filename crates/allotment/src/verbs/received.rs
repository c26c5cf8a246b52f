//! `stock.received`: a lot arrived, or a known one grew.

use crate::pool::{Due, Pool, Turn};
use crate::{Inspection, InspectionResult, Received};

impl Pool {
    pub(crate) fn received(&mut self, received: Received, turn: &mut Turn<'_>) {
        let sku = self.stock.know(&received.sku);
        let pending = received.inspection == Inspection::Pending;
        // A lot's date is the one that it first came with: one that grows is still the same goods.
        let ix = self.stock.open_lot(&received.lot_id, sku, received.best_before, pending);
        match self.stock.lot(ix).best_before {
            Some(date) if date > turn.now => self.schedule(date, Due::LotExpiry(ix)),
            Some(_) => self.stock.lot_mut(ix).expired = true,
            None => {}
        }
        let units = u64::from(received.quantity);
        self.stock.bring(ix, units, true);
        if self.stock.lot(ix).recalled {
            return self.tell_recall(Some(ix), &received.lot_id, units, &[], turn);
        }
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
