//! What a pool has: SKUs, their lots, and the books that say where every unit is.
//!
//! Units only ever move from one place of the books to another, through the methods here, and each move
//! is checked: nothing becomes negative, and a SKU's terms always add up to what came in.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

mod moves;
mod rebuilt;
mod recipes;
mod seasons;
mod waiting;

use minicbor::{Decode, Encode};
use smallvec::SmallVec;

pub(crate) use rebuilt::Holders;
pub(crate) use recipes::{Part, Parts, RecipeIx, Recipes};
pub(crate) use seasons::SeasonIx;

use crate::image::{is_default, list};
use crate::order::OrderIx;
use crate::weight::{self, Beside, block, list as weigh_list, tree};
use crate::{Backorder, Books, Channel, Id, InspectionResult, Time};

/// A SKU's position in its pool's [`Stock`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct SkuIx(#[n(0)] pub(crate) u32);

/// A lot's position in its pool's [`Stock`]; grows in the order in which lots first arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct LotIx(#[n(0)] pub(crate) u32);

impl Beside for SkuIx {
    fn beside(&self) -> usize {
        0
    }
}

impl Beside for LotIx {
    fn beside(&self) -> usize {
        0
    }
}

/// An order by its place in line.
pub(crate) type InLine = (u64, OrderIx);

/// How units are promised to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Promise {
    /// To an unpaid one.
    Reserved,
    /// To a paid one.
    Allocated,
}

/// What people have been told of a SKU's stock, so that each change is told once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub(crate) enum Mood {
    /// Never had anything to sell: running out is no news.
    #[default]
    #[n(0)]
    Unstocked,
    /// Can be sold.
    #[n(1)]
    Selling,
    /// Can't be sold any more.
    #[n(2)]
    SoldOut,
}

/// One SKU of a pool.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Sku {
    #[n(0)]
    pub(crate) id: Id,
    /// A catalogue item or a stock event has named it.
    #[n(1)]
    #[cbor(skip_if = "is_default")]
    pub(crate) known: bool,
    #[n(2)]
    pub(crate) low_stock_at: Option<u32>,
    #[n(3)]
    pub(crate) books: Books,
    /// Lots with units that can be promised, first expired first, then in the order of arrival.
    #[cbor(skip)]
    shelf: BTreeSet<(Time, LotIx)>,
    /// Lots with units that wait for their inspection, in the same order.
    #[cbor(skip)]
    awaiting: BTreeSet<(Time, LotIx)>,
    /// Orders that hold units of it, by place.
    #[cbor(skip)]
    pub(crate) reserved_by: BTreeSet<InLine>,
    #[cbor(skip)]
    pub(crate) allocated_by: BTreeSet<InLine>,
    /// Orders that wait for units of it.
    #[cbor(skip)]
    pub(crate) waiting: waiting::Waiting,
    /// The lot of surpluses, and of stock that was found before any was received.
    #[cbor(skip)]
    counted: Option<LotIx>,
    #[n(4)]
    pub(crate) mood: Mood,
    #[n(5)]
    #[cbor(skip_if = "is_default")]
    pub(crate) low: bool,
    /// How often its level has changed, and when it last did.
    #[n(6)]
    pub(crate) revision: u64,
    #[n(7)]
    pub(crate) as_of: Time,
    #[n(8)]
    pub(crate) told: Option<Books>,
    /// What a bundle consists of; a SKU with stock of its own has none.
    #[n(9)]
    #[cbor(skip_if = "RecipeIx::is_none")]
    pub(crate) recipe: RecipeIx,
    /// What the level said last of what can be sold, where that does not follow from its books.
    #[n(10)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    pub(crate) told_sellable: Vec<(Id, u64)>,
    /// The bundles that it is a component of.
    #[cbor(skip)]
    pub(crate) part_of: Vec<SkuIx>,
    #[n(11)]
    pub(crate) limit_per_buyer: Option<u32>,
    #[n(12)]
    #[cbor(default, skip_if = "is_default")]
    pub(crate) safety_stock: u32,
    #[n(13)]
    pub(crate) backorder: Option<Backorder>,
    /// One for each platform.
    #[n(14)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    pub(crate) channels: Vec<Channel>,
    /// The seasons that its item has named, in the order in which it did.
    #[n(15)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    seasons: Vec<Id>,
    /// The present one.
    #[n(16)]
    #[cbor(default, skip_if = "is_default")]
    pub(crate) season: SeasonIx,
    #[cbor(skip)]
    sums: seasons::Sums,
}

