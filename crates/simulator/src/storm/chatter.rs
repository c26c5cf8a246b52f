//! What buyers write: claims, withdrawals, complaints and everything else.

use allotment::{Body, Comment, Event, Id, Input, Time, What};

use super::life::{buyer, person};
use super::{BEGIN, Feature, Pending, Rates, SECOND, dispatch};
use crate::dice::Dice;
use crate::reference::COMMENTS;

/// All comments of a pool.
pub(super) fn fill(dice: &mut Dice, rates: &Rates, pool: &Id, pending: &mut Vec<Pending>) {
    if !rates.has(Feature::Comments) {
        return;
    }
    for number in 0..dice.between(3, 30) {
        let writer = dice.below(8) as i64;
        let comment = Comment {
            buyer_id: buyer(rates, &writer.to_string(), writer),
            text: Id::new(dice.word(&COMMENTS)),
            person_ref: person(dice, writer),
            session_id: dice.percent(60).then(|| dispatch::session(dice)),
        };
        let at = BEGIN + dice.between(-60, 3000) * SECOND;
        let event = Event {
            platform: Id::new(dice.word(&["douyin", "weixin", "tao%bao"])),
            event_id: Id::new(&format!("c{number}")),
            occurred_at: Time(at),
            what: What::Comment(comment),
        };
        let input = Input { pool: pool.clone(), arrival: Time(at), body: Body::Event(event) };
        pending.push(Pending { arrival: at, input });
    }
}
