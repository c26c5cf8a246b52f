//! Conservation: every level adds up by itself, and the last one of each SKU with what the others say.
//!
//! For every SKU `received + adjusted_in = available + reserved + allocated + awaiting_inspection +
//! handed_over + removed`. The last level is held against sources of their own: what came in against the
//! stock events, what is promised and waited for against the last decision of each order, what left against
//! the parcels.

use std::collections::BTreeMap;

use contract::proto::output::Books;

use super::orders::{Orders, Share};
use super::outputs::Level;
use super::parcels::{Left, Parcels};
use super::report::{Check, Place, Report};
use super::shelf::{Came, Shelf};

/// A SKU's last level.
#[derive(Debug)]
struct Last {
    revision: u64,
    books: Option<Books>,
    sellable: BTreeMap<String, u64>,
    place: Place,
}

/// The levels of one partition, by pool and SKU.
#[derive(Debug, Default)]
pub(crate) struct Levels(BTreeMap<String, BTreeMap<String, Last>>);

impl Levels {
    /// Takes a level in.
    pub(crate) fn told(
        &mut self,
        level: Level,
        key: Option<&[u8]>,
        place: Place,
        report: &mut Report,
    ) {
        let id = contract::join(&[&level.pool, &level.sku]);
        let mut wrong =
            |what: String| report.violation(Check::Conservation, place, id.as_str(), what);
        if key != Some(id.as_bytes()) {
            wrong("its key is not its pool and SKU, so compaction keeps the wrong ones".to_owned());
        }
        if let Some(books) = &level.books {
            let (came, is) = (came(books), is(books));
            if came != is {
                wrong(format!("does not add up: {came:?} units came in, {is:?} are somewhere"));
            }
        }
        let of_pool = self.0.entry(level.pool).or_default();
        if let Some(last) = of_pool.get(&level.sku).filter(|last| last.revision >= level.revision) {
            wrong(format!("revision {} follows revision {}", level.revision, last.revision));
        }
        let Level { sku, revision, books, sellable, .. } = level;
        of_pool.insert(sku, Last { revision, books, sellable, place });
    }

    /// Units of a SKU that can be promised to an order: to an unpaid one of `platform`, or to a paid one.
    pub(crate) fn can_have(&self, pool: &str, sku: &str, platform: Option<&str>) -> Option<u64> {
        let last = self.0.get(pool)?.get(sku)?;
        let Some(platform) = platform else { return Some(last.books?.available) };
        last.sellable.get(platform).or_else(|| last.sellable.get("*")).copied()
    }

    /// Everything was read: holds the last levels of a pool against what others say of it.
    pub(crate) fn close_pool(
        &self,
        pool: &str,
        of: &Others<'_>,
        place: Place,
        report: &mut Report,
    ) {
        let empty = BTreeMap::new();
        let levels = self.0.get(pool).unwrap_or(&empty);
        let left = of.parcels.left(pool, of.orders, of.shelf);
        let mut shares: BTreeMap<&str, Promised> = BTreeMap::new();
        for order in of.orders.pools.get(pool).into_iter().flat_map(BTreeMap::values) {
            for (sku, share) in &order.shares {
                for (part, units) in of.shelf.bundles.made_of(sku, 1) {
                    shares.entry(part).or_default().add(share.times(units), order.waits());
                }
            }
        }
        for (sku, last) in levels {
            let Some(books) = &last.books else { continue };
            report.counts.shelves += 1;
            let id = contract::join(&[pool, sku]);
            let mut wrong =
                |what: String| report.violation(Check::Conservation, last.place, id.as_str(), what);
            let came = of.shelf.came.get(sku).copied().unwrap_or_default();
            if of.shelf.is_clear() {
                against_stock(books, came, &mut wrong);
            }
            if of.shelf.bundles.is_steady(sku) {
                let said = shares.get(sku.as_str()).copied().unwrap_or_default();
                against_orders(books, said, of.shelf.habits.claims, &mut wrong);
            }
            against_parcels(books, left.get(sku).copied().unwrap_or_default(), &mut wrong);
        }
        let untold = |sku: &&String| of.shelf.is_clear() && !levels.contains_key(*sku);
        for sku in of.shelf.came.keys().filter(untold) {
            let id = contract::join(&[pool, sku]);
            report.violation(
                Check::Conservation,
                place,
                id,
                "stock came in, and no level tells of it",
            );
        }
        if levels.keys().any(|sku| !of.shelf.bundles.is_steady(sku)) {
            let why =
                "pools whose bundles changed: what their orders need of the components is not told";
            report.unproved(Check::Conservation, why);
        }
        if !of.shelf.is_clear() {
            let why = "an identity may have been used for a stock event and for another one, and which came first is not told";
            report.unproved(Check::Conservation, why);
        }
    }
}

