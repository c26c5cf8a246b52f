//! A deployment of its own for a test: topics, configuration, directory.

use std::{
    fs,
    path::PathBuf,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};

use clients::{PATIENCE, Reader, Writer};
use fixture::{Kafka, Options, Start, start_or_skip};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
};

use crate::{
    expected::Told,
    granary::{self, Granary},
};

/// The one Kafka of all tests; `None` where the machine has no Java.
fn kafka() -> Option<&'static Kafka> {
    static KAFKA: OnceLock<Option<Box<Kafka>>> = OnceLock::new();
    let start = || match start_or_skip(&Options::default()) {
        Start::Running(kafka) => Some(kafka),
        Start::Skipped => None,
    };
    KAFKA.get_or_init(start).as_deref()
}

/// The one Kafka with a proxy before it: what is done to its requests is done to all, so it serves one test
/// after the other.
fn proxied() -> Option<(&'static Kafka, MutexGuard<'static, ()>)> {
    static KAFKA: OnceLock<Option<Box<Kafka>>> = OnceLock::new();
    static ONE: Mutex<()> = Mutex::new(());
    let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let properties = [
        // Transactions that have lived too long are looked for each second, not each ten.
        ("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"),
        // Everybody may do everything until a test says otherwise.
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("allow.everyone.if.no.acl.found", "true"),
    ];
    let properties = properties.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let options = Options { properties: properties.to_vec(), proxied: true, ..Options::default() };
    let start = || match start_or_skip(&options) {
        Start::Running(kafka) => Some(kafka),
        Start::Skipped => None,
    };
    KAFKA.get_or_init(start).as_deref().map(|kafka| (kafka, one))
}

/// One test's deployment.
pub(crate) struct Deployment {
    pub(crate) kafka: &'static Kafka,
    pub(crate) name: String,
    pub(crate) partitions: u32,
    directory: tempfile::TempDir,
    /// Where the service finds Kafka.
    servers: String,
    _one: Option<MutexGuard<'static, ()>>,
}

impl Deployment {
    /// Makes its topics with `granary topics create`. `None`: there is no Kafka, and that has been said.
    pub(crate) fn new(name: &str, partitions: u32) -> Option<Self> {
        Some(Self::direct(kafka()?, name, partitions))
    }

    /// As [`Deployment::new`]; the service comes to Kafka through a proxy.
    pub(crate) fn behind_proxy(name: &str, partitions: u32) -> Option<Self> {
        let (kafka, one) = proxied()?;
        // A test that failed may have left something.
        kafka.proxy().clear_all();
        Some(Self::on(kafka, kafka.proxy().bootstrap(), name, partitions, Some(one)))
    }

    /// As [`Deployment::new`], with a Kafka of its own, which may be killed.
    pub(crate) fn alone(name: &str, partitions: u32) -> Option<Self> {
        match start_or_skip(&Options::default()) {
            // Never dropped, but its keeper ends it with this process.
            Start::Running(kafka) => Some(Self::direct(Box::leak(kafka), name, partitions)),
            Start::Skipped => None,
        }
    }

    /// As [`Deployment::alone`], behind a proxy of its own.
    pub(crate) fn alone_behind_proxy(name: &str, partitions: u32) -> Option<Self> {
        Self::with(&Options { proxied: true, ..Options::default() }, name, partitions)
    }

    /// The same, with a second disk of so many megabytes.
    pub(crate) fn on_two_disks(name: &str, partitions: u32, megabytes: u32) -> Option<Self> {
        let small_disk = Some(megabytes);
        Self::with(&Options { proxied: true, small_disk, ..Options::default() }, name, partitions)
    }

    fn with(options: &Options, name: &str, partitions: u32) -> Option<Self> {
        match start_or_skip(options) {
            Start::Running(kafka) => {
                let kafka: &'static Kafka = Box::leak(kafka);
                Some(Self::on(kafka, kafka.proxy().bootstrap(), name, partitions, None))
            }
            Start::Skipped => None,
        }
    }

    fn direct(kafka: &'static Kafka, name: &str, partitions: u32) -> Self {
        Self::on(kafka, kafka.bootstrap(), name, partitions, None)
    }

    fn on(
        kafka: &'static Kafka,
        servers: String,
        name: &str,
        partitions: u32,
        one: Option<MutexGuard<'static, ()>>,
    ) -> Self {
        let directory = tempfile::tempdir().expect("there is a temporary directory");
        let this = Self { kafka, name: name.into(), partitions, directory, servers, _one: one };
        fs::write(this.config(), this.toml()).expect("the configuration can be written");
        // One after the other: every one of them asks for a dozen topics.
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        this.create_topics(partitions).expect("the topics are made");
        this
    }

