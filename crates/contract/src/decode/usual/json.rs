//! A usual event in JSON.

use allotment::{Input, Inspection, Line, Time};

use super::scan::string_end;
use super::{Lines, Usual, word_of};
use crate::decode::Arrival;
use crate::decode::kind::EventKind;
use crate::decode::words::INSPECTION;
use crate::time;

/// Digits of an integer that surely fits 64 bits.
const DIGITS_MAX: usize = 18;

/// The names of the fields that usual events have, and of those of their lines.
const NAMES: [&str; 22] = [
    "type",
    "event_id",
    "platform",
    "pool",
    "occurred_at",
    "received_at",
    "order_id",
    "lines",
    "buyer_id",
    "person_ref",
    "session_id",
    "recipient_ref",
    "version",
    "sku",
    "quantity",
    "lot_id",
    "best_before",
    "inspection",
    "delta",
    "reason",
    "text",
    "line_id",
];

/// Reads one event. `None`: the long way must.
pub(in crate::decode) fn read(text: &str, arrival: Arrival) -> Option<Input> {
    let mut reader = Reader { text, at: 0 };
    let mut usual = Usual::default();
    reader.object(|reader| reader.field(&mut usual))?;
    reader.skip_space();
    if reader.at == text.len() { usual.input(arrival) } else { None }
}

