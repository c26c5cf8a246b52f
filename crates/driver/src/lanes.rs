//! The lanes of this process: starting, stopping, and what became of them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use lane::{Halt, Lane};
use telemetry::Board;

use crate::{
    Config, DriverError, Observer, bounds,
    close::await_until,
    runner::{Control, End, Runner},
};

/// All lanes of this process, by partition.
pub(crate) struct Lanes {
    config: Arc<Config>,
    board: Arc<Board>,
    observer: Arc<dyn Observer>,
    running: Mutex<BTreeMap<u32, Running>>,
    /// A lane that panicked and was to stop anyway.
    panicked: OnceLock<u32>,
}

/// A lane's thread.
struct Running {
    control: Arc<Control>,
    /// Set when the thread is about to end, so that others can wait for it within a bound.
    ended: Arc<AtomicBool>,
    thread: JoinHandle<End>,
}

impl Lanes {
    pub(crate) fn new(config: Arc<Config>, board: Arc<Board>, observer: Arc<dyn Observer>) -> Self {
        Self { config, board, observer, running: Mutex::default(), panicked: OnceLock::new() }
    }

    /// Starts the lanes of these partitions.
    pub(crate) fn start(&self, partitions: &[u32]) {
        let mut running = self.lock();
        for &partition in partitions {
            running.entry(partition).or_insert_with(|| self.spawn(partition));
        }
    }

    /// Tells the lanes of these partitions to stop and waits for them, until `within` is over. A lane that
    /// has not ended by then is left behind: its transaction is fenced by whoever comes next.
    pub(crate) fn stop(&self, partitions: &[u32], within: Duration) {
        let mut stopping = Vec::new();
        {
            let mut running = self.lock();
            for partition in partitions {
                if let Some(lane) = running.remove(partition) {
                    lane.control.stop();
                    stopping.push((*partition, lane));
                }
            }
        }
        let deadline = Instant::now() + within;
        for (partition, lane) in stopping {
            // A lane that panicked does not tell that it has ended.
            await_until(deadline, bounds::LOOK, || {
                lane.ended.load(Ordering::Acquire) || lane.thread.is_finished()
            });
            if lane.thread.is_finished() && lane.thread.join().is_err() {
                // Whoever asks next is told; only the first counts.
                let _ = self.panicked.set(partition);
            }
            self.board.close(partition_number(partition));
            telemetry::log::lane_stopped(partition_number(partition));
        }
    }

    /// As [`Lanes::stop`], for all of them.
    pub(crate) fn stop_all(&self, within: Duration) {
        let partitions: Vec<u32> = self.lock().keys().copied().collect();
        self.stop(&partitions, within);
    }

    /// Why the process must not go on: a lane's thread panicked, or a lane has halted and either no other
    /// one is left or the reason holds for the whole deployment.
    pub(crate) fn verdict(&self) -> Result<(), DriverError> {
        if let Some(&partition) = self.panicked.get() {
            return Err(DriverError::Panicked { partition });
        }
        let mut running = self.lock();
        let ended: Vec<u32> = running
            .iter()
            .filter(|(_, lane)| lane.ended.load(Ordering::Acquire) || lane.thread.is_finished())
            .map(|(partition, _)| *partition)
            .collect();
        let all = ended.len() == running.len();
        let mut halts = Vec::new();
        for partition in ended {
            let lane = running.get(&partition).expect("it was there above");
            if !lane.thread.is_finished() {
                // It is about to; the next call sees it.
                continue;
            }
            let lane = running.remove(&partition).expect("it was there above");
            match lane.thread.join() {
                Ok(End::Halted(halt)) => halts.push(halt),
                Ok(End::Stopped) => {}
                Err(_) => return Err(DriverError::Panicked { partition }),
            }
        }
        drop(running);
        match halts.into_iter().find(|halt| all || holds_for_all(halt)) {
            Some(halt) => Err(DriverError::Halted(halt)),
            None => Ok(()),
        }
    }

    fn spawn(&self, partition: u32) -> Running {
        let control = Arc::<Control>::default();
        let ended = Arc::<AtomicBool>::default();
        let (config, observer) = (Arc::clone(&self.config), Arc::clone(&self.observer));
        let view = self.board.open(partition_number(partition));
        let (own, flag) = (Arc::clone(&control), Arc::clone(&ended));
        let lane = Lane::new(config.lane_settings(partition)).expect("the time zone was checked");
        let thread = thread::Builder::new()
            .name(format!("lane-{partition}"))
            .spawn(move || {
                let end = Runner::new(config, partition, own, view, observer, lane).run();
                flag.store(true, Ordering::Release);
                end
            })
            .expect("the system has a thread for each lane");
        Running { control, ended, thread }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u32, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a lane's reason to halt is one of the whole deployment.
const fn holds_for_all(halt: &Halt) -> bool {
    use lane::Cause;
    matches!(
        halt.cause,
        Cause::Partitions { .. }
            | Cause::NoSuchPartition { .. }
            | Cause::Rules { .. }
            | Cause::Settings { .. }
    )
}

fn partition_number(partition: u32) -> i32 {
    crate::wire::partition(partition)
}
