//! A broker inside this process, for a first run without Kafka: librdkafka's mock cluster.
//!
//! It speaks the real protocol on loopback, so other programs can look in, and it is *not* a Kafka: it shows
//! open and aborted transactions to everybody, keeps no committed offsets, fences nobody, and forgets what
//! exceeds 5 MiB or 100 000 batches a partition. Nothing that must be exactly once may rest on it.

use rdkafka::{mocking::MockCluster, producer::DefaultProducerContext};

use crate::{Connection, DriverError, TopicNames};

/// How long a fetch waits for records; what a viewer of the demonstration does not see as a delay.
const FETCH_WAIT_MS: &str = "20";

/// A running in-process broker. It ends when it is dropped.
#[expect(missing_debug_implementations, reason = "the mock cluster of rust-rdkafka has none")]
pub struct Broker {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl Broker {
    /// Starts a broker with the topics of a deployment.
    ///
    /// # Errors
    /// librdkafka can't make it.
    pub fn start(names: &TopicNames, partitions: u32) -> Result<Self, DriverError> {
        let cluster =
            MockCluster::new(1).map_err(DriverError::question("making the in-process broker"))?;
        let partitions = i32::try_from(partitions).unwrap_or(i32::MAX);
        for (_, name) in names.iter() {
            cluster.create_topic(name, partitions, 1).map_err(DriverError::question(format!(
                "creating {name} on the in-process broker"
            )))?;
        }
        Ok(Self { cluster })
    }

    /// How the driver connects to it.
    #[must_use]
    pub fn connection(&self) -> Connection {
        // A fetch that waits is not woken by new records here: it must not wait for long.
        let properties = vec![("fetch.wait.max.ms".into(), FETCH_WAIT_MS.into())];
        Connection { servers: self.bootstrap(), properties, describes: false }
    }

    /// Where clients connect, `127.0.0.1:port`; other programs too.
    #[must_use]
    pub fn bootstrap(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}
