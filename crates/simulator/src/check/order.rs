//! What had to happen: the inputs in the order that the journal says, through the allotment and through the
//! reference model. Written apart from the lane, from the contract's words: slow, and with nothing but what
//! an outsider can read.

use std::collections::BTreeMap;

use allotment::{Body, Code, Effect, Effects, Input, Partition, Rejected, Taken, Time};
use contract::{Arrival, Decoder, Delivery, Encoding, Header, Outgoing, Source, Topic, headers};
use lane::{InputTopic, JournalRecord, PerInput, Settings, home};

use super::history::{History, OfPartition};
use crate::kafka::{Committed, Message, Place};
use crate::reference::Reference;
use crate::view::View;

/// The headers of a record that was sent home, as the lane's own page has them.
const ARRIVAL: &str = "granary-arrival";
const ENCODING: &str = "granary-encoding";

const DAY_MS: i64 = 86_400_000;

/// No record is older.
const YEAR_2000_MS: i64 = 946_684_800_000;

/// What had to come of everything.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) partitions: Vec<Walked>,
}

/// What had to come of a partition's inputs.
#[derive(Debug)]
pub(super) struct Walked {
    pub(super) index: u32,
    /// One for each transaction.
    pub(super) steps: Vec<Step>,
    pub(super) allotment: View,
    pub(super) reference: View,
    pub(super) now: Time,
    pub(super) reference_now: Time,
    pub(super) next_deadline: Option<Time>,
}

/// What had to come of a transaction.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) told: BTreeMap<Place, Vec<Outgoing>>,
    pub(super) digest: u128,
    pub(super) events: u64,
    /// The partition's time after it.
    pub(super) now: Time,
}

impl Walk {
    /// Takes all that the journal says was taken.
    pub(super) fn new(history: &History<'_>, settings: &Settings) -> Self {
        let partitions = history.partitions.len() as u32;
        let walk = |of: &OfPartition<'_>| Walker::new(of.index, partitions, settings).walk(of);
        Self { partitions: history.partitions.iter().map(walk).collect() }
    }
}

struct Walker<'a> {
    index: u32,
    partitions: u32,
    settings: &'a Settings,
    decoder: Decoder,
    core: Partition,
    reference: Reference,
    views: (View, View),
    steps: Vec<Step>,
    step: Step,
    events: u64,
    count: usize,
}

impl<'a> Walker<'a> {
    fn new(index: u32, partitions: u32, settings: &'a Settings) -> Self {
        let decoder = Decoder::default().with_time_zone(&settings.time_zone);
        Self {
            index,
            partitions,
            settings,
            decoder: decoder.expect("the lanes know the time zone"),
            core: Partition::new(settings.allotment),
            reference: Reference::new(settings.allotment),
            views: (View::default(), View::default()),
            steps: Vec::new(),
            step: Step::default(),
            events: 0,
            count: 0,
        }
    }

    fn walk(mut self, partition: &OfPartition<'_>) -> Walked {
        for transaction in &partition.transactions {
            let record = &transaction.record;
            if let Some(time) = record.followed {
                self.advance(time);
            }
            for (input, committed) in in_order(record, &partition.inputs) {
                self.take((record.clock, record.until), input, committed);
            }
            self.levels();
            self.step.digest = self.core.digest();
            self.step.events = self.events;
            self.step.now = self.core.now();
            self.steps.push(std::mem::take(&mut self.step));
        }
        Walked {
            index: self.index,
            steps: self.steps,
            allotment: self.views.0,
            reference: self.views.1,
            now: self.core.now(),
            reference_now: self.reference.now(),
            next_deadline: self.core.next_deadline(),
        }
    }

    /// One record: its events one by one, here or on their way home.
    fn take(
        &mut self,
        (clock, until): (Time, Option<Time>),
        input: InputTopic,
        committed: &Committed<'_>,
    ) {
        let message = committed.message;
        let arrival = reached(input, message).min(clock);
        let now = arrival.min(until.unwrap_or(Time::NEVER));
        if self.core.now() == Time::MIN {
            self.advance(now);
        }
        let rerouted = input == InputTopic::Reroute && header(message, ARRIVAL).is_some();
        let read_as = if rerouted { header(message, ENCODING) } else { None };
        let content_type = read_as.or_else(|| header(message, headers::CONTENT_TYPE));
        let decoder = self.decoder.clone().with_default_encoding(self.settings.encodings[input]);
        let value = message.value.as_deref();
        for delivery in decoder.decode(value, content_type, Arrival::Record(arrival)) {
            let pool = &delivery.input.pool;
            let to = if pool.is_empty() { self.index } else { home(pool, self.partitions) };
            let from = From { input, committed, rerouted, content_type, clock };
            if to == self.index {
                self.settle(now, delivery, &from);
            } else if rerouted {
                self.settle(now, self.astray(delivery, to), &from);
            } else {
                let reading = from.reading(delivery.entry, self.settings.encodings[input]);
                let sent = from.sent_home(&delivery, arrival, reading, self.index, self.settings);
                self.tell(to, sent);
            }
        }
    }

