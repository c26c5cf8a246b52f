//! What the service was given, as lines for `granary process`: each record in the order in which the journal says
//! that it was taken, at the time that it says it was. Merged here once more, from the contract's words (§2) and not by
//! the lane's own code.

use std::collections::{BTreeMap, BTreeSet};

use lane::{InputTopic, JournalRecord};

use crate::topics::Record;

/// The pool of lines that are nobody's events: time passes, and the end.
pub(crate) const CLOCK: &str = "torture-clock";

/// Where a record was put by its sender: topic, partition, offset.
pub(crate) type Source = (String, u32, i64);

/// The records of one partition's inputs, and the senders' places of those that were sent home from wherever.
#[derive(Debug)]
pub(crate) struct Given<'a> {
    pub(crate) partition: u32,
    pub(crate) inputs: BTreeMap<InputTopic, &'a [Record]>,
    pub(crate) sent_home: &'a BTreeSet<Source>,
}

/// The lines, and which record each of them was; none where it only tells the time.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(crate) text: Vec<u8>,
    pub(crate) sources: Vec<Option<Source>>,
}

impl Lines {
    fn push(&mut self, line: &[u8], source: Option<Source>) {
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
        self.sources.push(source);
    }

    /// Time passes up to an instant, and nothing else happens.
    fn pass(&mut self, time: i64) {
        let number = self.sources.len();
        let line = format!(
            r#"{{"type":"pool.policy","event_id":"{number}","pool":"{CLOCK}","occurred_at":{time},"received_at":{time}}}"#
        );
        self.push(line.as_bytes(), None);
    }

    /// Everything was given: what `process` tells after its answer, time has not brought yet.
    fn end(&mut self, time: i64) {
        let line = format!(
            r#"{{"type":"order.cancelled","event_id":"end","platform":"x","pool":"{CLOCK}","occurred_at":{time},"received_at":{time},"order_id":"end"}}"#
        );
        self.push(line.as_bytes(), None);
    }
}

/// The lines of a partition.
///
/// # Errors
/// The journal has a gap, or takes what is not there, or does not take what is.
pub(crate) fn lines(given: &Given<'_>, journal: &[JournalRecord]) -> Result<Lines, String> {
    let mut lines = Lines::default();
    let mut at: BTreeMap<InputTopic, usize> = BTreeMap::new();
    let mut last = i64::MIN;
    for (number, transaction) in (1..).zip(journal) {
        if transaction.sequence != number {
            return Err(format!("transaction {} follows {}", transaction.sequence, number - 1));
        }
        if let Some(time) = transaction.followed {
            lines.pass(time.0);
            last = last.max(time.0);
        }
        let mut left: BTreeMap<InputTopic, u64> = BTreeMap::new();
        for (input, range) in transaction.taken.iter() {
            left.extend((*range).map(|range| (input, range.records)));
        }
        let clock = transaction.clock.0;
        while let Some(input) = next(given, &at, &left, clock)? {
            let index = at.entry(input).or_default();
            let record = &given.inputs[&input][*index];
            *index += 1;
            left.entry(input).and_modify(|left| *left -= 1);
            let source = source(input, given.partition, record);
            if input == InputTopic::Reroute || !given.sent_home.contains(&source) {
                let arrival = arrival(input, record).min(clock);
                let arrival = transaction.until.map_or(arrival, |until| arrival.min(until.0));
                lines.push(&with_arrival(&record.value, arrival), Some(source));
                last = last.max(arrival);
            }
        }
        for (input, range) in transaction.taken.iter() {
            let Some(range) = range.filter(|range| range.records > 0) else { continue };
            let taken = given.inputs[&input][at[&input] - 1].offset;
            if taken != range.to - 1 {
                return Err(format!(
                    "transaction {number} took {input} up to {}, but its last record is {taken}",
                    range.to
                ));
            }
        }
    }
    for (input, records) in &given.inputs {
        let taken = at.get(input).copied().unwrap_or_default();
        if taken != records.len() {
            return Err(format!("{taken} of {} records of {input} were taken", records.len()));
        }
    }
    lines.end(last);
    Ok(lines)
}

/// The input whose next record comes first, among those of which some are left to take.
fn next(
    given: &Given<'_>,
    at: &BTreeMap<InputTopic, usize>,
    left: &BTreeMap<InputTopic, u64>,
    clock: i64,
) -> Result<Option<InputTopic>, String> {
    let mut first = None;
    for (input, _) in left.iter().filter(|(_, left)| **left > 0) {
        let index = at.get(input).copied().unwrap_or_default();
        let record = given.inputs[input].get(index);
        let record =
            record.ok_or_else(|| format!("the journal takes more of {input} than there is"))?;
        let key = (arrival(*input, record).min(clock), *input);
        first = Some(first.map_or(key, |first| key.min(first)));
    }
    Ok(first.map(|(_, input)| input))
}

