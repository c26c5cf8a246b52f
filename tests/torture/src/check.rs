//! The checker: reads all topics at the end, and holds what was told against what must have been.
//!
//! - What was published lies on the inputs, no more and no less, and the journal took each of it once.
//! - What every pool was told, record by record in its order, is what `granary process` tells of the same records taken
//!   in the same order at the same times: decisions, parcels and alerts, and the dead letters with their bytes.
//! - `granary audit` finds nothing wrong, and `granary verify` comes back to every partition.

use std::collections::{BTreeMap, BTreeSet};

use contract::Topic;
use lane::{InputTopic, JournalRecord};
use serde_json::Value;

use crate::PARTITIONS;
use crate::load::Published;
use crate::program::Program;
use crate::replay::{self, CLOCK, Given, Lines, Source};
use crate::topics::{self, Record};

/// What a reader acts on, one by one. Levels are told by batch; the audit looks at them.
const TOLD: [Topic; 3] = [Topic::Decisions, Topic::Fulfillment, Topic::Alerts];

/// What each pool was told on each topic, in order.
type Told = BTreeMap<(Topic, String), Vec<String>>;

/// Everything on a topic, by partition.
type Records = BTreeMap<u32, Vec<Record>>;

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compared {
    pub(crate) inputs: u64,
    pub(crate) decisions: u64,
    pub(crate) parcels: u64,
    pub(crate) alerts: u64,
    pub(crate) letters: u64,
}

/// Checks the topics of a deployment that has ended.
///
/// # Errors
/// What is wrong, and where.
pub(crate) fn check(
    program: &Program,
    bootstrap: &str,
    published: &Published,
    journal: &BTreeMap<u32, Vec<JournalRecord>>,
) -> Result<Compared, String> {
    let read = |topic| topics::read(bootstrap, topic);
    let mut inputs: BTreeMap<InputTopic, Records> = BTreeMap::new();
    for input in InputTopic::ALL {
        inputs.insert(input, read(input.topic())?);
    }
    arrived(&inputs, published)?;
    let sent_home = sent_home(&inputs[&InputTopic::Reroute])?;
    let mut outputs: BTreeMap<Topic, Records> = BTreeMap::new();
    for topic in TOLD.into_iter().chain([Topic::DeadLetter]) {
        outputs.insert(topic, read(topic)?);
    }
    let mut compared = Compared::default();
    for partition in 0..PARTITIONS {
        let of = inputs.iter().map(|(input, records)| (*input, &records[&partition][..])).collect();
        let given = Given { partition, inputs: of, sent_home: &sent_home };
        let journal = journal.get(&partition).map_or(&[][..], Vec::as_slice);
        let outputs =
            outputs.iter().map(|(topic, records)| (*topic, &records[&partition][..])).collect();
        same(program, &given, journal, &outputs, &mut compared)
            .map_err(|why| format!("partition {partition}: {why}"))?;
    }
    Ok(compared)
}

/// `granary audit` and `granary verify`, each of which ends with an error where something is wrong.
pub(crate) fn audit(program: &Program) -> Result<(), String> {
    let report = program.once(&["audit", "--json"], Vec::new())?;
    let report: Value =
        serde_json::from_str(&report).map_err(|error| format!("{error}: {report}"))?;
    if report["counts"]["not_yet_taken"] != 0 {
        return Err(format!("the audit finds input that was not taken: {report:#}"));
    }
    verify(program)
}

/// `granary verify`.
pub(crate) fn verify(program: &Program) -> Result<(), String> {
    program.once(&["verify"], Vec::new()).map(|_| ())
}

/// What was published is there.
fn arrived(inputs: &BTreeMap<InputTopic, Records>, published: &Published) -> Result<(), String> {
    for ((input, partition), count) in &published.records {
        let there = inputs[input][partition].len() as u64;
        if there != *count {
            return Err(format!(
                "{count} records of {input} were published to partition {partition}, and {there} are there"
            ));
        }
    }
    Ok(())
}

/// Where the rerouted records came from, each once.
fn sent_home(reroute: &Records) -> Result<BTreeSet<Source>, String> {
    let mut sources = BTreeSet::new();
    for record in reroute.values().flatten() {
        let source = replay::source_of_headers(record).ok_or("a rerouted record has no source")?;
        if let Some(twice) = sources.replace(source) {
            return Err(format!("{twice:?} was sent home twice"));
        }
    }
    Ok(sources)
}

