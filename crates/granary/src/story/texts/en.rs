//! The story in English.

use allotment::{Id, Limit, Need, Promised, Share};

use super::Sentences;
use crate::story::{Became, Gap, Heard, short_by};

pub(super) struct En;

impl Sentences for En {
    fn heading(&self, order: &str, pool: &str, stands: Option<(&str, bool)>) -> String {
        match stands {
            Some((standing, paid)) => {
                let paid = if paid { "paid" } else { "not paid" };
                format!("Order {order} in pool {pool}: {standing}, {paid}")
            }
            None => format!("Order {order} in pool {pool}: nothing is decided of it"),
        }
    }

    fn place(&self, place: u64) -> String {
        format!(", place {place} in line")
    }

    fn clock(&self, zone: &str) -> String {
        format!(" (times in {zone})")
    }

    fn gap(&self, gap: &Gap) -> String {
        match gap {
            Gap::InputGone { topic, offset } => {
                format!("What came before offset {offset} of {topic} is no longer on the topic.")
            }
            Gap::DecisionsGone { number } => {
                format!("Its decisions before #{number} are no longer on their topic.")
            }
            Gap::Otherwise { number } => format!(
                "From what is left, decision #{number} can't be decided again as it was: what follows is what was told, without the stock that was behind it."
            ),
            Gap::OtherBooks { sku } => format!(
                "From what is left, the books of {sku} can't be made up as they were: what was behind its decisions can't be told."
            ),
        }
    }

    fn became(&self, heard: &Heard) -> String {
        match &heard.became {
            Became::Applied | Became::Taken => String::new(),
            Became::Duplicate => ": came before, nothing done".to_owned(),
            Became::Conflict => {
                ": its id was used before for other content, nothing done".to_owned()
            }
            Became::DeadLetter { code, message } => {
                format!(": dead letter, {}", told_once(code.as_str(), message))
            }
        }
    }

    fn unreadable(&self) -> &'static str {
        "an event that can't be taken"
    }

    fn then(&self, cause: Option<&str>) -> String {
        cause.map_or_else(|| "time passed".to_owned(), |cause| format!("after event {cause}"))
    }

    fn short(&self, need: &Need, platform: &str, until: Option<&str>) -> String {
        let sku = &need.sku;
        if !need.known {
            return format!("{sku}: no catalogue or stock event has named it");
        }
        let books = &need.books;
        let mut parts = vec![format!("{} received", books.received)];
        let mut more = |units: u64, what: &str| {
            if units > 0 {
                parts.push(format!("{units} {what}"));
            }
        };
        more(books.adjusted_in, "found or adjusted in");
        more(need.allocated_before, "allocated to orders before it");
        more(need.reserved_before, "reserved for unpaid orders before it");
        more(need.allocated_after, "allocated to orders after it");
        more(need.reserved_after, "reserved for unpaid orders after it");
        more(need.claimed, "of the reserved for claims in comments");
        more(books.handed_over, "handed over to the courier");
        more(books.awaiting_inspection, "awaiting inspection");
        more(books.removed, "removed (lost, failed, recalled or expired)");
        more(need.held, "held for it");
        more(need.waiting_before, "waited for by orders before it");
        if books.available > 0 {
            let (left, needs) = (books.available, need.units - need.held);
            parts.push(format!("{left} left for the {needs} that it needs"));
        }
        parts.extend(need.share.as_ref().map(|share| shared(share, platform)));
        parts.extend(need.promised.as_ref().map(|promised| of_promise(promised, until)));
        format!("short by {} of {sku}: {}", short_by(need), parts.join(", "))
    }

    fn limit(&self, limit: &Limit, asks: bool) -> String {
        let Limit { sku, limit, others, asks: units } = limit;
        let own = if asks { "asks for" } else { "has" };
        format!(
            "one person may have {limit} of {sku}: other orders and claims of the buyer have {others}, this order {own} {units}"
        )
    }

    fn took_over(&self, claims: &[(Id, u64)]) -> String {
        format!("took over what its buyer had claimed in comments: {}", list(claims))
    }

    fn passed_over(&self, orders: usize, until: Option<&str>, lacks: &[(Id, u64)]) -> String {
        let orders = if orders == 1 { "1 order".to_owned() } else { format!("{orders} orders") };
        let until = until.map_or_else(String::new, |until| format!(" until {until}"));
        let lacks = list(lacks);
        format!(
            "passed over{until}: {orders} behind it got stock; it waits for {lacks}, all at once, and keeps its place"
        )
    }

    fn parcel(&self, kind: &str, number: &str, revision: u64, content: &str) -> String {
        match kind {
            "fulfillment.requested" => {
                format!("courier: send parcel {number}, revision {revision}: {content}")
            }
            "fulfillment.revised" => {
                format!("courier: parcel {number} is now revision {revision}: {content}")
            }
            _ => {
                format!("courier: parcel {number} must not leave, revision {revision}: {content}")
            }
        }
    }

    fn wave(&self, wave: &str) -> String {
        format!("courier: its parcel is in wave {wave}")
    }

    fn alert(&self, kind: &str, severity: &str, message: &str) -> String {
        format!("alert {kind}, {severity}: {message}")
    }

    fn unknown(&self, order: &str, searched: &str) -> String {
        format!(
            "no record of order {order} in {searched}\n  check platform and order id; what was not taken yet, or is older than the topics' retention, can't be told"
        )
    }
}

/// `2 of orange-5kg, 1 of tea`
fn list(units: &[(Id, u64)]) -> String {
    let one = |(sku, units): &(Id, u64)| format!("{units} of {sku}");
    units.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn shared(share: &Share, platform: &str) -> String {
    let Share { sellable, safety_stock, kept_for_others, most, used } = *share;
    let mut why = Vec::new();
    if safety_stock > 0 {
        why.push(format!("{safety_stock} are safety stock"));
    }
    if kept_for_others > 0 {
        why.push(format!("{kept_for_others} are kept for other platforms"));
    }
    if let Some(most) = most {
        why.push(format!("it has {used} of at most {most}"));
    }
    let why = if why.is_empty() { String::new() } else { format!(" ({})", why.join(", ")) };
    format!("{platform} may sell {sellable} more{why}")
}

fn of_promise(promised: &Promised, until: Option<&str>) -> String {
    let Promised { limit, joined, own, .. } = promised;
    let until = until.map_or_else(String::new, |until| format!(" until {until}"));
    let own = if *own > 0 { format!(", {own} of them to it") } else { String::new() };
    format!("{joined} of {limit} promised beyond stock{until}{own}")
}

/// A code and its message, which may begin with it.
pub(super) fn told_once(code: &str, message: &str) -> String {
    if message.is_empty() || message.starts_with(code) {
        format!("{code}{}", message.strip_prefix(code).unwrap_or_default())
    } else {
        format!("{code}: {message}")
    }
}
