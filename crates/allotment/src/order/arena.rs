//! Where a pool's orders are kept: slots in pages, so that a checkpoint can take a page at a time.
//!
//! A new order gets the lowest free slot, so that which slots are free follows from the pages alone: a
//! partition that was restored gives out the same ones.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::ops::Range;

use minicbor::{Decode, Encode};

use super::{Order, OrderIx};
use crate::OrderRef;
use crate::bounds::ORDER_PAGES_MAX;
use crate::identity::Hashed;
use crate::image::{Ledger, Mark, OrdersPage, Paged};
use crate::weight;

/// Slots of a page; one bit each in [`Page::used`].
const SLOTS: u32 = u64::BITS;

/// The orders of a pool.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Orders {
    #[cbor(skip)]
    pages: Vec<Page>,
    /// Pages with a free slot.
    #[cbor(skip)]
    open: BTreeSet<u32>,
    #[cbor(skip)]
    by_name: Hashed<OrderIx>,
    #[cbor(skip)]
    ledger: Ledger,
    /// What the orders and their slots take.
    #[cbor(skip)]
    weight: usize,
    #[n(0)]
    last_place: u64,
}

/// Orders that are written together.
#[derive(Debug, Default)]
struct Page {
    /// As long as it had to be so far.
    slots: Vec<Option<Order>>,
    /// One bit a slot.
    used: u64,
    mark: Mark,
}

const fn page_of(ix: OrderIx) -> (usize, usize) {
    ((ix.0 / SLOTS) as usize, (ix.0 % SLOTS) as usize)
}

impl Orders {
    pub(crate) fn get(&self, ix: OrderIx) -> &Order {
        let (page, slot) = page_of(ix);
        self.pages[page].slots[slot].as_ref().expect("an order is named only while it is kept")
    }

    pub(crate) fn get_mut(&mut self, ix: OrderIx) -> &mut Order {
        self.touch(ix.0 / SLOTS);
        let (page, slot) = page_of(ix);
        self.pages[page].slots[slot].as_mut().expect("an order is named only while it is kept")
    }

    /// Every order, in a fixed order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Order> {
        self.pages.iter().flat_map(|page| &page.slots).flatten()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_name.len()
    }

    /// All of them, by their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (OrderIx, &Order)> {
        let slots = (0..)
            .zip(&self.pages)
            .flat_map(|(number, page)| (number * SLOTS..).map(OrderIx).zip(&page.slots));
        slots.filter_map(|(ix, slot)| Some((ix, slot.as_ref()?)))
    }

    pub(crate) fn find(&self, name: u128) -> Option<OrderIx> {
        self.by_name.get(&name).copied()
    }

    /// The order of that name; a new one if there is none.
    pub(crate) fn open(&mut self, hash: u128, name: &OrderRef) -> OrderIx {
        if let Some(ix) = self.find(hash) {
            return ix;
        }
        let number = self.page_with_room();
        self.touch(number);
        let page = &mut self.pages[number as usize];
        let slot = page.used.trailing_ones();
        let before = weight::list(&page.slots);
        page.put(slot, Order::new(name.clone()));
        self.weight += weight::list(&page.slots) - before;
        if page.used == u64::MAX {
            self.open.remove(&number);
        }
        let ix = OrderIx(number * SLOTS + slot);
        self.by_name.insert(hash, ix);
        ix
    }

    /// The first page with a free slot; a new one if there is none.
    fn page_with_room(&mut self) -> u32 {
        if let Some(&number) = self.open.first() {
            return number;
        }
        assert!(self.pages.len() < ORDER_PAGES_MAX as usize, "a pool has fewer than 2^26 orders");
        self.pages.push(Page::default());
        let number = self.pages.len() as u32 - 1;
        self.open.insert(number);
        number
    }

    /// Forgets an order altogether.
    pub(crate) fn remove(&mut self, hash: u128, ix: OrderIx) {
        self.touch(ix.0 / SLOTS);
        let (number, slot) = page_of(ix);
        let page = &mut self.pages[number];
        self.weight -= page.slots[slot].take().map_or(0, |order| order.weight as usize);
        page.used &= !(1 << slot);
        if page.used == 0 {
            self.weight -= weight::list(&page.slots);
            page.slots = Vec::new();
        }
        self.open.insert(ix.0 / SLOTS);
        self.by_name.remove(&hash);
    }

    /// Weighs an order again, after it has changed.
    pub(crate) fn weigh(&mut self, ix: OrderIx) {
        let (page, slot) = page_of(ix);
        if let Some(order) = &mut self.pages[page].slots[slot] {
            let weight = order.weigh();
            self.weight = self.weight - order.weight as usize + weight;
            order.weight = u32::try_from(weight).expect("an order is far smaller than 4 GiB");
        }
    }

    /// What the orders take in memory.
    pub(crate) fn weight(&self) -> usize {
        self.weight
            + self.by_name.allocation_size()
            + weight::block(self.pages.capacity() * size_of::<Page>())
            + weight::tree(self.open.len(), size_of::<u32>())
            + self.ledger.weight()
    }

    /// A place at the end of the line.
    pub(crate) const fn next_place(&mut self) -> u64 {
        self.last_place += 1;
        self.last_place
    }

    /// The last place that was given.
    pub(crate) const fn last_place(&self) -> u64 {
        self.last_place
    }

    /// Puts back a page that was stored. Pages come in rising order; those between that are gone are empty.
    pub(crate) fn put_back(&mut self, number: u32, image: OrdersPage, mark: Mark) {
        while self.pages.len() < number as usize {
            self.open.insert(self.pages.len() as u32);
            self.pages.push(Page::default());
        }
        let mut page = Page { slots: Vec::new(), used: 0, mark };
        let slots = u64::BITS - image.used.leading_zeros();
        page.slots.reserve_exact(slots as usize);
        let mut orders = image.orders.into_iter();
        for slot in (0..slots).filter(|slot| image.used >> slot & 1 == 1) {
            page.put(
                slot,
                orders.next().expect("a page was checked to have an order for each slot"),
            );
        }
        if page.used != u64::MAX {
            self.open.insert(number);
        }
        self.weight += weight::list(&page.slots);
        self.pages.push(page);
        for slot in (0..slots).filter(|slot| image.used >> slot & 1 == 1) {
            self.weigh(OrderIx(number * SLOTS + slot));
        }
    }

    /// Gives an order that was put back its name; `false` if another has it.
    pub(crate) fn name(&mut self, hash: u128, ix: OrderIx) -> bool {
        self.by_name.insert(hash, ix).is_none()
    }
}

impl Page {
    fn put(&mut self, slot: u32, order: Order) {
        while self.slots.len() <= slot as usize {
            self.slots.push(None);
        }
        self.slots[slot as usize] = Some(order);
        self.used |= 1 << slot;
    }
}

impl Paged for Orders {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn mark(&mut self, number: u32) -> Option<&mut Mark> {
        self.pages.get_mut(number as usize).map(|page| &mut page.mark)
    }

    fn numbers(&self) -> Range<u32> {
        0..self.pages.len() as u32
    }

    fn encode(&self, number: u32) -> Option<Vec<u8>> {
        let page = &self.pages[number as usize];
        (page.used != 0).then(|| OrdersPage::encode(page.used, &page.slots))
    }
}
