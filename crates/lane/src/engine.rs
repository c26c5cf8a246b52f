//! The lane's inner half, without journal or Kafka: a record goes in, decisions go out.
//!
//! It is shared by the live lane, by the replay and by `granary process`, so that all three decide alike.

use allotment::{
    Body, Code, Effects, Input, Page, Partition, TOO_MANY_POOLS, Taken, Time, bounds::FUTURE_MAX,
};
use contract::{
    Arrival, Decoder, Delivery, Encoder, Encoding, Rejection, TRACE_BYTES_MAX, headers, words,
};

use crate::merge_queue::Held;
use crate::outputs::Outputs;
use crate::reroute::{self, Origin};
use crate::{InputTopic, PerInput, Surplus, home};

/// How a deployment reads and writes.
#[derive(Clone, Debug)]
pub(crate) struct Codec {
    /// Reads the records of each input.
    pub(crate) decoders: PerInput<Decoder>,
    /// What the records of each input are that name no encoding.
    pub(crate) encodings: PerInput<Encoding>,
    /// Writes what is emitted.
    pub(crate) encoder: Encoder,
    /// The names of the input topics, for the headers that name a source.
    pub(crate) names: PerInput<String>,
}

/// One partition's state, and the way through it.
#[derive(Debug)]
pub(crate) struct Engine {
    core: Partition,
    /// Which partition it is.
    index: u32,
    /// Of how many.
    partitions: u32,
    events: u64,
}

impl Engine {
    pub(crate) fn new(settings: allotment::Settings, index: u32, partitions: u32) -> Self {
        assert!(index < partitions, "a partition is one of its topic's");
        Self { core: Partition::new(settings), index, partitions, events: 0 }
    }

    /// A partition that was loaded from a checkpoint.
    pub(crate) fn loaded(core: Partition, index: u32, partitions: u32, events: u64) -> Self {
        assert!(index < partitions, "a partition is one of its topic's");
        Self { core, index, partitions, events }
    }

    /// From here on an hour may bring so many new pools.
    pub(crate) const fn allow_pools(&mut self, an_hour: u32) {
        self.core.allow_pools(an_hour);
    }

    /// How many new pools an hour may bring.
    pub(crate) const fn new_pools(&self) -> u32 {
        self.core.pools_allowed()
    }

    /// From here on [`Engine::next_pages`] gives the partition as it is now.
    pub(crate) fn freeze(&mut self) {
        self.core.freeze();
    }

    /// The next pages that have changed; none when all were given.
    pub(crate) fn next_pages(&mut self, bytes: usize) -> Vec<Page> {
        self.core.next_pages(bytes)
    }

    /// Every page counts as changed.
    pub(crate) fn touch_all(&mut self) {
        self.core.touch_all();
    }

    /// Takes a record: each event in it that is at home here has its effect, the others are sent home. An arrival
    /// counts as no later than `clock`, and brings time no further than `until`.
    pub(crate) fn take(
        &mut self,
        input: InputTopic,
        held: &Held,
        (clock, until): (Time, Option<Time>),
        codec: &Codec,
        out: &mut Outputs,
    ) {
        let arrival = held.arrival(clock);
        let now = until.map_or(arrival, |until| arrival.min(until));
        out.took(arrival);
        if self.core.now() == Time::MIN {
            // Before its first record a partition knows no time; an answer to a bad one must bear some.
            self.advance(now, codec, out);
        }
        let origin = Origin::of(input, &held.record, &codec.names[input], self.index);
        let value = held.record.value.as_deref();
        let content_type = origin.content_type();
        for delivery in codec.decoders[input].decode(value, content_type, Arrival::Record(arrival))
        {
            let to = self.home_of(&delivery.input);
            if to == self.index {
                self.apply(delivery, now, Some(clock), &origin, codec, out);
            } else if origin.rerouted {
                self.refuse_astray(delivery, to, &origin, codec, out);
            } else {
                out.counts.rerouted += 1;
                if !out.is_muted() {
                    let read_as = codec.encoding_read(input, delivery.entry, content_type);
                    out.push(to, reroute::send_home(&origin, held, arrival, &delivery, read_as));
                }
            }
        }
    }

