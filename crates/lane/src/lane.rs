//! The machine of one partition: opened, coming back, live, ended.

use std::hash::Hasher;

use allotment::{Millis, Time};
use contract::{Decoder, Encoder, Encoding, UnknownTimeZone};
use siphasher::sip::SipHasher13;

use crate::bounds::{DISBELIEF, DOUBLINGS_MAX, FENCED_PAUSE, Limits, RETRY_PAUSE, RETRY_PAUSE_MAX};
use crate::chain::{Chain, Terms};
use crate::engine::{Border, Engine};
use crate::intake::Intake;
use crate::live::Live;
use crate::replay::{Replay, State, Step};
use crate::{Cause, Effect, Event, Halt, InputTopic, Opened, PerInput};

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
    /// The rules that it decides by: [`crate::RULES`], except where a test plays another release.
    pub rules: u32,
}

/// The life of one partition as a machine without I/O.
///
/// The driver calls [`Lane::start`] once (or [`Lane::follow`], for a standby) and performs the effects; then [`Lane::handle`] for each event,
/// and performs the effects, in order, before the next event. `clock` is the wall clock.
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
/// start ─► opening ─► replaying ─► live ─► ended
///             ▲            │         │
///             └── pausing ◄┴─────────┘   broken, fenced: everything dropped, a new producer
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
    phase: Phase,
    /// The last clock that was told; the lane's own never goes back.
    clock: Time,
    /// Numbers what is followed; what bears another is old.
    tag: u64,
    /// Attempts to come back since the last commit.
    attempts: u32,
    /// How often in a row journal and committed offsets did not agree.
    disbelief: u32,
    stopping: bool,
    /// The partition is somebody else's.
    following: bool,
    /// What there was when the last owner was shut out; `None` while it is not.
    own: Option<Opened>,
    /// What it rests on is what it found when it looked, while somebody else was the owner.
    looked: bool,
    /// When it last began to come back.
    began: Time,
}

#[derive(Debug)]
enum Phase {
    /// [`Effect::Open`] or [`Effect::Look`] is being performed.
    Opening,
    /// Waits before the next one.
    Pausing(Time),
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
    /// Below this offset the journal has been fetched, while it replays or follows.
    pub journal: i64,
    /// The offsets below which everything was taken.
    pub positions: PerInput<i64>,
    /// Records held of each input.
    pub held: PerInput<usize>,
    /// Everything readable has been read and taken.
    pub caught_up: bool,
}

