//! The queue of one partition that a consumer reads, taken in batches.
//!
//! Called directly, because rust-rdkafka's own queues leave out at which offset a partition's end was seen, and
//! because a batch costs a fraction of as many single polls (`docs/kafka-facts.md` B 10). A queue that was split off
//! may be taken in batches while its consumer is polled for everything else (B 9).
#![expect(unsafe_code, reason = "rust-rdkafka has no other way to these functions")]

use std::{
    ffi::{CStr, CString, c_void},
    marker::PhantomData,
    ptr::{self, NonNull},
    slice,
    sync::Arc,
};

use contract::Header;
use rdkafka::{
    bindings as native,
    consumer::{BaseConsumer, Consumer},
    types::{RDKafka, RDKafkaMessage, RDKafkaQueue, RDKafkaRespErr},
};

use crate::context::Context;

/// Called on the client's threads when there is news.
type News = Box<dyn Fn() + Send + Sync>;

/// A partition's queue. What is in it comes in the order of its offsets.
pub(crate) struct Queue {
    queue: NonNull<RDKafkaQueue>,
    /// Boxed twice: the client keeps a thin pointer to it, and calls it as long as this lives.
    _news: Box<News>,
    /// Where a batch is put; empty between calls.
    batch: Vec<*mut RDKafkaMessage>,
    /// What the queue is a part of; it must live longer.
    _consumer: Arc<BaseConsumer<Context>>,
}

/// What was in a queue.
pub(crate) enum Taken<'a> {
    /// A record.
    Message(Message<'a>),
    /// Everything before this offset that a `read_committed` reader could read had been read.
    End(i64),
    /// The offset that was to be read next does not exist, any more or yet; the client's words.
    Gone(String),
    /// The partition can't be read for now; the client's words. It tries again by itself.
    Failed(String),
}

impl Queue {
    /// Splits the queue of a partition off the consumer's own. Before the partition is assigned, so that
    /// nothing of it comes to the common queue. `news` is called whenever there is something in it.
    pub(crate) fn split(
        consumer: &Arc<BaseConsumer<Context>>,
        topic: &str,
        partition: i32,
        news: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let failed = || format!("the client has no queue for {topic}");
        let name = CString::new(topic).map_err(|_| failed())?;
        let client = consumer.client().native_ptr();
        // SAFETY: the pointer is the client's own, which the borrowed consumer keeps alive; the name ends with
        // a nul and lives until the call returns.
        let queue =
            unsafe { native::rd_kafka_queue_get_partition(client, name.as_ptr(), partition) };
        let queue = NonNull::new(queue).ok_or_else(failed)?;
        let news: Box<News> = Box::new(Box::new(news));
        let opaque = ptr::from_ref::<News>(&news).cast_mut().cast::<c_void>();
        // SAFETY: the queue is ours until it is destroyed in `drop`; the opaque pointer is to the inner box, whose
        // place does not change, and which lives until the callback is taken off in `drop`.
        unsafe {
            native::rd_kafka_queue_forward(queue.as_ptr(), ptr::null_mut());
            native::rd_kafka_queue_cb_event_enable(queue.as_ptr(), Some(tell), opaque);
        }
        Ok(Self { queue, _news: news, batch: Vec::new(), _consumer: Arc::clone(consumer) })
    }

