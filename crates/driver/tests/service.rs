//! The service on a real Kafka, inside the test's process: start-up checks, the job, stopping, coming back.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use clients::{PATIENCE, Reader, Writer};
use contract::Topic;
use driver::{Config, Connection, DriverError, Membership, OnStop, Service, TopicNames, topics};
use fixture::{Kafka, Options, Start, start_or_skip};
use telemetry::{Board, LaneState};

const PARTITIONS: u32 = 2;

/// The default names with `prefix` in the place of `granary`.
fn names(prefix: &str) -> TopicNames {
    let mut names = TopicNames::default();
    for topic in Topic::ALL {
        names.set(topic, topic.default_name().replacen("granary", prefix, 1));
    }
    names
}

fn config(kafka: &Kafka, name: &str) -> Config {
    Config {
        application: name.into(),
        instance: None,
        on_stop: OnStop::default(),
        followers: 0,
        membership: Membership::Group,
        connection: Connection::plain(kafka.bootstrap()),
        topics: names(name),
        memory: 1 << 30,
        fetch_ahead: 4 << 20,
        transaction_timeout: Duration::from_secs(60),
        session_timeout: Duration::from_secs(6),
        stop_timeout: Duration::from_secs(20),
        lane: lane::Settings {
            partition: 0,
            allotment: allotment::Settings::default(),
            time_zone: "Asia/Shanghai".into(),
            encodings: lane::PerInput::default(),
            names: lane::PerInput::default(),
            encoder: contract::Encoder::default(),
            limits: lane::Limits::default(),
            checkpoints: None,
            rules: lane::RULES,
        },
    }
}

fn running(config: &Config) -> (Service, Arc<Board>) {
    let board = Arc::new(Board::new());
    let service =
        Service::start(config.clone(), Arc::clone(&board), Arc::new(())).expect("it starts");
    let started = Instant::now();
    let ready = |board: &Board| {
        let lanes = board.lanes();
        lanes.len() == PARTITIONS as usize
            && lanes.iter().all(|lane| lane.state() == LaneState::Running)
    };
    while !ready(&board) {
        assert!(started.elapsed() < PATIENCE, "the lanes run: {:?}", board.lanes());
        std::thread::sleep(Duration::from_millis(10));
    }
    (service, board)
}

fn stopped(service: Service) {
    service.stopper().stop();
    service.wait().expect("it ends as it was asked to");
}

fn order(number: u32, pool: &str) -> String {
    let now = now();
    format!(
        r#"{{"type":"order.created","event_id":"e{number}","platform":"douyin","pool":"{pool}","occurred_at":{now},"order_id":"{number}","lines":[{{"sku":"s","quantity":1}}]}}"#
    )
}

fn stock(pool: &str, quantity: u32) -> String {
    let now = now();
    format!(
        r#"{{"type":"stock.received","event_id":"r1","pool":"{pool}","occurred_at":{now},"sku":"s","quantity":{quantity},"lot_id":"l"}}"#
    )
}

fn now() -> u128 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().expect("it is after 1970").as_millis()
}

#[test]
fn the_service_on_a_real_kafka() {
    let Start::Running(kafka) = start_or_skip(&Options::default()) else { return };
    refuses_what_is_not_right(&kafka);
    does_the_job_and_comes_back(&kafka);
}

fn refuses_what_is_not_right(kafka: &Kafka) {
    let config = config(kafka, "wrong");
    let error = topics::check(&config.connection, &config.topics).expect_err("there are no topics");
    let DriverError::Topics(problems) = &error else { panic!("{error}") };
    assert_eq!(problems.len(), Topic::ALL.len(), "{error}");

    topics::create(&config.connection, &config.topics, 1, None).expect("they are made");
    let again =
        topics::create(&config.connection, &config.topics, 1, None).expect("they are there");
    assert!(again.iter().all(|created| !created.new));

    let mut other = config.topics.clone();
    other.set(Topic::Orders, "wrong.orders-compact");
    other.set(Topic::Stock, "wrong.stock-wide");
    let tool = |args: &[&str]| {
        let bootstrap = kafka.bootstrap();
        let mut all = vec!["--bootstrap-server", &bootstrap, "--create"];
        all.extend(args);
        kafka.jars().run("org.apache.kafka.tools.TopicCommand", &all).expect("the topic is made");
    };
    tool(&["--topic", "wrong.orders-compact", "--config", "cleanup.policy=compact"]);
    tool(&["--topic", "wrong.stock-wide", "--partitions", "3"]);
    let error = topics::check(&config.connection, &other).expect_err("two are wrong").to_string();
    assert!(
        error.contains("wrong.orders-compact: cleanup.policy is `compact`, must be `delete`"),
        "{error}"
    );
    assert!(
        error.contains("wrong.stock-wide: has 3 partitions where wrong.orders-compact has 1"),
        "{error}"
    );

    let nowhere = Connection::plain("127.0.0.1:1");
    let error = topics::check(&nowhere, &config.topics).expect_err("nobody is there");
    assert!(matches!(error, DriverError::Unreachable { .. }), "{error}");
}

fn does_the_job_and_comes_back(kafka: &Kafka) {
    let config = config(kafka, "job");
    topics::create(&config.connection, &config.topics, PARTITIONS, None).expect("they are made");
    let home = lane::home("p", PARTITIONS);
    let writer = Writer::new(&kafka.bootstrap());
    let orders = config.topics.get(Topic::Orders);
    let mut reader =
        Reader::new(&kafka.bootstrap(), config.topics.get(Topic::Decisions), PARTITIONS);

    let (service, _) = running(&config);
    writer.send(config.topics.get(Topic::Stock), home, "p", stock("p", 40).as_bytes());
    writer.flush();
    let mut took = Vec::new();
    for number in 1..=30 {
        let began = Instant::now();
        writer.send(orders, home, "p", order(number, "p").as_bytes());
        reader.until("decision", |seen| seen.len() == number as usize);
        took.push(began.elapsed());
    }
    took.sort();
    println!("one event at a time: median {:?}, worst {:?}", took[15], took[29]);
    stopped(service);

    // What comes while nobody is there, and on the wrong partition, is there afterwards.
    for number in 31..=50 {
        writer.send(orders, 1 - home, "p", order(number, "p").as_bytes());
    }
    writer.flush();
    let (service, board) = running(&config);
    let seen = reader.until("all decisions", |seen| seen.len() >= 50).to_vec();
    let outcome = |word: &str| {
        seen.iter().filter(|d| d.value.contains(&format!(r#""outcome":"{word}""#))).count()
    };
    assert_eq!((outcome("reserved"), outcome("refused")), (40, 10));
    assert!(seen.iter().all(|d| d.partition == i32::try_from(home).expect("few partitions")));
    assert_eq!(board.lanes().len(), 2);
    stopped(service);
    assert_eq!(board.lanes().len(), 0);
    assert_eq!(
        Reader::new(&kafka.bootstrap(), config.topics.get(Topic::Decisions), PARTITIONS)
            .to_end()
            .len(),
        50
    );
}
