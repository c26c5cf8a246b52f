//! Storms as a bridge publishes them: under names of their own, within a given time, so that many are played
//! beside each other on a Kafka.

use allotment::{Body, Event, Id, Input, Item, Millis, Time, What};
use serde_json::Value;

use super::spell::spell;
use super::{DAY, HOUR, SECOND, Storm};
use crate::evening::{Delivery, Topic};

/// What a storm takes by itself, about, where it doesn't jump.
const USUAL: i64 = 4000 * SECOND;

/// Where and when a storm is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scene<'a> {
    /// What the names of its pools begin with. Letters, digits and `-` only.
    pub name: &'a str,
    /// When it begins.
    pub start: Time,
    /// How long it takes. Its inputs come one after the other, as far from each other as from the next: where a storm
    /// jumps, the scene does not.
    pub length: Millis,
}

impl Storm {
    /// The storm on this scene: the same inputs in the same order. What an input says of time is as far from its arrival
    /// as it was, or nearer where the scene is shorter than the storm; a clock that is wrong by days stays so.
    #[must_use]
    pub fn play(&self, scene: Scene<'_>) -> Vec<Delivery> {
        let squeeze = (USUAL / scene.length.0.max(1)).max(1);
        let count = i64::try_from(self.inputs.len()).expect("storms are short").max(1);
        let deliver = |(number, input): (i64, &Input)| {
            let at = Millis(scene.length.0 * number / count);
            let input = elsewhere(input, scene.name);
            let input = then(input, scene.start.plus(at), squeeze);
            Delivery { at, topic: topic(&input), key: input.pool.to_string(), value: value(&input) }
        };
        (0..).zip(&self.inputs).map(deliver).collect()
    }
}

/// The same in a pool whose name begins with `name`.
fn elsewhere(input: &Input, name: &str) -> Input {
    let mut input = input.clone();
    if input.pool.is_empty() {
        return input;
    }
    if let Body::Event(Event { what: What::HandedOver(handed), .. }) = &mut input.body {
        let of_pool = format!("{}/", input.pool.replace('%', "%25").replace('/', "%2F"));
        for parcel in &mut handed.parcels {
            if parcel.fulfillment_id.starts_with(&of_pool) {
                parcel.fulfillment_id = Id::new(&format!("{name}{}", parcel.fulfillment_id));
            }
        }
    }
    input.pool = Id::new(&format!("{name}{}", input.pool));
    input
}

/// The same at another time.
fn then(mut input: Input, arrival: Time, squeeze: i64) -> Input {
    let before = std::mem::replace(&mut input.arrival, arrival);
    let moved = |time: Time| Time(arrival.0 + apart(time.0 - before.0, squeeze));
    // Whole seconds, and never none where there were some.
    let shorter = |seconds: i64| (seconds + squeeze - 1) / squeeze;
    if let Body::Event(event) = &mut input.body {
        event.occurred_at = moved(event.occurred_at);
        match &mut event.what {
            What::Received(received) => received.best_before = received.best_before.map(moved),
            What::Item(Item { backorder: Some(backorder), .. }) => {
                backorder.until = backorder.until.map(moved);
            }
            What::Policy(policy) => {
                policy.reservation_ttl_s = policy.reservation_ttl_s.map(shorter);
                policy.claim_ttl_s = policy.claim_ttl_s.map(shorter);
            }
            _ => {}
        }
    }
    input
}

/// How far a time is from its arrival on the scene, where it was so far in the storm.
///
/// More than a day ahead is refused. Nobody can publish to the millisecond, and time may stand still for a while. So
/// what is near that edge stays on its side of it, an hour away.
const fn apart(apart: i64, squeeze: i64) -> i64 {
    match apart {
        _ if apart.abs() < DAY / 2 => apart / squeeze,
        _ if apart > DAY => apart + HOUR,
        _ if apart > 0 => apart - HOUR,
        _ => apart,
    }
}

fn topic(input: &Input) -> Topic {
    match &input.body {
        Body::Event(Event { what: What::Comment(_), .. }) => Topic::Comments,
        Body::Event(Event { what: What::Order(_), .. }) | Body::Rejected(_) => Topic::Orders,
        Body::Event(_) => Topic::Stock,
    }
}

/// The input's bytes, with its arrival for who has no records.
fn value(input: &Input) -> Vec<u8> {
    let text = spell(input);
    let Ok(Value::Object(mut event)) = serde_json::from_str(&text) else {
        return text.into_bytes();
    };
    event.insert("received_at".to_owned(), input.arrival.0.into());
    Value::Object(event).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use contract::{Arrival, Decoder};

    use super::*;
    use crate::storm::TYPES;

    #[test]
    fn a_clock_that_is_wrong_by_days_stays_so_and_is_not_at_the_edge_of_what_is_taken() {
        for (before, after) in [
            (-8 * DAY, -8 * DAY),
            (-40 * SECOND, -SECOND),
            (40 * SECOND, SECOND),
            (DAY, DAY - HOUR),
            (DAY + 1, DAY + 1 + HOUR),
            (3 * DAY, 3 * DAY + HOUR),
        ] {
            assert_eq!(apart(before, 40), after, "{before}");
        }
    }

    #[test]
    fn what_is_played_is_the_storm_under_another_name_within_its_time_and_has_every_type() {
        let (start, length) = (Time(1_795_000_000_000), Millis(100_000));
        let (decoder, mut types) = (Decoder::default(), BTreeSet::new());
        for seed in 0..40 {
            let storm = Storm::new(seed);
            let name = format!("s{seed}-");
            let played = storm.play(Scene { name: &name, start, length });
            assert_eq!(played.len(), storm.inputs.len());
            assert!(played.is_sorted_by_key(|delivery| delivery.at));
            for (delivery, input) in played.iter().zip(&storm.inputs) {
                assert!(delivery.at < length && !delivery.value.contains(&b'\n'));
                let arrival = Arrival::FromEvent;
                let read: Vec<_> = decoder.decode(Some(&delivery.value), None, arrival).collect();
                let pool = &read[0].input.pool;
                assert_eq!(delivery.key, pool.to_string());
                assert!(pool.is_empty() || **pool == format!("{name}{}", input.pool));
                if read[0].rejection.is_none() {
                    assert_eq!(read[0].input.arrival, start.plus(delivery.at));
                    let event: Value = serde_json::from_slice(&delivery.value).expect("JSON");
                    types.extend(event["type"].as_str().map(str::to_owned));
                }
            }
        }
        assert_eq!(types, TYPES.map(str::to_owned).into());
    }
}
