//! Stories as people read them, from events as a bridge sends them.

mod reasons;
mod topics;

use allotment::{OrderRef, Settings};
use contract::{Arrival, Decoder, Language};
use expect_test::{Expect, expect};

use super::{Chapter, Place, Teller, as_json, as_text, order};

/// Lines of events; each names what it is, when (seconds after eight), and its fields.
fn lines(story: &str) -> Vec<Vec<u8>> {
    let line = |line: &str| {
        let mut words = line.trim().splitn(4, ' ');
        let mut word = || words.next().expect("a line has a type, an id, a second and fields");
        let (kind, id, second, fields) = (word(), word(), word(), word());
        let second: i64 = second.parse().expect("a second is a number");
        let at = 1_795_348_800_000 + second * 1000;
        format!(
            r#"{{"type":"{kind}","event_id":"{id}","pool":"hexi","platform":"douyin","occurred_at":{at},{fields}}}"#
        )
        .into_bytes()
    };
    story.lines().filter(|text| !text.trim().is_empty()).map(line).collect()
}

fn place(offset: i64, entry: Option<u32>) -> Place {
    Place { source: "orders".to_owned(), partition: Some(0), offset, entry }
}

fn teller(subject: &OrderRef, language: Language) -> Teller {
    Teller::new(Settings::default(), subject.clone(), language, [])
}

fn take(teller: &mut Teller, story: &str) {
    for (offset, line) in (0..).zip(lines(story)) {
        for delivery in Decoder::default().decode(Some(&line), None, Arrival::FromEvent) {
            let place = place(offset, delivery.entry);
            let arrival = delivery.input.arrival;
            teller.take(place, arrival, delivery.input, delivery.rejection);
        }
    }
}

fn chapters(story: &str, order_id: &str, language: Language) -> Vec<Chapter> {
    let mut teller = teller(&order("douyin", order_id), language);
    take(&mut teller, story);
    teller.flush();
    teller.finish().chapters.into_values().collect()
}

fn text(order_id: &str, chapters: &[Chapter], language: Language) -> String {
    let zone = jiff::tz::TimeZoneDatabase::bundled().get("Asia/Shanghai");
    as_text(&order("douyin", order_id), chapters, language, &zone.expect("it is a time zone"))
}

fn check(story: &str, order_id: &str, expected: Expect) {
    let chapters = chapters(story, order_id, Language::En);
    expected.assert_eq(&text(order_id, &chapters, Language::En));
}

/// 300 units, of which 298 are sold to 149 orders.
fn nearly_sold_out() -> String {
    let mut story =
        r#"stock.received s1 0 "sku":"orange-5kg","quantity":300,"lot_id":"L1""#.to_owned();
    for number in 1..=149 {
        story.push_str(&format!(
            "\norder.paid p{number} {number} \"order_id\":\"{number}\",\"lines\":[{{\"sku\":\"orange-5kg\",\"quantity\":2}}]"
        ));
    }
    story
}

