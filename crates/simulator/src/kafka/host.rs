//! One process with one lane: performs the lane's effects on the model, and fails where it is told to.

use std::collections::{BTreeMap, VecDeque};

use allotment::{Millis, Time};
use contract::{Outgoing, Topic};
use lane::{
    CheckpointRecord, Effect, Event, Halt, InputSpan, InputTopic, JournalRecord, Lane, Mono,
    Opened, PerInput, Produce, Record, Settings, Span, Surplus, Surveyed, Transaction,
};

use super::cluster::{Cluster, Fenced, Producer};
use super::log::Message;
use super::survey::Survey;

mod surplus;

/// What a host is about to do: where faults strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// To make a producer, which shuts out the last one.
    Init,
    /// To look up the offsets: after that, or for a lane that follows.
    LookUp,
    /// To read a piece of the checkpoints.
    ReadCheckpoints,
    /// To delete what a checkpoint stands in for.
    Trim,
    /// To begin a transaction.
    Begin,
    /// To produce one record of a transaction.
    Produce,
    /// To send the offsets of a transaction.
    SendOffsets,
    /// To commit.
    Commit,
    /// To learn that the commit has happened.
    Learn,
    /// To hand fetched records to the lane, of the inputs or of the journal.
    Fetch,
}

/// What goes wrong at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process is gone, its producer with it; what was open stays open.
    Crash,
    /// The step has no answer, or a bad one. A commit has happened all the same if `happened`.
    Broken {
        /// Whether the commit has taken effect.
        happened: bool,
    },
    /// Somebody else shuts the producer out just before.
    ShutOut,
    /// A request to commit is on its way for so long; there is no answer.
    Late {
        /// How long.
        by: Millis,
        /// The process is gone meanwhile.
        gone: bool,
    },
    /// A request to commit is on its way for so long; the client has lost the connection, asked again over a new one,
    /// and that is answered. The first arrives all the same, by the same producer.
    Straggler {
        /// How long.
        by: Millis,
        /// Counted from the beginning of the next transaction, not from now.
        next: bool,
    },
}

/// For how long machines are up before a process begins, at most: about a day.
const UP_FOR: Millis = Millis(86_399_981);

/// The process is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crashed;

/// Asked before each step: what goes wrong there?
pub type Faults<'a> = &'a mut dyn FnMut(Step) -> Option<Fault>;

/// One process with one lane. Its methods are told the true time, which nobody in it knows: the lane is told what
/// the machine's monotonic clock shows then, and what the brokers say.
#[derive(Debug)]
pub struct Host {
    lane: Lane,
    /// When the machine's monotonic clock began to count.
    booted: Time,
    /// When the broker appended the journal record of the transaction under way.
    appended: Option<Time>,
    partition: u32,
    producer: Option<Producer>,
    followed: PerInput<Option<Followed>>,
    /// Asks what of the inputs is hidden, while the lane is live.
    survey: Option<Survey>,
    /// What it found last, and when, until the lane is told.
    found: Option<(Time, PerInput<Surveyed>)>,
    /// Partitions without a lane, from where on.
    surplus: BTreeMap<Surplus, (Option<i64>, u64)>,
    /// The journal, while it is followed.
    journal: Option<Followed>,
    effects: VecDeque<Effect>,
    /// What happened and was not handed to the lane yet.
    events: VecDeque<Event>,
    /// What the process was told to do with the lane; heard before anything that happened.
    orders: VecDeque<Event>,
    /// What takes more than one step.
    doing: Option<Doing>,
    /// How the lane ended.
    ended: Option<Result<(), Halt>>,
    /// How often it became live, and how often it dropped what it knew.
    ready: u32,
    dropped: u32,
    /// Why it dropped it last.
    why_dropped: Option<String>,
    /// How many of its checkpoints stand.
    checkpoints: u32,
    /// How many transactions it replayed when it last became live.
    replayed: u64,
}

#[derive(Clone, Copy, Debug)]
struct Followed {
    next: i64,
    tag: u64,
    told_end: bool,
}

/// What takes more than one step, and how far it is.
#[derive(Debug)]
enum Doing {
    /// To look up the offsets, after a producer was made or without one.
    LookingUp {
        shut_out: bool,
    },
    Transacting {
        transaction: Box<Transaction>,
        next: Request,
    },
}

/// What a transaction needs next of the broker.
#[derive(Clone, Copy, Debug)]
enum Request {
    Begin,
    Produce(usize),
    SendOffsets,
    Commit,
    Learn,
}

