//! `stock.inspected`: a lot may be sold, or must not be.

use crate::pool::{Pool, Turn};
use crate::{Inspected, InspectionResult, Reason};

impl Pool {
    /// A lot that failed stays failed: what was removed does not come back by another inspection.
    pub(crate) fn inspected(&mut self, inspected: &Inspected, turn: &mut Turn<'_>) {
        let failed = Some(InspectionResult::Failed);
        let Some(ix) = self.stock.find_lot(&inspected.lot_id, None) else {
            let known = self.stock.early_results.get(&inspected.lot_id).copied();
            if known != failed {
                self.stock.early_results.insert(inspected.lot_id.clone(), inspected.result);
            }
            return;
        };
        if self.stock.lot(ix).result == failed {
            return;
        }
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
            InspectionResult::Failed => self.drop_lot(ix, Reason::LotLost, turn),
        }
        self.offer_to_waitlist(turn);
    }
}
