//! Alerts in English.

use std::fmt::{self, Display, Formatter};

use allotment::{Alert, AlertKind, Facts};

use super::en::units;
use super::{ORDERS_NAMED_MAX, shortages};
use crate::time::rfc3339;

/// What is the matter.
pub(super) fn message(f: &mut Formatter<'_>, alert: &Alert) -> fmt::Result {
    let (orders, what, missing) = (orders(alert), sku(alert), missing(alert));
    match alert.kind {
        AlertKind::Oversold => write!(f, "Oversold: paid {orders} is short of {missing}."),
        AlertKind::PaidAfterCancel => write!(
            f,
            "Paid after it was cancelled: {orders}. Nothing is held for it and nothing ships."
        ),
        AlertKind::RecallHandedOver => {
            write!(f, "Recalled after it left with the courier: {}, in {orders}.", lot(alert))
        }
        AlertKind::OversellRisk => write!(
            f,
            "Unpaid orders{} asked for {missing} more than can be sold: {orders}.",
            on(alert)
        ),
        AlertKind::Conflict => {
            write!(f, "{} came twice with different content. The first stands.", event(alert))
        }
        AlertKind::UnknownSku => {
            write!(f, "{what} is ordered, but no catalogue or stock event has named it: {orders}.")
        }
        AlertKind::OverLimit => {
            write!(
                f,
                "Paid {orders} asks for more of {what} than one person may have: that was refused."
            )
        }
        AlertKind::LinesMissing => {
            write!(f, "Paid {orders}: what was ordered is still not known after 60 seconds.")
        }
        AlertKind::InputRejected => rejects(f, alert),
        AlertKind::StockMismatch => mismatch(f, alert),
        AlertKind::Recall => {
            write!(f, "Recalled: {}; {}{}.", lot(alert), removed(alert), lost(alert))
        }
        AlertKind::LotExpired => write!(
            f,
            "Past its best-before date: {}; {}{}.",
            lot(alert),
            removed(alert),
            promised(alert)
        ),
        AlertKind::SoldOut => write!(f, "{what} is sold out on every platform."),
        AlertKind::QualitySignal => complaints(f, alert),
        AlertKind::OversellResolved => write!(f, "No longer oversold: {orders}."),
        AlertKind::LowStock => write!(f, "{what} is running low: {} left.", left(alert)),
        AlertKind::Restocked => write!(f, "{what} can be sold again."),
        AlertKind::DemandSurge => surge(f, alert),
        AlertKind::SessionSummary => summary(f, alert),
    }
}

/// What to do next.
pub(super) fn suggestion(f: &mut Formatter<'_>, alert: &Alert) -> fmt::Result {
    let (orders, what, missing) = (orders(alert), sku(alert), missing(alert));
    match alert.kind {
        AlertKind::Oversold => write!(
            f, "Bring in {missing} and send stock.received: the order is then filled by itself. If there is no more, refund {orders} on the platform, and lower what is listed there."
        ),
        AlertKind::PaidAfterCancel => write!(f, "Refund {orders} on the platform; if the buyer still wants the goods, ask for a new order."),
        AlertKind::RecallHandedOver => write!(f, "Ask the courier to stop {orders}, warn the buyers, and refund them."),
        AlertKind::OversellRisk => write!(f, "Lower the stock of {what}{} to what granary.levels calls sellable, or bring in {missing}.", on(alert)),
        AlertKind::Conflict => f.write_str("Ask the bridge's team why an event_id was used for two events; if the second was right, send it again under an id of its own."),
        AlertKind::UnknownSku => write!(f, "Check the SKU's spelling in the platform's listing; if it is right, send catalogue.item for {what} and stock.received for its stock."),
        AlertKind::OverLimit => write!(f, "Refund what {orders} was refused on the platform, or raise limit_per_buyer of {what} and send the order's last event again under a new event_id."),
        AlertKind::LinesMissing => write!(f, "Pull {orders} from the platform and send it as order.snapshot; look whether the bridge lost order.created."),
        AlertKind::InputRejected => f.write_str("Look at granary.dead-letter: error-code and error-message say what to mend in the bridge; then send the events again."),
        AlertKind::StockMismatch => stock_mismatch_suggestion(f, alert),
        AlertKind::Recall => recall_suggestion(f, alert),
        AlertKind::LotExpired => write!(f, "Take {} off the shelf; decide before it ships whether what is promised of it may still leave.", lot(alert)),
        AlertKind::SoldOut => write!(f, "Take {what} off sale on the platforms, or bring in more (of a bundle: of its components) and send stock.received."),
        AlertKind::QualitySignal => write!(f, "Look at what is left of {}, and ask the buyers of {orders} for pictures; if it is bad, send stock.recalled for it.", lot(alert)),
        AlertKind::OversellResolved => f.write_str("Nothing to do; if the platform was asked for a refund, check that the order is not refunded and shipped as well."),
        AlertKind::LowStock => write!(f, "Bring in more of {what} (of a bundle: of its components) soon, or lower what is listed on the platforms."),
        AlertKind::Restocked => write!(f, "Put {what} back on sale where it was taken off."),
        AlertKind::DemandSurge => write!(f, "Bring in more of {what} before it is gone, or tell the host to announce the last units."),
        AlertKind::SessionSummary => f.write_str("Compare the totals with the platform's own report, bring in what is short, and then send wave.closed."),
    }
}

