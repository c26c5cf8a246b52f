//! How much is sold that is not there: one item, four platforms, a rush at the end, and a bridge that takes the
//! item off sale some time after the level said so.
//!
//! What decides is the production allotment. What a platform does, and the buyers, are made from a seed: they are
//! the same for every setting, so that settings can be compared. `docs/oversell.md` says what came of it.

mod buyers;
mod market;
mod settings;
mod table;

use allotment::Millis;

pub use self::market::Outcome;
pub use self::settings::{Setting, settings};
pub use self::table::table;

/// When the bridge has done what a level or a decision asks for; `None`: it never does.
pub type Reaction = Option<Millis>;

/// Plays the evening of `seed` to its end, when every order has been paid or closed.
#[must_use]
pub fn evening(seed: u64, setting: &Setting, reaction: Reaction) -> Outcome {
    market::Market::open(buyers::buyers(seed), setting, reaction).play()
}
