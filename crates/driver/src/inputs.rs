//! A lane's input partitions, followed one beside the other.
//!
//! One consumer, a queue for each input, so that a lane which wants no more of one still gets the others. An
//! assignment is only ever added to: where an input is to be followed from elsewhere, or the brokers were
//! away, the whole consumer is replaced, and what was fetched ahead is fetched again. That costs
//! milliseconds, and leaves nothing behind that could be taken for something newer.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use lane::{Event, InputTopic, PerInput, Record, Surplus};
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata},
};

use crate::{
    Config, bounds, client, close,
    context::Context,
    native,
    queue::{Queue, Taken},
    report, wire,
};
use signals::Wake;

/// The lane's consumer and what it follows.
pub(crate) struct Inputs {
    config: Arc<Config>,
    partition: i32,
    wake: Arc<Wake>,
    consumer: Option<Arc<BaseConsumer<Context>>>,
    followed: PerInput<Option<Followed>>,
    /// Partitions of the inputs that have no lane.
    surplus: BTreeMap<Surplus, Followed>,
    /// Something is followed from elsewhere than before, so the consumer has to be replaced.
    again: bool,
    replaced: Instant,
    /// How long a consumer may stay silent before it is replaced; doubles while that does not help.
    patience: Duration,
}

/// One input.
struct Followed {
    /// `None` until it is attached, and while the consumer is being replaced.
    queue: Option<Queue>,
    /// The next offset that is not taken yet; 0 where it is followed from its beginning, wherever that is.
    next: i64,
    from_beginning: bool,
    tag: u64,
    /// Nothing is known of it since the brokers were away.
    unsure: bool,
    /// The end that the client remembers may be from before the brokers were away.
    stale_end: bool,
    /// When the log was told last that it can't be read.
    said: Option<Instant>,
}

impl Inputs {
    /// Makes the consumer; nothing is followed yet.
    pub(crate) fn new(
        config: Arc<Config>,
        partition: u32,
        wake: Arc<Wake>,
    ) -> Result<Self, String> {
        let consumer = Some(consumer(&config, partition)?);
        let partition = wire::partition(partition);
        let followed = PerInput::from_fn(|_| None);
        Ok(Self {
            config,
            partition,
            wake,
            consumer,
            followed,
            surplus: BTreeMap::new(),
            again: false,
            replaced: Instant::now(),
            patience: bounds::REPLACE_AFTER,
        })
    }

    /// The consumer, to ask the brokers with.
    pub(crate) fn consumer(&self) -> &BaseConsumer<Context> {
        self.consumer.as_ref().expect("it is there until it is dropped")
    }

    /// The group under which the offsets are committed, with this consumer's own metadata.
    pub(crate) fn group(&self) -> ConsumerGroupMetadata {
        self.consumer().group_metadata().expect("the consumer has a group")
    }

    /// Follows `input` from the offset `from` on, in the place of what was followed of it before; takes
    /// effect with [`Inputs::settle`].
    pub(crate) fn follow(&mut self, input: InputTopic, from: i64, tag: u64) {
        self.again |= self.followed[input].is_some();
        self.followed[input] = Some(Followed::new(Some(from), tag));
    }

    /// The same of a partition without a lane; `from` its beginning where that is `None`.
    pub(crate) fn follow_surplus(&mut self, surplus: Surplus, from: Option<i64>, tag: u64) {
        let before = self.surplus.insert(surplus, Followed::new(from, tag));
        self.again |= before.is_some();
    }

    /// Lets what was asked of [`Inputs::follow`] take effect, all of it at once.
    pub(crate) fn settle(&mut self) -> Result<(), String> {
        if std::mem::take(&mut self.again) {
            return self.replace();
        }
        for input in InputTopic::ALL {
            if self.followed[input].as_ref().is_some_and(|followed| followed.queue.is_none()) {
                self.attach(input)?;
            }
        }
        self.attach_surplus()
    }

    /// Takes what has been fetched of `input`, if there is news.
    pub(crate) fn take(&mut self, input: InputTopic) -> Option<Event> {
        let followed = self.followed[input].as_mut()?;
        let (records, found) = drain(followed);
        let (tag, next, stale_end) = (followed.tag, followed.next, followed.stale_end);
        let at_end = match found {
            Found::Nothing if records.is_empty() => return None,
            // The client says so only after another fetch that found nothing. Where the last record is the
            // one before the end that came with it, it is known at once; not where a transaction's marker
            // lies between.
            Found::Nothing => !stale_end && self.known_end(input).is_some_and(|end| next >= end),
            Found::End => true,
            Found::OutOfRange(why) => {
                let why = format!("{why} (next offset {next})");
                return Some(Event::OutOfRange { input, tag, why });
            }
            Found::Trouble(why) => {
                followed.unsure = true;
                followed.stale_end = true;
                let name = self.config.topics.get(wire::topic(input));
                followed.say(self.partition, name, &why);
                false
            }
        };
        if at_end || !records.is_empty() {
            self.patience = bounds::REPLACE_AFTER;
        }
        Some(Event::Fetched { input, tag, records, next, at_end })
    }

