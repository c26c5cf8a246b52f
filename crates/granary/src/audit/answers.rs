//! Every delivery of an order event is answered, once, and has its effect once.
//!
//! An answer is a decision that bears the event's id and is not the consequence of something else. For
//! each event it holds its name, how often it was delivered and how often answered.

use std::collections::BTreeMap;

use super::journal::Taking;
use super::outputs::Decision;
use super::report::{Check, Place, Report};

/// One order event by its identity: pool, platform, order and event id.
#[derive(Debug)]
struct Event {
    /// Deliveries that were taken, and those that may have been.
    sure: u32,
    maybe: u32,
    answered: u32,
    /// When the first answer came that was more than a repeat.
    first: Option<i64>,
    /// When it reached us first, and when it happened at the earliest.
    arrival: i64,
    occurred_at: i64,
    /// Its last delivery.
    place: Place,
}

/// The order events of one partition.
#[derive(Debug, Default)]
pub(crate) struct Answers(BTreeMap<String, Event>);

/// A delivery of an order event: when it reached us, and when it happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When {
    pub(crate) arrival: i64,
    pub(crate) occurred_at: i64,
}

impl Answers {
    /// An order event was delivered.
    pub(crate) fn delivered(&mut self, name: [&str; 4], when: When, place: Place, taking: Taking) {
        let event = self.0.entry(contract::join(&name)).or_insert(Event {
            sure: 0,
            maybe: 0,
            answered: 0,
            first: None,
            arrival: when.arrival,
            occurred_at: when.occurred_at,
            place,
        });
        match taking {
            Taking::Sure => event.sure += 1,
            Taking::Maybe | Taking::No => event.maybe += 1,
        }
        event.arrival = event.arrival.min(when.arrival);
        event.occurred_at = event.occurred_at.min(when.occurred_at);
        event.place = place;
    }

    /// A decision was read. `complete`: no input was removed by retention.
    pub(crate) fn decided(
        &mut self,
        decision: &Decision,
        place: Place,
        (complete, window): (bool, i64),
        report: &mut Report,
    ) {
        if is_consequence(decision) {
            return;
        }
        let name = [&decision.pool, &decision.platform, &decision.order_id, &decision.event_id]
            .map(String::as_str);
        let Some(event) = self.0.get_mut(&contract::join(&name)) else {
            if complete {
                let what = format!(
                    "answers the event {:?}, which no input that was taken has",
                    decision.event_id
                );
                report.violation(Check::ExactlyOnce, place, &decision.id, what);
            } else {
                report.unproved(Check::ExactlyOnce, "retention has removed the events of answers");
            }
            return;
        };
        event.answered += 1;
        if complete && event.answered > event.sure + event.maybe {
            let what = format!(
                "is answer {} to the event {:?}, which was delivered {} times",
                event.answered,
                decision.event_id,
                event.sure + event.maybe
            );
            report.violation(Check::ExactlyOnce, place, &decision.id, what);
        }
        if ["duplicate", "conflict", "rejected"].contains(&decision.outcome.as_str()) {
            return;
        }
        let Some(first) = event.first else {
            event.first = Some(decision.decided_at);
            return;
        };
        // Forgotten at the earliest a window after it was seen; an event from then on is another one.
        let forgotten = event.arrival.min(first).max(event.occurred_at).saturating_add(window);
        if decision.decided_at < forgotten && complete {
            let what = format!("gives the event {:?} its effect a second time", decision.event_id);
            report.violation(Check::ExactlyOnce, place, &decision.id, what);
        }
    }

    /// Everything was read. `complete`: no decision was removed by retention.
    pub(crate) fn close(&self, complete: bool, report: &mut Report) {
        for (name, event) in &self.0 {
            report.counts.order_events += u64::from(event.sure);
            if event.answered >= event.sure {
                continue;
            }
            if complete {
                let what =
                    format!("was delivered {} times and answered {}", event.sure, event.answered);
                report.violation(Check::ExactlyOnce, event.place, name, what);
            } else {
                report.unproved(Check::ExactlyOnce, "retention has removed the first decisions");
            }
        }
    }
}

/// Whether a decision tells what something else did to an order.
fn is_consequence(decision: &Decision) -> bool {
    let outcome = decision.outcome.as_str();
    // At a backorder's date those who were not filled wait without a promise, or are refused.
    let dated = decision.event_id == "tick"
        && decision.reason == "short"
        && ["waitlisted", "refused"].contains(&outcome);
    outcome == "handed_over"
        || dated
        || ["promoted", "expired", "preempted", "lot_lost", "count"]
            .contains(&decision.reason.as_str())
}
