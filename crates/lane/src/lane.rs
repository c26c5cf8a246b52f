//! The machine of one partition: opened, coming back, live, ended.

use std::hash::Hasher;

use allotment::{Millis, Time};
use contract::{Decoder, Encoder, Encoding, UnknownTimeZone};
use siphasher::sip::SipHasher13;

use crate::bounds::{
    Checkpoints, DISBELIEF, DOUBLINGS_MAX, FENCED_PAUSE, Limits, RETRY_PAUSE, RETRY_PAUSE_MAX,
};
use crate::chain::{Chain, Terms};
use crate::clock::{Clock, Present};
use crate::engine::{Border, Engine};
use crate::intake::Intake;
use crate::live::Live;
use crate::load::{Loading, Read, Reading};
use crate::replay::{Goal, Replay, State, Step};
use crate::rounds::Rounds;
use crate::topic_id;
use crate::{
    Cause, Checkpoint, Described, Effect, Event, Halt, Hiding, InputTopic, Loaded, Mono, Need,
    Opened, PerInput, Recovery, Span, Surplus,
};

mod described;

/// What a lane is started with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its partition.
    pub partition: u32,
    /// What the core decides by.
    pub allotment: allotment::Settings,
    /// The zone, by its IANA name, in which a plain `best_before` date ends.
    pub time_zone: String,
    /// What the records of each input are that name no encoding.
    pub encodings: PerInput<Encoding>,
    /// The names of the input topics, for the headers that name a source.
    pub names: PerInput<String>,
    /// Writes what is told.
    pub encoder: Encoder,
    /// What one transaction may hold, and what may be held for the next.
    pub limits: Limits,
    /// When and how it writes checkpoints; `None`: it writes none. One that is there is loaded all the same.
    pub checkpoints: Option<Checkpoints>,
    /// The rules that it decides by: [`crate::RULES`], except where a test plays another release.
    pub rules: u32,
}

/// The life of one partition as a machine without I/O.
///
/// The driver calls [`Lane::start`] once (or [`Lane::follow`], for a standby) and performs the effects; then [`Lane::handle`] for each event,
/// and performs the effects, in order, before the next event. `mono` is the process's monotonic clock; what time it is
/// the lane learns from the brokers.
///
/// | effect | answered by |
/// | --- | --- |
/// | [`Effect::Open`] | [`Event::Opened`], [`Event::OpenFailed`] or [`Event::Fenced`] |
/// | [`Effect::Look`] | [`Event::Opened`] or [`Event::OpenFailed`] |
/// | [`Effect::ReadCheckpoints`] | [`Event::CheckpointsRead`]; [`Event::Broken`] where they can't be read |
/// | [`Effect::FollowJournal`] | [`Event::JournalFetched`] again and again; [`Event::JournalGone`] |
/// | [`Effect::Follow`] | [`Event::Fetched`] again and again; [`Event::OutOfRange`] |
/// | [`Effect::Transact`] | [`Event::Committed`], [`Event::Broken`] or [`Event::Fenced`] |
/// | [`Effect::Trim`] | nothing |
/// | [`Effect::Ready`], [`Effect::Recovering`] | nothing: the journal is followed no more; for the log |
/// | [`Effect::Halt`], [`Effect::Stopped`] | nothing: the lane is at its end |
///
/// Between events the driver hands over fetched records only of inputs that [`Lane::wants`] and of the
/// journal while [`Lane::wants_journal`], calls with [`Event::Tick`] when [`Lane::next_wake`] is due, and
/// sends [`Event::Stop`] when the partition is to be given up. At most one transaction is under way, and the lane takes in records meanwhile.
///
/// ```text
/// start ─► opening ─► loading ─► replaying ─► live ─► ended
///             ▲          │           │         │
///             └─ pausing ◄───────────┴─────────┘   broken, fenced: everything dropped, a new producer
/// ```
///
/// A lane that follows goes the same way without a producer, and its replay has no end until
/// [`Event::Promote`] makes the partition its own. It never halts: what would stop an owner may be the
/// owner's doing and pass (a checkpoint being written, another release), so it says why, and looks again.
#[derive(Debug)]
pub struct Lane {
    partition: u32,
    allotment: allotment::Settings,
    rules: u32,
    settings: u64,
    border: Border,
    limits: Limits,
    checkpoints: Option<Checkpoints>,
    phase: Phase,
    /// The last instant that was told; the lane's own never goes back.
    mono: Mono,
    /// What time it is, once that is learnt. It outlives every way back: the monotonic clock goes on.
    clock: Option<Clock>,
    /// Numbers what is followed; what bears another is old.
    tag: u64,
    /// Attempts to come back since the last commit.
    attempts: u32,
    /// How often in a row journal and committed offsets did not agree.
    disbelief: u32,
    /// How often it was told to stop.
    stopping: u32,
    /// The partition is somebody else's.
    following: bool,
    /// What there was when the last owner was shut out; `None` while it is not.
    own: Option<Opened>,
    /// What it rests on is what it found when it looked, while somebody else was the owner.
    looked: bool,
    /// The input topics as they were described last.
    topics: PerInput<Described>,
    /// How many partitions there were when it last began to come back.
    partitions: u32,
    /// The checkpoint that it was loaded from last.
    loaded: Option<Loaded>,
    /// When it last began to come back.
    began: Mono,
}

