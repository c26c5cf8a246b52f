//! Sentences for people: what was decided, what is the matter, and what to do next.

mod en;
mod en_alerts;
mod zh;
mod zh_alerts;

use std::fmt::{self, Display};

use allotment::{Alert, DecidedLine, Decision};

/// How many orders a sentence names; the alert's own list has the rest.
const ORDERS_NAMED_MAX: usize = 5;

/// The language of texts for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Chinese, simplified.
    Zh,
}

impl Language {
    /// Writes what was decided about an order, and why: words of ours and numbers, which need no escape.
    pub(crate) fn detail(self, decision: &Decision, out: &mut Vec<u8>) {
        match self {
            Self::En => en::push_detail(out, decision),
            Self::Zh => zh::push_detail(out, decision),
        }
    }

    /// What is the matter.
    pub(crate) fn message(self, alert: &Alert) -> impl Display {
        fmt::from_fn(move |f| match self {
            Self::En => en_alerts::message(f, alert),
            Self::Zh => f.write_str(&zh_alerts::message(alert)),
        })
    }

    /// What the village team, or whoever is on watch, does next.
    pub(crate) fn suggestion(self, alert: &Alert) -> impl Display {
        fmt::from_fn(move |f| match self {
            Self::En => en_alerts::suggestion(f, alert),
            Self::Zh => f.write_str(&zh_alerts::suggestion(alert)),
        })
    }
}

/// An order's units over all of its lines.
struct Units {
    ordered: u64,
    held: u64,
    waiting: u64,
}

impl Units {
    fn of(lines: &[DecidedLine]) -> Self {
        let sum = |of: fn(&DecidedLine) -> u64| lines.iter().map(of).sum();
        Self {
            ordered: sum(|line| line.quantity.into()),
            held: sum(|line| u64::from(line.reserved) + u64::from(line.allocated)),
            waiting: sum(|line| line.waitlisted.into()),
        }
    }
}

/// The units missing by SKU, over all orders of an alert, in the order in which they are first named.
fn shortages(alert: &Alert) -> Vec<(&str, u64)> {
    let mut sums: Vec<(&str, u64)> = Vec::new();
    for line in alert.orders.iter().flat_map(|order| &order.lines) {
        match sums.iter_mut().find(|(sku, _)| *sku == line.sku.as_str()) {
            Some((_, sum)) => *sum += line.shortage,
            None => sums.push((&line.sku, line.shortage)),
        }
    }
    sums
}
