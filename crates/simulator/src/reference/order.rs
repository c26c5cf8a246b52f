//! One order: the facts its events told, what it holds, and where that puts it.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{Id, Line, Millis, Standing, Time};

use super::facts::{self, Age, Lines, Refund};

/// The deadline of a reservation that was made for ever.
const NEVER: Time = Time(i64::MAX);

/// How far an order has come with asking for stock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// Has not asked.
    #[default]
    Idle,
    /// Asked; holds or waits for everything it needs.
    Active,
    /// Asked, was short and does not wait.
    Refused,
    /// Its reservation expired.
    Released,
}

/// Units of one lot; the lot is named by its position in the pool's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Holding {
    pub(super) lot: usize,
    pub(super) sku: Id,
    pub(super) units: u64,
}

/// A line of a parcel: whole units as ordered, and what they consist of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) line_id: Id,
    pub(super) sku: Id,
    pub(super) quantity: u64,
    pub(super) parts: Vec<Part>,
    /// It was ordered as a bundle.
    pub(super) bundle: bool,
}

/// Units of one SKU in a parcel's line, and the lots that they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) sku: Id,
    pub(super) lots: Vec<(usize, u64)>,
}

/// What each unit of a line consists of: SKUs with stock of their own, and units of them.
pub(super) type Recipe = Vec<(Id, u64)>;

/// What became of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trip {
    Requested,
    Cancelled,
    Left,
}

/// A parcel as the courier last heard of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) number: u32,
    pub(super) revision: u32,
    pub(super) trip: Trip,
    pub(super) content: Vec<Packed>,
    /// The wave that it is in.
    pub(super) wave: Option<Id>,
}

/// One order.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    // What its events said.
    pub(super) lines: Option<Lines>,
    pub(super) refunds: Vec<Refund>,
    pub(super) paid: bool,
    pub(super) payments: Vec<Time>,
    pub(super) cancellations: Vec<Time>,
    pub(super) hold: Option<(Age, bool)>,
    pub(super) version: Option<i64>,
    pub(super) buyer_id: Option<(Age, Id)>,
    pub(super) person_ref: Option<(Age, Id)>,
    pub(super) session_id: Option<(Age, Id)>,
    pub(super) recipient_ref: Option<(Age, Id)>,
    // What it asked for, and got.
    pub(super) mode: Mode,
    /// What the bundles among its lines consisted of when it asked.
    pub(super) recipes: BTreeMap<Id, Recipe>,
    /// Each SKU's season when it first asked for it.
    pub(super) seasons: BTreeMap<Id, Option<Id>>,
    pub(super) place: Option<u64>,
    /// It was refused or expired since it last held or waited.
    pub(super) lapsed: bool,
    pub(super) holdings: Vec<Holding>,
    /// Units that were refused beside those it holds.
    pub(super) given_up: BTreeMap<Id, u64>,
    /// When its reservation ends.
    pub(super) deadline: Option<Time>,
    /// It waits within a promised limit.
    pub(super) backordered: bool,
    /// What it waited for when it joined a backorder, as far as that still counts.
    pub(super) joined: BTreeMap<Id, u64>,
    /// What has left, line by line and parcel by parcel.
    pub(super) handed: Vec<Packed>,
    pub(super) left_before_cancel: bool,
    pub(super) parcels: Vec<Told>,
    // What was told of it.
    pub(super) decisions: u32,
    pub(super) oversold: bool,
    pub(super) paid_after_cancel: bool,
    pub(super) lines_due: Option<Time>,
    // When it was finished, and what is left of it when the rest is forgotten.
    pub(super) finished_at: Option<Time>,
    /// When the last word of it came.
    pub(super) heard_at: Option<Time>,
    pub(super) closed: Option<Closed>,
    /// It was refunded whole before its parcel left all the same.
    pub(super) stays_refunded: bool,
}

/// What is kept of an order a window after it was finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) standing: Standing,
    pub(super) at: Time,
    pub(super) tally: Tally,
}

/// What an order counts for in its seasons, whether or not the rest of it is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) seasons: BTreeMap<Id, Option<Id>>,
    /// Units against its buyer's limit.
    pub(super) bought: BTreeMap<Id, u64>,
    /// Units that it holds or that left with it, against its platform's channel.
    pub(super) used: BTreeMap<Id, u64>,
    /// Units against the backorder's limit.
    pub(super) joined: BTreeMap<Id, u64>,
    pub(super) buyer_id: Option<Id>,
    pub(super) person_ref: Option<Id>,
}

impl Order {
    pub(super) fn cancelled(&self) -> bool {
        !self.cancellations.is_empty()
    }

    pub(super) fn held(&self) -> bool {
        self.hold.as_ref().is_some_and(|(_, held)| *held)
    }

    /// The lines with refunds taken off.
    pub(super) fn effective(&self) -> Vec<Line> {
        self.lines.as_ref().map_or_else(Vec::new, |lines| facts::effective(lines, &self.refunds))
    }

