//! What each journal record must agree with: the one before it, this program, and this deployment.

use allotment::Time;

use crate::journal::{JournalRecord, Range};
use crate::topic_id::{TopicIds, merged};
use crate::topics::Ends;
use crate::{Cause, Described, InputTopic, Manifest, PerInput, Surplus};

/// What a deployment and a release decide by: where it differs, a replay would decide otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) rules: u32,
    pub(crate) partitions: u32,
    /// The fingerprint of the settings that decide.
    pub(crate) settings: u64,
}

/// How time passes in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passing {
    /// See [`JournalRecord::clock`].
    pub(crate) clock: Time,
    /// See [`JournalRecord::followed`].
    pub(crate) followed: Option<Time>,
    /// See [`JournalRecord::until`].
    pub(crate) until: Option<Time>,
}

/// Where the journal stands: what the next record must follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JournalChain {
    terms: Terms,
    /// The last transaction; 0 before the first.
    pub(crate) sequence: u64,
    /// The owner that wrote it.
    epoch: u64,
    /// The digest after it; that of an empty partition before the first.
    digest: u128,
    /// The lane's clock in it; 0 where no lane knew the time yet.
    clock: Time,
    /// Where it ended.
    ends: PerInput<i64>,
    /// Where it ended of partitions that have no lane.
    pub(crate) surplus: Ends,
    /// Which topics the inputs are, as far as journal and checkpoint have said.
    pub(crate) topics: TopicIds,
    /// A new owner has not written them down yet.
    untold: bool,
    /// No record has followed yet: the last transaction is known from a checkpoint, or there is none.
    fresh: bool,
}

impl JournalChain {
    /// No transaction yet; `digest` is an empty partition's.
    pub(crate) fn new(terms: Terms, digest: u128) -> Self {
        Self {
            terms,
            sequence: 0,
            epoch: 0,
            digest,
            clock: Time(0),
            ends: PerInput::default(),
            surplus: Ends::new(),
            topics: TopicIds::default(),
            untold: false,
            fresh: true,
        }
    }

    /// After the transaction that a checkpoint was taken after.
    ///
    /// # Errors
    /// The checkpoint is of another deployment. Of other rules it may be: what has been decided stands, and
    /// nothing of it is decided again.
    pub(crate) fn after(terms: Terms, manifest: &Manifest) -> Result<Self, Cause> {
        let Manifest { sequence, epoch, digest, clock, partitions, settings, topics, .. } =
            *manifest;
        if partitions != terms.partitions {
            return Err(Cause::Partitions { journal: partitions, topics: terms.partitions });
        }
        if settings != terms.settings {
            return Err(Cause::Settings { sequence });
        }
        let ends = PerInput::from_fn(|input| manifest.needs[input].position);
        let (surplus, untold) = (manifest.surplus.clone(), false);
        let fresh = true;
        Ok(Self { terms, sequence, epoch, digest, clock, ends, surplus, topics, untold, fresh })
    }

    /// What a checkpoint says of where the journal stands; what it does not know is empty.
    pub(crate) fn manifest(&self) -> Manifest {
        let Terms { rules, partitions, settings } = self.terms;
        Manifest {
            sequence: self.sequence,
            epoch: self.epoch,
            rules,
            image: allotment::IMAGE_FORMAT,
            partitions,
            settings,
            digest: self.digest,
            events: 0,
            now: Time::MIN,
            needs: PerInput::default(),
            journal: 0,
            pages: 0,
            clock: self.clock,
            topics: self.topics,
            surplus: self.surplus.clone(),
        }
    }

    /// Where each input stands.
    pub(crate) fn positions(&self) -> Vec<(InputTopic, i64)> {
        self.ends.iter().map(|(input, end)| (input, *end)).collect()
    }

    /// The greatest clock that the journal names: no lane's clock is earlier.
    pub(crate) const fn clock(&self) -> Time {
        self.clock
    }

    /// No transaction yet.
    pub(crate) const fn is_empty(&self) -> bool {
        self.sequence == 0
    }

    /// Whether the inputs are still the topics that the journal names, as far as both are known.
    pub(crate) fn same_topics(
        &self,
        found: &PerInput<Described>,
        names: &PerInput<String>,
    ) -> Result<(), Cause> {
        for (input, described) in found.iter() {
            let (Some(journal), Some(found)) = (self.topics[input], described.id) else { continue };
            if journal != found {
                return Err(Cause::MadeAgain {
                    input,
                    topic: names[input].clone(),
                    journal,
                    found,
                });
            }
        }
        Ok(())
    }

    /// Whether the checkpoint stands in for `record`.
    pub(crate) const fn is_behind(&self, record: &JournalRecord) -> bool {
        self.fresh && record.sequence <= self.sequence
    }

    /// From here on a new owner writes, to whom the inputs are these topics.
    pub(crate) fn take_over(&mut self, found: &TopicIds) {
        self.epoch += 1;
        self.topics = merged(&self.topics, found);
        self.untold = true;
    }

