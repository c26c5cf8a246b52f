//! The lane handed events one by one: what it asks for, in which order, and what it ignores.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use allotment::{Millis, Time};
use contract::{Encoder, Topic};
use lane::{
    Cause, Described, Effect, Event, First, Hiding, InputSpan, InputTopic, JournalRecord, Lane,
    Limits, Mono, Opened, PerInput, RULES, Record, Settings, Span, Stage, Surveyed, TopicId,
    Transaction,
};

const START: Time = Time(1_795_348_800_000);

/// What the monotonic clock shows when the brokers' shows this.
fn mono(clock: Time) -> Mono {
    Mono(clock.0 - START.0 + 77)
}

fn settings() -> Settings {
    Settings {
        partition: 0,
        allotment: allotment::Settings::default(),
        time_zone: "Asia/Shanghai".to_owned(),
        encodings: PerInput::default(),
        names: PerInput::from_fn(|input| input.topic().default_name().to_owned()),
        encoder: Encoder::default(),
        limits: Limits { batch_records: 2, held_records: 3, ..Limits::default() },
        checkpoints: None,
        rules: RULES,
    }
}

/// A lane, and the brokers' clock.
struct Desk {
    lane: Lane,
    clock: Time,
    tag: u64,
}

impl Desk {
    /// A lane that wants its topics opened.
    fn begun() -> Self {
        let mut lane = Lane::new(settings()).unwrap();
        let mut effects = Vec::new();
        lane.start(mono(START), &mut effects);
        assert_eq!(effects, [Effect::Open]);
        Self { lane, clock: START, tag: 0 }
    }

    /// A lane with empty topics, live, nothing fetched yet; it knows what time it is, and that nothing is hidden.
    fn live() -> Self {
        let mut desk = Self::begun();
        let first = desk.open();
        let [Effect::Transact(learns)] = &first[..] else { panic!("{first:?}") };
        assert!(learns.counts.records == 0 && learns.records.len() == 1, "it takes nothing");
        assert_eq!(learns.offsets, InputTopic::ALL.map(|input| (input, 0)), "all are committed");
        assert_eq!(desk.committed(), []);
        assert_eq!(desk.surveyed(&[]), []);
        desk
    }

    /// The transaction under way is committed.
    fn committed(&mut self) -> Vec<Effect> {
        self.handle(Event::Committed { appended: Some(self.clock) })
    }

    /// What it wants done once it is live.
    fn open(&mut self) -> Vec<Effect> {
        let span = Span { earliest: 0, end: 0 };
        let inputs = PerInput::from_fn(|_| InputSpan { span, committed: None });
        let effects = self.handle(Event::Opened(Opened {
            shut_out: true,
            partitions: 1,
            elsewhere: None,
            topics: topics(1),
            journal: span,
            checkpoints: span,
            inputs,
        }));
        let (follows, rest) = effects.split_at(4);
        assert!(follows.iter().all(|effect| matches!(effect, Effect::Follow { from: 0, .. })));
        self.tag = tag_of(follows);
        let [Effect::Ready { transactions: 0 }, first @ ..] = rest else { panic!("{effects:?}") };
        first.to_vec()
    }

    fn handle(&mut self, event: Event) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.lane.handle(mono(self.clock), event, &mut effects);
        effects
    }

    fn fetched(
        &mut self,
        input: InputTopic,
        offsets: std::ops::Range<i64>,
        at_end: bool,
    ) -> Vec<Effect> {
        let timestamp = self.clock;
        let record = |offset| Record {
            offset,
            timestamp,
            key: None,
            headers: Vec::new(),
            value: Some(b"{}".to_vec()),
        };
        self.handle(Event::Fetched {
            input,
            tag: self.tag,
            next: offsets.end,
            records: offsets.map(record).collect(),
            at_end,
        })
    }

    /// A survey of right now. Of the inputs that are not named everything can be read.
    fn surveyed(&mut self, found: &[(InputTopic, Surveyed)]) -> Vec<Effect> {
        let found = |input| found.iter().find(|(of, _)| *of == input).map(|(_, found)| *found);
        let inputs = PerInput::from_fn(|input| found(input).unwrap_or_default());
        self.handle(Event::Surveyed { ago: Millis(0), inputs })
    }

    /// Nothing to read on any input.
    fn all_at_end(&mut self) {
        for input in InputTopic::ALL {
            assert_eq!(self.fetched(input, 0..0, true), []);
        }
    }
}

