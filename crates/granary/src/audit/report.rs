//! What an audit found: violations with their places, what was proved over how much, and what was not.

use std::collections::BTreeMap;
use std::fmt;

use contract::Topic;

/// Violations that are kept in full; more are only counted. Whoever has a thousand has one cause.
const KEPT: usize = 1000;

/// What is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    /// Every event was answered once, nothing was lost and nothing doubled.
    ExactlyOnce,
    /// No unit came from nowhere or got lost.
    Conservation,
    /// Nobody was served before somebody who waited for no more at an earlier place.
    FirstComeFirstServed,
    /// No parcel leaves twice, or with more than was ordered or is there.
    NothingShippedTwice,
}

impl Check {
    /// All of them, in the order in which they are told.
    pub(crate) const ALL: [Self; 4] = [
        Self::ExactlyOnce,
        Self::Conservation,
        Self::FirstComeFirstServed,
        Self::NothingShippedTwice,
    ];

    /// Its name for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ExactlyOnce => "exactly once",
            Self::Conservation => "conservation",
            Self::FirstComeFirstServed => "first come, first served",
            Self::NothingShippedTwice => "nothing shipped twice",
        }
    }

    /// Its name for programs.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::ExactlyOnce => "exactly_once",
            Self::Conservation => "conservation",
            Self::FirstComeFirstServed => "first_come_first_served",
            Self::NothingShippedTwice => "nothing_shipped_twice",
        }
    }
}

/// Where a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// On which topic.
    pub(crate) topic: Topic,
    /// On which partition of it.
    pub(crate) partition: u32,
    /// At which offset.
    pub(crate) offset: i64,
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Which promise it breaks.
    pub(crate) check: Check,
    /// The record that shows it.
    pub(crate) place: Place,
    /// Its id, or the id of what it is about.
    pub(crate) about: String,
    /// What is wrong.
    pub(crate) what: String,
}

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Journalled transactions.
    pub(crate) transactions: u64,
    /// Records of the inputs that were taken.
    pub(crate) inputs: u64,
    /// Deliveries of order events that were taken.
    pub(crate) order_events: u64,
    /// Records of the inputs that nobody has taken yet.
    pub(crate) not_yet_taken: u64,
    /// Decisions.
    pub(crate) decisions: u64,
    /// Orders that they are about.
    pub(crate) orders: u64,
    /// Records for the courier.
    pub(crate) fulfillments: u64,
    /// Alerts.
    pub(crate) alerts: u64,
    /// Records of levels.
    pub(crate) levels: u64,
    /// SKUs whose last level was held against orders, parcels and stock events.
    pub(crate) shelves: u64,
    /// Dead letters.
    pub(crate) dead_letters: u64,
    /// Times that an order got stock while others of its pool waited.
    pub(crate) turns: u64,
}

/// The whole of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// What must not be, the first [`KEPT`] of it.
    pub(crate) violations: Vec<Violation>,
    /// How many violations there are, by what they break.
    pub(crate) broken: BTreeMap<Check, u64>,
    /// What could not be proved, and of how much it holds.
    pub(crate) unproved: BTreeMap<(Check, String), u64>,
    /// How much was looked at.
    pub(crate) counts: Counts,
}

impl Report {
    /// Notes something that must not be.
    pub(crate) fn violation(
        &mut self,
        check: Check,
        place: Place,
        about: impl Into<String>,
        what: impl Into<String>,
    ) {
        *self.broken.entry(check).or_default() += 1;
        if self.violations.len() < KEPT {
            let (about, what) = (about.into(), what.into());
            self.violations.push(Violation { check, place, about, what });
        }
    }

    /// Notes one more thing that could not be proved.
    pub(crate) fn unproved(&mut self, check: Check, why: impl Into<String>) {
        *self.unproved.entry((check, why.into())).or_default() += 1;
    }

    /// How many violations there are.
    pub(crate) fn total(&self) -> u64 {
        self.broken.values().sum()
    }

    /// What a check was held against, in a line.
    fn scope(&self, check: Check) -> String {
        let c = &self.counts;
        match check {
            Check::ExactlyOnce => format!(
                "{} transactions took {} records; {} order events, {} decisions of {} orders, {} dead letters, {} alerts",
                c.transactions,
                c.inputs,
                c.order_events,
                c.decisions,
                c.orders,
                c.dead_letters,
                c.alerts
            ),
            Check::Conservation => {
                format!("{} levels; the last of {} goods against their orders", c.levels, c.shelves)
            }
            Check::FirstComeFirstServed => {
                format!("{} times an order got stock while others waited", c.turns)
            }
            Check::NothingShippedTwice => format!("{} records for the courier", c.fulfillments),
        }
    }
}

impl fmt::Display for Report {
    /// For a person: a line for each promise, then what is not proved, then what is wrong.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in Check::ALL {
            let verdict = match self.broken.get(&check) {
                None => "proved".to_owned(),
                Some(count) => format!("BROKEN {count} times"),
            };
            writeln!(f, "{:<24} {verdict}: {}", check.name(), self.scope(check))?;
            for ((of, why), count) in &self.unproved {
                if *of == check {
                    writeln!(f, "{:<24} not proved: {why} ({count})", "")?;
                }
            }
        }
        if self.counts.not_yet_taken > 0 {
            writeln!(f, "not yet taken: {} records of the inputs", self.counts.not_yet_taken)?;
        }
        Ok(())
    }
}
