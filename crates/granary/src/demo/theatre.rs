//! The evening's machinery: a broker in this process, the service on it, a bridge that publishes and a
//! courier that reads back. What happens is told as [`News`], in one stream.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use contract::Topic;
use driver::{Broker, Membership, Publisher, Reader, Seen, Service, Stopper};
use signals::Flag;
use telemetry::{Board, LaneState};
use traffic::evening;

use crate::config::Settings;
use crate::evenings::Evenings;
use crate::exit::Failure;

/// Partitions of the demo's topics: enough to see that pools have homes.
const PARTITIONS: u32 = 4;
/// Lanes on the broker in this process start at once; a machine that is very busy gets this long.
const START_WITHIN: Duration = Duration::from_secs(30);
/// How often is looked whether something has happened that nobody tells.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The outputs that the courier reads.
const OUTPUTS: [Topic; 5] =
    [Topic::Decisions, Topic::Levels, Topic::Alerts, Topic::Fulfillment, Topic::DeadLetter];

/// Something that happened.
#[derive(Debug)]
pub(crate) enum News {
    /// The bridge published a record.
    Published(Vec<u8>),
    /// The bridge has published everything.
    Over,
    /// The courier read a record.
    Seen(Seen),
    /// Something does not work any more.
    Broken(String),
}

/// A theatre in which an evening plays.
pub(crate) struct Theatre {
    broker: Broker,
    news: Receiver<News>,
    tell: Sender<News>,
    stopper: Stopper,
    service: Option<thread::JoinHandle<()>>,
    curtain: Arc<Flag>,
    settings: Settings,
}

impl Theatre {
    /// Starts the broker, the service and the reader; returns when all lanes take events.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let names = settings.topic_names();
        let broker = Broker::start(&names, PARTITIONS).map_err(Failure::working)?;
        let board = Arc::new(Board::new());
        let (connection, membership) = (broker.connection(), Membership::Alone);
        let config = driver::Config { connection, membership, ..settings.driver() };
        let service =
            Service::start(config, Arc::clone(&board), Arc::new(())).map_err(Failure::working)?;
        let reader = Reader::open(&broker.connection(), &names, &OUTPUTS, PARTITIONS)
            .map_err(Failure::working)?;
        let (tell, news) = channel();
        let curtain = Arc::<Flag>::default();
        let stopper = service.stopper();
        let service = Some(spawn_waiter(service, tell.clone()));
        spawn_courier(reader, tell.clone());
        let theatre =
            Self { broker, news, tell, stopper, service, curtain, settings: settings.clone() };
        theatre.await_lanes(&board)?;
        Ok(theatre)
    }

    /// Where the broker is.
    pub(crate) fn bootstrap(&self) -> String {
        self.broker.bootstrap()
    }

    /// Begins to publish: everything, or `events` of it, or what comes within `seconds`.
    pub(crate) fn play(
        &self,
        evenings: Evenings,
        events: Option<u64>,
        seconds: Option<u64>,
    ) -> Result<(), Failure> {
        let publisher = Publisher::connect(&self.broker.connection()).map_err(Failure::working)?;
        let (tell, curtain) = (self.tell.clone(), Arc::clone(&self.curtain));
        let names = self.settings.topic_names();
        let limit = usize::try_from(events.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        thread::spawn(move || {
            let began = Instant::now();
            for (due, delivery) in evenings.take(limit) {
                if seconds.is_some_and(|seconds| due >= Duration::from_secs(seconds))
                    || !wait(began + due, &curtain)
                {
                    break;
                }
                let topic = names.get(topic_of(delivery.topic));
                if let Err(error) = publisher.send(topic, &delivery.key, &delivery.value) {
                    let _ = tell.send(News::Broken(error.to_string()));
                    return;
                }
                let _ = tell.send(News::Published(delivery.value));
            }
            let over = publisher
                .finish(START_WITHIN)
                .map_or_else(|e| News::Broken(e.to_string()), |()| News::Over);
            let _ = tell.send(over);
        });
        Ok(())
    }

    /// The next news, if there is any within `wait`.
    pub(crate) fn next(&self, wait: Duration) -> Option<News> {
        self.news.recv_timeout(wait).ok()
    }

    /// No more is to be published.
    pub(crate) fn drop_curtain(&self) {
        self.curtain.raise();
    }

    /// Ends the service; returns when it has ended.
    pub(crate) fn close(&mut self) {
        self.stopper.stop();
        if let Some(service) = self.service.take() {
            // It has told what there was to tell.
            let _ = service.join();
        }
    }

    fn await_lanes(&self, board: &Board) -> Result<(), Failure> {
        let deadline = Instant::now() + START_WITHIN;
        loop {
            let lanes = board.lanes();
            let running = lanes.iter().filter(|lane| lane.state() == LaneState::Running).count();
            if running == usize::try_from(PARTITIONS).expect("a handful") {
                return Ok(());
            }
            if let Ok(News::Broken(why)) = self.news.recv_timeout(LOOK_EVERY) {
                return Err(Failure::working(why));
            }
            if Instant::now() > deadline {
                return Err(Failure::working(
                    "the lanes did not start; is the machine very busy? Try again",
                ));
            }
        }
    }
}

fn spawn_waiter(service: Service, tell: Sender<News>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        if let Err(error) = service.wait() {
            let _ = tell.send(News::Broken(error.to_string()));
        }
    })
}

fn spawn_courier(reader: Reader, tell: Sender<News>) {
    thread::spawn(move || {
        loop {
            let told = match reader.next(LOOK_EVERY) {
                Ok(None) => continue,
                Ok(Some(seen)) => tell.send(News::Seen(seen)),
                Err(error) => tell.send(News::Broken(error.to_string())),
            };
            if told.is_err() {
                return;
            }
        }
    });
}

/// Waits until `due`; false if the curtain fell first.
fn wait(due: Instant, curtain: &Flag) -> bool {
    loop {
        if curtain.is_up() {
            return false;
        }
        let left = due.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        thread::sleep(left.min(LOOK_EVERY));
    }
}

/// The topic that the bridge publishes to.
pub(crate) const fn topic_of(topic: evening::Topic) -> Topic {
    match topic {
        evening::Topic::Orders => Topic::Orders,
        evening::Topic::Stock => Topic::Stock,
        evening::Topic::Comments => Topic::Comments,
    }
}
