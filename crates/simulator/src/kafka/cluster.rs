//! The brokers' side: all partitions, the producers by transactional id, the offsets of the group.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{Millis, Time};
use contract::Topic;
use lane::{Described, TopicId};

use super::log::{Log, Message};

/// How often the coordinator looks for transactions that are open for too long (`docs/kafka-facts.md` C.1 8).
pub const SWEEP_INTERVAL: Millis = Millis(10_000);

/// How long a transaction may be open where its producer says nothing else (`transaction.timeout.ms`).
pub const TRANSACTION_TIMEOUT: Millis = Millis(60_000);

/// A topic's partition.
pub type Place = (Topic, u32);

/// A producer as it knows itself: nobody, once a newer one has the same transactional id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Producer {
    /// Its transactional id.
    pub id: String,
    /// How many there were of that id before it and with it.
    pub epoch: u64,
}

/// The producer was shut out by a newer one, or by the coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fenced;

/// What the coordinator knows of a transactional id.
#[derive(Clone, Debug, Default)]
struct Coordinated {
    epoch: u64,
    open: Option<Open>,
}

/// A transaction under way.
#[derive(Clone, Debug)]
struct Open {
    id: u64,
    since: Time,
    places: BTreeSet<Place>,
    offsets: Vec<(Place, i64)>,
}

/// A deployment's topics and what belongs to them.
#[derive(Clone, Debug)]
pub struct Cluster {
    partitions: u32,
    logs: BTreeMap<Place, Log>,
    producers: BTreeMap<String, Coordinated>,
    /// Of the one group that there is.
    offsets: BTreeMap<Place, i64>,
    next_transaction: u64,
    now: Time,
    timeout: Millis,
    /// When the coordinator looks next for transactions that are open for too long.
    next_sweep: Time,
    /// Requests to commit that are still on their way.
    late: Vec<(Time, Producer)>,
    /// Such that arrive so long after the next transaction of their id has begun.
    stragglers: Vec<(Millis, Producer)>,
    /// Who began each transaction that there ever was.
    origins: BTreeMap<u64, Producer>,
    /// How often each topic was deleted and made again.
    made_again: BTreeMap<Topic, i64>,
    /// Topics that have got more partitions than the deployment has.
    grown: BTreeMap<Topic, u32>,
    /// Counts what was appended, ended and done by hand.
    changes: u64,
    /// How far the clocks of the brokers that lead the journal's partitions are ahead of the truth.
    ahead: BTreeMap<u32, Millis>,
}

impl Cluster {
    /// Every topic of the contract with this many partitions, all empty.
    #[must_use]
    pub fn new(partitions: u32) -> Self {
        let places =
            Topic::ALL.into_iter().flat_map(|topic| (0..partitions).map(move |p| (topic, p)));
        Self {
            partitions,
            logs: places.map(|place| (place, Log::default())).collect(),
            producers: BTreeMap::new(),
            offsets: BTreeMap::new(),
            next_transaction: 1,
            now: Time(0),
            timeout: TRANSACTION_TIMEOUT,
            next_sweep: Time(0),
            late: Vec::new(),
            stragglers: Vec::new(),
            origins: BTreeMap::new(),
            made_again: BTreeMap::new(),
            grown: BTreeMap::new(),
            changes: 0,
            ahead: BTreeMap::new(),
        }
    }

    /// A topic as the brokers describe it.
    #[must_use]
    pub fn describe(&self, topic: Topic) -> Described {
        let times = self.made_again.get(&topic).copied().unwrap_or(0);
        let partitions = self.grown.get(&topic).copied().unwrap_or(self.partitions);
        Described { id: TopicId::of_halves(topic as i64, times + 1), partitions }
    }

    /// Gives one topic more partitions than the deployment has.
    pub fn grow(&mut self, topic: Topic, partitions: u32) {
        assert!(partitions > self.partitions, "Kafka takes no partition away");
        self.grown.insert(topic, partitions);
        for partition in 0..partitions {
            self.logs.entry((topic, partition)).or_default();
        }
        self.changes += 1;
    }

