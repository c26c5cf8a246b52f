//! Third step of an event's way: it has its effect. The partition's state, and the only way into it.
//!
//! It is shared by the live lane, by the replay and by `granary process`, so that all three decide alike. It knows
//! neither bytes nor topics: an input goes in, and what was decided comes out.

use allotment::{
    Body, Code, Effect, Effects, Input, Page, Partition, TOO_MANY_POOLS, Taken, Time,
    bounds::FUTURE_MAX,
};
use contract::{Rejection, words};

use crate::home::Here;

/// One partition's state.
#[derive(Debug)]
pub(crate) struct Engine {
    core: Partition,
    pub(crate) here: Here,
    events: u64,
}

/// When an input is applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Time passes up to this, where it is not later already.
    pub(crate) now: Time,
    /// The clock of the batch, where the input came in a record with a time of its own.
    pub(crate) clock: Option<Time>,
}

/// What became of an input.
#[derive(Debug)]
pub(crate) struct Applied {
    /// What was decided, in order.
    pub(crate) effects: Vec<Effect>,
    /// So many of them, the first ones, come from the passing of time before the input.
    pub(crate) by_time: usize,
    pub(crate) verdict: Verdict,
}

/// Whether an input was taken.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It had its effect; the type of the event.
    Taken(&'static str),
    /// It can't be taken.
    Refused {
        code: Code,
        /// Why, for people.
        message: String,
        /// Its pool was one too many.
        turned_away: bool,
    },
}

impl Engine {
    pub(crate) fn new(settings: allotment::Settings, here: Here) -> Self {
        Self { core: Partition::new(settings), here, events: 0 }
    }

    /// A partition that was loaded from a checkpoint.
    pub(crate) fn loaded(core: Partition, here: Here, events: u64) -> Self {
        Self { core, here, events }
    }

    /// From here on an hour may bring so many new pools.
    pub(crate) const fn allow_pools(&mut self, an_hour: u32) {
        self.core.allow_pools(an_hour);
    }

    /// How many new pools an hour may bring.
    pub(crate) const fn new_pools(&self) -> u32 {
        self.core.pools_allowed()
    }

    /// From here on [`Engine::next_pages`] gives the partition as it is now.
    pub(crate) fn freeze(&mut self) {
        self.core.freeze();
    }

    /// The next pages that have changed; none when all were given.
    pub(crate) fn next_pages(&mut self, bytes: usize) -> Vec<Page> {
        self.core.next_pages(bytes)
    }

    /// Every page counts as changed.
    pub(crate) fn touch_all(&mut self) {
        self.core.touch_all();
    }

    /// A record arrives at `now`. Before its first record a partition knows no time; an answer to a bad one must bear
    /// some.
    pub(crate) fn begin(&mut self, now: Time) {
        if self.core.now() == Time::MIN {
            let effects = self.advance(now);
            assert!(
                effects.is_empty(),
                "nothing is due in a partition to which nothing has happened"
            );
        }
    }

    /// Gives an input its effect, or says why it can't be taken.
    pub(crate) fn apply(
        &mut self,
        input: Input,
        rejection: Option<Rejection>,
        Moment { now, clock }: Moment,
    ) -> Applied {
        self.events += 1;
        let mut effects = Effects::default();
        let before = self.core.now();
        // What is no event does not move time.
        let now = if rejection.is_some() { before } else { now.max(before) };
        let kind = kind(&input);
        let fault = clock.and_then(|clock| time_at_fault(&input, clock));
        let taken = self.core.apply(now, input, &mut effects);
        let (by_time, list) = (self.core.told_by_time(), effects.list);
        assert!(by_time <= list.len(), "{by_time} of {} effects come from time", list.len());
        let after = self.core.now();
        let passed = before <= after && after <= now;
        assert!(passed, "time was {before:?} and was to pass to {now:?}, it is {after:?}");
        Applied { effects: list, by_time, verdict: verdict(kind, rejection, taken, fault) }
    }

    /// Refuses an input that was rerouted to this partition and whose home is another one. To apply it would give its
    /// pool a second life here, so it is counted as input that nobody can read.
    pub(crate) fn refuse_astray(&mut self, input: &Input, home: u32) -> Applied {
        assert_ne!(home, self.here.index, "what is at home here is applied");
        let code = Code::OutOfRange;
        let here = self.here.index;
        let message = format!("rerouted to partition {here}, but the pool's home is {home}");
        let body = Body::Rejected(allotment::Rejected { code, order: None });
        let unread = Input { pool: allotment::Id::default(), arrival: input.arrival, body };
        let moment = Moment { now: Time::MIN, clock: None };
        self.apply(unread, Some(Rejection { code, message }), moment)
    }

