//! No test is switched off: what can't be true yet is not written as a test.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::Breaches;
use crate::tree::Tree;

/// Looks for the attribute, in whatever form.
pub(super) fn check(tree: &Tree) -> Result<Breaches, String> {
    let mut breaches = Vec::new();
    for file in tree.ending("rs") {
        if ignores(file.tokens()?) {
            breaches.push(format!("{}: a test is ignored; make it pass, or remove it", file.path));
        }
    }
    Ok(breaches)
}

fn ignores(tokens: TokenStream) -> bool {
    let mut after_hash = false;
    for token in tokens {
        match &token {
            TokenTree::Group(group) => {
                let attribute = after_hash && group.delimiter() == Delimiter::Bracket;
                let first = group.stream().into_iter().next();
                let is_ignore = matches!(first, Some(TokenTree::Ident(word)) if word == "ignore");
                if (attribute && is_ignore) || ignores(group.stream()) {
                    return true;
                }
                after_hash = false;
            }
            TokenTree::Punct(punct) => after_hash = punct.as_char() == '#',
            _ => after_hash = false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::sample;

    #[test]
    fn an_ignored_test_is_a_breach_and_a_word_in_a_text_is_not() {
        let bad = "mod tests { #[test]\n#[ignore = \"slow\"]\nfn t() {} }";
        let good = "// #[ignore]\nconst X: &str = \"#[ignore]\"; fn ignore() { let a = [ignore]; }";
        assert_eq!(
            check(&sample(&[("bad.rs", bad), ("good.rs", good)])).expect("both are Rust").len(),
            1
        );
    }
}