/// What performing one step led to.
enum Answer {
    Nothing,
    Event(Box<Event>),
}

impl Host {
    /// A process that has just started.
    ///
    /// # Panics
    /// The settings name a time zone that nobody knows.
    #[must_use]
    pub fn new(settings: Settings, clock: Time) -> Self {
        Self::begin(settings, clock, Lane::start)
    }

    /// A process that has just started as a standby, behind whoever has the partition.
    ///
    /// # Panics
    /// The settings name a time zone that nobody knows.
    #[must_use]
    pub fn follower(settings: Settings, clock: Time) -> Self {
        Self::begin(settings, clock, Lane::follow)
    }

    fn begin(
        settings: Settings,
        clock: Time,
        start: impl FnOnce(&mut Lane, Mono, &mut Vec<Effect>),
    ) -> Self {
        let partition = settings.partition;
        let mut lane = Lane::new(settings).expect("the settings of a test are good");
        let mut effects = Vec::new();
        // Some time within the last day, and nobody can tell when.
        let booted = clock.minus(Millis(clock.0.rem_euclid(UP_FOR.0)));
        start(&mut lane, mono(booted, clock), &mut effects);
        Self {
            lane,
            booted,
            appended: None,
            partition,
            producer: None,
            followed: PerInput::default(),
            survey: None,
            found: None,
            surplus: BTreeMap::new(),
            journal: None,
            effects: effects.into(),
            events: VecDeque::new(),
            orders: VecDeque::new(),
            doing: None,
            ended: None,
            ready: 0,
            dropped: 0,
            why_dropped: None,
            checkpoints: 0,
            replayed: 0,
        }
    }

    /// The lane.
    #[must_use]
    pub const fn lane(&self) -> &Lane {
        &self.lane
    }

    /// When the lane wants to be called if nothing else happens before.
    #[must_use]
    pub fn next_wake(&self) -> Option<Time> {
        self.lane.next_wake().map(|at| self.booted.plus(Millis(at.0)))
    }

    /// The lane's clock, once it has learnt the time.
    #[must_use]
    pub fn lane_clock(&self, clock: Time) -> Option<Time> {
        self.lane.clock_at(mono(self.booted, clock))
    }

    /// How the lane ended: as asked, or for good.
    #[must_use]
    pub const fn ended(&self) -> Option<&Result<(), Halt>> {
        self.ended.as_ref()
    }

    /// How often the lane became live.
    #[must_use]
    pub const fn ready(&self) -> u32 {
        self.ready
    }

    /// How often the lane dropped what it knew.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Why the lane dropped what it knew, the last time.
    #[must_use]
    pub fn why_dropped(&self) -> Option<&str> {
        self.why_dropped.as_deref()
    }

    /// How many checkpoints the lane has written.
    #[must_use]
    pub const fn checkpoints(&self) -> u32 {
        self.checkpoints
    }

    /// How many transactions the lane replayed when it last became live.
    #[must_use]
    pub const fn replayed(&self) -> u64 {
        self.replayed
    }

    /// The partition is to be given up.
    pub fn stop(&mut self, clock: Time) {
        self.order(Event::Stop, clock);
    }

    /// The partition that a standby follows is its own from now on.
    pub fn promote(&mut self, clock: Time) {
        self.order(Event::Promote, clock);
    }

    /// The inputs are looked at as they are now.
    pub fn describe(&mut self, cluster: &Cluster, clock: Time) {
        let topics = PerInput::from_fn(|input| cluster.describe(input.topic()));
        self.order(Event::Described(topics), clock);
    }

    /// The lane's state may take so many bytes from now on.
    pub fn allow(&mut self, state_bytes: u64, clock: Time) {
        self.order(Event::Allowance { state_bytes }, clock);
    }

    fn order(&mut self, event: Event, clock: Time) {
        self.orders.push_back(event);
        // What is under way is finished first.
        if !self.is_performing() {
            self.hand_over(clock);
        }
    }

