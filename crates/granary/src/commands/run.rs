//! `granary run`: the service, wired.

use std::sync::{Arc, OnceLock};

use console::{Console, Options, Recorder};
use driver::{Service, Stopper};
use telemetry::{Board, log};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::ConfigArgs;
use crate::commands::explain;
use crate::config::Settings;
use crate::exit::{Exit, Failure};
use crate::{logging, memory};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs until a signal says otherwise, or until it can't go on.
pub(crate) fn run(args: &ConfigArgs) -> Result<(), Failure> {
    let settings = args.settings()?;
    memory::plan(&settings)?;
    logging::begin(&settings);
    log::service_starting(VERSION, &settings.application, &settings.bootstrap_servers);
    doubts(&settings);
    match serve(&settings) {
        Ok(()) => {
            log::service_stopped();
            Ok(())
        }
        Err(failure) => {
            log::service_failed(&failure);
            Err(failure.told())
        }
    }
}

fn serve(settings: &Settings) -> Result<(), Failure> {
    let board = Arc::new(Board::new());
    // HTTP and signals need no more than one thread; lanes have their own.
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(Failure::working)?;
    let started = Arc::<OnceLock<Stopper>>::default();
    let signals = runtime.block_on(async { Signals::listen() }).map_err(Failure::working)?;
    runtime.spawn(signals.obey(Arc::clone(&started)));
    start_console(&runtime, settings, &board)?;
    let service =
        Service::start(settings.driver(), board, Arc::new(())).map_err(Failure::working)?;
    started.get_or_init(|| service.stopper());
    let ended = service.wait().map_err(Failure::working);
    // A story that is being told is not waited for.
    runtime.shutdown_background();
    ended
}

fn start_console(
    runtime: &Runtime,
    settings: &Settings,
    board: &Arc<Board>,
) -> Result<(), Failure> {
    // Metrics that nobody can ask for are not kept: it is the console that keeps their memory bounded.
    let Some(address) = settings.console else { return Ok(()) };
    let recorder = Recorder::install().map_err(Failure::working)?;
    let options = Options { address, stuck_after: settings.stuck_after, version: VERSION };
    let console = runtime
        .block_on(Console::bind(options, Arc::clone(board), recorder))
        .map_err(Failure::unusable)?
        .telling(explain::teller(settings.clone()));
    runtime.spawn(console.run(std::future::pending()));
    Ok(())
}

/// SIGTERM and SIGINT. They are listened for before the service starts, so that none is lost.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The first ends the service in order; where it still looks for its brokers there is nothing to end.
    /// The second ends the process at once, which is safe: what is open is aborted, and whoever comes next
    /// recovers.
    async fn obey(mut self, started: Arc<OnceLock<Stopper>>) {
        let first = self.next().await;
        log::stop_asked(first);
        match started.get() {
            Some(stopper) => stopper.stop(),
            None => std::process::exit(Exit::Success as i32),
        }
        let second = self.next().await;
        log::stop_forced(second);
        std::process::exit(Exit::Failure as i32);
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Tells settings that their owner may regret.
fn doubts(settings: &Settings) {
    let said = settings.properties.0.contains_key("security.protocol");
    let local = |server: &str| {
        ["localhost:", "127.", "[::1]:"].iter().any(|host| server.trim().starts_with(host))
    };
    if !said && !settings.bootstrap_servers.split(',').all(local) {
        let why = "events travel unencrypted; set \"security.protocol\" to \"sasl_ssl\" or \"ssl\", or to \"plaintext\" knowingly";
        log::setting_doubtful("kafka.properties", why);
    }
}
