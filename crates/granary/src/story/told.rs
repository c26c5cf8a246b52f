//! What the output topics say of an order, and whether it is what was decided again.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{Id, OrderRef, Time};
use contract::proto::output as proto;
use contract::{Encoding, Topic, headers};
use lane::Record;
use prost::Message;
use serde_json::{Value, json};

use crate::audit::{Level, encoding_of, text};

use super::{Chapter, Gap, Heard, Step, Telling, teller::Found};

/// What was told of one order in one of its pools, and of the pool's stock.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// By their number.
    decisions: BTreeMap<u64, Telling>,
    /// Parcels and alerts.
    others: Vec<Telling>,
    /// The newest of each SKU.
    levels: BTreeMap<Id, Level>,
}

impl Told {
    /// Takes in what a record says of the order, in whichever pool.
    pub(crate) fn take(
        all: &mut BTreeMap<Id, Self>,
        subject: &OrderRef,
        topic: Topic,
        record: &Record,
        encoding: Encoding,
    ) {
        let Some(mut value) = read(topic, record, encoding) else { return };
        let Some(pool) = value["pool"].as_str().map(Id::new) else { return };
        if !cut_to(&mut value, subject) {
            return;
        }
        let at = instant(&value).or_else(|| header_time(record)).unwrap_or(record.timestamp);
        let telling = Telling { topic, value, at, short: Vec::new(), limits: Vec::new() };
        let told = all.entry(pool).or_default();
        if topic == Topic::Decisions {
            let id = telling.value["decision_id"].as_str();
            let number = id.and_then(|id| id.rsplit_once('/')?.1.parse().ok());
            told.decisions.insert(number.unwrap_or(0), telling);
        } else {
            told.others.push(telling);
        }
    }

    /// Takes in a level, if it is of a pool that is known already.
    pub(crate) fn take_level(all: &mut BTreeMap<Id, Self>, record: &Record, encoding: Encoding) {
        let Some(level) = Level::read(record, encoding) else { return };
        let Some(told) = all.get_mut(&Id::new(&level.pool)) else { return };
        told.levels.insert(Id::new(&level.sku), level);
    }

    /// The levels that were told last.
    pub(crate) fn levels(&self) -> impl Iterator<Item = Level> {
        self.levels.values().cloned()
    }

    /// When the last of it was decided.
    pub(crate) fn last(&self) -> Option<Time> {
        let tellings = self.decisions.values().chain(&self.others);
        tellings.map(|telling| telling.at).max()
    }
}

/// Holds what was decided again against what was told: where the two are not the same the story is what was
/// told. `gone` says what is no longer on the topics.
pub(crate) fn check(found: Found, told: BTreeMap<Id, Told>, gone: &[Gap]) -> Vec<Chapter> {
    let Found { mut chapters, met } = found;
    let mut checked = Vec::new();
    for (pool, told) in told {
        let chapter = chapters.remove(&pool).unwrap_or_else(|| Chapter::new(pool));
        checked.push(check_one(chapter, told, &met, gone));
    }
    // What was taken but a moment ago may not have been told when that was read.
    checked.extend(chapters.into_values());
    checked.retain(|chapter| !chapter.steps.is_empty());
    checked
}

fn check_one(mut chapter: Chapter, told: Told, met: &BTreeSet<(Id, Id)>, gone: &[Gap]) -> Chapter {
    let again = decisions(&chapter);
    let other = |(number, telling): (&u64, &Telling)| {
        let same = again.get(number).is_some_and(|again| is_same(again, &telling.value));
        (!same).then_some(*number)
    };
    if let Some(number) = told.decisions.iter().find_map(other) {
        let mut gaps = gone.to_vec();
        match told.decisions.keys().next() {
            Some(&first) if first > 1 => gaps.push(Gap::DecisionsGone { number: first }),
            _ => {}
        }
        gaps.push(Gap::Otherwise { number });
        return as_told(chapter, told, gaps);
    }
    // Of what nothing has named no level is told.
    let unmet = |sku: &Id| {
        told.levels.contains_key(sku) && !met.contains(&(chapter.pool.clone(), sku.clone()))
    };
    if let Some(sku) = skus_behind(&chapter).into_iter().find(unmet) {
        chapter.gaps = gone.to_vec();
        chapter.gaps.push(Gap::OtherBooks { sku });
        chapter.account = None;
        chapter.steps.retain(|step| !matches!(step, Step::PassedOver { .. } | Step::TookOver(..)));
        for step in &mut chapter.steps {
            if let Step::Telling(telling) = step {
                telling.short.clear();
                telling.limits.clear();
            }
        }
    }
    chapter
}

