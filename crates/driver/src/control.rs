//! What other threads tell a lane's thread.

use std::sync::{Arc, Mutex, PoisonError};

use lane::{Described, PerInput};
use signals::{Flag, Wake};

/// Flags that are set once and stay so, and what the topics are; each with a wake-up.
#[derive(Debug, Default)]
pub(crate) struct Control {
    promoted: Flag,
    stop: Flag,
    hurry: Flag,
    /// The inputs were described, otherwise than before.
    news: Flag,
    described: Mutex<Option<PerInput<Described>>>,
    wake: Arc<Wake>,
}

impl Control {
    /// Tells a lane that follows that the partition is its own.
    pub(crate) fn promote(&self) {
        self.set(&self.promoted);
    }

    /// Tells the lane to finish its transaction, write what has changed to the checkpoints, and end.
    pub(crate) fn stop(&self) {
        self.set(&self.stop);
    }

    /// Tells a lane that stops to do so without the checkpoint.
    pub(crate) fn hurry(&self) {
        self.stop();
        self.set(&self.hurry);
    }

    /// Whether the partition has become the lane's own.
    pub(crate) fn is_promoted(&self) -> bool {
        self.promoted.is_up()
    }

    /// Whether the lane is to stop.
    pub(crate) fn stops(&self) -> bool {
        self.stop.is_up()
    }

    /// Whether it is to do so without the checkpoint.
    pub(crate) fn hurries(&self) -> bool {
        self.hurry.is_up()
    }

    /// Tells the lane how the brokers describe the inputs, where it was not told the same last.
    pub(crate) fn describe(&self, topics: PerInput<Described>) {
        let mut told = self.described.lock().unwrap_or_else(PoisonError::into_inner);
        if told.replace(topics) != Some(topics) {
            self.set(&self.news);
        }
    }

    /// How the inputs are described, where that is news.
    pub(crate) fn take_described(&self) -> Option<PerInput<Described>> {
        self.news.take().then(|| *self.described.lock().unwrap_or_else(PoisonError::into_inner))?
    }

    /// Wakes the lane.
    pub(crate) const fn wake(&self) -> &Arc<Wake> {
        &self.wake
    }

    fn set(&self, flag: &Flag) {
        flag.raise();
        self.wake.wake();
    }
}
