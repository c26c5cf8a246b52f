//! Reads typed values out of the layers, and notes all that is wrong instead of stopping at the first.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use super::layer::{Entry, Raw};
use super::{Layers, Problem, value};

/// Reads values by path. What can't be read is noted, and something harmless stands in for it, which
/// nobody sees because [`Reader::problems`] then is not empty.
pub(super) struct Reader<'a> {
    layers: &'a Layers,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(layers: &'a Layers) -> Self {
        Self { layers, problems: Vec::new() }
    }

    /// The text at `path`.
    pub(super) fn text(&mut self, path: &str) -> String {
        let entry = self.entry(path);
        match &entry.raw {
            Raw::Text(text) => text.clone(),
            Raw::List(_) => {
                self.refuse(path, "is a list", "write one value");
                String::new()
            }
        }
    }

    /// The text at `path`, which `parse` understands or says what it wants.
    pub(super) fn parsed<T>(
        &mut self,
        path: &str,
        fallback: T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        let text = self.text(path);
        parse(&text).unwrap_or_else(|remedy| {
            // A URL may have a password before its `@`; no setting of ours has one in its value.
            let shown = if text.contains('@') { "what it is" } else { &format!("`{text}`") };
            self.refuse(path, &format!("can't be {shown}"), &remedy);
            fallback
        })
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, path: &str, words: &[(&str, T)]) -> T {
        let choice =
            |text: &str| words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        self.parsed(path, words[0].1, |text| choice(text).ok_or_else(|| one_of(words)))
    }

    /// A whole number within `range`.
    pub(super) fn number(&mut self, path: &str, range: RangeInclusive<u64>) -> u64 {
        self.parsed(path, *range.start(), |text| {
            let number =
                text.replace('_', "").parse().map_err(|_| "write a whole number".to_owned())?;
            within(number, &range, ToString::to_string)
        })
    }

    /// A size in bytes within `range`.
    pub(super) fn bytes(&mut self, path: &str, range: RangeInclusive<u64>) -> u64 {
        self.parsed(path, *range.start(), |text| {
            within(value::bytes(text)?, &range, |n| format!("{n} bytes"))
        })
    }

    /// A duration within `range`.
    pub(super) fn duration(&mut self, path: &str, range: RangeInclusive<Duration>) -> Duration {
        self.parsed(path, *range.start(), |text| {
            within(value::duration(text)?, &range, |d| value::show_duration(*d))
        })
    }

    /// A list of words out of a few; one text with commas is a list too, which is how variables write it.
    pub(super) fn words<T: Copy>(&mut self, path: &str, words: &[(&str, T)]) -> Vec<T> {
        let texts = match &self.entry(path).raw {
            Raw::List(list) => list.clone(),
            Raw::Text(text) => {
                text.split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
            }
        };
        let mut chosen = Vec::new();
        for text in texts {
            match words.iter().find(|(word, _)| *word == text) {
                Some((_, value)) => chosen.push(*value),
                None => self.refuse(path, &format!("can't hold `{text}`"), &one_of(words)),
            }
        }
        chosen
    }

    /// Notes that what is said at `path` can't be used.
    pub(super) fn refuse(&mut self, path: &str, what: &str, remedy: &str) {
        let origin = self.entry(path).origin.clone();
        self.problems.push(Problem {
            origin,
            what: format!("`{path}` {what}"),
            remedy: remedy.to_owned(),
        });
    }

    fn entry(&self, path: &str) -> &'a Entry {
        self.layers.get(path).expect("settings are read by paths that the default file has")
    }
}

fn one_of<T>(words: &[(&str, T)]) -> String {
    let quoted: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
    format!("write one of {}", quoted.join(", "))
}

fn within<T: PartialOrd + Copy>(
    value: T,
    range: &RangeInclusive<T>,
    show: impl Fn(&T) -> String,
) -> Result<T, String> {
    if range.contains(&value) {
        return Ok(value);
    }
    Err(format!("it must be from {} to {}", show(range.start()), show(range.end())))
}

/// Says that `text` is not a name that Kafka takes for a topic or a group, and what would be.
pub(super) fn kafka_name(text: &str) -> Result<String, String> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    let good = !text.is_empty()
        && text.len() <= 200
        && text.bytes().all(fits)
        && text != "."
        && text != "..";
    let wanted: &dyn Display = &"letters, digits, `.`, `_` and `-`, 200 at most";
    if good { Ok(text.to_owned()) } else { Err(format!("write {wanted}")) }
}
