//! `shipment.handed_over`: parcels are gone with the courier, also those that should not have left.

use alloc::string::String;
use alloc::vec;

use crate::answer::Answer;
use crate::ask::{Asked, Wish};
use crate::order::{Hold, OrderIx, Packed, ParcelState, Sent, push_tight, signed};
use crate::pool::{Pool, Turn};
use crate::shrink::Touched;
use crate::stock::SkuIx;
use crate::waves::WaveIx;
use crate::{
    Alert, AlertKind, AlertOrder, Facts, HandedOver, Id, OrderRef, Outcome, Reason, Standing,
    digest,
};

impl Pool {
    pub(crate) fn handed_over(&mut self, event: &HandedOver, turn: &mut Turn<'_>) {
        if let Some(id) = &event.wave_id {
            let wave = self.waves.open(id);
            let known = core::mem::replace(&mut self.waves.get_mut(wave).left, true);
            if !known && self.waves.get(wave).is_closed() {
                self.wave_left(wave, turn);
            }
        }
        for order in &event.orders {
            match self.find_order(order, turn) {
                Some(ix) => {
                    let last = self.order(ix).parcels.len();
                    self.parcel_left(ix, last, turn);
                }
                None => self.tell_stranger(Some(order), turn),
            }
        }
        for parcel in &event.parcels {
            let named = self.parse_fulfillment_id(&parcel.fulfillment_id);
            let found = named
                .as_ref()
                .and_then(|(order, number)| Some((self.find_order(order, turn)?, *number)));
            match found {
                Some((ix, number)) => self.parcel_left(ix, number, turn),
                None => self.tell_stranger(named.as_ref().map(|(order, _)| order), turn),
            }
        }
        self.offer_to_waitlist(turn);
    }

    /// A closed wave has left: every parcel that is in it still, but those that left ahead of it.
    pub(super) fn wave_left(&mut self, wave: WaveIx, turn: &mut Turn<'_>) {
        for (ix, number) in self.waves.empty(wave) {
            self.parcel_left(ix, number, turn);
            self.order_mut(ix).parcels[number - 1].wave = None;
        }
    }

    fn find_order(&self, name: &OrderRef, turn: &Turn<'_>) -> Option<OrderIx> {
        self.orders.find(digest::identity(&turn.settings.hash_key, &name.platform, &name.order_id))
    }

    /// An order's parcel of that number has left. An older revision has left as the current one.
    fn parcel_left(&mut self, ix: OrderIx, number: usize, turn: &mut Turn<'_>) {
        let order = self.order(ix);
        if order.closed && order.standing == Standing::HandedOver {
            return;
        }
        let before = order.standing;
        let state =
            number.checked_sub(1).and_then(|at| order.parcels.get(at)).map(|parcel| parcel.state);
        match state {
            Some(ParcelState::HandedOver) => return,
            Some(ParcelState::Requested) => self.leave_as_told(ix),
            Some(ParcelState::Cancelled) => self.leave_all_the_same(ix, turn),
            None => {
                return self.tell_of_order(
                    AlertKind::StockMismatch,
                    ix,
                    Facts::Parcel { number: 0 },
                    turn,
                );
            }
        }
        self.count_left(ix, number);
        self.index_left(ix, turn.settings);
        let order = self.order(ix);
        let answer = match order.standing {
            // The order was closed before, and stays so.
            Standing::Cancelled | Standing::Refunded | Standing::Refused => None,
            Standing::HandedOver if before == Standing::HandedOver || order.is_cancelled() => None,
            // What it waited for has left, and what is open now fits.
            Standing::Allocated if before != Standing::Allocated => {
                Some(Answer::new(Outcome::Allocated, Reason::Promoted))
            }
            // The rest of it may still wait: the bridge hears that units have left all the same.
            _ => Some(Answer::new(Outcome::HandedOver, Reason::Ok)),
        };
        if let Some(answer) = answer {
            self.answer(ix, answer, turn);
        }
        self.ship(ix, turn);
        self.watch_oversold(ix, turn);
        self.rest(ix, turn);
    }

    /// The parcel that was asked for: all that the order holds, but parts of bundles that are not whole.
    fn leave_as_told(&mut self, ix: OrderIx) {
        let parcel =
            self.order_mut(ix).parcels.last_mut().expect("the last parcel is the one asked for");
        parcel.state = ParcelState::HandedOver;
        let content = parcel.content.clone();
        self.left_wave(ix);
        for packed in &content {
            for &(lot, units) in &packed.lots {
                self.hand_over_hold(ix, Hold { sku: self.stock.lot(lot).sku, lot, units });
            }
            self.send(ix, packed);
        }
        if !self.order(ix).waits() {
            assert!(
                self.order(ix).holds.is_empty(),
                "a parcel that is asked for is all that its order holds, unless it waits for the rest of a bundle"
            );
            self.stand(ix, Standing::HandedOver);
        }
    }

