//! `paid_preempts_reserved`: a paid order that would be short takes from the newest unpaid reservations, if
//! that makes it whole.

use alloc::vec::Vec;

use crate::order::{Hold, OrderIx};
use crate::pool::{Pool, Turn};
use crate::shrink::Touched;
use crate::stock::{InLine, Part, Promise, SkuIx};
use crate::{Reason, Time};

/// Units of a reservation that a paid order takes.
struct Taken {
    from: InLine,
    hold: Hold,
}

impl Pool {
    /// Makes a paid order whole with units of unpaid reservations, if the policy says so and they suffice.
    /// Those who lost them are told, and wait.
    pub(crate) fn preempt(&mut self, ix: OrderIx, turn: &mut Turn<'_>) {
        if !self.order(ix).paid || !self.policy.paid_preempts_reserved {
            return;
        }
        let lacks = self.order(ix).lacks(&self.stock);
        let Some(taken) = self.reservations_for(&lacks) else { return };
        for (sku, units) in lacks {
            for (lot, units) in self.stock.promise(sku, units, Promise::Allocated) {
                self.add_hold(ix, sku, lot, units);
            }
        }
        let mut touched = Touched::default();
        for Taken { from, hold } in taken {
            self.drop_hold(from.1, hold.lot, hold.units);
            self.index_holder(from.1, hold.sku);
            self.stock.pass_on(hold.lot, hold.units, Promise::Reserved, Promise::Allocated);
            self.add_hold(ix, hold.sku, hold.lot, hold.units);
            touched.lost(from);
        }
        self.tell_touched(touched, Reason::Preempted, turn);
    }

    /// What reservations have to give beside what is available, the newest first; nothing, unless that is
    /// all that is lacking.
    fn reservations_for(&self, lacks: &[Part]) -> Option<Vec<Taken>> {
        let mut taken = Vec::new();
        for &(sku, units) in lacks {
            let books = &self.stock.sku(sku).books;
            let mut left = units.saturating_sub(books.available);
            if left > books.reserved {
                return None;
            }
            for &from in self.stock.sku(sku).reserved_by.iter().rev() {
                if left == 0 {
                    break;
                }
                for hold in self.sound_holds(from.1, sku) {
                    let units = left.min(hold.units);
                    left -= units;
                    if units > 0 {
                        taken.push(Taken { from, hold: Hold { units, ..hold } });
                    }
                }
            }
            if left > 0 {
                return None;
            }
        }
        Some(taken)
    }

    /// What an order holds of a SKU and may be promised anew, what expires last first.
    fn sound_holds(&self, ix: OrderIx, sku: SkuIx) -> Vec<Hold> {
        let sound = |hold: &&Hold| hold.sku == sku && self.stock.lot(hold.lot).is_sound();
        let mut holds: Vec<Hold> = self.order(ix).holds.iter().filter(sound).copied().collect();
        let rank = |hold: &Hold| -> (Time, _) { self.stock.lot(hold.lot).rank(hold.lot) };
        holds.sort_by_key(|hold| core::cmp::Reverse(rank(hold)));
        holds
    }
}
