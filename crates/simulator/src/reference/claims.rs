//! Claims: what buyers' comments hold of the stock until an order of theirs takes it over.

use std::collections::BTreeMap;

use allotment::{Id, Time};

use super::limits::{self, Units};
use super::order::{Holding, Recipe};
use super::pool::{OrderKey, Pool};
use super::stock::Holder;

/// Whose claim it is, and to what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClaimKey {
    pub(super) platform: Id,
    pub(super) buyer_id: Id,
    pub(super) sku: Id,
}

/// A claim to whole units of a SKU or a bundle.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) quantity: u64,
    pub(super) recipe: Option<Recipe>,
    pub(super) seasons: BTreeMap<Id, Option<Id>>,
    pub(super) person_ref: Option<Id>,
    pub(super) session_id: Option<Id>,
    pub(super) place: u64,
    /// None: it lives until something else ends it.
    pub(super) deadline: Option<Time>,
    pub(super) holdings: Vec<Holding>,
}

impl Claim {
    fn parts(&self, sku: &Id) -> Recipe {
        self.recipe.clone().unwrap_or_else(|| vec![(sku.clone(), 1)])
    }

    /// What it counts for against its buyer's limit.
    pub(super) fn bought(&self, sku: &Id) -> Units {
        let there = |part: &Id| super::channels::units_of(&self.holdings, part);
        let whole = super::bundles::whole_units(&self.parts(sku), self.quantity, there);
        limits::units(sku, whole, self.recipe.as_ref())
    }
}

impl Pool {
    /// A buyer claims units: the newest word counts, more only if it fits.
    pub(super) fn claim(
        &mut self,
        key: &ClaimKey,
        quantity: u64,
        person_ref: Option<&Id>,
        session_id: Option<&Id>,
    ) {
        let was = self.claims.get(key).cloned();
        let claim = was.clone().unwrap_or_else(|| self.new_claim(key));
        let claim = Claim {
            quantity,
            person_ref: person_ref.cloned().or(claim.person_ref),
            session_id: session_id.cloned().or(claim.session_id),
            ..claim
        };
        let who = Holder::Claim(key.clone());
        self.claims.insert(key.clone(), claim.clone());
        let fits = self.fits_claim(key, &claim);
        for (part, each) in claim.parts(&key.sku) {
            let (has, wants) = (super::channels::units_of(&claim.holdings, &part), quantity * each);
            if wants < has {
                self.give_back(&who, &part, has - wants);
            } else if fits {
                self.take(&who, &part, wants - has);
            }
        }
        if self.claims[key].holdings.is_empty() {
            self.claims.remove(key);
        } else if was.is_none() {
            let place = self.next_place();
            self.claims.get_mut(key).expect("it was just made").place = place;
        } else if let Some(was) = was.filter(|was| !fits && was.quantity < quantity) {
            self.claims.get_mut(key).expect("it was just seen").quantity = was.quantity;
        }
    }

    fn new_claim(&self, key: &ClaimKey) -> Claim {
        let recipe = self.recipe(&key.sku);
        let parts = recipe.iter().flatten().map(|(part, _)| part.clone());
        let seasons = parts.chain([key.sku.clone()]).map(|sku| (sku.clone(), self.season(&sku)));
        let ttl = self.policy.claim_ttl;
        Claim {
            quantity: 0,
            seasons: seasons.collect(),
            recipe,
            person_ref: None,
            session_id: None,
            place: 0,
            deadline: (ttl.0 > 0).then(|| self.now.plus(ttl)),
            holdings: Vec::new(),
        }
    }

    /// Whether all that a claim lacks can be held for it now.
    fn fits_claim(&self, key: &ClaimKey, claim: &Claim) -> bool {
        let lacks = |part: &Id, each: u64| {
            let has = super::channels::units_of(&claim.holdings, part);
            (claim.quantity * each).saturating_sub(has)
        };
        let there = claim.parts(&key.sku).iter().all(|(part, each)| {
            let room = self.available(part).min(self.sellable_units(part, &key.platform));
            lacks(part, *each) <= room
        });
        there && self.known.contains(&key.sku) && !self.claims_too_much(key, claim)
    }

    fn claims_too_much(&self, key: &ClaimKey, claim: &Claim) -> bool {
        let nobody = OrderKey::default();
        let wish = limits::units(&key.sku, claim.quantity, claim.recipe.as_ref());
        let had = claim.bought(&key.sku);
        wish.into_iter().any(|(sku, units)| {
            let Some(limit) = self.items.get(&sku).and_then(|item| item.limit_per_buyer) else {
                return false;
            };
            let season = claim.seasons.get(&sku).cloned().flatten();
            let own = had.get(&sku).copied().unwrap_or(0);
            let of_buyer = self.bought_by(&sku, &season, &nobody, |platform, buyer, _| {
                *platform == key.platform && buyer == Some(&key.buyer_id)
            });
            let of_person = claim.person_ref.as_ref().map_or(0, |person| {
                self.bought_by(&sku, &season, &nobody, |_, _, by| by == Some(person))
            });
            let more = units.saturating_sub(own);
            more > 0 && of_buyer.max(of_person) + more > u64::from(limit)
        })
    }

    /// A claim that lost units holds whole ones only, and none is none.
    pub(super) fn trim_claims(&mut self) {
        for (key, claim) in self.claims.clone() {
            let who = Holder::Claim(key.clone());
            let there = |part: &Id| super::channels::units_of(&claim.holdings, part);
            let parts = claim.parts(&key.sku);
            let whole = super::bundles::whole_units(&parts, claim.quantity, there);
            for (part, each) in &parts {
                self.give_back(&who, part, there(part) - whole * each);
            }
            if self.claims[&key].holdings.is_empty() {
                self.claims.remove(&key);
            }
        }
    }

    /// Ends claims: what they hold can be given to others.
    pub(super) fn end_claims(&mut self, ends: impl Fn(&ClaimKey, &Claim) -> bool) -> usize {
        let keys: Vec<ClaimKey> =
            self.claims.iter().filter(|(k, c)| ends(k, c)).map(|(k, _)| k.clone()).collect();
        for key in &keys {
            self.give_back_all(&Holder::Claim(key.clone()));
            self.claims.remove(key);
        }
        keys.len()
    }

    /// An order that asks takes over what its buyer claimed of the same. Says whether there was any.
    pub(super) fn take_claims_over(&mut self, key: &OrderKey) -> bool {
        let order = &self.orders[key];
        let tally = order.tally();
        let needs = order.needs();
        let lines: Vec<Id> = order
            .open_lines()
            .into_iter()
            .filter(|(_, open)| *open > 0)
            .map(|(l, _)| l.sku)
            .collect();
        let ended = self.end_claims(|claim_key, claim| {
            let same_buyer =
                claim_key.platform == key.0 && Some(&claim_key.buyer_id) == tally.buyer_id.as_ref();
            let same_person = claim.person_ref.is_some() && claim.person_ref == tally.person_ref;
            let needed = lines.contains(&claim_key.sku)
                || needs.iter().any(|(sku, _)| *sku == claim_key.sku);
            needed && (same_buyer || same_person)
        });
        ended > 0
    }
}