#[derive(Debug)]
enum Phase {
    /// [`Effect::Open`] or [`Effect::Look`] is being performed.
    Opening,
    /// Waits before the next one.
    Pausing(Mono),
    /// Reads the checkpoints.
    Reading(Box<Reading>),
    /// Builds its state from a checkpoint.
    Loading(Box<Loading>),
    /// Takes again what the journal says.
    Replaying(Box<(State, Replay)>),
    /// Takes what is there.
    Live(Box<(State, Live)>),
    /// Wants nothing more.
    Ended,
}

/// How a lane does, for views and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Where in its life it is.
    pub stage: Stage,
    /// Its last transaction: replayed, or handed to the driver.
    pub sequence: u64,
    /// Time as the partition knows it; `None` before its first record.
    pub now: Option<Time>,
    /// The greatest clock that the journal names, as far as it is replayed or written.
    pub journal_clock: Time,
    /// Below this offset the journal has been fetched, while it comes back or follows.
    pub journal: i64,
    /// Journal records that were fetched and are not replayed yet.
    pub ahead: usize,
    /// The partition's digest after `sequence`, and the events taken up to there.
    pub digest: u128,
    /// See `digest`.
    pub events: u64,
    /// The checkpoint that stands, as far as the lane knows.
    pub checkpoint: Option<Checkpoint>,
    /// What a way back from that checkpoint needs of each input.
    pub needs: PerInput<Need>,
    /// The offsets below which everything was taken.
    pub positions: PerInput<i64>,
    /// Records held of each input.
    pub held: PerInput<usize>,
    /// Everything readable has been read and taken.
    pub caught_up: bool,
    /// What records that can't be read yet do to its time.
    pub hidden: PerInput<Hiding>,
    /// It takes no input, or stands still behind the journal that it follows, because its state takes as much
    /// as it may.
    pub full: bool,
}

/// Where in its life a lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Shuts out the last owner, or looks.
    Opening,
    /// Waits before it tries again.
    Pausing,
    /// Loads a checkpoint.
    Loading,
    /// Replays the journal.
    Replaying,
    /// Replays the journal of somebody else, as it grows.
    Following,
    /// Takes what is there.
    Live,
    /// Stopped or halted.
    Ended,
}

