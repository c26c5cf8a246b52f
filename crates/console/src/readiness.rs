//! Whether the process is ready: it has its partitions, and their lanes take events.

use std::sync::Arc;
use std::time::Duration;

use telemetry::{Board, Hidden, LaneState, LaneView};

/// For how long records are hidden before it is worth a line: no transaction of a healthy bridge takes as long.
const LASTS: Duration = Duration::from_secs(5);

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
    if let Some(who) = lane.rival() {
        return Some(format!("partition {partition}: is shut out again and again, {who}"));
    }
    let state = lane.state();
    if lane.full() && state != LaneState::Standby {
        let (bytes, limit) = lane.bytes();
        return Some(format!(
            "partition {partition}: takes no input, its state takes {bytes} bytes of memory and may take {limit} (bounds.memory)"
        ));
    }
    match state {
        // What others run is not missing here.
        LaneState::Running | LaneState::Stopping | LaneState::Standby => None,
        LaneState::Starting => Some(format!("partition {partition}: starting")),
        LaneState::Recovering => {
            Some(format!("partition {partition}: recovering, {}", progress(lane)))
        }
        LaneState::Failed => {
            let why = lane.failed().map_or_else(|| "see the log".to_owned(), |why| why.to_string());
            Some(format!("partition {partition}: stopped by an error: {why}"))
        }
    }
}

fn progress(lane: &LaneView) -> String {
    let ((pages, to_load), (done, goal)) = (lane.loaded(), lane.recovery());
    let replayed = format!("{done} of {goal} records replayed");
    if to_load == 0 { replayed } else { format!("{pages} of {to_load} pages loaded, {replayed}") }
}

/// What of the inputs has been hidden for a while, a line each: the lanes take events all the same.
pub(crate) fn hidden(board: &Board) -> Vec<String> {
    let line = |lane: &LaneView, hidden: &Hidden| {
        let Hidden { topic, offset, records, .. } = hidden;
        let (partition, seconds) = (lane.partition(), hidden.hidden.as_secs());
        let time = if hidden.passed {
            "time passes over them (bounds.hidden_patience)"
        } else {
            "time does not pass them"
        };
        format!(
            "partition {partition}: {records} records of {topic} from offset {offset} on are hidden behind an open transaction for {seconds} s, {time}"
        )
    };
    let lanes = board.lanes();
    let of = |lane: &Arc<LaneView>| -> Vec<String> {
        let hidden = lane.hidden();
        hidden.iter().filter(|one| one.hidden >= LASTS).map(|one| line(lane, one)).collect()
    };
    lanes.iter().flat_map(of).collect()
}

/// The standbys, a line each: nobody waits for them, but whoever looks wants to know.
pub(crate) fn standbys(board: &Board) -> Vec<String> {
    let lanes = board.lanes();
    let standbys = lanes.iter().filter(|lane| lane.state() == LaneState::Standby);
    standbys
        .map(|lane| {
            let (lag, behind) = lane.standby();
            let (partition, seconds) = (lane.partition(), behind.as_secs());
            let full = if lane.full() { ", stands still: no memory for more" } else { "" };
            format!(
                "partition {partition}: standby, {lag} transactions and {seconds} s behind{full}"
            )
        })
        .collect()
}
