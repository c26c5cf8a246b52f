//! Events that are refused, and what they must not do: one bridge's mistakes are no reason to let others wait, and each
//! alert about them has an id of its own.

use std::collections::BTreeSet;

use clients::Seen;
use contract::headers;
use serde_json::Value;

use crate::{
    audit,
    deployment::Deployment,
    granary::Granary,
    orders::{order, pool_of, send},
};

const CONSOLE: &str = "console.address=127.0.0.1:0";

/// Pools that somebody made up, for each order another one.
const MADE_UP: usize = 20;
/// New pools that a partition may have in an hour.
const ALLOWED: usize = 3;

/// Sends an order of each made-up pool; the home of all of them is the first partition of two.
fn flood(deployment: &Deployment) {
    let writer = deployment.writer();
    let pools = (0..).map(|number| format!("order-{number}"));
    for pool in pools.filter(|pool| lane::home(pool, 2) == 0).take(MADE_UP) {
        writer.send(&deployment.topic("orders"), 0, &pool, order(&pool, 1).as_bytes());
    }
    writer.flush();
}

fn text(record: &Seen, field: &str) -> String {
    let value: Value = serde_json::from_str(&record.value).expect("the outputs are JSON");
    value[field].as_str().unwrap_or_default().to_owned()
}

/// How many orders of a pool were answered.
fn answers(seen: &[Seen], pool: &str) -> usize {
    seen.iter().filter(|seen| text(seen, "pool") == pool).count()
}

/// A metric without labels.
fn metric(service: &Granary, name: &str) -> Option<f64> {
    let (_, text) = service.get("/metrics");
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

#[test]
fn a_flood_of_made_up_pools_is_refused_by_the_bound_and_keeps_nobody_waiting() {
    let Some(deployment) = Deployment::new("made-up", 2) else { return };
    let bound = format!("bounds.new_pools={ALLOWED}");
    let service = deployment.run("one", &[CONSOLE, &bound]);
    let known = [pool_of(0, 2), pool_of(1, 2)];
    let mut decisions = deployment.reader("decisions");
    let mut all_answered = |times: usize| {
        decisions.until("the answers of both partitions", |seen| {
            known.iter().all(|pool| answers(seen, pool) == times)
        });
    };
    (0..2).for_each(|partition| send(&deployment, partition, 1));
    all_answered(1);
    flood(&deployment);
    (0..2).for_each(|partition| send(&deployment, partition, 2));
    all_answered(2);

    let answered = decisions.to_end().len() - 4;
    // An hour may end in the middle of it.
    assert!(answered < 2 * ALLOWED, "no more than the bound: {answered}");
    let mut letters = deployment.reader("dead-letter");
    let letters = letters.to_end();
    assert_eq!(answered + letters.len(), MADE_UP, "each is answered or refused");
    for letter in letters {
        assert_eq!(letter.partition, 0);
        assert_eq!(letter.headers[headers::ERROR_CODE], "out_of_range");
        let message = &letter.headers[headers::ERROR_MESSAGE];
        assert!(message.contains("bounds.new_pools"), "{message}");
    }
    let refused = u32::try_from(letters.len()).expect("they are few").into();
    service.until("the metric counts them", |service| {
        metric(service, "granary_new_pools_refused_total") == Some(refused)
    });
    service.stop();
    audit::finds_nothing(&deployment);
}

#[test]
fn alerts_about_records_without_a_pool_have_ids_of_their_own_on_each_partition() {
    let Some(deployment) = Deployment::new("no-pool", 2) else { return };
    let service = deployment.run("one", &[]);
    let writer = deployment.writer();
    (0..2).for_each(|partition| {
        writer.send(&deployment.topic("orders"), partition, "", b"no event");
    });
    writer.flush();
    let mut alerts = deployment.reader("alerts");
    let seen = alerts.until("an alert of each partition", |seen| seen.len() >= 2);
    let ids: BTreeSet<_> = seen.iter().map(|seen| text(seen, "alert_id")).collect();
    assert_eq!((seen.len(), ids.len()), (2, 2), "each has its own: {seen:?}");
    for alert in seen {
        assert_eq!(text(alert, "type"), "input_rejected");
        assert_eq!(alert.headers[headers::CE_ID], text(alert, "alert_id"));
    }
    service.stop();
    audit::finds_nothing(&deployment);
}
