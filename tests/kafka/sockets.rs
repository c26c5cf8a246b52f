//! The process's files and sockets are for its lanes first: whoever takes up the console keeps no order waiting.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use crate::{
    deployment::Deployment,
    granary::Granary,
    orders::{answered, send},
};

const CONSOLE: &str = "console.address=127.0.0.1:0";
/// What the process may have: enough for two partitions and the console, and far less than there are connections.
const DESCRIPTORS: u32 = 350;
/// As many as took up all descriptors of a process with the usual limit of 1024.
const SLOW: usize = 1100;

#[test]
fn slow_connections_to_the_console_keep_no_order_waiting() {
    let Some(deployment) = Deployment::alone("sockets", 2) else { return };
    rlimit::increase_nofile_limit(4096).expect("the test may have as many connections");
    let service = Granary::run_limited(&deployment.config(), "one", &[CONSOLE], DESCRIPTORS);
    answered(&deployment, 1);
    let over = AtomicBool::new(false);
    let address = service.console();
    thread::scope(|scope| {
        // However this ends: the scope waits for the crowd.
        let _raised = Raised(&over);
        scope.spawn(|| crowd(&address, &over));
        service.await_events("console_crowded", 1);
        // The clients lose all of their connections, and must be able to make them anew.
        deployment.kafka.kill();
        service.await_log("brokers are down");
        deployment.kafka.restart().expect("it comes back");
        answered(&deployment, 2);
        // Whoever asks at once is answered, too.
        service.until("/healthz answers in the crowd", |_| healthy(&address));
        let told = &service.events("descriptors_planned")[0];
        assert_eq!(told["limit"], DESCRIPTORS);
        let needed = told["needed"].as_u64().expect("it is a number");
        let open = service.descriptors() as u64;
        println!("{open} descriptors open, {needed} planned, {DESCRIPTORS} allowed");
        assert!(open <= needed, "{open} are open, and {needed} were planned");
    });
    service.until("/healthz answers", |_| healthy(&address));
    let (_, metrics) = service.get("/metrics");
    let dropped = "granary_console_dropped_connections_total{cause=\"too_many\"}";
    assert!(metrics.contains(dropped), "{metrics}");
    assert!(metrics.contains("granary_console_connections "), "{metrics}");
    send(&deployment, 0, 3);
    service.stop();
}

#[test]
fn a_process_that_may_have_too_few_descriptors_for_one_partition_is_refused() {
    let Some(deployment) = Deployment::new("few", 1) else { return };
    let mut service = Granary::run_limited(&deployment.config(), "one", &[], 100);
    assert!(!service.wait().success());
    let log = service.log();
    assert!(log.contains("the process may have 100 files and sockets"), "{log}");
    assert!(log.contains("Raise the hard limit"), "{log}");
}

/// Tells the crowd to go when it is dropped.
struct Raised<'a>(&'a AtomicBool);

impl Drop for Raised<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Holds connections that begin a question and never end it, and opens a new one for each that is closed.
fn crowd(address: &str, over: &AtomicBool) {
    let open = || {
        let mut slow = TcpStream::connect_timeout(
            &address.parse().expect("it is an address"),
            Duration::from_secs(1),
        )
        .ok()?;
        slow.set_nonblocking(true).ok()?;
        // Where it is closed already, the next look finds it.
        let _ = slow.write(b"GET /metrics HT");
        Some(slow)
    };
    let is_open = |slow: &TcpStream| {
        let mut slow = slow;
        matches!(slow.read(&mut [0; 64]), Err(error) if error.kind() == ErrorKind::WouldBlock)
    };
    let mut connections: Vec<TcpStream> = Vec::new();
    while !over.load(Ordering::Acquire) {
        connections.retain(is_open);
        let missing = SLOW.saturating_sub(connections.len());
        // A few at a time: it is to hold them, not to take the machine's time.
        connections.extend((0..missing.min(50)).filter_map(|_| open()));
        thread::sleep(Duration::from_millis(20));
    }
}

/// Whether the console says that all is well. Where it closes the connection, it does not.
fn healthy(address: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let mut answer = String::new();
    let asked = stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n");
    asked.is_ok() && stream.read_to_string(&mut answer).is_ok() && answer.contains(" 200 ")
}
