//! What Kafka holds of the inputs and does not show yet, and how far time may pass beside it.
//!
//! A record that lies behind an open transaction is acknowledged to its sender, and no `read_committed` reader gets
//! it before that transaction has ended, whosoever it is. A payment among them was made in time, so time must not
//! pass its arrival. The driver surveys the inputs a few times a second: how far they can be read, how far they are
//! written, and when the first record between the two arrived. Time passes only as far as a survey reaches.

use std::collections::VecDeque;

use allotment::{Millis, Time};

use crate::bounds::{BEHIND_CLOCK, SURVEYS_KEPT};
use crate::merge_queue::MergeQueue;
use crate::{InputTopic, Mono, PerInput};

/// What a survey found of an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surveyed {
    /// The last stable offset: so far a `read_committed` reader can read. Asked for after `written`.
    pub stable: i64,
    /// The offset after the last record that is written.
    pub written: i64,
    /// The first record between the two, where they differ.
    pub hidden: Option<First>,
}

/// The first record of an input that is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// When it arrived, as it says itself.
    pub arrival: Time,
    /// For how long it is known already that something is hidden from this offset on.
    pub known: Millis,
}

/// What hidden records of an input do to a lane's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hiding {
    /// There are none, as far as is known.
    #[default]
    Nothing,
    /// Time does not pass the first of them.
    Holds,
    /// They have been hidden for longer than patience lasts, so time passes over them.
    Passed,
}

/// What a live lane knows of hidden records.
#[derive(Debug)]
pub(crate) struct Hidden {
    /// When the last survey was begun.
    asked: Option<Time>,
    inputs: PerInput<Surveyed>,
    /// Surveys that saw more than can be read: when each was begun, and how far the input was written.
    ahead: PerInput<VecDeque<(Time, i64)>>,
    /// When the last survey was begun that did not see the first hidden record yet, if there was one.
    unseen: PerInput<Option<Time>>,
    /// The record that is next waits for a survey, or did until one came.
    waiting: Option<Waiting>,
    /// It was waited for long enough; until there is one, records are taken without.
    given_up: bool,
    /// How long a hidden record may hold time.
    patience: Millis,
    /// How long a survey is waited for where records would bring time past a deadline.
    wait: Millis,
}

/// A record that is held: its input and its offset.
pub(crate) type Place = (InputTopic, i64);

/// A record that is next and has to wait for a survey.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    place: Place,
    /// The clock when it began to wait.
    clock: Time,
    /// Since when records have been waiting without a break.
    since: Mono,
    /// Its survey has come.
    over: bool,
}

impl Hidden {
    /// Nothing is known yet.
    pub(crate) fn new(patience: Millis, wait: Millis) -> Self {
        Self {
            asked: None,
            inputs: PerInput::default(),
            ahead: PerInput::default(),
            unseen: PerInput::default(),
            waiting: None,
            given_up: false,
            patience,
            wait,
        }
    }

    /// News: what was found by a survey that was begun at `asked`.
    pub(crate) fn surveyed(&mut self, asked: Time, inputs: PerInput<Surveyed>) {
        if self.asked.is_none_or(|last| last <= asked) {
            for (input, ahead) in self.ahead.iter_mut() {
                let Surveyed { stable, written, .. } = inputs[input];
                while let Some((then, _)) = ahead.pop_front_if(|(_, end)| *end <= stable) {
                    self.unseen[input] = Some(then);
                }
                remember(ahead, asked, written);
            }
            self.asked = Some(asked);
            self.inputs = inputs;
            self.given_up = false;
        }
    }

    /// How far time may pass where nothing is left to take; `None` where nobody knows: there was no survey, or what
    /// it saw is still on its way.
    pub(crate) fn limit(&self, merge_queue: &MergeQueue) -> Option<Time> {
        let asked = self.asked?;
        let is_here = |(input, found): (InputTopic, &Surveyed)| {
            merge_queue.load(input).0 > 0 || merge_queue.fetch_from(input) >= found.stable
        };
        let all_here = self.inputs.iter().all(is_here);
        all_here.then(|| self.first(merge_queue).min(asked.minus(BEHIND_CLOCK)))
    }

    /// How far time may pass with the records of a batch, where that is less than they say.
    pub(crate) fn reach(&self, merge_queue: &MergeQueue, clock: Time) -> Option<Time> {
        Some(self.first(merge_queue)).filter(|first| *first < clock)
    }

