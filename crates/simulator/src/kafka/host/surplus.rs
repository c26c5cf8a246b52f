//! What a host does for partitions that have no lane: hands over what is on them, and sends their offsets.

use lane::{Event, InputTopic, Surplus, Transaction};

use super::{Host, record};
use crate::kafka::cluster::{Cluster, Fenced, Producer};

impl Host {
    /// The offsets of a transaction, those of its own partition first.
    pub(super) fn send_offsets(
        &self,
        transaction: &Transaction,
        producer: &Producer,
        cluster: &mut Cluster,
    ) -> Result<(), Fenced> {
        let own = |(input, offset): &(InputTopic, i64)| ((input.topic(), self.partition), *offset);
        let added = |(surplus, offset): &(Surplus, i64)| {
            ((surplus.input.topic(), surplus.partition), *offset)
        };
        let all = transaction.offsets.iter().map(own);
        all.chain(transaction.surplus.iter().map(added))
            .try_for_each(|(place, offset)| cluster.send_offset(producer, place, offset))
    }

    /// What there is to read.
    pub(super) fn fetch_surplus(&mut self, cluster: &Cluster, appetite: usize) -> Vec<Event> {
        let mut news = Vec::new();
        for (surplus, (from, tag)) in &mut self.surplus {
            let log = cluster.log((surplus.input.topic(), surplus.partition));
            let at = from.unwrap_or_else(|| log.earliest());
            let (surplus, tag) = (*surplus, *tag);
            if !self.lane.wants_surplus(surplus) {
                continue;
            }
            let Some((found, next)) = log.read_committed(at, appetite) else {
                news.push(Event::SurplusGone { surplus, tag, why: "out of range".to_owned() });
                continue;
            };
            *from = Some(next);
            let records: Vec<_> =
                found.into_iter().map(|(offset, message)| record(offset, message)).collect();
            if next > at {
                news.push(Event::SurplusFetched { surplus, tag, records, next });
            }
        }
        news
    }
}
