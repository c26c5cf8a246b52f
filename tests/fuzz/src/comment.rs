//! What people type: the grammar of claims, and complaints.
//!
//! The bytes are text: the first line is the catalogue (`keyword,keyword/name,name` a ware, wares apart by `;`,
//! the one that a comment is of where it names none marked `*`), the rest the comment.

use allotment::bounds::CLAIM_UNITS_MAX;
use allotment::comment::{Act, Catalogue, Ware, complains, read};

use crate::heap;

/// A shop as in the examples, and what is typed there.
pub(crate) const SEEDS: [(&str, &str); 5] = [
    ("good-chinese", "1号,橙子/orange-5kg;2/apple\n1号来两份，不要2"),
    ("good-english", "*1/orange;2/apple\nI'd like 2 boxes of oranges, and #2 x3 please"),
    ("good-full-width", "*A1/tea\n＋２"),
    ("good-complaint", "1/orange\nhalf of the oranges were rotten"),
    ("question", "1/orange\n还有1号吗？"),
];

/// Bytes of memory for each byte of text: a word of the catalogue with its tree.
const MEMORY: usize = 1000;

/// A folded comment and its parts, and a word's longest beginnings.
const MEMORY_ALWAYS: usize = 64 * 1024;

/// Reads the comment. True where it means something.
pub(crate) fn feed(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let (wares, comment) = text.split_once('\n').unwrap_or(("", text));
    heap::within(MEMORY_ALWAYS + MEMORY * text.len(), || {
        let (catalogue, count, only) = catalogue(wares);
        let acts = read(comment, &catalogue, only);
        for (at, act) in acts.iter().enumerate() {
            let ware = match act {
                Act::Claim { ware, units } => {
                    assert!((1..=CLAIM_UNITS_MAX).contains(units), "{units} units");
                    Some(*ware)
                }
                Act::Withdraw { ware } => *ware,
            };
            assert!(ware.is_none_or(|ware| ware < count), "{act:?} of {count} wares");
            assert!(!acts[..at].contains(act), "{act:?} twice");
        }
        complains(comment) || !acts.is_empty()
    })
}

fn catalogue(wares: &str) -> (Catalogue, Ware, Option<Ware>) {
    let (mut catalogue, mut only, mut count) = (Catalogue::default(), None, 0);
    for (ware, words) in (0..).zip(wares.split(';')) {
        let named = words.strip_prefix('*');
        only = only.or(named.map(|_| ware));
        let words = named.unwrap_or(words);
        let (keywords, names) = words.split_once('/').unwrap_or((words, ""));
        keywords.split(',').for_each(|word| catalogue.put_keyword(ware, word));
        names.split(',').for_each(|word| catalogue.put_name(ware, word));
        count = ware + 1;
    }
    (catalogue, count, only)
}
