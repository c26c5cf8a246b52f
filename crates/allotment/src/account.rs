//! How an order stands, and how the stock that it needs is divided: for whoever asks why, it changes nothing.

use alloc::vec::Vec;

use crate::order::{Order, OrderIx};
use crate::pool::Pool;
use crate::stock::{Promise, SkuIx};
use crate::{Books, Id, Standing};

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
}

/// What an order needs of one SKU, and who else has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The SKU.
    pub sku: Id,
    /// A catalogue item or a stock event has named it.
    pub known: bool,
    /// Units that it needs.
    pub units: u32,
    /// Units that it holds.
    pub held: u32,
    /// The SKU's books.
    pub books: Books,
    /// Units reserved for other orders, whose place in line is earlier.
    pub reserved_before: u64,
    /// Units allocated to other orders, whose place in line is earlier.
    pub allocated_before: u64,
    /// Units reserved for anybody else.
    pub reserved_after: u64,
    /// Units allocated to anybody else.
    pub allocated_after: u64,
    /// Units that orders at earlier places wait for.
    pub waiting_before: u64,
}

impl Pool {
    pub(crate) fn account(&self, ix: OrderIx) -> Account {
        let order = self.order(ix);
        let needs = order.needs(&self.stock);
        Account {
            standing: order.standing,
            paid: order.paid,
            place: order.place,
            needs: needs.into_iter().map(|need| self.need(order, need)).collect(),
        }
    }

    fn need(&self, order: &Order, (sku, units): (SkuIx, u32)) -> Need {
        let entry = self.stock.sku(sku);
        // Who has no place has asked for nothing: everybody is before him.
        let end = (order.place.unwrap_or(u64::MAX), OrderIx(0));
        let held = |&(_, ix): &(u64, OrderIx)| u64::from(self.order(ix).held_of(sku));
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
            reserved_after: books.reserved - reserved_before - u64::from(reserved),
            allocated_after: books.allocated - allocated_before - u64::from(allocated),
            waiting_before: entry.waiting.units_before(end),
        }
    }
}
