//! Very large numbers, from the events to every output: what one order needs may be more than 32 bits hold.

use clients::Seen;
use serde_json::Value;

use crate::{audit, deployment::Deployment, orders::now};

/// 5 000 bundles of a million units each.
const NEEDED: u64 = 5_000_000_000;

/// The last record of these whose `field` is `is`.
fn last(seen: &[Seen], field: &str, is: &str) -> Option<Value> {
    let values = seen.iter().rev().map(|seen| serde_json::from_str::<Value>(&seen.value));
    values.map(|value| value.expect("the outputs are JSON")).find(|value| value[field] == is)
}

#[test]
fn an_order_that_needs_more_than_32_bits_hold_is_told_exactly_on_every_topic() {
    let Some(deployment) = Deployment::new("numbers", 1) else { return };
    let (service, writer) = (deployment.run("one", &[]), deployment.writer());
    let send = |topic: &str, event: &str| {
        let event = format!(r#"{{"pool":"h","occurred_at":{},{event}}}"#, now());
        writer.send(&deployment.topic(topic), 0, "h", event.as_bytes());
        writer.flush();
    };
    let mut levels = deployment.reader("levels");
    let mut level_has = |field: &str| {
        let what = format!("{field} of {NEEDED}");
        levels.until(&what, |seen| last(seen, "sku", "grain").is_some_and(|l| l[field] == NEEDED));
    };
    let item = r#""type":"catalogue.item","event_id":"i","sku":"pallet","components":[{"sku":"grain","quantity":1000000}]"#;
    send("stock", item);
    deployment
        .reader("levels")
        .until("the bundle's level", |seen| last(seen, "sku", "pallet").is_some());
    let order = r#""type":"order.paid","event_id":"p","platform":"d","order_id":"1","lines":[{"sku":"pallet","quantity":5000}]"#;
    send("orders", order);
    let mut alerts = deployment.reader("alerts");
    let seen = alerts.until("the alert", |seen| last(seen, "type", "oversold").is_some());
    let alert = last(seen, "type", "oversold").expect("it is there");
    assert_eq!(
        (&alert["shortage"], &alert["orders"][0]["shortage"]),
        (&NEEDED.into(), &NEEDED.into())
    );
    level_has("waitlisted");
    // As many are brought in, and the order gets all of them.
    for part in 1..=5 {
        let id = format!(r#""event_id":"a{part}""#);
        send("stock", &format!(r#""type":"stock.adjusted",{id},"sku":"grain","delta":1000000000"#));
    }
    level_has("allocated");
    level_has("adjusted_in");
    let mut decisions = deployment.reader("decisions");
    decisions.until("both decisions", |seen| last(seen, "outcome", "allocated").is_some());
    let mut parcels = deployment.reader("fulfillment");
    let seen = parcels.until("the parcel", |seen| !seen.is_empty());
    assert!(seen[0].value.contains(&NEEDED.to_string()), "{}", seen[0].value);
    service.stop();
    audit::proves(&deployment);
}
