//! What people are told, and how alerts of one kind are added up so that people can bear them.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::bounds::{ALERT_ORDERS_MAX, ALERT_WINDOW};
use crate::image::list;
use crate::limits::OverLimit;
use crate::order::OrderIx;
use crate::pool::{Due, Pool, Turn};
use crate::stock::{LotIx, Part, SkuIx};
use crate::weight;
use crate::{
    Alert, AlertKind, AlertLine, AlertOrder, Code, Effect, Effects, Facts, Id, Settings, Standing,
    Time,
};

/// The alerts of a pool: the running number of each kind, and what is adding up.
///
/// Each kind is numbered by itself, so that how rejected input is grouped, which hangs on when it is seen,
/// does not show in the ids of the others.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Alerts {
    #[n(0)]
    #[cbor(default)]
    numbers: BTreeMap<AlertKind, u64>,
    #[n(1)]
    #[cbor(default)]
    windows: BTreeMap<WindowKey, Window>,
}

/// What is added up together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub(crate) enum WindowKey {
    /// `oversell_risk` of a SKU and platform.
    #[n(0)]
    Risk(#[n(0)] SkuIx, #[n(1)] Id),
    /// `input_rejected` of the pool.
    #[n(1)]
    Rejected,
}

/// What came after the first, until the window ends and it is told.
#[derive(Debug, Encode, Decode)]
#[cbor(map)]
struct Window {
    #[n(0)]
    until: Time,
    #[n(1)]
    shortage: u64,
    #[n(2)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    orders: Vec<AlertOrder>,
    #[n(3)]
    orders_total: u64,
    #[n(4)]
    rejects: Option<(u64, Code)>,
}

impl Alerts {
    /// What is told by itself, of a pool that was restored.
    pub(crate) fn due(&self, due: &mut Vec<(Time, Due)>) {
        let windows = self.windows.iter();
        due.extend(windows.map(|(key, window)| (window.until, Due::Window(key.clone()))));
    }

    /// What they take in memory, but the orders that windows list, which are few.
    pub(crate) fn weight(&self) -> usize {
        weight::tree(self.numbers.len(), size_of::<(AlertKind, u64)>())
            + weight::tree(self.windows.len(), size_of::<(WindowKey, Window)>())
    }

    /// The SKUs that are named.
    pub(crate) fn skus(&self) -> impl Iterator<Item = SkuIx> {
        self.windows.keys().filter_map(|key| match key {
            WindowKey::Risk(sku, _) => Some(*sku),
            WindowKey::Rejected => None,
        })
    }
}

impl Window {
    const fn empty(until: Time) -> Self {
        Self { until, shortage: 0, orders: Vec::new(), orders_total: 0, rejects: None }
    }
}

impl Pool {
    /// An alert that says nothing yet.
    pub(crate) fn blank(&self, kind: AlertKind, turn: &Turn<'_>) -> Alert {
        Alert {
            pool: self.id.clone(),
            number: 0,
            kind,
            sku: None,
            platform: None,
            shortage: 0,
            orders: Vec::new(),
            orders_total: 0,
            facts: Facts::None,
            raised_at: turn.now,
        }
    }

    /// Numbers an alert and tells it.
    pub(crate) fn tell_alert(&mut self, alert: Alert, turn: &mut Turn<'_>) {
        let number = self.alerts.numbers.entry(alert.kind).or_default();
        *number += 1;
        let number = *number;
        turn.tell(Effect::Alert(Alert { number, ..alert }));
    }

    /// An order in an alert, short of what it `lacks`.
    pub(crate) fn alert_order(&self, ix: OrderIx, lacks: &[Part]) -> AlertOrder {
        let name = &self.order(ix).name;
        let line = |&(sku, units): &Part| AlertLine {
            sku: self.stock.sku(sku).id.clone(),
            shortage: units,
        };
        AlertOrder {
            platform: name.platform.clone(),
            order_id: name.order_id.clone(),
            shortage: lacks.iter().map(|&(_, units)| units).sum(),
            lines: lacks.iter().map(line).collect(),
        }
    }

    /// Tells something of an order as a whole.
    pub(crate) fn tell_of_order(
        &mut self,
        kind: AlertKind,
        ix: OrderIx,
        facts: Facts,
        turn: &mut Turn<'_>,
    ) {
        let sku = self.order(ix).only_sku();
        self.tell_about(kind, sku, ix, &[], facts, turn);
    }

    /// Tells that a paid order asks for more than its buyer may have.
    pub(crate) fn tell_over_limit(&mut self, ix: OrderIx, over: OverLimit, turn: &mut Turn<'_>) {
        self.tell_about(AlertKind::OverLimit, over.of, ix, &[], Facts::None, turn);
    }

    /// Tells something of an order's units of one SKU, as it was ordered.
    pub(crate) fn tell_of_sku_of_order(
        &mut self,
        kind: AlertKind,
        sku: SkuIx,
        ix: OrderIx,
        facts: Facts,
        turn: &mut Turn<'_>,
    ) {
        let lacks = [(sku, self.order(ix).left_of(sku))];
        self.tell_about(kind, Some(sku), ix, &lacks, facts, turn);
    }

    fn tell_about(
        &mut self,
        kind: AlertKind,
        sku: Option<SkuIx>,
        ix: OrderIx,
        lacks: &[Part],
        facts: Facts,
        turn: &mut Turn<'_>,
    ) {
        let order = self.alert_order(ix, lacks);
        let alert = Alert {
            sku: sku.map(|sku| self.stock.sku(sku).id.clone()),
            platform: Some(order.platform.clone()),
            shortage: order.shortage,
            orders: vec![order],
            orders_total: 1,
            facts,
            ..self.blank(kind, turn)
        };
        self.tell_alert(alert, turn);
    }