    /// Deletes a topic and makes it again: it is empty, and has another id.
    pub fn make_again(&mut self, topic: Topic) {
        *self.made_again.entry(topic).or_default() += 1;
        for partition in 0..self.partitions {
            self.logs.insert((topic, partition), Log::default());
        }
        self.changes += 1;
    }

    /// The clock of the broker that leads the journal's partition shows so much more than the truth.
    pub fn set_broker_clock(&mut self, partition: u32, ahead: Millis) {
        self.ahead.insert(partition, ahead);
    }

    /// How far the clock of the broker that leads the journal's partition is ahead of the truth.
    #[must_use]
    pub fn broker_clock(&self, partition: u32) -> Millis {
        self.ahead.get(&partition).copied().unwrap_or_default()
    }

    /// How long a transaction may be open.
    pub const fn set_transaction_timeout(&mut self, timeout: Millis) {
        self.timeout = timeout;
    }

    /// Time passes at the brokers: requests that were under way arrive, and the coordinator aborts what is
    /// open for too long. Says whose transactions those were.
    pub fn pass_to(&mut self, now: Time) -> Vec<String> {
        self.now = self.now.max(now);
        let (due, late) = std::mem::take(&mut self.late).into_iter().partition(|one| one.0 <= now);
        self.late = late;
        let due: Vec<(Time, Producer)> = due;
        for (_, producer) in due {
            // Whoever was shut out meanwhile commits nothing any more, and nobody waits for the answer.
            let _ = self.commit(&producer);
        }
        if self.now < self.next_sweep {
            return Vec::new();
        }
        self.next_sweep = self.now.plus(SWEEP_INTERVAL);
        let stale = |coordinated: &Coordinated| {
            let open = coordinated.open.as_ref();
            open.is_some_and(|open| open.since.plus(self.timeout) <= self.now)
        };
        let stale = self.producers.iter().filter(|(_, coordinated)| stale(coordinated));
        let ids: Vec<String> = stale.map(|(id, _)| id.clone()).collect();
        for id in &ids {
            self.time_out(id);
        }
        ids
    }

    /// When [`Cluster::pass_to`] has something to do.
    #[must_use]
    pub fn next_wake(&self) -> Option<Time> {
        let open = self.producers.values().any(|coordinated| coordinated.open.is_some());
        let late = self.late.iter().map(|(at, _)| *at);
        late.chain(open.then_some(self.next_sweep)).min()
    }

    /// A request to commit that arrives only after `by`, whatever has become of its producer by then.
    pub fn commit_after(&mut self, by: Millis, producer: &Producer) {
        self.late.push((self.now.plus(by), producer.clone()));
    }

    /// A request to commit that arrives when its harm is greatest: `by` after the next transaction of its id has begun.
    pub fn commit_in_the_next(&mut self, by: Millis, producer: &Producer) {
        self.stragglers.push((by, producer.clone()));
    }

    /// Whether a request to commit of this producer is still on its way.
    #[must_use]
    pub fn is_under_way(&self, producer: &Producer) -> bool {
        let late = self.late.iter().map(|(_, late)| late);
        late.chain(self.stragglers.iter().map(|(_, late)| late)).any(|late| late == producer)
    }

    /// Who began a transaction, by the number that records bear.
    #[must_use]
    pub fn origin(&self, transaction: u64) -> &Producer {
        &self.origins[&transaction]
    }

    /// Grows with everything that readers may notice.
    #[must_use]
    pub const fn changes(&self) -> u64 {
        self.changes
    }

    /// How many partitions each topic has.
    #[must_use]
    pub const fn partitions(&self) -> u32 {
        self.partitions
    }

    /// More partitions for every topic, as an operator may add.
    pub fn add_partitions(&mut self, partitions: u32) {
        assert!(partitions >= self.partitions, "Kafka takes no partition away");
        self.partitions = partitions;
        for topic in Topic::ALL {
            for partition in 0..partitions {
                self.logs.entry((topic, partition)).or_default();
            }
        }
    }

    /// A partition.
    #[must_use]
    pub fn log(&self, place: Place) -> &Log {
        &self.logs[&place]
    }

