//! What the courier is told: each order's parcel as it should be, against what was told last.

use std::collections::BTreeMap;

use allotment::{
    Effect, Effects, Fulfillment, Id, Line, LotShare, Parcel, ParcelCancelled, ParcelComponent,
    ParcelLine, Reason,
};

use super::order::{Holding, Mode, Order, Packed, Part, Told, Trip};
use super::pool::{OrderKey, Pool};

impl Order {
    /// Its lines, and how much of each has not left: a line's own parcel counts for it first, then what
    /// else of its SKU has left, first line first.
    pub(super) fn open_lines(&self) -> Vec<(Line, u64)> {
        let lines = self.effective();
        let mut gone: BTreeMap<Id, u64> = BTreeMap::new();
        for packed in &self.handed {
            *gone.entry(packed.sku.clone()).or_default() += packed.quantity;
        }
        let mut open = Vec::new();
        for line in lines {
            let own: u64 = self
                .handed
                .iter()
                .filter(|packed| packed.line_id == line.line_id && packed.sku == line.sku)
                .map(|packed| packed.quantity)
                .sum();
            let covered = own.min(u64::from(line.quantity));
            if let Some(units) = gone.get_mut(&line.sku) {
                *units -= covered;
            }
            let rest = u64::from(line.quantity) - covered;
            open.push((line, rest));
        }
        for (line, rest) in &mut open {
            if let Some(units) = gone.get_mut(&line.sku) {
                let some = (*units).min(*rest);
                *units -= some;
                *rest -= some;
            }
        }
        open
    }

    /// Whether this event or instant changed anything that its parcel follows from.
    fn moved(&self, before: Option<&Self>) -> bool {
        let Some(before) = before else { return true };
        let facts = |o: &Self| {
            (
                o.holdings.clone(),
                o.waits(),
                o.paid,
                o.held(),
                o.cancelled(),
                o.open_lines(),
                o.mode,
                o.parcels.clone(),
            )
        };
        facts(self) != facts(before)
    }
}

impl Pool {
    pub(super) fn tell_parcels(
        &mut self,
        before: &BTreeMap<OrderKey, Order>,
        own: Option<&OrderKey>,
        out: &mut Effects,
    ) {
        let keys: Vec<OrderKey> = self.orders.keys().cloned().collect();
        for key in keys {
            if own == Some(&key) || self.orders[&key].moved(before.get(&key)) {
                self.tell_parcel(&key, out);
            }
        }
    }

    fn tell_parcel(&mut self, key: &OrderKey, out: &mut Effects) {
        let wanted = self.wanted_parcel(key);
        let last = self.orders[key].parcels.last().cloned();
        let (mut told, again) = match (&last, wanted) {
            (Some(last), None) if last.trip == Trip::Requested => {
                self.call_back(key, last.clone(), out);
                return;
            }
            (_, None) => return,
            (None, Some(content)) => {
                (Told { number: 1, revision: 1, trip: Trip::Requested, content, wave: None }, false)
            }
            (Some(last), Some(content)) => match last.trip {
                Trip::Left => (
                    Told {
                        number: last.number + 1,
                        revision: 1,
                        trip: Trip::Requested,
                        content,
                        wave: None,
                    },
                    false,
                ),
                Trip::Cancelled => {
                    (Told { revision: last.revision + 1, content, ..last.clone() }, true)
                }
                Trip::Requested if last.content == content => return,
                Trip::Requested => {
                    (Told { revision: last.revision + 1, content, ..last.clone() }, true)
                }
            },
        };
        let revised = last.as_ref().is_some_and(|l| l.trip == Trip::Requested);
        told.trip = Trip::Requested;
        let parcel = self.parcel(key, &told);
        let parcels = &mut self.order_mut(key).parcels;
        if again {
            parcels.pop();
        }
        parcels.push(told);
        let fulfillment =
            if revised { Fulfillment::Revised(parcel) } else { Fulfillment::Requested(parcel) };
        out.list.push(Effect::Fulfillment(fulfillment));
    }