/// One lot of a SKU.
#[derive(Debug, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Lot {
    #[n(0)]
    pub(crate) id: Id,
    #[n(1)]
    pub(crate) sku: SkuIx,
    #[n(2)]
    pub(crate) best_before: Option<Time>,
    #[n(3)]
    pub(crate) available: u64,
    #[n(4)]
    pub(crate) awaiting: u64,
    /// Reserved and allocated.
    #[n(5)]
    pub(crate) promised: u64,
    /// Nothing of it was ever passed, by receipt or by inspection.
    #[n(6)]
    #[cbor(skip_if = "is_default")]
    pub(crate) pending: bool,
    #[n(7)]
    pub(crate) result: Option<InspectionResult>,
    #[n(8)]
    #[cbor(skip_if = "is_default")]
    pub(crate) expired: bool,
    #[n(9)]
    #[cbor(skip_if = "is_default")]
    pub(crate) recalled: bool,
    /// Orders that have left with units of it, also those that are forgotten.
    #[n(10)]
    #[cbor(default, skip_if = "is_default")]
    pub(crate) orders_left: u64,
}

impl Lot {
    /// Where the lot stands among its SKU's: first expired first, those without a date last.
    pub(crate) fn rank(&self, ix: LotIx) -> (Time, LotIx) {
        (self.best_before.unwrap_or(Time::NEVER), ix)
    }

    /// It failed or was recalled: whatever comes of it is gone at once.
    pub(crate) fn is_lost(&self) -> bool {
        self.recalled || self.result == Some(InspectionResult::Failed)
    }

    /// Whether units of it can still be promised, once they are passed.
    pub(crate) fn is_sound(&self) -> bool {
        !self.expired && !self.is_lost()
    }
}

/// The stock of one pool.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Stock {
    #[n(0)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    skus: Vec<Sku>,
    #[cbor(skip)]
    by_sku: BTreeMap<Id, SkuIx>,
    #[n(1)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    lots: Vec<Lot>,
    #[cbor(skip)]
    by_lot: BTreeMap<Id, LotIx>,
    /// Results of inspections whose lot has not come yet.
    #[n(2)]
    #[cbor(default)]
    pub(crate) early_results: BTreeMap<Id, InspectionResult>,
    /// SKUs with units that nobody who waits has been offered yet.
    #[n(3)]
    #[cbor(default)]
    freed: BTreeSet<SkuIx>,
    /// The next time that anything is freed, everybody who waits is tried.
    #[n(4)]
    #[cbor(skip_if = "is_default")]
    for_all: bool,
    #[n(5)]
    #[cbor(skip_if = "Recipes::is_empty")]
    recipes: Recipes,
    /// Lots that were recalled and have not come yet.
    #[n(6)]
    #[cbor(skip_if = "BTreeSet::is_empty")]
    pub(crate) early_recalls: BTreeSet<Id>,
    /// SKUs whose level may have changed since it was last looked at.
    #[cbor(skip)]
    touched: SmallVec<[SkuIx; 8]>,
    /// What names take that are too long to be kept where they are used.
    #[cbor(skip)]
    names: usize,
    /// What the parts of recipes take.
    #[cbor(skip)]
    parts: usize,
}

