//! `comment.posted`: what a comment means, and what comes of it.

use allotment::{Claims, Comment, Id};

use super::claims::ClaimKey;
use super::pool::Pool;

/// What a comment says.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meaning {
    Claim {
        units: u64,
        word: &'static str,
    },
    /// All that its writer claimed, or just this.
    Withdraw(Option<&'static str>),
    Complaint,
    Nothing,
}

/// The comments that storms write, and what a person reads in them.
const MEANINGS: [(&str, Meaning); 12] = [
    ("橙子+1", Meaning::Claim { units: 1, word: "橙子" }),
    ("橙子x3", Meaning::Claim { units: 3, word: "橙子" }),
    ("要2箱橙子", Meaning::Claim { units: 2, word: "橙子" }),
    ("tea+2", Meaning::Claim { units: 2, word: "tea" }),
    ("要12箱egg", Meaning::Claim { units: 12, word: "egg" }),
    ("box+1", Meaning::Claim { units: 1, word: "box" }),
    ("不要了", Meaning::Withdraw(None)),
    ("取消橙子", Meaning::Withdraw(Some("橙子"))),
    ("取消", Meaning::Withdraw(None)),
    ("坏了三个", Meaning::Complaint),
    ("主播好", Meaning::Nothing),
    ("什么时候发货", Meaning::Nothing),
];

fn meaning(text: &str) -> Meaning {
    let found = MEANINGS.into_iter().find(|(known, _)| *known == text);
    found.map_or(Meaning::Nothing, |(_, meaning)| meaning)
}

impl Pool {
    /// Gives the lots of which enough buyers now complain.
    pub(super) fn comment(&mut self, platform: &Id, comment: &Comment) -> Vec<Id> {
        if self.policy.claims == Claims::Off {
            return Vec::new();
        }
        match meaning(&comment.text) {
            Meaning::Claim { units, word } => {
                for sku in self.named(word) {
                    self.note_demand(&sku, units);
                    if self.policy.claims == Claims::Hold {
                        let buyer_id = comment.buyer_id.clone();
                        let key = ClaimKey { platform: platform.clone(), buyer_id, sku };
                        let (person, session) =
                            (comment.person_ref.as_ref(), comment.session_id.as_ref());
                        self.claim(&key, units, person, session);
                    }
                }
                Vec::new()
            }
            Meaning::Withdraw(word) => {
                let named = word.map(|word| self.named(word));
                self.end_claims(|key, _| {
                    let own = key.platform == *platform && key.buyer_id == comment.buyer_id;
                    own && named.as_ref().is_none_or(|skus| skus.contains(&key.sku))
                });
                Vec::new()
            }
            Meaning::Complaint => self.complain(platform, &comment.buyer_id),
            Meaning::Nothing => Vec::new(),
        }
    }

    /// The SKU that a word names in the catalogue; a word of several names none.
    fn named(&self, word: &str) -> Vec<Id> {
        let items = self.items.values().filter(|item| {
            let name = item.name.as_ref().map(Id::as_str);
            item.sku.as_str() == word
                || name == Some(word)
                || item.keywords.iter().any(|k| k.as_str() == word)
        });
        let named: Vec<Id> = items.map(|item| item.sku.clone()).collect();
        if named.len() == 1 { named } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comment_of_the_storms_has_its_meaning() {
        let texts: Vec<&str> = MEANINGS.iter().map(|(text, _)| *text).collect();
        assert_eq!(texts, traffic::storm::COMMENTS);
    }
}
