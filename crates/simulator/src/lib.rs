//! A seeded world: traffic, a model of Kafka, a reference model of the allotment, checkers.

pub mod check;
pub mod dice;
pub mod evening;
pub mod kafka;
pub mod oversell;
pub mod reference;
pub mod storm;
pub mod view;
pub mod world;
