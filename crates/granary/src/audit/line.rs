//! First come, first served, as far as decisions can show it.
//!
//! The property: **no order gets stock while another order of its pool, whose place in line is earlier for
//! certain, goes on waiting for no more than that** — of every SKU that the earlier one waits for at most
//! as many units as the later one got at that moment. What the later one got was there; the earlier one
//! was asked before it and would have fitted. And at the end: nobody waits for what all lies on the shelf.
//!
//! Who is passed over because it can't be filled (it waits for more, or for another SKU too) is so by right,
//! and this property says nothing of it. An order's place is where it first asked for stock, which is its
//! first decision with a standing other than `new`. One that was refused, expired or refunded and asks again
//! may have a new place at the end or its old one; it counts as earlier only from the new one, and as later
//! only from the old one. Where items have channels or safety stock, an unpaid order may be passed over because
//! its platform may not sell what is there: it is not claimed of those before the end, when the level of the SKU
//! says what its platform can sell. Where paid orders may take from unpaid reservations, what they got was on no
//! shelf, and is not claimed of.
//!
//! A decision is told when an order's standing changes, so what an order holds while it waits may have
//! changed untold: in a pool that fills in part (`partial`), by what it got; after stock was lost, by what it
//! lost. Where that could make the property seem broken it is not claimed: in a pool that does both not at
//! all; in one that loses stock not of an earlier order that held something; in one that fills in part not of
//! one that began to wait after the later one was told last.

use std::collections::BTreeMap;

use super::bundles::Bundles;
use super::orders::{Order, Orders};
use super::outputs::Decision;
use super::report::{Check, Place, Report};
use super::shelf::Habits;

/// Where an order stands in line, as far as that is certain.
#[derive(Clone, Copy, Debug, Default)]
struct Turn {
    earliest: i64,
    latest: i64,
}

/// An order that waits.
#[derive(Debug)]
struct Waiting {
    turn: Turn,
    lacks: BTreeMap<String, u64>,
    /// The platform of an unpaid order, which may not sell all that is available.
    bound_by: Option<String>,
    /// It held nothing when it began to wait for this.
    empty: bool,
    /// Since the decision at this offset.
    since: i64,
}

/// The lines of one partition's pools.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    turns: BTreeMap<(String, String), Turn>,
    waiting: BTreeMap<String, BTreeMap<String, Waiting>>,
}

impl Lines {
    /// A decision moved an order from `was` to `is`.
    pub(crate) fn decided(
        &mut self,
        decision: &Decision,
        (was, is): (&Order, &Order),
        (habits, bundles): (Habits, &Bundles),
        place: Place,
        report: &mut Report,
    ) {
        let name = contract::join(&[&decision.platform, &decision.order_id]);
        let turn = self.take_turn(&decision.pool, &name, was, is);
        let waiting = self.waiting.entry(decision.pool.clone()).or_default();
        waiting.remove(&name);
        let got = got(was, is, bundles);
        let preempts = decision.paid && habits.preempts;
        let from_shelf = !got.is_empty() && !preempts;
        if let Some(turn) = turn.filter(|_| from_shelf && !waiting.is_empty()) {
            report.counts.turns += 1;
            let known = if was.number == 0 { i64::MAX } else { was.offset };
            judge(waiting, turn, &got, (habits, known), |name, earlier| {
                let what = format!(
                    "got {got:?} while the earlier order {name} waited for {:?} (decision at offset {})",
                    earlier.lacks, earlier.since
                );
                report.violation(Check::FirstComeFirstServed, place, &decision.id, what);
            });
        }
        if let Some(turn) = turn.filter(|_| is.waits()) {
            let Some(lacks) = lacks(decision, is, bundles) else { return };
            let empty = is.shares.values().all(|share| share.held() == 0);
            let bound_by = (!decision.paid).then(|| decision.platform.clone());
            waiting.insert(name, Waiting { turn, lacks, bound_by, empty, since: place.offset });
        }
    }

    /// An order's turn after a decision; none while it has not asked.
    fn take_turn(&mut self, pool: &str, name: &str, was: &Order, is: &Order) -> Option<Turn> {
        let asked = |order: &Order| {
            ["reserved", "allocated", "waitlisted", "backordered", "refused"]
                .contains(&order.standing.as_str())
        };
        let key = (pool.to_owned(), name.to_owned());
        let (asks, now) = (asked(is), is.offset);
        let Some(turn) = self.turns.get_mut(&key).filter(|_| was.number > 0) else {
            if asks {
                // Where its beginning is gone it may have asked at any time before.
                let earliest = if is.whole { now } else { i64::MIN };
                self.turns.insert(key, Turn { earliest, latest: now });
                return Some(Turn { earliest, latest: now });
            }
            return None;
        };
        let ended = !matches!(
            was.standing.as_str(),
            "reserved" | "allocated" | "waitlisted" | "backordered"
        );
        if asks && ended && was.standing != "handed_over" {
            turn.latest = now;
        }
        Some(*turn)
    }

