//! The simulated world: the same seed gives the same world, and a few of them in every run of the tests.
//! Many are `cargo xtask sim`'s business.

use simulator::world::{Kind, Tally, run};

#[test]
fn the_same_seed_gives_the_same_trace_and_another_seed_another() {
    let (mut first, mut second) = (Vec::new(), Vec::new());
    let one = run(3, Some(&mut |line: &str| first.push(line.to_owned())));
    let again = run(3, Some(&mut |line: &str| second.push(line.to_owned())));
    assert_eq!(first, second);
    assert_eq!((one.hash, &one.tally), (again.hash, &again.tally));
    assert_ne!(one.hash, run(4, None).hash);
    assert_eq!(one.hash, run(3, None).hash, "also where nobody reads it");
}

#[test]
fn a_few_seeds_in_which_everything_goes_wrong() {
    let mut sum = Tally::default();
    for seed in 1_000_000..1_000_016 {
        let outcome = run(seed, None);
        assert_eq!(outcome.finding, None, "cargo xtask sim --seed {seed}");
        outcome.tally.0.iter().for_each(|(name, count)| sum.add(name, *count));
    }
    let faults = Kind::ALL.map(|kind| format!("fault: {}", kind.name()));
    let others = [
        "hanging transactions",
        "swept transactions of bridges",
        "nights",
        "lanes that were full",
        "hidden records that held time",
        "hidden records that time passed",
    ];
    for name in faults.into_iter().chain(others.map(str::to_owned)) {
        assert!(sum.0.get(&name).is_some_and(|count| *count > 0), "{name} never came: {sum:?}");
    }
}

#[test]
fn seeds_that_once_failed_are_written_as_numbers() {
    let lines = include_str!("../seeds.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (seed, why) = line.split_once(' ').expect("a seed, and what it found");
        assert!(seed.parse::<u64>().is_ok() && !why.trim().is_empty(), "{line}");
    }
}
