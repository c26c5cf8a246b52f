//! `wave.closed`: the parcels that leave now, page by page.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{
    Effect, Effects, Fulfillment, Id, Manifest, ManifestParcel, ManifestTotal, WaveClosed,
};

use super::order::{Order, Told, Trip};
use super::pool::{OrderKey, Pool};

/// Parcels on a page of a manifest.
const PAGE: usize = 500;

/// A wave that was closed: its parcels as they were taken, page by page.
#[derive(Clone, Debug, Default)]
pub(super) struct Wave {
    pub(super) pages: Vec<Vec<(OrderKey, u32)>>,
    /// How often each page was told.
    pub(super) told: Vec<u32>,
}

impl Pool {
    /// Takes every parcel that may leave and is in no wave yet. Says whether the wave is a new one.
    pub(super) fn close_wave(&mut self, closed: &WaveClosed, out: &mut Effects) -> bool {
        let wave_id = &closed.wave_id;
        if self.waves.contains_key(wave_id) {
            return false;
        }
        let mut taken: Vec<(OrderKey, u32)> = Vec::new();
        for (key, order) in &self.orders {
            let session = order.session_id.as_ref().map(|(_, id)| id);
            let asked_for = closed.session_id.is_none() || session == closed.session_id.as_ref();
            for told in order.parcels.iter().filter(|_| asked_for) {
                if told.trip == Trip::Requested && told.wave.is_none() {
                    taken.push((key.clone(), told.number));
                }
            }
        }
        taken.sort_by_key(|(key, _)| self.orders[key].place);
        for (key, number) in &taken {
            let parcels = &mut self.order_mut(key).parcels;
            let told = parcels.iter_mut().find(|told| told.number == *number);
            told.expect("it was just seen").wave = Some(wave_id.clone());
        }
        let mut pages: Vec<_> = taken.chunks(PAGE).map(<[_]>::to_vec).collect();
        if pages.is_empty() {
            pages.push(Vec::new());
        }
        let count = pages.len();
        self.waves.insert(wave_id.clone(), Wave { pages, told: vec![0; count] });
        for page in 0..count {
            self.tell_page(wave_id, page, out);
        }
        true
    }

    /// The parcels of a wave that have not left, and may.
    pub(super) fn still_in_wave(&self, wave_id: &Id) -> Vec<(OrderKey, u32)> {
        let pages = self.waves.get(wave_id).map_or(&[][..], |wave| &wave.pages);
        let mut parcels: Vec<(OrderKey, u32)> = pages.iter().flatten().cloned().collect();
        let requested = |told: &Told| told.trip == Trip::Requested;
        parcels.retain(|(key, number)| self.in_wave(wave_id, key, *number).is_some_and(requested));
        parcels.sort_by_key(|(key, _)| self.orders[key].place);
        parcels
    }

    fn in_wave(&self, wave_id: &Id, key: &OrderKey, number: u32) -> Option<&Told> {
        let told = self.orders.get(key)?.parcels.iter().find(|told| told.number == number)?;
        if told.wave.as_ref() == Some(wave_id) { Some(told) } else { None }
    }

    /// Pages of which parcels dropped out, or were revised, are told anew where that is wanted, if anything is left on them.
    pub(super) fn correct_manifests(
        &mut self,
        before: &BTreeMap<OrderKey, Order>,
        out: &mut Effects,
    ) {
        let as_it_was = |order: Option<&Order>, wave_id: &Id| {
            let parcels = order.map_or(&[][..], |o| &o.parcels).iter();
            let in_it = parcels.filter(|told| told.wave.as_ref() == Some(wave_id));
            in_it.map(|told| (told.number, told.revision)).collect::<Vec<_>>()
        };
        for (wave_id, wave) in self.waves.clone() {
            for (page, parcels) in wave.pages.iter().enumerate() {
                let keys: BTreeSet<&OrderKey> = parcels.iter().map(|(key, _)| key).collect();
                let changed = keys.into_iter().any(|key| {
                    let (was, is) = (before.get(key), self.orders.get(key));
                    is.is_some_and(|o| o.closed.is_none())
                        && as_it_was(was, &wave_id) != as_it_was(is, &wave_id)
                });
                let left = parcels.iter().any(|(key, n)| self.in_wave(&wave_id, key, *n).is_some());
                if self.manifest_corrections && changed && left {
                    self.tell_page(&wave_id, page, out);
                }
            }
        }
    }

    fn tell_page(&mut self, wave_id: &Id, page: usize, out: &mut Effects) {
        let wave = self.waves.get_mut(wave_id).expect("the wave was closed");
        wave.told[page] += 1;
        let (revision, pages) = (wave.told[page], wave.pages.clone());
        let mut totals: BTreeMap<(Id, Id), u64> = BTreeMap::new();
        let mut parcels = Vec::new();
        for (key, number) in &pages[page] {
            let Some(told) = self.in_wave(wave_id, key, *number) else { continue };
            for part in told.content.iter().flat_map(|packed| &packed.parts) {
                for (lot, units) in &part.lots {
                    let of = (part.sku.clone(), self.lots[*lot].lot_id.clone());
                    *totals.entry(of).or_default() += units;
                }
            }
            parcels.push(ManifestParcel {
                platform: key.0.clone(),
                order_id: key.1.clone(),
                number: *number,
                revision: told.revision,
                recipient_ref: self.orders[key].recipient_ref.as_ref().map(|(_, id)| id.clone()),
            });
        }
        let total = |((sku, lot_id), quantity)| ManifestTotal { sku, lot_id, quantity };
        let number = |n: usize| u32::try_from(n).expect("a pool has far fewer parcels");
        out.list.push(Effect::Fulfillment(Fulfillment::Manifest(Manifest {
            pool: self.id.clone(),
            wave_id: wave_id.clone(),
            page: number(page + 1),
            pages: number(pages.len()),
            revision,
            totals: totals.into_iter().map(total).collect(),
            parcels,
            told_at: self.now,
        })));
    }
}
