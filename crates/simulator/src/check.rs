//! Checkers: each looks at all that was committed, and says what is wrong.
//!
//! They read the logs as an outsider with `read_committed` would, and know nothing of lanes but what they
//! wrote: the order of events follows from journal and inputs ([`order`](self) is written apart from the
//! lane's), what had to come of it from the allotment and from the reference model.

mod agreement;
mod clock;
mod coming_back;
mod conservation;
mod exactly_once;
mod hidden;
mod history;
mod journal;
mod order;
mod owners;
mod taken;
#[cfg(test)]
mod tests;
mod time;

use std::fmt;

use allotment::{Millis, Time};
use lane::Settings;

use crate::kafka::Cluster;
use history::History;
use order::Walk;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Who found it.
    pub checker: &'static str,
    /// What it is.
    pub what: String,
}

impl Finding {
    /// What a checker found.
    #[must_use]
    pub fn new(checker: &'static str, what: impl Into<String>) -> Self {
        Self { checker, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.checker, self.what)
    }
}

/// What checkers look at.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// All topics.
    pub cluster: &'a Cluster,
    /// What the lanes were started with.
    pub settings: &'a Settings,
    /// How late a record may be seen without anybody's fault: the broker was slow, or clocks were apart.
    pub slack: Millis,
}

/// What was looked at, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Transactions of lanes.
    pub transactions: u64,
    /// Events in them.
    pub events: u64,
    /// Records that they told.
    pub outputs: u64,
}

/// Holds all that was committed so far against all that must be.
///
/// # Errors
/// The first thing that is wrong.
pub fn everything(evidence: &Evidence<'_>) -> Result<Counts, Finding> {
    let history = History::read(evidence.cluster)?;
    let of = |checker: &'static str, done: Result<(), String>| {
        done.map_err(|what| Finding::new(checker, what))
    };
    of("journal", journal::check(&history))?;
    of("owners", owners::check(&history))?;
    of("taken once", taken::check(&history, evidence.cluster))?;
    let walk = Walk::new(&history, evidence.settings);
    of("exactly once", exactly_once::check(&history, &walk))?;
    of("digest", journal::check_digests(&history, &walk))?;
    of("agreement", agreement::check(&walk))?;
    of("conservation", conservation::check(&history))?;
    of("clock", clock::check(&history, evidence))?;
    of("time", time::check(&history, evidence))?;
    of("hidden", hidden::check(&history, &walk, evidence))?;
    Ok(history.counts())
}

/// Holds the end of a run against what must be once all is taken: nothing is left, nothing is overdue.
/// `clocks` are what the owners of the partitions take for the time.
///
/// # Errors
/// What is left.
pub fn the_end(evidence: &Evidence<'_>, clocks: &[Time]) -> Result<(), Finding> {
    let history = History::read(evidence.cluster)?;
    let left = taken::check_all(&history);
    left.map_err(|what| Finding::new("never lost", what))?;
    let back = coming_back::check(&history, evidence.cluster, evidence.settings);
    back.map_err(|what| Finding::new("coming back", what))?;
    let walk = Walk::new(&history, evidence.settings);
    time::check_nothing_is_overdue(&walk, clocks).map_err(|what| Finding::new("overdue", what))
}
