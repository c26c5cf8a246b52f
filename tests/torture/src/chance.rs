//! Chance from a seed: the same seed draws the same faults.

use std::time::Duration;

/// A stream of draws (SplitMix64).
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub(crate) const fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end as u64) as usize
    }

    /// True once in so many draws.
    pub(crate) const fn one_in(&mut self, draws: usize) -> bool {
        self.below(draws) == 0
    }

    /// A span of whole milliseconds between two.
    pub(crate) fn span(&mut self, (least, most): (u64, u64)) -> Duration {
        let width = usize::try_from(most - least).expect("spans are short");
        Duration::from_millis(least + self.below(width + 1) as u64)
    }

    /// Brings a list into another order (Fisher-Yates).
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_draws_the_same_again_and_a_shuffle_loses_nothing() {
        let shuffled = |seed| {
            let mut list: Vec<u32> = (0..50).collect();
            Chance::new(seed).shuffle(&mut list);
            list
        };
        assert_eq!(shuffled(7), shuffled(7));
        assert_ne!(shuffled(7), shuffled(8));
        let mut sorted = shuffled(7);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
    }
}
