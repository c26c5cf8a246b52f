//! The machine of one partition: opened, coming back, live, ended.

use std::hash::Hasher;

use allotment::{Millis, Time};
use contract::{Decoder, Encoder, Encoding, UnknownTimeZone};
use siphasher::sip::SipHasher13;

use crate::bounds::{DISBELIEF, DOUBLINGS_MAX, FENCED_PAUSE, Limits, RETRY_PAUSE, RETRY_PAUSE_MAX};
use crate::chain::Chain;
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
}

/// The life of one partition as a machine without I/O.
///
/// The driver calls [`Lane::start`] once and performs the effects; then [`Lane::handle`] for each event,
/// and performs the effects, in order, before the next event. `clock` is the wall clock.
///
/// | effect | answered by |
/// | --- | --- |
/// | [`Effect::Open`] | [`Event::Opened`], [`Event::OpenFailed`] or [`Event::Fenced`] |
/// | [`Effect::ReadJournal`] | [`Event::JournalRead`]; [`Event::Broken`] where it can't be read |
/// | [`Effect::Follow`] | [`Event::Fetched`] again and again; [`Event::OutOfRange`] |
/// | [`Effect::Transact`] | [`Event::Committed`], [`Event::Broken`] or [`Event::Fenced`] |
/// | [`Effect::Ready`], [`Effect::Recovering`] | nothing: for the log |
/// | [`Effect::Halt`], [`Effect::Stopped`] | nothing: the lane is at its end |
///
/// Between events the driver hands over fetched records only of inputs that [`Lane::wants`], calls with
/// [`Event::Tick`] when [`Lane::next_wake`] is due, and sends [`Event::Stop`] when the partition is to be
/// given up. At most one transaction is under way, and the lane takes in records meanwhile.
///
/// ```text
/// start ─► opening ─► replaying ─► live ─► ended
///             ▲            │         │
///             └── pausing ◄┴─────────┘   broken, fenced: everything dropped, a new producer
/// ```
#[derive(Debug)]
pub struct Lane {
    partition: u32,
    allotment: allotment::Settings,
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
}

#[derive(Debug)]
enum Phase {
    /// [`Effect::Open`] is being performed.
    Opening,
    /// Waits before the next [`Effect::Open`].
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
    /// Shuts out the last owner.
    Opening,
    /// Waits before it tries again.
    Pausing,
    /// Replays the journal.
    Replaying,
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
        let decoders =
            PerInput::from_fn(|input| decoder.clone().with_default_encoding(encodings[input]));
        Ok(Self {
            partition,
            allotment,
            settings: fingerprint,
            border: Border { decoders, encodings, encoder, names },
            limits,
            phase: Phase::Opening,
            clock: Time::MIN,
            tag: 0,
            attempts: 0,
            disbelief: 0,
            stopping: false,
        })
    }

    /// Begins. Once.
    pub fn start(&mut self, clock: Time, out: &mut Vec<Effect>) {
        assert_eq!(self.clock, Time::MIN, "a lane is started once");
        self.clock = clock;
        out.push(Effect::Open);
    }

    /// Takes in what happened, and says what is to be done.
    pub fn handle(&mut self, clock: Time, event: Event, out: &mut Vec<Effect>) {
        assert_ne!(self.clock, Time::MIN, "a lane is started before anything happens to it");
        let last = self.clock;
        self.clock = self.clock.max(clock);
        self.observe(last, out);
        match self.take_in(event, out).and_then(|()| self.go_on(out)) {
            Ok(()) => {}
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
            Phase::Replaying(both) => (Stage::Replaying, Some(&both.0)),
            Phase::Live(both) => (Stage::Live, Some(&both.0)),
            Phase::Ended => (Stage::Ended, None),
        };
        Status {
            stage,
            sequence: state.map_or(0, |state| state.chain.sequence),
            now: state.map(|state| state.engine.now()).filter(|now| *now != Time::MIN),
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
            Event::Opened(opened) => self.opened(opened)?,
            Event::OpenFailed { why } | Event::Broken { why } => {
                self.come_back(why, Millis(0), out)
            }
            Event::Fenced => {
                self.come_back("the producer was shut out".to_owned(), FENCED_PAUSE, out)
            }
            Event::JournalRead { records, next, done } => {
                if let Phase::Replaying(both) = &mut self.phase {
                    let (state, replay) = both.as_mut();
                    replay.journal_read(state, records, next, done)?;
                }
            }
            Event::Fetched { input, tag, records, at_end } => {
                if let Some(intake) = self.following(tag) {
                    intake.fetched(input, records, at_end);
                }
            }
            Event::OutOfRange { input, tag, why } => {
                if let Some(intake) = self.following(tag) {
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
                self.phase = Phase::Opening;
                out.push(Effect::Open);
            }
            Phase::Replaying(both) => {
                let (state, replay) = both.as_mut();
                if replay.step(state, &self.border, self.clock, self.tag, out)? == Step::Finished {
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

    fn opened(&mut self, opened: Opened) -> Result<(), Cause> {
        if !matches!(self.phase, Phase::Opening) {
            return Ok(());
        }
        let topics = opened.partitions;
        if self.partition >= topics {
            return Err(Cause::NoSuchPartition { topics });
        }
        let engine = Engine::new(self.allotment, self.partition, topics);
        let chain = Chain::new(topics, self.settings, engine.digest());
        self.tag += 1;
        let state = State { engine, intake: Intake::default(), chain };
        self.phase = Phase::Replaying(Box::new((state, Replay::new(opened))));
        Ok(())
    }

    fn go_live(&mut self) {
        let Phase::Replaying(both) = std::mem::replace(&mut self.phase, Phase::Ended) else {
            unreachable!("only a replay goes live");
        };
        let (mut state, _) = *both;
        state.chain.take_over();
        self.disbelief = 0;
        self.phase = Phase::Live(Box::new((state, Live::default())));
    }

    /// The one way from everything that went wrong: drop all that is known, and come back.
    fn come_back(&mut self, why: String, pause_min: Millis, out: &mut Vec<Effect>) {
        if matches!(self.phase, Phase::Ended | Phase::Pausing(_)) {
            return;
        }
        let doublings = self.attempts.saturating_sub(1).min(DOUBLINGS_MAX);
        let doubled = RETRY_PAUSE.0 << doublings;
        let pause = if self.attempts == 0 { 0 } else { doubled.min(RETRY_PAUSE_MAX.0) };
        self.attempts += 1;
        self.tag += 1;
        self.phase = Phase::Pausing(self.clock.plus(Millis(pause.max(pause_min.0))));
        out.push(Effect::Recovering { why });
    }

    /// What takes in news of what is being followed; `None` for old news.
    fn following(&mut self, tag: u64) -> Option<&mut Intake> {
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
