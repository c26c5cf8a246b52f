//! The program that is measured, as a user would start it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fixture::process::{Signal, signal};

/// How long stopping may take.
const STOP_WITHIN: Duration = Duration::from_secs(60);

/// Where the program is, and its Kafka.
pub(crate) struct Program {
    pub(crate) binary: PathBuf,
    pub(crate) bootstrap: String,
}

impl Program {
    /// Runs a command to its end; what it printed.
    pub(crate) fn once(&self, words: &[&str]) -> Result<String, String> {
        let output = self.command(words).output().map_err(|error| self.cannot_start(&error))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(format!("granary {}: {}", words.join(" "), String::from_utf8_lossy(&output.stderr)))
    }

    /// Starts the service, with its console on a free port.
    pub(crate) fn service(&self) -> Result<Service, String> {
        self.service_with(&[])
    }

    /// As [`Program::service`], with settings over the defaults.
    pub(crate) fn service_with(&self, settings: &[&str]) -> Result<Service, String> {
        let free =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let console = free.map_err(|error| format!("no free port: {error}"))?.to_string();
        let mut command = self.command(&[
            "run",
            "--set",
            &format!("console.address={console}"),
            "--set",
            "log.level=warn",
            // A million orders fit: what is measured is not the pause at the limit.
            "--set",
            "bounds.memory=8GiB",
        ]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let port = console.rsplit(':').next().unwrap_or_default();
        let log = std::env::temp_dir().join(format!("granary-benchmark-{port}.log"));
        let file =
            std::fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let child = command.stderr(file).spawn().map_err(|error| self.cannot_start(&error))?;
        Ok(Service { child, console, log })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(words).args(["--set", &format!("kafka.bootstrap_servers={}", self.bootstrap)]);
        command.stdin(Stdio::null());
        command
    }

    fn cannot_start(&self, error: &std::io::Error) -> String {
        format!("{}: {error}", self.binary.display())
    }
}

/// The running service. Killed when it is dropped.
pub(crate) struct Service {
    child: Child,
    /// Where its console listens.
    pub(crate) console: String,
    log: PathBuf,
}

impl Service {
    /// What it has written to its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Bytes of memory that it holds now.
    pub(crate) fn resident(&self) -> Result<u64, String> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes =
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        Ok(kilobytes.ok_or_else(|| format!("{path} has no VmRSS"))? * 1024)
    }

    /// kill -9.
    pub(crate) fn kill(&mut self) -> Result<(), String> {
        if !signal(self.child.id(), Signal::Kill) {
            return Err(format!("granary run had ended by itself: {}", self.log()));
        }
        self.child.wait().map(|_| ()).map_err(|error| error.to_string())
    }

    /// SIGTERM, as a deployment would.
    pub(crate) fn stop(mut self) -> Result<(), String> {
        if !signal(self.child.id(), Signal::Term) {
            return Err("granary run had ended by itself".into());
        }
        let asked = Instant::now();
        while asked.elapsed() < STOP_WITHIN {
            match self.child.try_wait().map_err(|error| error.to_string())? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => {
                    return Err(format!("granary run ended with {status}: {}", self.log()));
                }
                None => std::thread::sleep(Duration::from_millis(50)),
            }
        }
        Err(format!("granary run has not ended within {STOP_WITHIN:?} of SIGTERM"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It has ended already after `stop`; after an error nobody else would end it.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.log);
    }
}
