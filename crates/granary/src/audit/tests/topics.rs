//! Topics as a deployment would have written them, made without Kafka: each line a transaction.

use std::collections::BTreeMap;

use allotment::{Settings, Time};
use contract::{Decoder, Encoder, Encoding, Header, Topic};
use lane::{InputTopic, JournalRecord, PerInput, Process, Produce, Range, Record, home};

use crate::audit::{Crossing, Cut, ORDER, Partition, Report, Rules, Span};

/// All records of a deployment, by topic and partition.
#[derive(Clone, Debug)]
pub(crate) struct Topics {
    pub(crate) partitions: u32,
    pub(crate) logs: BTreeMap<(Topic, u32), Vec<Record>>,
    /// Where a log begins; else at 0.
    pub(crate) earliest: BTreeMap<(Topic, u32), i64>,
    output: Encoding,
}

/// What a bridge publishes: on which topic, of which pool, with which arrival.
pub(crate) struct Sent {
    pub(crate) topic: InputTopic,
    pub(crate) pool: String,
    pub(crate) arrival: Time,
    pub(crate) value: Vec<u8>,
}

impl Topics {
    /// What a deployment makes of these, in their order, time passing up to a day after the last.
    pub(crate) fn of(sent: &[Sent], partitions: u32, output: Encoding) -> Self {
        let encoder = Encoder { encoding: output, ..Encoder::default() };
        let mut process =
            Process::new(Settings::default(), &Decoder::default(), encoder, partitions);
        let mut topics =
            Self { partitions, logs: BTreeMap::new(), earliest: BTreeMap::new(), output };
        for one in sent {
            let partition = if one.pool.is_empty() { 0 } else { home(&one.pool, partitions) };
            let offset = topics.push(
                one.topic.topic(),
                partition,
                one.arrival,
                Vec::new(),
                Some(one.value.clone()),
            );
            let name = one.topic.topic().default_name();
            let told = process.line(name, offset, &one.value);
            topics.commit(told, partition, Some((one.topic, offset)));
        }
        let end = sent.iter().map(|one| one.arrival).max().unwrap_or_default();
        let last = process.until(end.plus(allotment::Millis(86_400_000)));
        topics.commit(last, 0, None);
        let last = process.finish();
        topics.commit(last, 0, None);
        topics
    }

    fn push(
        &mut self,
        topic: Topic,
        partition: u32,
        timestamp: Time,
        headers: Vec<Header>,
        value: Option<Vec<u8>>,
    ) -> i64 {
        let log = self.logs.entry((topic, partition)).or_default();
        let offset = i64::try_from(log.len()).unwrap();
        log.push(Record { offset, timestamp, key: None, headers, value });
        offset
    }

    /// A transaction that took one record, or none.
    fn commit(&mut self, told: Vec<Produce>, partition: u32, took: Option<(InputTopic, i64)>) {
        for Produce { partition: to, record } in told {
            let topic = record.topic;
            // What has no pool stays where it is; without Kafka all of it is in one place.
            let to = if topic == Topic::DeadLetter { partition } else { to };
            let headers = record.headers.into_iter().map(|header| match header.name.as_ref() {
                // Lines have no partition: the letter names the file and the line.
                contract::headers::SOURCE_PARTITION => {
                    Header::new(contract::headers::SOURCE_PARTITION, partition.to_string())
                }
                _ => header,
            });
            let offset = self.push(topic, to, Time(0), headers.collect(), record.value);
            let log = self.logs.get_mut(&(topic, to)).unwrap();
            log[usize::try_from(offset).unwrap()].key = record.key;
        }
        let sequence = self.logs.get(&(Topic::Journal, partition)).map_or(0, Vec::len) as u64 + 1;
        let mut taken =
            PerInput::from_fn(|_| (sequence == 1).then_some(Range { from: 0, to: 0, records: 0 }));
        if let Some((input, offset)) = took {
            taken[input] = Some(Range { from: offset, to: offset + 1, records: 1 });
        }
        let record = JournalRecord {
            epoch: 1,
            sequence,
            rules: lane::RULES,
            partitions: self.partitions,
            settings: 0,
            clock: Time(0),
            followed: None,
            until: None,
            new_pools: 10_000,
            taken,
            events: sequence,
            before: u128::from(sequence - 1),
            after: u128::from(sequence),
            topics: PerInput::default(),
            surplus: Vec::new(),
        };
        self.push(Topic::Journal, partition, Time(0), Vec::new(), Some(record.encode()));
    }

    /// What the audit says of them.
    pub(crate) fn audit(&self) -> Report {
        let rules = Rules {
            partitions: self.partitions,
            names: PerInput::from_fn(|input| input.topic().default_name().to_owned()),
            decoders: PerInput::from_fn(|_| Decoder::default()),
            output: self.output,
            dedup_window: Settings::default().dedup_window.0,
            closed_retention: Settings::default().closed_retention.0,
        };
        let (mut report, mut crossing) = (Report::default(), Crossing::default());
        for index in 0..self.partitions {
            let cut = self.cut(index);
            crossing.lacks_input |= cut.lacks_input();
            let mut partition = Partition::new(&rules, index, cut);
            for topic in ORDER {
                for record in self.logs.get(&(topic, index)).into_iter().flatten() {
                    partition.take(topic, record, &mut crossing, &mut report);
                }
                partition.end(topic, &mut report);
            }
            partition.close(&mut report);
        }
        crossing.close(&mut report);
        report
    }

    fn cut(&self, index: u32) -> Cut {
        let span = |topic| {
            let log = self.logs.get(&(topic, index));
            let earliest = self.earliest.get(&(topic, index)).copied().unwrap_or(0);
            let end = log.and_then(|log| log.last()).map_or(0, |record| record.offset + 1);
            (topic, Span { earliest, settled: end, end })
        };
        Cut { spans: ORDER.into_iter().map(span).collect(), ..Cut::default() }
    }
}
