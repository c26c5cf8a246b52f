//! How an order stands, and how the stock that it needs is divided: for whoever asks why, it changes nothing.

use alloc::vec::Vec;

use crate::channels::bound_by;
use crate::limits::Limited;
use crate::order::{Order, OrderIx};
use crate::pool::Pool;
use crate::stock::{Part, Parts, Promise, Sku, SkuIx};
use crate::{Books, Id, Settings, Standing, Time};

/// How an order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Where it stands.
    pub standing: Standing,
    /// Whether money was taken.
    pub paid: bool,
    /// Its place in line, once it has asked for stock.
    pub place: Option<u64>,
    /// What it needs for what is still to be delivered, bundles taken apart.
    pub needs: Vec<Need>,
    /// What its buyer may have of what it asks for, of each SKU that has a limit.
    pub limits: Vec<Limit>,
}

/// What an order needs of one SKU, and who else has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The SKU.
    pub sku: Id,
    /// A catalogue item or a stock event has named it.
    pub known: bool,
    /// Units that it needs.
    pub units: u64,
    /// Units that it holds.
    pub held: u64,
    /// The SKU's books.
    pub books: Books,
    /// Units reserved for other orders, whose place in line is earlier.
    pub reserved_before: u64,
    /// Units allocated to other orders, whose place in line is earlier.
    pub allocated_before: u64,
    /// Units reserved for anybody else.
    pub reserved_after: u64,
    /// How many of the units that are reserved for others are held by claims.
    pub claimed: u64,
    /// Units allocated to anybody else.
    pub allocated_after: u64,
    /// Units that orders at earlier places wait for.
    pub waiting_before: u64,
    /// What its platform may have of it, where that binds the order: it is not paid, and the item shapes it.
    pub share: Option<Share>,
    /// What is promised beyond stock, if anything is.
    pub promised: Option<Promised>,
}

/// What a platform may have of a SKU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Units that it can still sell.
    pub sellable: u64,
    /// Units that no platform may sell.
    pub safety_stock: u64,
    /// Units that are kept for other platforms.
    pub kept_for_others: u64,
    /// Units that it may have in the season, if that has a bound.
    pub most: Option<u64>,
    /// Units that it has in the season.
    pub used: u64,
}

/// What is promised of a SKU beyond stock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promised {
    /// Units.
    pub limit: u64,
    /// Until when they must have come.
    pub until: Option<Time>,
    /// Units that are promised in the season.
    pub joined: u64,
    /// Units of those that are promised to the order.
    pub own: u64,
}

/// What an order's buyer may have of a SKU in the season.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The SKU.
    pub sku: Id,
    /// Units that he may have.
    pub limit: u64,
    /// Units that count for him in other orders and claims.
    pub others: u64,
    /// Units that the order asks for.
    pub asks: u64,
}

/// What an order asks for, and from where in line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asks {
    /// Where it stands.
    pub standing: Standing,
    /// Its place in line, once it has asked for stock.
    pub place: Option<u64>,
    /// Units that it needs for what is still to be delivered, bundles taken apart.
    pub needs: Vec<(Id, u64)>,
    /// Units of those that it does not hold.
    pub lacks: Vec<(Id, u64)>,
}

impl Pool {
    pub(crate) fn account(&self, ix: OrderIx, settings: &Settings) -> Account {
        let order = self.order(ix);
        let needs = order.needs(&self.stock);
        let limit = |of: Limited| Limit {
            sku: self.stock.sku(of.sku).id.clone(),
            limit: of.limit,
            others: of.others,
            asks: of.wish,
        };
        Account {
            standing: order.standing,
            paid: order.paid,
            place: order.place,
            needs: needs.into_iter().map(|need| self.need(order, need)).collect(),
            limits: self.limited(ix, settings).map(limit).collect(),
        }
    }

    pub(crate) fn asks(&self, ix: OrderIx) -> Asks {
        let order = self.order(ix);
        let named = |parts: Parts| {
            parts.into_iter().map(|(sku, units)| (self.stock.sku(sku).id.clone(), units)).collect()
        };
        Asks {
            standing: order.standing,
            place: order.place,
            needs: named(order.needs(&self.stock)),
            lacks: named(order.lacks(&self.stock)),
        }
    }

    fn need(&self, order: &Order, (sku, units): Part) -> Need {
        let entry = self.stock.sku(sku);
        // Who has no place has asked for nothing: everybody is before him.
        let end = (order.place.unwrap_or(u64::MAX), OrderIx(0));
        let held = |&(_, ix): &(u64, OrderIx)| self.order(ix).held_of(sku);
        let claim = |&&(_, ix): &&(u64, OrderIx)| self.order(ix).claim;
        let (books, own) = (entry.books, order.held_of(sku));
        let reserved_before: u64 = entry.reserved_by.range(..end).map(held).sum();
        let allocated_before: u64 = entry.allocated_by.range(..end).map(held).sum();
        let (reserved, allocated) = match order.promise() {
            Promise::Reserved => (own, 0),
            Promise::Allocated => (0, own),
        };
        Need {
            sku: entry.id.clone(),
            known: entry.known,
            units,
            held: own,
            books,
            reserved_before,
            allocated_before,
            reserved_after: books.reserved - reserved_before - reserved,
            allocated_after: books.allocated - allocated_before - allocated,
            claimed: entry.reserved_by.iter().filter(claim).map(held).sum(),
            waiting_before: entry.waiting.units_before(end),
            share: bound_by(order).filter(|_| entry.is_shaped()).map(|of| entry.share(of)),
            promised: promised(order, sku, entry),
        }
    }
}

fn promised(order: &Order, sku: SkuIx, entry: &Sku) -> Option<Promised> {
    let tally = order.tally(sku);
    let season = tally.map_or(entry.season, |tally| tally.season);
    entry.backorder.map(|promised| Promised {
        limit: promised.limit.into(),
        until: promised.until,
        joined: entry.joined(season),
        own: tally.map_or(0, |tally| tally.joined),
    })
}
