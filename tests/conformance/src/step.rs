//! What can happen in a script: one step a line, in words.

use contract::Topic;

/// A topic's partition.
pub type Place = (Topic, u32);

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `A init ID` or `A init ID for 1 s`: a new client with this transactional id, and how long a transaction
    /// of it may be open.
    Init {
        /// How the script calls it.
        producer: String,
        /// Its transactional id.
        id: String,
        /// Seconds.
        timeout: Option<u32>,
    },
    /// A step of a producer.
    Produce {
        /// Which.
        producer: String,
        /// What it does.
        verb: Verb,
    },
    /// `send TOPIC/0 KEY=VALUE`, and `at 10 min` for a later timestamp: a record without a transaction.
    Send {
        /// Where.
        place: Place,
        /// Which.
        record: Record,
        /// How many minutes from now it is dated.
        minutes: i64,
    },
    /// `read TOPIC/0 from N`: what a `read_committed` reader gets; `read-all`: what any reader gets.
    Read {
        /// Where.
        place: Place,
        /// The first offset.
        from: i64,
        /// Committed records only.
        committed: bool,
    },
    /// `ends TOPIC/0`: the earliest offset, the last stable one, the end.
    Ends(Place),
    /// `group TOPIC/0`: the offset that the group has committed.
    Group(Place),
    /// `delete TOPIC/0 before N`: `DeleteRecords`.
    Delete {
        /// Where.
        place: Place,
        /// The first offset that stays.
        before: i64,
    },
    /// `compact TOPIC/0`, and `compact TOPIC/0 again`: the cleaner passes; tombstones go when it passes again.
    Compact {
        /// Where.
        place: Place,
        /// Tombstones go too.
        again: bool,
    },
    /// `grow to N`: all topics get so many partitions.
    Grow(u32),
    /// `pass N s`: so much time passes.
    Pass(u32),
    /// `join TOPIC`: somebody becomes an active member of the group.
    Join(Topic),
}

/// What a producer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `A begin`.
    Begin,
    /// `A produce TOPIC/0 KEY=VALUE`; without `=VALUE` a tombstone.
    Record(Place, Record),
    /// `A offset TOPIC/0 N`: an offset of the group, with the transaction.
    Offset(Place, i64),
    /// `A commit`.
    Commit,
    /// `A abort`.
    Abort,
    /// `A late commit`, `A late abort`: such a request of this producer arrives of which its client knows nothing any more.
    Late {
        /// To commit, not to abort.
        commit: bool,
    },
}

/// A key, and a value or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: Option<String>,
}

impl Step {
    /// Reads a step; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        Some(match words[..] {
            ["send", at, what] => {
                Self::Send { place: place(at)?, record: record(what), minutes: 0 }
            }
            ["send", at, what, "at", minutes, "min"] => Self::Send {
                place: place(at)?,
                record: record(what),
                minutes: minutes.parse().ok()?,
            },
            [read @ ("read" | "read-all"), at, "from", from] => Self::Read {
                place: place(at)?,
                from: from.parse().ok()?,
                committed: read == "read",
            },
            ["ends", at] => Self::Ends(place(at)?),
            ["group", at] => Self::Group(place(at)?),
            ["delete", at, "before", before] => {
                Self::Delete { place: place(at)?, before: before.parse().ok()? }
            }
            ["compact", at] => Self::Compact { place: place(at)?, again: false },
            ["compact", at, "again"] => Self::Compact { place: place(at)?, again: true },
            ["grow", "to", count] => Self::Grow(count.parse().ok()?),
            ["pass", seconds, "s"] => Self::Pass(seconds.parse().ok()?),
            ["join", name] => Self::Join(topic(name)?),
            [producer, "init", id] => {
                Self::Init { producer: producer.to_owned(), id: id.to_owned(), timeout: None }
            }
            [producer, "init", id, "for", seconds, "s"] => Self::Init {
                producer: producer.to_owned(),
                id: id.to_owned(),
                timeout: Some(seconds.parse().ok()?),
            },
            [producer, ref verb @ ..] => {
                Self::Produce { producer: producer.to_owned(), verb: Verb::parse(verb)? }
            }
            [] => return None,
        })
    }

    /// The topics that it is about.
    #[must_use]
    pub fn topic(&self) -> Option<Topic> {
        match self {
            Self::Produce {
                verb: Verb::Record((topic, _), _) | Verb::Offset((topic, _), _),
                ..
            }
            | Self::Send { place: (topic, _), .. }
            | Self::Read { place: (topic, _), .. }
            | Self::Ends((topic, _))
            | Self::Group((topic, _))
            | Self::Delete { place: (topic, _), .. }
            | Self::Compact { place: (topic, _), .. }
            | Self::Join(topic) => Some(*topic),
            Self::Init { .. } | Self::Produce { .. } | Self::Grow(_) | Self::Pass(_) => None,
        }
    }

    /// Whether it only looks: such a step is asked again, because Kafka writes the end of a transaction after it
    /// has answered.
    #[must_use]
    pub const fn looks(&self) -> bool {
        matches!(self, Self::Read { .. } | Self::Ends(_) | Self::Group(_))
    }
}

impl Verb {
    fn parse(words: &[&str]) -> Option<Self> {
        Some(match words {
            ["begin"] => Self::Begin,
            ["produce", at, what] => Self::Record(place(at)?, record(what)),
            ["offset", at, offset] => Self::Offset(place(at)?, offset.parse().ok()?),
            ["commit"] => Self::Commit,
            ["abort"] => Self::Abort,
            ["late", "commit"] => Self::Late { commit: true },
            ["late", "abort"] => Self::Late { commit: false },
            _ => return None,
        })
    }
}

fn place(word: &str) -> Option<Place> {
    let (name, partition) = word.split_once('/')?;
    Some((topic(name)?, partition.parse().ok()?))
}

fn topic(name: &str) -> Option<Topic> {
    Topic::ALL.into_iter().find(|topic| format!("{topic:?}").eq_ignore_ascii_case(name))
}

fn record(word: &str) -> Record {
    match word.split_once('=') {
        Some((key, value)) => Record { key: key.to_owned(), value: Some(value.to_owned()) },
        None => Record { key: word.to_owned(), value: None },
    }
}

/// Records as a script writes them.
pub(crate) fn records(found: &[(i64, Record)]) -> String {
    if found.is_empty() {
        return "nothing".to_owned();
    }
    let word = |(offset, record): &(i64, Record)| match &record.value {
        Some(value) => format!("{offset}:{}={value}", record.key),
        None => format!("{offset}:{}", record.key),
    };
    found.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// The three ends of a partition as a script writes them.
pub(crate) fn ends(earliest: i64, stable: i64, end: i64) -> String {
    format!("earliest {earliest}, stable {stable}, end {end}")
}
