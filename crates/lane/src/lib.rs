//! The life of one partition as a machine without I/O: batches, journal, recovery, rerouting.
//!
//! This crate never reads a clock, a disk, a network or a thread, and knows no Kafka client. A [`Lane`]
//! takes [`Event`]s and returns [`Effect`]s; the driver performs them and decides nothing. [`Process`] is the
//! same inside without Kafka, for `granary process`.
//!
//! Reading order: [`Lane`] (its order of use, and its phases), `live` (how a transaction comes about), `merge_queue`
//! (which record is next), `clock` (what time it is), `batch` (the way of an event: `decode`, `home`, `engine`, `encode`,
//! `outputs`; a live lane and a replay go the same way). Then `checkpoint_writer` (how a transaction comes to have a
//! portion of a checkpoint), [`checkpoint`](CheckpointKey) (what is stored, and what of it counts), `page_versions` (what
//! lies on the topic), `checkpoint_loader` (how a partition is built from it), [`JournalRecord`] and `journal_chain`
//! (what the journal says, and what a record of it must agree with), `replay` (how transactions are repeated; a standby
//! is a replay that does not end). Beside that way: `topic_id` (an input that was made again) and `surplus` (partitions
//! that an input got later).

#![forbid(unsafe_code)]

mod batch;
mod bounds;
mod budget;
mod checkpoint;
mod checkpoint_loader;
mod checkpoint_writer;
mod clock;
mod codec;
mod decode;
mod effect;
mod encode;
mod engine;
mod envelope;
mod error;
mod event;
mod hidden;
mod home;
mod journal;
mod journal_chain;
mod lane;
mod live;
mod merge_queue;
mod outputs;
mod pace;
mod page_versions;
mod process;
mod record;
mod replay;
mod settings;
mod surplus;
mod topic_id;
mod topics;

/// What lanes and their drivers call an instant.
pub use allotment::{Millis, Time};
pub use bounds::{Checkpoints, Limits};
pub use budget::Budget;
pub use checkpoint::{Checkpoint, CheckpointKey, MANIFEST_KEY, Manifest, Need, PagePart, Portion};
pub use checkpoint_loader::{Loaded, Recovery};
pub use clock::Mono;
/// The headers that rerouting adds beside those of a dead letter's source.
pub use decode::{ARRIVAL, ENCODING, arrival};
pub use effect::Effect;
pub use error::{Cause, Halt};
pub use event::{Event, InputSpan, Opened, Span};
pub use hidden::{First, Hiding, Surveyed};
pub use home::{home, murmur2};
pub use journal::{JournalRecord, Range};
pub use lane::{Lane, Stage, Status};
pub use process::Process;
pub use record::{CheckpointRecord, Counts, Produce, Record, Transaction};
pub use settings::Settings;
pub use topic_id::{Described, TopicId};
pub use topics::{InputTopic, PerInput, Surplus};

/// The version of the rules: how this program reads, orders and decides. Goes up with every change after
/// which the same journal and inputs would lead to another state; a journal by other rules is refused.
pub const RULES: u32 = 4;
