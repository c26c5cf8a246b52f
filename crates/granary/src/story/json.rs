//! The story for programs: one JSON object.

use allotment::{Account, Id, Limit, Need, OrderRef, Promised, Share, Time};
use contract::words;
use serde_json::{Map, Value, json};

use super::{Became, Chapter, Gap, Heard, Step, short_by, waits};
use crate::instant::rfc3339;

/// The story of an order, a chapter for each pool.
pub(crate) fn as_json(subject: &OrderRef, chapters: &[Chapter]) -> Value {
    json!({
        "platform": subject.platform.as_str(),
        "order_id": subject.order_id.as_str(),
        "pools": chapters.iter().map(chapter).collect::<Vec<_>>(),
    })
}

fn chapter(chapter: &Chapter) -> Value {
    let mut value = json!({
        "pool": chapter.pool.as_str(),
        "reasons": chapter.gaps.is_empty(),
        "gaps": chapter.gaps.iter().map(gap).collect::<Vec<_>>(),
        "steps": chapter.steps.iter().map(step).collect::<Vec<_>>(),
    });
    match (&chapter.account, chapter.last_decision()) {
        (Some(Account { standing, paid, place, needs, .. }), _) => {
            value["standing"] = words::standing(*standing).into();
            value["paid"] = (*paid).into();
            value["place"] = (*place).into();
            if waits(*standing) {
                value["waits_for"] = needs.iter().map(need).collect();
            }
        }
        (None, Some(told)) => {
            value["standing"] = told["standing"].clone();
            value["paid"] = told["paid"].clone();
        }
        (None, None) => {}
    }
    value
}

fn step(step: &Step) -> Value {
    match step {
        Step::Event(of) => heard(of),
        Step::Then(at, None) => json!({"step": "time", "at": rfc3339(*at)}),
        Step::Then(at, Some(cause)) => {
            json!({"step": "event", "own": false, "at": rfc3339(*at), "event_id": cause})
        }
        Step::Telling(telling) => {
            let mut value = json!({
                "step": telling.topic.default_name().trim_start_matches("granary."),
                "at": rfc3339(telling.at),
                "value": telling.value,
            });
            if !telling.short.is_empty() {
                value["short"] = telling.short.iter().map(need).collect();
            }
            if !telling.limits.is_empty() {
                value["limits"] = telling.limits.iter().map(limit).collect();
            }
            value
        }
        Step::TookOver(at, claims) => {
            json!({"step": "claims_taken_over", "at": rfc3339(*at), "claims": units(claims)})
        }
        Step::PassedOver { at, until, orders, lacks } => json!({
            "step": "passed_over", "at": rfc3339(*at), "until": rfc3339(*until), "orders": orders,
            "lacks": units(lacks),
        }),
    }
}

fn units(of: &[(Id, u64)]) -> Vec<Value> {
    of.iter().map(|(sku, units)| json!({"sku": sku.as_str(), "quantity": units})).collect()
}

fn heard(of: &Heard) -> Value {
    let mut value = Map::new();
    let mut put = |field: &str, with: Option<Value>| {
        if let Some(with) = with {
            value.insert(field.to_owned(), with);
        }
    };
    let time = |time: Option<Time>| time.map(|time| Value::from(rfc3339(time)));
    put("step", Some("event".into()));
    put("own", Some(of.own.into()));
    put("topic", Some(of.place.source.as_str().into()));
    put("partition", of.place.partition.map(Value::from));
    put("offset", Some(of.place.offset.into()));
    put("entry", of.place.entry.map(Value::from));
    put("arrival", time(of.arrival));
    put("occurred_at", time(of.occurred_at));
    put("type", of.kind.map(Value::from));
    put("platform", of.platform.as_ref().map(|id| id.as_str().into()));
    put("event_id", of.event_id.as_ref().map(|id| id.as_str().into()));
    let became = match &of.became {
        Became::Applied => "applied",
        Became::Duplicate => "duplicate",
        Became::Conflict => "conflict",
        Became::DeadLetter { .. } => "dead_letter",
        Became::Taken => "taken",
    };
    put("became", Some(became.into()));
    if let Became::DeadLetter { code, message } = &of.became {
        put("error_code", Some(code.as_str().into()));
        put("error_message", Some(message.as_str().into()));
    }
    Value::Object(value)
}

fn need(need: &Need) -> Value {
    let books = need.books;
    let mut value = json!({
        "sku": need.sku.as_str(), "known": need.known, "needs": need.units, "holds": need.held,
        "short_by": short_by(need), "received": books.received, "adjusted_in": books.adjusted_in,
        "available": books.available, "reserved": books.reserved, "allocated": books.allocated,
        "awaiting_inspection": books.awaiting_inspection, "handed_over": books.handed_over,
        "removed": books.removed, "reserved_before": need.reserved_before,
        "allocated_before": need.allocated_before, "reserved_after": need.reserved_after,
        "allocated_after": need.allocated_after, "claimed": need.claimed,
        "waiting_before": need.waiting_before,
    });
    if let Some(Share { sellable, safety_stock, kept_for_others, most, used }) = need.share {
        value["channel"] = json!({
            "sellable": sellable, "safety_stock": safety_stock, "kept_for_others": kept_for_others,
            "max": most, "used": used,
        });
    }
    if let Some(Promised { limit, until, joined, own }) = need.promised {
        value["backorder"] = json!({
            "limit": limit, "until": until.map(rfc3339), "joined": joined, "own": own,
        });
    }
    value
}

fn limit(limit: &Limit) -> Value {
    json!({
        "sku": limit.sku.as_str(), "limit_per_buyer": limit.limit, "others": limit.others,
        "asks": limit.asks,
    })
}

fn gap(gap: &Gap) -> Value {
    match gap {
        Gap::InputGone { topic, offset } => {
            json!({"gap": "input_gone", "topic": topic, "before": offset})
        }
        Gap::DecisionsGone { number } => json!({"gap": "decisions_gone", "before": number}),
        Gap::Otherwise { number } => json!({"gap": "decided_otherwise", "decision": number}),
        Gap::OtherBooks { sku } => json!({"gap": "other_books", "sku": sku.as_str()}),
    }
}
