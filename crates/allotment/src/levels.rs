//! What can still be sold: the level of each SKU, and the moments in which that changes for people.
//!
//! Both are judged after each event and each instant, never by batch, so that they do not depend on how
//! the input was cut.

use alloc::vec::Vec;

use crate::channels::{ANY_OTHER, can_sell};
use crate::pool::{Pool, Turn};
use crate::stock::{Mood, SkuIx};
use crate::{Alert, AlertKind, Effect, Effects, Facts, Id, Level};

impl Pool {
    /// Looks at every SKU that this turn touched.
    pub(crate) fn judge(&mut self, turn: &mut Turn<'_>) {
        for sku in self.stock.take_touched() {
            if self.stock.sku(sku).known {
                let sellable = self.stock.sellable_if_shaped(sku);
                let can_sell = match &sellable {
                    Some(sellable) => can_sell(sellable),
                    None => self.stock.sku(sku).books.available > 0,
                };
                self.judge_mood(sku, can_sell, turn);
                self.judge_low(sku, turn);
                self.judge_surge(sku, turn);
                self.judge_level(sku, sellable.unwrap_or_default(), turn);
            }
        }
    }

    fn judge_mood(&mut self, sku: SkuIx, can_sell: bool, turn: &mut Turn<'_>) {
        let (mood, news) = match (self.stock.sku(sku).mood, can_sell) {
            (Mood::Unstocked, true) => (Mood::Selling, None),
            (Mood::Selling, false) => (Mood::SoldOut, Some(AlertKind::SoldOut)),
            (Mood::SoldOut, true) => (Mood::Selling, Some(AlertKind::Restocked)),
            (mood, _) => (mood, None),
        };
        self.stock.sku_mut(sku).mood = mood;
        if let Some(kind) = news {
            self.tell_of_sku(kind, sku, turn);
        }
    }

    /// Low is told when it begins; where stock ran out at once, `sold_out` has said it.
    fn judge_low(&mut self, sku: SkuIx, turn: &mut Turn<'_>) {
        let entry = self.stock.sku(sku);
        let low = entry.mood != Mood::Unstocked
            && entry.low_stock_at.is_some_and(|at| self.left_of(sku) <= u64::from(at));
        let news = low && !entry.low && entry.mood == Mood::Selling;
        self.stock.sku_mut(sku).low = low;
        if news {
            self.tell_of_sku(AlertKind::LowStock, sku, turn);
        }
    }

    /// What is left of a SKU, as people count it.
    fn left_of(&self, sku: SkuIx) -> u64 {
        if self.stock.components(sku).is_empty() {
            self.stock.sku(sku).books.available
        } else {
            self.stock.sellable(sku, &Id::new(ANY_OTHER))
        }
    }

    fn tell_of_sku(&mut self, kind: AlertKind, sku: SkuIx, turn: &mut Turn<'_>) {
        let facts = Facts::Left { available: self.left_of(sku) };
        let sku = Some(self.stock.sku(sku).id.clone());
        self.tell_alert(Alert { sku, facts, ..self.blank(kind, turn) }, turn);
    }

    fn judge_level(&mut self, sku: SkuIx, sellable: Vec<(Id, u64)>, turn: &Turn<'_>) {
        let bundle = !self.stock.components(sku).is_empty();
        let books = (!bundle).then_some(self.stock.sku(sku).books);
        let entry = self.stock.sku_mut(sku);
        if (entry.told, &entry.told_sellable) != (books, &sellable) {
            (entry.told, entry.told_sellable) = (books, sellable);
            entry.revision += 1;
            entry.as_of = turn.now;
            self.dirty.insert(sku);
        }
    }

    /// The levels that have changed since they were last published.
    pub(crate) fn publish_levels(&mut self, out: &mut Effects) {
        for ix in core::mem::take(&mut self.dirty) {
            let sku = self.stock.sku(ix);
            let bundle = !self.stock.components(ix).is_empty();
            let sellable = self.stock.sellable_by_platform(ix);
            out.list.push(Effect::Level(Level {
                pool: self.id.clone(),
                sku: sku.id.clone(),
                books: (!bundle).then_some(sku.books),
                sold_out: !can_sell(&sellable),
                sellable,
                revision: sku.revision,
                as_of: sku.as_of,
            }));
        }
    }
}
