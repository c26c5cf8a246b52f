//! The clients that the driver makes, each with its properties and the reason for each of them.

use lane::InputTopic;
use rdkafka::{
    ClientConfig,
    admin::AdminClient,
    config::{FromClientConfigAndContext, RDKafkaLogLevel},
    consumer::BaseConsumer,
    producer::ThreadedProducer,
};

use crate::{Config, Connection, DriverError, bounds, context::Context};

/// Asks about topics and makes them.
pub(crate) fn admin(
    connection: &Connection,
    context: Context,
) -> Result<AdminClient<Context>, DriverError> {
    let config = common(connection);
    AdminClient::from_config_and_context(&config, context)
        .map_err(DriverError::client("administration", connection))
}

/// A lane's producer. Events are served by a thread of its own: an abort that waits for reports which only its caller
/// could take would never end. When it loses a connection it says so, for [`crate::lines`].
pub(crate) fn producer(
    config: &Config,
    partition: u32,
    context: Context,
) -> Result<ThreadedProducer<Context>, DriverError> {
    let mut client = common(&config.connection);
    client
        .set_log_level(RDKafkaLogLevel::Debug)
        .set("debug", "broker")
        .set("transactional.id", format!("{}-{partition}", config.application))
        .set("transaction.timeout.ms", config.transaction_timeout.as_millis().to_string())
        // A commit flushes anyway; lingering would be latency.
        .set("linger.ms", "0")
        // Retries while the coordinator is busy with the last transaction are what a small transaction
        // waits for: 100 ms by default.
        .set("retry.backoff.ms", "1")
        // That a record has arrived is news too: the journal's says when, by the broker's clock.
        .set("delivery.report.only.error", "false")
        // What passes an input topic must pass again as a dead letter; the broker is the one who judges.
        .set("message.max.bytes", bounds::MESSAGE_BYTES.to_string())
        .set("queue.buffering.max.messages", bounds::PRODUCER_QUEUE_RECORDS.to_string())
        .set("queue.buffering.max.kbytes", (bounds::PRODUCER_QUEUE_BYTES / 1024).to_string())
        .set("compression.type", "lz4");
    ThreadedProducer::from_config_and_context(&client, context)
        .map_err(DriverError::client("a lane's producer", &config.connection))
}

/// A lane's consumer of its input partitions. Its group has no members: only the offsets are kept under it.
pub(crate) fn inputs(
    config: &Config,
    context: Context,
) -> Result<BaseConsumer<Context>, DriverError> {
    let mut client = reading(config);
    // The client bounds each queue that is split off, so each input has its part.
    let ahead = (config.fetch_ahead / InputTopic::ALL.len() / 1024).max(1);
    client
        .set("queued.max.messages.kbytes", ahead.to_string())
        .set("queued.min.messages", bounds::QUEUED_RECORDS.to_string())
        // Tells that a broker is connected and silent, long before the client calls it dead.
        .set("statistics.interval.ms", bounds::STATISTICS.as_millis().to_string());
    BaseConsumer::from_config_and_context(&client, context)
        .map_err(DriverError::client("a lane's inputs", &config.connection))
}

/// Is told how far inputs are written, and reads the first record of what is not committed.
pub(crate) fn written(
    config: &Config,
    context: Context,
) -> Result<BaseConsumer<Context>, DriverError> {
    let mut client = reading(config);
    client
        .set("isolation.level", "read_uncommitted")
        // A fetch that waits would hold up the next question.
        .set("fetch.wait.max.ms", bounds::ARCHIVE_WAIT.as_millis().to_string())
        .set("queued.max.messages.kbytes", bounds::SMALL_QUEUE_KIB.to_string());
    BaseConsumer::from_config_and_context(&client, context)
        .map_err(DriverError::client("a survey of the inputs", &config.connection))
}

/// A reader of a journal's partition, on the way back.
pub(crate) fn journal(
    config: &Config,
    context: Context,
) -> Result<BaseConsumer<Context>, DriverError> {
    let mut client = reading(config);
    client
        // The journal is the authority on what happened: what the disk or the wire did to it must show.
        .set("check.crcs", "true")
        .set("queued.max.messages.kbytes", bounds::SMALL_QUEUE_KIB.to_string());
    BaseConsumer::from_config_and_context(&client, context)
        .map_err(DriverError::client("a lane's journal", &config.connection))
}

/// A reader of a partition of checkpoints, on the way back: as fast as the brokers give it, since a lane waits.
pub(crate) fn checkpoints(
    config: &Config,
    context: Context,
) -> Result<BaseConsumer<Context>, DriverError> {
    let mut client = reading(config);
    let response = bounds::CHECKPOINTS_FETCH + bounds::RESPONSE_OVERHEAD;
    client
        // A state that the disk or the wire has changed must not be taken for the state.
        .set("check.crcs", "true")
        .set("fetch.max.bytes", bounds::CHECKPOINTS_FETCH.to_string())
        .set("max.partition.fetch.bytes", bounds::CHECKPOINTS_FETCH.to_string())
        .set("receive.message.max.bytes", (response + bounds::FETCH_PARTITION_BYTES).to_string())
        .set("queued.max.messages.kbytes", (bounds::CHECKPOINTS_AHEAD / 1024).to_string());
    BaseConsumer::from_config_and_context(&client, context)
        .map_err(DriverError::client("a lane's checkpoints", &config.connection))
}

