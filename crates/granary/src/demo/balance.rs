//! The account at the end: what went in and where it is now, line by line, and whether it adds up.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::scene::{Level, Scene};

/// The account of an evening.
#[derive(Debug)]
pub(crate) struct Balance {
    /// The text for the person who watched.
    pub(crate) text: String,
    /// Whether every line adds up.
    pub(crate) whole: bool,
}

/// Draws up the account.
pub(crate) fn balance(scene: &Scene) -> Balance {
    let mut text = String::new();
    let whole = [events(scene, &mut text), orders(scene, &mut text), stock(scene, &mut text)];
    line(&mut text, "alerts", &counts(&scene.alerts));
    line(&mut text, "courier", &counts(&scene.fulfillments).replace("fulfillment.", ""));
    Balance { text, whole: whole.iter().all(|w| *w) }
}

fn events(scene: &Scene, out: &mut String) -> bool {
    let (asked, unanswered) = (scene.asked(), scene.unanswered());
    let dead: u64 = scene.dead_letters.values().sum();
    let published = scene.published;
    line(
        out,
        "events",
        &format!("{published} published, {asked} of them about orders; {dead} dead letters"),
    );
    let whole = unanswered == 0;
    line(
        out,
        "",
        &format!(
            "{asked} asked = {} answered{}  {}",
            asked - unanswered,
            missing(unanswered),
            mark(whole)
        ),
    );
    line(out, "", &counts(&scene.outcomes));
    whole
}

fn orders(scene: &Scene, out: &mut String) -> bool {
    let asked: std::collections::BTreeSet<_> =
        scene.order_events.keys().map(|(order, _)| order).collect();
    let mut standing: BTreeMap<String, u64> = BTreeMap::new();
    for word in scene.standing.values() {
        *standing.entry(word.clone()).or_default() += 1;
    }
    let whole = asked.len() == scene.standing.len();
    line(out, "orders", &format!("{} = {}  {}", asked.len(), sum(&standing), mark(whole)));
    whole
}

fn stock(scene: &Scene, out: &mut String) -> bool {
    let mut all = Level::default();
    for level in scene.shelf.values() {
        all.received += level.received;
        all.adjusted_in += level.adjusted_in;
        all.available += level.available;
        all.reserved += level.reserved;
        all.allocated += level.allocated;
        all.awaiting += level.awaiting;
        all.handed_over += level.handed_over;
        all.removed += level.removed;
        all.waitlisted += level.waitlisted;
    }
    // Each SKU by itself: one that has too much must not hide one that has too little.
    let whole = scene.shelf.values().all(|level| level.came() == level.is());
    let came = format!("{} received + {} adjusted in", all.received, all.adjusted_in);
    let is = format!(
        "{} available + {} reserved + {} allocated + {} awaiting inspection + {} handed over + {} removed",
        all.available, all.reserved, all.allocated, all.awaiting, all.handed_over, all.removed
    );
    line(out, "stock", &format!("{came} ="));
    line(out, "", &format!("{is}  {}", mark(whole)));
    let sold_out = scene.shelf.values().filter(|level| level.sold_out).count();
    let (goods, waited) = (scene.shelf.len(), all.waitlisted);
    line(
        out,
        "",
        &format!("{goods} goods, {sold_out} sold out now; {waited} units are still waited for"),
    );
    whole
}

fn line(out: &mut String, head: &str, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(out, "  {head:<8} {text}");
    }
}

const fn mark(whole: bool) -> &'static str {
    if whole { "✓" } else { "✗ does not add up" }
}

fn missing(n: u64) -> String {
    if n == 0 { String::new() } else { format!(" + {n} not answered yet") }
}

/// `a 3, b 2`.
fn counts(of: &BTreeMap<String, u64>) -> String {
    let parts: Vec<String> =
        of.iter().map(|(word, n)| format!("{} {n}", word.replace('_', " "))).collect();
    parts.join(", ")
}

fn sum(of: &BTreeMap<String, u64>) -> String {
    let parts: Vec<String> =
        of.iter().map(|(word, n)| format!("{n} {}", word.replace('_', " "))).collect();
    if parts.is_empty() { "0".to_owned() } else { parts.join(" + ") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::scene::OutputTopic;
    use super::*;

    fn scene() -> Scene {
        let mut scene = Scene::default();
        let event = json!({"type": "order.created", "event_id": "e1", "platform": "douyin", "pool": "hexi", "order_id": "1"});
        scene.publish(event.to_string().as_bytes());
        let answer = json!({"platform": "douyin", "pool": "hexi", "order_id": "1", "event_id": "e1", "outcome": "reserved",
            "standing": "reserved"});
        scene.read(OutputTopic::Decisions, answer.to_string().as_bytes(), None);
        level(&mut scene, 8);
        scene
    }

    fn level(scene: &mut Scene, available: u64) {
        let level = json!({"pool": "hexi", "sku": "kiwi", "received": 10, "available": available, "reserved": 2});
        scene.read(OutputTopic::Levels, level.to_string().as_bytes(), None);
    }

    #[test]
    fn what_adds_up_is_marked_so() {
        let balance = balance(&scene());
        assert!(balance.whole, "{}", balance.text);
        assert!(balance.text.contains("1 asked = 1 answered  ✓"), "{}", balance.text);
        assert!(balance.text.contains("orders   1 = 1 reserved  ✓"), "{}", balance.text);
        assert!(balance.text.contains("8 available + 2 reserved"), "{}", balance.text);
    }

    #[test]
    fn what_does_not_add_up_is_marked_so() {
        let mut scene = scene();
        level(&mut scene, 9);
        let event = json!({"type": "order.paid", "event_id": "e2", "platform": "douyin", "pool": "hexi", "order_id": "2"});
        scene.publish(event.to_string().as_bytes());
        let balance = balance(&scene);
        assert!(!balance.whole);
        assert!(
            balance.text.contains("2 asked = 1 answered + 1 not answered yet  ✗"),
            "{}",
            balance.text
        );
        assert_eq!(balance.text.matches('✗').count(), 3, "{}", balance.text);
    }
}
