//! Bytes to events: encodings, arrays, and the reasons for which input can't be taken.

mod check;
mod event;
mod fields;
mod item;
mod json;
mod kind;
mod order;
mod protobuf;
mod stock;
mod usual;
mod words;

use allotment::{Code, Input, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use prost::Message;
use serde_json::value::RawValue;

use crate::Encoding;
use crate::bounds::VALUE_BYTES_MAX;
use crate::proto::input::Event;
use fields::EventFields;
pub(crate) use kind::EventKind;

/// Reads records. Cheap to clone; one for each input topic, where their configurations differ.
#[derive(Clone, Debug)]
pub struct Decoder {
    default_encoding: Encoding,
    zone: TimeZone,
    short_way: bool,
}

/// When an event reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// At its record's Kafka timestamp.
    Record(Time),
    /// At its own `received_at`, else its `occurred_at`: `granary process`, which has no records. Input
    /// that can't be taken then bears [`Time::MIN`], so that it can't move time.
    FromEvent,
}

/// One event out of a record, or what stands for one that can't be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery<'a> {
    /// Its position in its array, from 0; absent where the record is one event.
    pub entry: Option<u32>,
    /// Its bytes as they came: the whole value, or the entry of the array.
    pub bytes: &'a [u8],
    /// What it means. Of what can't be taken, [`allotment::Body::Rejected`] with what could be read.
    pub input: Input,
    /// Why it can't be taken, where it can't.
    pub rejection: Option<Rejection>,
}

/// Why an event can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct Rejection {
    /// The first code of the contract's list that fits anywhere in the event.
    pub code: Code,
    /// Which field, and what it must be. Tells no value that was in it, but for an unknown `type`.
    pub message: String,
}

/// A time zone that the bundled data does not know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the time zone {name:?} is not known: give a name of the IANA database, such as Asia/Shanghai"
)]
pub struct UnknownTimeZone {
    /// The name that was given.
    pub name: String,
}

impl Default for Decoder {
    /// JSON where no `content-type` says otherwise; plain dates are dates of Asia/Shanghai.
    fn default() -> Self {
        let zone = TimeZoneDatabase::bundled().get("Asia/Shanghai");
        Self {
            default_encoding: Encoding::Json,
            zone: zone.expect("the bundled zone data has Asia/Shanghai"),
            short_way: true,
        }
    }
}

impl Decoder {
    /// What records without a known `content-type` are.
    #[must_use]
    pub fn with_default_encoding(mut self, encoding: Encoding) -> Self {
        self.default_encoding = encoding;
        self
    }

    /// The zone, by its IANA name, in which a plain `best_before` date ends.
    ///
    /// # Errors
    /// The bundled zone data does not know `name`.
    pub fn with_time_zone(mut self, name: &str) -> Result<Self, UnknownTimeZone> {
        let found = TimeZoneDatabase::bundled().get(name);
        self.zone = found.map_err(|_| UnknownTimeZone { name: name.to_owned() })?;
        Ok(self)
    }

    /// Reads every event the long way, usual ones too: what the short way is held against.
    #[must_use]
    pub fn without_short_way(mut self) -> Self {
        self.short_way = false;
        self
    }

