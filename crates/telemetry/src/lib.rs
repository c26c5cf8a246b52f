//! The list of every metric and log event that Granary can emit.
//!
//! Nothing here decides, waits or reads a clock. The macros of `metrics` and `tracing` are used in this
//! crate only: whoever has something to tell calls a typed function, so that what can be told is one list,
//! with one grammar of names, bounded labels, and never personal data (no buyer, person, recipient or
//! comment text, and no order id; pools, partitions and SKUs are fine in logs, partitions only in labels).
//!
//! - [`names`]: every metric, as data.
//! - [`Tally`]: what a batch counted, filled without a look-up in any registry.
//! - [`metrics`]: the functions that record.
//! - [`log`]: the functions that write log lines, one an event.
//! - [`Board`] and [`LaneView`]: what lanes publish about themselves for the console to read.

#![forbid(unsafe_code)]

mod board;
mod halted;
mod hidden;
pub mod log;
pub mod metrics;
pub mod names;
mod tally;

pub use board::{Board, LaneState, LaneView};
pub use hidden::Hidden;
pub use tally::{Counts, Tally};
