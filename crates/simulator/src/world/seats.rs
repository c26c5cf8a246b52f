//! Processes come, go, stand still; lanes get their seats, and take one step after the other.

use allotment::{Millis, Time};
use lane::{Hiding, Lane, Settings};

use super::World;
use super::process::{Process, Seat, State};
use super::trouble::Kind;
use crate::check::Finding;
use crate::kafka::{Crashed, Host};

/// How long a lane that is to give its partition up is waited for.
const GIVES_UP_WITHIN: Millis = Millis(10_000);

impl World<'_> {
    /// When each of a process's lanes has something to do.
    pub(super) fn seat_times<'b>(
        &'b self,
        process: &'b Process,
    ) -> impl Iterator<Item = Time> + 'b {
        let awake = process.is_awake();
        process.seats.values().filter(move |_| awake).map(|seat| {
            if seat.host.is_busy() || self.has_news(seat) {
                return seat.ready_at;
            }
            let wake = seat.host.next_wake();
            let starved = (seat.starved_until > self.now).then_some(seat.starved_until);
            let leaving = seat.leaving;
            let first = [wake, starved, leaving].into_iter().flatten().min();
            first.unwrap_or(Time(i64::MAX)).max(seat.ready_at)
        })
    }

    fn has_news(&self, seat: &Seat) -> bool {
        seat.starved_until <= self.now && seat.seen != Some(self.cluster.changes())
    }

    /// Who was to wake up or to be started is.
    pub(super) fn change_processes(&mut self) {
        for (at, process) in self.processes.iter_mut().enumerate() {
            match process.state {
                State::Asleep { until } if until <= self.now => {
                    process.state = State::Up;
                    self.trace.note(self.now, format_args!("process {at}: goes on"));
                }
                State::Down { until } if until <= self.now => {
                    process.state = State::Up;
                    self.trace.note(self.now, format_args!("process {at}: starts"));
                    self.tally.add("starts of a process", 1);
                }
                State::Ending if process.seats.is_empty() => {
                    let until = self.now.plus(Millis(self.rng.between(10, self.rates.away.0)));
                    process.go_down(until);
                    self.trace.note(self.now, format_args!("process {at}: has ended"));
                    self.group.forget(at);
                    // A static member that comes back soon keeps what it had.
                    if self.rng.percent(50) {
                        self.group.leave(at, self.now);
                    }
                }
                State::Up | State::Ending | State::Asleep { .. } | State::Down { .. } => {}
            }
        }
    }

    /// Lanes are started, asked to end, and given up, as each process has heard from the group.
    pub(super) fn seat_lanes(&mut self) {
        for at in 0..self.processes.len() {
            if !self.processes[at].is_awake() {
                continue;
            }
            let ending = self.processes[at].state == State::Ending;
            if ending {
                // Nobody waits for who only follows.
                self.processes[at].seats.retain(|_, seat| !seat.follows);
            }
            for partition in 0..self.rates.partitions {
                let own = if ending { None } else { self.group.view(at, partition) };
                let follows = self.processes[at].seats.contains_key(&partition);
                match own {
                    _ if self.processes[at].owns(partition).is_some() => {
                        self.keep_or_leave(at, partition, own.is_some());
                    }
                    Some(hasty) if hasty || self.is_free(at, partition) => {
                        self.begin(at, partition);
                    }
                    None if self.rates.standbys && !ending && !follows => {
                        self.follow(at, partition);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Nobody else that the group counts as a member still has it.
    fn is_free(&self, at: usize, partition: u32) -> bool {
        let has = |(other, process): (usize, &Process)| {
            other != at && self.group.has(other) && process.owns(partition).is_some()
        };
        !self.processes.iter().enumerate().any(has)
    }

    fn begin(&mut self, at: usize, partition: u32) {
        if let Some(seat) = self.processes[at].seats.get_mut(&partition) {
            seat.follows = false;
            seat.host.promote(self.now);
            seat.ready_at = self.now;
            self.trace.note(self.now, format_args!("process {at}: takes partition {partition}"));
            self.tally.add("takeovers by standbys", 1);
            return;
        }
        let host = Host::new(Settings { partition, ..self.settings.clone() }, self.now);
        self.processes[at].seats.insert(partition, Seat::new(host, false, self.now));
        self.trace.note(self.now, format_args!("process {at}: begins partition {partition}"));
        self.tally.add("lanes begun", 1);
    }

    fn follow(&mut self, at: usize, partition: u32) {
        let host = Host::follower(Settings { partition, ..self.settings.clone() }, self.now);
        self.processes[at].seats.insert(partition, Seat::new(host, true, self.now));
        self.trace.note(self.now, format_args!("process {at}: follows partition {partition}"));
        self.tally.add("standbys begun", 1);
    }

    fn keep_or_leave(&mut self, at: usize, partition: u32, own: bool) {
        let now = self.now;
        let Some(seat) = self.processes[at].seats.get_mut(&partition) else { return };
        match (seat.leaving, seat.host.ended()) {
            (_, Some(Err(halt))) => {
                self.finding = Some(Finding::new("halt", format!("process {at}: {halt}")));
            }
            (Some(_), Some(Ok(()))) => {
                self.trace.note(now, format_args!("process {at}: gave partition {partition} up"));
                self.processes[at].seats.remove(&partition);
            }
            (Some(limit), None) if limit <= now => {
                self.trace.note(now, format_args!("process {at}: drops partition {partition}"));
                self.processes[at].seats.remove(&partition);
            }
            (None, Some(Ok(()))) => {
                let what = format!("process {at}: the lane of partition {partition} ended unasked");
                self.finding = Some(Finding::new("liveness", what));
            }
            (None, None) if !own => {
                seat.leaving = Some(now.plus(GIVES_UP_WITHIN));
                seat.host.stop(now);
                seat.ready_at = now;
                self.trace.note(now, format_args!("process {at}: is to end partition {partition}"));
            }
            (Some(_) | None, None) => {}
        }
    }

    /// Each lane that is due takes one step.
    pub(super) fn run_seats(&mut self) {
        for at in 0..self.processes.len() {
            for partition in 0..self.rates.partitions {
                if self.processes[at].is_awake() && self.finding.is_none() {
                    self.run_seat(at, partition);
                }
            }
        }
    }

    fn run_seat(&mut self, at: usize, partition: u32) {
        let now = self.now;
        let Some(seat) = self.processes[at].seats.get_mut(&partition) else { return };
        if seat.ready_at > now || seat.host.ended().is_some() {
            return;
        }
        let (trace, trouble, tally) = (&mut self.trace, &mut self.trouble, &mut self.tally);
        let counts = |host: &Host| (host.ready(), host.dropped(), host.checkpoints());
        let before = counts(&seat.host);
        let mut faults = |step| {
            let fault = trouble.strike(step);
            match fault {
                Some(fault) => {
                    trace.note(now, format_args!("{at}/{partition} {step:?}: {fault:?}"))
                }
                None => trace.note(now, format_args!("{at}/{partition} {step:?}")),
            }
            tally.add("steps", 1);
            fault
        };
        // Requests take time; to hand over what is there does not.
        let asks = seat.host.is_performing() || !seat.host.is_busy();
        let done = if seat.host.is_busy() {
            seat.seen = None;
            seat.host.step(&mut self.cluster, now, &mut faults).map(|_| ())
        } else {
            let found = if seat.starved_until > now {
                Ok(())
            } else {
                seat.fetched_at = now;
                let changes = self.cluster.changes();
                let appetite = self.rates.appetite;
                seat.host.fetch(&mut self.cluster, appetite, &mut faults).map(|news| {
                    seat.seen = (!news).then_some(changes);
                })
            };
            seat.host.survey(&self.cluster, now);
            if seat.host.wake(now) {
                seat.seen = None;
            }
            found
        };
        let latency = if asks { self.rng.between(0, self.rates.latency.0) } else { 0 };
        seat.ready_at = now.plus(Millis(latency));
        let after = counts(&seat.host);
        tally.add("recoveries", u64::from(after.0 - before.0));
        tally.add("lanes that dropped all", u64::from(after.1 - before.1));
        tally.add("checkpoints", u64::from(after.2 - before.2));
        let full = seat.host.lane().status().full;
        tally.add("lanes that were full", u64::from(full && !seat.full));
        seat.full = full;
        let hiding = hiding(seat.host.lane());
        let turns = |what| u64::from(hiding == what && seat.hiding != what);
        tally.add("hidden records that held time", turns(Hiding::Holds));
        tally.add("hidden records that time passed", turns(Hiding::Passed));
        seat.hiding = hiding;
        if let Err(Crashed) = done {
            self.crash(at);
        } else if let Some(kind) = self.trouble.pending.take() {
            self.befall(kind, at, partition);
        }
    }

    fn crash(&mut self, at: usize) {
        let until = self.now.plus(Millis(self.rng.between(100, self.rates.away.0)));
        self.processes[at].go_down(until);
        self.group.forget(at);
        self.trace.note(self.now, format_args!("process {at}: is gone"));
    }

    /// What does not happen to a step, but to a process or a partition.
    fn befall(&mut self, kind: Kind, at: usize, partition: u32) {
        let now = self.now;
        let process = &mut self.processes[at];
        match kind {
            Kind::Stall if process.state == State::Up => {
                let until = now.plus(Millis(self.rng.between(50, self.rates.stall.0)));
                process.state = State::Asleep { until };
            }
            Kind::ClockForward | Kind::ClockBack => {
                let by = self.rng.between(1, *self.rng.clone().one_of(&[400, 5_000, 60_000]));
                let by = if kind == Kind::ClockBack { -by } else { by };
                // Clocks that are corrected stay within a minute of the truth.
                let ahead = (self.cluster.broker_clock(partition).0 + by).clamp(-60_000, 60_000);
                self.cluster.set_broker_clock(partition, Millis(ahead));
                self.slack = Millis(self.slack.0.max(120_000));
            }
            Kind::Rebalance if self.group.move_away(partition, now) => {}
            Kind::Stop if process.state == State::Up => process.state = State::Ending,
            Kind::SlowFetch => {
                let by = self.rng.between(20, 3000);
                if let Some(seat) = process.seats.get_mut(&partition) {
                    seat.starved_until = now.plus(Millis(by));
                    // One slow fetch may come after the other, with nothing handed over between them.
                    let blind = seat.starved_until.0 - seat.fetched_at.0;
                    self.slack = Millis(self.slack.0.max(blind));
                }
            }
            Kind::Retention if self.retain(partition) => {}
            _ => return,
        }
        self.trouble.count(kind);
        self.trace.note(now, format_args!("{at}/{partition} befalls: {}", kind.name()));
    }
}

/// What hidden records do to the time of a lane, the worst of its inputs.
fn hiding(lane: &Lane) -> Hiding {
    let hidden = lane.status().hidden;
    let all = || hidden.iter().map(|(_, hiding)| *hiding);
    let of = |what| all().any(|hiding| hiding == what);
    if of(Hiding::Passed) {
        Hiding::Passed
    } else if of(Hiding::Holds) {
        Hiding::Holds
    } else {
        Hiding::Nothing
    }
}
