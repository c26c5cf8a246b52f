//! The primitives: std's, or loom's where it tries all interleavings.

#[cfg(not(loom))]
pub(crate) use std::{
    hint::spin_loop,
    sync::{
        Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering, fence},
    },
};

#[cfg(loom)]
pub(crate) use loom::{
    hint::spin_loop,
    sync::{
        Condvar, Mutex, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering, fence},
    },
};

use std::{sync::PoisonError, time::Duration};

/// Waits until `news` is true, at most `within`.
#[cfg(not(loom))]
pub(crate) fn wait_for<'a>(
    changed: &Condvar,
    news: MutexGuard<'a, bool>,
    within: Duration,
) -> MutexGuard<'a, bool> {
    let waited = changed.wait_timeout_while(news, within, |news| !*news);
    waited.unwrap_or_else(PoisonError::into_inner).0
}

/// Waits until `news` is true. In loom's world no time passes, so that news that are missed are missed for
/// ever, which loom finds.
#[cfg(loom)]
pub(crate) fn wait_for<'a>(
    changed: &Condvar,
    mut news: MutexGuard<'a, bool>,
    _within: Duration,
) -> MutexGuard<'a, bool> {
    while !*news {
        news = changed.wait(news).unwrap_or_else(PoisonError::into_inner);
    }
    news
}
