//! One partition: records and control records by offset, and who may see which of them.

use std::collections::BTreeMap;

use allotment::Time;
use contract::Header;
use lane::Record;

/// A record as somebody produced it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its Kafka timestamp.
    pub timestamp: Time,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its headers.
    pub headers: Vec<Header>,
    /// Its value.
    pub value: Option<Vec<u8>>,
}

impl Message {
    /// What a lane gets of it.
    #[must_use]
    pub fn as_record(&self, offset: i64) -> Record {
        let Self { timestamp, key, headers, value } = self.clone();
        Record { offset, timestamp, key, headers, value }
    }
}

/// A record that readers see, or once saw: retention hides nothing from whoever checks.
#[derive(Clone, Copy, Debug)]
pub struct Committed<'a> {
    /// Its offset.
    pub offset: i64,
    /// What was produced.
    pub message: &'a Message,
    /// The transaction that it belongs to, counted over the whole cluster.
    pub transaction: Option<u64>,
}

/// A partition.
#[derive(Clone, Debug, Default)]
pub struct Log {
    earliest: usize,
    slots: Vec<Slot>,
    /// How the transactions that have records here stand.
    transactions: BTreeMap<u64, Standing>,
    /// Where those begin that are open.
    open: BTreeMap<u64, usize>,
    /// When each slot was written.
    written: Vec<Time>,
    /// Since when readers could read how far.
    readable: Vec<(i64, Time)>,
}

#[derive(Clone, Debug)]
enum Slot {
    Data {
        message: Message,
        transaction: Option<u64>,
    },
    /// Takes an offset and is shown to nobody: the end of a transaction, or what compaction took away.
    Control,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    Committed,
    Aborted,
}

impl Log {
    /// Appends a record, of a transaction or of none.
    pub fn append(&mut self, message: Message, transaction: Option<u64>, now: Time) {
        if let Some(id) = transaction {
            self.open.entry(id).or_insert(self.slots.len());
            let standing = *self.transactions.entry(id).or_insert(Standing::Open);
            assert_eq!(
                standing,
                Standing::Open,
                "nothing is added to a transaction that has ended"
            );
        }
        self.slots.push(Slot::Data { message, transaction });
        self.written.push(now);
        self.note_readable(now);
    }

    /// Ends a transaction here, if it has records here: a control record says how.
    pub fn end_transaction(&mut self, id: u64, commit: bool, now: Time) {
        let Some(standing) = self.transactions.get_mut(&id) else { return };
        assert_eq!(*standing, Standing::Open, "a transaction ends once");
        *standing = if commit { Standing::Committed } else { Standing::Aborted };
        self.open.remove(&id);
        self.slots.push(Slot::Control);
        self.written.push(now);
        self.note_readable(now);
    }

    fn note_readable(&mut self, now: Time) {
        let stable = self.stable();
        if self.readable.last().is_none_or(|(before, _)| *before < stable) {
            self.readable.push((stable, now));
        }
    }

    /// Since when `read_committed` readers could read what is at `offset`; `None` where they can't yet.
    #[must_use]
    pub fn readable_since(&self, offset: i64) -> Option<Time> {
        let at = self.readable.partition_point(|(stable, _)| *stable <= offset);
        self.readable.get(at).map(|(_, since)| *since)
    }

    /// The first offset that is retained.
    #[must_use]
    pub fn earliest(&self) -> i64 {
        offset(self.earliest)
    }

    /// The offset after the last record of any kind.
    #[must_use]
    pub fn end(&self) -> i64 {
        offset(self.slots.len())
    }

    /// The last stable offset: the first of an open transaction, else the end; never before what is retained.
    #[must_use]
    pub fn stable(&self) -> i64 {
        let first = self.open.values().copied().min();
        offset(first.unwrap_or(usize::MAX).max(self.earliest).min(self.slots.len()))
    }

    /// What a `read_committed` reader gets from `from` on, `records` at most, and where it reads on: past
    /// control and aborted records, up to the last stable offset. `None` where `from` is not in the log.
    #[must_use]
    pub fn read_committed(&self, from: i64, records: usize) -> Option<(Vec<(i64, Message)>, i64)> {
        if from < self.earliest() || from > self.end() {
            return None;
        }
        let (mut found, mut at, stable) = (Vec::new(), from, self.stable());
        while at < stable && found.len() < records {
            if let Slot::Data { message, transaction } = &self.slots[index(at)]
                && transaction.is_none_or(|id| self.transactions[&id] == Standing::Committed)
            {
                found.push((at, message.clone()));
            }
            at += 1;
        }
        Some((found, at))
    }

    /// What a `read_uncommitted` reader gets from `from` on: whatever has been written, also what was aborted.
    /// `None` where `from` is not in the log.
    #[must_use]
    pub fn read_uncommitted(&self, from: i64) -> Option<Vec<(i64, Message)>> {
        if from < self.earliest() || from > self.end() {
            return None;
        }
        let slots = self.slots.iter().enumerate().skip(index(from));
        let data = slots.filter_map(|(at, slot)| match slot {
            Slot::Data { message, .. } => Some((offset(at), message.clone())),
            Slot::Control => None,
        });
        Some(data.collect())
    }