/// What a pool's levels are held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Others<'a> {
    pub(crate) shelf: &'a Shelf,
    pub(crate) orders: &'a Orders,
    pub(crate) parcels: &'a Parcels,
}

/// What orders say of one SKU.
#[derive(Clone, Copy, Debug, Default)]
struct Promised {
    /// Of orders that do not wait.
    reserved: u64,
    allocated: u64,
    /// Of orders that wait: what they hold and wait for, of which a part may have moved untold.
    reserved_waiting: u64,
    allocated_waiting: u64,
    waitlisted: u64,
}

impl Promised {
    fn add(&mut self, share: Share, waits: bool) {
        if waits {
            self.reserved_waiting = self.reserved_waiting.saturating_add(share.reserved);
            self.allocated_waiting = self.allocated_waiting.saturating_add(share.allocated);
            self.waitlisted = self.waitlisted.saturating_add(share.waitlisted);
        } else {
            self.reserved = self.reserved.saturating_add(share.reserved);
            self.allocated = self.allocated.saturating_add(share.allocated);
        }
    }
}

fn came(books: &Books) -> Option<u64> {
    books.received.checked_add(books.adjusted_in)
}

fn is(books: &Books) -> Option<u64> {
    [books.reserved, books.allocated, books.awaiting_inspection, books.handed_over, books.removed]
        .into_iter()
        .try_fold(books.available, u64::checked_add)
}

fn against_stock(books: &Books, came: Came, wrong: &mut impl FnMut(String)) {
    if books.received != came.received {
        wrong(format!(
            "says {} units were received; stock events brought {}",
            books.received, came.received
        ));
    }
    let most = came.adjusted_in + came.counted;
    if books.adjusted_in < came.adjusted_in || books.adjusted_in > most {
        wrong(format!(
            "says {} units were adjusted in; stock events brought {} to {most}",
            books.adjusted_in, came.adjusted_in
        ));
    }
}

/// An order that waits holds and waits for as much in sum as its last decision says, however much of it
/// moved untold since; one that does not wait holds just what it says. Claims are reserved too, and told to
/// nobody.
fn against_orders(books: &Books, said: Promised, claims: bool, wrong: &mut impl FnMut(String)) {
    let sum = |of: &[u64]| of.iter().copied().fold(0, u64::saturating_add);
    let told = sum(&[books.reserved, books.allocated, books.waitlisted, books.backordered]);
    let waiting = sum(&[said.reserved_waiting, said.allocated_waiting, said.waitlisted]);
    let all = sum(&[said.reserved, said.allocated, waiting]);
    if told < all || (told > all && !claims) {
        wrong(format!(
            "says that {told} units are promised or waited for; the last decisions of its orders say {}",
            all
        ));
    }
    let claimed = if claims { books.reserved } else { 0 };
    for (name, told, least, more) in [
        ("reserved", books.reserved, said.reserved, claimed),
        ("allocated", books.allocated, said.allocated, 0),
    ] {
        let most = sum(&[least, waiting, more]);
        if told < least || told > most {
            wrong(format!(
                "says that {told} units are {name}; the last decisions of its orders say {least} to {most}"
            ));
        }
    }
}

fn against_parcels(books: &Books, left: Left, wrong: &mut impl FnMut(String)) {
    let told = books.handed_over;
    if told < left.least || told > left.most {
        wrong(format!(
            "says that {told} units left; the parcels say {} to {}",
            left.least, left.most
        ));
    }
}