    /// Takes what has been fetched of the `wanted` partitions without a lane, if there is news.
    pub(crate) fn take_surplus(&mut self, wanted: impl Fn(Surplus) -> bool) -> Vec<Event> {
        let (config, mut events) = (&self.config, Vec::new());
        for (surplus, followed) in self.surplus.iter_mut().filter(|(surplus, _)| wanted(**surplus))
        {
            let (surplus, tag) = (*surplus, followed.tag);
            let (records, found) = drain(followed);
            match found {
                Found::OutOfRange(why) => {
                    let name = config.topics.get(wire::topic(surplus.input));
                    report::input_cut(wire::partition(surplus.partition), name, followed.next);
                    events.push(Event::SurplusGone { surplus, tag, why });
                }
                Found::Trouble(why) => {
                    followed.unsure = true;
                    let name = config.topics.get(wire::topic(surplus.input));
                    followed.say(wire::partition(surplus.partition), name, &why);
                }
                Found::Nothing | Found::End => {}
            }
            if !records.is_empty() {
                let next = followed.next;
                events.push(Event::SurplusFetched { surplus, tag, records, next });
            }
        }
        events
    }

    /// Serves the client's events. Where the brokers were away, tells that no input is known to be at its
    /// end; where an input that is `wanted` stays silent after that, begins afresh.
    pub(crate) fn serve(
        &mut self,
        wanted: impl Fn(InputTopic) -> bool,
    ) -> Result<Vec<Event>, String> {
        while self.consumer().poll(Duration::ZERO).is_some() {}
        let mut events = Vec::new();
        if self.consumer().context().take_trouble() {
            self.surplus.values_mut().for_each(|followed| followed.unsure = true);
            for (input, followed) in self.followed.iter_mut() {
                let Some(followed) = followed else { continue };
                followed.unsure = true;
                followed.stale_end = true;
                let (tag, next) = (followed.tag, followed.next);
                events.push(Event::Fetched {
                    input,
                    tag,
                    records: Vec::new(),
                    next,
                    at_end: false,
                });
            }
        }
        let silent = |(input, followed): (InputTopic, &Option<Followed>)| {
            followed.as_ref().is_some_and(|followed| followed.unsure) && wanted(input)
        };
        let due = self.replaced.elapsed() > self.patience;
        let added = self.surplus.values().any(|followed| followed.unsure);
        if due && (added || self.followed.iter().any(silent)) {
            self.patience = (self.patience * 2).min(bounds::REPLACE_AFTER_MAX);
            self.replace()?;
        }
        Ok(events)
    }

    /// How many readable records of `input` lie at `position` and after it, as far as the last fetch told;
    /// what a transaction leaves between records counts too.
    pub(crate) fn behind(&self, input: InputTopic, position: i64) -> u64 {
        let end = self.known_end(input).unwrap_or(position);
        u64::try_from(end.saturating_sub(position)).unwrap_or(0)
    }

    /// The same of the partitions without a lane, as far as they are read.
    pub(crate) fn behind_surplus(&self) -> u64 {
        let behind = |(surplus, followed): (&Surplus, &Followed)| {
            let partition = wire::partition(surplus.partition);
            let end = native::known_end(self.consumer(), self.name(surplus.input), partition);
            let behind = end.unwrap_or(0).saturating_sub(followed.next);
            u64::try_from(behind).unwrap_or(0)
        };
        self.surplus.iter().map(behind).sum()
    }

    /// The end of `input` as the last fetch told it; never before what was fetched.
    fn known_end(&self, input: InputTopic) -> Option<i64> {
        native::known_end(self.consumer(), self.name(input), self.partition)
    }

    fn name(&self, input: InputTopic) -> &str {
        self.config.topics.get(wire::topic(input))
    }

    /// Begins afresh with another consumer, each input where it stands.
    fn replace(&mut self) -> Result<(), String> {
        let fresh = consumer(&self.config, self.partition.unsigned_abs())?;
        self.close();
        self.consumer = Some(fresh);
        self.replaced = Instant::now();
        for input in InputTopic::ALL {
            if self.followed[input].is_some() {
                self.attach(input)?;
            }
        }
        self.attach_surplus()
    }

