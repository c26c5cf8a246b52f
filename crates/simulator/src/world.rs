//! A whole deployment in simulated time, from one seed: bridges, processes with lanes, a group, Kafka, and
//! what goes wrong between them.
//!
//! [`run`] lives through one seed: a safety phase, in which faults strike and nothing wrong may become
//! visible, then a liveness phase, in which they don't and everything must settle in bounded time. Then
//! [`crate::check`] looks at all that was committed. The same seed gives the same trace, byte for byte.
//!
//! Reading order: `rates` (what a run draws), `script` (what the bridges send), `trouble` (what goes wrong),
//! `group` and `process` (who has what), then here: how time passes.

mod group;
mod process;
mod rates;
mod retention;
mod script;
mod seats;
mod trace;
mod trouble;

use std::collections::{BTreeMap, VecDeque};

use allotment::{Millis, Time};
use contract::{Encoder, Topic};
use lane::{InputTopic, PerInput, RULES, Settings, Stage, Status};

use crate::check::{self, Evidence, Finding};
use crate::kafka::{Cluster, Producer};
use traffic::rng::Rng;

use group::Group;
use process::{Process, State};
pub use rates::Rates;
use script::{Sending, Way, script};
use trace::Trace;
pub use trouble::Kind;
use trouble::Trouble;

/// So long the world may take to settle after the last fault, or after something more was taken: above the
/// coordinator's patience with an open transaction and its sweep (70 s), the longest pause of a lane (10 s) and
/// the longest session (15 s), one after the other and then once more.
const SETTLES_WITHIN: Millis = Millis(240_000);

/// So long Kafka takes for an answer at most once nothing goes wrong any more.
const SETTLED_LATENCY: Millis = Millis(1);

/// So long everybody is watched once all has settled: deadlines that were due pass within that.
const CALM: Millis = Millis(3000);

/// So often something happens in a run at most: some thirty times what is usual. Whoever never comes to rest
/// must not keep everybody waiting.
const PASSES_MAX: u64 = 1_000_000;

/// What one seed came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Of everything that happened, in order.
    pub hash: u64,
    /// In numbers.
    pub tally: Tally,
    /// What is wrong, if anything.
    pub finding: Option<Finding>,
}

/// What runs came to, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally(pub BTreeMap<String, u64>);

impl Tally {
    /// Adds to a number.
    pub fn add(&mut self, name: &str, count: u64) {
        *self.0.entry(name.to_owned()).or_default() += count;
    }
}

/// Everything.
pub(crate) struct World<'a> {
    pub(crate) rates: Rates,
    rng: Rng,
    pub(crate) cluster: Cluster,
    processes: Vec<Process>,
    group: Group,
    script: VecDeque<Sending>,
    /// Transactions of bridges: when they end, whose they are, and how.
    bridges: Vec<(Time, Producer, bool)>,
    trouble: Trouble,
    trace: Trace<'a>,
    tally: Tally,
    now: Time,
    /// How often something has happened.
    passes: u64,
    /// When the checkpoints are compacted next.
    next_compaction: Time,
    pub(crate) settings: Settings,
    /// How much longer quiet times are lived through.
    patience: Millis,
    /// What a checker found on the way.
    finding: Option<Finding>,
    /// The greatest delay of a hand-over, and the farthest that clocks were apart: how late a record may be
    /// seen without anybody's fault.
    slack: Millis,
}

/// Lives through one seed; `show` is handed a line for each thing that happens.
#[must_use]
pub fn run(seed: u64, show: Option<&mut dyn FnMut(&str)>) -> Outcome {
    let mut rng = Rng::new(seed);
    let rates = Rates::draw(&mut rng);
    World::new(seed, rng, rates, show).live()
}

/// What every lane of the world is started with.
pub(crate) fn settings(rates: &Rates) -> Settings {
    Settings {
        partition: 0,
        allotment: allotment::Settings::default(),
        time_zone: "Asia/Shanghai".to_owned(),
        encodings: PerInput::default(),
        names: PerInput::from_fn(|input| input.topic().default_name().to_owned()),
        encoder: Encoder::default(),
        limits: rates.limits,
        checkpoints: rates.checkpoints,
        rules: RULES,
    }
}

