//! Decides again what was taken in, and keeps what concerns one order.

use std::collections::{BTreeMap, BTreeSet};

use allotment::{
    Asks, Body, Decision, Effect, Effects, Event, Fulfillment, Id, Input, OrderRef, Outcome,
    Partition, Reason, Settings, Taken, Time, What,
};
use contract::proto::output::Books;
use contract::{Encoder, Encoding, Language, Rejection, words};

use crate::audit::Level;

use super::{Became, Chapter, Heard, Place, Step, Telling, short_by, waits};

/// Keeps the story of one order while it decides.
#[derive(Debug)]
pub(crate) struct Teller {
    core: Partition,
    subject: OrderRef,
    /// Makes of effects what is on the topics.
    encoder: Encoder,
    chapters: BTreeMap<Id, Chapter>,
    /// Whose it is in each pool, by its last event that said so: the platform's buyer, and a person.
    owners: BTreeMap<Id, Owner>,
    /// Levels that were told (revision and books), by pool and SKU, and which of them were met.
    expected: BTreeMap<(Id, Id), (u64, Option<Books>)>,
    met: BTreeSet<(Id, Id)>,
}

#[derive(Debug, Default)]
struct Owner {
    buyer_id: Option<Id>,
    person_ref: Option<Id>,
}

/// What was found: the chapters, and the SKUs whose told level was met on the way.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) chapters: BTreeMap<Id, Chapter>,
    pub(crate) met: BTreeSet<(Id, Id)>,
}

impl Teller {
    /// Begins with nothing. `expected`: levels that were told, to be met on the way.
    pub(crate) fn new(
        settings: Settings,
        subject: OrderRef,
        language: Language,
        expected: impl IntoIterator<Item = Level>,
    ) -> Self {
        let encoder = Encoder { encoding: Encoding::Json, language, ..Encoder::default() };
        let keyed = |level: Level| {
            let key = (Id::new(&level.pool), Id::new(&level.sku));
            (key, (level.revision, level.books))
        };
        Self {
            core: Partition::new(settings),
            subject,
            encoder,
            chapters: BTreeMap::new(),
            owners: BTreeMap::new(),
            expected: expected.into_iter().map(keyed).collect(),
            met: BTreeSet::new(),
        }
    }

    /// Time as the partition knows it.
    pub(crate) const fn now(&self) -> Time {
        self.core.now()
    }

    /// Lets time pass, deadline by deadline: what is told of each is what was so then.
    pub(crate) fn pass(&mut self, now: Time) {
        while let Some(deadline) = self.core.next_deadline().filter(|deadline| *deadline <= now) {
            self.advance(deadline);
        }
        self.advance(now);
    }

    fn advance(&mut self, now: Time) {
        let mut effects = Effects::default();
        self.core.advance(now.max(self.core.now()), &mut effects);
        self.tell_by_time(effects.list);
        self.meet_levels();
    }

    /// Takes what a lane took. `arrival` is no later than the lane's clock was.
    pub(crate) fn take(
        &mut self,
        place: Place,
        arrival: Time,
        input: Input,
        rejection: Option<Rejection>,
    ) {
        let pool = input.pool.clone();
        let mut heard = self.hear(place, &input);
        // What is no event does not move time, nor does one that is refused.
        let now = if rejection.is_some() { self.core.now() } else { arrival.max(self.core.now()) };
        if rejection.is_none() && self.core.takes(now, &input) {
            self.pass(now);
        }
        let before = self.core.asks(&pool, &self.subject);
        let claims = if heard.own { self.claims(&input) } else { Vec::new() };
        let mut effects = Effects::default();
        let taken = self.core.apply(now, input, &mut effects);
        let of_input = effects.list;
        heard.became = became(taken, rejection, of_input.iter().filter_map(|of| self.answer(of)));
        if heard.own || of_input.iter().any(|effect| self.concerns(effect)) {
            self.chapter(&pool).steps.push(Step::Event(heard));
        }
        self.tell_claims(&pool, claims);
        let passed = before.and_then(|before| self.passed_over(&pool, &before, &of_input));
        for effect in of_input {
            self.tell(effect);
        }
        if let Some(step) = passed {
            self.chapter(&pool).steps.push(step);
        }
        self.meet_levels();
    }

    /// What comments hold for whom an own event of the order says it is.
    fn claims(&mut self, input: &Input) -> Vec<(Id, u64)> {
        if let Body::Event(Event { what: What::Order(order), .. }) = &input.body {
            let owner = self.owners.entry(input.pool.clone()).or_default();
            owner.buyer_id = order.buyer_id.clone().or_else(|| owner.buyer_id.take());
            owner.person_ref = order.person_ref.clone().or_else(|| owner.person_ref.take());
        }
        self.claims_left(&input.pool)
    }

