//! Every way in which a transaction can end but well: each is provoked, and must cost nothing but time.
//!
//! What each of them comes to is told in `docs/failures.md`, which names these tests.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use clients::{PATIENCE, Reader, Writer};
use fixture::{
    process::Signal,
    proxy::{Fault, kind},
};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer},
    producer::Producer,
};

use crate::{
    deployment::Deployment,
    expected::Told,
    faults::{SMALL, begin, end},
    granary::Granary,
};

/// Codes of Kafka's protocol.
const REQUEST_TIMED_OUT: i16 = 7;
const COORDINATOR_LOADING: i16 = 14;
const COORDINATOR_NOT_AVAILABLE: i16 = 15;
const NOT_COORDINATOR: i16 = 16;
const GROUP_AUTHORIZATION_FAILED: i16 = 30;

/// The shortest time after which Kafka may abort a transaction by itself.
pub(crate) const SHORT_LIFE: [&str; 2] =
    ["bounds.transaction_timeout=5s", "bounds.stop_timeout=5s"];

/// So many requests of a kind go through before anything happens to one.
const MIDDLE: usize = 5;

/// A pool makes some sixty transactions.
const POOLS: u32 = 1;

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// A service whose console is listened to.
pub(crate) struct Watched {
    pub(crate) service: Granary,
    console: u16,
}

