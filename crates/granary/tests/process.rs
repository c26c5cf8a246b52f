//! `granary process` at its edges: input that can't be read or taken, time at the end, a closed pipe.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Output, Stdio};

use assert_cmd::Command;
use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

const RECEIVED: &str = r#"{"type":"stock.received","event_id":"s","pool":"hexi","occurred_at":"2026-11-22T19:00:00+08:00","sku":"kiwi","quantity":2,"lot_id":"l"}"#;
const CREATED: &str = r#"{"type":"order.created","event_id":"c","platform":"douyin","pool":"hexi","occurred_at":"2026-11-22T20:00:00+08:00","order_id":"1","lines":[{"sku":"kiwi","quantity":2}]}"#;

fn process(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = Command::cargo_bin("granary").unwrap();
    command.arg("process").args(arguments).write_stdin(input).output().unwrap()
}

fn records(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
        .stdout
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect()
}

#[test]
fn input_that_cannot_be_read_is_exit_2_and_nothing_is_decided() {
    for name in ["no-such-file.ndjson", env!("CARGO_MANIFEST_DIR")] {
        let good = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&good, RECEIVED).unwrap();
        let output = process(&[good.path().to_str().unwrap(), name], b"");
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(&format!("{name} can't be read")), "{told}");
    }
}

#[test]
fn an_order_that_needs_more_than_32_bits_hold_is_counted_exactly() {
    let at = r#""pool":"hexi","occurred_at":"2026-11-22T20:00:00+08:00""#;
    let input = format!(
        r#"{{"type":"catalogue.item","event_id":"i","sku":"pallet","components":[{{"sku":"grain","quantity":1000000}}],{at}}}
{{"type":"stock.adjusted","event_id":"a","sku":"grain","delta":1000000000,{at}}}
{{"type":"order.paid","event_id":"p","platform":"d","order_id":"1","lines":[{{"sku":"pallet","quantity":5000}}],{at}}}
{{"type":"order.paid","event_id":"q","platform":"d","order_id":"2","lines":[{{"sku":"pallet","quantity":1000000}}],{at}}}
"#
    );
    let records = records(&process(&[], input.as_bytes()));
    let last = |topic: &str, sku: &str| {
        let of = |r: &&Value| r["topic"] == topic && r["value"]["sku"] == sku;
        records.iter().rfind(of).unwrap()["value"].clone()
    };
    assert_eq!(last("granary.levels", "grain")["waitlisted"], 1_005_000_000_000_u64);
    let short = |order: &str| {
        let oversold = |r: &&Value| {
            r["value"]["type"] == "oversold" && r["value"]["orders"][0]["order_id"] == order
        };
        records.iter().find(oversold).unwrap()["value"]["shortage"].clone()
    };
    assert_eq!((short("1"), short("2")), (5_000_000_000_u64.into(), 1_000_000_000_000_u64.into()));
}

#[test]
fn pools_that_are_too_many_are_dead_letters_that_name_the_bound() {
    let event = |number: usize, pool: &str| {
        format!(
            r#"{{"type":"order.created","event_id":"e{number}","platform":"d","pool":"{pool}","occurred_at":"2026-11-22T20:00:00+08:00","order_id":"{number}","lines":[{{"sku":"kiwi","quantity":1}}]}}"#
        )
    };
    let pools = ["hexi", "made-up-1", "made-up-2", "made-up-3", "hexi"];
    let lines = pools.iter().enumerate().map(|(number, pool)| event(number, pool));
    let input = lines.collect::<Vec<_>>().join("\n");
    let mut command = Command::cargo_bin("granary").unwrap();
    command.arg("process").env("GRANARY_BOUNDS_NEW_POOLS", "2").write_stdin(input);
    let records = records(&command.output().unwrap());
    let of = |topic: &str| records.iter().filter(|r| r["topic"] == topic).collect::<Vec<_>>();
    assert_eq!(of("granary.decisions").len(), 3, "pools that are known go on");
    let letters = of("granary.dead-letter");
    assert_eq!(letters.len(), 2);
    for letter in letters {
        assert_eq!(letter["headers"]["error-code"], "out_of_range");
        let message = letter["headers"]["error-message"].as_str().unwrap();
        assert!(message.contains("bounds.new_pools"), "{message}");
    }
}

