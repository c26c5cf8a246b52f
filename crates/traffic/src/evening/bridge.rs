//! The bridge and its luck: what arrives late, twice, in the wrong order, or broken.

use allotment::Time;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use serde_json::{Map, Value, json};

use super::stage::{CURTAIN, Happening, SECOND, SHOW, Stage};
use super::{Delivery, Plan, Tally, Topic};
use crate::rng::Rng;

/// Hours that the platforms' clocks are ahead of UTC.
const CHINA: Offset = Offset::constant(8);

/// Publishes what happened in one pool.
pub(super) struct Bridge<'a> {
    plan: &'a Plan,
    stage: Stage,
    pool: String,
    /// When in stage time, and what.
    published: Vec<(i64, Delivery)>,
    tally: Tally,
}

impl<'a> Bridge<'a> {
    pub(super) fn new(plan: &'a Plan, pool: String) -> Self {
        Self { plan, stage: Stage::new(plan), pool, published: Vec::new(), tally: Tally::default() }
    }

    /// Takes what happened, in the order in which it happened, and publishes it: some of it late, some twice.
    pub(super) fn carry(&mut self, happenings: &[Happening], rng: &mut Rng) {
        for happening in happenings {
            let usual = rng.between(60, 900);
            let mut travel = happening.travel.unwrap_or(usual);
            let unlucky = happening.topic == Topic::Orders && happening.travel.is_none();
            if unlucky && rng.percent(4) {
                travel = rng.between(15 * SECOND, 150 * SECOND);
                self.tally.late += 1;
            }
            self.publish(happening, happening.at + travel);
            if happening.topic == Topic::Orders && rng.percent(6) {
                self.tally.duplicates += 1;
                self.publish(happening, happening.at + travel + rng.decaying(2 * SECOND));
            }
        }
    }

    /// A delivery whose identity was used for something else: the platform's own fault.
    pub(super) fn contradict(&mut self, happening: &Happening, rng: &mut Rng) {
        let mut other = happening.clone();
        other
            .fields
            .insert("lines".into(), json!([{"line_id": "1", "sku": "orange-5kg", "quantity": 9}]));
        self.tally.conflicts += 1;
        self.publish(&other, happening.at + rng.between(160 * SECOND, 170 * SECOND));
    }

    /// Records that nobody can take: each is a dead letter.
    pub(super) fn garble(&mut self, happening: &Happening, rng: &mut Rng) {
        let mut bad: Vec<(&str, Value)> =
            vec![("lines", json!([])), ("type", json!("order.teleported"))];
        bad.push(("order_id", Value::Null));
        bad.push(("lines", json!([{"line_id": "1", "sku": "orange-5kg", "quantity": 0}])));
        let cut = rng.between(20, 60);
        for (nth, (field, value)) in bad.into_iter().enumerate() {
            let at = rng.between(CURTAIN, SHOW - 60 * SECOND);
            let mut event = self.event(happening, at);
            event.insert("event_id".into(), format!("odd-{}-{nth}", self.plan.seed).into());
            event.insert(field.into(), value);
            self.publish_bytes(at, Topic::Orders, bytes(&event));
            self.tally.bad += 1;
        }
        let mut torn = bytes(&self.event(happening, CURTAIN));
        torn.truncate(torn.len() - usize::try_from(cut).expect("a few bytes"));
        self.publish_bytes(rng.between(CURTAIN, SHOW - 60 * SECOND), Topic::Orders, torn);
        self.tally.bad += 1;
    }

    /// What was published, in that order, by stage time.
    pub(super) fn finish(mut self) -> (Vec<(i64, Delivery)>, Tally) {
        // Stable: what is published in the same moment stays in the order in which it happened.
        self.published.sort_by_key(|(at, _)| *at);
        (self.published, self.tally)
    }

    fn publish(&mut self, happening: &Happening, at: i64) {
        let at = at.min(SHOW);
        let event = self.event(happening, at);
        self.publish_bytes(at, happening.topic, bytes(&event));
    }

    fn publish_bytes(&mut self, at: i64, topic: Topic, value: Vec<u8>) {
        let at_offset = self.stage.offset(at);
        self.published.push((at, Delivery { at: at_offset, topic, key: self.pool.clone(), value }));
    }

    fn event(&self, happening: &Happening, received: i64) -> Map<String, Value> {
        let mut event = Map::new();
        event.insert("type".into(), happening.kind.into());
        if let Some(id) = &happening.event_id {
            event.insert("event_id".into(), id.clone());
        }
        if let Some(platform) = happening.platform {
            event.insert("platform".into(), platform.into());
        }
        event.insert("pool".into(), self.pool.as_str().into());
        let occurred = self.stage.instant(happening.at);
        // Kuaishou writes its times in milliseconds, the others as text.
        let occurred = match happening.platform {
            Some("kuaishou") => json!(occurred.0),
            _ => json!(text(occurred)),
        };
        event.insert("occurred_at".into(), occurred);
        event.insert("received_at".into(), text(self.stage.instant(received)).into());
        event.extend(happening.fields.clone());
        event
    }
}

/// The instant as the platforms write it: RFC 3339 with China's offset.
fn text(instant: Time) -> String {
    local(instant).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// The local date `days` after the instant's.
pub(super) fn date_after(instant: Time, days: i64) -> String {
    let later = instant.plus(allotment::Millis::from_secs(days * 24 * 60 * 60));
    local(later).strftime("%Y-%m-%d").to_string()
}

fn local(instant: Time) -> Zoned {
    let stamp = Timestamp::from_millisecond(instant.0)
        .expect("a plan starts within jiff's ten thousand years");
    stamp.to_zoned(TimeZone::fixed(CHINA))
}

fn bytes(event: &Map<String, Value>) -> Vec<u8> {
    serde_json::to_vec(event).expect("a map of JSON values is JSON")
}
