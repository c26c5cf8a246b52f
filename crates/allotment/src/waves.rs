//! Waves: which parcels leave together, on which page of their wave's manifest, and which pages are to be
//! told anew because a parcel has changed or dropped out since.
//!
//! A parcel that is to leave is in one wave, or waits for one. It keeps its line on the manifest until it
//! drops out, until its wave has left, or until its order is closed: what left ahead of its wave is on it
//! still.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use minicbor::{Decode, Encode};

use crate::bounds::MANIFEST_PARCELS;
use crate::image::{is_default, list};
use crate::order::{InWave, Order, OrderIx, OrderParcel, ParcelState};
use crate::pool::{Pool, Turn};
use crate::steps::step;
use crate::stock::InLine;
use crate::weight::{self, Beside};
use crate::{Effect, Fulfillment, Id, Manifest, ManifestParcel, ManifestTotal};

/// A wave's position in its pool's [`Waves`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct WaveIx(#[n(0)] pub(crate) u32);

/// A wave of which anything was told.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Wave {
    #[n(0)]
    id: Id,
    /// How often each page of its manifest was told; it has at least one once the wave is closed.
    #[n(1)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    told: Vec<u32>,
    /// It is gone with the courier; one that is not closed yet is as soon as it is.
    #[n(2)]
    #[cbor(default, skip_if = "is_default")]
    pub(crate) left: bool,
    /// Its parcels by their lines on the manifest: their orders, and their numbers there.
    #[cbor(skip)]
    parcels: BTreeMap<u32, (OrderIx, usize)>,
}

impl Wave {
    pub(crate) const fn is_closed(&self) -> bool {
        !self.told.is_empty()
    }
}

/// The waves of a pool. All of them are remembered: one that closes again must not take a parcel more.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Waves {
    #[n(0)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    waves: Vec<Wave>,
    #[cbor(skip)]
    by_id: BTreeMap<Id, WaveIx>,
    /// Orders whose last parcel is to leave and in no wave yet, by place.
    #[cbor(skip)]
    ready: BTreeSet<InLine>,
    /// Pages that are to be told anew at the end of the turn.
    #[cbor(skip)]
    stale: BTreeSet<(WaveIx, u32)>,
    /// Parcels in waves.
    #[cbor(skip)]
    taken: usize,
    /// What waves take beside themselves, without their parcels.
    #[cbor(skip)]
    beside: usize,
}

impl Beside for Wave {
    fn beside(&self) -> usize {
        step();
        2 * weight::id(&self.id) + weight::list(&self.told)
    }
}

impl Waves {
    pub(crate) const fn is_empty(&self) -> bool {
        self.waves.is_empty()
    }

    pub(crate) fn get(&self, ix: WaveIx) -> &Wave {
        &self.waves[ix.0 as usize]
    }

    pub(crate) fn get_mut(&mut self, ix: WaveIx) -> &mut Wave {
        &mut self.waves[ix.0 as usize]
    }

    /// The wave of that name; a new one if there is none.
    pub(crate) fn open(&mut self, id: &Id) -> WaveIx {
        if let Some(&ix) = self.by_id.get(id) {
            return ix;
        }
        let ix = WaveIx(u32::try_from(self.waves.len()).expect("a pool has fewer than 2^32 waves"));
        let wave = Wave { id: id.clone(), ..Wave::default() };
        self.beside += wave.beside();
        self.waves.push(wave);
        self.by_id.insert(id.clone(), ix);
        ix
    }

    pub(crate) const fn ready(&self) -> &BTreeSet<InLine> {
        &self.ready
    }

    /// Puts a parcel on a line of a wave's manifest.
    fn put(&mut self, of: InWave, parcel: (OrderIx, usize)) -> bool {
        self.taken += 1;
        self.get_mut(of.wave).parcels.insert(of.line, parcel).is_none()
    }

    /// Takes a parcel off its wave's manifest.
    fn drop(&mut self, of: InWave) {
        let parcel = self.get_mut(of.wave).parcels.remove(&of.line);
        assert!(parcel.is_some(), "a parcel in a wave is on its manifest");
        self.taken -= 1;
    }

