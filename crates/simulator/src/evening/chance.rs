//! Chance from a seed: whole numbers only, so that every machine draws the same.

/// A stream of draws. Each concern has a stream of its own: a new draw in one does not shift the others.
pub(super) struct Chance(u64);

impl Chance {
    /// The stream named `stream` of pool number `pool`.
    pub(super) fn new(seed: u64, pool: u32, stream: &str) -> Self {
        let mut chance = Self(seed ^ u64::from(pool).wrapping_mul(0xA24B_AED4_963E_E407));
        for byte in stream.bytes() {
            chance.0 = chance.0.wrapping_add(u64::from(byte));
            chance.0 = chance.draw();
        }
        chance
    }

    /// The next 64 bits (SplitMix64).
    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        assert!(low <= high, "an empty range has nothing to draw");
        let width = high.abs_diff(low) + 1;
        low.saturating_add_unsigned(self.draw() % width)
    }

    /// True in `percent` of a hundred draws.
    pub(super) fn percent(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of `choices`, by their weights.
    pub(super) fn weighted<T: Copy>(&mut self, choices: &[(i64, T)]) -> T {
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
    pub(super) fn decaying(&mut self, half_life: i64) -> i64 {
        i64::from(self.draw().trailing_zeros()) * half_life + self.between(0, half_life)
    }

    /// An opaque reference: `prefix` and ten hexadecimal digits.
    pub(super) fn opaque(&mut self, prefix: &str) -> String {
        format!("{prefix}-{:010x}", self.draw() >> 24)
    }
}