/// Where in its life a lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Shuts out the last owner, or looks.
    Opening,
    /// Waits before it tries again.
    Pausing,
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
        let Settings { partition, allotment, encodings, names, encoder, limits, rules, .. } =
            settings;
        let decoders =
            PerInput::from_fn(|input| decoder.clone().with_default_encoding(encodings[input]));
        Ok(Self {
            partition,
            allotment,
            rules,
            settings: fingerprint,
            border: Border { decoders, encodings, encoder, names },
            limits,
            phase: Phase::Opening,
            clock: Time::MIN,
            tag: 0,
            attempts: 0,
            disbelief: 0,
            stopping: false,
            following: false,
            own: None,
            looked: false,
            began: Time::MIN,
        })
    }

    /// Begins, as the partition's owner. Once.
    pub fn start(&mut self, clock: Time, out: &mut Vec<Effect>) {
        assert_eq!(self.clock, Time::MIN, "a lane is started once");
        self.clock = clock;
        self.open(out);
    }

    /// Begins, as a standby: comes back like an owner, but shuts nobody out and tells nothing, and stays
    /// behind the owner's journal until it is promoted. Once, instead of [`Lane::start`].
    pub fn follow(&mut self, clock: Time, out: &mut Vec<Effect>) {
        self.following = true;
        self.start(clock, out);
    }

    /// Takes in what happened, and says what is to be done.
    pub fn handle(&mut self, clock: Time, event: Event, out: &mut Vec<Effect>) {
        assert_ne!(self.clock, Time::MIN, "a lane is started before anything happens to it");
        let last = self.clock;
        self.clock = self.clock.max(clock);
        self.observe(last, out);
        match self.take_in(event, out).and_then(|()| self.go_on(out)) {
            Ok(()) => {}
            // The owner may have gone on since it looked: written a checkpoint, or trimmed the journal.
            Err(cause) if self.following || self.looked => {
                self.come_back(cause.to_string(), Millis(0), out);
            }
            Err(cause @ Cause::Committed { .. }) if self.disbelief < DISBELIEF => {
                self.disbelief += 1;
                self.come_back(cause.to_string(), RETRY_PAUSE, out);
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
            Phase::Replaying(both) => (&both.0.intake, both.1.awaits(input, &both.0.intake)),
            Phase::Live(both) => (&both.0.intake, false),
            Phase::Opening | Phase::Pausing(_) | Phase::Ended => return false,
        };
        let (records, bytes) = intake.load(input);
        needed || (records < self.limits.held_records && bytes < self.limits.held_bytes)
    }

    /// Whether more records of the journal may be handed over now.
    #[must_use]
    pub fn wants_journal(&self) -> bool {
        match &self.phase {
            Phase::Replaying(both) => both.1.wants_journal(),
            Phase::Opening | Phase::Pausing(_) | Phase::Live(_) | Phase::Ended => false,
        }
    }

    /// When to call with [`Event::Tick`] if nothing else happens before.
    #[must_use]
    pub fn next_wake(&self) -> Option<Time> {
        match &self.phase {
            Phase::Pausing(until) => Some(*until),
            Phase::Live(both) => both.1.next_wake(&both.0, &self.limits, self.clock),
            Phase::Replaying(both) => both.1.next_wake(),
            Phase::Opening | Phase::Ended => None,
        }
    }

    /// How it does.
    #[must_use]
    pub fn status(&self) -> Status {
        let (stage, state) = match &self.phase {
            Phase::Opening => (Stage::Opening, None),
            Phase::Pausing(_) => (Stage::Pausing, None),
            Phase::Replaying(both) if self.following => (Stage::Following, Some(&both.0)),
            Phase::Replaying(both) => (Stage::Replaying, Some(&both.0)),
            Phase::Live(both) => (Stage::Live, Some(&both.0)),
            Phase::Ended => (Stage::Ended, None),
        };
        Status {
            stage,
            sequence: state.map_or(0, |state| state.chain.sequence),
            now: state.map(|state| state.engine.now()).filter(|now| *now != Time::MIN),
            journal: match &self.phase {
                Phase::Replaying(both) => both.1.journal_next(),
                _ => 0,
            },
            positions: state.map_or_else(PerInput::default, |state| state.intake.positions()),
            held: PerInput::from_fn(|input| state.map_or(0, |state| state.intake.load(input).0)),
            caught_up: stage == Stage::Live && state.is_some_and(|state| state.intake.caught_up()),
        }
    }

    /// While it replays: how many offsets of the inputs are replayed, of how many.
    #[must_use]
    pub fn recovery(&self) -> Option<(u64, u64)> {
        match &self.phase {
            Phase::Replaying(both) => Some(both.1.progress(&both.0.intake)),
            Phase::Live(_) | Phase::Opening | Phase::Pausing(_) | Phase::Ended => None,
        }
    }

    /// What it holds in memory. Looks at each pool, so not for every transaction.
    #[must_use]
    pub fn holds(&self) -> allotment::Holds {
        match &self.phase {
            Phase::Replaying(both) => both.0.engine.holds(),
            Phase::Live(both) => both.0.engine.holds(),
            Phase::Opening | Phase::Pausing(_) | Phase::Ended => allotment::Holds::default(),
        }
    }

    /// Before an event is taken in: what has the passing of time made of what is known?
    fn observe(&mut self, last: Time, out: &mut Vec<Effect>) {
        let Phase::Live(both) = &mut self.phase else { return };
        let (state, live) = both.as_mut();
        if live.observe(state, last, self.clock) {
            self.tag += 1;
            let follow = |input| Effect::Follow {
                input,
                from: state.intake.fetch_from(input),
                tag: self.tag,
            };
            out.extend(InputTopic::ALL.map(follow));
        }
    }

    fn take_in(&mut self, event: Event, out: &mut Vec<Effect>) -> Result<(), Cause> {
        match event {
            Event::Tick => {
                if let Phase::Live(both) = &mut self.phase {
                    let (state, live) = both.as_mut();
                    live.looked(state, self.clock);
                }
            }
            Event::Opened(opened) => self.opened(opened, out)?,
            Event::Promote => self.promote(out),
            Event::OpenFailed { why } | Event::Broken { why } => {
                self.come_back(why, Millis(0), out)
            }
            Event::Fenced => {
                self.come_back("the producer was shut out".to_owned(), FENCED_PAUSE, out)
            }
            Event::CheckpointsRead { .. } => {}
            Event::JournalFetched { tag, records, next } => {
                if let Phase::Replaying(both) = &mut self.phase
                    && tag == self.tag
                {
                    let (state, replay) = both.as_mut();
                    replay.journal_fetched(&mut state.chain, records, next)?;
                }
            }
            Event::JournalGone { tag, why } => {
                if matches!(self.phase, Phase::Replaying(_)) && tag == self.tag {
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
            Event::Committed => {
                self.attempts = 0;
                if let Phase::Live(both) = &mut self.phase {
                    both.1.committed(self.clock);
                }
            }
            Event::Stop => self.stopping = true,
        }
        Ok(())
    }

    /// Does what can be done without being told more.
    fn go_on(&mut self, out: &mut Vec<Effect>) -> Result<(), Cause> {
        if self.stopping && self.may_stop() {
            // With checkpoints (the next issue) a last one is written here.
            self.phase = Phase::Ended;
            out.push(Effect::Stopped);
            return Ok(());
        }
        match &mut self.phase {
            Phase::Pausing(until) if *until <= self.clock => {
                self.open(out);
            }
            Phase::Replaying(both) => {
                let (state, replay) = both.as_mut();
                let own = self.own.as_ref();
                let step = replay.step(state, &self.border, self.clock, self.tag, own, out)?;
                if step == Step::Finished {
                    out.push(Effect::Ready { transactions: replay.transactions });
                    self.go_live();
                    return self.go_on(out);
                }
            }
            Phase::Live(both) => {
                let (state, live) = both.as_mut();
                live.step(state, &self.border, &self.limits, self.clock, out);
            }
            Phase::Opening | Phase::Pausing(_) | Phase::Ended => {}
        }
        Ok(())
    }

    fn may_stop(&self) -> bool {
        match &self.phase {
            Phase::Live(both) => !both.1.in_flight(),
            Phase::Ended => false,
            Phase::Opening | Phase::Pausing(_) | Phase::Replaying(_) => true,
        }
    }

    fn open(&mut self, out: &mut Vec<Effect>) {
        self.phase = Phase::Opening;
        out.push(if self.following { Effect::Look } else { Effect::Open });
    }

    fn opened(&mut self, opened: Opened, out: &mut Vec<Effect>) -> Result<(), Cause> {
        let topics = opened.partitions;
        if self.partition >= topics {
            return Err(Cause::NoSuchPartition { topics });
        }
        match &self.phase {
            // It was promoted while it looked.
            Phase::Opening if !self.following && !opened.shut_out => self.open(out),
            Phase::Opening => self.begin(opened, out),
            Phase::Replaying(_) if opened.shut_out => self.own = Some(opened),
            Phase::Replaying(_) | Phase::Pausing(_) | Phase::Live(_) | Phase::Ended => {}
        }
        Ok(())
    }

    /// Begins the way back with what there is.
    fn begin(&mut self, found: Opened, out: &mut Vec<Effect>) {
        let topics = found.partitions;
        let engine = Engine::new(self.allotment, self.partition, topics);
        let terms = Terms { rules: self.rules, partitions: topics, settings: self.settings };
        let chain = Chain::new(terms, engine.digest());
        self.tag += 1;
        self.began = self.clock;
        self.looked = !found.shut_out;
        self.own = found.shut_out.then(|| found.clone());
        let nothing = found.shut_out && found.journal.end <= found.journal.earliest;
        let state = State { engine, intake: Intake::default(), chain };
        let replay = Replay::new(found);
        if !nothing {
            out.push(Effect::FollowJournal { from: replay.journal_next(), tag: self.tag });
        }
        self.phase = Phase::Replaying(Box::new((state, replay)));
    }

    /// The partition is its own from now on.
    fn promote(&mut self, out: &mut Vec<Effect>) {
        if !std::mem::take(&mut self.following) {
            return;
        }
        self.attempts = 0;
        match &mut self.phase {
            Phase::Pausing(until) => *until = self.clock,
            Phase::Replaying(_) => out.push(Effect::Open),
            // The answer to its look opens.
            Phase::Opening | Phase::Live(_) | Phase::Ended => {}
        }
    }

    fn go_live(&mut self) {
        let Phase::Replaying(both) = std::mem::replace(&mut self.phase, Phase::Ended) else {
            unreachable!("only a replay goes live");
        };
        let (mut state, _) = *both;
        state.chain.take_over();
        self.disbelief = 0;
        self.looked = false;
        self.phase = Phase::Live(Box::new((state, Live::default())));
    }

    /// The one way from everything that went wrong: drop all that is known, and come back.
    fn come_back(&mut self, why: String, pause_min: Millis, out: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Ended | Phase::Pausing(_)) {
            return;
        }
        if self.following && self.clock > self.began.plus(RETRY_PAUSE_MAX) {
            // It followed for a while, so this is another trouble than the last.
            self.attempts = 0;
        }
        let doublings = self.attempts.saturating_sub(1).min(DOUBLINGS_MAX);
        let doubled = RETRY_PAUSE.0 << doublings;
        let pause = if self.attempts == 0 { 0 } else { doubled.min(RETRY_PAUSE_MAX.0) };
        self.attempts += 1;
        self.tag += 1;
        self.own = None;
        self.phase = Phase::Pausing(self.clock.plus(Millis(pause.max(pause_min.0))));
        out.push(Effect::Recovering { why });
    }

    /// What takes in news of what is being followed; `None` for old news.
    fn intake_of(&mut self, tag: u64) -> Option<&mut Intake> {
        if tag != self.tag {
            return None;
        }
        match &mut self.phase {
            Phase::Replaying(both) => Some(&mut both.0.intake),
            Phase::Live(both) => Some(&mut both.0.intake),
            Phase::Opening | Phase::Pausing(_) | Phase::Ended => None,
        }
    }
}

/// A number for the settings that decide: where it differs, a replay would decide otherwise. A setting that
/// is added later is left out while it has the value that all had before.
fn fingerprint(settings: &Settings) -> u64 {
    let allotment::Settings { dedup_window, closed_retention, hash_key } = settings.allotment;
    let mut hash = SipHasher13::new_with_key(b"granary settings");
    hash.write(&dedup_window.0.to_le_bytes());
    hash.write(&closed_retention.0.to_le_bytes());
    hash.write(&hash_key);
    for (_, encoding) in settings.encodings.iter() {
        hash.write(encoding.content_type().as_bytes());
        hash.write(&[0]);
    }
    hash.write(settings.time_zone.as_bytes());
    hash.finish()
}
