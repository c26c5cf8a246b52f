//! What a batch leads to: records to produce, in order.

use allotment::{Effect, Time};
use contract::{Encoder, Header, Outgoing, headers};

use crate::{Counts, Produce};

/// What was decided, written down for the outside. A replay decides and writes nothing down.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    muted: bool,
    pub(crate) records: Vec<Produce>,
    /// Of keys, headers and values.
    pub(crate) bytes: usize,
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

    pub(crate) const fn is_muted(&self) -> bool {
        self.muted
    }

    /// One more record was taken, which reached us at `arrival`.
    pub(crate) fn took(&mut self, arrival: Time) {
        self.counts.records += 1;
        self.oldest = Some(self.oldest.map_or(arrival, |oldest| oldest.min(arrival)));
    }

    /// One more event of this type was taken. There are a score of types, so a list is quicker than a map.
    pub(crate) fn took_event(&mut self, kind: &'static str) {
        match self.events.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => self.events.push((kind, 1)),
        }
    }

    /// One more record to produce.
    pub(crate) fn push(&mut self, partition: u32, record: Outgoing) {
        if !self.muted {
            self.bytes += bytes(&record);
            self.records.push(Produce { partition, record });
        }
    }

    /// Writes down what the core decided, with the trace of the input that caused it.
    pub(crate) fn emit(
        &mut self,
        partition: u32,
        encoder: &Encoder,
        trace: Option<&[u8]>,
        effects: Vec<Effect>,
    ) {
        if self.muted {
            return;
        }
        for effect in effects {
            let mut record = encoder.encode(partition, &effect);
            if let Some(trace) = trace {
                record.headers.push(Header::new(headers::TRACEPARENT, trace));
            }
            self.push(partition, record);
            self.effects.push(effect);
        }
    }
}

fn bytes(record: &Outgoing) -> usize {
    let headers = record.headers.iter();
    let headers: usize =
        headers.map(|h| h.name.len() + h.value.as_ref().map_or(0, |value| value.len())).sum();
    headers + record.key.as_ref().map_or(0, Vec::len) + record.value.as_ref().map_or(0, Vec::len)
}