    /// One turn of the loop, in no time: performs what is to be done, hands over at most `appetite` records of each
    /// input, and wakes the lane if it wanted that. False where there was nothing to do.
    ///
    /// # Errors
    /// The process is gone.
    pub fn turn(
        &mut self,
        cluster: &mut Cluster,
        clock: Time,
        appetite: usize,
        faults: Faults<'_>,
    ) -> Result<bool, Crashed> {
        if self.ended.is_some() {
            return Ok(false);
        }
        let mut busy = false;
        while self.step(cluster, clock, faults)? {
            busy = true;
        }
        busy |= self.fetch(cluster, appetite, faults)?;
        self.survey(cluster, clock);
        self.wake(clock);
        while self.events_left() {
            self.step(cluster, clock, faults)?;
        }
        Ok(busy || self.is_performing())
    }

    /// Asks what of the inputs is hidden, where that is due; beside everything else, as the driver does it. The lane is
    /// told before it is told anything else.
    pub fn survey(&mut self, cluster: &Cluster, clock: Time) {
        let urgent = self.lane.wants_survey();
        let found = self.survey.as_mut().and_then(|survey| survey.ask(cluster, clock, urgent));
        if let Some(inputs) = found {
            self.found = Some((clock, inputs));
        }
    }

    /// Whether there is something to perform.
    #[must_use]
    pub fn is_performing(&self) -> bool {
        self.ended.is_none() && (self.doing.is_some() || !self.effects.is_empty())
    }

