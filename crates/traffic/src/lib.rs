//! What bridges publish, made from a seed: the evenings of a live sale, as the demo and the tests play them, and storms
//! of everything that may happen. It only makes inputs and bytes; it knows no broker and no clock, and the same seed
//! gives the same traffic on every machine.

pub mod evening;
pub mod rng;
pub mod storm;
