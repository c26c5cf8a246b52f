//! The moves of units from one place of the books to another.

use alloc::vec::Vec;

use super::{LotIx, Promise, SkuIx, Stock};

/// Takes `units` out of a place of the books.
fn take(place: &mut u64, units: u64, name: &str) {
    *place = place
        .checked_sub(units)
        .unwrap_or_else(|| panic!("{name} is {place}: {units} can't leave it"));
}

impl Stock {
    /// Units that came in with `lot`, or were found: on the shelf, to the inspection, or gone at once.
    pub(crate) fn bring(&mut self, lot: LotIx, units: u64, received: bool) {
        let sku = self.lot(lot).sku;
        let books = &mut self.sku_mut(sku).books;
        *(if received { &mut books.received } else { &mut books.adjusted_in }) += units;
        books.awaiting_inspection += units;
        self.lot_mut(lot).awaiting += units;
        let rank = self.lot(lot).rank(lot);
        self.sku_mut(sku).awaiting.insert(rank);
        self.touch(sku);
        if self.lot(lot).is_lost() {
            self.remove_awaiting(lot, units);
        }
    }

    /// Units of `lot` passed their inspection; of a lot past its date they are gone at once.
    pub(crate) fn pass(&mut self, lot: LotIx, units: u64) {
        self.leave_inspection(lot, units);
        self.shelve(lot, units);
    }

    /// Units of `lot` that nobody is promised any more, or that passed: on the shelf, if they may be sold.
    fn shelve(&mut self, lot: LotIx, units: u64) {
        let sku = self.lot(lot).sku;
        if units == 0 {
            return;
        }
        if !self.lot(lot).is_sound() {
            self.sku_mut(sku).books.removed += units;
            return;
        }
        self.sku_mut(sku).books.available += units;
        self.lot_mut(lot).available += units;
        let rank = self.lot(lot).rank(lot);
        self.sku_mut(sku).shelf.insert(rank);
        self.offer(sku);
    }

    fn leave_inspection(&mut self, lot: LotIx, units: u64) {
        let (sku, rank) = (self.lot(lot).sku, self.lot(lot).rank(lot));
        self.touch(sku);
        take(&mut self.lot_mut(lot).awaiting, units, "a lot's inspection");
        take(&mut self.sku_mut(sku).books.awaiting_inspection, units, "awaiting_inspection");
        if self.lot(lot).awaiting == 0 {
            self.sku_mut(sku).awaiting.remove(&rank);
        }
    }

    fn leave_shelf(&mut self, lot: LotIx, units: u64) {
        let (sku, rank) = (self.lot(lot).sku, self.lot(lot).rank(lot));
        self.touch(sku);
        take(&mut self.lot_mut(lot).available, units, "a lot's shelf");
        take(&mut self.sku_mut(sku).books.available, units, "available");
        if self.lot(lot).available == 0 {
            self.sku_mut(sku).shelf.remove(&rank);
        }
    }

    fn leave_promise(&mut self, lot: LotIx, units: u64, promise: Promise) {
        let sku = self.lot(lot).sku;
        self.touch(sku);
        take(&mut self.lot_mut(lot).promised, units, "a lot's promises");
        let books = &mut self.sku_mut(sku).books;
        match promise {
            Promise::Reserved => take(&mut books.reserved, units, "reserved"),
            Promise::Allocated => take(&mut books.allocated, units, "allocated"),
        }
    }

    /// Promises up to `units` of `sku`, first expired first; returns from which lots.
    pub(crate) fn promise(
        &mut self,
        sku: SkuIx,
        units: u64,
        promise: Promise,
    ) -> Vec<(LotIx, u64)> {
        let mut taken = Vec::new();
        let mut left = units;
        while left > 0 {
            let Some(lot) = self.on_shelf(sku).next() else { break };
            let share = self.lot(lot).available.min(left);
            self.promise_of(lot, share, promise);
            taken.push((lot, share));
            left -= share;
        }
        taken
    }

    /// Promises `units` that are on the shelf of `lot`.
    pub(crate) fn promise_of(&mut self, lot: LotIx, units: u64, promise: Promise) {
        self.leave_shelf(lot, units);
        self.make_promise(lot, units, promise);
    }

    /// Units that were reserved are paid for.
    pub(crate) fn commit(&mut self, sku: SkuIx, units: u64) {
        self.touch(sku);
        let books = &mut self.sku_mut(sku).books;
        take(&mut books.reserved, units, "reserved");
        books.allocated += units;
    }

    /// Units that were promised in one way are promised in another, to somebody else.
    pub(crate) fn pass_on(&mut self, lot: LotIx, units: u64, from: Promise, to: Promise) {
        self.leave_promise(lot, units, from);
        self.make_promise(lot, units, to);
    }

    fn make_promise(&mut self, lot: LotIx, units: u64, promise: Promise) {
        let sku = self.lot(lot).sku;
        self.lot_mut(lot).promised += units;
        let books = &mut self.sku_mut(sku).books;
        match promise {
            Promise::Reserved => books.reserved += units,
            Promise::Allocated => books.allocated += units,
        }
    }

    /// Units that were promised are free again.
    pub(crate) fn give_back(&mut self, lot: LotIx, units: u64, promise: Promise) {
        self.leave_promise(lot, units, promise);
        self.shelve(lot, units);
    }

    /// Units that were promised are gone without having left with the courier.
    pub(crate) fn lose(&mut self, lot: LotIx, units: u64, promise: Promise) {
        self.leave_promise(lot, units, promise);
        let sku = self.lot(lot).sku;
        self.sku_mut(sku).books.removed += units;
    }

    /// Units that were promised are gone with the courier.
    pub(crate) fn hand_over(&mut self, lot: LotIx, units: u64, promise: Promise) {
        self.leave_promise(lot, units, promise);
        let sku = self.lot(lot).sku;
        self.sku_mut(sku).books.handed_over += units;
    }

    /// One order more has left with units of `lot`.
    pub(crate) fn order_left(&mut self, lot: LotIx) {
        let left = &mut self.lot_mut(lot).orders_left;
        *left = left.checked_add(1).expect("fewer than 2^64 orders leave");
    }

    /// Units on the shelf are gone.
    pub(crate) fn remove_available(&mut self, lot: LotIx, units: u64) {
        self.leave_shelf(lot, units);
        let sku = self.lot(lot).sku;
        self.sku_mut(sku).books.removed += units;
    }

    /// Units that waited for their inspection are gone.
    pub(crate) fn remove_awaiting(&mut self, lot: LotIx, units: u64) {
        self.leave_inspection(lot, units);
        let sku = self.lot(lot).sku;
        self.sku_mut(sku).books.removed += units;
    }

    /// Units that were counted as removed have in truth left with the courier.
    pub(crate) fn removed_was_handed_over(&mut self, sku: SkuIx, units: u64) {
        self.touch(sku);
        let books = &mut self.sku_mut(sku).books;
        take(&mut books.removed, units, "removed");
        books.handed_over += units;
    }
}
