//! One partition, read committed from an offset on: a journal, or a partition of checkpoints.
//!
//! With a consumer of its own. Where the brokers were away and it then stays silent, it is replaced: clients have
//! been seen to wait for long. What was fetched ahead is fetched again, which costs milliseconds.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rdkafka::{
    Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
};

use crate::{
    DriverError, bounds, close,
    context::Context,
    queue::{Message, Queue, Taken},
};
use signals::Wake;

/// Makes the consumers of a reader.
type Make = Box<dyn Fn(Context) -> Result<BaseConsumer<Context>, DriverError>>;

/// A reader of one partition. It wakes its lane when there is news.
pub(crate) struct PartitionReader {
    make: Make,
    topic: String,
    partition: i32,
    wake: Arc<Wake>,
    attached: Option<(Queue, Arc<BaseConsumer<Context>>)>,
    next: i64,
    /// Since when nothing is known, because the brokers were away.
    unsure: Option<Instant>,
    /// How long it may stay so before the consumer is replaced; doubles while that does not help.
    patience: Duration,
}

/// What came of a look at what has been fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// No more for now.
    Nothing,
    /// What was read last ended the partition as it was then.
    End,
    /// The offset that was to be read next does not exist; the client's words.
    Gone(String),
}

impl PartitionReader {
    /// A reader that begins at the offset `from`.
    pub(crate) fn new(
        topic: &str,
        partition: i32,
        from: i64,
        wake: Arc<Wake>,
        make: impl Fn(Context) -> Result<BaseConsumer<Context>, DriverError> + 'static,
    ) -> Result<Self, String> {
        let mut this = Self {
            make: Box::new(make),
            topic: topic.to_owned(),
            partition,
            wake,
            attached: None,
            next: from,
            unsure: None,
            patience: bounds::REPLACE_AFTER,
        };
        this.attach()?;
        Ok(this)
    }

    /// Where it goes on: everything readable before it has been handed over.
    pub(crate) const fn next(&self) -> i64 {
        self.next
    }

    /// The offset after the newest record that the last fetch told of.
    pub(crate) fn known_end(&self) -> Option<i64> {
        let (_, consumer) = self.attached.as_ref()?;
        crate::native::known_end(consumer, &self.topic, self.partition)
    }

    /// Takes what has been fetched, `most` records at most, without waiting.
    pub(crate) fn take(
        &mut self,
        most: usize,
        mut each: impl FnMut(&Message<'_>),
    ) -> Result<Look, String> {
        let Some((queue, consumer)) = &mut self.attached else {
            return Err("the consumer could not be replaced".into());
        };
        // Serves the client's events; its errors are told by its context.
        while consumer.poll(Duration::ZERO).is_some() {}
        let (mut look, next, mut news) = (Look::Nothing, &mut self.next, false);
        queue.take(most, |taken| match taken {
            Taken::Message(message) => {
                assert!(message.offset() >= *next, "a partition is read forwards");
                *next = message.offset() + 1;
                each(&message);
                (look, news) = (Look::Nothing, true);
            }
            Taken::End(offset) => {
                // Past what transactions leave between records, too.
                *next = offset.max(*next);
                (look, news) = (Look::End, true);
            }
            Taken::Gone(why) => look = Look::Gone(why),
            // Told to the log by the client's context; the client tries again by itself.
            Taken::Failed(_) => {}
        });
        if news {
            (self.unsure, self.patience) = (None, bounds::REPLACE_AFTER);
        } else if consumer.context().take_trouble() {
            self.unsure.get_or_insert_with(Instant::now);
        }
        if self.unsure.is_some_and(|since| since.elapsed() > self.patience) {
            self.patience = (self.patience * 2).min(bounds::REPLACE_AFTER_MAX);
            self.unsure = Some(Instant::now());
            self.attach()?;
        }
        Ok(look)
    }

    /// Begins to read where it stands, with a fresh consumer.
    fn attach(&mut self) -> Result<(), String> {
        self.detach();
        let consumer = (self.make)(Context::default()).map_err(|error| error.to_string())?;
        let consumer = Arc::new(consumer);
        let wake = Arc::clone(&self.wake);
        let queue = Queue::split(&consumer, &self.topic, self.partition, move || wake.wake())?;
        let mut assigned = TopicPartitionList::new();
        assigned
            .add_partition_offset(&self.topic, self.partition, Offset::Offset(self.next))
            .and_then(|()| consumer.incremental_assign(&assigned))
            .map_err(|error| error.to_string())?;
        self.attached = Some((queue, consumer));
        Ok(())
    }

    /// The queue goes before its consumer, which goes in the background: closing has hung before.
    fn detach(&mut self) {
        if let Some((queue, consumer)) = self.attached.take() {
            drop(queue);
            close::in_background("reader", consumer);
        }
    }
}

impl Drop for PartitionReader {
    fn drop(&mut self) {
        self.detach();
    }
}
