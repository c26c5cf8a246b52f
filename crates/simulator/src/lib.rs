//! A seeded world: traffic, a model of Kafka, a reference model of the allotment, checkers.

pub mod evening;
pub mod kafka;
pub mod reference;
pub mod storm;
