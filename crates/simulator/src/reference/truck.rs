//! `shipment.handed_over`: what the truck took, whether or not it should have.

use allotment::{Alert, AlertKind, Effects, Facts, HandedOver, Id, Standing};

use super::ending::Cause;
use super::order::{Part, Told, Trip};
use super::pool::{OrderKey, Pool};
use super::stock::Exit;

impl Pool {
    /// Parcel by parcel: what one brings about is told before the next, which may be one that it took from.
    pub(super) fn hand_over(&mut self, handed: &HandedOver, event_id: &Id, out: &mut Effects) {
        if let Some(wave_id) = &handed.wave_id {
            if self.waves.contains_key(wave_id) {
                self.hand_over_wave(wave_id, event_id, out);
            } else {
                self.left_early.insert(wave_id.clone());
            }
        }
        let mut named: Vec<Option<(OrderKey, Option<u32>)>> = Vec::new();
        for order in &handed.orders {
            named.push(Some(((order.platform.clone(), order.order_id.clone()), None)));
        }
        for parcel in &handed.parcels {
            let read = self.read_fulfillment_id(&parcel.fulfillment_id);
            named.push(read.map(|(key, number)| (key, Some(number))));
        }
        self.hand_over_each(named, event_id, out);
    }

    /// All that is still in a wave leaves, by place in line.
    pub(super) fn hand_over_wave(&mut self, wave_id: &Id, event_id: &Id, out: &mut Effects) {
        let parcels = self.still_in_wave(wave_id).into_iter();
        let named = parcels.map(|(key, number)| Some((key, Some(number)))).collect();
        self.hand_over_each(named, event_id, out);
    }

    fn hand_over_each(
        &mut self,
        named: Vec<Option<(OrderKey, Option<u32>)>>,
        event_id: &Id,
        out: &mut Effects,
    ) {
        for parcel in named {
            let before = self.orders.clone();
            let mut cause = Cause::of(event_id.clone());
            match parcel {
                Some((key, number)) => {
                    let left = self.parcel_leaves(&key, number, &mut cause.alerts);
                    cause.left = left.then_some(key);
                }
                None => cause.alerts.push(self.alert(AlertKind::StockMismatch, Vec::new())),
            }
            self.tell_changes(&before, cause, out);
        }
    }

    /// `pool/platform/order_id/n`, where it is one of this pool.
    fn read_fulfillment_id(&self, text: &str) -> Option<(OrderKey, u32)> {
        let parts: Vec<String> =
            text.split('/').map(|p| p.replace("%2F", "/").replace("%25", "%")).collect();
        let [pool, platform, order_id, number] = &parts[..] else { return None };
        let key = (Id::new(platform), Id::new(order_id));
        if *pool == self.id.as_str() { Some((key, number.parse().ok()?)) } else { None }
    }

    /// Returns whether anything left just now.
    fn parcel_leaves(
        &mut self,
        key: &OrderKey,
        number: Option<u32>,
        alerts: &mut Vec<Alert>,
    ) -> bool {
        let Some(order) = self.orders.get(key) else {
            self.tell_mismatch(key, 0, alerts);
            return false;
        };
        if let Some(closed) = &order.closed {
            if closed.standing != Standing::HandedOver {
                self.tell_mismatch(key, number.unwrap_or(0), alerts);
            }
            return false;
        }
        let told = match number {
            Some(n) => order.parcels.iter().find(|p| p.number == n).cloned(),
            None => order.parcels.last().cloned(),
        };
        let Some(told) = told else {
            self.tell_mismatch(key, 0, alerts);
            return false;
        };
        if told.trip == Trip::Cancelled {
            self.tell_mismatch(key, told.number, alerts);
        }
        let leaves = told.trip != Trip::Left;
        if leaves {
            self.leaves(key, &told);
            self.recalled_left(key, &told.content, alerts);
        }
        leaves
    }

    fn tell_mismatch(&self, key: &OrderKey, number: u32, alerts: &mut Vec<Alert>) {
        alerts.push(Alert {
            facts: Facts::Parcel { number },
            ..self.alert_of(AlertKind::StockMismatch, key)
        });
    }

    fn note_left(&mut self, key: &OrderKey, told: &Told) {
        self.count_left(key, told);
        let order = self.order_mut(key);
        order.handed.extend(told.content.iter().cloned());
        let parcel =
            order.parcels.iter_mut().find(|p| p.number == told.number).expect("it was just seen");
        parcel.trip = Trip::Left;
    }

    /// A parcel leaves, and with it its units: the order's own first; where it was called back, what is available, then what the newest orders hold.
    fn leaves(&mut self, key: &OrderKey, told: &Told) {
        self.order_mut(key).stays_refunded = self.orders[key].standing() == Standing::Refunded;
        for part in told.content.iter().flat_map(|packed| &packed.parts) {
            self.units_leave(key, part);
        }
        self.note_left(key, told);
        self.fit_again(key);
        if told.trip == Trip::Cancelled {
            self.preempt(key);
        }
    }

    fn units_leave(&mut self, key: &OrderKey, part: &Part) {
        for (lot, units) in &part.lots {
            for _ in 0..*units {
                self.unit_leaves(key, *lot, &part.sku);
            }
        }
    }

    fn unit_leaves(&mut self, key: &OrderKey, named: usize, sku: &Id) {
        let own = |pool: &Self, lot: usize| pool.orders[key].holds_of_lot(lot) > 0;
        if own(self, named) {
            self.leave_with(key, named, 1);
            return;
        }
        if self.leave_loose(named, Exit::HandedOver, 1) == 1 {
            return;
        }
        let lots = self.lots_of(sku);
        if let Some(lot) = lots.iter().find(|lot| own(self, **lot)) {
            self.leave_with(key, *lot, 1);
            return;
        }
        for lot in &lots {
            if self.leave_loose(*lot, Exit::HandedOver, 1) == 1 {
                return;
            }
        }
        for lot in &lots {
            if self.leave_awaiting(*lot, Exit::HandedOver, 1) == 1 {
                return;
            }
        }
        // Where there is nothing at all, nothing moves.
        self.lose_one(sku, Exit::HandedOver);
    }
}
