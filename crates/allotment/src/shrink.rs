//! Stock that turns out to be less than was promised.
//!
//! What is missing is taken from what is free, then from the newest unpaid reservations of the SKU, then
//! from the newest allocations. Where it is a certain lot that is missing, orders exchange lots, so that
//! the order of loss holds over the whole SKU and paid orders are the last to lose.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::answer::Answer;
use crate::order::{Hold, OrderIx};
use crate::pool::{Pool, Turn};
use crate::steps::step;
use crate::stock::{InLine, LotIx, SkuIx};
use crate::{Outcome, Reason, Standing};

/// What became of a lot of which units are gone.
pub(crate) struct Lost {
    /// How many there were.
    pub(crate) removed: u64,
    /// Who lost units by it, in the order in which they lost.
    pub(crate) orders: Vec<InLine>,
}

/// Orders that a shrinking touched.
#[derive(Default)]
pub(crate) struct Touched {
    /// In the order in which they lost.
    lost: Vec<InLine>,
    /// The same, to be found.
    known: BTreeSet<InLine>,
    /// By place.
    exchanged: BTreeSet<InLine>,
}

impl Touched {
    pub(crate) fn lost(&mut self, order: InLine) {
        if self.known.insert(order) {
            self.lost.push(order);
        }
    }

    /// Takes the claims out, and returns those that lost.
    fn take_claims(&mut self, is_claim: impl Fn(OrderIx) -> bool) -> Vec<InLine> {
        self.exchanged.retain(|&(_, ix)| !is_claim(ix));
        self.lost.extract_if(.., |&mut (_, ix)| is_claim(ix)).collect()
    }
}

/// A walk over who holds units of one SKU, the newest first, that never looks again at whom it passed over. So
/// it is for what nobody becomes while it lasts: of the holders some only cease to be it.
struct Walk {
    reserved: Option<InLine>,
    allocated: Option<InLine>,
}

impl Walk {
    const fn new() -> Self {
        let end = Some((u64::MAX, OrderIx(u32::MAX)));
        Self { reserved: end, allocated: end }
    }
}

/// The newest from `end` on who is it, which is where the next search begins.
fn newest(
    by: &BTreeSet<InLine>,
    end: &mut Option<InLine>,
    is: impl Fn(OrderIx) -> bool,
) -> Option<InLine> {
    let mut from = by.range(..=(*end)?).rev();
    *end = from
        .find(|who| {
            step();
            is(who.1)
        })
        .copied();
    *end
}

impl Pool {
    /// Units of a SKU that are physically there.
    pub(crate) fn on_hand(&self, sku: SkuIx) -> u64 {
        let books = self.stock.sku(sku).books;
        books.available + books.awaiting_inspection + books.reserved + books.allocated
    }

    /// Units of a lot that are physically there.
    pub(crate) fn on_hand_of_lot(&self, lot: LotIx) -> u64 {
        let lot = self.stock.lot(lot);
        lot.available + lot.awaiting + lot.promised
    }

    /// Removes up to `units` of a SKU, first expired first; returns how many there were.
    pub(crate) fn shrink(
        &mut self,
        sku: SkuIx,
        units: u64,
        reason: Reason,
        turn: &mut Turn<'_>,
    ) -> u64 {
        let mut touched = Touched::default();
        let removed = self.remove(sku, units, &mut touched);
        self.tell_touched(touched, reason, turn);
        removed
    }

    /// Removes up to `units` of a SKU and notes who lost by it; they are told with [`Pool::tell_touched`].
    pub(crate) fn remove(&mut self, sku: SkuIx, units: u64, touched: &mut Touched) -> u64 {
        let mut left = units;
        while left > 0 {
            let Some(lot) = self.stock.on_shelf(sku).next() else { break };
            let cut = self.stock.lot(lot).available.min(left);
            self.stock.remove_available(lot, cut);
            left -= cut;
        }
        while left > 0 {
            let Some(lot) = self.stock.in_inspection(sku).next() else { break };
            let cut = self.stock.lot(lot).awaiting.min(left);
            self.stock.remove_awaiting(lot, cut);
            left -= cut;
        }
        while left > 0 {
            let Some(victim) = self.newest_holder(sku) else { break };
            let hold = self.holds_by_expiry(victim.1, sku).remove(0);
            let cut = left.min(hold.units);
            self.lose_hold(victim.1, hold.lot, cut);
            touched.lost(victim);
            left -= cut;
        }
        units - left
    }