/// One partition's outputs against what `granary process` makes of its inputs.
fn same(
    program: &Program,
    given: &Given<'_>,
    journal: &[JournalRecord],
    outputs: &BTreeMap<Topic, &[Record]>,
    compared: &mut Compared,
) -> Result<(), String> {
    let Lines { text, sources } = replay::lines(given, journal)?;
    let expected = program.once(&["process", "--partitions", "1"], text)?;
    let (mut told, mut letters) = (Told::new(), Vec::new());
    for line in expected.lines() {
        let mut line: Value =
            serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        number_by_partition(&mut line, given.partition);
        let Some(topic) =
            Topic::ALL.into_iter().find(|topic| line["topic"] == topic.default_name())
        else {
            return Err(format!("`granary process` writes to {}", line["topic"]));
        };
        let pool = line["key"].as_str().unwrap_or_default();
        if pool == CLOCK && topic == Topic::Decisions {
            break;
        }
        if topic == Topic::DeadLetter {
            letters.push(expected_letter(&line, &sources)?);
        } else if TOLD.contains(&topic) {
            told.entry((topic, pool.to_owned())).or_default().push(line["value"].to_string());
        }
    }
    same_told(&told, outputs)?;
    same_letters(letters, outputs[&Topic::DeadLetter], given)?;
    let count = |topic| outputs[&topic].len() as u64;
    compared.inputs += given.inputs.values().map(|records| records.len() as u64).sum::<u64>();
    compared.decisions += count(Topic::Decisions);
    compared.parcels += count(Topic::Fulfillment);
    compared.alerts += count(Topic::Alerts);
    compared.letters += count(Topic::DeadLetter);
    Ok(())
}

/// The id of an alert without a pool names the partition that told it; in `granary process` that is the first.
fn number_by_partition(line: &mut Value, partition: u32) {
    let id =
        line["value"]["alert_id"].as_str().and_then(|id| id.strip_prefix("/input_rejected/0/"));
    if let Some(id) = id.map(|number| format!("/input_rejected/{partition}/{number}")) {
        line["value"]["alert_id"] = id.into();
    }
}

fn same_told(expected: &Told, outputs: &BTreeMap<Topic, &[Record]>) -> Result<(), String> {
    let mut told: BTreeMap<(Topic, String), Vec<(i64, String)>> = BTreeMap::new();
    for topic in TOLD {
        for record in outputs[&topic] {
            let value: Value = serde_json::from_slice(&record.value)
                .map_err(|error| format!("{topic:?} offset {}: {error}", record.offset))?;
            let list = told.entry((topic, record.key.clone())).or_default();
            list.push((record.offset, value.to_string()));
        }
    }
    let none = (Vec::new(), Vec::new());
    let names: BTreeSet<_> = expected.keys().chain(told.keys()).collect();
    for name in names {
        let (topic, pool) = name;
        let expected = expected.get(name).unwrap_or(&none.0);
        let told = told.get(name).unwrap_or(&none.1);
        for at in 0..expected.len().max(told.len()) {
            let (must, is) = (expected.get(at), told.get(at));
            if must != is.map(|(_, value)| value) {
                return Err(format!(
                    "{topic:?} of pool `{pool}`, number {at} of {} where {} must be, offset {:?}:\nmust be {}\nand is  {}",
                    told.len(),
                    expected.len(),
                    is.map(|(offset, _)| *offset),
                    must.map_or("nothing", String::as_str),
                    is.map_or("nothing", |(_, value)| value)
                ));
            }
        }
    }
    Ok(())
}

/// A dead letter as `process` has it: which record, and why.
fn expected_letter(line: &Value, sources: &[Option<Source>]) -> Result<(Source, String), String> {
    let header = |name: &str| line["headers"][name].as_str().unwrap_or_default();
    let number: usize = header(contract::headers::SOURCE_OFFSET).parse().unwrap_or(usize::MAX);
    let source = sources.get(number).cloned().flatten();
    let source =
        source.ok_or_else(|| format!("`granary process` refuses what is no event: {line}"))?;
    Ok((source, header(contract::headers::ERROR_CODE).to_owned()))
}

