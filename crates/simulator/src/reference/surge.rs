//! `demand_surge`: more was asked for in the last minute than is left.

use allotment::{Alert, AlertKind, Effects, Id, Millis, Time};

use super::pool::Pool;

const MINUTE: Millis = Millis::from_secs(60);

/// Fewer units in a minute are no rush.
const RUSH: u64 = 10;

/// Units that were asked for, and when.
#[derive(Clone, Debug)]
pub(super) struct Demand {
    pub(super) sku: Id,
    pub(super) at: Time,
    pub(super) units: u64,
}

impl Pool {
    /// Somebody asked for units of a SKU, or of all that a bundle consists of.
    pub(super) fn note_demand(&mut self, sku: &Id, units: u64) {
        if !self.known.contains(sku) {
            return;
        }
        for (sku, each) in self.recipe(sku).unwrap_or_else(|| vec![(sku.clone(), 1)]) {
            self.demand.push(Demand { sku, at: self.now, units: units * each });
        }
    }

    /// Units that were asked for in the last minute.
    fn asked(&self, sku: &Id) -> u64 {
        let recent = self.demand.iter().filter(|d| d.sku == *sku && d.at.plus(MINUTE) > self.now);
        recent.map(|d| d.units).sum()
    }

    /// A rush may have passed with time alone: this is seen before what comes next.
    pub(super) fn calm_down_all(&mut self) {
        for sku in self.surging.clone() {
            self.calm_down(&sku);
        }
    }

    fn calm_down(&mut self, sku: &Id) {
        let left = self.available(sku);
        if left == 0 || left > 10 * self.asked(sku) {
            self.surging.remove(sku);
        }
    }

    /// Judges a SKU once after each event and each instant, as its level is.
    pub(super) fn judge_demand(&mut self, sku: &Id, out: &mut Effects) {
        self.calm_down(sku);
        let (asked, left) = (self.asked(sku), self.available(sku));
        let surges = left > 0 && asked >= RUSH && left <= 5 * asked;
        if surges && self.surging.insert(sku.clone()) {
            let alert = self.alert(AlertKind::DemandSurge, Vec::new());
            self.tell(Alert { sku: Some(sku.clone()), ..alert }, out);
        }
    }
}