    /// Takes all parcels off a wave's manifest: their orders and numbers there, line by line.
    pub(crate) fn empty(&mut self, ix: WaveIx) -> impl Iterator<Item = (OrderIx, usize)> + use<> {
        let parcels = core::mem::take(&mut self.get_mut(ix).parcels);
        self.taken -= parcels.len();
        parcels.into_values()
    }

    /// A parcel of a wave is another one now, or is not in it any more.
    fn spoil(&mut self, of: InWave) {
        self.stale.insert((of.wave, of.line / MANIFEST_PARCELS));
    }

    /// What they take in memory.
    pub(crate) fn weight(&self) -> usize {
        weight::list(&self.waves)
            + weight::tree(self.waves.len(), size_of::<(Id, WaveIx)>())
            + weight::tree(self.ready.len(), size_of::<InLine>())
            + weight::tree(self.taken, size_of::<(u32, (OrderIx, usize))>())
            + self.beside
    }

    fn add_up(&self) -> usize {
        self.waves.iter().map(Beside::beside).sum()
    }

    /// Asserts that what waves take is what a walk adds up.
    pub(crate) fn assert_weight(&self) {
        assert_eq!(self.beside, self.add_up(), "what waves take");
    }

    /// Names the waves of a pool that was restored.
    pub(crate) fn rebuild(&mut self) -> Result<(), String> {
        for (at, wave) in (0..).zip(&self.waves) {
            if self.by_id.insert(wave.id.clone(), WaveIx(at)).is_some() {
                return Err(format!("wave {} is there twice", wave.id));
            }
        }
        self.beside = self.add_up();
        Ok(())
    }

    /// Takes in the parcels of an order that was restored.
    pub(crate) fn put_back(&mut self, ix: OrderIx, order: &Order) -> Result<(), String> {
        for (number, parcel) in (1..).zip(&order.parcels) {
            match (parcel.wave, parcel.state) {
                (Some(_), ParcelState::Cancelled) => {
                    return Err("a parcel of it is taken back and in a wave".into());
                }
                (Some(of), _) => {
                    let wave = self.waves.get(of.wave.0 as usize);
                    let page = (of.line / MANIFEST_PARCELS) as usize;
                    if wave.is_none_or(|wave| wave.left || page >= wave.told.len()) {
                        return Err("a parcel of it is in a wave that does not have it".into());
                    }
                    if !self.put(of, (ix, number)) {
                        return Err("a parcel of it has another one's line in its wave".into());
                    }
                }
                (None, ParcelState::Requested) => {
                    let place = order.place.ok_or("a parcel of it is to leave, without a place")?;
                    self.ready.insert((place, ix));
                }
                (None, _) => {}
            }
        }
        Ok(())
    }
}

impl Pool {
    /// The order's last parcel is to leave: the next wave takes it.
    pub(crate) fn await_wave(&mut self, ix: OrderIx) {
        let place = self.order(ix).place.expect("who holds has a place in line");
        assert!(self.waves.ready.insert((place, ix)), "a parcel waits for a wave once");
    }

    /// The order's last parcel is another one than it was told to be.
    pub(crate) fn wave_changed(&mut self, ix: OrderIx) {
        if let Some(of) = self.order(ix).parcels.last().and_then(|parcel| parcel.wave) {
            self.waves.spoil(of);
        }
    }

    /// The order's last parcel must not leave: it drops out of its wave, or waits for none.
    pub(crate) fn leave_wave(&mut self, ix: OrderIx) {
        match self.last_parcel(ix).wave.take() {
            Some(of) => {
                self.waves.drop(of);
                self.waves.spoil(of);
            }
            None => self.no_wave(ix),
        }
    }

    /// The order's last parcel has left: ahead of its wave, or in none.
    pub(crate) fn left_wave(&mut self, ix: OrderIx) {
        if self.last_parcel(ix).wave.is_none() {
            self.no_wave(ix);
        }
    }

