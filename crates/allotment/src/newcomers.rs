//! How many pools a partition may get in an hour. A pool is kept for good, so that a bridge which puts something else
//! in its place, an order's id perhaps, would fill the memory of the whole process.

use crate::{Id, Millis, Time};

/// What is said of an event whose pool is one too many.
pub const TOO_MANY_POOLS: &str = "pool: it is new, and this partition has had as many new pools within the hour as \
     bounds.new_pools allows; if it is no pool, but the id of an order perhaps, mend the bridge, else raise the bound";

/// What is counted together.
const HOUR: Millis = Millis::from_secs(60 * 60);

/// The pools that a partition got within an hour of its time. It follows from when they were born, and is not stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newcomers {
    /// As many as an hour may bring.
    pub(crate) most: u32,
    /// The last in which any came.
    hour: i64,
    count: u32,
}

impl Newcomers {
    /// None yet, and no bound.
    pub(crate) const fn new() -> Self {
        Self { most: u32::MAX, hour: i64::MIN, count: 0 }
    }

    /// From here on an hour may bring so many.
    pub(crate) const fn allow(&mut self, most: u32) {
        self.most = most;
    }

    /// Whether one more may come. What has no name is no pool that anybody made up.
    pub(crate) fn has_room(&self, id: &Id, now: Time) -> bool {
        id.is_empty() || hour_of(now) > self.hour || self.count < self.most
    }

    /// When a pool that comes now is born at the earliest: hours do not go back.
    pub(crate) const fn time(&self) -> Time {
        Time(self.hour.saturating_mul(HOUR.0))
    }

    /// One more came, or was there when its partition was restored.
    pub(crate) fn came(&mut self, id: &Id, born: Time) {
        let hour = hour_of(born);
        if id.is_empty() || hour < self.hour {
            return;
        }
        if hour > self.hour {
            (self.hour, self.count) = (hour, 0);
        }
        self.count += 1;
    }
}

const fn hour_of(time: Time) -> i64 {
    time.0.div_euclid(HOUR.0)
}
