//! Runs of the allotment and of the reference model: whole, cut into batches, apart, calm, permuted.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};

use allotment::{
    Body, Effect, Effects, Event, Id, Input, OrderVerb, Partition, SnapshotStatus, What,
};
pub(crate) use simulator::view::{Core, View};

/// Everything in the order in which it came, each input a batch of its own.
pub(crate) fn run(core: &mut impl Core, inputs: &[Input]) -> View {
    let mut view = View::default();
    begin(core, inputs);
    for (step, input) in inputs.iter().enumerate() {
        let mut out = Effects::default();
        let now = core.now().max(input.arrival);
        let taken = core.apply(now, input.clone(), &mut out);
        core.levels(&mut out);
        view.took(step, taken);
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

/// All that a run tells, in order.
pub(crate) fn told(core: &mut impl Core, inputs: &[Input]) -> Vec<Effect> {
    let mut out = Effects::default();
    begin(core, inputs);
    for input in inputs {
        core.apply(core.now().max(input.arrival), input.clone(), &mut out);
        core.levels(&mut out);
    }
    core.flush_alerts(&mut out);
    out.list
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
        for sku in ["orange", "tea", "egg", "box", "mix", "nothing"] {
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
