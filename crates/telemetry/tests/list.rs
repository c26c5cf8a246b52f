//! What is emitted is exactly what is listed, with the labels that are listed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use metrics_util::debugging::DebuggingRecorder;
use telemetry::metrics::{self, DropCause, KafkaError, Portion, Process, Rebalance, Timing};
use telemetry::{Board, Hidden, Tally, names};

#[test]
fn every_metric_is_emitted_as_listed_and_none_beside() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    ::metrics::with_local_recorder(&recorder, emit_everything);

    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, ..) in snapshotter.snapshot().into_vec() {
        let labels = key.key().labels().map(|l| l.key().to_owned());
        seen.entry(key.key().name().to_owned()).or_default().extend(labels);
    }
    seen.retain(|name, _| !name.starts_with("granary_process_"));
    let listed: BTreeMap<String, BTreeSet<String>> = names::ALL
        .iter()
        .map(|m| (m.name.to_owned(), m.labels.iter().map(|l| (*l).to_owned()).collect()))
        .collect();
    assert_eq!(seen, listed);
}

fn emit_everything() {
    let mut tally = Tally { records: 7, rerouted: 1, oversold_units: 2, ..Tally::default() };
    tally.events.add("order.created", 3);
    tally.dead_letters.add("not_json", 1);
    tally.decisions.add("reserved", 3);
    tally.fulfillments.add("fulfillment.requested", 1);
    tally.alerts.add("oversold", 1);
    metrics::describe();
    metrics::committed(
        &tally,
        Timing {
            latency: Some(Duration::from_millis(4)),
            checkpoint: Some(Portion { bytes: 1, last: true }),
            ..Timing::default()
        },
    );
    metrics::lane_dropped(DropCause::Unknown);
    metrics::lane_recovered(Duration::from_secs(1));
    metrics::rebalanced(Rebalance::Assigned);
    metrics::kafka_error(KafkaError::Transport);
    drop(metrics::ConsoleOpen::count());
    metrics::client_amended(true);
    metrics::console_dropped(metrics::ConsoleDrop::Slow);
    metrics::input_retention("granary.orders", Duration::from_secs(60));
    metrics::topic_grown("granary.orders", 2);
    metrics::topic_unsound("granary.orders", true);
    let board = Board::new();
    board.open(0);
    let hidden = Hidden {
        topic: "granary.orders".to_owned(),
        offset: 0,
        records: 1,
        hidden: Duration::from_secs(1),
        passed: false,
    };
    board.lanes()[0].set_hidden(vec![hidden]);
    metrics::sample(&board);
    Process::new("0.0.0").sample();
}
