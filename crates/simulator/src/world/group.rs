//! The consumer group: who has which partition, as far as it knows, and what each process knows of that.

use allotment::{Millis, Time};

use traffic::rng::Rng;

/// Between two heartbeats; so long it takes until a member hears what was decided.
const HEARTBEAT: i64 = 3000;

/// The group, as its coordinator has it.
#[derive(Debug)]
pub(super) struct Group {
    rng: Rng,
    session: Millis,
    hasty: i64,
    owners: Vec<Option<usize>>,
    members: Vec<Member>,
}

#[derive(Clone, Debug)]
struct Member {
    /// It is counted as a member; static, so also for a while after it has gone silent.
    joined: bool,
    awake: bool,
    alive_at: Time,
    /// What is its own, as far as it has heard, and whether it may begin before the last owner has ended.
    view: Vec<Option<Hasty>>,
    hears_at: Option<Time>,
}

/// Whether a new owner begins at once, or waits until the last one has given up.
pub(super) type Hasty = bool;

impl Group {
    /// Nobody has joined yet.
    #[must_use]
    pub(super) fn new(
        rng: Rng,
        partitions: u32,
        processes: usize,
        session: Millis,
        hasty: i64,
    ) -> Self {
        let nobody = Member {
            joined: false,
            awake: false,
            alive_at: Time::MIN,
            view: vec![None; partitions as usize],
            hears_at: None,
        };
        let owners = vec![None; partitions as usize];
        Self { rng, session, hasty, owners, members: vec![nobody; processes] }
    }

    /// What the process has been told to be its own.
    #[must_use]
    pub(super) fn view(&self, process: usize, partition: u32) -> Option<Hasty> {
        self.members[process].view[partition as usize]
    }

    /// Whether the group counts the process as a member.
    #[must_use]
    pub(super) fn has(&self, process: usize) -> bool {
        self.members[process].joined
    }

    /// Whether everybody has heard what there is to hear, and everything has an owner.
    #[must_use]
    pub(super) fn is_settled(&self) -> bool {
        self.owners.iter().all(Option::is_some)
            && self.members.iter().all(|member| member.hears_at.is_none() && member.awake)
    }

    /// Time passes: those who are awake give a sign of life, and hear; who was silent for too long is out.
    pub(super) fn tick(&mut self, now: Time, awake: &[bool]) {
        for (process, awake) in awake.iter().enumerate() {
            let woke = *awake && !self.members[process].awake;
            self.members[process].awake = *awake;
            if *awake {
                self.members[process].alive_at = now;
                if !self.members[process].joined {
                    self.members[process].joined = true;
                    self.spread(now);
                }
                if woke {
                    let hears_at = now.plus(Millis(self.rng.between(20, HEARTBEAT)));
                    self.members[process].hears_at = Some(hears_at);
                }
            } else if self.members[process].joined && now >= self.out_at(process) {
                self.leave(process, now);
            }
            if *awake && self.members[process].hears_at.is_some_and(|at| at <= now) {
                self.hear(process);
            }
        }
    }

    /// When [`Group::tick`] has something to do.
    #[must_use]
    pub(super) fn next_wake(&self) -> Option<Time> {
        let of = |(process, member): (usize, &Member)| {
            if member.awake { member.hears_at } else { member.joined.then(|| self.out_at(process)) }
        };
        self.members.iter().enumerate().filter_map(of).min()
    }

    /// The process is gone, and with it what it had heard.
    pub(super) fn forget(&mut self, process: usize) {
        let member = &mut self.members[process];
        member.awake = false;
        member.hears_at = None;
        member.view.fill(None);
    }

    /// The process leaves, or is put out.
    pub(super) fn leave(&mut self, process: usize, now: Time) {
        self.members[process].joined = false;
        for owner in &mut self.owners {
            if *owner == Some(process) {
                *owner = None;
            }
        }
        self.spread(now);
    }

    /// Gives a partition to somebody else; false where there is nobody.
    pub(super) fn move_away(&mut self, partition: u32, now: Time) -> bool {
        let at = partition as usize;
        let others: Vec<usize> =
            self.joined().filter(|member| Some(*member) != self.owners[at]).collect();
        if others.is_empty() {
            return false;
        }
        self.owners[at] = Some(*self.rng.one_of(&others));
        self.tell(now);
        true
    }

    fn out_at(&self, process: usize) -> Time {
        self.members[process].alive_at.plus(self.session)
    }

    fn joined(&self) -> impl Iterator<Item = usize> + '_ {
        self.members.iter().enumerate().filter(|(_, member)| member.joined).map(|(at, _)| at)
    }

    /// Gives everything an owner, and everybody about as much.
    fn spread(&mut self, now: Time) {
        let joined: Vec<usize> = self.joined().collect();
        let load = |owners: &[Option<usize>], member: usize| {
            owners.iter().filter(|owner| **owner == Some(member)).count()
        };
        for at in 0..self.owners.len() {
            let least = joined.iter().copied().min_by_key(|one| load(&self.owners, *one));
            let fair = |owner: usize| {
                least.is_none_or(|least| load(&self.owners, owner) <= load(&self.owners, least) + 1)
            };
            if !self.owners[at].is_some_and(fair) {
                self.owners[at] = least;
            }
        }
        self.tell(now);
    }

    fn tell(&mut self, now: Time) {
        for member in self.members.iter_mut().filter(|member| member.joined) {
            let at = now.plus(Millis(self.rng.between(1, HEARTBEAT)));
            member.hears_at = Some(member.hears_at.map_or(at, |earlier| earlier.min(at)));
        }
    }

    fn hear(&mut self, process: usize) {
        self.members[process].hears_at = None;
        for at in 0..self.owners.len() {
            let mine = self.owners[at] == Some(process);
            let view = &mut self.members[process].view[at];
            if !mine {
                *view = None;
            } else if view.is_none() {
                *view = Some(self.rng.percent(self.hasty));
            }
        }
    }
}
