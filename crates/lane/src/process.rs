//! `granary process`: the same engine without Kafka. Lines in, what they lead to out, one `now` for all.

use allotment::{Effect, Time};
use contract::{Arrival, Decoder, Delivery, Encoder};

use crate::codec::Codec;
use crate::decode::Origin;
use crate::encode::{self, Outcome, Part};
use crate::engine::{Engine, Moment, Verdict};
use crate::home::Here;
use crate::outputs::Outputs;
use crate::{Counts, InputTopic, PerInput, Produce, Record, home};

/// Any number of partitions in one place, fed line by line.
///
/// In this order: [`Process::line`] for each line, [`Process::until`] if time is to pass at the end, and
/// [`Process::finish`]. Each returns what it led to, in order. The answer does not depend on the number of
/// partitions; only the order within one line's answer may.
#[derive(Debug)]
pub struct Process {
    engines: Vec<Engine>,
    codec: Codec,
    now: Time,
    counts: Counts,
}

/// Everything goes to the engines by hand, so which topic a line came on is of no account.
const LINE: InputTopic = InputTopic::Orders;

impl Process {
    /// No line yet, and no time: an answer to a bad first line bears the epoch.
    ///
    /// # Panics
    /// Where `partitions` is 0.
    #[must_use]
    pub fn new(
        settings: allotment::Settings,
        decoder: &Decoder,
        encoder: Encoder,
        partitions: u32,
    ) -> Self {
        assert!(partitions > 0, "there is at least one partition");
        Self {
            engines: (0..partitions)
                .map(|index| Engine::new(settings, Here::new(index, partitions)))
                .collect(),
            codec: Codec {
                decoders: PerInput::from_fn(|_| decoder.clone()),
                encodings: PerInput::default(),
                encoder,
                names: PerInput::default(),
            },
            now: Time::MIN,
            counts: Counts::default(),
        }
    }

    /// From here on an hour may bring so many new pools to each partition.
    pub fn allow_pools(&mut self, an_hour: u32) {
        self.engines.iter_mut().for_each(|engine| engine.allow_pools(an_hour));
    }

    /// Takes one line, a transaction of its own. `source` (the file, or `stdin`) and `offset` (the line's
    /// number from 0) are for dead letters.
    pub fn line(&mut self, source: &str, offset: i64, bytes: &[u8]) -> Vec<Produce> {
        let mut out = Outputs::default();
        out.counts.records = 1;
        let value = Some(bytes.to_vec());
        let record = Record { offset, timestamp: Time::MIN, key: None, headers: Vec::new(), value };
        let origin = Origin::of(LINE, &record, source, 0);
        let decoder = self.codec.decoders[LINE].clone();
        for delivery in decoder.decode(Some(bytes), None, Arrival::FromEvent) {
            let Delivery { entry, bytes, input, rejection } = delivery;
            // What has no pool is in one place, whatever the number of partitions.
            let to = if input.pool.is_empty() { 0 } else { home(&input.pool, self.partitions()) };
            let arrival = input.arrival.max(self.now);
            let moment = Moment { now: arrival, clock: None };
            let applied = self.engines[to as usize].apply(input, rejection, moment);
            let is_taken = matches!(applied.verdict, Verdict::Taken(_));
            let outcome = Outcome::Applied(applied);
            let part = Part { input: LINE, origin: &origin, arrival, entry, bytes };
            encode::outcome(&self.codec, to, part, &outcome, &mut out.records);
            out.add(outcome);
            if is_taken {
                self.now = arrival;
                self.pass_to_now(&mut out);
            }
        }
        self.close(out)
    }

    /// Lets time pass up to `time`; does nothing if it is later already.
    pub fn until(&mut self, time: Time) -> Vec<Produce> {
        let mut out = Outputs::default();
        self.now = self.now.max(time);
        self.pass_to_now(&mut out);
        self.close(out)
    }

    /// Emits the alerts that are still adding up.
    pub fn finish(&mut self) -> Vec<Produce> {
        let mut out = Outputs::default();
        for engine in &mut self.engines {
            let effects = engine.flush_alerts();
            emit(&self.codec, engine, effects, &mut out);
        }
        self.close(out)
    }

    /// What came and what became of it, over all lines.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    fn partitions(&self) -> u32 {
        u32::try_from(self.engines.len()).expect("the number of engines was a u32")
    }

    /// Time passes for all pools, wherever they live.
    fn pass_to_now(&mut self, out: &mut Outputs) {
        for engine in &mut self.engines {
            if engine.now() < self.now {
                let effects = engine.advance(self.now);
                emit(&self.codec, engine, effects, out);
            }
        }
    }

    fn close(&mut self, mut out: Outputs) -> Vec<Produce> {
        for engine in &mut self.engines {
            let effects = engine.levels();
            emit(&self.codec, engine, effects, &mut out);
        }
        self.counts.add(&out.counts);
        out.records
    }
}

/// Adds what an engine decided without an event.
fn emit(codec: &Codec, engine: &Engine, effects: Vec<Effect>, out: &mut Outputs) {
    encode::effects(codec, engine.here.index, None, &effects, &mut out.records);
    out.add_effects(effects);
}