    /// All records that are committed and below the last stable offset, those that retention has deleted
    /// included, from the first on.
    pub fn history(&self) -> impl Iterator<Item = Committed<'_>> {
        self.slots[..index(self.stable())].iter().enumerate().filter_map(|(at, slot)| match slot {
            Slot::Data { message, transaction }
                if transaction.is_none_or(|id| self.transactions[&id] == Standing::Committed) =>
            {
                Some(Committed { offset: offset(at), message, transaction: *transaction })
            }
            Slot::Data { .. } | Slot::Control => None,
        })
    }

    /// Whatever was written from `from` on, also what was aborted or is open, with the time at which it was.
    pub fn written(&self, from: i64) -> impl Iterator<Item = (i64, Time, &Message)> {
        let slots = self.slots.iter().zip(&self.written).enumerate().skip(index(from));
        slots.filter_map(|(at, (slot, written))| match slot {
            Slot::Data { message, .. } => Some((offset(at), *written, message)),
            Slot::Control => None,
        })
    }

    /// Compaction, up to the last stable offset: of each key the newest committed record stays, what was
    /// aborted goes; with `tombstones` also those whose newest record says that there is none.
    pub fn compact(&mut self, tombstones: bool) {
        let stable = index(self.stable());
        let newest: BTreeMap<Vec<u8>, i64> = self
            .history()
            .filter_map(|record| Some((record.message.key.clone()?, record.offset)))
            .collect();
        for at in self.earliest..stable {
            let Slot::Data { message, transaction } = &self.slots[at] else { continue };
            let committed =
                transaction.is_none_or(|id| self.transactions[&id] == Standing::Committed);
            let newest = message.key.as_ref().and_then(|key| newest.get(key)) == Some(&offset(at));
            let buried = tombstones && message.value.is_none();
            if !committed || !newest || buried {
                self.slots[at] = Slot::Control;
            }
        }
    }

    /// Retention: everything before `offset` is gone.
    pub fn delete_before(&mut self, offset: i64) {
        assert!(offset <= self.end(), "only what is there is deleted");
        self.earliest = self.earliest.max(index(offset));
    }

    /// What a new leader that has not caught up shows: everything from `offset` on is not there.
    pub fn truncate(&mut self, offset: i64) {
        self.slots.truncate(index(offset));
        self.written.truncate(index(offset));
        self.open.retain(|_, first| *first < self.slots.len());
    }

    /// What compaction by mistake, or a hand, would do: a record vanishes, its offset stays.
    pub fn erase(&mut self, offset: i64) {
        self.slots[index(offset)] = Slot::Control;
    }

    /// What nobody may do: another value under the same offset.
    pub fn overwrite(&mut self, offset: i64, value: Vec<u8>) {
        match &mut self.slots[index(offset)] {
            Slot::Data { message, .. } => message.value = Some(value),
            Slot::Control => panic!("offset {offset} holds a control record"),
        }
    }
}

fn offset(index: usize) -> i64 {
    i64::try_from(index).expect("a log in memory is short")
}

fn index(offset: i64) -> usize {
    usize::try_from(offset).expect("an offset is not negative")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Message {
        Message {
            timestamp: Time(0),
            key: None,
            headers: Vec::new(),
            value: Some(text.as_bytes().to_vec()),
        }
    }

    fn offsets(log: &Log, from: i64) -> (Vec<i64>, i64) {
        let (found, next) = log.read_committed(from, 100).unwrap();
        (found.iter().map(|(offset, _)| *offset).collect(), next)
    }

    #[test]
    fn readers_stay_below_what_is_open_and_skip_what_was_aborted() {
        let mut log = Log::default();
        log.append(message("a"), None, Time(0));
        log.append(message("b"), Some(1), Time(0));
        log.append(message("c"), None, Time(0));
        log.append(message("d"), Some(2), Time(0));
        assert_eq!(log.stable(), 1);
        assert_eq!(offsets(&log, 0), (vec![0], 1));
        log.end_transaction(1, true, Time(0));
        assert_eq!(log.stable(), 3, "the second transaction is still open");
        log.end_transaction(2, false, Time(0));
        assert_eq!((log.stable(), log.end()), (6, 6), "control records take offsets");
        assert_eq!(offsets(&log, 0), (vec![0, 1, 2], 6));
        assert_eq!(offsets(&log, 3), (vec![], 6));
    }

    #[test]
    fn compaction_keeps_the_newest_of_each_key_below_what_is_open() {
        let keyed = |key: &str, value: Option<&str>| Message {
            key: Some(key.as_bytes().to_vec()),
            value: value.map(|text| text.as_bytes().to_vec()),
            ..message("")
        };
        let mut log = Log::default();
        log.append(keyed("a", Some("1")), None, Time(0));
        log.append(keyed("b", Some("1")), None, Time(0));
        log.append(keyed("a", Some("2")), Some(1), Time(0));
        log.append(keyed("b", None), None, Time(0));
        log.compact(true);
        assert_eq!(offsets(&log, 0), (vec![0, 1], 2), "nothing beyond the open transaction counts");
        log.end_transaction(1, true, Time(0));
        log.compact(false);
        assert_eq!(offsets(&log, 0), (vec![2, 3], 5));
        log.compact(true);
        assert_eq!(offsets(&log, 0), (vec![2], 5));
    }

    #[test]
    fn what_is_behind_an_open_transaction_is_readable_once_that_has_ended() {
        let mut log = Log::default();
        log.append(message("a"), None, Time(1));
        log.append(message("b"), Some(1), Time(2));
        log.append(message("c"), None, Time(3));
        assert_eq!((log.readable_since(0), log.readable_since(2)), (Some(Time(1)), None));
        log.end_transaction(1, false, Time(9));
        assert_eq!(log.readable_since(2), Some(Time(9)));
    }

    #[test]
    fn what_is_not_retained_is_out_of_range() {
        let mut log = Log::default();
        for _ in 0..3 {
            log.append(message("a"), None, Time(0));
        }
        log.delete_before(2);
        assert_eq!(log.read_committed(1, 9), None);
        assert_eq!(offsets(&log, 2), (vec![2], 3));
        assert_eq!(log.read_committed(4, 9), None);
    }
}
