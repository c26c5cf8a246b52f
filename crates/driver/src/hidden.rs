//! What a lane's thread does with surveys: hands them to the lane, and tells people of records that are hidden.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lane::{Event, Hiding, InputTopic, PerInput, Status};
use telemetry::{LaneView, log};

use crate::{
    Config, bounds,
    survey::{Ear, Found, millis},
    wire,
};

/// A lane's surveys, and what has been said of them.
pub(crate) struct Hidden {
    config: Arc<Config>,
    ear: Ear,
    last: Option<Found>,
    /// The next one was asked for.
    hurried: bool,
    said: PerInput<Said>,
}

/// What the log was told of an input's hidden records.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    hidden: bool,
    passed: bool,
}

impl Hidden {
    pub(crate) fn new(config: Arc<Config>, ear: Ear) -> Self {
        Self { config, ear, last: None, hurried: false, said: PerInput::default() }
    }

    /// Has the brokers asked at once where the lane waits for that, once for each answer.
    pub(crate) fn hurry(&mut self, wanted: bool) {
        if wanted && !std::mem::replace(&mut self.hurried, true) {
            self.ear.hurry();
        }
    }

    /// The last survey, if the lane does not know it yet.
    pub(crate) fn take(&mut self) -> Option<Event> {
        let found = self.ear.take()?;
        self.hurried = false;
        let event = Event::Surveyed { ago: millis(found.asked.elapsed()), inputs: found.inputs };
        self.last = Some(found);
        Some(event)
    }

    /// Records that were hidden when the brokers were asked last.
    pub(crate) fn records(&self, status: &Status) -> u64 {
        let Some(found) = &self.last else { return 0 };
        let hidden = |(input, hides): (InputTopic, &Hiding)| {
            let there = found.inputs[input];
            let from = there.stable.max(status.positions[input]);
            let count = u64::try_from(there.written.saturating_sub(from)).unwrap_or(0);
            if *hides == Hiding::Nothing { 0 } else { count }
        };
        status.hidden.iter().map(hidden).sum()
    }

    /// Tells the view and the log for how long records of each input have been hidden.
    pub(crate) fn publish(&mut self, view: &LaneView, status: &Status) {
        let Some(found) = &self.last else { return };
        let views = InputTopic::ALL.map(|input| {
            let hides = status.hidden[input];
            let first = found.inputs[input].hidden.filter(|_| hides != Hiding::Nothing);
            let seconds = first.map_or(Duration::ZERO, |first| since(found.asked, first.known.0));
            telemetry::Hidden {
                topic: self.config.topics.get(wire::topic(input)).to_owned(),
                offset: found.inputs[input].stable,
                records: found.inputs[input].written - found.inputs[input].stable,
                hidden: seconds,
                passed: hides == Hiding::Passed,
            }
        });
        for (input, hidden) in InputTopic::ALL.into_iter().zip(&views) {
            say(view.partition(), hidden, &mut self.said[input]);
        }
        view.set_hidden(views.into());
    }
}

/// For how long something is known that was known for so many milliseconds at `asked`. Where no survey has come for a
/// while, nobody knows whether it is still hidden, so the time stands.
fn since(asked: Instant, known: i64) -> Duration {
    asked.elapsed().min(bounds::SURVEY_HOLDS)
        + Duration::from_millis(u64::try_from(known).unwrap_or(0))
}

/// What is news for the log: that it lasts, that time passes all the same, that it is over.
fn say(partition: i32, hidden: &telemetry::Hidden, said: &mut Said) {
    let lasts = hidden.hidden >= bounds::SAY_HIDDEN;
    if lasts && !said.hidden {
        log::input_hidden(partition, hidden);
    }
    if hidden.passed && !said.passed {
        log::hidden_passed(partition, hidden);
    }
    let over = hidden.hidden.is_zero();
    if over && said.hidden {
        log::input_shown(partition, &hidden.topic);
    }
    let still = !over;
    *said = Said {
        hidden: still && (said.hidden || lasts),
        passed: still && (said.passed || hidden.passed),
    };
}