    fn no_wave(&mut self, ix: OrderIx) {
        let place = self.order(ix).place.expect("who holds has a place in line");
        assert!(
            self.waves.ready.remove(&(place, ix)),
            "a parcel that is to leave is in a wave or waits for one"
        );
    }

    fn last_parcel(&mut self, ix: OrderIx) -> &mut OrderParcel {
        self.order_mut(ix).parcels.last_mut().expect("it has a parcel that was to leave")
    }

    /// Of an order that is closed nothing is known any more that a manifest could tell.
    pub(crate) fn forget_in_waves(&mut self, ix: OrderIx) {
        for at in 0..self.order(ix).parcels.len() {
            if let Some(of) = self.order_mut(ix).parcels[at].wave.take() {
                self.waves.drop(of);
            }
        }
    }

    /// Closes a wave over the parcels of these orders.
    pub(crate) fn fill_wave(&mut self, ix: WaveIx, orders: &[InLine], turn: &mut Turn<'_>) {
        for (line, who) in (0..).zip(orders) {
            let of = InWave { wave: ix, line };
            let number = self.order(who.1).parcels.len();
            self.last_parcel(who.1).wave = Some(of);
            assert!(self.waves.ready.remove(who), "a wave takes what waits for one");
            assert!(self.waves.put(of, (who.1, number)), "each has a line of its own");
        }
        let pages = orders.len().div_ceil(MANIFEST_PARCELS as usize).max(1);
        let wave = self.waves.get_mut(ix);
        let before = wave.beside();
        wave.told = alloc::vec![0; pages];
        let now = wave.beside();
        self.waves.beside = self.waves.beside - before + now;
        for page in (0..).take(pages) {
            self.tell_page(ix, page, turn);
        }
    }

    /// Tells anew what has changed of manifests that were told, where that is wanted: each page once a turn, however
    /// much of it did. Of a page on which nothing is left the parcels' own cancellations have said all.
    pub(crate) fn tell_stale_pages(&mut self, turn: &mut Turn<'_>) {
        for (wave, page) in core::mem::take(&mut self.waves.stale) {
            let left = self.waves.get(wave).parcels.range(lines_of(page)).next().is_some();
            if turn.settings.manifest_corrections && left {
                self.tell_page(wave, page, turn);
            }
        }
    }

    fn tell_page(&mut self, ix: WaveIx, page: u32, turn: &mut Turn<'_>) {
        let wave = self.waves.get_mut(ix);
        wave.told[page as usize] += 1;
        let wave = self.waves.get(ix);
        let (mut parcels, mut totals) = (Vec::new(), BTreeMap::<(&Id, &Id), u64>::new());
        for (_, &(order, number)) in wave.parcels.range(lines_of(page)) {
            let order = self.order(order);
            let parcel = &order.parcels[number - 1];
            for &(lot, units) in parcel.content.iter().flat_map(|packed| &packed.lots) {
                let lot = self.stock.lot(lot);
                *totals.entry((&self.stock.sku(lot.sku).id, &lot.id)).or_default() += units;
            }
            parcels.push(ManifestParcel {
                platform: order.name.platform.clone(),
                order_id: order.name.order_id.clone(),
                number: u32::try_from(number).expect("an order has few parcels"),
                revision: parcel.revision,
                recipient_ref: order.recipient_ref.get().cloned(),
            });
        }
        let total = |((sku, lot_id), quantity): ((&Id, &Id), u64)| ManifestTotal {
            sku: sku.clone(),
            lot_id: lot_id.clone(),
            quantity,
        };
        turn.tell(Effect::Fulfillment(Fulfillment::Manifest(Manifest {
            pool: self.id.clone(),
            wave_id: wave.id.clone(),
            page: page + 1,
            pages: u32::try_from(wave.told.len()).expect("a wave has fewer than 2^32 parcels"),
            revision: wave.told[page as usize],
            totals: totals.into_iter().map(total).collect(),
            parcels,
            told_at: turn.now,
        })));
    }
}

/// The lines of a manifest that are on a page.
const fn lines_of(page: u32) -> Range<u32> {
    page * MANIFEST_PARCELS..(page + 1) * MANIFEST_PARCELS
}
