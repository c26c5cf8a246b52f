//! Building a partition from its pages: one pool after the other, and its indexes anew.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use minicbor::Decoder;

use super::codec::{Closing, Heading, IdentitiesPage, OrdersPage};
use super::{
    BaseMark, Broken, CHECKSUM, IMAGE_FORMAT, Mark, Page, PageKey, PageKind, Paged, checksum,
};
use crate::bounds::ORDER_PAGES_MAX;
use crate::limits::Limits;
use crate::order::{Order, OrderIx};
use crate::pool::{Due, Pool};
use crate::stock::Holders;
use crate::{Id, Partition, Settings, Standing, Time};

/// Takes the pages of a partition one by one, and builds it.
#[derive(Debug)]
pub struct Restorer {
    settings: Settings,
    now: Time,
    last: Option<PageKey>,
    pool: Option<Begun>,
    /// Pools that are whole, with their positions.
    pools: Vec<(u32, Pool)>,
}

/// A pool of which pages have come.
#[derive(Debug)]
struct Begun {
    id: Id,
    /// The base pages so far, one after the other.
    stream: Vec<u8>,
    base_pages: u32,
    /// The pool, once all of its base has come.
    opened: Option<Opened>,
}

#[derive(Debug)]
struct Opened {
    pool: Pool,
    format: u32,
    position: u32,
    closing: Closing,
    due: Vec<(Time, Due)>,
    holders: Holders,
}

impl Restorer {
    /// Begins a partition which stands at `now`.
    #[must_use]
    pub const fn new(settings: Settings, now: Time) -> Self {
        Self { settings, now, last: None, pool: None, pools: Vec::new() }
    }

    /// Takes the next page. Pages come in the order of their keys; one without bytes says nothing.
    pub fn page(&mut self, page: Page) -> Result<(), Broken> {
        let Page { key, bytes: Some(mut bytes) } = page else { return Ok(()) };
        if self.last.as_ref().is_some_and(|last| *last >= key) {
            return Err(Broken::page(&key, "it came twice, or after one that it belongs before"));
        }
        let checksum = self.open_seal(&key, &mut bytes)?;
        if self.pool.as_ref().is_none_or(|begun| begun.id != key.pool) {
            self.close_pool()?;
            let id = key.pool.clone();
            self.pool = Some(Begun { id, stream: Vec::new(), base_pages: 0, opened: None });
        }
        let begun = self.pool.as_mut().expect("a pool has begun");
        begun.take(&key, &bytes, checksum, &self.settings, self.now)?;
        self.last = Some(key);
        Ok(())
    }

    /// The partition, if every page of it has come.
    pub fn finish(mut self) -> Result<Partition, Broken> {
        self.close_pool()?;
        self.pools.sort_by_key(|&(position, _)| position);
        for (at, (position, pool)) in self.pools.iter().enumerate() {
            if usize::try_from(*position) != Ok(at) {
                let what = format!(
                    "it is number {position} of its partition, where {at} is missing or is there twice"
                );
                return Err(Broken::pool(&pool.id, what));
            }
        }
        let pools = self.pools.into_iter().map(|(_, pool)| pool).collect();
        Ok(Partition::of_pools(self.settings, self.now, pools))
    }

    /// Takes the checksum off a page, and returns it if it is right.
    fn open_seal(&self, key: &PageKey, bytes: &mut Vec<u8>) -> Result<u64, Broken> {
        let Some(length) = bytes.len().checked_sub(CHECKSUM) else {
            return Err(Broken::page(key, "it is shorter than a checksum"));
        };
        let (body, told) = bytes.split_at(length);
        let right = checksum(&self.settings.hash_key, &key.pool, key.kind, key.number, body);
        if right.to_le_bytes() != *told {
            return Err(Broken::page(
                key,
                "its checksum is another: it is damaged, is another page, or has another hash key",
            ));
        }
        bytes.truncate(length);
        Ok(right)
    }

