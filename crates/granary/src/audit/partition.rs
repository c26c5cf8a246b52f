//! One partition of all topics: takes its records topic by topic, and at the end holds all against all.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{Body, Input, What};
use contract::{Arrival, Delivery, Topic, join};
use lane::{InputTopic, Record, Surplus, home};

use super::Rules;
use super::answers::{Answers, When};
use super::books::{Levels, Others};
use super::bundles::Bundles;
use super::crossing::Crossing;
use super::cut::{Cut, Span};
use super::ids::{self, Ids};
use super::journal::{Journal, Taking};
use super::letters::Letters;
use super::line::Lines;
use super::orders::{Orders, number_of};
use super::origin::Origin;
use super::outputs::{Alert, Decision, Fulfillment, Level};
use super::parcels::Parcels;
use super::report::{Check, Place, Report};
use super::shelf::{Habits, Shelf};

/// The order in which a partition's topics are read: first what was taken, then what came of it.
pub(crate) const ORDER: [Topic; 10] = [
    Topic::Journal,
    Topic::DeadLetter,
    Topic::Stock,
    Topic::Orders,
    Topic::Comments,
    Topic::Reroute,
    Topic::Decisions,
    Topic::Fulfillment,
    Topic::Alerts,
    Topic::Levels,
];

/// What is held of one partition while it is looked at.
#[derive(Debug)]
pub(crate) struct Partition<'a> {
    rules: &'a Rules,
    index: u32,
    cut: Cut,
    journal: Journal,
    letters: Letters,
    answers: Answers,
    orders: Orders,
    lines: Lines,
    parcels: Parcels,
    ids: Ids,
    levels: Levels,
    shelves: BTreeMap<String, Shelf>,
    /// The last number of each pool's alerts of a kind.
    alerts: BTreeMap<(String, String), u64>,
    /// Pools of which something came about while the topics were looked at.
    moving: BTreeSet<String>,
}

impl<'a> Partition<'a> {
    pub(crate) fn new(rules: &'a Rules, index: u32, cut: Cut) -> Self {
        Self {
            rules,
            index,
            cut,
            journal: Journal::default(),
            letters: Letters::default(),
            answers: Answers::default(),
            orders: Orders::default(),
            lines: Lines::default(),
            parcels: Parcels::default(),
            ids: Ids::default(),
            levels: Levels::default(),
            shelves: BTreeMap::new(),
            alerts: BTreeMap::new(),
            moving: BTreeSet::new(),
        }
    }

    /// Takes the next record of a topic; topics come in [`ORDER`], records in the order of their offsets.
    pub(crate) fn take(
        &mut self,
        topic: Topic,
        record: &Record,
        crossing: &mut Crossing,
        report: &mut Report,
    ) {
        let place = Place { topic, partition: self.index, offset: record.offset };
        match topic {
            Topic::Journal => self.journal.take(place, record, self.cut.span(topic), report),
            Topic::DeadLetter => self.letters.take(place, record, report),
            Topic::Reroute => self.input(InputTopic::Reroute, place, record, crossing, report),
            Topic::Stock => self.input(InputTopic::Stock, place, record, crossing, report),
            Topic::Orders => self.input(InputTopic::Orders, place, record, crossing, report),
            Topic::Comments => self.input(InputTopic::Comments, place, record, crossing, report),
            Topic::Decisions => self.decision(place, record, report),
            Topic::Fulfillment => self.fulfillment(place, record, report),
            Topic::Alerts => self.alert(place, record, report),
            Topic::Levels => self.level(place, record, report),
            Topic::Checkpoints => {}
        }
    }

    /// A topic was read to its end.
    pub(crate) fn end(&mut self, topic: Topic, report: &mut Report) {
        let span = self.cut.span(topic);
        let place = Place { topic, partition: self.index, offset: span.end };
        if topic == Topic::Journal {
            // A journal whose beginning is gone may say nothing of an input on which little comes.
            let cut = &self.cut;
            let has_records = |input: InputTopic| cut.span(input.topic()).end > 0;
            let lacking = |input| cut.is_trimmed(Topic::Journal) && has_records(input);
            self.journal.close(&cut.committed, lacking, place, report);
        } else if let Some(input) = InputTopic::ALL.into_iter().find(|input| input.topic() == topic)
        {
            self.journal.pass((input, None), place, span, report);
        }
        if self.cut.is_trimmed(topic) && topic != Topic::Journal {
            let name = topic.default_name().trim_start_matches("granary.");
            let why = format!("the beginning of {name}, which retention has removed");
            report.unproved(Check::ExactlyOnce, why);
        }
    }

