//! What lanes publish about themselves, for the console to read.
//!
//! A lane owns its [`LaneView`] and only ever stores into atomics; readers only ever load. The list of
//! views is swapped whole when a lane comes or goes, so no reader holds a lock that a lane waits for.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::hidden::{Hidden, Places};

/// Where a lane is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LaneState {
    /// Assigned; its producer and consumer are being made.
    Starting = 0,
    /// Replays what its journal says.
    Recovering = 1,
    /// Takes events.
    Running = 2,
    /// Finishes its transaction and leaves.
    Stopping = 3,
    /// Stopped by an error that only a person can clear.
    Failed = 4,
    /// Stays behind the journal of another process's lane, to take its partition over.
    Standby = 5,
}

impl LaneState {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 6] = [
        Self::Standby,
        Self::Starting,
        Self::Recovering,
        Self::Running,
        Self::Stopping,
        Self::Failed,
    ];

    /// The word for it in metrics, logs and `/readyz`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standby => "standby",
            Self::Starting => "starting",
            Self::Recovering => "recovering",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Failed => "failed",
        }
    }
}

/// What one lane publishes. Written by its lane's thread only.
#[derive(Debug)]
pub struct LaneView {
    partition: i32,
    state: AtomicU8,
    ticks: AtomicU64,
    in_kafka: AtomicBool,
    lag: AtomicU64,
    now: AtomicI64,
    sequence: AtomicU64,
    recovered: AtomicU64,
    to_recover: AtomicU64,
    pools: AtomicU64,
    orders: AtomicU64,
    identities: AtomicU64,
    bytes: AtomicU64,
    limit: AtomicU64,
    full: AtomicBool,
    clock_off: AtomicI64,
    loaded: AtomicU64,
    to_load: AtomicU64,
    checkpoint_age: AtomicU64,
    needed_age: AtomicU64,
    standby_lag: AtomicU64,
    standby_behind: AtomicU64,
    refused: ArcSwapOption<String>,
    rival: ArcSwapOption<String>,
    failed: ArcSwapOption<String>,
    hidden: ArcSwapOption<Vec<Hidden>>,
}

impl LaneView {
    const fn new(partition: i32) -> Self {
        Self {
            partition,
            state: AtomicU8::new(LaneState::Starting as u8),
            ticks: AtomicU64::new(0),
            in_kafka: AtomicBool::new(false),
            lag: AtomicU64::new(0),
            now: AtomicI64::new(0),
            sequence: AtomicU64::new(0),
            recovered: AtomicU64::new(0),
            to_recover: AtomicU64::new(0),
            pools: AtomicU64::new(0),
            orders: AtomicU64::new(0),
            identities: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            limit: AtomicU64::new(0),
            full: AtomicBool::new(false),
            clock_off: AtomicI64::new(0),
            loaded: AtomicU64::new(0),
            to_load: AtomicU64::new(0),
            checkpoint_age: AtomicU64::new(0),
            needed_age: AtomicU64::new(0),
            standby_lag: AtomicU64::new(0),
            standby_behind: AtomicU64::new(0),
            refused: ArcSwapOption::const_empty(),
            rival: ArcSwapOption::const_empty(),
            failed: ArcSwapOption::const_empty(),
            hidden: ArcSwapOption::const_empty(),
        }
    }

    /// The partition that it is the lane of.
    #[must_use]
    pub const fn partition(&self) -> i32 {
        self.partition
    }

    /// Where the lane is in its life.
    #[must_use]
    pub fn state(&self) -> LaneState {
        let stored = self.state.load(Relaxed);
        LaneState::ALL.into_iter().find(|s| *s as u8 == stored).expect("only states are stored")
    }

    /// Tells where the lane is now.
    pub fn set_state(&self, state: LaneState) {
        self.state.store(state as u8, Relaxed);
    }

    /// Tells that an error has stopped the lane for good, and which.
    pub fn set_failed(&self, why: &str) {
        self.failed.store(Some(Arc::new(why.to_owned())));
        self.set_state(LaneState::Failed);
    }

    /// The error that has stopped the lane, where one has.
    #[must_use]
    pub fn failed(&self) -> Option<Arc<String>> {
        self.failed.load_full()
    }

    /// Tells that the lane's loop went round. Call it once a turn; the console judges by its standing still.
    pub fn tick(&self) {
        self.ticks.fetch_add(1, Relaxed);
    }

    /// How often the loop went round.
    #[must_use]
    pub fn ticks(&self) -> u64 {
        self.ticks.load(Relaxed)
    }

    /// Tells that the lane enters (`true`) or leaves a call that waits for the brokers. While it is inside,
    /// standing still is no sign of a stuck lane: Kafka may be away, and a restart would not help.
    pub fn set_in_kafka(&self, inside: bool) {
        self.in_kafka.store(inside, Relaxed);
    }

    /// Whether the lane is inside a call that waits for the brokers.
    #[must_use]
    pub fn in_kafka(&self) -> bool {
        self.in_kafka.load(Relaxed)
    }

