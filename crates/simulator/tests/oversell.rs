//! What protects from overselling, and what does not: the relations that `docs/oversell.md` tells people to rely on.

use allotment::Millis;
use simulator::oversell::{Outcome, Reaction, Setting, evening, settings};

/// Enough that no relation here hangs on one evening.
const SEEDS: u64 = 3;

const SOON: Reaction = Some(Millis::from_secs(1));
const LATE: Reaction = Some(Millis::from_secs(10));
const NEVER: Reaction = None;

fn setting(name: &str) -> Setting {
    let named = settings().into_iter().find(|setting| setting.name == name);
    named.unwrap_or_else(|| panic!("no setting is called {name}"))
}

fn evenings(name: &str, reaction: Reaction) -> Vec<Outcome> {
    let setting = setting(name);
    (0..SEEDS).map(|seed| evening(seed, &setting, reaction)).collect()
}

fn sum(outcomes: &[Outcome], of: fn(&Outcome) -> u64) -> u64 {
    outcomes.iter().map(of).sum()
}

fn units(name: &str, reaction: Reaction) -> u64 {
    sum(&evenings(name, reaction), |outcome| outcome.oversold.units)
}

fn told(name: &str, reaction: Reaction) -> u64 {
    sum(&evenings(name, reaction), |outcome| outcome.told)
}

#[test]
fn the_same_seed_gives_the_same_evening_and_another_seed_another() {
    let defaults = setting("the defaults");
    let late = |seed| evening(seed, &defaults, LATE);
    assert_eq!(late(7), late(7));
    assert_ne!(late(7), late(8));
}

/// That every unit is somewhere is asserted within each evening; here that there are enough buyers for all.
#[test]
fn every_setting_sells_what_it_does_not_hold_back() {
    for setting in settings() {
        let outcome = evening(0, &setting, LATE);
        assert_eq!(outcome.received, 1_000, "{}", setting.name);
        assert!(outcome.turned_away > outcome.left, "{}: {outcome:?}", setting.name);
        let all = evening(0, &setting, NEVER);
        assert_eq!((all.left, all.turned_away), (0, 0), "{}: {all:?}", setting.name);
    }
}

#[test]
fn the_later_the_bridge_reacts_the_more_is_oversold() {
    let defaults = |reaction| units("the defaults", reaction);
    let [at_once, soon, late, never] = [Some(Millis(0)), SOON, LATE, NEVER].map(defaults);
    assert!(at_once <= soon && soon < late && late < never, "{at_once} {soon} {late} {never}");
    let told = |reaction| told("the defaults", reaction);
    assert!(told(SOON) < told(LATE), "{} {}", told(SOON), told(LATE));
}

/// 37 units a second are asked for in the rush, and news are under way for up to a second.
#[test]
fn a_safety_stock_of_what_is_ordered_while_the_bridge_reacts_is_enough_and_one_of_less_is_not() {
    assert!(told("the defaults", SOON) > 0);
    assert_eq!(told("`safety_stock: 100`", SOON), 0);
    assert!(told("`safety_stock: 200`", LATE) > 0);
    assert_eq!(told("`safety_stock: 400`", LATE), 0);
    let more = ["50", "100", "200", "400"]
        .map(|units| format!("`safety_stock: {units}`"))
        .map(|name| told(&name, LATE));
    assert!(more.is_sorted_by(|one, more| one > more), "{more:?}");
}

/// A level alone protects nothing: somebody must read it.
#[test]
fn a_safety_stock_helps_nobody_whose_bridge_does_not_react() {
    assert_eq!(units("`safety_stock: 400`", NEVER), units("the defaults", NEVER));
}

#[test]
fn closing_what_was_refused_soon_is_enough_and_helps_also_late() {
    assert_eq!(told("refused orders closed", SOON), 0);
    assert!(told("refused orders closed", LATE) < told("the defaults", LATE));
}

#[test]
fn who_takes_stock_only_when_it_is_paid_oversells_what_is_being_paid() {
    for reaction in [SOON, LATE] {
        let on_paid = units("`allocate_on: paid`", reaction);
        assert!(on_paid > 2 * units("the defaults", reaction), "{on_paid}");
    }
}

/// A waitlist, preemption and channels choose who goes short; how many do is the bridge's matter.
#[test]
fn what_only_chooses_who_goes_short_does_not_protect() {
    for name in [
        "`unpaid_shortage: waitlist`",
        "`paid_preempts_reserved`",
        "`channels`: `max` by share",
        "`channels`: `reserved` by share",
    ] {
        assert!(units(name, LATE) * 2 > units("the defaults", LATE), "{name}");
    }
}

#[test]
fn what_a_harvest_will_fill_is_promised_and_not_oversold() {
    let outcomes = evenings("`backorder.limit: 600`", LATE);
    assert_eq!(sum(&outcomes, |outcome| outcome.told), 0);
    assert!(sum(&outcomes, |outcome| outcome.promised.units) > 0);
}
