//! What the core relies on, checked in a pool that is restored: then nothing that was read can make it panic
//! where its own books would not have.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::Standing;
use crate::bounds::{LINES_MAX, QUANTITY_MAX, UNITS_MAX};
use crate::order::{Order, Packed, ParcelState, units_of};
use crate::pool::Pool;
use crate::stock::{LotIx, Part, SkuIx, Stock};

impl Pool {
    /// Checks what the base alone shows.
    pub(super) fn check_base(&self) -> Result<(), String> {
        let known = |sku: &SkuIx| self.stock.has_sku(*sku);
        let named = self.alerts.skus().chain(self.sessions.skus());
        let mut named = named.chain(self.wares.skus()).chain(self.demand.skus());
        if !self.dirty.iter().all(known) || !named.all(|sku| known(&sku)) {
            return Err("it names a SKU by a number that it does not have".into());
        }
        if !self.quality.lots().all(|lot| self.stock.has_lot(lot)) {
            return Err("it names a lot by a number that it does not have".into());
        }
        Ok(())
    }
}

impl Order {
    /// Checks what the order alone, beside its pool's stock, shows.
    pub(super) fn check(&self, stock: &Stock, last_place: u64) -> Result<(), String> {
        self.check_names(stock)?;
        self.check_units(stock)?;
        let active = !self.holds.is_empty() || !self.waiting.is_empty();
        if (active || !self.parcels.is_empty()) && self.place.is_none() {
            return Err("it holds, waits or has a parcel without a place in line".into());
        }
        if self.place > Some(last_place) {
            return Err("its place is behind the end of the line".into());
        }
        if self.standing == Standing::Cancelled && !self.is_cancelled() {
            return Err("it is cancelled, and was never told so".into());
        }
        if active && (self.is_cancelled() || self.closed) {
            return Err("it is cancelled or closed, and holds or waits".into());
        }
        if self.standing == Standing::Allocated && !self.paid {
            return Err("it is allocated and not paid".into());
        }
        if self.standing == Standing::Reserved && self.paid {
            return Err("it is reserved and paid".into());
        }
        if self.forget_at.is_some() && !self.is_finished() {
            return Err("it is to be forgotten, and is not finished".into());
        }
        if self.lines_stamp.is_none() && !self.lines.is_empty() {
            return Err("its lines have no stamp".into());
        }
        if self.claim && !self.is_sound_claim(stock) {
            return Err("it is a claim, and not one line that is held whole".into());
        }
        self.check_parcels(stock)
    }

    fn is_sound_claim(&self, stock: &Stock) -> bool {
        let held = self.standing == Standing::Reserved && !self.holds.is_empty();
        held && self.lines.len() == 1 && self.parcels.is_empty() && !self.is_short(stock)
    }

    /// What it counts for is what it shows; of a closed order nothing else is left that shows it.
    pub(crate) fn check_tallies(&self, stock: &Stock) -> Result<(), String> {
        let (tallies, wants) = (self.tallies(), self.wants(stock));
        for (at, tally) in tallies.iter().enumerate() {
            if !stock.has_sku(tally.sku) || !stock.sku(tally.sku).has_season(tally.season) {
                return Err("it counts for a SKU or a season that its pool does not have".into());
            }
            let twice = tallies[..at].iter().any(|other| other.sku == tally.sku);
            let shown = (self.used_of(tally.sku, stock), units_of(&wants, tally.sku));
            if twice || (!self.closed && shown != (tally.used, tally.wanted)) {
                let sku = &stock.sku(tally.sku).id;
                return Err(format!("it counts for other units of {sku} than it shows"));
            }
        }
        let counted = |hold: &crate::order::Hold| self.tally(hold.sku).is_some();
        if self.holds.iter().all(counted) {
            Ok(())
        } else {
            Err("it holds what it does not count for".into())
        }
    }

