//! Stories as people read them, from events as a bridge sends them.

use std::collections::BTreeMap;

use allotment::{Id, OrderRef, Settings, Time};
use contract::{Arrival, Decoder, Encoder, Encoding, Language, Outgoing, Topic};
use expect_test::{Expect, expect};
use lane::{InputTopic, JournalRecord, PerInput, Process, Range, Record};

use super::{Chapter, Gap, Kept, Next, Place, Queue, Teller, Told, as_json, as_text, order};

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
fn over_the_limit_for_one_person() {
    check(
        r#"catalogue.item i1 0 "sku":"orange-5kg","limit_per_buyer":4
        stock.received s1 0 "sku":"orange-5kg","quantity":100,"lot_id":"L1"
        order.paid p1 10 "order_id":"1","buyer_id":"u-1","lines":[{"sku":"orange-5kg","quantity":3}]
        order.created c2 20 "order_id":"2","buyer_id":"u-1","lines":[{"sku":"orange-5kg","quantity":2}]
        order.paid p2 30 "order_id":"2"
        order.cancelled x1 40 "order_id":"1"
        order.paid p2b 50 "order_id":"2"
        order.amended a2 60 "order_id":"2","lines":[{"sku":"orange-5kg","quantity":5}]"#,
        "2",
        expect![[r#"
            Order douyin/2 in pool hexi: allocated, paid, place 4 in line (times in Asia/Shanghai)
            2026-11-22 20:00:20.000  order.created douyin/c2 [orders/0@3]
                #1 refused (limit): 2 units refused; the order does not wait: the buyer is over the limit for one person.
                   one person may have 4 of orange-5kg: other orders and claims of the buyer have 3, this order asks for 2
            2026-11-22 20:00:30.000  order.paid douyin/p2 [orders/0@4]
                alert over_limit, warning: Paid order 2 of douyin asks for more of orange-5kg than one person may have: that was refused.
                #2 refused (limit): 2 units refused; the order does not wait: the buyer is over the limit for one person.
                   one person may have 4 of orange-5kg: other orders and claims of the buyer have 3, this order asks for 2
            2026-11-22 20:00:50.000  order.paid douyin/p2b [orders/0@6]
                #3 allocated (ok): 2 of 2 units set aside for this paid order.
                courier: send parcel 1, revision 1: 2 orange-5kg (L1: 2)
            2026-11-22 20:01:00.000  order.amended douyin/a2 [orders/0@7]
                alert over_limit, warning: Paid order 2 of douyin asks for more of orange-5kg than one person may have: that was refused.
                #4 refused (limit): 2 of 2 units held, the rest refused: the buyer is over the limit for one person.
                   one person may have 4 of orange-5kg: other orders and claims of the buyer have 0, this order has 2
        "#]],
    );
}

#[test]
fn short_only_for_what_its_platform_may_sell() {
    check(
        r#"catalogue.item i1 0 "sku":"tea","safety_stock":2,"channels":[{"platform":"douyin","max":6},{"platform":"weixin","reserved":3}]
        stock.received s1 0 "sku":"tea","quantity":10,"lot_id":"L1"
        order.created c1 10 "order_id":"1","lines":[{"sku":"tea","quantity":4}]
        order.created c2 20 "order_id":"2","lines":[{"sku":"tea","quantity":2}]
        order.paid p2 30 "order_id":"2""#,
        "2",
        expect![[r#"
            Order douyin/2 in pool hexi: allocated, paid, place 3 in line (times in Asia/Shanghai)
            2026-11-22 20:00:20.000  order.created douyin/c2 [orders/0@3]
                alert oversell_risk, warning: Unpaid orders on douyin asked for 2 units of tea more than can be sold: order 2 of douyin.
                #1 refused (channel): 2 units refused; the order does not wait: the platform has sold what it may sell.
                   short by 1 of tea: 10 received, 4 reserved for unpaid orders before it, 6 left for the 2 that it needs, douyin may sell 1 more (2 are safety stock, 3 are kept for other platforms, it has 4 of at most 6)
            2026-11-22 20:00:30.000  order.paid douyin/p2 [orders/0@4]
                #2 allocated (ok): 2 of 2 units set aside for this paid order.
                courier: send parcel 1, revision 1: 2 tea (L1: 2)
        "#]],
    );
}

#[test]
fn backordered_and_filled_and_not_filled_in_time() {
    let story = r#"catalogue.item i1 0 "sku":"pear","backorder":{"limit":5,"until":"2026-11-22T20:10:00+08:00"}
        stock.received s1 0 "sku":"pear","quantity":1,"lot_id":"L1"
        order.paid p1 10 "order_id":"1","lines":[{"sku":"pear","quantity":3}]
        order.paid p2 11 "order_id":"2","lines":[{"sku":"pear","quantity":2}]
        order.paid p3 12 "order_id":"3","lines":[{"sku":"pear","quantity":3}]
        stock.received s2 20 "sku":"pear","quantity":2,"lot_id":"L2"
        comment.posted c1 900 "buyer_id":"u-9","text":"hello""#;
    check(
        story,
        "1",
        expect![[r#"
        Order douyin/1 in pool hexi: allocated, paid, place 1 in line (times in Asia/Shanghai)
        2026-11-22 20:00:10.000  order.paid douyin/p1 [orders/0@2]
            #1 backordered (short): 3 units promised from stock that is still to come: there is not enough stock.
               short by 2 of pear: 1 received, 1 left for the 3 that it needs, 3 of 5 promised beyond stock until 2026-11-22 20:10:00.000, 3 of them to it
        2026-11-22 20:00:20.000  stock.received douyin/s2 [orders/0@5]
            #2 allocated (promoted): 3 of 3 units set aside for this paid order: stock became free for it.
            courier: send parcel 1, revision 1: 3 pear (L1: 1, L2: 2)
    "#]],
    );
    check(
        story,
        "2",
        expect![[r#"
        Order douyin/2 in pool hexi: waitlisted, paid, place 2 in line (times in Asia/Shanghai)
        2026-11-22 20:00:11.000  order.paid douyin/p2 [orders/0@3]
            #1 backordered (short): 2 units promised from stock that is still to come: there is not enough stock.
               short by 1 of pear: 1 received, 3 waited for by orders before it, 1 left for the 2 that it needs, 5 of 5 promised beyond stock until 2026-11-22 20:10:00.000, 2 of them to it
        2026-11-22 20:10:00.000  time passed
            #2 waitlisted (short): 2 of 2 units missing; the order waits at its place in line: there is not enough stock.
               short by 2 of pear: 3 received, 3 allocated to orders before it, 5 of 5 promised beyond stock until 2026-11-22 20:10:00.000, 2 of them to it
            alert oversold, critical: Oversold: paid order 2 of douyin is short of 2 units of pear.
    "#]],
    );
    check(
        story,
        "3",
        expect![[r#"
        Order douyin/3 in pool hexi: waitlisted, paid, place 3 in line (times in Asia/Shanghai)
        2026-11-22 20:00:12.000  order.paid douyin/p3 [orders/0@4]
            alert oversold, critical: Oversold: paid order 3 of douyin is short of 3 units of pear.
            #1 waitlisted (short): 3 of 3 units missing; the order waits at its place in line: there is not enough stock.
               short by 2 of pear: 1 received, 5 waited for by orders before it, 1 left for the 3 that it needs, 5 of 5 promised beyond stock until 2026-11-22 20:10:00.000
    "#]],
    );
}

#[test]
fn preempted_by_a_paid_order() {
    check(
        r#"pool.policy y1 0 "paid_preempts_reserved":true
        stock.received s1 0 "sku":"tea","quantity":3,"lot_id":"L1"
        order.created c1 10 "order_id":"1","lines":[{"sku":"tea","quantity":3}]
        order.paid p2 20 "order_id":"2","lines":[{"sku":"tea","quantity":2}]
        stock.received s2 30 "sku":"tea","quantity":2,"lot_id":"L2""#,
        "1",
        expect![[r#"
            Order douyin/1 in pool hexi: reserved, not paid, place 1 in line (times in Asia/Shanghai)
            2026-11-22 20:00:10.000  order.created douyin/c1 [orders/0@2]
                #1 reserved (ok): 3 of 3 units held until the order is paid.
            2026-11-22 20:00:20.000  order.paid douyin/p2 [orders/0@3]
                #2 waitlisted (preempted): 2 of 3 units missing; the order waits at its place in line: a paid order needed the units.
                   short by 2 of tea: 3 received, 2 allocated to orders after it, 1 held for it
                alert oversell_risk, warning: Unpaid orders on douyin asked for 2 units of tea more than can be sold: order 1 of douyin.
            2026-11-22 20:00:30.000  stock.received douyin/s2 [orders/0@4]
                #3 reserved (promoted): 3 of 3 units held until the order is paid: stock became free for it.
        "#]],
    );
}

#[test]
fn a_claim_that_its_order_takes_over_and_one_that_is_in_the_way() {
    let story = r#"pool.policy y1 0 "claims":"hold"
        catalogue.item i1 0 "sku":"tea","keywords":["tea"]
        stock.received s1 0 "sku":"tea","quantity":5,"lot_id":"L1"
        comment.posted m1 5 "buyer_id":"u-1","text":"tea x3"
        order.created c2 10 "order_id":"2","buyer_id":"u-2","lines":[{"sku":"tea","quantity":4}]
        order.created c1 20 "order_id":"1","buyer_id":"u-1","lines":[{"sku":"tea","quantity":3}]"#;
    check(
        story,
        "1",
        expect![[r#"
        Order douyin/1 in pool hexi: reserved, not paid, place 3 in line (times in Asia/Shanghai)
        2026-11-22 20:00:20.000  order.created douyin/c1 [orders/0@5]
            took over what its buyer had claimed in comments: 3 of tea
            #1 reserved (ok): 3 of 3 units held until the order is paid.
    "#]],
    );
    check(
        story,
        "2",
        expect![[r#"
        Order douyin/2 in pool hexi: refused, not paid, place 2 in line (times in Asia/Shanghai)
        2026-11-22 20:00:10.000  order.created douyin/c2 [orders/0@4]
            alert oversell_risk, warning: Unpaid orders on douyin asked for 4 units of tea more than can be sold: order 2 of douyin.
            #1 refused (short): 4 units refused; the order does not wait: there is not enough stock.
               short by 2 of tea: 5 received, 3 reserved for unpaid orders before it, 3 of the reserved for claims in comments, 2 left for the 4 that it needs
    "#]],
    );
}

#[test]
fn lots_that_fail_are_recalled_or_expire() {
    let story = r#"stock.received s1 0 "sku":"tea","quantity":2,"lot_id":"L1"
        stock.received s2 0 "sku":"tea","quantity":2,"lot_id":"L2"
        stock.received s3 0 "sku":"tea","quantity":4,"lot_id":"L3","best_before":"2026-11-22T20:05:00+08:00"
        order.paid p1 10 "order_id":"1","lines":[{"sku":"tea","quantity":4}]
        order.paid p2 11 "order_id":"2","lines":[{"sku":"tea","quantity":2}]
        order.paid p3 12 "order_id":"3","lines":[{"sku":"tea","quantity":2}]
        stock.recalled r1 20 "lot_id":"L1","reason":"mould"
        stock.inspected n1 30 "lot_id":"L2","result":"failed"
        comment.posted c1 900 "buyer_id":"u-9","text":"hello""#;
    check(
        story,
        "1",
        expect![[r#"
        Order douyin/1 in pool hexi: allocated, paid, place 1 in line (times in Asia/Shanghai)
        2026-11-22 20:00:10.000  order.paid douyin/p1 [orders/0@3]
            #1 allocated (ok): 4 of 4 units set aside for this paid order.
            courier: send parcel 1, revision 1: 4 tea (L3: 4)
        2026-11-22 20:05:00.000  time passed
            alert lot_expired, warning: Past its best-before date: lot L3 of tea; 0 units taken out of stock; still promised to order 1 of douyin.
    "#]],
    );
    check(
        story,
        "2",
        expect![[r#"
        Order douyin/2 in pool hexi: waitlisted, paid, place 2 in line (times in Asia/Shanghai)
        2026-11-22 20:00:11.000  order.paid douyin/p2 [orders/0@4]
            #1 allocated (ok): 2 of 2 units set aside for this paid order.
            courier: send parcel 1, revision 1: 2 tea (L1: 2)
        2026-11-22 20:00:20.000  stock.recalled douyin/r1 [orders/0@6]
            courier: parcel 1 is now revision 2: 2 tea (L2: 2)
        2026-11-22 20:00:30.000  stock.inspected douyin/n1 [orders/0@7]
            #2 waitlisted (lot_lost): 2 of 2 units missing; the order waits at its place in line: a lot failed its inspection or was recalled.
               short by 2 of tea: 8 received, 4 allocated to orders before it, 4 removed (lost, failed, recalled or expired)
            alert oversold, critical: Oversold: paid order 2 of douyin is short of 2 units of tea.
            courier: parcel 1 must not leave, revision 3: short
    "#]],
    );
    check(
        story,
        "3",
        expect![[r#"
        Order douyin/3 in pool hexi: waitlisted, paid, place 3 in line (times in Asia/Shanghai)
        2026-11-22 20:00:12.000  order.paid douyin/p3 [orders/0@5]
            #1 allocated (ok): 2 of 2 units set aside for this paid order.
            courier: send parcel 1, revision 1: 2 tea (L2: 2)
        2026-11-22 20:00:20.000  stock.recalled douyin/r1 [orders/0@6]
            #2 waitlisted (lot_lost): 2 of 2 units missing; the order waits at its place in line: a lot failed its inspection or was recalled.
               short by 2 of tea: 8 received, 6 allocated to orders before it, 2 removed (lost, failed, recalled or expired)
            alert oversold, critical: Oversold: paid order 3 of douyin is short of 2 units of tea.
            courier: parcel 1 must not leave, revision 2: short
            alert recall, warning: Recalled: lot L1 of tea; 2 units taken out of stock; short by it: order 3 of douyin.
    "#]],
    );
}

#[test]
fn a_recall_takes_from_the_newest_and_lots_are_exchanged() {
    let story = r#"stock.received s1 0 "sku":"tea","quantity":2,"lot_id":"L1"
        stock.received s2 0 "sku":"tea","quantity":2,"lot_id":"L2"
        order.paid p1 10 "order_id":"1","lines":[{"sku":"tea","quantity":2}]
        order.created c2 11 "order_id":"2","lines":[{"sku":"tea","quantity":2}]
        stock.recalled r1 20 "lot_id":"L1","reason":"mould""#;
    check(
        story,
        "1",
        expect![[r#"
        Order douyin/1 in pool hexi: allocated, paid, place 1 in line (times in Asia/Shanghai)
        2026-11-22 20:00:10.000  order.paid douyin/p1 [orders/0@2]
            #1 allocated (ok): 2 of 2 units set aside for this paid order.
            courier: send parcel 1, revision 1: 2 tea (L1: 2)
        2026-11-22 20:00:20.000  stock.recalled douyin/r1 [orders/0@4]
            courier: parcel 1 is now revision 2: 2 tea (L2: 2)
    "#]],
    );
    check(
        story,
        "2",
        expect![[r#"
        Order douyin/2 in pool hexi: waitlisted, not paid, place 2 in line (times in Asia/Shanghai)
        2026-11-22 20:00:11.000  order.created douyin/c2 [orders/0@3]
            #1 reserved (ok): 2 of 2 units held until the order is paid.
        2026-11-22 20:00:20.000  stock.recalled douyin/r1 [orders/0@4]
            #2 waitlisted (lot_lost): 2 of 2 units missing; the order waits at its place in line: a lot failed its inspection or was recalled.
               short by 2 of tea: 4 received, 2 allocated to orders before it, 2 removed (lost, failed, recalled or expired)
            alert oversell_risk, warning: Unpaid orders on douyin asked for 2 units of tea more than can be sold: order 2 of douyin.
            alert recall, warning: Recalled: lot L1 of tea; 2 units taken out of stock; short by it: order 2 of douyin.
    "#]],
    );
}

#[test]
fn on_a_manifest_and_cancelled_after_it_or_handed_over() {
    let story = r#"stock.received s1 0 "sku":"tea","quantity":9,"lot_id":"L1"
        order.paid p1 10 "order_id":"1","lines":[{"sku":"tea","quantity":2}]
        order.paid p2 11 "order_id":"2","lines":[{"sku":"tea","quantity":2}]
        wave.closed w1 20 "wave_id":"w-1"
        order.cancelled x1 30 "order_id":"1"
        shipment.handed_over h1 40 "wave_id":"w-1"
        shipment.handed_over h2 50 "orders":[{"platform":"douyin","order_id":"1"}]
        order.refunded r2 60 "order_id":"2""#;
    check(
        story,
        "1",
        expect![[r#"
        Order douyin/1 in pool hexi: cancelled, paid, place 1 in line (times in Asia/Shanghai)
        2026-11-22 20:00:10.000  order.paid douyin/p1 [orders/0@1]
            #1 allocated (ok): 2 of 2 units set aside for this paid order.
            courier: send parcel 1, revision 1: 2 tea (L1: 2)
        2026-11-22 20:00:20.000  wave.closed douyin/w1 [orders/0@3]
            courier: its parcel is in wave w-1
        2026-11-22 20:00:30.000  order.cancelled douyin/x1 [orders/0@4]
            #2 released (cancelled): What the order held or waited for was given back: the order is cancelled.
            courier: parcel 1 must not leave, revision 2: cancelled
        2026-11-22 20:00:50.000  shipment.handed_over douyin/h2 [orders/0@6]
            alert stock_mismatch, warning: Parcel 1 of order 1 of douyin left though it was cancelled; its units are off the books.
    "#]],
    );
    check(
        story,
        "2",
        expect![[r#"
        Order douyin/2 in pool hexi: handed_over, paid, place 2 in line (times in Asia/Shanghai)
        2026-11-22 20:00:11.000  order.paid douyin/p2 [orders/0@2]
            #1 allocated (ok): 2 of 2 units set aside for this paid order.
            courier: send parcel 1, revision 1: 2 tea (L1: 2)
        2026-11-22 20:00:20.000  wave.closed douyin/w1 [orders/0@3]
            courier: its parcel is in wave w-1
        2026-11-22 20:00:40.000  shipment.handed_over douyin/h1 [orders/0@5]
            #2 handed_over (ok): Handed over to the courier.
        2026-11-22 20:01:00.000  order.refunded douyin/r2 [orders/0@7]
            #3 noted (after_hand_over): Remembered; no stock moved: the parcel has left already.
    "#]],
    );
}

#[test]
fn who_is_passed_over_again_and_again_hears_it_once() {
    let mut story = r#"stock.received s1 0 "sku":"tea","quantity":5,"lot_id":"L1"
        order.paid p1 10 "order_id":"1","lines":[{"sku":"tea","quantity":9}]"#
        .to_owned();
    for number in 2..=5 {
        story.push_str(&format!(
            "\norder.paid p{number} {number}0 \"order_id\":\"{number}\",\"lines\":[{{\"sku\":\"tea\",\"quantity\":1}}]"
        ));
    }
    check(
        &story,
        "1",
        expect![[r#"
        Order douyin/1 in pool hexi: waitlisted, paid, place 1 in line (times in Asia/Shanghai)
        2026-11-22 20:00:10.000  order.paid douyin/p1 [orders/0@1]
            alert oversold, critical: Oversold: paid order 1 of douyin is short of 9 units of tea.
            #1 waitlisted (short): 9 of 9 units missing; the order waits at its place in line: there is not enough stock.
               short by 4 of tea: 5 received, 5 left for the 9 that it needs
        2026-11-22 20:00:20.000  passed over until 2026-11-22 20:00:50.000: 4 orders behind it got stock; it waits for 9 of tea, all at once, and keeps its place
    "#]],
    );
}

#[test]
fn reasons_in_chinese() {
    let story = r#"pool.policy y1 0 "claims":"hold"
        catalogue.item i1 0 "sku":"tea","keywords":["tea"],"limit_per_buyer":4,"safety_stock":1,"channels":[{"platform":"weixin","reserved":1}],"backorder":{"limit":3,"until":"2026-11-22T22:00:00+08:00"}
        stock.received s1 0 "sku":"tea","quantity":9,"lot_id":"L1"
        comment.posted m1 5 "buyer_id":"u-1","text":"tea x3"
        order.created c1 10 "order_id":"1","buyer_id":"u-1","lines":[{"sku":"tea","quantity":3}]
        order.created c2 20 "order_id":"2","buyer_id":"u-1","lines":[{"sku":"tea","quantity":2}]
        order.created c3 30 "order_id":"3","lines":[{"sku":"tea","quantity":4}]
        order.created c4 40 "order_id":"4","lines":[{"sku":"tea","quantity":4}]
        order.cancelled x1 50 "order_id":"1""#;
    let told =
        ["1", "2", "3", "4"].map(|id| text(id, &chapters(story, id, Language::Zh), Language::Zh));
    expect![[r#"
        库存池 hexi 的订单 douyin/1：已取消，未付款，顺位 2（时间按 Asia/Shanghai）
        2026-11-22 20:00:10.000  order.created douyin/c1 [orders/0@4]
            接手买家在评论中占下的 tea 3 件
            #1 reserved (ok): 已为订单预留 3/3 件，等待付款。
        2026-11-22 20:00:50.000  order.cancelled douyin/x1 [orders/0@8]
            #2 released (cancelled): 订单占用或排队的库存已释放：订单已取消。

        库存池 hexi 的订单 douyin/2：已拒绝，未付款，顺位 3（时间按 Asia/Shanghai）
        2026-11-22 20:00:20.000  order.created douyin/c2 [orders/0@5]
            #1 refused (limit): 订购 2 件，已拒绝，不排队：超过每人限购数量。
               tea 每人限购 4 件：该买家的其他订单和评论已有 3 件，本订单要 2 件

        库存池 hexi 的订单 douyin/3：已预留，未付款，顺位 4（时间按 Asia/Shanghai）
        2026-11-22 20:00:30.000  order.created douyin/c3 [orders/0@6]
            #1 reserved (ok): 已为订单预留 4/4 件，等待付款。

        库存池 hexi 的订单 douyin/4：已拒绝，未付款，顺位 5（时间按 Asia/Shanghai）
        2026-11-22 20:00:40.000  order.created douyin/c4 [orders/0@7]
            提醒 oversell_risk（warning）：douyin 未付款订单超出可售数量，缺 tea 4 件：douyin 订单 4。
            #1 refused (short): 订购 4 件，已拒绝，不排队：库存不足。
               tea 缺 4 件：已入库 9 件，为排在前面的未付款订单预留 7 件，只剩 2 件，而它需要 4 件，douyin 还能卖 0 件（安全库存 1 件，为其他平台保留 1 件），可预售 3 件，已承诺 0 件，须在 2026-11-22 22:00:00.000 之前到货
    "#]].assert_eq(&told.join("\n"));
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

/// What `process` tells of a story, as records of the output topics.
fn told(story: &str, subject: &OrderRef, encoding: Encoding) -> BTreeMap<Id, Told> {
    let encoder = Encoder { encoding, ..Encoder::default() };
    let mut process = Process::new(Settings::default(), &Decoder::default(), encoder, 1);
    let mut told = BTreeMap::new();
    let mut levels = Vec::new();
    for (offset, line) in (0..).zip(lines(story)) {
        for produce in process.line("events", offset, &line) {
            let topic = produce.record.topic;
            let record = record(offset, produce.record);
            if topic == Topic::Levels {
                levels.push(record);
            } else if topic != Topic::DeadLetter {
                Told::take(&mut told, subject, topic, &record, encoding);
            }
        }
    }
    levels.iter().for_each(|record| Told::take_level(&mut told, record, encoding));
    told
}

fn record(offset: i64, of: Outgoing) -> Record {
    let Outgoing { key, headers, value, .. } = of;
    Record { offset, timestamp: Time(0), key, headers, value }
}

/// The story of what is left of `story` after its first lines, held against what was told of all of it.
fn what_is_left(story: &str, after: usize, order_id: &str, encoding: Encoding) -> Vec<Chapter> {
    let subject = order("douyin", order_id);
    let told = told(story, &subject, encoding);
    let levels = told.values().flat_map(Told::levels);
    let mut teller = Teller::new(Settings::default(), subject, Language::En, levels);
    let left: Vec<_> = story.lines().filter(|line| !line.trim().is_empty()).skip(after).collect();
    take(&mut teller, &left.join("\n"));
    let gone = Gap::InputGone { topic: "stock".to_owned(), offset: after as i64 };
    super::check(teller.finish(), told, &[gone])
}

const TWO_OF_THREE: &str = r#"stock.received s1 0 "sku":"tea","quantity":3,"lot_id":"L1"
    order.paid p1 10 "order_id":"1","lines":[{"sku":"tea","quantity":2}]
    order.paid p2 11 "order_id":"2","lines":[{"sku":"tea","quantity":2}]
    order.paid p2 11 "order_id":"2","lines":[{"sku":"tea","quantity":2}]
    stock.received s2 20 "sku":"tea","quantity":1,"lot_id":"L2""#;

#[test]
fn what_is_whole_is_told_with_its_reasons_in_either_encoding() {
    for encoding in [Encoding::Json, Encoding::Protobuf] {
        let chapters = what_is_left(TWO_OF_THREE, 0, "2", encoding);
        let [chapter] = &chapters[..] else { panic!("{chapters:?}") };
        assert_eq!(chapter.gaps, [], "{encoding:?}");
        let told = text("2", &chapters, Language::En);
        assert!(
            told.contains("short by 1 of tea: 3 received, 2 allocated to orders before it"),
            "{told}"
        );
    }
}

#[test]
fn where_input_is_gone_what_was_told_is_told_and_no_reason_is_made_up() {
    // Without the first delivery the second order would have been waitlisted just so, with other books.
    for encoding in [Encoding::Json, Encoding::Protobuf] {
        let chapters = what_is_left(TWO_OF_THREE, 2, "2", encoding);
        let told = text("2", &chapters, Language::En);
        assert!(!told.contains("received,"), "{encoding:?}: {told}");
    }
    let chapters = what_is_left(TWO_OF_THREE, 2, "2", Encoding::Json);
    expect![[r#"
        Order douyin/2 in pool hexi: allocated, paid (times in Asia/Shanghai)
          ! What came before offset 2 of stock is no longer on the topic.
          ! From what is left, decision #1 can't be decided again as it was: what follows is what was told, without the stock that was behind it.
        2026-11-22 20:00:11.000  order.paid douyin/p2 [orders/0@0]
            #1 waitlisted (short): 2 of 2 units missing; the order waits at its place in line: there is not enough stock.
            alert oversold, critical: Oversold: paid order 2 of douyin is short of 2 units of tea.
        2026-11-22 20:00:11.000  order.paid douyin/p2 [orders/0@1]
            #2 duplicate (repeat): Nothing done: this event was taken before.
        2026-11-22 20:00:20.000  after event s2
            #3 allocated (promoted): 2 of 2 units set aside for this paid order: stock became free for it.
            courier: send parcel 1, revision 1: 2 tea (L1: 1, L2: 1)
            alert oversell_resolved, info: No longer oversold: order 2 of douyin.
    "#]].assert_eq(&text("2", &chapters, Language::En));
}

#[test]
fn books_that_come_out_otherwise_are_not_told() {
    let story = r#"stock.received s1 0 "sku":"tea","quantity":3,"lot_id":"L1"
        order.paid p1 10 "order_id":"1","lines":[{"sku":"tea","quantity":3}]
        order.paid p2 11 "order_id":"2","lines":[{"sku":"tea","quantity":2}]"#;
    let chapters = what_is_left(story, 2, "2", Encoding::Json);
    let told = text("2", &chapters, Language::En);
    assert!(!told.contains("received"), "{told}");
    let gone = Gap::InputGone { topic: "stock".to_owned(), offset: 2 };
    assert_eq!(chapters[0].gaps.first(), Some(&gone), "{told}");
    assert_eq!(chapters[0].gaps.len(), 2, "{told}");
}

#[test]
fn records_have_their_turn_as_the_journal_says_and_before_it_by_arrival() {
    let mut queue = Queue::default();
    let kept = |offset, at| Kept { offset, arrival: Time(at), moves: true, events: Vec::new() };
    for (input, offset, at) in [
        (InputTopic::Orders, 0, 5),
        (InputTopic::Orders, 1, 7),
        (InputTopic::Orders, 2, 9),
        (InputTopic::Stock, 0, 7),
        (InputTopic::Stock, 4, 1),
        (InputTopic::Stock, 5, 90),
    ] {
        queue.keep(input, kept(offset, at));
    }
    let journal = |clock, followed, taken: [(InputTopic, i64, i64); 2]| JournalRecord {
        epoch: 1,
        sequence: 5,
        rules: 1,
        partitions: 1,
        settings: 0,
        clock: Time(clock),
        followed,
        taken: PerInput::from_fn(|input| {
            let range = taken.iter().find(|(of, ..)| *of == input)?;
            (range.1 < range.2).then_some(Range { from: range.1, to: range.2, records: 1 })
        }),
        events: 0,
        before: 0,
        after: 0,
    };
    let journal = [
        journal(20, None, [(InputTopic::Orders, 2, 3), (InputTopic::Stock, 1, 1)]),
        journal(30, Some(Time(25)), [(InputTopic::Orders, 3, 3), (InputTopic::Stock, 4, 6)]),
    ];
    let mut turns = Vec::new();
    queue.run(&journal, |next| match next {
        Next::Record(kept, arrival) => turns.push((kept.offset, arrival.0)),
        Next::Pass(time) => turns.push((-1, time.0)),
    });
    // Orders 0, Stock 0 before Orders 1 in the same millisecond; Stock 4 came late, and only after Orders 2.
    assert_eq!(turns, [(0, 5), (0, 7), (1, 7), (2, 9), (-1, 25), (4, 1), (5, 30)]);
}
