//! Judges fields one by one and remembers the worst that is wrong: the first [`Code`] that fits anywhere.
//!
//! A field that can't be read is noted and reading goes on with a stand-in, so that one pass finds the right
//! code; what was built with stand-ins is thrown away with the event.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use allotment::{Code, Id, Time};
use jiff::tz::TimeZone;

use super::Rejection;
use super::fields::{EntryFields, Value, read_object};
use super::json::{self, Kind};
use crate::bounds::{ID_BYTES_MAX, JOINED_ID_BYTES_MAX};
use crate::time;

/// What is wrong with an event so far, and what is needed to judge its fields.
pub(crate) struct Check<'z> {
    worst: Option<Rejection>,
    /// The array entry that is being read, for messages.
    within: Option<(&'static str, usize)>,
    zone: &'z TimeZone,
}

impl<'z> Check<'z> {
    /// Nothing is wrong yet; plain dates are dates of `zone`.
    pub(crate) const fn new(zone: &'z TimeZone) -> Self {
        Self { worst: None, within: None, zone }
    }

    /// A check of its own, whose findings are not this one's.
    pub(crate) const fn silent(&self) -> Self {
        Self::new(self.zone)
    }

    /// What is wrong, where anything is.
    pub(crate) fn into_rejection(self) -> Option<Rejection> {
        self.worst
    }

    /// Notes that `field` is wrong; of two faults the one whose code comes first stays.
    pub(crate) fn fail(&mut self, code: Code, field: &str, why: &str) {
        if self.worst.as_ref().is_some_and(|worst| worst.code <= code) {
            return;
        }
        let message = match self.within {
            Some((list, entry)) if field.is_empty() => format!("{list}[{entry}]: {why}"),
            Some((list, entry)) => format!("{list}[{entry}].{field}: {why}"),
            None => format!("{field}: {why}"),
        };
        self.worst = Some(Rejection { code, message });
    }

    /// An id that must be there.
    pub(crate) fn id(&mut self, field: &str, value: &Value<'_>) -> Id {
        let read = self.opt_id(field, value);
        self.required(field, value, read).unwrap_or_default()
    }

    /// An id that may be absent.
    pub(crate) fn opt_id(&mut self, field: &str, value: &Value<'_>) -> Option<Id> {
        self.bounded_id(field, value, ID_BYTES_MAX)
    }

    /// An id that we joined and published, and that comes back.
    pub(crate) fn joined_id(&mut self, field: &str, value: &Value<'_>) -> Id {
        let read = self.bounded_id(field, value, JOINED_ID_BYTES_MAX);
        self.required(field, value, read).unwrap_or_default()
    }

    /// Text for people that must be there; any length, also none.
    pub(crate) fn text(&mut self, field: &str, value: &Value<'_>) -> Id {
        let read = self.opt_text(field, value);
        self.required(field, value, read).unwrap_or_default()
    }

    /// Text for people that may be absent.
    pub(crate) fn opt_text(&mut self, field: &str, value: &Value<'_>) -> Option<Id> {
        self.opt_str(field, value).map(|text| Id::new(&text))
    }

    /// A word out of `list` that must be there.
    pub(crate) fn word<T: Copy>(
        &mut self,
        field: &str,
        value: &Value<'_>,
        list: &[(&str, T)],
    ) -> Option<T> {
        let read = self.opt_word(field, value, list);
        self.required(field, value, read)
    }

