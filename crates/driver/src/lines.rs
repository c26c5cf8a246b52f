//! The lines that a producer's client logs, taken at a moment of our own.
//!
//! rust-rdkafka hands them on from another thread, some time after. But of a commit that has just been answered must be
//! known whether a connection was lost meanwhile: librdkafka asks again then, and says so nowhere else.
#![expect(unsafe_code, reason = "rust-rdkafka has no other way to these functions")]

use std::{
    ffi::{CStr, c_char},
    ptr::{self, NonNull},
};

use rdkafka::{
    bindings as native,
    producer::{Producer, ThreadedProducer},
    types::{RDKafkaQueue, RDKafkaRespErr},
};

use crate::context::Context;

/// Lines that a client has logged and nobody has taken yet, in the order in which things happened. To be dropped
/// before its client.
pub(crate) struct Lines(NonNull<RDKafkaQueue>);

impl Lines {
    /// From now on the lines of this producer come here.
    pub(crate) fn of(producer: &ThreadedProducer<Context>) -> Result<Self, String> {
        let client = producer.client().native_ptr();
        // SAFETY: the pointer is the client's own, which the borrowed producer keeps alive. The queue is ours until
        // it is destroyed in `drop`; the client holds on to it by itself.
        let (queue, code) = unsafe {
            let queue = native::rd_kafka_queue_new(client);
            (queue, native::rd_kafka_set_log_queue(client, queue))
        };
        let lines = NonNull::new(queue).map(Self);
        lines
            .filter(|_| code == RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR)
            .ok_or_else(|| format!("the client's lines can't be taken: {code:?}"))
    }

    /// Hands `context` all that was logged until now.
    pub(crate) fn take(&self, context: &Context) {
        // SAFETY: the queue is ours; an event that it gives is ours to read and to destroy, once, here.
        while let Some(event) =
            NonNull::new(unsafe { native::rd_kafka_queue_poll(self.0.as_ptr(), 0) })
        {
            let (mut facility, mut line, mut level) = (ptr::null(), ptr::null(), 0);
            // SAFETY: the event is valid, the results are ours. Strings of the client end with a nul and live as
            // long as the event; they are copied before it is destroyed.
            unsafe {
                let told = native::rd_kafka_event_log(
                    event.as_ptr(),
                    &raw mut facility,
                    &raw mut line,
                    &raw mut level,
                );
                if told == 0 {
                    context.line(&text(facility), &text(line));
                }
                native::rd_kafka_event_destroy(event.as_ptr());
            }
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // SAFETY: the queue is ours, and not used after this.
        unsafe { native::rd_kafka_queue_destroy(self.0.as_ptr()) }
    }
}

/// A string of the client.
///
/// # Safety
/// It ends with a nul.
unsafe fn text(at: *const c_char) -> String {
    // SAFETY: the caller promises it.
    unsafe { CStr::from_ptr(at) }.to_string_lossy().into_owned()
}
