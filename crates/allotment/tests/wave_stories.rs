//! Stories of waves: which parcels leave together, and what their manifests say when that changes.

mod story;

use std::fmt::Write as _;

use allotment::Settings;
use expect_test::{Expect, expect};
use story::{tell, tell_with};

/// Where manifests are told anew when they change.
fn check(story: &str, expected: Expect) {
    let settings = Settings { manifest_corrections: true, ..Settings::default() };
    expected.assert_eq(&tell_with(settings, story));
}

#[test]
fn a_wave_takes_what_may_leave_and_leaves_as_a_whole() {
    check(
        "0:00 receive tea L1 3
         1:00 paid d/1 tea*2
         1:01 created d/2 tea*1
         1:02 paid w/3 tea*1
         2:00 wave w-1
         2:01 wave w-1
         3:00 receive nut L2 9
         3:01 paid d/4 nut*1
         3:02 paid d/2
         4:00 wave w-2
         5:00 left wave=w-1
         5:01 left wave=w-1
         6:00 left d/4
         6:01 left wave=w-2",
        expect![[r#"
            0:00 receive tea L1 3
                level of tea: available 3 of 3
            1:00 paid d/1 tea*2
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/1/1@1: tea*2 (2 of L1)
                level of tea: available 1 allocated 2 of 3
            1:01 created d/2 tea*1
                d/2 #1: Reserved (Ok) -> Reserved, tea*1 reserved 1
                ALERT SoldOut tea Left { available: 0 } at 1:01
                level of tea: reserved 1 allocated 2 of 3
            1:02 paid w/3 tea*1
                ALERT Oversold tea w short 1 [w/3] at 1:02
                w/3 #1: Waitlisted (Short) -> Waitlisted paid, tea*1 waits for 1
                level of tea: reserved 1 allocated 2 waitlisted 1 of 3
            2:00 wave w-1
                courier: w-1 1/1@1: d/1/1@1 (2 tea of L1)
            2:01 wave w-1
            3:00 receive nut L2 9
                level of nut: available 9 of 9
            3:01 paid d/4 nut*1
                d/4 #1: Allocated (Ok) -> Allocated paid, nut*1 allocated 1
                courier: send d/4/1@1: nut*1 (1 of L2)
                level of nut: available 8 allocated 1 of 9
            3:02 paid d/2
                d/2 #2: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: allocated 3 waitlisted 1 of 3
            4:00 wave w-2
                courier: w-2 1/1@1: d/2/1@1 d/4/1@1 (1 nut of L2, 1 tea of L1)
            5:00 left wave=w-1
                d/1 #2: HandedOver (Ok) -> HandedOver paid, tea*2
                level of tea: allocated 1 handed over 2 waitlisted 1 of 3
            5:01 left wave=w-1
            6:00 left d/4
                d/4 #2: HandedOver (Ok) -> HandedOver paid, nut*1
                level of nut: available 8 handed over 1 of 9
            6:01 left wave=w-2
                d/2 #3: HandedOver (Ok) -> HandedOver paid, tea*1
                level of tea: handed over 3 waitlisted 1 of 3
        "#]],
    );
}

#[test]
fn a_session_s_wave_takes_its_parcels_only() {
    check(
        "0:00 receive tea L1 3
         1:00 paid d/1 tea*1 session=s-1
         1:01 paid d/2 tea*1 session=s-2
         2:00 wave w-1 session=s-1
         3:00 wave w-2 session=s-9
         4:00 wave w-3",
        expect![[r#"
            0:00 receive tea L1 3
                level of tea: available 3 of 3
            1:00 paid d/1 tea*1 session=s-1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: available 2 allocated 1 of 3
            1:01 paid d/2 tea*1 session=s-2
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: available 1 allocated 2 of 3
            2:00 wave w-1 session=s-1
                courier: w-1 1/1@1: d/1/1@1 (1 tea of L1)
            3:00 wave w-2 session=s-9
                courier: w-2 1/1@1: ()
            4:00 wave w-3
                courier: w-3 1/1@1: d/2/1@1 (1 tea of L1)
        "#]],
    );
}

#[test]
fn by_default_a_manifest_is_told_once() {
    let told = tell(
        "0:00 receive tea L1 9
         1:00 paid d/1 tea*1
         1:01 paid d/2 tea*2
         2:00 wave w-1
         3:00 cancelled d/1
         3:01 amended d/2 tea*1",
    );
    expect![[r#"
        0:00 receive tea L1 9
            level of tea: available 9 of 9
        1:00 paid d/1 tea*1
            d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
            courier: send d/1/1@1: tea*1 (1 of L1)
            level of tea: available 8 allocated 1 of 9
        1:01 paid d/2 tea*2
            d/2 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
            courier: send d/2/1@1: tea*2 (2 of L1)
            level of tea: available 6 allocated 3 of 9
        2:00 wave w-1
            courier: w-1 1/1@1: d/1/1@1 d/2/1@1 (3 tea of L1)
        3:00 cancelled d/1
            d/1 #2: Released (Cancelled) -> Cancelled paid, tea*1
            courier: keep back d/1/1@2 (Cancelled)
            level of tea: available 7 allocated 2 of 9
        3:01 amended d/2 tea*1
            d/2 #2: Amended (Ok) -> Allocated paid, tea*1 allocated 1
            courier: instead send d/2/1@2: tea*1 (1 of L1)
            level of tea: available 8 allocated 1 of 9
    "#]]
    .assert_eq(&told);
}

#[test]
fn what_drops_out_of_a_wave_is_off_its_page_and_the_next_one_takes_it() {
    check(
        "0:00 receive tea L1 9
         1:00 paid d/1 tea*1
         1:01 paid d/2 tea*2
         1:02 paid d/3 tea*3
         2:00 wave w-1
         3:00 held d/1
         3:01 cancelled d/2
         3:02 cleared d/1
         3:03 amended d/3 tea*1
         4:00 wave w-2
         5:00 left wave=w-1
         5:01 left wave=w-2 d/2",
        expect![[r#"
            0:00 receive tea L1 9
                level of tea: available 9 of 9
            1:00 paid d/1 tea*1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: available 8 allocated 1 of 9
            1:01 paid d/2 tea*2
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*2 allocated 2
                courier: send d/2/1@1: tea*2 (2 of L1)
                level of tea: available 6 allocated 3 of 9
            1:02 paid d/3 tea*3
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*3 allocated 3
                courier: send d/3/1@1: tea*3 (3 of L1)
                level of tea: available 3 allocated 6 of 9
            2:00 wave w-1
                courier: w-1 1/1@1: d/1/1@1 d/2/1@1 d/3/1@1 (6 tea of L1)
            3:00 held d/1
                d/1 #2: Noted (Ok) -> Allocated paid held, tea*1 allocated 1
                courier: keep back d/1/1@2 (Held)
                courier: w-1 1/1@2: d/2/1@1 d/3/1@1 (5 tea of L1)
            3:01 cancelled d/2
                d/2 #2: Released (Cancelled) -> Cancelled paid, tea*2
                courier: keep back d/2/1@2 (Cancelled)
                courier: w-1 1/1@3: d/3/1@1 (3 tea of L1)
                level of tea: available 5 allocated 4 of 9
            3:02 cleared d/1
                d/1 #3: Noted (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@3: tea*1 (1 of L1)
            3:03 amended d/3 tea*1
                d/3 #2: Amended (Ok) -> Allocated paid, tea*1 allocated 1
                courier: instead send d/3/1@2: tea*1 (1 of L1)
                courier: w-1 1/1@4: d/3/1@2 (1 tea of L1)
                level of tea: available 7 allocated 2 of 9
            4:00 wave w-2
                courier: w-2 1/1@1: d/1/1@3 (1 tea of L1)
            5:00 left wave=w-1
                d/3 #3: HandedOver (Ok) -> HandedOver paid, tea*1
                level of tea: available 7 allocated 1 handed over 1 of 9
            5:01 left wave=w-2 d/2
                d/1 #4: HandedOver (Ok) -> HandedOver paid, tea*1
                ALERT StockMismatch tea d [d/2] Parcel { number: 1 } at 5:01
                level of tea: available 5 handed over 4 of 9
        "#]],
    );
}

#[test]
fn a_lot_that_is_lost_changes_a_page_once() {
    check(
        "0:00 receive tea L1 2 best=99:00
         0:00 receive tea L2 2
         1:00 paid d/1 tea*1
         1:01 paid d/2 tea*1
         1:02 paid d/3 tea*1
         2:00 wave w-1
         3:00 inspect L1 failed
         4:00 receive tea L3 5
         5:00 wave w-2",
        expect![[r#"
            0:00 receive tea L1 2 best=99:00
                level of tea: available 2 of 2
            0:00 receive tea L2 2
                level of tea: available 4 of 4
            1:00 paid d/1 tea*1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: available 3 allocated 1 of 4
            1:01 paid d/2 tea*1
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: available 2 allocated 2 of 4
            1:02 paid d/3 tea*1
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/3/1@1: tea*1 (1 of L2)
                level of tea: available 1 allocated 3 of 4
            2:00 wave w-1
                courier: w-1 1/1@1: d/1/1@1 d/2/1@1 d/3/1@1 (2 tea of L1, 1 tea of L2)
            3:00 inspect L1 failed
                d/3 #2: Waitlisted (LotLost) -> Waitlisted paid, tea*1 waits for 1
                ALERT Oversold tea d short 1 [d/3] at 3:00
                courier: keep back d/3/1@2 (Short)
                courier: instead send d/1/1@2: tea*1 (1 of L2)
                courier: instead send d/2/1@2: tea*1 (1 of L2)
                courier: w-1 1/1@2: d/1/1@2 d/2/1@2 (2 tea of L2)
                ALERT SoldOut tea Left { available: 0 } at 3:00
                level of tea: allocated 2 removed 2 waitlisted 1 of 4
            4:00 receive tea L3 5
                d/3 #3: Allocated (Promoted) -> Allocated paid, tea*1 allocated 1
                courier: send d/3/1@3: tea*1 (1 of L3)
                ALERT OversellResolved tea d [d/3] at 4:00
                ALERT Restocked tea Left { available: 4 } at 4:00
                level of tea: available 4 allocated 3 removed 2 of 9
            5:00 wave w-2
                courier: w-2 1/1@1: d/3/1@3 (1 tea of L3)
        "#]],
    );
}

#[test]
fn a_wave_that_left_before_it_closed_leaves_when_it_does() {
    check(
        "0:00 receive tea L1 2
         1:00 paid d/1 tea*1
         2:00 left wave=w-1
         3:00 paid d/2 tea*1
         4:00 wave w-1
         5:00 left wave=w-1
         6:00 wave w-1",
        expect![[r#"
            0:00 receive tea L1 2
                level of tea: available 2 of 2
            1:00 paid d/1 tea*1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: available 1 allocated 1 of 2
            2:00 left wave=w-1
            3:00 paid d/2 tea*1
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                ALERT SoldOut tea Left { available: 0 } at 3:00
                level of tea: allocated 2 of 2
            4:00 wave w-1
                courier: w-1 1/1@1: d/1/1@1 d/2/1@1 (2 tea of L1)
                d/1 #2: HandedOver (Ok) -> HandedOver paid, tea*1
                d/2 #2: HandedOver (Ok) -> HandedOver paid, tea*1
                level of tea: handed over 2 of 2
            5:00 left wave=w-1
            6:00 wave w-1
        "#]],
    );
}

#[test]
fn what_left_ahead_of_its_wave_stays_on_the_page_until_its_order_is_closed() {
    check(
        "0:00 receive tea L1 9
         1:00 paid d/1 tea*1
         1:01 paid d/2 tea*1
         1:02 paid d/3 tea*1
         1:03 paid d/4 tea*1
         2:00 wave w-1
         3:00 left d/1
         4:00 held d/2
         10084:00 held d/3",
        expect![[r#"
            0:00 receive tea L1 9
                level of tea: available 9 of 9
            1:00 paid d/1 tea*1
                d/1 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/1/1@1: tea*1 (1 of L1)
                level of tea: available 8 allocated 1 of 9
            1:01 paid d/2 tea*1
                d/2 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/2/1@1: tea*1 (1 of L1)
                level of tea: available 7 allocated 2 of 9
            1:02 paid d/3 tea*1
                d/3 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/3/1@1: tea*1 (1 of L1)
                level of tea: available 6 allocated 3 of 9
            1:03 paid d/4 tea*1
                d/4 #1: Allocated (Ok) -> Allocated paid, tea*1 allocated 1
                courier: send d/4/1@1: tea*1 (1 of L1)
                level of tea: available 5 allocated 4 of 9
            2:00 wave w-1
                courier: w-1 1/1@1: d/1/1@1 d/2/1@1 d/3/1@1 d/4/1@1 (4 tea of L1)
            3:00 left d/1
                d/1 #2: HandedOver (Ok) -> HandedOver paid, tea*1
                level of tea: available 5 allocated 3 handed over 1 of 9
            4:00 held d/2
                d/2 #2: Noted (Ok) -> Allocated paid held, tea*1 allocated 1
                courier: keep back d/2/1@2 (Held)
                courier: w-1 1/1@2: d/1/1@1 d/3/1@1 d/4/1@1 (3 tea of L1)
            10084:00 held d/3
                d/3 #2: Noted (Ok) -> Allocated paid held, tea*1 allocated 1
                courier: keep back d/3/1@2 (Held)
                courier: w-1 1/1@3: d/4/1@1 (1 tea of L1)
        "#]],
    );
}

#[test]
fn a_manifest_has_pages_of_500_parcels() {
    let mut story = String::from("0:00 receive tea L1 2000\n");
    for number in 1..=1001 {
        writeln!(story, "1:00 paid d/{number} tea*1").unwrap();
    }
    story.push_str("2:00 wave w-1\n3:00 held d/501\n4:00 left wave=w-1");
    let told = tell(&story);
    let pages: Vec<&str> =
        told.lines().map(str::trim).filter(|line| line.contains("courier: w-1")).collect();
    expect![[r#"
        courier: w-1 1/3@1: d/1/1@1 d/2/1@1 d/3/1@1 d/4/1@1 d/5/1@1 and 495 more (500 tea of L1)
        courier: w-1 2/3@1: d/501/1@1 d/502/1@1 d/503/1@1 d/504/1@1 d/505/1@1 and 495 more (500 tea of L1)
        courier: w-1 3/3@1: d/1001/1@1 (1 tea of L1)
    "#]].assert_eq(&(pages.join("\n") + "\n"));
    assert_eq!(told.matches("HandedOver (Ok)").count(), 1000, "all that is left in it has left");
}
