//! The short way for usual events, which are nearly all: read in one pass, each field borrowed until it is an id.
//!
//! It takes an event only where the long way would take it, and understands it as the long way does. Whatever is less
//! than usual (an escape, a number as an id, any fault) it leaves to the long way, from the start:
//! `None` here never means more than that. Tests and a fuzz target hold one way against the other.

pub(super) mod json;
pub(super) mod protobuf;
mod scan;

use std::ops::RangeInclusive;

use allotment::{
    Adjusted, Body, Comment, Counted, Event, Id, Input, Inspection, Line, OrderEvent, OrderVerb,
    Received, Time, What,
};

use super::Arrival;
use super::event::STOCK_PLATFORM;
use super::kind::{EventKind, OrderKind};
use super::order::position_id;
use crate::bounds::{DELTA, ID_BYTES_MAX, QUANTITY, UNITS};

/// Lines of a usual order. So few are quickly compared each with each.
const LINES_USUAL_MAX: usize = 16;

/// The fields of a usual event, of whatever type, that came and can be taken.
#[derive(Debug, Default)]
struct Usual<'a> {
    kind: Option<EventKind>,
    event_id: Option<&'a str>,
    platform: Option<&'a str>,
    pool: Option<&'a str>,
    occurred_at: Option<Time>,
    received_at: Option<Time>,
    order_id: Option<&'a str>,
    buyer_id: Option<&'a str>,
    person_ref: Option<&'a str>,
    session_id: Option<&'a str>,
    recipient_ref: Option<&'a str>,
    version: Option<i64>,
    lines: Option<Vec<Line>>,
    sku: Option<&'a str>,
    quantity: Option<i64>,
    lot_id: Option<&'a str>,
    best_before: Option<Time>,
    inspection: Option<Inspection>,
    delta: Option<i64>,
    /// Of any length, as is `text`.
    reason: Option<&'a str>,
    text: Option<&'a str>,
}

impl Usual<'_> {
    /// What the fields mean; `None` where one is missing or out of its range, or the type has a long way only.
    fn input(&mut self, arrival: Arrival) -> Option<Input> {
        let kind = self.kind?;
        let occurred_at = self.occurred_at?;
        let arrival = match arrival {
            Arrival::Record(time) => time,
            Arrival::FromEvent => self.received_at.unwrap_or(occurred_at),
        };
        let pool = id(self.pool?)?;
        let event_id = id(self.event_id?)?;
        let platform = match (kind, self.platform) {
            (_, Some(platform)) => id(platform)?,
            (EventKind::Order(_) | EventKind::Comment, None) => return None,
            (_, None) => Id::new(STOCK_PLATFORM),
        };
        let what = match kind {
            EventKind::Order(kind) => What::Order(self.order(kind)?),
            EventKind::Received => What::Received(self.received()?),
            EventKind::Adjusted => What::Adjusted(self.adjusted()?),
            EventKind::Counted => What::Counted(self.counted()?),
            EventKind::Comment => What::Comment(self.comment()?),
            _ => return None,
        };
        let event = Event { platform, event_id, occurred_at, what };
        Some(Input { pool, arrival, body: Body::Event(event) })
    }

    fn order(&mut self, kind: OrderKind) -> Option<OrderEvent> {
        let verb = match kind {
            OrderKind::Created => OrderVerb::Created { lines: self.lines.take()? },
            OrderKind::Paid => OrderVerb::Paid { lines: self.lines.take() },
            OrderKind::Amended => OrderVerb::Amended { lines: self.lines.take()? },
            OrderKind::Held => OrderVerb::Held,
            OrderKind::Cleared => OrderVerb::Cleared,
            OrderKind::Cancelled => OrderVerb::Cancelled,
            OrderKind::Refunded | OrderKind::Snapshot => return None,
        };
        Some(OrderEvent {
            order_id: id(self.order_id?)?,
            buyer_id: opt_id(self.buyer_id)?,
            person_ref: opt_id(self.person_ref)?,
            session_id: opt_id(self.session_id)?,
            recipient_ref: opt_id(self.recipient_ref)?,
            version: self.version,
            verb,
        })
    }

    fn received(&self) -> Option<Received> {
        Some(Received {
            sku: id(self.sku?)?,
            quantity: units(self.quantity?, &QUANTITY)?,
            lot_id: id(self.lot_id?)?,
            best_before: self.best_before,
            inspection: self.inspection.unwrap_or(Inspection::Passed),
        })
    }

    fn adjusted(&self) -> Option<Adjusted> {
        Some(Adjusted {
            sku: id(self.sku?)?,
            delta: self.delta.filter(|delta| *delta != 0 && DELTA.contains(delta))?,
            lot_id: opt_id(self.lot_id)?,
            reason: self.reason.map(Id::new),
        })
    }

    fn counted(&self) -> Option<Counted> {
        Some(Counted {
            sku: id(self.sku?)?,
            quantity: units(self.quantity?, &UNITS)?,
            lot_id: opt_id(self.lot_id)?,
        })
    }

    fn comment(&self) -> Option<Comment> {
        Some(Comment {
            buyer_id: id(self.buyer_id?)?,
            text: Id::new(self.text?),
            person_ref: opt_id(self.person_ref)?,
            session_id: opt_id(self.session_id)?,
        })
    }
}

/// The lines of an order, as they are read.
#[derive(Debug, Default)]
struct Lines(Vec<Line>);

impl Lines {
    /// One more line; `None` where something of it can't be taken.
    fn push(&mut self, line_id: Option<&str>, sku: &str, quantity: i64) -> Option<()> {
        if self.0.len() == LINES_USUAL_MAX {
            return None;
        }
        let line_id = match line_id {
            Some(line_id) => id(line_id)?,
            None => position_id(self.0.len()),
        };
        if self.0.iter().any(|line| line.line_id == line_id) {
            return None;
        }
        self.0.push(Line { line_id, sku: id(sku)?, quantity: units(quantity, &QUANTITY)? });
        Some(())
    }
}

fn id(text: &str) -> Option<Id> {
    (1..=ID_BYTES_MAX).contains(&text.len()).then(|| Id::new(text))
}

/// `None` where it is there and can't be taken.
fn opt_id(text: Option<&str>) -> Option<Option<Id>> {
    text.map_or(Some(None), |text| id(text).map(Some))
}

fn units(number: i64, range: &RangeInclusive<i64>) -> Option<u32> {
    range.contains(&number).then_some(number)?.try_into().ok()
}

/// What a word of the list means.
fn word_of<T: Copy>(list: &[(&str, T)], word: &str) -> Option<T> {
    list.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
}