    fn claims_left(&self, pool: &Id) -> Vec<(Id, u64)> {
        let Some(Owner { buyer_id, person_ref }) = self.owners.get(pool) else { return Vec::new() };
        let platform = &self.subject.platform;
        self.core.claims(pool, platform, buyer_id.as_ref(), person_ref.as_ref())
    }

    /// An own event ends no claim but those that its order takes over.
    fn tell_claims(&mut self, pool: &Id, mut claims: Vec<(Id, u64)>) {
        if claims.is_empty() {
            return;
        }
        let left = self.claims_left(pool);
        claims.retain(|claim| !left.contains(claim));
        if !claims.is_empty() {
            let now = self.core.now();
            self.chapter(pool).steps.push(Step::TookOver(now, claims));
        }
    }

    /// Tells at once what alerts are still adding up; for the end of a file.
    pub(crate) fn flush(&mut self) {
        let mut effects = Effects::default();
        self.core.flush_alerts(&mut effects);
        self.tell_by_time(effects.list);
    }

    /// The end of the story.
    pub(crate) fn finish(self) -> Found {
        let tidied = |(pool, chapter): (Id, Chapter)| {
            let account = self.core.account(&pool, &self.subject);
            (pool, Chapter { account, ..chapter.tidied() })
        };
        Found { chapters: self.chapters.into_iter().map(tidied).collect(), met: self.met }
    }

    fn chapter(&mut self, pool: &Id) -> &mut Chapter {
        self.chapters.entry(pool.clone()).or_insert_with(|| Chapter::new(pool.clone()))
    }

    fn tell_by_time(&mut self, effects: Vec<Effect>) {
        let mut told: BTreeMap<Id, Time> = BTreeMap::new();
        for effect in effects {
            if self.concerns(&effect) {
                let (pool, at) = (pool_of(&effect).clone(), instant(&effect));
                if told.insert(pool.clone(), at) != Some(at) {
                    self.chapter(&pool).steps.push(Step::Then(at, None));
                }
                self.tell(effect);
            }
        }
    }

    fn tell(&mut self, effect: Effect) {
        if !self.concerns(&effect) {
            return;
        }
        let (pool, at) = (pool_of(&effect).clone(), instant(&effect));
        let (mut short, mut limits) = (Vec::new(), Vec::new());
        if let Effect::Decision(decision) = &effect
            && gets_less(decision)
            && let Some(account) = self.core.account(&pool, &self.subject)
        {
            // Whoever is over a limit was not asked what he needs.
            if decision.reason == Reason::Limit {
                limits = account.limits;
            } else {
                short = account.needs;
                short.retain(|need| !need.known || short_by(need) > 0);
            }
        }
        // What is told of an order has a pool, so that its ids do not depend on the partition.
        let record = self.encoder.encode(0, &effect);
        let bytes = record.value.expect("what is told has a value");
        let mut value = serde_json::from_slice(&bytes).expect("the encoder writes JSON");
        super::told::cut_to(&mut value, &self.subject);
        let topic = record.topic;
        let telling = Telling { topic, value, at, short, limits };
        self.chapter(&pool).steps.push(Step::Telling(telling));
    }

    /// Whether it is told of the order.
    fn concerns(&self, effect: &Effect) -> bool {
        let is = |platform: &Id, order_id: &Id| {
            *platform == self.subject.platform && *order_id == self.subject.order_id
        };
        match effect {
            Effect::Decision(of) => is(&of.platform, &of.order_id),
            Effect::Fulfillment(Fulfillment::Requested(of) | Fulfillment::Revised(of)) => {
                is(&of.platform, &of.order_id)
            }
            Effect::Fulfillment(Fulfillment::Cancelled(of)) => is(&of.platform, &of.order_id),
            Effect::Fulfillment(Fulfillment::Manifest(of)) => {
                of.parcels.iter().any(|parcel| is(&parcel.platform, &parcel.order_id))
            }
            Effect::Alert(of) => of.orders.iter().any(|order| is(&order.platform, &order.order_id)),
            Effect::Level(_) => false,
        }
    }

    /// The outcome that an effect tells, if it is an answer to the order.
    fn answer(&self, effect: &Effect) -> Option<Outcome> {
        match effect {
            Effect::Decision(decision) if self.concerns(effect) => Some(decision.outcome),
            _ => None,
        }
    }