    fn call_back(&mut self, key: &OrderKey, last: Told, out: &mut Effects) {
        let order = &self.orders[key];
        let reason = if order.needs().is_empty() {
            Reason::Cancelled
        } else if order.held() {
            Reason::Held
        } else {
            Reason::Short
        };
        let told = Told { revision: last.revision + 1, trip: Trip::Cancelled, wave: None, ..last };
        out.list.push(Effect::Fulfillment(Fulfillment::Cancelled(ParcelCancelled {
            pool: self.id.clone(),
            platform: key.0.clone(),
            order_id: key.1.clone(),
            number: told.number,
            revision: told.revision,
            reason,
            cancelled_at: self.now,
        })));
        *self.order_mut(key).parcels.last_mut().expect("it was just seen") = told;
    }

    /// What should leave for an order now: all that it holds, if it is paid, not held, and whole or partial.
    fn wanted_parcel(&self, key: &OrderKey) -> Option<Vec<Packed>> {
        let order = &self.orders[key];
        let ships =
            order.paid && !order.held() && order.mode == Mode::Active && order.holds_anything();
        if !ships || (order.waiting() && !self.policy.partial) {
            return None;
        }
        let mut holdings = order.holdings.clone();
        holdings.sort_by_key(|h| self.lot_rank(h.lot));
        let mut content = Vec::new();
        for (line, _, quantity) in order.filled_lines() {
            if quantity == 0 {
                continue;
            }
            let bundle = order.recipes.contains_key(&line.sku);
            let mut parts = Vec::new();
            for (sku, each) in order.parts_of(&line.sku) {
                let lots = take_out(&mut holdings, &sku, quantity * each);
                parts.push(Part { sku, lots });
            }
            content.push(Packed { line_id: line.line_id, sku: line.sku, quantity, parts, bundle });
        }
        if content.is_empty() { None } else { Some(content) }
    }

    fn parcel(&self, key: &OrderKey, told: &Told) -> Parcel {
        let order = &self.orders[key];
        let share = |(lot, units): &(usize, u64)| LotShare {
            lot_id: self.lots[*lot].lot_id.clone(),
            quantity: *units,
        };
        let units = |n: u64| u32::try_from(n).expect("no more than the line's quantity");
        let line = |packed: &Packed| {
            let lots = |part: &Part| part.lots.iter().map(share).collect::<Vec<_>>();
            let component = |part: &Part| ParcelComponent {
                sku: part.sku.clone(),
                quantity: part.lots.iter().map(|(_, n)| n).sum(),
                lots: lots(part),
            };
            let (mut of_lots, mut components) = (Vec::new(), Vec::new());
            if packed.bundle {
                components.extend(packed.parts.iter().map(component));
            } else {
                of_lots.extend(packed.parts.iter().flat_map(lots));
            }
            ParcelLine {
                line_id: packed.line_id.clone(),
                sku: packed.sku.clone(),
                quantity: units(packed.quantity),
                lots: of_lots,
                components,
            }
        };
        let newest = |field: &Option<(super::facts::Age, Id)>| {
            field.as_ref().map(|(_, value)| value.clone())
        };
        Parcel {
            pool: self.id.clone(),
            platform: key.0.clone(),
            order_id: key.1.clone(),
            number: told.number,
            revision: told.revision,
            buyer_id: newest(&order.buyer_id),
            session_id: newest(&order.session_id),
            recipient_ref: newest(&order.recipient_ref),
            lines: told.content.iter().map(line).collect(),
            requested_at: self.now,
        }
    }
}

/// Takes units of a SKU out of holdings, first come first.
fn take_out(holdings: &mut [Holding], sku: &Id, units: u64) -> Vec<(usize, u64)> {
    let mut rest = units;
    let mut lots = Vec::new();
    for holding in holdings.iter_mut().filter(|h| h.sku == *sku) {
        let some = holding.units.min(rest);
        if some > 0 {
            lots.push((holding.lot, some));
        }
        holding.units -= some;
        rest -= some;
    }
    lots
}