impl<'a> World<'a> {
    pub(crate) fn new(
        seed: u64,
        mut rng: Rng,
        rates: Rates,
        show: Option<&'a mut dyn FnMut(&str)>,
    ) -> Self {
        let script = script(seed, &mut rng, &rates);
        let now = script.front().map_or(Time(0), |first| first.at).minus(Millis(1000));
        let mut cluster = Cluster::new(rates.partitions);
        cluster.set_transaction_timeout(rates.transaction_timeout);
        cluster.pass_to(now);
        let mut trace = Trace::new(now, show);
        trace.note(now, format_args!("seed {seed} begins at {now:?}: {rates:?}"));
        let processes = (0..rates.processes)
            .map(|_| Process::new(now.plus(Millis(rng.between(0, 3000)))))
            .collect();
        let Rates { partitions, session, hasty, .. } = rates;
        Self {
            group: Group::new(Rng::new(rng.draw()), partitions, rates.processes, session, hasty),
            trouble: Trouble::new(Rng::new(rng.draw()), &rates),
            settings: settings(&rates),
            patience: rates.patience,
            rates,
            rng,
            cluster,
            processes,
            script,
            bridges: Vec::new(),
            trace,
            tally: Tally::default(),
            now,
            passes: 0,
            next_compaction: now,
            finding: None,
            slack: Millis(0),
        }
    }

    pub(crate) fn live(&mut self) -> Outcome {
        let began = self.now;
        while self.finding.is_none() && !(self.script.is_empty() && self.bridges.is_empty()) {
            self.pass();
        }
        self.trouble.active = false;
        self.trace.note(self.now, format_args!("no more faults"));
        self.settle();
        self.retain_at_last();
        self.tally.add("simulated milliseconds", self.now.0.abs_diff(began.0));
        if self.finding.is_none() {
            self.finding = self.look_at_everything();
        }
        self.tally.add("passes", self.passes);
        let verdict =
            self.finding.as_ref().map_or_else(|| "nothing wrong".into(), Finding::to_string);
        self.trace.note(self.now, format_args!("checked: {verdict}"));
        for (kind, count) in &self.trouble.struck {
            self.tally.add(&format!("fault: {kind}"), *count);
        }
        let (tally, finding) = (self.tally.clone(), self.finding.clone());
        Outcome { hash: self.trace.hash(), tally, finding }
    }

    /// Nothing goes wrong any more: all is taken and everybody is live within bounded time, or that is a
    /// finding.
    fn settle(&mut self) {
        for process in &mut self.processes {
            let soon = self.now.plus(Millis(1000));
            match &mut process.state {
                State::Asleep { until } | State::Down { until } => *until = soon.min(*until),
                State::Up | State::Ending => {}
            }
        }
        // Each output is waited for before the next is sent, which no real client does: hundreds of them in one
        // transaction must fit into its timeout, or it would be begun again for ever.
        self.rates.latency = self.rates.latency.min(SETTLED_LATENCY);
        self.lift_the_limit();
        let mut until = self.now.plus(SETTLES_WITHIN);
        let (mut calm_since, mut taken) = (None, self.taken());
        while self.finding.is_none() {
            if self.taken() > taken {
                taken = self.taken();
                until = self.now.plus(SETTLES_WITHIN);
            }
            match self.unsettled() {
                None => {
                    let since = *calm_since.get_or_insert(self.now);
                    if self.now >= since.plus(CALM) {
                        return;
                    }
                }
                Some(what) if self.now >= until => {
                    self.finding =
                        Some(Finding::new("liveness", format!("does not settle: {what}")));
                }
                Some(_) => calm_since = None,
            }
            self.pass();
        }
    }

    /// How much is taken for good: a lane that does the same again and again takes no more.
    fn taken(&self) -> i64 {
        let places = (0..self.rates.partitions)
            .flat_map(|partition| InputTopic::ALL.map(|input| (input.topic(), partition)));
        places.filter_map(|place| self.cluster.committed(place)).sum()
    }