    fn input(
        &mut self,
        input: InputTopic,
        place: Place,
        record: &Record,
        crossing: &mut Crossing,
        report: &mut Report,
    ) {
        let of = (input, None);
        self.journal.saw(of, place, self.cut.span(place.topic), report);
        let taking = self.journal.taking(of, record.offset);
        if taking == Taking::No {
            report.counts.not_yet_taken += 1;
            return;
        }
        report.counts.inputs += u64::from(taking == Taking::Sure);
        let origin = Origin::of(input, record, &self.rules.names[input], self.index);
        if origin.rerouted {
            crossing.arrived(origin.source.clone(), place, report);
        }
        let decoder = &self.rules.decoders[input];
        let arrival = Arrival::Record(origin.arrival);
        for delivery in
            decoder.decode(record.value.as_deref(), origin.content_type(record), arrival)
        {
            self.delivery(delivery, &origin, record, (place, taking), (crossing, report));
        }
    }

    /// Takes the next record of a partition that was added to an input: all of it must have been sent home.
    pub(crate) fn take_added(
        &mut self,
        (surplus, span): (Surplus, Span),
        record: &Record,
        crossing: &mut Crossing,
        report: &mut Report,
    ) {
        let Surplus { input, partition } = surplus;
        let (of, topic) = ((input, Some(partition)), input.topic());
        let place = Place { topic, partition, offset: record.offset };
        self.journal.saw(of, place, span, report);
        let mut taking = self.journal.taking(of, record.offset);
        if self.cut.is_trimmed(Topic::Journal) && self.journal.is_silent_of(of) {
            // The transactions that took it lie before a checkpoint.
            taking = Taking::Maybe;
            let why = format!(
                "what was taken of partition {partition} of {input}: the journal that is left does not say"
            );
            report.unproved(Check::ExactlyOnce, why);
        }
        if taking == Taking::No {
            report.counts.not_yet_taken += 1;
            return;
        }
        report.counts.inputs += u64::from(taking == Taking::Sure);
        let origin = Origin::of(input, record, &self.rules.names[input], partition);
        let arrival = Arrival::Record(origin.arrival);
        let (value, content_type) = (record.value.as_deref(), origin.content_type(record));
        for delivery in self.rules.decoders[input].decode(value, content_type, arrival) {
            crossing.left(origin.entry(delivery.entry), place, taking);
        }
    }

    /// A partition that was added to an input was read to its end.
    pub(crate) fn end_added(&mut self, (surplus, span): (Surplus, Span), report: &mut Report) {
        let Surplus { input, partition } = surplus;
        let place = Place { topic: input.topic(), partition, offset: span.end };
        self.journal.pass((input, Some(partition)), place, span, report);
    }

    fn delivery(
        &mut self,
        delivery: Delivery<'_>,
        origin: &Origin,
        record: &Record,
        (place, taking): (Place, Taking),
        (crossing, report): (&mut Crossing, &mut Report),
    ) {
        let source = origin.entry(delivery.entry);
        let pool = delivery.input.pool.as_str();
        let astray = !pool.is_empty() && home(pool, self.rules.partitions) != self.index;
        if astray && !origin.rerouted {
            return crossing.left(source, place, taking);
        }
        let bytes =
            if delivery.entry.is_some() { Some(delivery.bytes) } else { record.value.as_deref() };
        let code = match &delivery.rejection {
            _ if astray => Some(allotment::Code::OutOfRange),
            rejection => rejection.as_ref().map(|rejection| rejection.code),
        };
        let complete = !self.cut.is_trimmed(Topic::DeadLetter);
        let refused = self.letters.claim(&source, bytes, code, (place, taking, complete), report);
        if astray || self.letters.is_turned_away(&source) {
            return;
        }
        if taking == Taking::Maybe {
            self.moving.insert(pool.to_owned());
        }
        self.ask(&delivery.input, place, taking);
        if let Body::Event(event) = &delivery.input.body
            && !refused
        {
            let shelf = self.shelves.entry(pool.to_owned()).or_default();
            shelf.took(event, delivery.input.arrival.0, place.topic, self.rules.dedup_window);
        }
    }