/// The inputs as the brokers describe them where they were made for the `time`th time.
fn topics(time: i64) -> PerInput<Described> {
    PerInput::from_fn(|_| Described { id: TopicId::of_halves(time, 0), partitions: 1 })
}

fn tag_of(effects: &[Effect]) -> u64 {
    let Some(Effect::Follow { tag, .. }) = effects.first() else { panic!("{effects:?}") };
    *tag
}

/// The one transaction that is asked for.
fn transaction(effects: Vec<Effect>) -> Transaction {
    let [Effect::Transact(transaction)] = &effects[..] else { panic!("{effects:?}") };
    Transaction::clone(transaction)
}

#[test]
fn one_transaction_at_a_time_and_the_journal_is_the_last_of_its_records() {
    let mut desk = Desk::live();
    desk.all_at_end();
    let first = transaction(desk.fetched(InputTopic::Orders, 5..8, true));
    assert_eq!(first.offsets, [(InputTopic::Orders, 7)], "two records a batch");
    assert_eq!(first.oldest, Some(desk.clock));
    let journal = &first.records.last().unwrap().record;
    assert_eq!(journal.topic, Topic::Journal);
    assert!(
        first.records.iter().filter(|produce| produce.record.topic == Topic::Journal).count() == 1
    );
    let written = JournalRecord::decode(journal.value.as_ref().unwrap()).unwrap();
    assert_eq!((written.sequence, written.epoch, written.events), (2, 1, 2));
    assert_eq!(written.clock, START);
    assert_eq!(desk.fetched(InputTopic::Orders, 8..9, true), [], "the first is not committed yet");
    assert_eq!(desk.handle(Event::Tick), []);
    let second = transaction(desk.committed());
    assert_eq!(second.offsets, [(InputTopic::Orders, 9)]);
}

#[test]
fn time_does_not_follow_a_look_from_before_the_transaction_that_is_under_way() {
    let followed = |transaction: Transaction| {
        let value = transaction.records.last().unwrap().record.value.clone();
        JournalRecord::decode(&value.unwrap()).unwrap().followed
    };
    let mut desk = Desk::live();
    desk.all_at_end();
    assert_eq!(followed(transaction(desk.fetched(InputTopic::Orders, 0..1, true))), None);
    // The driver looked, then it committed, and hands on only now that it had looked.
    for after in [400, 800] {
        desk.clock = START.plus(Millis(after));
        assert_eq!(desk.handle(Event::Tick), []);
    }
    assert_eq!(desk.committed(), []);
    assert_eq!(desk.surveyed(&[]), []);
    assert_eq!(followed(transaction(desk.fetched(InputTopic::Orders, 1..2, true))), None);
    assert_eq!(desk.committed(), []);
    assert_eq!(desk.surveyed(&[]), []);
    assert_eq!(desk.handle(Event::Tick), [], "this look is a new one");
    let third = transaction(desk.fetched(InputTopic::Orders, 2..3, true));
    assert_eq!(followed(third), Some(START.plus(Millis(300))));
}

