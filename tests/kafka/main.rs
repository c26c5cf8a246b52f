//! The whole program on a real Kafka, seen from outside: what goes in comes out once, whatever dies meanwhile.
//!
//! All tests share one Kafka; each has topics of its own. The measure is `granary process` on the same
//! events: without Kafka, without failures, in one go. What the service told must be the same, each of it
//! exactly once, as a foreign client reads it.

mod audit;
mod checkpoints;
mod clocks;
mod deployment;
mod disks;
mod ends;
mod expected;
mod explain;
mod faults;
mod foreign_eyes;
mod granary;
mod handover;
mod hidden;
mod inputs;
mod large;
mod memory;
mod numbers;
mod offsets;
mod orders;
mod recovery;
mod refusals;
mod rejected;
mod secrets;
mod settings;
mod sockets;
mod standby;
mod story;
mod topics;
mod twins;
mod verify;
