//! Stories of backorders: what is promised beyond stock, and until when.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn a_harvest_is_promised_once_and_filled_first_come_first_served() {
    check(
        "0:00 item tea backorder=4
         0:01 receive tea L1 1
         1:00 created d/1 tea*2
         1:01 paid d/2 tea*1
         1:02 created d/3 tea*2
         1:03 paid d/3
         1:04 paid d/1
         2:00 receive tea L2 2
         3:00 created d/4 tea*1
         3:01 created d/5 tea*1
         4:00 cancelled d/1
         4:01 created d/6 tea*1",
        expect![[r#"
            0:00 item tea backorder=4
                level of tea: of 0
            0:01 receive tea L1 1
                level of tea: available 1 of 1
            1:00 created d/1 tea*2
                d/1 #1: Backordered (Short) -> Backordered, tea*2 waits for 2
                level of tea: available 1 backordered 2 of 1
            1:01 paid d/2 tea*1
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                ALERT SoldOut tea Left { available: 0 } at 1:01
                level of tea: allocated 1 backordered 2 of 1
            1:02 created d/3 tea*2
                d/3 #1: Backordered (Short) -> Backordered, tea*2 waits for 2
                level of tea: allocated 1 backordered 4 of 1
            1:03 paid d/3
                d/3 #2: Backordered (Short) -> Backordered paid, tea*2 waits for 2
            1:04 paid d/1
                d/1 #2: Backordered (Short) -> Backordered paid, tea*2 waits for 2
            2:00 receive tea L2 2
                d/1 #3: Allocated (Promoted) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L2)
                level of tea: allocated 3 backordered 2 of 3
            3:00 created d/4 tea*1
                ALERT OversellRisk tea d short 1 [d/4] at 3:00
                d/4 #1: Refused (Short) -> Refused, tea*1
            3:01 created d/5 tea*1
                d/5 #1: Refused (Short) -> Refused, tea*1
            4:00 cancelled d/1
                ALERT OversellRisk tea d short 1 [d/5] at 3:10
                d/1 #4: Released (Cancelled) -> Cancelled paid, tea*2
                courier: keep back d/1/1@2 (Cancelled)
                d/3 #3: Allocated (Promoted) -> Allocated paid, tea*2 allocated 2
                courier: send d/3/1@1: tea*2 (2 of L2)
                level of tea: allocated 3 of 3
            4:01 created d/6 tea*1
                d/6 #1: Backordered (Short) -> Backordered, tea*1 waits for 1
                level of tea: allocated 3 backordered 1 of 3
        "#]],
    );
}

#[test]
fn at_its_date_the_paid_wait_on_and_the_unpaid_are_refused() {
    check(
        "0:00 item tea backorder=9@10:00
         0:00 item nut backorder=9@10:00
         0:01 receive tea L1 1
         1:00 created d/1 tea*2
         1:01 paid d/2 nut*1 tea*1
         1:02 created d/3 nut*1
         9:00 receive tea L2 1
         10:00 wait
         10:01 paid d/4 tea*1
         11:00 receive nut L3 3",
        expect![[r#"
            0:00 item tea backorder=9@10:00
                level of tea: of 0
            0:00 item nut backorder=9@10:00
                level of nut: of 0
            0:01 receive tea L1 1
                level of tea: available 1 of 1
            1:00 created d/1 tea*2
                d/1 #1: Backordered (Short) -> Backordered, tea*2 waits for 2
                level of tea: available 1 backordered 2 of 1
            1:01 paid d/2 nut*1 tea*1
                d/2 #1: Backordered (Short) -> Backordered paid, nut*1 waits for 1, tea*1 waits for 1
                level of tea: available 1 backordered 3 of 1
                level of nut: backordered 1 of 0
            1:02 created d/3 nut*1
                d/3 #1: Backordered (Short) -> Backordered, nut*1 waits for 1
                level of nut: backordered 2 of 0
            9:00 receive tea L2 1
                d/1 #2: Reserved (Promoted) -> Reserved, tea*2 reserved 2
                ALERT SoldOut tea Left { available: 0 } at 9:00
                level of tea: reserved 2 backordered 1 of 2
            10:00 wait
                d/3 #2: Refused (Short) -> Refused, nut*1 at 10:00
                d/2 #2: Waitlisted (Short) -> Waitlisted paid, nut*1 waits for 1, tea*1 waits for 1 at 10:00
                ALERT Oversold d short 2 [d/2] at 10:00
                level of tea: reserved 2 waitlisted 1 of 2
                level of nut: waitlisted 1 of 0
            10:01 paid d/4 tea*1
                ALERT Oversold tea d short 1 [d/4] at 10:01
                d/4 #1: Waitlisted (Short) -> Waitlisted paid, tea*1 waits for 1
                level of tea: reserved 2 waitlisted 2 of 2
            11:00 receive nut L3 3
                level of nut: available 3 waitlisted 1 of 3
        "#]],
    );
}

#[test]
fn a_backordered_order_that_is_amended_is_judged_anew() {
    check(
        "0:00 item tea backorder=3
         0:01 receive tea L1 1
         1:00 created d/1 tea*1
         1:01 created d/2 tea*2
         1:02 amended d/2 tea*3
         1:03 amended d/2 tea*4
         1:04 amended d/2 tea*2
         1:05 created d/3 tea*3
         1:06 amended d/1 tea*2",
        expect![[r#"
            0:00 item tea backorder=3
                level of tea: of 0
            0:01 receive tea L1 1
                level of tea: available 1 of 1
            1:00 created d/1 tea*1
                d/1 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: reserved 1 of 1
            1:01 created d/2 tea*2
                d/2 #1: Backordered (Short) -> Backordered, tea*2 waits for 2
                level of tea: reserved 1 backordered 2 of 1
            1:02 amended d/2 tea*3
                d/2 #2: Backordered (Short) -> Backordered, tea*3 waits for 3
                level of tea: reserved 1 backordered 3 of 1
            1:03 amended d/2 tea*4
                ALERT OversellRisk tea d short 4 [d/2] at 1:03
                d/2 #3: Waitlisted (Short) -> Waitlisted, tea*4 waits for 4
                level of tea: reserved 1 waitlisted 4 of 1
            1:04 amended d/2 tea*2
                d/2 #4: Waitlisted (Short) -> Waitlisted, tea*2 waits for 2
                level of tea: reserved 1 waitlisted 2 of 1
            1:05 created d/3 tea*3
                d/3 #1: Backordered (Short) -> Backordered, tea*3 waits for 3
                level of tea: reserved 1 waitlisted 2 backordered 3 of 1
            1:06 amended d/1 tea*2
                d/1 #2: Waitlisted (Short) -> Waitlisted, tea*2 reserved 1 waits for 1
                level of tea: reserved 1 waitlisted 3 backordered 3 of 1
        "#]],
    );
}

#[test]
fn a_refund_frees_what_is_no_longer_waited_for() {
    check(
        "0:00 item tea backorder=4
         1:00 paid d/1 tea*4
         1:01 refunded d/1 tea*1
         1:02 created d/2 tea*2
         1:03 created d/3 tea*1
         1:04 receive tea L1 4
         1:05 created d/4 tea*1
         1:06 refunded d/1
         1:07 receive tea L2 1
         1:08 created d/5 tea*9
         1:09 created d/6 tea*1
         1:10 created d/7 tea*3",
        expect![[r#"
            0:00 item tea backorder=4
                level of tea: of 0
            1:00 paid d/1 tea*4
                d/1 #1: Backordered (Short) -> Backordered paid, tea*4 waits for 4
                level of tea: backordered 4 of 0
            1:01 refunded d/1 tea*1
                d/1 #2: Refunded (Ok) -> Backordered paid, tea*3 waits for 3
                level of tea: backordered 3 of 0
            1:02 created d/2 tea*2
                ALERT OversellRisk tea d short 2 [d/2] at 1:02
                d/2 #1: Refused (Short) -> Refused, tea*2
            1:03 created d/3 tea*1
                d/3 #1: Backordered (Short) -> Backordered, tea*1 waits for 1
                level of tea: backordered 4 of 0
            1:04 receive tea L1 4
                d/1 #3: Allocated (Promoted) -> Allocated paid, tea*3 allocated 3
                courier: send d/1/1@1: tea*3 (3 of L1)
                d/3 #2: Reserved (Promoted) -> Reserved, tea*1 reserved 1
                level of tea: reserved 1 allocated 3 of 4
            1:05 created d/4 tea*1
                d/4 #1: Refused (Short) -> Refused, tea*1
            1:06 refunded d/1
                d/1 #4: Refunded (Ok) -> Refunded paid, tea*0
                courier: keep back d/1/1@2 (Cancelled)
                level of tea: available 3 reserved 1 of 4
            1:07 receive tea L2 1
                level of tea: available 4 reserved 1 of 5
            1:08 created d/5 tea*9
                d/5 #1: Refused (Short) -> Refused, tea*9
                ALERT DemandSurge tea Surge { asked: 17, left: 4, sold_out_at: Time(82117) } at 1:08
            1:09 created d/6 tea*1
                d/6 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 3 reserved 2 of 5
            1:10 created d/7 tea*3
                d/7 #1: Reserved (Ok) -> Reserved, tea*3 reserved 3
                ALERT SoldOut tea Left { available: 0 } at 1:10
                level of tea: reserved 5 of 5
        "#]],
    );
}

#[test]
fn another_date_counts_from_now_on_and_a_new_season_starts_afresh() {
    check(
        "0:00 item tea backorder=2@10:00
         1:00 created d/1 tea*2
         1:01 item tea backorder=2@20:00
         10:00 wait
         10:01 created d/2 tea*1
         10:02 item tea backorder=2@20:00 season=autumn
         10:03 created d/3 tea*1
         10:04 item tea season=autumn
         20:00 wait
         20:01 item tea backorder=9@15:00
         20:02 receive tea L1 3",
        expect![[r#"
            0:00 item tea backorder=2@10:00
                level of tea: of 0
            1:00 created d/1 tea*2
                d/1 #1: Backordered (Short) -> Backordered, tea*2 waits for 2
                level of tea: backordered 2 of 0
            1:01 item tea backorder=2@20:00
            10:00 wait
            10:01 created d/2 tea*1
                ALERT OversellRisk tea d short 1 [d/2] at 10:01
                d/2 #1: Refused (Short) -> Refused, tea*1
            10:02 item tea backorder=2@20:00 season=autumn
            10:03 created d/3 tea*1
                d/3 #1: Backordered (Short) -> Backordered, tea*1 waits for 1
                level of tea: backordered 3 of 0
            10:04 item tea season=autumn
            20:00 wait
            20:01 item tea backorder=9@15:00
                d/1 #2: Refused (Short) -> Refused, tea*2 at 20:01
                d/3 #2: Refused (Short) -> Refused, tea*1 at 20:01
                level of tea: of 0
            20:02 receive tea L1 3
                level of tea: available 3 of 3
        "#]],
    );
}

#[test]
fn what_is_lost_is_waited_for_without_a_promise() {
    check(
        "0:00 item tea backorder=5
         0:01 receive tea L1 2
         1:00 paid d/1 tea*2
         1:01 paid d/2 tea*1
         2:00 adjust tea -1
         3:00 receive tea L2 1
         4:00 receive tea L3 1",
        expect![[r#"
            0:00 item tea backorder=5
                level of tea: of 0
            0:01 receive tea L1 2
                level of tea: available 2 of 2
            1:00 paid d/1 tea*2
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: allocated 2 of 2
            1:01 paid d/2 tea*1
                d/2 #1: Backordered (Short) -> Backordered paid, tea*1 waits for 1
                level of tea: allocated 2 backordered 1 of 2
            2:00 adjust tea -1
                d/1 #2: Waitlisted (Count) -> Waitlisted paid, tea*2 allocated 1 waits for 1
                ALERT Oversold tea d short 1 [d/1] at 2:00
                courier: keep back d/1/1@2 (Short)
                level of tea: allocated 1 removed 1 waitlisted 1 backordered 1 of 2
            3:00 receive tea L2 1
                d/1 #3: Allocated (Promoted) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@3: tea*2 (1 of L1, 1 of L2)
                ALERT OversellResolved tea d [d/1] at 3:00
                level of tea: allocated 2 removed 1 backordered 1 of 3
            4:00 receive tea L3 1
                d/2 #2: Allocated (Promoted) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L3)
                level of tea: allocated 3 removed 1 of 4
        "#]],
    );
}

#[test]
fn in_part_what_there_is_is_held_and_the_rest_promised() {
    check(
        "0:00 policy partial=yes
         0:00 item tea backorder=2@10:00
         0:01 receive tea L1 2
         1:00 paid d/1 tea*3
         1:01 created d/2 tea*1
         2:00 receive tea L2 1
         10:00 wait",
        expect![[r#"
            0:00 policy partial=yes
            0:00 item tea backorder=2@10:00
                level of tea: of 0
            0:01 receive tea L1 2
                level of tea: available 2 of 2
            1:00 paid d/1 tea*3
                d/1 #1: Backordered (Short) -> Backordered paid, tea*3 allocated 2 waits for 1
                courier: send d/1/1@1: tea*2 (2 of L1)
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: allocated 2 backordered 1 of 2
            1:01 created d/2 tea*1
                d/2 #1: Backordered (Short) -> Backordered, tea*1 waits for 1
                level of tea: allocated 2 backordered 2 of 2
            2:00 receive tea L2 1
                d/1 #2: Allocated (Promoted) -> Allocated paid, tea*3 allocated 3
                courier: instead send d/1/1@2: tea*3 (2 of L1, 1 of L2)
                level of tea: allocated 3 backordered 1 of 3
            10:00 wait
                d/2 #2: Refused (Short) -> Refused, tea*1 at 10:00
                level of tea: allocated 3 of 3
        "#]],
    );
}

#[test]
fn what_has_left_counts_until_its_order_is_cancelled() {
    check(
        "0:00 item tea backorder=3
         1:00 paid d/1 tea*3
         2:00 receive tea L1 3
         3:00 left d/1
         4:00 created d/2 tea*1
         5:00 cancelled d/1
         6:00 created d/3 tea*3",
        expect![[r#"
            0:00 item tea backorder=3
                level of tea: of 0
            1:00 paid d/1 tea*3
                d/1 #1: Backordered (Short) -> Backordered paid, tea*3 waits for 3
                level of tea: backordered 3 of 0
            2:00 receive tea L1 3
                d/1 #2: Allocated (Promoted) -> Allocated paid, tea*3 allocated 3
                courier: send d/1/1@1: tea*3 (3 of L1)
                level of tea: allocated 3 of 3
            3:00 left d/1
                d/1 #3: HandedOver (Ok) -> HandedOver paid, tea*3
                level of tea: handed over 3 of 3
            4:00 created d/2 tea*1
                ALERT OversellRisk tea d short 1 [d/2] at 4:00
                d/2 #1: Refused (Short) -> Refused, tea*1
            5:00 cancelled d/1
                d/1 #4: Noted (AfterHandOver) -> HandedOver paid, tea*3
            6:00 created d/3 tea*3
                d/3 #1: Backordered (Short) -> Backordered, tea*3 waits for 3
                level of tea: handed over 3 backordered 3 of 3
        "#]],
    );
}

#[test]
fn a_payment_asks_once_more_for_the_rest_that_was_refused_and_may_join() {
    check(
        "0:00 policy partial=yes
         0:01 receive tea L1 1
         1:00 created d/1 tea*3
         2:00 item tea backorder=2
         3:00 paid d/1
         4:00 receive tea L2 2",
        expect![[r#"
            0:00 policy partial=yes
            0:01 receive tea L1 1
                level of tea: available 1 of 1
            1:00 created d/1 tea*3
                ALERT OversellRisk tea d short 2 [d/1] at 1:00
                d/1 #1: Refused (Short) -> Reserved, tea*3 reserved 1
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: reserved 1 of 1
            2:00 item tea backorder=2
            3:00 paid d/1
                d/1 #2: Backordered (Short) -> Backordered paid, tea*3 allocated 1 waits for 2
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: allocated 1 backordered 2 of 1
            4:00 receive tea L2 2
                d/1 #3: Allocated (Promoted) -> Allocated paid, tea*3 allocated 3
                courier: instead send d/1/1@2: tea*3 (1 of L1, 2 of L2)
                level of tea: allocated 3 of 3
        "#]],
    );
}
