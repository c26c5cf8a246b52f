//! Texts for people, in both languages: they name what they are about.
#![expect(clippy::unwrap_used, reason = "what is not there fails the test, in helpers too")]

mod common;

use std::collections::BTreeSet;

use allotment::{Alert, AlertKind, Code, DecidedLine, Decision, Effect, Facts, Outcome, Reason};
use common::effects;
use contract::{Encoder, Language};
use expect_test::{ExpectFile, expect, expect_file};

fn field(effect: Effect, language: Language, name: &str) -> String {
    let encoder = Encoder { language, ..Encoder::default() };
    let value: serde_json::Value =
        serde_json::from_slice(&encoder.encode(0, &effect).value.unwrap()).unwrap();
    value[name].as_str().expect("a text").to_owned()
}

fn told(alert: &Alert, language: Language) -> String {
    let of = |name| field(Effect::Alert(alert.clone()), language, name);
    format!("{:?}\n  {}\n  {}\n", alert.kind, of("message"), of("suggestion"))
}

fn check(language: Language, expected: &ExpectFile) {
    let all: String = effects::alerts().iter().map(|alert| told(alert, language)).collect();
    expected.assert_eq(&all);
}

#[test]
fn alerts_in_english() {
    check(Language::En, &expect_file!["texts/alerts.en.txt"]);
}

#[test]
fn alerts_in_chinese() {
    check(Language::Zh, &expect_file!["texts/alerts.zh.txt"]);
}

#[test]
fn alerts_say_something_also_without_facts_orders_and_sku() {
    for alert in effects::alerts() {
        let bare = Alert {
            facts: Facts::None,
            sku: None,
            platform: None,
            orders: Vec::new(),
            orders_total: 0,
            ..alert
        };
        for language in [Language::En, Language::Zh] {
            for name in ["message", "suggestion"] {
                let text = field(Effect::Alert(bare.clone()), language, name);
                assert!(text.len() > 20 && !text.contains("  "), "{:?}: {text}", bare.kind);
            }
        }
    }
}

/// The page that people look alerts up in has each of them, as it is called and as serious as it is.
#[test]
fn the_page_of_alerts_has_every_kind() {
    let page = include_str!("../../../docs/alerts.md");
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let words = |row: &str| -> Vec<String> {
        row.split('|').skip(1).take(2).map(|cell| cell.trim().replace('`', "")).collect()
    };
    let page: BTreeSet<_> = rows.map(words).collect();
    let told = |alert: Alert| {
        ["type", "severity"]
            .map(|name| field(Effect::Alert(alert.clone()), Language::En, name))
            .to_vec()
    };
    assert_eq!(page, effects::alerts().into_iter().map(told).collect());
}

#[test]
fn long_lists_of_orders_are_cut() {
    let mut alert = effects::alert(AlertKind::OversellRisk, Facts::None);
    let order = alert.orders[0].clone();
    alert.orders = (1..=100)
        .map(|n| allotment::AlertOrder { order_id: n.to_string().as_str().into(), ..order.clone() })
        .collect();
    alert.orders_total = 250;
    alert.shortage = 1250;
    expect![[r#"
        OversellRisk
          Unpaid orders on douyin asked for 1250 units of orange-5kg more than can be sold: order 1 of douyin, order 2 of douyin, order 3 of douyin, order 4 of douyin, order 5 of douyin and 245 more.
          Lower the stock of orange-5kg on douyin to what granary.levels calls sellable, or bring in 1250 units of orange-5kg.
    "#]].assert_eq(&told(&alert, Language::En));
    expect![[r#"
        OversellRisk
          douyin 未付款订单超出可售数量，缺 orange-5kg 1250 件：douyin 订单 1、douyin 订单 2、douyin 订单 3、douyin 订单 4、douyin 订单 5 等，另有 245 个订单。
          请把 douyin 上 orange-5kg 的库存调到 sellable 的数量，或补货 orange-5kg 1250 件。
    "#]].assert_eq(&told(&alert, Language::Zh));
}

#[test]
fn decisions_in_both_languages() {
    let told = |outcome, reason| {
        let decision = Decision { outcome, reason, ..effects::decision() };
        let of = |language| field(Effect::Decision(decision.clone()), language, "detail");
        format!("{}\n{}\n", of(Language::En), of(Language::Zh))
    };
    let all: String = [
        (Outcome::Reserved, Reason::Ok),
        (Outcome::Allocated, Reason::Promoted),
        (Outcome::Backordered, Reason::Short),
        (Outcome::Waitlisted, Reason::Short),
        (Outcome::Refused, Reason::Limit),
        (Outcome::Refused, Reason::Short),
        (Outcome::Released, Reason::Expired),
        (Outcome::Amended, Reason::Ok),
        (Outcome::Refunded, Reason::Ok),
        (Outcome::Noted, Reason::NoLinesYet),
        (Outcome::HandedOver, Reason::Ok),
        (Outcome::Duplicate, Reason::Repeat),
        (Outcome::Superseded, Reason::Older),
        (Outcome::Conflict, Reason::DifferentContent),
        (Outcome::Rejected, Reason::Rejected(Code::OutOfRange)),
    ]
    .into_iter()
    .map(|(outcome, reason)| told(outcome, reason))
    .collect();
    expect_file!["texts/decisions.txt"].assert_eq(&all);
}

#[test]
fn one_unit_is_no_plural() {
    let of = effects::decision();
    let line = DecidedLine { quantity: 1, allocated: 1, waitlisted: 0, ..of.lines[0].clone() };
    let told = |outcome| {
        let decision =
            Decision { outcome, lines: vec![line.clone()], reason: Reason::Ok, ..of.clone() };
        field(Effect::Decision(decision), Language::En, "detail")
    };
    assert_eq!(told(Outcome::Amended), "The order is now for 1 unit, 1 held.");
    assert_eq!(told(Outcome::Allocated), "1 of 1 unit set aside for this paid order.");
}
