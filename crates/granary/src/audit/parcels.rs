//! Parcels: revisions without a gap, one in force at a time, never more units than ordered or than came in.

use std::collections::{BTreeMap, BTreeSet};

use contract::Topic;

use super::orders::{Orders, number_of};
use super::outputs::{Fulfillment, Manifest, Parcel, ParcelName};
use super::report::{Check, Place, Report};
use super::shelf::Shelf;

/// A parcel as it was told last.
#[derive(Debug)]
struct Told {
    revision: u64,
    in_force: bool,
    lines: Vec<(String, u64)>,
    shares: Vec<(String, String, u64)>,
    place: Place,
}

/// One order's parcels, by number.
#[derive(Debug, Default)]
struct OfOrder {
    began_at: i64,
    parcels: BTreeMap<u64, Told>,
}

/// Units that left with the courier: for certain, and at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) least: u64,
    pub(crate) most: u64,
}

/// The parcels of one partition, by pool and then by platform and order.
#[derive(Debug, Default)]
pub(crate) struct Parcels {
    pools: BTreeMap<String, BTreeMap<String, OfOrder>>,
    /// By pool, wave and page: the parcels on it as it was told last.
    manifests: BTreeMap<String, BTreeMap<(String, u64), BTreeSet<String>>>,
    /// Of lives of orders that are forgotten: units that left, by pool and SKU.
    gone: BTreeMap<(String, String), Left>,
}

impl Parcels {
    /// Takes a record for the courier in.
    pub(crate) fn told(
        &mut self,
        told: Fulfillment,
        place: Place,
        (complete, closed_retention): (bool, i64),
        report: &mut Report,
    ) {
        match told {
            Fulfillment::Requested(parcel) => {
                self.begin_anew(&parcel, closed_retention);
                self.packed(parcel, true, place, complete, report);
            }
            Fulfillment::Revised(parcel) => self.packed(parcel, false, place, complete, report),
            Fulfillment::Cancelled(name) => self.taken_back(&name, place, complete, report),
            Fulfillment::Manifest(page) => self.listed(page, place, complete, report),
        }
    }

    /// An order that is long finished is forgotten, numbers and all: its next parcel is its first again.
    fn begin_anew(&mut self, parcel: &Parcel, closed_retention: i64) {
        let name = &parcel.name;
        let of =
            self.pools.entry(name.pool.clone()).or_default().entry(order_of(name)).or_default();
        if of.parcels.is_empty() {
            of.began_at = parcel.requested_at;
        } else if parcel.name.revision == 1
            && number(name) == Some(1)
            && parcel.requested_at.saturating_sub(of.began_at) >= closed_retention
        {
            for (sku, _, units) in of.parcels.values().flat_map(|told| &told.shares) {
                self.gone.entry((name.pool.clone(), sku.clone())).or_default().most += units;
            }
            *of = OfOrder { began_at: parcel.requested_at, parcels: BTreeMap::new() };
        }
    }

    /// A page of a manifest lists parcels as the courier was told of them.
    fn listed(&mut self, page: Manifest, place: Place, complete: bool, report: &mut Report) {
        let of_pool = self.pools.get(&page.pool);
        for parcel in page.parcels.iter().filter(|_| complete) {
            let told = number(parcel)
                .and_then(|number| of_pool?.get(&order_of(parcel))?.parcels.get(&number));
            if told.is_none_or(|told| !told.in_force || told.revision != parcel.revision) {
                let what = format!(
                    "is on the manifest of wave {} with revision {}, which is not in force",
                    page.wave_id, parcel.revision
                );
                report.violation(Check::NothingShippedTwice, place, &parcel.id, what);
            }
        }
        let parcels = page.parcels.into_iter().map(|parcel| parcel.id).collect();
        self.manifests.entry(page.pool).or_default().insert((page.wave_id, page.page), parcels);
    }

    /// What hand-overs of a pool named: orders, parcels, and the parcels of waves.
    fn named<'a>(&'a self, pool: &str, shelf: &'a Shelf) -> BTreeSet<&'a str> {
        let pages = self.manifests.get(pool).into_iter().flatten();
        let left = pages.filter(|((wave, _), _)| shelf.waves.contains(wave));
        let listed = left.flat_map(|(_, parcels)| parcels);
        shelf.named.iter().chain(listed).map(String::as_str).collect()
    }

    /// A parcel must not leave.
    fn taken_back(&mut self, name: &ParcelName, place: Place, complete: bool, report: &mut Report) {
        let mut wrong = |check, what: &str| report.violation(check, place, &name.id, what);
        let Some(number) = number(name) else {
            return wrong(Check::ExactlyOnce, "is not made of its order's pool, platform and id");
        };
        let of =
            self.pools.entry(name.pool.clone()).or_default().entry(order_of(name)).or_default();
        let revision = name.revision;
        let Some(parcel) = of.parcels.get_mut(&number) else {
            if complete {
                wrong(Check::ExactlyOnce, "takes back a parcel that was never asked for");
            }
            let told =
                Told { revision, in_force: false, lines: Vec::new(), shares: Vec::new(), place };
            of.parcels.insert(number, told);
            if of.parcels.len() == 1 {
                // When it was asked for is not known: not so long ago that it could be forgotten.
                of.began_at = i64::MAX;
            }
            return;
        };
        follow(parcel.revision, revision, |what| wrong(Check::ExactlyOnce, what));
        if !parcel.in_force {
            wrong(Check::NothingShippedTwice, "takes back what was taken back already");
        }
        (parcel.revision, parcel.in_force, parcel.place) = (revision, false, place);
    }