/// When a record reached the service first.
fn arrival(input: InputTopic, record: &Record) -> i64 {
    let rerouted = record.headers.get(lane::ARRIVAL).filter(|_| input == InputTopic::Reroute);
    rerouted.and_then(|text| text.parse().ok()).unwrap_or(record.timestamp)
}

/// Where its sender put a record.
pub(crate) fn source(input: InputTopic, partition: u32, record: &Record) -> Source {
    let here = || (input.topic().default_name().to_owned(), partition, record.offset);
    if input == InputTopic::Reroute {
        source_of_headers(record).unwrap_or_else(here)
    } else {
        here()
    }
}

/// The place that a dead letter or a rerouted record names.
pub(crate) fn source_of_headers(record: &Record) -> Option<Source> {
    let text = |name: &str| record.headers.get(name);
    Some((
        text(contract::headers::SOURCE_TOPIC)?.clone(),
        text(contract::headers::SOURCE_PARTITION)?.parse().ok()?,
        text(contract::headers::SOURCE_OFFSET)?.parse().ok()?,
    ))
}

/// The event with the time at which it came, which `process` reads from the event and the service from the record.
/// What is no event stays what it is: no event.
fn with_arrival(value: &[u8], arrival: i64) -> Vec<u8> {
    let Ok(mut event) = serde_json::from_slice::<serde_json::Value>(value) else {
        return value.to_vec();
    };
    if let Some(fields) = event.as_object_mut() {
        fields.insert("received_at".into(), arrival.into());
    }
    event.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use lane::{PerInput, Range, Time};

    use super::*;

    fn record(offset: i64, timestamp: i64) -> Record {
        let value = format!("{{\"at\":{timestamp}}}").into_bytes();
        Record { offset, timestamp, key: String::new(), value, headers: BTreeMap::new() }
    }

    fn transaction(sequence: u64, taken: &[(InputTopic, i64, i64)]) -> JournalRecord {
        let range = |input| {
            let of = taken.iter().find(|(other, ..)| *other == input);
            of.map(|(_, from, to)| Range { from: *from, to: *to, records: to.abs_diff(*from) })
        };
        JournalRecord {
            epoch: 1,
            sequence,
            rules: 1,
            partitions: 1,
            settings: 0,
            clock: Time(100),
            followed: None,
            until: None,
            new_pools: 10_000,
            taken: PerInput::from_fn(range),
            events: 0,
            before: 0,
            after: 0,
            topics: PerInput::default(),
            surplus: Vec::new(),
        }
    }

    /// The lines' arrivals in order, with orders at 10, 5 and 200 and stock at 7, or what is wrong.
    fn arrivals(journal: &[JournalRecord]) -> Result<Vec<i64>, String> {
        let (orders, stock) = ([record(0, 10), record(1, 5), record(2, 200)], [record(0, 7)]);
        let inputs = [(InputTopic::Orders, &orders[..]), (InputTopic::Stock, &stock[..])];
        let given =
            Given { partition: 0, inputs: BTreeMap::from(inputs), sent_home: &BTreeSet::new() };
        let lines = lines(&given, journal)?;
        let text = String::from_utf8(lines.text).expect("lines are text");
        let read = |line: &str| serde_json::from_str::<serde_json::Value>(line).expect("JSON");
        let arrival = |line: &str| read(line)["received_at"].as_i64().expect("each has one");
        Ok(text.lines().map(arrival).collect())
    }

    #[test]
    fn the_journal_says_in_which_order_and_when() {
        use InputTopic::{Orders, Stock};
        let together = transaction(1, &[(Orders, 0, 3), (Stock, 0, 1)]);
        assert_eq!(arrivals(&[together]), Ok(vec![7, 10, 5, 100, 100]), "no later than the clock");
        let mut second = transaction(2, &[(Orders, 1, 3), (Stock, 0, 1)]);
        second.followed = Some(Time(50));
        let split = [transaction(1, &[(Orders, 0, 1)]), second];
        assert_eq!(arrivals(&split), Ok(vec![10, 50, 5, 7, 100, 100]));
    }

    #[test]
    fn gaps_and_what_was_not_taken_are_found() {
        use InputTopic::{Orders, Stock};
        let all = [(Orders, 0, 3), (Stock, 0, 1)];
        for (journal, what) in [
            (vec![transaction(2, &all)], "transaction 2 follows 0"),
            (vec![transaction(1, &all), transaction(3, &[])], "transaction 3 follows 1"),
            (vec![transaction(1, &[(Orders, 0, 3)])], "0 of 1 records of stock"),
            (
                vec![transaction(1, &[(Orders, 0, 4), (Stock, 0, 1)])],
                "more of orders than there is",
            ),
            (vec![transaction(1, &[(Orders, 1, 3), (Stock, 0, 1)])], "its last record is 1"),
        ] {
            assert!(arrivals(&journal).is_err_and(|why| why.contains(what)), "{what}");
        }
    }
}
