//! `stock.adjusted`: units were found, or are gone.

use crate::pool::{Pool, Turn};
use crate::stock::{COUNTED, LotIx, SkuIx};
use crate::{Adjusted, Alert, AlertKind, Facts, Id, Reason};

impl Pool {
    pub(crate) fn adjusted(&mut self, adjusted: &Adjusted, turn: &mut Turn<'_>) {
        let sku = self.stock.know(&adjusted.sku);
        let (lot, units) = (adjusted.lot_id.as_ref(), adjusted.delta.unsigned_abs());
        if adjusted.delta > 0 {
            return self.found(sku, lot, units, turn);
        }
        let books = self.on_hand_of(sku, lot);
        self.gone(sku, lot, units.min(books), turn);
        if books < units {
            self.tell_mismatch(sku, books, adjusted.delta, turn);
        }
    }

    /// Units of a SKU, or of a lot of it, that are physically there.
    pub(super) fn on_hand_of(&self, sku: SkuIx, lot: Option<&Id>) -> u64 {
        match lot {
            None => self.on_hand(sku),
            Some(id) => self.find_lot_of(sku, id).map_or(0, |lot| self.on_hand_of_lot(lot)),
        }
    }

    /// Units were found: of a lot, or of none that is known. They await their inspection if all of it does.
    pub(super) fn found(&mut self, sku: SkuIx, lot: Option<&Id>, units: u64, turn: &mut Turn<'_>) {
        let counted = Id::new(COUNTED);
        let lot = self.stock.open_lot(lot.unwrap_or(&counted), sku, None, false);
        self.stock.bring(lot, units, false);
        if !self.stock.lot(lot).pending && !self.stock.lot(lot).is_lost() {
            self.stock.pass(lot, units);
        }
        self.offer_to_waitlist(turn);
    }

    /// Units of a SKU, or of a lot of it, are gone; they were there.
    pub(super) fn gone(&mut self, sku: SkuIx, lot: Option<&Id>, units: u64, turn: &mut Turn<'_>) {
        let removed = match lot.map(|id| self.find_lot_of(sku, id)) {
            None => self.shrink(sku, units, Reason::Count, turn),
            Some(Some(lot)) => self.shrink_lot(lot, units, Reason::Count, turn).removed,
            Some(None) => 0,
        };
        assert!(removed == units, "{removed} of {units} units are gone that were there");
    }

    fn find_lot_of(&self, sku: SkuIx, id: &Id) -> Option<LotIx> {
        self.stock.find_lot(id, Some(&self.stock.sku(sku).id))
    }

    /// The books had `books` units, and what was `reported` is something else.
    pub(super) fn tell_mismatch(
        &mut self,
        sku: SkuIx,
        books: u64,
        reported: i64,
        turn: &mut Turn<'_>,
    ) {
        let sku = Some(self.stock.sku(sku).id.clone());
        let facts = Facts::Mismatch { books, reported };
        self.tell_alert(Alert { sku, facts, ..self.blank(AlertKind::StockMismatch, turn) }, turn);
    }
}