    /// Whether [`Host::step`] has something to do.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.is_performing() || self.events_left()
    }

    fn events_left(&self) -> bool {
        self.ended.is_none() && !(self.events.is_empty() && self.orders.is_empty())
    }

    /// One request to the broker, or one event handed to the lane; what the lane wants done comes before
    /// the next event. False where there was neither.
    ///
    /// # Errors
    /// The process is gone.
    pub fn step(
        &mut self,
        cluster: &mut Cluster,
        clock: Time,
        faults: Faults<'_>,
    ) -> Result<bool, Crashed> {
        if self.ended.is_some() {
            return Ok(false);
        }
        let answer = if let Some(doing) = self.doing.take() {
            self.go_on(doing, cluster, clock, faults)?
        } else if let Some(effect) = self.effects.pop_front() {
            self.perform(effect, cluster, faults)?
        } else {
            return Ok(self.hand_over(clock));
        };
        if let Answer::Event(event) = answer {
            // As the driver has it: after what was fetched before, and before the next look.
            self.events.push_back(*event);
        }
        Ok(true)
    }

    /// Wakes the lane if it wanted that by now, after what was found has been handed over: a lane relies on
    /// it that the inputs have just been looked at. Whether it did; then it may want other things to be read.
    pub fn wake(&mut self, clock: Time) -> bool {
        if self.is_performing() || self.ended.is_some() {
            return false;
        }
        let due = self.next_wake().is_some_and(|at| at <= clock);
        if self.found.is_some() && !self.is_busy() {
            self.hand_over(clock);
        }
        match self.events.back() {
            None if due && !self.is_performing() => self.tell(clock, Event::Tick),
            None if due => self.events.push_back(Event::Tick),
            Some(last) if due && *last != Event::Tick => self.events.push_back(Event::Tick),
            _ => {}
        }
        due
    }

    /// Hands the first of what has happened to the lane; false where there is nothing.
    fn hand_over(&mut self, clock: Time) -> bool {
        let surveyed = |(asked, inputs): (Time, PerInput<Surveyed>)| Event::Surveyed {
            ago: Millis(clock.0 - asked.0),
            inputs,
        };
        let found = self.found.take().filter(|_| self.survey.is_some());
        let event = self.orders.pop_front();
        let event = event.or_else(|| found.map(surveyed)).or_else(|| self.events.pop_front());
        let Some(event) = event else { return false };
        self.tell(clock, event);
        true
    }

    fn tell(&mut self, clock: Time, event: Event) {
        let mut effects = Vec::new();
        self.lane.handle(mono(self.booted, clock), event, &mut effects);
        self.effects.extend(effects);
    }

    fn perform(
        &mut self,
        effect: Effect,
        cluster: &mut Cluster,
        faults: Faults<'_>,
    ) -> Result<Answer, Crashed> {
        let event = match effect {
            Effect::Open => return self.open(cluster, faults),
            Effect::Look => {
                self.doing = Some(Doing::LookingUp { shut_out: false });
                return Ok(Answer::Nothing);
            }
            Effect::ReadCheckpoints { from, end, bytes, tag } => {
                match self.read_checkpoints(cluster, from, end, bytes, faults)? {
                    Ok((records, next)) => {
                        Event::CheckpointsRead { tag, records, next, done: next >= end }
                    }
                    Err(event) => event,
                }
            }
            Effect::FollowJournal { from, tag } => {
                self.journal = Some(Followed { next: from, tag, told_end: false });
                return Ok(Answer::Nothing);
            }
            Effect::Trim { journal_before } => return self.trim(cluster, journal_before, faults),
            Effect::Transact(transaction) => {
                self.doing = Some(Doing::Transacting { transaction, next: Request::Begin });
                return Ok(Answer::Nothing);
            }
            Effect::Follow { input, from, tag } => {
                self.followed[input] = Some(Followed { next: from, tag, told_end: false });
                return Ok(Answer::Nothing);
            }
            Effect::FollowSurplus { surplus, from, tag } => {
                self.surplus.insert(surplus, (from, tag));
                return Ok(Answer::Nothing);
            }
            Effect::Ready { transactions } => {
                self.ready += 1;
                self.replayed = transactions;
                self.journal = None;
                self.survey = Some(Survey::new(self.partition));
                return Ok(Answer::Nothing);
            }
            Effect::Recovering { why, .. } => {
                self.dropped += 1;
                self.why_dropped = Some(why);
                self.followed = PerInput::default();
                self.survey = None;
                self.surplus.clear();
                self.journal = None;
                return Ok(Answer::Nothing);
            }
            Effect::Halt(halt) => {
                self.ended = Some(Err(halt));
                return Ok(Answer::Nothing);
            }
            Effect::Stopped => {
                self.ended = Some(Ok(()));
                return Ok(Answer::Nothing);
            }
        };
        Ok(Answer::Event(Box::new(event)))
    }

    fn go_on(
        &mut self,
        doing: Doing,
        cluster: &mut Cluster,
        clock: Time,
        faults: Faults<'_>,
    ) -> Result<Answer, Crashed> {
        match doing {
            Doing::LookingUp { shut_out } => {
                Ok(Answer::Event(Box::new(self.look_up(cluster, shut_out, faults)?)))
            }
            Doing::Transacting { transaction, next } => {
                match self.request(&transaction, next, cluster, clock, faults)? {
                    Ok(next) => {
                        self.doing = Some(Doing::Transacting { transaction, next });
                        Ok(Answer::Nothing)
                    }
                    Err(answer) => Ok(Answer::Event(Box::new(answer))),
                }
            }
        }
    }

    fn open(&mut self, cluster: &mut Cluster, faults: Faults<'_>) -> Result<Answer, Crashed> {
        if let Some(event) = self.strike(faults, Step::Init, cluster)? {
            let event = if event == Event::Fenced { event } else { open_failed() };
            return Ok(Answer::Event(Box::new(event)));
        }
        self.producer = Some(cluster.init(&self.id()));
        self.doing = Some(Doing::LookingUp { shut_out: true });
        Ok(Answer::Nothing)
    }

    fn look_up(
        &self,
        cluster: &mut Cluster,
        shut_out: bool,
        faults: Faults<'_>,
    ) -> Result<Event, Crashed> {
        if let Some(event) = self.strike(faults, Step::LookUp, cluster)? {
            let fenced = shut_out && event == Event::Fenced;
            return Ok(if fenced { event } else { open_failed() });
        }
        let pending = |input: &InputTopic| cluster.is_pending((input.topic(), self.partition));
        if InputTopic::ALL.iter().any(pending) {
            // The client asks again until its time is up.
            return Ok(open_failed());
        }
        let span = |topic| {
            let log = cluster.log((topic, self.partition));
            Span { earliest: log.earliest(), end: log.stable() }
        };
        let inputs = PerInput::from_fn(|input| InputSpan {
            span: span(input.topic()),
            committed: cluster.committed((input.topic(), self.partition)),
        });
        let journal = span(Topic::Journal);
        let empty = journal.end <= journal.earliest;
        Ok(Event::Opened(Opened {
            shut_out,
            partitions: cluster.partitions(),
            elsewhere: if empty { self.elsewhere(cluster) } else { None },
            topics: PerInput::from_fn(|input| cluster.describe(input.topic())),
            journal,
            checkpoints: span(Topic::Checkpoints),
            inputs,
        }))
    }

    /// How many partitions the journal of another partition names.
    fn elsewhere(&self, cluster: &Cluster) -> Option<u32> {
        (0..cluster.partitions()).find_map(|other| {
            let log = cluster.log((Topic::Journal, other));
            let (found, _) = log.read_committed(log.earliest(), 1)?;
            let bytes = found.first()?.1.value.as_ref()?;
            JournalRecord::decode(bytes).ok().map(|record| record.partitions)
        })
    }

    fn read_checkpoints(
        &self,
        cluster: &mut Cluster,
        from: i64,
        end: i64,
        bytes: usize,
        faults: Faults<'_>,
    ) -> Result<Result<(Vec<CheckpointRecord>, i64), Event>, Crashed> {
        if let Some(event) = self.strike(faults, Step::ReadCheckpoints, cluster)? {
            return Ok(Err(event));
        }
        let log = cluster.log((Topic::Checkpoints, self.partition));
        let (mut records, mut next, mut sum) = (Vec::new(), from, 0);
        while next < end && (records.is_empty() || sum < bytes) {
            let (found, after) =
                log.read_committed(next, 1).expect("the checkpoints are read where they are");
            assert!(after > next, "what was readable stays so");
            next = after.min(end);
            // Where all up to the end is compacted away, the next that can be read is of a later checkpoint.
            let found = found.into_iter().filter(|(offset, _)| *offset < end);
            for (offset, Message { key, value, .. }) in found {
                let key = key.unwrap_or_default();
                sum += key.len() + value.as_ref().map_or(0, Vec::len);
                records.push(CheckpointRecord { offset, key, value });
            }
        }
        Ok(Ok((records, next)))
    }

    /// `DeleteRecords` of the journal; nobody waits for it.
    fn trim(
        &self,
        cluster: &mut Cluster,
        journal_before: i64,
        faults: Faults<'_>,
    ) -> Result<Answer, Crashed> {
        if self.strike(faults, Step::Trim, cluster)?.is_none() {
            let log = cluster.log_mut((Topic::Journal, self.partition));
            log.delete_before(journal_before.min(log.end()));
        }
        Ok(Answer::Nothing)
    }

    /// One request of a transaction: what is next, or how it ended.
    fn request(
        &mut self,
        transaction: &Transaction,
        request: Request,
        cluster: &mut Cluster,
        clock: Time,
        faults: Faults<'_>,
    ) -> Result<Result<Request, Event>, Crashed> {
        let step = match request {
            Request::Begin => Step::Begin,
            Request::Produce(_) => Step::Produce,
            Request::SendOffsets => Step::SendOffsets,
            Request::Commit => Step::Commit,
            Request::Learn => Step::Learn,
        };
        if let Some(event) = self.strike(faults, step, cluster)? {
            return Ok(Err(event));
        }
        let producer = self.producer.as_ref().expect("a lane transacts when it is open");
        let done = match request {
            Request::Begin | Request::Learn => Ok(()),
            Request::Produce(at) => {
                let Produce { partition, record } = transaction.records[at].clone();
                let Outgoing { topic, key, headers, value } = record;
                let message = Message { timestamp: clock, key, headers, value };
                let appended = cluster.produce(producer, (topic, partition), message);
                if topic == Topic::Journal {
                    self.appended = appended.as_ref().ok().copied();
                }
                appended.map(drop)
            }
            Request::SendOffsets => self.send_offsets(transaction, producer, cluster),
            Request::Commit => cluster.commit(producer),
        };
        if done == Err(Fenced) {
            return Ok(Err(Event::Fenced));
        }
        Ok(match request {
            Request::Begin => Ok(Request::Produce(0)),
            Request::Produce(at) if at + 1 < transaction.records.len() => {
                Ok(Request::Produce(at + 1))
            }
            Request::Produce(_) => Ok(Request::SendOffsets),
            Request::SendOffsets => Ok(Request::Commit),
            // The client had to ask again: the first request would end the next transaction, wherever that is by
            // then, so this producer makes none.
            Request::Commit if cluster.is_under_way(producer) => Err(no_answer(step)),
            Request::Commit => Ok(Request::Learn),
            Request::Learn => {
                let manifest = transaction.checkpoint.and_then(|portion| portion.manifest);
                self.checkpoints += u32::from(manifest.is_some());
                Err(Event::Committed { appended: self.appended })
            }
        })
    }

    /// Fetches as one consumer does: an answer of the broker is for all inputs, so before the first of them
    /// is handed over, those with something to read are no longer at their end.
    ///
    /// # Errors
    /// The process is gone.
    pub fn fetch(
        &mut self,
        cluster: &mut Cluster,
        appetite: usize,
        faults: Faults<'_>,
    ) -> Result<bool, Crashed> {
        let mut news: Vec<_> = self.fetch_journal(cluster, appetite).into_iter().collect();
        for (input, followed) in self.followed.iter_mut() {
            let Some(followed) = followed else { continue };
            let log = cluster.log((input.topic(), self.partition));
            let Followed { next, tag, told_end } = *followed;
            if log.earliest() > next {
                news.push(Event::OutOfRange { input, tag, why: "offset out of range".to_owned() });
            } else if told_end && log.stable() > next {
                followed.told_end = false;
                news.push(Event::Fetched { input, tag, records: Vec::new(), next, at_end: false });
            }
        }
        for input in InputTopic::ALL {
            let Some(followed) = &mut self.followed[input] else { continue };
            let log = cluster.log((input.topic(), self.partition));
            if !self.lane.wants(input) || followed.told_end {
                continue;
            }
            let Some((found, next)) = log.read_committed(followed.next, appetite) else { continue };
            let at_end = next >= log.stable();
            followed.next = next;
            followed.told_end = at_end;
            let records =
                found.into_iter().map(|(offset, message)| record(offset, message)).collect();
            news.push(Event::Fetched { input, tag: followed.tag, records, next, at_end });
        }
        news.extend(self.fetch_surplus(cluster, appetite));
        if !news.is_empty() && self.strike(faults, Step::Fetch, cluster)?.is_some() {
            news = vec![Event::Broken { why: "fetch failed".to_owned() }];
        }
        let busy = !news.is_empty();
        self.events.extend(news);
        Ok(busy)
    }

    fn fetch_journal(&mut self, cluster: &Cluster, appetite: usize) -> Option<Event> {
        let journal = self.journal.as_mut().filter(|_| self.lane.wants_journal())?;
        let log = cluster.log((Topic::Journal, self.partition));
        let Followed { next: from, tag, .. } = *journal;
        let Some((found, next)) = log.read_committed(from, appetite) else {
            self.journal = None;
            return Some(Event::JournalGone { tag, why: "offset out of range".to_owned() });
        };
        journal.next = next;
        let value = |(offset, message): (i64, Message)| Some((offset, message.value?));
        let records = found.into_iter().filter_map(value).collect();
        (next > from).then_some(Event::JournalFetched { tag, records, next })
    }

    /// Lets the fault strike that is meant for this step, if any.
    fn strike(
        &self,
        faults: Faults<'_>,
        step: Step,
        cluster: &mut Cluster,
    ) -> Result<Option<Event>, Crashed> {
        match faults(step) {
            None => Ok(None),
            Some(Fault::Crash) => Err(Crashed),
            Some(Fault::ShutOut) => {
                cluster.time_out(&self.id());
                // What a client learns, it learns from its next request: here, at once.
                Ok(matches!(step, Step::Init | Step::LookUp).then_some(Event::Fenced))
            }
            Some(Fault::Late { by, gone }) => {
                if let (Step::Commit, Some(producer)) = (step, &self.producer) {
                    cluster.commit_after(by, producer);
                }
                if gone { Err(Crashed) } else { Ok(Some(no_answer(step))) }
            }
            Some(Fault::Straggler { by, next }) => {
                match (step, &self.producer) {
                    (Step::Commit, Some(producer)) if next => {
                        cluster.commit_in_the_next(by, producer);
                    }
                    (Step::Commit, Some(producer)) => cluster.commit_after(by, producer),
                    _ => {}
                }
                Ok(None)
            }
            Some(Fault::Broken { happened }) => {
                if let (Step::Commit, true, Some(producer)) = (step, happened, &self.producer) {
                    // Whoever was shut out by then has committed nothing.
                    let _ = cluster.commit(producer);
                }
                Ok(Some(no_answer(step)))
            }
        }
    }

    fn id(&self) -> String {
        format!("granary-{}", self.partition)
    }
}

/// What a machine's monotonic clock shows.
const fn mono(booted: Time, now: Time) -> Mono {
    Mono(now.0.saturating_sub(booted.0))
}

fn no_answer(step: Step) -> Event {
    Event::Broken { why: format!("no answer at {step:?}") }
}

fn open_failed() -> Event {
    Event::OpenFailed { why: "no broker".to_owned() }
}

fn record(offset: i64, message: Message) -> Record {
    let Message { timestamp, key, headers, value } = message;
    Record { offset, timestamp, key, headers, value }
}
