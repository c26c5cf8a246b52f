//! What each order event does, and its answer: the rows of the contract's table, from the top.

use allotment::{
    Alert, AlertKind, AllocateOn, Id, Line, Millis, OrderEvent, OrderVerb, Outcome, Reason,
    SnapshotStatus, Standing, Time,
};

use super::facts::{self, Age, Lines, Refund};
use super::order::{Mode, Order};
use super::pool::{OrderKey, Pool};
use super::stock::Holder;

/// How long the lines of a payment may take to come.
const LINES_WITHIN: Millis = Millis::from_secs(60);

/// The answer to an order event, and what was refused on it.
pub(super) struct Own {
    pub(super) key: OrderKey,
    pub(super) outcome: Outcome,
    pub(super) reason: Reason,
    pub(super) refused: Vec<(Id, u64)>,
    /// It asked for stock, for the first time or again.
    pub(super) asked: bool,
    /// It took over what its buyer had claimed.
    claimed: bool,
    /// SKUs of which it asked for more than its buyer may have.
    pub(super) over: Vec<Id>,
}

/// How the lines of an event compare with those known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    None,
    Older,
    Same,
    Newer,
}

impl Pool {
    pub(super) fn order_mut(&mut self, key: &OrderKey) -> &mut Order {
        self.orders.get_mut(key).expect("the order was made when its event came")
    }

    pub(super) fn order_event(
        &mut self,
        platform: &Id,
        at: Time,
        event: OrderEvent,
        alerts: &mut Vec<Alert>,
    ) -> Own {
        let key = (platform.clone(), event.order_id.clone());
        self.orders.entry(key.clone()).or_default();
        let mut own = Own {
            key: key.clone(),
            outcome: Outcome::Noted,
            reason: Reason::Ok,
            refused: Vec::new(),
            asked: false,
            claimed: false,
            over: Vec::new(),
        };
        if self.orders[&key].closed.is_some() {
            let order = self.order_mut(&key);
            order.version = order.version.max(event.version);
            self.note_payment(&key, at, &event.verb);
            self.note_late_money(&key, alerts);
            (own.outcome, own.reason) = self.late(&key, &event.verb);
            return own;
        }
        note_common(self.order_mut(&key), at, &event);
        (own.outcome, own.reason) = self.take_effect(at, event.version, &event.verb, &mut own);
        if !own.over.is_empty() && self.orders[&key].paid {
            let sku = if own.over.len() == 1 { own.over.first().cloned() } else { None };
            alerts.push(Alert { sku, ..self.alert_of(AlertKind::OverLimit, &key) });
        }
        self.pass_over_waitlist(None);
        self.note_late_money(&key, alerts);
        own
    }

    fn take_effect(
        &mut self,
        at: Time,
        version: Option<i64>,
        verb: &OrderVerb,
        own: &mut Own,
    ) -> (Outcome, Reason) {
        let key = own.key.clone();
        if cancels(verb) {
            return self.cancel(&key, at);
        }
        if self.orders[&key].cancelled() {
            self.note_payment(&key, at, verb);
            return (Outcome::Superseded, Reason::Cancelled);
        }
        match verb {
            OrderVerb::Held => self.hold_or_clear(&key, age_of_hold(at, version, true), true),
            OrderVerb::Cleared => self.hold_or_clear(&key, age_of_hold(at, version, false), false),
            OrderVerb::Refunded { lines } => {
                self.refund(&key, Refund { occurred_at: at, lines: lines.clone() })
            }
            verb => self.place_or_pay(&key, at, version, verb, own),
        }
    }

    /// An event of an order of which only its end is remembered.
    fn late(&self, key: &OrderKey, verb: &OrderVerb) -> (Outcome, Reason) {
        let outcome = if cancels(verb) { Outcome::Noted } else { Outcome::Superseded };
        if self.orders[key].cancelled() {
            (outcome, Reason::Cancelled)
        } else {
            (Outcome::Noted, Reason::Closed)
        }
    }

    fn cancel(&mut self, key: &OrderKey, at: Time) -> (Outcome, Reason) {
        let open = self.orders[key].holds_anything() || self.orders[key].waiting();
        let first = !self.orders[key].cancelled();
        let refunded = self.orders[key].standing() == Standing::Refunded;
        self.give_back_all(&Holder::Order(key.clone()));
        let order = self.order_mut(key);
        order.joined.clear();
        if first {
            order.left_before_cancel = !order.handed.is_empty() && !refunded;
        }
        order.cancellations.push(at);
        order.deadline = None;
        let reason = if order.left_before_cancel && !open {
            Reason::AfterHandOver
        } else {
            Reason::Cancelled
        };
        (if open { Outcome::Released } else { Outcome::Noted }, reason)
    }

