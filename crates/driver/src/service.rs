//! The service: start-up checks, the group, the lanes, and the end.

use std::{
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use lane::Transaction;
use signals::Flag;
use telemetry::Board;

use crate::{
    Config, DriverError, Membership, bounds, client_patch, descriptors,
    keeper::{self, Task},
    lanes::Lanes,
    membership, report, topics,
    watch::Watch,
};

/// Looks on while lanes commit. Called on the lanes' threads: it must be quick, and must not wait.
pub trait Observer: Send + Sync + 'static {
    /// A transaction of `partition` is committed, for certain.
    fn committed(&self, partition: u32, transaction: &Transaction);
}

/// Looks at nothing.
impl Observer for () {
    fn committed(&self, _partition: u32, _transaction: &Transaction) {}
}

/// A running service.
///
/// In this order: [`Service::start`], [`Service::stopper`] for whoever is to end it, [`Service::wait`].
#[derive(Debug)]
pub struct Service {
    stop: Arc<Flag>,
    /// How long stopping may take altogether.
    patience: Duration,
    thread: JoinHandle<()>,
    result: mpsc::Receiver<Result<(), DriverError>>,
}

/// Ends a service; can be given to other threads.
#[derive(Clone, Debug)]
pub struct Stopper(Arc<Flag>);

impl Stopper {
    /// Tells the service to finish its transactions, leave the group and end.
    pub fn stop(&self) {
        self.0.raise();
    }
}

impl Service {
    /// Checks the connection and the topics, then starts the lanes that the group gives to this process.
    /// What they do can be watched on the `board` and by the `observer`.
    ///
    /// # Errors
    /// The program is not linked as it must be, the brokers can't be reached, the topics are not as they must be, or the
    /// system allows too few files and sockets.
    pub fn start(
        config: Config,
        board: Arc<Board>,
        observer: Arc<dyn Observer>,
    ) -> Result<Self, DriverError> {
        client_patch::check_and_report()?;
        let limit = descriptors::raise();
        let checked = topics::check(&config.connection, &config.topics)?;
        report::topics(&checked, &config);
        let partitions = checked.partitions;
        report::planned(&config.budget(), partitions);
        if let Some(limit) = limit {
            report::descriptors(limit, partitions, checked.brokers as u64);
            descriptors::suffices(limit.now, checked.brokers as u64)?;
        }
        let stop = Arc::<Flag>::default();
        let (told, result) = mpsc::channel();
        let flag = Arc::clone(&stop);
        let patience = config.stop_timeout + bounds::CLOSE;
        let thread = thread::Builder::new()
            .name("membership".into())
            .spawn(move || {
                // Where nobody waits any more, nobody needs to know.
                let _ = told.send(run(&Arc::new(config), partitions, &board, observer, &flag));
            })
            .expect("the system has a thread for the group");
        Ok(Self { stop, patience, thread, result })
    }

    /// What ends the service from another thread.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper(Arc::clone(&self.stop))
    }

    /// Waits until the service has ended: because it was told to, or because it can't go on. Once it is
    /// told to stop this takes as long as the configuration allows, at most.
    ///
    /// # Errors
    /// Why it can't go on, or that it could not end in order.
    pub fn wait(self) -> Result<(), DriverError> {
        let mut asked: Option<Instant> = None;
        let result = loop {
            match self.result.recv_timeout(bounds::MEMBERSHIP_POLL) {
                Err(RecvTimeoutError::Timeout) => {}
                told => break told,
            }
            if asked.is_none() && self.stop.is_up() {
                asked = Some(Instant::now());
            }
            // Where the brokers are away, calls of the client that can't be bounded may hold the thread.
            if asked.is_some_and(|asked| asked.elapsed() > self.patience) {
                return Err(DriverError::StopTimedOut { seconds: self.patience.as_secs() });
            }
        };
        // It has told its result: all that it does after that is to return.
        let ended = self.thread.join();
        assert!(ended.is_ok(), "the thread of the group panicked");
        result.expect("a thread that did not panic has told its result")
    }
}

fn run(
    config: &Arc<Config>,
    partitions: u32,
    board: &Arc<Board>,
    observer: Arc<dyn Observer>,
    stop: &Flag,
) -> Result<(), DriverError> {
    let (tasks, told) = keeper::tasks();
    let lanes =
        Lanes::new(Arc::clone(config), Arc::clone(board), observer, tasks.clone(), partitions)?;
    let lanes = Arc::new(lanes);
    let keeper = keeper::start(config, &lanes, Watch::new(config, board, partitions), told)?;
    let surveyor = lanes.survey()?;
    let result = match config.membership {
        Membership::Group => membership::keep(config, &lanes, board, &tasks, stop),
        Membership::Alone => {
            let all: Vec<u32> = (0..partitions).collect();
            lanes.start(&all);
            board.set_joined();
            let mut result = Ok(());
            while !stop.is_up() && result.is_ok() {
                thread::sleep(bounds::MEMBERSHIP_POLL);
                result = lanes.verdict();
            }
            lanes.stop_all(config.stop_timeout);
            result
        }
    };
    // It may be in the middle of a question to brokers that are away; nobody waits for that.
    let _ = tasks.send(Task::End);
    drop((keeper, surveyor));
    result
}
