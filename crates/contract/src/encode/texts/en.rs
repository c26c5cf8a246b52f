//! Decisions in English.

use std::fmt::{self, Display};

use allotment::{Decision, Outcome, Reason, Standing};

use super::Units;
use crate::encode::say::{Say, say};

/// What was decided, and why, in a sentence.
pub(super) fn push_detail(out: &mut Vec<u8>, decision: &Decision) {
    push_outcome(out, decision);
    match reason(decision.reason) {
        "" => say!(out, "."),
        why => say!(out, ": ", why, "."),
    }
}

/// `1 unit`, `2 units`
pub(super) fn units(count: u64) -> impl Display {
    fmt::from_fn(move |f| write!(f, "{count} {}", if count == 1 { "unit" } else { "units" }))
}

/// As [`units`].
struct UnitsOf(u64);

impl Say for UnitsOf {
    fn say(&self, out: &mut Vec<u8>) {
        say!(out, self.0, if self.0 == 1 { " unit" } else { " units" });
    }
}

fn push_outcome(out: &mut Vec<u8>, decision: &Decision) {
    let Units { ordered, held, waiting } = Units::of(&decision.lines);
    match decision.outcome {
        Outcome::Reserved => {
            say!(out, held, " of ", UnitsOf(ordered), " held until the order is paid");
        }
        Outcome::Allocated => {
            say!(out, held, " of ", UnitsOf(ordered), " set aside for this paid order");
        }
        Outcome::Backordered => {
            say!(out, UnitsOf(waiting), " promised from stock that is still to come");
        }
        Outcome::Waitlisted => {
            say!(out, waiting, " of ", UnitsOf(ordered));
            say!(out, " missing; the order waits at its place in line");
        }
        // A new order over its limit stands refused: this is an amendment, which is forgotten.
        Outcome::Refused
            if decision.reason == Reason::Limit && decision.standing != Standing::Refused =>
        {
            say!(out, "The change is refused; the order stays as it was");
        }
        Outcome::Refused if held > 0 => {
            say!(out, held, " of ", UnitsOf(ordered), " held, the rest refused");
        }
        Outcome::Refused => say!(out, UnitsOf(ordered), " refused; the order does not wait"),
        Outcome::Released => say!(out, "What the order held or waited for was given back"),
        Outcome::Amended => {
            say!(out, "The order is now for ", UnitsOf(ordered), ", ", held, " held");
        }
        Outcome::Refunded => {
            say!(out, "Refunded units taken off; ", UnitsOf(ordered), " left to deliver");
        }
        Outcome::Noted => say!(out, "Remembered; no stock moved"),
        Outcome::HandedOver => say!(out, "Handed over to the courier"),
        Outcome::Duplicate => say!(out, "Nothing done"),
        Outcome::Superseded => say!(out, "Without effect on the lines and the hold of the order"),
        Outcome::Conflict => say!(out, "Nothing done; the first event with this id stands"),
        Outcome::Rejected => say!(out, "The event could not be taken and is in the dead letters"),
    }
}

const fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Ok => "",
        Reason::Short => "there is not enough stock",
        Reason::UnknownSku => "it names a SKU that no catalogue or stock event has named",
        Reason::Limit => "the buyer is over the limit for one person",
        Reason::Channel => "the platform has sold what it may sell",
        Reason::Expired => "it was not paid in time",
        Reason::Cancelled => "the order is cancelled",
        Reason::Refunded => "the order is refunded",
        Reason::Promoted => "stock became free for it",
        Reason::Preempted => "a paid order needed the units",
        Reason::LotLost => "a lot failed its inspection or was recalled",
        Reason::Count => "fewer units are there than the books said",
        Reason::Held => "the order must not ship yet",
        Reason::AfterHandOver => "the parcel has left already",
        Reason::Closed => "the order was finished long ago",
        Reason::Older => "something newer is known of the order",
        Reason::Repeat => "this event was taken before",
        Reason::DifferentContent => "this event_id was used before, with other content",
        Reason::NoLinesYet => "the order's lines have not come yet",
        Reason::Policy => "so the pool's policy has it",
        Reason::Rejected(code) => code.as_str(),
    }
}