impl Lane {
    /// A lane that has not begun.
    ///
    /// # Errors
    /// The time zone is not known.
    pub fn new(settings: Settings) -> Result<Self, UnknownTimeZone> {
        let decoder = Decoder::default().with_time_zone(&settings.time_zone)?;
        let fingerprint = fingerprint(&settings);
        let Settings { partition, allotment, encodings, names, encoder, limits, .. } = settings;
        let Settings { checkpoints, rules, .. } = settings;
        let decoders =
            PerInput::from_fn(|input| decoder.clone().with_default_encoding(encodings[input]));
        Ok(Self {
            partition,
            allotment,
            rules,
            settings: fingerprint,
            border: Border { decoders, encodings, encoder, names },
            limits,
            checkpoints,
            phase: Phase::Opening,
            mono: Mono::MIN,
            clock: None,
            tag: 0,
            attempts: 0,
            disbelief: 0,
            stopping: 0,
            following: false,
            own: None,
            looked: false,
            topics: PerInput::default(),
            partitions: 0,
            loaded: None,
            began: Mono::MIN,
        })
    }

    /// Begins, as the partition's owner. Once.
    pub fn start(&mut self, mono: Mono, out: &mut Vec<Effect>) {
        assert_eq!(self.mono, Mono::MIN, "a lane is started once");
        self.mono = mono;
        self.open(out);
    }

    /// Begins, as a standby: comes back like an owner, but shuts nobody out and tells nothing, and stays
    /// behind the owner's journal until it is promoted. Once, instead of [`Lane::start`].
    pub fn follow(&mut self, mono: Mono, out: &mut Vec<Effect>) {
        self.following = true;
        self.start(mono, out);
    }

    /// Takes in what happened, and says what is to be done.
    pub fn handle(&mut self, mono: Mono, event: Event, out: &mut Vec<Effect>) {
        assert_ne!(self.mono, Mono::MIN, "a lane is started before anything happens to it");
        let last = self.mono;
        self.mono = self.mono.max(mono);
        self.observe(last, out);
        // That a topic was made again explains whatever else is wrong with it.
        let taken = self.take_in(event, out).or_else(|cause| self.same_topics().and(Err(cause)));
        match taken.and_then(|()| self.go_on(out)) {
            Ok(()) => {}
            // The owner may have gone on since it looked: written a checkpoint, or trimmed the journal.
            Err(cause) if self.following || self.looked => {
                self.come_back_from(cause.to_string(), Some(cause), Millis(0), out);
            }
            Err(cause @ (Cause::Committed { .. } | Cause::JournalShort { .. }))
                if self.disbelief < DISBELIEF =>
            {
                self.disbelief += 1;
                self.come_back(cause.to_string(), RETRY_PAUSE, out);
            }
            // One who stood still may have been shut out meanwhile, and the next owner goes on: the journal is trimmed
            // behind a checkpoint of that one, and retention may delete input that this one has not read. If so,
            // the group says it before this one looks again and shuts that one out.
            Err(
                cause @ (Cause::JournalCut { .. }
                | Cause::CheckpointDamaged { .. }
                | Cause::InputGone { .. }
                | Cause::InputMissing { .. }),
            ) if self.disbelief == 0 => {
                self.disbelief += 1;
                self.come_back(cause.to_string(), FENCED_PAUSE, out);
            }
            Err(cause) => {
                self.phase = Phase::Ended;
                out.push(Effect::Halt(Halt { partition: self.partition, cause }));
            }
        }
    }

    /// Whether more records of an input may be handed over now.
    #[must_use]
    pub fn wants(&self, input: InputTopic) -> bool {
        let (intake, needed) = match &self.phase {
            Phase::Loading(loading) => (&loading.intake, false),
            Phase::Replaying(both) => (&both.0.intake, both.1.awaits(input, &both.0.intake)),
            Phase::Live(both) if self.stopping == 0 => (&both.0.intake, false),
            _ => return false,
        };
        let (records, bytes) = intake.load(input);
        needed || (records < self.limits.held_records && bytes < self.limits.held_bytes)
    }

    /// Whether more records of a partition without a lane may be handed over now.
    #[must_use]
    pub fn wants_surplus(&self, surplus: Surplus) -> bool {
        match &self.phase {
            Phase::Live(both) if self.stopping == 0 => both.1.surplus.wants(surplus, &self.limits),
            _ => false,
        }
    }

