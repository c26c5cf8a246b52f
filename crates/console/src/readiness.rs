//! Whether the process is ready: it has its partitions, and their lanes take events.

use telemetry::{Board, LaneState, LaneView};

/// What is missing, a line each; empty: ready.
pub(crate) fn missing(board: &Board) -> Vec<String> {
    if !board.joined() {
        return vec!["the group has not assigned partitions to this process yet".to_owned()];
    }
    board.lanes().iter().filter_map(|lane| missing_of(lane)).collect()
}

fn missing_of(lane: &LaneView) -> Option<String> {
    let partition = lane.partition();
    if let Some(why) = lane.refused() {
        return Some(format!("partition {partition}: takes no input, {why}"));
    }
    match lane.state() {
        // What others run is not missing here.
        LaneState::Running | LaneState::Stopping | LaneState::Standby => None,
        LaneState::Starting => Some(format!("partition {partition}: starting")),
        LaneState::Recovering => {
            let (done, goal) = lane.recovery();
            Some(format!("partition {partition}: recovering, {done} of {goal} records replayed"))
        }
        LaneState::Failed => {
            Some(format!("partition {partition}: stopped by an error; see the log"))
        }
    }
}