    /// Sends a record home that came on a partition of which there is no lane; what has no home, to this one.
    pub(crate) fn send_home(
        &self,
        surplus: Surplus,
        held: &Held,
        clock: Time,
        codec: &Codec,
        out: &mut Outputs,
    ) {
        let Surplus { input, partition } = surplus;
        let arrival = held.arrival(clock);
        out.took(arrival);
        let origin = Origin::of(input, &held.record, &codec.names[input], partition);
        let (value, content_type) = (held.record.value.as_deref(), origin.content_type());
        for delivery in codec.decoders[input].decode(value, content_type, Arrival::Record(arrival))
        {
            out.counts.rerouted += 1;
            let read_as = codec.encoding_read(input, delivery.entry, content_type);
            let record = reroute::send_home(&origin, held, arrival, &delivery, read_as);
            out.push(self.home_of(&delivery.input), record);
        }
    }

    /// Whether taking the record would let time pass up to its arrival first: not where the first of it that
    /// has an effect here can't be taken.
    pub(crate) fn is_moved_by(
        &self,
        input: InputTopic,
        held: &Held,
        clock: Time,
        codec: &Codec,
    ) -> bool {
        let origin = Origin::of(input, &held.record, &codec.names[input], self.index);
        let value = held.record.value.as_deref();
        let arrival = held.arrival(clock);
        let first = codec.decoders[input]
            .decode(value, origin.content_type(), Arrival::Record(arrival))
            .map(|delivery| (self.home_of(&delivery.input) == self.index, delivery))
            .find(|(at_home, _)| *at_home || origin.rerouted);
        first.is_some_and(|(at_home, Delivery { input, rejection, .. })| {
            at_home && rejection.is_none() && self.core.takes(arrival, &input)
        })
    }

    /// Lets a delivery that is at home have its effect, at `now` or when it is already later. `clock` is the
    /// batch's, where it came in a record with a time of its own.
    pub(crate) fn apply(
        &mut self,
        delivery: Delivery<'_>,
        now: Time,
        clock: Option<Time>,
        origin: &Origin<'_>,
        codec: &Codec,
        out: &mut Outputs,
    ) -> Taken {
        self.events += 1;
        out.counts.events += 1;
        let Delivery { entry, bytes, input, rejection } = delivery;
        let mut effects = Effects::default();
        // What is no event does not move time.
        let now = if rejection.is_some() { self.core.now() } else { now.max(self.core.now()) };
        let kind = kind(&input);
        let fault = clock.and_then(|clock| time_at_fault(&input, clock));
        let taken = self.core.apply(now, input, &mut effects);
        let letter = match (&rejection, taken) {
            (Some(Rejection { code, message }), Taken::Refused { about, .. }) => {
                Some((*code, format!("{message}; {about}")))
            }
            (Some(Rejection { code, message }), Taken::Applied) => Some((*code, message.clone())),
            (None, Taken::Refused { code, about }) => {
                let fault = fault.filter(|fault| fault.explains(code));
                let why = fault.map_or_else(|| about.to_owned(), |fault| fault.to_string());
                Some((code, format!("{}: {why}", code.as_str())))
            }
            (None, Taken::Applied) => None,
        };
        if let Some((code, message)) = letter {
            out.counts.dead_letters += 1;
            let turned_away =
                matches!(taken, Taken::Refused { about, .. } if about == TOO_MANY_POOLS);
            out.counts.turned_away += u64::from(turned_away);
            if !out.is_muted() {
                // The bytes of a record that is one event may be none at all, which is not nothing in them.
                let bytes =
                    if entry.is_some() { Some(bytes) } else { origin.record.value.as_deref() };
                let (source, key) = (origin.entry(entry), origin.record.key.as_deref());
                let letter = codec.encoder.dead_letter(
                    &source,
                    key,
                    &origin.headers(),
                    bytes,
                    code,
                    &message,
                );
                out.push(self.index, letter);
            }
        } else if !out.is_muted() {
            out.took_event(kind.expect("what is no event is a dead letter"));
        }
        let of_input = effects.list.split_off(self.core.told_by_time());
        out.emit(self.index, &codec.encoder, None, effects.list);
        let trace = reroute::header(origin.record, headers::TRACEPARENT)
            .filter(|trace| trace.len() <= TRACE_BYTES_MAX);
        out.emit(self.index, &codec.encoder, trace, of_input);
        taken
    }

    /// Lets time pass.
    pub(crate) fn advance(&mut self, now: Time, codec: &Codec, out: &mut Outputs) {
        let mut effects = Effects::default();
        self.core.advance(now.max(self.core.now()), &mut effects);
        out.emit(self.index, &codec.encoder, None, effects.list);
    }

