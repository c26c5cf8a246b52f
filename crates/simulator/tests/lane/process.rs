//! `granary process` inside: the answer does not depend on the number of partitions, nor on the topics.

use allotment::{Millis, Time};
use contract::{Decoder, Encoder, Topic};
use lane::{Process, Produce};
use traffic::evening::{Plan, evening};

use crate::world::START;

/// What each line of an evening of a few villages leads to, in an order that does not matter.
fn answers(lines: &[Vec<u8>], partitions: u32) -> Vec<Vec<String>> {
    let settings = allotment::Settings::default();
    let mut process = Process::new(settings, &Decoder::default(), Encoder::default(), partitions);
    let mut answers: Vec<_> =
        (0..).zip(lines).map(|(offset, line)| process.line("stdin", offset, line)).collect();
    answers.push(process.until(Time(i64::MAX / 2)));
    answers.push(process.finish());
    assert_eq!(process.counts().rerouted, 0);
    answers.into_iter().map(in_no_order).collect()
}

fn in_no_order(answer: Vec<Produce>) -> Vec<String> {
    let line = |produce: Produce| {
        let record = produce.record;
        assert_ne!(record.topic, Topic::Journal);
        let text = |bytes: &Option<Vec<u8>>| {
            bytes.as_deref().map(|b| String::from_utf8_lossy(b).into_owned())
        };
        format!(
            "{:?} {:?} {:?} {:?}",
            record.topic,
            text(&record.key),
            record.headers,
            text(&record.value)
        )
    };
    let mut lines: Vec<_> = answer.into_iter().map(line).collect();
    lines.sort();
    lines
}

#[test]
fn the_answer_does_not_depend_on_the_number_of_partitions() {
    let plan = Plan { pools: 4, length: Millis(120_000), ..Plan::usual(7, START) };
    let lines: Vec<_> = evening(&plan).deliveries.into_iter().map(|event| event.value).collect();
    let one = answers(&lines, 1);
    assert!(one.iter().map(Vec::len).sum::<usize>() > lines.len(), "an evening is answered");
    for partitions in [2, 3, 12] {
        for (at, (answer, wanted)) in answers(&lines, partitions).iter().zip(&one).enumerate() {
            assert_eq!(answer, wanted, "line {at} with {partitions} partitions");
        }
    }
}
