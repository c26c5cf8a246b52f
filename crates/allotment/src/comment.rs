//! What buyers type to claim something in a live session, in Chinese and English.
//!
//! A comment is read as a whole, or not at all: everything in it must have a place in the grammar below, so
//! that a question (`还有1号吗？`), a price, a time, a telephone number or a count of something else is nothing.
//! It is better to miss a claim than to hold stock for somebody who did not ask for it.
//!
//! Before anything else the text is folded: full width becomes narrow, capitals small, `①` `1`, some
//! traditional signs simplified, and pictures and exclamation marks become spaces. Longer comments than
//! [`CLAIM_CHARS_MAX`](crate::bounds::CLAIM_CHARS_MAX) are nothing. Politeness and addresses (我, 请, 谢谢, 主播, thanks, …) are skipped.
//!
//! ```text
//! comment  = clause { (","|";"|".") clause }           each clause one or more acts
//! act      = claim | withdrawal
//! claim    = 扣 keyword                                 one of it:  扣1   扣1号
//!          | keyword [号]                               one of it:  1   1号   橙子 (where that is a keyword)
//!          | want items                                 one of each:  要1号   我要橙子   want oranges
//!          | [want|get] items [want|get] quantity       1号来两份   橙子要3箱   1号x2   要1号2号各一份
//!          | [want|get] quantity [的|of] items          要3箱橙子   two boxes of oranges
//!          | [want|get] quantity                        of the only ware:  来两份   +2   2 please
//!          | get unit [items]                           one:  来份橙子   来一份
//! withdrawal = not items | items not | 不要了|取消|cancel|don't want     of all of his claims, where nothing is named
//! items    = item { [和|,|+] item }
//! item     = keyword [号|号链接] | #keyword | SKU | name
//! quantity = number unit | (x|*) number | number x | + number [unit] | number
//! ```
//!
//! - `N` alone is the keyword N; a number that is no keyword means nothing without a unit. Where a bare number
//!   could be a keyword as well as a quantity (要2, 1号 2 where 2 is one), the comment is nothing. `+N` at its
//!   beginning is a quantity.
//! - Without an item a quantity is of the only ware: the only one of the session, or the only one in stock.
//! - A name or SKU on its own, and `来1号` (show me), ask for nothing. Of two numbers in a row none is a claim.
//! - A word that names two wares names none.
//! - Quantities are 1 to [`CLAIM_UNITS_MAX`]; without a unit no more than two digits.

mod catalogue;
mod complaint;
mod fold;
mod parts;
mod words;

use alloc::vec;
use alloc::vec::Vec;

use catalogue::Naming;
pub use catalogue::{Catalogue, Ware};
pub use complaint::complains;
use parts::{Part, Tag};

use crate::bounds::CLAIM_UNITS_MAX;

/// What a comment does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Its buyer wants so many units.
    Claim {
        /// Of what.
        ware: Ware,
        /// How many, from 1.
        units: u32,
    },
    /// Its buyer wants them no more.
    Withdraw {
        /// What; all of his claims where nothing was named.
        ware: Option<Ware>,
    },
}

/// A number without a unit is a quantity up to here; longer ones mean something else.
const BARE_MAX: u32 = 99;

/// Reads a comment: what it does, in its order, or nothing. `only` is what it is about where it names nothing.
#[must_use]
pub fn read(text: &str, catalogue: &Catalogue, only: Option<Ware>) -> Vec<Act> {
    let Some(folded) = fold::fold(text) else { return Vec::new() };
    let Some(parts) = parts::parts(&folded, catalogue) else { return Vec::new() };
    let mut reader = Reader { parts: &parts, only };
    let mut acts = Vec::new();
    while !reader.parts.is_empty() {
        // A comma between clauses is read as 和.
        if reader.eat(Part::End) || (!acts.is_empty() && reader.eat(Part::And)) {
            continue;
        }
        match reader.act() {
            Some(mut more) => acts.append(&mut more),
            None => return Vec::new(),
        }
    }
    // Said twice (扣1扣1) is said once.
    let mut once: Vec<Act> = Vec::new();
    for act in acts {
        if !once.contains(&act) {
            once.push(act);
        }
    }
    once
}