    fn close_pool(&mut self) -> Result<(), Broken> {
        let Some(mut begun) = self.pool.take() else { return Ok(()) };
        begun.open(self.now)?;
        let opened = begun.opened.expect("a pool is closed after it was opened");
        let position = opened.position;
        self.pools.push((position, opened.close(begun.base_pages)?));
        Ok(())
    }
}

/// Reads one value at the beginning of `bytes`, and moves behind it.
fn read<'b, T: minicbor::Decode<'b, ()>>(bytes: &mut &'b [u8]) -> Result<T, String> {
    let mut decoder = Decoder::new(bytes);
    let value = decoder.decode().map_err(|why| format!("it can't be read: {why}"))?;
    *bytes = &bytes[decoder.position()..];
    Ok(value)
}

/// Reads one value that is all of `bytes`.
fn read_all<'b, T: minicbor::Decode<'b, ()>>(mut bytes: &'b [u8]) -> Result<T, String> {
    let value = read(&mut bytes)?;
    if bytes.is_empty() { Ok(value) } else { Err("it goes on behind its end".into()) }
}

impl Begun {
    fn take(
        &mut self,
        key: &PageKey,
        body: &[u8],
        checksum: u64,
        settings: &Settings,
        now: Time,
    ) -> Result<(), Broken> {
        if key.kind == PageKind::Base {
            if key.number != self.base_pages {
                return Err(Broken::page(key, "the one before it is missing"));
            }
            self.base_pages += 1;
            self.stream.extend_from_slice(body);
            return Ok(());
        }
        self.open(now)?;
        let opened = self.opened.as_mut().expect("a pool is open after it was opened");
        let taken = match key.kind {
            PageKind::Base => unreachable!("base pages are taken above"),
            PageKind::Orders => opened.orders(key.number, body, checksum, settings),
            PageKind::Identities => opened.identities(key.number, body, checksum, now),
        };
        taken.map_err(|what| Broken::page(key, what))
    }

    /// Reads the base, now that all of it has come.
    fn open(&mut self, now: Time) -> Result<(), Broken> {
        if self.opened.is_some() {
            return Ok(());
        }
        let opened = Opened::of_stream(&self.id, &self.stream, now);
        self.opened = Some(opened.map_err(|what| Broken::pool(&self.id, what))?);
        self.stream = Vec::new();
        Ok(())
    }
}

impl Opened {
    fn of_stream(id: &Id, mut stream: &[u8], now: Time) -> Result<Self, String> {
        if stream.is_empty() {
            return Err("it has no base page".into());
        }
        let heading: Heading = read(&mut stream)?;
        if heading.format == 0 || heading.format > IMAGE_FORMAT {
            return Err(format!(
                "its format is {}, and this release reads 1 to {IMAGE_FORMAT}: it was written by a newer one",
                heading.format
            ));
        }
        let mut pool: Pool = read(&mut stream)?;
        let closing = read_all(stream)?;
        if pool.id != *id {
            return Err(format!("its base says that it is pool {}", pool.id));
        }
        pool.stock.rebuild()?;
        pool.waves.rebuild()?;
        let mut due = Vec::new();
        pool.stock.due(now, &mut due);
        pool.alerts.due(&mut due);
        pool.check_base()?;
        pool.wares.rebuild(&pool.stock);
        pool.limits = Limits::new(pool.stock.has_limits());
        let holders = Holders::of(&pool.stock);
        let Heading { format, position } = heading;
        Ok(Self { pool, format, position, closing, due, holders })
    }

