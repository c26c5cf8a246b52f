//! The way into a pool: what is refused, what was seen before, and which verb takes the rest.

use crate::answer::Answer;
use crate::bounds::FUTURE_MAX;
use crate::digest;
use crate::identity::Seen;
use crate::pool::{Pool, Turn};
use crate::{
    Alert, AlertKind, Body, Code, Effects, Event, Facts, Id, Input, OrderEvent, OrderRef,
    OrderVerb, Outcome, Reason, Settings, Taken, Time, What, verbs,
};

/// Why an input is not taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) code: Code,
    about: &'static str,
    /// The border refused it already and knows what to do with it.
    pub(crate) at_border: bool,
}

impl From<Refusal> for Taken {
    fn from(refusal: Refusal) -> Self {
        Self::Refused { code: refusal.code, about: refusal.about }
    }
}

impl Pool {
    /// What speaks against an input, the first in the order of the codes. `now` is what it would become.
    pub(crate) fn refuses(&self, now: Time, input: &Input, settings: &Settings) -> Option<Refusal> {
        let event = match &input.body {
            Body::Rejected(rejected) => {
                return Some(Refusal { code: rejected.code, about: "", at_border: true });
            }
            Body::Event(event) => event,
        };
        let refuse = |code, about| Some(Refusal { code, about, at_border: false });
        let snapshot =
            matches!(&event.what, What::Order(OrderEvent { verb: OrderVerb::Snapshot { .. }, .. }));
        let age_of = if snapshot { input.arrival } else { event.occurred_at };
        if age_of < now.minus(settings.dedup_window) {
            return refuse(Code::Stale, "occurred_at");
        }
        if event.occurred_at > input.arrival.plus(FUTURE_MAX) {
            return refuse(Code::Future, "occurred_at");
        }
        let lot_and_sku = match &event.what {
            What::Received(received) => Some((&received.lot_id, &received.sku)),
            What::Adjusted(adjusted) => adjusted.lot_id.as_ref().map(|lot| (lot, &adjusted.sku)),
            What::Counted(counted) => counted.lot_id.as_ref().map(|lot| (lot, &counted.sku)),
            _ => None,
        };
        if lot_and_sku.is_some_and(|(lot, sku)| self.stock.is_of_other_sku(lot, sku)) {
            return refuse(Code::LotOfOtherSku, "lot_id");
        }
        if let What::Item(item) = &event.what
            && let Some((code, about)) = verbs::item::refuses(item, &self.stock)
        {
            return refuse(code, about);
        }
        if stock_of(&event.what).is_some_and(|sku| self.stock.is_bundle(sku)) {
            return refuse(Code::NotSupported, "sku: a bundle has no stock, its components do");
        }
        None
    }

    /// Gives an event its effect at `now`, to which time has passed already.
    pub(crate) fn take(&mut self, now: Time, input: Input, settings: &Settings, out: &mut Effects) {
        let Body::Event(event) = input.body else {
            unreachable!("rejected input has been refused")
        };
        self.identities.forget(now);
        let identity = digest::identity(&settings.hash_key, &event.platform, &event.event_id);
        let content = digest::content(&settings.hash_key, &event);
        let until = input.arrival.max(event.occurred_at).plus(settings.dedup_window);
        let mut turn = Turn::new(now, Some(event.event_id.clone()), settings, out);
        match self.identities.meet(now, identity, content, until) {
            Seen::First => self.perform(event, &mut turn),
            Seen::Same => {
                self.repeat(&event, Answer::new(Outcome::Duplicate, Reason::Repeat), &mut turn)
            }
            Seen::Other => {
                self.repeat(
                    &event,
                    Answer::new(Outcome::Conflict, Reason::DifferentContent),
                    &mut turn,
                );
                self.tell_conflict(&event, &mut turn);
            }
        }
        self.close(&mut turn, identity ^ content);
    }

