//! A record as a line of JSON: `{"topic", "key", "value"}`, dead letters with `headers`.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{Header, Outgoing, Topic};

use crate::config::Settings;

/// What the topics are called.
#[derive(Debug)]
pub(crate) struct Names(BTreeMap<Topic, String>);

impl Names {
    /// As the settings have it.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self(
            Topic::ALL.into_iter().map(|topic| (topic, settings.topic(topic).to_owned())).collect(),
        )
    }

    fn get(&self, topic: Topic) -> &str {
        self.0.get(&topic).expect("every topic has a name")
    }
}

/// Writes `record` and a line's end.
pub(crate) fn write_record(out: &mut impl Write, names: &Names, record: &Outgoing) -> Result<()> {
    out.write_all(b"{\"topic\":")?;
    write_text(out, names.get(record.topic))?;
    out.write_all(b",\"key\":")?;
    write_bytes_as_text(out, record.key.as_deref())?;
    if record.topic == Topic::DeadLetter {
        write_headers(out, &record.headers)?;
        write_letter(out, record.value.as_deref())?;
    } else {
        out.write_all(b",\"value\":")?;
        // The encoder wrote JSON, on one line.
        out.write_all(record.value.as_deref().unwrap_or(b"null"))?;
    }
    out.write_all(b"}\n")
}

fn write_headers(out: &mut impl Write, headers: &[Header]) -> Result<()> {
    out.write_all(b",\"headers\":{")?;
    for (at, header) in headers.iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        write_text(out, &header.name)?;
        out.write_all(b":")?;
        write_bytes_as_text(out, header.value.as_deref())?;
    }
    out.write_all(b"}")
}

fn write_letter(out: &mut impl Write, value: Option<&[u8]>) -> Result<()> {
    match value {
        Some(bytes) if std::str::from_utf8(bytes).is_err() => {
            out.write_all(b",\"value_base64\":")?;
            write_text(out, &STANDARD.encode(bytes))
        }
        text => {
            out.write_all(b",\"value\":")?;
            write_bytes_as_text(out, text)
        }
    }
}

fn write_bytes_as_text(out: &mut impl Write, bytes: Option<&[u8]>) -> Result<()> {
    match bytes {
        Some(bytes) => write_text(out, &String::from_utf8_lossy(bytes)),
        None => out.write_all(b"null"),
    }
}

fn write_text(out: &mut impl Write, text: &str) -> Result<()> {
    serde_json::to_writer(out, text).map_err(Into::into)
}
