//! Stories of claims: what comments hold, until an order takes it over or it ends.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn a_claim_holds_its_units_until_the_buyers_order_takes_them_over() {
    check(
        "0:00 policy claims=hold unpaid=waitlist
         0:00 item tea keywords=1
         0:00 receive tea L1 5
         1:00 says d/u-1 1号来3份
         1:01 created d/1 tea*3 buyer=u-2
         1:02 says d/u-3 1号来3份
         1:03 created d/2 tea*3 buyer=u-1
         1:04 created d/3 tea*1 buyer=u-3
         9:00 wait",
        expect![[r#"
            0:00 policy claims=hold unpaid=waitlist
            0:00 item tea keywords=1
                level of tea: of 0
            0:00 receive tea L1 5
                level of tea: available 5 of 5
            1:00 says d/u-1 1号来3份
                level of tea: available 2 reserved 3 of 5
            1:01 created d/1 tea*3 buyer=u-2
                ALERT OversellRisk tea d short 3 [d/1] at 1:01
                d/1 #1: Waitlisted (Short) -> Waitlisted, tea*3 waits for 3
                level of tea: available 2 reserved 3 waitlisted 3 of 5
            1:02 says d/u-3 1号来3份
            1:03 created d/2 tea*3 buyer=u-1
                d/2 #1: Reserved (Ok) -> Reserved, tea*3 reserved 3
                ALERT DemandSurge tea Surge { asked: 12, left: 2, sold_out_at: Time(73000) } at 1:03
            1:04 created d/3 tea*1 buyer=u-3
                d/3 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 1 reserved 4 waitlisted 3 of 5
            9:00 wait
        "#]],
    );
}

#[test]
fn a_claim_ends_at_its_time_and_those_who_wait_are_served() {
    check(
        "0:00 policy claims=hold claim_ttl=60 unpaid=waitlist
         0:00 item tea keywords=1
         0:00 receive tea L1 2
         1:00 says d/u-1 扣1
         1:01 says d/u-2 扣1
         1:02 created d/1 tea*2 buyer=u-3
         1:30 says d/u-1 扣1
         2:00 wait
         2:01 wait",
        expect![[r#"
            0:00 policy claims=hold claim_ttl=60 unpaid=waitlist
            0:00 item tea keywords=1
                level of tea: of 0
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            1:00 says d/u-1 扣1
                level of tea: available 1 reserved 1 of 2
            1:01 says d/u-2 扣1
                ALERT SoldOut tea Left { available: 0 } at 1:01
                level of tea: reserved 2 of 2
            1:02 created d/1 tea*2 buyer=u-3
                ALERT OversellRisk tea d short 2 [d/1] at 1:02
                d/1 #1: Waitlisted (Short) -> Waitlisted, tea*2 waits for 2
                level of tea: reserved 2 waitlisted 2 of 2
            1:30 says d/u-1 扣1
            2:00 wait
                ALERT Restocked tea Left { available: 1 } at 2:00
                level of tea: available 1 reserved 1 waitlisted 2 of 2
            2:01 wait
                d/1 #2: Reserved (Promoted) -> Reserved, tea*2 reserved 2 at 2:01
                ALERT SoldOut tea Left { available: 0 } at 2:01
                level of tea: reserved 2 of 2
        "#]],
    );
}

#[test]
fn a_claim_is_of_what_its_buyer_said_last_if_it_is_there() {
    check(
        "0:00 policy claims=hold claim_ttl=0
         0:00 item tea keywords=1
         0:00 item nut keywords=2
         0:00 receive tea L1 4
         0:00 receive nut L2 1
         1:00 says d/u-1 1号来2份
         1:01 says d/u-1 1号来5份
         1:02 says d/u-1 1号来4份
         1:03 says d/u-1 扣2 person=p-1
         1:04 says d/u-1 1号来1份
         1:05 says w/u-1 不要了
         1:06 says d/u-1 1号不要了
         1:07 says d/u-1 不要了
         9999:00 wait",
        expect![[r#"
            0:00 policy claims=hold claim_ttl=0
            0:00 item tea keywords=1
                level of tea: of 0
            0:00 item nut keywords=2
                level of nut: of 0
            0:00 receive tea L1 4
                level of tea: available 4 of 4
            0:00 receive nut L2 1
                level of nut: available 1 of 1
            1:00 says d/u-1 1号来2份
                level of tea: available 2 reserved 2 of 4
            1:01 says d/u-1 1号来5份
            1:02 says d/u-1 1号来4份
                ALERT SoldOut tea Left { available: 0 } at 1:02
                level of tea: reserved 4 of 4
            1:03 says d/u-1 扣2 person=p-1
                ALERT SoldOut nut Left { available: 0 } at 1:03
                level of nut: reserved 1 of 1
            1:04 says d/u-1 1号来1份
                ALERT Restocked tea Left { available: 3 } at 1:04
                ALERT DemandSurge tea Surge { asked: 12, left: 3, sold_out_at: Time(79000) } at 1:04
                level of tea: available 3 reserved 1 of 4
            1:05 says w/u-1 不要了
            1:06 says d/u-1 1号不要了
                level of tea: available 4 of 4
            1:07 says d/u-1 不要了
                ALERT Restocked nut Left { available: 1 } at 1:07
                level of nut: available 1 of 1
            9999:00 wait
        "#]],
    );
}

#[test]
fn a_person_takes_over_on_another_platform_and_bundles_hold_their_components() {
    check(
        "0:00 policy claims=hold
         0:00 item gift of=tea*2,nut*1 keywords=9
         0:00 receive tea L1 4
         0:00 receive nut L2 2
         1:00 says d/u-1 9号来2份 person=p-1
         1:01 adjust nut -1
         1:02 paid w/1 gift*1 person=p-1
         1:03 says d/u-2 9号一份
         2:00 paid w/2 tea*1",
        expect![[r#"
            0:00 policy claims=hold
            0:00 item gift of=tea*2,nut*1 keywords=9
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
                level of nut: of 0
            0:00 receive tea L1 4
                level of tea: available 4 of 4
            0:00 receive nut L2 2
                level of gift: * can sell 2
                level of nut: available 2 of 2
            1:00 says d/u-1 9号来2份 person=p-1
                ALERT SoldOut gift Left { available: 0 } at 1:00
                ALERT SoldOut tea Left { available: 0 } at 1:00
                ALERT SoldOut nut Left { available: 0 } at 1:00
                level of gift: * can sell 0 (sold out)
                level of tea: reserved 4 of 4
                level of nut: reserved 2 of 2
            1:01 adjust nut -1
                ALERT Restocked tea Left { available: 2 } at 1:01
                level of tea: available 2 reserved 2 of 4
                level of nut: reserved 1 removed 1 of 2
            1:02 paid w/1 gift*1 person=p-1
                w/1 #1: Allocated (Ok) -> Allocated paid, gift*1 allocated 1
                courier: send w/1/1@1: gift*1 (tea*2: 2 of L1; nut*1: 1 of L2)
                level of tea: available 2 allocated 2 of 4
                level of nut: allocated 1 removed 1 of 2
            1:03 says d/u-2 9号一份
            2:00 paid w/2 tea*1
                w/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send w/2/1@1: tea*1 (1 of L1)
                level of tea: available 1 allocated 3 of 4
        "#]],
    );
}

#[test]
fn claims_are_the_newest_unpaid_holders_and_a_session_ends_its_own() {
    check(
        "0:00 policy claims=hold
         0:00 item tea keywords=1
         0:00 receive tea L1 6
         0:01 opens s-1 tea on=d
         1:00 says d/u-1 来两份 session=s-1
         1:01 created d/1 tea*1
         1:02 says d/u-2 来两份 session=s-1
         1:03 says d/u-3 扣1
         1:04 adjust tea -1
         1:05 adjust tea -1
         2:00 closes s-1
         3:00 inspect L1 failed",
        expect![[r#"
            0:00 policy claims=hold
            0:00 item tea keywords=1
                level of tea: of 0
            0:00 receive tea L1 6
                level of tea: available 6 of 6
            0:01 opens s-1 tea on=d
            1:00 says d/u-1 来两份 session=s-1
                level of tea: available 4 reserved 2 of 6
            1:01 created d/1 tea*1
                d/1 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 3 reserved 3 of 6
            1:02 says d/u-2 来两份 session=s-1
                level of tea: available 1 reserved 5 of 6
            1:03 says d/u-3 扣1
                ALERT SoldOut tea Left { available: 0 } at 1:03
                level of tea: reserved 6 of 6
            1:04 adjust tea -1
                level of tea: reserved 5 removed 1 of 6
            1:05 adjust tea -1
                level of tea: reserved 4 removed 2 of 6
            2:00 closes s-1
                ALERT SessionSummary d Session { session_id: "s-1", units: 0, paid: 0, waiting: 0, claims: 2 } at 2:00
                ALERT Restocked tea Left { available: 3 } at 2:00
                level of tea: available 3 reserved 1 removed 2 of 6
            3:00 inspect L1 failed
                d/1 #2: Waitlisted (LotLost) -> Waitlisted, tea*1 waits for 1
                ALERT OversellRisk tea d short 1 [d/1] at 3:00
                ALERT SoldOut tea Left { available: 0 } at 3:00
                level of tea: removed 6 waitlisted 1 of 6
        "#]],
    );
}
