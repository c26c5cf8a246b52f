//! Clients that are slow, and too many of them.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod served;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use console::{Answer, CONNECTIONS};
use telemetry::Board;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Runs `client` against a console whose stories are long. With `jumps` the clock jumps to whatever is waited for.
fn with_console<F: Future<Output = ()>>(jumps: bool, client: impl FnOnce(SocketAddr) -> F) {
    let story = |_: &console::Asked| Answer::Story("x".repeat(LONG));
    served::serve(jumps, &Arc::new(Board::new()), Some(Arc::new(story)), client);
}

/// More than the system takes for a client that reads nothing.
const LONG: usize = 64 << 20;

async fn begin(address: SocketAddr, text: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    stream
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = begin(address, &format!("GET {path} HTTP/1.1\r\nHost: here\r\n\r\n")).await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The value of a metric.
fn value(metrics: &str, name: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {metrics}")).trim().parse().unwrap()
}

#[test]
fn whoever_asks_at_once_is_answered_in_a_crowd_that_says_nothing() {
    with_console(false, async |address| {
        let mut crowd = Vec::new();
        for _ in 0..CONNECTIONS * 3 {
            crowd.push(begin(address, "GET /metr").await);
        }
        assert!(get(address, "/healthz").await.starts_with("HTTP/1.1 200"));
        let metrics = get(address, "/metrics").await;
        let open = value(&metrics, "granary_console_connections ");
        assert!(open <= CONNECTIONS as f64, "{open}");
        let dropped = "granary_console_dropped_connections_total{cause=\"too_many\"}";
        assert!(value(&metrics, dropped) >= (CONNECTIONS * 2) as f64, "{metrics}");
        // The oldest had to go, the newest are there.
        let mut rest = Vec::new();
        assert_eq!(crowd[0].read_to_end(&mut rest).await.unwrap_or(0), 0, "it was closed");
        let newest = crowd.last_mut().unwrap();
        newest.write_all(b"ics HTTP/1.1\r\nHost: here\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        newest.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    });
}

#[test]
fn a_question_that_never_ends_and_an_answer_that_nobody_reads_are_cut_off() {
    with_console(true, async |address| {
        let began = tokio::time::Instant::now();
        let mut half = begin(address, "GET /metrics HTTP/1.1\r\nHost: he").await;
        let mut rest = Vec::new();
        half.read_to_end(&mut rest).await.unwrap_or(0);
        let waited = began.elapsed();
        assert!(waited < Duration::from_secs(10), "a head takes five seconds at most: {waited:?}");
        let mut deaf = begin(address, "GET /v1/orders/x/1 HTTP/1.1\r\nHost: here\r\n\r\n").await;
        tokio::time::sleep(Duration::from_secs(40)).await;
        let mut read = Vec::new();
        let _ = deaf.read_to_end(&mut read).await;
        assert!(!read.is_empty() && read.len() < LONG, "{} of {LONG} bytes", read.len());
        let metrics = get(address, "/metrics").await;
        let slow = "granary_console_dropped_connections_total{cause=\"slow\"}";
        assert_eq!(value(&metrics, slow) as u64, 2, "{metrics}");
    });
}
