//! What the platforms and the courier tell about the orders, each in its own way.

use serde_json::{Map, Value, json};

use super::Topic;
use super::orders::{Fate, Order};
use super::shelf::{GOODS, object};
use super::stage::{Happening, SECOND, SHOW};
use crate::rng::Rng;

/// When the vans leave; each takes what was paid until five minutes before.
const VANS: [i64; 2] = [1_500 * SECOND, SHOW - 10 * SECOND];
/// Between the last payment that a van takes and its leaving.
const LOADING: i64 = 300 * SECOND;
/// Parcels in one message of the courier.
const PARCELS_A_MESSAGE: usize = 60;

/// All that is told about one order.
pub(super) fn tell(order: &Order, pool: &str, rng: &mut Rng) -> Vec<Happening> {
    let mut teller = Teller { order, pool, version: 0, out: Vec::new() };
    let placed = order.placed;
    teller.lines(placed, "order.created", &order.lines);
    match order.fate {
        Fate::Pays { pay } | Fate::PaysLate { pay } => teller.paid(placed + pay, &order.lines, rng),
        Fate::Expires { told_after } => {
            if let Some(after) = told_after {
                teller.say(placed + after, "order.cancelled", Map::new());
            }
        }
        Fate::Cancels { after } => teller.say(placed + after, "order.cancelled", Map::new()),
        Fate::PaysThenCancels { pay, cancel } => {
            teller.paid(placed + pay, &order.lines, rng);
            teller.say(placed + pay + cancel, "order.cancelled", Map::new());
        }
        Fate::Refunded { pay, refund, all } => {
            teller.paid(placed + pay, &order.lines, rng);
            teller.refunded(placed + pay + refund, all, rng);
        }
        Fate::Amended { pay, units } => {
            let mut lines = order.lines.clone();
            lines[0].1 = units;
            teller.lines(placed + pay / 2, "order.amended", &lines);
            teller.paid(placed + pay, &lines, rng);
        }
        Fate::Held { pay, clear } => {
            teller.paid(placed + pay, &order.lines, rng);
            teller.say(placed + pay + 300, "order.held", Map::new());
            teller.say(placed + pay + clear, "order.cleared", Map::new());
        }
        Fate::Repaired { pay, pull } => teller.snapshot(placed + pay + pull),
    }
    teller.out
}

/// The vans: each takes parcels that nothing else ever happens to, oldest first.
pub(super) fn vans(orders: &[Order], pool: &str) -> Vec<Happening> {
    let mut loaded = 0;
    let mut out = Vec::new();
    for (van, leaves) in VANS.into_iter().enumerate() {
        let mut parcels = Vec::new();
        for order in orders {
            let paid = order.simply_paid_at().unwrap_or(SHOW);
            if (loaded..leaves - LOADING).contains(&paid) {
                parcels.push(json!({"platform": order.platform, "order_id": id_json(order)}));
            }
        }
        loaded = leaves - LOADING;
        for (part, parcels) in parcels.chunks(PARCELS_A_MESSAGE).enumerate() {
            out.push(Happening {
                at: leaves + i64::try_from(part).expect("a few messages") * SECOND,
                topic: Topic::Stock,
                kind: "shipment.handed_over",
                platform: None,
                event_id: Some(json!(format!("van-{pool}-{}-{part}", van + 1))),
                fields: object(json!({"orders": parcels})),
                travel: None,
            });
        }
    }
    out
}

/// The lines as an event has them.
pub(super) fn lines_json(lines: &[(usize, u32)]) -> Value {
    let line = |(nth, (item, units)): (usize, &(usize, u32))| json!({"line_id": (nth + 1).to_string(), "sku": GOODS[*item].sku, "quantity": units});
    lines.iter().enumerate().map(line).collect()
}

struct Teller<'a> {
    order: &'a Order,
    pool: &'a str,
    version: i64,
    out: Vec<Happening>,
}

impl Teller<'_> {
    fn lines(&mut self, at: i64, kind: &'static str, lines: &[(usize, u32)]) {
        self.say(at, kind, object(json!({"lines": lines_json(lines)})));
    }

    /// Half of the payments repeat the lines; the other half rests on what came before.
    fn paid(&mut self, at: i64, lines: &[(usize, u32)], rng: &mut Rng) {
        if rng.percent(50) {
            self.lines(at, "order.paid", lines);
        } else {
            self.say(at, "order.paid", Map::new());
        }
    }

    /// All of it, or one unit of the first line: by line, or only by SKU, as the platform likes.
    fn refunded(&mut self, at: i64, all: bool, rng: &mut Rng) {
        let sku = GOODS[self.order.lines[0].0].sku;
        let line = if rng.percent(50) {
            json!({"line_id": "1", "sku": sku, "quantity": 1})
        } else {
            json!({"sku": sku, "quantity": 1})
        };
        let fields = if all { Map::new() } else { object(json!({"lines": [line]})) };
        self.say(at, "order.refunded", fields);
    }

    fn snapshot(&mut self, at: i64) {
        let fields = json!({"status": "paid", "lines": lines_json(&self.order.lines)});
        self.say(at, "order.snapshot", object(fields));
    }

    fn say(&mut self, at: i64, kind: &'static str, mut fields: Map<String, Value>) {
        let order = self.order;
        self.version += 1;
        fields.insert("order_id".into(), id_json(order));
        fields.insert("buyer_id".into(), order.buyer.as_str().into());
        if let Some(person) = &order.person {
            fields.insert("person_ref".into(), person.as_str().into());
        }
        fields.insert("recipient_ref".into(), order.recipient.as_str().into());
        fields.insert("session_id".into(), format!("s-{}-{}", self.pool, order.platform).into());
        // Two of the platforms count the changes of an order.
        if matches!(order.platform, "weixin" | "taobao") {
            fields.insert("version".into(), self.version.into());
        }
        self.out.push(Happening {
            at,
            topic: Topic::Orders,
            kind,
            platform: Some(order.platform),
            event_id: event_id(order, self.version),
            fields,
            travel: order.punctual.then_some(400),
        });
    }
}

/// Douyin's ids are JSON numbers, the others' strings.
fn id_json(order: &Order) -> Value {
    if order.platform == "douyin" { json!(order.id) } else { json!(order.id.to_string()) }
}

/// Taobao's deliveries have no identity of their own; it is derived from the order's.
fn event_id(order: &Order, version: i64) -> Option<Value> {
    match order.platform {
        "taobao" => None,
        "douyin" => {
            Some(json!(order.id * 100 + u64::try_from(version).expect("versions count from one")))
        }
        platform => Some(json!(format!("{}{}-{version}", &platform[..2], order.id))),
    }
}
