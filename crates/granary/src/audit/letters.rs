//! Dead letters: each for a delivery that could not be taken, with its bytes, and one for each of those.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use allotment::{Code, TOO_MANY_POOLS};
use contract::headers;
use lane::Record;

use super::journal::Taking;
use super::origin::{Source, text};
use super::report::{Check, Place, Report};

/// A dead letter that was read.
#[derive(Debug)]
struct Letter {
    place: Place,
    code: String,
    bytes: u64,
    /// Its pool was one too many: it has no answer.
    turned_away: bool,
    claimed: bool,
}

/// One partition's dead letters, by what they name as their source.
#[derive(Debug, Default)]
pub(crate) struct Letters(BTreeMap<Source, Letter>);

impl Letters {
    /// Takes a dead letter in.
    pub(crate) fn take(&mut self, place: Place, record: &Record, report: &mut Report) {
        report.counts.dead_letters += 1;
        let Some(source) = Source::of_headers(record) else {
            return report.violation(Check::ExactlyOnce, place, "dead letter", "names no source");
        };
        let about = source.to_string();
        let code = text(record, headers::ERROR_CODE).unwrap_or_default().to_owned();
        let message = text(record, headers::ERROR_MESSAGE).unwrap_or_default();
        let turned_away = message.contains(TOO_MANY_POOLS);
        let bytes = hash(record.value.as_deref());
        let letter = Letter { place, code, bytes, turned_away, claimed: false };
        if let Some(before) = self.0.insert(source, letter) {
            let what = format!(
                "is the second dead letter of it; the first is at offset {}",
                before.place.offset
            );
            report.violation(Check::ExactlyOnce, place, about, what);
        }
    }

    /// A delivery that can't be taken, or one that looks as if it could (`code` is none). Returns whether
    /// there is a letter of it.
    pub(crate) fn claim(
        &mut self,
        source: &Source,
        bytes: Option<&[u8]>,
        code: Option<Code>,
        (place, taking, complete): (Place, Taking, bool),
        report: &mut Report,
    ) -> bool {
        let about = || source.to_string();
        let Some(letter) = self.0.get_mut(source) else {
            if let Some(code) = code.filter(|_| taking == Taking::Sure) {
                if complete {
                    let what =
                        format!("can't be taken ({}), and no dead letter has it", code.as_str());
                    report.violation(Check::ExactlyOnce, place, about(), what);
                } else {
                    report.unproved(
                        Check::ExactlyOnce,
                        "retention has removed the first dead letters",
                    );
                }
            }
            return false;
        };
        letter.claimed = true;
        let mut wrong =
            |what: &str| report.violation(Check::ExactlyOnce, letter.place, about(), what);
        if letter.bytes != hash(bytes.map(contract::kept_value)) {
            wrong("the dead letter has other bytes than its source");
        }
        match code {
            Some(code) if letter.code != code.as_str() => {
                wrong(&format!(
                    "the dead letter says {}, its source is {}",
                    letter.code,
                    code.as_str()
                ));
            }
            // What only the state can tell; everything else is visible in the event.
            None if !letter.turned_away
                && !["stale", "future", "lot_of_other_sku", "nested_bundle", "not_supported"]
                    .contains(&letter.code.as_str()) =>
            {
                wrong(&format!(
                    "the dead letter says {}, and its source can be taken",
                    letter.code
                ));
            }
            _ => {}
        }
        true
    }

    /// Whether a delivery's pool was one too many.
    pub(crate) fn is_turned_away(&self, source: &Source) -> bool {
        self.0.get(source).is_some_and(|letter| letter.turned_away)
    }

    /// Everything was read: letters whose source was not found.
    pub(crate) fn close(&self, complete: bool, report: &mut Report) {
        for (source, letter) in self.0.iter().filter(|(_, letter)| !letter.claimed) {
            if complete {
                let what = "the dead letter's source is not among the inputs that were taken";
                report.violation(Check::ExactlyOnce, letter.place, source.to_string(), what);
            } else {
                report.unproved(
                    Check::ExactlyOnce,
                    "retention has removed the sources of dead letters",
                );
            }
        }
    }
}

/// Enough to tell other bytes from the same; always with the same key.
fn hash(bytes: Option<&[u8]>) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
