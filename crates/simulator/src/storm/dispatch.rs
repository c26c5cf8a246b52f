//! Waves that close and leave, in whatever order, and sessions that open and close.

use allotment::{HandedOver, Id, Session, WaveClosed, What};

use super::shelf::{tell, tell_on};
use super::{BEGIN, Feature, Pending, Rates, SECOND};
use crate::dice::Dice;

pub(super) fn wave(dice: &mut Dice) -> Id {
    Id::new(&format!("w{}", dice.below(4)))
}

/// A session that orders, waves and claims may be of.
pub(super) fn session(dice: &mut Dice) -> Id {
    Id::new(dice.word(&["live", "night"]))
}

/// All waves and sessions of a pool.
pub(super) fn fill(dice: &mut Dice, rates: &Rates, pool: &Id, pending: &mut Vec<Pending>) {
    if rates.has(Feature::Waves) {
        for number in 0..dice.between(1, 6) {
            let at = BEGIN + dice.between(0, 4000) * SECOND;
            let session_id = dice.percent(30).then(|| session(dice));
            let closed = WaveClosed { wave_id: wave(dice), session_id };
            tell(pool, &format!("wave-{number}"), at, What::WaveClosed(closed), pending);
        }
        for number in 0..dice.between(0, 5) {
            let at = BEGIN + dice.between(0, 4500) * SECOND;
            let handed = HandedOver { wave_id: Some(wave(dice)), ..HandedOver::default() };
            tell(pool, &format!("truck-{number}"), at, What::HandedOver(handed), pending);
        }
    }
    if rates.has(Feature::Sessions) {
        for number in 0..dice.between(1, 6) {
            let at = BEGIN + dice.between(-60, 4000) * SECOND;
            // The platform of the event is the session's, if it names one.
            let on = dice.percent(50).then(|| Id::new("douyin"));
            let of = Session {
                session_id: session(dice),
                platform: on.clone(),
                skus: vec![Id::new("orange")],
            };
            let what =
                if dice.percent(40) { What::SessionOpened(of) } else { What::SessionClosed(of) };
            let platform = if on.is_some() { "douyin" } else { "stock" };
            tell_on(platform, pool, &format!("session-{number}"), at, what, pending);
        }
    }
}
