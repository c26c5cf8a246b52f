//! Partitions that an input got after the journal was begun. A pool's home is among those that the journal names, so
//! nothing is decided on the others: the lane of partition p mod P reads them from their beginning and sends every
//! record home over the topic of rerouted records, its own partition included.
//!
//! The state does not depend on them, so a replay needs none of their records. The offsets are in the journal all the
//! same, in the transaction that sends the records home: so each record is sent once. Where such an offset is gone, since
//! records are deleted after their retention, what is left is read.

use std::collections::{BTreeMap, VecDeque};

use crate::batch::Batch;
use crate::bounds::Limits;
use crate::codec::Codec;
use crate::engine::Engine;
use crate::journal::Range;
use crate::merge_queue::Held;
use crate::topics::Ends;
use crate::{Cause, Described, Effect, Event, PerInput, Record, Surplus};

/// What is held of one.
#[derive(Debug)]
struct Queue {
    held: VecDeque<Held>,
    bytes: usize,
    /// Below it everything was taken; `None`: nothing yet.
    position: Option<i64>,
    /// Below it everything was taken or is held; `None`: from its beginning.
    fetched: Option<i64>,
    /// Where to read on was gone, in the client's words, so all that is left is read.
    gone: Option<String>,
    /// What was taken in the batch at hand.
    batch: Option<Range>,
}

/// Those that a lane reads.
#[derive(Debug, Default)]
pub(crate) struct Surpluses {
    queues: BTreeMap<Surplus, Queue>,
}

impl Surpluses {
    /// Begins to read those that the topics have by now, each where the journal ends.
    pub(crate) fn follow(
        &mut self,
        topics: &PerInput<Described>,
        (index, partitions): (u32, u32),
        ends: &Ends,
        tag: u64,
        out: &mut Vec<Effect>,
    ) {
        for surplus in of_lane(topics, index, partitions) {
            let from = ends.get(&surplus).copied();
            self.queues.entry(surplus).or_insert_with(|| {
                out.push(Effect::FollowSurplus { surplus, from, tag });
                Queue {
                    held: VecDeque::new(),
                    bytes: 0,
                    position: from,
                    fetched: from,
                    gone: None,
                    batch: None,
                }
            });
        }
    }

    /// Follows all of them again, from what is not held yet.
    pub(crate) fn follow_again(&self, tag: u64, out: &mut Vec<Effect>) {
        let follow = |(surplus, queue): (&Surplus, &Queue)| Effect::FollowSurplus {
            surplus: *surplus,
            from: queue.fetched,
            tag,
        };
        out.extend(self.queues.iter().map(follow));
    }

    /// Takes in news of one of them.
    pub(crate) fn take_in(&mut self, event: Event, out: &mut Vec<Effect>) -> Result<(), Cause> {
        match event {
            Event::SurplusFetched { surplus, records, next, .. } => {
                self.fetched(surplus, records, next)
            }
            Event::SurplusGone { surplus, tag, why } => {
                if let Some(queue) = self.queues.get_mut(&surplus) {
                    queue.gone = Some(why);
                    out.push(Effect::FollowSurplus { surplus, from: None, tag });
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What is there already is left out. Where the offset to read on from was gone, nothing before it can be left by a
    /// deletion: what comes from there was written after the broker had lost the end of its log.
    fn fetched(&mut self, surplus: Surplus, records: Vec<Record>, next: i64) -> Result<(), Cause> {
        let Some(queue) = self.queues.get_mut(&surplus) else { return Ok(()) };
        for record in records {
            if let Some(from) = queue.fetched.filter(|from| record.offset < *from) {
                let Some(why) = &queue.gone else { continue };
                let Surplus { input, partition } = surplus;
                let why = format!("on the added partition {partition}: {why}");
                return Err(Cause::InputGone { input, from, why });
            }
            assert!(queue.position <= Some(record.offset), "{surplus:?} goes back: {queue:?}");
            queue.fetched = Some(record.offset + 1);
            let held = Held::new(surplus.input, record);
            queue.bytes += held.bytes();
            queue.held.push_back(held);
        }
        queue.fetched = queue.fetched.max(Some(next));
        Ok(())
    }

    /// Whether there is something to send home.
    pub(crate) fn has_some(&self) -> bool {
        self.queues.values().any(|queue| !queue.held.is_empty())
    }

    /// Whether more records may be handed over: all of them together hold about as much as one input.
    pub(crate) fn wants(&self, surplus: Surplus, limits: &Limits) -> bool {
        let all = self.queues.len().max(1);
        self.queues.get(&surplus).is_some_and(|queue| {
            queue.held.len() < limits.held_records.div_ceil(all)
                && queue.bytes < limits.held_bytes.div_ceil(all)
        })
    }

    /// Sends home what is there, up to half of what a transaction may hold: the other half is for what is at home here.
    pub(crate) fn send_home(
        &mut self,
        engine: &Engine,
        codec: &Codec,
        limits: &Limits,
        batch: &mut Batch,
    ) {
        let mut bytes = 0;
        // One of each in turn, so that a partition that is written to without a pause keeps none of the others waiting.
        while self.has_some() {
            for (surplus, queue) in &mut self.queues {
                let out = batch.so_far();
                let most = out.counts.records >= (limits.batch_records as u64).div_ceil(2)
                    || out.records.len() >= limits.batch_outputs.div_ceil(2)
                    || bytes >= limits.batch_bytes / 2
                    || out.bytes >= limits.batch_output_bytes / 2;
                if most {
                    return;
                }
                let Some(held) = queue.take() else { continue };
                bytes += held.bytes();
                batch.send_home(engine, codec, *surplus, &held);
            }
        }
    }

    /// Ends the batch: what was taken of each.
    pub(crate) fn close_batch(&mut self) -> Vec<(Surplus, Range)> {
        let taken = |(surplus, queue): (&Surplus, &mut Queue)| {
            let range = queue.batch.take()?;
            range.check();
            assert_eq!(queue.position, Some(range.to), "{surplus:?} was taken up to {range:?}");
            Some((*surplus, range))
        };
        self.queues.iter_mut().filter_map(taken).collect()
    }
}

impl Queue {
    fn take(&mut self) -> Option<Held> {
        let held = self.held.pop_front()?;
        self.bytes -= held.bytes();
        let offset = held.record.offset;
        let from = self.position.unwrap_or(offset);
        assert!(offset >= from, "the surplus was taken up to {from}, and {offset} comes next");
        let batch = self.batch.get_or_insert(Range { from, to: from, records: 0 });
        batch.to = offset + 1;
        batch.records += 1;
        self.position = Some(offset + 1);
        Some(held)
    }
}

/// Those that the lane of the partition `index` of so many reads.
fn of_lane(
    topics: &PerInput<Described>,
    index: u32,
    partitions: u32,
) -> impl Iterator<Item = Surplus> {
    topics.iter().flat_map(move |(input, described)| {
        let added = partitions..described.partitions.max(partitions);
        let own = added.filter(move |partition| partition % partitions == index);
        own.map(move |partition| Surplus { input, partition })
    })
}
