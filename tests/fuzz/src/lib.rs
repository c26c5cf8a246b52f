//! Everything that takes bytes, fed with any bytes: one target a decoder, and what must hold for it.
//!
//! A target takes bytes, and panics where something does not hold: that nothing panics, that memory stays
//! in proportion to what came ([`heap`]), that what was written is read as it was, that what was read is
//! written as it was, and that two encodings of one thing mean the same. `cargo xtask fuzz` runs the targets
//! under libFuzzer, guided by coverage; `cargo test -p fuzz` feeds them the corpus and its near
//! relations. The corpus is in `corpus/`: a folder a target, `good-…` are inputs that must be taken and
//! `found-…` such that something once did not hold for.

pub mod heap;

mod assignment;
mod checkpoint;
mod comment;
mod config;
mod image;
mod journal;
mod json;
mod message;
mod protobuf;
mod records;
mod seeds;
mod write;

pub use image::STORY;
pub use seeds::{Seed, seeds};

/// A decoder under test.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What `cargo xtask fuzz` and the corpus call it.
    pub name: &'static str,
    /// Feeds it. True where the bytes meant something; panics where something does not hold.
    pub feed: fn(&[u8]) -> bool,
}

/// Every target.
pub const TARGETS: [Target; 9] = [
    Target { name: "json", feed: json::feed },
    Target { name: "protobuf", feed: protobuf::feed },
    Target { name: "records", feed: records::feed },
    Target { name: "journal", feed: journal::feed },
    Target { name: "checkpoint", feed: checkpoint::feed },
    Target { name: "image", feed: image::feed },
    Target { name: "config", feed: config::feed },
    Target { name: "comment", feed: comment::feed },
    Target { name: "assignment", feed: assignment::feed },
];

/// The target of this name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