#[test]
fn ids_of_alerts_do_not_depend_on_the_number_of_partitions() {
    let bad = |pool: &str| {
        format!(
            r#"{{"type":"order.eaten","pool":"{pool}","occurred_at":"2026-11-22T20:00:00+08:00"}}"#
        )
    };
    let pools = ["", "hexi", "tea", "", "rice", "hexi", ""].map(bad).join("\n");
    let input = format!("{pools}\nno event\n{RECEIVED}\n{CREATED}\nno event\n");
    let ids = |partitions: &str| {
        let output = process(&["--partitions", partitions], input.as_bytes());
        let alerts = records(&output).into_iter().filter(|r| r["topic"] == "granary.alerts");
        let ids = alerts.map(|r| r["value"]["alert_id"].as_str().unwrap().to_owned());
        let mut ids = ids.collect::<Vec<_>>();
        ids.sort();
        ids
    };
    let one = ids("1");
    let mut each = one.clone();
    each.dedup();
    assert_eq!((each.len(), one.len()), (one.len(), 8), "each has its own: {one:?}");
    assert_eq!((ids("2"), ids("7")), (one.clone(), one));
}

#[test]
fn dead_letters_are_no_failure_and_keep_their_bytes() {
    let output = process(&[], b"\xff\xfe{}\n\n{\"type\":\"order.eaten\"}\r\n");
    let letters: Vec<Value> =
        records(&output).into_iter().filter(|r| r["topic"] == "granary.dead-letter").collect();
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0]["value_base64"], "//57fQ==");
    assert_eq!(letters[0]["headers"]["error-code"], "not_utf8");
    assert_eq!(letters[1]["value"], "{\"type\":\"order.eaten\"}");
    assert_eq!(letters[1]["headers"]["source-offset"], "2", "blank lines count as lines");
    assert_eq!(letters[1]["headers"]["source-topic"], "stdin");
    let summary = String::from_utf8(output.stderr).unwrap();
    assert!(
        summary.contains("2 lines")
            && summary.contains("2 dead letters (not_utf8 1, unknown_type 1)"),
        "{summary}"
    );
}

#[test]
fn time_passes_at_the_end_as_far_as_asked() {
    let input = format!("\u{feff}{RECEIVED}\n{CREATED}");
    let standing = |arguments: &[&str]| {
        let records = records(&process(arguments, input.as_bytes()));
        let last = records.iter().rfind(|r| r["topic"] == "granary.decisions").unwrap();
        last["value"]["standing"].as_str().unwrap().to_owned()
    };
    assert_eq!(standing(&[]), "reserved");
    assert_eq!(standing(&["--until", "2026-11-22T20:34:59+08:00"]), "reserved");
    assert_eq!(standing(&["--until", "2026-11-22T20:35:00+08:00"]), "released");
    assert_eq!(process(&["--until", "later"], b"").status.code(), Some(2));
}