    fn orders(
        &mut self,
        number: u32,
        body: &[u8],
        checksum: u64,
        settings: &Settings,
    ) -> Result<(), String> {
        let mut image: OrdersPage = read_all(body)?;
        if number >= ORDER_PAGES_MAX {
            return Err("no pool has as many pages".into());
        }
        if image.used == 0 || image.used.count_ones() as usize != image.orders.len() {
            return Err("its slots are not as many as its orders".into());
        }
        let mut used = image.used;
        for order in &mut image.orders {
            let ix = OrderIx(number * u64::BITS + used.trailing_zeros());
            used &= used - 1;
            let taken = self.order(ix, order);
            let name = &order.name;
            taken
                .map_err(|what| format!("order {} of {}: {what}", name.order_id, name.platform))?;
            let counted = self.pool.limits.add(&settings.hash_key, order);
            counted
                .map_err(|what| format!("order {} of {}: {what}", name.order_id, name.platform))?;
            let hash = order.hash(&settings.hash_key, &self.pool.stock);
            if !self.pool.orders.name(hash, ix) {
                return Err(format!("order {} of {} is there twice", name.order_id, name.platform));
            }
            if let Some(place) = order.place.filter(|_| order.claim) {
                self.pool.claims.insert((place, ix), &order.claimants(&settings.hash_key));
            }
        }
        let used = image.used;
        self.pool.orders.put_back(number, image, Mark::stored(checksum));
        for slot in (0..u64::BITS).filter(|slot| used >> slot & 1 == 1) {
            self.pool.index_left(OrderIx(number * u64::BITS + slot), settings);
        }
        self.pool.orders.ledger_mut().count(checksum);
        Ok(())
    }

    /// Checks an order, and takes it into what will be the indexes.
    fn order(&mut self, ix: OrderIx, order: &mut Order) -> Result<(), String> {
        order.check(&self.pool.stock, self.pool.orders.last_place())?;
        order.adopt_tallies(&self.pool.stock);
        if self.format < 4 {
            self.pool.count_in_full(order)?;
        }
        order.check_tallies(&self.pool.stock)?;
        self.pool.waves.put_back(ix, order)?;
        if let Some(place) = order.place {
            let promise = order.promise();
            for hold in &order.holds {
                self.holders.holds(hold, promise, (place, ix))?;
            }
            for &(sku, units) in &order.waiting {
                self.holders.waits(sku, units, order, (place, ix))?;
            }
            if let Some(deadline) = order.deadline
                && order.standing == Standing::Reserved
                && deadline < Time::NEVER
            {
                self.due.push((deadline, Due::Reservation(place, ix)));
            }
        }
        self.pool.stock.add_tallies(order)?;
        if self.format < 3 {
            // Lots did not count with how many orders they left: those are as many that are not forgotten.
            for lot in order.lots_left().collect::<BTreeSet<_>>() {
                self.pool.stock.order_left(lot);
            }
        }
        self.due.extend(order.lines_due.map(|at| (at, Due::LinesMissing(ix))));
        self.due.extend(order.forget_at.map(|at| (at, Due::Forget(ix))));
        Ok(())
    }

    fn identities(
        &mut self,
        number: u32,
        body: &[u8],
        checksum: u64,
        now: Time,
    ) -> Result<(), String> {
        let image: IdentitiesPage = read_all(body)?;
        let identities = &mut self.pool.identities;
        identities.put_back(number, image, Mark::stored(checksum), now)?;
        identities.ledger_mut().count(checksum);
        Ok(())
    }

    /// The pool, once all of its pages have come.
    fn close(self, base_pages: u32) -> Result<Pool, Broken> {
        let Self { mut pool, closing, due, holders, .. } = self;
        let ((orders, sum), (identities, other)) =
            (pool.orders.ledger().stored(), pool.identities.ledger().stored());
        let came = Closing { orders, identities, sum: sum.wrapping_add(other) };
        if came != closing {
            return Err(Broken::pool(&pool.id, missing(&closing, &came)));
        }
        pool.stock.set_holders(holders).map_err(|what| Broken::pool(&pool.id, what))?;
        pool.set_due(due);
        pool.base = BaseMark::stored(base_pages);
        Ok(pool)
    }
}

fn missing(told: &Closing, came: &Closing) -> String {
    format!(
        "its base tells of {} pages of orders and {} of identities, {} and {} came{}",
        told.orders,
        told.identities,
        came.orders,
        came.identities,
        if told.sum == came.sum { "" } else { ", and they are not those that it was written with" }
    )
}
