//! `quality_signal`: buyers complain of what left with their orders.

use std::collections::BTreeSet;

use allotment::{Alert, AlertKind, Facts, Id};

use super::order::{Packed, Told};
use super::pool::{OrderKey, Pool};

/// So many buyers of one lot are no accident.
const BUYERS: usize = 3;

impl Pool {
    /// A buyer complains; gives the lots of which enough buyers now do.
    pub(super) fn complain(&mut self, platform: &Id, buyer_id: &Id) -> Vec<Id> {
        let buyer = (platform.clone(), buyer_id.clone());
        let mut loud = Vec::new();
        for lot_id in self.lots_that_left_with(&buyer) {
            let complaints = self.complaints.entry(lot_id.clone()).or_default();
            if complaints.buyers.insert(buyer.clone()) && self.is_loud(&lot_id) {
                let complaints = self.complaints.get_mut(&lot_id).expect("it was just made");
                complaints.told_at = complaints.buyers.len();
                loud.push(lot_id);
            }
        }
        loud
    }

    /// Enough buyers, a share of the orders that is worth a look, and twice as many as were told.
    fn is_loud(&self, lot_id: &Id) -> bool {
        let complaints = &self.complaints[lot_id];
        let count = complaints.buyers.len();
        count >= BUYERS && count * 20 >= self.left_with[lot_id] && count >= complaints.told_at * 2
    }

    /// What a parcel is of leaves: one order more of each of its lots, unless some of it left with the order before.
    pub(super) fn count_left(&mut self, key: &OrderKey, told: &Told) {
        let before = self.lots_of_order(key);
        for lot_id in self.lots_of_packed(&told.content).difference(&before) {
            *self.left_with.entry(lot_id.clone()).or_default() += 1;
        }
    }

    pub(super) fn quality_signal(&self, lot_id: &Id) -> Alert {
        let mut orders = self.orders_with(lot_id);
        orders.sort_by_key(|key| self.orders[key].place);
        let sku = self.lots.iter().find(|l| l.lot_id == *lot_id).map(|l| l.sku.clone());
        let facts = Facts::Lot { lot_id: lot_id.clone(), removed: 0 };
        let orders = orders.iter().map(super::alerts::named).collect();
        Alert { sku, facts, ..self.alert(AlertKind::QualitySignal, orders) }
    }

    fn lots_of_order(&self, key: &OrderKey) -> BTreeSet<Id> {
        self.lots_of_packed(&self.orders[key].handed)
    }

    fn lots_of_packed(&self, packed: &[Packed]) -> BTreeSet<Id> {
        let parts = packed.iter().flat_map(|packed| &packed.parts);
        parts.flat_map(|part| &part.lots).map(|(lot, _)| self.lots[*lot].lot_id.clone()).collect()
    }

    fn lots_that_left_with(&self, (platform, buyer_id): &(Id, Id)) -> BTreeSet<Id> {
        let theirs = self.orders.iter().filter(|(key, order)| {
            key.0 == *platform && order.tally().buyer_id.as_ref() == Some(buyer_id)
        });
        theirs.flat_map(|(key, _)| self.lots_of_order(key)).collect()
    }

    fn orders_with(&self, lot_id: &Id) -> Vec<OrderKey> {
        self.orders.keys().filter(|key| self.lots_of_order(key).contains(lot_id)).cloned().collect()
    }
}

/// Who complained of a lot, and how many they were when that was told.
#[derive(Clone, Debug, Default)]
pub(super) struct Complaints {
    pub(super) buyers: BTreeSet<(Id, Id)>,
    pub(super) told_at: usize,
}