    /// A parcel was asked for (`anew`), or revised.
    fn packed(
        &mut self,
        parcel: Parcel,
        anew: bool,
        place: Place,
        complete: bool,
        report: &mut Report,
    ) {
        let id = parcel.name.id.clone();
        let mut wrong = |check, what: &str| report.violation(check, place, id.as_str(), what);
        let Some(number) = number(&parcel.name) else {
            return wrong(Check::ExactlyOnce, "is not made of its order's pool, platform and id");
        };
        let of = self.pools.entry(parcel.name.pool.clone()).or_default();
        let of = of.entry(order_of(&parcel.name)).or_default();
        let revision = parcel.name.revision;
        match of.parcels.get(&number) {
            Some(known) => {
                follow(known.revision, revision, |what| wrong(Check::ExactlyOnce, what));
                if anew && known.in_force {
                    wrong(Check::NothingShippedTwice, "is asked for again while it is in force");
                }
                if !anew && !known.in_force {
                    wrong(Check::NothingShippedTwice, "is revised after it was taken back");
                }
            }
            None if complete => {
                follow(0, revision, |what| wrong(Check::ExactlyOnce, what));
                let last = of.parcels.keys().next_back().copied().unwrap_or(0);
                if last.checked_add(1) != Some(number) {
                    wrong(Check::ExactlyOnce, "its order's parcels before it are missing");
                }
                if !anew {
                    wrong(Check::NothingShippedTwice, "is revised and was never asked for");
                }
            }
            None => {}
        }
        let Parcel { lines, shares, .. } = parcel;
        of.parcels.insert(number, Told { revision, in_force: true, lines, shares, place });
    }

    /// Everything was read: holds parcels against what was ordered and what came in.
    pub(crate) fn close(
        &self,
        orders: &Orders,
        shelves: &BTreeMap<String, Shelf>,
        (complete, settled): (bool, &dyn Fn(&str) -> bool),
        report: &mut Report,
    ) {
        for (pool, of_pool) in &self.pools {
            let mut lots: BTreeMap<(&str, &str), u64> = BTreeMap::new();
            let empty = Shelf::default();
            let shelf = shelves.get(pool).unwrap_or(&empty);
            let named = self.named(pool, shelf);
            for (name, of) in of_pool {
                if settled(pool) {
                    within_order(pool, name, of, orders, complete, report);
                    if complete {
                        as_allocated((pool, name), of, orders, &named, report);
                    }
                }
                let last = of.parcels.keys().next_back();
                for (number, told) in &of.parcels {
                    // Of one that left after it was taken back only the courier knows from where.
                    let counts = told.in_force || Some(number) != last;
                    for (sku, lot, units) in
                        told.shares.iter().filter(|_| counts && complete && settled(pool))
                    {
                        let used = lots.entry((sku, lot)).or_default();
                        *used += if told.in_force { *units } else { 0 };
                        within_lot(
                            shelf,
                            (sku, lot),
                            *used,
                            (told.place, &format!("{pool}/{name}/{number}")),
                            report,
                        );
                    }
                }
            }
        }
        if complete {
            self.missing(orders, settled, report);
        } else {
            report.unproved(
                Check::NothingShippedTwice,
                "retention has removed records; lots are not held against them",
            );
        }
    }

    /// Orders that may ship, and of which the courier was told nothing.
    fn missing(&self, orders: &Orders, settled: &dyn Fn(&str) -> bool, report: &mut Report) {
        for (pool, of_pool) in orders.pools.iter().filter(|(pool, _)| settled(pool)) {
            for (name, order) in of_pool {
                let told = self.pools.get(pool).and_then(|of| of.get(name));
                let told =
                    told.is_some_and(|of| of.began_at >= order.began_at && !of.parcels.is_empty());
                if order.standing == "allocated" && !order.held && !told {
                    let place = Place {
                        topic: Topic::Decisions,
                        offset: order.offset,
                        partition: order.partition,
                    };
                    let what = "is allocated and not held, and the courier was never told of it";
                    report.violation(Check::ExactlyOnce, place, format!("{pool}/{name}"), what);
                }
            }
        }
    }