fn decisions(chapter: &Chapter) -> BTreeMap<u64, Value> {
    let of = |step: &Step| match step {
        Step::Telling(telling) if telling.topic == Topic::Decisions => {
            let id = telling.value["decision_id"].as_str()?;
            Some((id.rsplit_once('/')?.1.parse().ok()?, telling.value.clone()))
        }
        _ => None,
    };
    chapter.steps.iter().filter_map(of).collect()
}

/// Texts and times aside: what other pools of the partition did to `now` is not decided again.
fn is_same(again: &Value, told: &Value) -> bool {
    ["event_id", "outcome", "reason", "standing", "paid", "held", "lines"]
        .into_iter()
        .all(|field| again[field] == told[field])
}

/// The SKUs whose books are behind what the story says.
fn skus_behind(chapter: &Chapter) -> BTreeSet<Id> {
    let named = |of: &[(Id, u64)]| of.iter().map(|(sku, _)| sku.clone()).collect::<Vec<_>>();
    let of = |step: &Step| match step {
        Step::Telling(telling) => {
            let needs = telling.short.iter().map(|need| &need.sku);
            needs.chain(telling.limits.iter().map(|limit| &limit.sku)).cloned().collect()
        }
        Step::PassedOver { lacks, .. } => named(lacks),
        Step::TookOver(_, claims) => named(claims),
        Step::Event(_) | Step::Then(..) => Vec::new(),
    };
    chapter.steps.iter().flat_map(of).collect()
}

/// What was told, with the events that are still on the topics where they belong.
fn as_told(chapter: Chapter, told: Told, gaps: Vec<Gap>) -> Chapter {
    const EVENT: u8 = 0;
    const DECISION: u8 = 1;
    const OTHER: u8 = 2;
    let mut steps: Vec<((Time, u64, u8), Step)> = Vec::new();
    let mut answered: BTreeSet<u64> = BTreeSet::new();
    for step in chapter.steps {
        let Step::Event(heard) = step else { continue };
        let answer = told.decisions.iter().find(|(number, telling)| {
            !answered.contains(*number)
                && telling.value["event_id"].as_str() == heard.event_id.as_ref().map(Id::as_str)
        });
        let key = answer.map(|(&number, telling)| (telling.at, number, EVENT));
        answered.extend(answer.map(|(number, _)| *number));
        if heard.own || key.is_some() {
            let key = key.or_else(|| heard.arrival.map(|at| (at, 0, EVENT)));
            steps
                .push((key.unwrap_or((Time::MIN, 0, EVENT)), Step::Event(heard.without_outcome())));
        }
    }
    // What was told beside a decision follows the first of its instant.
    let mut first: BTreeMap<Time, u64> = BTreeMap::new();
    for (number, telling) in told.decisions {
        let at = telling.at;
        if !answered.contains(&number) {
            let cause = telling.value["event_id"].as_str().filter(|cause| *cause != "tick");
            steps.push(((at, number, EVENT), Step::Then(at, cause.map(str::to_owned))));
        }
        first.entry(at).or_insert(number);
        steps.push(((at, number, DECISION), Step::Telling(telling)));
    }
    for telling in told.others {
        let at = telling.at;
        let number = *first.entry(at).or_insert_with(|| {
            steps.push(((at, 0, EVENT), Step::Then(at, None)));
            0
        });
        steps.push(((at, number, OTHER), Step::Telling(telling)));
    }
    steps.sort_by_key(|(key, _)| *key);
    let steps = steps.into_iter().map(|(_, step)| step).collect();
    Chapter { steps, account: None, gaps, ..chapter }.tidied()
}

impl Heard {
    /// What became of it when it is decided again may not be what did then; what can be seen in itself is.
    fn without_outcome(self) -> Self {
        let seen = matches!(self.became, super::Became::DeadLetter { .. }) && self.kind.is_none();
        if seen { self } else { Self { became: super::Became::Taken, ..self } }
    }
}

/// Leaves in a record what is of the order; `false` where nothing is.
pub(super) fn cut_to(value: &mut Value, subject: &OrderRef) -> bool {
    let is = |of: &Value| {
        of["platform"].as_str() == Some(subject.platform.as_str())
            && of["order_id"].as_str() == Some(subject.order_id.as_str())
    };
    if value.get("order_id").is_some() {
        return is(value);
    }
    for field in ["orders", "parcels"] {
        if let Some(list) = value.get_mut(field).and_then(Value::as_array_mut) {
            list.retain(|entry| is(entry));
            let some = !list.is_empty();
            if let Some(fields) = value.as_object_mut() {
                // A page's totals are those of all of its parcels.
                fields.remove("totals");
            }
            return some;
        }
    }
    false
}

fn instant(value: &Value) -> Option<Time> {
    let fields = ["decided_at", "requested_at", "raised_at"];
    let text = fields.iter().find_map(|field| value[*field].as_str())?;
    crate::instant::parse(text).ok()
}

