//! The evening's own clock: forty minutes in milliseconds, which a plan stretches or squeezes.

use allotment::{Millis, Time};
use serde_json::{Map, Value};

use super::{Plan, Topic};

/// A second of the stage, in its milliseconds.
pub(super) const SECOND: i64 = 1_000;
/// The whole show, opening and last van included: a usual session of forty minutes.
pub(super) const SHOW: i64 = 2_400 * SECOND;
/// When the host begins.
pub(super) const CURTAIN: i64 = 60 * SECOND;
/// How long each item is shown: twelve of them fill thirty-three minutes.
const SLOT: i64 = 165 * SECOND;
/// How long an unpaid order keeps its stock. Short, so that an evening sees reservations expire.
pub(super) const RESERVATION: i64 = 180 * SECOND;
/// A show cannot be squeezed further: its reservations would live whole seconds that are too few for the story.
const SHORTEST: i64 = 30 * SECOND;

/// Something that happened at a platform or in the storeroom, before the bridge saw it.
#[derive(Clone)]
pub(super) struct Happening {
    /// When, in stage time.
    pub(super) at: i64,
    /// Where the bridge publishes it.
    pub(super) topic: Topic,
    /// The event's `type`.
    pub(super) kind: &'static str,
    /// Who sent it; the storeroom does not say.
    pub(super) platform: Option<&'static str>,
    /// The delivery's identity, where its platform gives one.
    pub(super) event_id: Option<Value>,
    /// All other fields but the times.
    pub(super) fields: Map<String, Value>,
    /// How long it takes to the bridge, where the story depends on it; otherwise the bridge's luck decides.
    pub(super) travel: Option<i64>,
}

/// Turns stage time into the plan's time.
pub(super) struct Stage {
    start: Time,
    length: i64,
}

impl Stage {
    pub(super) fn new(plan: &Plan) -> Self {
        Self { start: plan.start, length: plan.length.0.max(SHORTEST) }
    }

    /// When the host shows an item, in stage time.
    pub(super) fn shown_at(item: usize) -> i64 {
        CURTAIN + SLOT * i64::try_from(item).expect("a dozen items")
    }

    /// The offset from the plan's start.
    pub(super) fn offset(&self, at: i64) -> Millis {
        Millis(at * self.length / SHOW)
    }

    /// The instant.
    pub(super) fn instant(&self, at: i64) -> Time {
        self.start.plus(self.offset(at))
    }

    /// The reservation policy in whole seconds of the plan's time, at least one.
    pub(super) fn reservation_seconds(&self) -> i64 {
        (self.offset(RESERVATION).0 / SECOND).max(1)
    }
}
