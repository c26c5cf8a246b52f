//! Performs what lanes ask for, with rdkafka, threads and clocks.
//!
//! A [`Service`] takes a process's place in the group and runs a lane for each partition that it is given:
//! one thread, one transactional producer, one consumer of the partition's inputs. Everything that is
//! decided is decided in `lane`; what is here carries it out, and says what happened.
//!
//! - [`Service`]: the whole of it; [`Config`] is what it is told.
//! - [`topics`]: making and checking the topics of a deployment.
//! - [`Publisher`] and [`Reader`]: the outside's two ends, for `load` and `demo`.
//! - [`Archive`]: everything that is on the topics, for `audit`.
//! - [`verify()`]: comes back to a partition beside its owner, to see that it could.
//! - [`Broker`]: a broker inside the process, for a first run without Kafka.

#![deny(unsafe_code)]

mod archive;
mod assignment;
mod bounds;
mod broker;
mod checkpoints;
mod client;
mod client_patch;
mod clock;
mod close;
mod config;
mod context;
mod control;
mod describe;
mod descriptors;
mod elsewhere;
mod error;
mod group;
mod hidden;
mod inputs;
mod journal;
mod keeper;
mod lanes;
mod lines;
mod membership;
mod native;
mod open;
mod outside;
mod partition;
mod producer;
mod properties;
mod queue;
mod report;
mod rival;
mod runner;
mod service;
mod settings;
mod soundness;
mod survey;
pub mod topics;
mod verify;
mod watch;
mod wire;

pub use archive::{Archive, Extent};
pub use broker::Broker;
pub use client_patch::check_client;
pub use config::{
    Config, Connection, Membership, OnStop, TopicNames, WhyNot, WrongProperty, property_names,
};
pub use error::{DriverError, TopicProblem};
pub use outside::{Publisher, Reader, Seen};
pub use service::{Observer, Service, Stopper};
pub use verify::{Flaw, Verified, verify};