    /// Units of each SKU of a pool that left with the courier.
    pub(crate) fn left(
        &self,
        pool: &str,
        orders: &Orders,
        shelf: &Shelf,
    ) -> BTreeMap<String, Left> {
        let mut all: BTreeMap<String, Left> = BTreeMap::new();
        for ((of, sku), left) in &self.gone {
            if of == pool {
                all.insert(sku.clone(), *left);
            }
        }
        let by_name = self.named(pool, shelf);
        for (name, of) in self.pools.get(pool).into_iter().flatten() {
            let last = of.parcels.keys().next_back().copied();
            for (number, told) in &of.parcels {
                let id = format!("{}/{name}/{number}", escape(pool));
                let named = by_name.contains(name.as_str()) || by_name.contains(id.as_str());
                let stands =
                    orders.get(pool, name).is_some_and(|order| order.standing == "handed_over");
                // The next one is asked for only after this one has left.
                let surely = told.in_force && (Some(*number) != last || (named && stands));
                let perhaps = surely || named || Some(*number) != last;
                for (sku, _, units) in &told.shares {
                    let left = all.entry(sku.clone()).or_default();
                    left.least += if surely { *units } else { 0 };
                    left.most += if perhaps { *units } else { 0 };
                }
            }
        }
        all
    }
}

fn escape(pool: &str) -> String {
    contract::join(&[pool])
}

fn order_of(name: &ParcelName) -> String {
    contract::join(&[&name.platform, &name.order_id])
}

fn number(name: &ParcelName) -> Option<u64> {
    number_of(&name.id, &[&name.pool, &name.platform, &name.order_id])
}

fn follow(before: u64, revision: u64, wrong: impl FnOnce(&str)) {
    if before.checked_add(1) != Some(revision) {
        wrong(&format!("revision {revision} follows revision {before}"));
    }
}

/// What left and what may leave of an order is no more than was ordered at any time.
fn within_order(
    pool: &str,
    name: &str,
    of: &OfOrder,
    orders: &Orders,
    complete: bool,
    report: &mut Report,
) {
    let last = of.parcels.keys().next_back().copied();
    let order = orders.get(pool, name);
    let mut packed: BTreeMap<&str, u64> = BTreeMap::new();
    for (number, told) in &of.parcels {
        if !told.in_force && Some(*number) == last {
            continue;
        }
        for (sku, units) in &told.lines {
            *packed.entry(sku).or_default() += units;
        }
        let id = format!("{pool}/{name}/{number}");
        let Some(order) = order else {
            if complete {
                report.violation(
                    Check::NothingShippedTwice,
                    told.place,
                    id,
                    "nothing was decided of its order",
                );
            }
            return;
        };
        if of.began_at < order.began_at {
            // Of an order of that name that is long forgotten.
            return;
        }
        if !order.whole {
            return report.unproved(
                Check::NothingShippedTwice,
                "retention has removed what the order of a parcel was",
            );
        }
        for (sku, units) in &packed {
            let ordered = order.most.get(*sku).copied().unwrap_or(0);
            if *units > ordered {
                let what = format!(
                    "with it {units} units of {sku} leave, and at most {ordered} were ordered"
                );
                report.violation(Check::NothingShippedTwice, told.place, id.as_str(), what);
            }
        }
    }
}

/// What may leave now is what its order holds: nothing where it was cancelled or is held.
fn as_allocated(
    (pool, name): (&str, &str),
    of: &OfOrder,
    orders: &Orders,
    named: &BTreeSet<&str>,
    report: &mut Report,
) {
    let (Some(order), Some((number, told))) = (orders.get(pool, name), of.parcels.last_key_value())
    else {
        return;
    };
    let id = format!("{}/{name}/{number}", escape(pool));
    // What the courier has is his: it leaves as it was told, whatever happened since.
    if of.began_at < order.began_at || named.contains(name) || named.contains(id.as_str()) {
        return;
    }
    let may = order.standing == "allocated" && !order.held;
    let mut wrong =
        |what: String| report.violation(Check::NothingShippedTwice, told.place, id.as_str(), what);
    match (told.in_force, may) {
        (true, false) if !order.waits() || order.held => {
            let held = if order.held { ", held" } else { "" };
            wrong(format!("is in force, and its order stands as {}{held}", order.standing));
        }
        (false, true) => wrong("is taken back, and its order is allocated".to_owned()),
        (true, true) => {
            let mut packed: BTreeMap<&str, u64> = BTreeMap::new();
            for (sku, units) in &told.lines {
                *packed.entry(sku).or_default() += units;
            }
            let held = order.shares.iter().map(|(sku, share)| (sku.as_str(), share.allocated));
            let held: BTreeMap<&str, u64> = held.filter(|(_, units)| *units > 0).collect();
            if packed != held {
                wrong(format!("has {packed:?}, and its order is allocated {held:?}"));
            }
        }
        _ => {}
    }
}

fn within_lot(
    shelf: &Shelf,
    (sku, lot): (&str, &str),
    used: u64,
    (place, id): (Place, &str),
    report: &mut Report,
) {
    match shelf.lots.get(&(sku.to_owned(), lot.to_owned())) {
        None => {
            let what = format!("names the lot {lot} of {sku}, which never came in");
            report.violation(Check::NothingShippedTwice, place, id, what);
        }
        Some(units) if used > *units && shelf.is_clear() => {
            let what =
                format!("with it {used} units leave of the lot {lot} of {sku}, which had {units}");
            report.violation(Check::NothingShippedTwice, place, id, what);
        }
        Some(_) => {}
    }
}
