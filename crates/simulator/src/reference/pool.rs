//! One pool: everything that it remembers.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{
    AlertOrder, AllocateOn, Claims, Effects, Event, Id, InspectionResult, Item, Level, Millis,
    PolicyChange, Reason, Settings, Shortage, Time, What,
};

use super::alerts::Rejects;
use super::claims::{Claim, ClaimKey};
use super::ending::Cause;
use super::order::Order;
use super::quality::Complaints;
use super::sessions::OpenSession;
use super::stock::Lot;
use super::surge::Demand;
use super::waves::Wave;

/// An order by platform and id.
pub(super) type OrderKey = (Id, Id);

/// The policy's fields that have an effect here.
#[derive(Clone, Debug)]
pub(super) struct Policy {
    pub(super) allocate_on: AllocateOn,
    pub(super) reservation_ttl: Millis,
    pub(super) unpaid_shortage: Shortage,
    pub(super) paid_shortage: Shortage,
    pub(super) partial: bool,
    pub(super) paid_preempts_reserved: bool,
    pub(super) claims: Claims,
    pub(super) claim_ttl: Millis,
}

/// An event that is remembered, so that its repeats have no effect.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) what: What,
    pub(super) until: Time,
}

/// An alert that is adding up.
#[derive(Clone, Debug)]
pub(super) struct Window {
    pub(super) ends: Time,
    pub(super) orders: Vec<AlertOrder>,
}

/// A level as it was last, and whether it was published since.
#[derive(Clone, Debug)]
pub(super) struct LastLevel {
    pub(super) level: Level,
    pub(super) published: bool,
}

/// One pool.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub(super) id: Id,
    pub(super) now: Time,
    pub(super) policy: Policy,
    pub(super) manifest_corrections: bool,
    pub(super) items: BTreeMap<Id, Item>,
    pub(super) known: BTreeSet<Id>,
    pub(super) lots: Vec<Lot>,
    pub(super) remembered_inspections: BTreeMap<Id, InspectionResult>,
    /// Lots that were recalled, also before they came.
    pub(super) recalled: BTreeSet<Id>,
    /// Orders that were named because a recalled lot left with them.
    pub(super) told_recalled: BTreeMap<Id, BTreeSet<OrderKey>>,
    pub(super) claims: BTreeMap<ClaimKey, Claim>,
    pub(super) demand: Vec<Demand>,
    pub(super) surging: BTreeSet<Id>,
    pub(super) complaints: BTreeMap<Id, Complaints>,
    /// With how many orders each lot has left, also with those that are forgotten.
    pub(super) left_with: BTreeMap<Id, usize>,
    /// Sessions that were named; of a closed one nothing more is known.
    pub(super) sessions: BTreeMap<Id, Option<OpenSession>>,
    pub(super) waves: BTreeMap<Id, Wave>,
    /// Waves that left before they were closed.
    pub(super) left_early: BTreeSet<Id>,
    pub(super) orders: BTreeMap<OrderKey, Order>,
    pub(super) last_place: u64,
    pub(super) seen: BTreeMap<(Id, Id), Seen>,
    pub(super) alerts: u64,
    pub(super) risks: BTreeMap<(Id, Id), Window>,
    pub(super) rejects: Option<Rejects>,
    pub(super) levels: BTreeMap<Id, LastLevel>,
    pub(super) could_be_sold: BTreeSet<Id>,
    pub(super) sold_out: BTreeSet<Id>,
    pub(super) low: BTreeSet<Id>,
    /// SKUs of which units were released or came since the last pass over the waitlist.
    pub(super) released: BTreeSet<Id>,
    /// Orders may be filled in part since the last pass: the next one tries everybody.
    pub(super) for_all: bool,
    /// Orders that lost units in this event, in the order in which they did.
    pub(super) losers: Vec<OrderKey>,
}

