//! What two readings of the contract are compared by: as the outside sees it, topic by topic, order by
//! order. The order of different orders' outputs that one input causes is free, and so are alert numbers
//! and texts.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{
    Alert, AlertKind, Books, Decision, Effect, Effects, Facts, Fulfillment, Id, Input, Level,
    Partition, Standing, Taken, Time,
};

use crate::reference::Reference;

/// Alerts that the reference model has still to learn. Whoever teaches it takes them off this list.
const STILL_TO_COME: &[AlertKind] = &[];

/// What the allotment and the reference model have in common.
pub trait Core {
    /// Time as it knows it.
    fn now(&self) -> Time;
    /// Lets time pass and gives an input its effect.
    fn apply(&mut self, now: Time, input: Input, out: &mut Effects) -> Taken;
    /// Lets time pass.
    fn advance(&mut self, now: Time, out: &mut Effects);
    /// Tells the levels that changed.
    fn levels(&mut self, out: &mut Effects);
    /// Tells what alerts are still adding up.
    fn flush_alerts(&mut self, out: &mut Effects);
}

macro_rules! core {
    ($name:ty) => {
        impl Core for $name {
            fn now(&self) -> Time {
                self.now()
            }
            fn apply(&mut self, now: Time, input: Input, out: &mut Effects) -> Taken {
                self.apply(now, input, out)
            }
            fn advance(&mut self, now: Time, out: &mut Effects) {
                self.advance(now, out);
            }
            fn levels(&mut self, out: &mut Effects) {
                self.levels(out);
            }
            fn flush_alerts(&mut self, out: &mut Effects) {
                self.flush_alerts(out);
            }
        }
    };
}

core!(Partition);
core!(Reference);

/// An order as a key: pool, platform, id.
type Of = (Id, Id, Id);

/// What a run told, sorted by whom it is about.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// What became of each input, in words.
    pub taken: Vec<String>,
    decisions: BTreeMap<Of, Vec<Decision>>,
    fulfillment: BTreeMap<Of, Vec<Fulfillment>>,
    alerts: BTreeMap<Id, Vec<String>>,
    levels: BTreeMap<(Id, Id), Level>,
}

impl View {
    /// Takes in what became of the input of a step.
    pub fn took(&mut self, step: usize, taken: Taken) {
        self.taken.push(match taken {
            Taken::Applied => "applied".to_owned(),
            Taken::Refused { code, .. } => format!("{step} refused {code:?}"),
        });
    }

    /// Takes in what a step led to.
    pub fn add(&mut self, step: usize, effects: Effects) {
        let mut alerts: BTreeMap<Id, Vec<String>> = BTreeMap::new();
        for effect in effects.list {
            match effect {
                Effect::Decision(d) => {
                    let of = (d.pool.clone(), d.platform.clone(), d.order_id.clone());
                    self.decisions.entry(of).or_default().push(d);
                }
                Effect::Fulfillment(f) => self.fulfillment.entry(order_of(&f)).or_default().push(f),
                // How rejects are added up is free.
                Effect::Alert(a)
                    if a.kind == AlertKind::InputRejected || STILL_TO_COME.contains(&a.kind) => {}
                Effect::Alert(a) => {
                    let pool = a.pool.clone();
                    let bare = Alert { number: 0, facts: Facts::None, ..a };
                    alerts.entry(pool).or_default().push(format!("{step:5}: {bare:?}"));
                }
                Effect::Level(l) => {
                    let bare = Level { revision: 0, as_of: Time(0), ..l };
                    self.levels.insert((bare.pool.clone(), bare.sku.clone()), bare);
                }
            }
        }
        for (pool, mut list) in alerts {
            list.sort();
            self.alerts.entry(pool).or_default().append(&mut list);
        }
    }