    /// Whether more records of the journal may be handed over now.
    #[must_use]
    pub fn wants_journal(&self) -> bool {
        match &self.phase {
            Phase::Loading(loading) => loading.replay.wants_journal(),
            Phase::Replaying(both) => both.1.wants_journal(),
            _ => false,
        }
    }

    /// Whether a record waits for the next [`Event::Surveyed`]: better at once than in a while.
    #[must_use]
    pub fn wants_survey(&self) -> bool {
        matches!(&self.phase, Phase::Live(both) if both.1.hidden.is_waited_for())
    }

    /// When to call with [`Event::Tick`] if nothing else happens before.
    #[must_use]
    pub fn next_wake(&self) -> Option<Mono> {
        match &self.phase {
            Phase::Pausing(until) => Some(*until),
            Phase::Loading(_) => Some(self.mono),
            Phase::Live(both) if self.stopping > 0 => both.1.next_wake_closing(self.mono),
            Phase::Live(both) => {
                both.1.next_wake(&both.0, &self.limits, self.mono, self.clock.as_ref())
            }
            Phase::Replaying(both) => both.1.next_wake(),
            Phase::Opening | Phase::Reading(_) | Phase::Ended => None,
        }
    }

    /// How it does.
    #[must_use]
    pub fn status(&self) -> Status {
        let (stage, state, replay) = match &self.phase {
            Phase::Opening => (Stage::Opening, None, None),
            Phase::Pausing(_) => (Stage::Pausing, None, None),
            Phase::Reading(_) => (Stage::Loading, None, None),
            Phase::Loading(loading) => (Stage::Loading, None, Some(&loading.replay)),
            Phase::Replaying(both) if self.following => {
                (Stage::Following, Some(&both.0), Some(&both.1))
            }
            Phase::Replaying(both) => (Stage::Replaying, Some(&both.0), Some(&both.1)),
            Phase::Live(both) => (Stage::Live, Some(&both.0), None),
            Phase::Ended => (Stage::Ended, None, None),
        };
        let intake = state.map(|state| &state.intake);
        Status {
            stage,
            sequence: state.map_or(0, |state| state.chain.sequence),
            now: state.map(|state| state.engine.now()).filter(|now| *now != Time::MIN),
            journal_clock: state.map_or(Time::MIN, |state| state.chain.clock()),
            journal: replay.map_or(0, Replay::journal_next),
            ahead: replay.map_or(0, Replay::ahead),
            digest: state.map_or(0, |state| state.engine.digest()),
            events: state.map_or(0, |state| state.engine.events()),
            checkpoint: self.checkpoint(),
            needs: intake.map_or_else(PerInput::default, Intake::needs),
            positions: intake.map_or_else(PerInput::default, Intake::positions),
            held: PerInput::from_fn(|input| intake.map_or(0, |intake| intake.load(input).0)),
            caught_up: stage == Stage::Live && intake.is_some_and(Intake::caught_up),
            hidden: match &self.phase {
                Phase::Live(both) => both.1.hidden.hiding(&both.0.intake),
                _ => PerInput::default(),
            },
            full: match &self.phase {
                Phase::Live(both) => both.1.is_full(),
                Phase::Replaying(both) => goal(self.own.as_ref(), &self.limits).is_met(&both.0),
                _ => false,
            },
        }
    }

    /// The lane's clock at an instant, at its usual pace; `None` until the lane has learnt the time.
    #[must_use]
    pub fn clock_at(&self, mono: Mono) -> Option<Time> {
        self.clock.as_ref().map(|clock| clock.at(mono))
    }

    /// The checkpoint that it was loaded from last, if from any.
    #[must_use]
    pub const fn loaded(&self) -> Option<Loaded> {
        self.loaded
    }