    /// Makes those of its topics that are missing, with `granary topics create`: what it prints, or its error.
    pub(crate) fn create_topics(&self, partitions: u32) -> Result<String, String> {
        let mut create = granary::command("topics create", &self.config());
        create.args(["--partitions", &partitions.to_string()]);
        granary::once(create, b"")
    }

    /// Deletes one of its topics.
    pub(crate) fn delete_topic(&self, topic: &str) {
        let name = self.topic(topic);
        let deleted = block_on(self.admin().delete_topics(&[&name], &AdminOptions::new()));
        assert_eq!(deleted.expect("it is answered"), [Ok(name)]);
    }

    /// Its configuration file.
    pub(crate) fn config(&self) -> PathBuf {
        self.directory.path().join("granary.toml")
    }

    /// The name of one of its topics.
    pub(crate) fn topic(&self, topic: &str) -> String {
        format!("{}.{topic}", self.name)
    }

    /// Starts a process of it.
    pub(crate) fn run(&self, name: &str, set: &[&str]) -> Granary {
        Granary::run(&self.config(), name, set)
    }

    /// A writer to this Kafka.
    pub(crate) fn writer(&self) -> Writer {
        Writer::new(&self.kafka.bootstrap())
    }

    /// A reader of one of its topics.
    pub(crate) fn reader(&self, topic: &str) -> Reader {
        Reader::new(&self.kafka.bootstrap(), &self.topic(topic), self.partitions)
    }

    /// Everything that it has told, up to the end of the topics.
    pub(crate) fn told(&self, expected: &Told) -> Told {
        let mut told = Told::default();
        for topic in Told::TOPICS {
            let mut reader = self.reader(topic);
            let enough = expected.count(topic);
            reader.until(topic, |seen| {
                // Only where there may be enough: taking them in is what costs.
                let mut told = Told::default();
                let may = seen.len() >= enough;
                seen.iter().filter(|_| may).for_each(|seen| told.add(topic, &seen.value));
                told.count(topic) >= enough
            });
            reader.to_end().iter().for_each(|seen| told.add(topic, &seen.value));
        }
        told
    }

    /// What retention does: nothing is left of a topic's partition but what comes.
    pub(crate) fn delete_records(&self, topic: &str, partition: u32) {
        let mut before = TopicPartitionList::new();
        let partition = i32::try_from(partition).expect("partitions are few");
        before
            .add_partition_offset(&self.topic(topic), partition, Offset::End)
            .expect("it is an offset");
        let deleted = block_on(self.admin().delete_records(&before, &AdminOptions::new()));
        deleted.expect("the records are deleted");
    }

    pub(crate) fn admin(&self) -> AdminClient<DefaultClientContext> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.kafka.bootstrap());
        config.create().expect("it is a client")
    }

    /// Sets a setting of one of its topics.
    pub(crate) fn alter(&self, topic: &str, setting: &str) {
        let name = self.topic(topic);
        let entity = ["--entity-type", "topics", "--entity-name", &name];
        self.tool(
            "kafka.admin.ConfigCommand",
            &[&entity[..], &["--alter", "--add-config", setting]].concat(),
        );
    }

    /// Runs one of Kafka's own tools.
    pub(crate) fn tool(&self, class: &str, arguments: &[&str]) {
        let bootstrap = self.kafka.bootstrap();
        let all = [&["--bootstrap-server", &bootstrap], arguments].concat();
        self.kafka.jars().run(class, &all).expect("the tool does it");
    }

    fn toml(&self) -> String {
        let mut toml = format!(
            "[application]\nname = \"{}\"\n[kafka]\nbootstrap_servers = \"{}\"\n\
             [console]\naddress = \"\"\n[log]\nlevel = \"info\"\nformat = \"json\"\n[topics]\n",
            self.name, self.servers
        );
        for topic in contract::Topic::ALL {
            let name = topic.default_name();
            let short = name.strip_prefix("granary.").expect("the default names have it");
            toml.push_str(&format!("{} = \"{}\"\n", short.replace('-', "_"), self.topic(short)));
        }
        toml
    }
}

/// The offset that the group of a deployment has committed; `None` where it has none.
pub(crate) fn committed(deployment: &Deployment, topic: &str, partition: i32) -> Option<i64> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", deployment.kafka.bootstrap()).set("group.id", &deployment.name);
    let consumer: BaseConsumer = config.create().expect("it is a client");
    let mut asked = TopicPartitionList::new();
    asked.add_partition(&deployment.topic(topic), partition);
    let found = consumer.committed_offsets(asked, PATIENCE).expect("it is answered");
    match found.elements()[0].offset() {
        Offset::Offset(offset) => Some(offset),
        _ => None,
    }
}

pub(crate) fn block_on<T>(answer: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("it is a runtime").block_on(answer)
}
