//! What topics are: their ids and how many partitions they have. rust-rdkafka does not tell the ids, so librdkafka is
//! asked directly. The in-process broker tells none.
#![expect(unsafe_code, reason = "rust-rdkafka has no other way to topic ids")]

use std::{
    ffi::{CStr, CString, c_char, c_int},
    ptr, slice,
};

use lane::{Described, TopicId};
use rdkafka::{ClientContext, bindings as native, client::Client, types::RDKafkaRespErr};

use crate::{Connection, bounds, topics::partitions_of};

/// What the brokers say of these topics, in the order given; an error in words where one is not there.
///
/// # Errors
/// In words: they don't answer.
pub(crate) fn topics<C: ClientContext>(
    client: &Client<C>,
    connection: &Connection,
    names: &[&str],
) -> Result<Vec<Result<Described, String>>, String> {
    if connection.describes { ask(client, names) } else { Ok(count(client, names)) }
}

/// Without ids, one topic after the other.
fn count<C: ClientContext>(client: &Client<C>, names: &[&str]) -> Vec<Result<Described, String>> {
    let count = |name: &&str| {
        let metadata = client
            .fetch_metadata(Some(name), bounds::QUESTION)
            .map_err(|error| format!("asking for the topic {name}: {error}"))?;
        let found = partitions_of(&metadata, name).ok_or_else(|| missing(name))?;
        Ok(Described { id: None, partitions: u32::try_from(found).unwrap_or(u32::MAX) })
    };
    names.iter().map(count).collect()
}

fn missing(name: &str) -> String {
    format!("the topic {name} does not exist")
}

/// With ids, all in one question.
fn ask<C: ClientContext>(
    client: &Client<C>,
    names: &[&str],
) -> Result<Vec<Result<Described, String>>, String> {
    let texts: Result<Vec<CString>, _> = names.iter().map(|name| CString::new(*name)).collect();
    let texts = texts.map_err(|_| "a topic's name has a zero byte".to_owned())?;
    let mut pointers: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
    let within = c_int::try_from(bounds::QUESTION.as_millis()).unwrap_or(c_int::MAX);
    let client = client.native_ptr();
    // SAFETY: the pointer is the client's own, which the borrowed client keeps alive. The names live until the collection
    // has copied them. Collection, options and queue are ours, and are given back once each, in this block; the
    // client keeps its own reference to the queue for as long as the question is open.
    let event = unsafe {
        let collection =
            native::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
        let options = native::rd_kafka_AdminOptions_new(
            client,
            native::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
        );
        let set = native::rd_kafka_AdminOptions_set_request_timeout;
        // It takes every number of milliseconds below an hour.
        let _ = set(options, within, ptr::null_mut(), 0);
        let queue = native::rd_kafka_queue_new(client);
        native::rd_kafka_DescribeTopics(client, collection, options, queue);
        // The client answers by itself when the time is up.
        let event = native::rd_kafka_queue_poll(queue, within.saturating_mul(2));
        native::rd_kafka_queue_destroy(queue);
        native::rd_kafka_AdminOptions_destroy(options);
        native::rd_kafka_TopicCollection_destroy(collection);
        event
    };
    if event.is_null() {
        return Err("asking for the topics: no answer".into());
    }
    let event = Answer(event);
    event.described(names)
}

/// The client's answer, which is given back when this is dropped.
struct Answer(*mut native::rd_kafka_event_t);

impl Drop for Answer {
    fn drop(&mut self) {
        // SAFETY: it is ours to give back, once, here.
        unsafe { native::rd_kafka_event_destroy(self.0) }
    }
}

impl Answer {
    /// What it says of the topics that were asked for.
    fn described(&self, names: &[&str]) -> Result<Vec<Result<Described, String>>, String> {
        // SAFETY: the event is valid until it is dropped, and so is everything that it is asked for: the error's text, and
        // as many descriptions as it says. A description's strings end with a nul and are copied.
        let found = unsafe {
            let code = native::rd_kafka_event_error(self.0);
            if code != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
                let why = text(native::rd_kafka_event_error_string(self.0));
                return Err(format!("asking for the topics: {why}"));
            }
            let result = native::rd_kafka_event_DescribeTopics_result(self.0);
            if result.is_null() {
                return Err("asking for the topics: another answer than was asked for".into());
            }
            let mut count = 0;
            let list = native::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
            if count == 0 { &[] } else { slice::from_raw_parts(list.cast_const(), count) }
        };
        let of = |name: &&str| {
            let at_name = |one: &&*const native::rd_kafka_TopicDescription_t| {
                // SAFETY: as above.
                unsafe { text(native::rd_kafka_TopicDescription_name(**one)) == **name }
            };
            let one = found.iter().find(at_name).ok_or_else(|| missing(name))?;
            // SAFETY: as above.
            unsafe { description(*one, name) }
        };
        Ok(names.iter().map(of).collect())
    }
}

/// What is said of one topic.
///
/// # Safety
/// `one` is a description of an event that is there until this returns.
unsafe fn description(
    one: *const native::rd_kafka_TopicDescription_t,
    name: &str,
) -> Result<Described, String> {
    // SAFETY: the caller promises it; the id and the list of partitions belong to the description.
    unsafe {
        let error = native::rd_kafka_TopicDescription_error(one);
        match native::rd_kafka_error_code(error) {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => {}
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART => return Err(missing(name)),
            _ => {
                let why = text(native::rd_kafka_error_string(error));
                return Err(format!("asking for the topic {name}: {why}"));
            }
        }
        let mut partitions = 0;
        let _ = native::rd_kafka_TopicDescription_partitions(one, &raw mut partitions);
        let id = native::rd_kafka_TopicDescription_topic_id(one);
        let id = if id.is_null() {
            None
        } else {
            TopicId::of_halves(
                native::rd_kafka_Uuid_most_significant_bits(id),
                native::rd_kafka_Uuid_least_significant_bits(id),
            )
        };
        Ok(Described { id, partitions: u32::try_from(partitions).unwrap_or(u32::MAX) })
    }
}

/// A copy of the client's text.
///
/// # Safety
/// It ends with a nul, or is null.
unsafe fn text(at: *const c_char) -> String {
    if at.is_null() {
        return String::new();
    }
    // SAFETY: the caller promises it.
    unsafe { CStr::from_ptr(at) }.to_string_lossy().into_owned()
}
