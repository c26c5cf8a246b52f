//! The lane on the model of Kafka: exactly once, whatever fails and wherever.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "lane/arrival.rs"]
mod arrival;
#[path = "lane/checkpoints.rs"]
mod checkpoints;
#[path = "lane/crashes.rs"]
mod crashes;
#[path = "lane/evening.rs"]
mod evening;
#[path = "lane/input.rs"]
mod input;
#[path = "lane/job.rs"]
mod job;
#[path = "lane/journal.rs"]
mod journal;
#[path = "lane/memory.rs"]
mod memory;
#[path = "lane/offsets.rs"]
mod offsets;
#[path = "lane/pools.rs"]
mod pools;
#[path = "lane/process.rs"]
mod process;
#[path = "lane/standby.rs"]
mod standby;
#[path = "lane/storms.rs"]
mod storms;
#[path = "lane/surplus.rs"]
mod surplus;
#[path = "lane/traffic.rs"]
mod traffic;
#[path = "lane/upgrades.rs"]
mod upgrades;
#[path = "lane/world.rs"]
mod world;
