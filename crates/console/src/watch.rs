//! Watches whether the lanes' loops go round.
//!
//! A lane counts its turns; here the count is looked at each second. A lane is stuck when its count stands
//! still for too long while it is not inside a call that waits for Kafka.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use telemetry::{LaneState, LaneView};
use tokio::time::{Instant, MissedTickBehavior};

use crate::routes::State;

/// How often the lanes are looked at: often enough for limits of seconds, too rare to cost anything.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A lane that stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stuck {
    /// Its partition.
    pub(crate) partition: i32,
    /// For how long already.
    pub(crate) still: Duration,
}

/// Looks at the lanes for ever and keeps `state` told of those that are stuck.
pub(crate) async fn lanes(state: &State, stuck_after: Duration) {
    let mut watch = Watch { stuck_after, seen: BTreeMap::new() };
    let mut told: Vec<i32> = Vec::new();
    let mut each = tokio::time::interval(LOOK_EVERY);
    // A late look must not be followed by hasty ones: no time has passed for the lanes between those.
    each.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = Instant::now();
    loop {
        let at = each.tick().await;
        let stuck = watch.look(&state.board.lanes(), at - last);
        last = at;
        for lane in stuck.iter().filter(|lane| !told.contains(&lane.partition)) {
            telemetry::log::lane_stuck(lane.partition, lane.still);
        }
        told = stuck.iter().map(|lane| lane.partition).collect();
        state.stuck.store(Arc::new(stuck));
        state.recorder.tidy();
    }
}

/// What was seen of each lane.
struct Watch {
    stuck_after: Duration,
    seen: BTreeMap<i32, Seen>,
}

struct Seen {
    ticks: u64,
    still: Duration,
}

impl Watch {
    /// Looks once, `passed` after the last time.
    fn look(&mut self, lanes: &[Arc<LaneView>], passed: Duration) -> Vec<Stuck> {
        self.seen.retain(|partition, _| lanes.iter().any(|lane| lane.partition() == *partition));
        lanes.iter().filter_map(|lane| self.look_at(lane, passed)).collect()
    }

    fn look_at(&mut self, lane: &LaneView, passed: Duration) -> Option<Stuck> {
        let (partition, ticks) = (lane.partition(), lane.ticks());
        let Some(seen) = self.seen.get_mut(&partition) else {
            self.seen.insert(partition, Seen { ticks, still: Duration::ZERO });
            return None;
        };
        let excused = lane.in_kafka() || lane.state() == LaneState::Failed;
        let moved = ticks != seen.ticks;
        seen.still = if moved || excused { Duration::ZERO } else { seen.still + passed };
        seen.ticks = ticks;
        (seen.still >= self.stuck_after).then_some(Stuck { partition, still: seen.still })
    }
}

#[cfg(test)]
mod tests {
    use telemetry::Board;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn look(watch: &mut Watch, board: &Board, seconds: u32) -> Vec<Stuck> {
        watch.look(&board.lanes(), SECOND * seconds)
    }

    #[test]
    fn a_lane_is_stuck_when_it_stands_still_and_not_when_kafka_is_away() {
        let board = Board::new();
        let (lane, other) = (board.open(0), board.open(1));
        let mut watch = Watch { stuck_after: SECOND * 10, seen: BTreeMap::new() };
        assert_eq!(look(&mut watch, &board, 60), [], "what went before it came does not count");
        lane.tick();
        other.tick();
        assert_eq!(look(&mut watch, &board, 1), []);
        other.tick();
        assert_eq!(look(&mut watch, &board, 9), []);
        other.tick();
        assert_eq!(look(&mut watch, &board, 1), [Stuck { partition: 0, still: SECOND * 10 }]);
        lane.set_in_kafka(true);
        other.tick();
        assert_eq!(look(&mut watch, &board, 60), []);
        lane.set_in_kafka(false);
        lane.set_state(LaneState::Failed);
        other.tick();
        assert_eq!(
            look(&mut watch, &board, 60),
            [],
            "a lane that a person must clear is not helped by a restart"
        );
    }
}
