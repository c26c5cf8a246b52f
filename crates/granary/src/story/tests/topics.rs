//! What is decided again, held against what was told; and in which order it is taken.

use std::collections::BTreeMap;

use allotment::{Id, OrderRef, Settings, Time};
use contract::{Decoder, Encoder, Encoding, Language, Outgoing, Topic};
use expect_test::expect;
use lane::{InputTopic, JournalRecord, PerInput, Process, Range, Record};

use super::{lines, take, text};
use crate::story::{Chapter, Gap, Kept, Next, Queue, Teller, Told, check, order};

/// What `process` tells of a story, as records of the output topics.
fn told(story: &str, subject: &OrderRef, encoding: Encoding) -> BTreeMap<Id, Told> {
    let encoder = Encoder { encoding, ..Encoder::default() };
    let mut process = Process::new(Settings::default(), &Decoder::default(), encoder, 1);
    let mut told = BTreeMap::new();
    let mut levels = Vec::new();
    for (offset, line) in (0..).zip(lines(story)) {
        for produce in process.line("events", offset, &line) {
            let topic = produce.record.topic;
            let record = record(offset, produce.record);
            if topic == Topic::Levels {
                levels.push(record);
            } else if topic != Topic::DeadLetter {
                Told::take(&mut told, subject, topic, &record, encoding);
            }
        }
    }
    levels.iter().for_each(|record| Told::take_level(&mut told, record, encoding));
    told
}

fn record(offset: i64, of: Outgoing) -> Record {
    let Outgoing { key, headers, value, .. } = of;
    Record { offset, timestamp: Time(0), key, headers, value }
}

/// The story of what is left of `story` after its first lines, held against what was told of all of it.
fn what_is_left(story: &str, after: usize, order_id: &str, encoding: Encoding) -> Vec<Chapter> {
    let subject = order("douyin", order_id);
    let told = told(story, &subject, encoding);
    let levels = told.values().flat_map(Told::levels);
    let mut teller = Teller::new(Settings::default(), subject, Language::En, levels);
    let left: Vec<_> = story.lines().filter(|line| !line.trim().is_empty()).skip(after).collect();
    take(&mut teller, &left.join("\n"));
    let gone = Gap::InputGone { topic: "stock".to_owned(), offset: after as i64 };
    check(teller.finish(), told, &[gone])
}

const TWO_OF_THREE: &str = r#"stock.received s1 0 "sku":"tea","quantity":3,"lot_id":"L1"
    order.paid p1 10 "order_id":"1","lines":[{"sku":"tea","quantity":2}]
    order.paid p2 11 "order_id":"2","lines":[{"sku":"tea","quantity":2}]
    order.paid p2 11 "order_id":"2","lines":[{"sku":"tea","quantity":2}]
    stock.received s2 20 "sku":"tea","quantity":1,"lot_id":"L2""#;

#[test]
fn what_is_whole_is_told_with_its_reasons_in_either_encoding() {
    for encoding in [Encoding::Json, Encoding::Protobuf] {
        let chapters = what_is_left(TWO_OF_THREE, 0, "2", encoding);
        let [chapter] = &chapters[..] else { panic!("{chapters:?}") };
        assert_eq!(chapter.gaps, [], "{encoding:?}");
        let told = text("2", &chapters, Language::En);
        assert!(
            told.contains("short by 1 of tea: 3 received, 2 allocated to orders before it"),
            "{told}"
        );
    }
}