    fn perform(&mut self, event: Event, turn: &mut Turn<'_>) {
        match event.what {
            What::Order(order) => self.order_event(&event.platform, event.occurred_at, order, turn),
            What::Policy(change) => self.policy_change(&change),
            What::Item(item) => self.item(&item, turn),
            What::Received(received) => self.received(received, turn),
            What::Inspected(inspected) => self.inspected(&inspected, turn),
            What::Adjusted(adjusted) => self.adjusted(&adjusted, turn),
            What::SessionOpened(session) => self.session_opened(&session, event.occurred_at),
            What::SessionClosed(session) => self.session_closed(&session, turn),
            What::Comment(comment) => {
                self.comment((&event.platform, event.occurred_at), &comment, turn)
            }
            What::WaveClosed(closed) => self.wave_closed(&closed, turn),
            What::HandedOver(handed_over) => self.handed_over(&handed_over, turn),
            What::Counted(counted) => self.counted(&counted, turn),
            What::Recalled(recalled) => self.recalled(&recalled, turn),
        }
    }

    /// Answers a delivery whose identity is known; the first stands.
    fn repeat(&mut self, event: &Event, answer: Answer, turn: &mut Turn<'_>) {
        if let What::Order(order) = &event.what {
            let name = OrderRef::new(&event.platform, &order.order_id);
            let ix = self.open_order(&name, turn);
            self.answer(ix, answer, turn);
            self.rest(ix, turn);
        }
    }

    fn tell_conflict(&mut self, event: &Event, turn: &mut Turn<'_>) {
        let facts = Facts::Event { event_id: event.event_id.clone() };
        if let What::Order(order) = &event.what {
            let name = OrderRef::new(&event.platform, &order.order_id);
            let ix = self.open_order(&name, turn);
            return self.tell_of_order(AlertKind::Conflict, ix, facts, turn);
        }
        let sku = sku_of(&event.what).cloned();
        let platform = Some(event.platform.clone());
        self.tell_alert(
            Alert { sku, platform, facts, ..self.blank(AlertKind::Conflict, turn) },
            turn,
        );
    }

    /// Counts input that could not be taken, and answers it if it was an order's.
    pub(crate) fn reject(
        &mut self,
        now: Time,
        code: Code,
        input: &Input,
        settings: &Settings,
        out: &mut Effects,
    ) {
        // Before anything was taken there is no `now` to bear.
        let timeless = now == Time::MIN;
        let now = if timeless { input.arrival.max(Time(0)) } else { now };
        let (name, event_id) = rejected_order(&input.body);
        let mut turn = Turn::new(now, event_id, settings, out);
        if let Some(name) = name {
            let ix = self.open_order(&name, &turn);
            self.answer(ix, Answer::new(Outcome::Rejected, Reason::Rejected(code)), &mut turn);
            if !timeless {
                self.rest(ix, &turn);
            }
        }
        self.count_rejected(code, &mut turn);
        self.close(&mut turn, code as u128);
    }
}

fn rejected_order(body: &Body) -> (Option<OrderRef>, Option<Id>) {
    match body {
        Body::Rejected(rejected) => match &rejected.order {
            Some(order) => {
                let name = OrderRef::new(&order.platform, &order.order_id);
                (Some(name), order.event_id.clone())
            }
            None => (None, None),
        },
        Body::Event(event) => {
            let What::Order(order) = &event.what else { return (None, None) };
            let name = OrderRef::new(&event.platform, &order.order_id);
            (Some(name), Some(event.event_id.clone()))
        }
    }
}

const fn sku_of(what: &What) -> Option<&Id> {
    match what {
        What::Item(item) => Some(&item.sku),
        _ => stock_of(what),
    }
}

/// The SKU of whose stock an event tells.
const fn stock_of(what: &What) -> Option<&Id> {
    match what {
        What::Received(received) => Some(&received.sku),
        What::Adjusted(adjusted) => Some(&adjusted.sku),
        What::Counted(counted) => Some(&counted.sku),
        _ => None,
    }
}