    /// An order is short: of a paid one people hear once, of unpaid ones as much as they can bear.
    pub(crate) fn tell_shortage(&mut self, ix: OrderIx, turn: &mut Turn<'_>) {
        let lacks = self.order(ix).lacks(&self.stock);
        if !self.order(ix).paid {
            for lack in lacks {
                self.add_risk(ix, lack, turn);
            }
        } else if !self.order(ix).oversold {
            self.order_mut(ix).oversold = true;
            let sku = if let [(sku, _)] = lacks[..] { Some(sku) } else { None };
            self.tell_about(AlertKind::Oversold, sku, ix, &lacks, Facts::None, turn);
        }
    }

    /// Tells that a paid order which was short is no longer, if so.
    pub(crate) fn watch_oversold(&mut self, ix: OrderIx, turn: &mut Turn<'_>) {
        let order = self.order(ix);
        let short = !order.is_cancelled()
            && !matches!(order.standing, Standing::Cancelled | Standing::Refunded)
            && order.is_short(&self.stock);
        if order.oversold && !short {
            self.order_mut(ix).oversold = false;
            self.tell_of_order(AlertKind::OversellResolved, ix, Facts::None, turn);
        }
    }

    /// The first shortage of a SKU on a platform is told at once, what follows soon is added up.
    fn add_risk(&mut self, ix: OrderIx, lack: Part, turn: &mut Turn<'_>) {
        let key = WindowKey::Risk(lack.0, self.order(ix).name.platform.clone());
        let entry = self.alert_order(ix, &[lack]);
        if let Some(window) = self.alerts.windows.get_mut(&key) {
            window.shortage += entry.shortage;
            window.orders_total += 1;
            if window.orders.len() < ALERT_ORDERS_MAX {
                window.orders.push(entry);
            }
            return;
        }
        self.open_window(key, turn.now);
        self.tell_about(AlertKind::OversellRisk, Some(lack.0), ix, &[lack], Facts::None, turn);
    }

    /// Input that could not be taken is told like a shortage: the first at once, then added up.
    pub(crate) fn count_rejected(&mut self, code: Code, turn: &mut Turn<'_>) {
        if let Some(window) = self.alerts.windows.get_mut(&WindowKey::Rejected) {
            let (count, first) = window.rejects.unwrap_or((0, code));
            window.rejects = Some((count + 1, first));
            return;
        }
        self.open_window(WindowKey::Rejected, turn.now);
        let facts = Facts::Rejects { count: 1, first: code };
        self.tell_alert(Alert { facts, ..self.blank(AlertKind::InputRejected, turn) }, turn);
    }

    fn open_window(&mut self, key: WindowKey, now: Time) {
        let until = now.plus(ALERT_WINDOW);
        self.alerts.windows.insert(key.clone(), Window::empty(until));
        self.schedule(until, Due::Window(key));
    }

    /// Tells what a window added up, if anything; the next of its kind is a first one again.
    pub(crate) fn close_window(&mut self, key: &WindowKey, turn: &mut Turn<'_>) {
        let window = self.alerts.windows.remove(key).expect("a window is closed once");
        if window.orders_total == 0 && window.rejects.is_none() {
            return;
        }
        let (kind, sku, platform) = match key {
            WindowKey::Risk(sku, platform) => (
                AlertKind::OversellRisk,
                Some(self.stock.sku(*sku).id.clone()),
                Some(platform.clone()),
            ),
            WindowKey::Rejected => (AlertKind::InputRejected, None, None),
        };
        let alert = Alert {
            sku,
            platform,
            shortage: window.shortage,
            orders: window.orders,
            orders_total: window.orders_total,
            facts: window
                .rejects
                .map_or(Facts::None, |(count, first)| Facts::Rejects { count, first }),
            ..self.blank(kind, turn)
        };
        self.tell_alert(alert, turn);
    }

    /// Tells now what is still adding up.
    pub(crate) fn flush_alerts(&mut self, now: Time, settings: &Settings, out: &mut Effects) {
        let mut turn = Turn::new(now, None, settings, out);
        while let Some((key, window)) = self.alerts.windows.first_key_value() {
            let (key, until) = (key.clone(), window.until);
            self.unschedule(until, Due::Window(key.clone()));
            self.close_window(&key, &mut turn);
        }
        self.close(&mut turn, 0);
    }

    /// A lot is past its date: what was free of it is gone, what is promised of it is named.
    pub(crate) fn tell_lot_expired(&mut self, lot: LotIx, removed: u64, turn: &mut Turn<'_>) {
        let sku = self.stock.sku(self.stock.lot(lot).sku);
        let mut holders: Vec<_> =
            sku.reserved_by.iter().chain(&sku.allocated_by).copied().collect();
        holders.sort_unstable();
        holders.retain(|&(_, ix)| self.order(ix).held_of_lot(lot) > 0);
        if removed == 0 && holders.is_empty() {
            return;
        }
        holders.retain(|&(_, ix)| !self.order(ix).claim);
        let listed = holders.iter().take(ALERT_ORDERS_MAX);
        let alert = Alert {
            sku: Some(sku.id.clone()),
            orders: listed.map(|&(_, ix)| self.alert_order(ix, &[])).collect(),
            orders_total: holders.len() as u64,
            facts: Facts::Lot { lot_id: self.stock.lot(lot).id.clone(), removed },
            ..self.blank(AlertKind::LotExpired, turn)
        };
        self.tell_alert(alert, turn);
    }
}
