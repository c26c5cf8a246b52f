//! How many partitions the journals name: so many the deployment has, however many its topics have by now.
//!
//! A partition whose own journal is empty can't tell from it that the topics were enlarged under a running
//! deployment. It would begin a new life for pools that live elsewhere.

use std::time::Instant;

use contract::Topic;
use lane::JournalRecord;
use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaError,
    message::Message,
};

use crate::{
    Config, Connection, DriverError, TopicNames, bounds, client, close, context::Context, wire,
};

/// What the first journal record that is found beside `partition`'s names; `None` where there is none in any
/// of the `partitions`.
pub(crate) fn partitions(
    config: &Config,
    partition: u32,
    partitions: u32,
) -> Result<Option<u32>, String> {
    let others: Vec<u32> = (0..partitions).filter(|other| *other != partition).collect();
    if others.is_empty() {
        return Ok(None);
    }
    let consumer =
        client::journal(config, Context::default()).map_err(|error| error.to_string())?;
    let found = read(&config.topics, &others, &consumer);
    close::in_background("journals", consumer);
    found
}

/// What the first journal record that is found names; `None` where the journals of all `partitions` are empty.
pub(crate) fn named(
    connection: &Connection,
    names: &TopicNames,
    partitions: u32,
) -> Result<Option<u32>, DriverError> {
    let all: Vec<u32> = (0..partitions).collect();
    let consumer =
        client::archive(connection, "granary-look", "read_committed", Context::default())?;
    let found = read(names, &all, &consumer);
    close::in_background("journals", consumer);
    let what = "asking the journal for the number of partitions".to_owned();
    found.map_err(|why| DriverError::Unreadable { what, why })
}

fn read(
    names: &TopicNames,
    others: &[u32],
    consumer: &BaseConsumer<Context>,
) -> Result<Option<u32>, String> {
    let name = names.get(Topic::Journal);
    let mut assigned = TopicPartitionList::new();
    for other in others {
        assigned
            .add_partition_offset(name, wire::partition(*other), Offset::Beginning)
            .map_err(|error| error.to_string())?;
    }
    consumer.assign(&assigned).map_err(|error| error.to_string())?;
    let deadline = Instant::now() + bounds::QUESTION;
    let (mut ends, mut unreadable) = (0, None);
    while ends < others.len() {
        match consumer.poll(deadline.saturating_duration_since(Instant::now())) {
            Some(Ok(message)) => {
                let record = JournalRecord::decode(message.payload().unwrap_or_default());
                let place = (message.partition(), message.offset());
                match record {
                    Ok(record) => return Ok(Some(record.partitions)),
                    Err(why) => unreadable = Some((place, why)),
                }
            }
            Some(Err(KafkaError::PartitionEOF(_))) => ends += 1,
            // Told to the log by the client's context; the client tries again by itself.
            Some(Err(_)) | None => {}
        }
        if Instant::now() >= deadline {
            return Err(format!(
                "{} of {} partitions of {name} can't be read",
                others.len() - ends,
                others.len()
            ));
        }
    }
    unreadable.map_or(Ok(None), |(place, why)| {
        Err(format!("the record of {name} at partition and offset {place:?}: {why}"))
    })
}
