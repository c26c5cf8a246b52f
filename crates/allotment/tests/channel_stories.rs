//! Stories of channels and safety stock: what each platform may still sell.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn what_is_kept_for_one_platform_is_sold_by_no_other() {
    check(
        "0:00 item tea safety=1 channel=d:3: channel=w::2
         0:01 receive tea L1 8
         1:00 created w/1 tea*2
         1:01 created w/2 tea*1
         1:02 created x/1 tea*3
         1:03 created x/2 tea*1
         1:04 paid x/2
         1:05 created d/1 tea*2
         1:06 cancelled w/1
         1:07 created w/3 tea*1",
        expect![[r#"
            0:00 item tea safety=1 channel=d:3: channel=w::2
                level of tea: of 0, sellable d 0 w 0 * 0
            0:01 receive tea L1 8
                level of tea: available 8 of 8, sellable d 7 w 2 * 4
            1:00 created w/1 tea*2
                w/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 6 reserved 2 of 8, sellable d 5 w 0 * 2
            1:01 created w/2 tea*1
                ALERT OversellRisk tea w short 1 [w/2] at 1:01
                w/2 #1: Refused (Channel) -> Refused, tea*1
            1:02 created x/1 tea*3
                ALERT OversellRisk tea x short 3 [x/1] at 1:02
                x/1 #1: Refused (Channel) -> Refused, tea*3
            1:03 created x/2 tea*1
                x/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 5 reserved 3 of 8, sellable d 4 w 0 * 1
            1:04 paid x/2
                x/2 #2: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send x/2/1@1: tea*1 (1 of L1)
                level of tea: available 5 reserved 2 allocated 1 of 8, sellable d 4 w 0 * 1
            1:05 created d/1 tea*2
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 3 reserved 4 allocated 1 of 8, sellable d 2 w 0 * 1
            1:06 cancelled w/1
                w/1 #2: Released (Cancelled) -> Cancelled, tea*2
                level of tea: available 5 reserved 2 allocated 1 of 8, sellable d 4 w 2 * 3
            1:07 created w/3 tea*1
                w/3 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                ALERT DemandSurge tea Surge { asked: 10, left: 4, sold_out_at: Time(91000) } at 1:07
                level of tea: available 4 reserved 3 allocated 1 of 8, sellable d 3 w 1 * 2
        "#]],
    );
}

#[test]
fn who_waits_for_a_channel_is_filled_when_the_channel_is_free_again() {
    check(
        "0:00 policy unpaid=waitlist
         0:00 item tea channel=w::2
         0:01 receive tea L1 4
         1:00 created w/1 tea*2
         1:01 created w/2 tea*1
         1:02 created w/3 tea*1
         1:03 created d/1 tea*2
         1:04 cancelled d/1
         1:05 paid w/3
         1:06 cancelled w/1
         1:07 created w/4 tea*2
         1:08 item tea channel=w::9",
        expect![[r#"
            0:00 policy unpaid=waitlist
            0:00 item tea channel=w::2
                level of tea: of 0, sellable w 0 * 0
            0:01 receive tea L1 4
                level of tea: available 4 of 4, sellable w 2 * 4
            1:00 created w/1 tea*2
                w/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 2 reserved 2 of 4, sellable w 0 * 2
            1:01 created w/2 tea*1
                ALERT OversellRisk tea w short 1 [w/2] at 1:01
                w/2 #1: Waitlisted (Channel) -> Waitlisted, tea*1 waits for 1
                level of tea: available 2 reserved 2 waitlisted 1 of 4, sellable w 0 * 2
            1:02 created w/3 tea*1
                w/3 #1: Waitlisted (Channel) -> Waitlisted, tea*1 waits for 1
                level of tea: available 2 reserved 2 waitlisted 2 of 4, sellable w 0 * 2
            1:03 created d/1 tea*2
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                ALERT SoldOut tea Left { available: 0 } at 1:03
                level of tea: reserved 4 waitlisted 2 of 4, sellable w 0 * 0
            1:04 cancelled d/1
                d/1 #2: Released (Cancelled) -> Cancelled, tea*2
                ALERT Restocked tea Left { available: 2 } at 1:04
                level of tea: available 2 reserved 2 waitlisted 2 of 4, sellable w 0 * 2
            1:05 paid w/3
                w/3 #2: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send w/3/1@1: tea*1 (1 of L1)
                level of tea: available 1 reserved 2 allocated 1 waitlisted 1 of 4, sellable w 0 * 1
            1:06 cancelled w/1
                w/1 #2: Released (Cancelled) -> Cancelled, tea*2
                w/2 #2: Reserved (Promoted) -> Reserved, tea*1 reserved 1
                level of tea: available 2 reserved 1 allocated 1 of 4, sellable w 0 * 2
            1:07 created w/4 tea*2
                w/4 #1: Waitlisted (Channel) -> Waitlisted, tea*2 waits for 2
                level of tea: available 2 reserved 1 allocated 1 waitlisted 2 of 4, sellable w 0 * 2
            1:08 item tea channel=w::9
                w/4 #2: Reserved (Promoted) -> Reserved, tea*2 reserved 2
                ALERT SoldOut tea Left { available: 0 } at 1:08
                level of tea: reserved 3 allocated 1 of 4, sellable w 0 * 0
        "#]],
    );
}

#[test]
fn a_channel_counts_what_left_and_starts_afresh_with_a_season() {
    check(
        "0:00 policy unpaid=waitlist
         0:00 item tea channel=w::2 season=spring
         0:01 receive tea L1 9
         1:00 paid w/1 tea*2
         1:01 left w/1
         1:02 refunded w/1
         1:03 created w/2 tea*1
         1:04 item tea channel=w::2 season=autumn
         1:05 created w/3 tea*2
         1:06 cancelled w/2
         1:07 item tea channel=w::2 season=spring",
        expect![[r#"
            0:00 policy unpaid=waitlist
            0:00 item tea channel=w::2 season=spring
                level of tea: of 0, sellable w 0 * 0
            0:01 receive tea L1 9
                level of tea: available 9 of 9, sellable w 2 * 9
            1:00 paid w/1 tea*2
                w/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send w/1/1@1: tea*2 (2 of L1)
                level of tea: available 7 allocated 2 of 9, sellable w 0 * 7
            1:01 left w/1
                w/1 #2: HandedOver (Ok) -> HandedOver paid, tea*2
                level of tea: available 7 handed over 2 of 9, sellable w 0 * 7
            1:02 refunded w/1
                w/1 #3: Noted (AfterHandOver) -> HandedOver paid, tea*0
            1:03 created w/2 tea*1
                ALERT OversellRisk tea w short 1 [w/2] at 1:03
                w/2 #1: Waitlisted (Channel) -> Waitlisted, tea*1 waits for 1
                level of tea: available 7 handed over 2 waitlisted 1 of 9, sellable w 0 * 7
            1:04 item tea channel=w::2 season=autumn
                w/2 #2: Reserved (Promoted) -> Reserved, tea*1 reserved 1
                level of tea: available 6 reserved 1 handed over 2 of 9, sellable w 2 * 6
            1:05 created w/3 tea*2
                w/3 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 4 reserved 3 handed over 2 of 9, sellable w 0 * 4
            1:06 cancelled w/2
                w/2 #3: Released (Cancelled) -> Cancelled, tea*1
                level of tea: available 5 reserved 2 handed over 2 of 9, sellable w 0 * 5
            1:07 item tea channel=w::2 season=spring
        "#]],
    );
}

#[test]
fn stock_that_no_platform_can_sell_is_sold_out() {
    check(
        "0:00 item tea safety=2 low=3
         0:01 receive tea L1 4
         1:00 created d/1 tea*1
         1:01 created d/2 tea*1
         1:02 created d/3 tea*1
         1:03 paid d/3
         1:04 item tea safety=0",
        expect![[r#"
            0:00 item tea safety=2 low=3
                level of tea: of 0
            0:01 receive tea L1 4
                level of tea: available 4 of 4, sellable * 2
            1:00 created d/1 tea*1
                d/1 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                ALERT LowStock tea Left { available: 3 } at 1:00
                level of tea: available 3 reserved 1 of 4, sellable * 1
            1:01 created d/2 tea*1
                d/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                ALERT SoldOut tea Left { available: 2 } at 1:01
                level of tea: available 2 reserved 2 of 4, sellable * 0
            1:02 created d/3 tea*1
                ALERT OversellRisk tea d short 1 [d/3] at 1:02
                d/3 #1: Refused (Channel) -> Refused, tea*1
            1:03 paid d/3
                d/3 #2: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/3/1@1: tea*1 (1 of L1)
                level of tea: available 1 reserved 2 allocated 1 of 4, sellable * 0
            1:04 item tea safety=0
                ALERT Restocked tea Left { available: 1 } at 1:04
                level of tea: available 1 reserved 2 allocated 1 of 4
        "#]],
    );
}

#[test]
fn in_part_an_unpaid_order_gets_what_its_platform_may_sell() {
    check(
        "0:00 policy partial=yes
         0:00 item tea channel=d:3: safety=1
         0:01 receive tea L1 6
         1:00 created w/1 tea*5
         1:01 paid w/1",
        expect![[r#"
            0:00 policy partial=yes
            0:00 item tea channel=d:3: safety=1
                level of tea: of 0, sellable d 0 * 0
            0:01 receive tea L1 6
                level of tea: available 6 of 6, sellable d 5 * 2
            1:00 created w/1 tea*5
                ALERT OversellRisk tea w short 3 [w/1] at 1:00
                w/1 #1: Refused (Channel) -> Reserved, tea*5 reserved 2
                level of tea: available 4 reserved 2 of 6, sellable d 3 * 0
            1:01 paid w/1
                w/1 #2: Allocated (Ok) -> Allocated paid, tea*5 allocated 5
                courier: send w/1/1@1: tea*5 (5 of L1)
                ALERT SoldOut tea Left { available: 1 } at 1:01
                level of tea: available 1 allocated 5 of 6, sellable d 0 * 0
        "#]],
    );
}