    /// Everything was read: nobody of a settled pool may wait for what is on the shelf.
    pub(crate) fn close(
        &self,
        orders: &Orders,
        settled: impl Fn(&str) -> bool,
        can_have: impl Fn(&str, &str, Option<&str>) -> Option<u64>,
        habits: impl Fn(&str) -> Habits,
        (partition, report): (u32, &mut Report),
    ) {
        for (pool, waiting) in self.waiting.iter().filter(|(pool, _)| settled(pool)) {
            for (name, who) in waiting {
                if orders.get(pool, name).is_none_or(|order| !order.waits())
                    || !is_known(who, habits(pool))
                {
                    continue;
                }
                let there = |(sku, units): (&String, &u64)| {
                    let there = can_have(pool, sku, who.bound_by.as_deref());
                    there.is_some_and(|there| there >= *units)
                };
                if who.lacks.iter().all(there) {
                    let place =
                        Place { topic: contract::Topic::Decisions, partition, offset: who.since };
                    let what = format!("waits for {:?}, all of which is available", who.lacks);
                    report.violation(
                        Check::FirstComeFirstServed,
                        place,
                        format!("{pool}/{name}"),
                        what,
                    );
                }
            }
        }
    }
}

/// What an order got for certain from one decision to the next, bundles taken apart. One that held something
/// before may have held parts of bundles that were told of no line.
fn got<'a>(was: &Order, is: &'a Order, bundles: &'a Bundles) -> BTreeMap<&'a str, u64> {
    let mut got: BTreeMap<&str, u64> = BTreeMap::new();
    let of_bundles = bundles.any(is.shares.keys().chain(was.shares.keys()));
    if of_bundles && (was.holds() || !is.shares.keys().all(|sku| bundles.is_steady(sku))) {
        return got;
    }
    for (sku, share) in &is.shares {
        let held = was.shares.get(sku).map_or(0, |share| share.held());
        for (part, units) in bundles.made_of(sku, share.held().saturating_sub(held)) {
            let got: &mut u64 = got.entry(part).or_default();
            *got = got.saturating_add(units);
        }
    }
    got.retain(|_, units| *units > 0);
    got
}

/// What an order waits for at most, bundles taken apart; `None` where that can't be told: a bundle that
/// changed, or that nothing had named when it was ordered.
fn lacks(decision: &Decision, is: &Order, bundles: &Bundles) -> Option<BTreeMap<String, u64>> {
    if bundles.any(is.shares.keys())
        && (decision.reason == "unknown_sku" || !is.shares.keys().all(|sku| bundles.is_steady(sku)))
    {
        return None;
    }
    let mut lacks: BTreeMap<String, u64> = BTreeMap::new();
    for (sku, units) in is.lacks() {
        for (part, units) in bundles.made_of(sku, units) {
            let lacks = lacks.entry(part.to_owned()).or_default();
            *lacks = lacks.saturating_add(units);
        }
    }
    Some(lacks)
}

/// Whether what an order waits for is no more than was told, and who gets stock had no claim to it.
const fn is_known(who: &Waiting, habits: Habits) -> bool {
    !habits.claims && (!habits.loses || (who.empty && !habits.partial))
}

/// Looks for somebody who waited for no more at an earlier place.
fn judge(
    waiting: &BTreeMap<String, Waiting>,
    turn: Turn,
    got: &BTreeMap<&str, u64>,
    (habits, known): (Habits, i64),
    mut passed_over: impl FnMut(&str, &Waiting),
) {
    for (name, earlier) in waiting {
        if earlier.turn.latest >= turn.earliest || !is_known(earlier, habits) {
            continue;
        }
        let perhaps_bound = habits.shapes && earlier.bound_by.is_some();
        if perhaps_bound || (habits.partial && earlier.since >= known) {
            continue;
        }
        let enough =
            |(sku, units): (&String, &u64)| got.get(sku.as_str()).is_some_and(|got| got >= units);
        if earlier.lacks.iter().all(enough) {
            passed_over(name, earlier);
        }
    }
}