fn recall_suggestion(f: &mut Formatter<'_>, alert: &Alert) -> fmt::Result {
    let lot = lot(alert);
    match &alert.sku {
        None => write!(
            f,
            "Turn {lot} away when it comes; if it is here already, check its lot_id and send stock.recalled again."
        ),
        Some(_) => write!(
            f,
            "Take {lot} off the shelf, and whatever still comes of it; bring in other stock for the orders that wait."
        ),
    }
}

fn stock_mismatch_suggestion(f: &mut Formatter<'_>, alert: &Alert) -> fmt::Result {
    match alert.facts {
        Facts::Parcel { .. } => write!(
            f,
            "Ask the courier whether {} is really on the truck; if not, bring it back and send stock.adjusted.",
            orders(alert)
        ),
        _ => write!(
            f,
            "Count {} again and send stock.counted; look for deliveries or losses that were not recorded.",
            sku(alert)
        ),
    }
}

/// The orders that an alert names, and how many more there are.
fn orders(alert: &Alert) -> impl Display {
    fmt::from_fn(move |f| {
        let named = alert.orders.len().min(ORDERS_NAMED_MAX);
        for (position, order) in alert.orders[..named].iter().enumerate() {
            let before = if position > 0 { ", " } else { "" };
            write!(f, "{before}order {} of {}", order.order_id, order.platform)?;
        }
        let more = alert.orders_total.saturating_sub(named as u64);
        match (named, more) {
            (0, 0) => f.write_str("no order"),
            (0, 1) => f.write_str("1 order"),
            (0, more) => write!(f, "{more} orders"),
            (_, 0) => Ok(()),
            (_, more) => write!(f, " and {more} more"),
        }
    })
}

fn count(alert: &Alert) -> impl Display {
    fmt::from_fn(move |f| {
        if alert.orders_total == 1 {
            f.write_str("1 order")
        } else {
            write!(f, "{} orders", alert.orders_total)
        }
    })
}

/// The SKU of an alert, or those of its orders.
fn sku(alert: &Alert) -> impl Display {
    fmt::from_fn(move |f| match &alert.sku {
        Some(sku) => f.write_str(sku),
        None => {
            let skus: Vec<_> = shortages(alert).into_iter().map(|(sku, _)| sku).collect();
            if skus.is_empty() { f.write_str("the SKU") } else { f.write_str(&skus.join(", ")) }
        }
    })
}

/// The units that are missing, SKU by SKU.
fn missing(alert: &Alert) -> impl Display {
    fmt::from_fn(move |f| {
        let shortages = shortages(alert);
        // The list of orders is cut at 100; only where it is whole are its sums what is missing.
        if shortages.is_empty() || alert.orders_total > alert.orders.len() as u64 {
            return write!(f, "{} of {}", units(alert.shortage), sku(alert));
        }
        for (position, (sku, count)) in shortages.into_iter().enumerate() {
            let before = if position > 0 { ", " } else { "" };
            write!(f, "{before}{} of {sku}", units(count))?;
        }
        Ok(())
    })
}

fn on(alert: &Alert) -> impl Display {
    after(" on ", alert.platform.as_ref())
}

fn lot(alert: &Alert) -> impl Display {
    fmt::from_fn(move |f| {
        match &alert.facts {
            // A lot that is still to come.
            Facts::Lot { lot_id, .. } if alert.sku.is_none() => write!(f, "lot {lot_id}"),
            Facts::Lot { lot_id, .. } | Facts::Complaints { lot_id, .. } => {
                write!(f, "lot {lot_id} of {}", sku(alert))
            }
            _ => write!(f, "a lot of {}", sku(alert)),
        }
    })
}