    /// Removes up to `units` of a lot.
    pub(crate) fn shrink_lot(
        &mut self,
        lot: LotIx,
        units: u64,
        reason: Reason,
        turn: &mut Turn<'_>,
    ) -> Lost {
        let available = self.stock.lot(lot).available.min(units);
        self.stock.remove_available(lot, available);
        let awaiting = self.stock.lot(lot).awaiting.min(units - available);
        self.stock.remove_awaiting(lot, awaiting);
        let promised = self.stock.lot(lot).promised.min(units - available - awaiting);
        let mut touched = Touched::default();
        // From here on nobody gets units of the lot, so its holders only become fewer.
        let mut holders = Walk::new();
        let rest = self.replace_from_shelf(lot, promised, &mut holders, &mut touched);
        self.replace_from_newest(lot, rest, &mut holders, &mut touched);
        let mut orders = touched.lost.clone();
        orders.retain(|&(_, ix)| !self.order(ix).claim);
        self.tell_touched(touched, reason, turn);
        Lost { removed: available + awaiting + promised, orders }
    }

    /// Removes all of a lot that has not left.
    pub(crate) fn drop_lot(&mut self, lot: LotIx, reason: Reason, turn: &mut Turn<'_>) -> Lost {
        let lost = self.shrink_lot(lot, self.on_hand_of_lot(lot), reason, turn);
        assert!(self.on_hand_of_lot(lot) == 0, "a lot that is dropped is gone");
        lost
    }

    /// The order that loses first: the newest unpaid one, then the newest of all.
    fn newest_holder(&self, sku: SkuIx) -> Option<InLine> {
        let sku = self.stock.sku(sku);
        sku.reserved_by.last().or_else(|| sku.allocated_by.last()).copied()
    }

    /// The newest order that holds units of `lot`.
    fn newest_holder_of_lot(&self, lot: LotIx, walk: &mut Walk) -> InLine {
        let sku = self.stock.sku(self.stock.lot(lot).sku);
        let holds = |ix| self.order(ix).held_of_lot(lot) > 0;
        let reserved = newest(&sku.reserved_by, &mut walk.reserved, holds);
        let allocated = newest(&sku.allocated_by, &mut walk.allocated, holds);
        reserved.max(allocated).expect("somebody holds what is promised of a lot")
    }

    fn holds_by_expiry(&self, ix: OrderIx, sku: SkuIx) -> Vec<Hold> {
        let mut holds: Vec<Hold> =
            self.order(ix).holds.iter().filter(|hold| hold.sku == sku).copied().collect();
        holds.sort_by_key(|hold| self.stock.lot(hold.lot).rank(hold.lot));
        holds
    }

    /// Units that an order holds are gone.
    fn lose_hold(&mut self, ix: OrderIx, lot: LotIx, units: u64) {
        let promise = self.order(ix).promise();
        self.drop_hold(ix, lot, units);
        self.stock.lose(lot, units, promise);
        let sku = self.stock.lot(lot).sku;
        self.index_holder(ix, sku);
    }

    /// Promised units of `lot` are gone; other lots' free units take their place, for the newest holders
    /// first. Returns how many could not be replaced.
    fn replace_from_shelf(
        &mut self,
        lot: LotIx,
        units: u64,
        holders: &mut Walk,
        touched: &mut Touched,
    ) -> u64 {
        let sku = self.stock.lot(lot).sku;
        let mut left = units;
        while left > 0 {
            let Some(other) = self.stock.on_shelf(sku).next() else { break };
            let holder = self.newest_holder_of_lot(lot, holders);
            let held = self.order(holder.1).held_of_lot(lot);
            let cut = self.stock.lot(other).available.min(left).min(held);
            let promise = self.order(holder.1).promise();
            self.lose_hold(holder.1, lot, cut);
            self.stock.promise_of(other, cut, promise);
            self.add_hold(holder.1, sku, other, cut);
            touched.exchanged.insert(holder);
            left -= cut;
        }
        left
    }

