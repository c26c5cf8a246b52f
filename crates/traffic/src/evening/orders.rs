//! The buyers: who orders what, when, where, and what becomes of the order.

use super::shelf::{GOODS, Shelf};
use super::stage::{CURTAIN, RESERVATION, SECOND, SHOW, Stage};
use crate::rng::Rng;

/// The platforms and their share of the orders.
const PLATFORMS: [(i64, &str); 4] =
    [(44, "douyin"), (24, "weixin"), (20, "kuaishou"), (12, "taobao")];
/// The platform that shows stock of its own, late: it goes on selling what is gone.
const LAGGING: &str = "kuaishou";
/// Nobody orders after this: payments and expiries shall fit into the show.
const LAST_ORDER: i64 = SHOW - 230 * SECOND;

/// An order and its whole life, as its platform will tell it.
pub(super) struct Order {
    pub(super) platform: &'static str,
    pub(super) id: u64,
    pub(super) buyer: String,
    pub(super) person: Option<String>,
    pub(super) recipient: String,
    /// Index into the goods, and units.
    pub(super) lines: Vec<(usize, u32)>,
    /// When it was placed, in stage time.
    pub(super) placed: i64,
    pub(super) fate: Fate,
    /// Belongs to a sell-out: its deliveries are punctual, so that the sell-out is one.
    pub(super) punctual: bool,
}

/// What becomes of an order. Spans in stage milliseconds: `pay` from placing, the rest from paying.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Paid.
    Pays { pay: i64 },
    /// Paid after its reservation expired.
    PaysLate { pay: i64 },
    /// Never paid; some platforms say so in the end.
    Expires { told_after: Option<i64> },
    /// Cancelled by the buyer before paying.
    Cancels { after: i64 },
    /// Cancelled by the buyer after paying.
    PaysThenCancels { pay: i64, cancel: i64 },
    /// Paid, and one unit or all of it refunded.
    Refunded { pay: i64, refund: i64, all: bool },
    /// Changed before it was paid: the first line has this many units instead.
    Amended { pay: i64, units: u32 },
    /// Paid, held by the platform's risk check, cleared.
    Held { pay: i64, clear: i64 },
    /// Paid, but the delivery that says so got lost: a snapshot repairs it.
    Repaired { pay: i64, pull: i64 },
}

impl Order {
    /// The most units of `item` that the order ever asks for.
    pub(super) fn most_of(&self, item: usize) -> u32 {
        let ordered: u32 = self.lines.iter().filter(|line| line.0 == item).map(|line| line.1).sum();
        let first = self.lines[0];
        match self.fate {
            Fate::Amended { units, .. } if first.0 == item => {
                ordered - first.1 + units.max(first.1)
            }
            _ => ordered,
        }
    }

    /// When it was paid, where that is all that ever happens to it.
    pub(super) fn simply_paid_at(&self) -> Option<i64> {
        match self.fate {
            Fate::Pays { pay } if !self.punctual => Some(self.placed + pay),
            _ => None,
        }
    }
}

/// All orders of one pool, 300 to 500, in the order in which they were placed.
pub(super) fn orders(shelf: &Shelf, rng: &mut Rng) -> Vec<Order> {
    let mut crowd =
        Crowd { next_id: 4_000_000_000 + (rng.draw() >> 33) * 1_000, orders: Vec::new() };
    for scarce in shelf.scarce {
        crowd.rush(scarce, rng);
        crowd.too_late(scarce.0, rng);
    }
    let wanted = usize::try_from(rng.between(310, 490)).expect("a few hundred");
    while crowd.orders.len() < wanted {
        crowd.browse(shelf, rng);
    }
    crowd.orders.sort_by_key(|order| (order.placed, order.id));
    crowd.orders
}

struct Crowd {
    next_id: u64,
    orders: Vec<Order>,
}

impl Crowd {
    /// A sell-out: within seventy seconds of the host showing the item, its stock is reserved to the last unit.
    fn rush(&mut self, (item, stock): (usize, u32), rng: &mut Rng) {
        let mut left = stock;
        while left > 0 {
            let units = units(rng).min(left);
            left -= units;
            let placed = Stage::shown_at(item) + rng.between(SECOND, 70 * SECOND);
            let fate = match rng.between(1, 100) {
                1..=84 => Fate::Pays { pay: payment_delay(rng) },
                _ => expires(rng),
            };
            let platform = rng.weighted(&PLATFORMS);
            self.place(platform, vec![(item, units)], placed, fate, true, rng);
        }
    }

