//! Alerts in English.

use allotment::{Alert, AlertKind, Facts};

use super::en::units;
use super::{ORDERS_NAMED_MAX, shortages};
use crate::time::rfc3339;

/// What is the matter.
pub(super) fn message(alert: &Alert) -> String {
    let (orders, what, missing) = (orders(alert), sku(alert), missing(alert));
    match alert.kind {
        AlertKind::Oversold => format!("Oversold: paid {orders} is short of {missing}."),
        AlertKind::PaidAfterCancel => format!(
            "Paid after it was cancelled: {orders}. Nothing is held for it and nothing ships."
        ),
        AlertKind::RecallHandedOver => {
            format!("Recalled after it left with the courier: {}, in {orders}.", lot(alert))
        }
        AlertKind::OversellRisk => format!(
            "Unpaid orders{} asked for {missing} more than can be sold: {orders}.",
            on(alert)
        ),
        AlertKind::Conflict => {
            format!("{} came twice with different content. The first stands.", event(alert))
        }
        AlertKind::UnknownSku => {
            format!("{what} is ordered, but no catalogue or stock event has named it: {orders}.")
        }
        AlertKind::OverLimit => {
            format!(
                "Paid {orders} asks for more of {what} than one person may have: that was refused."
            )
        }
        AlertKind::LinesMissing => {
            format!("Paid {orders}: what was ordered is still not known after 60 seconds.")
        }
        AlertKind::InputRejected => rejects(alert),
        AlertKind::StockMismatch => mismatch(alert),
        AlertKind::Recall => {
            format!("Recalled: {}; {}{}.", lot(alert), removed(alert), lost(alert))
        }
        AlertKind::LotExpired => format!(
            "Past its best-before date: {}; {}{}.",
            lot(alert),
            removed(alert),
            promised(alert)
        ),
        AlertKind::SoldOut => format!("{what} is sold out on every platform."),
        AlertKind::QualitySignal => complaints(alert),
        AlertKind::OversellResolved => format!("No longer oversold: {orders}."),
        AlertKind::LowStock => format!("{what} is running low: {} left.", left(alert)),
        AlertKind::Restocked => format!("{what} can be sold again."),
        AlertKind::DemandSurge => surge(alert),
        AlertKind::SessionSummary => summary(alert),
    }
}

/// What to do next.
pub(super) fn suggestion(alert: &Alert) -> String {
    let (orders, what, missing) = (orders(alert), sku(alert), missing(alert));
    match alert.kind {
        AlertKind::Oversold => format!(
            "Bring in {missing} and send stock.received: the order is then filled by itself. If there is no more, refund {orders} on the platform, and lower what is listed there."
        ),
        AlertKind::PaidAfterCancel => format!("Refund {orders} on the platform; if the buyer still wants the goods, ask for a new order."),
        AlertKind::RecallHandedOver => format!("Ask the courier to stop {orders}, warn the buyers, and refund them."),
        AlertKind::OversellRisk => format!("Lower the stock of {what}{} to what granary.levels calls sellable, or bring in {missing}.", on(alert)),
        AlertKind::Conflict => "Ask the bridge's team why an event_id was used for two events; if the second was right, send it again under an id of its own.".to_owned(),
        AlertKind::UnknownSku => format!("Check the SKU's spelling in the platform's listing; if it is right, send catalogue.item for {what} and stock.received for its stock."),
        AlertKind::OverLimit => format!("Refund what {orders} was refused on the platform, or raise limit_per_buyer of {what} and send the order's last event again under a new event_id."),
        AlertKind::LinesMissing => format!("Pull {orders} from the platform and send it as order.snapshot; look whether the bridge lost order.created."),
        AlertKind::InputRejected => "Look at granary.dead-letter: error-code and error-message say what to mend in the bridge; then send the events again.".to_owned(),
        AlertKind::StockMismatch => stock_mismatch_suggestion(alert),
        AlertKind::Recall => recall_suggestion(alert),
        AlertKind::LotExpired => format!("Take {} off the shelf; decide before it ships whether what is promised of it may still leave.", lot(alert)),
        AlertKind::SoldOut => format!("Take {what} off sale on the platforms, or bring in more (of a bundle: of its components) and send stock.received."),
        AlertKind::QualitySignal => format!("Look at what is left of {}, and ask the buyers of {orders} for pictures; if it is bad, send stock.recalled for it.", lot(alert)),
        AlertKind::OversellResolved => "Nothing to do; if the platform was asked for a refund, check that the order is not refunded and shipped as well.".to_owned(),
        AlertKind::LowStock => format!("Bring in more of {what} (of a bundle: of its components) soon, or lower what is listed on the platforms."),
        AlertKind::Restocked => format!("Put {what} back on sale where it was taken off."),
        AlertKind::DemandSurge => format!("Bring in more of {what} before it is gone, or tell the host to announce the last units."),
        AlertKind::SessionSummary => "Compare the totals with the platform's own report, bring in what is short, and then send wave.closed.".to_owned(),
    }
}