    /// What an order's delivery asks for: an answer.
    fn ask(&mut self, input: &Input, place: Place, taking: Taking) {
        let (platform, order, event, occurred_at) = match &input.body {
            Body::Event(event) => match &event.what {
                What::Order(order) => {
                    (&event.platform, &order.order_id, event.event_id.as_str(), event.occurred_at)
                }
                _ => return,
            },
            Body::Rejected(rejected) => match &rejected.order {
                Some(order) => {
                    let event = order.event_id.as_ref().map_or("", |id| id.as_str());
                    (&order.platform, &order.order_id, event, input.arrival)
                }
                None => return,
            },
        };
        let when = When { arrival: input.arrival.0, occurred_at: occurred_at.0 };
        self.answers.delivered([&input.pool, platform, order, event], when, place, taking);
    }

    fn decision(&mut self, place: Place, record: &Record, report: &mut Report) {
        report.counts.decisions += 1;
        let Some(decision) = Decision::read(record, self.rules.output) else {
            return report.violation(Check::ExactlyOnce, place, "decision", "can't be read");
        };
        self.told(&decision.pool, place, report);
        if let Some(wrong) = ids::optional(record, &decision.id) {
            report.violation(Check::ExactlyOnce, place, &decision.id, wrong);
        }
        let complete = (!self.cut.lacks_input(), self.rules.dedup_window);
        self.answers.decided(&decision, place, complete, report);
        let complete = (!self.cut.is_trimmed(Topic::Decisions), self.rules.closed_retention);
        let (was, is) = self.orders.decided(&decision, place, complete, report);
        let (habits, none) = (self.habits(&decision.pool), Bundles::default());
        let bundles = self.shelves.get(&decision.pool).map_or(&none, |shelf| &shelf.bundles);
        self.lines.decided(&decision, (&was, &is), (habits, bundles), place, report);
    }

    fn fulfillment(&mut self, place: Place, record: &Record, report: &mut Report) {
        report.counts.fulfillments += 1;
        let Some(told) = Fulfillment::read(record, self.rules.output) else {
            return report.violation(Check::ExactlyOnce, place, "fulfillment", "can't be read");
        };
        self.told(told.pool(), place, report);
        let whole = !self.cut.is_trimmed(Topic::Fulfillment);
        if let Some(wrong) = self.ids.fulfillment(&told, record, whole) {
            report.violation(Check::ExactlyOnce, place, told.pool(), wrong);
        }
        let complete = (!self.cut.is_trimmed(Topic::Fulfillment), self.rules.closed_retention);
        self.parcels.told(told, place, complete, report);
    }

    /// Alerts of one kind are numbered through in each pool.
    fn alert(&mut self, place: Place, record: &Record, report: &mut Report) {
        report.counts.alerts += 1;
        let Some(alert) = Alert::read(record, self.rules.output) else {
            return report.violation(Check::ExactlyOnce, place, "alert", "can't be read");
        };
        self.told(&alert.pool, place, report);
        let mut wrong = |what: String| report.violation(Check::ExactlyOnce, place, &alert.id, what);
        let Some(number) = self.number_of_alert(&alert) else {
            return wrong("is not made of its pool and type".to_owned());
        };
        if let Some(what) = ids::required(record, &alert.id) {
            wrong(what);
        }
        let first = if self.cut.is_trimmed(Topic::Alerts) { number - 1 } else { 0 };
        let last = self.alerts.entry((alert.pool.clone(), alert.kind.clone())).or_insert(first);
        if last.checked_add(1) != Some(number) {
            wrong(format!("follows number {last} of its pool and type"));
        }
        *last = number.max(*last);
    }

