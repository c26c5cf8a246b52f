//! Between the lane's words and rdkafka's.

use contract::{Header, Topic};
use lane::{InputTopic, Record, Time};
use rdkafka::message::{BorrowedMessage, Headers, Message};

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

/// What was fetched, with bytes of its own. A record without a timestamp arrived at the epoch; brokers of
/// this century stamp every record.
pub(crate) fn record(message: &BorrowedMessage<'_>) -> Record {
    let headers = message.headers().map_or_else(Vec::new, |headers| {
        headers
            .iter()
            .map(|header| Header {
                name: header.key.to_owned().into(),
                value: header.value.map(<[u8]>::to_vec),
            })
            .collect()
    });
    Record {
        offset: message.offset(),
        timestamp: Time(message.timestamp().to_millis().unwrap_or(0)),
        key: message.key().map(<[u8]>::to_vec),
        headers,
        value: message.payload().map(<[u8]>::to_vec),
    }
}
