//! The command line as it is typed. Each command raises it to settings of its own.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::{ConfigError, Layers, Settings};
use crate::{arguments, properties};

/// Gives each order its share of a limited stock, exactly once.
///
/// Takes order and stock events, and tells the courier, the bridge and the people on watch what was
/// decided: from Kafka (`run`), from a file (`process`), or from a made-up evening (`demo`).
#[derive(Debug, Parser)]
#[command(
    name = "granary",
    version,
    disable_help_subcommand = true,
    after_help = "Examples:\n  granary demo                          see it work; needs nothing\n  granary process events.ndjson         your own events from a file\n  granary run --config granary.toml     the service\n\nExit codes: 0 done, 1 it went wrong, 2 it could not begin (arguments, configuration, unreadable input)."
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Decide events from files or standard input, without Kafka
    Process(ProcessArgs),
    /// Watch it work: a made-up evening on a broker inside this process
    Demo(DemoArgs),
    /// Run the service
    #[command(
        after_help = "Examples:\n  granary run --config granary.toml\n  GRANARY_KAFKA_BOOTSTRAP_SERVERS=kafka:9092 granary run\n\nSIGTERM finishes the transactions in hand, leaves the group and exits 0; a second one exits at once, which is safe."
    )]
    Run(ConfigArgs),
    /// Make or check the topics
    #[command(
        subcommand,
        after_help = "Example:\n  granary topics create --config granary.toml --partitions 12"
    )]
    Topics(TopicsCommand),
    /// Publish made-up evenings to a real Kafka
    Load(LoadArgs),
    /// Read the live topics, and prove that nothing was lost, doubled, oversold or served out of turn
    Audit(AuditArgs),
    /// Come back to every partition beside whoever runs it, and see that it could
    Verify(VerifyArgs),
    /// Tell why an order got what it got
    Explain(ExplainArgs),
    /// Look at the configuration
    #[command(subcommand, after_help = "Example:\n  granary config check --config granary.toml")]
    Config(ConfigCommand),
}

/// Where the configuration comes from.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Configuration file (TOML); what it leaves out keeps its default
    #[arg(long, short, value_name = "FILE", env = "GRANARY_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Sets one key, over file and environment; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = arguments::Pair)]
    pub(crate) set: Vec<(String, String)>,
}

impl ConfigArgs {
    /// The layers: defaults, file, environment, flags.
    fn layers(&self) -> Result<Layers, ConfigError> {
        // Variables that are not Unicode can't be meant for us: all our keys and values are.
        let variables = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        Layers::stack(self.config.as_deref(), variables, &self.set)
    }

    /// The settings, with everything checked that can be before anything connects. Every command that has a
    /// configuration comes by it here.
    pub(crate) fn settings(&self) -> Result<Settings, ConfigError> {
        self.checked().map(|(_, settings)| settings)
    }

    /// As [`ConfigArgs::settings`], with the layers that they come from.
    pub(crate) fn checked(&self) -> Result<(Layers, Settings), ConfigError> {
        let layers = self.layers()?;
        let settings = layers.settings()?;
        properties::check(&layers, &settings.connection())?;
        Ok((layers, settings))
    }
}

/// `granary process`
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  granary process events.ndjson | jq -c 'select(.topic == \"granary.decisions\") | .value'\n\nOne JSON event (or array of events) a line comes in; one JSON object a line goes out: {\"topic\", \"key\", \"value\"}. What can't be taken becomes a dead letter and is no failure."
)]
pub(crate) struct ProcessArgs {
    /// Files to read, one after the other; none or `-` is standard input
    pub(crate) files: Vec<PathBuf>,
    /// Work as a deployment of so many partitions would; the answer is the same
    #[arg(long, value_name = "P", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) partitions: u32,
    /// Let time pass up to here at the end (RFC 3339, or milliseconds since 1970)
    #[arg(long, value_name = "TIME", value_parser = crate::instant::parse)]
    pub(crate) until: Option<allotment::Time>,
    /// Configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// `granary demo`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  granary demo                 an evening in about a minute, on a page that moves\n  granary demo --seconds 20    end by itself earlier, with the account so far\n  granary demo | cat           plain lines, as in CI"
)]
pub(crate) struct DemoArgs {
    /// End after so many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) events: Option<u64>,
    /// End after so many seconds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds: Option<u64>,
    /// Events a second, on average; by default the evening takes a minute
    #[arg(long, value_name = "R", value_parser = clap::value_parser!(u64).range(1..=5000))]
    pub(crate) rate: Option<u64>,
    /// Decides how the evening goes; the same seed gives the same evening
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Language of the alerts
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = ["en", "zh"])]
    pub(crate) language: String,
    /// Plain lines even where there is a terminal
    #[arg(long)]
    pub(crate) plain: bool,
}