/// Where the reading of a text is. After a `None` nothing more is read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// One field of an event. Of a name given twice the last one counts, a `null` included.
    #[inline]
    fn field(&mut self, usual: &mut Usual<'a>) -> Option<()> {
        match self.head()? {
            b"type" if self.takes("type") => usual.kind = EventKind::from_str(self.string()?),
            b"even" if self.takes("event_id") => usual.event_id = self.unless_null(Self::string)?,
            b"plat" if self.takes("platform") => usual.platform = self.unless_null(Self::string)?,
            b"pool" if self.takes("pool") => usual.pool = self.unless_null(Self::string)?,
            b"occu" if self.takes("occurred_at") => {
                usual.occurred_at = self.unless_null(Self::time)?
            }
            b"rece" if self.takes("received_at") => {
                usual.received_at = self.unless_null(Self::time)?
            }
            b"orde" if self.takes("order_id") => usual.order_id = self.unless_null(Self::string)?,
            b"line" if self.takes("lines") => usual.lines = self.unless_null(Self::lines)?,
            b"buye" if self.takes("buyer_id") => usual.buyer_id = self.unless_null(Self::string)?,
            b"pers" if self.takes("person_ref") => {
                usual.person_ref = self.unless_null(Self::string)?
            }
            b"sess" if self.takes("session_id") => {
                usual.session_id = self.unless_null(Self::string)?
            }
            b"reci" if self.takes("recipient_ref") => {
                usual.recipient_ref = self.unless_null(Self::string)?
            }
            b"vers" if self.takes("version") => usual.version = self.unless_null(Self::integer)?,
            b"sku\"" if self.takes("sku") => usual.sku = self.unless_null(Self::string)?,
            b"quan" if self.takes("quantity") => {
                usual.quantity = self.unless_null(Self::integer)?
            }
            b"lot_" if self.takes("lot_id") => usual.lot_id = self.unless_null(Self::string)?,
            b"best" if self.takes("best_before") => {
                usual.best_before = self.unless_null(Self::time)?
            }
            b"insp" if self.takes("inspection") => {
                usual.inspection = self.unless_null(Self::inspection)?
            }
            b"delt" if self.takes("delta") => usual.delta = self.unless_null(Self::integer)?,
            b"reas" if self.takes("reason") => usual.reason = self.unless_null(Self::string)?,
            b"text" if self.takes("text") => usual.text = self.unless_null(Self::string)?,
            _ => self.skip_field()?,
        }
        Some(())
    }

    fn lines(&mut self) -> Option<Vec<Line>> {
        let mut lines = Lines::default();
        self.expect(b'[')?;
        loop {
            self.skip_space();
            let (mut line_id, mut sku, mut quantity) = (None, None, None);
            self.object(|reader| {
                match reader.head()? {
                    b"line" if reader.takes("line_id") => {
                        line_id = reader.unless_null(Self::string)?;
                    }
                    b"sku\"" if reader.takes("sku") => sku = reader.unless_null(Self::string)?,
                    b"quan" if reader.takes("quantity") => {
                        quantity = reader.unless_null(Self::integer)?;
                    }
                    _ => reader.skip_field()?,
                }
                Some(())
            })?;
            lines.push(line_id, sku?, quantity?)?;
            self.skip_space();
            match self.next()? {
                b',' => {}
                b']' => return Some(lines.0),
                _ => return None,
            }
        }
    }

    /// An object with a field at least; `field` reads each, from its name on.
    #[inline]
    fn object(&mut self, mut field: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.skip_space();
        self.expect(b'{')?;
        loop {
            self.skip_space();
            field(self)?;
            self.skip_space();
            match self.next()? {
                b',' => {}
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// The first four letters of a name, or as many as it has and its quote: no two usual names share them.
    #[inline]
    fn head(&self) -> Option<&'a [u8; 4]> {
        let [b'"', head @ ..] = self.text.as_bytes().get(self.at..)?.first_chunk::<5>()? else {
            return None;
        };
        Some(head)
    }

    /// Whether the name is this one. If so, reading goes on at the value. The names are constants: where it is called, each
    /// becomes one or two comparisons.
    #[inline(always)]
    fn takes(&mut self, name: &str) -> bool {
        let bytes = self.text.as_bytes().get(self.at + 1..);
        let rest = bytes.and_then(|bytes| bytes.strip_prefix(name.as_bytes()));
        let Some([b'"', b':', rest @ ..]) = rest else { return false };
        self.at = self.text.len() - rest.len();
        self.skip_space();
        true
    }

    /// A field that no usual type looks at, if its name is none of theirs, however that is written.
    fn skip_field(&mut self) -> Option<()> {
        let name = self.string()?;
        if NAMES.contains(&name) {
            return None;
        }
        self.skip_space();
        self.expect(b':')?;
        self.skip_space();
        self.skip_value()
    }

    /// A string without escapes.
    #[inline]
    fn string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let from = self.at;
        let end = string_end(self.text.as_bytes(), from)?;
        self.at = end + 1;
        self.text.get(from..end)
    }

    /// A time, as text or as milliseconds.
    #[inline]
    fn time(&mut self) -> Option<Time> {
        match self.peek()? {
            b'"' => time::read_rfc3339(self.string()?),
            _ => time::in_range(self.integer()?),
        }
    }

    fn inspection(&mut self) -> Option<Inspection> {
        word_of(&INSPECTION, self.string()?)
    }

    /// Reads a value that may be absent, as a `null` is.
    #[inline(always)]
    fn unless_null<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.peek()? == b'n' {
            return self.word("null").map(|()| None);
        }
        read(self).map(Some)
    }

    /// An integer of not too many digits, written as JSON writes integers; `-0` is left to the long way. A fraction, an
    /// exponent or more digits follow where a sign should, and are not taken there.
    #[inline]
    fn integer(&mut self) -> Option<i64> {
        let bytes = self.text.as_bytes();
        let negative = self.peek()? == b'-';
        self.at += usize::from(negative);
        let from = self.at;
        let mut number = 0_i64;
        while let Some(digit @ b'0'..=b'9') = bytes.get(self.at)
            && self.at - from < DIGITS_MAX
        {
            number = number * 10 + i64::from(digit - b'0');
            self.at += 1;
        }
        let zero_first = bytes.get(from) == Some(&b'0');
        let written = match self.at - from {
            0 => false,
            1 => !(zero_first && negative),
            _ => !zero_first,
        };
        written.then_some(if negative { -number } else { number })
    }

    /// A value that nobody looks at, but that must be one.
    fn skip_value(&mut self) -> Option<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.integer().map(drop),
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let there = self.text.as_bytes().get(self.at..)?.starts_with(word.as_bytes());
        self.at += word.len();
        there.then_some(())
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.text.as_bytes().get(self.at) {
            self.at += 1;
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }
}
