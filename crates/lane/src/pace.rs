//! When the next transaction may begin: after the moment that the coordinator needs once it has committed.
//!
//! A transaction that begins before the last one's markers are written is sent away and tried again after
//! a pause that the client chooses (`docs/kafka-facts.md` C.1 7). Waiting a little costs less, but how little is the
//! cluster's business, so it is learnt: one millisecond more where a transaction that began at once was
//! slow, one less after many that were not.

use allotment::Millis;

use crate::Mono;

/// No coordinator was seen to need more.
const PAUSE_MAX: Millis = Millis(8);

/// A transaction that begins this long after the last one meets no markers, whatever the cluster.
const APART: Millis = Millis(40);

/// Slower than usual by this much means that the client was sent away at least once.
const SLOW: Millis = Millis(12);

/// So many transactions at the present pause, none of them slow, before a shorter one is tried.
const PATIENCE: u32 = 64;

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pace {
    pause: Millis,
    committed: Option<Mono>,
    began: Option<(Mono, bool)>,
    /// How long a transaction usually takes: a moving mean, in sixteenths of a millisecond.
    usual: i64,
    calm: u32,
}

impl Pace {
    /// The first instant at which the next transaction may begin.
    pub(crate) fn next_start(&self) -> Mono {
        self.committed.map_or(Mono::MIN, |at| at.plus(self.pause))
    }

    pub(crate) fn begun(&mut self, clock: Mono) {
        let close = self.committed.is_some_and(|at| clock < at.plus(APART));
        self.began = Some((clock, close));
    }

    pub(crate) fn committed(&mut self, clock: Mono) {
        self.committed = Some(clock);
        let Some((began, close)) = self.began.take() else { return };
        assert!(began <= clock, "what began at {began:?} is committed at {clock:?}");
        let took = clock.since(began).0.min(10_000);
        if close && self.usual > 0 && took > self.usual / 16 + SLOW.0 {
            self.pause = Millis((self.pause.0 + 1).min(PAUSE_MAX.0));
            self.calm = 0;
        } else {
            // Slow ones are left out of the mean, else they would become the usual.
            self.usual += took - self.usual / 16;
            self.calm += 1;
        }
        if self.calm >= PATIENCE {
            self.pause = Millis((self.pause.0 - 1).max(0));
            self.calm = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(pace: &mut Pace, clock: &mut i64, took: i64) {
        *clock = pace.next_start().0.max(*clock);
        pace.begun(Mono(*clock));
        *clock += took;
        pace.committed(Mono(*clock));
    }

    #[test]
    fn slow_starts_make_it_wait_and_calm_makes_it_hurry() {
        let (mut pace, mut clock) = (Pace::default(), 0);
        for _ in 0..32 {
            run(&mut pace, &mut clock, 4);
        }
        assert_eq!(pace.next_start(), Mono(clock), "nothing was slow");
        for _ in 0..3 {
            run(&mut pace, &mut clock, 25);
        }
        assert_eq!(pace.next_start(), Mono(clock + 3));
        for _ in 0..20 {
            run(&mut pace, &mut clock, 60);
        }
        assert_eq!(pace.next_start(), Mono(clock + PAUSE_MAX.0), "bounded");
        for _ in 0..PATIENCE * 8 {
            run(&mut pace, &mut clock, 4);
        }
        assert_eq!(pace.next_start(), Mono(clock), "forgotten again");
    }
}
