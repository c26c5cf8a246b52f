//! The lane on the model of Kafka: exactly once, whatever fails and wherever.

#[path = "lane/input.rs"]
mod input;
#[path = "lane/job.rs"]
mod job;
#[path = "lane/world.rs"]
mod world;
