//! Writes JSON objects field by field into one buffer, without a tree in between. Absent fields are left out.

use std::fmt::{self, Display, Write as _};

use allotment::{Id, Time};

use super::escape::{push_escaped, push_escaped_part};
use super::ids::Numbered;
use super::say::Say;
use crate::time::push_rfc3339;

/// Bytes that most values fit into: an order of one line has 400 to 480.
const USUAL: usize = 512;

/// A field's name with what JSON has around it, so that it is written in one go.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    /// `,"name":`
    pub(crate) after_another: &'static str,
}

/// The [`Key`] of a field of ours, whose name holds nothing that JSON would escape.
macro_rules! key {
    ($name:literal) => {
        $crate::encode::object::Key { after_another: concat!(",\"", $name, "\":") }
    };
}
pub(crate) use key;

/// An object that is being written.
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

/// Writes one object with `write`.
pub(crate) fn object(write: impl FnOnce(&mut Object<'_>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(USUAL);
    nested(&mut out, write);
    out
}

#[inline]
fn nested(out: &mut Vec<u8>, write: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    write(&mut Object { out, empty: true });
    out.push(b'}');
}

// The names are constants: inlined, they are written by a few moves.
impl Object<'_> {
    /// A string.
    #[inline]
    pub(crate) fn text(&mut self, key: Key, text: &str) {
        self.key(key);
        push_string(self.out, text);
    }

    /// A string, where there is one.
    #[inline]
    pub(crate) fn opt_text(&mut self, key: Key, text: Option<&Id>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    /// A word of ours, which JSON takes as it is.
    #[inline]
    pub(crate) fn word(&mut self, key: Key, word: &'static str) {
        self.key(key);
        self.out.push(b'"');
        self.out.extend_from_slice(word.as_bytes());
        self.out.push(b'"');
    }

    /// A sentence of words of ours and numbers, which JSON takes as it is.
    #[inline]
    pub(crate) fn sentence(&mut self, key: Key, sentence: impl FnOnce(&mut Vec<u8>)) {
        self.key(key);
        self.out.push(b'"');
        sentence(self.out);
        self.out.push(b'"');
    }

    /// A text that is made while it is written.
    pub(crate) fn shown(&mut self, key: Key, text: impl Display) {
        self.key(key);
        self.out.push(b'"');
        write!(Escaping(self.out), "{text}").expect("memory takes whatever is written");
        self.out.push(b'"');
    }

    /// A joined id.
    #[inline]
    pub(crate) fn joined(&mut self, key: Key, id: &Numbered<'_>) {
        self.key(key);
        self.out.push(b'"');
        for part in id.parts {
            push_escaped_part(self.out, part);
            self.out.push(b'/');
        }
        id.number.say(self.out);
        self.out.push(b'"');
    }

    /// An integer.
    #[inline]
    pub(crate) fn number(&mut self, key: Key, number: impl Say) {
        self.key(key);
        number.say(self.out);
    }

    /// `true` or `false`.
    #[inline]
    pub(crate) fn truth(&mut self, key: Key, truth: bool) {
        self.key(key);
        self.out.extend_from_slice(if truth { b"true" } else { b"false" });
    }

    /// RFC 3339 in UTC with milliseconds.
    #[inline]
    pub(crate) fn time(&mut self, key: Key, time: Time) {
        self.key(key);
        self.out.push(b'"');
        push_rfc3339(self.out, time);
        self.out.push(b'"');
    }

    /// A list of objects, each written with `write`.
    #[inline]
    pub(crate) fn list<T>(&mut self, key: Key, entries: &[T], write: impl Fn(&mut Object<'_>, &T)) {
        self.key(key);
        self.out.push(b'[');
        for (position, entry) in entries.iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            nested(self.out, |object| write(object, entry));
        }
        self.out.push(b']');
    }

    /// Numbers by names that come from the outside.
    pub(crate) fn numbers(&mut self, key: Key, entries: &[(Id, u64)]) {
        self.key(key);
        self.out.push(b'{');
        for (position, (name, number)) in entries.iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            push_string(self.out, name);
            self.out.push(b':');
            number.say(self.out);
        }
        self.out.push(b'}');
    }

    #[inline]
    fn key(&mut self, Key { after_another }: Key) {
        let from = usize::from(self.empty);
        self.empty = false;
        self.out.extend_from_slice(&after_another.as_bytes()[from..]);
    }
}

/// Takes text, and escapes it.
struct Escaping<'o>(&'o mut Vec<u8>);

impl fmt::Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        push_escaped(self.0, text);
        Ok(())
    }
}

fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    push_escaped(out, text);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_json() {
        let bytes = object(|object| {
            object.text(key!("a"), "\"红\"\n");
            object.opt_text(key!("b"), None);
            object.number(key!("c"), -3_i64);
            object.truth(key!("e"), true);
            object.time(key!("f"), Time(0));
            object.list(key!("g"), &[1_u32, 2], |object, n| object.number(key!("n"), *n));
            object.numbers(key!("h"), &[(Id::new("*"), 9), (Id::new("q\""), 1)]);
            object.word(key!("i"), "word");
            object.sentence(key!("j"), |out| 7_u32.say(out));
            object.shown(key!("l"), format_args!("{}\n", "q\""));
            object.joined(key!("k"), &Numbered { parts: ["a/\"", "", "%\t"], number: 12 });
        });
        let expected = concat!(
            r#"{"a":"\"红\"\n","c":-3,"e":true,"f":"1970-01-01T00:00:00.000Z","#,
            r#""g":[{"n":1},{"n":2}],"h":{"*":9,"q\"":1},"i":"word","j":"7","l":"q\"\n","k":"a%2F\"//%25\t/12"}"#
        );
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
