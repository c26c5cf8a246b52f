//! This process's place in the group: which partitions' lanes it runs.
//!
//! The consumer subscribes to the orders topic and reads nothing of it. What it is assigned it pauses at
//! once; what matters is that it is told. Fencing does not rest on it: a process that believes for too long
//! that a partition is its own is shut out by its successor's producer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use contract::Topic;
use rdkafka::{
    ClientContext, Offset, TopicPartitionList,
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    error::{KafkaError, KafkaResult},
    types::RDKafkaRespErr,
};
use signals::Flag;
use telemetry::{Board, metrics::Rebalance};

use crate::{
    Config, DriverError, OnStop, bounds, client, close,
    context::Context,
    keeper::{Task, Tasks},
    lanes::Lanes,
    native,
};

/// Takes the place in the group and keeps it until `stop` is set or something is wrong. Leaves it in order:
/// the lanes first, the group then.
pub(crate) fn keep(
    config: &Config,
    lanes: &Arc<Lanes>,
    board: &Arc<Board>,
    keeper: &Tasks,
    stop: &Flag,
) -> Result<(), DriverError> {
    let context = Member {
        common: Context::default(),
        lanes: Arc::clone(lanes),
        board: Arc::clone(board),
        keeper: keeper.clone(),
    };
    let consumer = client::membership(config, context)?;
    consumer
        .subscribe(&[config.topics.get(Topic::Orders)])
        .map_err(DriverError::question("joining the group"))?;
    let mut result = Ok(());
    while !stop.is_up() && result.is_ok() {
        result = match consumer.poll(bounds::MEMBERSHIP_POLL) {
            Some(Err(KafkaError::MessageConsumptionFatal(code))) => {
                Err(DriverError::ShutOut { detail: code.to_string() })
            }
            // Nothing is read; other errors are told to the log by the context and tried again.
            _ => lanes.verdict(),
        };
    }
    lanes.stop_all(config.stop_timeout);
    if config.instance.is_some() && config.on_stop == OnStop::HandOver {
        leave(&consumer);
    }
    close::within("membership", consumer, bounds::CLOSE);
    result
}

/// Leaves the group. A member without a name does so by closing; for one that has a name the client says
/// nothing then, so that its partitions wait for it, and it has to be made to forget what it subscribed to.
fn leave(consumer: &BaseConsumer<Member>) {
    consumer.unsubscribe();
    let until = Instant::now() + bounds::LEAVE;
    let has_partitions = || consumer.assignment().is_ok_and(|assigned| assigned.count() > 0);
    while has_partitions() && Instant::now() < until {
        // The callback that gives them back is called from here.
        drop(consumer.poll(bounds::MEMBERSHIP_POLL));
    }
}

/// Starts and stops lanes when the group says so. Runs on the thread that polls.
struct Member {
    common: Context,
    lanes: Arc<Lanes>,
    board: Arc<Board>,
    keeper: Tasks,
}

impl Member {
    /// Tells the keeper that the group has changed.
    fn joined(&self, consumer: &BaseConsumer<Self>) {
        if let Some(own) = native::member_id(consumer) {
            // Where it has ended, the process ends.
            let _ = self.keeper.send(Task::Joined(own));
        }
    }

    fn assigned(
        &self,
        consumer: &BaseConsumer<Self>,
        list: &TopicPartitionList,
    ) -> KafkaResult<()> {
        // At the end, so that nobody looks for a committed offset that this group never has.
        let mut at_end = list.clone();
        at_end.set_all_offsets(Offset::End)?;
        consumer.incremental_assign(&at_end)?;
        let partitions = partitions(list);
        tell(Rebalance::Assigned, &partitions);
        self.lanes.start(&partitions);
        self.board.set_joined();
        self.joined(consumer);
        consumer.pause(&at_end)
    }

    fn revoked(&self, consumer: &BaseConsumer<Self>, list: &TopicPartitionList) -> KafkaResult<()> {
        let lost = consumer.assignment_lost();
        let partitions = partitions(list);
        tell(if lost { Rebalance::Lost } else { Rebalance::Revoked }, &partitions);
        // Where they are lost already, somebody else has them: there is nothing to wait for.
        let within = if lost { Duration::ZERO } else { bounds::REVOKE };
        self.lanes.stop(&partitions, within);
        self.joined(consumer);
        consumer.incremental_unassign(list)
    }
}

impl ClientContext for Member {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.common.log(level, facility, line);
    }

    fn stats_raw(&self, statistics: &[u8]) {
        self.common.stats_raw(statistics);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.common.error(error, reason);
    }
}

impl ConsumerContext for Member {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        event: RDKafkaRespErr,
        list: &mut TopicPartitionList,
    ) {
        let done = match event {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => self.assigned(consumer, list),
            _ => self.revoked(consumer, list),
        };
        if let Err(error) = done {
            self.common.error(error, "a change of partitions could not be taken");
        }
    }
}

fn partitions(list: &TopicPartitionList) -> Vec<u32> {
    let mut partitions: Vec<u32> =
        list.elements().iter().filter_map(|e| u32::try_from(e.partition()).ok()).collect();
    partitions.sort_unstable();
    partitions
}

fn tell(change: Rebalance, partitions: &[u32]) {
    let numbers: Vec<i32> = partitions.iter().map(|p| crate::wire::partition(*p)).collect();
    telemetry::metrics::rebalanced(change);
    telemetry::log::rebalanced(change, &numbers);
}
