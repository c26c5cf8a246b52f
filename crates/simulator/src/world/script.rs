//! The workload: a storm's inputs as records that bridges send, when, how, and to which partition.

use std::collections::VecDeque;

use allotment::{Body, Id, Input, Time, What};
use contract::{Header, Topic, headers};
use lane::home;

use super::rates::Rates;
use crate::kafka::{Message, Place};
use traffic::rng::Rng;
use traffic::storm::{Storm, spell};

/// A record that a bridge sends.
#[derive(Clone, Debug)]
pub(super) struct Sending {
    /// When.
    pub(super) at: Time,
    /// Where to.
    pub(super) place: Place,
    /// What.
    pub(super) message: Message,
    /// In which way.
    pub(super) way: Way,
}

/// How a record is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By itself.
    Plain,
    /// In a transaction of its own, which ends after so many milliseconds.
    Transaction {
        /// How long it is open.
        open: i64,
        /// How it ends; `None`: the bridge is gone.
        commit: Option<bool>,
    },
}

/// All that the bridges send, in the order of time.
#[must_use]
pub(super) fn script(seed: u64, rng: &mut Rng, rates: &Rates) -> VecDeque<Sending> {
    let inputs = Storm::new(seed).inputs;
    let mut script = VecDeque::new();
    let (mut rest, mut clock) = (&inputs[..], Time::MIN);
    while !rest.is_empty() {
        let together = if rng.percent(rates.bridges.arrays) { rng.between(1, 4) } else { 1 };
        let (now, later) = rest.split_at(rest.len().min(together as usize));
        rest = later;
        let arrival = now.iter().map(|input| input.arrival).max().unwrap_or_default();
        // What arrives with an older time than its neighbour is written after it all the same.
        clock = clock.max(arrival);
        script.push_back(sending(rng, rates, now, arrival, clock));
    }
    script
}

fn sending(rng: &mut Rng, rates: &Rates, inputs: &[Input], arrival: Time, at: Time) -> Sending {
    let bridges = &rates.bridges;
    let first = &inputs[0];
    let own = if first.pool.is_empty() { 0 } else { home(&first.pool, rates.partitions) };
    let misplaced = rates.partitions > 1 && rng.percent(bridges.misplaced);
    let away = if misplaced { rng.between(1, i64::from(rates.partitions) - 1) as u32 } else { 0 };
    let topic = if rng.percent(bridges.other_topic) {
        *rng.one_of(&[Topic::Orders, Topic::Stock, Topic::Comments, Topic::Reroute])
    } else {
        usual_topic(first)
    };
    let way = if rng.percent(bridges.transactions) {
        let commit = !rng.percent(bridges.aborted);
        let hanging = rng.percent(bridges.hanging);
        Way::Transaction { open: rng.between(1, 4000), commit: (!hanging).then_some(commit) }
    } else {
        Way::Plain
    };
    let mut list = Vec::new();
    if rng.percent(bridges.traced) {
        list.push(Header::new(headers::TRACEPARENT, format!("00-{:032x}-01", rng.below(99))));
    }
    let message = Message {
        timestamp: timestamp(rng, rates, arrival),
        key: key(rng, &first.pool),
        headers: list,
        value: Some(value(inputs)),
    };
    Sending { at, place: (topic, (own + away) % rates.partitions), message, way }
}

/// When it is sent; some bridges set no time, or one in another unit.
fn timestamp(rng: &mut Rng, rates: &Rates, arrival: Time) -> Time {
    // Thrown beside the others, so that seeds stay what they were but for this.
    let mut aside = rng.clone();
    if !aside.percent(rates.bridges.odd_times) {
        return arrival;
    }
    let Time(at) = arrival;
    Time(*aside.one_of(&[-1, 0, at / 1000, at.saturating_mul(1000), at + 3_600_000]))
}

/// The pool, as the contract has it; some bridges forget it.
fn key(rng: &mut Rng, pool: &Id) -> Option<Vec<u8>> {
    (!rng.percent(10)).then(|| pool.as_bytes().to_vec())
}

fn value(inputs: &[Input]) -> Vec<u8> {
    let entries: Vec<String> = inputs.iter().map(spell).collect();
    if entries.len() == 1 { entries.concat() } else { format!("[{}]", entries.join(",")) }.into()
}

fn usual_topic(input: &Input) -> Topic {
    match &input.body {
        Body::Event(event) => match event.what {
            What::Order(_) => Topic::Orders,
            What::Comment(_) => Topic::Comments,
            _ => Topic::Stock,
        },
        Body::Rejected(_) => Topic::Orders,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bridges_do_all_that_they_may() {
        let mut ways = [0; 4];
        let (mut arrays, mut misplaced, mut others) = (0, 0, 0);
        for seed in 0..100 {
            let mut rng = Rng::new(seed);
            let rates = Rates::draw(&mut rng);
            let script = script(seed, &mut rng, &rates);
            assert!(script.iter().is_sorted_by_key(|sending| sending.at));
            for Sending { place, message, way, .. } in &script {
                ways[match way {
                    Way::Plain => 0,
                    Way::Transaction { commit: Some(true), .. } => 1,
                    Way::Transaction { commit: Some(false), .. } => 2,
                    Way::Transaction { commit: None, .. } => 3,
                }] += 1;
                arrays += usize::from(message.value.as_ref().is_some_and(|v| v[0] == b'['));
                others += usize::from(place.0 == Topic::Reroute);
                let pool =
                    message.key.as_ref().map(|key| String::from_utf8_lossy(key).into_owned());
                let own = pool.filter(|pool| !pool.is_empty()).map(|p| home(&p, rates.partitions));
                misplaced += usize::from(own.is_some_and(|own| own != place.1));
            }
        }
        assert!(ways.iter().all(|count| *count > 10), "{ways:?}");
        assert!(arrays > 50 && misplaced > 50 && others > 10, "{arrays} {misplaced} {others}");
    }
}
