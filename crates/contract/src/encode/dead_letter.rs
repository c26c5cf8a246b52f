//! Dead letters: the input as it came, and why it could not be taken in headers.

use allotment::Code;

use super::{Encoder, Header, Outgoing};
use crate::{Kept, Topic, headers};

/// Where a record came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// The topic's name.
    pub topic: &'a str,
    /// The partition's number.
    pub partition: i32,
    /// The record's offset.
    pub offset: i64,
    /// The position in the record's array, from 0; absent where it was no array.
    pub entry: Option<u32>,
}

/// The headers that a dead letter sets itself.
const OWN: [&str; 6] = [
    headers::ERROR_CODE,
    headers::ERROR_MESSAGE,
    headers::SOURCE_TOPIC,
    headers::SOURCE_PARTITION,
    headers::SOURCE_OFFSET,
    headers::SOURCE_ENTRY,
];

impl Encoder {
    /// The dead letter of `bytes`, which are the value of the record at `source`, or one entry of its array.
    ///
    /// The key and the bytes stay as they came, as far as they fit ([`Kept`]). So do the headers, but for those
    /// that a dead letter sets itself: a record that was driven in again must not come back with two reasons.
    #[must_use]
    pub fn dead_letter(
        &self,
        source: &Source<'_>,
        key: Option<&[u8]>,
        original: &[(&str, Option<&[u8]>)],
        bytes: Option<&[u8]>,
        code: Code,
        message: &str,
    ) -> Outgoing {
        let original = original.iter().copied().filter(|(name, _)| !OWN.contains(name));
        let kept = Kept::of(key, original, bytes, source.entry.is_some());
        let mut list = kept.headers;
        list.push(Header::new(headers::ERROR_CODE, code.as_str()));
        list.push(Header::new(headers::ERROR_MESSAGE, message));
        list.push(Header::new(headers::SOURCE_TOPIC, source.topic));
        list.push(Header::new(headers::SOURCE_PARTITION, source.partition.to_string()));
        list.push(Header::new(headers::SOURCE_OFFSET, source.offset.to_string()));
        list.extend(
            source.entry.map(|entry| Header::new(headers::SOURCE_ENTRY, entry.to_string())),
        );
        Outgoing { topic: Topic::DeadLetter, key: kept.key, headers: list, value: kept.value }
    }
}
