//! Reads a deployment's topics for the story of one order, beside the running service.
//!
//! What was told is read first and what was taken after it, so that nothing was told of which the cause is not
//! there. Nothing is decided here: `story` decides.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use allotment::{Body, Id, Input, OrderRef, Time, bounds::FUTURE_MAX};
use contract::{Arrival, Topic};
use driver::{Archive, DriverError, Extent};
use lane::{InputTopic, JournalRecord, Record, home};

use crate::audit::{Origin, Rules};
use crate::config::Settings;
use crate::settle::{Unsettled, settle};
use crate::story::{self, Chapter, Gap, Kept, Next, Place, Queue, Teller, Told};

/// What one story may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Records to read, over all topics; what is no longer there between two that are counts too.
    pub(crate) records: u64,
    /// Bytes of input that are held until they are decided.
    pub(crate) bytes: usize,
    /// How long a transaction that is open on the journal is waited for.
    pub(crate) patience: Duration,
}

/// Why there is no story.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Untold {
    /// The topics can't be read.
    #[error("{0}")]
    Unreadable(#[from] DriverError),
    /// The journal's end is not known.
    #[error(transparent)]
    Unsettled(#[from] Unsettled),
    /// It would take more than was allowed.
    #[error(
        "there is more to read for it than may be read here ({0}); name the pool, or use `granary explain`"
    )]
    TooMuch(String),
}

/// Tells the story of an order from the topics: a chapter for each pool that knows it, or for the one that is named.
pub(crate) fn from_topics(
    settings: &Settings,
    subject: &OrderRef,
    pool: Option<&Id>,
    limits: Limits,
) -> Result<Vec<Chapter>, Untold> {
    let names = settings.topic_names();
    let partitions = driver::topics::check(&settings.connection(), &names)?.partitions;
    let archive = Archive::open(&settings.connection(), &names, &settings.application)?;
    let rules = settings.rules(partitions);
    let mut reader = Reader { settings, archive, rules, subject, limits, read: 0 };
    let searched = match pool {
        Some(pool) => {
            let home = home(pool, partitions);
            home..home + 1
        }
        None => 0..partitions,
    };
    let mut chapters = Vec::new();
    for partition in searched {
        chapters.extend(reader.partition(partition, pool)?);
    }
    Ok(chapters)
}

struct Reader<'a> {
    settings: &'a Settings,
    archive: Archive,
    rules: Rules,
    subject: &'a OrderRef,
    limits: Limits,
    /// Records so far, or offsets that may be some.
    read: u64,
}

impl Reader<'_> {
    /// The chapters of one partition.
    fn partition(&mut self, partition: u32, pool: Option<&Id>) -> Result<Vec<Chapter>, Untold> {
        let mut told = BTreeMap::new();
        told.extend(pool.map(|pool| (pool.clone(), Told::default())));
        self.told(Topic::Decisions, partition, &mut told)?;
        if let Some(pool) = pool {
            told.retain(|other, _| other == pool);
        }
        if told.is_empty() {
            return Ok(Vec::new());
        }
        let pools: BTreeSet<Id> = told.keys().cloned().collect();
        for topic in [Topic::Fulfillment, Topic::Alerts, Topic::Levels] {
            self.told(topic, partition, &mut told)?;
        }
        told.retain(|pool, _| pools.contains(pool));
        let journal = self.journal(partition)?;
        let (queue, gone) = self.inputs(partition, &pools, &journal)?;
        let language = self.settings.encoder(self.settings.output).language;
        let levels = told.values().flat_map(Told::levels);
        let mut teller =
            Teller::new(self.settings.allotment(), self.subject.clone(), language, levels);
        queue.run(&journal, |next| tell(&mut teller, next));
        // Where the journal is trimmed, it is what was told last that says how far time has come.
        if let Some(last) = told.values().filter_map(Told::last).max() {
            teller.pass(last);
        }
        Ok(story::check(teller.finish(), told, &gone))
    }

    /// Reads what a topic tells of the order.
    fn told(
        &mut self,
        topic: Topic,
        partition: u32,
        told: &mut BTreeMap<Id, Told>,
    ) -> Result<(), Untold> {
        let Extent { earliest, stable, .. } = self.archive.extent(topic, partition)?;
        self.count(stable - earliest)?;
        let encoding = self.rules.output;
        let id = self.subject.order_id.as_bytes();
        self.archive.read(topic, partition, (earliest, stable), |record| {
            if topic == Topic::Levels {
                Told::take_level(told, record, encoding);
            } else if may_name(record.value.as_deref().unwrap_or_default(), id) {
                Told::take(told, self.subject, topic, record, encoding);
            }
        })?;
        Ok(())
    }

    /// What is retained of the journal.
    fn journal(&mut self, partition: u32) -> Result<Vec<JournalRecord>, Untold> {
        let first = self.archive.extent(Topic::Journal, partition)?;
        let of = (Topic::Journal, self.settings.topic(Topic::Journal), partition);
        let until = (Instant::now(), self.limits.patience);
        let Extent { earliest, stable, .. } = settle(&self.archive, of, first, until)?;
        self.count(stable - earliest)?;
        let mut journal = Vec::new();
        self.archive.read(Topic::Journal, partition, (earliest, stable), |record| {
            // A record that can't be read is what `verify` and `audit` complain of; the rest still tells an order.
            journal.extend(record.value.as_deref().map(JournalRecord::decode).and_then(Result::ok));
        })?;
        Ok(journal)
    }

    /// What was taken of the inputs, as far as it is retained, and what is not.
    fn inputs(
        &mut self,
        partition: u32,
        pools: &BTreeSet<Id>,
        journal: &[JournalRecord],
    ) -> Result<(Queue, Vec<Gap>), Untold> {
        let committed = self.archive.committed(partition)?;
        let (mut queue, mut gone) = (Queue::default(), Vec::new());
        let mut bytes = 0;
        for input in InputTopic::ALL {
            let earliest = self.archive.extent(input.topic(), partition)?.earliest;
            let last = journal.iter().rev().find_map(|record| record.taken[input]);
            let end = last.map(|range| range.to).max(committed[input]).unwrap_or(0);
            if earliest > 0 && input != InputTopic::Reroute {
                let topic = self.settings.topic(input.topic()).to_owned();
                gone.push(Gap::InputGone { topic, offset: earliest });
            }
            self.count(end - earliest)?;
            let mut latest = Time::MIN;
            let (limit, rules) = (self.limits.bytes, &self.rules);
            self.archive.read(input.topic(), partition, (earliest, end), |record| {
                let kept = keep(rules, (input, partition), record, pools);
                let news = kept.events.is_empty() && kept.arrival > latest && kept.moves;
                if (news || !kept.events.is_empty()) && bytes <= limit {
                    // One without a time arrives when it is taken, so later ones may be news all the same.
                    let counts = kept.moves && kept.arrival != Time::NEVER;
                    latest = latest.max(if counts { kept.arrival } else { latest });
                    bytes += record.bytes();
                    queue.keep(input, kept);
                }
            })?;
        }
        if bytes > self.limits.bytes {
            return Err(Untold::TooMuch(format!("{} bytes of input", self.limits.bytes)));
        }
        Ok((queue, gone))
    }

    fn count(&mut self, offsets: i64) -> Result<(), Untold> {
        self.read += u64::try_from(offsets).unwrap_or(0);
        if self.read > self.limits.records {
            return Err(Untold::TooMuch(format!("{} records", self.limits.records)));
        }
        Ok(())
    }
}

