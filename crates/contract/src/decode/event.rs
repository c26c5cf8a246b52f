//! One event: the common fields, the type's own, and what can still be said of an event that can't be taken.

use allotment::{Body, Code, Event, Id, Input, Rejected, RejectedOrder, Time, What};
use jiff::tz::TimeZone;

use super::check::Check;
use super::fields::{EventFields, Value};
use super::kind::EventKind;
use super::{Arrival, Rejection, item, order, stock};
use crate::bounds::VERSION;
use crate::join::join;

/// The platform of a stock event that names none.
pub(super) const STOCK_PLATFORM: &str = "stock";

/// Judges one event's fields: what it means, or what can still be said of it and why it can't be taken.
pub(crate) fn read(
    fields: &EventFields<'_>,
    arrival: Arrival,
    zone: &TimeZone,
) -> (Input, Option<Rejection>) {
    let mut check = Check::new(zone);
    let input = read_noting(fields, arrival, &mut check);
    match check.into_rejection() {
        None => (input, None),
        Some(rejection) => (rejected(fields, rejection.code, arrival, zone), Some(rejection)),
    }
}

/// The input that stands for what can't be taken and of which nothing can be read.
pub(crate) fn unreadable(code: Code, arrival: Arrival) -> Input {
    Input {
        pool: Id::default(),
        arrival: rejected_arrival(arrival),
        body: Body::Rejected(Rejected { code, order: None }),
    }
}

/// Reads the event; where `check` noted something, the result holds stand-ins and must be thrown away.
fn read_noting(fields: &EventFields<'_>, arrival: Arrival, check: &mut Check<'_>) -> Input {
    let kind = read_kind(fields, check);
    let pool = check.id("pool", &fields.pool);
    let occurred_at = check.time("occurred_at", &fields.occurred_at).unwrap_or_default();
    let received_at = check.opt_time("received_at", &fields.received_at);
    let arrival = match arrival {
        Arrival::Record(time) => time,
        Arrival::FromEvent => received_at.unwrap_or(occurred_at),
    };
    let Some(kind) = kind else {
        // Which other fields it needs, only its type would say.
        return unreadable(Code::UnknownType, Arrival::Record(arrival));
    };
    let event = Event {
        platform: read_platform(kind, fields, check),
        event_id: read_event_id(kind, fields, occurred_at, check),
        occurred_at,
        what: read_what(kind, fields, check),
    };
    Input { pool, arrival, body: Body::Event(event) }
}

fn read_kind(fields: &EventFields<'_>, check: &mut Check<'_>) -> Option<EventKind> {
    let text = check.str("type", &fields.kind)?;
    let kind = EventKind::from_str(&text);
    if kind.is_none() {
        let shown: String = text.chars().take(64).collect();
        check.fail(Code::UnknownType, "type", &format!("{shown:?} is not a type of the contract"));
    }
    kind
}

fn read_platform(kind: EventKind, fields: &EventFields<'_>, check: &mut Check<'_>) -> Id {
    match kind {
        EventKind::Order(_) | EventKind::Comment => check.id("platform", &fields.platform),
        _ => check.opt_id("platform", &fields.platform).unwrap_or_else(|| Id::new(STOCK_PLATFORM)),
    }
}

fn read_event_id(
    kind: EventKind,
    fields: &EventFields<'_>,
    occurred_at: Time,
    check: &mut Check<'_>,
) -> Id {
    match (kind, &fields.event_id) {
        (EventKind::Order(_), Value::Absent) => {
            // What it is derived of is judged where it belongs; a stand-in will do if that is at fault.
            derived_event_id(kind, fields, Some(occurred_at), &mut check.silent())
                .unwrap_or_default()
        }
        (_, event_id) => check.id("event_id", event_id),
    }
}

/// `order_id/type/` and the version, else `occurred_at` in milliseconds; `None` where one can't be read.
fn derived_event_id(
    kind: EventKind,
    fields: &EventFields<'_>,
    occurred_at: Option<Time>,
    check: &mut Check<'_>,
) -> Option<Id> {
    let order_id = check.opt_id("order_id", &fields.order_id)?;
    let last = match &fields.version {
        Value::Absent => occurred_at?.0,
        version => check.opt_int("version", version, &VERSION)?,
    };
    Some(Id::new(&join(&[&order_id, kind.as_str(), itoa::Buffer::new().format(last)])))
}

fn read_what(kind: EventKind, fields: &EventFields<'_>, check: &mut Check<'_>) -> What {
    match kind {
        EventKind::Order(verb) => What::Order(order::read(verb, fields, check)),
        EventKind::Policy => What::Policy(stock::policy(fields, check)),
        EventKind::Item => What::Item(item::read(fields, check)),
        EventKind::Received => What::Received(stock::received(fields, check)),
        EventKind::Inspected => What::Inspected(stock::inspected(fields, check)),
        EventKind::Adjusted => What::Adjusted(stock::adjusted(fields, check)),
        EventKind::Counted => What::Counted(stock::counted(fields, check)),
        EventKind::Recalled => What::Recalled(stock::recalled(fields, check)),
        EventKind::SessionOpened => What::SessionOpened(stock::session(fields, check)),
        EventKind::SessionClosed => What::SessionClosed(stock::session(fields, check)),
        EventKind::WaveClosed => What::WaveClosed(stock::wave_closed(fields, check)),
        EventKind::HandedOver => What::HandedOver(stock::handed_over(fields, check)),
        EventKind::Comment => What::Comment(stock::comment(fields, check)),
    }
}

/// What can still be said of an event that can't be taken: its pool, and whom to answer.
fn rejected(fields: &EventFields<'_>, code: Code, arrival: Arrival, zone: &TimeZone) -> Input {
    let mut check = Check::new(zone);
    let pool = check.opt_id("pool", &fields.pool).unwrap_or_default();
    let order = if pool.is_empty() { None } else { rejected_order(fields, &mut check) };
    Input {
        pool,
        arrival: rejected_arrival(arrival),
        body: Body::Rejected(Rejected { code, order }),
    }
}

fn rejected_order(fields: &EventFields<'_>, check: &mut Check<'_>) -> Option<RejectedOrder> {
    let kind = EventKind::from_str(&check.str("type", &fields.kind)?)?;
    let EventKind::Order(_) = kind else { return None };
    let event_id = match &fields.event_id {
        Value::Absent => {
            let occurred_at = check.opt_time("occurred_at", &fields.occurred_at);
            derived_event_id(kind, fields, occurred_at, check)
        }
        given => check.opt_id("event_id", given),
    };
    Some(RejectedOrder {
        platform: check.opt_id("platform", &fields.platform)?,
        order_id: check.opt_id("order_id", &fields.order_id)?,
        event_id,
    })
}

/// Rejected input must not move time, so that where the event itself would say when it arrived, it arrived
/// before all others.
const fn rejected_arrival(arrival: Arrival) -> Time {
    match arrival {
        Arrival::Record(time) => time,
        Arrival::FromEvent => Time::MIN,
    }
}
