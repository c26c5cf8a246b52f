//! Writes JSON objects field by field into one buffer, without a tree in between. Absent fields are left out.

use allotment::{Id, Time};

use crate::time::push_rfc3339;

/// An object that is being written.
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

/// Writes one object with `write`.
pub(crate) fn object(write: impl FnOnce(&mut Object<'_>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    nested(&mut out, write);
    out
}

fn nested(out: &mut Vec<u8>, write: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    write(&mut Object { out, empty: true });
    out.push(b'}');
}

impl Object<'_> {
    /// A string.
    pub(crate) fn text(&mut self, name: &'static str, text: &str) {
        self.name(name);
        push_string(self.out, text);
    }

    /// A string, where there is one.
    pub(crate) fn opt_text(&mut self, name: &'static str, text: Option<&Id>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// An integer.
    pub(crate) fn number(&mut self, name: &'static str, number: impl itoa::Integer) {
        self.name(name);
        self.out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }

    /// `true` or `false`.
    pub(crate) fn truth(&mut self, name: &'static str, truth: bool) {
        self.name(name);
        self.out.extend_from_slice(if truth { b"true" } else { b"false" });
    }

    /// RFC 3339 in UTC with milliseconds.
    pub(crate) fn time(&mut self, name: &'static str, time: Time) {
        self.name(name);
        self.out.push(b'"');
        push_rfc3339(self.out, time);
        self.out.push(b'"');
    }

    /// A list of objects, each written with `write`.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        entries: &[T],
        write: impl Fn(&mut Object<'_>, &T),
    ) {
        self.name(name);
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
    pub(crate) fn numbers(&mut self, name: &'static str, entries: &[(Id, u64)]) {
        self.name(name);
        self.out.push(b'{');
        for (position, (key, number)) in entries.iter().enumerate() {
            if position > 0 {
                self.out.push(b',');
            }
            push_string(self.out, key);
            self.out.push(b':');
            self.out.extend_from_slice(itoa::Buffer::new().format(*number).as_bytes());
        }
        self.out.push(b'}');
    }

    fn name(&mut self, name: &'static str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        // The names are ours and hold nothing that JSON would escape.
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }
}

fn push_string(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("writing a string into memory can't fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_json() {
        let bytes = object(|object| {
            object.text("a", "\"红\"\n");
            object.opt_text("b", None);
            object.number("c", -3_i64);
            object.truth("e", true);
            object.time("f", Time(0));
            object.list("g", &[1_u32, 2], |object, n| object.number("n", *n));
            object.numbers("h", &[(Id::new("*"), 9), (Id::new("q\""), 1)]);
        });
        let expected = concat!(
            r#"{"a":"\"红\"\n","c":-3,"e":true,"f":"1970-01-01T00:00:00.000Z","#,
            r#""g":[{"n":1},{"n":2}],"h":{"*":9,"q\"":1}}"#
        );
        assert_eq!(String::from_utf8(bytes).unwrap(), expected);
    }
}
