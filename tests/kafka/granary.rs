//! The program as a process of its own.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use clients::PATIENCE;
use fixture::process::{Signal, signal};
use serde_json::Value;

/// How often a process is looked at while it ends.
const LOOK: Duration = Duration::from_millis(20);

/// A running `granary run`. Killed when it is dropped; on a panic the end of its log is printed.
pub(crate) struct Granary {
    child: Child,
    log: PathBuf,
}

impl Granary {
    /// Starts it with this configuration, and with these keys set over it.
    pub(crate) fn run(config: &Path, name: &str, set: &[&str]) -> Self {
        Self::start(command("run", config), config, name, set)
    }

    /// As [`Granary::run`], where the process may have so many files and sockets and no more.
    pub(crate) fn run_limited(config: &Path, name: &str, set: &[&str], descriptors: u32) -> Self {
        let mut limited = Command::new("sh");
        limited.args(["-c", &format!("ulimit -n {descriptors} && exec \"$@\""), "sh"]);
        let run = command("run", config);
        limited.arg(run.get_program()).args(run.get_args());
        Self::start(limited, config, name, set)
    }

    /// As [`Granary::run`], with these variables in its environment.
    pub(crate) fn run_with(
        config: &Path,
        name: &str,
        set: &[&str],
        variables: &[(&str, &PathBuf)],
    ) -> Self {
        let mut run = command("run", config);
        run.envs(variables.iter().copied());
        Self::start(run, config, name, set)
    }

    fn start(mut command: Command, config: &Path, name: &str, set: &[&str]) -> Self {
        let log = config.with_file_name(format!("{name}.log"));
        let file = File::create(&log).expect("the log can be written");
        for pair in set {
            command.args(["--set", pair]);
        }
        let child =
            command.stderr(file).stdout(Stdio::null()).spawn().expect("the program is there");
        Self { child, log }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, what: Signal) {
        assert!(signal(self.child.id(), what), "the process is there");
    }

    /// kill -9.
    pub(crate) fn kill(mut self) {
        self.signal(Signal::Kill);
        self.child.wait().expect("it was ours");
    }

    /// SIGTERM; it ends in order.
    pub(crate) fn stop(mut self) {
        self.signal(Signal::Term);
        let status = self.wait();
        assert!(status.success(), "it ends in order: {status}");
    }

    /// SIGTERM, where it can't finish what it has begun.
    pub(crate) fn stop_anyhow(mut self) {
        self.signal(Signal::Term);
        self.wait();
    }

    /// Waits until it ends by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it was ours") {
                return status;
            }
            assert!(started.elapsed() < PATIENCE, "it ends");
            std::thread::sleep(LOOK);
        }
    }

    /// The most memory that it has had so far, in bytes, as the system counts it.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("the process is there");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = peak.and_then(|peak| peak.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        kib.expect("the system says how much it was") << 10
    }

    /// How many files and sockets it has open.
    pub(crate) fn descriptors(&self) -> usize {
        let open = fs::read_dir(format!("/proc/{}/fd", self.child.id()));
        open.expect("the process is there").count()
    }

    /// Where its console listens, with `console.address=127.0.0.1:0` set.
    pub(crate) fn console(&self) -> String {
        self.await_events("console_listening", 1);
        let address = self.events("console_listening")[0]["address"].clone();
        address.as_str().expect("it is an address").to_owned()
    }

    /// What it has written to its log.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// Waits until its log has `text`.
    pub(crate) fn await_log(&self, text: &str) {
        self.until(&format!("`{text}` is logged"), |this| this.log().contains(text));
    }

    /// The log's lines that tell this event.
    pub(crate) fn events(&self, event: &str) -> Vec<Value> {
        let log = self.log();
        // The last line may be half written.
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["event"] == event).collect()
    }

    /// What its console answers, with `console.address=127.0.0.1:0` set: the status and the text.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.console()).expect("it listens");
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").expect("it takes the question");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, text) = answer.split_once("\r\n\r\n").expect("it speaks HTTP");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("an answer has a status"), text.to_owned())
    }

    /// The values of a metric of its console, by partition.
    pub(crate) fn metric(&self, name: &str, label: &str) -> BTreeMap<i64, f64> {
        let (_, text) = self.get("/metrics");
        let lines = text.lines().filter(|line| line.starts_with(&format!("{name}{{")));
        lines
            .filter(|line| line.contains(label))
            .filter_map(|line| {
                let (_, after) = line.split_once("partition=\"")?;
                let (partition, _) = after.split_once('"')?;
                let (_, value) = line.rsplit_once(' ')?;
                Some((partition.parse().ok()?, value.parse().ok()?))
            })
            .collect()
    }

    /// Waits until `condition` holds, looking every so often.
    pub(crate) fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        self.until_within(PATIENCE, what, condition);
    }

    /// As [`Granary::until`], where it takes longer than most things.
    pub(crate) fn until_within(
        &self,
        patience: Duration,
        what: &str,
        condition: impl Fn(&Self) -> bool,
    ) {
        let started = Instant::now();
        while !condition(self) {
            assert!(started.elapsed() < patience, "{what}");
            std::thread::sleep(LOOK);
        }
    }

    /// Waits until its log has told this event so many times.
    pub(crate) fn await_events(&self, event: &str, count: usize) {
        let what = format!("`{event}` is logged {count} times");
        self.until(&what, |this| this.events(event).len() >= count);
    }
}

impl Drop for Granary {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = self.log();
            let from = log.char_indices().rev().nth(4000).map_or(0, |(at, _)| at);
            eprintln!("the end of {}:\n{}", self.log.display(), &log[from..]);
        }
    }
}

/// Runs a command to its end; its standard output, or its error.
pub(crate) fn once(mut command: Command, input: &[u8]) -> Result<String, String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program is there");
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it was ours");
    // Where it did not read all of it, its exit code tells more.
    let _ = writer.join().expect("the writer only writes");
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A command of the program with a configuration.
pub(crate) fn command(verb: &str, config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_granary"));
    command.args(verb.split(' ')).arg("--config").arg(config);
    command
}
