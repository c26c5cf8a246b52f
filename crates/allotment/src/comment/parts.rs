//! A comment taken apart: into the words that a claim is made of, or not at all.

use alloc::string::String;
use alloc::vec::Vec;

use super::catalogue::{Catalogue, Naming, Ware};
use super::words::{ENGLISH, FILLERS, GETS, LOOSE_UNITS, NOTS, UNITS, WANTS, WHOLE_NOTS};

/// What a comment is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `扣`: what follows is a keyword.
    Key,
    /// 要, want: says by itself that something is wanted.
    Want,
    /// 来, 拿, take, …: asks for a quantity.
    Get,
    /// 不要, 取消, cancel. `whole`: says so of everything where nothing is named.
    Not { whole: bool },
    /// A word that names a ware, or (`None`) more than one.
    Item { ware: Option<Ware>, naming: Naming, tag: Tag },
    /// A number on its own, and the ware that it is a keyword of.
    Number { number: u32, ware: Option<Option<Ware>> },
    /// A quantity that says that it is one: `两份`, `x2`. `loose`: of pieces, which may be of anything.
    Count { number: u32, loose: bool },
    /// `+2`, and the ware that its number is a keyword of.
    Plus { number: u32, ware: Option<Option<Ware>> },
    /// `份` without a number: one.
    Unit,
    /// 各: of each.
    Each,
    /// 的, of: belongs to what was wanted.
    Of,
    /// 和, and
    And,
    /// please
    Please,
    /// 了: no more, behind what is not wanted.
    Done,
    /// The end of a clause.
    End,
}

/// What a numeric keyword was written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// Nothing.
    None,
    /// `号`, `#`.
    Number,
    /// `号链接`: the place where it is sold.
    Link,
}

/// Digits of a number that people type to claim something; longer ones are prices, telephones, jokes.
const DIGITS_MAX: usize = 9;

/// The parts of a folded comment; `None` where anything in it is none.
pub(super) fn parts(text: &[char], catalogue: &Catalogue) -> Option<Vec<Part>> {
    let mut reader = Reader { text, at: 0, catalogue };
    let mut parts = Vec::new();
    while reader.at < text.len() {
        parts.extend(reader.next()?);
    }
    parts.push(Part::End);
    Some(parts)
}

struct Reader<'a> {
    text: &'a [char],
    at: usize,
    catalogue: &'a Catalogue,
}

