//! A lane's thread: turns what happens into events, hands them to the lane, performs its effects.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use lane::{Cause, Effect, Event, Halt, InputTopic, Lane, Opened, Time, Transaction};
use telemetry::{
    Board, LaneState, LaneView,
    metrics::{DropCause, Timing},
};

use crate::{
    Config, Observer, bounds,
    checkpoints::CheckpointReader,
    clock,
    close::await_until,
    control::Control,
    hidden::Hidden,
    inputs::Inputs,
    journal::JournalReader,
    keeper::{Task, Tasks},
    open::Asker,
    producer::{Failure, Transactor},
    report,
    rival::{self, ShutOuts},
    survey::Surveys,
};

/// How a lane's life ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// As it was asked to.
    Stopped,
    /// For a reason that only a person can clear.
    Halted(Halt),
}

/// What a lane is to its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It is the lane's.
    Owner,
    /// It is another process's, and the lane stays behind its journal until it is promoted.
    Follower,
    /// It is another process's, and the lane only looks on.
    Witness,
}

/// What a lane's thread has in common with others.
pub(crate) struct Links {
    pub(crate) control: Arc<Control>,
    pub(crate) view: Arc<LaneView>,
    pub(crate) board: Arc<Board>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) keeper: Tasks,
    pub(crate) asker: Arc<Asker>,
    pub(crate) surveys: Arc<Surveys>,
}

/// One lane with what it needs of Kafka.
pub(crate) struct Runner {
    config: Arc<Config>,
    partition: u32,
    role: Role,
    links: Links,
    lane: Lane,
    producer: Option<Transactor>,
    /// A follower's, at hand for when it takes over.
    spare: Option<Transactor>,
    inputs: Option<Inputs>,
    journal: Option<JournalReader>,
    checkpoints: Option<CheckpointReader>,
    /// While the lane is live.
    hidden: Option<Hidden>,
    /// What happened and was not handed to the lane yet.
    events: VecDeque<Event>,
    stop_told: bool,
    hurry_told: bool,
    /// It was tried to open before.
    again: bool,
    /// When the last attempt to open began, or the takeover.
    opened: Instant,
    /// It was promoted, and does not take events yet.
    takes_over: bool,
    /// The last owner could not be shut out, since a topic is away.
    kept_out: bool,
    /// Where the journal ended when it was looked at first.
    journal_end: Option<i64>,
    /// Why a witness's lane has begun again.
    trouble: Option<(String, Option<Cause>)>,
    /// When a follower was last at the journal's end.
    abreast: Instant,
    /// How long the lane took over the last event.
    decided: Duration,
    /// When the log was told last how far the way back is, or the lane was not on it.
    said: Instant,
    /// When the view was written last.
    published: Instant,
    /// How much memory the lane was told that its state may take.
    allowed: u64,
    /// What went wrong last, for the metrics.
    failure: DropCause,
    shut_outs: ShutOuts,
    end: Option<End>,
}

impl Runner {
    pub(crate) fn new(
        config: Arc<Config>,
        partition: u32,
        role: Role,
        links: Links,
        lane: Lane,
    ) -> Self {
        let now = Instant::now();
        Self {
            config,
            partition,
            role,
            links,
            lane,
            producer: None,
            spare: None,
            inputs: None,
            journal: None,
            checkpoints: None,
            hidden: None,
            events: VecDeque::new(),
            stop_told: false,
            hurry_told: false,
            again: false,
            opened: now,
            takes_over: false,
            kept_out: false,
            journal_end: None,
            trouble: None,
            abreast: now,
            decided: Duration::ZERO,
            said: now,
            published: now,
            allowed: u64::MAX,
            failure: DropCause::Failed,
            shut_outs: ShutOuts::default(),
            end: None,
        }
    }

    /// Runs the lane to its end.
    pub(crate) fn run(mut self) -> End {
        let mut effects = self.begin();
        loop {
            if let Some(end) = self.turn(&mut effects) {
                return end;
            }
        }
    }

