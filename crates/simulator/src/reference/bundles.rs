//! Bundles: what a line consists of, and how many whole ones the units at hand make.

use allotment::{Id, Item, Line};

use super::order::{Order, Recipe};
use super::pool::{OrderKey, Pool};

impl Order {
    /// What each unit of an ordered SKU consists of.
    pub(super) fn parts_of(&self, sku: &Id) -> Recipe {
        self.recipes.get(sku).cloned().unwrap_or_else(|| vec![(sku.clone(), 1)])
    }

    /// The units that it holds of what is whole, SKU by SKU.
    pub(super) fn whole_needs(&self) -> Vec<(Id, u64)> {
        let mut needs = Vec::new();
        for (line, _, whole) in self.filled_lines() {
            for (part, each) in self.parts_of(&line.sku) {
                add(&mut needs, part, whole * each);
            }
        }
        needs
    }

    /// Its open lines with the whole units that it holds for each, first line first.
    pub(super) fn filled_lines(&self) -> Vec<(Line, u64, u64)> {
        let mut held: Vec<(Id, u64)> = Vec::new();
        for holding in &self.holdings {
            add(&mut held, holding.sku.clone(), holding.units);
        }
        let mut filled = Vec::new();
        for (line, open) in self.open_lines() {
            let parts = self.parts_of(&line.sku);
            let whole = whole_units(&parts, open, |sku| there(&held, sku));
            for (part, each) in parts {
                for (_, units) in held.iter_mut().filter(|(sku, _)| *sku == part) {
                    *units -= whole * each;
                }
            }
            filled.push((line, open, whole));
        }
        filled
    }
}

impl Pool {
    pub(super) fn is_bundle(&self, sku: &Id) -> bool {
        self.items.get(sku).is_some_and(|item| !item.components.is_empty())
    }

    /// What a bundle consists of now, each SKU once; what has stock of its own consists of nothing else.
    pub(super) fn recipe(&self, sku: &Id) -> Option<Recipe> {
        let mut recipe = Recipe::new();
        for component in &self.items.get(sku)?.components {
            add(&mut recipe, component.sku.clone(), u64::from(component.quantity));
        }
        if recipe.is_empty() { None } else { Some(recipe) }
    }

    /// An order's lines are taken apart by what their SKUs consist of now.
    pub(super) fn take_apart(&mut self, key: &OrderKey) {
        let lines = self.orders[key].effective();
        let recipes =
            lines.iter().filter_map(|line| Some((line.sku.clone(), self.recipe(&line.sku)?)));
        self.order_mut(key).recipes = recipes.collect();
    }

    /// An order that held all that was not refused to it waits again: by then what it asked for may be a
    /// bundle.
    pub(super) fn take_apart_what_was_whole(&mut self, key: &OrderKey) {
        let lines = self.orders[key].effective();
        for line in lines {
            if let Some(recipe) = self.recipe(&line.sku) {
                self.order_mut(key).recipes.entry(line.sku).or_insert(recipe);
            }
        }
        self.note_seasons(key);
    }

    pub(super) fn replace_item(&mut self, item: Item) {
        let sku = item.sku.clone();
        let was_known = !self.known.insert(sku.clone());
        self.known.extend(item.components.iter().map(|part| part.sku.clone()));
        self.items.insert(sku.clone(), item);
        // Whoever waits for it may have more of it than before.
        self.released.insert(sku.clone());
        if !was_known && let Some(recipe) = self.recipe(&sku) {
            // Who waits for what nothing had named learns what it waits for.
            let waits = |order: &Order| order.waits().iter().any(|(lacked, _)| *lacked == sku);
            let waiting = self.orders.iter().filter(|(_, order)| waits(order));
            for key in waiting.map(|(key, _)| key.clone()).collect::<Vec<_>>() {
                self.take_apart_what_was_whole(&key);
                self.released.extend(recipe.iter().map(|(part, _)| part.clone()));
            }
        }
    }
}

/// How many whole units can be made, `most` at most.
pub(super) fn whole_units(parts: &[(Id, u64)], most: u64, there: impl Fn(&Id) -> u64) -> u64 {
    parts.iter().map(|(sku, each)| there(sku) / each).min().unwrap_or(0).min(most)
}

/// Adds units of a SKU to a list that has each SKU once.
pub(super) fn add(list: &mut Vec<(Id, u64)>, sku: Id, units: u64) {
    match list.iter_mut().find(|(known, _)| *known == sku) {
        Some((_, sum)) => *sum += units,
        None => list.push((sku, units)),
    }
}

fn there(held: &[(Id, u64)], sku: &Id) -> u64 {
    held.iter().find(|(s, _)| s == sku).map_or(0, |(_, units)| *units)
}