    /// The one SKU of its lines, if there is just one.
    pub(super) fn only_sku(&self) -> Option<Id> {
        let skus: BTreeSet<Id> =
            self.lines.iter().flat_map(|l| &l.lines).map(|l| l.sku.clone()).collect();
        if skus.len() == 1 { skus.into_iter().next() } else { None }
    }

    pub(super) fn holds(&self, sku: &Id) -> u64 {
        self.holdings.iter().filter(|h| h.sku == *sku).map(|h| h.units).sum()
    }

    pub(super) fn holds_of_lot(&self, lot: usize) -> u64 {
        self.holdings.iter().filter(|h| h.lot == lot).map(|h| h.units).sum()
    }

    pub(super) fn holds_anything(&self) -> bool {
        self.holdings.iter().any(|h| h.units > 0)
    }

    /// Units still to be delivered, SKU by SKU in the order of its lines; none for a cancelled order.
    pub(super) fn needs(&self) -> Vec<(Id, u64)> {
        let mut needs: Vec<(Id, u64)> = Vec::new();
        if self.cancelled() || self.closed.is_some() {
            return needs;
        }
        for (line, open) in self.open_lines() {
            for (part, each) in self.parts_of(&line.sku) {
                super::bundles::add(&mut needs, part, open * each);
            }
        }
        needs.retain(|(_, units)| *units > 0);
        needs
    }

    /// Units that it needs and does not hold, SKU by SKU.
    pub(super) fn lacks(&self) -> Vec<(Id, u64)> {
        let mut lacks = self.needs();
        for (sku, units) in &mut lacks {
            *units = units.saturating_sub(self.holds(sku));
        }
        lacks.retain(|(_, units)| *units > 0);
        lacks
    }

    /// Units that it waits for, SKU by SKU.
    pub(super) fn waits(&self) -> Vec<(Id, u64)> {
        if self.mode != Mode::Active {
            return Vec::new();
        }
        let mut waits = self.lacks();
        for (sku, units) in &mut waits {
            *units = units.saturating_sub(self.given_up.get(sku).copied().unwrap_or(0));
        }
        waits.retain(|(_, units)| *units > 0);
        waits
    }

    pub(super) fn waiting(&self) -> bool {
        !self.waits().is_empty()
    }

    /// Whether it is short of something that was promised to nobody else: it waits or was refused.
    pub(super) fn short(&self) -> bool {
        let open = !self.needs().is_empty();
        open && (self.waiting() || self.mode == Mode::Refused || self.refused_in_part())
    }

    fn refused_in_part(&self) -> bool {
        self.mode == Mode::Active && !self.lacks().is_empty() && !self.waiting()
    }

    pub(super) fn standing(&self) -> Standing {
        if let Some(closed) = &self.closed {
            return closed.standing;
        }
        if self.cancelled() {
            return if self.left_before_cancel {
                Standing::HandedOver
            } else {
                Standing::Cancelled
            };
        }
        if self.lines.is_none() {
            return Standing::New;
        }
        if self.waiting() {
            return if self.backordered { Standing::Backordered } else { Standing::Waitlisted };
        }
        if self.holds_anything() {
            return if self.paid { Standing::Allocated } else { Standing::Reserved };
        }
        if self.needs().is_empty() && (self.handed.is_empty() || self.stays_refunded) {
            return Standing::Refunded;
        }
        if !self.handed.is_empty() && (self.needs().is_empty() || self.mode != Mode::Refused) {
            return Standing::HandedOver;
        }
        match self.mode {
            Mode::Idle => Standing::New,
            Mode::Released => Standing::Released,
            Mode::Active | Mode::Refused => Standing::Refused,
        }
    }

    /// Whether nothing of it is open any more.
    pub(super) fn finished(&self) -> bool {
        use Standing::{Cancelled, HandedOver, Refunded, Refused, Released};
        matches!(self.standing(), Cancelled | Refunded | Refused | Released | HandedOver)
    }

    /// When its reservation expires, if it is one: waiting and paid orders do not expire.
    pub(super) fn expires_at(&self) -> Option<Time> {
        self.deadline.filter(|at| *at != NEVER && self.standing() == Standing::Reserved)
    }

    /// Lets its reservation's clock run, where it is one and has none yet.
    pub(super) fn start_clock(&mut self, now: Time, ttl: Millis) {
        if self.standing() == Standing::Reserved && self.deadline.is_none() {
            self.deadline = Some(if ttl.0 > 0 { now.plus(ttl) } else { NEVER });
        }
    }

    /// It asked, got nothing and does not wait.
    pub(super) fn refuse(&mut self) {
        self.mode = Mode::Refused;
        self.lapsed = true;
        self.given_up.clear();
        self.joined.clear();
        self.backordered = false;
        self.deadline = None;
    }

    /// Forgets all but its standing, place and numbers.
    pub(super) fn close(&mut self, now: Time) {
        let standing = self.standing();
        let closed = Some(Closed { standing, at: now, tally: self.tally() });
        *self = Self {
            place: self.place,
            decisions: self.decisions,
            paid: self.paid,
            version: self.version,
            cancellations: std::mem::take(&mut self.cancellations),
            paid_after_cancel: self.paid_after_cancel,
            closed,
            ..Self::default()
        };
    }
}
