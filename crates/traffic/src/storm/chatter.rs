//! What buyers write: claims, withdrawals, complaints and everything else.

use allotment::{Body, Comment, Event, Id, Input, Time, What};

use super::life::{buyer, person};
use super::{BEGIN, Feature, Pending, Rates, SECOND, dispatch};
use crate::rng::Rng;

/// All that is ever written: what each means is for whoever reads it to say.
pub const COMMENTS: [&str; 12] = [
    "橙子+1",
    "橙子x3",
    "要2箱橙子",
    "tea+2",
    "要12箱egg",
    "box+1",
    "不要了",
    "取消橙子",
    "取消",
    "坏了三个",
    "主播好",
    "什么时候发货",
];

/// All comments of a pool.
pub(super) fn fill(rng: &mut Rng, rates: &Rates, pool: &Id, pending: &mut Vec<Pending>) {
    if !rates.has(Feature::Comments) {
        return;
    }
    for number in 0..rng.between(3, 30) {
        let writer = rng.below(8) as i64;
        let comment = Comment {
            buyer_id: buyer(rates, &writer.to_string(), writer),
            text: Id::new(rng.word(&COMMENTS)),
            person_ref: person(rng, writer),
            session_id: rng.percent(60).then(|| dispatch::session(rng)),
        };
        let at = BEGIN + rng.between(-60, 3000) * SECOND;
        let event = Event {
            platform: Id::new(rng.word(&["douyin", "weixin", "tao%bao"])),
            event_id: Id::new(&format!("c{number}")),
            occurred_at: Time(at),
            what: What::Comment(comment),
        };
        let input = Input { pool: pool.clone(), arrival: Time(at), body: Body::Event(event) };
        pending.push(Pending { arrival: at, input });
    }
}
