//! A lane that finds itself wrong stops, alone, and says how it was: a wrong answer costs more than a stop.
//!
//! Assertions hold in production, here and in `allotment`. One that fails unwinds up to here. Whatever the lane was
//! about to do is dropped with it, so nothing of a wrong state gets out, and the other lanes of the process go on.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Lane, Status};
use crate::{Cause, Effect};

impl Lane {
    /// Does something with the lane; an assertion that fails in it becomes a cause to stop.
    pub(super) fn asserted(
        &mut self,
        out: &mut Vec<Effect>,
        act: impl FnOnce(&mut Self, &mut Vec<Effect>) -> Result<(), Cause>,
    ) -> Result<(), Cause> {
        let before = out.len();
        // Nobody sees what is broken: the lane drops all that it knows, or ends.
        let done = catch_unwind(AssertUnwindSafe(|| act(self, out)));
        done.unwrap_or_else(|failed| {
            out.truncate(before);
            Err(Cause::Assertion { what: words(failed.as_ref()), state: named(&self.status()) })
        })
    }
}

/// The words of an assertion that failed.
fn words(failed: &(dyn Any + Send)) -> String {
    let text = failed.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| failed.downcast_ref::<&str>().copied()).unwrap_or("without words").to_owned()
}

/// The state of a lane for whoever looks for the defect.
fn named(status: &Status) -> String {
    let Status { stage, sequence, now, journal_clock, events, digest, checkpoint, .. } = status;
    let now = now.map_or_else(|| "none".to_owned(), contract::rfc3339);
    let clock = contract::rfc3339(*journal_clock);
    let stands = checkpoint.map_or(0, |checkpoint| checkpoint.sequence);
    let inputs: Vec<String> =
        status.positions.iter().map(|(input, to)| format!("{input} up to {to}")).collect();
    format!(
        "The lane was {stage:?} after transaction {sequence}: {events} events taken, its time {now}, the journal's clock \
         {clock}, digest {digest:032x}, checkpoint after transaction {stands}, taken of {}",
        inputs.join(", ")
    )
}