/// What any reader of partitions has. It never commits by itself, and never skips.
fn reading(config: &Config) -> ClientConfig {
    let fetch_max = config.fetch_ahead.max(bounds::FETCH_PARTITION_BYTES);
    let mut client = common(&config.connection);
    client
        .set("group.id", &config.application)
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        // That an input is at its end decides whether others wait for it.
        .set("enable.partition.eof", "true")
        // What is no longer there must stop the lane, not be skipped.
        .set("auto.offset.reset", "error")
        // A consumer that drains its queue would else pause for a second (`fetch.queue.backoff.ms` is 1000).
        .set("fetch.queue.backoff.ms", "1")
        // That an input is at its end is known only when a fetch comes back empty, so it must not wait long.
        .set("fetch.wait.max.ms", bounds::FETCH_WAIT.as_millis().to_string())
        .set("fetch.max.bytes", fetch_max.to_string())
        .set("max.partition.fetch.bytes", bounds::FETCH_PARTITION_BYTES.to_string())
        .set(
            "receive.message.max.bytes",
            (fetch_max + bounds::FETCH_PARTITION_BYTES + bounds::RESPONSE_OVERHEAD).to_string(),
        );
    client
}

/// The group in which the processes share out the partitions. It keeps no offsets.
pub(crate) fn members_group(config: &Config) -> String {
    format!("{}-members", config.application)
}

/// The process's place in the group: it is assigned partitions and fetches nothing of them.
pub(crate) fn membership<C: rdkafka::consumer::ConsumerContext + 'static>(
    config: &Config,
    context: C,
) -> Result<BaseConsumer<C>, DriverError> {
    let mut client = common(&config.connection);
    // The client refuses less than the session timeout.
    let patience = bounds::REBALANCE.max(config.session_timeout);
    client
        .set("group.id", members_group(config))
        .set("max.poll.interval.ms", patience.as_millis().to_string())
        .set("partition.assignment.strategy", "cooperative-sticky")
        .set("session.timeout.ms", config.session_timeout.as_millis().to_string())
        .set("heartbeat.interval.ms", bounds::HEARTBEAT.as_millis().to_string())
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        // It never reads, so where it would begin must only not be an error.
        .set("auto.offset.reset", "latest")
        .set("queued.max.messages.kbytes", bounds::SMALL_QUEUE_KIB.to_string());
    if let Some(instance) = &config.instance {
        client.set("group.instance.id", instance);
    }
    BaseConsumer::from_config_and_context(&client, context)
        .map_err(DriverError::client("the group", &config.connection))
}

/// Publishes as a bridge does: by key, with Kafka's own partitioner.
pub(crate) fn publisher<
    C: rdkafka::producer::ProducerContext<rdkafka::producer::NoCustomPartitioner> + 'static,
>(
    connection: &Connection,
    context: C,
) -> Result<ThreadedProducer<C>, DriverError> {
    let mut client = common(connection);
    client
        .set("enable.idempotence", "true")
        // librdkafka's own default would put pools elsewhere than Kafka's does.
        .set("partitioner", "murmur2_random")
        .set("linger.ms", "2")
        .set("compression.type", "lz4");
    ThreadedProducer::from_config_and_context(&client, context)
        .map_err(DriverError::client("publishing", connection))
}

/// Reads partitions from outside, from their beginning and without a group; the group is named because its
/// offsets can be asked for.
pub(crate) fn archive(
    connection: &Connection,
    application: &str,
    isolation: &str,
    context: Context,
) -> Result<BaseConsumer<Context>, DriverError> {
    let mut client = common(connection);
    client
        .set("group.id", application)
        .set("isolation.level", isolation)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        // What is no longer there must be said, not skipped.
        .set("auto.offset.reset", "error")
        .set("check.crcs", "true")
        .set("fetch.queue.backoff.ms", "1")
        .set("fetch.wait.max.ms", bounds::ARCHIVE_WAIT.as_millis().to_string())
        .set("queued.max.messages.kbytes", bounds::ARCHIVE_QUEUE_KIB.to_string());
    BaseConsumer::from_config_and_context(&client, context)
        .map_err(DriverError::client("reading the topics", connection))
}

/// Reads as an outside program does, without a group.
pub(crate) fn looker(
    connection: &Connection,
    context: Context,
) -> Result<BaseConsumer<Context>, DriverError> {
    let mut client = common(connection);
    client
        .set("group.id", "granary-look")
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "earliest")
        .set("fetch.queue.backoff.ms", "1")
        .set("queued.max.messages.kbytes", bounds::SMALL_QUEUE_KIB.to_string());
    BaseConsumer::from_config_and_context(&client, context)
        .map_err(DriverError::client("reading the outputs", connection))
}

fn common(connection: &Connection) -> ClientConfig {
    let mut client = ClientConfig::new();
    client
        .set_log_level(RDKafkaLogLevel::Info)
        .set("client.id", "granary")
        // Back within a second after the brokers were away, not within ten.
        .set("reconnect.backoff.max.ms", "1000");
    for (key, value) in &connection.properties {
        client.set(key, value);
    }
    client.set("bootstrap.servers", &connection.servers);
    client
}
