//! What other threads tell a lane's thread.

use signals::{Flag, Wake};
use std::sync::Arc;

/// Flags that are set once and stay so, each with a wake-up.
#[derive(Debug, Default)]
pub(crate) struct Control {
    promoted: Flag,
    stop: Flag,
    hurry: Flag,
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

    /// Wakes the lane.
    pub(crate) const fn wake(&self) -> &Arc<Wake> {
        &self.wake
    }

    fn set(&self, flag: &Flag) {
        flag.raise();
        self.wake.wake();
    }
}