    /// A word out of `list` that may be absent.
    pub(crate) fn opt_word<T: Copy>(
        &mut self,
        field: &str,
        value: &Value<'_>,
        list: &[(&str, T)],
    ) -> Option<T> {
        let text = self.opt_str(field, value)?;
        let found = list.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<_> = list.iter().map(|(word, _)| *word).collect();
            self.fail(Code::OutOfRange, field, &format!("must be one of {}", words.join(", ")));
        }
        found.map(|(_, meaning)| *meaning)
    }

    /// A string that must be there.
    pub(crate) fn str<'v>(&mut self, field: &str, value: &'v Value<'_>) -> Option<Cow<'v, str>> {
        let read = self.opt_str(field, value);
        self.required(field, value, read)
    }

    /// An integer within `range` that must be there.
    pub(crate) fn int(
        &mut self,
        field: &str,
        value: &Value<'_>,
        range: &RangeInclusive<i64>,
    ) -> Option<i64> {
        let read = self.opt_int(field, value, range);
        self.required(field, value, read)
    }

    /// An integer within `range` that may be absent.
    pub(crate) fn opt_int(
        &mut self,
        field: &str,
        value: &Value<'_>,
        range: &RangeInclusive<i64>,
    ) -> Option<i64> {
        let number = self.integer(field, value, "must be an integer")?;
        let fits = number.filter(|number| range.contains(number));
        if fits.is_none() {
            let (from, to) = (range.start(), range.end());
            self.fail(Code::OutOfRange, field, &format!("must be an integer from {from} to {to}"));
        }
        fits
    }

    /// Units within `range`, which a `u32` must hold, that must be there.
    pub(crate) fn units(
        &mut self,
        field: &str,
        value: &Value<'_>,
        range: &RangeInclusive<i64>,
    ) -> u32 {
        let read = self.opt_units(field, value, range);
        self.required(field, value, read).unwrap_or_default()
    }

    /// Units within `range`, which a `u32` must hold, that may be absent.
    pub(crate) fn opt_units(
        &mut self,
        field: &str,
        value: &Value<'_>,
        range: &RangeInclusive<i64>,
    ) -> Option<u32> {
        let read = self.opt_int(field, value, range)?;
        Some(u32::try_from(read).expect("every range of units lies within a u32"))
    }

    /// `true` or `false`, that may be absent.
    pub(crate) fn opt_bool(&mut self, field: &str, value: &Value<'_>) -> Option<bool> {
        match value {
            Value::Absent => None,
            Value::Bool(truth) => Some(*truth),
            Value::Json(raw) if let Kind::Bool(truth) = json::kind(raw) => Some(truth),
            _ => self.wrong(field, "must be true or false"),
        }
    }

    /// A time that must be there.
    pub(crate) fn time(&mut self, field: &str, value: &Value<'_>) -> Option<Time> {
        let read = self.opt_time(field, value);
        self.required(field, value, read)
    }

    /// A time that may be absent.
    pub(crate) fn opt_time(&mut self, field: &str, value: &Value<'_>) -> Option<Time> {
        self.read_time(field, value, |text, _| time::read_rfc3339(text))
    }

    /// A time or a plain date that may be absent; a date lasts until its day has ended.
    pub(crate) fn opt_time_or_date(&mut self, field: &str, value: &Value<'_>) -> Option<Time> {
        self.read_time(field, value, |text, zone| {
            time::read_rfc3339(text).or_else(|| time::read_end_of_date(text, zone))
        })
    }

    /// The ids of a list; empty where absent.
    pub(crate) fn ids(&mut self, field: &'static str, value: &Value<'_>) -> Vec<Id> {
        let one = |check: &mut Self, value: Value<'_>| Some(check.id("", &value));
        match value {
            Value::Texts(texts) => {
                self.each(field, texts.iter(), |check, text| one(check, Value::Text(text)))
            }
            Value::Json(raw) if let Some(entries) = json::entries(raw) => {
                self.each(field, entries.into_iter(), |check, entry| one(check, Value::Json(entry)))
            }
            Value::Absent => Vec::new(),
            _ => self.wrong(field, "must be an array").unwrap_or_default(),
        }
    }

    /// Reads each object of a list with `read`; `None` where absent.
    pub(crate) fn entries<T>(
        &mut self,
        field: &'static str,
        value: &Value<'_>,
        mut read: impl FnMut(&mut Self, usize, &EntryFields<'_>) -> T,
    ) -> Option<Vec<T>> {
        match value {
            Value::Absent => None,
            Value::Entries(entries) => {
                Some(self.each(field, entries.iter().enumerate(), |check, (at, entry)| {
                    Some(read(check, at, entry))
                }))
            }
            Value::Json(raw) if let Some(entries) = json::entries(raw) => {
                Some(self.each(field, entries.into_iter().enumerate(), |check, (at, entry)| {
                    let fields = check.object("", &Value::Json(entry))?;
                    Some(read(check, at, &fields))
                }))
            }
            _ => self.wrong(field, "must be an array"),
        }
    }

    /// The fields of an object that may be absent.
    pub(crate) fn object<'v>(&mut self, field: &str, value: &Value<'v>) -> Option<EntryFields<'v>> {
        match value {
            Value::Absent => None,
            Value::Entry(fields) => Some((**fields).clone()),
            Value::Json(raw) if let Kind::Object = json::kind(raw) => {
                let mut fields = EntryFields::default();
                match read_object(raw.get(), &mut fields) {
                    Ok(()) => Some(fields),
                    Err(_) => self.broken(field),
                }
            }
            _ => self.wrong(field, "must be an object"),
        }
    }
}

