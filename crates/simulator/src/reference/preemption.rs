//! `paid_preempts_reserved`: a paid order takes from the newest reservations, if that makes it whole.

use allotment::Id;

use super::pool::{OrderKey, Pool};
use super::stock::{Hands, Holder};

impl Pool {
    /// A paid order that is short takes what is available, and then what the newest reservations hold.
    pub(super) fn preempt(&mut self, key: &OrderKey) {
        let order = &self.orders[key];
        let lacks = order.waits();
        if !self.policy.paid_preempts_reserved || !order.paid || lacks.is_empty() {
            return;
        }
        let enough = |sku: &Id| {
            let reserved = |h: &Hands<'_>| {
                h.holdings
                    .iter()
                    .filter(|h| h.sku == *sku && self.usable(h.lot))
                    .map(|h| h.units)
                    .sum::<u64>()
            };
            let others = self.hands().iter().filter(|h| !h.paid).map(reserved).sum::<u64>();
            self.available(sku) + others
        };
        if !lacks.iter().all(|(sku, units)| enough(sku) >= *units) {
            return;
        }
        let own = Holder::Order(key.clone());
        for (sku, units) in lacks {
            let there = self.available(&sku).min(units);
            self.take(&own, &sku, there);
            for _ in there..units {
                let loser = self.newest(|h| {
                    !h.paid && h.holdings.iter().any(|h| h.sku == sku && self.usable(h.lot))
                });
                let loser = loser.expect("enough was just seen to be reserved");
                let lot = self.last_to_expire(&loser, &sku).expect("it holds some");
                self.lose(&loser, lot);
                self.hold(&own, lot, 1);
            }
        }
    }
}
