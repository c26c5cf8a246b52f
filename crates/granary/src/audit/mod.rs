//! `granary audit`: what the topics of a deployment must show, whatever failed while they were written.
//!
//! Pure: it is fed records, topic by topic ([`ORDER`]) and partition by partition, and says what is wrong
//! with them. It shares with the service how events are read, and nothing of how they are decided.
//!
//! - Exactly once: `journal` (transactions without a gap, and what they took), `answers` (each order event
//!   answered once), `orders` (running numbers), `letters` (dead letters), `crossing` (what was sent home).
//! - Conservation: `books`, against `shelf` (what came in), `orders` and `parcels`.
//! - First come, first served: `line`.
//! - Nothing shipped twice: `parcels`.
//!
//! It holds one partition at a time: a name and some figures for each order event that is retained, the last
//! standing of each order, its parcels, and what each transaction took. What crossed partitions is kept over all.

mod answers;
mod books;
mod bundles;
mod crossing;
mod cut;
mod ids;
mod journal;
mod letters;
mod line;
mod orders;
mod origin;
mod outputs;
mod parcels;
mod partition;
mod report;
mod shelf;
#[cfg(test)]
mod tests;

use contract::{Decoder, Encoding};
use lane::PerInput;

pub(crate) use crossing::Crossing;
pub(crate) use cut::{Cut, Span};
pub(crate) use origin::{Origin, text};
pub(crate) use outputs::{Level, encoding_of};
pub(crate) use partition::{ORDER, Partition};
pub(crate) use report::{Check, Report, Violation};

/// What of a deployment's settings the audit needs.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// How many partitions each topic has.
    pub(crate) partitions: u32,
    /// What the inputs are called.
    pub(crate) names: PerInput<String>,
    /// How they are read.
    pub(crate) decoders: PerInput<Decoder>,
    /// How outputs are written that do not say so.
    pub(crate) output: Encoding,
    /// How long identities are remembered, in milliseconds.
    pub(crate) dedup_window: i64,
    /// How long the numbers of a finished order are kept, in milliseconds.
    pub(crate) closed_retention: i64,
}
