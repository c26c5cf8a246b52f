//! Stories of bundles: what they need, what they get, what leaves and what comes of it.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn a_bundle_takes_its_components_and_leaves_with_their_lots() {
    check(
        "0:00 item gift of=tea*2,nut*1
         0:00 receive tea L1 3
         0:01 receive tea L2 9
         0:02 receive nut L3 4
         1:00 created d/1 gift*2
         1:01 paid d/2 tea*1 gift*1
         1:02 paid d/1
         2:00 left d/1
         2:01 cancelled d/2
         3:00 amended d/1 gift*3
         3:01 left d/1/2@1
         3:02 refunded d/1",
        expect![[r#"
            0:00 item gift of=tea*2,nut*1
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
                level of nut: of 0
            0:00 receive tea L1 3
                level of tea: available 3 of 3
            0:01 receive tea L2 9
                level of tea: available 12 of 12
            0:02 receive nut L3 4
                level of gift: * can sell 4
                level of nut: available 4 of 4
            1:00 created d/1 gift*2
                d/1 #1: Reserved (Ok) -> Reserved, gift*2 reserved 2
                level of gift: * can sell 2
                level of tea: available 8 reserved 4 of 12
                level of nut: available 2 reserved 2 of 4
            1:01 paid d/2 tea*1 gift*1
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1, gift*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L2) gift*1 (tea*2: 2 of L2; nut*1: 1 of L3)
                level of gift: * can sell 1
                level of tea: available 5 reserved 4 allocated 3 of 12
                level of nut: available 1 reserved 2 allocated 1 of 4
            1:02 paid d/1
                d/1 #2: Allocated (Ok) -> Allocated paid, gift*2 allocated 2
                courier: send d/1/1@1: gift*2 (tea*4: 3 of L1, 1 of L2; nut*2: 2 of L3)
                level of tea: available 5 allocated 7 of 12
                level of nut: available 1 allocated 3 of 4
            2:00 left d/1
                d/1 #3: HandedOver (Ok) -> HandedOver paid, gift*2
                level of tea: available 5 allocated 3 handed over 4 of 12
                level of nut: available 1 allocated 1 handed over 2 of 4
            2:01 cancelled d/2
                d/2 #2: Released (Cancelled) -> Cancelled paid, tea*1, gift*1
                courier: keep back d/2/1@2 (Cancelled)
                level of gift: * can sell 2
                level of tea: available 8 handed over 4 of 12
                level of nut: available 2 handed over 2 of 4
            3:00 amended d/1 gift*3
                d/1 #4: Amended (Ok) -> Allocated paid, gift*3 allocated 1
                courier: send d/1/2@1: gift*1 (tea*2: 2 of L2; nut*1: 1 of L3)
                level of gift: * can sell 1
                level of tea: available 6 allocated 2 handed over 4 of 12
                level of nut: available 1 allocated 1 handed over 2 of 4
            3:01 left d/1/2@1
                d/1 #5: HandedOver (Ok) -> HandedOver paid, gift*3
                level of tea: available 6 handed over 6 of 12
                level of nut: available 1 handed over 3 of 4
            3:02 refunded d/1
                d/1 #6: Noted (AfterHandOver) -> HandedOver paid, gift*0
        "#]],
    );
}

