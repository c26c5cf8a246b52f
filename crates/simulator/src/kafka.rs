//! A small model of Kafka in memory: what a lane's protocol rests on, and nothing else.
//!
//! Modelled as Kafka does it (`docs/kafka-facts.md`, seen on Apache Kafka 4.1): partitions with offsets, of
//! which control records take one; transactions over many partitions, visible all or none; the last stable
//! offset, below which `read_committed` readers stay; aborted records that they skip; producers by
//! transactional id, of which a new one shuts the last one out and ends what it left open; offsets of a
//! group, committed with a transaction; the sweep that aborts what is open for too long; requests to commit
//! that arrive late, or after they were asked for again; retention and compaction. Not modelled: brokers, replicas, and sequence numbers within
//! an epoch.
//!
//! [`Cluster`] is the brokers' side, [`Host`] one process's: it performs a lane's effects on a cluster, and
//! fails where it is told to.

mod cluster;
mod host;
mod log;
mod survey;

pub use cluster::{Cluster, Fenced, Place, Producer, SWEEP_INTERVAL, TRANSACTION_TIMEOUT};
pub use host::{Crashed, Fault, Faults, Host, Step};
pub use log::{Committed, Log, Message};
