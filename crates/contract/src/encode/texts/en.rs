//! Decisions in English.

use allotment::{Decision, Outcome, Reason, Standing};

use super::Units;

/// What was decided, and why, in a sentence.
pub(super) fn detail(decision: &Decision) -> String {
    let what = outcome(decision);
    match reason(decision.reason) {
        "" => format!("{what}."),
        why => format!("{what}: {why}."),
    }
}

/// `1 unit`, `2 units`
pub(super) fn units(count: u64) -> String {
    if count == 1 { "1 unit".to_owned() } else { format!("{count} units") }
}

fn outcome(decision: &Decision) -> String {
    let Units { ordered, held, waiting } = Units::of(&decision.lines);
    let (ordered_units, waiting_units) = (units(ordered), units(waiting));
    match decision.outcome {
        Outcome::Reserved => format!("{held} of {ordered_units} held until the order is paid"),
        Outcome::Allocated => format!("{held} of {ordered_units} set aside for this paid order"),
        Outcome::Backordered => {
            format!("{waiting_units} promised from stock that is still to come")
        }
        Outcome::Waitlisted => {
            format!("{waiting} of {ordered_units} missing; the order waits at its place in line")
        }
        // A new order over its limit stands refused: this is an amendment, which is forgotten.
        Outcome::Refused
            if decision.reason == Reason::Limit && decision.standing != Standing::Refused =>
        {
            "The change is refused; the order stays as it was".to_owned()
        }
        Outcome::Refused if held > 0 => format!("{held} of {ordered_units} held, the rest refused"),
        Outcome::Refused => format!("{ordered_units} refused; the order does not wait"),
        Outcome::Released => "What the order held or waited for was given back".to_owned(),
        Outcome::Amended => format!("The order is now for {ordered_units}, {held} held"),
        Outcome::Refunded => format!("Refunded units taken off; {ordered_units} left to deliver"),
        Outcome::Noted => "Remembered; no stock moved".to_owned(),
        Outcome::HandedOver => "Handed over to the courier".to_owned(),
        Outcome::Duplicate => "Nothing done".to_owned(),
        Outcome::Superseded => "Without effect on the lines and the hold of the order".to_owned(),
        Outcome::Conflict => "Nothing done; the first event with this id stands".to_owned(),
        Outcome::Rejected => "The event could not be taken and is in the dead letters".to_owned(),
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