    fn hear(&self, place: Place, input: &Input) -> Heard {
        let arrival = (input.arrival != Time::MIN).then_some(input.arrival);
        let nothing = Heard {
            place,
            arrival,
            occurred_at: None,
            kind: None,
            platform: None,
            event_id: None,
            own: false,
            became: Became::Taken,
        };
        match &input.body {
            Body::Event(event) => Heard {
                occurred_at: Some(event.occurred_at),
                kind: Some(words::event(&event.what)),
                platform: Some(event.platform.clone()),
                event_id: Some(event.event_id.clone()),
                own: self.is_named(&input.pool, event),
                ..nothing
            },
            Body::Rejected(rejected) => match &rejected.order {
                Some(order) => Heard {
                    platform: Some(order.platform.clone()),
                    event_id: order.event_id.clone(),
                    own: order.platform == self.subject.platform
                        && order.order_id == self.subject.order_id,
                    ..nothing
                },
                None => nothing,
            },
        }
    }

    fn is_named(&self, pool: &Id, event: &Event) -> bool {
        let OrderRef { platform, order_id } = &self.subject;
        match &event.what {
            What::Order(order) => event.platform == *platform && order.order_id == *order_id,
            What::HandedOver(of) => {
                let parcels = contract::join(&[pool, platform, order_id]) + "/";
                of.orders.contains(&self.subject)
                    || of.parcels.iter().any(|of| of.fulfillment_id.starts_with(&parcels))
            }
            _ => false,
        }
    }

    /// Whether others behind the order got what it waited for, and waits for still.
    fn passed_over(&self, pool: &Id, before: &Asks, effects: &[Effect]) -> Option<Step> {
        if !waits(before.standing) {
            return None;
        }
        let Asks { standing, place, lacks, .. } = self.core.asks(pool, &self.subject)?;
        if !waits(standing) {
            return None;
        }
        let behind = |decision: &&Decision| {
            let other = OrderRef::new(&decision.platform, &decision.order_id);
            let Some(asks) = self.core.asks(pool, &other) else { return false };
            let serves = |(sku, _): &(Id, u64)| lacks.iter().any(|(lacked, _)| lacked == sku);
            other != self.subject && asks.place > place && asks.needs.iter().any(serves)
        };
        let decisions = effects.iter().filter_map(|effect| match effect {
            Effect::Decision(decision) if gets_stock(decision) => Some(decision),
            _ => None,
        });
        let orders = decisions.filter(behind).count();
        let now = self.core.now();
        (orders > 0).then_some(Step::PassedOver { at: now, until: now, orders, lacks })
    }

    fn meet_levels(&mut self) {
        let mut levels = Effects::default();
        self.core.levels(&mut levels);
        for effect in levels.list {
            let Effect::Level(level) = effect else { continue };
            let key = (level.pool.clone(), level.sku.clone());
            let now = (level.revision, level.books.map(Books::from));
            if self.expected.get(&key) == Some(&now) {
                self.met.insert(key);
            }
        }
    }
}

fn became(
    taken: Taken,
    rejection: Option<Rejection>,
    mut answers: impl Iterator<Item = Outcome>,
) -> Became {
    if let Some(Rejection { code, message }) = rejection {
        return Became::DeadLetter { code, message };
    }
    if let Taken::Refused { code, about } = taken {
        return Became::DeadLetter { code, message: about.to_owned() };
    }
    match answers.next() {
        Some(Outcome::Duplicate) => Became::Duplicate,
        Some(Outcome::Conflict) => Became::Conflict,
        _ => Became::Applied,
    }
}

/// Whether a decision gives its order stock that it did not have: whoever pays for what he holds already gets
/// nothing by it.
const fn gets_stock(decision: &Decision) -> bool {
    matches!(decision.outcome, Outcome::Reserved | Outcome::Allocated)
        && (matches!(decision.reason, Reason::Promoted)
            || (decision.number == 1 && matches!(decision.reason, Reason::Ok)))
}

/// Whether a decision says that the order gets less than it asks for.
const fn gets_less(decision: &Decision) -> bool {
    matches!(decision.outcome, Outcome::Waitlisted | Outcome::Backordered | Outcome::Refused)
}

const fn pool_of(effect: &Effect) -> &Id {
    match effect {
        Effect::Decision(of) => &of.pool,
        Effect::Fulfillment(Fulfillment::Requested(of) | Fulfillment::Revised(of)) => &of.pool,
        Effect::Fulfillment(Fulfillment::Cancelled(of)) => &of.pool,
        Effect::Fulfillment(Fulfillment::Manifest(of)) => &of.pool,
        Effect::Alert(of) => &of.pool,
        Effect::Level(of) => &of.pool,
    }
}

const fn instant(effect: &Effect) -> Time {
    match effect {
        Effect::Decision(of) => of.decided_at,
        Effect::Fulfillment(Fulfillment::Requested(of) | Fulfillment::Revised(of)) => {
            of.requested_at
        }
        Effect::Fulfillment(Fulfillment::Cancelled(of)) => of.cancelled_at,
        Effect::Fulfillment(Fulfillment::Manifest(of)) => of.told_at,
        Effect::Alert(of) => of.raised_at,
        Effect::Level(of) => of.as_of,
    }
}