/// What a session looks like to those who pack, drive and watch: what is held at each line's end, and what they
/// are told.
#[test]
fn a_live_session_from_the_first_comment_to_the_truck() {
    let told = |record: Value| {
        let value = &record["value"];
        let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
        let list = |field: &str, name: &str| {
            let names = value[field].as_array().into_iter().flatten();
            names.map(|of| of[name].as_str().unwrap()).collect::<Vec<_>>().join(" ")
        };
        match record["topic"].as_str().unwrap() {
            "granary.levels" => {
                format!("{} free, {} reserved", value["available"], value["reserved"])
            }
            "granary.alerts" => format!("{}: {}", text("type"), text("message")),
            "granary.decisions" => format!("order {}: {}", text("order_id"), text("outcome")),
            _ if text("type") == "fulfillment.manifest" => {
                format!("wave {}: {}", text("wave_id"), list("parcels", "fulfillment_id"))
            }
            _ => format!("{}: {}", text("type"), text("fulfillment_id")),
        }
    };
    let output = process(&[], include_bytes!("live-session.ndjson"));
    let told: Vec<String> = records(&output).into_iter().map(told).collect();
    expect_test::expect![[r#"
        0 free, 0 reserved
        12 free, 0 reserved
        10 free, 2 reserved
        demand_surge: orange-5kg is in demand: 10 units asked for within a minute, 2 units left. If it goes on so, it is gone at 2026-11-22T12:00:14.000Z.
        2 free, 10 reserved
        order 1: allocated
        fulfillment.requested: hexi/douyin/1/1
        2 free, 8 reserved
        order 2: allocated
        fulfillment.requested: hexi/douyin/2/1
        2 free, 0 reserved
        oversell_risk: Unpaid orders on douyin asked for 5 units of orange-5kg more than can be sold: order 3 of douyin.
        order 3: refused
        1 free, 1 reserved
        2 free, 0 reserved
        session_summary: Session s-1122 has ended with 2 orders of 10 units: 2 paid, 0 waiting for 0 units; 0 claims were released.
        wave w-1: hexi/douyin/1/1 hexi/douyin/2/1
        order 1: noted
        fulfillment.cancelled: hexi/douyin/1/1
        order 2: handed_over
        2 free, 0 reserved
    "#]].assert_eq(&(told.join("\n") + "\n"));
}

/// 5 000 orders within ten seconds, none of them paid: of each platform the first is told, and at the end the rest.
#[test]
fn a_storm_of_short_orders_is_told_a_few_times_and_in_full() {
    let mut input = format!("{RECEIVED}\n{CREATED}\n");
    for number in 0..5_000 {
        let (platform, second, milli) =
            (["douyin", "weixin"][number % 2], 1 + number / 1_000, number % 1_000);
        input.push_str(&format!(
            r#"{{"type":"order.created","event_id":"s{number}","platform":"{platform}","pool":"hexi","occurred_at":"2026-11-22T20:00:0{second}.{milli:03}+08:00","order_id":"s{number}","lines":[{{"sku":"kiwi","quantity":2}}]}}"#
        ));
        input.push('\n');
    }
    let told = |record: Value| {
        let value = &record["value"];
        let count = |field: &str| value[field].as_u64().unwrap();
        let named = value["orders"].as_array().unwrap().len();
        let platform = value["platform"].as_str().unwrap().to_owned();
        (platform, count("orders_total"), count("shortage"), named)
    };
    let records = records(&process(&[], input.as_bytes())).into_iter();
    let mut told: Vec<_> =
        records.filter(|r| r["value"]["type"] == "oversell_risk").map(told).collect();
    told.sort();
    let of = |platform: &str, orders, named| (platform.to_owned(), orders, 2 * orders, named);
    let first_and_rest = |platform| [of(platform, 1, 1), of(platform, 2_499, 100)];
    assert_eq!(told, [first_and_rest("douyin"), first_and_rest("weixin")].concat());
}

#[test]
fn topics_are_called_what_the_configuration_says() {
    let output = process(&["--set", "topics.levels=county.levels"], RECEIVED.as_bytes());
    assert_eq!(records(&output)[0]["topic"], "county.levels");
}

#[test]
fn each_line_is_answered_before_the_next_is_waited_for() {
    let mut child = std::process::Command::cargo_bin("granary")
        .unwrap()
        .arg("process")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let (mut to, mut from) =
        (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for line in [RECEIVED, CREATED] {
        writeln!(to, "{line}").unwrap();
        let mut answer = String::new();
        from.read_line(&mut answer).unwrap();
        assert!(answer.starts_with("{\"topic\":\"granary."), "{answer}");
    }
    drop(to);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let mut child = std::process::Command::cargo_bin("granary")
        .unwrap()
        .arg("process")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut to = child.stdin.take().unwrap();
    // The program may leave before it has read everything, which closes this pipe too.
    let _ = to.write_all(format!("{RECEIVED}\n{CREATED}\n").repeat(2000).as_bytes());
    drop(to);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}