    /// Money that was taken later than the first cancellation was taken on a closed order.
    fn note_late_money(&mut self, key: &OrderKey, alerts: &mut Vec<Alert>) {
        let order = &self.orders[key];
        let Some(first) = order.cancellations.iter().min() else { return };
        if order.paid_after_cancel || !order.payments.iter().any(|paid| paid > first) {
            return;
        }
        self.order_mut(key).paid_after_cancel = true;
        alerts.push(self.alert_of(AlertKind::PaidAfterCancel, key));
    }

    fn hold_or_clear(&mut self, key: &OrderKey, age: Age, held: bool) -> (Outcome, Reason) {
        let order = self.order_mut(key);
        if order.hold.as_ref().is_some_and(|(known, _)| *known > age) {
            return (Outcome::Superseded, Reason::Older);
        }
        order.hold = Some((age, held));
        (Outcome::Noted, Reason::Ok)
    }

    fn refund(&mut self, key: &OrderKey, refund: Refund) -> (Outcome, Reason) {
        let was = self.orders[key].clone();
        self.order_mut(key).refunds.push(refund);
        if self.orders[key].effective() == was.effective() {
            return (Outcome::Noted, Reason::Ok);
        }
        self.order_mut(key).leave_backorder(&was.waits());
        let order = &self.orders[key];
        if order.needs().is_empty() && was.needs().is_empty() {
            return (Outcome::Noted, Reason::AfterHandOver);
        }
        self.forget_what_was_given_up(key);
        self.fit_again(key);
        self.preempt(key);
        self.end_if_refunded(key);
        if self.orders[key].standing() == Standing::Refused {
            self.order_mut(key).refuse();
        }
        (Outcome::Refunded, Reason::Ok)
    }

    /// Whatever a refunded order asked for is over; newer lines would ask afresh.
    fn end_if_refunded(&mut self, key: &OrderKey) {
        if self.orders[key].standing() == Standing::Refunded {
            let order = self.order_mut(key);
            order.joined.clear();
            order.backordered = false;
            order.mode = Mode::Idle;
        }
    }

    /// What an order needs no more was not refused to it either.
    fn forget_what_was_given_up(&mut self, key: &OrderKey) {
        let order = self.order_mut(key);
        let lacks = order.lacks();
        for (sku, units) in &mut order.given_up {
            let lack = lacks.iter().find(|(s, _)| s == sku).map_or(0, |(_, n)| *n);
            *units = lack.min(*units);
        }
    }

    /// Keeps a payment, where the event carries one; a snapshot does only if none was known. Says whether it did.
    fn note_payment(&mut self, key: &OrderKey, at: Time, verb: &OrderVerb) -> bool {
        let order = self.order_mut(key);
        let payment = match verb {
            OrderVerb::Paid { .. } => true,
            verb => pays(verb) && !order.paid,
        };
        if payment {
            order.paid = true;
            order.payments.push(at);
            order.deadline = None;
        }
        payment
    }