/// The parts that the readings above have in common.
impl Check<'_> {
    fn required<T>(&mut self, field: &str, value: &Value<'_>, read: Option<T>) -> Option<T> {
        if let Value::Absent = value {
            self.fail(Code::MissingField, field, "must be there");
        }
        read
    }

    fn wrong<T>(&mut self, field: &str, why: &str) -> Option<T> {
        self.fail(Code::WrongType, field, why);
        None
    }

    /// The text passed as JSON at first glance and turned out not to be when it was read.
    fn broken<T>(&mut self, field: &str) -> Option<T> {
        self.fail(Code::NotJson, field, "holds text that is not JSON");
        None
    }

    fn each<I: Iterator, T>(
        &mut self,
        list: &'static str,
        entries: I,
        mut read: impl FnMut(&mut Self, I::Item) -> Option<T>,
    ) -> Vec<T> {
        let mut all = Vec::with_capacity(entries.size_hint().0);
        for (position, entry) in entries.enumerate() {
            self.within = Some((list, position));
            all.extend(read(self, entry));
        }
        self.within = None;
        all
    }

    fn bounded_id(&mut self, field: &str, value: &Value<'_>, bytes_max: usize) -> Option<Id> {
        let id: Cow<'_, str> = match value {
            Value::Absent => return None,
            Value::Text(text) => Cow::Borrowed(text),
            Value::Json(raw) => match json::kind(raw) {
                Kind::Text(text) => text,
                Kind::Integer(digits) => return self.integer_id(field, digits),
                Kind::BrokenText => return self.broken(field),
                _ => return self.wrong(field, "must be a string or an integer"),
            },
            _ => return self.wrong(field, "must be a string or an integer"),
        };
        if id.is_empty() || id.len() > bytes_max {
            self.fail(Code::OutOfRange, field, &format!("must be 1 to {bytes_max} bytes long"));
            return None;
        }
        Some(Id::new(&id))
    }

    /// JSON writes an integer in one way only (no leading zeros), so that its digits are the id; but for -0.
    fn integer_id(&mut self, field: &str, digits: &str) -> Option<Id> {
        if digits == "-0" {
            return Some(Id::new("0"));
        }
        if digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok() {
            return Some(Id::new(digits));
        }
        self.fail(Code::OutOfRange, field, "must be an integer of 64 bits at most, or a string");
        None
    }

    fn opt_str<'v>(&mut self, field: &str, value: &'v Value<'_>) -> Option<Cow<'v, str>> {
        match value {
            Value::Absent => None,
            Value::Text(text) => Some(Cow::Borrowed(text)),
            Value::Json(raw) => match json::kind(raw) {
                Kind::Text(text) => Some(text),
                Kind::BrokenText => self.broken(field),
                _ => self.wrong(field, "must be a string"),
            },
            _ => self.wrong(field, "must be a string"),
        }
    }

    /// `None`: absent or no integer (which is noted); `Some(None)`: an integer that not even an `i64` holds.
    fn integer(&mut self, field: &str, value: &Value<'_>, why: &str) -> Option<Option<i64>> {
        match value {
            Value::Absent => None,
            Value::Int(number) => Some(Some(*number)),
            Value::Json(raw) if let Kind::Integer(digits) = json::kind(raw) => {
                Some(digits.parse().ok())
            }
            _ => self.wrong(field, why),
        }
    }

    fn read_time(
        &mut self,
        field: &str,
        value: &Value<'_>,
        read: impl Fn(&str, &TimeZone) -> Option<Time>,
    ) -> Option<Time> {
        let text = match value {
            Value::Text(text) => Some(Cow::Borrowed(*text)),
            Value::Json(raw) => match json::kind(raw) {
                Kind::Text(text) => Some(text),
                Kind::BrokenText => return self.broken(field),
                _ => None,
            },
            _ => None,
        };
        let found = match text {
            Some(text) => read(&text, self.zone),
            None => self
                .integer(field, value, "must be RFC 3339 text or an integer of milliseconds")?
                .and_then(time::in_range),
        };
        if found.is_none() {
            let why = "must be RFC 3339 with an offset, or milliseconds since 1970, of the years 0 to 9999";
            self.fail(Code::BadTime, field, why);
        }
        found
    }
}