    /// The next transaction's record, which then is the last one.
    pub(crate) fn extend(
        &mut self,
        Passing { clock, followed, until }: Passing,
        taken: PerInput<Option<Range>>,
        surplus: Vec<(Surplus, Range)>,
        (events, after, new_pools): (u64, u128, u32),
    ) -> JournalRecord {
        let Self { terms: Terms { rules, partitions, settings }, epoch, digest: before, .. } =
            *self;
        let sequence = self.sequence + 1;
        let record = JournalRecord {
            epoch,
            sequence,
            rules,
            partitions,
            settings,
            clock,
            followed,
            until,
            new_pools,
            taken,
            events,
            before,
            after,
            surplus,
            topics: if std::mem::take(&mut self.untold) {
                self.topics
            } else {
                TopicIds::default()
            },
        };
        assert_eq!(self.accept_terms(&record), Ok(()), "what is written can be read back");
        assert!(clock >= self.clock, "the clock went back from {:?} to {clock:?}", self.clock);
        assert!(followed <= Some(clock), "time passes to {followed:?}, beyond {clock:?}");
        self.follow(&record);
        record
    }

    /// Whether `record`, found at `offset`, may come next; then it is the last one.
    pub(crate) fn accept(&mut self, record: &JournalRecord, offset: i64) -> Result<(), Cause> {
        self.accept_place(record, offset)?;
        self.accept_terms(record)?;
        if record.before != self.digest {
            let JournalRecord { sequence, before, .. } = *record;
            return Err(Cause::DigestChain { sequence, expected: self.digest, found: before });
        }
        for (input, range) in record.taken.iter() {
            self.accept_range(record.sequence, input, *range)?;
        }
        for (surplus, Range { from: found, .. }) in &record.surplus {
            // The first one says where it began.
            let (sequence, input) = (record.sequence, surplus.input);
            let expected = self.surplus.get(surplus).copied().unwrap_or(*found);
            if *found != expected {
                return Err(Cause::RangeBroken { sequence, input, expected, found: *found });
            }
        }
        self.follow(record);
        Ok(())
    }

    /// Makes `record` the last one.
    fn follow(&mut self, record: &JournalRecord) {
        assert_eq!(record.sequence, self.sequence + 1, "transactions follow each other");
        assert!(record.epoch >= self.epoch, "an owner after {} is {}", self.epoch, record.epoch);
        assert_eq!(record.before, self.digest, "a transaction begins where the last one ended");
        self.fresh = false;
        self.sequence = record.sequence;
        self.epoch = record.epoch;
        self.digest = record.after;
        self.topics = merged(&self.topics, &record.topics);
        self.clock = self.clock.max(record.clock);
        for (surplus, range) in &record.surplus {
            let end = self.surplus.insert(*surplus, range.to).unwrap_or(range.from);
            assert_eq!(range.from, end, "{surplus:?}: the ranges of transactions are contiguous");
        }
        for (input, range) in record.taken.iter() {
            let Some(Range { from, to, .. }) = *range else { continue };
            let end = std::mem::replace(&mut self.ends[input], to);
            let contiguous = record.sequence == 1 || from == end;
            assert!(contiguous && from <= to, "{input} goes from {end} on with {from} to {to}");
        }
    }

    fn accept_place(&self, record: &JournalRecord, offset: i64) -> Result<(), Cause> {
        let JournalRecord { sequence: found, epoch, .. } = *record;
        let expected = self.sequence + 1;
        if found != expected {
            return Err(if self.fresh && found > expected {
                Cause::JournalCut { expected, found, offset }
            } else {
                Cause::JournalHole { expected, found, offset }
            });
        }
        if epoch < self.epoch {
            return Err(Cause::JournalEpoch { sequence: found, last: self.epoch, found: epoch });
        }
        Ok(())
    }

    fn accept_terms(&self, record: &JournalRecord) -> Result<(), Cause> {
        let JournalRecord { sequence, rules, partitions, settings, .. } = *record;
        let ours = self.terms;
        if partitions != ours.partitions {
            return Err(Cause::Partitions { journal: partitions, topics: ours.partitions });
        }
        if rules != ours.rules && !record.is_idle() {
            return Err(Cause::Rules { sequence, journal: rules, ours: ours.rules });
        }
        if settings != ours.settings {
            return Err(Cause::Settings { sequence });
        }
        Ok(())
    }

    fn accept_range(
        &self,
        sequence: u64,
        input: InputTopic,
        range: Option<Range>,
    ) -> Result<(), Cause> {
        match range {
            // The first record says where each input began.
            Some(_) if sequence == 1 => Ok(()),
            Some(Range { from, .. }) if from != self.ends[input] => {
                Err(Cause::RangeBroken { sequence, input, expected: self.ends[input], found: from })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TopicId;

    #[test]
    fn only_an_id_that_is_known_on_both_sides_can_differ() {
        let id = |number| TopicId::of_halves(0, number);
        let names = PerInput::from_fn(|input| format!("shop.{input}"));
        let terms = Terms { rules: 1, partitions: 1, settings: 0 };
        let check = |topics, found: &PerInput<Described>| {
            JournalChain { topics, ..JournalChain::new(terms, 0) }.same_topics(found, &names)
        };
        let found = PerInput::from_fn(|_| Described { id: id(1), partitions: 1 });
        assert_eq!(check(TopicIds::default(), &found), Ok(()));
        assert_eq!(check(PerInput::from_fn(|_| id(1)), &found), Ok(()));
        assert_eq!(check(PerInput::from_fn(|_| id(2)), &PerInput::default()), Ok(()));
        let mut journal = TopicIds::default();
        journal[InputTopic::Stock] = id(2);
        let cause = check(journal, &found).expect_err("stock is another topic");
        assert!(cause.to_string().contains("shop.stock"), "{cause}");
    }
}