    fn checkpoint(&self) -> Option<Checkpoint> {
        match &self.phase {
            Phase::Live(both) => both.1.rounds.stands(),
            _ => self.loaded.map(|loaded| loaded.checkpoint),
        }
    }

    /// While it comes back or follows: how far it is.
    #[must_use]
    pub fn recovery(&self) -> Option<Recovery> {
        match &self.phase {
            Phase::Reading(_) => Some(Recovery::default()),
            Phase::Loading(loading) => Some(loading.recovery()),
            Phase::Replaying(both) => Some(both.1.progress(&both.0.intake)),
            Phase::Live(_) | Phase::Opening | Phase::Pausing(_) | Phase::Ended => None,
        }
    }

    /// What it holds in memory, its buffers aside. While it loads a checkpoint, the bytes of that.
    #[must_use]
    pub fn holds(&self) -> allotment::Holds {
        match &self.phase {
            Phase::Loading(loading) => loading.holds(),
            Phase::Replaying(both) => both.0.engine.holds(),
            Phase::Live(both) => both.0.engine.holds(),
            _ => allotment::Holds::default(),
        }
    }

    /// Before an event is taken in: what has the passing of time made of what is known?
    fn observe(&mut self, last: Mono, out: &mut Vec<Effect>) {
        let Phase::Live(both) = &mut self.phase else { return };
        let (state, live) = both.as_mut();
        if live.observe(state, last, self.mono) {
            self.tag += 1;
            let follow = |input| Effect::Follow {
                input,
                from: state.intake.fetch_from(input),
                tag: self.tag,
            };
            out.extend(InputTopic::ALL.map(follow));
            live.surplus.follow_again(self.tag, out);
        }
    }

    fn take_in(&mut self, event: Event, out: &mut Vec<Effect>) -> Result<(), Cause> {
        let present = self.present();
        match event {
            Event::Tick => {
                if let Phase::Live(both) = &mut self.phase {
                    let (state, live) = both.as_mut();
                    live.looked(state, &self.border, present);
                }
            }
            Event::Opened(opened) => self.opened(opened, out)?,
            Event::Described(topics) => self.described(topics, out),
            Event::Promote => self.promote(out),
            Event::OpenFailed { why } | Event::Broken { why } => {
                self.come_back(why, Millis(0), out)
            }
            Event::Fenced => {
                self.come_back("the producer was shut out".to_owned(), FENCED_PAUSE, out)
            }
            Event::CheckpointsRead { tag, records, next, done } => match &mut self.phase {
                Phase::Reading(reading) if reading.tag == tag => reading.read(records, next, done),
                Phase::Live(both) => both.1.rounds.read(&mut both.0, tag, records, next, done),
                _ => {}
            },
            Event::JournalFetched { tag, records, next } if tag == self.tag => {
                match &mut self.phase {
                    Phase::Loading(loading) => {
                        let loading = loading.as_mut();
                        loading.replay.journal_fetched(&mut loading.chain, records, next)?;
                    }
                    Phase::Replaying(both) => {
                        both.1.journal_fetched(&mut both.0.chain, records, next)?;
                    }
                    _ => {}
                }
            }
            Event::JournalFetched { .. } => {}
            Event::JournalGone { tag, why } => {
                let follows = matches!(self.phase, Phase::Loading(_) | Phase::Replaying(_));
                if follows && tag == self.tag {
                    let why = format!("the journal can't be followed: {why}");
                    self.come_back(why, Millis(0), out);
                }
            }
            Event::Fetched { input, tag, records, next, at_end } => {
                if let Some(intake) = self.intake_of(tag) {
                    intake.fetched(input, records, next, at_end);
                }
            }
            Event::OutOfRange { input, tag, why } => {
                if let Some(intake) = self.intake_of(tag) {
                    return Err(Cause::InputGone { input, from: intake.fetch_from(input), why });
                }
            }
            Event::Surveyed { ago, inputs } => {
                if let (Some(clock), Phase::Live(both)) = (&self.clock, &mut self.phase) {
                    both.1.hidden.surveyed(clock.at(self.mono).minus(ago), inputs);
                }
            }
            Event::SurplusFetched { tag, .. } | Event::SurplusGone { tag, .. } => {
                if let (true, Phase::Live(both)) = (tag == self.tag, &mut self.phase) {
                    both.1.surplus.take_in(event, out)?;
                }
            }
            Event::Committed { appended } => self.committed(appended, out)?,
            Event::Allowance { state_bytes } => self.limits.state_bytes = state_bytes,
            Event::Stop => self.stopping += 1,
        }
        Ok(())
    }

