//! Stories of limits: how many units one person, or one platform's buyer, may have in a season.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn a_person_is_one_on_every_platform_and_a_buyer_on_one() {
    check(
        "0:00 item tea limit=2
         0:01 receive tea L1 9
         1:00 created d/1 tea*1 buyer=u1 person=p1
         1:01 paid w/1 tea*1 buyer=u1 person=p1
         1:02 created x/1 tea*1 buyer=u9 person=p1
         1:03 created d/2 tea*2 buyer=u1
         1:04 created w/2 tea*1 buyer=u1 person=p2
         1:05 paid x/1
         1:06 created d/3 tea*3",
        expect![[r#"
            0:00 item tea limit=2
                level of tea: of 0
            0:01 receive tea L1 9
                level of tea: available 9 of 9
            1:00 created d/1 tea*1 buyer=u1 person=p1
                d/1 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 8 reserved 1 of 9
            1:01 paid w/1 tea*1 buyer=u1 person=p1
                w/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send w/1/1@1: tea*1 (1 of L1)
                level of tea: available 7 reserved 1 allocated 1 of 9
            1:02 created x/1 tea*1 buyer=u9 person=p1
                x/1 #1: Refused (Limit) -> Refused, tea*1
            1:03 created d/2 tea*2 buyer=u1
                d/2 #1: Refused (Limit) -> Refused, tea*2
            1:04 created w/2 tea*1 buyer=u1 person=p2
                w/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 6 reserved 2 allocated 1 of 9
            1:05 paid x/1
                ALERT OverLimit tea x [x/1] at 1:05
                x/1 #2: Refused (Limit) -> Refused paid, tea*1
            1:06 created d/3 tea*3
                d/3 #1: Reserved (Ok) -> Reserved, tea*3 reserved 3
                level of tea: available 3 reserved 5 allocated 1 of 9
        "#]],
    );
}

#[test]
fn what_is_given_back_may_be_bought_again() {
    check(
        "0:00 item tea limit=2
         0:01 receive tea L1 9
         1:00 paid d/1 tea*2 buyer=u1
         1:01 created d/2 tea*1 buyer=u1
         1:02 refunded d/1 tea*1
         1:03 amended d/2 tea*1
         1:04 left d/1
         1:05 created d/3 tea*1 buyer=u1
         1:06 refunded d/1
         1:07 created d/4 tea*1 buyer=u1
         1:08 cancelled d/2
         37:00 paid d/3
         37:01 created d/5 tea*1 buyer=u1",
        expect![[r#"
            0:00 item tea limit=2
                level of tea: of 0
            0:01 receive tea L1 9
                level of tea: available 9 of 9
            1:00 paid d/1 tea*2 buyer=u1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                level of tea: available 7 allocated 2 of 9
            1:01 created d/2 tea*1 buyer=u1
                d/2 #1: Refused (Limit) -> Refused, tea*1
            1:02 refunded d/1 tea*1
                d/1 #2: Refunded (Ok) -> Allocated paid, tea*1 allocated 1
                courier: instead send d/1/1@2: tea*1 (1 of L1)
                level of tea: available 8 allocated 1 of 9
            1:03 amended d/2 tea*1
                d/2 #2: Amended (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 7 reserved 1 allocated 1 of 9
            1:04 left d/1
                d/1 #3: HandedOver (Ok) -> HandedOver paid, tea*1
                level of tea: available 7 reserved 1 handed over 1 of 9
            1:05 created d/3 tea*1 buyer=u1
                d/3 #1: Refused (Limit) -> Refused, tea*1
            1:06 refunded d/1
                d/1 #4: Noted (AfterHandOver) -> HandedOver paid, tea*0
            1:07 created d/4 tea*1 buyer=u1
                d/4 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 6 reserved 2 handed over 1 of 9
            1:08 cancelled d/2
                d/2 #3: Released (Cancelled) -> Cancelled, tea*1
                level of tea: available 7 reserved 1 handed over 1 of 9
            37:00 paid d/3
                d/4 #2: Released (Expired) -> Released, tea*1 at 36:07
                d/3 #2: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/3/1@1: tea*1 (1 of L1)
                level of tea: available 7 allocated 1 handed over 1 of 9
            37:01 created d/5 tea*1 buyer=u1
                d/5 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 6 reserved 1 allocated 1 handed over 1 of 9
        "#]],
    );
}

#[test]
fn an_amendment_over_the_limit_is_forgotten() {
    check(
        "0:00 item tea limit=3
         0:01 receive tea L1 9
         1:00 created d/1 tea*2 buyer=u1
         1:01 amended d/1 tea*4
         1:02 paid d/1 tea*5 version=2
         1:03 item tea limit=1
         1:04 amended d/1 tea*1 nut*1 version=3
         1:05 amended d/1 tea*2 version=4",
        expect![[r#"
            0:00 item tea limit=3
                level of tea: of 0
            0:01 receive tea L1 9
                level of tea: available 9 of 9
            1:00 created d/1 tea*2 buyer=u1
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 7 reserved 2 of 9
            1:01 amended d/1 tea*4
                d/1 #2: Refused (Limit) -> Reserved, tea*2 reserved 2
            1:02 paid d/1 tea*5 version=2
                ALERT OverLimit tea d [d/1] at 1:02
                d/1 #3: Refused (Limit) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                level of tea: available 7 allocated 2 of 9
            1:03 item tea limit=1
            1:04 amended d/1 tea*1 nut*1 version=3
                ALERT UnknownSku nut d short 1 [d/1] at 1:04
                ALERT Oversold nut d short 1 [d/1] at 1:04
                d/1 #4: Waitlisted (UnknownSku) -> Waitlisted paid, tea*1 allocated 1, nut*1 waits for 1
                courier: keep back d/1/1@2 (Short)
                level of tea: available 8 allocated 1 of 9
            1:05 amended d/1 tea*2 version=4
                ALERT OverLimit tea d [d/1] at 1:05
                d/1 #5: Refused (Limit) -> Waitlisted paid, tea*1 allocated 1, nut*1 waits for 1
        "#]],
    );
}

#[test]
fn a_lower_limit_takes_nothing_and_a_new_season_starts_afresh() {
    check(
        "0:00 item tea limit=2 season=spring
         0:01 receive tea L1 9
         1:00 created d/1 tea*2 buyer=u1
         1:01 item tea limit=1 season=spring
         1:02 paid d/1
         1:03 created d/2 tea*1 buyer=u1
         1:04 item tea limit=1 season=autumn
         1:05 created d/3 tea*1 buyer=u1
         1:06 amended d/2 tea*1",
        expect![[r#"
            0:00 item tea limit=2 season=spring
                level of tea: of 0
            0:01 receive tea L1 9
                level of tea: available 9 of 9
            1:00 created d/1 tea*2 buyer=u1
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 7 reserved 2 of 9
            1:01 item tea limit=1 season=spring
            1:02 paid d/1
                d/1 #2: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                level of tea: available 7 allocated 2 of 9
            1:03 created d/2 tea*1 buyer=u1
                d/2 #1: Refused (Limit) -> Refused, tea*1
            1:04 item tea limit=1 season=autumn
            1:05 created d/3 tea*1 buyer=u1
                d/3 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 6 reserved 1 allocated 2 of 9
            1:06 amended d/2 tea*1
                d/2 #2: Refused (Limit) -> Refused, tea*1
        "#]],
    );
}

#[test]
fn a_limit_is_judged_when_the_order_may_have_stock() {
    check(
        "0:00 policy allocate_on=paid
         0:00 item tea limit=1
         0:01 receive tea L1 9
         1:00 created d/1 tea*1 buyer=u1
         1:01 created d/2 tea*1 buyer=u1
         1:02 paid d/2
         1:03 paid d/1
         1:04 item tea limit=2
         1:05 paid d/1",
        expect![[r#"
            0:00 policy allocate_on=paid
            0:00 item tea limit=1
                level of tea: of 0
            0:01 receive tea L1 9
                level of tea: available 9 of 9
            1:00 created d/1 tea*1 buyer=u1
                d/1 #1: Noted (Policy) -> New, tea*1
            1:01 created d/2 tea*1 buyer=u1
                d/2 #1: Noted (Policy) -> New, tea*1
            1:02 paid d/2
                d/2 #2: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: available 8 allocated 1 of 9
            1:03 paid d/1
                ALERT OverLimit tea d [d/1] at 1:03
                d/1 #2: Refused (Limit) -> Refused paid, tea*1
            1:04 item tea limit=2
            1:05 paid d/1
                d/1 #3: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: available 7 allocated 2 of 9
        "#]],
    );
}

#[test]
fn whose_units_they_are_is_what_the_newest_event_says() {
    check(
        "0:00 item tea limit=2
         0:01 receive tea L1 9
         1:00 created d/1 tea*2 person=p1
         1:01 held d/1 person=p2
         1:02 created d/2 tea*2 person=p1
         1:03 created d/3 tea*1 person=p2",
        expect![[r#"
            0:00 item tea limit=2
                level of tea: of 0
            0:01 receive tea L1 9
                level of tea: available 9 of 9
            1:00 created d/1 tea*2 person=p1
                d/1 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 7 reserved 2 of 9
            1:01 held d/1 person=p2
                d/1 #2: Noted (Ok) -> Reserved held, tea*2 reserved 2
            1:02 created d/2 tea*2 person=p1
                d/2 #1: Reserved (Ok) -> Reserved, tea*2 reserved 2
                level of tea: available 5 reserved 4 of 9
            1:03 created d/3 tea*1 person=p2
                d/3 #1: Refused (Limit) -> Refused, tea*1
        "#]],
    );
}

#[test]
fn a_finished_order_counts_for_as_long_as_it_is_remembered() {
    check(
        "0:00 item tea limit=1
         0:01 receive tea L1 9
         1:00 paid d/1 tea*1 buyer=u1
         1:01 left d/1
         20000:00 created d/2 tea*1 buyer=u1
         300000:00 created d/3 tea*1 buyer=u1",
        expect![[r#"
            0:00 item tea limit=1
                level of tea: of 0
            0:01 receive tea L1 9
                level of tea: available 9 of 9
            1:00 paid d/1 tea*1 buyer=u1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: available 8 allocated 1 of 9
            1:01 left d/1
                d/1 #2: HandedOver (Ok) -> HandedOver paid, tea*1
                level of tea: available 8 handed over 1 of 9
            20000:00 created d/2 tea*1 buyer=u1
                d/2 #1: Refused (Limit) -> Refused, tea*1
            300000:00 created d/3 tea*1 buyer=u1
                d/3 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 7 reserved 1 handed over 1 of 9
        "#]],
    );
}

#[test]
fn a_claim_is_its_buyers_and_the_order_that_takes_it_over_is_the_same_units() {
    check(
        "0:00 policy claims=hold
         0:00 item tea limit=2 keywords=1 channel=d::3
         0:01 receive tea L1 9
         1:00 says d/u1 1号来2份
         1:01 created d/1 tea*1 buyer=u1
         1:02 says d/u1 1号来2份
         1:03 says d/u1 1号来1份
         1:04 amended d/1 tea*2
         1:05 says d/u2 1号来2份",
        expect![[r#"
            0:00 policy claims=hold
            0:00 item tea limit=2 keywords=1 channel=d::3
                level of tea: of 0, sellable d 0 * 0
            0:01 receive tea L1 9
                level of tea: available 9 of 9, sellable d 3 * 9
            1:00 says d/u1 1号来2份
                level of tea: available 7 reserved 2 of 9, sellable d 1 * 7
            1:01 created d/1 tea*1 buyer=u1
                d/1 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 8 reserved 1 of 9, sellable d 2 * 8
            1:02 says d/u1 1号来2份
            1:03 says d/u1 1号来1份
                level of tea: available 7 reserved 2 of 9, sellable d 1 * 7
            1:04 amended d/1 tea*2
                d/1 #2: Amended (Ok) -> Reserved, tea*2 reserved 2
            1:05 says d/u2 1号来2份
        "#]],
    );
}
