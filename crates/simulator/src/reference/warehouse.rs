//! Stock that comes, is inspected and is adjusted.

use allotment::{
    Adjusted, Alert, AlertKind, Facts, Id, Inspected, Inspection, InspectionResult, Received,
};

use super::pool::Pool;
use super::stock::Exit;

impl Pool {
    pub(super) fn receive(&mut self, received: &Received, alerts: &mut Vec<Alert>) {
        self.known.insert(received.sku.clone());
        let pending = received.inspection == Inspection::Pending;
        let at = self.lot_named(&received.lot_id, &received.sku, received.best_before, pending);
        let units = u64::from(received.quantity);
        let lot = &mut self.lots[at];
        lot.received += units;
        // A result belongs to the whole lot, whenever its units come.
        if self.came_recalled(at, units, alerts) {
            return;
        }
        let lot = &mut self.lots[at];
        if pending && lot.result.is_none() {
            lot.awaiting += units;
        } else {
            lot.all_pending = false;
            self.came_late(at, alerts);
            self.note_released(at);
        }
    }

    /// Of a lot past its date nothing may be promised: it is removed at once, and that is told.
    fn came_late(&mut self, at: usize, alerts: &mut Vec<Alert>) {
        let lot = &self.lots[at];
        let past = lot.best_before.is_some_and(|t| t <= self.now);
        if !past || lot.recalled || lot.result == Some(InspectionResult::Failed) {
            return;
        }
        let removed = self.leave_loose(at, Exit::Removed, u64::MAX);
        if removed > 0 {
            alerts.push(self.lot_expired(at, removed));
        }
    }

    pub(super) fn inspect(&mut self, inspected: &Inspected, alerts: &mut Vec<Alert>) {
        let result = inspected.result;
        if inspected.lot_id.as_str() == super::COUNTED {
            // Each SKU has a lot of this name, and none of them was inspected.
            return;
        }
        self.remembered_inspections.insert(inspected.lot_id.clone(), result);
        for at in 0..self.lots.len() {
            if self.lots[at].lot_id == inspected.lot_id {
                self.lots[at].result = Some(result);
                let awaiting = std::mem::take(&mut self.lots[at].awaiting);
                match result {
                    InspectionResult::Passed if awaiting > 0 => {
                        self.came_late(at, alerts);
                        self.note_released(at);
                    }
                    InspectionResult::Passed => {}
                    InspectionResult::Failed => self.fail(at),
                }
            }
        }
    }

    /// Everything of a lot that has not left is removed.
    pub(super) fn fail(&mut self, at: usize) {
        self.leave_loose(at, Exit::Removed, u64::MAX);
        self.leave_awaiting(at, Exit::Removed, u64::MAX);
        while self.promised(at) > 0 {
            self.leave_promised(at, Exit::Removed);
        }
    }

    pub(super) fn adjust(&mut self, adjusted: &Adjusted, alerts: &mut Vec<Alert>) {
        self.known.insert(adjusted.sku.clone());
        let units = adjusted.delta.unsigned_abs();
        if adjusted.delta > 0 {
            let lot_id = adjusted.lot_id.clone().unwrap_or_else(|| Id::new(super::COUNTED));
            let at = self.lot_named(&lot_id, &adjusted.sku, None, false);
            let lot = &mut self.lots[at];
            lot.adjusted_in += units;
            if lot.recalled {
                return;
            }
            if lot.result.is_none() && lot.all_pending {
                lot.awaiting += units;
            } else {
                self.note_released(at);
            }
            return;
        }
        let left = match &adjusted.lot_id {
            Some(lot_id) => {
                self.find_lot(lot_id, &adjusted.sku).map_or(units, |at| self.shrink_lot(at, units))
            }
            None => self.shrink_sku(&adjusted.sku, units),
        };
        if left > 0 {
            let facts = Facts::Mismatch { books: units - left, reported: adjusted.delta };
            let sku = Some(adjusted.sku.clone());
            alerts.push(Alert { sku, facts, ..self.alert(AlertKind::StockMismatch, Vec::new()) });
        }
    }

    /// Takes units out of one lot; says how many it did not have.
    fn shrink_lot(&mut self, at: usize, units: u64) -> u64 {
        let mut left = units - self.leave_loose(at, Exit::Removed, units);
        left -= self.leave_awaiting(at, Exit::Removed, left);
        while left > 0 && self.promised(at) > 0 {
            self.leave_promised(at, Exit::Removed);
            left -= 1;
        }
        left
    }

    /// Takes units of a SKU, first expired first; says how many there were not.
    fn shrink_sku(&mut self, sku: &Id, units: u64) -> u64 {
        let mut left = units;
        for at in self.lots_of(sku) {
            left -= self.leave_loose(at, Exit::Removed, left);
        }
        for at in self.lots_of(sku) {
            left -= self.leave_awaiting(at, Exit::Removed, left);
        }
        while left > 0 && self.lose_one(sku, Exit::Removed) {
            left -= 1;
        }
        left
    }
}