#[test]
fn a_short_order_hears_by_how_much_and_who_has_the_stock() {
    let story = nearly_sold_out()
        + "\n"
        + r#"order.paid p150 200 "order_id":"150","lines":[{"sku":"orange-5kg","quantity":4}]"#;
    check(
        &story,
        "150",
        expect![[r#"
            Order douyin/150 in pool hexi: waitlisted, paid, place 150 in line (times in Asia/Shanghai)
            2026-11-22 20:03:20.000  order.paid douyin/p150 [orders/0@150]
                alert oversold, critical: Oversold: paid order 150 of douyin is short of 4 units of orange-5kg.
                #1 waitlisted (short): 4 of 4 units missing; the order waits at its place in line: there is not enough stock.
                   short by 2 of orange-5kg: 300 received, 298 allocated to orders before it, 2 left for the 4 that it needs
        "#]],
    );
}

#[test]
fn one_that_is_passed_over_keeps_its_place_and_is_promoted_later() {
    let story = nearly_sold_out()
        + r#"
        order.paid p150 200 "order_id":"150","lines":[{"sku":"orange-5kg","quantity":4}]
        order.paid p151 201 "order_id":"151","lines":[{"sku":"orange-5kg","quantity":1}]
        order.paid p152 202 "order_id":"152","lines":[{"sku":"orange-5kg","quantity":3}]
        stock.received s2 210 "sku":"orange-5kg","quantity":2,"lot_id":"L2"
        stock.received s3 220 "sku":"orange-5kg","quantity":4,"lot_id":"L3""#;
    check(
        &story,
        "150",
        expect![[r#"
            Order douyin/150 in pool hexi: allocated, paid, place 150 in line (times in Asia/Shanghai)
            2026-11-22 20:03:20.000  order.paid douyin/p150 [orders/0@150]
                alert oversold, critical: Oversold: paid order 150 of douyin is short of 4 units of orange-5kg.
                #1 waitlisted (short): 4 of 4 units missing; the order waits at its place in line: there is not enough stock.
                   short by 2 of orange-5kg: 300 received, 298 allocated to orders before it, 2 left for the 4 that it needs
            2026-11-22 20:03:21.000  passed over until 2026-11-22 20:03:30.000: 2 orders behind it got stock; it waits for 4 of orange-5kg, all at once, and keeps its place
            2026-11-22 20:03:40.000  stock.received douyin/s3 [orders/0@154]
                #2 allocated (promoted): 4 of 4 units set aside for this paid order: stock became free for it.
                courier: send parcel 1, revision 1: 4 orange-5kg (L3: 4)
                alert oversell_resolved, info: No longer oversold: order 150 of douyin.
        "#]],
    );
}

#[test]
fn one_that_expired_and_was_paid_late() {
    check(
        r#"stock.received s1 0 "sku":"orange-5kg","quantity":2,"lot_id":"L1"
        order.created c1 10 "order_id":"1","lines":[{"sku":"orange-5kg","quantity":2}]
        order.created c2 2200 "order_id":"2","lines":[{"sku":"orange-5kg","quantity":1}]
        order.paid p1 2300 "order_id":"1"
        order.cancelled x2 2400 "order_id":"2""#,
        "1",
        expect![[r#"
            Order douyin/1 in pool hexi: allocated, paid, place 3 in line (times in Asia/Shanghai)
            2026-11-22 20:00:10.000  order.created douyin/c1 [orders/0@1]
                #1 reserved (ok): 2 of 2 units held until the order is paid.
            2026-11-22 20:35:10.000  time passed
                #2 released (expired): What the order held or waited for was given back: it was not paid in time.
            2026-11-22 20:38:20.000  order.paid douyin/p1 [orders/0@3]
                alert oversold, critical: Oversold: paid order 1 of douyin is short of 2 units of orange-5kg.
                #3 waitlisted (short): 2 of 2 units missing; the order waits at its place in line: there is not enough stock.
                   short by 1 of orange-5kg: 2 received, 1 reserved for unpaid orders before it, 1 left for the 2 that it needs
            2026-11-22 20:40:00.000  order.cancelled douyin/x2 [orders/0@4]
                #4 allocated (promoted): 2 of 2 units set aside for this paid order: stock became free for it.
                courier: send parcel 1, revision 1: 2 orange-5kg (L1: 2)
                alert oversell_resolved, info: No longer oversold: order 1 of douyin.
        "#]],
    );
}

#[test]
fn repeats_conflicts_and_dead_letters() {
    check(
        r#"stock.received s1 0 "sku":"orange-5kg","quantity":2,"lot_id":"L1"
        order.created c1 10 "order_id":"1","lines":[{"sku":"orange-5kg","quantity":2}]
        order.created c1 10 "order_id":"1","lines":[{"sku":"orange-5kg","quantity":2}]
        order.created c1 10 "order_id":"1","lines":[{"sku":"orange-5kg","quantity":1}]
        order.amended a1 20 "order_id":"1","lines":[]
        order.paid p1 30 "order_id":"1","lines":[{"sku":"orange-5kg","quantity":0}]
        order.paid p2 200000 "order_id":"1","received_at":1795348840000"#,
        "1",
        expect![[r#"
            Order douyin/1 in pool hexi: reserved, not paid, place 1 in line (times in Asia/Shanghai)
            2026-11-22 20:00:10.000  order.created douyin/c1 [orders/0@1]
                #1 reserved (ok): 2 of 2 units held until the order is paid.
            2026-11-22 20:00:10.000  order.created douyin/c1 [orders/0@2]: came before, nothing done
                #2 duplicate (repeat): Nothing done: this event was taken before.
            2026-11-22 20:00:10.000  order.created douyin/c1 [orders/0@3]: its id was used before for other content, nothing done
                #3 conflict (different_content): Nothing done; the first event with this id stands: this event_id was used before, with other content.
                alert conflict, warning: Event c1 from douyin about order 1 of douyin came twice with different content. The first stands.
            -  an event that can't be taken douyin/a1 [orders/0@4]: dead letter, empty_lines: lines: must not be empty; leave the field out instead
                #4 rejected (empty_lines): The event could not be taken and is in the dead letters: empty_lines.
            -  an event that can't be taken douyin/p1 [orders/0@5]: dead letter, out_of_range: lines[0].quantity: must be an integer from 1 to 1000000
                #5 rejected (out_of_range): The event could not be taken and is in the dead letters: out_of_range.
            2026-11-22 20:00:40.000  order.paid douyin/p2 @2026-11-25 03:33:20.000 [orders/0@6]: dead letter, future: occurred_at
                #6 rejected (future): The event could not be taken and is in the dead letters: future.
        "#]],
    );
}

#[test]
fn bundles_are_short_by_their_components() {
    check(
        r#"catalogue.item i1 0 "sku":"box","components":[{"sku":"apple","quantity":2},{"sku":"pear","quantity":1}]
        stock.received s1 0 "sku":"apple","quantity":5,"lot_id":"A"
        stock.received s2 0 "sku":"pear","quantity":9,"lot_id":"P"
        order.paid p1 10 "order_id":"1","lines":[{"sku":"box","quantity":1}]
        order.paid p2 11 "order_id":"2","lines":[{"sku":"box","quantity":2},{"sku":"apple","quantity":1}]
        stock.received s3 20 "sku":"apple","quantity":5,"lot_id":"A2""#,
        "2",
        expect![[r#"
            Order douyin/2 in pool hexi: allocated, paid, place 2 in line (times in Asia/Shanghai)
            2026-11-22 20:00:11.000  order.paid douyin/p2 [orders/0@4]
                alert oversold, critical: Oversold: paid order 2 of douyin is short of 5 units of apple, 2 units of pear.
                #1 waitlisted (short): 3 of 3 units missing; the order waits at its place in line: there is not enough stock.
                   short by 2 of apple: 5 received, 2 allocated to orders before it, 3 left for the 5 that it needs
            2026-11-22 20:00:20.000  stock.received douyin/s3 [orders/0@5]
                #2 allocated (promoted): 3 of 3 units set aside for this paid order: stock became free for it.
                courier: send parcel 1, revision 1: 2 box (4 apple (A: 3, A2: 1), 2 pear (P: 2)), 1 apple (A2: 1)
                alert oversell_resolved, info: No longer oversold: order 2 of douyin.
        "#]],
    );
}

#[test]
fn a_sku_that_nothing_has_named_and_stock_that_is_not_there_yet() {
    check(
        r#"pool.policy y1 0 "partial":true
        stock.received s1 0 "sku":"tea","quantity":10,"lot_id":"T","inspection":"pending"
        stock.received s2 0 "sku":"tea","quantity":3,"lot_id":"U"
        stock.adjusted s3 1 "sku":"tea","delta":-1,"lot_id":"U","reason":"broken"
        order.paid p1 10 "order_id":"1","lines":[{"sku":"tea","quantity":4},{"sku":"mango","quantity":1}]
        stock.inspected n1 20 "lot_id":"T","result":"failed""#,
        "1",
        expect![[r#"
            Order douyin/1 in pool hexi: waitlisted, paid, place 1 in line (times in Asia/Shanghai)
            2026-11-22 20:00:10.000  order.paid douyin/p1 [orders/0@4]
                alert unknown_sku, warning: mango is ordered, but no catalogue or stock event has named it: order 1 of douyin.
                alert oversold, critical: Oversold: paid order 1 of douyin is short of 2 units of tea, 1 unit of mango.
                #1 waitlisted (unknown_sku): 3 of 5 units missing; the order waits at its place in line: it names a SKU that no catalogue or stock event has named.
                   short by 2 of tea: 13 received, 10 awaiting inspection, 1 removed (lost, failed, recalled or expired), 2 held for it
                   mango: no catalogue or stock event has named it
                courier: send parcel 1, revision 1: 2 tea (U: 2)
        "#]],
    );
}

#[test]
fn in_chinese() {
    let story = nearly_sold_out()
        + "\n"
        + r#"order.paid p150 200 "order_id":"150","lines":[{"sku":"orange-5kg","quantity":4}]"#;
    let chapters = chapters(&story, "150", Language::Zh);
    expect![[r#"
        库存池 hexi 的订单 douyin/150：排队中，已付款，顺位 150（时间按 Asia/Shanghai）
        2026-11-22 20:03:20.000  order.paid douyin/p150 [orders/0@150]
            提醒 oversold（critical）：超卖：已付款的 douyin 订单 150 缺 orange-5kg 4 件。
            #1 waitlisted (short): 订购 4 件，缺 4 件，按原顺位排队：库存不足。
               orange-5kg 缺 2 件：已入库 300 件，已分配给排在前面的订单 298 件，只剩 2 件，而它需要 4 件
    "#]].assert_eq(&text("150", &chapters, Language::Zh));
}

#[test]
fn programs_get_the_figures() {
    let story = nearly_sold_out()
        + "\n"
        + r#"order.paid p150 200 "order_id":"150","lines":[{"sku":"orange-5kg","quantity":4}]"#;
    let subject = order("douyin", "150");
    let json = as_json(&subject, &chapters(&story, "150", Language::En));
    let pool = &json["pools"][0];
    assert_eq!((&json["order_id"], &pool["place"]), (&"150".into(), &150.into()), "{json:#}");
    assert_eq!((&pool["standing"], &pool["paid"]), (&"waitlisted".into(), &true.into()));
    let steps = pool["steps"].as_array().expect("there are steps");
    let short = steps.iter().find_map(|step| step["short"].get(0)).expect("it is short");
    assert_eq!(short["short_by"], 2);
    assert_eq!((&short["received"], &short["allocated_before"]), (&300.into(), &298.into()));
    assert_eq!(steps[0]["type"], "order.paid", "{json:#}");
    assert_eq!(steps[0]["offset"], 150);
}