impl Pool {
    pub(super) fn new(id: Id, now: Time, settings: &Settings) -> Self {
        let policy = Policy {
            allocate_on: AllocateOn::Created,
            reservation_ttl: Millis::from_secs(2100),
            unpaid_shortage: Shortage::Refuse,
            paid_shortage: Shortage::Waitlist,
            partial: false,
            paid_preempts_reserved: false,
            claims: Claims::Signal,
            claim_ttl: Millis::from_secs(120),
        };
        Self {
            id,
            now,
            policy,
            manifest_corrections: settings.manifest_corrections,
            items: BTreeMap::new(),
            known: BTreeSet::new(),
            lots: Vec::new(),
            remembered_inspections: BTreeMap::new(),
            recalled: BTreeSet::new(),
            told_recalled: BTreeMap::new(),
            claims: BTreeMap::new(),
            demand: Vec::new(),
            surging: BTreeSet::new(),
            complaints: BTreeMap::new(),
            left_with: BTreeMap::new(),
            sessions: BTreeMap::new(),
            waves: BTreeMap::new(),
            left_early: BTreeSet::new(),
            orders: BTreeMap::new(),
            last_place: 0,
            seen: BTreeMap::new(),
            alerts: 0,
            risks: BTreeMap::new(),
            rejects: None,
            levels: BTreeMap::new(),
            could_be_sold: BTreeSet::new(),
            sold_out: BTreeSet::new(),
            low: BTreeSet::new(),
            released: BTreeSet::new(),
            for_all: false,
            losers: Vec::new(),
        }
    }

    /// Gives an event its effect; time has already passed up to it.
    pub(super) fn event(
        &mut self,
        arrival: Time,
        event: Event,
        settings: &Settings,
        out: &mut Effects,
    ) {
        let identity = (event.platform.clone(), event.event_id.clone());
        if let Some(seen) = self.seen.get(&identity).filter(|s| s.until >= self.now) {
            let same = seen.what == event.what;
            self.repeat(&event, same, out);
            return;
        }
        let until = arrival.max(event.occurred_at).plus(settings.dedup_window);
        self.seen.insert(identity, Seen { what: event.what.clone(), until });

        self.calm_down_all();
        let mut before = self.orders.clone();
        let mut cause = Cause::of(event.event_id.clone());
        match event.what {
            What::Order(order) => {
                // By an order's event others only lose what it takes from them.
                cause.loss = Reason::Preempted;
                cause.own = Some(self.order_event(
                    &event.platform,
                    event.occurred_at,
                    order,
                    &mut cause.alerts,
                ));
            }
            What::Policy(change) => self.change_policy(&change),
            What::Item(item) => self.replace_item(item),
            What::Received(received) => self.receive(&received, &mut cause.alerts),
            What::Inspected(inspected) => {
                cause.loss = Reason::LotLost;
                self.inspect(&inspected, &mut cause.alerts);
            }
            What::Adjusted(adjusted) => self.adjust(&adjusted, &mut cause.alerts),
            What::Counted(counted) => self.count(&counted, &mut cause.alerts),
            What::Recalled(recalled) => {
                cause.loss = Reason::LotLost;
                self.recall(&recalled, &mut cause.alerts);
            }
            What::SessionOpened(session) => self.open_session(&session),
            What::SessionClosed(session) => {
                cause.session = self.close_session(&session);
            }
            What::WaveClosed(closed) => {
                if self.close_wave(&closed, out) && self.left_early.contains(&closed.wave_id) {
                    self.hand_over_wave(&closed.wave_id, &event.event_id, out);
                }
                before = self.orders.clone();
            }
            What::HandedOver(handed) => {
                self.hand_over(&handed, &event.event_id, out);
                before = self.orders.clone();
            }
            What::Comment(comment) => {
                let loud = self.comment(&event.platform, &comment);
                cause.alerts.extend(loud.iter().map(|lot_id| self.quality_signal(lot_id)));
            }
        }
        self.finish(&before, cause, out);
    }

    fn change_policy(&mut self, change: &PolicyChange) {
        let policy = &mut self.policy;
        policy.allocate_on = change.allocate_on.unwrap_or(policy.allocate_on);
        policy.reservation_ttl =
            change.reservation_ttl_s.map_or(policy.reservation_ttl, Millis::from_secs);
        policy.unpaid_shortage = change.unpaid_shortage.unwrap_or(policy.unpaid_shortage);
        policy.paid_shortage = change.paid_shortage.unwrap_or(policy.paid_shortage);
        self.for_all |= change.partial == Some(true) && !policy.partial;
        policy.partial = change.partial.unwrap_or(policy.partial);
        policy.paid_preempts_reserved =
            change.paid_preempts_reserved.unwrap_or(policy.paid_preempts_reserved);
        policy.claims = change.claims.unwrap_or(policy.claims);
        policy.claim_ttl = change.claim_ttl_s.map_or(policy.claim_ttl, Millis::from_secs);
    }

    pub(super) fn next_place(&mut self) -> u64 {
        self.last_place += 1;
        self.last_place
    }
}
