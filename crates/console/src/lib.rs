//! Metrics and health over HTTP, from what the lanes publish. It reads views; it can't change stock.
//!
//! - `GET /metrics`: everything in [`telemetry::names`], in Prometheus's text format.
//! - `GET /healthz`: 503 where a lane's loop stands still outside a call that waits for Kafka. Restart me.
//!   Kafka being away is no reason: a restart would not bring it back, and would cost a full recovery.
//! - `GET /readyz`: 503 until the process has its partitions and all of their lanes take events; says what
//!   is missing.
//! - `GET /v1/orders/{platform}/{order_id}`, with `?pool=` if only one pool is meant: why the order got what it
//!   got, as JSON. Somebody else tells it ([`Console::telling`]), one at a time and on a thread of its own. An
//!   error is `{"error", "message"}`: 404 `unknown_order`, 400 `bad_query`, 503 `busy` while another story is
//!   told and `unavailable` where it can't be.
//!
//! A connection carries one question and is bounded in time; there are [`CONNECTIONS`] at most, and the oldest makes
//! room for the newest.
//!
//! [`Recorder::install`] first, then [`Console::bind`], then [`Console::run`].

#![forbid(unsafe_code)]

mod bounds;
mod error;
mod readiness;
mod recorder;
mod routes;
mod serve;
mod stories;
mod watch;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use telemetry::Board;
use tokio::net::TcpListener;

pub use bounds::CONNECTIONS;
pub use error::ConsoleError;
pub use recorder::Recorder;
use routes::State;
pub use stories::{Answer, Asked, Tell};

/// How the console is set up.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Where to listen; port 0 takes any that is free.
    pub address: SocketAddr,
    /// How long a lane's loop may stand still before `/healthz` fails.
    pub stuck_after: Duration,
    /// The version that runs, for `granary_build_info`.
    pub version: &'static str,
}

/// A console that listens.
#[derive(Debug)]
pub struct Console {
    listener: TcpListener,
    address: SocketAddr,
    stuck_after: Duration,
    state: Arc<State>,
    stories: Router,
}

impl Console {
    /// Takes the address, within a tokio runtime. Nothing is answered before [`Console::run`].
    pub async fn bind(
        options: Options,
        board: Arc<Board>,
        recorder: Recorder,
    ) -> Result<Self, ConsoleError> {
        let Options { address, stuck_after, version } = options;
        let refused = |cause| ConsoleError::Bind { address, cause };
        let listener = TcpListener::bind(address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        telemetry::log::console_listening(address);
        Ok(Self {
            listener,
            address,
            stuck_after,
            state: Arc::new(State::new(board, recorder, version)),
            stories: Router::new(),
        })
    }

    /// Answers for orders too, with what `tell` says of them.
    #[must_use]
    pub fn telling(self, tell: Arc<Tell>) -> Self {
        Self { stories: stories::routes(tell), ..self }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is done, and watches the lanes meanwhile.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let routes = routes::routes(Arc::clone(&self.state)).merge(self.stories);
        tokio::select! {
            never = serve::serve(self.listener, routes) => match never {},
            () = watch::lanes(&self.state, self.stuck_after) => {}
            () = stop => {}
        }
    }
}
