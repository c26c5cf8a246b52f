//! What stock events brought into each pool: units by SKU and lot, and what can happen to those who wait.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{Claims, Event, HandedOver, InspectionResult, OrderRef, What};
use contract::Topic;

use super::bundles::Bundles;

/// What a pool does with those who wait, as its stock events say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Habits {
    /// Its policy was at some time to fill orders in part.
    pub(crate) partial: bool,
    /// Stock that was promised may have been lost, so that who waits may have lost what it held.
    pub(crate) loses: bool,
    /// Comments may have held stock, of which nobody is told.
    pub(crate) claims: bool,
    /// Paid orders could take from unpaid reservations.
    pub(crate) preempts: bool,
    /// Items had channels or safety stock: what is available is not there for every unpaid order.
    pub(crate) shapes: bool,
}

/// Units that came in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) received: u64,
    pub(crate) adjusted_in: u64,
    /// Units that counts found, at most: how many of them the books had, no topic tells.
    pub(crate) counted: u64,
}

/// One pool's stock events.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) habits: Habits,
    /// By SKU.
    pub(crate) came: BTreeMap<String, Came>,
    /// By SKU and lot, at most.
    pub(crate) lots: BTreeMap<(String, String), u64>,
    /// What is sold together.
    pub(crate) bundles: Bundles,
    /// Orders (`platform/order_id`) and parcels (their ids) that a hand-over named.
    pub(crate) named: BTreeSet<String>,
    /// Waves that a hand-over named.
    pub(crate) waves: BTreeSet<String>,
    /// The identities of stock events: the topic that each came on, and until when it is remembered.
    seen: BTreeMap<String, (Topic, i64)>,
    /// The platforms of stock events, and of order events.
    stock_platforms: BTreeSet<String>,
    order_platforms: BTreeSet<String>,
    /// Of two deliveries of one identity it can't be told from here which was the first, or whether the
    /// first was forgotten when the second came.
    ambiguous: bool,
}

/// The lot of units that were found or counted.
const COUNTED: &str = "counted";

impl Shelf {
    /// Whether it can be told which of two deliveries of one identity was the first.
    pub(crate) fn is_clear(&self) -> bool {
        !self.ambiguous && self.stock_platforms.is_disjoint(&self.order_platforms)
    }

    /// An event was taken that is not a dead letter. `window`: how long its identity is remembered.
    pub(crate) fn took(&mut self, event: &Event, arrival: i64, topic: Topic, window: i64) {
        if matches!(event.what, What::Order(_)) {
            if !self.order_platforms.contains(event.platform.as_str()) {
                self.order_platforms.insert(event.platform.to_string());
            }
            return;
        }
        self.stock_platforms.insert(event.platform.to_string());
        // What may have been taken counts too: where the shelf is not clear, all that is known of it is "at most".
        if !self.is_repeat(event, arrival, topic, window) {
            self.apply(&event.what);
        }
    }

    /// Whether an event of this identity was for certain taken before and is remembered still. If none was, this one is
    /// from now on.
    fn is_repeat(&mut self, event: &Event, arrival: i64, topic: Topic, window: i64) -> bool {
        let occurred_at = event.occurred_at.0;
        let identity = contract::join(&[&event.platform, &event.event_id]);
        if let Some((before, until)) = self.seen.get(&identity) {
            // It was not stale, so `now` was at most a window after it happened.
            let known = occurred_at.saturating_add(window) <= *until;
            let either = *before != topic || (!known && arrival <= *until);
            self.ambiguous |= either;
            if known || arrival <= *until {
                return !either;
            }
        }
        self.seen.insert(identity, (topic, arrival.max(occurred_at).saturating_add(window)));
        false
    }

    fn apply(&mut self, what: &What) {
        match what {
            What::Received(received) => {
                let units = u64::from(received.quantity);
                self.came.entry(received.sku.to_string()).or_default().received += units;
                self.brought(&received.sku, &received.lot_id, units);
            }
            What::Adjusted(adjusted) if adjusted.delta > 0 => {
                let units = adjusted.delta.unsigned_abs();
                self.came.entry(adjusted.sku.to_string()).or_default().adjusted_in += units;
                let lot = adjusted.lot_id.as_ref().map_or(COUNTED, |lot| lot.as_str());
                self.brought(&adjusted.sku, lot, units);
            }
            What::Inspected(inspected) => {
                self.habits.loses |= inspected.result == InspectionResult::Failed;
            }
            What::Adjusted(adjusted) => {
                self.bundles.named(&adjusted.sku);
                self.habits.loses = true;
            }
            What::Counted(counted) => {
                self.bundles.named(&counted.sku);
                self.habits.loses = true;
                let units = u64::from(counted.quantity);
                self.came.entry(counted.sku.to_string()).or_default().counted += units;
                let lot = counted.lot_id.as_ref().map_or(COUNTED, |lot| lot.as_str());
                self.brought(&counted.sku, lot, units);
            }
            What::Recalled(_) => self.habits.loses = true,
            What::Item(item) => {
                let safety = item.safety_stock.is_some_and(|units| units > 0);
                self.habits.shapes |= safety || !item.channels.is_empty();
                self.bundles.told(item);
            }
            What::HandedOver(left) => self.left(left),
            What::Policy(policy) => {
                let preempts = policy.paid_preempts_reserved == Some(true);
                self.habits.partial |= policy.partial == Some(true);
                self.habits.claims |= policy.claims == Some(Claims::Hold);
                self.habits.preempts |= preempts;
                self.habits.loses |= preempts;
            }
            _ => {}
        }
    }

    fn left(&mut self, left: &HandedOver) {
        // One that was cancelled and left all the same may take from others.
        self.habits.loses = true;
        let order = |order: &OrderRef| contract::join(&[&order.platform, &order.order_id]);
        self.waves.extend(left.wave_id.as_ref().map(ToString::to_string));
        self.named.extend(left.orders.iter().map(order));
        self.named.extend(left.parcels.iter().map(|parcel| parcel.fulfillment_id.to_string()));
    }

    fn brought(&mut self, sku: &str, lot: &str, units: u64) {
        *self.lots.entry((sku.to_owned(), lot.to_owned())).or_default() += units;
    }
}

#[cfg(test)]
mod tests {
    use allotment::Time;

    use super::*;

    const WINDOW: i64 = 1000;

    /// The shelf after two deliveries of one identity, each of which says that another wave has left.
    fn after(topics: [Topic; 2]) -> Shelf {
        let mut shelf = Shelf::default();
        for (wave, topic) in ["w1", "w2"].into_iter().zip(topics) {
            let left = HandedOver { wave_id: Some(wave.into()), ..HandedOver::default() };
            let event = Event {
                platform: "stock".into(),
                event_id: "truck".into(),
                occurred_at: Time(10),
                what: What::HandedOver(left),
            };
            shelf.took(&event, 20, topic, WINDOW);
        }
        shelf
    }

    #[test]
    fn what_may_have_been_taken_counts_where_nobody_can_tell() {
        let of_one = after([Topic::Stock, Topic::Stock]);
        assert!(of_one.is_clear(), "the first one of a topic was taken");
        assert_eq!(of_one.waves, BTreeSet::from(["w1".to_owned()]));
        // One of them may have been on the wrong partition, so that it came home after the other one.
        let of_two = after([Topic::Stock, Topic::Reroute]);
        assert!(!of_two.is_clear());
        assert_eq!(of_two.waves, BTreeSet::from(["w1".to_owned(), "w2".to_owned()]));
    }
}