    /// Does what can be done without being told more.
    fn go_on(&mut self, out: &mut Vec<Effect>) -> Result<(), Cause> {
        let present = self.present();
        if self.stopping > 0 {
            self.stop(out);
            return Ok(());
        }
        self.same_topics()?;
        match &mut self.phase {
            Phase::Pausing(until) if *until <= self.mono => {
                self.open(out);
            }
            Phase::Reading(reading) => {
                if reading.ask(out) {
                    return self.load(out);
                }
            }
            Phase::Loading(loading) => {
                if loading.step()? {
                    self.replay()?;
                    return self.go_on(out);
                }
            }
            Phase::Replaying(both) => {
                let (state, replay) = both.as_mut();
                let goal = goal(self.own.as_ref(), &self.limits);
                let step = replay.step(state, &self.border, self.mono, self.tag, goal, out)?;
                if step == Step::Finished {
                    out.push(Effect::Ready { transactions: replay.transactions });
                    self.go_live();
                    self.follow_surplus(out);
                    return self.go_on(out);
                }
            }
            Phase::Live(both) => {
                let (state, live) = both.as_mut();
                live.rounds.ask(out);
                live.step(state, &self.border, &self.limits, present, out);
            }
            Phase::Opening | Phase::Pausing(_) | Phase::Ended => {}
        }
        Ok(())
    }

    /// The present by both clocks.
    fn present(&mut self) -> Present {
        let mono = self.mono;
        Present { mono, time: self.clock.as_mut().map(|clock| clock.advance(mono)) }
    }

    /// The transaction under way is committed, and the broker appended its journal record at `appended`.
    fn committed(&mut self, appended: Option<Time>, out: &mut Vec<Effect>) -> Result<(), Cause> {
        self.attempts = 0;
        let Phase::Live(both) = &mut self.phase else { return Ok(()) };
        let (state, live) = both.as_mut();
        let (began, effect) = live.committed(state, self.mono);
        out.extend(effect);
        match (&mut self.clock, appended) {
            (Some(clock), Some(appended)) => clock.learn(appended, began, self.mono),
            // It goes on as it did; the next commit brings news.
            (Some(_), None) => {}
            (None, Some(appended)) => {
                let last = state.chain.clock();
                self.clock = Some(Clock::new(last, appended, began, self.mono));
            }
            (None, None) => return Err(Cause::NoAppendTime),
        }
        Ok(())
    }

    /// Ends as soon as nothing is under way; a live lane writes a checkpoint first, unless it was told twice.
    fn stop(&mut self, out: &mut Vec<Effect>) {
        let present = self.present();
        let done = match &mut self.phase {
            Phase::Live(both) if self.stopping > 1 => !both.1.in_flight(),
            Phase::Live(both) => {
                let (state, live) = both.as_mut();
                live.rounds.ask(out);
                live.close(state, present, out)
            }
            Phase::Ended => false,
            _ => true,
        };
        if done {
            self.phase = Phase::Ended;
            out.push(Effect::Stopped);
        }
    }

    fn open(&mut self, out: &mut Vec<Effect>) {
        self.phase = Phase::Opening;
        out.push(if self.following { Effect::Look } else { Effect::Open });
    }

