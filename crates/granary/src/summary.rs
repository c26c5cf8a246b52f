//! What `process` says at the end: how much came, and what became of it.

use std::collections::BTreeMap;
use std::fmt;

use contract::{Outgoing, Topic, headers};

/// Counts of what was read and written.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    /// Lines that were not blank.
    pub(crate) lines: u64,
    records: BTreeMap<Topic, u64>,
    codes: BTreeMap<String, u64>,
}

impl Summary {
    /// Counts a record that was written.
    pub(crate) fn count(&mut self, record: &Outgoing) {
        *self.records.entry(record.topic).or_default() += 1;
        if record.topic == Topic::DeadLetter {
            let code = record.headers.iter().find(|header| header.name == headers::ERROR_CODE);
            let code = code.and_then(|header| header.value.as_deref()).unwrap_or_default();
            *self.codes.entry(String::from_utf8_lossy(code).into_owned()).or_default() += 1;
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |topic| self.records.get(&topic).copied().unwrap_or(0);
        let letters = count(Topic::DeadLetter);
        write!(
            f,
            "granary: {} lines: {} decisions, {} fulfillment records, {} alerts, {} levels, {letters} dead letters",
            self.lines,
            count(Topic::Decisions),
            count(Topic::Fulfillment),
            count(Topic::Alerts),
            count(Topic::Levels),
        )?;
        let codes: Vec<String> = self.codes.iter().map(|(code, n)| format!("{code} {n}")).collect();
        if letters > 0 {
            write!(f, " ({})", codes.join(", "))?;
        }
        writeln!(f)
    }
}
