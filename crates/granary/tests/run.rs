//! `granary run` where there is no Kafka: it says so, serves its console meanwhile, and obeys signals.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;

/// A port on which nobody listens: it was free, and is given back before it is used.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn start(arguments: &[&str]) -> Child {
    std::process::Command::cargo_bin("granary")
        .unwrap()
        .args(["run", "--set", "console.address=127.0.0.1:0", "--set", "log.format=json"])
        .args(["--set", &format!("kafka.bootstrap_servers={}", nobody())])
        .args(arguments)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn events(child: &mut Child) -> impl Iterator<Item = Value> + use<> {
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap())
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn brokers_that_cannot_be_reached_are_named_in_json() {
    let mut child = start(&["--set", "kafka.properties.sasl.password=hunter2"]);
    let told: Vec<Value> = events(&mut child).collect();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let last = told.last().unwrap();
    assert_eq!((&last["event"], &last["level"]), (&"service_failed".into(), &"ERROR".into()));
    assert!(
        last["cause"].as_str().unwrap().contains("no Kafka broker answers at 127.0.0.1:"),
        "{last}"
    );
    assert!(told.iter().any(|event| event["event"] == "console_listening"));
    assert!(
        !told.iter().any(|event| event.to_string().contains("hunter2")),
        "secrets are not logged"
    );
}

#[test]
fn the_console_answers_and_a_signal_is_obeyed_while_brokers_are_looked_for() {
    let mut child = start(&[]);
    let mut told = events(&mut child);
    let listening = told.find(|event| event["event"] == "console_listening").unwrap();
    let address = listening["address"].as_str().unwrap();
    // Kafka being away is no reason to restart, and every reason not to send anything here.
    assert!(get(address, "/healthz").starts_with("HTTP/1.1 200"));
    assert!(get(address, "/readyz").starts_with("HTTP/1.1 503"));
    assert!(get(address, "/metrics").contains("granary_build_info{version="));
    let pid = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert!(told.any(|event| event["event"] == "stop_asked"));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
