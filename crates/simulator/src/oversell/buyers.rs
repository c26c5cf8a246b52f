//! Who comes: when, to which platform, for how much, and whether they pay.

use allotment::{Millis, Time};

use traffic::rng::Rng;

/// 2026-11-22 20:00 in China.
pub(super) const START: Time = Time(1_795_348_800_000);

/// The platforms, and how many of a hundred buyers come to each.
pub(super) const PLATFORMS: [(&str, u32); 4] =
    [("douyin", 44), ("weixin", 24), ("kuaishou", 20), ("taobao", 12)];

/// Units that there are. Buyers want three times as many.
pub(super) const STOCK: u32 = 1_000;

/// How long it goes, in seconds, and how many buyers come in one: the item is shown, the host counts down, and
/// what was not paid can still be had.
const ACTS: [(i64, u64); 3] = [(300, 1), (60, 25), (600, 1)];

/// A payment takes this long, and then each further [`HALF_OF_THEM`] half of those who are left.
const FIRST_PAYMENT: i64 = 2_000;
const HALF_OF_THEM: i64 = 6_000;

/// Nobody pays later.
const LAST_PAYMENT: i64 = 110_000;

/// How many of a hundred pay.
const PAY: i64 = 85;

/// What a platform says of an order reaches us within this span.
const TRAVEL: (i64, i64) = (60, 900);

/// One who comes to buy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Buyer {
    pub(super) at: Time,
    /// Index into the platforms.
    pub(super) platform: usize,
    pub(super) units: u32,
    /// How long after ordering, if ever.
    pub(super) pays_after: Option<Millis>,
    /// How long the news of the order and of its payment are under way.
    pub(super) travel: [Millis; 2],
}

/// The buyers of an evening, as they come.
pub(super) fn buyers(seed: u64) -> Vec<Buyer> {
    let mut rng = Rng::new(seed);
    let mut buyers = Vec::new();
    let mut begins = 0;
    for (seconds, a_second) in ACTS {
        let ends = begins + seconds * 1_000;
        for at in begins..ends {
            if rng.below(1_000) < a_second {
                buyers.push(buyer(START.plus(Millis(at)), &mut rng));
            }
        }
        begins = ends;
    }
    buyers
}

fn buyer(at: Time, rng: &mut Rng) -> Buyer {
    let platforms: Vec<(u32, usize)> = PLATFORMS.iter().map(|(_, share)| *share).zip(0..).collect();
    let halves = i64::from(rng.draw().trailing_zeros());
    let after = FIRST_PAYMENT + halves * HALF_OF_THEM + rng.between(0, HALF_OF_THEM);
    let mut travel = || Millis(rng.between(TRAVEL.0, TRAVEL.1));
    let travel = [travel(), travel()];
    Buyer {
        at,
        platform: weighted(&platforms, rng),
        units: weighted(&[(64, 1), (26, 2), (8, 3), (2, 5)], rng),
        pays_after: rng.percent(PAY).then_some(Millis(after.min(LAST_PAYMENT))),
        travel,
    }
}

/// One of `choices`, by their weights of a hundred.
fn weighted<T: Copy>(choices: &[(u32, T)], rng: &mut Rng) -> T {
    let mut left = rng.below(100);
    for &(weight, choice) in choices {
        if left < u64::from(weight) {
            return choice;
        }
        left -= u64::from(weight);
    }
    unreachable!("the weights are a hundred together")
}