    /// Buyers of the lagging platform who see stock that is gone. A few of them pay at once: oversold.
    fn too_late(&mut self, item: usize, rng: &mut Rng) {
        let pay_at_once = rng.between(2, 4);
        for nth in 0..rng.between(6, 10) {
            let placed = Stage::shown_at(item) + rng.between(80 * SECOND, 105 * SECOND);
            let fate = if nth < pay_at_once {
                Fate::Pays { pay: rng.between(2 * SECOND, 8 * SECOND) }
            } else {
                Fate::Cancels { after: rng.between(5 * SECOND, 40 * SECOND) }
            };
            let lines = vec![(item, units(rng))];
            self.place(LAGGING, lines, placed, fate, true, rng);
        }
    }

    /// One order out of the usual crowd: most come just after the host shows an item, for that item.
    fn browse(&mut self, shelf: &Shelf, rng: &mut Rng) {
        let shown = usize::try_from(rng.between(0, 11)).expect("a dozen items");
        let placed = if rng.percent(85) {
            Stage::shown_at(shown) + rng.decaying(22 * SECOND)
        } else {
            rng.between(CURTAIN, LAST_ORDER)
        };
        let mut lines = Vec::new();
        let first = if rng.percent(80) { shown } else { any_item(rng) };
        for item in [first, any_item(rng)] {
            let wanted = lines.is_empty() || rng.percent(22);
            let new = lines.iter().all(|line: &(usize, u32)| line.0 != item);
            if wanted && new && !shelf.is_scarce(item) {
                lines.push((item, units(rng)));
            }
        }
        // Who wanted only what is scarce has been in the rush, or goes home.
        if lines.is_empty() || placed > LAST_ORDER {
            return;
        }
        let fate = usual_fate(lines[0].1, rng);
        let platform = rng.weighted(&PLATFORMS);
        self.place(platform, lines, placed, fate, false, rng);
    }

    fn place(
        &mut self,
        platform: &'static str,
        lines: Vec<(usize, u32)>,
        placed: i64,
        fate: Fate,
        punctual: bool,
        rng: &mut Rng,
    ) {
        // Ids grow by odd steps, as platforms' do.
        self.next_id += 1 + 2 * u64::try_from(rng.between(0, 40)).expect("a small step");
        self.orders.push(Order {
            platform,
            id: self.next_id,
            buyer: rng.opaque("u"),
            person: rng.percent(40).then(|| rng.opaque("p")),
            recipient: rng.opaque("r"),
            lines,
            placed,
            fate,
            punctual,
        });
    }
}

fn usual_fate(units: u32, rng: &mut Rng) -> Fate {
    let pay = payment_delay(rng);
    match rng.between(1, 100) {
        1..=66 => Fate::Pays { pay },
        67..=76 => expires(rng),
        77..=79 => Fate::PaysLate { pay: RESERVATION + rng.between(20 * SECOND, 45 * SECOND) },
        80..=83 => Fate::Cancels { after: rng.between(5 * SECOND, 120 * SECOND) },
        84..=86 => Fate::PaysThenCancels { pay, cancel: rng.between(10 * SECOND, 80 * SECOND) },
        87..=90 => Fate::Refunded {
            pay,
            refund: rng.between(20 * SECOND, 80 * SECOND),
            all: units == 1 || rng.percent(40),
        },
        91..=94 => Fate::Amended { pay, units: if units == 1 { 2 } else { units - 1 } },
        95..=97 => Fate::Held { pay, clear: rng.between(15 * SECOND, 80 * SECOND) },
        _ => Fate::Repaired { pay, pull: rng.between(30 * SECOND, 80 * SECOND) },
    }
}

fn expires(rng: &mut Rng) -> Fate {
    let told = rng.percent(50);
    Fate::Expires { told_after: told.then(|| RESERVATION + rng.between(5 * SECOND, 40 * SECOND)) }
}

/// Seconds to minutes, and well before the reservation expires even where a plan rounds it down.
fn payment_delay(rng: &mut Rng) -> i64 {
    (4 * SECOND + rng.decaying(14 * SECOND)).min(110 * SECOND)
}

fn units(rng: &mut Rng) -> u32 {
    rng.weighted(&[(64, 1), (26, 2), (8, 3), (2, 5)])
}

fn any_item(rng: &mut Rng) -> usize {
    usize::try_from(rng.between(0, 11)).expect("a dozen items") % GOODS.len()
}
