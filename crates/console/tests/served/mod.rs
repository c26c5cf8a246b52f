//! A console that serves one client of a test.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use console::{Console, Options, Recorder, Tell};
use telemetry::Board;

/// Runs `client` against a console, with a recorder that is in force on this thread only. With `jumps` the clock jumps
/// to whatever is waited for.
pub(crate) fn serve<F: Future<Output = ()>>(
    jumps: bool,
    board: &Arc<Board>,
    tell: Option<Arc<Tell>>,
    client: impl FnOnce(SocketAddr) -> F,
) {
    let (kept, recorder) = Recorder::apart().unwrap();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(jumps).build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let options = Options {
                address: SocketAddr::from(([127, 0, 0, 1], 0)),
                stuck_after: Duration::from_secs(5),
                version: "0.0.0",
            };
            let mut console = Console::bind(options, Arc::clone(board), kept).await.unwrap();
            if let Some(tell) = tell {
                console = console.telling(tell);
            }
            let client = client(console.address());
            tokio::select! {
                () = console.run(std::future::pending()) => {}
                () = client => {}
            }
        });
    });
}