fn removed(alert: &Alert) -> impl Display {
    fmt::from_fn(move |f| match alert.facts {
        Facts::Lot { removed, .. } => write!(f, "{} taken out of stock", units(removed)),
        _ => f.write_str("taken out of stock"),
    })
}

fn promised(alert: &Alert) -> impl Display {
    after("; still promised to ", some_orders(alert))
}

fn lost(alert: &Alert) -> impl Display {
    after("; short by it: ", some_orders(alert))
}

fn left(alert: &Alert) -> impl Display {
    fmt::from_fn(move |f| match alert.facts {
        Facts::Left { available } => write!(f, "{}", units(available)),
        _ => f.write_str("few units"),
    })
}

fn surge(f: &mut Formatter<'_>, alert: &Alert) -> fmt::Result {
    match alert.facts {
        Facts::Surge { asked, left, sold_out_at } => write!(
            f,
            "{} is in demand: {} asked for within a minute, {} left. If it goes on so, it is gone at {}.",
            sku(alert),
            units(asked),
            units(left),
            rfc3339(sold_out_at)
        ),
        _ => write!(f, "More of {} is asked for than will be there for long.", sku(alert)),
    }
}

fn complaints(f: &mut Formatter<'_>, alert: &Alert) -> fmt::Result {
    let orders = orders(alert);
    match &alert.facts {
        Facts::Complaints { buyers, left, .. } => write!(
            f,
            "{buyers} buyers complain about {}, which left with {left} orders: {orders}.",
            lot(alert)
        ),
        _ => write!(f, "Complaints about {} after hand-over: {orders}.", sku(alert)),
    }
}

fn summary(f: &mut Formatter<'_>, alert: &Alert) -> fmt::Result {
    let orders = count(alert);
    match &alert.facts {
        Facts::Session { session_id, units: sum, paid, waiting, claims } => write!(
            f,
            "Session {session_id} has ended with {orders} of {}: {paid} paid, {waiting} waiting for {}; {claims} claims were released.",
            units(*sum),
            units(alert.shortage)
        ),
        _ => write!(f, "A session has ended with {orders}."),
    }
}

fn event(alert: &Alert) -> impl Display {
    fmt::from_fn(move |f| {
        let about = after(" about ", some_orders(alert));
        match &alert.facts {
            Facts::Event { event_id } => write!(f, "Event {event_id}{}{about}", from(alert)),
            _ => write!(f, "An event{}{about}", from(alert)),
        }
    })
}

fn from(alert: &Alert) -> impl Display {
    after(" from ", alert.platform.as_ref())
}

/// The words and what follows them, where there is anything.
fn after(words: &'static str, what: Option<impl Display>) -> impl Display {
    fmt::from_fn(move |f| what.as_ref().map_or(Ok(()), |what| write!(f, "{words}{what}")))
}

/// The orders of an alert that has any.
fn some_orders(alert: &Alert) -> Option<impl Display> {
    (alert.orders_total > 0).then(|| orders(alert))
}

fn rejects(f: &mut Formatter<'_>, alert: &Alert) -> fmt::Result {
    let of = after(" for pool ", (!alert.pool.is_empty()).then_some(&alert.pool));
    match alert.facts {
        Facts::Rejects { count: 1, first } => {
            write!(f, "1 event{of} could not be taken: {}.", first.as_str())
        }
        Facts::Rejects { count, first } => {
            write!(
                f,
                "{count} events{of} could not be taken, the first of them because of {}.",
                first.as_str()
            )
        }
        _ => write!(f, "Events{of} could not be taken."),
    }
}

fn mismatch(f: &mut Formatter<'_>, alert: &Alert) -> fmt::Result {
    match alert.facts {
        Facts::Mismatch { books, reported } if reported < 0 => {
            let taken = units(reported.unsigned_abs());
            write!(
                f,
                "{}: an adjustment takes off {taken}, but the books have {}; it was cut.",
                sku(alert),
                units(books)
            )
        }
        Facts::Mismatch { books, reported } => {
            write!(f, "{}: the books say {}, the count says {reported}.", sku(alert), units(books))
        }
        Facts::Parcel { number: 0 } => {
            write!(
                f,
                "Handed over without ever having a parcel: {}. No stock moved.",
                orders(alert)
            )
        }
        Facts::Parcel { number } => {
            write!(
                f,
                "Parcel {number} of {} left though it was cancelled; its units are off the books.",
                orders(alert)
            )
        }
        _ => write!(f, "{}: the books and the shelf differ.", sku(alert)),
    }
}