impl Watched {
    pub(crate) fn run(deployment: &Deployment, set: &[&str]) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("there is a free port");
        let console = free.local_addr().expect("it is bound").port();
        drop(free);
        let address = format!("console.address=127.0.0.1:{console}");
        let service = deployment.run("one", &[&[SMALL, &address], set].concat());
        Self { service, console }
    }

    /// What the console answers, with its status line.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut answer = String::new();
        let asked =
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.console)).and_then(|mut console| {
                write!(
                    console,
                    "GET {path} HTTP/1.1\r\nhost: granary\r\nconnection: close\r\n\r\n"
                )?;
                console.read_to_string(&mut answer)
            });
        asked.map_or_else(|error| error.to_string(), |_| answer)
    }

    /// Waits until the console answers something with `text`.
    pub(crate) fn await_answer(&self, path: &str, text: &str) {
        let started = Instant::now();
        loop {
            let answer = self.get(path);
            if answer.contains(text) {
                return;
            }
            assert!(started.elapsed() < PATIENCE, "{path} says `{text}`, not {answer}");
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until a lane was dropped for this cause.
    fn await_drop(&self, cause: &str) {
        self.await_answer("/metrics", &format!("granary_lane_drops_total{{cause=\"{cause}\"}}"));
    }

    pub(crate) fn stop(self) {
        self.service.stop();
    }
}

/// Lets the service come back from what happens to these requests of it, in the middle of its work.
fn comes_back(name: &str, seed: u64, (kind, fault): (i16, Fault), cause: &str) {
    let Some(deployment) = Deployment::behind_proxy(name, 1) else { return };
    deployment.kafka.proxy().once(kind, MIDDLE, &[fault]);
    let (expected, decisions) = begin(&deployment, seed, POOLS);
    let watched = Watched::run(&deployment, &[]);
    watched.await_drop(cause);
    end(&deployment, &expected, decisions);
    watched.stop();
}

#[test]
fn aborted() {
    let refused = Fault::Refuse(GROUP_AUTHORIZATION_FAILED);
    comes_back("ends-aborted", 41, (kind::ADD_OFFSETS_TO_TXN, refused), "aborted");
}

#[test]
fn unknown_and_committed() {
    // It is committed, and the answer says that nobody knows.
    let committed = Fault::FalseAnswer(REQUEST_TIMED_OUT);
    comes_back("ends-committed", 42, (kind::END_TXN, committed), "unknown");
}

#[test]
fn unknown_and_not_committed() {
    let lost = Fault::Refuse(REQUEST_TIMED_OUT);
    comes_back("ends-uncommitted", 43, (kind::END_TXN, lost), "unknown");
}

/// The client makes good by itself what happens to these requests; where it changes its connection for that, the lane
/// drops what it knows, as after any connection that is lost.
fn makes_good(name: &str, seed: u64, faults: &[Fault], kinds: &[i16]) {
    let Some(deployment) = Deployment::behind_proxy(name, 1) else { return };
    let proxy = deployment.kafka.proxy();
    kinds.iter().for_each(|kind| proxy.once(*kind, MIDDLE, faults));
    let (expected, decisions) = begin(&deployment, seed, POOLS);
    let watched = Watched::run(&deployment, &[]);
    let all = |kind: &i16| proxy.await_happened(*kind, faults.len(), PATIENCE);
    assert!(kinds.iter().all(all), "there are enough transactions");
    end(&deployment, &expected, decisions);
    watched.stop();
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    comes_back("ends-lost", 44, (kind::END_TXN, Fault::LoseAnswer), "unknown");
}

#[test]
fn a_commit_that_is_asked_for_twice_and_arrives_late() {
    let Some(deployment) = Deployment::behind_proxy("ends-late", 1) else { return };
    let proxy = deployment.kafka.proxy();
    // The first request is still under way when the second one is answered, on another connection.
    proxy.first(kind::END_TXN, MIDDLE, Fault::ArriveLate, Fault::HoldRequest);
    let (expected, decisions) = begin(&deployment, 56, POOLS);
    let watched = Watched::run(&deployment, &[]);
    assert!(proxy.await_happened(kind::END_TXN, 2, PATIENCE), "it is asked for again");
    // It arrives when a part of the next transaction is there, and would commit that.
    proxy.set(kind::PRODUCE, 1, Fault::HoldRequest);
    proxy.clear(kind::END_TXN);
    assert!(proxy.await_happened(kind::PRODUCE, 1, PATIENCE), "the next one has begun");
    watched.await_drop("unknown");
    assert!(proxy.let_late_go(PATIENCE), "Kafka answers it");
    proxy.clear(kind::PRODUCE);
    end(&deployment, &expected, decisions);
    watched.stop();
}

#[test]
fn the_coordinator_moves() {
    let moving = [NOT_COORDINATOR, COORDINATOR_NOT_AVAILABLE, COORDINATOR_LOADING];
    let moving = moving.map(|code| [Fault::Refuse(code); 3]).concat();
    makes_good("ends-moved", 46, &moving, &[kind::ADD_OFFSETS_TO_TXN, kind::END_TXN]);
}

#[test]
fn no_answer_for_as_long_as_the_transaction_lives() {
    let Some(deployment) = Deployment::behind_proxy("ends-silent", 1) else { return };
    deployment.kafka.proxy().set(kind::END_TXN, MIDDLE, Fault::LoseAnswer);
    let (expected, decisions) = begin(&deployment, 45, POOLS);
    let watched = Watched::run(&deployment, &SHORT_LIFE);
    watched.await_drop("unknown");
    deployment.kafka.proxy().clear(kind::END_TXN);
    end(&deployment, &expected, decisions);
    watched.stop();
}

/// A service in the middle of its work that waits for a transaction to be committed.
pub(crate) fn halfway(deployment: &Deployment, seed: u64, set: &[&str]) -> (Watched, Told, Reader) {
    let proxy = deployment.kafka.proxy();
    proxy.set(kind::END_TXN, MIDDLE, Fault::HoldRequest);
    let (expected, decisions) = begin(deployment, seed, POOLS);
    let watched = Watched::run(deployment, set);
    assert!(proxy.await_happened(kind::END_TXN, 1, PATIENCE), "a transaction is to be committed");
    (watched, expected, decisions)
}

#[test]
fn timed_out() {
    let Some(deployment) = Deployment::behind_proxy("ends-timed-out", 1) else { return };
    // What is to end it is under way for longer than Kafka keeps it open.
    let (watched, expected, decisions) = halfway(&deployment, 47, &SHORT_LIFE);
    assert!(has_open_transaction(&deployment));
    let started = Instant::now();
    while has_open_transaction(&deployment) {
        assert!(started.elapsed() < PATIENCE, "Kafka aborts it");
        std::thread::sleep(LOOK);
    }
    deployment.kafka.proxy().clear(kind::END_TXN);
    watched.await_drop("fenced");
    end(&deployment, &expected, decisions);
    watched.stop();
}

#[test]
fn fenced() {
    let Some(deployment) = Deployment::behind_proxy("ends-fenced", 1) else { return };
    let (watched, expected, decisions) = halfway(&deployment, 48, &[]);
    // Somebody else has the transactional id now, as after a rebalance that this process did not hear of.
    let id = [("transactional.id", "ends-fenced-0")];
    let other = Writer::with(&deployment.kafka.bootstrap(), &id);
    other.producer().init_transactions(PATIENCE).expect("the last one is shut out");
    deployment.kafka.proxy().clear(kind::END_TXN);
    watched.await_drop("fenced");
    end(&deployment, &expected, decisions);
    watched.stop();
}

/// Who can't wait for the end in order says so twice: the process leaves with a transaction open.
#[test]
fn a_second_signal_ends_the_process_at_once() {
    /// Far below the time that a stop in order may take.
    const AT_ONCE: Duration = Duration::from_secs(5);
    let Some(deployment) = Deployment::behind_proxy("ends-forced", 1) else { return };
    let (watched, expected, decisions) = halfway(&deployment, 51, &["bounds.stop_timeout=50s"]);
    let mut service = watched.service;
    service.signal(Signal::Term);
    service.await_events("stop_asked", 1);
    assert!(has_open_transaction(&deployment), "it can't finish it");
    let again = Instant::now();
    service.signal(Signal::Term);
    let status = service.wait();
    assert!(again.elapsed() < AT_ONCE, "it took {:?}", again.elapsed());
    assert_eq!(status.code(), Some(1), "it was not in order");
    assert_eq!(service.events("stop_forced")[0]["signal"], "SIGTERM");
    assert!(service.events("service_stopped").is_empty());
    deployment.kafka.proxy().clear(kind::END_TXN);
    // What was open is aborted, and whoever comes next does it.
    let next = deployment.run("next", &[SMALL]);
    end(&deployment, &expected, decisions);
    next.stop();
}

/// A topic takes no writes from the middle of the work on, until it does again.
fn refuses(
    name: &str,
    seed: u64,
    topic: &str,
    no_more: impl Fn(&Deployment, &str),
    again: impl Fn(&Deployment, &str),
) {
    let Some(deployment) = Deployment::behind_proxy(name, 1) else { return };
    let topic = deployment.topic(topic);
    // Where a topic is gone, that is known when the transaction has lived its life.
    let (watched, expected, decisions) = halfway(&deployment, seed, &SHORT_LIFE);
    no_more(&deployment, &topic);
    deployment.kafka.proxy().clear(kind::END_TXN);
    watched.service.await_log("output_refused");
    let said = format!("partition 0: takes no input, {topic} takes no writes");
    watched.await_answer("/readyz", &said);
    assert!(watched.get("/readyz").starts_with("HTTP/1.1 503"), "it is not ready");
    watched.await_answer("/metrics", "granary_lane_output_refused{partition=\"0\"} 1");
    watched.await_drop("aborted");
    again(&deployment, &topic);
    // It goes on, and nobody has to do anything else.
    watched.service.await_log("output_accepted");
    watched.await_answer("/readyz", "HTTP/1.1 200");
    watched.await_answer("/metrics", "granary_lane_output_refused{partition=\"0\"} 0");
    end(&deployment, &expected, decisions);
    watched.stop();
}

#[test]
fn message_too_large() {
    let bytes = |setting: &'static str| {
        move |deployment: &Deployment, _: &str| deployment.alter("decisions", setting)
    };
    let (few, many) = (bytes("max.message.bytes=200"), bytes("max.message.bytes=8388608"));
    refuses("ends-large", 49, "decisions", few, many);
}