/// The dead letters, each with the bytes that it had.
fn same_letters(
    mut expected: Vec<(Source, String)>,
    letters: &[Record],
    given: &Given<'_>,
) -> Result<(), String> {
    let mut bytes: BTreeMap<Source, &[u8]> = BTreeMap::new();
    for (input, records) in &given.inputs {
        bytes.extend(
            records.iter().map(|r| (replay::source(*input, given.partition, r), &r.value[..])),
        );
    }
    let mut told = Vec::new();
    for letter in letters {
        let source = replay::source_of_headers(letter);
        let source =
            source.ok_or_else(|| format!("the dead letter at {} has no source", letter.offset))?;
        if bytes.get(&source) != Some(&&letter.value[..]) {
            return Err(format!(
                "the dead letter at {} has not the bytes of {source:?}",
                letter.offset
            ));
        }
        let code = letter.headers.get(contract::headers::ERROR_CODE).cloned().unwrap_or_default();
        told.push((source, code));
    }
    expected.sort();
    told.sort();
    if expected != told {
        return Err(format!("the dead letters must be {expected:?}\nand are {told:?}"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(offset: i64, value: &str, headers: &[(&str, &str)]) -> Record {
        let headers = headers.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let (key, value) = ("p".to_owned(), value.as_bytes().to_vec());
        Record { offset, timestamp: 0, key, value, headers: headers.collect() }
    }

    /// What the comparison says where these decisions were told and 1, 2 and 3 must be.
    fn told(values: &[&str]) -> Result<(), String> {
        let must = ["1", "2", "3"].map(str::to_owned).to_vec();
        let expected = Told::from([((Topic::Decisions, "p".to_owned()), must)]);
        let records: Vec<_> =
            (0..).zip(values).map(|(offset, value)| record(offset, value, &[])).collect();
        let outputs = TOLD.map(|topic| (topic, &[][..]));
        let mut outputs = BTreeMap::from(outputs);
        outputs.insert(Topic::Decisions, &records);
        same_told(&expected, &outputs)
    }

    #[test]
    fn what_is_lost_doubled_moved_or_other_is_found() {
        assert_eq!(told(&["1", "2", "3"]), Ok(()));
        for wrong in [
            &["1", "3"][..],
            &["1", "2"],
            &["1", "2", "2", "3"],
            &["1", "2", "3", "3"],
            &["1", "3", "2"],
            &["1", "2", "4"],
            &[],
        ] {
            assert!(told(wrong).is_err_and(|why| why.contains("pool `p`")), "{wrong:?}");
        }
    }

    #[test]
    fn dead_letters_have_their_bytes_and_their_reason_once_each() {
        let inputs = [record(4, "bad", &[])];
        let given = Given {
            partition: 0,
            inputs: BTreeMap::from([(InputTopic::Orders, &inputs[..])]),
            sent_home: &BTreeSet::new(),
        };
        let at = |offset, code| {
            [
                (contract::headers::SOURCE_TOPIC, "granary.orders"),
                (contract::headers::SOURCE_PARTITION, "0"),
                (contract::headers::SOURCE_OFFSET, offset),
                (contract::headers::ERROR_CODE, code),
            ]
        };
        let fine = record(0, "bad", &at("4", "not_json"));
        let expected = || vec![(("granary.orders".to_owned(), 0, 4), "not_json".to_owned())];
        let same = |letters: &[Record]| same_letters(expected(), letters, &given);
        assert_eq!(same(std::slice::from_ref(&fine)), Ok(()));
        assert!(same(&[]).is_err());
        assert!(same(&[fine.clone(), fine]).is_err());
        assert!(same(&[record(0, "worse", &at("4", "not_json"))]).is_err());
        assert!(same(&[record(0, "bad", &at("5", "not_json"))]).is_err());
        assert!(same(&[record(0, "bad", &at("4", "stale"))]).is_err());
    }

    #[test]
    fn what_did_not_arrive_or_went_home_twice_is_found() {
        let there = BTreeMap::from([(0, vec![record(0, "1", &[])])]);
        let inputs = BTreeMap::from([(InputTopic::Orders, there)]);
        let published = |count| Published {
            records: BTreeMap::from([((InputTopic::Orders, 0), count)]),
            ..Published::default()
        };
        assert_eq!(arrived(&inputs, &published(1)), Ok(()));
        assert!(arrived(&inputs, &published(2)).is_err());
        assert!(arrived(&inputs, &published(0)).is_err());
        let from = [
            (contract::headers::SOURCE_TOPIC, "granary.orders"),
            (contract::headers::SOURCE_PARTITION, "0"),
            (contract::headers::SOURCE_OFFSET, "4"),
        ];
        let home = record(0, "1", &from);
        assert_eq!(sent_home(&BTreeMap::from([(0, vec![home.clone()])])).map(|s| s.len()), Ok(1));
        assert!(sent_home(&BTreeMap::from([(0, vec![home.clone(), home])])).is_err());
    }
}
