//! Which fault comes when: a deck of cards, shuffled by the seed, and shuffled again when it is used up. So
//! chance decides the order, and yet every kind has its turn in a short run.

use traffic::rng::Rng;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// kill -9 of a process, which is started again at once.
    Kill,
    /// kill -9 of a process, which is started again some seconds later, before or after the group gave it up.
    KillForLong,
    /// kill -9 of a process; another one with a name of its own comes in its place.
    KillForGood,
    /// kill -9 of two processes at once.
    KillTwo,
    /// SIGSTOP for longer than the session timeout: when it goes on its partitions are others'.
    StopLong,
    /// SIGSTOP for less than that: nobody but its partitions notices.
    StopShort,
    /// SIGTERM, and started again when it has ended.
    Restart,
    /// SIGTERM of one process after the other, each started again before the next.
    Roll,
    /// One more process joins, or it leaves again.
    JoinOrLeave,
    /// kill -9 of the broker, which is started again at once.
    KillBroker,
}

/// How many of each are in a deck: 20 processes are killed in it.
const DECK: [(Fault, usize); 10] = [
    (Fault::Kill, 8),
    (Fault::KillForLong, 4),
    (Fault::KillForGood, 4),
    (Fault::KillTwo, 2),
    (Fault::StopLong, 2),
    (Fault::StopShort, 2),
    (Fault::Restart, 1),
    (Fault::Roll, 1),
    (Fault::JoinOrLeave, 2),
    (Fault::KillBroker, 1),
];

impl Fault {
    /// All of them, in the order in which they are told.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        DECK.into_iter().map(|(fault, _)| fault)
    }

    /// How many processes it kills.
    pub(crate) const fn kills(self) -> usize {
        match self {
            Self::Kill | Self::KillForLong | Self::KillForGood => 1,
            Self::KillTwo => 2,
            _ => 0,
        }
    }

    /// What was done, for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill -9, restarted at once",
            Self::KillForLong => "kill -9, restarted later",
            Self::KillForGood => "kill -9, another one in its place",
            Self::KillTwo => "kill -9 of two at once",
            Self::StopLong => "SIGSTOP beyond the session timeout",
            Self::StopShort => "SIGSTOP, short",
            Self::Restart => "SIGTERM and restart",
            Self::Roll => "SIGTERM and restart of one after the other",
            Self::JoinOrLeave => "one more joins or leaves",
            Self::KillBroker => "kill -9 of the broker",
        }
    }
}

/// The cards that are left.
#[derive(Debug, Default)]
pub(crate) struct Deck(Vec<Fault>);

impl Deck {
    /// The next card.
    pub(crate) fn draw(&mut self, rng: &mut Rng) -> Fault {
        if self.0.is_empty() {
            let cards =
                DECK.into_iter().flat_map(|(fault, count)| std::iter::repeat_n(fault, count));
            self.0.extend(cards);
            rng.shuffle(&mut self.0);
        }
        self.0.pop().expect("a deck has cards")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_deck_kills_twenty_processes_and_has_every_fault() {
        let (mut deck, mut rng) = (Deck::default(), Rng::new(3));
        let cards: usize = DECK.iter().map(|(_, count)| count).sum();
        let drawn: Vec<Fault> = (0..cards).map(|_| deck.draw(&mut rng)).collect();
        assert_eq!(drawn.iter().map(|fault| fault.kills()).sum::<usize>(), 20);
        assert_eq!(drawn.into_iter().collect::<BTreeSet<_>>(), Fault::all().collect());
    }
}
