//! Stories of stock and parcels: lots, inspections, what shrinks, what leaves.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn lots_leave_first_expired_first_and_are_removed_at_their_date() {
    check(
        "0:00 receive tea L1 2
         0:00 receive tea L2 2 best=20:00
         0:00 receive tea L3 2 best=10:00
         1:00 paid d/1 tea*3
         2:00 created d/2 tea*1
         10:00 wait
         20:00 wait
         36:00 wait
         36:01 receive tea L4 1 best=5:00",
        expect![[r#"
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            0:00 receive tea L2 2 best=20:00
                level of tea: available 4 of 4
            0:00 receive tea L3 2 best=10:00
                level of tea: available 6 of 6
            1:00 paid d/1 tea*3
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*3 allocated 3
                courier: send d/1/1@1: tea*3 (2 of L3, 1 of L2)
                level of tea: available 3 allocated 3 of 6
            2:00 created d/2 tea*1
                d/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 2 reserved 1 allocated 3 of 6
            10:00 wait
                ALERT LotExpired tea [d/1] Lot { lot_id: "L3", removed: 0 } at 10:00
            20:00 wait
                ALERT LotExpired tea [d/1] [d/2] Lot { lot_id: "L2", removed: 0 } at 20:00
            36:00 wait
            36:01 receive tea L4 1 best=5:00
                ALERT LotExpired tea Lot { lot_id: "L4", removed: 1 } at 36:01
                level of tea: available 2 reserved 1 allocated 3 removed 1 of 7
        "#]],
    );
}

#[test]
fn a_lot_waits_for_its_inspection() {
    check(
        "0:00 receive tea L1 2 pending=yes
         1:00 paid d/1 tea*1
         2:00 inspect L1 passed
         3:00 inspect L2 failed
         3:01 receive tea L2 5
         3:02 receive nut L2 5
         4:00 inspect L3 passed
         4:01 receive tea L3 1 pending=yes",
        expect![[r#"
            0:00 receive tea L1 2 pending=yes
                level of tea: awaiting 2 of 2
            1:00 paid d/1 tea*1
                ALERT Oversold tea d short 1 [d/1] at 1:00
                d/1 #1: Waitlisted (Short) -> Waitlisted paid, tea*1 waits for 1
                level of tea: awaiting 2 waitlisted 1 of 2
            2:00 inspect L1 passed
                d/1 #2: Allocated (Promoted) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                ALERT OversellResolved tea d [d/1] at 2:00
                level of tea: available 1 allocated 1 of 2
            3:00 inspect L2 failed
            3:01 receive tea L2 5
                level of tea: available 1 allocated 1 removed 5 of 7
            3:02 receive nut L2 5
                dead letter: lot_of_other_sku (lot_id)
                ALERT InputRejected Rejects { count: 1, first: LotOfOtherSku } at 3:01
            4:00 inspect L3 passed
            4:01 receive tea L3 1 pending=yes
                level of tea: available 2 allocated 1 removed 5 of 8
        "#]],
    );
}

#[test]
fn a_failed_lot_is_lost_by_the_newest_unpaid_order_whoever_held_it() {
    check(
        "0:00 receive tea L1 2 best=100:00
         0:00 receive tea L2 3
         1:00 paid d/1 tea*2
         1:01 created d/2 tea*1
         1:02 created d/3 tea*1
         2:00 inspect L1 failed
         3:00 receive tea L4 2",
        expect![[r#"
            0:00 receive tea L1 2 best=100:00
                level of tea: available 2 of 2
            0:00 receive tea L2 3
                level of tea: available 5 of 5
            1:00 paid d/1 tea*2
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                level of tea: available 3 allocated 2 of 5
            1:01 created d/2 tea*1
                d/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 2 reserved 1 allocated 2 of 5
            1:02 created d/3 tea*1
                d/3 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 1 reserved 2 allocated 2 of 5
            2:00 inspect L1 failed
                d/3 #2: Waitlisted (LotLost) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/3] at 2:00
                courier: instead send d/1/1@2: tea*2 (2 of L2)
                ALERT SoldOut tea Left { available: 0 } at 2:00
                level of tea: reserved 1 allocated 2 removed 2 waitlisted 1 of 5
            3:00 receive tea L4 2
                d/3 #3: Reserved (Promoted) -> Reserved, tea*1 reserved 1
                ALERT Restocked tea Left { available: 1 } at 3:00
                level of tea: available 1 reserved 2 allocated 2 removed 2 of 7
        "#]],
    );
}

#[test]
fn a_shrinking_takes_the_free_then_the_newest_unpaid_then_the_newest() {
    check(
        "0:00 receive tea L1 6
         1:00 created d/1 tea*2
         1:01 paid d/2 tea*2
         1:02 created d/3 tea*1
         2:00 adjust tea -2
         2:01 adjust tea -1
         2:02 adjust tea -2
         2:03 adjust tea -5
         3:00 adjust tea 4
         4:00 adjust tea -1 lot=L9",
        expect![[r#"
            0:00 receive tea L1 6
                level of tea: available 6 of 6
            1:00 created d/1 tea*2
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 4 reserved 2 of 6
            1:01 paid d/2 tea*2
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/2/1@1: tea*2 (2 of L1)
                level of tea: available 2 reserved 2 allocated 2 of 6
            1:02 created d/3 tea*1
                d/3 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 1 reserved 3 allocated 2 of 6
            2:00 adjust tea -2
                d/3 #2: Waitlisted (Count) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/3] at 2:00
                ALERT SoldOut tea Left { available: 0 } at 2:00
                level of tea: reserved 2 allocated 2 removed 2 waitlisted 1 of 6
            2:01 adjust tea -1
                d/1 #2: Waitlisted (Count) -> Waitlisted, tea*2 reserved 1 waits for 1
                level of tea: reserved 1 allocated 2 removed 3 waitlisted 2 of 6
            2:02 adjust tea -2
                d/2 #2: Waitlisted (Count) -> Waitlisted paid, tea*2 allocated 1 waits for 1
                ALERT Oversold tea d short 1 [d/2] at 2:02
                courier: keep back d/2/1@2 (Short)
                level of tea: allocated 1 removed 5 waitlisted 4 of 6
            2:03 adjust tea -5
                ALERT StockMismatch tea Mismatch { books: 1, reported: -5 } at 2:03
                level of tea: removed 6 waitlisted 5 of 6
            3:00 adjust tea 4
                ALERT OversellRisk tea d short 3 [d/1] [d/1] at 2:10
                d/1 #3: Reserved (Promoted) -> Reserved, tea*2 reserved 2
                d/2 #3: Allocated (Promoted) -> Allocated paid, tea*2 allocated 2
                courier: send d/2/1@3: tea*2 (2 of counted)
                ALERT OversellResolved tea d [d/2] at 3:00
                level of tea: reserved 2 allocated 2 removed 6 waitlisted 1 of 10
            4:00 adjust tea -1 lot=L9
                ALERT StockMismatch tea Mismatch { books: 0, reported: -1 } at 4:00
        "#]],
    );
}

#[test]
fn parcels_leave_also_those_that_should_not_have() {
    check(
        "0:00 receive tea L1 10
         1:00 paid d/1 tea*2
         1:01 paid d/2 tea*2
         1:02 paid d/3 tea*2
         2:00 left d/1 d/9
         2:01 left d/1
         3:00 cancelled d/2
         3:01 left d/2/1@1
         4:00 held d/3
         4:01 left d/3
         5:00 amended d/1 tea*3
         5:01 left d/1/2@1
         6:00 cancelled d/1
         6:01 created d/4 tea*1
         6:02 left d/4",
        expect![[r#"
            0:00 receive tea L1 10
                level of tea: available 10 of 10
            1:00 paid d/1 tea*2
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                level of tea: available 8 allocated 2 of 10
            1:01 paid d/2 tea*2
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/2/1@1: tea*2 (2 of L1)
                level of tea: available 6 allocated 4 of 10
            1:02 paid d/3 tea*2
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/3/1@1: tea*2 (2 of L1)
                level of tea: available 4 allocated 6 of 10
            2:00 left d/1 d/9
                d/1 #2: HandedOver (Ok) -> HandedOver paid, tea*2
                ALERT StockMismatch d [d/9] Parcel { number: 0 } at 2:00
                level of tea: available 4 allocated 4 handed over 2 of 10
            2:01 left d/1
            3:00 cancelled d/2
                d/2 #2: Released (Cancelled) -> Cancelled paid, tea*2
                courier: keep back d/2/1@2 (Cancelled)
                level of tea: available 6 allocated 2 handed over 2 of 10
            3:01 left d/2/1@1
                ALERT StockMismatch tea d [d/2] Parcel { number: 1 } at 3:01
                level of tea: available 4 allocated 2 handed over 4 of 10
            4:00 held d/3
                d/3 #2: Noted (Ok) -> Allocated paid held, tea*2 allocated 2
                courier: keep back d/3/1@2 (Held)
            4:01 left d/3
                ALERT StockMismatch tea d [d/3] Parcel { number: 1 } at 4:01
                d/3 #3: HandedOver (Ok) -> HandedOver paid held, tea*2
                level of tea: available 4 handed over 6 of 10
            5:00 amended d/1 tea*3
                d/1 #3: Amended (Ok) -> Allocated paid, tea*3 allocated 1
                courier: send d/1/2@1: tea*1 (1 of L1)
                level of tea: available 3 allocated 1 handed over 6 of 10
            5:01 left d/1/2@1
                d/1 #4: HandedOver (Ok) -> HandedOver paid, tea*3
                level of tea: available 3 handed over 7 of 10
            6:00 cancelled d/1
                d/1 #5: Noted (AfterHandOver) -> HandedOver paid, tea*3
            6:01 created d/4 tea*1
                d/4 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 2 reserved 1 handed over 7 of 10
            6:02 left d/4
                ALERT StockMismatch tea d [d/4] Parcel { number: 0 } at 6:02
        "#]],
    );
}

#[test]
fn a_parcel_that_left_all_the_same_may_take_what_was_promised_to_others() {
    check(
        "0:00 receive tea L1 2
         1:00 paid d/1 tea*2
         2:00 cancelled d/1
         2:01 created d/2 tea*1
         2:02 paid d/3 tea*1
         3:00 left d/1/1@1",
        expect![[r#"
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            1:00 paid d/1 tea*2
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: allocated 2 of 2
            2:00 cancelled d/1
                d/1 #2: Released (Cancelled) -> Cancelled paid, tea*2
                courier: keep back d/1/1@2 (Cancelled)
                ALERT Restocked tea Left { available: 2 } at 2:00
                level of tea: available 2 of 2
            2:01 created d/2 tea*1
                d/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 1 reserved 1 of 2
            2:02 paid d/3 tea*1
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/3/1@1: tea*1 (1 of L1)
                ALERT SoldOut tea Left { available: 0 } at 2:02
                level of tea: reserved 1 allocated 1 of 2
            3:00 left d/1/1@1
                d/2 #2: Waitlisted (Count) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/2] at 3:00
                d/3 #2: Waitlisted (Count) -> Waitlisted paid, tea*1 waits for 1
                ALERT Oversold tea d short 1 [d/3] at 3:00
                courier: keep back d/3/1@2 (Short)
                ALERT StockMismatch tea d [d/1] Parcel { number: 1 } at 3:00
                level of tea: handed over 2 waitlisted 2 of 2
        "#]],
    );
}

#[test]
fn who_loses_to_a_parcel_of_two_lines_is_told_once() {
    check(
        "0:00 receive tea L1 5
         1:00 paid d/4 tea*2 tea*1
         1:01 cancelled d/4
         1:02 created d/8 tea*5
         2:00 left d/4",
        expect![[r#"
            0:00 receive tea L1 5
                level of tea: available 5 of 5
            1:00 paid d/4 tea*2 tea*1
                d/4 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2, tea*1 allocated 1
                courier: send d/4/1@1: tea*2 (2 of L1) tea*1 (1 of L1)
                level of tea: available 2 allocated 3 of 5
            1:01 cancelled d/4
                d/4 #2: Released (Cancelled) -> Cancelled paid, tea*2, tea*1
                courier: keep back d/4/1@2 (Cancelled)
                level of tea: available 5 of 5
            1:02 created d/8 tea*5
                d/8 #1: Reserved (Ok) -> Reserved, tea*5 reserved 5
                ALERT SoldOut tea Left { available: 0 } at 1:02
                level of tea: reserved 5 of 5
            2:00 left d/4
                d/8 #2: Waitlisted (Count) -> Waitlisted, tea*5 reserved 2 waits for 3
                ALERT OversellRisk tea d short 3 [d/8] at 2:00
                ALERT StockMismatch tea d [d/4] Parcel { number: 1 } at 2:00
                level of tea: reserved 2 handed over 3 waitlisted 3 of 5
        "#]],
    );
}

#[test]
fn a_part_that_was_kept_and_held_has_left_all_the_same() {
    check(
        "0:00 policy partial=yes paid=refuse
         0:00 receive egg L1 2
         0:00 receive tea L2 1 pending=yes
         1:00 paid d/1 egg*3 tea*1
         2:00 held d/1
         3:00 left d/1",
        expect![[r#"
            0:00 policy partial=yes paid=refuse
            0:00 receive egg L1 2
                level of egg: available 2 of 2
            0:00 receive tea L2 1 pending=yes
                level of tea: awaiting 1 of 1
            1:00 paid d/1 egg*3 tea*1
                ALERT Oversold d short 2 [d/1] at 1:00
                d/1 #1: Refused (Short) -> Allocated paid, egg*3 allocated 2, tea*1
                courier: send d/1/1@1: egg*2 (2 of L1)
                ALERT SoldOut egg Left { available: 0 } at 1:00
                level of egg: allocated 2 of 2
            2:00 held d/1
                d/1 #2: Noted (Ok) -> Allocated paid held, egg*3 allocated 2, tea*1
                courier: keep back d/1/1@2 (Held)
            3:00 left d/1
                ALERT StockMismatch d [d/1] Parcel { number: 1 } at 3:00
                d/1 #3: HandedOver (Ok) -> HandedOver paid held, egg*3, tea*1
                level of egg: handed over 2 of 2
        "#]],
    );
}

#[test]
fn the_part_that_is_there_leaves_and_the_rest_waits() {
    check(
        "0:00 policy partial=yes
         0:00 receive tea L1 4
         1:00 paid d/1 tea*6
         2:00 left d/1
         3:00 receive tea L2 5",
        expect![[r#"
            0:00 policy partial=yes
            0:00 receive tea L1 4
                level of tea: available 4 of 4
            1:00 paid d/1 tea*6
                ALERT Oversold tea d short 2 [d/1] at 1:00
                d/1 #1: Waitlisted (Short) -> Waitlisted paid, tea*6 allocated 4 waits for 2
                courier: send d/1/1@1: tea*4 (4 of L1)
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: allocated 4 waitlisted 2 of 4
            2:00 left d/1
                d/1 #2: HandedOver (Ok) -> Waitlisted paid, tea*6 waits for 2
                level of tea: handed over 4 waitlisted 2 of 4
            3:00 receive tea L2 5
                d/1 #3: Allocated (Promoted) -> Allocated paid, tea*6 allocated 2
                courier: send d/1/2@1: tea*2 (2 of L2)
                ALERT OversellResolved tea d [d/1] at 3:00
                ALERT Restocked tea Left { available: 3 } at 3:00
                level of tea: available 3 allocated 2 handed over 4 of 9
        "#]],
    );
}

#[test]
fn a_policy_that_lets_orders_be_filled_in_part_helps_them_when_stock_comes() {
    check(
        "0:00 policy unpaid=waitlist ttl=0
         0:01 receive tea L1 3
         0:01 receive nut L2 3
         1:00 created d/1 tea*5
         1:01 created d/2 nut*4 tea*5
         2:00 policy partial=yes
         2:01 held d/1
         3:00 receive nut L3 1",
        expect![[r#"
            0:00 policy unpaid=waitlist ttl=0
            0:01 receive tea L1 3
                level of tea: available 3 of 3
            0:01 receive nut L2 3
                level of nut: available 3 of 3
            1:00 created d/1 tea*5
                ALERT OversellRisk tea d short 5 [d/1] at 1:00
                d/1 #1: Waitlisted (Short) -> Waitlisted, tea*5 waits for 5
                level of tea: available 3 waitlisted 5 of 3
            1:01 created d/2 nut*4 tea*5
                ALERT OversellRisk nut d short 4 [d/2] at 1:01
                d/2 #1: Waitlisted (Short) -> Waitlisted, nut*4 waits for 4, tea*5 waits for 5
                ALERT DemandSurge tea Surge { asked: 10, left: 3, sold_out_at: Time(79000) } at 1:01
                level of tea: available 3 waitlisted 10 of 3
                level of nut: available 3 waitlisted 4 of 3
            2:00 policy partial=yes
                ALERT OversellRisk tea d short 5 [d/2] at 1:10
            2:01 held d/1
                d/1 #2: Noted (Ok) -> Waitlisted held, tea*5 waits for 5
            3:00 receive nut L3 1
                ALERT SoldOut tea Left { available: 0 } at 3:00
                ALERT SoldOut nut Left { available: 0 } at 3:00
                level of tea: reserved 3 waitlisted 7 of 3
                level of nut: reserved 4 of 4
        "#]],
    );
}