/// Whether a record's bytes may name the order `id`: where an id is written plainly in every encoding, that can be
/// seen without reading the record.
fn may_name(bytes: &[u8], id: &[u8]) -> bool {
    let plain = id.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
    id.is_empty() || !plain || bytes.windows(id.len()).any(|window| window == id)
}

fn tell(teller: &mut Teller, next: Next) {
    match next {
        Next::Pass(time) => teller.pass(time),
        Next::Record(kept, arrival) => {
            // Before its first record a partition knows no time; and whatever is not kept has moved it.
            if teller.now() == Time::MIN || kept.events.is_empty() {
                teller.pass(arrival);
            }
            for (place, mut input, rejection) in kept.events {
                input.arrival = input.arrival.min(arrival);
                teller.take(place, arrival, input, rejection);
            }
        }
    }
}

/// What is needed of a record for the story of an order in one of `pools`.
fn keep(
    rules: &Rules,
    (input, partition): (InputTopic, u32),
    record: &Record,
    pools: &BTreeSet<Id>,
) -> Kept {
    let origin = Origin::of(input, record, &rules.names[input], partition);
    let arrival = origin.arrival;
    let mut kept = Kept { offset: record.offset, arrival, moves: false, events: Vec::new() };
    let (value, content_type) = (record.value.as_deref(), origin.content_type(record));
    let deliveries = rules.decoders[input].decode(value, content_type, Arrival::Record(arrival));
    for delivery in deliveries {
        let at_home = home(&delivery.input.pool, rules.partitions) == partition;
        kept.moves |= at_home && is_in_time(&delivery.input);
        if at_home && pools.contains(&delivery.input.pool) {
            let source = origin.entry(delivery.entry);
            let place = Place {
                source: source.topic,
                partition: Some(source.partition),
                offset: source.offset,
                entry: source.entry,
            };
            kept.events.push((place, delivery.input, delivery.rejection));
        }
    }
    kept
}

/// Whether an event of another pool moved `now`, as far as can be seen in it.
fn is_in_time(input: &Input) -> bool {
    match &input.body {
        Body::Event(event) => event.occurred_at <= input.arrival.plus(FUTURE_MAX),
        Body::Rejected(_) => false,
    }
}

/// What a story is looked for in, in words.
pub(crate) fn searched(settings: &Settings, pool: Option<&str>) -> String {
    let decisions = settings.topic(Topic::Decisions);
    match pool {
        Some(pool) => format!("pool {pool} ({decisions} and the input topics)"),
        None => decisions.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_without_a_plain_id_need_not_be_read() {
        assert!(may_name(br#"{"order_id":"o-1"}"#, b"o-1"));
        assert!(!may_name(br#"{"order_id":"o-1"}"#, b"o-2"));
        assert!(!may_name(b"", b"o-1"));
        assert!(may_name(br#"{"order_id":"\u7ea2"}"#, "红".as_bytes()), "escaped");
        assert!(may_name(b"", b""), "nothing can be seen of an id that is empty");
    }
}