impl Reader<'_> {
    /// Reads one part; nothing for what says nothing, `None` for what is not known.
    fn next(&mut self) -> Option<Option<Part>> {
        if self.eat(" ") {
            return Some(None);
        }
        if self.end() {
            return Some(Some(Part::End));
        }
        if let Some(item) = self.item() {
            return Some(Some(item));
        }
        if let Some(number) = self.number() {
            return self.counted(number).map(Some);
        }
        let one = |words: &[&str], reader: &mut Self| reader.eat_any(words);
        let part = if one(WHOLE_NOTS, self) {
            Part::Not { whole: true }
        } else if one(NOTS, self) {
            Part::Not { whole: false }
        } else if one(&["扣", "claim"], self) {
            Part::Key
        } else if one(WANTS, self) {
            Part::Want
        } else if one(GETS, self) {
            Part::Get
        } else if one(&["+"], self) {
            return self.plus().map(Some);
        } else if one(&["x", "*"], self) {
            self.eat(" ");
            Part::Count { number: self.number_here()?.0, loose: false }
        } else if one(&["#", "no.", "number", "item"], self) {
            self.eat(" ");
            return self.numbered().map(Some);
        } else if one(&["俩"], self) {
            Part::Count { number: 2, loose: true }
        } else if one(&["了"], self) {
            Part::Done
        } else if one(UNITS, self) || one(LOOSE_UNITS, self) {
            Part::Unit
        } else if one(&["各", "each"], self) {
            Part::Each
        } else if one(&["的", "of"], self) {
            Part::Of
        } else if one(&["和", "跟", ",", "and", "&"], self) {
            Part::And
        } else if one(&["please", "pls", "plz"], self) {
            Part::Please
        } else if one(FILLERS, self) {
            return Some(None);
        } else {
            return None;
        };
        Some(Some(part))
    }

    /// A sign that ends a clause; a point does where no number or word goes on behind it.
    fn end(&mut self) -> bool {
        let point =
            self.text[self.at] == '.' && self.text.get(self.at + 1).is_none_or(|next| *next == ' ');
        if point || self.text[self.at] == ';' {
            self.at += 1;
            return true;
        }
        false
    }

    /// A word of the catalogue, but for numbers, which may mean other things too.
    fn item(&mut self) -> Option<Part> {
        let rest = &self.text[self.at..];
        if self.inside_word(0) {
            return None;
        }
        let ends = |length: usize| !self.inside_word(length) || self.plural(length).is_some();
        let (length, naming, ware) = self.catalogue.longest_at(rest, ends)?;
        let word = &rest[..length];
        if word.iter().all(char::is_ascii_digit) {
            return None;
        }
        let word = word.to_vec();
        let plural = if self.inside_word(length) { self.plural(length)? } else { 0 };
        self.at += length + plural;
        let tag = match word.last() {
            _ if self.eat("链接") => Tag::Link,
            Some('号') => Tag::Number,
            _ => Tag::None,
        };
        Some(Part::Item { ware, naming, tag })
    }

    /// Whether a word of letters or a number goes on `after` characters from here.
    fn inside_word(&self, after: usize) -> bool {
        let at = self.at + after;
        let (Some(before), Some(next)) =
            (at.checked_sub(1).map(|at| self.text[at]), self.text.get(at))
        else {
            return false;
        };
        let digits = before.is_ascii_digit() && next.is_ascii_digit();
        let letters = before.is_ascii_alphabetic() && next.is_ascii_alphanumeric();
        let point = before.is_ascii_digit()
            && *next == '.'
            && self.text.get(at + 1).is_some_and(char::is_ascii_digit);
        digits || letters || point
    }

    /// The length of an English plural's ending, `length` characters from here.
    fn plural(&self, length: usize) -> Option<usize> {
        let rest = &self.text[self.at + length..];
        let before = self.text[self.at + length - 1];
        if !before.is_ascii_alphabetic() {
            return None;
        }
        ["s", "es"].into_iter().find_map(|ending| {
            let fits = ending.chars().eq(rest.iter().take(ending.len()).copied());
            (fits && !self.inside_word(length + ending.len())).then_some(ending.len())
        })
    }

    /// A number, in digits, Chinese or English, and the digits that it was written in.
    fn number(&mut self) -> Option<(u32, String)> {
        if self.inside_word(0) { None } else { self.number_here() }
    }

    /// As [`Reader::number`], also right behind a letter.
    fn number_here(&mut self) -> Option<(u32, String)> {
        let rest = &self.text[self.at..];
        let digits: String = rest.iter().take_while(|sign| sign.is_ascii_digit()).collect();
        if !digits.is_empty() {
            if digits.len() > DIGITS_MAX || self.inside_word(digits.len()) {
                return None;
            }
            self.at += digits.len();
            return Some((digits.parse().ok()?, digits));
        }
        let english = ENGLISH.iter().find(|(word, _)| self.eat(word));
        let number = if let Some((_, number)) = english {
            *number
        } else {
            let (length, number) = chinese(&self.text[self.at..])?;
            self.at += length;
            number
        };
        Some((number, alloc::format!("{number}")))
    }

    /// A number with what stands behind it: a unit, the sign of a keyword, or nothing.
    fn counted(&mut self, (number, digits): (u32, String)) -> Option<Part> {
        let ware = self.catalogue.find(&digits).map(|(_, ware)| ware);
        let start = self.at;
        self.eat(" ");
        if self.eat("号链接") || self.eat("链接") {
            return self.tagged(ware, Tag::Link);
        }
        if self.eat("号") {
            return self.tagged(ware, Tag::Number);
        }
        if self.eat_any(UNITS) || self.eat_any(&["x", "*"]) {
            return Some(Part::Count { number, loose: false });
        }
        if self.eat_any(LOOSE_UNITS) {
            return Some(Part::Count { number, loose: true });
        }
        self.at = start;
        Some(Part::Number { number, ware })
    }

    fn tagged(&self, ware: Option<Option<Ware>>, tag: Tag) -> Option<Part> {
        Some(Part::Item { ware: ware?, naming: Naming::Keyword, tag })
    }

    /// The number of `#1`.
    fn numbered(&mut self) -> Option<Part> {
        // number one: the best.
        self.text.get(self.at).filter(|sign| sign.is_ascii_digit())?;
        let (_, digits) = self.number()?;
        let ware = self.catalogue.find(&digits).map(|(_, ware)| ware);
        self.tagged(ware, Tag::Number)
    }

    /// What stands behind a plus: a quantity, or another ware.
    fn plus(&mut self) -> Option<Part> {
        self.eat(" ");
        let start = self.at;
        let Some(number) = self.number() else {
            return Some(Part::And);
        };
        match self.counted(number)? {
            Part::Number { number, ware } => Some(Part::Plus { number, ware }),
            Part::Count { number, .. } => Some(Part::Count { number, loose: false }),
            _ => {
                self.at = start;
                Some(Part::And)
            }
        }
    }

    fn eat_any(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word))
    }

    /// Reads `word`, if it stands here and ends here.
    fn eat(&mut self, word: &str) -> bool {
        let length = word.chars().count();
        let rest = &self.text[self.at..];
        let here = rest.len() >= length && word.chars().eq(rest[..length].iter().copied());
        let latin = word.ends_with(|sign: char| sign.is_ascii_alphabetic());
        let ends = !latin
            || rest.get(length).is_none_or(|next| !next.is_ascii_alphabetic() && *next != '\'');
        if here && ends {
            self.at += length;
        }
        here && ends
    }
}

/// A Chinese number below 1000 at the beginning of `text`: its length, and what it is. One that goes on in a
/// way that no number does (`两三箱`: two or three) is none.
fn chinese(text: &[char]) -> Option<(usize, u32)> {
    let digit = |at: usize| {
        Some(match text.get(at)? {
            '一' => 1,
            '二' | '两' => 2,
            '三' => 3,
            '四' => 4,
            '五' => 5,
            '六' => 6,
            '七' => 7,
            '八' => 8,
            '九' => 9,
            _ => return None,
        })
    };
    let (mut at, mut number) = (0, 0);
    if let Some(hundreds) = digit(0).filter(|_| text.get(1) == Some(&'百')) {
        (at, number) = (2, hundreds * 100);
        if text.get(2) == Some(&'零') {
            at = 3;
            digit(3)?;
        } else if digit(2).is_some() && text.get(3) != Some(&'十') {
            // 一百五 is 150.
            return (digit(3).is_none()).then(|| (3, number + digit(2).unwrap_or(0) * 10));
        }
    }
    if let Some(tens) = digit(at).filter(|_| text.get(at + 1) == Some(&'十')) {
        (at, number) = (at + 2, number + tens * 10);
    } else if at == 0 && text.first() == Some(&'十') {
        (at, number) = (1, 10);
    }
    if let Some(ones) = digit(at) {
        (at, number) = (at + 1, number + ones);
    }
    let goes_on = text.get(at).is_some_and(|next| "十百千万零半几来多".contains(*next));
    (number > 0 && digit(at).is_none() && !goes_on).then_some((at, number))
}
