//! The one random generator of evenings, storms, simulated worlds and torture (SplitMix64). It has whole numbers only,
//! so that every machine draws the same.

/// A stream of draws from a seed.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// The stream of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = Self(seed);
        rng.draw();
        rng
    }

    /// The stream `name` of part `number` of whatever has this seed. Where each concern has a stream of its own, a new
    /// draw in one does not shift the others.
    #[must_use]
    pub fn stream(seed: u64, number: u32, name: &str) -> Self {
        let mut rng = Self(seed ^ u64::from(number).wrapping_mul(0xA24B_AED4_963E_E407));
        for byte in name.bytes() {
            rng.0 = rng.0.wrapping_add(u64::from(byte));
            rng.0 = rng.draw();
        }
        rng
    }

    /// Any number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        assert!(low <= high, "an empty range has nothing to draw");
        low.saturating_add_unsigned(self.below(high.abs_diff(low) + 1))
    }

    /// True in `percent` of a hundred draws.
    pub fn percent(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// True once in so many draws.
    pub fn one_in(&mut self, draws: u64) -> bool {
        self.below(draws) == 0
    }

    /// One of these words.
    pub fn word<'a>(&mut self, words: &[&'a str]) -> &'a str {
        let word: &&str = self.one_of(words);
        word
    }

    /// One of them, which are not none.
    pub fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// One of `choices`, by their weights.
    pub fn weighted<T: Copy>(&mut self, choices: &[(i64, T)]) -> T {
        let total = choices.iter().map(|(weight, _)| weight).sum();
        let mut left = self.between(1, total);
        for (weight, choice) in choices {
            left -= weight;
            if left <= 0 {
                return *choice;
            }
        }
        unreachable!("the draw is at most the sum of the weights")
    }

    /// A span that is mostly short and sometimes long: each further `half_life` is half as likely.
    pub fn decaying(&mut self, half_life: i64) -> i64 {
        i64::from(self.draw().trailing_zeros()) * half_life + self.between(0, half_life)
    }

    /// An opaque reference: `prefix` and ten hexadecimal digits.
    pub fn opaque(&mut self, prefix: &str) -> String {
        format!("{prefix}-{:010x}", self.draw() >> 24)
    }

    /// Brings a list into another order (Fisher-Yates).
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for last in (1..list.len()).rev() {
            list.swap(last, self.index(last + 1));
        }
    }

    /// A place in a list of this length, which is not 0.
    fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("it is below a length")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seeds that are written down somewhere (`seeds.txt`, a report of a failure) must go on to mean what they meant.
    #[test]
    fn a_seed_means_what_it_always_meant() {
        let mut rng = Rng::new(7);
        assert_eq!([rng.draw(), rng.draw()], [0x044C_3CD7_F43C_661C, 0xE698_4080_BAB1_2A02]);
        let mut stream = Rng::stream(7, 3, "orders");
        assert_eq!([stream.draw(), stream.draw()], [0xF7A5_EA6F_780D_F67D, 0xD9F9_6CF3_971C_EBE8]);
    }

    #[test]
    fn a_shuffle_loses_nothing_and_depends_on_the_seed() {
        let shuffled = |seed| {
            let mut list: Vec<u32> = (0..50).collect();
            Rng::new(seed).shuffle(&mut list);
            list
        };
        assert_eq!(shuffled(7), shuffled(7));
        assert_ne!(shuffled(7), shuffled(8));
        let mut sorted = shuffled(7);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn draws_keep_to_their_bounds() {
        let mut rng = Rng::new(1);
        for _ in 0..1_000 {
            assert!((-3..=3).contains(&rng.between(-3, 3)));
            assert!(rng.below(5) < 5);
            assert!(["a", "b"].contains(&rng.word(&["a", "b"])));
            assert_eq!(rng.weighted(&[(0, 1), (1, 2)]), 2);
        }
        assert!((0..100).all(|_| !rng.percent(0) && rng.percent(100) && rng.one_in(1)));
    }
}