    /// The levels that the batch changed; once a batch, at its end.
    pub(crate) fn levels(&mut self, codec: &Codec, out: &mut Outputs) {
        let mut effects = Effects::default();
        self.core.levels(&mut effects);
        out.emit(self.index, &codec.encoder, None, effects.list);
    }

    /// Emits at once the alerts that are still adding up.
    pub(crate) fn flush_alerts(&mut self, codec: &Codec, out: &mut Outputs) {
        let mut effects = Effects::default();
        self.core.flush_alerts(&mut effects);
        out.emit(self.index, &codec.encoder, None, effects.list);
    }

    /// Events taken since the beginning.
    pub(crate) const fn events(&self) -> u64 {
        self.events
    }

    pub(crate) const fn index(&self) -> u32 {
        self.index
    }

    pub(crate) fn holds(&self) -> allotment::Holds {
        self.core.holds()
    }

    pub(crate) fn digest(&self) -> u128 {
        self.core.digest()
    }

    pub(crate) fn now(&self) -> Time {
        self.core.now()
    }

    pub(crate) fn next_deadline(&self) -> Option<Time> {
        self.core.next_deadline()
    }

    /// When time next gives memory back beside what is due.
    pub(crate) fn next_ending(&self) -> Option<Time> {
        self.core.next_ending()
    }

    /// Gives back what time has made needless.
    pub(crate) fn drop_ended(&mut self) {
        self.core.drop_ended();
    }

    /// Input whose pool can't be read has no home; it stays where it is.
    fn home_of(&self, input: &Input) -> u32 {
        if input.pool.is_empty() { self.index } else { home(&input.pool, self.partitions) }
    }

    /// A record that was rerouted to a partition that is not its pool's. No lane does that while the
    /// number of partitions stands, which the journal checks; so it was written by hand. To apply it would
    /// give the pool a second life here, so it is counted as input that nobody can read.
    fn refuse_astray(
        &mut self,
        delivery: Delivery<'_>,
        to: u32,
        origin: &Origin<'_>,
        codec: &Codec,
        out: &mut Outputs,
    ) {
        let code = Code::OutOfRange;
        let message = format!("rerouted to partition {}, but the pool's home is {to}", self.index);
        let body = Body::Rejected(allotment::Rejected { code, order: None });
        let input = Input { pool: allotment::Id::default(), arrival: delivery.input.arrival, body };
        let rejection = Some(Rejection { code, message });
        self.apply(Delivery { input, rejection, ..delivery }, Time::MIN, None, origin, codec, out);
    }
}

/// The type of an event; none of what is not one.
const fn kind(input: &Input) -> Option<&'static str> {
    match &input.body {
        Body::Event(event) => Some(words::event(&event.what)),
        Body::Rejected(_) => None,
    }
}

/// A record's own time that does not go with its event's.
#[derive(Clone, Copy, Debug)]
struct TimeAtFault {
    record: Time,
    event: Time,
}

/// The event would not be from the future now, but its record says that it arrived long before. A producer's clock may be a
/// little ahead of the lane's, so the event may be later than that shows.
fn time_at_fault(input: &Input, clock: Time) -> Option<TimeAtFault> {
    let Body::Event(event) = &input.body else { return None };
    let (record, event) = (input.arrival, event.occurred_at);
    let fault = event > record.plus(FUTURE_MAX) && event <= clock.plus(FUTURE_MAX);
    fault.then_some(TimeAtFault { record, event })
}

impl TimeAtFault {
    const fn explains(self, code: Code) -> bool {
        matches!(code, Code::Future | Code::Stale)
    }
}

impl std::fmt::Display for TimeAtFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (record, event) = (contract::rfc3339(self.record), contract::rfc3339(self.event));
        write!(
            f,
            "occurred_at is {event}, and the timestamp of the Kafka record is {record}, long before it. Where the record's \
             is wrong: its producer must send the present time in milliseconds, or none"
        )
    }
}

impl Codec {
    /// How a delivery was read: an array is JSON whatever the record said.
    fn encoding_read(
        &self,
        input: InputTopic,
        entry: Option<u32>,
        content_type: Option<&[u8]>,
    ) -> Encoding {
        let named = || content_type.and_then(Encoding::of_content_type);
        if entry.is_some() { Encoding::Json } else { named().unwrap_or(self.encodings[input]) }
    }
}