    /// The state of lanes may take what it takes.
    fn lift_the_limit(&mut self) {
        let limited = std::mem::replace(&mut self.settings.limits.state_bytes, u64::MAX);
        for process in &mut self.processes {
            for seat in process.seats.values_mut() {
                let full = u64::from(seat.host.lane().status().full);
                self.tally.add("full lanes at the end of the faults", full);
                seat.host.allow(u64::MAX, self.now);
            }
        }
        self.trace.note(self.now, format_args!("state may take more than {limited} bytes"));
    }

    /// What is still to be done, in words. A lane that takes nothing because its state is at its limit is at rest.
    fn unsettled(&self) -> Option<String> {
        if !self.group.is_settled() {
            return Some(format!("the group is not at rest: {:?}", self.group));
        }
        for partition in 0..self.rates.partitions {
            let seats = self.processes.iter().filter_map(|process| process.owns(partition));
            let seats: Vec<_> = seats.collect();
            let [seat] = seats[..] else {
                return Some(format!("{} processes have partition {partition}", seats.len()));
            };
            let status = seat.host.lane().status();
            let rests = status.caught_up || status.full;
            if status.stage != Stage::Live || !rests || seat.host.is_busy() {
                return Some(format!("the lane of partition {partition}: {status:?}"));
            }
            if status.full {
                continue;
            }
            for (input, position) in status.positions.iter() {
                let log = self.cluster.log((input.topic(), partition));
                // Where only control records followed, retention may have gone further.
                let next = log.read_committed((*position).max(log.earliest()), 1);
                let left = next.is_none_or(|(records, _)| !records.is_empty());
                if left || log.stable() < log.end() {
                    return Some(format!(
                        "{input} of partition {partition} is taken to {position}"
                    ));
                }
            }
            if let Some((at, why)) = self.behind(partition) {
                return Some(format!("a standby of partition {partition}: {at:?}, {why:?}"));
            }
        }
        None
    }

    /// A standby that has not replayed all of the journal. Where an owner with nothing to do was shut out and
    /// does not know it yet, that is more than the owner has. One that has no room waits, as it should.
    fn behind(&self, partition: u32) -> Option<(Status, Option<&str>)> {
        let end = self.cluster.log((Topic::Journal, partition)).stable();
        let seats = self.processes.iter().filter_map(|process| process.seats.get(&partition));
        let standbys = seats.filter(|seat| seat.follows).map(|seat| &seat.host);
        let mut all = standbys.map(|host| (host.lane().status(), host.why_dropped()));
        all.find(|(at, _)| {
            let there = at.stage == Stage::Following && at.ahead == 0 && at.journal >= end;
            !there && !at.full
        })
    }

    /// Time passes until something happens, and it happens.
    fn pass(&mut self) {
        let next = self.next_time();
        let next = self.leap(next);
        self.now = self.now.max(next);
        self.passes += 1;
        if self.passes > PASSES_MAX {
            let what = format!("everybody goes round in circles: {:?}", self.unsettled());
            self.finding = Some(Finding::new("liveness", what));
        }
        for id in self.cluster.pass_to(self.now) {
            let whose = if id.starts_with("bridge-") { "bridges" } else { "lanes" };
            self.tally.add(&format!("swept transactions of {whose}"), 1);
            self.trace
                .note(self.now, format_args!("coordinator: the transaction of {id} is aborted"));
        }
        self.compact();
        self.send_what_is_due();
        self.change_processes();
        let awake: Vec<bool> = self.processes.iter().map(Process::is_awake).collect();
        self.group.tick(self.now, &awake);
        self.seat_lanes();
        self.run_seats();
    }

    /// Of what lies on the checkpoints topic under one key the broker keeps the newest, and of that what
    /// says that there is none for longer than any run is.
    fn compact(&mut self) {
        if self.now < self.next_compaction {
            return;
        }
        self.next_compaction = self.now.plus(self.rates.compaction);
        for partition in 0..self.rates.partitions {
            self.cluster.log_mut((Topic::Checkpoints, partition)).compact(false);
        }
    }

