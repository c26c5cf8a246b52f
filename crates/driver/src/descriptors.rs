//! How many files and sockets the process may have, and how many it needs.
//!
//! A client of librdkafka has a thread for each broker that it knows, and each of those a socket and two ends of a pipe.
//! Where the process has no descriptor left it can't connect again after a broker was away, and decides nothing.

use rlimit::Resource;

use crate::{DriverError, bounds};

/// How many descriptors the process may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// From now on.
    pub(crate) now: u64,
    /// Before it was raised.
    pub(crate) before: u64,
}

/// Raises the process's own limit to what the system allows. `None` where the system says nothing of limits.
pub(crate) fn raise() -> Option<Limit> {
    let (before, hard) = Resource::NOFILE.get().ok()?;
    let raised = Resource::NOFILE.set(hard, hard).is_ok();
    Some(Limit { now: if raised { hard } else { before }, before })
}

/// How many descriptors a process needs at most that has or follows so many partitions.
pub(crate) const fn needed(partitions: u64, brokers: u64) -> u64 {
    let client = bounds::DESCRIPTORS_A_BROKER * (brokers + bounds::BROKERS_BESIDE);
    let lanes = partitions * bounds::CLIENTS_A_LANE + bounds::CLIENTS_BESIDE;
    lanes * client + bounds::DESCRIPTORS_BESIDE
}

/// Whether the process can do its work with what it may have: one lane at least.
pub(crate) fn suffices(limit: u64, brokers: u64) -> Result<(), DriverError> {
    let least = needed(1, brokers);
    if limit >= least { Ok(()) } else { Err(DriverError::Descriptors { limit, least }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_grows_with_partitions_and_brokers_and_one_lane_is_the_least() {
        assert!(needed(12, 3) > needed(4, 3));
        assert!(needed(4, 5) > needed(4, 3));
        assert!(suffices(needed(1, 3), 3).is_ok());
        let refused = suffices(needed(1, 3) - 1, 3).expect_err("it is one too few").to_string();
        assert!(refused.contains("ulimit -n"), "{refused}");
    }

    #[test]
    fn the_limit_is_raised_to_what_the_system_allows() {
        let limit = raise().expect("the system has limits");
        assert_eq!(Resource::NOFILE.get().ok(), Some((limit.now, limit.now)));
        assert!(limit.before <= limit.now);
    }
}