/// A ware that is named, and how.
#[derive(Clone, Copy)]
struct Named {
    ware: Ware,
    naming: Naming,
    tag: Tag,
    /// A keyword that is a number and has nothing that says so.
    bare: bool,
}

struct Reader<'a> {
    parts: &'a [Part],
    only: Option<Ware>,
}

impl Reader<'_> {
    fn act(&mut self) -> Option<Vec<Act>> {
        if let [Part::Please, Part::Not { .. }, ..] = self.parts {
            self.advance();
        }
        match self.parts[0] {
            Part::Not { whole } => {
                self.advance();
                self.eat(Part::Please);
                let items = self.items(true)?;
                if items.is_empty() {
                    self.eat(Part::Please);
                    return (whole && self.at_end()).then(|| vec![Act::Withdraw { ware: None }]);
                }
                self.eat(Part::Of);
                self.eat(Part::Done);
                self.eat(Part::Please);
                Some(withdrawn(&items))
            }
            Part::Key => {
                self.advance();
                let items = self.items(true)?;
                let [item] = items[..] else { return None };
                self.eat(Part::Please);
                let keyword = item.naming == Naming::Keyword && item.tag != Tag::Link;
                let ends = self.at_end() || matches!(self.parts[0], Part::Key | Part::Not { .. });
                (keyword && ends).then(|| vec![Act::Claim { ware: item.ware, units: 1 }])
            }
            _ => self.claim(),
        }
    }

    /// A claim; or a withdrawal that names first what it is of.
    fn claim(&mut self) -> Option<Vec<Act>> {
        let asked = self.eat(Part::Please);
        let verb = self.verb();
        if verb.any() && self.eat(Part::Unit) {
            self.eat(Part::Of);
            let items = self.items(false)?;
            self.eat(Part::Please);
            return if self.at_end() { self.claimed(&items, 1) } else { None };
        }
        let first = self.first_quantity(verb, asked)?;
        let of = first.is_some() && self.eat(Part::Of);
        let items = self.items(first.is_none())?;
        if items.is_empty() && (of || first.is_none()) {
            return None;
        }
        if matches!(self.parts[0], Part::Not { .. }) && first.is_none() && !verb.any() {
            self.advance();
            return Some(withdrawn(&items));
        }
        let each = self.eat(Part::Each);
        let verb = verb.and(self.verb());
        let later = if first.is_none() { self.later_quantity(&items, verb)? } else { None };
        let belongs = self.eat(Part::Of);
        let polite = self.eat(Part::Please) || asked;
        if belongs && !verb.any() {
            return None;
        }
        match first.or(later) {
            Some(units) if items.len() < 2 || each => self.claimed(&items, units),
            None if !each => self.wanted(&items, verb, polite),
            _ => None,
        }
    }

    /// So many of each, or of the only ware where none is named.
    fn claimed(&self, items: &[Named], units: u32) -> Option<Vec<Act>> {
        if units == 0 || units > CLAIM_UNITS_MAX {
            return None;
        }
        if items.is_empty() {
            return self.only.map(|ware| vec![Act::Claim { ware, units }]);
        }
        Some(items.iter().map(|item| Act::Claim { ware: item.ware, units }).collect())
    }

    /// One of each, where that is what it says.
    fn wanted(&self, items: &[Named], verb: Verb, polite: bool) -> Option<Vec<Act>> {
        let says = |item: &Named| match item.naming {
            _ if item.tag == Tag::Link || verb.gets => false,
            // 要2: two of it, or the second one.
            Naming::Keyword => !(item.bare && verb.wants),
            Naming::Name => verb.wants || polite,
        };
        let bare = items.iter().any(|item| item.bare);
        // Numbers in a row are counted or listed, not claimed.
        let row = bare && !(self.parts[0] == Part::End || self.at_end() && !self.number_is_next());
        (!row && items.iter().all(says))
            .then(|| items.iter().map(|item| Act::Claim { ware: item.ware, units: 1 }).collect())
    }

    /// A quantity at the beginning; a bare number is one only where it can be nothing else.
    fn first_quantity(&mut self, verb: Verb, asked: bool) -> Option<Option<u32>> {
        let next = self.parts.get(1);
        let before_item = matches!(next, Some(Part::Item { .. } | Part::Of));
        let units = match self.parts[0] {
            // 3个 may be of anything.
            Part::Count { loose: true, .. } if !verb.any() => return None,
            Part::Count { number, .. } => number,
            Part::Plus { number, .. } if number <= BARE_MAX => number,
            Part::Number { number, ware: None } => {
                let polite = asked || next == Some(&Part::Please);
                if number > BARE_MAX || !(verb.any() || polite || before_item) {
                    return None;
                }
                number
            }
            Part::Plus { .. } => return None,
            Part::Number { .. } if verb.any() || before_item => return None,
            _ => return Some(None),
        };
        self.advance();
        Some(Some(units))
    }

    /// A quantity behind the wares that it is of.
    fn later_quantity(&mut self, items: &[Named], verb: Verb) -> Option<Option<u32>> {
        let bare = items.iter().any(|item| item.bare);
        let worded = items.iter().any(|item| item.tag == Tag::None);
        let units = match self.parts[0] {
            Part::Count { loose: true, .. } if worded && !verb.any() => return None,
            Part::Count { number, .. } => number,
            Part::Plus { number, ware } | Part::Number { number, ware } => {
                // 1 2, 1+2, 橙子 10, and 1号 2 where 2 is a keyword.
                let plus = matches!(self.parts[0], Part::Plus { .. });
                let vague = bare || ware.is_some() || (worded && !plus);
                if number > BARE_MAX || (vague && !verb.any()) {
                    return None;
                }
                number
            }
            _ => return Some(None),
        };
        self.advance();
        Some(Some(units))
    }

    /// Wares that are named one after the other. A number that is a keyword is one, alone and if `numbers`.
    /// `None` where a word names more than one.
    fn items(&mut self, numbers: bool) -> Option<Vec<Named>> {
        let mut items: Vec<Named> = Vec::new();
        loop {
            let start = self.parts;
            if !items.is_empty() {
                self.eat(Part::And);
            }
            let item = match self.parts[0] {
                Part::Item { ware, naming, tag } => Named { ware: ware?, naming, tag, bare: false },
                Part::Number { ware: Some(ware), .. } if items.is_empty() && numbers => {
                    let (naming, tag) = (Naming::Keyword, Tag::None);
                    Named { ware: ware?, naming, tag, bare: true }
                }
                _ => {
                    self.parts = start;
                    return Some(items);
                }
            };
            self.advance();
            match items.iter_mut().find(|known| known.ware == item.ware) {
                // 1号橙子: a second name makes it plainer.
                Some(known) => {
                    known.bare &= item.bare;
                    known.naming = known.naming.min(item.naming);
                }
                None => items.push(item),
            }
        }
    }

    fn at_end(&self) -> bool {
        matches!(self.parts[0], Part::End | Part::And)
    }

    fn number_is_next(&self) -> bool {
        matches!(self.parts.get(1), Some(Part::Number { .. } | Part::Count { .. }))
    }

    fn verb(&mut self) -> Verb {
        let mut verb = Verb::default();
        loop {
            if self.eat(Part::Want) {
                verb.wants = true;
            } else if self.eat(Part::Get) {
                verb.gets = true;
            } else {
                return verb;
            }
        }
    }

    fn eat(&mut self, part: Part) -> bool {
        let here = self.parts.first() == Some(&part);
        if here {
            self.advance();
        }
        here
    }

    fn advance(&mut self) {
        self.parts = &self.parts[1..];
    }
}

/// How a claim is worded.
#[derive(Clone, Copy, Debug, Default)]
struct Verb {
    wants: bool,
    gets: bool,
}

impl Verb {
    const fn any(self) -> bool {
        self.wants || self.gets
    }

    const fn and(self, other: Self) -> Self {
        Self { wants: self.wants || other.wants, gets: self.gets || other.gets }
    }
}

fn withdrawn(items: &[Named]) -> Vec<Act> {
    items.iter().map(|item| Act::Withdraw { ware: Some(item.ware) }).collect()
}