    /// Tells how many readable input records are not taken yet.
    pub fn set_lag(&self, records: u64) {
        self.lag.store(records, Relaxed);
    }

    /// Readable input records that are not taken yet.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.lag.load(Relaxed)
    }

    /// Tells the partition's `now`, in milliseconds since the Unix epoch, and its last committed sequence.
    pub fn set_position(&self, now_millis: i64, sequence: u64) {
        self.now.store(now_millis, Relaxed);
        self.sequence.store(sequence, Relaxed);
    }

    /// The partition's `now`, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now_millis(&self) -> i64 {
        self.now.load(Relaxed)
    }

    /// The sequence of the last journal record, committed.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence.load(Relaxed)
    }

    /// Tells how many offsets of the inputs are replayed, of how many.
    pub fn set_recovery(&self, done: u64, goal: u64) {
        self.recovered.store(done, Relaxed);
        self.to_recover.store(goal, Relaxed);
    }

    /// Offsets of the inputs replayed, and to replay.
    #[must_use]
    pub fn recovery(&self) -> (u64, u64) {
        (self.recovered.load(Relaxed), self.to_recover.load(Relaxed))
    }

    /// Tells how many pages of the checkpoint are loaded, of how many.
    pub fn set_loaded(&self, pages: u64, of: u64) {
        self.loaded.store(pages, Relaxed);
        self.to_load.store(of, Relaxed);
    }

    /// Pages of the checkpoint loaded, and to load.
    #[must_use]
    pub fn loaded(&self) -> (u64, u64) {
        (self.loaded.load(Relaxed), self.to_load.load(Relaxed))
    }

    /// Tells how old the checkpoint is that stands, and the oldest input that coming back would read again.
    pub fn set_ages(&self, checkpoint: Duration, needed: Duration) {
        self.checkpoint_age.store(millis(checkpoint), Relaxed);
        self.needed_age.store(millis(needed), Relaxed);
    }

    /// How old the checkpoint is, and the oldest input that is still needed.
    #[must_use]
    pub fn ages(&self) -> (Duration, Duration) {
        let age = |stored: &AtomicU64| Duration::from_millis(stored.load(Relaxed));
        (age(&self.checkpoint_age), age(&self.needed_age))
    }

    /// Tells about how many transactions of the owner's journal a standby has not replayed yet, and how long
    /// ago it had replayed all that was there.
    pub fn set_standby(&self, lag: u64, behind: Duration) {
        self.standby_lag.store(lag, Relaxed);
        self.standby_behind.store(millis(behind), Relaxed);
    }

    /// About how many transactions a standby has not replayed yet, and since when.
    #[must_use]
    pub fn standby(&self) -> (u64, Duration) {
        let behind = Duration::from_millis(self.standby_behind.load(Relaxed));
        (self.standby_lag.load(Relaxed), behind)
    }

    /// Tells what the lane holds in memory.
    pub fn set_holds(&self, pools: u64, orders: u64, identities: u64) {
        self.pools.store(pools, Relaxed);
        self.orders.store(orders, Relaxed);
        self.identities.store(identities, Relaxed);
    }

    /// Pools, orders and identities that the lane holds in memory.
    #[must_use]
    pub fn holds(&self) -> (u64, u64, u64) {
        (self.pools.load(Relaxed), self.orders.load(Relaxed), self.identities.load(Relaxed))
    }

    /// Tells how many bytes the lane's state takes, as it is estimated, and how many it may.
    pub fn set_bytes(&self, bytes: u64, limit: u64) {
        self.bytes.store(bytes, Relaxed);
        self.limit.store(limit, Relaxed);
    }

    /// Bytes that the lane's state takes, as it is estimated, and how many it may. The limit is 0 until it is
    /// known.
    #[must_use]
    pub fn bytes(&self) -> (u64, u64) {
        (self.bytes.load(Relaxed), self.limit.load(Relaxed))
    }

    /// Tells by how many milliseconds the process's wall clock is ahead of the lane's; below 0 it is behind. What
    /// was told before.
    pub fn set_clock_off(&self, millis: i64) -> i64 {
        self.clock_off.swap(millis, Relaxed)
    }

    /// By how many milliseconds the process's wall clock is ahead of the lane's.
    #[must_use]
    pub fn clock_off(&self) -> i64 {
        self.clock_off.load(Relaxed)
    }

    /// Tells that the lane takes no input, because its state takes as much as it may; or that it does again.
    /// True where that is news.
    pub fn set_full(&self, full: bool) -> bool {
        self.full.swap(full, Relaxed) != full
    }

    /// Whether the lane takes no input, because its state takes as much as it may.
    #[must_use]
    pub fn full(&self) -> bool {
        self.full.load(Relaxed)
    }

    /// Tells that a topic takes no writes, and which and why, so that the lane takes no input; or that they
    /// are taken again. True where that is news.
    pub fn set_refused(&self, why: Option<&str>) -> bool {
        replaced(&self.refused, why)
    }

    /// Tells that the lane is shut out again and again, and by whom; or that it is no more. True where that is news.
    pub fn set_rival(&self, who: Option<&str>) -> bool {
        replaced(&self.rival, who)
    }

    /// Who shuts the lane out again and again, where somebody does: a sentence.
    #[must_use]
    pub fn rival(&self) -> Option<Arc<String>> {
        self.rival.load_full()
    }

    /// Tells of each input what of it can't be read yet.
    pub fn set_hidden(&self, inputs: Vec<Hidden>) {
        self.hidden.store(Some(Arc::new(inputs)));
    }

    /// Of each input what of it can't be read yet; of none before the first survey.
    #[must_use]
    pub fn hidden(&self) -> Arc<Vec<Hidden>> {
        self.hidden.load_full().unwrap_or_default()
    }

    /// Which topic takes no writes, and why, where one does not.
    #[must_use]
    pub fn refused(&self) -> Option<Arc<String>> {
        self.refused.load_full()
    }
}

