//! The indexes of a stock that was restored, and whether its books agree with them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::waiting::Waiting;
use super::{COUNTED, InLine, LotIx, Promise, SkuIx, Stock};
use crate::bounds::USED_MAX;
use crate::channels::bound_by;
use crate::order::{Hold, Order};
use crate::pool::Due;
use crate::weight;
use crate::{Standing, Time};

/// Who holds and who waits, as it is gathered from the orders.
#[derive(Debug)]
pub(crate) struct Holders {
    skus: Vec<HoldersOf>,
    /// Units promised of each lot.
    promised: Vec<u64>,
}

/// Who holds and waits for units of one SKU.
#[derive(Debug, Default)]
struct HoldersOf {
    reserved_by: Vec<InLine>,
    allocated_by: Vec<InLine>,
    waiting: Waiting,
    reserved: u64,
    allocated: u64,
    waitlisted: u64,
    backordered: u64,
}

/// `sum += units`, unless that is more than can be counted.
fn add(sum: &mut u64, units: u64) -> Result<(), String> {
    *sum = sum.checked_add(units).ok_or("there are more units than can be counted")?;
    Ok(())
}

impl Holders {
    pub(crate) fn of(stock: &Stock) -> Self {
        Self {
            skus: stock.skus.iter().map(|_| HoldersOf::default()).collect(),
            promised: alloc::vec![0; stock.lots.len()],
        }
    }

    /// An order holds units; SKU and lot are ones that the stock has.
    pub(crate) fn holds(
        &mut self,
        hold: &Hold,
        promise: Promise,
        who: InLine,
    ) -> Result<(), String> {
        let sku = &mut self.skus[hold.sku.0 as usize];
        let (by, sum) = match promise {
            Promise::Reserved => (&mut sku.reserved_by, &mut sku.reserved),
            Promise::Allocated => (&mut sku.allocated_by, &mut sku.allocated),
        };
        // Of several lots: the holds of one order come one after the other.
        if by.last() != Some(&who) {
            by.push(who);
        }
        add(sum, hold.units)?;
        add(&mut self.promised[hold.lot.0 as usize], hold.units)
    }

    /// An order waits for units of a SKU that the stock has.
    pub(crate) fn waits(
        &mut self,
        sku: SkuIx,
        units: u64,
        order: &Order,
        who: InLine,
    ) -> Result<(), String> {
        let sku = &mut self.skus[sku.0 as usize];
        sku.waiting.insert(bound_by(order), units, who);
        let promised = order.standing == Standing::Backordered;
        let sum = if promised { &mut sku.backordered } else { &mut sku.waitlisted };
        add(sum, units)
    }
}

impl Stock {
    pub(crate) fn has_sku(&self, sku: SkuIx) -> bool {
        (sku.0 as usize) < self.skus.len()
    }

    pub(crate) fn has_lot(&self, lot: LotIx) -> bool {
        (lot.0 as usize) < self.lots.len()
    }

    pub(crate) fn is_lot_of(&self, lot: LotIx, sku: SkuIx) -> bool {
        self.lots.get(lot.0 as usize).is_some_and(|lot| lot.sku == sku)
    }

    /// Builds the indexes that follow from the SKUs and lots alone, and checks their books.
    pub(crate) fn rebuild(&mut self) -> Result<(), String> {
        let ids = self.skus.iter().map(|sku| &sku.id).chain(self.lots.iter().map(|lot| &lot.id));
        self.names = ids.map(|id| 2 * weight::id(id)).sum();
        for (at, sku) in self.skus.iter().enumerate() {
            let ix = SkuIx(u32::try_from(at).map_err(|_| "it has too many SKUs")?);
            if self.by_sku.insert(sku.id.clone(), ix).is_some() {
                return Err(format!("SKU {} is there twice", sku.id));
            }
        }
        self.rebuild_recipes()?;
        let mut sums = alloc::vec![(0_u64, 0_u64); self.skus.len()];
        for (at, lot) in self.lots.iter().enumerate() {
            let ix = LotIx(u32::try_from(at).map_err(|_| "it has too many lots")?);
            let id = &lot.id;
            if lot.orders_left > USED_MAX {
                return Err(format!("lot {id} has left with more orders than can be counted"));
            }
            let Some(sku) = self.skus.get_mut(lot.sku.0 as usize) else {
                return Err(format!(
                    "lot {id} is of SKU number {}, which it does not have",
                    lot.sku.0
                ));
            };
            let known = if id.as_str() == COUNTED {
                sku.counted.replace(ix)
            } else {
                self.by_lot.insert(id.clone(), ix)
            };
            if known.is_some() {
                return Err(format!("lot {id} is there twice"));
            }
            let sums = &mut sums[lot.sku.0 as usize];
            if lot.available > 0 {
                sku.shelf.insert(lot.rank(ix));
                add(&mut sums.0, lot.available)?;
            }
            if lot.awaiting > 0 {
                sku.awaiting.insert(lot.rank(ix));
                add(&mut sums.1, lot.awaiting)?;
            }
        }
        for (sku, (available, awaiting)) in self.skus.iter().zip(sums) {
            let books = &sku.books;
            if books.available != available
                || books.awaiting_inspection != awaiting
                || !books.add_up()
            {
                return Err(format!("the books of SKU {} do not add up", sku.id));
            }
        }
        if !self.freed.iter().all(|&sku| self.has_sku(sku)) {
            return Err("it offers a SKU by a number that it does not have".into());
        }
        Ok(())
    }

    /// What happens to SKUs and lots by itself, of a pool that stands at `now`.
    pub(crate) fn due(&self, now: Time, due: &mut Vec<(Time, Due)>) {
        for (at, sku) in (0..).zip(&self.skus) {
            // One whose date is over has ended.
            let until = sku.backorder.and_then(|promised| promised.until);
            due.extend(
                until.filter(|&at| at > now).map(|until| (until, Due::Backorder(SkuIx(at)))),
            );
        }
        for (at, lot) in (0..).zip(&self.lots) {
            if let Some(date) = lot.best_before.filter(|_| !lot.expired) {
                due.push((date, Due::LotExpiry(LotIx(at))));
            }
        }
    }

    /// Takes who holds and waits from what the orders said, and checks it against the books.
    pub(crate) fn set_holders(&mut self, holders: Holders) -> Result<(), String> {
        for (lot, promised) in self.lots.iter().zip(holders.promised) {
            if lot.promised != promised {
                return Err(format!(
                    "{} units of lot {} are promised, and orders hold {promised}",
                    lot.promised, lot.id
                ));
            }
        }
        for (sku, of) in self.skus.iter_mut().zip(holders.skus) {
            let (books, id) = (&sku.books, &sku.id);
            let told = (books.reserved, books.allocated, books.waitlisted, books.backordered);
            let held = (of.reserved, of.allocated, of.waitlisted, of.backordered);
            if told != held {
                return Err(format!(
                    "of SKU {id} are {told:?} reserved, allocated, waitlisted and backordered, and orders have {held:?}"
                ));
            }
            sku.reserved_by = of.reserved_by.into_iter().collect();
            sku.allocated_by = of.allocated_by.into_iter().collect();
            sku.waiting = of.waiting;
        }
        // Counting again what was there changed nothing: all of it was judged before it was stored.
        self.touched.clear();
        Ok(())
    }
}