/// The lot that surpluses go to; it exists once for each SKU.
pub(crate) const COUNTED: &str = "counted";

impl Stock {
    pub(crate) fn sku(&self, ix: SkuIx) -> &Sku {
        &self.skus[ix.0 as usize]
    }

    pub(crate) fn sku_mut(&mut self, ix: SkuIx) -> &mut Sku {
        &mut self.skus[ix.0 as usize]
    }

    pub(crate) fn lot(&self, ix: LotIx) -> &Lot {
        &self.lots[ix.0 as usize]
    }

    pub(crate) fn lot_mut(&mut self, ix: LotIx) -> &mut Lot {
        &mut self.lots[ix.0 as usize]
    }

    /// The SKU of that name; a name that is new becomes one that nothing has named yet.
    pub(crate) fn intern(&mut self, id: &Id) -> SkuIx {
        if let Some(&ix) = self.by_sku.get(id) {
            return ix;
        }
        let ix = SkuIx(u32::try_from(self.skus.len()).expect("a pool has fewer than 2^32 SKUs"));
        self.names += 2 * weight::id(id);
        self.skus.push(Sku { id: id.clone(), ..Sku::default() });
        self.by_sku.insert(id.clone(), ix);
        ix
    }

    /// The SKU of that name, if anything has named it, an order included.
    pub(crate) fn find(&self, id: &Id) -> Option<SkuIx> {
        self.by_sku.get(id).copied()
    }

    /// Whether a catalogue item or a stock event has named it.
    pub(crate) fn is_known(&self, id: &Id) -> bool {
        self.find(id).is_some_and(|ix| self.sku(ix).known)
    }

    /// Whether any SKU has a limit.
    pub(crate) fn has_limits(&self) -> bool {
        self.skus.iter().any(|sku| sku.limit_per_buyer.is_some())
    }

    /// Whether it is a bundle as the catalogue stands.
    pub(crate) fn is_bundle(&self, id: &Id) -> bool {
        self.find(id).is_some_and(|ix| !self.sku(ix).recipe.is_none())
    }

    /// The SKU of that name, known from now on.
    pub(crate) fn know(&mut self, id: &Id) -> SkuIx {
        let ix = self.intern(id);
        self.sku_mut(ix).known = true;
        self.touch(ix);
        ix
    }

    /// The lot of that name, if it has come. `counted` is a lot of each SKU.
    pub(crate) fn find_lot(&self, id: &Id, sku: Option<&Id>) -> Option<LotIx> {
        if id.as_str() == COUNTED {
            return self.by_sku.get(sku?).and_then(|&ix| self.sku(ix).counted);
        }
        self.by_lot.get(id).copied()
    }

    /// Whether the lot is known with another SKU than `sku`.
    pub(crate) fn is_of_other_sku(&self, lot: &Id, sku: &Id) -> bool {
        self.find_lot(lot, Some(sku)).is_some_and(|lot| self.sku(self.lot(lot).sku).id != *sku)
    }

    /// The lot of that name, which is of `sku` or new.
    pub(crate) fn open_lot(
        &mut self,
        id: &Id,
        sku: SkuIx,
        best_before: Option<Time>,
        pending: bool,
    ) -> LotIx {
        let name = self.sku(sku).id.clone();
        if let Some(ix) = self.find_lot(id, Some(&name)) {
            assert!(self.lot(ix).sku == sku, "lot {id} is of {name}: the border refuses others");
            return ix;
        }
        let ix = LotIx(u32::try_from(self.lots.len()).expect("a pool has fewer than 2^32 lots"));
        let result = self.early_results.remove(id);
        let recalled = self.early_recalls.remove(id);
        self.names += 2 * weight::id(id);
        self.lots.push(Lot {
            id: id.clone(),
            sku,
            best_before,
            available: 0,
            awaiting: 0,
            promised: 0,
            pending: pending && result.is_none(),
            result,
            expired: false,
            recalled,
            orders_left: 0,
        });
        if id.as_str() == COUNTED {
            self.sku_mut(sku).counted = Some(ix);
        } else {
            self.by_lot.insert(id.clone(), ix);
        }
        ix
    }