    /// The first difference, in words; nothing if there is none.
    pub fn difference(one: &Self, other: &Self) -> Option<String> {
        first_difference("decisions", &one.decisions, &other.decisions)
            .or_else(|| first_difference("fulfillment", &one.fulfillment, &other.fulfillment))
            .or_else(|| first_difference("alerts", &one.alerts, &other.alerts))
            .or_else(|| {
                let listed = |view: &Self| {
                    view.levels
                        .iter()
                        .map(|(k, l)| (k.clone(), vec![l.clone()]))
                        .collect::<BTreeMap<_, _>>()
                };
                first_difference("levels", &listed(one), &listed(other))
            })
            .or_else(|| {
                let all = |view: &Self| BTreeMap::from([((), view.taken.clone())]);
                first_difference("taken", &all(one), &all(other))
            })
    }

    /// The same without what depends on when the run was asked: which step brought an alert.
    pub fn without_batches(mut self) -> Self {
        for list in self.alerts.values_mut() {
            *list = list
                .iter()
                .map(|a| a.split_once(": ").expect("a step and an alert").1.to_owned())
                .collect();
            list.sort();
        }
        self.taken.clear();
        self
    }

    /// The books of every SKU at the end.
    pub fn books(&self) -> impl Iterator<Item = Books> {
        self.levels.values().filter_map(|level| level.books)
    }

    /// Only how everything ended: the standing of each order, its open parcel, and the levels.
    pub fn end_state(self) -> Self {
        let mut end = Self { levels: self.levels, ..Self::default() };
        let answered = |d: &Decision| !matches!(d.reason, allotment::Reason::Rejected(_));
        for (of, list) in self.decisions {
            let Some(last) = list.into_iter().rfind(answered) else { continue };
            // Lines that came after a cancellation are not kept, those that came before are.
            let shows = last.standing != Standing::Cancelled;
            let lines: Vec<String> = last
                .lines
                .iter()
                .filter(|l| shows && l.quantity > 0)
                .map(|l| format!("{l:?}"))
                .collect();
            let text = format!("{:?} paid {} {lines:?}", last.standing, last.paid);
            end.alerts.insert(Id::new(&format!("{of:?}")), vec![text]);
        }
        for (of, list) in self.fulfillment {
            let last = match list.last() {
                Some(Fulfillment::Requested(p) | Fulfillment::Revised(p)) => {
                    format!("{:?}", p.lines)
                }
                _ => continue,
            };
            end.alerts.entry(Id::new(&format!("{of:?} parcel"))).or_default().push(last);
        }
        end
    }
}

fn order_of(f: &Fulfillment) -> Of {
    match f {
        Fulfillment::Requested(p) | Fulfillment::Revised(p) => {
            (p.pool.clone(), p.platform.clone(), p.order_id.clone())
        }
        Fulfillment::Cancelled(p) => (p.pool.clone(), p.platform.clone(), p.order_id.clone()),
        Fulfillment::Manifest(m) => (m.pool.clone(), Id::default(), m.wave_id.clone()),
    }
}

fn first_difference<K: Ord + Clone + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    what: &str,
    one: &BTreeMap<K, Vec<V>>,
    other: &BTreeMap<K, Vec<V>>,
) -> Option<String> {
    let keys: BTreeSet<&K> = one.keys().chain(other.keys()).collect();
    for key in keys {
        let (a, b) = (one.get(key).map_or(&[][..], |v| v), other.get(key).map_or(&[][..], |v| v));
        let at = (0..a.len().max(b.len())).find(|i| a.get(*i) != b.get(*i));
        if let Some(at) = at {
            let (a, b) = (format!("{:#?}", a.get(at)), format!("{:#?}", b.get(at)));
            let (a, b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
            let mut text = format!("{what} of {key:?}, number {at}:");
            for line in a.iter().filter(|l| !b.contains(l)) {
                text.push_str(&format!("\n  one   {}", line.trim()));
            }
            for line in b.iter().filter(|l| !a.contains(l)) {
                text.push_str(&format!("\n  other {}", line.trim()));
            }
            return Some(text);
        }
    }
    None
}
