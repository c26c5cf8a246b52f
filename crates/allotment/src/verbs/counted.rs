//! `stock.counted`: how many units are physically there, compared with the books when it arrives.

use core::cmp::Ordering;

use crate::Counted;
use crate::pool::{Pool, Turn};

impl Pool {
    /// The count is right. What the books have too few is found, what they have too many is gone, and a person
    /// hears of the difference.
    pub(crate) fn counted(&mut self, counted: &Counted, turn: &mut Turn<'_>) {
        let sku = self.stock.know(&counted.sku);
        let (lot, units) = (counted.lot_id.as_ref(), u64::from(counted.quantity));
        let books = self.on_hand_of(sku, lot);
        match units.cmp(&books) {
            Ordering::Equal => return,
            Ordering::Greater => self.found(sku, lot, units - books, turn),
            Ordering::Less => self.gone(sku, lot, books - units, turn),
        }
        self.tell_mismatch(sku, books, i64::from(counted.quantity), turn);
    }
}