#[test]
fn a_partition_that_was_added_under_a_running_deployment_is_not_begun() {
    let mut lane = Lane::new(Settings { partition: 1, ..settings() }).unwrap();
    let mut effects = Vec::new();
    lane.start(mono(START), &mut effects);
    let opened = Opened {
        shut_out: true,
        partitions: 2,
        elsewhere: Some(1),
        topics: PerInput::default(),
        journal: Span::default(),
        checkpoints: Span::default(),
        inputs: PerInput::from_fn(|_| InputSpan::default()),
    };
    effects.clear();
    lane.handle(mono(START), Event::Opened(opened), &mut effects);
    let [Effect::Halt(halt)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(halt.cause, Cause::Partitions { journal: 1, topics: 2 });
}

#[test]
fn an_owner_writes_down_once_which_topics_its_inputs_are() {
    let mut desk = Desk::begun();
    let ids = |transaction: Transaction| {
        let value = transaction.records.last().unwrap().record.value.clone();
        JournalRecord::decode(&value.unwrap()).unwrap().topics
    };
    let expected = PerInput::from_fn(|input| topics(1)[input].id);
    assert_eq!(ids(transaction(desk.open())), expected);
    desk.committed();
    desk.surveyed(&[]);
    desk.all_at_end();
    let second = transaction(desk.fetched(InputTopic::Orders, 0..1, true));
    assert_eq!(ids(second), PerInput::default());
}

#[test]
fn a_lane_stops_for_good_when_an_input_is_another_topic() {
    let mut desk = Desk::live();
    desk.all_at_end();
    assert_eq!(desk.handle(Event::Described(topics(1))), []);
    // One that is not there just now, and brokers that give no ids: nothing is known.
    assert_eq!(desk.handle(Event::Described(PerInput::default())), []);
    let mut described = topics(1);
    described[InputTopic::Stock] = topics(2)[InputTopic::Stock];
    let effects = desk.handle(Event::Described(described));
    let [Effect::Halt(halt)] = &effects[..] else { panic!("{effects:?}") };
    let (journal, found) = (TopicId::of_halves(1, 0).unwrap(), TopicId::of_halves(2, 0).unwrap());
    let topic = "granary.stock".to_owned();
    assert_eq!(halt.cause, Cause::MadeAgain { input: InputTopic::Stock, topic, journal, found });
}

#[test]
fn what_is_held_is_bounded() {
    let mut desk = Desk::live();
    desk.all_at_end();
    transaction(desk.fetched(InputTopic::Orders, 0..2, false));
    assert!(desk.lane.wants(InputTopic::Orders));
    desk.fetched(InputTopic::Orders, 2..5, false);
    assert!(!desk.lane.wants(InputTopic::Orders), "three are held");
    assert!(desk.lane.wants(InputTopic::Stock), "each input has bounds of its own");
    transaction(desk.committed());
    assert!(desk.lane.wants(InputTopic::Orders));
}

#[test]
fn an_input_that_stays_silent_is_waited_for_but_not_for_ever() {
    let mut desk = Desk::live();
    for input in [InputTopic::Reroute, InputTopic::Comments] {
        desk.fetched(input, 0..0, true);
    }
    assert_eq!(
        desk.fetched(InputTopic::Orders, 0..1, true),
        [],
        "stock may have something earlier"
    );
    let wake = desk.lane.next_wake().unwrap();
    let wait = Limits::default().merge_wait;
    assert_eq!(wake, mono(START.plus(wait)));
    desk.clock = START.plus(wait).minus(Millis(1));
    assert_eq!(desk.handle(Event::Tick), []);
    desk.clock = START.plus(wait);
    assert_eq!(transaction(desk.handle(Event::Tick)).offsets, [(InputTopic::Orders, 1)]);
}

#[test]
fn news_of_before_is_no_news() {
    let mut desk = Desk::live();
    desk.all_at_end();
    transaction(desk.fetched(InputTopic::Orders, 0..1, true));
    let effects = desk.handle(Event::Broken { why: "connection reset".to_owned() });
    assert_eq!(
        effects,
        [Effect::Recovering { why: "connection reset".to_owned(), cause: None }, Effect::Open]
    );
    assert!(!desk.lane.wants(InputTopic::Orders));
    assert_eq!(desk.fetched(InputTopic::Orders, 1..2, true), []);
    let old = desk.tag;
    assert_eq!(desk.open(), [], "it knows what time it is");
    assert_eq!(desk.surveyed(&[]), []);
    assert_ne!(desk.tag, old);
    desk.all_at_end();
    let tag = std::mem::replace(&mut desk.tag, old);
    assert_eq!(desk.fetched(InputTopic::Orders, 1..2, true), []);
    let gone = Event::OutOfRange { input: InputTopic::Orders, tag: old, why: String::new() };
    assert_eq!(desk.handle(gone), []);
    desk.tag = tag;
    let offsets = transaction(desk.fetched(InputTopic::Orders, 0..1, true)).offsets;
    let ended = |input| i64::from(input == InputTopic::Orders);
    assert_eq!(offsets, InputTopic::ALL.map(|input| (input, ended(input))), "its first has all");
}

#[test]
fn it_stops_when_its_transaction_is_done() {
    let mut desk = Desk::live();
    desk.all_at_end();
    transaction(desk.fetched(InputTopic::Orders, 0..2, false));
    desk.fetched(InputTopic::Orders, 2..3, true);
    assert_eq!(desk.handle(Event::Stop), []);
    assert_eq!(desk.committed(), [Effect::Stopped]);
    assert_eq!((desk.lane.status().stage, desk.lane.next_wake()), (Stage::Ended, None));
    assert_eq!(desk.handle(Event::Tick), [], "it says so once");
}

#[test]
fn it_stops_at_once_where_nothing_is_under_way() {
    assert_eq!(Desk::live().handle(Event::Stop), [Effect::Stopped]);
    let mut desk = Desk::live();
    assert!(
        matches!(desk.handle(Event::Fenced)[..], [Effect::Recovering { .. }]),
        "it waits before it opens"
    );
    assert_eq!(desk.handle(Event::Stop), [Effect::Stopped]);
}

#[test]
fn an_arrival_is_never_later_than_the_clock() {
    let mut desk = Desk::live();
    desk.all_at_end();
    let day = Millis::from_secs(24 * 60 * 60);
    let (clock, early) = (desk.clock, desk.clock.plus(day));
    let policy =
        format!(r#"{{"type":"pool.policy","event_id":"1","pool":"p","occurred_at":{}}}"#, clock.0);
    let value = Some(policy.into_bytes());
    let record = Record { offset: 0, timestamp: early, key: None, headers: Vec::new(), value };
    transaction(desk.handle(Event::Fetched {
        input: InputTopic::Stock,
        tag: desk.tag,
        records: vec![record],
        next: 0,
        at_end: true,
    }));
    assert_eq!(desk.lane.status().now, Some(clock));
}

#[test]
fn a_lane_is_woken_in_time_to_know_that_it_was_not_stopped() {
    let mut desk = Desk::live();
    desk.all_at_end();
    let wake = desk.lane.next_wake().unwrap();
    assert!(wake > mono(desk.clock) && wake <= mono(desk.clock.plus(Millis(1000))));
    desk.clock = desk.clock.plus(wake.since(mono(desk.clock)));
    assert_eq!(desk.handle(Event::Tick), []);
    desk.clock = desk.clock.plus(Millis(10_000));
    let effects = desk.handle(Event::Tick);
    assert_eq!(effects.len(), 4, "what is at the end has to be found out again: {effects:?}");
    assert_eq!(tag_of(&effects), desk.tag + 1);
    assert!(!desk.lane.status().caught_up);
}

/// Lets time pass as for a lane that is at the end of its inputs and is called as it asks to be.
fn idle(desk: &mut Desk, until: Time) {
    while desk.clock < until {
        desk.clock = desk.clock.plus(Millis(200)).min(until);
        assert_eq!(desk.surveyed(&[]), [], "nothing is due yet");
        assert_eq!(desk.handle(Event::Tick), [], "nothing is due yet");
    }
}

#[test]
fn time_does_not_pass_over_what_came_during_a_long_commit() {
    let mut desk = Desk::live();
    desk.all_at_end();
    // The first that can't be taken opens a window of ten seconds, in which such alerts are added up.
    transaction(desk.fetched(InputTopic::Orders, 0..1, true));
    assert_eq!(desk.committed(), []);
    idle(&mut desk, START.plus(Millis(9_600)));
    transaction(desk.fetched(InputTopic::Orders, 1..2, true));
    desk.clock = START.plus(Millis(12_000));
    assert_eq!(desk.committed(), [], "nobody has looked at the inputs since");
    desk.clock = desk.clock.plus(Millis(1));
    assert_eq!(desk.handle(Event::Tick), [], "what came meanwhile may still be on its way");
    assert_eq!(desk.fetched(InputTopic::Orders, 2..3, true), []);
    assert!(desk.lane.wants_survey(), "it would bring time past what is due");
    let next = transaction(desk.surveyed(&[]));
    let journal = next.records.last().unwrap().record.value.clone().unwrap();
    let followed = JournalRecord::decode(&journal).unwrap().followed;
    assert_eq!(followed, None, "the record is seen before time passes");
}

#[test]
fn nothing_is_decided_before_the_brokers_have_said_what_time_it_is() {
    let mut desk = Desk::begun();
    let learns = transaction(desk.open());
    let journal = JournalRecord::decode(learns.records[0].record.value.as_ref().unwrap()).unwrap();
    assert!(journal.is_idle());
    assert_eq!((journal.sequence, journal.clock), (1, Time(0)));
    assert!(journal.taken.iter().all(|(_, range)| range.is_some()), "the first names all inputs");
    desk.all_at_end();
    assert_eq!(desk.fetched(InputTopic::Orders, 0..1, true), []);
    assert_eq!((desk.handle(Event::Tick), desk.lane.clock_at(mono(START))), (vec![], None));
    let hours = Millis::from_secs(5 * 3600);
    let appended = Some(START.plus(hours));
    assert_eq!(desk.handle(Event::Committed { appended }), []);
    let first = transaction(desk.surveyed(&[]));
    let journal = first.records.last().unwrap().record.value.clone().unwrap();
    assert_eq!(JournalRecord::decode(&journal).unwrap().clock, START.plus(hours));
    assert_eq!(
        desk.lane.clock_at(mono(START.plus(Millis(10)))),
        appended.map(|at| at.plus(Millis(10)))
    );
}

#[test]
fn brokers_that_do_not_say_what_time_it_is_are_no_brokers_for_a_lane() {
    let mut desk = Desk::begun();
    transaction(desk.open());
    let effects = desk.handle(Event::Committed { appended: None });
    let [Effect::Halt(halt)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(halt.cause, Cause::NoAppendTime);
    assert!(halt.to_string().contains("message.timestamp.type=LogAppendTime"), "{halt}");
    let mut desk = Desk::live();
    desk.all_at_end();
    transaction(desk.fetched(InputTopic::Orders, 0..1, true));
    assert_eq!(desk.handle(Event::Committed { appended: None }), [], "once it knows, it goes on");
}

#[test]
fn an_assertion_that_fails_stops_the_lane_and_names_its_state() {
    let mut desk = Desk::live();
    let effects = desk.committed();
    let [Effect::Halt(halt)] = &effects[..] else { panic!("{effects:?}") };
    let Cause::Assertion { what, state } = &halt.cause else { panic!("{halt}") };
    assert!(what.contains("the driver answers a transaction once"), "{what}");
    assert!(state.contains("Live after transaction 1: 0 events"), "{state}");
    assert!(state.contains("orders up to 0"), "{state}");
    assert_eq!(desk.handle(Event::Tick), [], "it is at its end");
}

/// An event of the pool `p`, as a record that arrives now.
fn event(desk: &Desk, offset: i64, text: &str) -> Record {
    let at = desk.clock.0;
    let value = format!(r#"{{"pool":"p","platform":"d","occurred_at":{at},{text}}}"#);
    let (timestamp, value) = (desk.clock, Some(value.into_bytes()));
    Record { offset, timestamp, key: None, headers: Vec::new(), value }
}

/// Hands one event over, and commits what comes of it.
fn take(desk: &mut Desk, input: InputTopic, offset: i64, text: &str) -> Transaction {
    let (records, tag) = (vec![event(desk, offset, text)], desk.tag);
    let fetched = Event::Fetched { input, tag, records, next: offset + 1, at_end: true };
    let taken = transaction(desk.handle(fetched));
    desk.committed();
    taken
}

/// A lane with an order of all that there is, reserved for thirty seconds.
fn with_a_reservation() -> Desk {
    let mut desk = Desk::live();
    desk.all_at_end();
    let policy = r#""type":"pool.policy","event_id":"1","reservation_ttl_s":30"#;
    take(&mut desk, InputTopic::Stock, 0, policy);
    let lot = r#""type":"stock.received","event_id":"2","sku":"a","quantity":1,"lot_id":"l""#;
    take(&mut desk, InputTopic::Stock, 1, lot);
    let order = r#""type":"order.created","order_id":"1","lines":[{"sku":"a","quantity":1}]"#;
    take(&mut desk, InputTopic::Orders, 0, order);
    desk
}

/// What lies behind an open transaction since a moment ago: its record, and a payment.
fn hides_a_payment(desk: &Desk, since: Time) -> [(InputTopic, Surveyed); 1] {
    let known = Millis(desk.clock.0 - since.0);
    let hidden = Some(First { arrival: since, known });
    [(InputTopic::Orders, Surveyed { stable: 1, written: 3, hidden })]
}

fn outcomes(transaction: &Transaction) -> Vec<String> {
    let decisions = transaction.records.iter().filter(|p| p.record.topic == Topic::Decisions);
    let text = |produce: &lane::Produce| {
        let value = String::from_utf8(produce.record.value.clone().unwrap()).unwrap();
        let of = |key: &str| {
            let rest = value.split_once(&format!(r#""{key}":""#)).unwrap().1;
            rest.split('"').next().unwrap().to_owned()
        };
        format!("{} {}", of("order_id"), of("outcome"))
    };
    decisions.map(text).collect()
}

#[test]
fn a_payment_behind_an_open_transaction_keeps_its_reservation_and_others_are_answered() {
    let mut desk = with_a_reservation();
    idle(&mut desk, START.plus(Millis(5_000)));
    let hidden_since = desk.clock;
    let payment = event(&desk, 2, r#""type":"order.paid","order_id":"1""#);
    while desk.clock < START.plus(Millis(120_000)) {
        desk.clock = desk.clock.plus(Millis(200));
        let hidden = hides_a_payment(&desk, hidden_since);
        assert_eq!(desk.surveyed(&hidden), []);
        assert_eq!(desk.handle(Event::Tick), []);
        let woken = desk.lane.next_wake().unwrap();
        assert!(woken >= mono(desk.clock).plus(Millis(100)), "it waits for surveys, not for time");
    }
    assert_eq!(desk.lane.status().hidden[InputTopic::Orders], Hiding::Holds);
    let comment = r#""type":"comment.posted","event_id":"9","buyer_id":"b","text":"hello""#;
    take(&mut desk, InputTopic::Comments, 0, comment);
    assert_eq!(desk.lane.status().now, Some(hidden_since), "it brings time no further");
    let fetched = Event::Fetched {
        input: InputTopic::Orders,
        tag: desk.tag,
        records: vec![payment],
        next: 4,
        at_end: true,
    };
    assert_eq!(outcomes(&transaction(desk.handle(fetched))), ["1 allocated"]);
}

#[test]
fn patience_with_a_transaction_that_hangs_ends() {
    let mut desk = with_a_reservation();
    idle(&mut desk, START.plus(Millis(5_000)));
    let hidden_since = desk.clock;
    let patience = Limits::default().hidden_patience;
    let expired = loop {
        desk.clock = desk.clock.plus(Millis(400));
        let hidden = hides_a_payment(&desk, hidden_since);
        let effects = [desk.surveyed(&hidden), desk.handle(Event::Tick)].concat();
        if !effects.is_empty() {
            break transaction(effects);
        }
    };
    assert!(desk.clock > hidden_since.plus(patience), "not before patience is over");
    assert_eq!(outcomes(&expired), ["1 released"]);
    assert_eq!(desk.lane.status().hidden[InputTopic::Orders], Hiding::Passed);
}

#[test]
fn without_a_survey_nothing_expires() {
    let mut desk = with_a_reservation();
    while desk.clock < START.plus(Millis(60_000)) {
        desk.clock = desk.clock.plus(Millis(200));
        assert_eq!(desk.handle(Event::Tick), []);
    }
    assert_eq!(desk.lane.status().now, Some(START));
    assert_eq!(desk.surveyed(&[]), [], "nobody has looked at the inputs since");
    let released = transaction(desk.handle(Event::Tick));
    assert_eq!(outcomes(&released), ["1 released"]);
}