    /// What is to be done first.
    pub(crate) fn begin(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.role == Role::Owner {
            self.lane.start(clock::mono(), &mut effects);
        } else {
            self.links.view.set_state(LaneState::Standby);
            self.lane.follow(clock::mono(), &mut effects);
        }
        effects
    }

    /// Does what is to be done and hands on what has happened, or waits; how the lane ended, if it did.
    pub(crate) fn turn(&mut self, effects: &mut Vec<Effect>) -> Option<End> {
        self.links.view.tick();
        self.perform_all(effects);
        if let Some(end) = self.end.take() {
            return Some(end);
        }
        if self.events.is_empty() {
            self.gather();
        }
        match self.events.pop_front() {
            Some(event) => {
                let began = Instant::now();
                self.lane.handle(clock::mono(), event, effects);
                self.decided = began.elapsed();
            }
            None => self.wait(),
        }
        None
    }

    /// The lane, and where the journal ended when it was looked at first.
    pub(crate) const fn watched(&self) -> (&Lane, Option<i64>) {
        (&self.lane, self.journal_end)
    }

    /// Why the lane has begun again since this was asked last, and what would have stopped an owner.
    pub(crate) fn take_trouble(&mut self) -> Option<(String, Option<Cause>)> {
        self.trouble.take()
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
        if self.told() {
            return;
        }
        if let Some(journal) = self.journal.as_mut().filter(|_| self.lane.wants_journal()) {
            self.events.extend(journal.take());
        }
        if let Some(checkpoints) = &mut self.checkpoints {
            self.events.extend(checkpoints.take());
            if checkpoints.is_done() {
                self.checkpoints = None;
            }
        }
        if let Some(hidden) = &mut self.hidden {
            self.events.extend(hidden.take());
            hidden.hurry(self.lane.wants_survey());
        }
        if let Some(inputs) = &mut self.inputs {
            let lane = &self.lane;
            match inputs.serve(|input| lane.wants(input)) {
                Ok(events) => self.events.extend(events),
                Err(why) => self.events.push_back(Event::Broken { why }),
            }
            let wanted = InputTopic::ALL.into_iter().filter(|input| lane.wants(*input));
            self.events.extend(wanted.filter_map(|input| inputs.take(input)));
            self.events.extend(inputs.take_surplus(|surplus| lane.wants_surplus(surplus)));
        }
        if self.lane.next_wake().is_some_and(|at| at <= clock::mono()) {
            self.events.push_back(Event::Tick);
        }
        self.publish();
    }

    /// Hands on what other threads have told since the last turn; whether they have.
    fn told(&mut self) -> bool {
        let control = &self.links.control;
        let stops = control.stops() && !std::mem::replace(&mut self.stop_told, control.stops());
        let hurries =
            control.hurries() && !std::mem::replace(&mut self.hurry_told, control.hurries());
        if stops || hurries {
            self.links.view.set_state(LaneState::Stopping);
            self.events.push_back(Event::Stop);
            return true;
        }
        if self.role == Role::Follower && control.is_promoted() {
            self.role = Role::Owner;
            self.opened = Instant::now();
            self.takes_over = true;
            self.links.view.set_state(LaneState::Recovering);
            // An owner's limit is another piece of news than a standby's.
            self.links.view.set_full(false);
            self.events.push_back(Event::Promote);
            return true;
        }
        let described = control.take_described().map(Event::Described);
        let news = described.is_some();
        self.events.extend(described);
        news
    }