    fn opened(&mut self, opened: Opened, out: &mut Vec<Effect>) -> Result<(), Cause> {
        self.topics = opened.topics;
        let topics = opened.partitions;
        if self.partition >= topics {
            return Err(Cause::NoSuchPartition { topics });
        }
        if let Some(journal) = opened.elsewhere.filter(|elsewhere| *elsewhere != topics) {
            return Err(Cause::Partitions { journal, topics });
        }
        match &self.phase {
            // It was promoted while it looked.
            Phase::Opening if !self.following && !opened.shut_out => self.open(out),
            Phase::Opening => self.begin(opened),
            Phase::Reading(_) | Phase::Loading(_) | Phase::Replaying(_) if opened.shut_out => {
                if self.partitions != topics {
                    return Err(Cause::Partitions { journal: self.partitions, topics });
                }
                self.own = Some(opened);
            }
            _ => {}
        }
        Ok(())
    }

    /// Begins the way back with what there is.
    fn begin(&mut self, found: Opened) {
        self.tag += 1;
        self.began = self.mono;
        self.looked = !found.shut_out;
        self.own = found.shut_out.then(|| found.clone());
        self.partitions = found.partitions;
        self.loaded = None;
        self.phase = Phase::Reading(Box::new(Reading::new(found, self.tag)));
    }

    /// The checkpoints are read: begins to follow what comes after them, and to build the state.
    fn load(&mut self, out: &mut Vec<Effect>) -> Result<(), Cause> {
        // Where it can't be, the lane comes back, or halts.
        let Phase::Reading(reading) = std::mem::replace(&mut self.phase, Phase::Opening) else {
            unreachable!("only what was read is loaded");
        };
        let Read { found, stored, checkpoint } = reading.finish()?;
        let partitions = found.partitions;
        let terms = Terms { rules: self.rules, partitions, settings: self.settings };
        let journal_end = found.shut_out.then_some(found.journal.end);
        if let Some((manifest, pages)) = checkpoint {
            let (sequence, reached) = (manifest.sequence, manifest.journal);
            if let Some(end) = journal_end.filter(|end| *end < reached) {
                return Err(Cause::JournalShort { sequence, reached, end });
            }
            let checkpoint = (manifest, pages);
            let mut loading = Loading::new(self.allotment, terms, found, stored, checkpoint)?;
            loading.replay.start(&mut loading.intake, self.tag, out);
            self.follow_journal(&loading.replay, journal_end, out);
            self.phase = Phase::Loading(Box::new(loading));
        } else {
            let engine = Engine::new(self.allotment, self.partition, partitions);
            let chain = Chain::new(terms, engine.digest());
            let replay = Replay::new(found, None);
            self.follow_journal(&replay, journal_end, out);
            let state = State { engine, intake: Intake::default(), chain, stored };
            self.phase = Phase::Replaying(Box::new((state, replay)));
        }
        self.go_on(out)
    }

    /// Follows the journal, unless it is known that nothing comes.
    fn follow_journal(&self, replay: &Replay, end: Option<i64>, out: &mut Vec<Effect>) {
        let from = replay.journal_next();
        if end.is_none_or(|end| from < end) {
            out.push(Effect::FollowJournal { from, tag: self.tag });
        }
    }

    /// The state is built: begins to replay.
    fn replay(&mut self) -> Result<(), Cause> {
        let Phase::Loading(loading) = std::mem::replace(&mut self.phase, Phase::Opening) else {
            unreachable!("only what was loaded is replayed on");
        };
        let (state, replay, loaded) = loading.finish(self.partition)?;
        self.loaded = Some(loaded);
        self.phase = Phase::Replaying(Box::new((state, replay)));
        Ok(())
    }

    /// The partition is its own from now on.
    fn promote(&mut self, out: &mut Vec<Effect>) {
        if !std::mem::take(&mut self.following) {
            return;
        }
        self.attempts = 0;
        match &mut self.phase {
            Phase::Pausing(until) => *until = self.mono,
            Phase::Reading(_) | Phase::Loading(_) => out.push(Effect::Open),
            Phase::Replaying(both) => {
                // What it had replayed before is not what the takeover waits for.
                both.1.transactions = 0;
                out.push(Effect::Open);
            }
            // The answer to its look opens.
            Phase::Opening | Phase::Live(_) | Phase::Ended => {}
        }
    }

