//! Clocks that lie: the wall clock of a process decides nothing, and the timestamps of records only what they may.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use clients::{Seen, Writer};
use contract::headers;
use serde_json::Value;

use crate::{deployment::Deployment, granary::Granary};

const CONSOLE: &str = "console.address=127.0.0.1:0";
const HOUR: i64 = 3600;
/// How long reservations are kept.
const TTL: Duration = Duration::from_secs(8);
/// How late a busy machine may be; an hour off is far beyond it.
const LATE: Duration = Duration::from_secs(60);

/// What shifts the wall clock of a process that is started with it.
struct Shim {
    library: PathBuf,
    file: PathBuf,
    seconds: File,
}

impl Shim {
    /// Builds it with the machine's C compiler.
    fn new(deployment: &Deployment) -> Self {
        let at = |name| deployment.config().with_file_name(name);
        let (library, file) = (at("shifted_clock.so"), at("clock"));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/kafka/shifted_clock.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-O1", source, "-ldl", "-o"]).arg(&library);
        assert!(compiler.status().expect("there is a C compiler").success());
        let mut options = OpenOptions::new();
        let seconds = options.create(true).write(true).truncate(true).open(&file);
        let this = Self { library, file, seconds: seconds.expect("it can be written") };
        this.shift(0);
        this
    }

    /// From now on the wall clock is off by so many seconds.
    fn shift(&self, seconds: i64) {
        self.seconds.write_all_at(&seconds.to_ne_bytes(), 0).expect("it can be written");
    }

    fn run(&self, deployment: &Deployment, name: &str) -> Granary {
        let variables = [("LD_PRELOAD", &self.library), ("GRANARY_TEST_CLOCK", &self.file)];
        Granary::run_with(&deployment.config(), name, &[CONSOLE], &variables)
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970");
    i64::try_from(since.as_millis()).expect("it is before the year 292 277 026")
}

/// Sends events of one pool, each with its own timestamp.
struct Bridge<'a> {
    deployment: &'a Deployment,
    writer: Writer,
}

impl Bridge<'_> {
    fn send(&self, topic: &str, timestamp: i64, text: &str) {
        let text = text.replace("NOW", &now_ms().to_string());
        let value = format!(r#"{{"pool":"p","platform":"x",{text}}}"#);
        let topic = self.deployment.topic(topic);
        self.writer.send_at(&topic, 0, "p", value.as_bytes(), timestamp);
        self.writer.flush();
    }

    fn stock(&self, timestamp: i64, units: u32) {
        let text = r#""type":"stock.received","event_id":"lot","sku":"s","quantity":UNITS,"lot_id":"lot","occurred_at":NOW"#;
        self.send("stock", timestamp, &text.replace("UNITS", &units.to_string()));
    }

    fn order(&self, timestamp: i64, order: &str) {
        let text = r#""type":"order.created","order_id":"ID","lines":[{"sku":"s","quantity":1}],"occurred_at":NOW"#;
        self.send("orders", timestamp, &text.replace("ID", order));
    }
}

/// What became of an order, as often as something was decided.
fn outcomes(seen: &[Seen], order: &str) -> Vec<String> {
    let decisions = seen
        .iter()
        .map(|one| serde_json::from_str::<Value>(&one.value).expect("decisions are JSON"));
    let own = decisions.filter(|decision| decision["order_id"] == order);
    own.map(|decision| decision["outcome"].as_str().unwrap_or_default().to_owned()).collect()
}

/// How far the metric says that the wall clock is off.
fn metric(service: &Granary) -> f64 {
    let (_, text) = service.get("/metrics");
    let line = text.lines().find(|line| line.starts_with("granary_wall_clock_off_seconds "));
    line.and_then(|line| line.rsplit_once(' ')?.1.parse().ok()).unwrap_or(0.0)
}

