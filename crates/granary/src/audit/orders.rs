//! Orders as their decisions tell them: running numbers without a gap, and where each of them stands.

use std::collections::BTreeMap;

use super::outputs::Decision;
use super::report::{Check, Place, Report};

/// What decisions tell of one SKU of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) quantity: u64,
    pub(crate) reserved: u64,
    pub(crate) allocated: u64,
    pub(crate) waitlisted: u64,
}

impl Share {
    /// `units` of each unit.
    pub(crate) const fn times(self, units: u64) -> Self {
        Self {
            quantity: self.quantity.saturating_mul(units),
            reserved: self.reserved.saturating_mul(units),
            allocated: self.allocated.saturating_mul(units),
            waitlisted: self.waitlisted.saturating_mul(units),
        }
    }

    /// Units that the order holds.
    pub(crate) const fn held(self) -> u64 {
        self.reserved + self.allocated
    }
}

/// An order as its last decision tells it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// The running number of its last decision.
    pub(crate) number: u64,
    /// When the first decision of its life was made. One that is long finished is forgotten, and begins anew.
    pub(crate) began_at: i64,
    pub(crate) standing: String,
    pub(crate) held: bool,
    /// By SKU, lines of one SKU together.
    pub(crate) shares: BTreeMap<String, Share>,
    /// The most units of a SKU that any decision ordered.
    pub(crate) most: BTreeMap<String, u64>,
    /// Its first decision was there.
    pub(crate) whole: bool,
    /// Where its last decision is.
    pub(crate) offset: i64,
    pub(crate) partition: u32,
}

impl Order {
    /// Takes a decision's running number, and returns whether it is the first of its life.
    fn numbered(
        &mut self,
        decision: &Decision,
        (complete, closed_retention): (bool, i64),
        wrong: &mut impl FnMut(String),
    ) -> bool {
        let named = [&decision.pool, &decision.platform, &decision.order_id].map(String::as_str);
        let Some(number) = number_of(&decision.id, &named) else {
            wrong("is not made of its order's pool, platform and id".to_owned());
            return self.number == 0;
        };
        let age = decision.decided_at.saturating_sub(self.began_at);
        if number == 1 && self.number > 0 && age >= closed_retention {
            // It was finished and forgotten, numbers and all.
            *self = Self::default();
        } else if self.number == 0 && !complete {
            self.number = number - 1;
        }
        let (before, first) = (self.number, self.number == 0);
        if number <= before {
            wrong(format!(
                "follows number {before} of its order: it was told twice, or out of turn"
            ));
        } else if number - before > 1 {
            wrong(format!(
                "follows number {before} of its order: {} are missing",
                number - before - 1
            ));
        }
        self.number = before.max(number);
        first
    }

    /// Whether it waits for stock.
    pub(crate) fn waits(&self) -> bool {
        self.standing == "waitlisted" || self.standing == "backordered"
    }

    /// Whether it may hold stock.
    pub(crate) fn holds(&self) -> bool {
        ["reserved", "allocated", "waitlisted", "backordered"].contains(&self.standing.as_str())
    }

    /// What it waits for.
    pub(crate) fn lacks(&self) -> impl Iterator<Item = (&String, u64)> {
        let lacks = self.shares.iter().map(|(sku, share)| (sku, share.waitlisted));
        lacks.filter(|(_, units)| *units > 0)
    }
}

/// The orders of one partition, by pool and then by platform and order.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    pub(crate) pools: BTreeMap<String, BTreeMap<String, Order>>,
    last: Option<i64>,
}

impl Orders {
    /// Takes a decision in, and returns what the order was before it and is now. `numbers`: whether all are there,
    /// and for how long those of a finished order are kept.
    pub(crate) fn decided(
        &mut self,
        decision: &Decision,
        place: Place,
        numbers: (bool, i64),
        report: &mut Report,
    ) -> (Order, Order) {
        let mut wrong =
            |what: String| report.violation(Check::ExactlyOnce, place, &decision.id, what);
        if let Some(last) = self.last.filter(|last| *last > decision.decided_at) {
            wrong(format!(
                "was decided {} ms before the decision that precedes it",
                last.saturating_sub(decision.decided_at)
            ));
        }
        self.last = Some(decision.decided_at);
        let name = contract::join(&[&decision.platform, &decision.order_id]);
        let order = self.pools.entry(decision.pool.clone()).or_default().entry(name).or_default();
        let first = order.numbered(decision, numbers, &mut wrong);
        if let Some(what) = contradiction(decision) {
            wrong(what.to_owned());
        }
        let was = order.clone();
        if first {
            order.began_at = decision.decided_at;
            order.whole = true;
        }
        order.standing.clone_from(&decision.standing);
        order.held = decision.held;
        order.shares = shares(decision);
        order.offset = place.offset;
        order.partition = place.partition;
        for (sku, share) in &order.shares {
            let most = order.most.entry(sku.clone()).or_default();
            *most = (*most).max(share.quantity);
        }
        (was, order.clone())
    }

    /// The order of a pool by platform and id.
    pub(crate) fn get(&self, pool: &str, name: &str) -> Option<&Order> {
        self.pools.get(pool)?.get(name)
    }
}

fn shares(decision: &Decision) -> BTreeMap<String, Share> {
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for line in &decision.lines {
        let share = shares.entry(line.sku.clone()).or_default();
        share.quantity += line.quantity;
        share.reserved += line.reserved;
        share.allocated += line.allocated;
        share.waitlisted += line.waitlisted;
    }
    shares
}

/// The running number at the end of a joined id, where what is before it are these parts.
pub(crate) fn number_of(id: &str, parts: &[&str]) -> Option<u64> {
    let rest = id.strip_prefix(&contract::join(parts))?.strip_prefix('/')?;
    rest.parse().ok().filter(|number| *number > 0)
}

/// What in a decision can't be, whatever happened before.
fn contradiction(decision: &Decision) -> Option<&'static str> {
    let sum = |of: fn(&super::outputs::Line) -> u64| decision.lines.iter().map(of).sum::<u64>();
    let (reserved, allocated, waits) =
        (sum(|l| l.reserved), sum(|l| l.allocated), sum(|l| l.waitlisted));
    let too_much = |line: &super::outputs::Line| {
        line.reserved + line.allocated + line.waitlisted > line.quantity
    };
    if decision.lines.iter().any(too_much) {
        return Some("a line holds and waits for more than is ordered");
    }
    if decision.paid && reserved > 0 {
        return Some("a paid order has units reserved");
    }
    if !decision.paid && allocated > 0 {
        return Some("an unpaid order has units allocated");
    }
    match decision.standing.as_str() {
        "new" | "refused" | "released" | "cancelled" | "refunded"
            if reserved + allocated + waits > 0 =>
        {
            Some("it holds or waits for units, and does not stand so")
        }
        "reserved" | "allocated" if waits > 0 => Some("it waits, and stands as if it did not"),
        "reserved" if reserved == 0 => Some("it stands as reserved and has nothing reserved"),
        "allocated" if allocated == 0 => Some("it stands as allocated and has nothing allocated"),
        "waitlisted" | "backordered" if waits == 0 => {
            Some("it stands as waiting and waits for nothing")
        }
        _ => None,
    }
}
