//! The processes: who is there, who was killed or stopped, and when each comes back.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use fixture::process::Signal;

use crate::program::{Process, Program};

/// Those that are there from the beginning.
const SLOTS: [&str; 4] = ["a", "b", "c", "d"];
/// So many of them are static members of the group, the others and the guest dynamic ones.
const STATIC: usize = 2;
/// The one that joins and leaves.
const GUEST: &str = "guest";
/// A process that was told to end does so within `bounds.stop_timeout` (30 s); on a busy machine it may take longer
/// until it has noticed.
const END_WITHIN: Duration = Duration::from_secs(120);
/// How often is looked whether it has.
const LOOK: Duration = Duration::from_millis(20);

/// How the process of a place is.
#[derive(Debug)]
enum State {
    /// It is left alone.
    Up(Process),
    /// It was killed or has ended, and the next one is started then.
    Away(Instant),
    /// It stands still, and goes on then.
    Still(Process, Instant),
    /// It was told to end then.
    Ending(Process, Instant),
    /// It has ended, and none comes after it.
    Gone,
}

/// A place for a process.
#[derive(Debug)]
struct Slot {
    name: &'static str,
    is_static: bool,
    /// Counts those that had a name of their own in it.
    generation: u32,
    state: State,
}

/// All processes of the deployment.
#[derive(Debug)]
pub(crate) struct Crew {
    program: Program,
    slots: Vec<Slot>,
    /// The logs of all that were ever started.
    pub(crate) logs: Vec<PathBuf>,
    /// Those that are still to be restarted, one after the other.
    roll: Vec<&'static str>,
}

impl Crew {
    /// Starts those that are there from the beginning.
    pub(crate) fn start(program: &Program) -> Result<Self, String> {
        let slot = |(number, name)| Slot {
            name,
            is_static: number < STATIC,
            generation: 1,
            state: State::Away(Instant::now()),
        };
        let slots = SLOTS.into_iter().enumerate().map(slot).collect();
        let mut crew = Self { program: program.clone(), slots, logs: Vec::new(), roll: Vec::new() };
        crew.go_round()?;
        Ok(crew)
    }

    /// Does what is due: starts, lets go on, and looks who has ended.
    ///
    /// # Errors
    /// A process ended that nobody told to, or did not end as it was told.
    pub(crate) fn go_round(&mut self) -> Result<(), String> {
        let now = Instant::now();
        for at in 0..self.slots.len() {
            let returns = self.slots[at].name != GUEST;
            let state = std::mem::replace(&mut self.slots[at].state, State::Gone);
            self.slots[at].state = match state {
                State::Away(due) if due <= now => State::Up(self.run(at)?),
                State::Still(process, due) if due <= now => {
                    process.signal(Signal::Continue)?;
                    State::Up(process)
                }
                State::Up(mut process) => {
                    if let Some(status) = process.ended()? {
                        return Err(format!(
                            "a process ended by itself, {status}: {}",
                            process.told()
                        ));
                    }
                    State::Up(process)
                }
                State::Ending(process, since) => match ending(process, since)? {
                    Some(process) => State::Ending(process, since),
                    None if returns => State::Away(now),
                    None => State::Gone,
                },
                other => other,
            };
        }
        self.slots.retain(|slot| !matches!(slot.state, State::Gone));
        if self.all_work()
            && let Some(next) = self.roll.pop()
        {
            self.tell_to_end(self.position(next).expect("who is rolled has a place"))?;
        }
        Ok(())
    }

    /// The places whose processes are left alone and run lanes.
    pub(crate) fn workers(&self) -> Vec<usize> {
        let works =
            |slot: &Slot| matches!(&slot.state, State::Up(process) if !process.runs().is_empty());
        (0..self.slots.len()).filter(|at| works(&self.slots[*at])).collect()
    }

    /// How many processes are not there, or stand still.
    pub(crate) fn missing(&self) -> usize {
        self.slots.iter().filter(|slot| !matches!(slot.state, State::Up(_))).count()
    }

