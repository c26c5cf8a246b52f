//! What a batch counted: plain numbers, filled on the hot path, recorded once the batch is committed.

/// Counts by a label whose values are static words. Few values, so a list is quicker than a map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(Vec<(&'static str, u64)>);

impl Counts {
    /// Adds `n` under `label`.
    pub fn add(&mut self, label: &'static str, n: u64) {
        match self.0.iter_mut().find(|(known, _)| *known == label) {
            Some((_, count)) => *count += n,
            None => self.0.push((label, n)),
        }
    }

    /// The labels in the order in which they were first counted.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        self.0.iter().copied()
    }

    /// What was counted under `label`.
    #[must_use]
    pub fn get(&self, label: &str) -> u64 {
        self.0.iter().find(|(known, _)| *known == label).map_or(0, |(_, n)| *n)
    }

    /// Over all labels.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.0.iter().map(|(_, n)| n).sum()
    }

    fn merge(&mut self, other: &Self) {
        for (label, n) in other.iter() {
            self.add(label, n);
        }
    }
}

/// What a batch took in and gave out. Counted while deciding, recorded by
/// [`metrics::committed`](crate::metrics::committed) once it is true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Input records read.
    pub records: u64,
    /// Events taken, by `type`.
    pub events: Counts,
    /// Dead letters, by error code.
    pub dead_letters: Counts,
    /// Decisions, by outcome.
    pub decisions: Counts,
    /// Fulfillment records, by `type`.
    pub fulfillments: Counts,
    /// Alerts, by `type`.
    pub alerts: Counts,
    /// Levels published.
    pub levels: u64,
    /// Records sent to their home partition.
    pub rerouted: u64,
    /// Dead letters of pools that were too many.
    pub turned_away: u64,
    /// The shortage of `oversold` alerts, in units.
    pub oversold_units: u64,
}

impl Tally {
    /// Adds what another batch counted.
    pub fn merge(&mut self, other: &Self) {
        self.records += other.records;
        self.events.merge(&other.events);
        self.dead_letters.merge(&other.dead_letters);
        self.decisions.merge(&other.decisions);
        self.fulfillments.merge(&other.fulfillments);
        self.alerts.merge(&other.alerts);
        self.levels += other.levels;
        self.rerouted += other.rerouted;
        self.turned_away += other.turned_away;
        self.oversold_units += other.oversold_units;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_adds_label_by_label() {
        let mut all = Tally::default();
        let mut one = Tally { records: 3, ..Tally::default() };
        one.decisions.add("reserved", 2);
        one.decisions.add("refused", 1);
        all.merge(&one);
        one.decisions.add("refused", 4);
        all.merge(&one);
        assert_eq!(all.records, 6);
        assert_eq!(all.decisions.get("reserved"), 4);
        assert_eq!(all.decisions.get("refused"), 6);
        assert_eq!(all.decisions.sum(), 10);
        assert_eq!(all.decisions.get("never"), 0);
    }
}
