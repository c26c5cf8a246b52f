//! Time passes: through every deadline in order, one instant after the other.

use allotment::{Alert, AlertKind, Effects, Facts, Settings, Time};

use super::ending::Cause;
use super::order::{Mode, Order};
use super::pool::{OrderKey, Pool};
use super::stock::{Exit, Holder};

impl Pool {
    pub(super) fn pass_time(&mut self, now: Time, settings: &Settings, out: &mut Effects) {
        while let Some(due) = self.next_deadline(settings).filter(|due| *due <= now) {
            self.now = self.now.max(due);
            self.instant(settings, out);
        }
        self.now = self.now.max(now);
    }

    /// The earliest moment at which time alone changes something.
    pub(super) fn next_deadline(&self, settings: &Settings) -> Option<Time> {
        let orders = self.orders.values().flat_map(|o| {
            let promised = self.promised_until(o);
            [o.expires_at(), o.lines_due, promised, forgotten_at(o, settings)]
        });
        let lots = self.lots.iter().filter(|l| !l.expired).map(|l| l.best_before);
        let risks = self.risks.values().map(|w| Some(w.ends));
        let rejects = self.rejects.iter().map(|r| Some(r.ends));
        let claims = self.claims.values().map(|c| c.deadline);
        orders.chain(claims).chain(lots).chain(risks).chain(rejects).flatten().min()
    }

    /// Everything that is due now: reservations by place in line, then lots, then one pass over the waitlist.
    fn instant(&mut self, settings: &Settings, out: &mut Effects) {
        let now = self.now;
        let before = self.orders.clone();
        let mut due: Vec<OrderKey> = Vec::new();
        due.extend(
            self.orders
                .iter()
                .filter(|(_, o)| o.expires_at().is_some_and(|t| t <= now))
                .map(|(k, _)| k.clone()),
        );
        due.sort_by_key(|key| self.orders[key].place);
        for key in due {
            self.give_back_all(&Holder::Order(key.clone()));
            let order = self.order_mut(&key);
            order.refuse();
            order.mode = Mode::Released;
        }
        self.end_claims(|_, claim| claim.deadline.is_some_and(|t| t <= now));
        self.expire_lots(out);
        self.end_backorders();
        self.drop_closed(settings);
        self.pass_over_waitlist(None);
        let alerts = self.missing_lines();
        self.finish(&before, Cause { alerts, ..Cause::tick() }, out);
        self.tell_added_up(false, out);
        self.forget(settings);
    }

    fn expire_lots(&mut self, out: &mut Effects) {
        for lot in 0..self.lots.len() {
            if self.lots[lot].expired || self.lots[lot].best_before.is_none_or(|t| t > self.now) {
                continue;
            }
            self.lots[lot].expired = true;
            let removed = self.leave_loose(lot, Exit::Removed, u64::MAX);
            if removed > 0 || self.promised(lot) > 0 {
                let alert = self.lot_expired(lot, removed);
                self.tell(alert, out);
            }
        }
    }

    /// The alert that units of a lot past its date were removed; names who is promised others of it.
    pub(super) fn lot_expired(&self, lot: usize, removed: u64) -> Alert {
        let mut holders: Vec<&OrderKey> =
            self.orders.iter().filter(|(_, o)| o.holds_of_lot(lot) > 0).map(|(k, _)| k).collect();
        holders.sort_by_key(|key| self.orders[*key].place);
        let orders = holders.into_iter().map(super::alerts::named).collect();
        let facts = Facts::Lot { lot_id: self.lots[lot].lot_id.clone(), removed };
        let sku = Some(self.lots[lot].sku.clone());
        Alert { sku, facts, ..self.alert(AlertKind::LotExpired, orders) }
    }

    /// Payments whose lines have not come in time.
    fn missing_lines(&mut self) -> Vec<Alert> {
        let mut alerts = Vec::new();
        let now = self.now;
        let due: Vec<OrderKey> = self
            .orders
            .iter()
            .filter(|(_, o)| o.lines_due.is_some_and(|t| t <= now))
            .map(|(k, _)| k.clone())
            .collect();
        for key in due {
            self.order_mut(&key).lines_due = None;
            let order = &self.orders[&key];
            if order.lines.is_none() && !order.cancelled() {
                alerts.push(self.alert_of(AlertKind::LinesMissing, &key));
            }
        }
        alerts
    }

    /// Of orders that were closed long ago, and of those of which hardly anything was heard, nothing is known any
    /// more: their platform may sell as much as left with them.
    fn drop_closed(&mut self, settings: &Settings) {
        let now = self.now;
        let due = |order: &Order| {
            let open = order.closed.is_none() && order.finished_at.is_some();
            !open && forgotten_at(order, settings).is_some_and(|t| t <= now)
        };
        for order in self.orders.values().filter(|order| due(order)) {
            let used = order.tally().used;
            self.released
                .extend(used.into_iter().filter(|(_, units)| *units > 0).map(|(sku, _)| sku));
        }
        self.orders.retain(|_, order| !due(order));
    }

    fn forget(&mut self, settings: &Settings) {
        let now = self.now;
        for order in self.orders.values_mut() {
            if order.finished_at.is_some()
                && forgotten_at(order, settings).is_some_and(|t| t <= now)
            {
                order.close(now);
            }
        }
        self.seen.retain(|_, seen| seen.until >= now);
    }
}

/// When an order is next forgotten: in part a window after it was finished, wholly when it was closed long
/// ago. One of which nothing but holds was heard is forgotten when a finished one would be.
fn forgotten_at(order: &Order, settings: &Settings) -> Option<Time> {
    match (&order.closed, &order.lines, order.finished_at) {
        (Some(closed), _, _) => Some(closed.at.plus(settings.closed_retention)),
        (None, _, Some(at)) => Some(at.plus(settings.dedup_window)),
        (None, None, None) if !order.paid && order.refunds.is_empty() => {
            let long = |at: Time| at.plus(settings.dedup_window).plus(settings.closed_retention);
            order.heard_at.map(long)
        }
        (None, _, None) => None,
    }
}
