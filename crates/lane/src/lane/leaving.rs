//! How a lane leaves what it was: it ends because it is asked to, or drops all that it knows and comes back.

use allotment::Millis;

use super::{Lane, Phase};
use crate::bounds::{DOUBLINGS_MAX, RETRY_PAUSE, RETRY_PAUSE_MAX};
use crate::{Cause, Effect};

impl Lane {
    /// Ends as soon as nothing is under way; a live lane writes a checkpoint first, unless it was asked twice.
    pub(super) fn stop(&mut self, out: &mut Vec<Effect>) {
        let present = self.present();
        let done = match &mut self.phase {
            Phase::Live(both) if self.stopping > 1 => !both.1.in_flight(),
            Phase::Live(both) => {
                let (state, live) = both.as_mut();
                live.writer.ask(out);
                live.close(state, present, out)
            }
            Phase::Ended => false,
            _ => true,
        };
        if done {
            self.phase = Phase::Ended;
            out.push(Effect::Stopped);
        }
    }

    /// The one way from everything that went wrong: drop all that is known, and come back.
    pub(super) fn come_back(&mut self, why: String, pause_min: Millis, out: &mut Vec<Effect>) {
        self.come_back_from(why, None, pause_min, out);
    }

    pub(super) fn come_back_from(
        &mut self,
        why: String,
        cause: Option<Cause>,
        pause_min: Millis,
        out: &mut Vec<Effect>,
    ) {
        if matches!(self.phase, Phase::Ended | Phase::Pausing(_)) {
            return;
        }
        if self.following && self.mono > self.began.plus(RETRY_PAUSE_MAX) {
            // It followed for a while, so this is another trouble than the last.
            self.attempts = 0;
        }
        let doublings = self.attempts.saturating_sub(1).min(DOUBLINGS_MAX);
        let doubled = RETRY_PAUSE.0 << doublings;
        let pause = if self.attempts == 0 { 0 } else { doubled.min(RETRY_PAUSE_MAX.0) };
        self.attempts += 1;
        self.tag += 1;
        self.own = None;
        self.phase = Phase::Pausing(self.mono.plus(Millis(pause.max(pause_min.0))));
        out.push(Effect::Recovering { why, cause });
    }
}
