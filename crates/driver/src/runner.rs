//! A lane's thread: turns what happens into events, hands them to the lane, performs its effects.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use lane::{Effect, Event, Halt, InputTopic, Lane, Time, Transaction};
use telemetry::{
    LaneState, LaneView,
    metrics::{DropCause, Timing},
};

use crate::{
    Config, Observer, bounds,
    clock::Clock,
    close::await_until,
    inputs::Inputs,
    journal::JournalReader,
    open,
    producer::{Failure, Transactor},
    report,
    wake::Wake,
};

/// How a lane's life ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As it was asked to.
    Stopped,
    /// For a reason that only a person can clear.
    Halted(Halt),
}

/// What other threads do to a lane: wake it, and tell it to stop.
#[derive(Debug, Default)]
pub(crate) struct Control {
    stop: AtomicBool,
    wake: Arc<Wake>,
}

impl Control {
    /// Tells the lane to finish its transaction and end.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.wake.wake();
    }
}

/// One lane with what it needs of Kafka.
pub(crate) struct Runner {
    config: Arc<Config>,
    partition: u32,
    control: Arc<Control>,
    view: Arc<LaneView>,
    observer: Arc<dyn Observer>,
    lane: Lane,
    producer: Option<Transactor>,
    inputs: Option<Inputs>,
    journal: Option<JournalReader>,
    /// Where the journal ended when the partition was opened.
    journal_end: i64,
    /// What happened and was not handed to the lane yet.
    events: VecDeque<Event>,
    stop_told: bool,
    clock: Clock,
    /// It was tried to open before.
    again: bool,
    /// When the last attempt to open began.
    opened: Instant,
    /// How long the lane took over the last event.
    decided: Duration,
    /// When the view was written last.
    published: Instant,
    /// What went wrong last, for the metrics.
    failure: DropCause,
    end: Option<End>,
}

impl Runner {
    pub(crate) fn new(
        config: Arc<Config>,
        partition: u32,
        control: Arc<Control>,
        view: Arc<LaneView>,
        observer: Arc<dyn Observer>,
        lane: Lane,
    ) -> Self {
        Self {
            config,
            partition,
            control,
            view,
            observer,
            lane,
            producer: None,
            inputs: None,
            journal: None,
            journal_end: 0,
            events: VecDeque::new(),
            stop_told: false,
            clock: Clock::new(),
            again: false,
            opened: Instant::now(),
            decided: Duration::ZERO,
            published: Instant::now(),
            failure: DropCause::Failed,
            end: None,
        }
    }

    /// Runs the lane to its end.
    pub(crate) fn run(mut self) -> End {
        let mut effects = Vec::new();
        self.lane.start(self.clock.now(), &mut effects);
        loop {
            self.view.tick();
            self.perform_all(&mut effects);
            if let Some(end) = self.end.take() {
                return end;
            }
            if self.events.is_empty() {
                self.gather();
            }
            match self.events.pop_front() {
                Some(event) => {
                    let began = Instant::now();
                    self.lane.handle(self.clock.now(), event, &mut effects);
                    self.decided = began.elapsed();
                }
                None => self.wait(),
            }
        }
    }

    fn perform_all(&mut self, effects: &mut Vec<Effect>) {
        for effect in effects.drain(..) {
            self.perform(effect);
        }
        if let Some(Err(why)) = self.inputs.as_mut().map(Inputs::settle) {
            self.events.push_back(Event::Broken { why });
        }
    }

    /// Collects what has happened since the last turn.
    fn gather(&mut self) {
        if !self.stop_told && self.control.stop.load(Ordering::Acquire) {
            self.stop_told = true;
            self.view.set_state(LaneState::Stopping);
            self.events.push_back(Event::Stop);
            return;
        }
        if let Some(journal) = self.journal.as_mut().filter(|_| self.lane.wants_journal()) {
            self.events.extend(journal.read(bounds::TURN));
        }
        if let Some(inputs) = &mut self.inputs {
            let lane = &self.lane;
            match inputs.serve(|input| lane.wants(input)) {
                Ok(events) => self.events.extend(events),
                Err(why) => self.events.push_back(Event::Broken { why }),
            }
            let wanted = InputTopic::ALL.into_iter().filter(|input| lane.wants(*input));
            self.events.extend(wanted.filter_map(|input| inputs.take(input)));
        }
        if self.lane.next_wake().is_some_and(|at| at <= self.clock.now()) {
            self.events.push_back(Event::Tick);
        }
        self.publish();
    }