    fn next_time(&self) -> Time {
        let sending = self.script.front().map(|sending| sending.at);
        let ending = self.bridges.iter().map(|(at, ..)| *at);
        let processes = self.processes.iter().filter_map(|process| match process.state {
            State::Asleep { until } | State::Down { until } => Some(until),
            // It has nothing left to wait for.
            State::Ending if process.seats.is_empty() => Some(self.now),
            State::Up | State::Ending => None,
        });
        let seats = self.processes.iter().flat_map(|process| self.seat_times(process));
        let next = sending
            .into_iter()
            .chain(ending)
            .chain(processes)
            .chain(seats)
            .chain(self.group.next_wake())
            .chain(self.cluster.next_wake());
        // Who waits for nothing but others says so by the end of all time.
        let next = next.filter(|at| *at < Time(i64::MAX));
        next.min().unwrap_or(self.now.plus(Millis(1000))).max(self.now)
    }

    /// Where nothing happens for long and there was enough of that, everybody sleeps until the next record
    /// is about to be sent: machines were suspended, nights passed.
    fn leap(&mut self, next: Time) -> Time {
        let Some(sending) = self.script.front().map(|sending| sending.at) else { return next };
        if sending.0 - self.now.0 < 2000 || !self.trouble.active || self.unsettled().is_some() {
            return next;
        }
        self.patience = Millis(self.patience.0 - (next.0 - self.now.0));
        if self.patience.0 > 0 {
            return next;
        }
        let leap = sending.minus(Millis(self.rng.between(0, 1500)));
        self.trace.note(self.now, format_args!("everybody sleeps"));
        self.tally.add("nights", 1);
        leap.max(next)
    }

    fn send_what_is_due(&mut self) {
        while self.script.front().is_some_and(|sending| sending.at <= self.now) {
            let Some(Sending { place, message, way, .. }) = self.script.pop_front() else { return };
            self.trace.note(self.now, format_args!("bridge: a record to {place:?}, {way:?}"));
            self.tally.add("records sent", 1);
            match way {
                Way::Plain => self.cluster.send(place, message),
                Way::Transaction { open, commit } => {
                    let bridge = self.cluster.init(&format!("bridge-{}", self.rng.draw()));
                    let sent = self.cluster.produce(&bridge, place, message);
                    sent.expect("nobody shuts a new bridge out");
                    self.tally.add("hanging transactions", u64::from(commit.is_none()));
                    if let Some(commit) = commit {
                        self.bridges.push((self.now.plus(Millis(open)), bridge, commit));
                    }
                }
            }
        }
        let (due, rest) =
            std::mem::take(&mut self.bridges).into_iter().partition(|(at, ..)| *at <= self.now);
        self.bridges = rest;
        let due: Vec<(Time, Producer, bool)> = due;
        for (_, bridge, commit) in due {
            self.trace.note(self.now, format_args!("bridge: commits: {commit}"));
            // One that took too long is shut out by now.
            let _ = if commit { self.cluster.commit(&bridge) } else { self.cluster.abort(&bridge) };
        }
    }

    fn look_at_everything(&mut self) -> Option<Finding> {
        let clocks = self.clocks();
        let Self { cluster, settings, slack, .. } = &*self;
        let evidence = Evidence { cluster, settings, slack: *slack };
        match check::everything(&evidence) {
            Ok(counts) => {
                let end = check::the_end(&evidence, &clocks);
                self.tally.add("events", counts.events);
                self.tally.add("transactions", counts.transactions);
                self.tally.add("outputs", counts.outputs);
                end.err()
            }
            Err(finding) => Some(finding),
        }
    }

    /// What the owner of each partition takes for the time.
    fn clocks(&self) -> Vec<Time> {
        let now = self.now;
        let mut clocks = vec![now; self.rates.partitions as usize];
        for process in &self.processes {
            for (partition, seat) in process.seats.iter().filter(|(_, seat)| !seat.follows) {
                clocks[*partition as usize] = seat.host.lane_clock(now).unwrap_or(now);
            }
        }
        clocks
    }
}
