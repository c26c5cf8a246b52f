//! Keyed hashes: of identities, of an event's content, and of all that was applied and decided.
//!
//! What is hashed is written out by hand, not derived: these digests are compared between instances and
//! across upgrades, and `derive(Hash)` promises no stable order of bytes.

use core::hash::Hasher;

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::{
    Decision, Effect, Event, Fulfillment, Id, Item, Line, Manifest, OrderEvent, OrderVerb, Parcel,
    PolicyChange, What,
};

/// Fields are collected up to so many bytes before they are hashed: most events and effects are shorter.
const COLLECTED: usize = 256;

/// Hashes fields one after the other; texts and lists carry their length, so neighbours can't merge.
///
/// The hash is that of all bytes in a row. They are collected first, since the hasher takes a few long pieces with far
/// less work than many short ones.
pub(crate) struct Digester {
    hasher: SipHasher13,
    collected: [u8; COLLECTED],
    length: usize,
}

impl Digester {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        let hasher = SipHasher13::new_with_key(key);
        Self { hasher, collected: [0; COLLECTED], length: 0 }
    }

    pub(crate) fn finish(&mut self) -> u128 {
        self.hash_collected();
        self.hasher.finish128().as_u128()
    }

    pub(crate) fn number(&mut self, number: i64) -> &mut Self {
        self.put(&number.to_le_bytes());
        self
    }

    pub(crate) fn count(&mut self, count: u64) -> &mut Self {
        self.put(&count.to_le_bytes());
        self
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.count(bytes.len() as u64);
        self.put(bytes);
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    fn put(&mut self, bytes: &[u8]) {
        if bytes.len() > COLLECTED - self.length {
            self.hash_collected();
        }
        match self.collected.get_mut(self.length..self.length + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.length += bytes.len();
            }
            None => self.hasher.write(bytes),
        }
    }

    fn hash_collected(&mut self) {
        self.hasher.write(&self.collected[..self.length]);
        self.length = 0;
    }

    fn maybe_number(&mut self, number: Option<i64>) -> &mut Self {
        match number {
            Some(number) => self.count(1).number(number),
            None => self.count(0),
        }
    }

    fn maybe_text(&mut self, text: Option<&Id>) -> &mut Self {
        match text {
            Some(text) => self.count(1).text(text),
            None => self.count(0),
        }
    }
}

/// The identity of an order or a delivery within its pool.
pub(crate) fn identity(key: &[u8; 16], platform: &Id, id: &Id) -> u128 {
    let mut d = Digester::new(key);
    d.text(platform).text(id);
    d.finish()
}

/// A person, over all platforms.
pub(crate) fn person(key: &[u8; 16], person_ref: &Id) -> u128 {
    let mut d = Digester::new(key);
    d.count(1).text(person_ref);
    d.finish()
}

/// A buyer of one platform.
pub(crate) fn buyer(key: &[u8; 16], platform: &Id, buyer_id: &Id) -> u128 {
    let mut d = Digester::new(key);
    d.count(2).text(platform).text(buyer_id);
    d.finish()
}

/// What a buyer of a platform claimed of a SKU.
pub(crate) fn claim(key: &[u8; 16], platform: &Id, buyer_id: &Id, sku: &Id) -> u128 {
    let mut d = Digester::new(key);
    d.count(3).text(platform).text(buyer_id).text(sku);
    d.finish()
}

/// What a redelivery must repeat: every field of the contract but the times.
pub(crate) fn content(key: &[u8; 16], event: &Event) -> u128 {
    let mut d = Digester::new(key);
    d.text(kind(&event.what));
    match &event.what {
        What::Order(order) => order_event(&mut d, order),
        What::Policy(policy) => policy_change(&mut d, policy),
        What::Item(item) => catalogue_item(&mut d, item),
        What::Received(r) => {
            d.text(&r.sku).count(u64::from(r.quantity)).text(&r.lot_id);
            d.maybe_number(r.best_before.map(|t| t.0)).count(r.inspection as u64);
        }
        What::Inspected(i) => {
            d.text(&i.lot_id).count(i.result as u64).maybe_text(i.note.as_ref());
        }
        What::Adjusted(a) => {
            d.text(&a.sku)
                .number(a.delta)
                .maybe_text(a.lot_id.as_ref())
                .maybe_text(a.reason.as_ref());
        }
        What::SessionOpened(s) | What::SessionClosed(s) => {
            d.text(&s.session_id).maybe_text(s.platform.as_ref()).count(s.skus.len() as u64);
            for sku in &s.skus {
                d.text(sku);
            }
        }
        What::Comment(c) => {
            d.text(&c.buyer_id).text(&c.text);
            d.maybe_text(c.person_ref.as_ref()).maybe_text(c.session_id.as_ref());
        }
        What::WaveClosed(w) => {
            d.text(&w.wave_id).maybe_text(w.session_id.as_ref());
        }
        What::HandedOver(h) => {
            d.maybe_text(h.wave_id.as_ref()).count(h.orders.len() as u64);
            for order in &h.orders {
                d.text(&order.platform).text(&order.order_id);
            }
            d.count(h.parcels.len() as u64);
            for parcel in &h.parcels {
                d.text(&parcel.fulfillment_id).maybe_number(parcel.revision.map(i64::from));
            }
        }
        What::Counted(c) => {
            d.text(&c.sku).count(u64::from(c.quantity)).maybe_text(c.lot_id.as_ref());
        }
        What::Recalled(r) => {
            d.text(&r.lot_id).text(&r.reason);
        }
    }
    d.finish()
}

