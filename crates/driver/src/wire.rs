//! Between the lane's words and rdkafka's.

use contract::Topic;
use lane::{InputTopic, Record, Time};

use crate::queue::Message;

/// A partition's number as Kafka's protocol has it.
///
/// # Panics
/// Above what the protocol can say; Kafka hands out no such partition.
pub(crate) fn partition(partition: u32) -> i32 {
    i32::try_from(partition).expect("Kafka numbers partitions in 31 bits")
}

/// The topic that is this input.
pub(crate) const fn topic(input: InputTopic) -> Topic {
    match input {
        InputTopic::Reroute => Topic::Reroute,
        InputTopic::Stock => Topic::Stock,
        InputTopic::Orders => Topic::Orders,
        InputTopic::Comments => Topic::Comments,
    }
}

/// What was fetched, with bytes of its own. A record without a timestamp gets 0, which the lane does not believe: it
/// arrives when it is taken.
pub(crate) fn record(message: &Message<'_>) -> Record {
    Record {
        offset: message.offset(),
        timestamp: Time(message.timestamp().unwrap_or(0)),
        key: message.key().map(<[u8]>::to_vec),
        headers: message.headers(),
        value: message.value().map(<[u8]>::to_vec),
    }
}
