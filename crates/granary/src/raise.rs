//! Raises the settings to what the rooms below want to be told.

use std::time::Duration;

use allotment::Millis;
use contract::{Decoder, Encoder, Topic};
use driver::{Connection, Membership, TopicNames};
use lane::{InputTopic, Limits, PerInput, Process, RULES};

use crate::config::{CloudEvents, Encoding, Language, OnStop, Settings};

impl Settings {
    /// The name of `topic`.
    pub(crate) fn topic(&self, topic: Topic) -> &str {
        let key = match topic {
            Topic::Orders => "orders",
            Topic::Comments => "comments",
            Topic::Stock => "stock",
            Topic::Reroute => "reroute",
            Topic::Fulfillment => "fulfillment",
            Topic::Alerts => "alerts",
            Topic::Decisions => "decisions",
            Topic::Levels => "levels",
            Topic::DeadLetter => "dead_letter",
            Topic::Journal => "journal",
            Topic::Checkpoints => "checkpoints",
        };
        &self.topics[key]
    }

    /// What the core is told.
    pub(crate) fn allotment(&self) -> allotment::Settings {
        allotment::Settings {
            dedup_window: millis(self.dedup_window),
            manifest_corrections: self.manifest_corrections,
            ..allotment::Settings::default()
        }
    }

    /// What reads records; those that do not name their encoding, in this one.
    pub(crate) fn decoder(&self, encoding: contract::Encoding) -> Decoder {
        Decoder::default()
            .with_default_encoding(encoding)
            .with_time_zone(&self.time_zone)
            .expect("the settings have checked the time zone")
    }

    /// What writes records.
    pub(crate) fn encoder(&self, encoding: Encoding) -> Encoder {
        Encoder {
            encoding: raised(encoding),
            language: match self.language {
                Language::English => contract::Language::En,
                Language::Chinese => contract::Language::Zh,
            },
            cloud_events_on_decisions: self.cloudevents.contains(&CloudEvents::Decisions),
            cloud_events_on_levels: self.cloudevents.contains(&CloudEvents::Levels),
            ce_source: self.source.clone(),
        }
    }

    /// How to reach the brokers.
    pub(crate) fn connection(&self) -> Connection {
        let mut connection = Connection::plain(&self.bootstrap_servers);
        connection.properties = self.properties.0.clone().into_iter().collect();
        connection
    }

    /// What the topics are called.
    pub(crate) fn topic_names(&self) -> TopicNames {
        let mut names = TopicNames::default();
        for topic in Topic::ALL {
            names.set(topic, self.topic(topic));
        }
        names
    }

    /// What the driver is told.
    pub(crate) fn driver(&self) -> driver::Config {
        let bounds = &self.bounds;
        driver::Config {
            application: self.application.clone(),
            instance: self.instance.clone(),
            on_stop: match self.on_stop {
                OnStop::Keep => driver::OnStop::Keep,
                OnStop::HandOver => driver::OnStop::HandOver,
            },
            membership: Membership::Group,
            followers: size(self.followers),
            connection: self.connection(),
            topics: self.topic_names(),
            memory: bounds.memory,
            fetch_ahead: size(bounds.fetch_ahead),
            transaction_timeout: bounds.transaction_timeout,
            session_timeout: bounds.session_timeout,
            stop_timeout: bounds.stop_timeout,
            lane: self.lane(Limits {
                batch_records: size(bounds.batch_records),
                batch_bytes: size(bounds.batch_bytes),
                // Each input its part, and a batch at least.
                held_bytes: size(bounds.fetch_ahead)
                    .div_ceil(InputTopic::ALL.len())
                    .max(size(bounds.batch_bytes)),
                hidden_patience: millis(bounds.hidden_patience),
                new_pools: self.new_pools(),
                ..Limits::default()
            }),
        }
    }

    /// What a lane is told. Its partition and its inputs' names are the driver's to fill in.
    fn lane(&self, limits: Limits) -> lane::Settings {
        let [orders, comments, stock] = self.inputs.map(raised);
        lane::Settings {
            partition: 0,
            allotment: self.allotment(),
            time_zone: self.time_zone.clone(),
            encodings: PerInput::from_fn(|input| match input {
                InputTopic::Orders => orders,
                InputTopic::Comments => comments,
                InputTopic::Stock => stock,
                // What is rerouted names its encoding; what does not was written by hand.
                InputTopic::Reroute => contract::Encoding::Json,
            }),
            names: PerInput::default(),
            encoder: self.encoder(self.output),
            limits,
            checkpoints: Some(lane::Checkpoints {
                interval: millis(self.checkpoints.interval),
                events: self.checkpoints.events,
                portion_bytes: size(self.checkpoints.portion_bytes),
                ..lane::Checkpoints::default()
            }),
            rules: RULES,
        }
    }

    /// The lanes without Kafka. Lines are JSON, in and out, whatever the topics are.
    pub(crate) fn process(&self, partitions: u32) -> Process {
        let decoder = self.decoder(contract::Encoding::Json);
        let encoder = self.encoder(Encoding::Json);
        let mut process = Process::new(self.allotment(), &decoder, encoder, partitions);
        process.allow_pools(self.new_pools());
        process
    }

    fn new_pools(&self) -> u32 {
        u32::try_from(self.bounds.new_pools).expect("the settings bound it to a million")
    }
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).expect("the settings bound it to what memory has")
}

fn millis(duration: Duration) -> Millis {
    Millis(i64::try_from(duration.as_millis()).expect("the settings bound it to days"))
}

const fn raised(encoding: Encoding) -> contract::Encoding {
    match encoding {
        Encoding::Json => contract::Encoding::Json,
        Encoding::Protobuf => contract::Encoding::Protobuf,
    }
}
