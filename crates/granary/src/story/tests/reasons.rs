//! What keeps an order from its stock, or brings it: a story for each.

use contract::Language;
use expect_test::expect;

use super::{chapters, check, text};

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
                #4 refused (limit): The change is refused; the order stays as it was: the buyer is over the limit for one person.
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
fn fewer_are_counted_than_were_promised_and_more_come() {
    check(
        r#"stock.received s1 0 "sku":"tea","quantity":5,"lot_id":"L1"
        order.paid p1 10 "order_id":"1","lines":[{"sku":"tea","quantity":2}]
        order.paid p2 11 "order_id":"2","lines":[{"sku":"tea","quantity":3}]
        stock.counted n1 20 "sku":"tea","quantity":4
        stock.counted n2 30 "sku":"tea","quantity":6"#,
        "2",
        expect![[r#"
            Order douyin/2 in pool hexi: allocated, paid, place 2 in line (times in Asia/Shanghai)
            2026-11-22 20:00:11.000  order.paid douyin/p2 [orders/0@2]
                #1 allocated (ok): 3 of 3 units set aside for this paid order.
                courier: send parcel 1, revision 1: 3 tea (L1: 3)
            2026-11-22 20:00:20.000  stock.counted douyin/n1 [orders/0@3]
                #2 waitlisted (count): 1 of 3 units missing; the order waits at its place in line: fewer units are there than the books said.
                   short by 1 of tea: 5 received, 2 allocated to orders before it, 1 removed (lost, failed, recalled or expired), 2 held for it
                alert oversold, critical: Oversold: paid order 2 of douyin is short of 1 unit of tea.
                courier: parcel 1 must not leave, revision 2: short
            2026-11-22 20:00:30.000  stock.counted douyin/n2 [orders/0@4]
                #3 allocated (promoted): 3 of 3 units set aside for this paid order: stock became free for it.
                courier: send parcel 1, revision 3: 3 tea (L1: 2, counted: 1)
                alert oversell_resolved, info: No longer oversold: order 2 of douyin.
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
fn what_comes_about_in_one_leap_of_time_has_the_reasons_of_its_own_instant() {
    let story = r#"catalogue.item i1 0 "sku":"pear","backorder":{"limit":5,"until":"2026-11-22T20:10:00+08:00"}
        stock.received s1 0 "sku":"pear","quantity":1,"lot_id":"L1"
        order.created c1 10 "order_id":"1","lines":[{"sku":"pear","quantity":1}]
        order.paid p2 11 "order_id":"2","lines":[{"sku":"pear","quantity":1}]
        comment.posted m1 3600 "buyer_id":"u-9","text":"hello""#;
    check(
        story,
        "2",
        expect![[r#"
        Order douyin/2 in pool hexi: allocated, paid, place 2 in line (times in Asia/Shanghai)
        2026-11-22 20:00:11.000  order.paid douyin/p2 [orders/0@3]
            #1 backordered (short): 1 unit promised from stock that is still to come: there is not enough stock.
               short by 1 of pear: 1 received, 1 reserved for unpaid orders before it, 1 of 5 promised beyond stock until 2026-11-22 20:10:00.000, 1 of them to it
        2026-11-22 20:10:00.000  time passed
            #2 waitlisted (short): 1 of 1 unit missing; the order waits at its place in line: there is not enough stock.
               short by 1 of pear: 1 received, 1 reserved for unpaid orders before it, 1 of 5 promised beyond stock until 2026-11-22 20:10:00.000, 1 of them to it
            alert oversold, critical: Oversold: paid order 2 of douyin is short of 1 unit of pear.
        2026-11-22 20:35:10.000  time passed
            #3 allocated (promoted): 1 of 1 unit set aside for this paid order: stock became free for it.
            courier: send parcel 1, revision 1: 1 pear (L1: 1)
            alert oversell_resolved, info: No longer oversold: order 2 of douyin.
    "#]],
    );
}