    /// Created, paid, amended, or a snapshot that is not of a cancellation.
    fn place_or_pay(
        &mut self,
        key: &OrderKey,
        at: Time,
        version: Option<i64>,
        verb: &OrderVerb,
        own: &mut Own,
    ) -> (Outcome, Reason) {
        let was = self.orders[key].clone();
        let compared = self.note_lines(key, at, version, verb);
        let payment = self.note_payment(key, at, verb);
        if let OrderVerb::Snapshot { status, .. } = verb
            && *status != SnapshotStatus::Created
        {
            let held = *status == SnapshotStatus::Held;
            self.hold_or_clear(key, age_of_hold(at, version, held), held);
        }
        if was.lines.is_none() {
            for line in self.orders[key].effective() {
                self.note_demand(&line.sku, u64::from(line.quantity));
            }
        }
        if compared == Compared::Older && !payment {
            return (Outcome::Superseded, Reason::Older);
        }
        if self.orders[key].lines.is_none() {
            if was.payments.is_empty() {
                self.order_mut(key).lines_due = Some(self.now.plus(LINES_WITHIN));
            }
            return (Outcome::Noted, Reason::NoLinesYet);
        }
        self.order_mut(key).lines_due = None;
        if !facts::gist(&self.orders[key].effective()).is_empty() {
            // Its lines ask for what has left: it is not refunded any more.
            self.order_mut(key).stays_refunded = false;
        }
        if self.orders[key].needs().is_empty() {
            return self.nothing_to_deliver(key);
        }
        let changed = facts::gist(&was.effective()) != facts::gist(&self.orders[key].effective());
        let amends = matches!(verb, OrderVerb::Amended { .. });
        let order = self.order_mut(key);
        order.stays_refunded = false;
        if payment && order.lapsed {
            // After an expiry or a refusal it queues again.
            order.place = None;
        }
        if let Some(reason) = self.ask_if_needed(key, &was, payment, changed, amends, own) {
            return (Outcome::Noted, reason);
        }
        if !own.over.is_empty() {
            return (Outcome::Refused, Reason::Limit);
        }
        let amended = amends || (matches!(verb, OrderVerb::Snapshot { .. }) && changed);
        self.where_it_stands(key, &own.refused, amended)
    }

    /// Asks for stock as far as the event calls for it; says why nothing is asked where that is the answer.
    fn ask_if_needed(
        &mut self,
        key: &OrderKey,
        was: &Order,
        payment: bool,
        changed: bool,
        amends: bool,
        own: &mut Own,
    ) -> Option<Reason> {
        let first_payment = payment && !was.paid;
        let nothing_before = was.needs().is_empty() && was.handed.is_empty();
        let left = was.standing() == Standing::HandedOver;
        if left && !changed {
            return Some(Reason::AfterHandOver);
        }
        let asks = match was.mode {
            Mode::Idle if payment || changed || amends => true,
            Mode::Idle => return Some(Reason::Policy),
            Mode::Refused | Mode::Released if left => false,
            Mode::Refused | Mode::Released if payment || changed || amends => true,
            Mode::Refused | Mode::Released => return Some(Reason::Closed),
            Mode::Active if was.standing() == Standing::Backordered && changed => true,
            Mode::Active => {
                nothing_before || (first_payment && !changed && !was.given_up.is_empty())
            }
        };
        let waits_on = was.standing() == Standing::Backordered;
        let unpaid = !self.orders[key].paid && self.policy.allocate_on == AllocateOn::Paid;
        if asks && unpaid && !waits_on {
            return Some(Reason::Policy);
        }
        let amends_what_stands = changed && (!asks || was.mode == Mode::Active && !nothing_before);
        let (claims, released) = (self.claims.clone(), self.released.clone());
        if asks || changed {
            own.claimed = self.come_forward(key, changed);
            own.over = if changed || was.mode != Mode::Active {
                self.over_limit(key, was)
            } else {
                Vec::new()
            };
        }
        if own.over.is_empty() {
            self.ask_or_fit(key, asks, changed, first_payment, own);
        } else if amends_what_stands {
            self.forget_amendment(key, was);
            (self.claims, self.released) = (claims, released);
            let for_the_rest = first_payment && !was.given_up.is_empty();
            own.claimed = for_the_rest && self.take_claims_over(key);
            self.ask_or_fit(key, for_the_rest, false, first_payment, own);
        } else {
            self.turn_away(key);
        }
        None
    }

    fn ask_or_fit(
        &mut self,
        key: &OrderKey,
        asks: bool,
        changed: bool,
        first_payment: bool,
        own: &mut Own,
    ) {
        own.asked |= asks || changed;
        if asks {
            own.refused = self.ask(key);
        } else if changed {
            let order = self.order_mut(key);
            order.mode = Mode::Active;
            order.given_up.clear();
            order.backordered = false;
            if own.claimed {
                self.give_back_excess(key);
                self.fill(key);
            }
            self.fit_again(key);
        } else if first_payment {
            self.fit_again(key);
        }
        if changed || first_payment {
            self.preempt(key);
        }
    }

    /// An amendment that would exceed a limit never was; what its order holds and waits for stays.
    fn forget_amendment(&mut self, key: &OrderKey, was: &Order) {
        let order = self.order_mut(key);
        order.lines.clone_from(&was.lines);
        order.recipes.clone_from(&was.recipes);
        order.seasons.clone_from(&was.seasons);
    }

