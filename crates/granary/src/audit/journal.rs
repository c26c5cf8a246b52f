//! The journal: transactions without a gap, each beginning where the last one ended, and what they took.

use std::collections::BTreeMap;

use lane::{InputTopic, JournalRecord, PerInput, Range, Record};

use super::cut::Span;
use super::report::{Check, Place, Report};

/// Whether a record of an input was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taking {
    /// By a transaction of which everything is visible.
    Sure,
    /// By a transaction that came about while the topics were looked at.
    Maybe,
    /// Not yet.
    No,
}

/// What one transaction took of an input.
#[derive(Clone, Copy, Debug)]
struct Taken {
    from: i64,
    to: i64,
    records: u64,
    /// The journal's record.
    offset: i64,
}

/// What is known of one input.
#[derive(Debug, Default)]
struct Input {
    taken: Vec<Taken>,
    /// Below it everything was taken for certain.
    sure: Option<i64>,
    /// From it on nothing was taken.
    most: Option<i64>,
    /// Where in `taken` the input has been read to, and how many records of that were there.
    at: usize,
    seen: u64,
}

/// A partition of an input: the one that the lane is of, or by its number one that was added later.
pub(crate) type Of = (InputTopic, Option<u32>);

/// One partition's journal.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    last: Option<JournalRecord>,
    inputs: BTreeMap<Of, Input>,
    transactions: u64,
}

impl Journal {
    /// Takes the next record in.
    pub(crate) fn take(&mut self, place: Place, record: &Record, span: Span, report: &mut Report) {
        let found = match JournalRecord::decode(record.value.as_deref().unwrap_or_default()) {
            Ok(found) => found,
            Err(why) => {
                return report.violation(
                    Check::ExactlyOnce,
                    place,
                    "journal",
                    format!("can't be read: {why}"),
                );
            }
        };
        let about = format!("transaction {}", found.sequence);
        let mut wrong =
            |what: String| report.violation(Check::ExactlyOnce, place, about.as_str(), what);
        match &self.last {
            Some(last) => follow(last, &found, &mut wrong),
            None if span.earliest == 0 && found.sequence != 1 => {
                wrong("the journal begins with it, and not with transaction 1".to_owned());
            }
            None => {}
        }
        for ((input, added), range) in taken(&found) {
            let of = self.inputs.entry((input, added)).or_default();
            if let Some(expected) = of.most.filter(|expected| *expected != range.from) {
                wrong(format!(
                    "took {input} from offset {}, but the one before ended at {expected}",
                    range.from
                ));
            }
            of.sure.get_or_insert(range.from);
            if record.offset < span.settled {
                of.sure = Some(range.to);
            }
            of.most = Some(range.to);
            let taken = Taken {
                from: range.from,
                to: range.to,
                records: range.records,
                offset: record.offset,
            };
            of.taken.extend((range.records > 0).then_some(taken));
        }
        self.transactions += 1;
        self.last = Some(found);
    }

    /// Everything of it was read: what it does not name is known from the group's offsets, as they were
    /// before and after the topics were looked at.
    pub(crate) fn close(
        &mut self,
        committed: &PerInput<(Option<i64>, Option<i64>)>,
        is_lacking: impl Fn(InputTopic) -> bool,
        place: Place,
        report: &mut Report,
    ) {
        report.counts.transactions += self.transactions;
        for (input, (before, after)) in committed.iter() {
            let of = self.inputs.entry((input, None)).or_default();
            let about = format!("the offsets of {input}");
            if let (Some(before), Some(most)) = (before, of.most)
                && *before > most
            {
                let what = format!("the group has committed {before}, the journal ends at {most}");
                report.violation(Check::ExactlyOnce, place, about.as_str(), what);
            }
            if let (Some(after), Some(sure)) = (after, of.sure)
                && *after < sure
            {
                let what =
                    format!("the group has committed {after}, the journal took up to {sure}");
                report.violation(Check::ExactlyOnce, place, about.as_str(), what);
            }
            if self.transactions == 0 && before.is_some() {
                let what = "the group has committed some, and there is no journal";
                report.violation(Check::ExactlyOnce, place, about.as_str(), what);
            }
            of.sure = of.sure.or(*before);
            of.most = of.most.or(*after);
            if self.transactions > 0 && of.most.is_none() && is_lacking(input) {
                // Nobody can say how far it was taken: what is there may have been.
                of.most = Some(i64::MAX);
                let why = format!(
                    "what was taken of {input}: the journal that is left does not say, and the group's offset is gone; \
                     Kafka forgets one after offsets.retention.minutes"
                );
                report.unproved(Check::ExactlyOnce, why);
            }
        }
    }

