//! What is turned away at the door: input that could not be taken, and repeats of what was taken before.

use allotment::{
    Alert, AlertKind, Code, Decision, Effect, Effects, Event, Facts, Id, Item, Millis, OrderVerb,
    Outcome, Reason, RejectedOrder, Time, What,
};

use super::pool::Pool;

/// More than this ahead of its arrival is a wrong clock.
const FUTURE: Millis = Millis::from_secs(24 * 60 * 60);

/// Why an event can't be taken.
pub(super) struct Refusal {
    pub(super) code: Code,
    pub(super) about: &'static str,
}

/// The order that a refused event was for, if it was for one.
pub(super) fn answered(event: &Event) -> Option<RejectedOrder> {
    let What::Order(order) = &event.what else { return None };
    Some(RejectedOrder {
        platform: event.platform.clone(),
        order_id: order.order_id.clone(),
        event_id: Some(event.event_id.clone()),
    })
}

impl Pool {
    /// The first reason that fits, in the order of the contract's list of codes.
    pub(super) fn refusal(
        &self,
        now: Time,
        arrival: Time,
        window: Millis,
        event: &Event,
    ) -> Option<Refusal> {
        let snapshot = matches!(&event.what, What::Order(order) if matches!(order.verb, OrderVerb::Snapshot { .. }));
        let judged_by = if snapshot { arrival } else { event.occurred_at };
        let refuse = |code, about| Some(Refusal { code, about });
        if judged_by < now.minus(window) {
            return refuse(Code::Stale, "occurred_at");
        }
        if event.occurred_at > arrival.plus(FUTURE) {
            return refuse(Code::Future, "occurred_at");
        }
        let other_sku = match &event.what {
            What::Received(received) => self.is_of_other_sku(&received.lot_id, &received.sku),
            What::Adjusted(adjusted) => {
                adjusted.lot_id.as_ref().is_some_and(|lot| self.is_of_other_sku(lot, &adjusted.sku))
            }
            What::Counted(counted) => {
                counted.lot_id.as_ref().is_some_and(|lot| self.is_of_other_sku(lot, &counted.sku))
            }
            _ => false,
        };
        if other_sku {
            return refuse(Code::LotOfOtherSku, "lot_id");
        }
        if let What::Item(item) = &event.what
            && self.nests(item)
        {
            return refuse(Code::NestedBundle, "components");
        }
        self.unsupported(&event.what).and_then(|about| refuse(Code::NotSupported, about))
    }

    /// Whether a bundle would be part of a bundle.
    fn nests(&self, item: &Item) -> bool {
        let is_part = |of: &Item| of.components.iter().any(|part| part.sku == item.sku);
        let parts = &item.components;
        !parts.is_empty()
            && (parts.iter().any(|part| self.is_bundle(&part.sku))
                || is_part(item)
                || self.items.values().any(is_part))
    }

    /// A bundle has no stock of its own; the field that would say otherwise.
    fn unsupported(&self, what: &What) -> Option<&'static str> {
        let sku = match what {
            What::Received(received) => &received.sku,
            What::Adjusted(adjusted) => &adjusted.sku,
            What::Counted(counted) => &counted.sku,
            What::Item(item) => {
                let has_lots = self.lots.iter().any(|lot| lot.sku == item.sku);
                return (!item.components.is_empty() && has_lots).then_some("components");
            }
            _ => return None,
        };
        self.is_bundle(sku).then_some("sku")
    }

    fn is_of_other_sku(&self, lot_id: &Id, sku: &Id) -> bool {
        self.find_lot(lot_id, sku).is_some_and(|lot| self.lots[lot].sku != *sku)
    }

    /// Answers and counts input that could not be taken.
    pub(super) fn refuse(
        &mut self,
        at: Time,
        code: Code,
        order: Option<&RejectedOrder>,
        out: &mut Effects,
    ) {
        if let Some(order) = order {
            let key = (order.platform.clone(), order.order_id.clone());
            let reason = Reason::Rejected(code);
            let decision = self.decision(&key, order.event_id.clone(), Outcome::Rejected, reason);
            out.list.push(Effect::Decision(Decision { decided_at: at, ..decision }));
        }
        self.count_reject(at, code, out);
    }

    /// Answers a delivery whose identity has been seen.
    pub(super) fn repeat(&mut self, event: &Event, same: bool, out: &mut Effects) {
        let (outcome, reason) = if same {
            (Outcome::Duplicate, Reason::Repeat)
        } else {
            (Outcome::Conflict, Reason::DifferentContent)
        };
        let mut sku = named_sku(&event.what);
        let mut orders = Vec::new();
        if let What::Order(order) = &event.what {
            let key = (event.platform.clone(), order.order_id.clone());
            let decision = self.decision(&key, Some(event.event_id.clone()), outcome, reason);
            out.list.push(Effect::Decision(decision));
            sku = self.orders[&key].only_sku();
            orders.push(super::alerts::named(&key));
        }
        if !same {
            let facts = Facts::Event { event_id: event.event_id.clone() };
            let platform = Some(event.platform.clone());
            self.tell(
                Alert { sku, platform, facts, ..self.alert(AlertKind::Conflict, orders) },
                out,
            );
        }
    }
}

fn named_sku(what: &What) -> Option<Id> {
    match what {
        What::Item(item) => Some(item.sku.clone()),
        What::Received(received) => Some(received.sku.clone()),
        What::Adjusted(adjusted) => Some(adjusted.sku.clone()),
        What::Counted(counted) => Some(counted.sku.clone()),
        _ => None,
    }
}
