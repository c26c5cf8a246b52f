//! Asks the brokers, several times a second and for all live lanes of the process at once, what is written on their
//! inputs and can't be read yet: records behind an open transaction, whosoever it is.
//!
//! High watermarks are asked for first and last stable offsets after them: what was written at the first question
//! and is below the second answer can be read. Where something is hidden, the first such record is read uncommitted,
//! once, for its arrival. A lane is told nothing before that is known, so its time waits; but not for ever: what can't
//! be read, since the topic has deleted it or nothing but marks of transactions is left, counts from when it was seen.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use contract::Header;
use lane::{First, InputTopic, Millis, PerInput, Record, Surveyed, Time};
use rdkafka::{
    Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    error::KafkaResult,
    message::{BorrowedMessage, Headers},
};
use signals::{Flag, Wake};

use crate::{
    Config, DriverError, bounds, client,
    context::Context,
    open::{self, Asker},
    wire,
};

/// What a survey found for one lane.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// When its first question was asked.
    pub(crate) asked: Instant,
    pub(crate) inputs: PerInput<Surveyed>,
}

/// The lanes that are to be told.
#[derive(Debug, Default)]
pub(crate) struct Surveys {
    listeners: Mutex<BTreeMap<u64, Listener>>,
    /// Somebody waits for the next one, or it is to end.
    wanted: Wake,
}

#[derive(Debug)]
struct Listener {
    partition: u32,
    news: News,
    wake: Arc<Wake>,
}

/// What a lane was not told yet; the newest replaces the last.
type News = Arc<Mutex<Option<Found>>>;

/// A lane's ear: while it lives, the lane is told.
#[derive(Debug)]
pub(crate) struct Ear {
    surveys: Arc<Surveys>,
    id: u64,
    news: News,
}

impl Ear {
    /// What was found last, if that is news.
    pub(crate) fn take(&self) -> Option<Found> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Has the brokers asked now.
    pub(crate) fn hurry(&self) {
        self.surveys.wanted.wake();
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.surveys.lock().remove(&self.id);
    }
}

impl Surveys {
    /// From here on the lane of `partition` is told and woken.
    pub(crate) fn listen(self: &Arc<Self>, partition: u32, wake: Arc<Wake>) -> Ear {
        let news = News::default();
        let mut listeners = self.lock();
        let id = listeners.last_key_value().map_or(0, |(last, _)| last + 1);
        listeners.insert(id, Listener { partition, news: Arc::clone(&news), wake });
        Ear { surveys: Arc::clone(self), id, news }
    }

    fn partitions(&self) -> Vec<u32> {
        let mut partitions: Vec<u32> =
            self.lock().values().map(|listener| listener.partition).collect();
        partitions.sort_unstable();
        partitions.dedup();
        partitions
    }

