//! Orders that need more units of a SKU than 32 bits hold.

mod story;

use expect_test::{Expect, expect};
use story::tell;

fn check(story: &str, expected: Expect) {
    expected.assert_eq(&tell(story));
}

#[test]
fn needs_above_32_bits_are_exact() {
    check(
        "0:00 policy partial=yes
         0:00 item gift of=tea*1000000
         0:01 adjust tea 1000000000
         0:02 adjust tea 1000000000
         0:03 adjust tea 1000000000
         1:00 paid d/1 gift*5000
         1:01 paid d/2 gift*1000000
         1:02 adjust tea 1000000000
         1:03 adjust tea 1000000000
         1:04 left d/1
         1:05 cancelled d/2",
        expect![[r#"
            0:00 policy partial=yes
            0:00 item gift of=tea*1000000
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
            0:01 adjust tea 1000000000
                level of gift: * can sell 1000
                level of tea: available 1000000000 of 1000000000
            0:02 adjust tea 1000000000
                level of gift: * can sell 2000
                level of tea: available 2000000000 of 2000000000
            0:03 adjust tea 1000000000
                level of gift: * can sell 3000
                level of tea: available 3000000000 of 3000000000
            1:00 paid d/1 gift*5000
                ALERT Oversold tea d short 2000000000 [d/1] at 1:00
                d/1 #1: Waitlisted (Short) -> Waitlisted paid, gift*5000 allocated 3000 waits for 2000
                courier: send d/1/1@1: gift*3000 (tea*3000000000: 3000000000 of counted)
                ALERT SoldOut gift Left { available: 0 } at 1:00
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of gift: * can sell 0 (sold out)
                level of tea: allocated 3000000000 waitlisted 2000000000 of 3000000000
            1:01 paid d/2 gift*1000000
                ALERT Oversold tea d short 1000000000000 [d/2] at 1:01
                d/2 #1: Waitlisted (Short) -> Waitlisted paid, gift*1000000 waits for 1000000
                level of tea: allocated 3000000000 waitlisted 1002000000000 of 3000000000
            1:02 adjust tea 1000000000
                courier: instead send d/1/1@2: gift*4000 (tea*4000000000: 4000000000 of counted)
                level of tea: allocated 4000000000 waitlisted 1001000000000 of 4000000000
            1:03 adjust tea 1000000000
                d/1 #2: Allocated (Promoted) -> Allocated paid, gift*5000 allocated 5000
                courier: instead send d/1/1@3: gift*5000 (tea*5000000000: 5000000000 of counted)
                ALERT OversellResolved gift d [d/1] at 1:03
                level of tea: allocated 5000000000 waitlisted 1000000000000 of 5000000000
            1:04 left d/1
                d/1 #3: HandedOver (Ok) -> HandedOver paid, gift*5000
                level of tea: handed over 5000000000 waitlisted 1000000000000 of 5000000000
            1:05 cancelled d/2
                d/2 #2: Released (Cancelled) -> Cancelled paid, gift*1000000
                ALERT OversellResolved gift d [d/2] at 1:05
                level of tea: handed over 5000000000 of 5000000000
        "#]],
    );
}

#[test]
fn a_whole_order_above_32_bits_is_held_and_given_back() {
    check(
        "0:00 item gift of=tea*1000000
         0:01 adjust tea 1000000000
         0:02 adjust tea 1000000000
         0:03 adjust tea 1000000000
         0:04 adjust tea 1000000000
         0:05 adjust tea 1000000000
         1:00 created d/1 gift*5000
         1:01 adjust tea -1
         1:02 adjust tea 1
         1:03 paid d/1
         1:04 cancelled d/1",
        expect![[r#"
            0:00 item gift of=tea*1000000
                level of gift: * can sell 0 (sold out)
                level of tea: of 0
            0:01 adjust tea 1000000000
                level of gift: * can sell 1000
                level of tea: available 1000000000 of 1000000000
            0:02 adjust tea 1000000000
                level of gift: * can sell 2000
                level of tea: available 2000000000 of 2000000000
            0:03 adjust tea 1000000000
                level of gift: * can sell 3000
                level of tea: available 3000000000 of 3000000000
            0:04 adjust tea 1000000000
                level of gift: * can sell 4000
                level of tea: available 4000000000 of 4000000000
            0:05 adjust tea 1000000000
                level of gift: * can sell 5000
                level of tea: available 5000000000 of 5000000000
            1:00 created d/1 gift*5000
                d/1 #1: Reserved (Ok) -> Reserved, gift*5000 reserved 5000
                ALERT SoldOut gift Left { available: 0 } at 1:00
                ALERT SoldOut tea Left { available: 0 } at 1:00
                level of gift: * can sell 0 (sold out)
                level of tea: reserved 5000000000 of 5000000000
            1:01 adjust tea -1
                d/1 #2: Waitlisted (Count) -> Waitlisted, gift*5000 reserved 4999 waits for 1
                ALERT OversellRisk tea d short 1 [d/1] at 1:01
                level of tea: reserved 4999999999 removed 1 waitlisted 1 of 5000000000
            1:02 adjust tea 1
                d/1 #3: Reserved (Promoted) -> Reserved, gift*5000 reserved 5000
                level of tea: reserved 5000000000 removed 1 of 5000000001
            1:03 paid d/1
                d/1 #4: Allocated (Ok) -> Allocated paid, gift*5000 allocated 5000
                courier: send d/1/1@1: gift*5000 (tea*5000000000: 5000000000 of counted)
                level of tea: allocated 5000000000 removed 1 of 5000000001
            1:04 cancelled d/1
                d/1 #5: Released (Cancelled) -> Cancelled paid, gift*5000
                courier: keep back d/1/1@2 (Cancelled)
                ALERT Restocked gift Left { available: 5000 } at 1:04
                ALERT Restocked tea Left { available: 5000000000 } at 1:04
                ALERT DemandSurge tea Surge { asked: 5000000000, left: 5000000000, sold_out_at: Time(124000) } at 1:04
                level of gift: * can sell 5000
                level of tea: available 5000000000 removed 1 of 5000000001
        "#]],
    );
}
