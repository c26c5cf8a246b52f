//! How other threads wake a lane's thread: a flag and a condition, never a queue.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Set by whoever has news, cleared by the one who waits.
#[derive(Debug, Default)]
pub(crate) struct Wake {
    news: Mutex<bool>,
    changed: Condvar,
}

impl Wake {
    /// There is news. Called from librdkafka's threads too, so it must not wait for anything long.
    pub(crate) fn wake(&self) {
        *self.lock() = true;
        self.changed.notify_one();
    }

    /// Waits for news, at most `within`; returns at once where there is some that nobody took yet.
    pub(crate) fn wait(&self, within: Duration) {
        let news = self.lock();
        let waited = self.changed.wait_timeout_while(news, within, |news| !*news);
        let (mut news, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *news = false;
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, thread, time::Instant};

    use super::*;

    #[test]
    fn news_before_the_wait_is_not_lost() {
        let wake = Wake::default();
        wake.wake();
        let started = Instant::now();
        wake.wait(Duration::from_secs(60));
        assert!(started.elapsed() < Duration::from_secs(30));
        wake.wait(Duration::ZERO);
    }

    #[test]
    fn news_from_another_thread_ends_the_wait() {
        let wake = Arc::new(Wake::default());
        let other = Arc::clone(&wake);
        let thread = thread::spawn(move || other.wake());
        wake.wait(Duration::from_secs(60));
        thread.join().expect("it only wakes");
    }
}