    /// A partition, to do to it what no client does.
    pub fn log_mut(&mut self, place: Place) -> &mut Log {
        self.changes += 1;
        self.logs.get_mut(&place).expect("every partition of every topic is there")
    }

    /// What the group has committed.
    #[must_use]
    pub fn committed(&self, place: Place) -> Option<i64> {
        self.offsets.get(&place).copied()
    }

    /// Forgets what the group has committed, as Kafka does after `offsets.retention.minutes`.
    pub fn forget_committed(&mut self, place: Place) {
        self.changes += 1;
        self.offsets.remove(&place);
    }

    /// Whether an offset of the group waits for the end of a transaction: until then nobody who wants committed
    /// offsets gets one.
    #[must_use]
    pub fn is_pending(&self, place: Place) -> bool {
        let open = self.producers.values().filter_map(|known| known.open.as_ref());
        open.flat_map(|open| &open.offsets).any(|(other, _)| *other == place)
    }

    /// Sets or deletes an offset of the group by hand.
    pub fn reset_offset(&mut self, place: Place, offset: Option<i64>) {
        match offset {
            Some(offset) => self.offsets.insert(place, offset),
            None => self.offsets.remove(&place),
        };
    }

    /// A record without a transaction.
    pub fn send(&mut self, place: Place, message: Message) {
        let now = self.now;
        self.log_mut(place).append(message, None, now);
    }

    /// `init_transactions`: shuts out whoever had this id, and aborts what it left open.
    pub fn init(&mut self, id: &str) -> Producer {
        let coordinated = self.producers.entry(id.to_owned()).or_default();
        coordinated.epoch += 1;
        let producer = Producer { id: id.to_owned(), epoch: coordinated.epoch };
        let open = coordinated.open.take();
        self.end(open, false);
        producer
    }

    /// The coordinator has waited long enough: what is open is aborted, its producer shut out.
    pub fn time_out(&mut self, id: &str) {
        let _ = self.init(id);
    }

    /// A record of the producer's transaction, which begins with the first. Its timestamp is when it is sent; on
    /// the journal it is when the broker appends it, which is returned.
    ///
    /// # Errors
    /// The producer was shut out.
    pub fn produce(
        &mut self,
        producer: &Producer,
        place: Place,
        mut message: Message,
    ) -> Result<Time, Fenced> {
        let (id, now) = (self.open(producer)?, self.now);
        self.coordinated(producer)?.open.as_mut().expect("it was opened").places.insert(place);
        if place.0 == Topic::Journal {
            message.timestamp = message.timestamp.plus(self.broker_clock(place.1));
        }
        let timestamp = message.timestamp;
        self.log_mut(place).append(message, Some(id), now);
        Ok(timestamp)
    }

    /// Offsets of the producer's transaction.
    ///
    /// # Errors
    /// The producer was shut out.
    pub fn send_offset(
        &mut self,
        producer: &Producer,
        place: Place,
        offset: i64,
    ) -> Result<(), Fenced> {
        self.open(producer)?;
        self.coordinated(producer)?
            .open
            .as_mut()
            .expect("it was opened")
            .offsets
            .push((place, offset));
        Ok(())
    }

    /// Ends the producer's transaction; all of it becomes visible.
    ///
    /// # Errors
    /// The producer was shut out; then its transaction was aborted.
    pub fn commit(&mut self, producer: &Producer) -> Result<(), Fenced> {
        let open = self.coordinated(producer)?.open.take();
        self.end(open, true);
        Ok(())
    }

    /// Ends the producer's transaction; none of it becomes visible.
    ///
    /// # Errors
    /// The producer was shut out; then its transaction was aborted already.
    pub fn abort(&mut self, producer: &Producer) -> Result<(), Fenced> {
        let open = self.coordinated(producer)?.open.take();
        self.end(open, false);
        Ok(())
    }

    fn coordinated(&mut self, producer: &Producer) -> Result<&mut Coordinated, Fenced> {
        let known = self.producers.get_mut(&producer.id).expect("a producer was made by init");
        if known.epoch == producer.epoch { Ok(known) } else { Err(Fenced) }
    }

