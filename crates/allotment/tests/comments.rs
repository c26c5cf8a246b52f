//! What the grammar of comments finds in what people type, held against what they mean (`comments.txt`).

#![expect(
    clippy::unwrap_used,
    reason = "a table that can't be read fails its test, and that is enough"
)]

use std::collections::BTreeMap;

use allotment::comment::{Act, Catalogue, Ware, complains, read};

/// The part of what is meant that must be found.
const RECALL_FLOOR: f64 = 0.94;

/// What is sold where a comment is typed.
#[derive(Default)]
struct Session<'a> {
    wares: BTreeMap<&'a str, Ware>,
    catalogue: Catalogue,
    only: Option<&'a str>,
}

impl<'a> Session<'a> {
    /// `ware NAME: keywords / sku, names`
    fn sells(&mut self, line: &'a str) {
        let (name, words) = line.split_once(':').unwrap();
        let ware = self.wares.len() as Ware;
        self.wares.insert(name.trim(), ware);
        let (keywords, names) = words.split_once('/').unwrap();
        let words = |list: &'a str| list.split(',').map(str::trim).filter(|word| !word.is_empty());
        words(keywords).for_each(|word| self.catalogue.put_keyword(ware, word));
        words(names).for_each(|word| self.catalogue.put_name(ware, word));
    }

    fn means(&self, meaning: &str) -> Vec<Act> {
        let act = |word: &str| match word.split_once('*') {
            Some(("-", "")) => Act::Withdraw { ware: None },
            Some((name, units)) => {
                Act::Claim { ware: self.wares[name], units: units.parse().unwrap() }
            }
            None => Act::Withdraw { ware: Some(self.wares[word.strip_prefix('-').unwrap()]) },
        };
        meaning.split_whitespace().map(act).collect()
    }

    fn reads(&self, text: &str) -> Vec<Act> {
        read(text, &self.catalogue, self.only.map(|name| self.wares[name]))
    }
}

#[test]
fn nothing_is_claimed_that_is_not_meant_and_most_that_is_meant_is_claimed() {
    let (mut session, mut lines) = (Session::default(), 0);
    let (mut meant, mut found, mut right) = (0, 0, 0);
    let (mut wrong, mut missed) = (Vec::new(), Vec::new());
    for line in include_str!("comments.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[') {
            let only = name.split_once("only=").map(|(_, ware)| ware.trim_end_matches(']'));
            session = Session { only, ..Session::default() };
        } else if let Some(ware) = line.strip_prefix("ware ") {
            session.sells(ware);
        } else if let Some((text, meaning)) = line.rsplit_once(" |") {
            let (means, reads) = (session.means(meaning), session.reads(text));
            (lines, meant, found) = (lines + 1, meant + means.len(), found + reads.len());
            if means == reads {
                right += reads.len();
            } else if reads.is_empty() {
                missed.push(line);
            } else {
                wrong.push(format!("{line}: {reads:?}"));
            }
        }
    }
    let (precision, recall) = (right as f64 / found as f64, right as f64 / meant as f64);
    println!("{lines} comments: precision {precision:.3}, recall {recall:.3}");
    println!("missed:\n{}", missed.join("\n"));
    assert!(lines >= 250, "{lines} comments");
    assert!(wrong.is_empty(), "precision {precision:.3}:\n{}", wrong.join("\n"));
    assert!(recall >= RECALL_FLOOR, "recall {recall:.3}; missed:\n{}", missed.join("\n"));
}

#[test]
fn a_word_that_names_two_wares_names_none() {
    let mut catalogue = Catalogue::default();
    catalogue.put_keyword(0, "橙子");
    catalogue.put_name(1, "橙子");
    assert_eq!(read("要两箱橙子", &catalogue, None), []);
    catalogue.take(1, ["橙子"]);
    assert_eq!(read("要两箱橙子", &catalogue, None), [Act::Claim { ware: 0, units: 2 }]);
    catalogue.take(0, ["橙子"]);
    assert_eq!(read("要两箱橙子", &catalogue, None), []);
}

#[test]
fn a_long_comment_is_no_claim_and_takes_no_time() {
    let mut catalogue = Catalogue::default();
    catalogue.put_keyword(0, "1");
    assert_eq!(read(&"扣1 ".repeat(20), &catalogue, None), [Act::Claim { ware: 0, units: 1 }]);
    assert_eq!(read(&"扣1 ".repeat(100_000), &catalogue, None), []);
}

#[test]
fn what_came_bad_is_complained_of_and_questions_are_not_complaints() {
    let mut lines = 0;
    for line in include_str!("complaints.txt").lines().filter(|line| !line.starts_with('#')) {
        let (text, meaning) = line.rsplit_once(" | ").unwrap();
        assert_eq!(complains(text), meaning == "yes", "{text}");
        lines += 1;
    }
    assert!(lines > 50, "{lines} comments");
}