#[test]
fn an_output_is_deleted() {
    let delete = |deployment: &Deployment, _: &str| deployment.delete_topic("levels");
    let make_again = |deployment: &Deployment, _: &str| {
        deployment.create_topics(1).expect("what is missing is made");
    };
    refuses("ends-deleted", 50, "levels", delete, make_again);
}

#[test]
fn not_authorised() {
    let acl = |verbs: &'static [&'static str]| {
        move |deployment: &Deployment, topic: &str| {
            let denied = ["--topic", topic, "--deny-principal", "User:*", "--operation", "Write"];
            let acl = [verbs, &denied[..]].concat();
            deployment.tool("org.apache.kafka.tools.AclCommand", &acl);
        }
    };
    refuses("ends-denied", 51, "fulfillment", acl(&["--add"]), acl(&["--remove", "--force"]));
}

#[test]
fn the_disk_of_the_broker_is_full() {
    let Some(deployment) = Deployment::alone_behind_proxy("ends-full", 1) else { return };
    let (watched, expected, decisions) = halfway(&deployment, 52, &SHORT_LIFE);
    deployment.kafka.fill_disk();
    deployment.kafka.proxy().clear(kind::END_TXN);
    // A broker that can't write to its only disk ends itself; for everybody else it is away.
    let started = Instant::now();
    while !deployment.kafka.has_ended() {
        assert!(started.elapsed() < PATIENCE, "it does not go on without a disk");
        std::thread::sleep(LOOK);
    }
    deployment.kafka.restart().expect("there is room again");
    end(&deployment, &expected, decisions);
    watched.stop();
}

#[test]
fn the_broker_is_connected_and_silent() {
    let Some(deployment) = Deployment::alone_behind_proxy("ends-paused", 1) else { return };
    let (watched, expected, decisions) = halfway(&deployment, 53, &SHORT_LIFE);
    deployment.kafka.pause();
    deployment.kafka.proxy().clear(kind::END_TXN);
    // What was under way is given up, and the group has given this process up.
    watched.await_drop("unknown");
    watched.service.await_log("partitions lost");
    deployment.kafka.resume();
    end(&deployment, &expected, decisions);
    watched.stop();
}

/// Whether the journal holds records of which nobody knows yet whether they are committed.
fn has_open_transaction(deployment: &Deployment) -> bool {
    let end = |isolation: &str| {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", deployment.kafka.bootstrap())
            .set("isolation.level", isolation)
            .create()
            .expect("the properties are right");
        let ends = consumer.fetch_watermarks(&deployment.topic("journal"), 0, PATIENCE);
        ends.expect("the broker is there").1
    };
    end("read_committed") < end("read_uncommitted")
}
