//! Stories of live sessions: what each came to.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn a_session_is_summed_up_once_when_it_closes() {
    check(
        "0:00 policy unpaid=waitlist
         0:00 receive tea L1 5
         0:01 opens s-1 tea on=d
         1:00 paid d/1 tea*2 session=s-1
         1:01 created d/2 tea*1 session=s-1
         1:02 created d/3 tea*4 session=s-1
         1:03 paid d/4 tea*1 session=s-2
         1:04 created d/5 tea*1 session=s-1
         1:05 cancelled d/5
         1:06 paid d/6 tea*2 session=s-1
         1:07 refunded d/6
         2:00 closes s-1
         2:01 closes s-1
         3:00 opens s-1 tea nut tea
         3:01 closes s-1
         4:00 closes s-9 on=w",
        expect![[r#"
            0:00 policy unpaid=waitlist
            0:00 receive tea L1 5
                level of tea: available 5 of 5
            0:01 opens s-1 tea on=d
            1:00 paid d/1 tea*2 session=s-1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                level of tea: available 3 allocated 2 of 5
            1:01 created d/2 tea*1 session=s-1
                d/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                level of tea: available 2 reserved 1 allocated 2 of 5
            1:02 created d/3 tea*4 session=s-1
                ALERT OversellRisk tea d short 4 [d/3] at 1:02
                d/3 #1: Waitlisted (Short) -> Waitlisted, tea*4 waits for 4
                level of tea: available 2 reserved 1 allocated 2 waitlisted 4 of 5
            1:03 paid d/4 tea*1 session=s-2
                d/4 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/4/1@1: tea*1 (1 of L1)
                level of tea: available 1 reserved 1 allocated 3 waitlisted 4 of 5
            1:04 created d/5 tea*1 session=s-1
                d/5 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                ALERT SoldOut tea Left { available: 0 } at 1:04
                level of tea: reserved 2 allocated 3 waitlisted 4 of 5
            1:05 cancelled d/5
                d/5 #2: Released (Cancelled) -> Cancelled, tea*1
                ALERT Restocked tea Left { available: 1 } at 1:05
                level of tea: available 1 reserved 1 allocated 3 waitlisted 4 of 5
            1:06 paid d/6 tea*2 session=s-1
                ALERT Oversold tea d short 2 [d/6] at 1:06
                d/6 #1: Waitlisted (Short) -> Waitlisted paid, tea*2 waits for 2
                ALERT DemandSurge tea Surge { asked: 11, left: 1, sold_out_at: Time(71454) } at 1:06
                level of tea: available 1 reserved 1 allocated 3 waitlisted 6 of 5
            1:07 refunded d/6
                d/6 #2: Refunded (Ok) -> Refunded paid, tea*0
                ALERT OversellResolved tea d [d/6] at 1:07
                level of tea: available 1 reserved 1 allocated 3 waitlisted 4 of 5
            2:00 closes s-1
                ALERT SessionSummary d short 4 Session { session_id: "s-1", units: 7, paid: 1, waiting: 1, claims: 0 } at 2:00
            2:01 closes s-1
            3:00 opens s-1 tea nut tea
            3:01 closes s-1
                ALERT SessionSummary short 4 Session { session_id: "s-1", units: 7, paid: 1, waiting: 1, claims: 0 } at 3:01
            4:00 closes s-9 on=w
                ALERT SessionSummary w Session { session_id: "s-9", units: 0, paid: 0, waiting: 0, claims: 0 } at 4:00
        "#]],
    );
}
