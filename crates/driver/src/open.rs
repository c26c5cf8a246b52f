//! What a partition looks like: sizes, offsets, and what the group has.

use std::time::Duration;

use contract::Topic;
use lane::{Described, InputSpan, InputTopic, Opened, PerInput, Span};
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};

use crate::{
    Config, DriverError, bounds, client, close,
    context::Context,
    describe, elsewhere,
    rival::{self, Stranger},
    wire,
};

/// The topics whose spans a lane is told.
const SPANS: [Topic; 6] = [
    Topic::Journal,
    Topic::Checkpoints,
    Topic::Reroute,
    Topic::Stock,
    Topic::Orders,
    Topic::Comments,
];

/// Asks the brokers, for all lanes of a process: a lane's own consumer nearly always has a fetch under way that
/// waits for records, and brokers answer a connection's requests one after the other. It reads nothing itself.
pub(crate) struct Asker {
    consumer: Option<BaseConsumer<Context>>,
    /// How many partitions the deployment has.
    partitions: u32,
}

impl Asker {
    pub(crate) fn new(config: &Config, partitions: u32) -> Result<Self, DriverError> {
        let consumer = Some(client::inputs(config, Context::default())?);
        Ok(Self { consumer, partitions })
    }

    /// Looks all of it up. For an owner only after `init_transactions` (the last one is `shut_out`): before it,
    /// the last owner may still add to it.
    pub(crate) fn look(
        &self,
        config: &Config,
        partition: u32,
        shut_out: bool,
    ) -> Result<Opened, String> {
        let consumer = self.consumer.as_ref().expect("it is there until it is dropped");
        // Its errors are told by its context, and its answers say what is to be known.
        while consumer.poll(Duration::ZERO).is_some() {}
        let number = wire::partition(partition);
        let (least, topics) = described(config, consumer)?;
        // Where a topic has fewer, that is another number than the journal's, and stops the lane.
        let partitions = self.partitions.min(least);
        let committed = committed(config, number, consumer)?;
        let earliest = offsets(config, number, Offset::Beginning, consumer)?;
        let ends = offsets(config, number, Offset::End, consumer)?;
        let span = |topic| -> Result<Span, String> {
            let name = config.topics.get(topic);
            let of = |answered| answer(answered, name, number);
            Ok(Span { earliest: of(&earliest)?, end: of(&ends)? })
        };
        let mut inputs = PerInput::from_fn(|_| InputSpan::default());
        for (input, found) in inputs.iter_mut() {
            found.span = span(wire::topic(input))?;
            found.committed = committed[input];
        }
        let (journal, checkpoints) = (span(Topic::Journal)?, span(Topic::Checkpoints)?);
        let elsewhere = if journal.end <= journal.earliest {
            elsewhere::partitions(config, partition, partitions)?
        } else {
            None
        };
        Ok(Opened { shut_out, partitions, elsewhere, topics, journal, checkpoints, inputs })
    }
}

impl Asker {
    /// The last stable offsets of what is listed.
    pub(crate) fn ends(
        &self,
        list: TopicPartitionList,
        within: Duration,
    ) -> Result<TopicPartitionList, KafkaError> {
        let consumer = self.consumer.as_ref().expect("it is there until it is dropped");
        while consumer.poll(Duration::ZERO).is_some() {}
        consumer.offsets_for_times(list, within)
    }

    /// The members of the group that belong to another deployment. None where the brokers don't answer: whoever asks has
    /// something to tell anyway.
    pub(crate) fn strangers(&self, config: &Config) -> Vec<Stranger> {
        let consumer = self.consumer.as_ref().expect("it is there until it is dropped");
        let (name, orders) = (client::members_group(config), config.topics.get(Topic::Orders));
        let Ok(list) = consumer.fetch_group_list(Some(&name), bounds::QUESTION) else {
            return Vec::new();
        };
        let group = list.groups().iter().find(|group| group.name() == name);
        group.map(|group| rival::strangers(group, orders)).unwrap_or_default()
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        if let Some(consumer) = self.consumer.take() {
            close::in_background("asker", consumer);
        }
    }
}

/// The inputs as the brokers describe them, and how many partitions the topics that a lane reads have at least.
fn described(
    config: &Config,
    consumer: &BaseConsumer<Context>,
) -> Result<(u32, PerInput<Described>), String> {
    let names = SPANS.map(|topic| config.topics.get(topic));
    let found = describe::topics(consumer.client(), &config.connection, &names)?;
    let found: Vec<Described> = found.into_iter().collect::<Result<_, _>>()?;
    let least = found.iter().map(|described| described.partitions).min().unwrap_or(0);
    let of = |input| SPANS.iter().position(|topic| *topic == wire::topic(input));
    let inputs = |input| found[of(input).expect("the inputs are among them")];
    Ok((least, PerInput::from_fn(inputs)))
}

/// The first or last offsets of the partition in all topics that a lane reads, with one question to each broker. A
/// consumer that reads committed is told the last stable offset as the end.
fn offsets(
    config: &Config,
    partition: i32,
    which: Offset,
    consumer: &BaseConsumer<Context>,
) -> Result<TopicPartitionList, String> {
    let journal = config.topics.get(Topic::Journal);
    let mut asked = TopicPartitionList::new();
    for topic in SPANS {
        // The protocol has these two among the times that it can be asked about.
        asked
            .add_partition_offset(config.topics.get(topic), partition, which)
            .expect("both can be listed");
    }
    consumer
        .offsets_for_times(asked, bounds::QUESTION)
        .map_err(|error| failed("asking for the offsets of topics such as", journal, &error))
}

/// What was answered for a partition of a topic.
pub(crate) fn answer(
    answered: &TopicPartitionList,
    name: &str,
    partition: i32,
) -> Result<i64, String> {
    let element = answered
        .find_partition(name, partition)
        .ok_or_else(|| format!("no answer for the offsets of {name}"))?;
    element.error().map_err(|error| failed("asking for the offsets of", name, &error))?;
    match element.offset() {
        Offset::Offset(offset) => Ok(offset),
        other => Err(format!("asking for the offsets of {name}: the answer is {other:?}")),
    }
}

fn committed(
    config: &Config,
    partition: i32,
    consumer: &BaseConsumer<Context>,
) -> Result<PerInput<Option<i64>>, String> {
    let mut asked = TopicPartitionList::new();
    for input in InputTopic::ALL {
        asked.add_partition(config.topics.get(wire::topic(input)), partition);
    }
    let found = consumer.committed_offsets(asked, bounds::QUESTION).map_err(|error| {
        failed("asking for the committed offsets of", &config.application, &error)
    })?;
    Ok(PerInput::from_fn(|input| {
        let element = found.find_partition(config.topics.get(wire::topic(input)), partition)?;
        match element.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        }
    }))
}

fn failed(what: &str, name: &str, error: &KafkaError) -> String {
    format!("{what} {name}: {error}")
}