    /// Whether every process is there and runs lanes.
    pub(crate) fn all_work(&self) -> bool {
        self.workers().len() == self.slots.len()
    }

    /// kill -9; one comes in its place after a while, under a name of its own where it is `another`.
    pub(crate) fn kill(&mut self, at: usize, back: Duration, another: bool) -> Result<(), String> {
        self.slots[at].generation += u32::from(another);
        let due = State::Away(Instant::now() + back);
        match std::mem::replace(&mut self.slots[at].state, due) {
            State::Up(process) => process.kill(),
            other => panic!("only who is left alone is killed: {other:?}"),
        }
    }

    /// SIGSTOP, and SIGCONT after a while.
    pub(crate) fn hold(&mut self, at: usize, span: Duration) -> Result<(), String> {
        match std::mem::replace(&mut self.slots[at].state, State::Gone) {
            State::Up(process) => {
                process.signal(Signal::Stop)?;
                self.slots[at].state = State::Still(process, Instant::now() + span);
                Ok(())
            }
            other => panic!("only who is left alone is stopped: {other:?}"),
        }
    }

    /// SIGTERM.
    pub(crate) fn tell_to_end(&mut self, at: usize) -> Result<(), String> {
        match std::mem::replace(&mut self.slots[at].state, State::Gone) {
            State::Up(process) => {
                process.signal(Signal::Term)?;
                self.slots[at].state = State::Ending(process, Instant::now());
                Ok(())
            }
            other => panic!("only who is left alone is told to end: {other:?}"),
        }
    }

    /// Each is restarted, the next one when all work again.
    pub(crate) fn roll(&mut self) {
        self.roll = SLOTS.to_vec();
    }

    /// Whether a roll is under way.
    pub(crate) fn rolls(&self) -> bool {
        !self.roll.is_empty()
    }

    /// One more joins; where it is there already it is told to leave.
    pub(crate) fn join_or_leave(&mut self) -> Result<(), String> {
        let Some(at) = self.position(GUEST) else {
            let state = State::Away(Instant::now());
            self.slots.push(Slot { name: GUEST, is_static: false, generation: 1, state });
            return Ok(());
        };
        if matches!(self.slots[at].state, State::Up(_)) { self.tell_to_end(at) } else { Ok(()) }
    }

    /// SIGTERM to all; each must end in order.
    pub(crate) fn end(mut self) -> Result<Vec<PathBuf>, String> {
        for at in 0..self.slots.len() {
            self.tell_to_end(at)?;
        }
        for slot in &mut self.slots {
            let State::Ending(mut process, since) = std::mem::replace(&mut slot.state, State::Gone)
            else {
                unreachable!("all were told to end")
            };
            while let Some(still) = ending(process, since)? {
                process = still;
                std::thread::sleep(LOOK);
            }
        }
        Ok(self.logs)
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.slots.iter().position(|slot| slot.name == name)
    }

    fn run(&mut self, at: usize) -> Result<Process, String> {
        let Slot { name, is_static, generation, .. } = self.slots[at];
        let instance = format!("{name}{generation}");
        let log = format!("{:04}-{instance}", self.logs.len() + 1);
        let process = self.program.run(&log, is_static.then_some(&instance))?;
        self.logs.push(process.log().to_path_buf());
        Ok(process)
    }
}

/// A process that was told to end, while it has not; it must do so in time, and in order.
fn ending(mut process: Process, since: Instant) -> Result<Option<Process>, String> {
    match process.ended()? {
        None if since.elapsed() > END_WITHIN => {
            Err(format!("it has not ended {END_WITHIN:?} after SIGTERM: {}", process.told()))
        }
        None => Ok(Some(process)),
        Some(status) if status.success() => Ok(None),
        Some(status) => Err(format!("it did not end in order, {status}: {}", process.told())),
    }
}
