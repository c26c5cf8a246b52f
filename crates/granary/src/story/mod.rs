//! `granary explain`: why an order got what it got.
//!
//! Pure: it is fed what was taken in, and decides it again with the allotment itself, beside which it keeps what
//! concerns the one order. The same input gives the same answers, so what it says is what happened; where the
//! topics still have what was told, that is held against it (`told`), and where the two are not the same the
//! story is what was told, without the reasons.
//!
//! - [`Teller`]: decides again, and keeps the order's [`Chapter`] of each pool.
//! - [`queue`]: in which order a partition's records were taken.
//! - [`told`]: what the output topics say of the order, and whether it is what was decided again.
//! - [`as_text`] and [`as_json`]: the story for people, in English or Chinese, and for programs.

mod json;
mod queue;
mod teller;
#[cfg(test)]
mod tests;
mod texts;
mod told;

use allotment::{Account, Code, Id, Limit, Need, OrderRef, Standing, Time};
use contract::Topic;
use serde_json::Value;

pub(crate) use json::as_json;
pub(crate) use queue::{Kept, Next, Queue};
pub(crate) use teller::Teller;
pub(crate) use texts::{as_text, unknown};
pub(crate) use told::{Told, check};

/// An order's story in one of its pools.
#[derive(Debug)]
pub(crate) struct Chapter {
    pub(crate) pool: Id,
    pub(crate) steps: Vec<Step>,
    /// How it stands; `None` where that is only known from what was told.
    pub(crate) account: Option<Account>,
    pub(crate) gaps: Vec<Gap>,
}

/// One thing that happened to it.
#[derive(Debug)]
pub(crate) enum Step {
    /// An event that named it, or that brought about what follows.
    Event(Heard),
    /// Time brought about what follows, or an event of which no more is known than its id.
    Then(Time, Option<String>),
    /// What was told of it.
    Telling(Telling),
    /// What its buyer had claimed in comments was released to it: units of each SKU.
    TookOver(Time, Vec<(Id, u64)>),
    /// Others behind it got what it waits for, because it could not be filled.
    PassedOver {
        /// When first.
        at: Time,
        /// When last.
        until: Time,
        /// By how many.
        orders: usize,
        /// Units of each SKU that it waited for meanwhile.
        lacks: Vec<(Id, u64)>,
    },
}

/// An event, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) place: Place,
    /// When it reached us; of a line that can't be read nobody knows.
    pub(crate) arrival: Option<Time>,
    pub(crate) occurred_at: Option<Time>,
    /// Its `type`, where it is an event.
    pub(crate) kind: Option<&'static str>,
    pub(crate) platform: Option<Id>,
    pub(crate) event_id: Option<Id>,
    /// It is one of the order's own.
    pub(crate) own: bool,
    pub(crate) became: Became,
}

/// Where an event lies: where its sender put it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The topic, or the file.
    pub(crate) source: String,
    /// `None` for a file's line.
    pub(crate) partition: Option<i32>,
    /// The offset, or the line's number from 0.
    pub(crate) offset: i64,
    /// Its position in its array.
    pub(crate) entry: Option<u32>,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Became {
    /// It had its effect.
    Applied,
    /// It was there before.
    Duplicate,
    /// Its identity was used before, for something else.
    Conflict,
    /// It could not be taken.
    DeadLetter {
        /// Why.
        code: Code,
        /// In words.
        message: String,
    },
    /// It was taken; what it brought about is only known from what was told.
    Taken,
}

/// Something that was told of the order.
#[derive(Clone, Debug)]
pub(crate) struct Telling {
    /// On which topic.
    pub(crate) topic: Topic,
    /// What, as it is on that topic in JSON.
    pub(crate) value: Value,
    /// When it was decided.
    pub(crate) at: Time,
    /// Of a decision by which it is short: of what, and who has it.
    pub(crate) short: Vec<Need>,
    /// Of a decision by which it is over a limit: what its buyer may have.
    pub(crate) limits: Vec<Limit>,
}

/// What the story can't tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Input before this offset is no longer on its topic.
    InputGone { topic: String, offset: i64 },
    /// Decisions before this one are no longer on their topic.
    DecisionsGone { number: u64 },
    /// What was decided again is not what was told: reasons can't be given.
    Otherwise { number: u64 },
    /// The books of this SKU come out otherwise than they were told: reasons can't be given.
    OtherBooks { sku: Id },
}

impl Chapter {
    pub(crate) const fn new(pool: Id) -> Self {
        Self { pool, steps: Vec::new(), account: None, gaps: Vec::new() }
    }

    /// Where the order stands, as it was told last.
    pub(crate) fn last_decision(&self) -> Option<&Value> {
        let decisions = self.steps.iter().rev().filter_map(|step| match step {
            Step::Telling(telling) if telling.topic == Topic::Decisions => Some(&telling.value),
            _ => None,
        });
        decisions.into_iter().next()
    }

    /// Leaves out what says nothing new of the order: a manifest's page is told anew whenever any parcel of it
    /// changes, and orders behind it may be served one by one for hours.
    fn tidied(mut self) -> Self {
        let steps = std::mem::take(&mut self.steps);
        let mut manifest = Value::Null;
        for step in steps {
            match step {
                Step::Telling(of) if of.value["type"] == "fulfillment.manifest" => {
                    if std::mem::replace(&mut manifest, of.value.clone()) != of.value {
                        self.push(Step::Telling(of));
                    }
                }
                step => self.push(step),
            }
        }
        self.drop_idle();
        self
    }

    /// Adds a step, or makes the last one longer.
    fn push(&mut self, step: Step) {
        if !matches!(step, Step::Telling(_) | Step::TookOver(..)) {
            self.drop_idle();
        }
        if let Step::PassedOver { until: later, orders: more, lacks: now, .. } = &step
            && let Some(Step::PassedOver { until, orders, lacks, .. }) = self.steps.last_mut()
            && lacks == now
        {
            *until = *later;
            *orders += more;
        } else {
            self.steps.push(step);
        }
    }

    /// Takes away a last event that is not the order's own and brought nothing about.
    fn drop_idle(&mut self) {
        let idle = match self.steps.last() {
            Some(Step::Event(heard)) => !heard.own,
            Some(Step::Then(..)) => true,
            _ => false,
        };
        if idle {
            self.steps.pop();
        }
    }
}

/// Whether an order that stands so is in line.
pub(crate) const fn waits(standing: Standing) -> bool {
    matches!(standing, Standing::Waitlisted | Standing::Backordered)
}

/// By how many units more of it there would have had to be, for the order's platform where that binds it.
pub(crate) fn short_by(need: &Need) -> u64 {
    let room = need.share.map_or(need.books.available, |share| share.sellable);
    need.units.saturating_sub(need.held).saturating_sub(room)
}

/// The order of this name.
pub(crate) fn order(platform: &str, order_id: &str) -> OrderRef {
    OrderRef::new(&Id::new(platform), &Id::new(order_id))
}