/// The event's type as the contract spells it.
fn kind(what: &What) -> &'static str {
    match what {
        What::Order(order) => match order.verb {
            OrderVerb::Created { .. } => "order.created",
            OrderVerb::Paid { .. } => "order.paid",
            OrderVerb::Amended { .. } => "order.amended",
            OrderVerb::Held => "order.held",
            OrderVerb::Cleared => "order.cleared",
            OrderVerb::Cancelled => "order.cancelled",
            OrderVerb::Refunded { .. } => "order.refunded",
            OrderVerb::Snapshot { .. } => "order.snapshot",
        },
        What::Policy(_) => "pool.policy",
        What::Item(_) => "catalogue.item",
        What::Received(_) => "stock.received",
        What::Inspected(_) => "stock.inspected",
        What::Adjusted(_) => "stock.adjusted",
        What::Counted(_) => "stock.counted",
        What::Recalled(_) => "stock.recalled",
        What::SessionOpened(_) => "session.opened",
        What::SessionClosed(_) => "session.closed",
        What::WaveClosed(_) => "wave.closed",
        What::HandedOver(_) => "shipment.handed_over",
        What::Comment(_) => "comment.posted",
    }
}

fn order_event(d: &mut Digester, order: &OrderEvent) {
    d.text(&order.order_id)
        .maybe_text(order.buyer_id.as_ref())
        .maybe_text(order.person_ref.as_ref());
    d.maybe_text(order.session_id.as_ref())
        .maybe_text(order.recipient_ref.as_ref())
        .maybe_number(order.version);
    match &order.verb {
        OrderVerb::Created { lines: l } | OrderVerb::Amended { lines: l } => lines(d, l),
        OrderVerb::Snapshot { status, lines: l } => {
            d.count(*status as u64);
            lines(d, l);
        }
        OrderVerb::Paid { lines: l } => {
            d.count(u64::from(l.is_some()));
            lines(d, l.as_deref().unwrap_or_default());
        }
        OrderVerb::Refunded { lines: l } => {
            d.count(u64::from(l.is_some()));
            for line in l.iter().flatten() {
                d.maybe_text(line.line_id.as_ref())
                    .maybe_text(line.sku.as_ref())
                    .count(line.quantity);
            }
        }
        OrderVerb::Held | OrderVerb::Cleared | OrderVerb::Cancelled => {}
    }
}

fn lines(d: &mut Digester, lines: &[Line]) {
    d.count(lines.len() as u64);
    for line in lines {
        d.text(&line.line_id).text(&line.sku).count(u64::from(line.quantity));
    }
}

fn policy_change(d: &mut Digester, policy: &PolicyChange) {
    d.maybe_number(policy.allocate_on.map(|x| x as i64)).maybe_number(policy.reservation_ttl_s);
    d.maybe_number(policy.unpaid_shortage.map(|x| x as i64))
        .maybe_number(policy.paid_shortage.map(|x| x as i64));
    d.maybe_number(policy.partial.map(i64::from))
        .maybe_number(policy.paid_preempts_reserved.map(i64::from));
    d.maybe_number(policy.claims.map(|x| x as i64)).maybe_number(policy.claim_ttl_s);
}

