//! What many evenings came to, as tables for people.

use std::fmt::Write as _;

use allotment::Millis;

use super::{Outcome, Reaction, evening, settings};

/// How long the bridge takes, in the order of the tables.
const REACTIONS: [(&str, Reaction); 4] = [
    ("a bridge that reacts at once", Some(Millis(0))),
    ("a bridge that reacts after 1 s", Some(Millis::from_secs(1))),
    ("a bridge that reacts after 10 s", Some(Millis::from_secs(10))),
    ("a bridge that never does", None),
];

/// Plays seeds 0 to `seeds` under every setting and reaction: a table of Markdown for each reaction.
#[must_use]
pub fn table(seeds: u64) -> String {
    let mut text = String::new();
    for (name, reaction) in REACTIONS {
        text += &format!("### With {name}\n\n{HEAD}");
        for setting in settings() {
            let outcomes: Vec<_> =
                (0..seeds).map(|seed| evening(seed, &setting, reaction)).collect();
            writeln!(text, "| {} |{}", setting.name, row(&outcomes)).expect("text grows");
        }
        text.push('\n');
    }
    text
}

const HEAD: &str = "\
| setting | oversold orders | units | told on the way | promised units | left unsold | turned away |
| --- | --- | --- | --- | --- | --- | --- |
";

/// Mean and worst of what must be given back, the means of the rest.
fn row(outcomes: &[Outcome]) -> String {
    let of = |what: fn(&Outcome) -> u64| outcomes.iter().map(what).collect::<Vec<_>>();
    let both = |what| {
        let worst = of(what).into_iter().max().unwrap_or_default();
        format!("{} (worst {worst})", mean(&of(what)))
    };
    format!(
        " {} | {} | {} | {} | {} | {} |",
        both(|outcome| outcome.oversold.orders),
        both(|outcome| outcome.oversold.units),
        mean(&of(|outcome| outcome.told)),
        mean(&of(|outcome| outcome.promised.units)),
        mean(&of(|outcome| outcome.left)),
        mean(&of(|outcome| outcome.turned_away)),
    )
}

/// With one decimal, rounded down.
fn mean(numbers: &[u64]) -> String {
    let tenths = numbers.iter().sum::<u64>() * 10 / (numbers.len() as u64).max(1);
    format!("{}.{}", tenths / 10, tenths % 10)
}