    fn nothing_to_deliver(&mut self, key: &OrderKey) -> (Outcome, Reason) {
        self.order_mut(key).given_up.clear();
        self.fit_again(key);
        self.end_if_refunded(key);
        let left = self.orders[key].standing() == Standing::HandedOver;
        if left {
            // What is added to it from now on is added to an order that was served.
            self.order_mut(key).mode = Mode::Active;
        }
        (Outcome::Noted, if left { Reason::AfterHandOver } else { Reason::Refunded })
    }

    fn where_it_stands(
        &self,
        key: &OrderKey,
        refused: &[(Id, u64)],
        amended: bool,
    ) -> (Outcome, Reason) {
        let order = &self.orders[key];
        let waits = order.waiting();
        let short = if refused.is_empty() { order.lacks() } else { refused.to_vec() };
        if !short.is_empty() {
            let unknown = short.iter().any(|(sku, _)| !self.known.contains(sku));
            let there = short.iter().all(|(sku, units)| self.available(sku) >= *units);
            let kept = short.iter().any(|(sku, units)| self.room(key, sku) < *units);
            let outcome = match order.standing() {
                Standing::Backordered => Outcome::Backordered,
                _ if waits => Outcome::Waitlisted,
                _ => Outcome::Refused,
            };
            let reason = match (unknown, there && kept) {
                (true, _) => Reason::UnknownSku,
                (false, true) => Reason::Channel,
                (false, false) => Reason::Short,
            };
            return (outcome, reason);
        }
        let outcome = if amended {
            Outcome::Amended
        } else if order.paid {
            Outcome::Allocated
        } else {
            Outcome::Reserved
        };
        (outcome, Reason::Ok)
    }

    /// Keeps an event's lines if they are the newest.
    fn note_lines(
        &mut self,
        key: &OrderKey,
        at: Time,
        version: Option<i64>,
        verb: &OrderVerb,
    ) -> Compared {
        let Some(lines) = lines_of(verb) else { return Compared::None };
        let age = Age { version, occurred_at: at, content: facts::text_of(lines) };
        let order = self.order_mut(key);
        let compared = match &order.lines {
            Some(known) if known.age > age => Compared::Older,
            Some(known) if known.age == age => Compared::Same,
            _ => Compared::Newer,
        };
        if compared == Compared::Newer {
            order.lines = Some(Lines { age, lines: lines.to_vec() });
        }
        compared
    }
}

fn lines_of(verb: &OrderVerb) -> Option<&[Line]> {
    match verb {
        OrderVerb::Created { lines }
        | OrderVerb::Amended { lines }
        | OrderVerb::Snapshot { lines, .. } => Some(lines),
        OrderVerb::Paid { lines } => lines.as_deref(),
        OrderVerb::Held
        | OrderVerb::Cleared
        | OrderVerb::Cancelled
        | OrderVerb::Refunded { .. } => None,
    }
}

fn cancels(verb: &OrderVerb) -> bool {
    use SnapshotStatus::Cancelled;
    matches!(verb, OrderVerb::Cancelled | OrderVerb::Snapshot { status: Cancelled, .. })
}

fn pays(verb: &OrderVerb) -> bool {
    use SnapshotStatus::{Held, Paid};
    matches!(verb, OrderVerb::Paid { .. } | OrderVerb::Snapshot { status: Paid | Held, .. })
}

/// Between a hold and a clearance that are equally new, the hold wins: what must not ship does not.
fn age_of_hold(occurred_at: Time, version: Option<i64>, held: bool) -> Age {
    Age { version, occurred_at, content: if held { "held" } else { "cleared" }.to_owned() }
}

/// Keeps what any event says of its order; of each field the newest word counts.
fn note_common(order: &mut Order, at: Time, event: &OrderEvent) {
    order.version = order.version.max(event.version);
    let note = |field: &mut Option<(Age, Id)>, value: &Option<Id>| {
        let Some(value) = value else { return };
        let age = Age { version: event.version, occurred_at: at, content: value.to_string() };
        if field.as_ref().is_none_or(|(known, _)| *known < age) {
            *field = Some((age, value.clone()));
        }
    };
    note(&mut order.buyer_id, &event.buyer_id);
    note(&mut order.person_ref, &event.person_ref);
    note(&mut order.session_id, &event.session_id);
    note(&mut order.recipient_ref, &event.recipient_ref);
}
