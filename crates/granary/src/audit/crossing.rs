//! What arrived on a partition that is not its pool's: sent home once, whatever failed on the way.
//!
//! Both ends of the way are on different partitions, so this is kept over all of them.

use std::collections::BTreeMap;

use super::journal::Taking;
use super::origin::Source;
use super::report::{Check, Place, Report};

/// What is known of one delivery on its way.
#[derive(Debug)]
struct Way {
    /// Where it left, and whether that is certain.
    left: Option<(Place, Taking)>,
    /// Where it arrived.
    arrived: Option<Place>,
}

/// Everything that was on the wrong partition.
#[derive(Debug, Default)]
pub(crate) struct Crossing {
    ways: BTreeMap<Source, Way>,
    /// Retention has removed the beginning of some input.
    pub(crate) lacks_input: bool,
}

impl Crossing {
    /// A delivery was found at `place`, and its pool's home is elsewhere.
    pub(crate) fn left(&mut self, source: Source, place: Place, taking: Taking) {
        let way = self.ways.entry(source).or_insert(Way { left: None, arrived: None });
        way.left = Some((place, taking));
    }

    /// A rerouted record was found at `place`.
    pub(crate) fn arrived(&mut self, source: Source, place: Place, report: &mut Report) {
        let way = self.ways.entry(source.clone()).or_insert(Way { left: None, arrived: None });
        if let Some(before) = way.arrived.replace(place) {
            let what = format!(
                "was sent home twice; the first time to partition {}, offset {}",
                before.partition, before.offset
            );
            report.violation(Check::ExactlyOnce, place, source.to_string(), what);
        }
    }

    /// Every partition was read.
    pub(crate) fn close(self, report: &mut Report) {
        for (source, way) in self.ways {
            match (way.left, way.arrived) {
                (Some((_, Taking::Sure)), None) if self.lacks_input => {
                    let why = "retention has removed records that were sent home";
                    report.unproved(Check::ExactlyOnce, why);
                }
                (Some((place, Taking::Sure)), None) => {
                    let what = "its pool's home is another partition, and it was not sent there";
                    report.violation(Check::ExactlyOnce, place, source.to_string(), what);
                }
                (None, Some(_)) if self.lacks_input => {
                    report.unproved(
                        Check::ExactlyOnce,
                        "retention has removed the sources of records that were sent home",
                    );
                }
                (None, Some(place)) => {
                    let what = "was sent home, and no input that was taken has it";
                    report.violation(Check::ExactlyOnce, place, source.to_string(), what);
                }
                (Some(_), _) | (None, None) => {}
            }
        }
    }
}