    /// What was rerouted to a place that is not its home either is nobody's.
    fn astray<'d>(&self, delivery: Delivery<'d>, to: u32) -> Delivery<'d> {
        let message = format!("rerouted to partition {}, but the pool's home is {to}", self.index);
        let code = Code::OutOfRange;
        let body = Body::Rejected(Rejected { code, order: None });
        let input = Input { pool: allotment::Id::default(), arrival: delivery.input.arrival, body };
        Delivery { input, rejection: Some(contract::Rejection { code, message }), ..delivery }
    }

    fn settle(&mut self, arrival: Time, delivery: Delivery<'_>, from: &From<'_>) {
        self.events += 1;
        self.count += 1;
        let Delivery { entry, bytes, input, rejection } = delivery;
        let now = if rejection.is_some() { self.core.now() } else { arrival.max(self.core.now()) };
        let (mut told, mut reference) = (Effects::default(), Effects::default());
        let times = times(&input);
        let same = self.reference.apply(now, input.clone(), &mut reference);
        let taken = self.core.apply(now, input, &mut told);
        self.views.0.took(self.count, taken);
        self.views.1.took(self.count, same);
        let refused = match (rejection, taken) {
            (Some(why), _) => Some((why.code, why.message)),
            (None, Taken::Refused { code, about }) => {
                let odd = times.filter(|times| is_odd(*times, from.clock));
                let odd = odd.filter(|_| matches!(code, Code::Future | Code::Stale));
                let why = odd.map_or_else(|| about.to_owned(), in_words);
                Some((code, format!("{}: {why}", code.as_str())))
            }
            (None, Taken::Applied) => None,
        };
        if let Some((code, why)) = refused {
            let source = from.source(entry, self.index, self.settings);
            let message = from.committed.message;
            let bytes = if entry.is_some() { Some(bytes) } else { message.value.as_deref() };
            let (key, own) = (message.key.as_deref(), from.own_headers());
            let encoder = &self.settings.encoder;
            let letter = encoder.dead_letter(&source, key, &own, bytes, code, &why);
            self.tell(self.index, letter);
        }
        let by_input = told.list.split_off(self.core.told_by_time());
        let trace = header(from.committed.message, headers::TRACEPARENT).map(<[u8]>::to_vec);
        self.tell_all(&told.list, None);
        self.tell_all(&by_input, trace.as_deref());
        told.list.extend(by_input);
        self.views.0.add(self.count, told);
        self.views.1.add(self.count, reference);
    }

    fn advance(&mut self, time: Time) {
        self.count += 1;
        let (mut told, mut reference) = (Effects::default(), Effects::default());
        self.core.advance(time.max(self.core.now()), &mut told);
        self.reference.advance(time.max(self.reference.now()), &mut reference);
        self.tell_all(&told.list, None);
        self.views.0.add(self.count, told);
        self.views.1.add(self.count, reference);
    }

    fn levels(&mut self) {
        let (mut told, mut reference) = (Effects::default(), Effects::default());
        self.core.levels(&mut told);
        self.reference.levels(&mut reference);
        self.tell_all(&told.list, None);
        self.views.0.add(self.count, told);
        self.views.1.add(self.count, reference);
    }

    fn tell_all(&mut self, effects: &[Effect], trace: Option<&[u8]>) {
        for effect in effects {
            let mut record = self.settings.encoder.encode(self.index, effect);
            record.headers.extend(trace.map(|trace| Header::new(headers::TRACEPARENT, trace)));
            self.tell(self.index, record);
        }
    }

    fn tell(&mut self, partition: u32, record: Outgoing) {
        self.step.told.entry((record.topic, partition)).or_default().push(record);
    }
}

/// What a transaction took, in order: of the inputs' first records always the one that arrived first, where
/// the clock caps arrivals, then by topic.
fn in_order<'h, 'a>(
    record: &JournalRecord,
    inputs: &'h PerInput<Vec<Committed<'a>>>,
) -> Vec<(InputTopic, &'h Committed<'a>)> {
    let mut queues: Vec<(InputTopic, Vec<&Committed<'a>>)> = Vec::new();
    for input in [InputTopic::Comments, InputTopic::Orders, InputTopic::Stock, InputTopic::Reroute]
    {
        let Some(range) = record.taken[input] else { continue };
        let inside = |one: &&Committed<'a>| one.offset >= range.from && one.offset < range.to;
        let mut queue: Vec<_> = inputs[input].iter().filter(inside).collect();
        queue.reverse();
        queues.push((input, queue));
    }
    let mut order = Vec::new();
    loop {
        let mut best: Option<(Time, usize)> = None;
        for (at, (input, queue)) in queues.iter().enumerate() {
            let Some(first) = queue.last() else { continue };
            let arrival = reached(*input, first.message).min(record.clock);
            // The topics lie in the opposite of the contract's order, so the last of equals wins.
            if best.is_none_or(|(earliest, _)| arrival <= earliest) {
                best = Some((arrival, at));
            }
        }
        let Some((_, at)) = best else { return order };
        let (input, queue) = &mut queues[at];
        order.extend(queue.pop().map(|first| (*input, first)));
    }
}

/// When a record reached us: on its first topic, if it was rerouted. What can't be is as if it was in the future.
pub(super) fn reached(input: InputTopic, message: &Message) -> Time {
    let written = if input == InputTopic::Reroute { text(message, ARRIVAL) } else { None };
    let said = written.and_then(|text| text.parse().ok()).map_or(message.timestamp, Time);
    if said.0 < YEAR_2000_MS { Time::NEVER } else { said }
}

/// Where a delivery came from.
struct From<'a> {
    input: InputTopic,
    committed: &'a Committed<'a>,
    rerouted: bool,
    content_type: Option<&'a [u8]>,
    /// Of the transaction that took it.
    clock: Time,
}

