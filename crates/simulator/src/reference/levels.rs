//! The stock level of each SKU, and when it is called sold out, restocked or low.

use allotment::{Alert, AlertKind, Books, Effect, Effects, Facts, Id, Level, Standing};

use super::pool::{LastLevel, Pool};

impl Pool {
    /// Compares every SKU's level with what it was; once after each event and each instant.
    pub(super) fn judge_levels(&mut self, out: &mut Effects) {
        for sku in self.known.clone() {
            let level = self.level(&sku);
            self.judge(&level, out);
            if level.books.is_some() {
                self.judge_demand(&sku, out);
            }
            let last = self.levels.get(&sku).map(|l| &l.level);
            let revision = last.map_or(0, |l| l.revision) + 1;
            let same = last.is_some_and(|l| {
                (l.books, &l.sellable, l.sold_out) == (level.books, &level.sellable, level.sold_out)
            });
            if !same {
                let level = Level { revision, ..level };
                self.levels.insert(sku, LastLevel { level, published: false });
            }
        }
    }

    fn level(&self, sku: &Id) -> Level {
        let sellable = self.sellable_by_platform(sku);
        Level {
            pool: self.id.clone(),
            sku: sku.clone(),
            books: if self.is_bundle(sku) { None } else { Some(self.books(sku)) },
            sold_out: sellable.iter().all(|(_, units)| *units == 0),
            sellable,
            revision: 0,
            as_of: self.now,
        }
    }

    fn books(&self, sku: &Id) -> Books {
        let mut books = Books { available: self.available(sku), ..Books::default() };
        for lot in self.lots.iter().filter(|l| l.sku == *sku) {
            books.received += lot.received;
            books.adjusted_in += lot.adjusted_in;
            books.awaiting_inspection += lot.awaiting;
            books.handed_over += lot.handed_over;
            books.removed += lot.removed;
        }
        for hands in self.hands() {
            let held = if hands.paid { &mut books.allocated } else { &mut books.reserved };
            *held += hands.of_sku(sku);
        }
        for order in self.orders.values() {
            let promised = order.standing() == Standing::Backordered;
            let waited = if promised { &mut books.backordered } else { &mut books.waitlisted };
            *waited += order.waits().iter().filter(|(s, _)| s == sku).map(|(_, n)| n).sum::<u64>();
        }
        let there = books.available + books.reserved + books.allocated + books.awaiting_inspection;
        let came = books.received + books.adjusted_in;
        assert_eq!(came, there + books.handed_over + books.removed, "units of {sku} are conserved");
        books
    }

    fn judge(&mut self, level: &Level, out: &mut Effects) {
        let (sku, sold_out) = (&level.sku, level.sold_out);
        if !sold_out {
            self.could_be_sold.insert(sku.clone());
        }
        if !self.could_be_sold.contains(sku) {
            return;
        }
        let about =
            |pool: &Self, kind| Alert { sku: Some(sku.clone()), ..pool.alert(kind, Vec::new()) };
        if sold_out && self.sold_out.insert(sku.clone()) {
            self.tell(about(self, AlertKind::SoldOut), out);
        }
        if !sold_out && self.sold_out.remove(sku) {
            self.tell(about(self, AlertKind::Restocked), out);
        }
        let anywhere = level.sellable.last().expect("`*` is always there").1;
        let available = level.books.map_or(anywhere, |books| books.available);
        let threshold = self.items.get(sku).and_then(|item| item.low_stock_at);
        if threshold.is_some_and(|low| available <= u64::from(low)) {
            // What is sold out is told as that.
            if self.low.insert(sku.clone()) && !sold_out {
                let facts = Facts::Left { available };
                self.tell(Alert { facts, ..about(self, AlertKind::LowStock) }, out);
            }
        } else {
            self.low.remove(sku);
        }
    }

    pub(super) fn tell_levels(&mut self, out: &mut Effects) {
        for last in self.levels.values_mut().filter(|l| !l.published) {
            last.published = true;
            out.list.push(Effect::Level(last.level.clone()));
        }
    }
}
