//! How other threads wake one that waits: a bit and a condition, never a queue.

use std::{sync::PoisonError, time::Duration};

use crate::sync::{Condvar, Mutex, MutexGuard, wait_for};

/// Set by whoever has news, cleared by the one who waits.
#[derive(Debug)]
pub struct Wake {
    news: Mutex<bool>,
    changed: Condvar,
}

impl Default for Wake {
    fn default() -> Self {
        Self { news: Mutex::new(false), changed: Condvar::new() }
    }
}

impl Wake {
    /// There is news. Called from librdkafka's threads too, so it must not wait for anything long.
    ///
    /// Who raises a [`crate::Flag`] for the one that waits raises it first.
    pub fn wake(&self) {
        *self.lock() = true;
        self.changed.notify_one();
    }

    /// Waits for news, at most `within`; returns at once where there is some that nobody took yet.
    pub fn wait(&self, within: Duration) {
        let mut news = wait_for(&self.changed, self.lock(), within);
        *news = false;
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
