//! One pool: the stock that is sold together, its orders, its policy, and what is due when.
//!
//! The state is here; what changes it is in the files beside this one, one concern each, and in `verbs/`,
//! one file for each type of event.

use alloc::collections::BTreeSet;

use minicbor::{Decode, Encode};

use crate::alerts::{Alerts, WindowKey};
use crate::claims::Claims;
use crate::demand::Demand;
use crate::digest::{self, Digester};
use crate::identity::Identities;
use crate::image::{BaseMark, wide};
use crate::limits::Limits;
use crate::order::{Order, OrderIx, Orders};
use crate::policy::Policy;
use crate::quality::Quality;
use crate::sessions::Sessions;
use crate::stock::{LotIx, SkuIx, Stock};
use crate::wares::Wares;
use crate::waves::Waves;
use crate::weight;
use crate::{Effect, Effects, Holds, Id, Settings, Time};

/// One pool of a partition. Encoded, it is its base pages: what its other pages hold, and what follows from
/// them, is skipped.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
pub(crate) struct Pool {
    #[n(0)]
    pub(crate) id: Id,
    #[n(1)]
    pub(crate) policy: Policy,
    #[n(2)]
    pub(crate) identities: Identities,
    #[n(3)]
    pub(crate) stock: Stock,
    #[n(4)]
    pub(crate) orders: Orders,
    #[n(5)]
    pub(crate) alerts: Alerts,
    #[cbor(skip)]
    pub(crate) limits: Limits,
    /// What happens by itself, by when.
    #[cbor(skip)]
    due: BTreeSet<(Time, Due)>,
    /// SKUs whose level is to be published.
    #[n(6)]
    pub(crate) dirty: BTreeSet<SkuIx>,
    #[n(7)]
    #[cbor(with = "wide")]
    digest: u128,
    #[n(8)]
    #[cbor(default, skip_if = "Waves::is_empty")]
    pub(crate) waves: Waves,
    #[n(9)]
    #[cbor(default, skip_if = "Sessions::is_empty")]
    pub(crate) sessions: Sessions,
    #[n(10)]
    #[cbor(default, skip_if = "Wares::is_empty")]
    pub(crate) wares: Wares,
    #[n(11)]
    #[cbor(default, skip_if = "Demand::is_empty")]
    pub(crate) demand: Demand,
    #[n(12)]
    #[cbor(default, skip_if = "Quality::is_empty")]
    pub(crate) quality: Quality,
    /// The time of the first event that named the pool. It is never in an earlier hour than that of the pool before.
    /// None for a pool from before format 4.
    #[n(13)]
    pub(crate) born: Option<Time>,
    #[cbor(skip)]
    pub(crate) claims: Claims,
    #[cbor(skip)]
    pub(crate) base: BaseMark,
    /// What it held when it was last counted.
    #[cbor(skip)]
    pub(crate) holds: Holds,
}

/// What happens by itself. At one instant: in this order, orders by their place in line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// A reservation ends.
    Reservation(u64, OrderIx),
    /// A lot is past its date.
    LotExpiry(LotIx),
    /// A backorder's date has come.
    Backorder(SkuIx),
    /// The lines of a payment have not come.
    LinesMissing(OrderIx),
    /// What alerts added up is told.
    Window(WindowKey),
    /// A finished order is forgotten, first in part and then altogether.
    Forget(OrderIx),
}

/// What everything that happens in one event, or at one instant, has in common.
pub(crate) struct Turn<'a> {
    pub(crate) now: Time,
    /// The event's id, or `tick`.
    pub(crate) cause: Option<Id>,
    pub(crate) settings: &'a Settings,
    pub(crate) out: &'a mut Effects,
    /// How much of `out` the digest has already.
    digested: usize,
}

impl<'a> Turn<'a> {
    pub(crate) fn new(
        now: Time,
        cause: Option<Id>,
        settings: &'a Settings,
        out: &'a mut Effects,
    ) -> Self {
        let digested = out.list.len();
        Self { now, cause, settings, out, digested }
    }

    pub(crate) fn tell(&mut self, effect: Effect) {
        self.out.list.push(effect);
    }
}

impl Pool {
    pub(crate) fn new(id: Id) -> Self {
        Self { id, ..Self::default() }
    }

    pub(crate) fn order(&self, ix: OrderIx) -> &Order {
        self.orders.get(ix)
    }

    pub(crate) fn order_mut(&mut self, ix: OrderIx) -> &mut Order {
        self.orders.get_mut(ix)
    }

    pub(crate) const fn digest(&self) -> u128 {
        self.digest
    }

    pub(crate) fn next_due(&self) -> Option<Time> {
        self.due.first().map(|(at, _)| *at)
    }

    /// What it holds.
    pub(crate) fn weigh(&self) -> Holds {
        let bytes = weight::block(size_of::<Self>())
            + self.orders.weight()
            + self.identities.weight()
            + self.stock.weight()
            + self.alerts.weight()
            + self.waves.weight()
            + self.sessions.weight()
            + self.wares.weight()
            + self.demand.weight()
            + self.quality.weight()
            + self.claims.weight()
            + self.limits.weight()
            + weight::tree(self.due.len(), size_of::<(Time, Due)>())
            + weight::tree(self.dirty.len(), size_of::<SkuIx>())
            + self.base.weight();
        Holds {
            pools: 1,
            orders: (self.orders.len() - self.claims.len()) as u64,
            identities: self.identities.len() as u64,
            bytes: bytes as u64,
        }
    }

    /// Asserts that what is kept of what things take is what walks over them add up.
    pub(crate) fn assert_weights(&self) {
        self.stock.assert_weight();
        self.waves.assert_weight();
        self.sessions.assert_weight();
        self.wares.assert_weight();
        self.demand.assert_weight();
        self.quality.assert_weight();
    }

    /// What happens by itself, of a pool that was restored.
    pub(crate) fn set_due(&mut self, due: impl IntoIterator<Item = (Time, Due)>) {
        self.due = due.into_iter().collect();
    }

    pub(crate) fn schedule(&mut self, at: Time, due: Due) {
        self.due.insert((at, due));
    }

    pub(crate) fn unschedule(&mut self, at: Time, due: Due) {
        self.due.remove(&(at, due));
    }

    /// The first thing that is due at `now`, which it is asked for until there is none.
    pub(crate) fn take_due(&mut self, now: Time) -> Option<Due> {
        let first = self.due.first()?;
        if first.0 > now {
            return None;
        }
        self.due.pop_first().map(|(_, due)| due)
    }

    /// The next backorder whose date has come by `now`, if that is what is due next.
    pub(crate) fn take_due_backorder(&mut self, now: Time) -> Option<SkuIx> {
        let &(at, Due::Backorder(sku)) = self.due.first()? else { return None };
        (at <= now).then(|| self.unschedule(at, Due::Backorder(sku))).map(|()| sku)
    }

    /// Closes an event's or an instant's turn: manifests that have changed, what people are to know of the
    /// stock, and the digest.
    pub(crate) fn close(&mut self, turn: &mut Turn<'_>, applied: u128) {
        self.tell_stale_pages(turn);
        self.judge(turn);
        let mut digester = Digester::new(&turn.settings.hash_key);
        digester
            .text(&self.id)
            .number(turn.now.0)
            .number((applied >> 64) as i64)
            .number(applied as i64);
        for effect in &turn.out.list[turn.digested..] {
            digest::effect(&mut digester, effect);
        }
        self.digest = self.digest.rotate_left(1) ^ digester.finish();
    }
}
