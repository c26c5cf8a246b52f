//! Who gets the stock.
//!
//! This crate never reads a clock, a disk, a network or a thread, and never draws a random number: it is
//! `no_std`, so none of them is even there. Time, ids and the hash key come in as arguments; decisions go
//! out as data. The same inputs in the same order give the same answers, however they are cut into
//! batches and on whatever machine.
//!
//! One [`Partition`] holds the pools of one Kafka partition. Its owner drives it in this order:
//!
//! 1. [`Partition::apply`] for each [`Input`]: time passes up to the input's `now`, then the input has
//!    its effect; both write to [`Effects`].
//! 2. [`Partition::advance`] when time passes and no input comes ([`Partition::next_deadline`] says when
//!    it next matters).
//! 3. [`Partition::levels`] once at the end of a batch, for the stock levels that the batch changed.
//! 4. [`Partition::digest`] whenever two copies of a partition are to be compared.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod account;
mod alerts;
mod answer;
mod ask;
mod backorder;
pub mod bounds;
mod channels;
mod claims;
pub mod comment;
mod demand;
mod digest;
mod effects;
mod gate;
mod holds;
mod id;
mod identity;
mod image;
mod input;
mod levels;
mod limits;
mod newcomers;
mod order;
mod parcels;
mod partition;
mod policy;
mod pool;
mod preempt;
mod quality;
mod sessions;
mod shrink;
mod steps;
mod stock;
mod tick;
mod time;
mod verbs;
mod waitlist;
mod wares;
mod waves;
mod weight;

pub use account::{Account, Asks, Limit, Need, Promised, Share};
pub use effects::*;
pub use id::Id;
pub use image::{Broken, IMAGE_FORMAT, Page, PageKey, PageKind, Restorer};
pub use input::*;
pub use newcomers::TOO_MANY_POOLS;
pub use partition::{Holds, Partition, Settings};
pub use time::{Millis, Time};
