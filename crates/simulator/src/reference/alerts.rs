//! What a person must know: alerts told at once, and those that are added up first.

use allotment::{
    Alert, AlertKind, AlertLine, AlertOrder, Code, Effect, Effects, Facts, Id, Millis, Standing,
    Time,
};

use super::order::Order;
use super::pool::{OrderKey, Pool, Window};
use super::verbs::Own;

/// How long alerts of one kind are added up after the first.
const ADDED_UP: Millis = Millis::from_secs(10);

/// An alert names this many orders at most.
const NAMED: usize = 100;

/// Refused input that is being added up.
#[derive(Clone, Debug)]
pub(super) struct Rejects {
    pub(super) ends: Time,
    pub(super) count: u64,
    pub(super) first: Code,
}

/// An order in an alert that is not about units.
pub(super) fn named(key: &OrderKey) -> AlertOrder {
    short_of(key, Vec::new())
}

pub(super) fn short_of(key: &OrderKey, units: Vec<(Id, u64)>) -> AlertOrder {
    AlertOrder {
        platform: key.0.clone(),
        order_id: key.1.clone(),
        shortage: units.iter().map(|(_, n)| n).sum(),
        lines: units.into_iter().map(|(sku, shortage)| AlertLine { sku, shortage }).collect(),
    }
}

impl Pool {
    /// An alert of this pool at this moment; the caller adds what else it says.
    pub(super) fn alert(&self, kind: AlertKind, orders: Vec<AlertOrder>) -> Alert {
        Alert {
            pool: self.id.clone(),
            number: 0,
            kind,
            sku: None,
            platform: None,
            shortage: orders.iter().map(|o| o.shortage).sum(),
            orders_total: orders.len() as u64,
            orders: orders.into_iter().take(NAMED).collect(),
            facts: Facts::None,
            raised_at: self.now,
        }
    }

    /// An alert about one order as a whole.
    pub(super) fn alert_of(&self, kind: AlertKind, key: &OrderKey) -> Alert {
        let sku = self.orders.get(key).and_then(Order::only_sku);
        Alert { sku, platform: Some(key.0.clone()), ..self.alert(kind, vec![named(key)]) }
    }

    pub(super) fn tell(&mut self, alert: Alert, out: &mut Effects) {
        self.alerts += 1;
        out.list.push(Effect::Alert(Alert { number: self.alerts, ..alert }));
    }

    /// Looks at every order and tells of shortages that came and went.
    pub(super) fn tell_shortages(&mut self, own: Option<&Own>, out: &mut Effects) {
        // Who lost units is told first, as they lost them; the others by place.
        let mut others: Vec<OrderKey> = self.orders.keys().cloned().collect();
        others.sort_by_key(|key| self.orders[key].place);
        let losers = std::mem::take(&mut self.losers);
        others.retain(|key| !losers.contains(key));
        for key in losers.iter().chain(&others) {
            let own = own.filter(|own| own.key == *key);
            self.tell_shortage_of(key, losers.contains(key), own, out);
        }
    }

    fn tell_shortage_of(
        &mut self,
        key: &OrderKey,
        lost: bool,
        own: Option<&Own>,
        out: &mut Effects,
    ) {
        if self.orders[key].standing() == Standing::Backordered {
            // It was promised its stock: nobody must hear of it.
            return;
        }
        let refused = own.map_or(&[][..], |own| &own.refused);
        let asked = own.is_some_and(|own| own.asked);
        let waits = self.orders[key].waits();
        let lacking: Vec<(Id, u64)> = if refused.is_empty() { waits } else { refused.to_vec() };
        for (sku, units) in &lacking {
            if !self.known.contains(sku) && asked {
                let orders = vec![short_of(key, vec![(sku.clone(), *units)])];
                let (sku, platform) = (Some(sku.clone()), Some(key.0.clone()));
                self.tell(
                    Alert { sku, platform, ..self.alert(AlertKind::UnknownSku, orders) },
                    out,
                );
            }
        }
        if !self.orders[key].paid {
            for (sku, units) in lacking.iter().filter(|_| asked || lost) {
                self.tell_risk(key, sku, *units, out);
            }
            return;
        }
        if !lacking.is_empty() && !self.orders[key].oversold {
            self.order_mut(key).oversold = true;
            let sku = if lacking.len() == 1 { Some(lacking[0].0.clone()) } else { None };
            let alert = self.alert(AlertKind::Oversold, vec![short_of(key, lacking)]);
            self.tell(Alert { sku, platform: Some(key.0.clone()), ..alert }, out);
        }
        if self.orders[key].oversold && !self.orders[key].short() {
            self.order_mut(key).oversold = false;
            self.tell(self.alert_of(AlertKind::OversellResolved, key), out);
        }
    }

    fn tell_risk(&mut self, key: &OrderKey, sku: &Id, units: u64, out: &mut Effects) {
        let order = short_of(key, vec![(sku.clone(), units)]);
        let about = (sku.clone(), key.0.clone());
        if let Some(window) = self.risks.get_mut(&about) {
            window.orders.push(order);
            return;
        }
        self.risks
            .insert(about.clone(), Window { ends: self.now.plus(ADDED_UP), orders: Vec::new() });
        self.tell_risks(&about, vec![order], out);
    }

    fn tell_risks(
        &mut self,
        (sku, platform): &(Id, Id),
        orders: Vec<AlertOrder>,
        out: &mut Effects,
    ) {
        let (sku, platform) = (Some(sku.clone()), Some(platform.clone()));
        self.tell(Alert { sku, platform, ..self.alert(AlertKind::OversellRisk, orders) }, out);
    }

    pub(super) fn count_reject(&mut self, at: Time, code: Code, out: &mut Effects) {
        if let Some(rejects) = self.rejects.as_mut().filter(|r| at < r.ends) {
            if rejects.count == 0 {
                rejects.first = code;
            }
            rejects.count += 1;
            return;
        }
        self.rejects = Some(Rejects { ends: at.plus(ADDED_UP), count: 0, first: code });
        let facts = Facts::Rejects { count: 1, first: code };
        self.tell(
            Alert { facts, raised_at: at, ..self.alert(AlertKind::InputRejected, Vec::new()) },
            out,
        );
    }

    /// Tells what has added up and is due, or all of it.
    pub(super) fn tell_added_up(&mut self, all: bool, out: &mut Effects) {
        let now = self.now;
        let due: Vec<(Id, Id)> = self
            .risks
            .iter()
            .filter(|(_, w)| all || w.ends <= now)
            .map(|(about, _)| about.clone())
            .collect();
        for about in due {
            let window = self.risks.remove(&about).expect("it was just seen");
            if !window.orders.is_empty() {
                self.tell_risks(&about, window.orders, out);
            }
        }
        if let Some(rejects) = self.rejects.clone().filter(|r| all || r.ends <= now) {
            self.rejects = None;
            if rejects.count > 0 {
                let facts = Facts::Rejects { count: rejects.count, first: rejects.first };
                self.tell(Alert { facts, ..self.alert(AlertKind::InputRejected, Vec::new()) }, out);
            }
        }
    }

    pub(super) fn flush_alerts(&mut self, out: &mut Effects) {
        self.tell_added_up(true, out);
    }
}
