//! How much is asked for: what orders and comments want in a minute, held against what is left.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::bounds::{SURGE_AGAIN, SURGE_LEFT, SURGE_UNITS, SURGE_WINDOW};
use crate::image::is_default;
use crate::pool::{Pool, Turn};
use crate::stock::{Part, SkuIx};
use crate::weight;
use crate::{Alert, AlertKind, Facts, Millis, Time};

/// What is asked for of a pool's SKUs.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct Demand(#[n(0)] BTreeMap<SkuIx, Asked>);

/// What was asked for of one SKU.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
struct Asked {
    /// Units by the instant at which they were asked for, over the last minute.
    #[n(0)]
    #[cbor(default)]
    recent: VecDeque<(Time, u64)>,
    /// A surge was told, and is not over.
    #[n(1)]
    #[cbor(default, skip_if = "is_default")]
    told: bool,
    /// Units of `recent` that were asked for in this turn.
    #[cbor(skip)]
    fresh: u64,
}

impl Asked {
    fn sum(&self) -> u64 {
        self.recent.iter().fold(0, |sum, (_, units)| sum.saturating_add(*units))
    }

    fn forget(&mut self, now: Time) {
        while let Some(&(at, _)) = self.recent.front()
            && at.plus(SURGE_WINDOW) <= now
        {
            self.recent.pop_front();
        }
    }
}

impl Demand {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it takes in memory.
    pub(crate) fn weight(&self) -> usize {
        let of = |asked: &Asked| weight::block(asked.recent.capacity() * size_of::<(Time, u64)>());
        weight::tree(self.0.len(), size_of::<(SkuIx, Asked)>())
            + self.0.values().map(of).sum::<usize>()
    }

    /// The SKUs that are named.
    pub(crate) fn skus(&self) -> impl Iterator<Item = SkuIx> {
        self.0.keys().copied()
    }
}

impl Pool {
    /// So many units are asked for; of a bundle its components.
    pub(crate) fn ask_for(&mut self, sku: SkuIx, units: u32, now: Time) {
        if !self.stock.sku(sku).known {
            return;
        }
        let parts: Vec<Part> = self.stock.parts(sku, self.stock.sku(sku).recipe).collect();
        for (part, each) in parts {
            let units = u64::from(units) * u64::from(each);
            let asked = self.demand.0.entry(part).or_default();
            asked.forget(now);
            match asked.recent.back_mut() {
                Some((at, sum)) if *at == now => *sum = sum.saturating_add(units),
                _ => asked.recent.push_back((now, units)),
            }
            asked.fresh += units;
            self.stock.touch(part);
        }
    }

    /// Tells that more is asked for in a minute than will be there for long; again only when that was over
    /// at any time since, or stock ran out and came back.
    pub(crate) fn judge_surge(&mut self, sku: SkuIx, turn: &mut Turn<'_>) {
        let Some(asked) = self.demand.0.get_mut(&sku) else { return };
        asked.forget(turn.now);
        let entry = self.stock.sku(sku);
        let (left, sum) = (entry.books.available, asked.sum());
        let before = entry.told.map_or(0, |books| books.available);
        let calm = |left: u64, sum: u64| left > sum.saturating_mul(SURGE_AGAIN);
        let over = left == 0 || calm(left, sum) || calm(before, sum - asked.fresh);
        asked.told &= !over;
        asked.fresh = 0;
        let surges = sum >= SURGE_UNITS && left > 0 && left <= sum.saturating_mul(SURGE_LEFT);
        if surges && !asked.told {
            asked.told = true;
            let lasts = left.saturating_mul(SURGE_WINDOW.0.unsigned_abs()) / sum;
            let until = Millis(i64::try_from(lasts).unwrap_or(i64::MAX));
            let facts = Facts::Surge { asked: sum, left, sold_out_at: turn.now.plus(until) };
            let sku = Some(self.stock.sku(sku).id.clone());
            self.tell_alert(Alert { sku, facts, ..self.blank(AlertKind::DemandSurge, turn) }, turn);
        } else if asked.recent.is_empty() && !asked.told {
            self.demand.0.remove(&sku);
        }
    }
}
