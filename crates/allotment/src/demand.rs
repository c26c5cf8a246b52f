//! How much is asked for: what orders and comments want in a minute, held against what is left.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use minicbor::decode::Error as Unreadable;
use minicbor::{Decode, Encode};

use crate::bounds::{SURGE_AGAIN, SURGE_LEFT, SURGE_UNITS, SURGE_WINDOW, USED_MAX};
use crate::image::is_default;
use crate::pool::{Pool, Turn};
use crate::steps::step;
use crate::stock::{Part, SkuIx};
use crate::weight::{self, Beside, Weighed};
use crate::{Alert, AlertKind, Facts, Millis, Time};

/// What is asked for of a pool's SKUs.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct Demand(#[n(0)] Weighed<SkuIx, Asked>);

/// What was asked for of one SKU.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
struct Asked {
    #[n(0)]
    #[cbor(default)]
    recent: Recent,
    /// A surge was told, and is not over.
    #[n(1)]
    #[cbor(default, skip_if = "is_default")]
    told: bool,
    /// Units of `recent` that were asked for in this turn.
    #[cbor(skip)]
    fresh: u128,
}

impl Beside for Asked {
    fn beside(&self) -> usize {
        step();
        weight::block(self.recent.by_time.capacity() * size_of::<(Time, u64)>())
    }
}

/// Units by the instant at which they were asked for, over the last minute, and their sum: in a rush a minute
/// has tens of thousands of instants, and each order asks for the sum.
#[derive(Debug, Default)]
struct Recent {
    by_time: VecDeque<(Time, u64)>,
    sum: u128,
}

impl Recent {
    fn add(&mut self, at: Time, units: u64) {
        if self.by_time.back().is_none_or(|&(last, _)| last != at) {
            self.by_time.push_back((at, 0));
        }
        let (_, sum) = self.by_time.back_mut().expect("there is this instant now");
        *sum = sum.checked_add(units).expect("what is asked for in an instant can be counted");
        self.sum += u128::from(units);
    }

    fn forget(&mut self, now: Time) {
        while let Some(&(at, units)) = self.by_time.front()
            && at.plus(SURGE_WINDOW) <= now
        {
            self.by_time.pop_front();
            self.sum -= u128::from(units);
        }
    }
}

/// As the list alone.
impl<C> Encode<C> for Recent {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        self.by_time.encode(e, ctx)
    }
}

impl<'b, C> Decode<'b, C> for Recent {
    fn decode(d: &mut minicbor::Decoder<'b>, ctx: &mut C) -> Result<Self, Unreadable> {
        let by_time: VecDeque<(Time, u64)> = Decode::decode(d, ctx)?;
        if by_time.iter().any(|&(_, units)| units > USED_MAX) {
            return Err(Unreadable::message("more is asked for than can be counted"));
        }
        let sum = by_time.iter().map(|&(_, units)| u128::from(units)).sum();
        Ok(Self { by_time, sum })
    }
}

impl Demand {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it takes in memory.
    pub(crate) fn weight(&self) -> usize {
        self.0.weight()
    }

    pub(crate) fn assert_weight(&self) {
        self.0.assert_weight();
    }

    /// The SKUs that are named.
    pub(crate) fn skus(&self) -> impl Iterator<Item = SkuIx> {
        self.0.entries().keys().copied()
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
            let units = u64::from(units) * each;
            self.demand.0.open(part, |asked| {
                asked.recent.forget(now);
                asked.recent.add(now, units);
                asked.fresh += u128::from(units);
            });
            self.stock.touch(part);
        }
    }

    /// Tells that more is asked for in a minute than will be there for long; again only when that was over
    /// at any time since, or stock ran out and came back.
    pub(crate) fn judge_surge(&mut self, sku: SkuIx, turn: &mut Turn<'_>) {
        let entry = self.stock.sku(sku);
        let (left, before) = (entry.books.available, entry.told.map_or(0, |books| books.available));
        let judge = |asked: &mut Asked| (asked.surges(left, before, turn.now), asked.recent.sum);
        match self.demand.0.change(&sku, judge) {
            Some((true, sum)) => {
                let lasts = u128::from(left) * u128::from(SURGE_WINDOW.0.unsigned_abs()) / sum;
                let lasts = i64::try_from(lasts).expect("a surge leaves a few minutes");
                let until = Millis(lasts);
                let asked = u64::try_from(sum).expect("what a minute asks for can be counted");
                let facts = Facts::Surge { asked, left, sold_out_at: turn.now.plus(until) };
                let sku = Some(self.stock.sku(sku).id.clone());
                let alert = Alert { sku, facts, ..self.blank(AlertKind::DemandSurge, turn) };
                self.tell_alert(alert, turn);
            }
            Some((false, _)) if self.demand.0.entries()[&sku].is_over() => {
                self.demand.0.remove(&sku);
            }
            Some((false, _)) | None => {}
        }
    }
}

impl Asked {
    /// Whether a surge is to be told, now that so many units are left, where there were as many `before`.
    fn surges(&mut self, left: u64, before: u64, now: Time) -> bool {
        self.recent.forget(now);
        let sum = self.recent.sum;
        let calm = |left: u64, sum: u128| u128::from(left) > sum * u128::from(SURGE_AGAIN);
        let over = left == 0 || calm(left, sum) || calm(before, sum - self.fresh);
        self.told &= !over;
        self.fresh = 0;
        let surges = sum >= u128::from(SURGE_UNITS)
            && left > 0
            && u128::from(left) <= sum * u128::from(SURGE_LEFT);
        surges && !core::mem::replace(&mut self.told, true)
    }

    /// Whether nothing of it needs to be known any more.
    fn is_over(&self) -> bool {
        self.recent.by_time.is_empty() && !self.told
    }
}
