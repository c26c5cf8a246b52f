//! The machine of one partition: opened, coming back, live, ended.

use allotment::Millis;
use contract::{Decoder, UnknownTimeZone};

use crate::bounds::{Checkpoints, DISBELIEF, FENCED_PAUSE, Limits, RETRY_PAUSE};
use crate::checkpoint_loader::{Loading, Reading};
use crate::clock::{Clock, Present};
use crate::codec::Codec;
use crate::live::Live;
use crate::merge_queue::MergeQueue;
use crate::replay::{Goal, Replay, State, Step};
use crate::settings::{Settings, fingerprint};
use crate::{
    Cause, Described, Effect, Event, Halt, InputTopic, Loaded, Mono, Opened, PerInput, Surplus,
};

mod asserted;
mod leaving;
mod running;
mod starting;
mod status;

pub use status::{Stage, Status};

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
    codec: Codec,
    limits: Limits,
    checkpoints: Option<Checkpoints>,
    phase: Phase,
    /// The last instant that an event bore; the lane's own never goes back.
    mono: Mono,
    /// What time it is, once that is learnt. It outlives every way back: the monotonic clock goes on.
    clock: Option<Clock>,
    /// Numbers what is followed; what bears another is old.
    tag: u64,
    /// Attempts to come back since the last commit.
    attempts: u32,
    /// How often in a row journal and committed offsets did not agree.
    disbelief: u32,
    /// How often it was asked to stop.
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
            codec: Codec { decoders, encodings, encoder, names },
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

    /// Begins, as a standby: comes back like an owner, but shuts nobody out and emits nothing, and stays
    /// behind the owner's journal until it is promoted. Once, instead of [`Lane::start`].
    pub fn follow(&mut self, mono: Mono, out: &mut Vec<Effect>) {
        self.following = true;
        self.start(mono, out);
    }

    /// Takes in what happened, and says what is to be done.
    pub fn handle(&mut self, mono: Mono, event: Event, out: &mut Vec<Effect>) {
        assert_ne!(self.mono, Mono::MIN, "a lane is started before anything happens to it");
        match self.asserted(out, |lane, out| lane.turn(mono, event, out)) {
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

    /// Takes in an event, and does what can be done then.
    fn turn(&mut self, mono: Mono, event: Event, out: &mut Vec<Effect>) -> Result<(), Cause> {
        let last = self.mono;
        self.mono = self.mono.max(mono);
        self.observe(last, out);
        // That a topic was made again explains whatever else is wrong with it.
        let taken = self.take_in(event, out).or_else(|cause| self.same_topics().and(Err(cause)));
        taken.and_then(|()| self.go_on(out))
    }

    /// Whether more records of an input may be handed over now.
    #[must_use]
    pub fn wants(&self, input: InputTopic) -> bool {
        let (merge_queue, needed) = match &self.phase {
            Phase::Loading(loading) => (&loading.merge_queue, false),
            Phase::Replaying(both) => {
                (&both.0.merge_queue, both.1.awaits(input, &both.0.merge_queue))
            }
            Phase::Live(both) if self.stopping == 0 => (&both.0.merge_queue, false),
            _ => return false,
        };
        let (records, bytes) = merge_queue.load(input);
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

    fn take_in(&mut self, event: Event, out: &mut Vec<Effect>) -> Result<(), Cause> {
        let present = self.present();
        match event {
            Event::Tick => {
                if let Phase::Live(both) = &mut self.phase {
                    let (state, live) = both.as_mut();
                    live.looked(state, &self.codec, present);
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
                Phase::Live(both) => both.1.writer.read(&mut both.0, tag, records, next, done),
                _ => {}
            },
            Event::JournalFetched { tag, records, next } if tag == self.tag => {
                self.journal_fetched(records, next)?;
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
                if let Some(merge_queue) = self.merge_queue_of(tag) {
                    merge_queue.fetched(input, records, next, at_end);
                }
            }
            Event::OutOfRange { input, tag, why } => {
                if let Some(merge_queue) = self.merge_queue_of(tag) {
                    return Err(Cause::InputGone {
                        input,
                        from: merge_queue.fetch_from(input),
                        why,
                    });
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

    /// Takes in what was fetched of the journal.
    fn journal_fetched(&mut self, records: Vec<(i64, Vec<u8>)>, next: i64) -> Result<(), Cause> {
        match &mut self.phase {
            Phase::Loading(loading) => {
                let loading = loading.as_mut();
                loading.replay.journal_fetched(&mut loading.chain, records, next)
            }
            Phase::Replaying(both) => both.1.journal_fetched(&mut both.0.chain, records, next),
            _ => Ok(()),
        }
    }

    /// Does what can be done without another event.
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
                let step = replay.step(state, &self.codec, self.mono, self.tag, goal, out)?;
                if step == Step::Finished {
                    out.push(Effect::Ready { transactions: replay.transactions });
                    self.go_live();
                    self.follow_surplus(out);
                    return self.go_on(out);
                }
            }
            Phase::Live(both) => {
                let (state, live) = both.as_mut();
                live.writer.ask(out);
                live.step(state, &self.codec, &self.limits, present, out);
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

    /// What takes in news of what is being followed; `None` for old news.
    fn merge_queue_of(&mut self, tag: u64) -> Option<&mut MergeQueue> {
        if tag != self.tag {
            return None;
        }
        match &mut self.phase {
            Phase::Loading(loading) => Some(&mut loading.merge_queue),
            Phase::Replaying(both) => Some(&mut both.0.merge_queue),
            Phase::Live(both) => Some(&mut both.0.merge_queue),
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
