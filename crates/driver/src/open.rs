//! What a partition looks like once the last owner is shut out: sizes, offsets, and what the group has.

use contract::Topic;
use lane::{InputSpan, InputTopic, Opened, PerInput, Span};
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
};

use crate::{Config, bounds, context::Context, elsewhere, topics::partitions_of, wire};

/// Looks all of it up. Only after `init_transactions`: before it, the last owner may still add to it.
pub(crate) fn look(
    config: &Config,
    partition: u32,
    consumer: &BaseConsumer<Context>,
) -> Result<Opened, String> {
    let number = wire::partition(partition);
    let partitions = partitions(config, consumer)?;
    let journal = span(config, Topic::Journal, number, consumer)?;
    let checkpoints = span(config, Topic::Checkpoints, number, consumer)?;
    let committed = committed(config, number, consumer)?;
    let mut inputs = PerInput::from_fn(|_| InputSpan::default());
    for (input, found) in inputs.iter_mut() {
        found.span = span(config, wire::topic(input), number, consumer)?;
        found.committed = committed[input];
    }
    let elsewhere = if journal.end <= journal.earliest {
        elsewhere::partitions(config, partition, partitions)?
    } else {
        None
    };
    Ok(Opened { shut_out: true, partitions, elsewhere, journal, checkpoints, inputs })
}

/// How many partitions the topics that a lane reads have. Where they differ, the greatest: it is another
/// number than the journal's, and stops the lane.
fn partitions(config: &Config, consumer: &BaseConsumer<Context>) -> Result<u32, String> {
    let mut most = 0;
    for topic in
        InputTopic::ALL.map(wire::topic).into_iter().chain([Topic::Journal, Topic::Checkpoints])
    {
        let name = config.topics.get(topic);
        let metadata = consumer
            .fetch_metadata(Some(name), bounds::QUESTION)
            .map_err(|error| failed("asking for the topic", name, &error))?;
        let found = partitions_of(&metadata, name)
            .ok_or_else(|| format!("the topic {name} does not exist"))?;
        most = most.max(found);
    }
    Ok(u32::try_from(most).unwrap_or(u32::MAX))
}

fn span(
    config: &Config,
    topic: Topic,
    partition: i32,
    consumer: &BaseConsumer<Context>,
) -> Result<Span, String> {
    let name = config.topics.get(topic);
    // A consumer that reads committed is told the last stable offset as the end.
    let (earliest, end) = consumer
        .fetch_watermarks(name, partition, bounds::QUESTION)
        .map_err(|error| failed("asking for the offsets of", name, &error))?;
    Ok(Span { earliest, end })
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