#[test]
fn a_wall_clock_that_is_hours_off_expires_nothing_early_and_nothing_late() {
    let Some(deployment) = Deployment::new("shifted", 1) else { return };
    let shim = Shim::new(&deployment);
    let bridge = Bridge { deployment: &deployment, writer: deployment.writer() };
    let mut decisions = deployment.reader("decisions");
    let mut reserved = |order: &str, bridge: &Bridge<'_>| {
        bridge.order(0, order);
        decisions.until("the reservation", |seen| outcomes(seen, order) == ["reserved"]);
        Instant::now()
    };
    let mut service = shim.run(&deployment, "first");
    let policy = format!(
        r#""type":"pool.policy","event_id":"ttl","reservation_ttl_s":{},"occurred_at":NOW"#,
        TTL.as_secs()
    );
    bridge.send("stock", 0, &policy);
    bridge.stock(0, 9);
    let mut later = deployment.reader("decisions");
    for (round, seconds) in [2 * HOUR, -HOUR].into_iter().enumerate() {
        // Its clock is set while it runs, and then another process takes over whose clock is off from the start.
        for takes_over in [false, true] {
            let order = format!("{round}-{takes_over}");
            shim.shift(0);
            let began = Instant::now();
            let known = reserved(&order, &bridge);
            shim.shift(seconds);
            if takes_over {
                service.kill();
                service = shim.run(&deployment, &order);
            }
            service.until("the metric says how far it is off", |service| {
                (metric(service) - seconds as f64).abs() < 30.0
            });
            service.await_events("clock_off", 1);
            later.until("the end of it", |seen| outcomes(seen, &order).len() > 1);
            assert_eq!(outcomes(later.to_end(), &order), ["reserved", "released"]);
            let (least, most) = (known.elapsed(), began.elapsed());
            assert!(most >= TTL, "{seconds} s off: expired after {most:?}, too early");
            assert!(least <= TTL + LATE, "{seconds} s off: expired after {least:?}, too late");
        }
    }
    shim.shift(0);
    service.await_events("clock_right", 1);
    service.stop();
}

#[test]
fn records_without_a_credible_time_are_taken_and_one_that_is_years_old_is_named() {
    let Some(deployment) = Deployment::new("untimely", 1) else { return };
    for topic in ["orders", "stock"] {
        for limit in ["before", "after"] {
            let setting = format!("message.timestamp.{limit}.max.ms=9223372036854775807");
            deployment.alter(topic, &setting);
        }
    }
    let bridge = Bridge { deployment: &deployment, writer: deployment.writer() };
    let service = deployment.run("one", &[CONSOLE]);
    let (nearly_none, seconds, micros) = (1, now_ms() / 1000, now_ms() * 1000);
    bridge.stock(seconds, 9);
    deployment.reader("levels").until("the stock", |seen| !seen.is_empty());
    let mut decisions = deployment.reader("decisions");
    for (order, timestamp) in [("none", nearly_none), ("seconds", seconds), ("micros", micros)] {
        bridge.order(timestamp, order);
        decisions.until("the answer", |seen| outcomes(seen, order) == ["reserved"]);
    }
    // The one from the future has not carried time with it.
    bridge.order(now_ms(), "present");
    decisions.until("the answer", |seen| outcomes(seen, "present") == ["reserved"]);
    let now = service.metric("granary_lane_now_seconds", "")[&0];
    assert!((now - now_ms() as f64 / 1000.0).abs() < 60.0, "{now}");
    let year_2010 = 1_262_304_000_000;
    bridge.order(year_2010, "old");
    let mut letters = deployment.reader("dead-letter");
    let letter = &letters.until("the dead letter", |seen| !seen.is_empty())[0];
    assert_eq!(letter.headers[headers::ERROR_CODE], "future");
    let message = &letter.headers[headers::ERROR_MESSAGE];
    assert!(
        message.contains("timestamp of the Kafka record is 2010-01-01T00:00:00.000Z"),
        "{message}"
    );
    assert_eq!(letters.to_end().len(), 1);
    service.stop();
}

#[test]
fn a_journal_that_the_broker_does_not_stamp_is_refused() {
    let Some(deployment) = Deployment::new("unstamped", 1) else { return };
    deployment.alter("journal", "message.timestamp.type=CreateTime");
    let mut service = deployment.run("one", &[]);
    assert!(!service.wait().success());
    let why = "message.timestamp.type is CreateTime, must be LogAppendTime";
    assert!(service.log().contains(why), "{}", service.log());
    deployment.alter("journal", "message.timestamp.type=LogAppendTime");
    let service = deployment.run("two", &[]);
    service.await_events("lane_running", 1);
    service.stop();
}
