//! What each type of event does: one file a verb.
//!
//! To add one, write its file beside the others, and give it its arm in `gate.rs`.

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
