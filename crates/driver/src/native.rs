//! Functions of librdkafka that are called directly, because rust-rdkafka's own are too slow or not there. With
//! [`crate::queue`] and [`crate::lines`] the only unsafe code of the driver.
#![expect(unsafe_code, reason = "rust-rdkafka has no other way to these functions")]

use std::{
    ffi::{CStr, CString},
    time::Duration,
};

use rdkafka::{
    bindings,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    producer::{Producer, ThreadedProducer},
    types::{RDKafkaErrorCode, RDKafkaRespErr},
};

use crate::context::Context;

/// What librdkafka says of a commit that did not succeed for certain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommitError {
    pub(crate) code: RDKafkaErrorCode,
    pub(crate) text: String,
}

/// Flushes and commits, and waits `within` at most: without a bound the client asks for an answer for as long
/// as none comes, also when Kafka has long ended the transaction by itself.
///
/// rust-rdkafka's `commit_transaction` flushes first, in a loop that sleeps 100 ms whenever anything is
/// outstanding, which is always. librdkafka's own commit flushes too, without the sleep.
pub(crate) fn commit(
    producer: &ThreadedProducer<Context>,
    within: Duration,
) -> Result<(), CommitError> {
    let within = i32::try_from(within.as_millis()).unwrap_or(i32::MAX);
    let client = producer.client().native_ptr();
    // SAFETY: the pointer is the client's own, which the borrowed producer keeps alive; librdkafka's functions
    // may be called from any thread, and the producer's events are served by a thread of its own.
    let error = unsafe { bindings::rd_kafka_commit_transaction(client, within) };
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: librdkafka returned an error object, which is ours to read until we destroy it, once, here. The
    // string belongs to the object and is copied before.
    unsafe {
        let code = bindings::rd_kafka_error_code(error).into();
        let text = CStr::from_ptr(bindings::rd_kafka_error_string(error)).to_string_lossy();
        let text = text.into_owned();
        bindings::rd_kafka_error_destroy(error);
        Err(CommitError { code, text })
    }
}

/// What the group calls this consumer; `None` before it has joined.
pub(crate) fn member_id<C: ConsumerContext + 'static>(
    consumer: &BaseConsumer<C>,
) -> Option<String> {
    let client = consumer.client().native_ptr();
    // SAFETY: the pointer is the client's own, which the borrowed consumer keeps alive. The string is ours: it
    // is copied, and given back once, with the client's own function.
    unsafe {
        let id = bindings::rd_kafka_memberid(client);
        if id.is_null() {
            return None;
        }
        let copy = CStr::from_ptr(id).to_string_lossy().into_owned();
        bindings::rd_kafka_mem_free(client, id.cast());
        (!copy.is_empty()).then_some(copy)
    }
}

/// The offset after the newest record that the last fetch of a partition told of; `None` before the first.
/// Asks nobody, so it can be called at every turn.
pub(crate) fn known_end(
    consumer: &BaseConsumer<Context>,
    topic: &str,
    partition: i32,
) -> Option<i64> {
    let topic = CString::new(topic).ok()?;
    let (mut low, mut high) = (-1, -1);
    let client = consumer.client().native_ptr();
    // SAFETY: the pointer is the client's own, which the borrowed consumer keeps alive; the name ends with a
    // nul and lives until the call returns; both results are ours.
    let code = unsafe {
        bindings::rd_kafka_get_watermark_offsets(
            client,
            topic.as_ptr(),
            partition,
            &raw mut low,
            &raw mut high,
        )
    };
    (code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0).then_some(high)
}
