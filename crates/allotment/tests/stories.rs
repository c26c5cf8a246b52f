//! Stories that show each rule of the contract at work on one pool.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn first_come_first_served_and_the_reservation_ends() {
    check(
        "0:00 receive tea L1 3
         1:00 created d/1 tea*2
         1:01 created w/2 tea*2
         1:02 paid d/3 tea*1
         36:00 wait
         37:00 paid d/1",
        expect![[r#"
            0:00 receive tea L1 3
                level of tea: available 3 of 3
            1:00 created d/1 tea*2
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 1 reserved 2 of 3
            1:01 created w/2 tea*2
                ALERT OversellRisk tea w short 2 [w/2] at 1:01
                w/2 #1: Refused (Short) -> Refused, tea*2
            1:02 paid d/3 tea*1
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/3/1@1: tea*1 (1 of L1)
                ALERT SoldOut tea Left { available: 0 } at 1:02
                level of tea: reserved 2 allocated 1 of 3
            36:00 wait
                d/1 #2: Released (Expired) -> Released, tea*2 at 36:00
                ALERT Restocked tea Left { available: 2 } at 36:00
                level of tea: available 2 allocated 1 of 3
            37:00 paid d/1
                d/1 #3: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                ALERT SoldOut tea Left { available: 0 } at 37:00
                level of tea: allocated 3 of 3
        "#]],
    );
}

#[test]
fn who_waits_is_served_by_place_and_what_does_not_fit_is_passed_over() {
    check(
        "0:00 policy unpaid=waitlist ttl=600
         0:00 receive tea L1 2
         1:00 paid d/1 tea*2
         1:01 created d/2 tea*3
         1:02 created d/3 tea*1
         1:03 created d/4 tea*1
         2:00 receive tea L2 1
         3:00 receive tea L3 4
         14:00 wait",
        expect![[r#"
            0:00 policy unpaid=waitlist ttl=600
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            1:00 paid d/1 tea*2
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: allocated 2 of 2
            1:01 created d/2 tea*3
                ALERT OversellRisk tea d short 3 [d/2] at 1:01
                d/2 #1: Waitlisted (Short) -> Waitlisted, tea*3 waits for 3
                level of tea: allocated 2 waitlisted 3 of 2
            1:02 created d/3 tea*1
                d/3 #1: Waitlisted (Short) -> Waitlisted, tea*1 waits for 1
                level of tea: allocated 2 waitlisted 4 of 2
            1:03 created d/4 tea*1
                d/4 #1: Waitlisted (Short) -> Waitlisted, tea*1 waits for 1
                level of tea: allocated 2 waitlisted 5 of 2
            2:00 receive tea L2 1
                ALERT OversellRisk tea d short 2 [d/3] [d/4] at 1:11
                d/3 #2: Reserved (Promoted) -> Reserved, tea*1 reserved 1
                level of tea: reserved 1 allocated 2 waitlisted 4 of 3
            3:00 receive tea L3 4
                d/2 #2: Reserved (Promoted) -> Reserved, tea*3 reserved 3
                d/4 #2: Reserved (Promoted) -> Reserved, tea*1 reserved 1
                level of tea: reserved 5 allocated 2 of 7
            14:00 wait
                d/3 #3: Released (Expired) -> Released, tea*1 at 12:00
                ALERT Restocked tea Left { available: 1 } at 12:00
                d/2 #3: Released (Expired) -> Released, tea*3 at 13:00
                d/4 #3: Released (Expired) -> Released, tea*1 at 13:00
                level of tea: available 5 allocated 2 of 7
        "#]],
    );
}

#[test]
fn a_paid_order_that_is_short_waits_and_is_told_once() {
    check(
        "0:00 receive tea L1 1
         1:00 paid d/1 tea*2
         1:01 paid d/1
         2:00 refunded d/1 #1*1
         3:00 paid d/2 tea*1
         4:00 cancelled d/2",
        expect![[r#"
            0:00 receive tea L1 1
                level of tea: available 1 of 1
            1:00 paid d/1 tea*2
                ALERT Oversold tea d short 2 [d/1] at 1:00
                d/1 #1: Waitlisted (Short) -> Waitlisted paid, tea*2 waits for 2
                level of tea: available 1 waitlisted 2 of 1
            1:01 paid d/1
                d/1 #2: Waitlisted (Short) -> Waitlisted paid, tea*2 waits for 2
            2:00 refunded d/1 #1*1
                d/1 #3: Refunded (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                ALERT OversellResolved tea d [d/1] at 2:00
                ALERT SoldOut tea Left { available: 0 } at 2:00
                level of tea: allocated 1 of 1
            3:00 paid d/2 tea*1
                ALERT Oversold tea d short 1 [d/2] at 3:00
                d/2 #1: Waitlisted (Short) -> Waitlisted paid, tea*1 waits for 1
                level of tea: allocated 1 waitlisted 1 of 1
            4:00 cancelled d/2
                d/2 #2: Released (Cancelled) -> Cancelled paid, tea*1
                ALERT OversellResolved tea d [d/2] at 4:00
                level of tea: allocated 1 of 1
        "#]],
    );
}

#[test]
fn an_amendment_that_does_not_fit_keeps_what_it_has_and_its_old_deadline() {
    check(
        "0:00 receive tea L1 3
         1:00 created d/1 tea*3
         2:00 amended d/1 tea*5
         3:00 amended d/1 tea*2
         36:00 wait",
        expect![[r#"
            0:00 receive tea L1 3
                level of tea: available 3 of 3
            1:00 created d/1 tea*3
                d/1 #1: Reserved (Ok) -> Reserved, tea*3 reserved 3
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: reserved 3 of 3
            2:00 amended d/1 tea*5
                ALERT OversellRisk tea d short 2 [d/1] at 2:00
                d/1 #2: Waitlisted (Short) -> Waitlisted, tea*5 reserved 3 waits for 2
                level of tea: reserved 3 waitlisted 2 of 3
            3:00 amended d/1 tea*2
                d/1 #3: Amended (Ok) -> Reserved, tea*2 reserved 2
                ALERT Restocked tea Left { available: 1 } at 3:00
                level of tea: available 1 reserved 2 of 3
            36:00 wait
                d/1 #4: Released (Expired) -> Released, tea*2 at 36:00
                level of tea: available 3 of 3
        "#]],
    );
}

#[test]
fn what_an_amendment_releases_goes_to_earlier_places_first() {
    check(
        "0:00 policy unpaid=waitlist
         0:00 receive tea L1 2
         0:00 receive nut L2 1
         1:00 created d/1 tea*2
         1:01 created d/2 tea*1
         1:02 created d/3 nut*1
         2:00 amended d/3 tea*1
         3:00 amended d/1 tea*1 nut*1",
        expect![[r#"
            0:00 policy unpaid=waitlist
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            0:00 receive nut L2 1
                level of nut: available 1 of 1
            1:00 created d/1 tea*2
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: reserved 2 of 2
            1:01 created d/2 tea*1
                ALERT OversellRisk tea d short 1 [d/2] at 1:01
                d/2 #1: Waitlisted (Short) -> Waitlisted, tea*1 waits for 1
                level of tea: reserved 2 waitlisted 1 of 2
            1:02 created d/3 nut*1
                d/3 #1: Reserved (Ok) -> Reserved, nut*1 reserved 1
                ALERT SoldOut nut Left { available: 0 } at 1:02
                level of nut: reserved 1 of 1
            2:00 amended d/3 tea*1
                ALERT OversellRisk tea d short 1 [d/3] at 2:00
                d/3 #2: Waitlisted (Short) -> Waitlisted, tea*1 waits for 1
                ALERT Restocked nut Left { available: 1 } at 2:00
                level of tea: reserved 2 waitlisted 2 of 2
                level of nut: available 1 of 1
            3:00 amended d/1 tea*1 nut*1
                d/1 #2: Amended (Ok) -> Reserved, tea*1 reserved 1, nut*1 reserved 1
                d/2 #2: Reserved (Promoted) -> Reserved, tea*1 reserved 1
                ALERT SoldOut nut Left { available: 0 } at 3:00
                level of tea: reserved 2 waitlisted 1 of 2
                level of nut: reserved 1 of 1
        "#]],
    );
}

#[test]
fn partial_orders_keep_what_there_is() {
    check(
        "0:00 policy partial=yes unpaid=refuse paid=waitlist
         0:00 receive tea L1 2
         1:00 created d/1 tea*3
         2:00 paid d/1
         3:00 receive tea L2 1",
        expect![[r#"
            0:00 policy partial=yes unpaid=refuse paid=waitlist
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            1:00 created d/1 tea*3
                ALERT OversellRisk tea d short 1 [d/1] at 1:00
                d/1 #1: Refused (Short) -> Reserved, tea*3 reserved 2
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: reserved 2 of 2
            2:00 paid d/1
                ALERT Oversold tea d short 1 [d/1] at 2:00
                d/1 #2: Waitlisted (Short) -> Waitlisted paid, tea*3 allocated 2 waits for 1
                courier: send d/1/1@1: tea*2 (2 of L1)
                level of tea: allocated 2 waitlisted 1 of 2
            3:00 receive tea L2 1
                d/1 #3: Allocated (Promoted) -> Allocated paid, tea*3 allocated 3
                courier: instead send d/1/1@2: tea*3 (2 of L1, 1 of L2)
                ALERT OversellResolved tea d [d/1] at 3:00
                level of tea: allocated 3 of 3
        "#]],
    );
}

#[test]
fn stock_is_held_only_by_paid_orders_if_the_policy_says_so() {
    check(
        "0:00 policy allocate_on=paid paid=refuse
         0:00 receive tea L1 2
         1:00 created d/1 tea*2
         1:01 created d/2 tea*2
         2:00 paid d/2
         2:01 paid d/1
         3:00 cancelled d/2
         4:00 paid d/1",
        expect![[r#"
            0:00 policy allocate_on=paid paid=refuse
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            1:00 created d/1 tea*2
                d/1 #1: Noted (Policy) -> New, tea*2
            1:01 created d/2 tea*2
                d/2 #1: Noted (Policy) -> New, tea*2
            2:00 paid d/2
                d/2 #2: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/2/1@1: tea*2 (2 of L1)
                ALERT SoldOut tea Left { available: 0 } at 2:00
                level of tea: allocated 2 of 2
            2:01 paid d/1
                ALERT Oversold tea d short 2 [d/1] at 2:01
                d/1 #2: Refused (Short) -> Refused paid, tea*2
            3:00 cancelled d/2
                d/2 #3: Released (Cancelled) -> Cancelled paid, tea*2
                courier: keep back d/2/1@2 (Cancelled)
                ALERT Restocked tea Left { available: 2 } at 3:00
                level of tea: available 2 of 2
            4:00 paid d/1
                d/1 #3: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                ALERT OversellResolved tea d [d/1] at 4:00
                ALERT SoldOut tea Left { available: 0 } at 4:00
                level of tea: allocated 2 of 2
        "#]],
    );
}

#[test]
fn refunds_and_newer_lines_meet_by_when_they_happened() {
    check(
        "0:00 receive tea L1 10
         5:00 refunded d/1 tea*1
         5:01 created d/1 tea*3 tea*2 happened=1:00
         5:02 amended d/1 tea*4 happened=6:00
         7:00 refunded d/1
         7:01 paid d/1 happened=2:00",
        expect![[r#"
            0:00 receive tea L1 10
                level of tea: available 10 of 10
            5:00 refunded d/1 tea*1
                d/1 #1: Noted (Ok) -> New
            5:01 created d/1 tea*3 tea*2 happened=1:00
                d/1 #2: Reserved (Ok) -> Reserved, tea*2 reserved 2, tea*2 reserved 2
                level of tea: available 6 reserved 4 of 10
            5:02 amended d/1 tea*4 happened=6:00
                d/1 #3: Amended (Ok) -> Reserved, tea*4 reserved 4
            7:00 refunded d/1
                d/1 #4: Refunded (Ok) -> Refunded, tea*0
                level of tea: available 10 of 10
            7:01 paid d/1 happened=2:00
                d/1 #5: Noted (Refunded) -> Refunded paid, tea*0
        "#]],
    );
}

#[test]
fn a_cancellation_is_final_and_money_on_a_closed_order_is_told() {
    check(
        "0:00 receive tea L1 10
         1:00 paid d/1 tea*3
         2:00 cancelled d/1
         3:00 amended d/1 tea*1
         4:00 cancelled d/2
         5:00 created d/2 tea*1 happened=1:00
         5:01 paid d/2 happened=3:00
         5:02 paid d/2 happened=4:30
         5:03 paid d/2 happened=4:31",
        expect![[r#"
            0:00 receive tea L1 10
                level of tea: available 10 of 10
            1:00 paid d/1 tea*3
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*3 allocated 3
                courier: send d/1/1@1: tea*3 (3 of L1)
                level of tea: available 7 allocated 3 of 10
            2:00 cancelled d/1
                d/1 #2: Released (Cancelled) -> Cancelled paid, tea*3
                courier: keep back d/1/1@2 (Cancelled)
                level of tea: available 10 of 10
            3:00 amended d/1 tea*1
                d/1 #3: Superseded (Cancelled) -> Cancelled paid, tea*3
            4:00 cancelled d/2
                d/2 #1: Noted (Cancelled) -> Cancelled
            5:00 created d/2 tea*1 happened=1:00
                d/2 #2: Superseded (Cancelled) -> Cancelled
            5:01 paid d/2 happened=3:00
                d/2 #3: Superseded (Cancelled) -> Cancelled paid
            5:02 paid d/2 happened=4:30
                ALERT PaidAfterCancel d [d/2] at 5:02
                d/2 #4: Superseded (Cancelled) -> Cancelled paid
            5:03 paid d/2 happened=4:31
                d/2 #5: Superseded (Cancelled) -> Cancelled paid
        "#]],
    );
}

#[test]
fn a_payment_waits_a_minute_for_its_lines() {
    check(
        "0:00 receive tea L1 10
         1:00 paid d/1
         1:00 paid d/2
         1:30 created d/2 tea*1 happened=0:30
         2:30 wait",
        expect![[r#"
            0:00 receive tea L1 10
                level of tea: available 10 of 10
            1:00 paid d/1
                d/1 #1: Noted (NoLinesYet) -> New paid
            1:00 paid d/2
                d/2 #1: Noted (NoLinesYet) -> New paid
            1:30 created d/2 tea*1 happened=0:30
                d/2 #2: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: available 9 allocated 1 of 10
            2:30 wait
                ALERT LinesMissing d [d/1] at 2:00
        "#]],
    );
}

#[test]
fn held_orders_do_not_ship() {
    check(
        "0:00 receive tea L1 10
         1:00 held d/1
         1:01 paid d/1 tea*3
         1:02 cleared d/1
         1:03 held d/1 happened=1:01
         1:04 shows-held d/1 tea*3
         1:05 shows-paid d/1 tea*2",
        expect![[r#"
            0:00 receive tea L1 10
                level of tea: available 10 of 10
            1:00 held d/1
                d/1 #1: Noted (Ok) -> New held
            1:01 paid d/1 tea*3
                d/1 #2: Allocated (Ok) -> Allocated paid held, tea*3 allocated 3
                level of tea: available 7 allocated 3 of 10
            1:02 cleared d/1
                d/1 #3: Noted (Ok) -> Allocated paid, tea*3 allocated 3
                courier: send d/1/1@1: tea*3 (3 of L1)
            1:03 held d/1 happened=1:01
                d/1 #4: Superseded (Older) -> Allocated paid, tea*3 allocated 3
            1:04 shows-held d/1 tea*3
                d/1 #5: Allocated (Ok) -> Allocated paid held, tea*3 allocated 3
                courier: keep back d/1/1@2 (Held)
            1:05 shows-paid d/1 tea*2
                d/1 #6: Amended (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@3: tea*2 (2 of L1)
                level of tea: available 8 allocated 2 of 10
        "#]],
    );
}

#[test]
fn a_snapshot_repairs_only_what_differs() {
    check(
        "0:00 receive tea L1 10
         1:00 created d/1 tea*3
         2:00 shows-paid d/1 tea*3
         3:00 shows-created d/1 tea*3
         4:00 shows-created d/1 tea*4
         5:00 shows-cancelled d/1 tea*4
         6:00 shows-paid d/2 tea*1
         6:00 shows-created d/2 tea*9 happened=5:00",
        expect![[r#"
            0:00 receive tea L1 10
                level of tea: available 10 of 10
            1:00 created d/1 tea*3
                d/1 #1: Reserved (Ok) -> Reserved, tea*3 reserved 3
                level of tea: available 7 reserved 3 of 10
            2:00 shows-paid d/1 tea*3
                d/1 #2: Allocated (Ok) -> Allocated paid, tea*3 allocated 3
                courier: send d/1/1@1: tea*3 (3 of L1)
                level of tea: available 7 allocated 3 of 10
            3:00 shows-created d/1 tea*3
                d/1 #3: Allocated (Ok) -> Allocated paid, tea*3 allocated 3
            4:00 shows-created d/1 tea*4
                d/1 #4: Amended (Ok) -> Allocated paid, tea*4 allocated 4
                courier: instead send d/1/1@2: tea*4 (4 of L1)
                level of tea: available 6 allocated 4 of 10
            5:00 shows-cancelled d/1 tea*4
                d/1 #5: Released (Cancelled) -> Cancelled paid, tea*4
                courier: keep back d/1/1@3 (Cancelled)
                level of tea: available 10 of 10
            6:00 shows-paid d/2 tea*1
                d/2 #1: Amended (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: available 9 allocated 1 of 10
            6:00 shows-created d/2 tea*9 happened=5:00
                d/2 #2: Superseded (Older) -> Allocated paid, tea*1 allocated 1
        "#]],
    );
}

#[test]
fn one_delivery_has_one_effect() {
    check(
        "0:00 receive tea L1 10 id=x
         0:01 receive tea L1 10 id=x
         0:02 receive tea L1 9 id=x
         1:00 created d/1 tea*1 id=y
         1:01 created d/1 tea*1 id=y happened=0:30
         1:02 created d/1 tea*2 id=y
         1:03 created d/2 tea*2 id=y",
        expect![[r#"
            0:00 receive tea L1 10 id=x
                level of tea: available 10 of 10
            0:01 receive tea L1 10 id=x
            0:02 receive tea L1 9 id=x
                ALERT Conflict tea stock Event { event_id: "x" } at 0:02
            1:00 created d/1 tea*1 id=y
                d/1 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 9 reserved 1 of 10
            1:01 created d/1 tea*1 id=y happened=0:30
                d/1 #2: Duplicate (Repeat) -> Reserved, tea*1 reserved 1
            1:02 created d/1 tea*2 id=y
                d/1 #3: Conflict (DifferentContent) -> Reserved, tea*1 reserved 1
                ALERT Conflict tea d [d/1] Event { event_id: "y" } at 1:02
            1:03 created d/2 tea*2 id=y
                d/2 #1: Conflict (DifferentContent) -> New
                ALERT Conflict d [d/2] Event { event_id: "y" } at 1:03
        "#]],
    );
}

#[test]
fn what_is_old_is_refused_and_finished_orders_are_closed() {
    check(
        "0:00 receive tea L1 10
         1:00 paid d/1 tea*1
         2:00 left d/1
         3:00 created d/2 tea*99
         4:00 cancelled d/3
         10100:00 paid d/1
         10100:01 paid d/2
         10100:02 paid d/3
         10100:03 paid d/4 tea*1 happened=19:59
         10100:04 paid d/4 tea*1 happened=20:04
         10100:05 paid d/5 tea*1 happened=11541:00
         269400:00 created d/1 tea*1",
        expect![[r#"
            0:00 receive tea L1 10
                level of tea: available 10 of 10
            1:00 paid d/1 tea*1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: available 9 allocated 1 of 10
            2:00 left d/1
                d/1 #2: HandedOver (Ok) -> HandedOver paid, tea*1
                level of tea: available 9 handed over 1 of 10
            3:00 created d/2 tea*99
                ALERT OversellRisk tea d short 99 [d/2] at 3:00
                d/2 #1: Refused (Short) -> Refused, tea*99
                ALERT DemandSurge tea Surge { asked: 99, left: 9, sold_out_at: Time(185454) } at 3:00
            4:00 cancelled d/3
                d/3 #1: Noted (Cancelled) -> Cancelled
            10100:00 paid d/1
                d/1 #3: Noted (Closed) -> HandedOver paid
            10100:01 paid d/2
                d/2 #2: Noted (Closed) -> Refused paid
            10100:02 paid d/3
                ALERT PaidAfterCancel d [d/3] at 10100:02
                d/3 #2: Superseded (Cancelled) -> Cancelled paid
            10100:03 paid d/4 tea*1 happened=19:59
                dead letter: stale (occurred_at)
                d/4 #1: Rejected (Rejected(Stale)) -> New
                ALERT InputRejected Rejects { count: 1, first: Stale } at 10100:02
            10100:04 paid d/4 tea*1 happened=20:04
                d/4 #2: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/4/1@1: tea*1 (1 of L1)
                level of tea: available 8 allocated 1 handed over 1 of 10
            10100:05 paid d/5 tea*1 happened=11541:00
                dead letter: future (occurred_at)
                d/5 #1: Rejected (Rejected(Future)) -> New
            269400:00 created d/1 tea*1
                ALERT InputRejected Rejects { count: 1, first: Future } at 10100:12
                d/1 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 7 reserved 1 allocated 1 handed over 1 of 10
        "#]],
    );
}

#[test]
fn shortages_of_unpaid_orders_add_up() {
    check(
        "0:00 receive tea L1 1
         1:00 created d/1 tea*2
         1:01 created d/2 tea*3
         1:02 created w/3 tea*4
         1:09 created d/4 tea*5
         1:10 created d/5 tea*6
         1:11 created d/6 tea*7 nut*1
         2:00 wait",
        expect![[r#"
            0:00 receive tea L1 1
                level of tea: available 1 of 1
            1:00 created d/1 tea*2
                ALERT OversellRisk tea d short 2 [d/1] at 1:00
                d/1 #1: Refused (Short) -> Refused, tea*2
            1:01 created d/2 tea*3
                d/2 #1: Refused (Short) -> Refused, tea*3
            1:02 created w/3 tea*4
                ALERT OversellRisk tea w short 4 [w/3] at 1:02
                w/3 #1: Refused (Short) -> Refused, tea*4
            1:09 created d/4 tea*5
                d/4 #1: Refused (Short) -> Refused, tea*5
                ALERT DemandSurge tea Surge { asked: 14, left: 1, sold_out_at: Time(73285) } at 1:09
            1:10 created d/5 tea*6
                ALERT OversellRisk tea d short 8 [d/2] [d/4] at 1:10
                ALERT OversellRisk tea d short 6 [d/5] at 1:10
                d/5 #1: Refused (Short) -> Refused, tea*6
            1:11 created d/6 tea*7 nut*1
                ALERT UnknownSku nut d short 1 [d/6] at 1:11
                ALERT OversellRisk nut d short 1 [d/6] at 1:11
                d/6 #1: Refused (UnknownSku) -> Refused, tea*7, nut*1
            2:00 wait
                ALERT OversellRisk tea d short 7 [d/6] at 1:20
        "#]],
    );
}

#[test]
fn low_and_sold_out_are_told_when_they_begin() {
    check(
        "0:00 item tea low=2
         0:01 receive tea L1 4
         1:00 paid d/1 tea*1
         1:01 paid d/2 tea*1
         1:02 paid d/3 tea*2
         1:03 cancelled d/3
         1:04 item tea low=9",
        expect![[r#"
            0:00 item tea low=2
                level of tea: of 0
            0:01 receive tea L1 4
                level of tea: available 4 of 4
            1:00 paid d/1 tea*1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: available 3 allocated 1 of 4
            1:01 paid d/2 tea*1
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                ALERT LowStock tea Left { available: 2 } at 1:01
                level of tea: available 2 allocated 2 of 4
            1:02 paid d/3 tea*2
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/3/1@1: tea*2 (2 of L1)
                ALERT SoldOut tea Left { available: 0 } at 1:02
                level of tea: allocated 4 of 4
            1:03 cancelled d/3
                d/3 #2: Released (Cancelled) -> Cancelled paid, tea*2
                courier: keep back d/3/1@2 (Cancelled)
                ALERT Restocked tea Left { available: 2 } at 1:03
                level of tea: available 2 allocated 2 of 4
            1:04 item tea low=9
        "#]],
    );
}

#[test]
fn a_reservation_without_an_end_keeps_none_when_it_is_amended() {
    check(
        "0:00 policy ttl=0
         0:00 receive tea L1 5
         1:00 created d/1 tea*3
         2:00 policy ttl=60
         3:00 amended d/1 tea*2
         4:00 created d/2 tea*1
         9:00 wait",
        expect![[r#"
            0:00 policy ttl=0
            0:00 receive tea L1 5
                level of tea: available 5 of 5
            1:00 created d/1 tea*3
                d/1 #1: Reserved (Ok) -> Reserved, tea*3 reserved 3
                level of tea: available 2 reserved 3 of 5
            2:00 policy ttl=60
            3:00 amended d/1 tea*2
                d/1 #2: Amended (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 3 reserved 2 of 5
            4:00 created d/2 tea*1
                d/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 2 reserved 3 of 5
            9:00 wait
                d/2 #2: Released (Expired) -> Released, tea*1 at 5:00
                level of tea: available 3 reserved 2 of 5
        "#]],
    );
}