/// Puts a text in the place of another; whether they differ.
fn replaced(place: &ArcSwapOption<String>, text: Option<&str>) -> bool {
    let before = place.load();
    let differs = before.as_ref().map(|before| before.as_str()) != text;
    if differs {
        place.store(text.map(|text| Arc::new(text.to_owned())));
    }
    differs
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The lanes of this process, and whether the process has its place in the group.
#[derive(Debug, Default)]
pub struct Board {
    lanes: ArcSwap<Vec<Arc<LaneView>>>,
    joined: AtomicBool,
    notes: ArcSwap<Vec<String>>,
    /// Of which places it was told once what of them is hidden. For who reads, not for lanes.
    places: Mutex<BTreeSet<(String, i32)>>,
    /// Of which partitions it was told once that they stand still. For who reads, not for lanes.
    halted: Mutex<BTreeSet<i32>>,
}

impl Board {
    /// A board without lanes, of a process that has not joined its group.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a fresh view of `partition`'s lane up, in the place of an older one, and gives it to the lane.
    pub fn open(&self, partition: i32) -> Arc<LaneView> {
        let view = Arc::new(LaneView::new(partition));
        self.lanes.rcu(|lanes| {
            let mut next: Vec<_> =
                lanes.iter().filter(|l| l.partition != partition).cloned().collect();
            next.push(Arc::clone(&view));
            next.sort_by_key(|l| l.partition);
            next
        });
        view
    }

    /// Takes this view down, if it is still up: another may be in its place already.
    pub fn close(&self, view: &Arc<LaneView>) {
        self.lanes.rcu(|lanes| -> Vec<_> {
            lanes.iter().filter(|lane| !Arc::ptr_eq(lane, view)).cloned().collect()
        });
    }

    /// Tells that the process has been given its partitions (which may be none) for the first time.
    pub fn set_joined(&self) {
        self.joined.store(true, Relaxed);
    }

    /// Tells what people should know of the deployment although the lanes run, a line each.
    pub fn set_notes(&self, notes: Vec<String>) {
        self.notes.store(Arc::new(notes));
    }

    /// What people should know of the deployment although the lanes run, a line each.
    #[must_use]
    pub fn notes(&self) -> Arc<Vec<String>> {
        self.notes.load_full()
    }

    /// Whether the process has been given its partitions.
    #[must_use]
    pub fn joined(&self) -> bool {
        self.joined.load(Relaxed)
    }

    /// The places of which it was told once what is hidden, with nothing hidden.
    pub(crate) fn places(&self) -> Places {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.iter().map(|place| (place.clone(), (0.0, 0.0))).collect()
    }

    pub(crate) fn remember(&self, places: impl Iterator<Item = (String, i32)>) {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).extend(places);
    }

    /// Notes these partitions; gives all that were ever noted.
    pub(crate) fn remember_halted(&self, partitions: impl Iterator<Item = i32>) -> BTreeSet<i32> {
        let mut halted = self.halted.lock().unwrap_or_else(PoisonError::into_inner);
        halted.extend(partitions);
        halted.clone()
    }

    /// The lanes as they are now, by partition.
    #[must_use]
    pub fn lanes(&self) -> Arc<Vec<Arc<LaneView>>> {
        self.lanes.load_full()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_come_and_go_by_partition() {
        let board = Board::new();
        let old = board.open(3);
        let one = board.open(1);
        old.set_state(LaneState::Failed);
        let new = board.open(3);
        new.set_state(LaneState::Running);
        let seen: Vec<_> = board.lanes().iter().map(|l| (l.partition(), l.state())).collect();
        assert_eq!(seen, [(1, LaneState::Starting), (3, LaneState::Running)]);
        board.close(&one);
        board.close(&old);
        assert_eq!(board.lanes().len(), 1, "what is in its place stays");
    }
}
