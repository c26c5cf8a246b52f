//! What a pool's wares are called: by which words comments claim them.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::comment::Catalogue;
use crate::image::list;
use crate::pool::Pool;
use crate::steps::step;
use crate::stock::{SkuIx, Stock};
use crate::weight::{self, Beside, Weighed};
use crate::{Id, Item};

/// The items of a pool's catalogue by what they are called.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Wares {
    #[n(0)]
    items: Weighed<SkuIx, Called>,
    /// The words of all of them, their SKUs too.
    #[cbor(skip)]
    pub(crate) catalogue: Catalogue,
}

/// What one item is called.
#[derive(Debug, Encode, Decode)]
#[cbor(map)]
struct Called {
    #[n(0)]
    name: Option<Id>,
    #[n(1)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    keywords: Vec<Id>,
}

impl Beside for Called {
    fn beside(&self) -> usize {
        step();
        let words = self.keywords.iter().chain(&self.name);
        weight::list(&self.keywords) + words.map(weight::id).sum::<usize>()
    }
}

impl Called {
    fn words(&self) -> impl Iterator<Item = &str> {
        self.keywords.iter().chain(&self.name).map(Id::as_str)
    }

    fn put_into(&self, catalogue: &mut Catalogue, sku: SkuIx, id: &Id) {
        catalogue.put_name(sku.0, id);
        self.keywords.iter().for_each(|word| catalogue.put_keyword(sku.0, word));
        self.name.iter().for_each(|word| catalogue.put_name(sku.0, word));
    }
}

impl Wares {
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// An item is called so from now on, and nothing else.
    pub(crate) fn call(&mut self, sku: SkuIx, item: &Item) {
        let called = Called { name: item.name.clone(), keywords: item.keywords.clone() };
        if let Some(before) = self.items.entries().get(&sku) {
            self.catalogue.take(sku.0, before.words());
        }
        called.put_into(&mut self.catalogue, sku, &item.sku);
        self.items.insert(sku, called);
    }

    pub(crate) fn skus(&self) -> impl Iterator<Item = SkuIx> {
        self.items.entries().keys().copied()
    }

    /// Finds the words of wares that were restored; the stock has their SKUs.
    pub(crate) fn rebuild(&mut self, stock: &Stock) {
        for (&sku, called) in self.items.entries() {
            called.put_into(&mut self.catalogue, sku, &stock.sku(sku).id);
        }
    }

    /// What they take in memory.
    pub(crate) fn weight(&self) -> usize {
        self.items.weight() + self.catalogue.weight()
    }

    pub(crate) fn assert_weight(&self) {
        self.items.assert_weight();
    }
}

impl Pool {
    /// What a comment is of that names nothing: the only ware of its session, or where none is known of it the
    /// only one of the catalogue that is left.
    pub(crate) fn only_ware(&self, session: Option<&Id>) -> Option<SkuIx> {
        let sold = session.map_or(&[][..], |id| self.sessions.sold_in(id));
        if !sold.is_empty() {
            return if let [only] = *sold { Some(only) } else { None };
        }
        let mut left = self.wares.skus().filter(|&sku| self.stock.is_there(sku));
        let only = left.next()?;
        left.next().is_none().then_some(only)
    }
}
