//! Raises the settings to what the rooms below want to be told.

use allotment::Millis;
use contract::{Decoder, Encoder, Topic};
use lane::Process;

use super::settings::{CloudEvents, Encoding, Language, Settings};

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
        let window =
            i64::try_from(self.dedup_window.as_millis()).expect("the settings bound it to days");
        allotment::Settings { dedup_window: Millis(window), ..allotment::Settings::default() }
    }

    /// What reads records whose encoding is not named.
    pub(crate) fn decoder(&self, encoding: Encoding) -> Decoder {
        Decoder::default()
            .with_default_encoding(raised(encoding))
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

    /// The lanes without Kafka. Lines are JSON, in and out, whatever the topics are.
    pub(crate) fn process(&self, partitions: u32) -> Process {
        let (decoder, encoder) = (self.decoder(Encoding::Json), self.encoder(Encoding::Json));
        Process::new(self.allotment(), &decoder, encoder, partitions)
    }
}

const fn raised(encoding: Encoding) -> contract::Encoding {
    match encoding {
        Encoding::Json => contract::Encoding::Json,
        Encoding::Protobuf => contract::Encoding::Protobuf,
    }
}
