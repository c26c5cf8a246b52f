//! Waves that close and leave, in whatever order, and sessions that open and close.

use allotment::{HandedOver, Id, Session, WaveClosed, What};

use super::shelf::{tell, tell_on};
use super::{BEGIN, Feature, Pending, Rates, SECOND};
use crate::rng::Rng;

pub(super) fn wave(rng: &mut Rng) -> Id {
    Id::new(&format!("w{}", rng.below(4)))
}

/// A session that orders, waves and claims may be of.
pub(super) fn session(rng: &mut Rng) -> Id {
    Id::new(rng.word(&["live", "night"]))
}

/// All waves and sessions of a pool.
pub(super) fn fill(rng: &mut Rng, rates: &Rates, pool: &Id, pending: &mut Vec<Pending>) {
    if rates.has(Feature::Waves) {
        for number in 0..rng.between(1, 6) {
            let at = BEGIN + rng.between(0, 4000) * SECOND;
            let session_id = rng.percent(30).then(|| session(rng));
            let closed = WaveClosed { wave_id: wave(rng), session_id };
            tell(pool, &format!("wave-{number}"), at, What::WaveClosed(closed), pending);
        }
        for number in 0..rng.between(0, 5) {
            let at = BEGIN + rng.between(0, 4500) * SECOND;
            let handed = HandedOver { wave_id: Some(wave(rng)), ..HandedOver::default() };
            tell(pool, &format!("truck-{number}"), at, What::HandedOver(handed), pending);
        }
    }
    if rates.has(Feature::Sessions) {
        for number in 0..rng.between(1, 6) {
            let at = BEGIN + rng.between(-60, 4000) * SECOND;
            // The platform of the event is the session's, if it names one.
            let on = rng.percent(50).then(|| Id::new("douyin"));
            let of = Session {
                session_id: session(rng),
                platform: on.clone(),
                skus: vec![Id::new("orange")],
            };
            let what =
                if rng.percent(40) { What::SessionOpened(of) } else { What::SessionClosed(of) };
            let platform = if on.is_some() { "douyin" } else { "stock" };
            tell_on(platform, pool, &format!("session-{number}"), at, what, pending);
        }
    }
}
