//! The lanes of this process: those of its own partitions, those that follow others', and what became of them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use lane::{Described, Halt, Lane, PerInput};
use signals::Flag;
use telemetry::{Board, LaneView};

use crate::{
    Config, DriverError, Observer, bounds,
    close::await_until,
    control::Control,
    keeper::Tasks,
    open::Asker,
    runner::{End, Links, Role, Runner},
    survey::{self, Surveyor, Surveys},
    wire,
};

/// All lanes of this process.
pub(crate) struct Lanes {
    config: Arc<Config>,
    board: Arc<Board>,
    observer: Arc<dyn Observer>,
    keeper: Tasks,
    asker: Arc<Asker>,
    /// How many partitions the deployment has. The group also shares out those that were added to the orders topic
    /// later, and they have no lanes.
    partitions: u32,
    surveys: Arc<Surveys>,
    all: Mutex<All>,
    /// A lane that panicked and was to stop anyway.
    panicked: OnceLock<u32>,
}

#[derive(Default)]
struct All {
    /// By partition.
    running: BTreeMap<u32, Running>,
    /// Those that followed and are not to any more; nobody waits for them.
    leaving: Vec<(u32, JoinHandle<End>)>,
    /// The process ends: no lane is started any more.
    closed: bool,
}

/// A lane's thread.
struct Running {
    role: Role,
    control: Arc<Control>,
    view: Arc<LaneView>,
    /// Set when the thread is about to end, so that others can wait for it within a bound.
    ended: Arc<Flag>,
    thread: JoinHandle<End>,
}

impl Running {
    /// A lane that panicked does not tell that it has ended.
    fn has_ended(&self) -> bool {
        self.ended.is_up() || self.thread.is_finished()
    }
}

impl Lanes {
    pub(crate) fn new(
        config: Arc<Config>,
        board: Arc<Board>,
        observer: Arc<dyn Observer>,
        keeper: Tasks,
        partitions: u32,
    ) -> Result<Self, DriverError> {
        let asker = Arc::new(Asker::new(&config, partitions)?);
        let surveys = Arc::<Surveys>::default();
        let (all, panicked) = (Mutex::default(), OnceLock::new());
        Ok(Self { config, board, observer, keeper, asker, partitions, surveys, all, panicked })
    }

    /// Starts to survey the inputs of its live lanes.
    pub(crate) fn survey(&self) -> Result<Surveyor, DriverError> {
        survey::start(&self.config, Arc::clone(&self.surveys), Arc::clone(&self.asker))
    }

    /// Starts the lanes of these partitions, which are the process's own from now on. Where one follows
    /// already, it takes over.
    pub(crate) fn start(&self, partitions: &[u32]) {
        let mut all = self.lock();
        if all.closed {
            return;
        }
        for &partition in self.with_lanes(partitions) {
            let lane =
                all.running.entry(partition).or_insert_with(|| self.spawn(partition, Role::Owner));
            if lane.role == Role::Follower {
                lane.role = Role::Owner;
                lane.control.promote();
            }
        }
    }