    fn go_live(&mut self) {
        let Phase::Replaying(both) = std::mem::replace(&mut self.phase, Phase::Ended) else {
            unreachable!("only a replay goes live");
        };
        let (mut state, replay) = *both;
        let own = self.own.take().expect("only an owner goes live");
        let (base, end) = (replay.base.as_ref(), own.journal.end);
        let mut rounds = Rounds::new(self.checkpoints, &state, base, end, self.mono);
        if let Some(clock) = &mut self.clock {
            clock.raise(state.chain.clock());
        }
        if std::mem::take(&mut self.looked) {
            let earliest = replay.found.checkpoints.end;
            let written = Span { earliest, end: own.checkpoints.end };
            rounds.catch_up(&mut state, written, self.tag);
        }
        state.chain.take_over(&topic_id::ids(&own.topics));
        self.disbelief = 0;
        self.phase = Phase::Live(Box::new((state, Live::new(rounds, &self.limits))));
    }

    /// The one way from everything that went wrong: drop all that is known, and come back.
    fn come_back(&mut self, why: String, pause_min: Millis, out: &mut Vec<Effect>) {
        self.come_back_from(why, None, pause_min, out);
    }

    fn come_back_from(
        &mut self,
        why: String,
        cause: Option<Cause>,
        pause_min: Millis,
        out: &mut Vec<Effect>,
    ) {
        if matches!(self.phase, Phase::Ended | Phase::Pausing(_)) {
            return;
        }
        if self.following && self.mono > self.began.plus(RETRY_PAUSE_MAX) {
            // It followed for a while, so this is another trouble than the last.
            self.attempts = 0;
        }
        let doublings = self.attempts.saturating_sub(1).min(DOUBLINGS_MAX);
        let doubled = RETRY_PAUSE.0 << doublings;
        let pause = if self.attempts == 0 { 0 } else { doubled.min(RETRY_PAUSE_MAX.0) };
        self.attempts += 1;
        self.tag += 1;
        self.own = None;
        self.phase = Phase::Pausing(self.mono.plus(Millis(pause.max(pause_min.0))));
        out.push(Effect::Recovering { why, cause });
    }

    /// What takes in news of what is being followed; `None` for old news.
    fn intake_of(&mut self, tag: u64) -> Option<&mut Intake> {
        if tag != self.tag {
            return None;
        }
        match &mut self.phase {
            Phase::Loading(loading) => Some(&mut loading.intake),
            Phase::Replaying(both) => Some(&mut both.0.intake),
            Phase::Live(both) => Some(&mut both.0.intake),
            _ => None,
        }
    }
}

/// How far a way back goes, or a lane that follows.
const fn goal<'a>(own: Option<&'a Opened>, limits: &Limits) -> Goal<'a> {
    match own {
        Some(own) => Goal::End(own),
        None => Goal::Room(limits.state_bytes),
    }
}

/// A number for the settings that decide: where it differs, a replay would decide otherwise. A setting that
/// is added later is left out while it has the value that all had before.
fn fingerprint(settings: &Settings) -> u64 {
    let allotment::Settings { dedup_window, closed_retention, hash_key, manifest_corrections } =
        settings.allotment;
    let mut hash = SipHasher13::new_with_key(b"granary settings");
    hash.write(&dedup_window.0.to_le_bytes());
    hash.write(&closed_retention.0.to_le_bytes());
    hash.write(&hash_key);
    for (_, encoding) in settings.encodings.iter() {
        hash.write(encoding.content_type().as_bytes());
        hash.write(&[0]);
    }
    hash.write(settings.time_zone.as_bytes());
    if manifest_corrections {
        hash.write(b"manifest corrections");
    }
    hash.finish()
}
