//! Closing clients without waiting for them.
//!
//! librdkafka's close has hung in more than one release, and nothing of ours depends on it: what a lane's
//! producer left open is aborted by whoever initialises the same transactional id next.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// Drops `client` on a thread of its own.
pub(crate) fn in_background<T: Send + 'static>(what: &str, client: T) {
    drop(start(what, client));
}

/// Drops `client` on a thread of its own and waits for that, at most `within`; false where it took longer.
pub(crate) fn within<T: Send + 'static>(what: &str, client: T, within: Duration) -> bool {
    start(what, client).recv_timeout(within).is_ok()
}

fn start<T: Send + 'static>(what: &str, client: T) -> mpsc::Receiver<()> {
    let (done, closed) = mpsc::channel();
    let name = format!("close-{what}");
    let spawned = thread::Builder::new().name(name).spawn(move || {
        drop(client);
        // Nobody may be waiting any more.
        let _ = done.send(());
    });
    // Without a thread the client was dropped right here, with the closure that owned it.
    drop(spawned);
    closed
}

/// Waits until `condition` holds, at most until `deadline`, looking every so often.
pub(crate) fn await_until(
    deadline: Instant,
    every: Duration,
    condition: impl Fn() -> bool,
) -> bool {
    while !condition() {
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(every);
    }
    true
}