    /// Reads a record's value. A JSON array is a delivery for each entry, an empty one none at all;
    /// everything else is one delivery.
    #[must_use]
    pub fn decode<'a>(
        &self,
        value: Option<&'a [u8]>,
        content_type: Option<&[u8]>,
        arrival: Arrival,
    ) -> Deliveries<'a> {
        let bytes = value.unwrap_or_default();
        if bytes.len() > VALUE_BYTES_MAX {
            let message = format!(
                "a value has {VALUE_BYTES_MAX} bytes at most, this one has {}",
                bytes.len()
            );
            return Deliveries::one(unreadable(bytes, Code::TooLarge, message, arrival));
        }
        match content_type.and_then(Encoding::of_content_type).unwrap_or(self.default_encoding) {
            Encoding::Json => self.decode_json(bytes, arrival),
            Encoding::Protobuf => self.decode_protobuf(bytes, arrival),
        }
    }

    fn decode_json<'a>(&self, bytes: &'a [u8], arrival: Arrival) -> Deliveries<'a> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(fault) => {
                let message = format!("not UTF-8 from byte {} on", fault.valid_up_to());
                return Deliveries::one(unreadable(bytes, Code::NotUtf8, message, arrival));
            }
        };
        match text.trim_ascii_start().as_bytes().first() {
            // The common case is read without looking for the value's end first.
            Some(b'{') => Deliveries::one(self.decode_entry(text, None, arrival)),
            Some(b'[') => match serde_json::from_str::<Vec<&'a RawValue>>(text) {
                Ok(entries) => Deliveries::array(entries, self.clone(), arrival),
                Err(fault) => Deliveries::one(not_json(bytes, None, &fault, arrival)),
            },
            _ => Deliveries::one(self.decode_scalar(text, arrival)),
        }
    }

    /// One object of a record or an array.
    fn decode_entry<'a>(
        &self,
        text: &'a str,
        entry: Option<u32>,
        arrival: Arrival,
    ) -> Delivery<'a> {
        let bytes = text.as_bytes();
        if self.short_way
            && let Some(input) = usual::json::read(text, arrival)
        {
            return Delivery { entry, bytes, input, rejection: None };
        }
        let mut fields = EventFields::default();
        match fields::read_object(text, &mut fields) {
            Ok(()) => self.judge(&fields, bytes, entry, arrival),
            Err(fault) if fault.is_data() => {
                let message = "an event is a JSON object".to_owned();
                Delivery { entry, ..unreadable(bytes, Code::WrongType, message, arrival) }
            }
            Err(fault) => not_json(bytes, entry, &fault, arrival),
        }
    }

    /// Neither object nor array: nothing at all, no JSON, or JSON that is no event.
    fn decode_scalar<'a>(&self, text: &'a str, arrival: Arrival) -> Delivery<'a> {
        let bytes = text.as_bytes();
        match serde_json::from_str::<&RawValue>(text) {
            Err(_) if bytes.is_empty() => {
                unreadable(bytes, Code::NotJson, "an empty value".to_owned(), arrival)
            }
            Err(fault) => not_json(bytes, None, &fault, arrival),
            Ok(raw) if raw.get() == "null" => {
                unreadable(bytes, Code::NotJson, "a null value".to_owned(), arrival)
            }
            Ok(_) => {
                unreadable(bytes, Code::WrongType, "an event is a JSON object".to_owned(), arrival)
            }
        }
    }

    fn decode_protobuf<'a>(&self, bytes: &'a [u8], arrival: Arrival) -> Deliveries<'a> {
        if bytes.is_empty() {
            let message = "an empty value".to_owned();
            return Deliveries::one(unreadable(bytes, Code::NotProtobuf, message, arrival));
        }
        if self.short_way
            && let Some(input) = usual::protobuf::read(bytes, arrival)
        {
            return Deliveries::one(Delivery { entry: None, bytes, input, rejection: None });
        }
        Deliveries::one(match Event::decode(bytes) {
            Ok(event) => self.judge(&protobuf::fields(&event), bytes, None, arrival),
            Err(fault) => {
                unreadable(bytes, Code::NotProtobuf, format!("not protobuf: {fault}"), arrival)
            }
        })
    }

    fn judge<'a>(
        &self,
        fields: &EventFields<'_>,
        bytes: &'a [u8],
        entry: Option<u32>,
        arrival: Arrival,
    ) -> Delivery<'a> {
        let (input, rejection) = event::read(fields, arrival, &self.zone);
        Delivery { entry, bytes, input, rejection }
    }
}

/// The deliveries of one record, in the order of its array.
#[derive(Debug)]
pub struct Deliveries<'a>(Rest<'a>);

#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "the large one is the common one; a box would cost it an allocation"
)]
enum Rest<'a> {
    One(Option<Delivery<'a>>),
    Array {
        entries: std::iter::Enumerate<std::vec::IntoIter<&'a RawValue>>,
        decoder: Decoder,
        arrival: Arrival,
    },
}

impl<'a> Deliveries<'a> {
    fn one(delivery: Delivery<'a>) -> Self {
        Self(Rest::One(Some(delivery)))
    }

    fn array(entries: Vec<&'a RawValue>, decoder: Decoder, arrival: Arrival) -> Self {
        Self(Rest::Array { entries: entries.into_iter().enumerate(), decoder, arrival })
    }
}

impl<'a> Iterator for Deliveries<'a> {
    type Item = Delivery<'a>;

    fn next(&mut self) -> Option<Delivery<'a>> {
        match &mut self.0 {
            Rest::One(delivery) => delivery.take(),
            Rest::Array { entries, decoder, arrival } => {
                let (position, raw) = entries.next()?;
                let entry = u32::try_from(position)
                    .expect("a value of 256 KiB has fewer entries than a u32 counts");
                Some(decoder.decode_entry(raw.get(), Some(entry), *arrival))
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.0 {
            Rest::One(delivery) => usize::from(delivery.is_some()),
            Rest::Array { entries, .. } => entries.len(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Deliveries<'_> {}

fn unreadable(bytes: &[u8], code: Code, message: String, arrival: Arrival) -> Delivery<'_> {
    let rejection = Some(Rejection { code, message });
    Delivery { entry: None, bytes, input: event::unreadable(code, arrival), rejection }
}

fn not_json<'a>(
    bytes: &'a [u8],
    entry: Option<u32>,
    fault: &serde_json::Error,
    arrival: Arrival,
) -> Delivery<'a> {
    Delivery { entry, ..unreadable(bytes, Code::NotJson, format!("not JSON: {fault}"), arrival) }
}
