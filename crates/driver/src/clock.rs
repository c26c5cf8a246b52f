//! The clock that lanes are told: the wall clock, but one that never stands still.
//!
//! A lane's pauses and the pace of its commits are measured with it. A wall clock that is set back would hold
//! both up for as long as it was set back, so the lane's goes on at half its pace until the wall clock has
//! caught up with it. A wall clock that is set forward is followed at once: the lane takes that for a stall.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use lane::Time;

/// One lane's clock.
#[derive(Debug)]
pub(crate) struct Clock {
    /// What was told last, since the Unix epoch.
    told: Duration,
    /// When it was told.
    at: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { told: wall(), at: Instant::now() }
    }

    /// The time that it is: milliseconds since the Unix epoch.
    pub(crate) fn now(&mut self) -> Time {
        let at = Instant::now();
        self.advance(wall(), at.duration_since(self.at));
        self.at = at;
        self.told()
    }

    /// What was told last.
    pub(crate) fn told(&self) -> Time {
        Time(i64::try_from(self.told.as_millis()).unwrap_or(i64::MAX))
    }

    /// So much has passed since the last time, and this is what the wall shows.
    fn advance(&mut self, wall: Duration, passed: Duration) {
        self.told = wall.max(self.told + passed / 2);
    }
}

fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn it_goes_on_while_the_wall_clock_is_set_back_and_comes_back_to_it() {
        let mut clock = Clock { told: SECOND * 1000, at: Instant::now() };
        clock.advance(SECOND * 1001, SECOND);
        assert_eq!(clock.told, SECOND * 1001, "it is the wall clock");
        clock.advance(SECOND * 941, SECOND * 2);
        assert_eq!(clock.told, SECOND * 1002, "a minute back, and it does not stand still");
        clock.advance(SECOND * 941 + SECOND * 120, SECOND * 120);
        assert_eq!(clock.told, SECOND * 1062, "half a minute ahead is made good in a minute");
        clock.advance(SECOND * 1063, SECOND * 2);
        assert_eq!(clock.told, SECOND * 1063, "it is the wall clock again");
        clock.advance(SECOND * 9000, SECOND);
        assert_eq!(clock.told, SECOND * 9000, "forward it is followed at once");
    }
}