    /// Waits until there is news, the lane wants to be woken, or it is time to look round.
    fn wait(&mut self) {
        let now = clock::mono();
        let until = self.lane.next_wake().map_or(bounds::TURN, |at| {
            Duration::from_millis(u64::try_from(at.since(now).0).unwrap_or(0))
        });
        self.links.control.wake().wait(until.min(bounds::TURN));
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Open => self.open(),
            Effect::Look => self.look(),
            Effect::ReadCheckpoints { from, end, bytes, tag } => {
                self.read_checkpoints((from, end), bytes, tag);
            }
            Effect::FollowJournal { from, tag } => self.follow_journal(from, tag),
            Effect::Follow { input, from, tag } => {
                let inputs = self.inputs.as_mut().expect("a lane follows only what it has opened");
                inputs.follow(input, from, tag);
            }
            Effect::FollowSurplus { surplus, from, tag } => {
                let inputs = self.inputs.as_mut().expect("a lane follows only what it has opened");
                inputs.follow_surplus(surplus, from, tag);
            }
            Effect::Transact(transaction) => self.transact(&transaction),
            Effect::Trim { journal_before } => {
                // Where the keeper has ended the process ends, and the next owner trims.
                let (partition, before) = (self.partition, journal_before);
                let _ = self.links.keeper.send(Task::Trim { partition, before });
            }
            Effect::Ready { transactions } => self.ready(transactions),
            Effect::Recovering { why, cause } => {
                if self.role == Role::Owner {
                    self.links.view.set_state(LaneState::Recovering);
                }
                self.inputs = None;
                self.journal = None;
                self.checkpoints = None;
                self.hidden = None;
                // What was hidden is asked for again once it is live.
                self.links.view.set_hidden(Vec::new());
                report::dropped(self.partition, self.role, self.failure, &why);
                self.failure = DropCause::Failed;
                self.trouble = (self.role == Role::Witness).then_some((why, cause));
            }
            Effect::Halt(halt) => {
                self.links.view.set_failed(&halt.cause.to_string());
                // Its state goes with its thread.
                self.links.view.set_bytes(0, 0);
                self.links.view.set_full(false);
                self.links.view.set_hidden(Vec::new());
                report::halted(&halt);
                self.end = Some(End::Halted(halt));
            }
            Effect::Stopped => self.end = Some(End::Stopped),
        }
    }

    fn ready(&mut self, transactions: u64) {
        self.journal = None;
        let ear = self.links.surveys.listen(self.partition, Arc::clone(self.links.control.wake()));
        self.hidden = Some(Hidden::new(Arc::clone(&self.config), ear));
        let view = &self.links.view;
        view.set_state(LaneState::Running);
        let (_, goal) = view.recovery();
        view.set_recovery(goal, goal);
        let sequence = self.lane.status().sequence;
        let standby = std::mem::take(&mut self.takes_over);
        report::ready(self.partition, standby, transactions, sequence, self.opened.elapsed());
    }

    fn open(&mut self) {
        self.links.view.set_in_kafka(true);
        let event = if self.may_open() {
            match self.try_open() {
                Ok(opened) => opened,
                Err(Failure::Fenced) => self.shut_out(),
                Err(failure) => {
                    if let Failure::Refused(refusal) = &failure {
                        self.kept_out = true;
                        report::refused(&self.links.view, refusal);
                    }
                    Event::OpenFailed { why: failure.to_string() }
                }
            }
        } else {
            Event::OpenFailed { why: "the partition is being given up".into() }
        };
        self.links.view.set_in_kafka(false);
        self.events.push_back(event);
    }

    /// Whether the partition is still to be opened. Not the first time: the group is given a moment to say
    /// that it is somebody else's now, since opening would shut that one out. A process that was stopped and
    /// goes on hears it within that.
    fn may_open(&mut self) -> bool {
        let first = !std::mem::replace(&mut self.again, true);
        let until = Instant::now() + if first { Duration::ZERO } else { bounds::REOPEN };
        let stopping = || self.links.control.stops();
        !await_until(until, bounds::LOOK, stopping)
    }

    fn try_open(&mut self) -> Result<Event, Failure> {
        if !self.takes_over {
            self.opened = Instant::now();
        }
        // Gone before the next one is made: two producers of one process need not fight.
        self.producer = None;
        let spare = self.spare.take().map_or_else(|| self.prepare(), Ok)?;
        spare.shut_out(&self.config.topics)?;
        if std::mem::take(&mut self.kept_out) {
            report::accepted(&self.links.view);
        }
        self.producer = Some(spare);
        let opened = self.find(true).map_err(Failure::Aborted)?;
        self.links.view.set_state(LaneState::Recovering);
        Ok(Event::Opened(opened))
    }

    fn prepare(&self) -> Result<Transactor, Failure> {
        Transactor::prepare(&self.config, self.partition)
    }

    fn look(&mut self) {
        self.links.view.set_in_kafka(true);
        let event = match self.find(false) {
            Ok(opened) => Event::Opened(opened),
            Err(why) => Event::OpenFailed { why },
        };
        if self.spare.is_none() && self.role == Role::Follower {
            // Without one a takeover makes it, which takes a little longer.
            self.spare = self.prepare().ok();
        }
        self.links.view.set_in_kafka(false);
        self.events.push_back(event);
    }

    /// Looks up what there is. What is being followed stays so.
    fn find(&mut self, shut_out: bool) -> Result<Opened, String> {
        if self.inputs.is_none() {
            let (config, wake) = (Arc::clone(&self.config), self.links.control.wake());
            self.inputs = Some(Inputs::new(config, self.partition, Arc::clone(wake))?);
        }
        let opened = self.links.asker.look(&self.config, self.partition, shut_out)?;
        self.journal_end.get_or_insert(opened.journal.end);
        Ok(opened)
    }

    fn follow_journal(&mut self, from: i64, tag: u64) {
        let wake = Arc::clone(self.links.control.wake());
        match JournalReader::new(&self.config, self.partition, from, tag, wake) {
            Ok(journal) => self.journal = Some(journal),
            Err(why) => self.events.push_back(Event::Broken { why }),
        }
    }

    fn read_checkpoints(&mut self, span: (i64, i64), bytes: usize, tag: u64) {
        let goes_on = |reader: &CheckpointReader| reader.goes_on(span, tag);
        if !self.checkpoints.as_ref().is_some_and(goes_on) {
            let wake = Arc::clone(self.links.control.wake());
            match CheckpointReader::new(&self.config, self.partition, span, tag, wake) {
                Ok(reader) => self.checkpoints = Some(reader),
                Err(why) => return self.events.push_back(Event::Broken { why }),
            }
        }
        if let Some(reader) = &mut self.checkpoints {
            reader.ask(bytes);
        }
    }

    fn transact(&mut self, transaction: &Transaction) {
        let producer = self.producer.as_ref().expect("a lane transacts only when it has opened");
        let inputs = self.inputs.as_ref().expect("a lane transacts only when it has opened");
        self.links.view.set_in_kafka(true);
        let began = Instant::now();
        let done = producer.transact(&self.config.topics, transaction, &inputs.group());
        self.links.view.set_in_kafka(false);
        let event = match done {
            Ok(done) => {
                let now = self.lane.clock_at(clock::mono());
                let timing = Timing {
                    decide: self.decided,
                    whole: self.decided + began.elapsed(),
                    checkpoint: transaction.checkpoint.map(report::portion),
                    commit: done.committed.duration_since(done.produced),
                    latency: transaction.oldest.zip(now).map(|(arrival, now)| since(arrival, now)),
                };
                let sequence = self.lane.status().sequence;
                report::committed(self.partition, sequence, transaction, timing);
                self.links.observer.committed(self.partition, transaction);
                report::accepted(&self.links.view);
                Event::Committed { appended: done.appended }
            }
            Err(failure) => self.failed(&failure),
        };
        self.events.push_back(event);
    }

    /// What the lane is told of a transaction that is not committed, or of which nobody knows.
    fn failed(&mut self, failure: &Failure) -> Event {
        self.failure = match failure {
            Failure::Fenced => DropCause::Fenced,
            Failure::Unknown(_) | Failure::AskedTwice => DropCause::Unknown,
            Failure::Refused(_) | Failure::Aborted(_) => DropCause::Aborted,
        };
        if let Failure::Refused(refusal) = failure {
            report::refused(&self.links.view, refusal);
        }
        match failure {
            Failure::Fenced => self.shut_out(),
            other => Event::Broken { why: other.to_string() },
        }
    }

    /// Notes that somebody else has the lane's transactional id; where that is so again and again, says who.
    fn shut_out(&mut self) -> Event {
        if self.shut_outs.note(Instant::now()) {
            self.links.view.set_in_kafka(true);
            let strangers = self.links.asker.strangers(&self.config);
            self.links.view.set_in_kafka(false);
            let words = rival::words(&self.config, self.partition, &strangers);
            report::rival(&self.links.view, &words);
        }
        Event::Fenced
    }

    /// Writes the view, now and then: readers look every few seconds.
    fn publish(&mut self) {
        if self.published.elapsed() < bounds::PUBLISH {
            return;
        }
        self.published = Instant::now();
        if self.shut_outs.are_over(self.published) {
            report::no_rival(&self.links.view);
        }
        // What a client says that is idle would pile up.
        [&self.producer, &self.spare].into_iter().flatten().for_each(Transactor::listen);
        let (status, view) = (self.lane.status(), &self.links.view);
        view.set_position(status.now.map_or(0, |now| now.0), status.sequence);
        // Who has not learnt the time looks from where the journal is.
        let now = self.lane.clock_at(clock::mono()).unwrap_or(status.journal_clock);
        let since_clock = |then: Time| since(then, now);
        let oldest = status.needs.iter().filter_map(|(_, need)| need.arrival).min();
        let age = status.checkpoint.map_or(Duration::ZERO, |standing| since_clock(standing.clock));
        view.set_ages(age, oldest.map_or(Duration::ZERO, since_clock));
        if let Some(recovery) = self.lane.recovery() {
            view.set_recovery(recovery.offsets, recovery.offsets_total);
            view.set_loaded(recovery.pages, recovery.pages_total);
            if self.role == Role::Owner && self.said.elapsed() >= bounds::SAY_PROGRESS {
                self.said = Instant::now();
                report::recovering(self.partition, recovery);
            }
        } else {
            self.said = Instant::now();
        }
        let holds = self.lane.holds();
        view.set_holds(holds.pools, holds.orders, holds.identities);
        let allowed = self.allow();
        let view = &self.links.view;
        view.set_bytes(holds.bytes, allowed);
        report::memory(view, self.role, status.full);
        report::clock(view, clock::wall(), self.lane.clock_at(clock::mono()));
        if self.role == Role::Follower {
            self.publish_standby();
        }
        let Some(inputs) = &self.inputs else { return };
        let behind = |(input, position): (InputTopic, &i64)| inputs.behind(input, *position);
        // What lies between records is not waited for: at the end of its inputs a lane is not behind.
        let idle = status.caught_up || self.role != Role::Owner;
        let hidden = self.hidden.as_ref().map_or(0, |hidden| hidden.records(&status));
        let lag = if idle { hidden } else { status.positions.iter().map(behind).sum() };
        self.links.view.set_lag(lag + inputs.behind_surplus());
        if let Some(hidden) = &mut self.hidden {
            hidden.publish(&self.links.view, &status);
        }
    }

    /// Tells the lane how much memory its state may take, where that has changed: what those of the others leave.
    fn allow(&mut self) -> u64 {
        if self.role == Role::Witness {
            // It is to see the end of the journal, and then it is gone.
            return u64::MAX;
        }
        let lanes = self.links.board.lanes();
        let own = self.links.view.partition();
        let others = lanes.iter().filter(|lane| lane.partition() != own);
        let taken: Vec<u64> = others.map(|lane| lane.bytes().0).collect();
        let state_bytes = self.config.budget().allowance(&taken);
        if std::mem::replace(&mut self.allowed, state_bytes) != state_bytes {
            self.events.push_back(Event::Allowance { state_bytes });
        }
        state_bytes
    }

    /// Tells how far a follower is behind the owner's journal.
    fn publish_standby(&mut self) {
        let lag = match &self.journal {
            Some(journal) => journal.behind() + self.lane.status().ahead as u64,
            // It is about to look, or loads a checkpoint: not abreast, by nobody knows how much.
            None => 1,
        };
        if lag == 0 {
            self.abreast = Instant::now();
        }
        self.links.view.set_standby(lag, self.abreast.elapsed());
    }
}

/// How long ago `arrival` was.
fn since(arrival: Time, now: Time) -> Duration {
    Duration::from_millis(u64::try_from(now.0.saturating_sub(arrival.0)).unwrap_or(0))
}
