//! `granary explain --from`: a story from a file, and what is said where there is none.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

const SESSION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live-session.ndjson");

fn explain(arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("granary").unwrap();
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("GRANARY_")) {
        command.env_remove(name);
    }
    command.arg("explain").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_session_in_a_file_is_told_order_by_order() {
    let taken_over = explain(&["douyin", "1", "--from", SESSION]);
    assert_eq!(taken_over.status.code(), Some(0), "{}", text(&taken_over.stderr));
    let told = text(&taken_over.stdout);
    for part in [
        "Order douyin/1 in pool hexi: allocated, paid, place 3 in line (times in Asia/Shanghai)",
        "2026-11-22 20:00:10.000  order.paid douyin/o1",
        "live-session.ndjson:8]",
        "took over what its buyer had claimed in comments: 2 of orange-5kg",
        "courier: its parcel is in wave w-1",
        "courier: parcel 1 must not leave, revision 2: held",
    ] {
        assert!(told.contains(part), "{part:?} is missing in\n{told}");
    }
    let refused = explain(&["douyin", "3", "--from", SESSION, "--pool", "hexi"]);
    let short = "short by 3 of orange-5kg: 12 received, 10 allocated to orders before it, 2 left for the 5 that it needs";
    assert!(text(&refused.stdout).contains(short), "{}", text(&refused.stdout));
    let chinese = ["douyin", "3", "--from", SESSION, "--set", "application.language=zh"];
    let chinese = explain(&chinese);
    let short =
        "orange-5kg 缺 3 件：已入库 12 件，已分配给排在前面的订单 10 件，只剩 2 件，而它需要 5 件";
    assert!(text(&chinese.stdout).contains(short), "{}", text(&chinese.stdout));
}

#[test]
fn programs_get_one_json_object() {
    let output = explain(&["douyin", "3", "--from", SESSION, "--json"]);
    let story: Value = serde_json::from_slice(&output.stdout).unwrap();
    let pool = &story["pools"][0];
    assert_eq!((&pool["pool"], &pool["standing"]), (&"hexi".into(), &"refused".into()));
    let steps = pool["steps"].as_array().unwrap();
    let decision = steps.iter().find(|step| step["step"] == "decisions").unwrap();
    assert_eq!(decision["value"]["reason"], "short");
    assert_eq!(decision["short"][0]["short_by"], 3);
}

#[test]
fn time_may_pass_at_the_end() {
    let event = |kind: &str, second: u8, fields: &str| {
        format!(
            r#"{{"type":"{kind}","event_id":"{kind}","platform":"douyin","pool":"p","occurred_at":"2026-11-22T20:00:{second:02}+08:00",{fields}}}"#
        )
    };
    let file = tempfile::NamedTempFile::new().unwrap();
    let received = event("stock.received", 0, r#""sku":"tea","quantity":1,"lot_id":"L""#);
    let created =
        event("order.created", 1, r#""order_id":"1","lines":[{"sku":"tea","quantity":1}]"#);
    std::fs::write(&file, format!("{received}\n\n{created}\n")).unwrap();
    let path = file.path().to_str().unwrap();
    let expired = "#2 released (expired)";
    let before = explain(&["douyin", "1", "--from", path]);
    assert!(text(&before.stdout).contains(":3]"), "blank lines count as lines");
    assert!(!text(&before.stdout).contains(expired), "{}", text(&before.stdout));
    let after = explain(&["douyin", "1", "--from", path, "--until", "2026-11-22T21:00:00+08:00"]);
    assert!(text(&after.stdout).contains(expired), "{}", text(&after.stdout));
}

#[test]
fn an_id_that_is_empty_is_refused() {
    for (arguments, where_) in [
        (&["", "1"][..], "<PLATFORM>"),
        (&["douyin", ""], "<ORDER_ID>"),
        (&["douyin", "1", "--pool", ""], "--pool <POOL>"),
    ] {
        for from in [&["--from", SESSION][..], &[]] {
            let output = explain(&[arguments, from].concat());
            assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""));
            let why = format!(
                "invalid value '' for '{where_}': no id is empty; write it as it is in the events"
            );
            assert!(text(&output.stderr).contains(&why), "{}", text(&output.stderr));
        }
    }
}

#[test]
fn without_a_record_or_a_file_it_says_so() {
    for more in [&["--pool", "other"][..], &[]] {
        let order = if more.is_empty() { "99" } else { "1" };
        let output = explain(&[&["douyin", order, "--from", SESSION][..], more].concat());
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""));
        let why = format!("no record of order douyin/{order} in ");
        assert!(text(&output.stderr).contains(&why), "{}", text(&output.stderr));
    }
    let output = explain(&["douyin", "1", "--from", "no-such-file.ndjson"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no-such-file.ndjson can't be read"));
}