impl<'a> From<'a> {
    fn source(&self, entry: Option<u32>, index: u32, settings: &'a Settings) -> Source<'a> {
        let message = self.committed.message;
        let told = |name| text(message, name).filter(|_| self.rerouted);
        let number = |name| told(name).and_then(|text| text.parse::<i64>().ok());
        let partition = number(headers::SOURCE_PARTITION).and_then(|n| i32::try_from(n).ok());
        let own = number(headers::SOURCE_ENTRY).and_then(|n| u32::try_from(n).ok());
        Source {
            topic: told(headers::SOURCE_TOPIC).unwrap_or(&settings.names[self.input]),
            partition: partition.unwrap_or(index.cast_signed()),
            offset: number(headers::SOURCE_OFFSET).unwrap_or(self.committed.offset),
            entry: entry.or(own),
        }
    }

    /// The headers as the sender set them.
    fn own_headers(&self) -> Vec<(&'a str, Option<&'a [u8]>)> {
        let list = self.committed.message.headers.iter();
        list.filter(|header| !(self.rerouted && is_set_by_reroute(&header.name)))
            .map(|header| (header.name.as_ref(), header.value.as_deref()))
            .collect()
    }

    /// How it was read; an entry of an array is JSON.
    fn reading(&self, entry: Option<u32>, default: Encoding) -> Encoding {
        let named = self.content_type.and_then(Encoding::of_content_type);
        if entry.is_some() { Encoding::Json } else { named.unwrap_or(default) }
    }

    fn sent_home(
        &self,
        delivery: &Delivery<'_>,
        reached: Time,
        reading: Encoding,
        index: u32,
        settings: &Settings,
    ) -> Outgoing {
        let message = self.committed.message;
        let kept = message.headers.iter().filter(|header| !is_set_by_reroute(&header.name));
        let mut list: Vec<Header> = kept.cloned().collect();
        let Source { topic, partition, offset, entry } =
            self.source(delivery.entry, index, settings);
        list.push(Header::new(ARRIVAL, reached.0.to_string()));
        list.push(Header::new(ENCODING, reading.content_type()));
        list.push(Header::new(headers::SOURCE_TOPIC, topic));
        list.push(Header::new(headers::SOURCE_PARTITION, partition.to_string()));
        list.push(Header::new(headers::SOURCE_OFFSET, offset.to_string()));
        list.extend(entry.map(|entry| Header::new(headers::SOURCE_ENTRY, entry.to_string())));
        let (key, value) = (message.key.clone(), Some(delivery.bytes.to_vec()));
        Outgoing { topic: Topic::Reroute, key, headers: list, value }
    }
}

/// When an event arrived by its record, and when it occurred.
const fn times(input: &Input) -> Option<(Time, Time)> {
    match &input.body {
        Body::Event(event) => Some((input.arrival, event.occurred_at)),
        Body::Rejected(_) => None,
    }
}

/// It would not be from the future now, and is from more than a day after its record says that it arrived.
const fn is_odd((arrived, occurred): (Time, Time), clock: Time) -> bool {
    occurred.0 > arrived.0.saturating_add(DAY_MS) && occurred.0 <= clock.0.saturating_add(DAY_MS)
}

fn in_words((arrived, occurred): (Time, Time)) -> String {
    let (arrived, occurred) = (contract::rfc3339(arrived), contract::rfc3339(occurred));
    format!(
        "occurred_at is {occurred}, and the timestamp of the Kafka record is {arrived}, long before it. Where the record's is wrong: its producer must send the present time in milliseconds, or none"
    )
}

fn is_set_by_reroute(name: &str) -> bool {
    let source = [
        headers::SOURCE_TOPIC,
        headers::SOURCE_PARTITION,
        headers::SOURCE_OFFSET,
        headers::SOURCE_ENTRY,
    ];
    name == ARRIVAL || name == ENCODING || source.contains(&name)
}

fn header<'a>(message: &'a Message, name: &str) -> Option<&'a [u8]> {
    message.headers.iter().rev().find(|header| header.name == name)?.value.as_deref()
}

fn text<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    header(message, name).and_then(|bytes| std::str::from_utf8(bytes).ok())
}