/// The fields that came later are hashed only where they say something, so that an item that was seen before is
/// still the same.
fn catalogue_item(d: &mut Digester, item: &Item) {
    d.text(&item.sku).maybe_text(item.name.as_ref()).maybe_number(item.low_stock_at.map(i64::from));
    if !item.components.is_empty() {
        d.text("components").count(item.components.len() as u64);
        for component in &item.components {
            d.text(&component.sku).count(u64::from(component.quantity));
        }
    }
    d.count(item.keywords.len() as u64);
    for keyword in &item.keywords {
        d.text(keyword);
    }
    if let Some(limit) = item.limit_per_buyer {
        d.text("limit_per_buyer").count(u64::from(limit));
    }
    if let Some(safety_stock) = item.safety_stock {
        d.text("safety_stock").count(u64::from(safety_stock));
    }
    if let Some(backorder) = item.backorder {
        d.text("backorder").count(u64::from(backorder.limit));
        d.maybe_number(backorder.until.map(|until| until.0));
    }
    if !item.channels.is_empty() {
        d.text("channels").count(item.channels.len() as u64);
        for channel in &item.channels {
            d.text(&channel.platform).maybe_number(channel.reserved.map(i64::from));
            d.maybe_number(channel.max.map(i64::from));
        }
    }
    if let Some(season) = &item.season {
        d.text("season").text(season);
    }
}

/// What was decided: who, what and how many. Reasons, texts and an alert's list of orders follow from it.
pub(crate) fn effect(d: &mut Digester, effect: &Effect) {
    match effect {
        Effect::Decision(decision) => decided(d, decision),
        Effect::Fulfillment(Fulfillment::Requested(p)) => parcel(d.count(20), p),
        Effect::Fulfillment(Fulfillment::Revised(p)) => parcel(d.count(21), p),
        Effect::Fulfillment(Fulfillment::Cancelled(c)) => {
            d.count(22)
                .text(&c.platform)
                .text(&c.order_id)
                .count(u64::from(c.number))
                .count(u64::from(c.revision));
        }
        Effect::Fulfillment(Fulfillment::Manifest(m)) => manifest(d, m),
        Effect::Alert(a) => {
            d.count(30)
                .count(a.kind as u64)
                .count(a.number)
                .count(a.shortage)
                .count(a.orders_total);
            d.maybe_text(a.sku.as_ref()).maybe_text(a.platform.as_ref()).number(a.raised_at.0);
        }
        // Published by batch: levels follow from the rest, but how often they are told does not.
        Effect::Level(_) => {}
    }
}

fn decided(d: &mut Digester, decision: &Decision) {
    d.count(10).text(&decision.platform).text(&decision.order_id).count(u64::from(decision.number));
    d.maybe_text(decision.event_id.as_ref())
        .count(decision.outcome as u64)
        .count(decision.standing as u64);
    d.count(u64::from(decision.paid)).count(u64::from(decision.held)).number(decision.decided_at.0);
    for line in &decision.lines {
        d.count(u64::from(line.quantity)).count(u64::from(line.reserved));
        d.count(u64::from(line.allocated)).count(u64::from(line.waitlisted));
    }
}

fn manifest(d: &mut Digester, manifest: &Manifest) {
    d.count(23).text(&manifest.wave_id).count(u64::from(manifest.page));
    d.count(u64::from(manifest.revision)).count(manifest.parcels.len() as u64);
    for parcel in &manifest.parcels {
        d.text(&parcel.platform).text(&parcel.order_id);
        d.count(u64::from(parcel.number)).count(u64::from(parcel.revision));
    }
}

fn parcel(d: &mut Digester, parcel: &Parcel) {
    d.text(&parcel.platform)
        .text(&parcel.order_id)
        .count(u64::from(parcel.number))
        .count(u64::from(parcel.revision));
    for line in &parcel.lines {
        d.text(&line.line_id).count(u64::from(line.quantity));
        let parts = line.components.iter().flat_map(|component| &component.lots);
        for share in line.lots.iter().chain(parts) {
            d.text(&share.lot_id).count(share.quantity);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_fields_are_cut_the_hash_is_that_of_all_bytes_in_a_row() {
        let key = b"granary-default!";
        for length in [0, 1, 7, 8, 200, 248, 249, 255, 256, 257, 1000] {
            let text = "x".repeat(length);
            let mut digester = Digester::new(key);
            digester.number(-5).text(&text).count(9).text("end");
            let mut hasher = SipHasher13::new_with_key(key);
            let (all, end) = ((length as u64).to_le_bytes(), 3_u64.to_le_bytes());
            for part in [
                &(-5_i64).to_le_bytes()[..],
                &all,
                text.as_bytes(),
                &9_u64.to_le_bytes(),
                &end,
                b"end",
            ] {
                hasher.write(part);
            }
            assert_eq!(digester.finish(), hasher.finish128().as_u128(), "{length} bytes");
        }
    }
}
