//! The routes, and what their handlers share.

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use telemetry::Board;
use telemetry::metrics::Process;

use crate::watch::Stuck;
use crate::{Recorder, readiness};

/// What handlers read.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) board: Arc<Board>,
    pub(crate) recorder: Recorder,
    /// The lanes that the watch finds stuck.
    pub(crate) stuck: ArcSwap<Vec<Stuck>>,
    process: Process,
}

impl State {
    pub(crate) fn new(board: Arc<Board>, recorder: Recorder, version: &'static str) -> Self {
        Self { board, recorder, stuck: ArcSwap::default(), process: Process::new(version) }
    }
}

type Shared = extract::State<Arc<State>>;

/// All routes.
pub(crate) fn routes(state: Arc<State>) -> Router {
    Router::new()
        .route("/", get(index))
        .route("/metrics", get(metrics))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .with_state(state)
}

async fn index() -> &'static str {
    "Granary\n/metrics  for Prometheus\n/healthz  is a lane stuck?\n/readyz   do all lanes take events?\n/v1/orders/PLATFORM/ORDER_ID  why did the order get what it got?\n"
}

async fn metrics(extract::State(state): Shared) -> impl IntoResponse {
    telemetry::metrics::sample(&state.board);
    state.process.sample();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], state.recorder.render())
}

async fn healthz(extract::State(state): Shared) -> (StatusCode, String) {
    let line = |lane: &Stuck| {
        format!("partition {}: stands still for {} s", lane.partition, lane.still.as_secs())
    };
    answer(&state.stuck.load().iter().map(line).collect::<Vec<_>>(), "healthy\n")
}

async fn readyz(extract::State(state): Shared) -> (StatusCode, String) {
    let notes: String = state.board.notes().iter().map(|line| format!("note: {line}\n")).collect();
    let standbys = readiness::standbys(&state.board).into_iter().map(|line| line + "\n");
    let hidden: String =
        readiness::hidden(&state.board).iter().map(|line| format!("{line}\n")).collect();
    let ready = format!("ready\n{hidden}{}{notes}", standbys.collect::<String>());
    let (status, text) = answer(&readiness::missing(&state.board), &ready);
    if status == StatusCode::OK { (status, text) } else { (status, text + &hidden + &notes) }
}

fn answer(wrong: &[String], right: &str) -> (StatusCode, String) {
    if wrong.is_empty() {
        (StatusCode::OK, right.to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, wrong.join("\n") + "\n")
    }
}