    /// Whether the record at `offset` of an input was taken.
    pub(crate) fn taking(&self, of: Of, offset: i64) -> Taking {
        let Some(of) = self.inputs.get(&of) else { return Taking::No };
        if of.sure.is_some_and(|sure| offset < sure) {
            Taking::Sure
        } else if of.most.is_some_and(|most| offset < most) {
            Taking::Maybe
        } else {
            Taking::No
        }
    }

    /// Whether no transaction that is left names an input.
    pub(crate) fn is_silent_of(&self, of: Of) -> bool {
        self.inputs.get(&of).is_none_or(|input| input.most.is_none())
    }

    /// A record of an input is there. They come in the order of their offsets.
    pub(crate) fn saw(&mut self, of: Of, place: Place, span: Span, report: &mut Report) {
        self.pass(of, place, span, report);
        let of = self.inputs.entry(of).or_default();
        if of.taken.get(of.at).is_some_and(|taken| taken.from <= place.offset) {
            of.seen += 1;
        }
    }

    /// The input was read up to `place`: what ends before it must have been there whole.
    pub(crate) fn pass(&mut self, of: Of, place: Place, span: Span, report: &mut Report) {
        let input = of.0;
        let of = self.inputs.entry(of).or_default();
        while let Some(taken) = of.taken.get(of.at).filter(|taken| taken.to <= place.offset) {
            if taken.from < span.earliest {
                let why = format!("{input}: retention has removed records that were taken");
                report.unproved(Check::ExactlyOnce, why);
            } else if of.seen != taken.records {
                let Taken { from, to, records, offset } = *taken;
                let what = format!(
                    "took {records} records of {input}, offsets {from} to {to}, and {} are there",
                    of.seen
                );
                let place = Place { topic: contract::Topic::Journal, offset, ..place };
                report.violation(Check::ExactlyOnce, place, "journal", what);
            }
            of.at += 1;
            of.seen = 0;
        }
    }
}

/// What a transaction took.
fn taken(record: &JournalRecord) -> Vec<(Of, Range)> {
    let own = record.taken.iter().filter_map(|(input, range)| Some(((input, None), (*range)?)));
    let added = record.surplus.iter();
    let added = added.map(|(surplus, range)| ((surplus.input, Some(surplus.partition)), *range));
    own.chain(added).collect()
}

/// What a transaction's record must agree with in the one before it.
fn follow(last: &JournalRecord, found: &JournalRecord, wrong: &mut impl FnMut(String)) {
    if last.sequence.checked_add(1) != Some(found.sequence) {
        wrong(format!("follows transaction {}: one was lost, torn or doubled", last.sequence));
    }
    if found.epoch < last.epoch {
        wrong(format!(
            "is of owner {} and follows one of owner {}: two wrote at once",
            found.epoch, last.epoch
        ));
    }
    if found.before != last.after {
        wrong(format!(
            "begins with the digest {:032x}, the one before ended with {:032x}",
            found.before, last.after
        ));
    }
    if found.events < last.events {
        wrong(format!("counts {} events, the one before {}", found.events, last.events));
    }
    if found.partitions != last.partitions {
        wrong(format!(
            "was made with {} partitions, the one before with {}",
            found.partitions, last.partitions
        ));
    }
}
