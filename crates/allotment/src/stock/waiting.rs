//! Who waits for a SKU: by what bounds them, then by how many units they wait for, then by place. So the
//! next to be filled is found without looking at everybody.

use alloc::collections::{BTreeMap, BTreeSet};
use core::cell::LazyCell;

use super::{InLine, Sku};
use crate::Id;
use crate::order::OrderIx;

/// Who waits for units of one SKU.
#[derive(Debug, Default)]
pub(crate) struct Waiting(BTreeMap<Option<Id>, BTreeMap<u64, BTreeSet<InLine>>>);

impl Waiting {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `bound`: the platform of an unpaid order, whose channel bounds it; `None`: nothing does.
    pub(crate) fn insert(&mut self, bound: Option<&Id>, units: u64, who: InLine) {
        self.0.entry(bound.cloned()).or_default().entry(units).or_default().insert(who);
    }

    pub(crate) fn remove(&mut self, bound: Option<&Id>, units: u64, who: InLine) {
        let bound = bound.cloned();
        let lines = self.0.get_mut(&bound).expect("who waits is on the waitlist");
        let line = lines.get_mut(&units).expect("who waits is on the waitlist");
        assert!(line.remove(&who), "who waits is on the waitlist");
        if line.is_empty() {
            lines.remove(&units);
        }
        if lines.is_empty() {
            self.0.remove(&bound);
        }
    }

    /// Units that those wait for who are before `end` in line.
    pub(crate) fn units_before(&self, end: InLine) -> u64 {
        let lines = self.0.values().flatten();
        lines.map(|(&units, line)| units * line.range(..end).count() as u64).sum()
    }

    /// Everybody, by place.
    pub(crate) fn everybody(&self) -> BTreeSet<InLine> {
        self.0.values().flat_map(BTreeMap::values).flatten().copied().collect()
    }
}

impl Sku {
    /// The first who waits from place `from` on and can be given something: all that it waits for, unless
    /// `partial`.
    pub(crate) fn next_waiting(&self, from: u64, partial: bool) -> Option<InLine> {
        let mut first: Option<InLine> = None;
        let shares = LazyCell::new(|| self.shares());
        for (bound, lines) in &self.waiting.0 {
            let room = match bound {
                Some(platform) => shares.sellable(platform),
                None => self.books.available,
            };
            let most = if partial && room > 0 { u64::MAX } else { room };
            for line in lines.range(..=most).map(|(_, line)| line) {
                let next = line.range((from, OrderIx(0))..).next().copied();
                first = match (first, next) {
                    (Some(first), Some(next)) => Some(first.min(next)),
                    (first, next) => first.or(next),
                };
            }
        }
        first
    }
}
