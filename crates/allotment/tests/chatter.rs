//! Random sessions: comments, orders, stock that comes and goes, waves. The pool's own assertions hold, and one that
//! was restored in the middle goes on as the one that was not (`story`).

mod story;

use std::fmt::Write as _;

use story::tell;

/// Enough to see claims lost, taken over and expired, in a few seconds.
const SESSIONS: u64 = 150;

/// A number below `end`, from a seed that moves on.
fn draw(seed: &mut u64, end: u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) % end
}

fn pick<'a>(seed: &mut u64, words: &[&'a str]) -> &'a str {
    words[draw(seed, words.len() as u64) as usize]
}

/// What happens next, as a line without its time.
fn line(seed: &mut u64) -> String {
    let buyer = format!("u-{}", draw(seed, 5));
    let (order, session) = (draw(seed, 12), draw(seed, 2));
    let platform = pick(seed, &["d", "w"]);
    let units = 1 + draw(seed, 4);
    let sku = pick(seed, &["tea", "nut", "gift"]);
    match draw(seed, 24) {
        0..=6 => {
            let text = pick(
                seed,
                &[
                    "扣1",
                    "扣2",
                    "9号来两份",
                    "1号来3份",
                    "2号一份",
                    "不要了",
                    "1号不要了",
                    "+1",
                    "都烂了",
                ],
            );
            let person = pick(seed, &["", " person=p-1", " person=p-2"]);
            format!("says {platform}/{buyer} {text} session=s-{session}{person}")
        }
        7..=9 => {
            format!("created {platform}/{order} {sku}*{units} buyer={buyer} session=s-{session}")
        }
        10..=12 => format!("paid {platform}/{order} {sku}*{units} buyer={buyer} person=p-1"),
        13 => format!("amended {platform}/{order} {sku}*{units}"),
        14 => format!("{} {platform}/{order}", pick(seed, &["held", "cleared", "cancelled"])),
        15 => format!("receive {} L{} {units}", pick(seed, &["tea", "nut"]), 2 * draw(seed, 2)),
        16 => format!("adjust {} -{units}", pick(seed, &["tea", "nut"])),
        17 => format!("wave w-{}", draw(seed, 6)),
        18 => format!("left wave=w-{}", draw(seed, 6)),
        19 => format!("left {platform}/{order}"),
        20 => format!("{} s-{session} tea nut", pick(seed, &["opens", "closes"])),
        21 => format!("policy claims={}", pick(seed, &["hold", "hold", "signal", "off"])),
        22 => format!(
            "policy partial={} claim_ttl={}",
            pick(seed, &["yes", "no"]),
            30 * draw(seed, 3)
        ),
        _ => "wait".to_owned(),
    }
}

#[test]
fn random_sessions_keep_their_books_and_can_be_restored() {
    let (mut levels, mut manifests) = (0, 0);
    for session in 1..=SESSIONS {
        let mut seed = session;
        let mut story = String::from(
            "0:00 policy claims=hold unpaid=waitlist ttl=120
             0:00 item gift of=tea*2,nut*1 keywords=9
             0:00 item tea keywords=1
             0:00 item nut keywords=2\n",
        );
        for (number, lot) in ["tea T1", "nut N1"].into_iter().enumerate() {
            writeln!(story, "0:0{number} receive {lot} {}", 4 + draw(&mut seed, 12)).unwrap();
        }
        let mut clock = 60;
        for _ in 0..60 {
            clock += draw(&mut seed, 15);
            writeln!(story, "{}:{:02} {}", clock / 60, clock % 60, line(&mut seed)).unwrap();
        }
        let told = tell(&story);
        levels += told.matches("\n    level").count();
        manifests += told.matches("courier: w-").count();
    }
    assert!(levels > 1000 && manifests > 100, "{levels} levels, {manifests} manifests");
}
