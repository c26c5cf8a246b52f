//! What has been seen of an evening so far: input as it was published, output as it was read back.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::Value;

/// Lines of news that are kept: more than any terminal shows at once.
const NEWS_KEPT: usize = 200;
/// Seconds of the order rate that are kept, one number each.
const RATE_KEPT: usize = 120;

/// The types whose every event is answered. What is of no known type goes to the dead letters alone.
const ANSWERED: [&str; 8] = [
    "order.created",
    "order.paid",
    "order.amended",
    "order.held",
    "order.cleared",
    "order.cancelled",
    "order.refunded",
    "order.snapshot",
];

/// Everything that has been seen.
#[derive(Debug, Default)]
pub(crate) struct Scene {
    /// Since the evening began.
    pub(crate) elapsed: Duration,
    /// Records published to the input topics.
    pub(crate) published: u64,
    /// Order events among them that have an order to answer.
    pub(crate) order_events: BTreeMap<EventKey, u64>,
    /// Answers to those.
    pub(crate) answers: BTreeMap<EventKey, u64>,
    /// Decisions read.
    pub(crate) decisions: u64,
    /// Where each order stands now.
    pub(crate) standing: BTreeMap<OrderKey, String>,
    /// The newest level of each SKU, by pool and SKU.
    pub(crate) shelf: BTreeMap<(String, String), Level>,
    /// Alerts by type.
    pub(crate) alerts: BTreeMap<String, u64>,
    /// Dead letters by code.
    pub(crate) dead_letters: BTreeMap<String, u64>,
    /// Fulfillment records by type.
    pub(crate) fulfillments: BTreeMap<String, u64>,
    /// Answers by outcome.
    pub(crate) outcomes: BTreeMap<String, u64>,
    /// Newest last.
    pub(crate) alert_news: VecDeque<AlertNews>,
    /// Newest last.
    pub(crate) decision_news: VecDeque<DecisionNews>,
    /// What was decided in each second, oldest first; the last one still runs.
    pub(crate) rate: VecDeque<Second>,
    seconds_begun: u64,
    /// The pool that sells: the one that was heard of last.
    pub(crate) pool: String,
    /// The goods' names, by SKU, from the catalogue as it was published.
    pub(crate) names: BTreeMap<String, String>,
}

/// Pool, platform and order id.
pub(crate) type OrderKey = (String, String, String);
/// An order and the id of an event of it.
pub(crate) type EventKey = (OrderKey, String);

/// A SKU's books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level {
    /// Came in with lots.
    pub(crate) received: u64,
    /// Came in otherwise.
    pub(crate) adjusted_in: u64,
    /// Could be promised now.
    pub(crate) available: u64,
    /// Held for unpaid orders.
    pub(crate) reserved: u64,
    /// Committed to paid orders.
    pub(crate) allocated: u64,
    /// Not inspected yet.
    pub(crate) awaiting: u64,
    /// Gone with the courier.
    pub(crate) handed_over: u64,
    /// Gone otherwise.
    pub(crate) removed: u64,
    /// Waited for.
    pub(crate) waitlisted: u64,
    /// No platform can sell it.
    pub(crate) sold_out: bool,
}

impl Level {
    /// What came in over its life.
    pub(crate) const fn came(&self) -> u64 {
        self.received + self.adjusted_in
    }

    /// Where all of that is.
    pub(crate) const fn is(&self) -> u64 {
        self.available
            + self.reserved
            + self.allocated
            + self.awaiting
            + self.handed_over
            + self.removed
    }
}

/// What was decided in one second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Second {
    /// Decisions.
    pub(crate) decisions: u64,
    /// Orders that were heard of for the first time.
    pub(crate) orders: u64,
}

/// An alert, as one line of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AlertNews {
    /// When it was seen.
    pub(crate) at: Duration,
    /// `critical`, `warning` or `info`.
    pub(crate) severity: String,
    /// Its text.
    pub(crate) message: String,
}

/// A decision, as one line of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DecisionNews {
    /// When it was seen.
    pub(crate) at: Duration,
    /// The order's platform.
    pub(crate) platform: String,
    /// The order.
    pub(crate) order_id: String,
    /// What was decided.
    pub(crate) outcome: String,
    /// Why.
    pub(crate) reason: String,
    /// What it is about: `2 × orange-5kg`.
    pub(crate) what: String,
}