    /// An alert of a pool is numbered by that; one of no pool by its partition, as its id says. By the rules before the fourth
    /// it did not, and partitions gave the same ids.
    fn number_of_alert(&self, alert: &Alert) -> Option<u64> {
        let Alert { id, pool, kind } = alert;
        let of_partition = || {
            let partition = self.index.to_string();
            pool.is_empty().then(|| number_of(id, &[pool, kind, &partition])).flatten()
        };
        of_partition().or_else(|| number_of(id, &[pool, kind]))
    }

    fn level(&mut self, place: Place, record: &Record, report: &mut Report) {
        report.counts.levels += 1;
        let Some(level) = Level::read(record, self.rules.output) else {
            let what = "can't be read, or has a negative term";
            return report.violation(Check::Conservation, place, "level", what);
        };
        self.told(&level.pool, place, report);
        let right = format!("{}/{}", join(&[&level.pool, &level.sku]), level.revision);
        if let Some(wrong) = ids::optional(record, &right) {
            report.violation(Check::ExactlyOnce, place, &right, wrong);
        }
        self.levels.told(level, record.key.as_deref(), place, report);
    }

    /// A pool told something.
    fn told(&mut self, pool: &str, place: Place, report: &mut Report) {
        // Input of no pool is told where it was found.
        if !pool.is_empty() && home(pool, self.rules.partitions) != self.index {
            let what = "the pool's home is another partition";
            report.violation(Check::ExactlyOnce, place, pool, what);
        }
        if place.offset >= self.cut.span(place.topic).settled && !self.moving.contains(pool) {
            self.moving.insert(pool.to_owned());
        }
    }

    fn habits(&self, pool: &str) -> Habits {
        if self.cut.lacks_input() {
            return Habits {
                partial: true,
                loses: true,
                claims: true,
                preempts: true,
                shapes: true,
            };
        }
        self.shelves.get(pool).map(|shelf| shelf.habits).unwrap_or_default()
    }

    /// Everything was read.
    pub(crate) fn close(self, report: &mut Report) {
        let trimmed = |topic| self.cut.is_trimmed(topic);
        self.letters.close(!self.cut.lacks_input(), report);
        self.answers.close(!trimmed(Topic::Decisions), report);
        let settled = |pool: &str| !self.moving.contains(pool);
        let needed = [Topic::Fulfillment, Topic::Decisions, Topic::DeadLetter];
        let whole = !self.cut.lacks_input() && !needed.into_iter().any(trimmed);
        self.parcels.close(&self.orders, &self.shelves, (whole, &settled), report);
        self.lines.close(
            &self.orders,
            settled,
            |pool, sku, platform| self.levels.can_have(pool, sku, platform),
            |pool| self.habits(pool),
            (self.index, report),
        );
        report.counts.orders +=
            self.orders.pools.values().map(|orders| orders.len() as u64).sum::<u64>();
        let pools: BTreeSet<&String> =
            self.shelves.keys().chain(self.orders.pools.keys()).collect();
        for pool in pools {
            let habits = self.habits(pool);
            if habits.partial && habits.loses {
                let why =
                    "pools that fill in part and lose stock: what who waits holds is not told";
                report.unproved(Check::FirstComeFirstServed, why);
            }
            if habits.claims {
                let why = "pools whose comments hold stock: who took over a claim, and what claims hold, is not told";
                report.unproved(Check::FirstComeFirstServed, why);
                report.unproved(Check::Conservation, why);
            }
            if !settled(pool) {
                let why = "the end state of pools that changed while they were looked at";
                report.unproved(Check::Conservation, why);
            } else if !whole {
                let why = "pools whose last levels can't be held against orders and stock events, of which retention has removed the beginning";
                report.unproved(Check::Conservation, why);
            } else {
                let empty = Shelf::default();
                let shelf = self.shelves.get(pool).unwrap_or(&empty);
                let of = Others { shelf, orders: &self.orders, parcels: &self.parcels };
                let end = self.cut.span(Topic::Levels).end;
                let place = Place { topic: Topic::Levels, partition: self.index, offset: end };
                self.levels.close_pool(pool, &of, place, report);
            }
        }
    }
}
