//! Live sessions: what is sold in each, and what each came to.

use alloc::vec::Vec;

use minicbor::{Decode, Encode};

use crate::image::{is_default, list};
use crate::pool::Pool;
use crate::steps::step;
use crate::stock::SkuIx;
use crate::weight::{self, Beside, Weighed};
use crate::{Id, Session, Time};

/// The sessions of a pool by their ids. All of them are remembered: each is summed up once.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(transparent)]
pub(crate) struct Sessions(#[n(0)] Weighed<Id, Known>);

/// What is known of one session.
#[derive(Debug, Default, Encode, Decode)]
#[cbor(map)]
struct Known {
    #[n(0)]
    platform: Option<Id>,
    /// What is sold in it; nothing where nobody said.
    #[n(1)]
    #[cbor(with = "list", default, skip_if = "Vec::is_empty")]
    skus: Vec<SkuIx>,
    /// When it opened at the source.
    #[n(2)]
    opened_at: Option<Time>,
    #[n(3)]
    #[cbor(default, skip_if = "is_default")]
    closed: bool,
}

impl Beside for Known {
    fn beside(&self) -> usize {
        step();
        weight::list(&self.skus) + self.platform.as_ref().map_or(0, weight::id)
    }
}

impl Sessions {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is sold in a session that is open; nothing where nobody said.
    pub(crate) fn sold_in(&self, id: &Id) -> &[SkuIx] {
        self.0.entries().get(id).map_or(&[], |session| &session.skus)
    }

    /// A session opens, also one that was closed before.
    pub(crate) fn begin(&mut self, session: &Session, mut skus: Vec<SkuIx>, at: Time) {
        skus.sort_unstable();
        skus.dedup();
        let platform = session.platform.clone();
        let known = Known { platform, skus, opened_at: Some(at), closed: false };
        self.0.insert(session.session_id.clone(), known);
    }

    /// A session is over: its platform, where one is known; nothing if it was over before.
    pub(crate) fn end(&mut self, session: &Session) -> Option<Option<Id>> {
        self.0.open(session.session_id.clone(), |known| {
            known.skus = Vec::new();
            let first = !core::mem::replace(&mut known.closed, true);
            first.then(|| known.platform.clone().or_else(|| session.platform.clone()))
        })
    }

    /// What they take in memory.
    pub(crate) fn weight(&self) -> usize {
        self.0.weight()
    }

    pub(crate) fn assert_weight(&self) {
        self.0.assert_weight();
    }

    /// The SKUs that are named.
    pub(crate) fn skus(&self) -> impl Iterator<Item = SkuIx> {
        self.0.entries().values().flat_map(|session| session.skus.iter().copied())
    }
}

/// What a session came to.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    pub(crate) orders: u64,
    /// What they are to deliver, or have delivered.
    pub(crate) units: u64,
    /// How many of them are paid, and how many wait.
    pub(crate) paid: u64,
    pub(crate) waiting: u64,
    /// Units that those wait for.
    pub(crate) short: u64,
}

impl Pool {
    /// The orders of a session of which something is delivered or still to be, and what they are short of.
    pub(crate) fn sum_up(&self, id: &Id) -> Sum {
        let mut sum = Sum::default();
        for (_, order) in self.orders.iter() {
            if order.claim || order.session_id.get() != Some(id) {
                continue;
            }
            let units: u64 = order.lines.iter().map(|line| u64::from(line.quantity)).sum();
            if units == 0 || !order.is_in_force() {
                continue;
            }
            sum.orders += 1;
            sum.units += units;
            sum.paid += u64::from(order.paid);
            if order.waits() {
                sum.waiting += 1;
                sum.short += order.waiting.iter().map(|&(_, units)| units).sum::<u64>();
            }
        }
        sum
    }
}