    /// Whether [`Engine::apply`] would let time pass up to `now`.
    pub(crate) fn takes(&self, now: Time, input: &Input, rejection: Option<&Rejection>) -> bool {
        rejection.is_none() && self.core.takes(now, input)
    }

    /// Lets time pass.
    pub(crate) fn advance(&mut self, now: Time) -> Vec<Effect> {
        let before = self.core.now();
        let mut effects = Effects::default();
        self.core.advance(now.max(before), &mut effects);
        let after = self.core.now();
        assert_eq!(after, now.max(before), "time has passed to where it was to, and not back");
        effects.list
    }

    /// The levels that the batch changed; once a batch, at its end.
    pub(crate) fn levels(&mut self) -> Vec<Effect> {
        let mut effects = Effects::default();
        self.core.levels(&mut effects);
        effects.list
    }

    /// At once the alerts that are still adding up.
    pub(crate) fn flush_alerts(&mut self) -> Vec<Effect> {
        let mut effects = Effects::default();
        self.core.flush_alerts(&mut effects);
        effects.list
    }

    /// Events taken since the beginning.
    pub(crate) const fn events(&self) -> u64 {
        self.events
    }

    pub(crate) fn holds(&self) -> allotment::Holds {
        self.core.holds()
    }

    pub(crate) fn digest(&self) -> u128 {
        self.core.digest()
    }

    pub(crate) fn now(&self) -> Time {
        self.core.now()
    }

    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.core.next_deadline()
    }

    /// When time next gives memory back beside what is due.
    pub(crate) fn next_ending(&self) -> Option<Time> {
        self.core.next_ending()
    }

    /// Gives back what time has made needless.
    pub(crate) fn drop_ended(&mut self) {
        self.core.drop_ended();
    }
}

/// What became of an input, from what the contract and the core say of it.
fn verdict(
    kind: Option<&'static str>,
    rejection: Option<Rejection>,
    taken: Taken,
    fault: Option<TimeAtFault>,
) -> Verdict {
    let turned_away = matches!(taken, Taken::Refused { about, .. } if about == TOO_MANY_POOLS);
    let refused = |code, message| Verdict::Refused { code, message, turned_away };
    match (rejection, taken) {
        (Some(Rejection { code, message }), Taken::Refused { about, .. }) => {
            refused(code, format!("{message}; {about}"))
        }
        (Some(Rejection { code, message }), Taken::Applied) => refused(code, message),
        (None, Taken::Refused { code, about }) => {
            let fault = fault.filter(|fault| fault.explains(code));
            let why = fault.map_or_else(|| about.to_owned(), |fault| fault.to_string());
            refused(code, format!("{}: {why}", code.as_str()))
        }
        (None, Taken::Applied) => Verdict::Taken(kind.expect("what is no event is a dead letter")),
    }
}

/// The type of an event; none of what is not one.
const fn kind(input: &Input) -> Option<&'static str> {
    match &input.body {
        Body::Event(event) => Some(words::event(&event.what)),
        Body::Rejected(_) => None,
    }
}

/// A record's own time that does not go with its event's.
#[derive(Clone, Copy, Debug)]
struct TimeAtFault {
    record: Time,
    event: Time,
}

/// The event would not be from the future now, but its record says that it arrived long before. A producer's clock may be a
/// little ahead of the lane's, so the event may be later than that shows.
fn time_at_fault(input: &Input, clock: Time) -> Option<TimeAtFault> {
    let Body::Event(event) = &input.body else { return None };
    let (record, event) = (input.arrival, event.occurred_at);
    let fault = event > record.plus(FUTURE_MAX) && event <= clock.plus(FUTURE_MAX);
    fault.then_some(TimeAtFault { record, event })
}

impl TimeAtFault {
    const fn explains(self, code: Code) -> bool {
        matches!(code, Code::Future | Code::Stale)
    }
}

impl std::fmt::Display for TimeAtFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (record, event) = (contract::rfc3339(self.record), contract::rfc3339(self.event));
        write!(
            f,
            "occurred_at is {event}, and the timestamp of the Kafka record is {record}, long before it. Where the record's \
             is wrong: its producer must send the present time in milliseconds, or none"
        )
    }
}
