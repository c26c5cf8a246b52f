//! A seeded world: a model of Kafka, a reference model of the allotment, checkers.

pub mod check;
pub mod kafka;
pub mod oversell;
pub mod reference;
pub mod view;
pub mod world;