impl Scene {
    /// Time has passed.
    pub(crate) fn advance(&mut self, elapsed: Duration) {
        self.elapsed = elapsed;
        // The last number is of the second that runs.
        while self.seconds_begun <= elapsed.as_secs() {
            self.rate.push_back(Second::default());
            self.seconds_begun += 1;
        }
        let surplus = self.rate.len().saturating_sub(RATE_KEPT);
        self.rate.drain(..surplus);
    }

    /// A record was published to an input topic.
    pub(crate) fn publish(&mut self, value: &[u8]) {
        self.published += 1;
        match serde_json::from_slice(value) {
            Ok(Value::Array(entries)) => entries.iter().for_each(|entry| self.publish_event(entry)),
            Ok(event) => self.publish_event(&event),
            Err(_) => {}
        }
    }

    fn publish_event(&mut self, event: &Value) {
        let kind = text(event, "type");
        if kind == "catalogue.item" && !text(event, "name").is_empty() {
            self.names.insert(text(event, "sku"), text(event, "name"));
        }
        let Some(order) = order_key(event).filter(|_| ANSWERED.contains(&kind.as_str())) else {
            return;
        };
        *self.order_events.entry((order, event_id(event, &kind))).or_default() += 1;
    }

    /// A record was read from an output topic; `code` is its `error-code` header.
    pub(crate) fn read(&mut self, topic: OutputTopic, value: &[u8], code: Option<&str>) {
        if topic == OutputTopic::DeadLetter {
            *self.dead_letters.entry(code.unwrap_or("unknown").to_owned()).or_default() += 1;
            return;
        }
        let Ok(value) = serde_json::from_slice::<Value>(value) else { return };
        match topic {
            OutputTopic::Decisions => self.decided(&value),
            OutputTopic::Levels => self.level(&value),
            OutputTopic::Alerts => self.alert(&value),
            OutputTopic::Fulfillment => {
                *self.fulfillments.entry(text(&value, "type")).or_default() += 1
            }
            OutputTopic::DeadLetter => {}
        }
    }

    /// Order events that were published and not answered yet.
    pub(crate) fn unanswered(&self) -> u64 {
        let missing = |(key, asked): (&EventKey, &u64)| {
            asked.saturating_sub(self.answers.get(key).copied().unwrap_or(0))
        };
        self.order_events.iter().map(missing).sum()
    }

    /// Order events that were published and can be answered.
    pub(crate) fn asked(&self) -> u64 {
        self.order_events.values().sum()
    }

    fn decided(&mut self, value: &Value) {
        self.decisions += 1;
        if let Some(last) = self.rate.back_mut() {
            last.decisions += 1;
        }
        let outcome = text(value, "outcome");
        *self.outcomes.entry(outcome.clone()).or_default() += 1;
        let Some(order) = order_key(value) else { return };
        let news = DecisionNews {
            at: self.elapsed,
            platform: order.1.clone(),
            order_id: order.2.clone(),
            outcome,
            reason: text(value, "reason"),
            what: what(value),
        };
        keep(&mut self.decision_news, news);
        // A rejected event that could not be read has no standing to tell of; all others have.
        if !text(value, "standing").is_empty() {
            let new = self.standing.insert(order.clone(), text(value, "standing")).is_none();
            if let Some(last) = self.rate.back_mut().filter(|_| new) {
                last.orders += 1;
            }
        }
        *self.answers.entry((order, text(value, "event_id"))).or_default() += 1;
    }

    fn level(&mut self, value: &Value) {
        let n = |field: &str| value[field].as_u64().unwrap_or(0);
        let level = Level {
            received: n("received"),
            adjusted_in: n("adjusted_in"),
            available: n("available"),
            reserved: n("reserved"),
            allocated: n("allocated"),
            awaiting: n("awaiting_inspection"),
            handed_over: n("handed_over"),
            removed: n("removed"),
            waitlisted: n("waitlisted") + n("backordered"),
            sold_out: value["sold_out"].as_bool().unwrap_or(false),
        };
        let (pool, sku) = (text(value, "pool"), text(value, "sku"));
        self.pool.clone_from(&pool);
        self.shelf.insert((pool, sku), level);
    }

    fn alert(&mut self, value: &Value) {
        *self.alerts.entry(text(value, "type")).or_default() += 1;
        let news = AlertNews {
            at: self.elapsed,
            severity: text(value, "severity"),
            message: text(value, "message"),
        };
        keep(&mut self.alert_news, news);
    }
}