    /// Takes what is there, `most` at most, without waiting.
    pub(crate) fn take(&mut self, most: usize, mut each: impl FnMut(Taken<'_>)) {
        self.batch.resize(most, ptr::null_mut());
        // SAFETY: the queue is ours; the client writes at most so many pointers as there is room for, and says
        // how many.
        let count = unsafe {
            let room = self.batch.as_mut_ptr();
            native::rd_kafka_consume_batch_queue(self.queue.as_ptr(), 0, room, most)
        };
        // Negative: an error of the call itself, which has none where its arguments are right.
        self.batch.truncate(usize::try_from(count).unwrap_or(0));
        for message in self.batch.drain(..).map(Owned) {
            each(message.taken());
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: the queue is ours, and not used after this. The client calls back under a lock that taking the
        // callback off takes too, so that it is not being called when it is dropped.
        unsafe {
            native::rd_kafka_queue_cb_event_enable(self.queue.as_ptr(), None, ptr::null_mut());
            native::rd_kafka_queue_destroy(self.queue.as_ptr());
        }
    }
}

/// Called by the client when there is news.
unsafe extern "C" fn tell(_client: *mut RDKafka, opaque: *mut c_void) {
    // SAFETY: the pointer that `Queue::split` gave, to what lives as long as this may be called.
    let news = unsafe { &*opaque.cast_const().cast::<News>() };
    news();
}

/// A message of the client, which is given back when this is dropped.
struct Owned(*mut RDKafkaMessage);

impl Owned {
    fn taken(&self) -> Taken<'_> {
        // SAFETY: the client gave the pointer in a batch; it is valid until the message is given back.
        let message = unsafe { &*self.0 };
        match message.err {
            RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR => {
                Taken::Message(Message { message: self.0, _owned: PhantomData })
            }
            RDKafkaRespErr::RD_KAFKA_RESP_ERR__PARTITION_EOF => Taken::End(message.offset),
            code => {
                // SAFETY: an error's payload is its text, as long as it says.
                let text = unsafe { bytes(message.payload, message.len) }.unwrap_or_default();
                let why = String::from_utf8_lossy(text).into_owned();
                if is_gone(code) { Taken::Gone(why) } else { Taken::Failed(why) }
            }
        }
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: it is ours to give back, once, here.
        unsafe { native::rd_kafka_message_destroy(self.0) }
    }
}

const fn is_gone(code: RDKafkaRespErr) -> bool {
    use RDKafkaRespErr as Code;
    matches!(
        code,
        Code::RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET | Code::RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE
    )
}

/// A record, as long as it is looked at.
pub(crate) struct Message<'a> {
    message: *mut RDKafkaMessage,
    _owned: PhantomData<&'a Owned>,
}

impl<'a> Message<'a> {
    fn raw(&self) -> &'a RDKafkaMessage {
        // SAFETY: the message outlives 'a, for which its owner is borrowed.
        unsafe { &*self.message }
    }

    pub(crate) fn offset(&self) -> i64 {
        self.raw().offset
    }

    /// Milliseconds since the Unix epoch, where the record has a timestamp.
    pub(crate) fn timestamp(&self) -> Option<i64> {
        let mut kind = native::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: the message is valid; `kind` is ours.
        let millis = unsafe { native::rd_kafka_message_timestamp(self.message, &raw mut kind) };
        (millis >= 0).then_some(millis)
    }

    pub(crate) fn key(&self) -> Option<&'a [u8]> {
        // SAFETY: the client says where the key is and how long, and keeps it as long as the message.
        unsafe { bytes(self.raw().key, self.raw().key_len) }
    }

    pub(crate) fn value(&self) -> Option<&'a [u8]> {
        // SAFETY: as for the key.
        unsafe { bytes(self.raw().payload, self.raw().len) }
    }

    /// Its headers, with bytes of their own.
    pub(crate) fn headers(&self) -> Vec<Header> {
        let mut headers = ptr::null_mut();
        // SAFETY: the message is valid, the result is ours; what it points to lives as long as the message.
        let found = unsafe { native::rd_kafka_message_headers(self.message, &raw mut headers) };
        if found != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Vec::new();
        }
        (0..).map_while(|index| header(headers, index)).collect()
    }
}

fn header(headers: *const native::rd_kafka_headers_t, index: usize) -> Option<Header> {
    let (mut name, mut value, mut len) = (ptr::null(), ptr::null(), 0);
    // SAFETY: the headers are valid for as long as their message is looked at; the results are ours. A name ends
    // with a nul; a value is as long as it says, or null. All is copied before this returns.
    unsafe {
        let found = native::rd_kafka_header_get_all(
            headers,
            index,
            &raw mut name,
            &raw mut value,
            &raw mut len,
        );
        if found != RDKafkaRespErr::RD_KAFKA_RESP_ERR_NO_ERROR {
            return None;
        }
        let name = CStr::from_ptr(name).to_string_lossy().into_owned().into();
        Some(Header { name, value: bytes(value, len).map(|value| value.to_vec().into()) })
    }
}

/// The bytes at a pointer of the client; `None` where it is null.
///
/// # Safety
/// So many bytes are there, for as long as `'a`.
unsafe fn bytes<'a>(at: *const c_void, len: usize) -> Option<&'a [u8]> {
    // SAFETY: the caller promises it.
    (!at.is_null()).then(|| unsafe { slice::from_raw_parts(at.cast(), len) })
}
