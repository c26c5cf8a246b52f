//! What storms can be about beside orders, lots, adjustments and trucks.

use std::collections::BTreeSet;

use crate::rng::Rng;

/// One thing that a storm can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// `stock.counted`.
    Counts,
    /// `stock.recalled`.
    Recalls,
    /// Items with components.
    Bundles,
    /// `wave.closed`, and trucks that take a wave.
    Waves,
    /// `session.opened` and `session.closed`.
    Sessions,
    /// Items with channels, safety stock and seasons.
    Channels,
    /// Items with `limit_per_buyer`, and buyers with several orders.
    Limits,
    /// Items with a backorder.
    Backorder,
    /// `paid_preempts_reserved`.
    Preemption,
    /// `comment.posted`, and policies for claims.
    Comments,
}

impl Feature {
    /// Every feature there is, each with its name.
    pub const ALL: [(&str, Self); 10] = [
        ("counts", Self::Counts),
        ("recalls", Self::Recalls),
        ("bundles", Self::Bundles),
        ("waves", Self::Waves),
        ("sessions", Self::Sessions),
        ("channels", Self::Channels),
        ("limits", Self::Limits),
        ("backorder", Self::Backorder),
        ("preemption", Self::Preemption),
        ("comments", Self::Comments),
    ];
}

/// The features that storms may have.
#[derive(Clone, Debug, Default)]
pub struct Features(BTreeSet<Feature>);

impl Features {
    /// All that there are.
    #[must_use]
    pub fn all() -> Self {
        Self(Feature::ALL.into_iter().map(|(_, feature)| feature).collect())
    }

    /// Those named in a text, with commas between them.
    ///
    /// # Errors
    /// The first name that is none.
    pub fn named(text: &str) -> Result<Self, String> {
        let find = |name: &str| Feature::ALL.into_iter().find(|(known, _)| *known == name);
        let one = |name: &str| find(name).map(|(_, of)| of).ok_or_else(|| name.to_owned());
        Ok(Self(text.split(',').map(one).collect::<Result<_, _>>()?))
    }

    /// Those that one storm has: each storm is about few things.
    pub(super) fn draw(&self, seed: u64) -> Self {
        // Dice of their own: what else the storm has does not depend on them.
        let mut rng = Rng::new(seed ^ 0xFEA7_0235);
        let percent = [15, 40, 80][rng.below(3) as usize];
        Self(self.0.iter().copied().filter(|_| rng.percent(percent)).collect())
    }

    pub(super) fn has(&self, feature: Feature) -> bool {
        self.0.contains(&feature)
    }
}
