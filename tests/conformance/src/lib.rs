//! The simulator's model of Kafka, held against a real Kafka.
//!
//! `scripts/*.txt` are short stories of producers, transactions, readers and an operator, one step a line with the
//! answer behind it. [`Model`] and [`Real`] play them; each must give the answers that are written down. Where
//! the model leaves something out on purpose, both answers are there and a line above says why. The README
//! beside this has the language, and which script shows which of `docs/kafka-facts.md`.

mod end;
mod model;
mod producer;
mod real;
mod script;
mod step;

// For the linker; nobody calls it.
use librdkafka_patch as _;

pub use model::Model;
pub use real::Real;
pub use script::{Answers, Script, Written, all};
pub use step::{Place, Record, Step, Verb};