#[test]
fn needs_are_added_up_over_lines_and_bundles_before_anything_is_decided() {
    check(
        "0:00 item gift of=tea*1,nut*1,tea*1
         0:00 receive tea L1 4
         0:00 receive nut L2 9
         1:00 created d/1 gift*1 tea*3
         1:01 created d/2 gift*1 tea*2
         1:02 paid d/3 gift*1",
        expect![[r#"
            0:00 item gift of=tea*1,nut*1,tea*1
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
                level of nut: of 0
            0:00 receive tea L1 4
                level of tea: available 4 of 4
            0:00 receive nut L2 9
                level of gift: * can sell 2
                level of nut: available 9 of 9
            1:00 created d/1 gift*1 tea*3
                ALERT OversellRisk tea d short 5 [d/1] at 1:00
                ALERT OversellRisk nut d short 1 [d/1] at 1:00
                d/1 #1: Refused (Short) -> Refused, gift*1, tea*3
            1:01 created d/2 gift*1 tea*2
                d/2 #1: Reserved (Ok) -> Reserved, gift*1 reserved 1, tea*2 reserved 2
                ALERT SoldOut gift Left { available: 0 } at 1:01
                ALERT SoldOut tea Left { available: 0 } at 1:01
                level of gift: * can sell 0 (sold out)
                level of tea: reserved 4 of 4
                level of nut: available 8 reserved 1 of 9
            1:02 paid d/3 gift*1
                ALERT Oversold d short 3 [d/3] at 1:02
                d/3 #1: Waitlisted (Short) -> Waitlisted paid, gift*1 waits for 1
                level of tea: reserved 4 waitlisted 2 of 4
                level of nut: available 8 reserved 1 waitlisted 1 of 9
        "#]],
    );
}

#[test]
fn with_partial_whole_bundles_are_filled_and_ship_first_line_first() {
    check(
        "0:00 policy partial=yes
         0:00 item gift of=tea*2,nut*1
         0:00 receive tea L1 6
         0:00 receive nut L2 1
         1:00 paid d/1 gift*3 tea*1 nut*1
         2:00 left d/1
         3:00 receive nut L3 1
         4:00 receive nut L4 5",
        expect![[r#"
            0:00 policy partial=yes
            0:00 item gift of=tea*2,nut*1
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
                level of nut: of 0
            0:00 receive tea L1 6
                level of tea: available 6 of 6
            0:00 receive nut L2 1
                level of gift: * can sell 1
                level of nut: available 1 of 1
            1:00 paid d/1 gift*3 tea*1 nut*1
                ALERT Oversold d short 7 [d/1] at 1:00
                d/1 #1: Waitlisted (Short) -> Waitlisted paid, gift*3 allocated 1 waits for 2, tea*1 allocated 1, nut*1 waits for 1
                courier: send d/1/1@1: gift*1 (tea*2: 2 of L1; nut*1: 1 of L2) tea*1 (1 of L1)
                ALERT SoldOut gift Left { available: 0 } at 1:00
                ALERT SoldOut nut Left { available: 0 } at 1:00
                level of gift: * can sell 0 (sold out)
                level of tea: available 3 allocated 3 waitlisted 4 of 6
                level of nut: allocated 1 waitlisted 3 of 1
            2:00 left d/1
                d/1 #2: HandedOver (Ok) -> Waitlisted paid, gift*3 waits for 2, tea*1, nut*1 waits for 1
                level of tea: available 3 handed over 3 waitlisted 4 of 6
                level of nut: handed over 1 waitlisted 3 of 1
            3:00 receive nut L3 1
                courier: send d/1/2@1: gift*1 (tea*2: 2 of L1; nut*1: 1 of L3)
                level of tea: available 1 allocated 2 handed over 3 waitlisted 2 of 6
                level of nut: allocated 1 handed over 1 waitlisted 2 of 2
            4:00 receive nut L4 5
                courier: instead send d/1/2@2: gift*1 (tea*2: 2 of L1; nut*1: 1 of L3) nut*1 (1 of L4)
                ALERT Restocked nut Left { available: 4 } at 4:00
                level of nut: available 4 allocated 2 handed over 1 waitlisted 1 of 7
        "#]],
    );
}

#[test]
fn a_component_that_is_lost_leaves_the_others_held_for_the_bundle() {
    check(
        "0:00 policy partial=yes
         0:00 item gift of=tea*1,nut*1
         0:00 receive tea L1 2
         0:00 receive nut L2 2
         1:00 paid d/1 gift*2
         2:00 adjust nut -1
         2:01 created d/2 tea*1
         2:02 left d/1
         3:00 adjust nut -1
         4:00 refunded d/1 gift*1",
        expect![[r#"
            0:00 policy partial=yes
            0:00 item gift of=tea*1,nut*1
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
                level of nut: of 0
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            0:00 receive nut L2 2
                level of gift: * can sell 2
                level of nut: available 2 of 2
            1:00 paid d/1 gift*2
                d/1 #1: Allocated (Ok) -> Allocated paid, gift*2 allocated 2
                courier: send d/1/1@1: gift*2 (tea*2: 2 of L1; nut*2: 2 of L2)
                ALERT SoldOut gift Left { available: 0 } at 1:00
                ALERT SoldOut tea Left { available: 0 } at 1:00
                ALERT SoldOut nut Left { available: 0 } at 1:00
                level of gift: * can sell 0 (sold out)
                level of tea: allocated 2 of 2
                level of nut: allocated 2 of 2
            2:00 adjust nut -1
                d/1 #2: Waitlisted (Count) -> Waitlisted paid, gift*2 allocated 1 waits for 1
                ALERT Oversold nut d short 1 [d/1] at 2:00
                courier: instead send d/1/1@2: gift*1 (tea*1: 1 of L1; nut*1: 1 of L2)
                level of nut: allocated 1 removed 1 waitlisted 1 of 2
            2:01 created d/2 tea*1
                ALERT OversellRisk tea d short 1 [d/2] at 2:01
                d/2 #1: Refused (Short) -> Refused, tea*1
            2:02 left d/1
                d/1 #3: HandedOver (Ok) -> Waitlisted paid, gift*2 waits for 1
                level of tea: allocated 1 handed over 1 of 2
                level of nut: handed over 1 removed 1 waitlisted 1 of 2
            3:00 adjust nut -1
                ALERT StockMismatch nut Mismatch { books: 0, reported: -1 } at 3:00
            4:00 refunded d/1 gift*1
                d/1 #4: Refunded (Ok) -> HandedOver paid, gift*1
                ALERT OversellResolved gift d [d/1] at 4:00
                ALERT Restocked tea Left { available: 1 } at 4:00
                level of tea: available 1 handed over 1 of 2
                level of nut: handed over 1 removed 1 of 2
        "#]],
    );
}

#[test]
fn a_part_that_was_kept_is_of_whole_bundles_only() {
    check(
        "0:00 policy partial=yes paid=refuse
         0:00 item gift of=tea*1,nut*1
         0:00 item box of=tea*1,fig*1
         0:00 receive tea L1 9
         0:00 receive nut L2 2
         1:00 paid d/1 gift*2 box*1
         2:00 refunded d/1 #1*1
         2:01 refunded d/1 #1*1",
        expect![[r#"
            0:00 policy partial=yes paid=refuse
            0:00 item gift of=tea*1,nut*1
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
                level of nut: of 0
            0:00 item box of=tea*1,fig*1
                level of box: * can sell 0 (sold out)
                level of fig: of 0
            0:00 receive tea L1 9
                level of tea: available 9 of 9
            0:00 receive nut L2 2
                level of gift: * can sell 2
                level of nut: available 2 of 2
            1:00 paid d/1 gift*2 box*1
                ALERT Oversold d short 2 [d/1] at 1:00
                d/1 #1: Refused (Short) -> Allocated paid, gift*2 allocated 2, box*1
                courier: send d/1/1@1: gift*2 (tea*2: 2 of L1; nut*2: 2 of L2)
                ALERT SoldOut gift Left { available: 0 } at 1:00
                ALERT SoldOut nut Left { available: 0 } at 1:00
                level of gift: * can sell 0 (sold out)
                level of tea: available 7 allocated 2 of 9
                level of nut: allocated 2 of 2
            2:00 refunded d/1 #1*1
                d/1 #2: Refunded (Ok) -> Allocated paid, gift*1 allocated 1, box*1
                courier: instead send d/1/1@2: gift*1 (tea*1: 1 of L1; nut*1: 1 of L2)
                ALERT Restocked gift Left { available: 1 } at 2:00
                ALERT Restocked nut Left { available: 1 } at 2:00
                level of gift: * can sell 1
                level of tea: available 8 allocated 1 of 9
                level of nut: available 1 allocated 1 of 2
            2:01 refunded d/1 #1*1
                d/1 #3: Refunded (Ok) -> Refused paid, gift*0, box*1
                courier: keep back d/1/1@3 (Short)
                level of gift: * can sell 2
                level of tea: available 9 of 9
                level of nut: available 2 of 2
        "#]],
    );
}

#[test]
fn an_order_goes_on_to_need_what_its_bundle_was_when_it_asked() {
    check(
        "0:00 item gift of=tea*1
         0:00 receive tea L1 1
         1:00 paid d/1 gift*1
         1:01 paid d/2 gift*1
         2:00 item gift of=nut*2
         2:01 receive nut L2 9
         2:02 receive tea L3 1
         2:03 shows-paid d/1 gift*1
         2:04 paid d/3 gift*1
         2:05 amended d/1 gift*2",
        expect![[r#"
            0:00 item gift of=tea*1
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
            0:00 receive tea L1 1
                level of gift: * can sell 1
                level of tea: available 1 of 1
            1:00 paid d/1 gift*1
                d/1 #1: Allocated (Ok) -> Allocated paid, gift*1 allocated 1
                courier: send d/1/1@1: gift*1 (tea*1: 1 of L1)
                ALERT SoldOut gift Left { available: 0 } at 1:00
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of gift: * can sell 0 (sold out)
                level of tea: allocated 1 of 1
            1:01 paid d/2 gift*1
                ALERT Oversold tea d short 1 [d/2] at 1:01
                d/2 #1: Waitlisted (Short) -> Waitlisted paid, gift*1 waits for 1
                level of tea: allocated 1 waitlisted 1 of 1
            2:00 item gift of=nut*2
                level of nut: of 0
            2:01 receive nut L2 9
                ALERT Restocked gift Left { available: 4 } at 2:01
                level of gift: * can sell 4
                level of nut: available 9 of 9
            2:02 receive tea L3 1
                d/2 #2: Allocated (Promoted) -> Allocated paid, gift*1 allocated 1
                courier: send d/2/1@1: gift*1 (tea*1: 1 of L3)
                ALERT OversellResolved gift d [d/2] at 2:02
                level of tea: allocated 2 of 2
            2:03 shows-paid d/1 gift*1
                d/1 #2: Allocated (Ok) -> Allocated paid, gift*1 allocated 1
            2:04 paid d/3 gift*1
                d/3 #1: Allocated (Ok) -> Allocated paid, gift*1 allocated 1
                courier: send d/3/1@1: gift*1 (nut*2: 2 of L2)
                level of gift: * can sell 3
                level of nut: available 7 allocated 2 of 9
            2:05 amended d/1 gift*2
                d/1 #3: Amended (Ok) -> Allocated paid, gift*2 allocated 2
                courier: instead send d/1/1@2: gift*2 (nut*4: 4 of L2)
                ALERT Restocked tea Left { available: 1 } at 2:05
                level of gift: * can sell 1
                level of tea: available 1 allocated 1 of 2
                level of nut: available 3 allocated 6 of 9
        "#]],
    );
}

#[test]
fn a_bundle_may_become_a_sku_of_its_own() {
    check(
        "0:00 item gift of=tea*1
         0:01 receive tea L1 2
         1:00 paid d/1 gift*1
         2:00 item gift
         2:01 receive gift L2 1
         2:02 paid d/2 gift*1
         2:03 left d/1 d/2
         2:04 amended d/1 gift*2",
        expect![[r#"
            0:00 item gift of=tea*1
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
            0:01 receive tea L1 2
                level of gift: * can sell 2
                level of tea: available 2 of 2
            1:00 paid d/1 gift*1
                d/1 #1: Allocated (Ok) -> Allocated paid, gift*1 allocated 1
                courier: send d/1/1@1: gift*1 (tea*1: 1 of L1)
                level of gift: * can sell 1
                level of tea: available 1 allocated 1 of 2
            2:00 item gift
                ALERT SoldOut gift Left { available: 0 } at 2:00
                level of gift: of 0
            2:01 receive gift L2 1
                ALERT Restocked gift Left { available: 1 } at 2:01
                level of gift: available 1 of 1
            2:02 paid d/2 gift*1
                d/2 #1: Allocated (Ok) -> Allocated paid, gift*1 allocated 1
                courier: send d/2/1@1: gift*1 (1 of L2)
                ALERT SoldOut gift Left { available: 0 } at 2:02
                level of gift: allocated 1 of 1
            2:03 left d/1 d/2
                d/1 #2: HandedOver (Ok) -> HandedOver paid, gift*1
                d/2 #2: HandedOver (Ok) -> HandedOver paid, gift*1
                level of gift: handed over 1 of 1
                level of tea: available 1 handed over 1 of 2
            2:04 amended d/1 gift*2
                ALERT Oversold gift d short 1 [d/1] at 2:04
                d/1 #3: Waitlisted (Short) -> Waitlisted paid, gift*2 waits for 1
                level of gift: handed over 1 waitlisted 1 of 1
        "#]],
    );
}

#[test]
fn who_waits_for_an_unknown_sku_waits_for_its_components_once_it_is_a_bundle() {
    check(
        "0:00 receive tea L1 2
         1:00 paid d/1 gift*1 tea*1
         1:01 paid d/2 gift*1
         2:00 item gift of=tea*1,nut*1
         2:01 receive nut L2 1",
        expect![[r#"
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            1:00 paid d/1 gift*1 tea*1
                ALERT UnknownSku gift d short 1 [d/1] at 1:00
                ALERT Oversold d short 2 [d/1] at 1:00
                d/1 #1: Waitlisted (UnknownSku) -> Waitlisted paid, gift*1 waits for 1, tea*1 waits for 1
                level of tea: available 2 waitlisted 1 of 2
            1:01 paid d/2 gift*1
                ALERT UnknownSku gift d short 1 [d/2] at 1:01
                ALERT Oversold gift d short 1 [d/2] at 1:01
                d/2 #1: Waitlisted (UnknownSku) -> Waitlisted paid, gift*1 waits for 1
            2:00 item gift of=tea*1,nut*1
                level of tea: available 2 waitlisted 3 of 2
                level of gift: * can sell 0 (sold out)
                level of nut: waitlisted 2 of 0
            2:01 receive nut L2 1
                d/1 #2: Allocated (Promoted) -> Allocated paid, gift*1 allocated 1, tea*1 allocated 1
                courier: send d/1/1@1: gift*1 (tea*1: 1 of L1; nut*1: 1 of L2) tea*1 (1 of L1)
                ALERT OversellResolved d [d/1] at 2:01
                ALERT SoldOut tea Left { available: 0 } at 2:01
                level of tea: allocated 2 waitlisted 1 of 2
                level of nut: allocated 1 waitlisted 1 of 1
        "#]],
    );
}

#[test]
fn who_was_refused_in_part_and_is_amended_keeps_what_its_lines_need() {
    check(
        "0:00 policy partial=yes
         0:00 item gift of=tea*3
         0:00 receive tea L1 2
         1:00 created d/1 tea*4
         2:00 amended d/1 tea*1 gift*1",
        expect![[r#"
            0:00 policy partial=yes
            0:00 item gift of=tea*3
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            1:00 created d/1 tea*4
                ALERT OversellRisk tea d short 2 [d/1] at 1:00
                d/1 #1: Refused (Short) -> Reserved, tea*4 reserved 2
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of tea: reserved 2 of 2
            2:00 amended d/1 tea*1 gift*1
                ALERT OversellRisk tea d short 2 [d/1] at 2:00
                d/1 #2: Waitlisted (Short) -> Waitlisted, tea*1 reserved 1, gift*1 waits for 1
                level of tea: reserved 2 waitlisted 2 of 2
        "#]],
    );
}

#[test]
fn whose_unknown_part_was_refused_asks_and_waits_for_components_later() {
    check(
        "0:00 policy partial=yes
         0:00 receive tea L1 2
         0:00 receive nut L2 1
         1:00 created d/1 tea*1 gift*1
         1:01 created d/2 nut*1 gift*1
         2:00 item gift of=tea*1
         3:00 paid d/1
         3:01 adjust nut -1",
        expect![[r#"
            0:00 policy partial=yes
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            0:00 receive nut L2 1
                level of nut: available 1 of 1
            1:00 created d/1 tea*1 gift*1
                ALERT UnknownSku gift d short 1 [d/1] at 1:00
                ALERT OversellRisk gift d short 1 [d/1] at 1:00
                d/1 #1: Refused (UnknownSku) -> Reserved, tea*1 reserved 1, gift*1
                level of tea: available 1 reserved 1 of 2
            1:01 created d/2 nut*1 gift*1
                ALERT UnknownSku gift d short 1 [d/2] at 1:01
                d/2 #1: Refused (UnknownSku) -> Reserved, nut*1 reserved 1, gift*1
                ALERT SoldOut nut Left { available: 0 } at 1:01
                level of nut: reserved 1 of 1
            2:00 item gift of=tea*1
                ALERT OversellRisk gift d short 1 [d/2] at 1:10
                level of gift: * can sell 1
            3:00 paid d/1
                d/1 #2: Allocated (Ok) -> Allocated paid, tea*1 allocated 1, gift*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1) gift*1 (tea*1: 1 of L1)
                ALERT SoldOut tea Left { available: 0 } at 3:00
                ALERT SoldOut gift Left { available: 0 } at 3:00
                level of tea: allocated 2 of 2
                level of gift: * can sell 0 (sold out)
            3:01 adjust nut -1
                d/2 #2: Waitlisted (Count) -> Waitlisted, nut*1 waits for 1, gift*1 waits for 1
                ALERT OversellRisk nut d short 1 [d/2] at 3:01
                ALERT OversellRisk tea d short 1 [d/2] at 3:01
                level of tea: allocated 2 waitlisted 1 of 2
                level of nut: removed 1 waitlisted 1 of 1
        "#]],
    );
}

#[test]
fn a_bundle_that_is_nested_or_has_stock_is_refused() {
    check(
        "0:00 item gift of=tea*1,nut*1
         0:01 item gift of=tea*1,gift*1
         0:02 item big of=gift*1
         0:03 item tea of=nut*1
         0:04 receive gift L1 1
         0:05 adjust gift 1
         0:06 receive tea L2 1
         0:07 item gift
         0:08 item tea of=nut*1
         0:09 item nut of=fig*1
         0:10 item nut",
        expect![[r#"
            0:00 item gift of=tea*1,nut*1
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
                level of nut: of 0
            0:01 item gift of=tea*1,gift*1
                dead letter: nested_bundle (components: one of them is a bundle itself)
                ALERT InputRejected Rejects { count: 1, first: NestedBundle } at 0:00
            0:02 item big of=gift*1
                dead letter: nested_bundle (components: one of them is a bundle itself)
            0:03 item tea of=nut*1
                dead letter: nested_bundle (components: sku is a component of another bundle)
            0:04 receive gift L1 1
                dead letter: not_supported (sku: a bundle has no stock, its components do)
            0:05 adjust gift 1
                dead letter: not_supported (sku: a bundle has no stock, its components do)
            0:06 receive tea L2 1
                level of tea: available 1 of 1
            0:07 item gift
                level of gift: of 0
            0:08 item tea of=nut*1
                dead letter: not_supported (components: sku has had stock of its own)
            0:09 item nut of=fig*1
                level of nut: * can sell 0 (sold out)
                level of fig: of 0
            0:10 item nut
                ALERT InputRejected Rejects { count: 5, first: NestedBundle } at 0:10
                level of nut: of 0
        "#]],
    );
}

#[test]
fn a_bundle_is_sold_out_restocked_and_low_by_what_its_components_allow() {
    check(
        "0:00 item gift of=tea*2,nut*1 low=1
         0:01 receive tea L1 4
         0:02 receive nut L2 2
         1:00 created d/1 gift*1
         1:01 created d/2 nut*1
         1:02 cancelled d/2
         1:03 created d/3 tea*1",
        expect![[r#"
            0:00 item gift of=tea*2,nut*1 low=1
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
                level of nut: of 0
            0:01 receive tea L1 4
                level of tea: available 4 of 4
            0:02 receive nut L2 2
                level of gift: * can sell 2
                level of nut: available 2 of 2
            1:00 created d/1 gift*1
                d/1 #1: Reserved (Ok) -> Reserved, gift*1 reserved 1
                ALERT LowStock gift Left { available: 1 } at 1:00
                level of gift: * can sell 1
                level of tea: available 2 reserved 2 of 4
                level of nut: available 1 reserved 1 of 2
            1:01 created d/2 nut*1
                d/2 #1: Reserved (Ok) -> Reserved, nut*1 reserved 1
                ALERT SoldOut gift Left { available: 0 } at 1:01
                ALERT SoldOut nut Left { available: 0 } at 1:01
                level of gift: * can sell 0 (sold out)
                level of nut: reserved 2 of 2
            1:02 cancelled d/2
                d/2 #2: Released (Cancelled) -> Cancelled, nut*1
                ALERT Restocked gift Left { available: 1 } at 1:02
                ALERT Restocked nut Left { available: 1 } at 1:02
                level of gift: * can sell 1
                level of nut: available 1 reserved 1 of 2
            1:03 created d/3 tea*1
                d/3 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                ALERT SoldOut gift Left { available: 0 } at 1:03
                level of gift: * can sell 0 (sold out)
                level of tea: available 1 reserved 3 of 4
        "#]],
    );
}

#[test]
fn a_parcel_of_bundles_that_was_taken_back_has_left_all_the_same() {
    check(
        "0:00 item gift of=tea*1,nut*1
         0:00 receive tea L1 2
         0:00 receive nut L2 2
         1:00 paid d/1 gift*2
         2:00 cancelled d/1
         2:01 created d/2 tea*1
         2:02 left d/1",
        expect![[r#"
            0:00 item gift of=tea*1,nut*1
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
                level of nut: of 0
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            0:00 receive nut L2 2
                level of gift: * can sell 2
                level of nut: available 2 of 2
            1:00 paid d/1 gift*2
                d/1 #1: Allocated (Ok) -> Allocated paid, gift*2 allocated 2
                courier: send d/1/1@1: gift*2 (tea*2: 2 of L1; nut*2: 2 of L2)
                ALERT SoldOut gift Left { available: 0 } at 1:00
                ALERT SoldOut tea Left { available: 0 } at 1:00
                ALERT SoldOut nut Left { available: 0 } at 1:00
                level of gift: * can sell 0 (sold out)
                level of tea: allocated 2 of 2
                level of nut: allocated 2 of 2
            2:00 cancelled d/1
                d/1 #2: Released (Cancelled) -> Cancelled paid, gift*2
                courier: keep back d/1/1@2 (Cancelled)
                ALERT Restocked gift Left { available: 2 } at 2:00
                ALERT Restocked tea Left { available: 2 } at 2:00
                ALERT Restocked nut Left { available: 2 } at 2:00
                level of gift: * can sell 2
                level of tea: available 2 of 2
                level of nut: available 2 of 2
            2:01 created d/2 tea*1
                d/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of gift: * can sell 1
                level of tea: available 1 reserved 1 of 2
            2:02 left d/1
                d/2 #2: Waitlisted (Count) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/2] at 2:02
                ALERT StockMismatch gift d [d/1] Parcel { number: 1 } at 2:02
                ALERT SoldOut gift Left { available: 0 } at 2:02
                ALERT SoldOut tea Left { available: 0 } at 2:02
                ALERT SoldOut nut Left { available: 0 } at 2:02
                level of gift: * can sell 0 (sold out)
                level of tea: handed over 2 waitlisted 1 of 2
                level of nut: handed over 2 of 2
        "#]],
    );
}

#[test]
fn an_order_may_be_sent_more_than_one_parcel_can_hold() {
    check(
        "0:00 item crate of=tea*1000000
         0:01 adjust tea 4000000000
         0:02 adjust tea 4000000000
         1:00 paid d/1 crate*4000
         1:01 left d/1
         1:02 amended d/1 crate*8000
         1:03 left d/1
         1:04 created d/2 crate*4000",
        expect![[r#"
            0:00 item crate of=tea*1000000
                level of crate: * can sell 0 (sold out)
                level of tea: of 0
            0:01 adjust tea 4000000000
                level of crate: * can sell 4000
                level of tea: available 4000000000 of 4000000000
            0:02 adjust tea 4000000000
                level of crate: * can sell 8000
                level of tea: available 8000000000 of 8000000000
            1:00 paid d/1 crate*4000
                d/1 #1: Allocated (Ok) -> Allocated paid, crate*4000 allocated 4000
                courier: send d/1/1@1: crate*4000 (tea*4000000000: 4000000000 of counted)
                ALERT DemandSurge tea Surge { asked: 4000000000, left: 4000000000, sold_out_at: Time(120000) } at 1:00
                level of crate: * can sell 4000
                level of tea: available 4000000000 allocated 4000000000 of 8000000000
            1:01 left d/1
                d/1 #2: HandedOver (Ok) -> HandedOver paid, crate*4000
                level of tea: available 4000000000 handed over 4000000000 of 8000000000
            1:02 amended d/1 crate*8000
                d/1 #3: Amended (Ok) -> Allocated paid, crate*8000 allocated 4000
                courier: send d/1/2@1: crate*4000 (tea*4000000000: 4000000000 of counted)
                ALERT SoldOut crate Left { available: 0 } at 1:02
                ALERT SoldOut tea Left { available: 0 } at 1:02
                level of crate: * can sell 0 (sold out)
                level of tea: allocated 4000000000 handed over 4000000000 of 8000000000
            1:03 left d/1
                d/1 #4: HandedOver (Ok) -> HandedOver paid, crate*8000
                level of tea: handed over 8000000000 of 8000000000
            1:04 created d/2 crate*4000
                ALERT OversellRisk tea d short 4000000000 [d/2] at 1:04
                d/2 #1: Refused (Short) -> Refused, crate*4000
        "#]],
    );
}

#[test]
fn components_that_can_be_counted_one_by_one_are_restored() {
    check(
        "0:00 item crate of=tea*1000000,nut*1000000
         0:01 adjust tea 5000000000
         0:02 adjust nut 5000000000
         1:00 paid d/1 crate*4000
         1:01 left d/1",
        expect![[r#"
            0:00 item crate of=tea*1000000,nut*1000000
                level of crate: * can sell 0 (sold out)
                level of tea: of 0
                level of nut: of 0
            0:01 adjust tea 5000000000
                level of tea: available 5000000000 of 5000000000
            0:02 adjust nut 5000000000
                level of crate: * can sell 5000
                level of nut: available 5000000000 of 5000000000
            1:00 paid d/1 crate*4000
                d/1 #1: Allocated (Ok) -> Allocated paid, crate*4000 allocated 4000
                courier: send d/1/1@1: crate*4000 (tea*4000000000: 4000000000 of counted; nut*4000000000: 4000000000 of counted)
                ALERT DemandSurge tea Surge { asked: 4000000000, left: 1000000000, sold_out_at: Time(75000) } at 1:00
                ALERT DemandSurge nut Surge { asked: 4000000000, left: 1000000000, sold_out_at: Time(75000) } at 1:00
                level of crate: * can sell 1000
                level of tea: available 1000000000 allocated 4000000000 of 5000000000
                level of nut: available 1000000000 allocated 4000000000 of 5000000000
            1:01 left d/1
                d/1 #2: HandedOver (Ok) -> HandedOver paid, crate*4000
                level of tea: available 1000000000 handed over 4000000000 of 5000000000
                level of nut: available 1000000000 handed over 4000000000 of 5000000000
        "#]],
    );
}

#[test]
fn an_order_that_was_sent_many_full_parcels_is_restored() {
    let mut story = String::from("0:00 item crate of=tea*1000000\n");
    for parcel in 1..=20 {
        let lines =
            format!("{parcel}:01 paid d/1\n{parcel}:02 amended d/1 crate*{}", parcel * 4000);
        story += &format!("{parcel}:00 adjust tea 4000000000\n{lines}\n{parcel}:03 left d/1\n");
    }
    let told = tell(&story);
    assert!(told.ends_with("level of tea: handed over 80000000000 of 80000000000\n"), "{told}");
}

#[test]
fn an_order_that_was_sent_much_of_many_skus_is_restored() {
    let mut story = String::from("0:00 paid d/1\n");
    for sku in 1..=22 {
        let lines = vec![format!("s{sku}*1000000"); 200].join(" ");
        story += &format!("{sku}:00 adjust s{sku} 200000000\n{sku}:01 amended d/1 {lines}\n");
        story += &format!("{sku}:02 left d/1\n");
    }
    let told = tell(&story);
    assert!(told.ends_with("level of s22: handed over 200000000 of 200000000\n"), "{told}");
}