    /// Promised units of `lot` are gone, and the newest orders of the SKU are the ones to lose: what they
    /// hold of other lots goes to the newest holders of this one.
    fn replace_from_newest(
        &mut self,
        lot: LotIx,
        units: u64,
        holders: &mut Walk,
        touched: &mut Touched,
    ) {
        let mut left = units;
        // Who gets something by it holds units of the lot, and could give already: givers only become fewer.
        let mut givers = Walk::new();
        while left > 0 {
            let victim = self.newest_giver(lot, &mut givers);
            let own = self.order(victim.1).held_of_lot(lot);
            let cut = if own > 0 {
                let cut = own.min(left);
                self.lose_hold(victim.1, lot, cut);
                cut
            } else {
                let holder = self.newest_holder_of_lot(lot, holders);
                touched.exchanged.insert(holder);
                self.pass_on(victim, holder, lot, left)
            };
            touched.lost(victim);
            left -= cut;
        }
    }

    /// The order that loses first where units of `lot` are gone: one that holds some, or holds units that
    /// may be promised anew to one that does. What is past its date may not.
    fn newest_giver(&self, lot: LotIx, walk: &mut Walk) -> InLine {
        let sku = self.stock.sku(self.stock.lot(lot).sku);
        let gives = |hold: &Hold| hold.lot == lot || self.is_sound_hold(hold, lot);
        let can = |ix| self.order(ix).holds.iter().any(gives);
        let reserved = newest(&sku.reserved_by, &mut walk.reserved, can);
        let giver = reserved.or_else(|| newest(&sku.allocated_by, &mut walk.allocated, can));
        giver.expect("somebody holds what is promised of a lot")
    }

    /// Whether a hold is of units of the lot's SKU that may be promised to somebody else.
    fn is_sound_hold(&self, hold: &Hold, lot: LotIx) -> bool {
        hold.sku == self.stock.lot(lot).sku && self.stock.lot(hold.lot).is_sound()
    }

    /// `victim` holds none of `lot`: it gives what expires last to the newest `holder` of it, who loses as
    /// much of `lot`. Returns how much.
    fn pass_on(&mut self, victim: InLine, holder: InLine, lot: LotIx, most: u64) -> u64 {
        let sku = self.stock.lot(lot).sku;
        let sound = |hold: &Hold| self.is_sound_hold(hold, lot);
        let hold = self.holds_by_expiry(victim.1, sku).into_iter().rfind(sound);
        let hold = hold.expect("who gives holds something to give");
        let cut = hold.units.min(most).min(self.order(holder.1).held_of_lot(lot));
        let (from, to) = (self.order(victim.1).promise(), self.order(holder.1).promise());
        self.lose_hold(holder.1, lot, cut);
        self.drop_hold(victim.1, hold.lot, cut);
        self.index_holder(victim.1, sku);
        self.stock.pass_on(hold.lot, cut, from, to);
        self.add_hold(holder.1, sku, hold.lot, cut);
        cut
    }

    /// Those who lost units wait for them at their place; the courier hears of every parcel that changed. Claims
    /// do not wait: they are of less.
    pub(crate) fn tell_touched(
        &mut self,
        mut touched: Touched,
        reason: Reason,
        turn: &mut Turn<'_>,
    ) {
        let claims: Vec<InLine> = touched.take_claims(|ix| self.order(ix).claim);
        let mut freed = false;
        for (_, ix) in claims {
            freed |= self.shrink_claim(ix, turn);
        }
        for &(_, ix) in &touched.lost {
            if !self.order(ix).waits() {
                self.orders.get_mut(ix).take_apart_what_was_whole(&self.stock);
                self.enter_season(ix);
            }
        }
        // Of what was refused to them, and they wait for from now on, there may be some: first come, first served.
        let mut refused = touched.lost.clone();
        refused.retain(|&(_, ix)| self.order(ix).rest_refused);
        refused.sort_unstable();
        for (_, ix) in refused {
            self.fill(ix);
        }
        for &(_, ix) in &touched.lost {
            let lacks = self.order(ix).lacks(&self.stock);
            self.wait_for(ix, lacks);
            self.order_mut(ix).rest_refused = false;
            let before = self.order(ix).standing;
            self.stand(ix, Standing::Waitlisted);
            if before != Standing::Waitlisted {
                self.answer(ix, Answer::new(Outcome::Waitlisted, reason), turn);
            }
            self.tell_shortage(ix, turn);
        }
        for (_, ix) in touched.lost.into_iter().chain(touched.exchanged) {
            self.ship(ix, turn);
            self.rest(ix, turn);
        }
        if freed {
            self.offer_to_waitlist(turn);
        }
    }
}
