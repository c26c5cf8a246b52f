//! Stories of lots: adjusted, counted, recalled, and grown after that.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn an_adjustment_of_a_lot_is_of_that_lot_whoever_holds_it() {
    check(
        "0:00 receive tea L1 2 best=100:00
         0:00 receive tea L2 2
         1:00 paid d/1 tea*2
         1:01 created d/2 tea*1
         2:00 adjust tea -1 lot=L1
         2:01 adjust tea -1 lot=L1
         2:02 adjust tea -2 lot=L1
         3:00 adjust tea 3 lot=L1
         3:01 adjust tea 1 lot=L9
         3:02 adjust nut 1 lot=L9",
        expect![[r#"
            0:00 receive tea L1 2 best=100:00
                level of tea: available 2 of 2
            0:00 receive tea L2 2
                level of tea: available 4 of 4
            1:00 paid d/1 tea*2
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                level of tea: available 2 allocated 2 of 4
            1:01 created d/2 tea*1
                d/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 1 reserved 1 allocated 2 of 4
            2:00 adjust tea -1 lot=L1
                courier: instead send d/1/1@2: tea*2 (1 of L1, 1 of L2)
                ALERT SoldOut tea Left { available: 0 } at 2:00
                level of tea: reserved 1 allocated 2 removed 1 of 4
            2:01 adjust tea -1 lot=L1
                d/2 #2: Waitlisted (Count) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/2] at 2:01
                courier: instead send d/1/1@3: tea*2 (2 of L2)
                level of tea: allocated 2 removed 2 waitlisted 1 of 4
            2:02 adjust tea -2 lot=L1
                ALERT StockMismatch tea Mismatch { books: 0, reported: -2 } at 2:02
            3:00 adjust tea 3 lot=L1
                d/2 #3: Reserved (Promoted) -> Reserved, tea*1 reserved 1
                ALERT Restocked tea Left { available: 2 } at 3:00
                level of tea: available 2 reserved 1 allocated 2 removed 2 of 7
            3:01 adjust tea 1 lot=L9
                level of tea: available 3 reserved 1 allocated 2 removed 2 of 8
            3:02 adjust nut 1 lot=L9
                dead letter: lot_of_other_sku (lot_id)
                ALERT InputRejected Rejects { count: 1, first: LotOfOtherSku } at 3:01
        "#]],
    );
}

#[test]
fn what_is_found_of_a_lot_awaits_inspection_if_all_of_it_does_and_is_gone_if_it_failed() {
    check(
        "0:00 receive tea L1 2 pending=yes
         0:01 adjust tea 1 lot=L1
         0:02 count tea 5 lot=L1
         0:03 inspect L1 passed
         0:04 adjust tea 1 lot=L1
         0:05 inspect L1 failed
         0:06 count tea 2 lot=L1
         0:07 receive nut L2 1 best=1:00
         1:00 wait
         1:01 count nut 3 lot=L2",
        expect![[r#"
            0:00 receive tea L1 2 pending=yes
                level of tea: awaiting 2 of 2
            0:01 adjust tea 1 lot=L1
                level of tea: awaiting 3 of 3
            0:02 count tea 5 lot=L1
                ALERT StockMismatch tea Mismatch { books: 3, reported: 5 } at 0:02
                level of tea: awaiting 5 of 5
            0:03 inspect L1 passed
                level of tea: available 5 of 5
            0:04 adjust tea 1 lot=L1
                level of tea: available 6 of 6
            0:05 inspect L1 failed
                ALERT SoldOut tea Left { available: 0 } at 0:05
                level of tea: removed 6 of 6
            0:06 count tea 2 lot=L1
                ALERT StockMismatch tea Mismatch { books: 0, reported: 2 } at 0:06
                level of tea: removed 8 of 8
            0:07 receive nut L2 1 best=1:00
                level of nut: available 1 of 1
            1:00 wait
                ALERT LotExpired nut Lot { lot_id: "L2", removed: 1 } at 1:00
                ALERT SoldOut nut Left { available: 0 } at 1:00
                level of nut: removed 1 of 1
            1:01 count nut 3 lot=L2
                ALERT StockMismatch nut Mismatch { books: 0, reported: 3 } at 1:01
                level of nut: removed 4 of 4
        "#]],
    );
}

#[test]
fn a_count_is_right_and_the_difference_is_told() {
    check(
        "0:00 count tea 0
         0:01 count tea 3
         0:02 created d/1 tea*1
         0:03 receive tea L1 4 pending=yes
         0:04 count tea 7
         0:05 count tea 9
         0:06 count tea 4 lot=L1
         0:07 count tea 3 lot=L1
         0:08 count tea 2 lot=L2
         0:09 count nut 2 lot=L2
         0:10 count tea 0 lot=L3
         0:11 count tea 1",
        expect![[r#"
            0:00 count tea 0
                level of tea: of 0
            0:01 count tea 3
                ALERT StockMismatch tea Mismatch { books: 0, reported: 3 } at 0:01
                level of tea: available 3 of 3
            0:02 created d/1 tea*1
                d/1 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 2 reserved 1 of 3
            0:03 receive tea L1 4 pending=yes
                level of tea: available 2 reserved 1 awaiting 4 of 7
            0:04 count tea 7
            0:05 count tea 9
                ALERT StockMismatch tea Mismatch { books: 7, reported: 9 } at 0:05
                level of tea: available 4 reserved 1 awaiting 4 of 9
            0:06 count tea 4 lot=L1
            0:07 count tea 3 lot=L1
                ALERT StockMismatch tea Mismatch { books: 4, reported: 3 } at 0:07
                level of tea: available 4 reserved 1 awaiting 3 removed 1 of 9
            0:08 count tea 2 lot=L2
                ALERT StockMismatch tea Mismatch { books: 0, reported: 2 } at 0:08
                level of tea: available 6 reserved 1 awaiting 3 removed 1 of 11
            0:09 count nut 2 lot=L2
                dead letter: lot_of_other_sku (lot_id)
                ALERT InputRejected Rejects { count: 1, first: LotOfOtherSku } at 0:08
            0:10 count tea 0 lot=L3
            0:11 count tea 1
                ALERT StockMismatch tea Mismatch { books: 10, reported: 1 } at 0:11
                ALERT SoldOut tea Left { available: 0 } at 0:11
                level of tea: reserved 1 removed 10 of 11
        "#]],
    );
}

#[test]
fn a_count_takes_the_free_then_what_awaits_then_the_newest_unpaid_then_the_newest() {
    check(
        "0:00 receive tea L1 6
         0:01 receive tea L2 1 pending=yes
         1:00 created d/1 tea*2
         1:01 paid d/2 tea*2
         1:02 created d/3 tea*1
         2:00 left d/2
         2:01 paid d/4 tea*1
         3:00 count tea 4
         3:01 count tea 3
         3:02 count tea 1
         3:03 count tea 0
         4:00 count tea 9",
        expect![[r#"
            0:00 receive tea L1 6
                level of tea: available 6 of 6
            0:01 receive tea L2 1 pending=yes
                level of tea: available 6 awaiting 1 of 7
            1:00 created d/1 tea*2
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 4 reserved 2 awaiting 1 of 7
            1:01 paid d/2 tea*2
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/2/1@1: tea*2 (2 of L1)
                level of tea: available 2 reserved 2 allocated 2 awaiting 1 of 7
            1:02 created d/3 tea*1
                d/3 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 1 reserved 3 allocated 2 awaiting 1 of 7
            2:00 left d/2
                d/2 #2: HandedOver (Ok) -> HandedOver paid, tea*2
                level of tea: available 1 reserved 3 awaiting 1 handed over 2 of 7
            2:01 paid d/4 tea*1
                d/4 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/4/1@1: tea*1 (1 of L1)
                ALERT SoldOut tea Left { available: 0 } at 2:01
                level of tea: reserved 3 allocated 1 awaiting 1 handed over 2 of 7
            3:00 count tea 4
                ALERT StockMismatch tea Mismatch { books: 5, reported: 4 } at 3:00
                level of tea: reserved 3 allocated 1 handed over 2 removed 1 of 7
            3:01 count tea 3
                d/3 #2: Waitlisted (Count) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/3] at 3:01
                ALERT StockMismatch tea Mismatch { books: 4, reported: 3 } at 3:01
                level of tea: reserved 2 allocated 1 handed over 2 removed 2 waitlisted 1 of 7
            3:02 count tea 1
                d/1 #2: Waitlisted (Count) -> Waitlisted, tea*2 waits for 2
                ALERT StockMismatch tea Mismatch { books: 3, reported: 1 } at 3:02
                level of tea: allocated 1 handed over 2 removed 4 waitlisted 3 of 7
            3:03 count tea 0
                d/4 #2: Waitlisted (Count) -> Waitlisted paid, tea*1 waits for 1
                ALERT Oversold tea d short 1 [d/4] at 3:03
                courier: keep back d/4/1@2 (Short)
                ALERT StockMismatch tea Mismatch { books: 1, reported: 0 } at 3:03
                level of tea: handed over 2 removed 5 waitlisted 4 of 7
            4:00 count tea 9
                ALERT OversellRisk tea d short 2 [d/1] at 3:11
                d/1 #3: Reserved (Promoted) -> Reserved, tea*2 reserved 2
                d/3 #3: Reserved (Promoted) -> Reserved, tea*1 reserved 1
                d/4 #3: Allocated (Promoted) -> Allocated paid, tea*1 allocated 1
                courier: send d/4/1@3: tea*1 (1 of counted)
                ALERT OversellResolved tea d [d/4] at 4:00
                ALERT StockMismatch tea Mismatch { books: 0, reported: 9 } at 4:00
                ALERT Restocked tea Left { available: 5 } at 4:00
                level of tea: available 5 reserved 3 allocated 1 handed over 2 removed 5 of 16
        "#]],
    );
}

#[test]
fn a_recall_removes_all_that_has_not_left_and_names_what_has() {
    check(
        "0:00 receive tea L1 5 best=100:00
         0:00 receive tea L2 2
         1:00 paid d/1 tea*2
         1:01 paid d/2 tea*2
         1:02 created d/3 tea*1
         1:03 created d/4 tea*1
         2:00 left d/1
         3:00 recall L1
         3:01 recall L1
         3:02 inspect L1 passed
         3:03 receive tea L1 3
         3:04 count tea 1 lot=L1
         3:05 adjust tea 2 lot=L1",
        expect![[r#"
            0:00 receive tea L1 5 best=100:00
                level of tea: available 5 of 5
            0:00 receive tea L2 2
                level of tea: available 7 of 7
            1:00 paid d/1 tea*2
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                level of tea: available 5 allocated 2 of 7
            1:01 paid d/2 tea*2
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/2/1@1: tea*2 (2 of L1)
                level of tea: available 3 allocated 4 of 7
            1:02 created d/3 tea*1
                d/3 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 2 reserved 1 allocated 4 of 7
            1:03 created d/4 tea*1
                d/4 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 1 reserved 2 allocated 4 of 7
            2:00 left d/1
                d/1 #2: HandedOver (Ok) -> HandedOver paid, tea*2
                level of tea: available 1 reserved 2 allocated 2 handed over 2 of 7
            3:00 recall L1
                d/4 #2: Waitlisted (LotLost) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/4] at 3:00
                d/3 #2: Waitlisted (LotLost) -> Waitlisted, tea*1 waits for 1
                courier: instead send d/2/1@2: tea*2 (2 of L2)
                ALERT Recall tea short 2 [d/4] [d/3] Lot { lot_id: "L1", removed: 3 } at 3:00
                ALERT RecallHandedOver tea [d/1] Lot { lot_id: "L1", removed: 0 } at 3:00
                ALERT SoldOut tea Left { available: 0 } at 3:00
                level of tea: allocated 2 handed over 2 removed 3 waitlisted 2 of 7
            3:01 recall L1
            3:02 inspect L1 passed
            3:03 receive tea L1 3
                ALERT Recall tea Lot { lot_id: "L1", removed: 3 } at 3:03
                level of tea: allocated 2 handed over 2 removed 6 waitlisted 2 of 10
            3:04 count tea 1 lot=L1
                ALERT StockMismatch tea Mismatch { books: 0, reported: 1 } at 3:04
                level of tea: allocated 2 handed over 2 removed 7 waitlisted 2 of 11
            3:05 adjust tea 2 lot=L1
                level of tea: allocated 2 handed over 2 removed 9 waitlisted 2 of 13
        "#]],
    );
}

#[test]
fn a_recall_is_remembered_before_its_lot_comes() {
    check(
        "0:00 recall L1
         0:01 recall L1
         0:02 recall counted
         0:03 inspect L1 passed
         1:00 paid d/1 tea*1
         2:00 receive tea L1 3
         2:01 receive tea L1 1 pending=yes
         2:02 receive tea L2 1",
        expect![[r#"
            0:00 recall L1
                ALERT Recall Lot { lot_id: "L1", removed: 0 } at 0:00
            0:01 recall L1
            0:02 recall counted
            0:03 inspect L1 passed
            1:00 paid d/1 tea*1
                ALERT UnknownSku tea d short 1 [d/1] at 1:00
                ALERT Oversold tea d short 1 [d/1] at 1:00
                d/1 #1: Waitlisted (UnknownSku) -> Waitlisted paid, tea*1 waits for 1
            2:00 receive tea L1 3
                ALERT Recall tea Lot { lot_id: "L1", removed: 3 } at 2:00
                level of tea: removed 3 waitlisted 1 of 3
            2:01 receive tea L1 1 pending=yes
                ALERT Recall tea Lot { lot_id: "L1", removed: 1 } at 2:01
                level of tea: removed 4 waitlisted 1 of 4
            2:02 receive tea L2 1
                d/1 #2: Allocated (Promoted) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L2)
                ALERT OversellResolved tea d [d/1] at 2:02
                level of tea: allocated 1 removed 4 of 5
        "#]],
    );
}

#[test]
fn a_recalled_lot_that_leaves_all_the_same_is_named_once() {
    check(
        "0:00 receive tea L1 3
         0:00 receive nut L2 3
         1:00 paid d/1 tea*1 nut*1
         1:01 paid d/2 tea*1
         1:02 held d/1
         2:00 recall L1
         3:00 left d/1 d/2
         3:01 recall L1
         3:02 left d/1",
        expect![[r#"
            0:00 receive tea L1 3
                level of tea: available 3 of 3
            0:00 receive nut L2 3
                level of nut: available 3 of 3
            1:00 paid d/1 tea*1 nut*1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1, nut*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1) nut*1 (1 of L2)
                level of tea: available 2 allocated 1 of 3
                level of nut: available 2 allocated 1 of 3
            1:01 paid d/2 tea*1
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: available 1 allocated 2 of 3
            1:02 held d/1
                d/1 #2: Noted (Ok) -> Allocated paid held, tea*1 allocated 1, nut*1 allocated 1
                courier: keep back d/1/1@2 (Held)
            2:00 recall L1
                d/2 #2: Waitlisted (LotLost) -> Waitlisted paid, tea*1 waits for 1
                ALERT Oversold tea d short 1 [d/2] at 2:00
                d/1 #3: Waitlisted (LotLost) -> Waitlisted paid held, tea*1 waits for 1, nut*1 allocated 1
                ALERT Oversold tea d short 1 [d/1] at 2:00
                courier: keep back d/2/1@2 (Short)
                ALERT Recall tea short 2 [d/2] [d/1] Lot { lot_id: "L1", removed: 3 } at 2:00
                ALERT SoldOut tea Left { available: 0 } at 2:00
                level of tea: removed 3 waitlisted 2 of 3
            3:00 left d/1 d/2
                ALERT StockMismatch d [d/1] Parcel { number: 1 } at 3:00
                ALERT RecallHandedOver tea [d/1] Lot { lot_id: "L1", removed: 0 } at 3:00
                d/1 #4: HandedOver (Ok) -> HandedOver paid held, tea*1, nut*1
                ALERT OversellResolved d [d/1] at 3:00
                ALERT StockMismatch tea d [d/2] Parcel { number: 1 } at 3:00
                ALERT RecallHandedOver tea [d/2] Lot { lot_id: "L1", removed: 0 } at 3:00
                d/2 #3: HandedOver (Ok) -> HandedOver paid, tea*1
                ALERT OversellResolved tea d [d/2] at 3:00
                level of tea: removed 3 of 3
                level of nut: available 2 handed over 1 of 3
            3:01 recall L1
            3:02 left d/1
        "#]],
    );
}

#[test]
fn what_expires_first_is_lost_first_and_what_expires_last_is_given_back_first() {
    check(
        "0:00 receive tea L1 2 best=90:00
         0:00 receive tea L2 2 best=80:00
         0:00 receive tea L3 2 best=90:00
         0:00 receive tea L4 1 pending=yes best=70:00
         0:00 receive tea L5 1 pending=yes best=60:00
         1:00 paid d/1 tea*5
         2:00 count tea 7
         2:01 count tea 6
         2:02 count tea 5
         2:03 count tea 4
         3:00 refunded d/1 tea*2
         3:01 amended d/1 tea*2",
        expect![[r#"
            0:00 receive tea L1 2 best=90:00
                level of tea: available 2 of 2
            0:00 receive tea L2 2 best=80:00
                level of tea: available 4 of 4
            0:00 receive tea L3 2 best=90:00
                level of tea: available 6 of 6
            0:00 receive tea L4 1 pending=yes best=70:00
                level of tea: available 6 awaiting 1 of 7
            0:00 receive tea L5 1 pending=yes best=60:00
                level of tea: available 6 awaiting 2 of 8
            1:00 paid d/1 tea*5
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*5 allocated 5
                courier: send d/1/1@1: tea*5 (2 of L2, 2 of L1, 1 of L3)
                level of tea: available 1 allocated 5 awaiting 2 of 8
            2:00 count tea 7
                ALERT StockMismatch tea Mismatch { books: 8, reported: 7 } at 2:00
                ALERT SoldOut tea Left { available: 0 } at 2:00
                level of tea: allocated 5 awaiting 2 removed 1 of 8
            2:01 count tea 6
                ALERT StockMismatch tea Mismatch { books: 7, reported: 6 } at 2:01
                level of tea: allocated 5 awaiting 1 removed 2 of 8
            2:02 count tea 5
                ALERT StockMismatch tea Mismatch { books: 6, reported: 5 } at 2:02
                level of tea: allocated 5 removed 3 of 8
            2:03 count tea 4
                d/1 #2: Waitlisted (Count) -> Waitlisted paid, tea*5 allocated 4 waits for 1
                ALERT Oversold tea d short 1 [d/1] at 2:03
                courier: keep back d/1/1@2 (Short)
                ALERT StockMismatch tea Mismatch { books: 5, reported: 4 } at 2:03
                level of tea: allocated 4 removed 4 waitlisted 1 of 8
            3:00 refunded d/1 tea*2
                d/1 #3: Refunded (Ok) -> Allocated paid, tea*3 allocated 3
                courier: send d/1/1@3: tea*3 (1 of L2, 2 of L1)
                ALERT OversellResolved tea d [d/1] at 3:00
                ALERT Restocked tea Left { available: 1 } at 3:00
                level of tea: available 1 allocated 3 removed 4 of 8
            3:01 amended d/1 tea*2
                d/1 #4: Amended (Ok) -> Allocated paid, tea*2 allocated 2
                courier: instead send d/1/1@4: tea*2 (1 of L2, 1 of L1)
                level of tea: available 2 allocated 2 removed 4 of 8
        "#]],
    );
}

#[test]
fn in_an_exchange_the_newest_place_gives_up_its_lot_first() {
    check(
        "0:00 receive tea L1 3 best=90:00
         1:00 created d/1 tea*1
         1:01 paid d/2 tea*1
         1:02 paid d/3 tea*1
         2:00 receive tea L2 1
         2:01 created d/4 tea*1
         3:00 adjust tea -1 lot=L1
         3:01 adjust tea -1 lot=L1
         4:00 receive tea L3 1
         4:01 recall L1",
        expect![[r#"
            0:00 receive tea L1 3 best=90:00
                level of tea: available 3 of 3
            1:00 created d/1 tea*1
                d/1 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 2 reserved 1 of 3
            1:01 paid d/2 tea*1
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: available 1 reserved 1 allocated 1 of 3
            1:02 paid d/3 tea*1
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/3/1@1: tea*1 (1 of L1)
                ALERT SoldOut tea Left { available: 0 } at 1:02
                level of tea: reserved 1 allocated 2 of 3
            2:00 receive tea L2 1
                ALERT Restocked tea Left { available: 1 } at 2:00
                level of tea: available 1 reserved 1 allocated 2 of 4
            2:01 created d/4 tea*1
                d/4 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                ALERT SoldOut tea Left { available: 0 } at 2:01
                level of tea: reserved 2 allocated 2 of 4
            3:00 adjust tea -1 lot=L1
                d/4 #2: Waitlisted (Count) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/4] at 3:00
                courier: instead send d/3/1@2: tea*1 (1 of L2)
                level of tea: reserved 1 allocated 2 removed 1 waitlisted 1 of 4
            3:01 adjust tea -1 lot=L1
                d/1 #2: Waitlisted (Count) -> Waitlisted, tea*1 waits for 1
                level of tea: allocated 2 removed 2 waitlisted 2 of 4
            4:00 receive tea L3 1
                ALERT OversellRisk tea d short 1 [d/1] at 3:10
                d/1 #3: Reserved (Promoted) -> Reserved, tea*1 reserved 1
                level of tea: reserved 1 allocated 2 removed 2 waitlisted 1 of 5
            4:01 recall L1
                d/1 #4: Waitlisted (LotLost) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/1] at 4:01
                courier: instead send d/2/1@2: tea*1 (1 of L3)
                ALERT Recall tea short 1 [d/1] Lot { lot_id: "L1", removed: 1 } at 4:01
                level of tea: allocated 2 removed 3 waitlisted 2 of 5
        "#]],
    );
}

#[test]
fn who_loses_units_and_waits_for_what_was_refused_gets_it_first_come_first_served() {
    check(
        "0:00 policy partial=yes paid=refuse
         0:01 receive egg L1 3
         1:00 paid d/1 tea*2 egg*2
         1:01 paid d/2 tea*2 egg*1
         2:00 adjust tea 1
         3:00 inspect L1 failed",
        expect![[r#"
            0:00 policy partial=yes paid=refuse
            0:01 receive egg L1 3
                level of egg: available 3 of 3
            1:00 paid d/1 tea*2 egg*2
                ALERT UnknownSku tea d short 2 [d/1] at 1:00
                ALERT Oversold tea d short 2 [d/1] at 1:00
                d/1 #1: Refused (UnknownSku) -> Allocated paid, tea*2, egg*2 allocated 2
                courier: send d/1/1@1: egg*2 (2 of L1)
                level of egg: available 1 allocated 2 of 3
            1:01 paid d/2 tea*2 egg*1
                ALERT UnknownSku tea d short 2 [d/2] at 1:01
                ALERT Oversold tea d short 2 [d/2] at 1:01
                d/2 #1: Refused (UnknownSku) -> Allocated paid, tea*2, egg*1 allocated 1
                courier: send d/2/1@1: egg*1 (1 of L1)
                ALERT SoldOut egg Left { available: 0 } at 1:01
                level of egg: allocated 3 of 3
            2:00 adjust tea 1
                level of tea: available 1 of 1
            3:00 inspect L1 failed
                d/2 #2: Waitlisted (LotLost) -> Waitlisted paid, tea*2 waits for 2, egg*1 waits for 1
                d/1 #2: Waitlisted (LotLost) -> Waitlisted paid, tea*2 allocated 1 waits for 1, egg*2 waits for 2
                courier: keep back d/2/1@2 (Short)
                courier: instead send d/1/1@2: tea*1 (1 of counted)
                ALERT SoldOut tea Left { available: 0 } at 3:00
                level of egg: removed 3 waitlisted 3 of 3
                level of tea: allocated 1 waitlisted 3 of 1
        "#]],
    );
}
