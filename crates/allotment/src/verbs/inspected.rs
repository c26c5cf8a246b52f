//! `stock.inspected`: a lot may be sold, or must not be.

use crate::pool::{Pool, Turn};
use crate::stock::COUNTED;
use crate::{Inspected, InspectionResult, Reason};

impl Pool {
    /// The last result counts for what comes of the lot later; what a failed one removed does not come back.
    pub(crate) fn inspected(&mut self, inspected: &Inspected, turn: &mut Turn<'_>) {
        if inspected.lot_id.as_str() == COUNTED {
            // What was counted or found is there: it has no inspection of its own, and each SKU has one.
            return;
        }
        let Some(ix) = self.stock.find_lot(&inspected.lot_id, None) else {
            self.stock.early_results.insert(inspected.lot_id.clone(), inspected.result);
            return;
        };
        self.stock.lot_mut(ix).result = Some(inspected.result);
        match inspected.result {
            InspectionResult::Passed => {
                self.stock.lot_mut(ix).pending = false;
                let units = self.stock.lot(ix).awaiting;
                self.stock.pass(ix, units);
                if units > 0 && self.stock.lot(ix).expired {
                    self.tell_lot_expired(ix, units, turn);
                }
            }
            InspectionResult::Failed => {
                self.drop_lot(ix, Reason::LotLost, turn);
            }
        }
        self.offer_to_waitlist(turn);
    }
}
