//! Coming back: whoever follows a partition anew, from its checkpoint if there is one, gets to the end of
//! its journal at the first try. With the production lane, since that is what would have to.

use allotment::Time;
use lane::{Settings, Stage};

use super::history::{History, OfPartition};
use crate::kafka::{Cluster, Host};

/// So many records of each input, and of the journal, are handed over at once.
const APPETITE: usize = 1000;

/// Enough for all that a run writes.
const TURNS: usize = 1000;

/// Lets a standby begin behind each partition.
pub(super) fn check(
    history: &History<'_>,
    cluster: &Cluster,
    settings: &Settings,
) -> Result<(), String> {
    let mut cluster = cluster.clone();
    for partition in &history.partitions {
        follow(partition, &mut cluster, settings)
            .map_err(|what| format!("partition {}: {what}", partition.index))?;
    }
    Ok(())
}

fn follow(
    partition: &OfPartition<'_>,
    cluster: &mut Cluster,
    settings: &Settings,
) -> Result<(), String> {
    let Some(last) = partition.transactions.last() else { return Ok(()) };
    let clock = last.record.clock.max(Time(0));
    let settings = Settings { partition: partition.index, ..settings.clone() };
    let mut host = Host::follower(settings, clock);
    for _ in 0..TURNS {
        let turn = host.turn(cluster, clock, APPETITE, &mut |_| None);
        turn.expect("without faults nobody crashes");
        if let Some(why) = host.why_dropped() {
            return Err(format!("nobody can come back: {why}"));
        }
        let status = host.lane().status();
        if (status.stage, status.sequence, status.ahead)
            == (Stage::Following, last.record.sequence, 0)
        {
            let same = (status.digest, status.events) == (last.record.after, last.record.events);
            return if same {
                Ok(())
            } else {
                Err(format!("another state comes back: {status:?}"))
            };
        }
    }
    Err(format!("whoever comes back gets no further: {:?}", host.lane().status()))
}
