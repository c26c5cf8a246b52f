//! What a run cost.

use std::{
    fs,
    time::{Duration, Instant},
};

/// What a run took and did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) events: u64,
    pub(crate) transactions: u64,
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
}

impl Cost {
    pub(crate) fn per_second(&self) -> f64 {
        self.events as f64 / self.wall.as_secs_f64()
    }

    pub(crate) fn cpu_per_million(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.events as f64
    }
}

/// A run that goes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    began: Instant,
    cpu: Duration,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Self { began: Instant::now(), cpu: cpu() }
    }

    pub(crate) fn stop(self, events: u64, transactions: u64) -> Cost {
        Cost {
            events,
            transactions,
            wall: self.began.elapsed(),
            cpu: cpu().saturating_sub(self.cpu),
        }
    }
}

/// CPU time of this process, all threads, which are ours and librdkafka's.
fn cpu() -> Duration {
    /// `USER_HZ` is 100 on every Linux that Rust knows.
    const TICK: Duration = Duration::from_millis(10);
    let stat = fs::read_to_string("/proc/self/stat").expect("this is Linux");
    // The program's name may have spaces; what follows it begins with field 3.
    let (_, rest) = stat.rsplit_once(')').expect("the name is in brackets");
    let field = |number: usize| {
        let text = rest.split_whitespace().nth(number - 3).expect("the field is there");
        text.parse::<u32>().expect("ticks are a number")
    };
    TICK * (field(14) + field(15))
}
