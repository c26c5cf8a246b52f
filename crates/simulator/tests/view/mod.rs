//! What two runs are compared by: as the outside sees it, topic by topic, order by order. The order of
//! different orders' outputs that one input causes is free, and so are alert numbers and texts.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};

use allotment::{
    Alert, AlertKind, Body, Decision, Effect, Effects, Event, Facts, Fulfillment, Id, Input, Level,
    OrderVerb, Partition, SnapshotStatus, Standing, Taken, Time, What,
};
use simulator::reference::Reference;

/// What the allotment and the reference model have in common.
pub(crate) trait Core {
    fn now(&self) -> Time;
    fn apply(&mut self, now: Time, input: Input, out: &mut Effects) -> Taken;
    fn advance(&mut self, now: Time, out: &mut Effects);
    fn levels(&mut self, out: &mut Effects);
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
pub(crate) struct View {
    taken: Vec<String>,
    decisions: BTreeMap<Of, Vec<Decision>>,
    fulfillment: BTreeMap<Of, Vec<Fulfillment>>,
    alerts: BTreeMap<Id, Vec<String>>,
    levels: BTreeMap<(Id, Id), Level>,
}

impl View {
    fn add(&mut self, step: usize, effects: Effects) {
        let mut alerts: BTreeMap<Id, Vec<String>> = BTreeMap::new();
        for effect in effects.list {
            match effect {
                Effect::Decision(d) => {
                    let of = (d.pool.clone(), d.platform.clone(), d.order_id.clone());
                    self.decisions.entry(of).or_default().push(d);
                }
                Effect::Fulfillment(f) => self.fulfillment.entry(order_of(&f)).or_default().push(f),
                // How rejects are added up is free.
                Effect::Alert(a) if a.kind == AlertKind::InputRejected => {}
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
    pub(crate) fn difference(one: &Self, other: &Self) -> Option<String> {
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
    pub(crate) fn without_batches(mut self) -> Self {
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

    /// Only how everything ended: the standing of each order, its open parcel, and the levels.
    pub(crate) fn end_state(self) -> Self {
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

/// Everything in the order in which it came, each input a batch of its own.
pub(crate) fn run(core: &mut impl Core, inputs: &[Input]) -> View {
    let mut view = View::default();
    begin(core, inputs);
    for (step, input) in inputs.iter().enumerate() {
        let mut out = Effects::default();
        let now = core.now().max(input.arrival);
        let taken = core.apply(now, input.clone(), &mut out);
        core.levels(&mut out);
        view.taken.push(match taken {
            Taken::Applied => "applied".to_owned(),
            Taken::Refused { code, .. } => format!("{step} refused {code:?}"),
        });
        view.add(step, out);
    }
    finish(core, inputs.len(), &mut view);
    view
}

/// The same in batches of chance size, with ticks in between, up to the time of the next input that `whole`
/// says is taken.
pub(crate) fn run_cut(core: &mut impl Core, inputs: &[Input], whole: &View, seed: u64) -> View {
    let mut view = View::default();
    let mut draw = seed;
    begin(core, inputs);
    for (step, input) in inputs.iter().enumerate() {
        let mut out = Effects::default();
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let now = core.now().max(input.arrival);
        let room = match &input.body {
            Body::Event(_) if whole.taken[step] == "applied" => now.0 - core.now().0,
            _ => 0,
        };
        if (draw >> 33).is_multiple_of(2) {
            let some = i64::try_from(draw >> 34).expect("30 bits fit") % (room + 1);
            let early = core.now().plus(allotment::Millis(some));
            core.advance(early, &mut out);
        }
        core.apply(now, input.clone(), &mut out);
        if (draw >> 40).is_multiple_of(4) {
            core.levels(&mut out);
        }
        view.add(step, out);
    }
    finish(core, inputs.len(), &mut view);
    view
}

/// The same with a partition for each pool, between which only time is shared.
pub(crate) fn run_apart<C: Core>(new: impl Fn() -> C, inputs: &[Input]) -> (View, Vec<C>) {
    let mut view = View::default();
    let mut cores: BTreeMap<Id, C> = inputs.iter().map(|i| (i.pool.clone(), new())).collect();
    for core in cores.values_mut() {
        begin(core, inputs);
    }
    for (step, input) in inputs.iter().enumerate() {
        let mut out = Effects::default();
        let core = cores.get_mut(&input.pool).expect("each pool has its own");
        let now = core.now().max(input.arrival);
        core.apply(now, input.clone(), &mut out);
        let now = core.now();
        for core in cores.values_mut() {
            core.advance(now, &mut out);
            core.levels(&mut out);
        }
        view.add(step, out);
    }
    for core in cores.values_mut() {
        finish(core, inputs.len(), &mut view);
    }
    (view, cores.into_values().collect())
}

/// Lets time pass up to just before each deadline that the partition names: says what happened too early.
pub(crate) fn early_effects(core: &mut Partition, inputs: &[Input]) -> Option<String> {
    begin(core, inputs);
    for input in inputs {
        let now = core.now().max(input.arrival);
        while let Some(due) = core.next_deadline().filter(|due| *due <= now) {
            let mut early = Effects::default();
            core.advance(due.minus(allotment::Millis(1)), &mut early);
            if !early.list.is_empty() {
                return Some(format!("before {due:?}: {early:?}"));
            }
            core.advance(due, &mut early);
            if core.next_deadline().is_some_and(|next| next <= due) {
                return Some(format!("{due:?} is due again and again"));
            }
        }
        core.apply(now, input.clone(), &mut Effects::default());
    }
    None
}

fn begin(core: &mut impl Core, inputs: &[Input]) {
    let Some(first) = inputs.iter().map(|i| i.arrival).min() else { return };
    core.advance(first.minus(allotment::Millis(1)), &mut Effects::default());
}

fn finish(core: &mut impl Core, step: usize, view: &mut View) {
    let mut out = Effects::default();
    core.flush_alerts(&mut out);
    core.levels(&mut out);
    view.add(step, out);
}

/// Of a storm, what can be permuted without another answer being right: ample stock that stays, the orders'
/// own events without their repeats, all told within minutes, none handed over.
pub(crate) fn calm(inputs: &[Input]) -> Vec<Input> {
    let begin = inputs.iter().map(|i| i.arrival).min().unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut calm: Vec<Input> = Vec::new();
    for pool in inputs.iter().map(|i| i.pool.clone()).collect::<BTreeSet<_>>() {
        for sku in ["orange", "tea", "egg", "nothing"] {
            let what = What::Received(allotment::Received {
                sku: Id::new(sku),
                quantity: 100_000,
                lot_id: Id::new(&format!("ample-{sku}")),
                best_before: None,
                inspection: allotment::Inspection::Passed,
            });
            let event_id = Id::new(&format!("ample-{sku}"));
            let event = Event { platform: Id::new("stock"), event_id, occurred_at: begin, what };
            calm.push(Input { pool: pool.clone(), arrival: begin, body: Body::Event(event) });
        }
    }
    for input in inputs {
        let Body::Event(event) = &input.body else { continue };
        let fresh =
            seen.insert((input.pool.clone(), event.platform.clone(), event.event_id.clone()));
        let near = (event.occurred_at.0 - input.arrival.0).abs() < 3_600_000;
        if fresh && near && matches!(event.what, What::Order(_)) {
            calm.push(Input { arrival: begin, ..input.clone() });
        }
    }
    calm.retain(|i| matches!(&i.body, Body::Event(e) if (e.occurred_at.0 - begin.0) < 80_000_000));
    calm
}

/// The same events, each order's own in another order and some of them twice.
pub(crate) fn permuted(inputs: &[Input], seed: u64) -> Vec<Input> {
    let mut draw = seed;
    let mut keyed: Vec<(u64, Input)> = Vec::new();
    for input in inputs {
        let stock = !matches!(&input.body, Body::Event(e) if matches!(e.what, What::Order(_)));
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        keyed.push((if stock { 0 } else { draw >> 20 }, input.clone()));
        if draw.is_multiple_of(5) && !stock {
            keyed.push((draw >> 19, input.clone()));
        }
    }
    keyed.sort_by_key(|(key, _)| *key);
    keyed.into_iter().map(|(_, input)| input).collect()
}

/// An input in a line.
pub(crate) fn short(input: &Input) -> String {
    let at = input.arrival.0 - 1_795_348_800_000;
    match &input.body {
        Body::Rejected(r) => format!("{at:>9} {} rejected {r:?}", input.pool),
        Body::Event(e) => {
            let when = e.occurred_at.0 - 1_795_348_800_000;
            let what = match &e.what {
                What::Order(o) => {
                    let verb = match &o.verb {
                        OrderVerb::Snapshot { status: SnapshotStatus::Cancelled, .. } => {
                            "snapshot cancelled".into()
                        }
                        verb => format!("{verb:?}"),
                    };
                    format!("{} v{:?} {verb} ref {:?}", o.order_id, o.version, o.recipient_ref)
                }
                what => format!("{what:?}"),
            };
            format!("{at:>9} {} {}:{} at {when} {what}", input.pool, e.platform, e.event_id)
        }
    }
}

/// The words of a panic.
pub(crate) fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
        .unwrap_or_else(|| "?".to_owned())
}