    /// Gives `input` a queue of its own and assigns it where it stands.
    fn attach(&mut self, input: InputTopic) -> Result<(), String> {
        let consumer = self.consumer.clone().expect("it is there until it is dropped");
        let followed = self.followed[input].as_mut().expect("only what is followed is attached");
        let name = self.config.topics.get(wire::topic(input));
        followed.attach(&consumer, name, self.partition, &self.wake)
    }

    /// The same of all partitions without a lane that have none.
    fn attach_surplus(&mut self) -> Result<(), String> {
        let consumer = self.consumer.clone().expect("it is there until it is dropped");
        for (surplus, followed) in self.surplus.iter_mut().filter(|(_, of)| of.queue.is_none()) {
            let name = self.config.topics.get(wire::topic(surplus.input));
            followed.attach(&consumer, name, wire::partition(surplus.partition), &self.wake)?;
        }
        Ok(())
    }

    /// The queues go before their consumer, which goes in the background: closing has hung before.
    fn close(&mut self) {
        for (_, followed) in self.followed.iter_mut() {
            if let Some(followed) = followed {
                followed.queue = None;
            }
        }
        self.surplus.values_mut().for_each(|followed| followed.queue = None);
        if let Some(consumer) = self.consumer.take() {
            close::in_background("inputs", consumer);
        }
    }
}

impl Drop for Inputs {
    fn drop(&mut self) {
        self.close();
    }
}

impl Followed {
    const fn new(from: Option<i64>, tag: u64) -> Self {
        let (next, from_beginning) = match from {
            Some(from) => (from, false),
            None => (0, true),
        };
        let (unsure, stale_end) = (false, false);
        Self { queue: None, next, from_beginning, tag, unsure, stale_end, said: None }
    }

    /// Gives it a queue of its own and assigns it where it stands.
    fn attach(
        &mut self,
        consumer: &Arc<BaseConsumer<Context>>,
        name: &str,
        partition: i32,
        wake: &Arc<Wake>,
    ) -> Result<(), String> {
        // Before it is assigned: nothing of it may come to the common queue.
        let wake = Arc::clone(wake);
        self.queue = Some(Queue::split(consumer, name, partition, move || wake.wake())?);
        self.stale_end = false;
        let from = match (self.from_beginning, self.next) {
            (true, 0) => Offset::Beginning,
            (_, next) => Offset::Offset(next),
        };
        let mut added = TopicPartitionList::new();
        added.add_partition_offset(name, partition, from).map_err(|error| error.to_string())?;
        consumer.incremental_assign(&added).map_err(|error| error.to_string())
    }

    /// Tells the log that it can't be read, where that was not told just now.
    fn say(&mut self, partition: i32, name: &str, why: &str) {
        if self.said.is_none_or(|said| said.elapsed() >= bounds::SAY_AWAY) {
            self.said = Some(Instant::now());
            report::input_troubled(partition, name, why);
        }
    }
}

/// What ended the taking of records.
enum Found {
    Nothing,
    End,
    OutOfRange(String),
    Trouble(String),
}

/// Takes records off the queue until it is empty, at its end, or enough for one turn.
fn drain(followed: &mut Followed) -> (Vec<Record>, Found) {
    let mut records = Vec::new();
    let mut found = Found::Nothing;
    let Some(queue) = &mut followed.queue else { return (records, found) };
    let next = &mut followed.next;
    queue.take(bounds::RECORDS_A_TURN, |taken| match taken {
        Taken::Message(message) => {
            assert!(message.offset() >= *next, "a partition is read forwards");
            *next = message.offset() + 1;
            records.push(wire::record(&message));
            // Records after an end: it is not the end any more.
            found = Found::Nothing;
        }
        Taken::End(offset) => {
            // What a transaction leaves between records has been passed too.
            *next = offset.max(*next);
            found = Found::End;
        }
        Taken::Gone(why) => found = Found::OutOfRange(why),
        Taken::Failed(why) => found = Found::Trouble(why),
    });
    if !records.is_empty() || matches!(found, Found::End) {
        followed.unsure = false;
    }
    if matches!(found, Found::End) {
        followed.stale_end = false;
    }
    (records, found)
}

fn consumer(config: &Config, partition: u32) -> Result<Arc<BaseConsumer<Context>>, String> {
    let context = Context::watching(wire::partition(partition));
    client::inputs(config, context).map(Arc::new).map_err(|error| error.to_string())
}