#[test]
fn where_input_is_gone_what_was_told_is_told_and_no_reason_is_made_up() {
    // Without the first delivery the second order would have been waitlisted just so, with other books.
    for encoding in [Encoding::Json, Encoding::Protobuf] {
        let chapters = what_is_left(TWO_OF_THREE, 2, "2", encoding);
        let told = text("2", &chapters, Language::En);
        assert!(!told.contains("received,"), "{encoding:?}: {told}");
    }
    let chapters = what_is_left(TWO_OF_THREE, 2, "2", Encoding::Json);
    expect![[r#"
        Order douyin/2 in pool hexi: allocated, paid (times in Asia/Shanghai)
          ! What came before offset 2 of stock is no longer on the topic.
          ! From what is left, decision #1 can't be decided again as it was: what follows is what was told, without the stock that was behind it.
        2026-11-22 20:00:11.000  order.paid douyin/p2 [orders/0@0]
            #1 waitlisted (short): 2 of 2 units missing; the order waits at its place in line: there is not enough stock.
            alert oversold, critical: Oversold: paid order 2 of douyin is short of 2 units of tea.
        2026-11-22 20:00:11.000  order.paid douyin/p2 [orders/0@1]
            #2 duplicate (repeat): Nothing done: this event was taken before.
        2026-11-22 20:00:20.000  after event s2
            #3 allocated (promoted): 2 of 2 units set aside for this paid order: stock became free for it.
            courier: send parcel 1, revision 1: 2 tea (L1: 1, L2: 1)
            alert oversell_resolved, info: No longer oversold: order 2 of douyin.
    "#]].assert_eq(&text("2", &chapters, Language::En));
}

#[test]
fn books_that_come_out_otherwise_are_not_told() {
    let story = r#"stock.received s1 0 "sku":"tea","quantity":3,"lot_id":"L1"
        order.paid p1 10 "order_id":"1","lines":[{"sku":"tea","quantity":3}]
        order.paid p2 11 "order_id":"2","lines":[{"sku":"tea","quantity":2}]"#;
    let chapters = what_is_left(story, 2, "2", Encoding::Json);
    let told = text("2", &chapters, Language::En);
    assert!(!told.contains("received"), "{told}");
    let gone = Gap::InputGone { topic: "stock".to_owned(), offset: 2 };
    assert_eq!(chapters[0].gaps.first(), Some(&gone), "{told}");
    assert_eq!(chapters[0].gaps.len(), 2, "{told}");
}

#[test]
fn records_have_their_turn_as_the_journal_says_and_before_it_by_arrival() {
    let mut queue = Queue::default();
    let kept = |offset, at| Kept { offset, arrival: Time(at), moves: true, events: Vec::new() };
    for (input, offset, at) in [
        (InputTopic::Orders, 0, 5),
        (InputTopic::Orders, 1, 7),
        (InputTopic::Orders, 2, 9),
        (InputTopic::Stock, 0, 7),
        (InputTopic::Stock, 4, 1),
        (InputTopic::Stock, 5, 90),
    ] {
        queue.keep(input, kept(offset, at));
    }
    let journal = |clock, followed, taken: [(InputTopic, i64, i64); 2]| JournalRecord {
        epoch: 1,
        sequence: 5,
        rules: 1,
        partitions: 1,
        settings: 0,
        clock: Time(clock),
        followed,
        until: None,
        new_pools: 10_000,
        taken: PerInput::from_fn(|input| {
            let range = taken.iter().find(|(of, ..)| *of == input)?;
            (range.1 < range.2).then_some(Range { from: range.1, to: range.2, records: 1 })
        }),
        events: 0,
        before: 0,
        after: 0,
        topics: PerInput::default(),
        surplus: Vec::new(),
    };
    let journal = [
        journal(20, None, [(InputTopic::Orders, 2, 3), (InputTopic::Stock, 1, 1)]),
        journal(30, Some(Time(25)), [(InputTopic::Orders, 3, 3), (InputTopic::Stock, 4, 6)]),
    ];
    let mut turns = Vec::new();
    queue.run(&journal, |next| match next {
        Next::Record(kept, arrival) => turns.push((kept.offset, arrival.0)),
        Next::Pass(time) => turns.push((-1, time.0)),
    });
    // Orders 0, Stock 0 before Orders 1 in the same millisecond; Stock 4 came late, and only after Orders 2.
    assert_eq!(turns, [(0, 5), (0, 7), (1, 7), (2, 9), (-1, 25), (4, 1), (5, 30)]);
}

#[test]
fn a_record_without_a_time_before_the_journal_keeps_its_place_and_brings_no_time() {
    let mut queue = Queue::default();
    let never = Time::NEVER.0;
    for (offset, at) in [(0, never), (1, 5), (2, never), (3, 9)] {
        let kept = Kept { offset, arrival: Time(at), moves: true, events: Vec::new() };
        queue.keep(InputTopic::Orders, kept);
    }
    let stock = Kept { offset: 0, arrival: Time(7), moves: true, events: Vec::new() };
    queue.keep(InputTopic::Stock, stock);
    let mut turns = Vec::new();
    queue.run(&[], |next| match next {
        Next::Record(kept, arrival) => turns.push((kept.offset, arrival.0)),
        Next::Pass(time) => turns.push((-1, time.0)),
    });
    assert_eq!(turns, [(0, 5), (1, 5), (2, 5), (0, 7), (3, 9)]);
}
