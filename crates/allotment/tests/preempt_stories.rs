//! Stories of paid orders that take from unpaid reservations.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn a_paid_order_takes_from_the_newest_reservations_what_makes_it_whole() {
    check(
        "0:00 policy preempt=yes
         0:01 receive tea L1 5
         1:00 created d/1 tea*2
         1:01 created d/2 tea*2
         1:02 paid d/3 tea*2
         1:03 paid d/4 tea*9
         1:04 paid d/5 tea*2
         1:05 paid d/1
         2:00 receive tea L2 3",
        expect![[r#"
            0:00 policy preempt=yes
            0:01 receive tea L1 5
                level of tea: available 5 of 5
            1:00 created d/1 tea*2
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 3 reserved 2 of 5
            1:01 created d/2 tea*2
                d/2 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 1 reserved 4 of 5
            1:02 paid d/3 tea*2
                d/2 #2: Waitlisted (Preempted) -> Waitlisted, tea*2 reserved 1 waits for 1
                ALERT OversellRisk tea d short 1 [d/2] at 1:02
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/3/1@1: tea*2 (2 of L1)
                ALERT SoldOut tea Left { available: 0 } at 1:02
                level of tea: reserved 3 allocated 2 waitlisted 1 of 5
            1:03 paid d/4 tea*9
                ALERT Oversold tea d short 9 [d/4] at 1:03
                d/4 #1: Waitlisted (Short) -> Waitlisted paid, tea*9 waits for 9
                level of tea: reserved 3 allocated 2 waitlisted 10 of 5
            1:04 paid d/5 tea*2
                d/1 #2: Waitlisted (Preempted) -> Waitlisted, tea*2 reserved 1 waits for 1
                d/5 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/5/1@1: tea*2 (2 of L1)
                level of tea: reserved 1 allocated 4 waitlisted 12 of 5
            1:05 paid d/1
                ALERT Oversold tea d short 1 [d/1] at 1:05
                d/1 #3: Waitlisted (Short) -> Waitlisted paid, tea*2 allocated 1 waits for 1
                level of tea: allocated 5 waitlisted 12 of 5
            2:00 receive tea L2 3
                ALERT OversellRisk tea d short 3 [d/2] [d/1] at 1:12
                d/1 #4: Allocated (Promoted) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (1 of L1, 1 of L2)
                ALERT OversellResolved tea d [d/1] at 2:00
                d/2 #3: Reserved (Promoted) -> Reserved, tea*2 reserved 2
                level of tea: reserved 2 allocated 6 waitlisted 9 of 8
        "#]],
    );
}

#[test]
fn a_waiting_order_that_pays_takes_too_and_several_skus_all_or_none() {
    check(
        "0:00 policy unpaid=waitlist preempt=yes
         0:01 receive tea L1 2
         0:01 receive nut L2 1
         1:00 created d/1 tea*2
         1:01 created d/2 tea*1
         1:02 paid d/3 tea*1 nut*2
         1:03 paid d/2
         1:04 cancelled d/3
         1:05 paid d/4 tea*1 nut*1",
        expect![[r#"
            0:00 policy unpaid=waitlist preempt=yes
            0:01 receive tea L1 2
                level of tea: available 2 of 2
            0:01 receive nut L2 1
                level of nut: available 1 of 1
            1:00 created d/1 tea*2
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: reserved 2 of 2
            1:01 created d/2 tea*1
                ALERT OversellRisk tea d short 1 [d/2] at 1:01
                d/2 #1: Waitlisted (Short) -> Waitlisted, tea*1 waits for 1
                level of tea: reserved 2 waitlisted 1 of 2
            1:02 paid d/3 tea*1 nut*2
                ALERT Oversold d short 3 [d/3] at 1:02
                d/3 #1: Waitlisted (Short) -> Waitlisted paid, tea*1 waits for 1, nut*2 waits for 2
                level of tea: reserved 2 waitlisted 2 of 2
                level of nut: available 1 waitlisted 2 of 1
            1:03 paid d/2
                d/1 #2: Waitlisted (Preempted) -> Waitlisted, tea*2 reserved 1 waits for 1
                d/2 #2: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: reserved 1 allocated 1 waitlisted 2 of 2
            1:04 cancelled d/3
                d/3 #2: Released (Cancelled) -> Cancelled paid, tea*1, nut*2
                ALERT OversellResolved d [d/3] at 1:04
                level of tea: reserved 1 allocated 1 waitlisted 1 of 2
                level of nut: available 1 of 1
            1:05 paid d/4 tea*1 nut*1
                d/4 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1, nut*1 allocated 1
                courier: send d/4/1@1: tea*1 (1 of L1) nut*1 (1 of L2)
                ALERT SoldOut nut Left { available: 0 } at 1:05
                level of tea: allocated 2 waitlisted 2 of 2
                level of nut: allocated 1 of 1
        "#]],
    );
}

#[test]
fn what_is_past_its_date_is_not_taken() {
    check(
        "0:00 policy preempt=yes
         0:01 receive tea L1 1 best=2:00
         0:02 receive tea L2 1
         1:00 created d/1 tea*1
         1:01 created d/2 tea*1
         3:00 paid d/3 tea*1
         3:01 paid d/4 tea*1",
        expect![[r#"
            0:00 policy preempt=yes
            0:01 receive tea L1 1 best=2:00
                level of tea: available 1 of 1
            0:02 receive tea L2 1
                level of tea: available 2 of 2
            1:00 created d/1 tea*1
                d/1 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 1 reserved 1 of 2
            1:01 created d/2 tea*1
                d/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                ALERT SoldOut tea Left { available: 0 } at 1:01
                level of tea: reserved 2 of 2
            3:00 paid d/3 tea*1
                ALERT LotExpired tea [d/1] Lot { lot_id: "L1", removed: 0 } at 2:00
                d/2 #2: Waitlisted (Preempted) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/2] at 3:00
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/3/1@1: tea*1 (1 of L2)
                level of tea: reserved 1 allocated 1 waitlisted 1 of 2
            3:01 paid d/4 tea*1
                ALERT Oversold tea d short 1 [d/4] at 3:01
                d/4 #1: Waitlisted (Short) -> Waitlisted paid, tea*1 waits for 1
                level of tea: reserved 1 allocated 1 waitlisted 2 of 2
        "#]],
    );
}

#[test]
fn a_limit_and_a_promise_come_first_and_channels_do_not_bind_the_paid() {
    check(
        "0:00 policy preempt=yes
         0:00 item tea limit=2 backorder=9 channel=w::1
         0:01 receive tea L1 2
         1:00 created d/1 tea*2 buyer=u1
         1:01 paid w/1 tea*3 buyer=u2
         1:02 paid w/2 tea*2 buyer=u3
         1:03 paid w/3 tea*1 buyer=u4",
        expect![[r#"
            0:00 policy preempt=yes
            0:00 item tea limit=2 backorder=9 channel=w::1
                level of tea: of 0, sellable w 0 * 0
            0:01 receive tea L1 2
                level of tea: available 2 of 2, sellable w 1 * 2
            1:00 created d/1 tea*2 buyer=u1
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: reserved 2 of 2, sellable w 0 * 0
            1:01 paid w/1 tea*3 buyer=u2
                ALERT OverLimit tea w [w/1] at 1:01
                w/1 #1: Refused (Limit) -> Refused paid, tea*3
            1:02 paid w/2 tea*2 buyer=u3
                d/1 #2: Waitlisted (Preempted) -> Waitlisted, tea*2 waits for 2
                ALERT OversellRisk tea d short 2 [d/1] at 1:02
                w/2 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send w/2/1@1: tea*2 (2 of L1)
                level of tea: allocated 2 waitlisted 2 of 2, sellable w 0 * 0
            1:03 paid w/3 tea*1 buyer=u4
                w/3 #1: Backordered (Short) -> Backordered paid, tea*1 waits for 1
                level of tea: allocated 2 waitlisted 2 backordered 1 of 2, sellable w 0 * 0
        "#]],
    );
}