/// `granary load`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  granary load --config granary.toml --rate 500\n  granary load --seed 7 --pools 20 --sessions 3 --rate 2000 --events 50000"
)]
pub(crate) struct LoadArgs {
    /// Events a second, on average; 0: as fast as Kafka takes them
    #[arg(long, value_name = "R", default_value_t = 200, value_parser = clap::value_parser!(u64).range(..=1_000_000))]
    pub(crate) rate: u64,
    /// End after so many events, even in the middle of a session
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) events: Option<u64>,
    /// Pools that sell at once; 300 to 500 orders each
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) pools: u32,
    /// Sessions, one after the other, each with pools of its own
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) sessions: u32,
    /// Decides everything that is published; by default the time of day
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// `granary audit`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  granary audit --config granary.toml\n  granary audit --config granary.toml --json | jq .violations\n\nReads from the beginning of the topics to their ends at the start, committed records only; the service may run. What retention has removed can't be proved, and is said. Exit codes: 0 proved, 1 violations found, 2 could not read."
)]
pub(crate) struct AuditArgs {
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// `granary verify`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  granary verify --config granary.toml\n  granary verify --config granary.toml --partition 3\n\nLoads each partition's checkpoint, replays its journal to where it ended at the start, and compares all digests. It writes nothing and joins no group; the service may run. Exit codes: 0 all is as it must be, 1 something is not, 2 could not read."
)]
pub(crate) struct VerifyArgs {
    /// Only this partition
    #[arg(long, value_name = "N")]
    pub(crate) partition: Option<u32>,
    /// Configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// `granary explain`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  granary explain douyin 4990021 --config granary.toml\n  granary explain douyin 4990021 --pool hexi-oranges --json | jq '.pools[0].steps'\n  granary explain douyin 4990021 --from events.ndjson    what `process` reads\n\nReads committed records only, writes nothing and joins no group; the service may run. With --pool it reads one partition, without it the decisions of all. Exit codes: 0 told, 1 no record of the order, 2 could not read."
)]
pub(crate) struct ExplainArgs {
    /// The order's platform
    #[arg(value_parser = id)]
    pub(crate) platform: String,
    /// The order's id on that platform
    #[arg(value_parser = id)]
    pub(crate) order_id: String,
    /// Only in this pool; by default in every pool that knows the order
    #[arg(long, value_name = "POOL", value_parser = id)]
    pub(crate) pool: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
    /// Read one JSON event (or array of events) a line from this file instead of Kafka; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Let time pass up to here at the end of the file (RFC 3339, or milliseconds since 1970)
    #[arg(long, value_name = "TIME", value_parser = crate::instant::parse, requires = "from")]
    pub(crate) until: Option<allotment::Time>,
    /// Configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// `granary topics`
#[derive(Debug, Subcommand)]
pub(crate) enum TopicsCommand {
    /// Create the topics that are missing, then check all of them
    #[command(
        after_help = "Example:\n  granary topics create --config granary.toml --partitions 12 --replication 3"
    )]
    Create(CreateArgs),
    /// Say whether the topics are as they must be, and all that is wrong
    #[command(after_help = "Example:\n  granary topics check --config granary.toml")]
    Check(ConfigArgs),
}

/// `granary topics create`
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Partitions of each topic; can't be changed once there are events
    #[arg(long, value_name = "P", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) partitions: u32,
    /// Copies of each partition; by default the brokers' own setting
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) replication: Option<u32>,
    /// Configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// `granary config`
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Say whether the configuration can be used, and all that is wrong with it
    #[command(after_help = "Example:\n  granary config check --config granary.toml")]
    Check(ConfigArgs),
    /// Print the settings that result, and where each comes from; secrets are hidden
    #[command(
        after_help = "Examples:\n  granary config show --config granary.toml\n  granary config show --default > granary.toml    the annotated defaults, to start from"
    )]
    Show(ShowArgs),
}

/// `granary config show`
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Print the annotated default file instead
    #[arg(long, conflicts_with_all = ["config", "set"])]
    pub(crate) default: bool,
    /// Configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

fn id(text: &str) -> Result<String, String> {
    match text {
        "" => Err("no id is empty; write it as it is in the events".to_owned()),
        id => Ok(id.to_owned()),
    }
}
