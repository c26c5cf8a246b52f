//! Comes back to partitions as a standby would, beside whoever runs them, and tells what was found.
//!
//! The whole way of a recovery, and nothing beside it: the checkpoint is looked up and loaded, its digest compared;
//! then the journal is replayed from the inputs to where it ended at the start, each transaction's digest compared.
//! Nobody is shut out, no group is joined, nothing is written.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lane::{Lane, Loaded, Need, PerInput, Stage};
use telemetry::Board;

use crate::{
    Config, DriverError, bounds,
    control::Control,
    keeper,
    open::Asker,
    runner::{Links, Role, Runner},
    wire,
};

/// A partition whose checkpoint and journal are what they must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The checkpoint that was loaded, if there is one.
    pub loaded: Option<Loaded>,
    /// The journal's last transaction.
    pub sequence: u64,
    /// Transactions that were replayed after the checkpoint, and the events in them.
    pub replayed: (u64, u64),
    /// The state's digest, which is what the journal says.
    pub digest: u128,
    /// Orders that it holds, the finished ones that it remembers included.
    pub orders: u64,
    /// What a recovery would need of each input now.
    pub needs: PerInput<Need>,
    /// How long it took.
    pub took: Duration,
}

/// Why a partition could not be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// An owner would stop there: something is not what it must be.
    Wrong(String),
    /// It could not be read, so nothing is known.
    Unreadable(String),
}

/// Verifies one partition of so many.
///
/// # Errors
/// It is not what it must be, or could not be read; the inner one. The clients can't be made; the outer one.
pub fn verify(
    config: &Config,
    partition: u32,
    partitions: u32,
) -> Result<Result<Verified, Flaw>, DriverError> {
    let config = Arc::new(config.clone());
    let lane = Lane::new(config.lane_settings(partition)).expect("the time zone was checked");
    // It trims nothing and follows nothing else, so nobody has to listen.
    let (keeper, _) = keeper::tasks();
    let board = Arc::new(Board::new());
    let links = Links {
        control: Arc::<Control>::default(),
        view: board.open(wire::partition(partition)),
        board,
        observer: Arc::new(()),
        keeper,
        asker: Arc::new(Asker::new(&config, partitions)?),
        surveys: Arc::default(),
    };
    let runner = Runner::new(Arc::clone(&config), partition, Role::Witness, links, lane);
    Ok(watch(runner))
}

/// Goes along until the end of the journal is reached, or it is clear that it will not be.
fn watch(mut runner: Runner) -> Result<Verified, Flaw> {
    let began = Instant::now();
    let (mut wrong, mut unreadable) = (0, 0);
    let mut before: Option<(u64, u64)> = None;
    let mut effects = runner.begin();
    loop {
        let ended = runner.turn(&mut effects);
        assert!(ended.is_none(), "a lane that only follows does not end by itself");
        if let Some((why, cause)) = runner.take_trouble() {
            before = None;
            match cause {
                // Its owner may have gone on meanwhile: written a checkpoint, or trimmed the journal.
                Some(cause) => {
                    wrong += 1;
                    if wrong >= bounds::VERIFY_WRONG {
                        return Err(Flaw::Wrong(cause.to_string()));
                    }
                }
                None => {
                    unreadable += 1;
                    if unreadable >= bounds::VERIFY_UNREADABLE {
                        return Err(Flaw::Unreadable(why));
                    }
                }
            }
        }
        let (lane, end) = runner.watched();
        let status = lane.status();
        let follows = matches!(status.stage, Stage::Following | Stage::Replaying);
        let Some(end) = end.filter(|_| follows) else { continue };
        let (sequence, events) = *before.get_or_insert((status.sequence, status.events));
        if status.journal >= end && status.ahead == 0 {
            return Ok(Verified {
                loaded: lane.loaded(),
                sequence: status.sequence,
                replayed: (status.sequence - sequence, status.events - events),
                digest: status.digest,
                orders: lane.holds().orders,
                needs: status.needs,
                took: began.elapsed(),
            });
        }
    }
}
