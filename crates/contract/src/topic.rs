//! The topics of a deployment in one table: names, ways, how they are cleaned up.

/// A topic by what it is for; its name is the deployment's business, see [`Topic::default_name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// Order events come in.
    Orders,
    /// Comment events come in.
    Comments,
    /// Catalogue, lot, policy, session and hand-over events come in.
    Stock,
    /// Records that arrived on a partition that is not their pool's.
    Reroute,
    /// What the courier service acts on.
    Fulfillment,
    /// What a person must know.
    Alerts,
    /// The answer to each order event, for the bridge.
    Decisions,
    /// Newest stock level of each SKU.
    Levels,
    /// Input that could not be taken, byte for byte.
    DeadLetter,
    /// One record a transaction and partition.
    Journal,
    /// State of each pool.
    Checkpoints,
}

/// Who reads and writes a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// Others write, Granary reads.
    In,
    /// Granary writes and reads again as input.
    InInternal,
    /// Granary writes, others read.
    Out,
    /// Granary writes and reads, nobody else.
    Internal,
}

/// What Kafka does with a topic's old records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cleanup {
    /// Deletes them when they are old.
    Delete,
    /// Keeps the newest of each key.
    Compact,
}

impl Topic {
    /// Every topic, in the order of the contract's table.
    pub const ALL: [Self; 11] = [
        Self::Orders,
        Self::Comments,
        Self::Stock,
        Self::Reroute,
        Self::Fulfillment,
        Self::Alerts,
        Self::Decisions,
        Self::Levels,
        Self::DeadLetter,
        Self::Journal,
        Self::Checkpoints,
    ];

    /// The inputs, in the order in which records of one arrival are taken.
    pub const INPUTS: [Self; 4] = [Self::Reroute, Self::Stock, Self::Orders, Self::Comments];

    /// The name that it has where the deployment does not name it.
    #[must_use]
    pub const fn default_name(self) -> &'static str {
        self.row().0
    }

    /// Who reads and writes it.
    #[must_use]
    pub const fn way(self) -> Way {
        self.row().1
    }

    /// What becomes of its old records.
    #[must_use]
    pub const fn cleanup(self) -> Cleanup {
        self.row().2
    }

    /// Whether its records are taken as input.
    #[must_use]
    pub const fn is_input(self) -> bool {
        matches!(self.way(), Way::In | Way::InInternal)
    }

    const fn row(self) -> (&'static str, Way, Cleanup) {
        match self {
            Self::Orders => ("granary.orders", Way::In, Cleanup::Delete),
            Self::Comments => ("granary.comments", Way::In, Cleanup::Delete),
            Self::Stock => ("granary.stock", Way::In, Cleanup::Delete),
            Self::Reroute => ("granary.reroute", Way::InInternal, Cleanup::Delete),
            Self::Fulfillment => ("granary.fulfillment", Way::Out, Cleanup::Delete),
            Self::Alerts => ("granary.alerts", Way::Out, Cleanup::Delete),
            Self::Decisions => ("granary.decisions", Way::Out, Cleanup::Delete),
            Self::Levels => ("granary.levels", Way::Out, Cleanup::Compact),
            Self::DeadLetter => ("granary.dead-letter", Way::Out, Cleanup::Delete),
            Self::Journal => ("granary.journal", Way::Internal, Cleanup::Delete),
            Self::Checkpoints => ("granary.checkpoints", Way::Internal, Cleanup::Compact),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_contracts() {
        let names: Vec<_> = Topic::ALL.iter().map(|t| t.default_name()).collect();
        assert!(names.iter().all(|name| name.starts_with("granary.")));
        assert_eq!(Topic::ALL.iter().filter(|t| t.is_input()).count(), Topic::INPUTS.len());
        assert!(Topic::INPUTS.iter().all(|t| t.is_input()));
        let compact = Topic::ALL.into_iter().filter(|t| t.cleanup() == Cleanup::Compact);
        assert_eq!(compact.collect::<Vec<_>>(), [Topic::Levels, Topic::Checkpoints]);
        assert_eq!(Topic::ALL.iter().filter(|t| t.way() == Way::Out).count(), 5);
    }
}
