//! What bundles consist of.
//!
//! A recipe never changes: an item that comes with other components gets another recipe, so that an order
//! goes on to need what its bundles were when it asked.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};
use smallvec::SmallVec;

use super::{SkuIx, Stock};
use crate::bounds::PART_MAX;
use crate::weight;

/// Units of a SKU that one unit of another consists of.
pub(crate) type Part = (SkuIx, u64);

/// Units of several SKUs, each SKU once. Few orders name more SKUs than fit here without an allocation.
pub(crate) type Parts = SmallVec<[Part; 4]>;

/// The recipe by which something is taken apart, if it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct RecipeIx(#[n(0)] u32);

impl RecipeIx {
    /// It is not taken apart: it has stock of its own.
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    fn position(self) -> Option<usize> {
        self.0.checked_sub(1).map(|at| at as usize)
    }
}

/// The recipes that a pool's bundles have or had, each once.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct Recipes(#[n(0)] Vec<Vec<Part>>);

impl Recipes {
    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn weight(&self) -> usize {
        weight::list(&self.0)
    }

    /// What the parts take.
    fn weigh_parts(&self) -> usize {
        self.0.iter().map(weight::list).sum()
    }
}

impl Stock {
    /// What one unit of `sku` consists of if it is taken apart by `recipe`; of itself if it is not.
    pub(crate) fn parts(&self, sku: SkuIx, recipe: RecipeIx) -> impl Iterator<Item = Part> {
        let own = recipe.is_none().then_some((sku, 1));
        own.into_iter().chain(self.recipe(recipe).iter().copied())
    }

    /// What a bundle consists of now; nothing for a SKU with stock of its own.
    pub(crate) fn components(&self, sku: SkuIx) -> &[Part] {
        self.recipe(self.sku(sku).recipe)
    }

    fn recipe(&self, recipe: RecipeIx) -> &[Part] {
        recipe.position().map_or(&[], |at| &self.recipes.0[at])
    }

    /// `bundle` consists of `parts` from now on, or has stock of its own if there are none.
    pub(crate) fn set_components(&mut self, bundle: SkuIx, parts: Vec<Part>) {
        for (part, _) in self.components(bundle).to_vec() {
            self.sku_mut(part).part_of.retain(|&of| of != bundle);
        }
        for &(part, _) in &parts {
            self.sku_mut(part).part_of.push(bundle);
        }
        let recipe = if parts.is_empty() { RecipeIx::NONE } else { self.recipe_of(parts) };
        self.sku_mut(bundle).recipe = recipe;
        self.touch(bundle);
    }

    fn recipe_of(&mut self, parts: Vec<Part>) -> RecipeIx {
        let recipes = &mut self.recipes.0;
        let at = recipes.iter().position(|recipe| *recipe == parts).unwrap_or_else(|| {
            self.parts += weight::list(&parts);
            recipes.push(parts);
            recipes.len() - 1
        });
        RecipeIx(u32::try_from(at + 1).expect("a pool has fewer than 2^32 recipes"))
    }

    /// Whether units of the SKU were ever in a lot.
    pub(crate) fn ever_had_lot(&self, sku: SkuIx) -> bool {
        self.lots.iter().any(|lot| lot.sku == sku)
    }

    /// Asserts that what recipes take is what a walk adds up.
    pub(crate) fn assert_weight(&self) {
        assert_eq!(self.parts, self.recipes.weigh_parts(), "what recipes take");
    }

    pub(crate) fn has_recipe(&self, recipe: RecipeIx) -> bool {
        recipe.position().is_none_or(|at| at < self.recipes.0.len())
    }

    /// Checks the recipes of a stock that was restored, and finds what is in which bundle.
    pub(super) fn rebuild_recipes(&mut self) -> Result<(), &'static str> {
        self.parts = self.recipes.weigh_parts();
        for recipe in &self.recipes.0 {
            let known = |&(sku, units): &Part| self.has_sku(sku) && (1..=PART_MAX).contains(&units);
            let twice = |at: usize| recipe[..at].iter().any(|&(sku, _)| sku == recipe[at].0);
            if recipe.is_empty() || !recipe.iter().all(known) || (0..recipe.len()).any(twice) {
                return Err(
                    "a bundle of it is of nothing or too much, of a SKU that it does not have, or of one twice",
                );
            }
        }
        if !self.skus.iter().all(|sku| self.has_recipe(sku.recipe)) {
            return Err("a bundle of it has a recipe by a number that it does not have");
        }
        for at in 0..self.skus.len() {
            let bundle = SkuIx(u32::try_from(at).map_err(|_| "it has too many SKUs")?);
            for (part, _) in self.components(bundle).to_vec() {
                if !self.sku(part).recipe.is_none() {
                    return Err("a bundle of it is in a bundle");
                }
                self.sku_mut(part).part_of.push(bundle);
            }
        }
        Ok(())
    }
}