    /// What it takes in memory, but the holders and those who wait, which are counted with their orders.
    pub(crate) fn weight(&self) -> usize {
        /// A tree of a few entries takes a whole node.
        const NODE: usize = block(11 * size_of::<(Time, LotIx)>() + 16);
        let named = size_of::<(Id, SkuIx)>();
        weigh_list(&self.skus)
            + weigh_list(&self.lots)
            + tree(self.skus.len() + self.lots.len() + self.early_results.len(), named)
            + tree(self.early_recalls.len(), size_of::<Id>())
            // Of each SKU, usually: a shelf, holders of either kind, and a line that waits.
            + self.skus.len() * 2 * NODE
            + self.recipes.weight()
            + self.parts
            + self.names
    }

    /// Whether a unit of it could be promised now; of a bundle a whole one.
    pub(crate) fn is_there(&self, sku: SkuIx) -> bool {
        let there = |(part, units): Part| self.sku(part).books.available >= units;
        self.parts(sku, self.sku(sku).recipe).all(there)
    }

    /// Lots with units that can be promised, first expired first.
    pub(crate) fn on_shelf(&self, sku: SkuIx) -> impl DoubleEndedIterator<Item = LotIx> {
        self.sku(sku).shelf.iter().map(|&(_, lot)| lot)
    }

    /// Lots with units that wait for their inspection, first expired first.
    pub(crate) fn in_inspection(&self, sku: SkuIx) -> impl DoubleEndedIterator<Item = LotIx> {
        self.sku(sku).awaiting.iter().map(|&(_, lot)| lot)
    }

    /// SKUs that were touched since the last call, and the bundles that they are in, in a fixed order; the
    /// books are checked.
    pub(crate) fn take_touched(&mut self) -> SmallVec<[SkuIx; 8]> {
        let mut touched = core::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        for at in 0..touched.len() {
            self.check(touched[at]);
            touched.extend_from_slice(&self.sku(touched[at]).part_of);
        }
        touched.sort_unstable();
        touched.dedup();
        touched
    }

    /// The next time that anything is freed, everybody who waits is to be tried.
    pub(crate) const fn offer_to_all(&mut self) {
        self.for_all = true;
    }

    /// Before an offer: where everybody is to be tried, everything that is waited for is offered.
    pub(crate) fn widen_offer(&mut self) {
        if !self.for_all || self.freed.is_empty() {
            return;
        }
        self.for_all = false;
        for (at, sku) in self.skus.iter().enumerate() {
            if !sku.waiting.is_empty() {
                self.freed
                    .insert(SkuIx(u32::try_from(at).expect("a pool has fewer than 2^32 SKUs")));
            }
        }
    }

    /// SKUs with units that nobody who waits has been offered yet.
    pub(crate) fn freed(&self) -> &BTreeSet<SkuIx> {
        &self.freed
    }

    /// Whoever waits has been offered what there is.
    pub(crate) fn offered(&mut self) {
        self.freed.clear();
    }

    /// Those who wait for `sku` are to be offered what there is of it.
    pub(crate) fn offer(&mut self, sku: SkuIx) {
        self.freed.insert(sku);
    }

    /// The level of `sku` is to be looked at again.
    pub(crate) fn touch(&mut self, sku: SkuIx) {
        if self.touched.last() != Some(&sku) {
            self.touched.push(sku);
        }
    }

    /// What came in is what is there, promised, gone or waiting for its inspection.
    fn check(&self, ix: SkuIx) {
        let (id, books) = (&self.sku(ix).id, self.sku(ix).books);
        assert!(books.add_up(), "books of {id} do not add up: {books:?}");
    }
}