fn recall_suggestion(alert: &Alert) -> String {
    let lot = lot(alert);
    match &alert.sku {
        None => format!(
            "Turn {lot} away when it comes; if it is here already, check its lot_id and send stock.recalled again."
        ),
        Some(_) => format!(
            "Take {lot} off the shelf, and whatever still comes of it; bring in other stock for the orders that wait."
        ),
    }
}

fn stock_mismatch_suggestion(alert: &Alert) -> String {
    match alert.facts {
        Facts::Parcel { .. } => format!(
            "Ask the courier whether {} is really on the truck; if not, bring it back and send stock.adjusted.",
            orders(alert)
        ),
        _ => format!(
            "Count {} again and send stock.counted; look for deliveries or losses that were not recorded.",
            sku(alert)
        ),
    }
}

fn orders(alert: &Alert) -> String {
    let mut named: Vec<String> = Vec::new();
    for order in alert.orders.iter().take(ORDERS_NAMED_MAX) {
        named.push(format!("order {} of {}", order.order_id, order.platform));
    }
    let more = alert.orders_total.saturating_sub(named.len() as u64);
    match (named.is_empty(), more) {
        (true, 0) => "no order".to_owned(),
        (true, 1) => "1 order".to_owned(),
        (true, more) => format!("{more} orders"),
        (false, 0) => named.join(", "),
        (false, more) => format!("{} and {more} more", named.join(", ")),
    }
}

fn count(alert: &Alert) -> String {
    if alert.orders_total == 1 {
        "1 order".to_owned()
    } else {
        format!("{} orders", alert.orders_total)
    }
}

fn sku(alert: &Alert) -> String {
    match &alert.sku {
        Some(sku) => sku.to_string(),
        None => {
            let skus: Vec<_> = shortages(alert).into_iter().map(|(sku, _)| sku).collect();
            if skus.is_empty() { "the SKU".to_owned() } else { skus.join(", ") }
        }
    }
}

fn missing(alert: &Alert) -> String {
    let parts: Vec<_> = shortages(alert)
        .into_iter()
        .map(|(sku, count)| format!("{} of {sku}", units(count)))
        .collect();
    // The list of orders is cut at 100; only where it is whole are its sums what is missing.
    if parts.is_empty() || alert.orders_total > alert.orders.len() as u64 {
        format!("{} of {}", units(alert.shortage), sku(alert))
    } else {
        parts.join(", ")
    }
}

fn on(alert: &Alert) -> String {
    alert.platform.as_ref().map(|platform| format!(" on {platform}")).unwrap_or_default()
}

fn lot(alert: &Alert) -> String {
    match &alert.facts {
        // A lot that is still to come.
        Facts::Lot { lot_id, .. } if alert.sku.is_none() => format!("lot {lot_id}"),
        Facts::Lot { lot_id, .. } | Facts::Complaints { lot_id, .. } => {
            format!("lot {lot_id} of {}", sku(alert))
        }
        _ => format!("a lot of {}", sku(alert)),
    }
}