/// An output topic that the scene is built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputTopic {
    /// `granary.decisions`
    Decisions,
    /// `granary.levels`
    Levels,
    /// `granary.alerts`
    Alerts,
    /// `granary.fulfillment`
    Fulfillment,
    /// `granary.dead-letter`
    DeadLetter,
}

fn keep<T>(news: &mut VecDeque<T>, one: T) {
    news.push_back(one);
    if news.len() > NEWS_KEPT {
        news.pop_front();
    }
}

/// A field as text; ids may be numbers.
fn text(value: &Value, field: &str) -> String {
    match &value[field] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn order_key(value: &Value) -> Option<OrderKey> {
    let key = (text(value, "pool"), text(value, "platform"), text(value, "order_id"));
    (!key.0.is_empty() && !key.1.is_empty() && !key.2.is_empty()).then_some(key)
}

/// The event's id; derived as the contract says where it has none.
fn event_id(event: &Value, kind: &str) -> String {
    let own = text(event, "event_id");
    if !own.is_empty() {
        return own;
    }
    let version = text(event, "version");
    let last = if version.is_empty() { millis(&text(event, "occurred_at")) } else { version };
    format!("{}/{kind}/{last}", text(event, "order_id").replace('%', "%25").replace('/', "%2F"))
}

fn millis(time: &str) -> String {
    let stamp: Result<jiff::Timestamp, _> = time.parse();
    stamp.map_or_else(|_| time.to_owned(), |stamp| stamp.as_millisecond().to_string())
}

fn what(decision: &Value) -> String {
    let lines = decision["lines"].as_array().map_or(&[][..], Vec::as_slice);
    let mut parts: Vec<String> = lines
        .iter()
        .take(2)
        .map(|line| format!("{} × {}", line["quantity"], text(line, "sku")))
        .collect();
    if lines.len() > 2 {
        parts.push("…".to_owned());
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(scene: &mut Scene, topic: OutputTopic, value: &Value) {
        scene.read(topic, value.to_string().as_bytes(), None);
    }

    #[test]
    fn each_published_order_event_waits_for_its_answer() {
        let mut scene = Scene::default();
        let event = serde_json::json!({"type": "order.created", "event_id": 7, "platform": "douyin", "pool": "hexi",
            "order_id": "1", "lines": [{"sku": "kiwi", "quantity": 2}]});
        scene.publish(event.to_string().as_bytes());
        scene.publish(event.to_string().as_bytes());
        let derived = serde_json::json!({"type": "order.paid", "platform": "douyin", "pool": "hexi", "order_id": "1",
            "occurred_at": "2026-11-22T20:00:00+08:00"});
        scene.publish(format!("[{derived}]").as_bytes());
        scene.publish(b"{\"type\": \"order.cre");
        assert_eq!((scene.published, scene.asked(), scene.unanswered()), (4, 3, 3));

        let mut answer = serde_json::json!({"platform": "douyin", "pool": "hexi", "order_id": "1", "event_id": "7",
            "outcome": "reserved", "standing": "reserved", "reason": "ok", "lines": [{"sku": "kiwi", "quantity": 2}]});
        read(&mut scene, OutputTopic::Decisions, &answer);
        assert_eq!(scene.unanswered(), 2);
        answer["outcome"] = "duplicate".into();
        read(&mut scene, OutputTopic::Decisions, &answer);
        answer["event_id"] = "1/order.paid/1795348800000".into();
        answer["standing"] = "allocated".into();
        read(&mut scene, OutputTopic::Decisions, &answer);
        assert_eq!(scene.unanswered(), 0);
        assert_eq!(scene.standing.values().collect::<Vec<_>>(), ["allocated"]);
        assert_eq!(scene.decision_news[0].what, "2 × kiwi");
    }

    #[test]
    fn the_rate_has_a_number_for_each_second() {
        let mut scene = Scene::default();
        scene.advance(Duration::ZERO);
        let answer =
            serde_json::json!({"platform": "p", "pool": "p", "order_id": "1", "event_id": "1"});
        read(&mut scene, OutputTopic::Decisions, &answer);
        scene.advance(Duration::from_millis(2100));
        read(&mut scene, OutputTopic::Decisions, &answer);
        let rate: Vec<_> = scene.rate.iter().map(|second| second.decisions).collect();
        assert_eq!(rate, [1, 0, 1]);
        scene.advance(Duration::from_secs(500));
        assert_eq!(scene.rate.len(), RATE_KEPT);
    }
}
