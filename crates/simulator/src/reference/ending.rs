//! The end of an event or an instant: what changed is found by comparing with before, and told.

use std::collections::BTreeMap;

use allotment::{
    Alert, DecidedLine, Decision, Effect, Effects, Id, Line, Outcome, Reason, Standing,
};

use super::order::{Mode, Order};
use super::pool::{OrderKey, Pool};
use super::stock::Exit;
use super::verbs::Own;

/// What brought a change about.
pub(super) struct Cause {
    pub(super) event_id: Id,
    /// Why an order lost stock by it.
    pub(super) loss: Reason,
    /// The answer, where it was an order event.
    pub(super) own: Option<Own>,
    /// The session that was closed, and its platform.
    pub(super) session: Option<(Id, Option<Id>)>,
    /// The order of which a parcel left.
    pub(super) left: Option<OrderKey>,
    /// What else there is to tell.
    pub(super) alerts: Vec<Alert>,
}

impl Cause {
    pub(super) fn of(event_id: Id) -> Self {
        Self {
            event_id,
            loss: Reason::Count,
            own: None,
            session: None,
            left: None,
            alerts: Vec::new(),
        }
    }

    pub(super) fn tick() -> Self {
        // Time takes nothing from anybody but the promise of a date.
        Self { loss: Reason::Short, ..Self::of(Id::new("tick")) }
    }
}

impl Pool {
    /// Ends an event or an instant: tells what changed since `before`, and judges the levels.
    pub(super) fn finish(
        &mut self,
        before: &BTreeMap<OrderKey, Order>,
        cause: Cause,
        out: &mut Effects,
    ) {
        self.tell_changes(before, cause, out);
        self.judge_levels(out);
        self.assert_conserved();
    }

    /// Tells what has changed of the orders since `before`.
    pub(super) fn tell_changes(
        &mut self,
        before: &BTreeMap<OrderKey, Order>,
        cause: Cause,
        out: &mut Effects,
    ) {
        self.trim_claims();
        self.pass_over_waitlist(None);
        self.remove_unusable();
        self.forget_idle_clocks();
        self.tell_decisions(before, &cause, out);
        self.tell_parcels(before, cause.own.as_ref().map(|own| &own.key), out);
        self.correct_manifests(before, out);
        for alert in cause.alerts {
            self.tell(alert, out);
        }
        if let Some((session_id, platform)) = &cause.session {
            self.tell(self.session_summary(session_id, platform.as_ref()), out);
        }
        let own = cause.own.as_ref();
        self.tell_shortages(own, out);
        self.mark_finished(
            before,
            own.map(|own| (&own.key, !own.over.is_empty() || !own.refused.is_empty())),
        );
    }

    /// Units that nobody holds and nobody may be promised leave the books.
    fn remove_unusable(&mut self) {
        for lot in 0..self.lots.len() {
            if !self.usable(lot) {
                self.leave_loose(lot, Exit::Removed, u64::MAX);
            }
        }
    }

    fn forget_idle_clocks(&mut self) {
        for order in self.orders.values_mut() {
            if order.paid || order.mode != Mode::Active {
                order.deadline = None;
            }
        }
    }

    fn tell_decisions(
        &mut self,
        before: &BTreeMap<OrderKey, Order>,
        cause: &Cause,
        out: &mut Effects,
    ) {
        if let Some(own) = &cause.own {
            let decision =
                self.decision(&own.key, Some(cause.event_id.clone()), own.outcome, own.reason);
            out.list.push(Effect::Decision(decision));
        }
        let mut others: Vec<OrderKey> = self.orders.keys().cloned().collect();
        others.sort_by_key(|key| self.orders[key].place);
        for key in others {
            let standing = self.orders[&key].standing();
            let was = before.get(&key).map_or(Standing::New, Order::standing);
            if standing == was && cause.left.as_ref() == Some(&key) {
                self.tell_of_what_left(&key, standing, cause, out);
            }
            if standing == was || cause.own.as_ref().is_some_and(|own| own.key == key) {
                continue;
            }
            let (outcome, reason) = match standing {
                Standing::Reserved => (Outcome::Reserved, Reason::Promoted),
                Standing::Allocated => (Outcome::Allocated, Reason::Promoted),
                Standing::Released => (Outcome::Released, Reason::Expired),
                // Its units left; that what it asks for by now waits is in its standing.
                Standing::Waitlisted if cause.left.as_ref() == Some(&key) => {
                    (Outcome::HandedOver, Reason::Ok)
                }
                Standing::Waitlisted => (Outcome::Waitlisted, cause.loss),
                Standing::HandedOver => (Outcome::HandedOver, Reason::Ok),
                // The date of its backorder passed.
                Standing::Refused => (Outcome::Refused, Reason::Short),
                other => unreachable!("no order becomes {other:?} by what is not its own"),
            };
            let decision = self.decision(&key, Some(cause.event_id.clone()), outcome, reason);
            out.list.push(Effect::Decision(decision));
        }
    }

    /// Units left and the order stands as before, because the rest of it waits or is held: the bridge hears
    /// of it all the same, unless the order is closed.
    fn tell_of_what_left(
        &mut self,
        key: &OrderKey,
        standing: Standing,
        cause: &Cause,
        out: &mut Effects,
    ) {
        if matches!(
            standing,
            Standing::Waitlisted | Standing::Backordered | Standing::Reserved | Standing::Allocated
        ) {
            let event_id = Some(cause.event_id.clone());
            let decision = self.decision(key, event_id, Outcome::HandedOver, Reason::Ok);
            out.list.push(Effect::Decision(decision));
        }
    }

    /// A decision about an order as it stands now; takes the order's next number.
    pub(super) fn decision(
        &mut self,
        key: &OrderKey,
        event_id: Option<Id>,
        outcome: Outcome,
        reason: Reason,
    ) -> Decision {
        let order = self.orders.entry(key.clone()).or_default();
        order.decisions += 1;
        order.heard_at = Some(self.now);
        let order = &self.orders[key];
        Decision {
            pool: self.id.clone(),
            platform: key.0.clone(),
            order_id: key.1.clone(),
            number: order.decisions,
            event_id,
            outcome,
            reason,
            standing: order.standing(),
            paid: order.paid,
            held: order.held(),
            version: order.version,
            lines: Self::decided_lines(order),
            decided_at: self.now,
        }
    }

    /// The order's lines with what it holds and waits for, in whole units as ordered, first line first.
    fn decided_lines(order: &Order) -> Vec<DecidedLine> {
        let units = |n: u64| u32::try_from(n).expect("no more than the line's quantity");
        let line = |(line, open, holds): (Line, u64, u64)| DecidedLine {
            line_id: line.line_id,
            sku: line.sku,
            quantity: line.quantity,
            reserved: if order.paid { 0 } else { units(holds) },
            allocated: if order.paid { units(holds) } else { 0 },
            waitlisted: if order.waiting() { units(open - holds) } else { 0 },
        };
        order.filled_lines().into_iter().map(line).collect()
    }

    /// Starts the time after which a finished order is forgotten, and stops it where it is open again.
    fn mark_finished(
        &mut self,
        before: &BTreeMap<OrderKey, Order>,
        own: Option<(&OrderKey, bool)>,
    ) {
        let now = self.now;
        for (key, order) in &mut self.orders {
            let asked_again = own == Some((key, true));
            let same = before.get(key).is_some_and(|o| {
                o.standing() == order.standing() && o.cancelled() == order.cancelled()
            });
            if !order.finished() {
                order.finished_at = None;
            } else if !same || asked_again {
                order.finished_at = Some(now);
            }
        }
    }
}