    fn open(&mut self, producer: &Producer) -> Result<u64, Fenced> {
        let (next, since) = (self.next_transaction, self.now);
        let coordinated = self.coordinated(producer)?;
        if let Some(open) = &coordinated.open {
            return Ok(open.id);
        }
        coordinated.open =
            Some(Open { id: next, since, places: BTreeSet::new(), offsets: Vec::new() });
        self.next_transaction += 1;
        self.origins.insert(next, producer.clone());
        let (due, others) = std::mem::take(&mut self.stragglers)
            .into_iter()
            .partition(|(_, late)| late.id == producer.id);
        self.stragglers = others;
        let due: Vec<(Millis, Producer)> = due;
        self.late.extend(due.into_iter().map(|(by, late)| (since.plus(by), late)));
        Ok(next)
    }

    fn end(&mut self, open: Option<Open>, commit: bool) {
        let Some(Open { id, places, offsets, .. }) = open else { return };
        let now = self.now;
        for place in places {
            self.log_mut(place).end_transaction(id, commit, now);
        }
        if commit {
            self.offsets.extend(offsets);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: Place = (Topic::Orders, 0);

    fn message() -> Message {
        Message { timestamp: Time(0), key: None, headers: Vec::new(), value: None }
    }

    fn visible(cluster: &Cluster) -> usize {
        cluster.log(ORDERS).read_committed(0, 100).unwrap().0.len()
    }

    #[test]
    fn a_new_producer_shuts_the_old_one_out_and_ends_what_it_left() {
        let mut cluster = Cluster::new(1);
        let old = cluster.init("lane-0");
        cluster.produce(&old, ORDERS, message()).unwrap();
        cluster.send_offset(&old, ORDERS, 7).unwrap();
        let new = cluster.init("lane-0");
        assert_eq!(cluster.commit(&old), Err(Fenced));
        assert_eq!(cluster.produce(&old, ORDERS, message()), Err(Fenced));
        assert_eq!((visible(&cluster), cluster.committed(ORDERS)), (0, None));
        assert_eq!(
            cluster.log(ORDERS).stable(),
            2,
            "the record and its abort are behind the readers"
        );
        cluster.produce(&new, ORDERS, message()).unwrap();
        cluster.send_offset(&new, ORDERS, 1).unwrap();
        assert_eq!(visible(&cluster), 0);
        cluster.commit(&new).unwrap();
        assert_eq!((visible(&cluster), cluster.committed(ORDERS)), (1, Some(1)));
    }

    #[test]
    fn what_is_open_for_too_long_is_aborted_by_the_sweep_and_its_producer_shut_out() {
        let mut cluster = Cluster::new(1);
        cluster.pass_to(Time(5_000));
        let producer = cluster.init("lane-0");
        cluster.produce(&producer, ORDERS, message()).unwrap();
        assert!(cluster.pass_to(Time(64_000)).is_empty());
        assert_eq!(cluster.log(ORDERS).stable(), 0, "readers wait for it");
        assert!(cluster.pass_to(Time(73_000)).is_empty(), "overdue, but nobody looks yet");
        assert_eq!(cluster.pass_to(cluster.next_wake().unwrap()), ["lane-0"]);
        assert_eq!((cluster.log(ORDERS).stable(), visible(&cluster)), (2, 0));
        assert_eq!(cluster.commit(&producer), Err(Fenced));
    }

    #[test]
    fn a_late_commit_counts_unless_its_producer_was_shut_out() {
        for shut_out in [false, true] {
            let mut cluster = Cluster::new(1);
            let producer = cluster.init("lane-0");
            cluster.produce(&producer, ORDERS, message()).unwrap();
            cluster.commit_after(Millis(300), &producer);
            cluster.pass_to(Time(299));
            assert_eq!(visible(&cluster), 0);
            if shut_out {
                cluster.init("lane-0");
            }
            cluster.pass_to(Time(300));
            assert_eq!(visible(&cluster), usize::from(!shut_out));
        }
    }
}