    /// Whether the record at `place`, which arrived at `arrival`, has to wait for a survey: the last one was begun
    /// before it arrived, and with it time would pass a deadline that is `due`, or go far beyond that survey. It does
    /// not wait for ever: a broker that is away must not stop the others.
    pub(crate) fn awaits(
        &self,
        merge_queue: &MergeQueue,
        place: Place,
        arrival: Time,
        due: impl FnOnce() -> Option<Time>,
    ) -> bool {
        // A record from the future counts as from now, and that moves on; so a survey that began
        // after the record began to wait is enough.
        let waiting = self.waiting.filter(|waiting| waiting.place == place);
        let wanted = waiting.map_or(arrival, |waiting| arrival.min(waiting.clock));
        let reached = self.given_up || self.asked.is_some_and(|asked| asked >= wanted);
        if reached {
            return false;
        }
        let time = arrival.min(self.first(merge_queue));
        let far = self.asked.is_none_or(|asked| time > asked.plus(BEHIND_CLOCK));
        far || due().is_some_and(|due| due <= time)
    }

    /// The record at `place` is next and waits for a survey. Where records have waited for long enough, they go on
    /// without one.
    pub(crate) fn wait(&mut self, place: Place, mono: Mono, clock: Time) {
        let since = self.waiting.filter(|waiting| !waiting.over).map_or(mono, |last| last.since);
        let same = self.waiting.filter(|waiting| waiting.place == place);
        let clock = same.map_or(clock, |waiting| waiting.clock);
        self.waiting = Some(Waiting { place, clock, since, over: false });
        self.given_up = mono >= since.plus(self.wait);
    }

    /// The record at `next` is next, if there is one, and waits for nothing. Until it is taken it is known that it did.
    pub(crate) fn go_on(&mut self, next: Option<Place>) {
        let same = self.waiting.filter(|waiting| next == Some(waiting.place));
        self.waiting = same.map(|waiting| Waiting { over: true, ..waiting });
    }

    /// Something waits for the next survey.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.waiting.is_some_and(|waiting| !waiting.over)
    }

    /// What hidden records of each input do.
    pub(crate) fn hiding(&self, merge_queue: &MergeQueue) -> PerInput<Hiding> {
        PerInput::from_fn(|input| match self.hides(input, merge_queue) {
            None => Hiding::Nothing,
            Some(first) if first.known > self.patience => Hiding::Passed,
            Some(_) => Hiding::Holds,
        })
    }

    /// The arrival of the first record that time must not pass.
    fn first(&self, merge_queue: &MergeQueue) -> Time {
        let arrival = |input| {
            let first =
                self.hides(input, merge_queue).filter(|first| first.known <= self.patience)?;
            // A record's own time may be none, or far ahead; it arrived between two surveys.
            let seen = self.asked.unwrap_or(Time::MIN).minus(first.known);
            let is_credible = first.arrival <= seen;
            Some(if is_credible {
                first.arrival
            } else {
                self.unseen[input].unwrap_or(seen).min(seen)
            })
        };
        InputTopic::ALL.into_iter().filter_map(arrival).min().unwrap_or(Time::NEVER)
    }

    /// The first hidden record of an input, until all that the survey saw has been fetched: there may be another
    /// transaction behind the first.
    fn hides(&self, input: InputTopic, merge_queue: &MergeQueue) -> Option<First> {
        let found = self.inputs[input];
        found.hidden.filter(|_| merge_queue.fetch_from(input) < found.written)
    }
}

