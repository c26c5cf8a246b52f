//! The clocks of the process: the monotonic one, by which lanes measure, and the wall clock, which decides nothing.
//!
//! What time it is a lane learns from the brokers, so that no machine's wall clock moves its deadlines. The wall
//! clock is only held against the lane's, to tell people where one of them is wrong.

use std::{
    sync::LazyLock,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use lane::{Mono, Time};

/// From when the monotonic clock counts.
static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The instant that it is, by the monotonic clock; all lanes of the process count from the same.
pub(crate) fn mono() -> Mono {
    Mono(i64::try_from(BEGAN.elapsed().as_millis()).unwrap_or(i64::MAX))
}

/// What the wall clock shows.
pub(crate) fn wall() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
