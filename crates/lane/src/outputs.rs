//! Last step of an event's way: what a batch leads to, gathered for its transaction.

use allotment::{Effect, Time};
use contract::Outgoing;

use crate::encode::Outcome;
use crate::engine::{Applied, Verdict};
use crate::{Counts, Produce};

/// What a batch leads to. A replay decides and produces nothing.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    /// Nothing is encoded or kept.
    pub(crate) muted: bool,
    /// To be produced, in order.
    pub(crate) records: Vec<Produce>,
    /// So many of the records are counted in `bytes`.
    counted: usize,
    /// Of keys, headers and values.
    pub(crate) bytes: usize,
    /// See [`crate::Transaction::effects`].
    pub(crate) effects: Vec<Effect>,
    pub(crate) counts: Counts,
    /// See [`crate::Transaction::events`].
    pub(crate) events: Vec<(&'static str, u64)>,
    /// See [`crate::Transaction::oldest`].
    pub(crate) oldest: Option<Time>,
}

impl Outputs {
    /// Takes no notice of anything.
    pub(crate) fn muted() -> Self {
        Self { muted: true, ..Self::default() }
    }

    /// Takes in what became of a delivery, whose records are there already.
    pub(crate) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::SentHome(_) => self.counts.rerouted += 1,
            Outcome::Applied(Applied { effects, verdict, .. }) => {
                self.counts.events += 1;
                match verdict {
                    Verdict::Taken(kind) => self.count_event(kind),
                    Verdict::Refused { turned_away, .. } => {
                        self.counts.dead_letters += 1;
                        self.counts.turned_away += u64::from(turned_away);
                    }
                }
                self.add_effects(effects);
            }
        }
        self.count_bytes();
    }

    /// Takes in what was decided without an event, whose records are there already.
    pub(crate) fn add_effects(&mut self, effects: Vec<Effect>) {
        if !self.muted {
            self.effects.extend(effects);
        }
        self.count_bytes();
    }

    /// One more record was taken, which reached us at `arrival`.
    pub(crate) fn count_record(&mut self, arrival: Time) {
        self.counts.records += 1;
        self.oldest = Some(self.oldest.map_or(arrival, |oldest| oldest.min(arrival)));
    }

    /// Asserts that every record has its cause: a decision, a dead letter, or an event that is sent home.
    pub(crate) fn check(&self) {
        let Counts { dead_letters, rerouted, .. } = self.counts;
        let causes = self.effects.len() as u64 + dead_letters + rerouted;
        let records = self.records.len() as u64;
        assert!(
            self.muted || records == causes,
            "{records} records for {} decisions, {dead_letters} dead letters and {rerouted} events sent home",
            self.effects.len()
        );
        assert!(!self.muted || records == 0, "a replay produces {records} records");
    }

    /// One more event of this type was taken. There are a score of types, so a list is quicker than a map.
    fn count_event(&mut self, kind: &'static str) {
        if self.muted {
            return;
        }
        match self.events.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => self.events.push((kind, 1)),
        }
    }

    fn count_bytes(&mut self) {
        let new = &self.records[self.counted..];
        self.bytes += new.iter().map(|produce| bytes(&produce.record)).sum::<usize>();
        self.counted = self.records.len();
    }
}

fn bytes(record: &Outgoing) -> usize {
    let headers = record.headers.iter();
    let headers: usize =
        headers.map(|h| h.name.len() + h.value.as_ref().map_or(0, |value| value.len())).sum();
    headers + record.key.as_ref().map_or(0, Vec::len) + record.value.as_ref().map_or(0, Vec::len)
}