    /// Waits until there is news, the lane wants to be woken, or it is time to look round.
    fn wait(&mut self) {
        let now = self.clock.now();
        let until = self.lane.next_wake().map_or(bounds::TURN, |at| {
            let millis = at.0.saturating_sub(now.0);
            Duration::from_millis(u64::try_from(millis).unwrap_or(0))
        });
        self.control.wake.wait(until.min(bounds::TURN));
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open => self.open(),
            Effect::FollowJournal { from, tag } => self.follow_journal(from, tag),
            Effect::Look | Effect::ReadCheckpoints { .. } | Effect::Trim { .. } => {
                unreachable!("asked for by standbys and with checkpoints only")
            }
            Effect::Follow { input, from, tag } => {
                let inputs = self.inputs.as_mut().expect("a lane follows only what it has opened");
                inputs.follow(input, from, tag);
            }
            Effect::Transact(transaction) => self.transact(&transaction),
            Effect::Ready { transactions } => {
                self.journal = None;
                self.view.set_state(LaneState::Running);
                let (_, goal) = self.view.recovery();
                self.view.set_recovery(goal, goal);
                let sequence = self.lane.status().sequence;
                report::ready(self.partition, transactions, sequence, self.opened.elapsed());
            }
            Effect::Recovering { why, .. } => {
                self.view.set_state(LaneState::Recovering);
                self.inputs = None;
                self.journal = None;
                report::dropped(self.partition, self.failure, &why);
                self.failure = DropCause::Failed;
            }
            Effect::Halt(halt) => {
                self.view.set_state(LaneState::Failed);
                report::halted(&halt);
                self.end = Some(End::Halted(halt));
            }
            Effect::Stopped => self.end = Some(End::Stopped),
        }
    }

    fn open(&mut self) {
        self.view.set_in_kafka(true);
        let event = if self.may_open() {
            match self.try_open() {
                Ok(opened) => opened,
                Err(Failure::Fenced) => Event::Fenced,
                Err(failure) => Event::OpenFailed { why: failure.to_string() },
            }
        } else {
            Event::OpenFailed { why: "the partition is being given up".into() }
        };
        self.view.set_in_kafka(false);
        self.events.push_back(event);
    }

    /// Whether the partition is still to be opened. Not the first time: the group is given a moment to say
    /// that it is somebody else's now, since opening would shut that one out. A process that was stopped and
    /// goes on hears it within that.
    fn may_open(&mut self) -> bool {
        let first = !std::mem::replace(&mut self.again, true);
        let until = Instant::now() + if first { Duration::ZERO } else { bounds::REOPEN };
        let stopping = || self.control.stop.load(Ordering::Acquire);
        !await_until(until, bounds::LOOK, stopping)
    }

    fn try_open(&mut self) -> Result<Event, Failure> {
        self.opened = Instant::now();
        self.inputs = None;
        self.journal = None;
        // Gone before the next one is made: two producers of one process need not fight.
        self.producer = None;
        self.producer = Some(Transactor::open(&self.config, self.partition)?);
        let config = Arc::clone(&self.config);
        let inputs = Inputs::new(config, self.partition, Arc::clone(&self.control.wake))
            .map_err(Failure::Aborted)?;
        let opened = open::look(&self.config, self.partition, inputs.consumer())
            .map_err(Failure::Aborted)?;
        self.inputs = Some(inputs);
        self.journal_end = opened.journal.end;
        self.view.set_state(LaneState::Recovering);
        Ok(Event::Opened(opened))
    }

    fn follow_journal(&mut self, from: i64, tag: u64) {
        match JournalReader::new(&self.config, self.partition, from, tag, self.journal_end) {
            Ok(journal) => self.journal = Some(journal),
            Err(why) => self.events.push_back(Event::Broken { why }),
        }
    }

    fn transact(&mut self, transaction: &Transaction) {
        // The journal has been read where a transaction is possible; its reader is not needed any more.
        self.journal = None;
        let producer = self.producer.as_ref().expect("a lane transacts only when it has opened");
        let inputs = self.inputs.as_ref().expect("a lane transacts only when it has opened");
        self.view.set_in_kafka(true);
        let done = producer.transact(&self.config.topics, transaction, &inputs.group());
        self.view.set_in_kafka(false);
        let event = match done {
            Ok(done) => {
                let timing = Timing {
                    decide: self.decided,
                    commit: done.committed.duration_since(done.produced),
                    latency: transaction.oldest.map(|arrival| since(arrival, self.clock.now())),
                };
                let sequence = self.lane.status().sequence;
                report::committed(self.partition, sequence, transaction, timing);
                self.observer.committed(self.partition, transaction);
                report::accepted(&self.view);
                Event::Committed
            }
            Err(failure) => self.failed(&failure),
        };
        self.events.push_back(event);
    }

    /// What the lane is told of a transaction that is not committed, or of which nobody knows.
    fn failed(&mut self, failure: &Failure) -> Event {
        self.failure = match failure {
            Failure::Fenced => DropCause::Fenced,
            Failure::Unknown(_) => DropCause::Unknown,
            Failure::Refused(_) | Failure::Aborted(_) => DropCause::Aborted,
        };
        if let Failure::Refused(refusal) = failure {
            report::refused(&self.view, refusal);
        }
        match failure {
            Failure::Fenced => Event::Fenced,
            other => Event::Broken { why: other.to_string() },
        }
    }

    /// Writes the view, now and then: readers look every few seconds.
    fn publish(&mut self) {
        if self.published.elapsed() < bounds::PUBLISH {
            return;
        }
        self.published = Instant::now();
        let status = self.lane.status();
        let now = status.now.map_or(0, |now| now.0);
        self.view.set_position(now, status.sequence);
        if let Some(lane::Recovery { offsets: done, offsets_total: goal, .. }) =
            self.lane.recovery()
        {
            self.view.set_recovery(done, goal);
        }
        let holds = self.lane.holds();
        self.view.set_holds(holds.pools, holds.orders, holds.identities);
        let Some(inputs) = &self.inputs else { return };
        let behind = |(input, position): (InputTopic, &i64)| inputs.behind(input, *position);
        // What lies between records is not waited for: at the end of its inputs a lane is not behind.
        let lag = if status.caught_up { 0 } else { status.positions.iter().map(behind).sum() };
        self.view.set_lag(lag);
    }
}

/// How long ago `arrival` was.
fn since(arrival: Time, now: Time) -> Duration {
    Duration::from_millis(u64::try_from(now.0.saturating_sub(arrival.0)).unwrap_or(0))
}
