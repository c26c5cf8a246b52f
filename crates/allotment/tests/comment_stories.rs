//! Stories of comments: what they count for.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn what_is_asked_for_in_a_minute_is_held_against_what_is_left() {
    check(
        "0:00 item tea keywords=1,茶
         0:00 receive tea L1 60
         1:00 created d/1 tea*6
         1:05 says d/u-1 扣1
         1:06 says d/u-2 还有1号吗？
         1:10 says d/u-3 要4份茶
         1:20 says d/u-4 来十份
         1:30 says d/u-5 +1
         2:31 says d/u-6 +9
         2:32 says d/u-6 +2
         2:33 receive tea L2 100
         2:34 created d/2 tea*99
         2:35 created d/3 tea*26",
        expect![[r#"
            0:00 item tea keywords=1,茶
                level of tea: of 0
            0:00 receive tea L1 60
                level of tea: available 60 of 60
            1:00 created d/1 tea*6
                d/1 #1: Reserved (Ok) -> Reserved, tea*6 reserved 6
                level of tea: available 54 reserved 6 of 60
            1:05 says d/u-1 扣1
            1:06 says d/u-2 还有1号吗？
            1:10 says d/u-3 要4份茶
                ALERT DemandSurge tea Surge { asked: 11, left: 54, sold_out_at: Time(364545) } at 1:10
            1:20 says d/u-4 来十份
            1:30 says d/u-5 +1
            2:31 says d/u-6 +9
            2:32 says d/u-6 +2
                ALERT DemandSurge tea Surge { asked: 11, left: 54, sold_out_at: Time(446545) } at 2:32
            2:33 receive tea L2 100
                level of tea: available 154 reserved 6 of 160
            2:34 created d/2 tea*99
                d/2 #1: Reserved (Ok) -> Reserved, tea*99 reserved 99
                ALERT DemandSurge tea Surge { asked: 110, left: 55, sold_out_at: Time(184000) } at 2:34
                level of tea: available 55 reserved 105 of 160
            2:35 created d/3 tea*26
                d/3 #1: Reserved (Ok) -> Reserved, tea*26 reserved 26
                level of tea: available 29 reserved 131 of 160
        "#]],
    );
}

#[test]
fn a_surge_of_bundles_is_one_of_their_components() {
    check(
        "0:00 receive tea L1 50
         0:00 item gift of=tea*2 keywords=9
         1:00 created d/1 gift*3
         1:01 says d/u-1 9号来2份",
        expect![[r#"
            0:00 receive tea L1 50
                level of tea: available 50 of 50
            0:00 item gift of=tea*2 keywords=9
                level of gift: * can sell 25
            1:00 created d/1 gift*3
                d/1 #1: Reserved (Ok) -> Reserved, gift*3 reserved 3
                level of tea: available 44 reserved 6 of 50
                level of gift: * can sell 22
            1:01 says d/u-1 9号来2份
                ALERT DemandSurge tea Surge { asked: 10, left: 44, sold_out_at: Time(325000) } at 1:01
        "#]],
    );
}

#[test]
fn where_claims_are_off_comments_say_nothing() {
    check(
        "0:00 policy claims=off
         0:00 item tea keywords=1
         0:00 receive tea L1 20
         1:00 says d/u-1 1号来20份
         1:01 says d/u-1 坏了",
        expect![[r#"
            0:00 policy claims=off
            0:00 item tea keywords=1
                level of tea: of 0
            0:00 receive tea L1 20
                level of tea: available 20 of 20
            1:00 says d/u-1 1号来20份
            1:01 says d/u-1 坏了
        "#]],
    );
}

#[test]
fn three_buyers_who_complain_of_a_lot_are_a_signal_and_twice_as_many_again() {
    check(
        "0:00 receive tea L1 3
         0:00 receive tea L2 9
         1:00 paid d/1 tea*1 buyer=u-1
         1:01 paid d/2 tea*1 buyer=u-2
         1:02 paid d/3 tea*2 buyer=u-3
         1:03 paid d/4 tea*1 buyer=u-4
         1:04 paid d/5 tea*1 buyer=u-5
         2:00 says d/u-1 都烂了
         3:00 left d/1 d/2 d/3 d/4
         4:00 says d/u-1 都烂了
         4:01 says d/u-1 发霉了
         4:02 says w/u-2 都烂了
         4:03 says d/u-2 都烂了
         4:04 says d/u-3 会不会坏
         4:05 says d/u-3 坏了两份
         4:06 says d/u-4 坏了两份
         4:07 says d/u-5 坏了两份
         5:00 left d/5
         5:01 says d/u-5 坏了两份",
        expect![[r#"
            0:00 receive tea L1 3
                level of tea: available 3 of 3
            0:00 receive tea L2 9
                level of tea: available 12 of 12
            1:00 paid d/1 tea*1 buyer=u-1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: available 11 allocated 1 of 12
            1:01 paid d/2 tea*1 buyer=u-2
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: available 10 allocated 2 of 12
            1:02 paid d/3 tea*2 buyer=u-3
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/3/1@1: tea*2 (1 of L1, 1 of L2)
                level of tea: available 8 allocated 4 of 12
            1:03 paid d/4 tea*1 buyer=u-4
                d/4 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/4/1@1: tea*1 (1 of L2)
                level of tea: available 7 allocated 5 of 12
            1:04 paid d/5 tea*1 buyer=u-5
                d/5 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/5/1@1: tea*1 (1 of L2)
                level of tea: available 6 allocated 6 of 12
            2:00 says d/u-1 都烂了
            3:00 left d/1 d/2 d/3 d/4
                d/1 #2: HandedOver (Ok) -> HandedOver paid, tea*1
                d/2 #2: HandedOver (Ok) -> HandedOver paid, tea*1
                d/3 #2: HandedOver (Ok) -> HandedOver paid, tea*2
                d/4 #2: HandedOver (Ok) -> HandedOver paid, tea*1
                level of tea: available 6 allocated 1 handed over 5 of 12
            4:00 says d/u-1 都烂了
            4:01 says d/u-1 发霉了
            4:02 says w/u-2 都烂了
            4:03 says d/u-2 都烂了
            4:04 says d/u-3 会不会坏
            4:05 says d/u-3 坏了两份
                ALERT QualitySignal tea [d/1] [d/2] [d/3] Complaints { lot_id: "L1", buyers: 3, left: 3 } at 4:05
            4:06 says d/u-4 坏了两份
            4:07 says d/u-5 坏了两份
            5:00 left d/5
                d/5 #2: HandedOver (Ok) -> HandedOver paid, tea*1
                level of tea: available 6 handed over 6 of 12
            5:01 says d/u-5 坏了两份
                ALERT QualitySignal tea [d/3] [d/4] [d/5] Complaints { lot_id: "L2", buyers: 3, left: 3 } at 5:01
        "#]],
    );
}

/// So many orders leave with a lot and two buyers complain; when all of that is forgotten, one leaves more and a
/// third complains.
fn complaints_over_days(orders: u32) -> String {
    let mut story = format!("0:00 receive tea L {}\n", orders + 1);
    for number in 1..=orders {
        story += &format!("1:00 paid d/{number} tea*1 buyer=u-{number}\n2:00 left d/{number}\n");
    }
    story += "3:00 says d/u-1 都烂了\n3:00 says d/u-2 都烂了\n12960:00 wait\n";
    story += "12960:00 paid d/last tea*1 buyer=u-last\n12960:01 left d/last\n";
    tell(&(story + "12960:02 says d/u-last 都烂了"))
}

#[test]
fn orders_that_are_forgotten_have_left_with_their_lot_all_the_same() {
    let told = complaints_over_days(100);
    assert!(!told.contains("QualitySignal"), "three of 101 are few: {told}");
    let told = complaints_over_days(4);
    let alert = "ALERT QualitySignal tea [d/last] Complaints { lot_id: \"L\", buyers: 3, left: 5 }";
    assert!(told.contains(alert), "three of five are many: {told}");
}
