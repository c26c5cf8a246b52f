//! Evenings played through the border and the core: they are the story that they promise.

use std::collections::BTreeMap;

use allotment::{AlertKind, Effect, Effects, Millis, Outcome, Partition, Settings, Taken, Time};
use contract::{Arrival, Decoder};

use super::{Plan, evening};

const START: Time = Time(1_795_348_800_000);

/// What an evening came to.
#[derive(Debug, Default)]
struct Story {
    outcomes: BTreeMap<String, u32>,
    alerts: BTreeMap<String, u32>,
    dead_letters: u32,
    /// Refused by the core: no evening is stale or of the future.
    refused: Vec<Taken>,
}

impl Story {
    fn of(plan: &Plan) -> Self {
        let mut partition = Partition::new(Settings::default());
        let (decoder, mut effects, mut story) =
            (Decoder::default(), Effects::default(), Self::default());
        let mut now = Time::MIN;
        for delivery in evening(plan).deliveries {
            now = plan.start.plus(delivery.at);
            for entry in decoder.decode(Some(&delivery.value), None, Arrival::Record(now)) {
                story.dead_letters += u32::from(entry.rejection.is_some());
                let taken = partition.apply(now, entry.input, &mut effects);
                story.refused.extend((taken != Taken::Applied).then_some(taken));
            }
        }
        partition.advance(now.plus(Millis::from_secs(3_600)), &mut effects);
        for effect in &effects.list {
            story.count(effect);
        }
        story
    }

    fn count(&mut self, effect: &Effect) {
        match effect {
            Effect::Decision(decision) => {
                *self.outcomes.entry(format!("{:?}", decision.outcome)).or_default() += 1
            }
            Effect::Alert(alert) => {
                *self.alerts.entry(format!("{:?}", alert.kind)).or_default() += 1
            }
            Effect::Fulfillment(_) | Effect::Level(_) => {}
        }
    }

    fn alerts(&self, kind: AlertKind) -> u32 {
        self.alerts.get(&format!("{kind:?}")).copied().unwrap_or_default()
    }

    fn outcomes(&self, outcome: Outcome) -> u32 {
        self.outcomes.get(&format!("{outcome:?}")).copied().unwrap_or_default()
    }

    fn is_as_promised(&self, seed: u64) {
        assert_eq!(self.refused, [], "seed {seed}");
        assert_eq!(self.dead_letters, 5, "seed {seed}");
        assert!(self.alerts(AlertKind::SoldOut) >= 2, "seed {seed}: {self:?}");
        assert!((3..=10).contains(&self.alerts(AlertKind::Oversold)), "seed {seed}: {self:?}");
        assert!(self.alerts(AlertKind::OversellResolved) >= 1, "seed {seed}: {self:?}");
        assert!(self.alerts(AlertKind::OversellRisk) >= 2, "seed {seed}: {self:?}");
        assert_eq!(self.alerts(AlertKind::Conflict), 1, "seed {seed}: {self:?}");
        assert_eq!(self.alerts(AlertKind::UnknownSku), 0, "seed {seed}: {self:?}");
        for outcome in [
            Outcome::Allocated,
            Outcome::Amended,
            Outcome::Duplicate,
            Outcome::HandedOver,
            Outcome::Refunded,
            Outcome::Refused,
            Outcome::Released,
            Outcome::Reserved,
            Outcome::Waitlisted,
        ] {
            assert!(self.outcomes(outcome) > 0, "seed {seed}: never {outcome:?}: {self:?}");
        }
    }
}

#[test]
fn many_evenings_are_as_promised() {
    for seed in 0..16 {
        Story::of(&Plan::usual(seed, START)).is_as_promised(seed);
    }
}

#[test]
fn evenings_squeezed_into_a_minute_are_as_promised() {
    for seed in 0..16 {
        let plan = Plan { length: Millis::from_secs(60), ..Plan::usual(seed, START) };
        Story::of(&plan).is_as_promised(seed);
    }
}
