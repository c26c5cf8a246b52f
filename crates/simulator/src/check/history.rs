//! What was committed, sorted by partition and transaction.

use std::collections::BTreeMap;

use contract::Topic;
use lane::{InputTopic, JournalRecord, PerInput};

use super::{Counts, Finding};
use crate::kafka::{Cluster, Committed, Place, Producer};

/// The topics that lanes tell the outside and each other something on.
const TOLD: [Topic; 6] = [
    Topic::Decisions,
    Topic::Fulfillment,
    Topic::Alerts,
    Topic::Levels,
    Topic::DeadLetter,
    Topic::Reroute,
];

/// All that was committed.
#[derive(Clone, Debug)]
pub(super) struct History<'a> {
    pub(super) partitions: Vec<OfPartition<'a>>,
}

/// What one partition's lanes wrote, and what they read.
#[derive(Clone, Debug)]
pub(super) struct OfPartition<'a> {
    pub(super) index: u32,
    pub(super) transactions: Vec<Transaction<'a>>,
    /// Also what retention has deleted since.
    pub(super) inputs: PerInput<Vec<Committed<'a>>>,
}

/// One transaction of a lane: its journal record, and what it told.
#[derive(Clone, Debug)]
pub(super) struct Transaction<'a> {
    pub(super) record: JournalRecord,
    /// Where the record is in the journal.
    pub(super) offset: i64,
    /// Its number in the cluster.
    pub(super) id: u64,
    pub(super) producer: &'a Producer,
    pub(super) told: BTreeMap<Place, Vec<Committed<'a>>>,
}

impl<'a> History<'a> {
    /// Reads all topics. What a lane told belongs to a transaction with one journal record.
    pub(super) fn read(cluster: &'a Cluster) -> Result<Self, Finding> {
        let mut told = told(cluster);
        let mut partitions = Vec::new();
        for index in 0..cluster.partitions() {
            let mut transactions = Vec::new();
            for committed in cluster.log((Topic::Journal, index)).history() {
                let transaction = read(cluster, index, committed, &mut told)?;
                transactions.push(transaction);
            }
            let input = |input: InputTopic| {
                cluster.log((input.topic(), index)).history().collect::<Vec<_>>()
            };
            let inputs = PerInput::from_fn(input);
            partitions.push(OfPartition { index, transactions, inputs });
        }
        if let Some((id, of)) = told.first_key_value() {
            let place = of.keys().next();
            let what =
                format!("transaction {id} told something on {place:?} and has no journal record");
            return Err(Finding::new("owners", what));
        }
        Ok(Self { partitions })
    }

    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for partition in &self.partitions {
            counts.transactions += partition.transactions.len() as u64;
            counts.events += partition.transactions.last().map_or(0, |last| last.record.events);
            for transaction in &partition.transactions {
                let told = transaction.told.values().map(|records| records.len() as u64);
                counts.outputs += told.sum::<u64>();
            }
        }
        counts
    }
}

/// What lanes told, by transaction.
fn told(cluster: &Cluster) -> BTreeMap<u64, BTreeMap<Place, Vec<Committed<'_>>>> {
    let mut told: BTreeMap<u64, BTreeMap<Place, Vec<Committed<'_>>>> = BTreeMap::new();
    for topic in TOLD {
        for place in (0..cluster.partitions()).map(|partition| (topic, partition)) {
            for committed in cluster.log(place).history() {
                let Some(id) = committed.transaction else { continue };
                if is_a_lanes(cluster.origin(id)) {
                    told.entry(id).or_default().entry(place).or_default().push(committed);
                }
            }
        }
    }
    told
}

/// Bridges write to inputs, and by mistake to the topic of what is rerouted.
fn is_a_lanes(producer: &Producer) -> bool {
    producer.id.starts_with("granary-")
}

fn read<'a>(
    cluster: &'a Cluster,
    index: u32,
    committed: Committed<'a>,
    told: &mut BTreeMap<u64, BTreeMap<Place, Vec<Committed<'a>>>>,
) -> Result<Transaction<'a>, Finding> {
    let Committed { offset, message, transaction } = committed;
    let wrong =
        |what: &str| Finding::new("journal", format!("partition {index}, offset {offset}: {what}"));
    let id = transaction.ok_or_else(|| wrong("it was written outside a transaction"))?;
    let value = message.value.as_ref().ok_or_else(|| wrong("it has no value"))?;
    let record = JournalRecord::decode(value).map_err(wrong)?;
    let producer = cluster.origin(id);
    Ok(Transaction { record, offset, id, producer, told: told.remove(&id).unwrap_or_default() })
}