    fn check_names(&self, stock: &Stock) -> Result<(), String> {
        let lines = self.lines.iter().map(|line| line.sku);
        let sent = self.handed_over.iter().map(|sent| sent.sku);
        let waiting = self.waiting.iter().map(|&(sku, _)| sku);
        let packed = || self.parcels.iter().flat_map(|parcel| &parcel.content);
        let skus = lines.chain(sent).chain(waiting).chain(packed().map(|packed| packed.sku));
        if let Some(sku) = skus.into_iter().find(|&sku| !stock.has_sku(sku)) {
            return Err(format!("it names SKU number {}, which its pool does not have", sku.0));
        }
        let held = self.holds.iter().map(|hold| (hold.lot, hold.sku));
        let (bundles, plain): (Vec<&Packed>, Vec<&Packed>) =
            packed().partition(|packed| packed.bundles > 0);
        let packed =
            plain.iter().flat_map(|packed| packed.lots.iter().map(|&(lot, _)| (lot, packed.sku)));
        if let Some((lot, sku)) = held.chain(packed).find(|&(lot, sku)| !stock.is_lot_of(lot, sku))
        {
            return Err(format!(
                "it names lot number {}, which is none of SKU number {}",
                lot.0, sku.0
            ));
        }
        if !bundles.iter().flat_map(|packed| &packed.lots).all(|&(lot, _)| stock.has_lot(lot)) {
            return Err("a bundle of it names a lot by a number that its pool does not have".into());
        }
        if !self.lines.iter().all(|line| stock.has_recipe(line.recipe)) {
            return Err("a line of it has a recipe by a number that its pool does not have".into());
        }
        Ok(())
    }

    /// Its units fit the numbers that they are added up in, and it holds no more than it asks for.
    fn check_units(&self, stock: &Stock) -> Result<(), String> {
        let line = |line: &crate::order::OrderLine| {
            line.quantity <= line.ordered && line.ordered <= QUANTITY_MAX
        };
        if self.lines.len() > LINES_MAX as usize || !self.lines.iter().all(line) {
            return Err("its lines are more than an order can have".into());
        }
        if !can_be_counted(self.handed_over.iter().map(|sent| (sent.sku, u64::from(sent.units)))) {
            return Err("its units are more than can be counted".into());
        }
        for (at, hold) in self.holds.iter().enumerate() {
            if hold.units == 0 || self.holds[..at].iter().any(|other| other.lot == hold.lot) {
                return Err("it holds nothing of a lot, or holds it twice".into());
            }
        }
        if !can_be_counted(self.holds.iter().map(|hold| (hold.sku, hold.units))) {
            return Err("it holds more than can be counted".into());
        }
        if let Some((sku, _)) = self.excess(stock).first() {
            let sku = &stock.sku(*sku).id;
            return Err(format!("it holds more of {sku} than its lines ask for"));
        }
        if self.waiting.iter().enumerate().any(|(at, &(sku, units))| {
            units == 0
                || units > UNITS_MAX
                || self.waiting[..at].iter().any(|&(other, _)| other == sku)
        }) {
            return Err("it waits for nothing of a SKU, for too much, or waits twice".into());
        }
        Ok(())
    }

    /// Only the last parcel is still to leave, and then it is all that the order holds, but parts of bundles
    /// that are not whole.
    fn check_parcels(&self, stock: &Stock) -> Result<(), String> {
        let Some((last, others)) = self.parcels.split_last() else { return Ok(()) };
        let requested = |state| state == ParcelState::Requested;
        if others.iter().any(|parcel| requested(parcel.state)) {
            return Err("a parcel before its last is still to leave".into());
        }
        for packed in self.parcels.iter().flat_map(|parcel| &parcel.content) {
            let of_sku = |&(lot, units): &(LotIx, u64)| (stock.lot(lot).sku, units);
            if !can_be_counted(packed.lots.iter().map(of_sku)) {
                return Err("a parcel of it has more units than can be counted".into());
            }
        }
        if !requested(last.state) {
            return Ok(());
        }
        let lots = || last.content.iter().flat_map(|packed| &packed.lots);
        let packed = |lot| -> u64 {
            let units = lots().filter(|&&(other, _)| other == lot).map(|&(_, units)| units);
            units.sum()
        };
        let spare = self.has_bundles() && self.waits();
        let whole = self.holds.iter().all(|hold| {
            let (packed, held) = (packed(hold.lot), hold.units);
            packed == held || (spare && packed < held)
        });
        let held = |&(lot, _): &(_, u64)| self.holds.iter().any(|hold| hold.lot == lot);
        if whole && lots().all(held) {
            Ok(())
        } else {
            Err("the parcel that is to leave is not what it holds".into())
        }
    }
}

/// Whether units fit the number that they are added up in, each SKU by itself.
fn can_be_counted(units: impl IntoIterator<Item = Part>) -> bool {
    let mut sums: BTreeMap<SkuIx, u64> = BTreeMap::new();
    units.into_iter().all(|(sku, units)| {
        let sum = sums.entry(sku).or_default();
        *sum = sum.saturating_add(units);
        *sum <= UNITS_MAX
    })
}
