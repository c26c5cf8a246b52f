//! Partitions that an input got later: whatever the journal took of them must be there, and have been sent home once.

use allotment::{Settings, Time};
use contract::{Decoder, Encoding, Header, Topic, headers};
use lane::{InputTopic, JournalRecord, PerInput, Range, Record, Surplus};

use crate::audit::report::Place;
use crate::audit::{Crossing, Cut, Origin, Partition, Report, Rules, Span};

/// The second partition of the orders, of a deployment with one.
const ADDED: Surplus = Surplus { input: InputTopic::Orders, partition: 1 };

fn record(offset: i64, headers: Vec<Header>, value: Vec<u8>) -> Record {
    Record { offset, timestamp: Time(1), key: None, headers, value: Some(value) }
}

/// A journal of one transaction, which took so many records of the added partition.
fn journal(records: u64) -> Record {
    let to = i64::try_from(records).unwrap();
    let journal = JournalRecord {
        epoch: 1,
        sequence: 1,
        rules: lane::RULES,
        partitions: 1,
        settings: 0,
        clock: Time(1),
        followed: None,
        until: None,
        new_pools: 10_000,
        taken: PerInput::from_fn(|_| Some(Range { from: 0, to: 0, records: 0 })),
        events: 0,
        before: 0,
        after: 0,
        topics: PerInput::default(),
        surplus: vec![(ADDED, Range { from: 0, to, records })],
    };
    record(0, Vec::new(), journal.encode())
}

/// The record at `offset` of the added partition, as it was sent home.
fn sent_home(offset: i64, at: i64) -> Record {
    let source = [
        (lane::ARRIVAL, "1".to_owned()),
        (headers::SOURCE_TOPIC, "granary.orders".to_owned()),
        (headers::SOURCE_PARTITION, "1".to_owned()),
        (headers::SOURCE_OFFSET, offset.to_string()),
    ];
    let source = source.map(|(name, value)| Header::new(name, value));
    record(at, source.to_vec(), b"{".to_vec())
}

/// What the audit says of the added partition, where the journal took two records of it, so many are there, and those at
/// these offsets were sent home.
fn audit(there: i64, sent: &[i64]) -> Vec<String> {
    let span = Span { earliest: 0, settled: 9, end: 9 };
    let report = audited(span, &journal(2), there, sent);
    report.violations.into_iter().map(|violation| violation.what).collect()
}

/// The same of any journal.
fn audited(retained: Span, journal: &Record, there: i64, sent: &[i64]) -> Report {
    let rules = Rules {
        partitions: 1,
        names: PerInput::from_fn(|input| input.topic().default_name().to_owned()),
        decoders: PerInput::from_fn(|_| Decoder::default()),
        output: Encoding::Json,
        dedup_window: Settings::default().dedup_window.0,
        closed_retention: Settings::default().closed_retention.0,
    };
    let span = Span { earliest: 0, settled: 9, end: 9 };
    let cut = Cut { spans: [(Topic::Journal, retained)].into(), ..Cut::default() };
    let (mut report, mut crossing) = (Report::default(), Crossing::default());
    let mut partition = Partition::new(&rules, 0, cut);
    partition.take(Topic::Journal, journal, &mut crossing, &mut report);
    partition.end(Topic::Journal, &mut report);
    for offset in 0..there {
        let record = record(offset, Vec::new(), b"{".to_vec());
        partition.take_added((ADDED, span), &record, &mut crossing, &mut report);
    }
    partition.end_added((ADDED, span), &mut report);
    for (at, offset) in (0..).zip(sent) {
        let home = sent_home(*offset, at);
        let source = Origin::of(InputTopic::Reroute, &home, "granary.reroute", 0).source;
        let place = Place { topic: Topic::Reroute, partition: 0, offset: at };
        crossing.arrived(source, place, &mut report);
    }
    crossing.close(&mut report);
    report
}

#[test]
fn what_was_sent_home_once_is_right_and_all_else_is_found() {
    assert_eq!(audit(2, &[0, 1]), Vec::<String>::new());
    let missing = audit(2, &[0]);
    assert_eq!(missing, ["its pool's home is another partition, and it was not sent there"]);
    let twice = audit(2, &[0, 1, 1]);
    assert_eq!(twice, ["was sent home twice; the first time to partition 0, offset 1"]);
    let gone = audit(1, &[0]);
    assert_eq!(gone, ["took 2 records of orders, offsets 0 to 2, and 1 are there"]);
}

#[test]
fn what_a_trimmed_journal_does_not_name_may_have_been_sent_home() {
    let mut silent = journal(2);
    let value = JournalRecord::decode(silent.value.as_deref().unwrap()).unwrap();
    silent.value = Some(JournalRecord { surplus: Vec::new(), ..value }.encode());
    silent.offset = 4;
    let trimmed = audited(Span { earliest: 4, settled: 9, end: 9 }, &silent, 2, &[0, 1]);
    assert_eq!(trimmed.total(), 0);
    let told = trimmed.to_string();
    assert!(
        told.contains("partition 1 of orders: the journal that is left does not say"),
        "{told}"
    );
    // A whole journal that names nothing of it has taken nothing of it.
    silent.offset = 0;
    let whole = audited(Span { earliest: 0, settled: 9, end: 9 }, &silent, 2, &[0, 1]);
    assert_eq!(whole.total(), 2);
}
