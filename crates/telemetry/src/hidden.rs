//! Records that Kafka holds and does not show yet: what a lane tells of them, and their gauges.

use std::collections::BTreeMap;
use std::time::Duration;

use metrics::gauge;

use crate::{Board, names};

/// How it is with an input of a lane: what of it lies behind an open transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The topic's name.
    pub topic: String,
    /// The first offset that can't be read.
    pub offset: i64,
    /// How many records and markers lie from there on.
    pub records: i64,
    /// For how long it has been so; nothing where nothing is hidden.
    pub hidden: Duration,
    /// It has lasted for longer than patience does, and time passes all the same.
    pub passed: bool,
}

/// Sets the gauges. A gauge keeps its last value. So each partition that was shown once is set to 0 after the process has
/// given it up.
pub(crate) fn sample(board: &Board) {
    let lanes = board.lanes();
    let mut places = board.places();
    for lane in lanes.iter() {
        for hidden in lane.hidden().iter() {
            let place = (hidden.topic.clone(), lane.partition());
            let passed = if hidden.passed { 1.0 } else { 0.0 };
            places.insert(place, (hidden.hidden.as_secs_f64(), passed));
        }
    }
    for ((topic, partition), (seconds, passed)) in &places {
        let labels = [("topic", topic.clone()), ("partition", partition.to_string())];
        gauge!(names::INPUT_HIDDEN.name, &labels).set(*seconds);
        gauge!(names::HIDDEN_PASSED.name, &labels).set(*passed);
    }
    board.remember(places.into_keys());
}

/// A topic's partition, and what its gauges show.
pub(crate) type Places = BTreeMap<(String, i32), (f64, f64)>;
