//! What of an input record is kept where it is sent on, as a dead letter or to its home.
//!
//! Kafka bounds a record by what its batch has when it is compressed, so what a reader gets may be hundreds of
//! times as large, and an array repeats key and headers for each of its entries. What is sent on must fit its
//! topic and the memory of whoever sends it. Usual records are far below these bounds and stay as they came.

use std::borrow::Cow;

use crate::Header;
use crate::bounds::{
    HEADER_FRAME_BYTES, KEPT_OF_ENTRY_BYTES_MAX, KEPT_OF_RECORD_BYTES_MAX, VALUE_KEPT_BYTES_MAX,
};
use crate::headers;

/// The parts of a record that are sent on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The key, whole or not at all.
    pub key: Option<Vec<u8>>,
    /// The headers up to the first that does not fit, each of them whole.
    pub headers: Vec<Header>,
    /// The value, up to where it is cut.
    pub value: Option<Vec<u8>>,
}

impl Kept {
    /// What is kept of a record, or of an `entry` of its array. What is left out is named in a header `cut`.
    #[must_use]
    pub fn of<'a>(
        key: Option<&[u8]>,
        original: impl IntoIterator<Item = (&'a str, Option<&'a [u8]>)>,
        value: Option<&[u8]>,
        entry: bool,
    ) -> Self {
        let mut cut = Vec::new();
        let mut left = if entry { KEPT_OF_ENTRY_BYTES_MAX } else { KEPT_OF_RECORD_BYTES_MAX };
        let mut fits = |bytes: usize| {
            let fits = bytes <= left;
            left = if fits { left - bytes } else { 0 };
            fits
        };
        let kept_key = key.filter(|key| fits(key.len()));
        if let (Some(key), None) = (key, kept_key) {
            cut.push(format!("the key of {} bytes", key.len()));
        }
        let mut kept_headers = Vec::new();
        let mut lost = 0;
        for (name, value) in original {
            if fits(HEADER_FRAME_BYTES + name.len() + value.map_or(0, <[u8]>::len)) {
                let value = value.map(|value| Cow::Owned(value.to_vec()));
                kept_headers.push(Header { name: name.to_owned().into(), value });
            } else {
                lost += 1;
            }
        }
        if lost > 0 {
            cut.push(format!("{lost} headers"));
        }
        let whole = value.map_or(0, <[u8]>::len);
        let value = value.map(kept_value);
        if let Some(value) = value.filter(|value| value.len() < whole) {
            cut.push(format!("the value after {} of {whole} bytes", value.len()));
        }
        if !cut.is_empty() {
            kept_headers.push(Header::new(headers::CUT, cut.join(", ")));
        }
        Self {
            key: kept_key.map(<[u8]>::to_vec),
            headers: kept_headers,
            value: value.map(<[u8]>::to_vec),
        }
    }
}

/// What is kept of a value: all of it, or its beginning.
#[must_use]
pub fn kept_value(value: &[u8]) -> &[u8] {
    &value[..value.len().min(VALUE_KEPT_BYTES_MAX)]
}
