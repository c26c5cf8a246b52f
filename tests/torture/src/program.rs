//! The program that is tortured: its commands, and one running process of it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

use fixture::process::{Signal, signal};
use serde_json::Value;

/// Where the program is, and the folder with its configuration and its logs.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) binary: PathBuf,
    pub(crate) folder: Arc<PathBuf>,
}

/// Transactions of a few records and checkpoints all the time, so that a kill finds one of each open.
const SETTINGS: &str = "\
[console]
address = \"\"
[log]
format = \"json\"
[bounds]
batch_records = 20
[checkpoints]
interval = \"3s\"
portion_bytes = \"4KiB\"
";

impl Program {
    /// Writes the configuration.
    pub(crate) fn new(binary: &Path, folder: PathBuf, bootstrap: &str) -> Result<Self, String> {
        let toml = format!("{SETTINGS}[kafka]\nbootstrap_servers = \"{bootstrap}\"\n");
        let file = folder.join("granary.toml");
        fs::write(&file, toml).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Self { binary: binary.to_path_buf(), folder: Arc::new(folder) })
    }

    /// Runs a command to its end; its standard output, or all that it said.
    pub(crate) fn once(&self, words: &[&str], input: Vec<u8>) -> Result<String, String> {
        let mut command = self.command(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| self.cannot_start(&error))?;
        let mut stdin = child.stdin.take().expect("standard input is a pipe");
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().map_err(|error| self.cannot_start(&error))?;
        // Where it did not read all of it, its exit code tells more.
        let _ = writer.join();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, errors) = (text(&output.stdout), text(&output.stderr));
        if output.status.success() {
            return Ok(out);
        }
        Err(format!("granary {}: {}\n{out}{errors}", words.join(" "), output.status))
    }

    /// Starts the service; with an `instance` it is a static member of the group.
    pub(crate) fn run(&self, name: &str, instance: Option<&str>) -> Result<Process, String> {
        let log = self.folder.join(format!("{name}.log"));
        let file = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let mut command = self.command(&["run"]);
        if let Some(instance) = instance {
            command.args(["--set", &format!("application.instance={instance}")]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let child = command.spawn().map_err(|error| self.cannot_start(&error))?;
        Ok(Process { child, log })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(words).arg("--config").arg(self.folder.join("granary.toml"));
        command
    }

    fn cannot_start(&self, error: &std::io::Error) -> String {
        format!("{}: {error}", self.binary.display())
    }
}

/// A running process. Killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Sends it a signal.
    pub(crate) fn signal(&self, what: Signal) -> Result<(), String> {
        if signal(self.child.id(), what) {
            return Ok(());
        }
        Err(format!("{what:?} did not reach the process of {}", self.log.display()))
    }

    /// kill -9.
    pub(crate) fn kill(mut self) -> Result<(), String> {
        self.signal(Signal::Kill)?;
        self.child.wait().map(|_| ()).map_err(|error| format!("{}: {error}", self.log.display()))
    }

    /// What it ended with, if it has ended.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>, String> {
        self.child.try_wait().map_err(|error| format!("{}: {error}", self.log.display()))
    }

    /// Where its log is.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Where its log is, and how that ends.
    pub(crate) fn told(&self) -> String {
        const LINES: usize = 12;
        let log = String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned();
        let lines: Vec<_> = log.lines().collect();
        let end = lines[lines.len().saturating_sub(LINES)..].join("\n");
        format!("{}, which ends with\n{end}", self.log.display())
    }

    /// The partitions whose lanes it runs, as its log tells.
    pub(crate) fn runs(&self) -> BTreeSet<i64> {
        let mut runs = BTreeSet::new();
        for line in lines(&self.log) {
            let partition = line["partition"].as_i64();
            match line["event"].as_str() {
                Some("lane_running") => runs.extend(partition),
                Some("lane_stopped" | "lane_dropped") => {
                    runs.retain(|other| Some(*other) != partition);
                }
                _ => {}
            }
        }
        runs
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a log; the last one may be half written.
pub(crate) fn lines(log: &Path) -> impl Iterator<Item = Value> {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    let lines: Vec<_> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    lines.into_iter()
}