fn removed(alert: &Alert) -> String {
    match alert.facts {
        Facts::Lot { removed, .. } => format!("{} taken out of stock", units(removed)),
        _ => "taken out of stock".to_owned(),
    }
}

fn promised(alert: &Alert) -> String {
    if alert.orders_total == 0 {
        String::new()
    } else {
        format!("; still promised to {}", orders(alert))
    }
}

fn lost(alert: &Alert) -> String {
    if alert.orders_total == 0 {
        String::new()
    } else {
        format!("; short by it: {}", orders(alert))
    }
}

fn left(alert: &Alert) -> String {
    match alert.facts {
        Facts::Left { available } => units(available),
        _ => "few units".to_owned(),
    }
}

fn surge(alert: &Alert) -> String {
    match alert.facts {
        Facts::Surge { asked, left, sold_out_at } => format!(
            "{} is in demand: {} asked for within a minute, {} left. If it goes on so, it is gone at {}.",
            sku(alert),
            units(asked),
            units(left),
            rfc3339(sold_out_at)
        ),
        _ => format!("More of {} is asked for than will be there for long.", sku(alert)),
    }
}

fn complaints(alert: &Alert) -> String {
    let orders = orders(alert);
    match &alert.facts {
        Facts::Complaints { buyers, left, .. } => format!(
            "{buyers} buyers complain about {}, which left with {left} orders: {orders}.",
            lot(alert)
        ),
        _ => format!("Complaints about {} after hand-over: {orders}.", sku(alert)),
    }
}

fn summary(alert: &Alert) -> String {
    let orders = count(alert);
    match &alert.facts {
        Facts::Session { session_id, units: sum, paid, waiting, claims } => format!(
            "Session {session_id} has ended with {orders} of {}: {paid} paid, {waiting} waiting for {}; {claims} claims were released.",
            units(*sum),
            units(alert.shortage)
        ),
        _ => format!("A session has ended with {orders}."),
    }
}

fn event(alert: &Alert) -> String {
    let about =
        if alert.orders_total == 0 { String::new() } else { format!(" about {}", orders(alert)) };
    match &alert.facts {
        Facts::Event { event_id } => format!("Event {event_id}{}{about}", from(alert)),
        _ => format!("An event{}{about}", from(alert)),
    }
}

fn from(alert: &Alert) -> String {
    alert.platform.as_ref().map(|platform| format!(" from {platform}")).unwrap_or_default()
}

fn rejects(alert: &Alert) -> String {
    let of =
        if alert.pool.is_empty() { String::new() } else { format!(" for pool {}", alert.pool) };
    match alert.facts {
        Facts::Rejects { count: 1, first } => {
            format!("1 event{of} could not be taken: {}.", first.as_str())
        }
        Facts::Rejects { count, first } => {
            format!(
                "{count} events{of} could not be taken, the first of them because of {}.",
                first.as_str()
            )
        }
        _ => format!("Events{of} could not be taken."),
    }
}

fn mismatch(alert: &Alert) -> String {
    match alert.facts {
        Facts::Mismatch { books, reported } if reported < 0 => {
            let taken = units(reported.unsigned_abs());
            format!(
                "{}: an adjustment takes off {taken}, but the books have {}; it was cut.",
                sku(alert),
                units(books)
            )
        }
        Facts::Mismatch { books, reported } => {
            format!("{}: the books say {}, the count says {reported}.", sku(alert), units(books))
        }
        Facts::Parcel { number: 0 } => {
            format!("Handed over without ever having a parcel: {}. No stock moved.", orders(alert))
        }
        Facts::Parcel { number } => {
            format!(
                "Parcel {number} of {} left though it was cancelled; its units are off the books.",
                orders(alert)
            )
        }
        _ => format!("{}: the books and the shelf differ.", sku(alert)),
    }
}