    fn with_lanes<'a>(&self, partitions: &'a [u32]) -> impl Iterator<Item = &'a u32> + use<'a> {
        let end = self.partitions;
        partitions.iter().filter(move |partition| **partition < end)
    }

    /// Has these partitions followed, which are others', and no more than these. What follows a partition
    /// of `own` is about to take it over, and stays.
    pub(crate) fn follow(&self, partitions: &[u32], own: &[u32]) {
        let mut all = self.lock();
        if all.closed {
            return;
        }
        let stays = |partition: &u32, lane: &Running| {
            let wanted = partitions.contains(partition) || own.contains(partition);
            lane.role == Role::Owner || wanted
        };
        let given_up: Vec<_> = all.running.extract_if(.., |p, lane| !stays(p, lane)).collect();
        for (partition, lane) in given_up {
            lane.control.hurry();
            self.board.close(&lane.view);
            all.leaving.push((partition, lane.thread));
        }
        for &partition in self.with_lanes(partitions) {
            all.running.entry(partition).or_insert_with(|| self.spawn(partition, Role::Follower));
        }
    }

    /// Tells all lanes how the brokers describe the inputs.
    pub(crate) fn describe(&self, topics: PerInput<Described>) {
        self.lock().running.values().for_each(|lane| lane.control.describe(topics));
    }

    /// Tells the lanes of these partitions to stop and waits for them, until `within` is over. A lane that
    /// has not ended by then is left behind: its transaction is fenced by whoever comes next.
    pub(crate) fn stop(&self, partitions: &[u32], within: Duration) {
        let mut stopping = Vec::new();
        {
            let mut all = self.lock();
            for partition in partitions {
                if let Some(lane) = all.running.remove(partition) {
                    lane.control.stop();
                    stopping.push((*partition, lane));
                }
            }
        }
        let deadline = Instant::now() + within;
        for (partition, lane) in stopping {
            if !await_until(deadline, bounds::LOOK, || lane.has_ended()) {
                lane.control.hurry();
            }
            if lane.thread.is_finished() && lane.thread.join().is_err() {
                // Whoever asks next is told; only the first counts.
                let _ = self.panicked.set(partition);
            }
            self.board.close(&lane.view);
            if lane.role == Role::Owner {
                telemetry::log::lane_stopped(wire::partition(partition));
            }
        }
    }

    /// As [`Lanes::stop`], for all of them; none is started after it.
    pub(crate) fn stop_all(&self, within: Duration) {
        let partitions: Vec<u32> = {
            let mut all = self.lock();
            all.closed = true;
            all.running.keys().copied().collect()
        };
        self.stop(&partitions, within);
    }

    /// Why the process must not go on: a lane's thread panicked, or a lane has halted and either no other
    /// one of the process's own is left or the reason holds for the whole deployment.
    pub(crate) fn verdict(&self) -> Result<(), DriverError> {
        if let Some(&partition) = self.panicked.get() {
            return Err(DriverError::Panicked { partition });
        }
        let mut all = self.lock();
        let (left, leaving) = all.leaving.drain(..).partition(|(_, thread)| thread.is_finished());
        all.leaving = leaving;
        // Those that are about to end are seen by the next call.
        let ended = all.running.extract_if(.., |_, lane| lane.thread.is_finished());
        let ended: Vec<_> = ended.map(|(partition, lane)| (partition, lane.thread)).collect();
        let owned = all.running.values().filter(|lane| lane.role == Role::Owner);
        let none_left = owned.filter(|lane| !lane.has_ended()).count() == 0;
        drop(all);
        let left: Vec<(u32, JoinHandle<End>)> = left;
        let mut halts = Vec::new();
        for (partition, thread) in left.into_iter().chain(ended) {
            match thread.join() {
                Ok(End::Halted(halt)) => halts.push(halt),
                Ok(End::Stopped) => {}
                Err(_) => return Err(DriverError::Panicked { partition }),
            }
        }
        match halts.into_iter().find(|halt| none_left || holds_for_all(halt)) {
            Some(halt) => Err(DriverError::Halted(halt)),
            None => Ok(()),
        }
    }

    fn spawn(&self, partition: u32, role: Role) -> Running {
        let control = Arc::<Control>::default();
        let ended = Arc::<Flag>::default();
        let (config, observer) = (Arc::clone(&self.config), Arc::clone(&self.observer));
        let view = self.board.open(wire::partition(partition));
        let lane = Lane::new(config.lane_settings(partition)).expect("the time zone was checked");
        let links = Links {
            control: Arc::clone(&control),
            view: Arc::clone(&view),
            board: Arc::clone(&self.board),
            observer,
            keeper: self.keeper.clone(),
            asker: Arc::clone(&self.asker),
            surveys: Arc::clone(&self.surveys),
        };
        let flag = Arc::clone(&ended);
        let thread = thread::Builder::new()
            .name(format!("lane-{partition}"))
            .spawn(move || {
                let end = Runner::new(config, partition, role, links, lane).run();
                flag.raise();
                end
            })
            .expect("the system has a thread for each lane");
        Running { role, control, view, ended, thread }
    }

    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
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
            | Cause::MadeAgain { .. }
    )
}
