//! The words by which a pool's wares can be claimed.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;

use super::fold::{fold, fold_to_text};
use crate::weight;

/// A ware, by the number that its owner gives it.
pub type Ware = u32;

/// How a word names a ware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Naming {
    /// It is what buyers type to claim it.
    Keyword,
    /// It is its SKU or its name, which may also just be talked about.
    Name,
}

/// The words by which wares can be claimed: keywords, SKUs and names, folded.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    words: BTreeMap<String, BTreeSet<(Naming, Ware)>>,
    /// At least as long as the longest word, in characters.
    longest: usize,
}

impl Catalogue {
    /// Buyers type `word` to claim `ware`. `3号` is claimed by `3` too.
    pub fn put_keyword(&mut self, ware: Ware, word: &str) {
        self.put(ware, word, Naming::Keyword);
        if let Some(number) = bare_number(word) {
            self.put(ware, &number, Naming::Keyword);
        }
    }

    /// `word` is the SKU or the name of `ware`.
    pub fn put_name(&mut self, ware: Ware, word: &str) {
        self.put(ware, word, Naming::Name);
    }

    /// `ware` has none of these words any more.
    pub fn take<'a>(&mut self, ware: Ware, words: impl IntoIterator<Item = &'a str>) {
        for word in words {
            let folded = fold_to_text(word);
            for word in folded.into_iter().chain(bare_number(word)) {
                let Some(named) = self.words.get_mut(&word) else { continue };
                named.retain(|(_, of)| *of != ware);
                if named.is_empty() {
                    self.words.remove(&word);
                }
            }
        }
    }

    /// What it takes in memory: most words are short, and name one ware.
    pub(crate) fn weight(&self) -> usize {
        let named = weight::tree(1, size_of::<(Naming, Ware)>()) + weight::block(1);
        let word = size_of::<(String, BTreeSet<(Naming, Ware)>)>();
        weight::tree(self.words.len(), word) + self.words.len() * named
    }

    fn put(&mut self, ware: Ware, word: &str, naming: Naming) {
        let Some(folded) = fold(word).filter(|folded| !folded.is_empty()) else { return };
        self.longest = self.longest.max(folded.len());
        self.words.entry(folded.into_iter().collect()).or_default().insert((naming, ware));
    }

    /// What exactly this word names: how, and which ware; `None` for the ware if it is more than one.
    pub(super) fn find(&self, word: &str) -> Option<(Naming, Option<Ware>)> {
        let named = self.words.get(word)?;
        let (naming, ware) = *named.first()?;
        let alone = named.iter().all(|(_, other)| *other == ware);
        Some((naming, alone.then_some(ware)))
    }

    /// The longest word at the beginning of `text` that ends where a word can end: its length in
    /// characters, and what it names.
    pub(super) fn longest_at(
        &self,
        text: &[char],
        ends: impl Fn(usize) -> bool,
    ) -> Option<(usize, Naming, Option<Ware>)> {
        let most = self.longest.min(text.len());
        let mut word: String = text[..most].iter().collect();
        for length in (1..=most).rev() {
            if ends(length)
                && let Some((naming, ware)) = self.find(&word)
            {
                return Some((length, naming, ware));
            }
            word.pop();
        }
        None
    }
}

/// The number of a keyword like `3号`.
fn bare_number(word: &str) -> Option<String> {
    let folded = fold_to_text(word)?;
    let number = folded.strip_suffix('号')?;
    (!number.is_empty() && number.bytes().all(|sign| sign.is_ascii_digit()))
        .then(|| String::from(number))
}
