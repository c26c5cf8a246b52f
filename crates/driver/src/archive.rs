//! Everything that is on a deployment's topics, for whoever looks at it from outside, beside a running service.
//!
//! Committed records only, outside any group, and nothing is written: the service does not notice.

use std::sync::Arc;
use std::time::Instant;

use contract::Topic;
use lane::{InputTopic, PerInput, Record};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};

use crate::context::Context;
use crate::queue::{Queue, Taken};
use crate::topics::partitions_of;
use crate::{Connection, DriverError, TopicNames, bounds, client, wire};

/// A reader of a deployment's topics.
pub struct Archive {
    /// Sees what is committed.
    committed: Arc<BaseConsumer<Context>>,
    /// Sees where the partitions end, open transactions included.
    written: BaseConsumer<Context>,
    names: TopicNames,
}

/// The offsets of a topic's partition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// The first that is retained.
    pub earliest: i64,
    /// Before it every transaction is decided: what is committed there can be read.
    pub stable: i64,
    /// The one after the last that is written.
    pub written: i64,
}

impl std::fmt::Debug for Archive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Archive").field("names", &self.names).finish_non_exhaustive()
    }
}

impl Archive {
    /// Connects to the brokers. `application` names the group whose offsets can be asked for.
    ///
    /// # Errors
    /// The properties are not usable.
    pub fn open(
        connection: &Connection,
        names: &TopicNames,
        application: &str,
    ) -> Result<Self, DriverError> {
        connection.check()?;
        let open = |level| client::archive(connection, application, level, Context::default());
        Ok(Self {
            committed: Arc::new(open("read_committed")?),
            written: open("read_uncommitted")?,
            names: names.clone(),
        })
    }

    /// What a topic's partition has, asked in the order of [`Extent`]'s last two fields: everything before
    /// `stable` was decided when `written` was asked for.
    ///
    /// # Errors
    /// The brokers don't answer.
    pub fn extent(&self, topic: Topic, partition: u32) -> Result<Extent, DriverError> {
        let name = self.names.get(topic);
        let ask = |consumer: &BaseConsumer<Context>| {
            consumer
                .fetch_watermarks(name, wire::partition(partition), bounds::QUESTION)
                .map_err(DriverError::question(format!("asking for the offsets of {name}")))
        };
        let (earliest, stable) = ask(&self.committed)?;
        let (_, written) = ask(&self.written)?;
        Ok(Extent { earliest, stable, written })
    }

    /// How many partitions a topic has.
    ///
    /// # Errors
    /// The brokers don't answer, or there is no such topic.
    pub fn partitions(&self, topic: Topic) -> Result<u32, DriverError> {
        let name = self.names.get(topic);
        let what = || format!("asking for the topic {name}");
        let metadata = self
            .written
            .fetch_metadata(Some(name), bounds::QUESTION)
            .map_err(DriverError::question(what()))?;
        let count = partitions_of(&metadata, name);
        let why = "it does not exist".to_owned();
        let count = count.ok_or_else(|| DriverError::Unreadable { what: what(), why })?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// What the offsets' group has committed of a partition's inputs.
    ///
    /// # Errors
    /// The brokers don't answer.
    pub fn committed(&self, partition: u32) -> Result<PerInput<Option<i64>>, DriverError> {
        let name = |input| self.names.get(wire::topic(input));
        let partition = wire::partition(partition);
        let mut asked = TopicPartitionList::new();
        for input in InputTopic::ALL {
            asked.add_partition(name(input), partition);
        }
        let found = self
            .committed
            .committed_offsets(asked, bounds::QUESTION)
            .map_err(DriverError::question("asking for the committed offsets"))?;
        Ok(PerInput::from_fn(|input| {
            match found.find_partition(name(input), partition)?.offset() {
                Offset::Offset(offset) => Some(offset),
                _ => None,
            }
        }))
    }

    /// Gives each committed record of a topic's partition from the offset `from` up to before `to`, in order.
    ///
    /// # Errors
    /// The client can't read on: the offset `from` is gone, or the brokers are silent for a minute.
    pub fn read(
        &self,
        topic: Topic,
        partition: u32,
        (from, to): (i64, i64),
        mut each: impl FnMut(&Record),
    ) -> Result<(), DriverError> {
        if from >= to {
            return Ok(());
        }
        let name = self.names.get(topic);
        let number = wire::partition(partition);
        let what = format!("reading {name}/{partition} from offset {from}");
        let reader = std::thread::current();
        let unreadable = |why| DriverError::Unreadable { what: what.clone(), why };
        let queue = Queue::split(&self.committed, name, number, move || reader.unpark());
        let mut queue = queue.map_err(unreadable)?;
        let mut assigned = TopicPartitionList::new();
        assigned
            .add_partition_offset(name, number, Offset::Offset(from))
            .and_then(|()| self.committed.assign(&assigned))
            .map_err(DriverError::question(what.as_str()))?;
        let mut heard = Instant::now();
        let (mut done, mut gone) = (false, None);
        while !done {
            let mut news = false;
            queue.take(bounds::RECORDS_A_TURN, |taken| match taken {
                Taken::Message(message) if message.offset() < to => {
                    each(&wire::record(&message));
                    news = true;
                    done |= message.offset() + 1 >= to;
                }
                Taken::Message(_) => done = true,
                Taken::End(end) => done |= end >= to,
                Taken::Gone(why) => gone = Some(why),
                // The client tries again by itself.
                Taken::Failed(_) => {}
            });
            if let Some(why) = gone {
                return Err(unreadable(why));
            }
            if news {
                heard = Instant::now();
            } else if heard.elapsed() > bounds::ARCHIVE_PATIENCE {
                let patience = bounds::ARCHIVE_PATIENCE.as_secs();
                return Err(unreadable(format!("nothing came for {patience} s")));
            } else if !done {
                std::thread::park_timeout(bounds::ARCHIVE_TURN);
            }
        }
        Ok(())
    }
}