/// Adds a survey to those that saw more than can be read. Where they are too many, one is forgotten that others are
/// close to: then the one before it counts, and time is held a little earlier.
fn remember(ahead: &mut VecDeque<(Time, i64)>, asked: Time, written: i64) {
    // A broker that has just become the leader may show less for a moment; what was there is there.
    let written = ahead.back().map_or(written, |(_, end)| written.max(*end));
    ahead.pop_back_if(|(_, end)| *end == written);
    ahead.push_back((asked, written));
    if ahead.len() > SURVEYS_KEPT {
        let gap = |place: &usize| ahead[place + 1].0.0 - ahead[place - 1].0.0;
        let closest = (1..ahead.len() - 1).min_by_key(gap);
        closest.and_then(|place| ahead.remove(place));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use InputTopic::{Comments, Orders, Reroute, Stock};

    const PATIENCE: Millis = Millis(900_000);
    const WAIT: Millis = Millis(1_000);

    fn hidden() -> Hidden {
        Hidden::new(PATIENCE, WAIT)
    }

    /// A merge queue that has fetched and taken everything up to these offsets: reroute, stock, orders, comments.
    fn fetched(to: [i64; 4]) -> MergeQueue {
        let mut merge_queue = MergeQueue::default();
        merge_queue.start(&PerInput::default());
        for (input, to) in [Reroute, Stock, Orders, Comments].into_iter().zip(to) {
            merge_queue.fetched(input, Vec::new(), to, true);
        }
        merge_queue
    }

    fn survey(orders: Surveyed) -> PerInput<Surveyed> {
        let mut found = PerInput::default();
        found[Orders] = orders;
        found
    }

    fn hides(stable: i64, written: i64, arrival: i64, known: i64) -> Surveyed {
        let first = First { arrival: Time(arrival), known: Millis(known) };
        Surveyed { stable, written, hidden: Some(first) }
    }

    #[test]
    fn time_passes_as_far_as_a_survey_reaches_once_what_it_saw_is_here() {
        let mut hidden = hidden();
        let none = fetched([0; 4]);
        assert_eq!(hidden.limit(&none), None, "nobody has looked");
        let found = survey(Surveyed { stable: 3, written: 3, hidden: None });
        hidden.surveyed(Time(60_000), found);
        assert_eq!(hidden.limit(&none), None, "three records are on their way");
        let all = fetched([0, 0, 3, 0]);
        assert_eq!(hidden.limit(&all), Some(Time(59_500)));
        hidden.surveyed(Time(50_000), PerInput::default());
        assert_eq!(hidden.limit(&all), Some(Time(59_500)), "an older survey is no news");
    }

    #[test]
    fn time_stands_at_the_first_hidden_record_until_all_that_was_seen_is_fetched() {
        let mut hidden = hidden();
        hidden.surveyed(Time(60_000), survey(hides(3, 9, 42_000, 18_000)));
        let before = fetched([0, 0, 3, 0]);
        assert_eq!(hidden.limit(&before), Some(Time(42_000)));
        assert_eq!(hidden.hiding(&before)[Orders], Hiding::Holds);
        let between = fetched([0, 0, 5, 0]);
        assert_eq!(hidden.limit(&between), Some(Time(42_000)), "another one may lie behind it");
        let after = fetched([0, 0, 9, 0]);
        assert_eq!(hidden.limit(&after), Some(Time(59_500)));
        assert_eq!(hidden.hiding(&after)[Orders], Hiding::Nothing);
    }

    #[test]
    fn a_record_whose_time_is_far_ahead_holds_time_where_it_was_first_seen() {
        let mut hidden = hidden();
        hidden.surveyed(Time(60_000), survey(hides(3, 9, 1_795_000_000_000, 18_000)));
        assert_eq!(hidden.limit(&fetched([0, 0, 3, 0])), Some(Time(42_000)));
    }

    #[test]
    fn a_record_without_a_time_holds_it_where_it_was_not_there_yet() {
        let mut hidden = hidden();
        hidden.surveyed(Time(41_900), survey(Surveyed { stable: 3, written: 3, hidden: None }));
        for asked in [42_000, 43_000, 60_000] {
            let found = survey(hides(3, 9, i64::MAX, asked - 42_000));
            hidden.surveyed(Time(asked), found);
            let held = if asked == 42_000 { 41_500 } else { 41_900 };
            assert_eq!(hidden.limit(&fetched([0, 0, 3, 0])), Some(Time(held)));
        }
    }

    #[test]
    fn time_moves_on_where_transactions_always_overlap_and_their_clock_is_ahead() {
        let mut hidden = hidden();
        hidden.surveyed(Time(0), PerInput::default());
        for turn in 1..50 {
            let (asked, stable) = (turn * 100, 10 * (turn - 1));
            // Each transaction ends two surveys after it was seen first, while the next ones are open.
            let found = survey(hides(stable, stable + 20, asked + 200, 0));
            hidden.surveyed(Time(asked), found);
            let limit = hidden.limit(&fetched([0, 0, stable, 0]));
            assert!(limit >= Some(Time(asked - 500)), "{limit:?} at {asked}");
        }
    }

    #[test]
    fn what_is_remembered_of_surveys_is_bounded_and_never_too_late() {
        let mut hidden = hidden();
        hidden.surveyed(Time(0), PerInput::default());
        let kept = i64::try_from(SURVEYS_KEPT).expect("a small number");
        for turn in 1..5 * kept {
            hidden.surveyed(Time(turn), survey(hides(0, turn, i64::MAX, 0)));
            assert!(hidden.ahead[Orders].len() <= SURVEYS_KEPT);
            assert_eq!(hidden.unseen[Orders], Some(Time(0)));
        }
        // What was written when the survey at that time was begun is readable now, and no more.
        for stable in 1..5 * kept {
            hidden.surveyed(Time(5 * kept + stable), survey(hides(stable, 9 * kept, i64::MAX, 0)));
            let unseen = hidden.unseen[Orders].expect("there was a calm moment");
            assert!(unseen <= Time(stable), "{unseen:?} {stable}");
            assert!(unseen >= Time(stable - 16), "{unseen:?} {stable}");
        }
    }

    #[test]
    fn patience_ends_and_time_goes_on() {
        let mut hidden = hidden();
        let merge_queue = fetched([0, 0, 3, 0]);
        hidden.surveyed(Time(1_000_000), survey(hides(3, 9, 100_000, PATIENCE.0)));
        assert_eq!(hidden.limit(&merge_queue), Some(Time(100_000)));
        hidden.surveyed(Time(1_000_001), survey(hides(3, 9, 100_000, PATIENCE.0 + 1)));
        assert_eq!(hidden.limit(&merge_queue), Some(Time(999_501)));
        assert_eq!(hidden.hiding(&merge_queue)[Orders], Hiding::Passed);
        assert_eq!(hidden.reach(&merge_queue, Time(1_000_002)), None);
    }

    #[test]
    fn records_of_other_inputs_bring_time_no_further_than_the_first_hidden_one() {
        let mut hidden = hidden();
        let merge_queue = fetched([0, 0, 3, 0]);
        assert_eq!(hidden.reach(&merge_queue, Time(60_050)), None);
        hidden.surveyed(Time(60_000), survey(hides(3, 9, 42_000, 18_000)));
        assert_eq!(hidden.reach(&merge_queue, Time(60_050)), Some(Time(42_000)));
    }

    #[test]
    fn a_record_that_passes_a_deadline_waits_for_a_survey_that_is_as_late_but_not_for_ever() {
        let mut hidden = hidden();
        let merge_queue = fetched([0; 4]);
        let place = (Orders, 0);
        let awaits = |hidden: &Hidden, arrival| {
            hidden.awaits(&merge_queue, place, Time(arrival), || Some(Time(60_000)))
        };
        assert!(awaits(&hidden, 59_000), "nobody has looked");
        hidden.surveyed(Time(58_900), PerInput::default());
        assert!(!awaits(&hidden, 59_000), "it passes none");
        assert!(awaits(&hidden, 59_401), "it is far beyond the survey");
        assert!(awaits(&hidden, 60_005));
        hidden.wait(place, Mono(10), Time(60_010));
        hidden.surveyed(Time(60_004), PerInput::default());
        assert!(awaits(&hidden, 60_005), "the survey is from before it came");
        hidden.surveyed(Time(60_005), PerInput::default());
        assert!(!awaits(&hidden, 60_005));
        hidden.go_on(None);
        hidden.surveyed(Time(60_040), PerInput::default());
        assert!(awaits(&hidden, 60_041));
        hidden.wait(place, Mono(41), Time(60_041));
        hidden.wait(place, Mono(40 + WAIT.0), Time(61_040));
        assert!(awaits(&hidden, 60_041));
        hidden.wait(place, Mono(41 + WAIT.0), Time(61_041));
        assert!(!awaits(&hidden, 60_041), "no survey comes");
        hidden.go_on(None);
        hidden.surveyed(Time(62_000), PerInput::default());
        assert!(awaits(&hidden, 63_000), "they come again");
    }

    #[test]
    fn a_record_from_the_future_waits_for_one_survey_that_began_after_it_was_there() {
        let mut hidden = hidden();
        let merge_queue = fetched([0; 4]);
        let awaits = |hidden: &Hidden, place, clock| {
            hidden.awaits(&merge_queue, place, Time(clock), || Some(Time(60_000)))
        };
        let place = (Orders, 7);
        hidden.wait(place, Mono(0), Time(60_010));
        hidden.surveyed(Time(60_008), PerInput::default());
        assert!(hidden.is_waited_for() && awaits(&hidden, place, 60_012), "it began before");
        hidden.wait(place, Mono(2), Time(60_012));
        hidden.surveyed(Time(60_011), PerInput::default());
        assert!(!awaits(&hidden, place, 60_020), "the clock has gone on while it waited");
        hidden.go_on(Some(place));
        assert!(!hidden.is_waited_for());
        assert!(!awaits(&hidden, place, 60_020), "until it is taken");
        assert!(awaits(&hidden, (Orders, 8), 60_020), "the one behind it has not waited");
    }

    #[test]
    fn a_record_that_brings_time_no_further_than_what_is_hidden_waits_for_nothing() {
        let mut hidden = hidden();
        let merge_queue = fetched([0, 0, 3, 0]);
        hidden.surveyed(Time(60_000), survey(hides(3, 9, 42_000, 18_000)));
        assert!(!hidden.awaits(&merge_queue, (Orders, 3), Time(60_005), || Some(Time(60_000))));
    }
}
