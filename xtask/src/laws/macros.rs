//! Metrics and log lines are told through `telemetry`, so that what can be told is one list.

use proc_macro2::{TokenStream, TokenTree};

use super::Breaches;
use crate::tree::Tree;

/// The macros of the `metrics` and `tracing` facades.
const MACROS: [&str; 17] = [
    "counter",
    "gauge",
    "histogram",
    "describe_counter",
    "describe_gauge",
    "describe_histogram",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "event",
    "trace_span",
    "debug_span",
    "info_span",
    "warn_span",
    "error_span",
];

/// Looks for the macros everywhere but in their room.
pub(super) fn check(tree: &Tree) -> Result<Breaches, String> {
    let mut breaches = Vec::new();
    for file in tree.ending("rs").filter(|file| !file.path.starts_with("crates/telemetry/")) {
        let mut found = Vec::new();
        macros_in(file.tokens()?, &mut found);
        for name in found {
            let path = &file.path;
            breaches.push(format!(
                "{path}: `{name}!` is telemetry's; add a function to crates/telemetry and call it"
            ));
        }
    }
    Ok(breaches)
}

fn macros_in(tokens: TokenStream, found: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => macros_in(group.stream(), found),
            TokenTree::Ident(word) if MACROS.iter().any(|name| word == name) => {
                let bang = matches!(tokens.get(at + 1), Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
                let called = matches!(tokens.get(at + 2), Some(TokenTree::Group(_)));
                if bang && called {
                    found.push(word.to_string());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn a_raw_macro_is_a_breach_and_its_name_alone_is_not() {
        let bad =
            "fn f() { if x { tracing::warn!(\"late\"); metrics::counter!(\"n\").increment(1); } }";
        let good = "// warn!(\"x\")\nfn f(info: u8) -> bool { error(\"warn!()\"); info != 1 }";
        let tree = sample(&[("a.rs", bad), ("b.rs", good), ("crates/telemetry/src/log.rs", bad)]);
        assert_eq!(check(&tree).expect("all are Rust").len(), 2);
    }
}