fn header_time(record: &Record) -> Option<Time> {
    crate::instant::parse(text(record, headers::CE_TIME)?).ok()
}

/// A record's value as it is in JSON.
fn read(topic: Topic, record: &Record, encoding: Encoding) -> Option<Value> {
    let bytes = record.value.as_deref()?;
    match (encoding_of(record, encoding), topic) {
        (Encoding::Json, _) => serde_json::from_slice(bytes).ok(),
        (Encoding::Protobuf, Topic::Decisions) => decision(bytes),
        (Encoding::Protobuf, Topic::Fulfillment) => fulfillment(bytes),
        (Encoding::Protobuf, Topic::Alerts) => alert(bytes),
        (Encoding::Protobuf, _) => None,
    }
}

fn decision(bytes: &[u8]) -> Option<Value> {
    let of = proto::Decision::decode(bytes).ok()?;
    let line = |line: &proto::DecidedLine| {
        json!({
            "line_id": line.line_id, "sku": line.sku, "quantity": line.quantity,
            "reserved": line.reserved, "allocated": line.allocated, "waitlisted": line.waitlisted,
        })
    };
    let lines: Vec<_> = of.lines.iter().map(line).collect();
    let event_id = Some(of.event_id).filter(|id| !id.is_empty());
    let mut value = json!({
        "type": of.r#type, "decision_id": of.decision_id, "platform": of.platform, "pool": of.pool,
        "order_id": of.order_id, "outcome": of.outcome, "reason": of.reason, "detail": of.detail,
        "standing": of.standing, "paid": of.paid, "held": of.held, "lines": lines,
        "decided_at": crate::instant::rfc3339(Time(of.decided_at)),
    });
    if let Some(event_id) = event_id {
        value["event_id"] = event_id.into();
    }
    Some(value)
}

fn fulfillment(bytes: &[u8]) -> Option<Value> {
    use proto::fulfillment::What;
    Some(match proto::Fulfillment::decode(bytes).ok()?.what? {
        What::Requested(of) => parcel("fulfillment.requested", &of),
        What::Revised(of) => parcel("fulfillment.revised", &of),
        What::Cancelled(of) => json!({
            "type": "fulfillment.cancelled", "fulfillment_id": of.fulfillment_id, "revision": of.revision,
            "pool": of.pool, "platform": of.platform, "order_id": of.order_id, "reason": of.reason,
        }),
        What::Manifest(of) => {
            let parcel = |of: &proto::ManifestParcel| {
                json!({
                    "platform": of.platform, "order_id": of.order_id,
                    "fulfillment_id": of.fulfillment_id, "revision": of.revision,
                })
            };
            let parcels: Vec<_> = of.parcels.iter().map(parcel).collect();
            json!({
                "type": "fulfillment.manifest", "wave_id": of.wave_id, "pool": of.pool,
                "page": of.page, "pages": of.pages, "parcels": parcels,
            })
        }
    })
}

fn parcel(kind: &str, of: &proto::Parcel) -> Value {
    let lots = |lots: &[proto::LotShare]| -> Vec<Value> {
        lots.iter().map(|lot| json!({"lot_id": lot.lot_id, "quantity": lot.quantity})).collect()
    };
    let component = |of: &proto::ParcelComponent| json!({"sku": of.sku, "quantity": of.quantity, "lots": lots(&of.lots)});
    let line = |line: &proto::ParcelLine| {
        let components: Vec<_> = line.components.iter().map(component).collect();
        json!({
            "line_id": line.line_id, "sku": line.sku, "quantity": line.quantity,
            "lots": lots(&line.lots), "components": components,
        })
    };
    let lines: Vec<_> = of.lines.iter().map(line).collect();
    json!({
        "type": kind, "fulfillment_id": of.fulfillment_id, "revision": of.revision, "pool": of.pool,
        "platform": of.platform, "order_id": of.order_id, "lines": lines,
        "requested_at": crate::instant::rfc3339(Time(of.requested_at)),
    })
}

fn alert(bytes: &[u8]) -> Option<Value> {
    let of = proto::Alert::decode(bytes).ok()?;
    let order = |of: &proto::AlertOrder| json!({"platform": of.platform, "order_id": of.order_id, "shortage": of.shortage});
    let orders: Vec<_> = of.orders.iter().map(order).collect();
    Some(json!({
        "alert_id": of.alert_id, "type": of.r#type, "severity": of.severity, "pool": of.pool,
        "sku": of.sku, "shortage": of.shortage, "orders": orders, "orders_total": of.orders_total,
        "message": of.message, "suggestion": of.suggestion,
        "raised_at": crate::instant::rfc3339(Time(of.raised_at)),
    }))
}