    fn tell(&self, partition: u32, found: &Found) {
        for listener in self.lock().values().filter(|listener| listener.partition == partition) {
            let mut news = listener.news.lock().unwrap_or_else(PoisonError::into_inner);
            *news = Some(found.clone());
            drop(news);
            listener.wake.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread that asks. It ends with this.
#[derive(Debug)]
pub(crate) struct Surveyor {
    surveys: Arc<Surveys>,
    stop: Arc<Flag>,
    _thread: JoinHandle<()>,
}

impl Drop for Surveyor {
    fn drop(&mut self) {
        // It may be in the middle of a question to brokers that are away; nobody waits for that.
        self.stop.raise();
        self.surveys.wanted.wake();
    }
}

/// Starts the thread that asks for all who listen.
pub(crate) fn start(
    config: &Arc<Config>,
    surveys: Arc<Surveys>,
    committed: Arc<Asker>,
) -> Result<Surveyor, DriverError> {
    let (config, written) = (Arc::clone(config), client::written(config, Context::default())?);
    let all = Arc::clone(&surveys);
    let mut survey =
        Survey { config, surveys: all, committed, written, known: BTreeMap::new(), said: None };
    let stop = Arc::<Flag>::default();
    let told = Arc::clone(&stop);
    let thread = thread::Builder::new().name("survey".into()).spawn(move || {
        while !told.is_up() {
            survey.turn();
            survey.surveys.wanted.wait(bounds::SURVEY);
        }
    });
    Ok(Surveyor { surveys, stop, _thread: thread.expect("the system has a thread for the survey") })
}

/// An input's partition.
type Place = (u32, InputTopic);

/// What is known of a partition of which something is hidden.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// The offset of the first hidden record.
    stable: i64,
    /// When that was seen first.
    since: Instant,
    /// Its arrival, once it was read; none is known, and is not asked for again, where it is [`Time::NEVER`].
    arrival: Option<Time>,
}

struct Survey {
    config: Arc<Config>,
    surveys: Arc<Surveys>,
    /// Is told last stable offsets.
    committed: Arc<Asker>,
    /// Is told high watermarks, and reads what is not committed.
    written: BaseConsumer<Context>,
    known: BTreeMap<Place, Known>,
    /// When the log was told last that there is no answer.
    said: Option<Instant>,
}

impl Survey {
    /// Asks once and tells everybody. Where all together can't be answered, each lane is asked for alone: a
    /// partition whose broker is away must not hold the time of the others.
    fn turn(&mut self) {
        let partitions = self.surveys.partitions();
        if partitions.is_empty() {
            self.known.clear();
            return;
        }
        self.known.retain(|(partition, _), _| partitions.binary_search(partition).is_ok());
        if self.ask(&partitions, bounds::SURVEY_ANSWER).is_ok() {
            return;
        }
        for partition in partitions {
            if let Err(why) = self.ask(&[partition], bounds::SURVEY_ALONE) {
                self.say(partition, &why);
            }
        }
    }

    fn ask(&mut self, partitions: &[u32], within: Duration) -> Result<(), String> {
        let asked = Instant::now();
        let list = self.listed(partitions);
        // Its own news are errors, which its context tells.
        while self.written.poll(Duration::ZERO).is_some() {}
        let ask = |ends: KafkaResult<TopicPartitionList>| ends.map_err(|error| error.to_string());
        let written = ask(self.written.offsets_for_times(list.clone(), within))?;
        let stable = ask(self.committed.ends(list, within))?;
        let mut found = BTreeMap::new();
        for partition in partitions {
            for input in InputTopic::ALL {
                let name = self.name(input);
                let of = |answered| open::answer(answered, name, wire::partition(*partition));
                found.insert((*partition, input), (of(&stable)?, of(&written)?));
            }
        }
        self.note(&found, asked);
        self.look();
        for partition in partitions {
            if let Some(inputs) = self.surveyed(*partition, &found, asked) {
                self.surveys.tell(*partition, &Found { asked, inputs });
            }
        }
        Ok(())
    }

    /// Remembers what is hidden, and since when, and forgets what is not hidden any more.
    fn note(&mut self, found: &BTreeMap<Place, (i64, i64)>, asked: Instant) {
        for (place, (stable, written)) in found {
            if stable >= written {
                self.known.remove(place);
            } else if self.known.get(place).is_none_or(|known| known.stable != *stable) {
                let known = Known { stable: *stable, since: asked, arrival: None };
                self.known.insert(*place, known);
            }
        }
    }

    /// Reads the first hidden record wherever its arrival is not known. What can't be read now is read next time, but
    /// not for ever.
    fn look(&mut self) {
        let mut wanted = TopicPartitionList::new();
        for ((partition, input), known) in &self.known {
            if known.arrival.is_none() {
                let (name, number) = (self.name(*input), wire::partition(*partition));
                wanted
                    .add_partition_offset(name, number, Offset::Offset(known.stable))
                    .expect("an offset that is not negative can be listed");
            }
        }
        if wanted.count() == 0 || self.written.assign(&wanted).is_err() {
            return;
        }
        let until = Instant::now() + bounds::SURVEY_LOOK;
        while self.known.values().any(|known| known.arrival.is_none()) {
            let Some(left) = until.checked_duration_since(Instant::now()) else { break };
            // Errors are of partitions; those are asked again.
            let Some(Ok(message)) = self.written.poll(left) else { continue };
            let input = InputTopic::ALL.into_iter().find(|i| self.name(*i) == message.topic());
            let place = input.map(|input| (message.partition().unsigned_abs(), input));
            if let Some((place, input)) = place.zip(input)
                && let Some(known) = self.known.get_mut(&place)
            {
                known.arrival.get_or_insert(lane::arrival(input, &record(&message)));
            }
        }
        // It reads nothing else; a client that can't be told so is asked the next time.
        let _ = self.written.unassign();
        self.give_up();
    }

    /// Looks no longer for records that have not been found for long, and says so.
    fn give_up(&mut self) {
        let mut lost = Vec::new();
        for (place, known) in &mut self.known {
            if known.arrival.is_none() && known.since.elapsed() >= bounds::SURVEY_READ {
                // The lane then goes by when the record was seen first.
                known.arrival = Some(Time::NEVER);
                lost.push((*place, known.stable));
            }
        }
        for ((partition, input), offset) in lost {
            let topic = self.name(input);
            let why =
                format!("{topic}: the first hidden record, at offset {offset}, can't be read");
            self.say(partition, &why);
        }
    }

    /// What was found of a lane's inputs; `None` while an arrival is not known.
    fn surveyed(
        &self,
        partition: u32,
        found: &BTreeMap<Place, (i64, i64)>,
        asked: Instant,
    ) -> Option<PerInput<Surveyed>> {
        let mut inputs = PerInput::default();
        for input in InputTopic::ALL {
            let place = (partition, input);
            let (stable, written) = found[&place];
            let hidden = match self.known.get(&place) {
                None => None,
                Some(known) => {
                    let known_for = asked.duration_since(known.since);
                    Some(First { arrival: known.arrival?, known: millis(known_for) })
                }
            };
            inputs[input] = Surveyed { stable, written, hidden };
        }
        Some(inputs)
    }

    /// The inputs of these partitions, each to be asked for its end.
    fn listed(&self, partitions: &[u32]) -> TopicPartitionList {
        let mut list = TopicPartitionList::new();
        for partition in partitions {
            for input in InputTopic::ALL {
                list.add_partition_offset(
                    self.name(input),
                    wire::partition(*partition),
                    Offset::End,
                )
                .expect("an end can be listed");
            }
        }
        list
    }

    fn name(&self, input: InputTopic) -> &str {
        self.config.topics.get(wire::topic(input))
    }

    /// Says that there is no answer, now and then.
    fn say(&mut self, partition: u32, why: &str) {
        if self.said.is_none_or(|said| said.elapsed() >= bounds::SAY_AWAY) {
            self.said = Some(Instant::now());
            telemetry::log::survey_unanswered(wire::partition(partition), &why);
        }
    }
}

/// What of a record says when it arrived.
fn record(message: &BorrowedMessage<'_>) -> Record {
    let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
    Record {
        offset: message.offset(),
        timestamp: Time(message.timestamp().to_millis().unwrap_or(0)),
        key: None,
        headers: headers
            .map(|header| Header {
                name: header.key.to_owned().into(),
                value: header.value.map(|value| value.to_vec().into()),
            })
            .collect(),
        value: None,
    }
}

pub(crate) fn millis(span: Duration) -> Millis {
    Millis(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}
