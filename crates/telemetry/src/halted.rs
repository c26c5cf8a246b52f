//! The gauges that say why a lane takes no input. Each of them wakes somebody while it is 1, so it must not stay 1 where the
//! lane has left.

use metrics::gauge;

use crate::{Board, names};

/// Sets the gauges. A gauge keeps its last value. So each partition that was shown once is set to 0 after the process has
/// given it up.
pub(crate) fn sample(board: &Board) {
    let lanes = board.lanes();
    for partition in board.remember_halted(lanes.iter().map(|lane| lane.partition())) {
        let lane = lanes.iter().find(|lane| lane.partition() == partition);
        let labels = [("partition", partition.to_string())];
        for (metric, is_so) in [
            (names::LANE_REFUSED, lane.is_some_and(|lane| lane.refused().is_some())),
            (names::LANE_RIVAL, lane.is_some_and(|lane| lane.rival().is_some())),
            (names::LANE_FULL, lane.is_some_and(|lane| lane.full())),
        ] {
            gauge!(metric.name, &labels).set(f64::from(u8::from(is_so)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use metrics_util::debugging::{DebugValue, DebuggingRecorder};

    use super::*;

    /// What the gauges show of a lane in trouble, or after it has left.
    fn gauges(leaves: bool) -> BTreeMap<String, f64> {
        let recorder = DebuggingRecorder::new();
        // It sets the gauges to 0 when it reads them, so it reads once.
        let snapshotter = recorder.snapshotter();
        let board = Board::new();
        let lane = board.open(3);
        lane.set_rival(Some("another deployment"));
        lane.set_refused(Some("granary.levels takes no writes"));
        metrics::with_local_recorder(&recorder, || {
            sample(&board);
            if leaves {
                board.close(&lane);
                sample(&board);
            }
        });
        let seen = snapshotter.snapshot().into_vec().into_iter();
        let value = |value| match value {
            DebugValue::Gauge(value) => value.into_inner(),
            other => panic!("{other:?} is no gauge"),
        };
        seen.map(|(key, .., of)| (key.key().name().to_owned(), value(of))).collect()
    }

    #[test]
    fn a_lane_that_leaves_is_in_no_trouble_any_more() {
        let (here, gone) = (gauges(false), gauges(true));
        assert_eq!(here[names::LANE_RIVAL.name], 1.0);
        assert_eq!(here[names::LANE_REFUSED.name], 1.0);
        assert_eq!(here[names::LANE_FULL.name], 0.0);
        assert_eq!(gone.keys().collect::<Vec<_>>(), here.keys().collect::<Vec<_>>());
        assert!(gone.values().all(|value| *value == 0.0), "{gone:?}");
    }
}
