//! One partition: records and control records by offset, and who may see which of them.

use std::collections::BTreeMap;

use allotment::Time;
use contract::Header;

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

/// A partition.
#[derive(Clone, Debug, Default)]
pub struct Log {
    earliest: usize,
    slots: Vec<Slot>,
    /// How the transactions that have records here stand.
    transactions: BTreeMap<u64, Standing>,
}

#[derive(Clone, Debug)]
enum Slot {
    Data {
        message: Message,
        transaction: Option<u64>,
    },
    /// The end of a transaction: takes an offset, is shown to nobody.
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
    pub fn append(&mut self, message: Message, transaction: Option<u64>) {
        if let Some(id) = transaction {
            let standing = *self.transactions.entry(id).or_insert(Standing::Open);
            assert_eq!(
                standing,
                Standing::Open,
                "nothing is added to a transaction that has ended"
            );
        }
        self.slots.push(Slot::Data { message, transaction });
    }

    /// Ends a transaction here, if it has records here: a control record says how.
    pub fn end_transaction(&mut self, id: u64, commit: bool) {
        let Some(standing) = self.transactions.get_mut(&id) else { return };
        assert_eq!(*standing, Standing::Open, "a transaction ends once");
        *standing = if commit { Standing::Committed } else { Standing::Aborted };
        self.slots.push(Slot::Control);
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

    /// The last stable offset: the first of an open transaction, else the end.
    #[must_use]
    pub fn stable(&self) -> i64 {
        let open = |slot: &Slot| match slot {
            Slot::Data { transaction: Some(id), .. } => self.transactions[id] == Standing::Open,
            Slot::Data { transaction: None, .. } | Slot::Control => false,
        };
        offset(self.slots.iter().position(open).unwrap_or(self.slots.len()))
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

    /// Retention: everything before `offset` is gone.
    pub fn delete_before(&mut self, offset: i64) {
        assert!(offset <= self.end(), "only what is there is deleted");
        self.earliest = self.earliest.max(index(offset));
    }

    /// What a new leader that has not caught up shows: everything from `offset` on is not there.
    pub fn truncate(&mut self, offset: i64) {
        self.slots.truncate(index(offset));
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
        log.append(message("a"), None);
        log.append(message("b"), Some(1));
        log.append(message("c"), None);
        log.append(message("d"), Some(2));
        assert_eq!(log.stable(), 1);
        assert_eq!(offsets(&log, 0), (vec![0], 1));
        log.end_transaction(1, true);
        assert_eq!(log.stable(), 3, "the second transaction is still open");
        log.end_transaction(2, false);
        assert_eq!((log.stable(), log.end()), (6, 6), "control records take offsets");
        assert_eq!(offsets(&log, 0), (vec![0, 1, 2], 6));
        assert_eq!(offsets(&log, 3), (vec![], 6));
    }

    #[test]
    fn what_is_not_retained_is_out_of_range() {
        let mut log = Log::default();
        for _ in 0..3 {
            log.append(message("a"), None);
        }
        log.delete_before(2);
        assert_eq!(log.read_committed(1, 9), None);
        assert_eq!(offsets(&log, 2), (vec![2], 3));
        assert_eq!(log.read_committed(4, 9), None);
    }
}