    /// The truck was faster than the cancellation: the units are gone, from what the order still holds,
    /// from what is free, and at worst from others.
    fn leave_all_the_same(&mut self, ix: OrderIx, turn: &mut Turn<'_>) {
        let number = self.order(ix).parcels.len();
        let parcel =
            self.order_mut(ix).parcels.last_mut().expect("the last parcel is the one taken back");
        parcel.state = ParcelState::HandedOver;
        let content = parcel.content.clone();
        // Others who lose by it are told when the whole parcel is gone, of all that they lost.
        let mut touched = Touched::default();
        for packed in &content {
            for &(lot, units) in &packed.lots {
                let sku = self.stock.lot(lot).sku;
                let missing = self.take_of_lot(ix, Hold { sku, lot, units });
                self.take_of_sku(ix, sku, missing, &mut touched);
            }
            self.send(ix, packed);
        }
        self.tell_touched(touched, Reason::Count, turn);
        let order = self.order(ix);
        if !order.is_cancelled() && order.standing != Standing::Refunded {
            let asked = self.settle(ix, Wish { reduced: true, ..Wish::default() }, turn);
            if asked == Asked::Short && self.order(ix).paid {
                // Its units left for lines that it does not have any more.
                self.tell_shortage(ix, turn);
            }
        }
        let facts =
            Facts::Parcel { number: u32::try_from(number).expect("an order has few parcels") };
        self.tell_of_order(AlertKind::StockMismatch, ix, facts, turn);
        self.watch_recalled(ix, number, turn);
    }

    /// Units of a lot leave: the order's own, then free ones. Returns how many were missing.
    fn take_of_lot(&mut self, ix: OrderIx, wanted: Hold) -> u64 {
        let own = self.order(ix).held_of_lot(wanted.lot).min(wanted.units);
        self.hand_over_hold(ix, Hold { units: own, ..wanted });
        let left = wanted.units - own;
        let free = self.stock.lot(wanted.lot).available.min(left);
        self.stock.remove_available(wanted.lot, free);
        self.stock.removed_was_handed_over(wanted.sku, free);
        left - free
    }

    /// Units of a SKU leave, of whatever lot: the order's own, then what is free, then others'. What the
    /// books do not have can't leave them.
    fn take_of_sku(&mut self, ix: OrderIx, sku: SkuIx, units: u64, touched: &mut Touched) {
        let mut left = units;
        for hold in self.order(ix).holds.clone().into_iter().filter(|hold| hold.sku == sku) {
            let own = hold.units.min(left);
            self.hand_over_hold(ix, Hold { units: own, ..hold });
            left -= own;
        }
        let found = self.remove(sku, left, touched);
        self.stock.removed_was_handed_over(sku, found);
    }

    fn hand_over_hold(&mut self, ix: OrderIx, hold: Hold) {
        if hold.units > 0 {
            let promise = self.order(ix).promise();
            self.drop_hold(ix, hold.lot, hold.units);
            self.stock.hand_over(hold.lot, hold.units, promise);
            self.index_holder(ix, hold.sku);
        }
    }

    fn send(&mut self, ix: OrderIx, packed: &Packed) {
        let sent = Sent { line_id: packed.line_id.clone(), sku: packed.sku, units: packed.units() };
        for &(lot, units) in &packed.lots {
            self.count_used(ix, self.stock.lot(lot).sku, signed(units));
        }
        push_tight(&mut self.order_mut(ix).handed_over, sent);
    }

    /// Something left of which nothing is known here.
    fn tell_stranger(&mut self, order: Option<&OrderRef>, turn: &mut Turn<'_>) {
        let entry = |order: &OrderRef| AlertOrder {
            platform: order.platform.clone(),
            order_id: order.order_id.clone(),
            shortage: 0,
            lines: vec![],
        };
        let alert = Alert {
            platform: order.map(|order| order.platform.clone()),
            orders: order.map(entry).into_iter().collect(),
            orders_total: u64::from(order.is_some()),
            facts: Facts::Parcel { number: 0 },
            ..self.blank(AlertKind::StockMismatch, turn)
        };
        self.tell_alert(alert, turn);
    }

    /// Reads `pool/platform/order_id/n` as we published it; `None` if it is not one of this pool's.
    fn parse_fulfillment_id(&self, id: &Id) -> Option<(OrderRef, usize)> {
        let mut parts = id.split('/');
        let (pool, platform) = (unescape(parts.next()?), unescape(parts.next()?));
        let (order_id, number) = (unescape(parts.next()?), parts.next()?.parse().ok()?);
        let ours = parts.next().is_none() && pool == self.id.as_str();
        ours.then(|| {
            (OrderRef { platform: Id::new(&platform), order_id: Id::new(&order_id) }, number)
        })
    }
}

/// Undoes the escapes of a part of a joined id.
fn unescape(part: &str) -> String {
    part.replace("%2F", "/").replace("%25", "%")
}
