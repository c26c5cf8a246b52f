//! Where a delivery came from: its own place, or what a rerouted record says of itself.

use std::fmt;

use allotment::Time;
use contract::headers;
use lane::{InputTopic, Record};

/// A delivery's first place: topic, partition, offset, and its position in an array.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Source {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) entry: Option<u32>,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}@{}", self.topic, self.partition, self.offset)?;
        self.entry.map_or(Ok(()), |entry| write!(f, "[{entry}]"))
    }
}

impl Source {
    /// What a record's headers name.
    pub(crate) fn of_headers(record: &Record) -> Option<Self> {
        Some(Self {
            topic: text(record, headers::SOURCE_TOPIC)?.to_owned(),
            partition: number(record, headers::SOURCE_PARTITION)?,
            offset: number(record, headers::SOURCE_OFFSET)?,
            entry: number(record, headers::SOURCE_ENTRY),
        })
    }
}

/// Where a record of an input came from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) source: Source,
    pub(crate) rerouted: bool,
    pub(crate) arrival: Time,
}

impl Origin {
    pub(crate) fn of(input: InputTopic, record: &Record, topic: &str, partition: u32) -> Self {
        let here = Source {
            topic: topic.to_owned(),
            partition: partition.cast_signed(),
            offset: record.offset,
            entry: None,
        };
        let rerouted = text(record, lane::ARRIVAL).filter(|_| input == InputTopic::Reroute);
        match rerouted {
            Some(_) => Self {
                source: Source::of_headers(record).unwrap_or(here),
                rerouted: true,
                arrival: lane::arrival(input, record),
            },
            None => Self { source: here, rerouted: false, arrival: lane::arrival(input, record) },
        }
    }

    /// The source of one of its entries.
    pub(crate) fn entry(&self, entry: Option<u32>) -> Source {
        Source { entry: entry.or(self.source.entry), ..self.source.clone() }
    }

    /// The `content-type` to read it by.
    pub(crate) fn content_type<'a>(&self, record: &'a Record) -> Option<&'a [u8]> {
        let read_as = if self.rerouted { header(record, lane::ENCODING) } else { None };
        read_as.or_else(|| header(record, headers::CONTENT_TYPE))
    }
}

/// The value of the last header of this name.
pub(crate) fn header<'a>(record: &'a Record, name: &str) -> Option<&'a [u8]> {
    record.headers.iter().rev().find(|header| header.name == name)?.value.as_deref()
}

/// The text of the last header of this name.
pub(crate) fn text<'a>(record: &'a Record, name: &str) -> Option<&'a str> {
    header(record, name).and_then(|value| std::str::from_utf8(value).ok())
}

fn number<T: std::str::FromStr>(record: &Record, name: &str) -> Option<T> {
    text(record, name)?.parse().ok()
}
