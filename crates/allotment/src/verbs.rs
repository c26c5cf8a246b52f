//! What each type of event does: one file a verb.
//!
//! A verb whose behaviour is still to come is listed in [`not_supported`]; to add it, write its file
//! beside the others, take it off that list, and give it its arm in `gate.rs`.

mod adjusted;
mod cancelled;
mod comment;
mod counted;
mod handed_over;
mod inspected;
pub(crate) mod item;
mod order;
mod policy;
mod recalled;
mod received;
mod refunded;
mod session;
mod wave;

use crate::What;

/// The part of an event whose behaviour is still to come, if it has one.
pub(crate) fn not_supported(what: &What) -> Option<&'static str> {
    match what {
        What::Order(_)
        | What::Policy(_)
        | What::Received(_)
        | What::Inspected(_)
        | What::Adjusted(_)
        | What::Counted(_)
        | What::Recalled(_)
        | What::SessionOpened(_)
        | What::SessionClosed(_)
        | What::WaveClosed(_)
        | What::Comment(_)
        | What::HandedOver(_) => None,
        What::Item(item) => item::not_supported(item),
    }
}
