//! Bundles as the catalogue's events tell them: decisions are told in what was ordered, stock in components.
//!
//! An order goes on to need what its bundles were when it asked, and which catalogue that was no topic tells.
//! So what is said of a bundle counts for its components only where it was always the same.

use std::collections::{BTreeMap, BTreeSet};

use allotment::Item;

/// The bundles of one pool.
#[derive(Debug, Default)]
pub(crate) struct Bundles {
    /// What each SKU consists of, nothing where it has stock of its own, as it was told first.
    parts: BTreeMap<String, BTreeMap<String, u64>>,
    /// Bundles that changed, with all that they ever consisted of.
    unsteady: BTreeSet<String>,
}

impl Bundles {
    /// A stock event named a SKU: it is no bundle, unless it was told to be one.
    pub(crate) fn named(&mut self, sku: &str) {
        if !self.parts.contains_key(sku) {
            self.parts.insert(sku.to_owned(), BTreeMap::new());
        }
    }

    /// The catalogue told of an item.
    pub(crate) fn told(&mut self, item: &Item) {
        let mut parts: BTreeMap<String, u64> = BTreeMap::new();
        for component in &item.components {
            self.named(&component.sku);
            *parts.entry(component.sku.to_string()).or_default() += u64::from(component.quantity);
        }
        let known = self.parts.entry(item.sku.to_string()).or_insert_with(|| parts.clone());
        if *known != parts {
            self.unsteady.insert(item.sku.to_string());
            self.unsteady.extend(known.keys().cloned().chain(parts.into_keys()));
        }
    }

    /// Whether what orders need of a SKU can be told from what was decided.
    pub(crate) fn is_steady(&self, sku: &str) -> bool {
        !self.unsteady.contains(sku)
    }

    /// Whether any of these is a bundle.
    pub(crate) fn any<'a>(&self, mut skus: impl Iterator<Item = &'a String>) -> bool {
        let bundle = |sku: &String| self.parts.get(sku).is_some_and(|parts| !parts.is_empty());
        skus.any(|sku| bundle(sku) || !self.is_steady(sku))
    }

    /// What units of `sku` as ordered are made of.
    pub(crate) fn made_of<'a>(&'a self, sku: &'a str, units: u64) -> Vec<(&'a str, u64)> {
        match self.parts.get(sku).filter(|parts| !parts.is_empty()) {
            None => vec![(sku, units)],
            Some(parts) => {
                let of_part =
                    |(part, of): (&'a String, &u64)| (part.as_str(), of.saturating_mul(units));
                parts.iter().map(of_part).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(sku: &str, parts: &[(&str, u32)]) -> Item {
        let component =
            |&(sku, quantity): &(&str, u32)| allotment::Component { sku: sku.into(), quantity };
        Item {
            sku: sku.into(),
            name: None,
            keywords: vec![],
            components: parts.iter().map(component).collect(),
            limit_per_buyer: None,
            safety_stock: None,
            low_stock_at: None,
            backorder: None,
            channels: vec![],
            season: None,
        }
    }

    #[test]
    fn a_bundle_is_what_it_consists_of_as_long_as_that_stays() {
        let mut bundles = Bundles::default();
        bundles.told(&item("gift", &[("tea", 2), ("nut", 1), ("tea", 1)]));
        assert_eq!(bundles.made_of("gift", 2), [("nut", 2), ("tea", 6)]);
        assert_eq!(bundles.made_of("tea", 2), [("tea", 2)]);
        bundles.told(&item("gift", &[("nut", 1), ("tea", 3)]));
        assert!(bundles.is_steady("gift") && bundles.is_steady("tea"));
        bundles.told(&item("gift", &[("nut", 1), ("fig", 3)]));
        assert!(["gift", "tea", "nut", "fig"].iter().all(|sku| !bundles.is_steady(sku)));
    }

    #[test]
    fn a_sku_that_becomes_a_bundle_is_not_steady() {
        let mut bundles = Bundles::default();
        bundles.named("gift");
        bundles.told(&item("gift", &[("tea", 2)]));
        assert!(!bundles.is_steady("gift") && !bundles.is_steady("tea"));
        assert!(bundles.any([&"gift".to_owned()].into_iter()));
    }
}
