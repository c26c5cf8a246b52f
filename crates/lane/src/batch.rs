//! A batch in, a batch out: the one way to the partition's state, for a live lane and for a replay.
//!
//! The way of an event, each step in a file of its own, none of them entered twice:
//!
//! ```text
//! record ─► decode ─► home ─► engine ─► encode ─► outputs
//!           events    here?   decided   records   the transaction
//! ```
//!
//! A batch is opened (time may pass first), takes records one by one, and is closed: then its outputs are whole.

use allotment::Time;
use contract::{Arrival, Delivery};

use crate::codec::Codec;
use crate::decode::{Place, decode};
use crate::encode::{self, Outcome, Part};
use crate::engine::{Engine, Moment};
use crate::home::Belongs;
use crate::journal_chain::Passing;
use crate::merge_queue::Held;
use crate::outputs::Outputs;
use crate::{InputTopic, Surplus};

/// A batch that takes records.
#[derive(Debug)]
pub(crate) struct Batch {
    /// No arrival counts as later than this.
    clock: Time,
    /// Records bring time no further than this.
    until: Option<Time>,
    out: Outputs,
}

impl Batch {
    /// Begins a batch: time passes to where it has followed the clock.
    pub(crate) fn open(
        engine: &mut Engine,
        codec: &Codec,
        Passing { clock, followed, until }: Passing,
        mut out: Outputs,
    ) -> Self {
        if let Some(time) = followed {
            let effects = engine.advance(time);
            if !out.muted {
                encode::effects(codec, engine.here.index, None, &effects, &mut out.records);
            }
            out.add_effects(effects);
        }
        Self { clock, until, out }
    }

    /// Takes a record: each event in it that is at home here has its effect, the others are sent home.
    pub(crate) fn take(
        &mut self,
        engine: &mut Engine,
        codec: &Codec,
        input: InputTopic,
        held: &Held,
    ) {
        let (here, arrival) = (engine.here, held.arrival(self.clock));
        let now = self.until.map_or(arrival, |until| arrival.min(until));
        let place = Place { input, partition: here.index };
        let (origin, deliveries) = decode(codec, place, &held.record, Arrival::Record(arrival));
        let sorted = here.sort(deliveries, origin.rerouted);
        engine.begin(now);
        for (belongs, Delivery { entry, bytes, input: event, rejection }) in sorted {
            let moment = Moment { now, clock: Some(self.clock) };
            let outcome = match belongs {
                Belongs::Here => Outcome::Applied(engine.apply(event, rejection, moment)),
                Belongs::Astray(home) => Outcome::Applied(engine.refuse_astray(&event, home)),
                Belongs::Elsewhere(home) => Outcome::SentHome(home),
            };
            if !self.out.muted {
                let part = Part { input, origin: &origin, arrival, entry, bytes };
                encode::outcome(codec, here.index, part, &outcome, &mut self.out.records);
            }
            self.out.add(outcome);
        }
        self.out.count_record(arrival);
    }

    /// Sends a record home that came on a partition of which there is no lane; what has no home, to this one.
    pub(crate) fn send_home(
        &mut self,
        engine: &Engine,
        codec: &Codec,
        Surplus { input, partition }: Surplus,
        held: &Held,
    ) {
        let (here, arrival) = (engine.here, held.arrival(self.clock));
        let place = Place { input, partition };
        let (origin, deliveries) = decode(codec, place, &held.record, Arrival::Record(arrival));
        for Delivery { entry, bytes, input: event, .. } in deliveries {
            let outcome = Outcome::SentHome(here.home_of(&event));
            let part = Part { input, origin: &origin, arrival, entry, bytes };
            encode::outcome(codec, here.index, part, &outcome, &mut self.out.records);
            self.out.add(outcome);
        }
        self.out.count_record(arrival);
    }

    /// What it leads to so far.
    pub(crate) const fn so_far(&self) -> &Outputs {
        &self.out
    }

    /// Ends the batch: with the levels that it changed its outputs are whole.
    pub(crate) fn close(mut self, engine: &mut Engine, codec: &Codec) -> Outputs {
        let effects = engine.levels();
        if !self.out.muted {
            encode::effects(codec, engine.here.index, None, &effects, &mut self.out.records);
        }
        self.out.add_effects(effects);
        self.out.check();
        self.out
    }
}

/// Whether a batch with this clock would let time pass up to the record's arrival before it takes it: not where the
/// first of it that has an effect here can't be taken.
pub(crate) fn is_moved_by(
    engine: &Engine,
    codec: &Codec,
    input: InputTopic,
    held: &Held,
    clock: Time,
) -> bool {
    let (here, arrival) = (engine.here, held.arrival(clock));
    let place = Place { input, partition: here.index };
    let (origin, deliveries) = decode(codec, place, &held.record, Arrival::Record(arrival));
    let mut sorted = here.sort(deliveries, origin.rerouted);
    let first = sorted.find(|(belongs, _)| !matches!(belongs, Belongs::Elsewhere(_)));
    first.is_some_and(|(belongs, Delivery { input: event, rejection, .. })| {
        belongs == Belongs::Here && engine.takes(arrival, &event, rejection.as_ref())
    })
}
