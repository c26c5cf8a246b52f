//! Writes protobuf messages field by field into one buffer. As prost and everybody else does, it leaves out what is empty,
//! zero or false, and writes fields in the order in which it is told.

use std::fmt::Display;
use std::io::Write as _;

use allotment::Id;

use super::ids::Numbered;

/// Bytes that most values fit into.
const USUAL: usize = 320;

/// How a value is written, in the lowest three bits of its key.
const VARINT: u8 = 0;
const WITH_LENGTH: u8 = 2;

/// A message that is being written. No message of ours has a field beyond 15, so that a key is one byte.
pub(crate) struct Message<'o> {
    out: &'o mut Vec<u8>,
}

/// Writes one message with `write`.
pub(crate) fn message(write: impl FnOnce(&mut Message<'_>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL);
    write(&mut Message { out: &mut out });
    out
}

// The numbers of fields are constants: inlined, a key is one move.
impl Message<'_> {
    /// A string.
    #[inline]
    pub(crate) fn text(&mut self, field: u8, text: &str) {
        if !text.is_empty() {
            self.key(field, WITH_LENGTH);
            push_varint(self.out, text.len() as u64);
            self.out.extend_from_slice(text.as_bytes());
        }
    }

    /// A string; an absent one is empty, which no id is.
    #[inline]
    pub(crate) fn opt_text(&mut self, field: u8, text: Option<&Id>) {
        if let Some(text) = text {
            self.text(field, text);
        }
    }

    /// A string that is written part by part, and is never empty.
    #[inline]
    pub(crate) fn sentence(&mut self, field: u8, sentence: impl FnOnce(&mut Vec<u8>)) {
        self.with_length(field, sentence);
    }

    /// A text that is made while it is written, and is never empty.
    pub(crate) fn shown(&mut self, field: u8, text: impl Display) {
        self.with_length(field, |out| {
            write!(out, "{text}").expect("memory takes whatever is written");
        });
    }

    /// A joined id.
    #[inline]
    pub(crate) fn joined(&mut self, field: u8, id: &Numbered<'_>) {
        self.with_length(field, |out| id.push(out));
    }

    /// An unsigned number.
    #[inline]
    pub(crate) fn number(&mut self, field: u8, number: impl Into<u64>) {
        let number = number.into();
        if number != 0 {
            self.key(field, VARINT);
            push_varint(self.out, number);
        }
    }

    /// A signed number, which may be zero where it is there: of these, absence and zero differ.
    #[inline]
    pub(crate) fn opt_int(&mut self, field: u8, number: Option<i64>) {
        if let Some(number) = number {
            self.key(field, VARINT);
            push_varint(self.out, number.cast_unsigned());
        }
    }

    /// A signed number.
    #[inline]
    pub(crate) fn int(&mut self, field: u8, number: i64) {
        self.number(field, number.cast_unsigned());
    }

    /// A truth value.
    #[inline]
    pub(crate) fn truth(&mut self, field: u8, truth: bool) {
        self.number(field, u64::from(truth));
    }

    /// A message inside this one.
    #[inline]
    pub(crate) fn message(&mut self, field: u8, write: impl FnOnce(&mut Message<'_>)) {
        self.with_length(field, |out| write(&mut Message { out }));
    }

    /// A message for each entry of a list.
    #[inline]
    pub(crate) fn list<T>(
        &mut self,
        field: u8,
        entries: &[T],
        write: impl Fn(&mut Message<'_>, &T),
    ) {
        for entry in entries {
            self.message(field, |message| write(message, entry));
        }
    }

    /// Writes something, and its length before it: one byte is left for that, which is mostly enough.
    #[inline]
    fn with_length(&mut self, field: u8, write: impl FnOnce(&mut Vec<u8>)) {
        self.out.extend_from_slice(&[field << 3 | WITH_LENGTH, 0]);
        let from = self.out.len();
        write(self.out);
        match u8::try_from(self.out.len() - from) {
            Ok(length @ ..0x80) => self.out[from - 1] = length,
            _ => make_room(self.out, from),
        }
    }

    #[inline]
    fn key(&mut self, field: u8, how: u8) {
        debug_assert!((1..=15).contains(&field), "the key of field {field} has more than a byte");
        self.out.push(field << 3 | how);
    }
}

/// Writes the length of what begins at `from` before it, where the one byte that was left for it is too few.
fn make_room(out: &mut Vec<u8>, from: usize) {
    let end = out.len();
    push_varint(out, (end - from) as u64);
    // The length now stands behind what it is of: it belongs before it, and its last byte replaces the one that was left.
    let more = out.len() - end - 1;
    let last = out.pop().expect("a length has a byte at least");
    out[from - 1] = last;
    out[from - 1..].rotate_right(more);
}

fn push_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}
