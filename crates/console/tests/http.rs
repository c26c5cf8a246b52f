//! What an outside client gets over a socket.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod served;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use telemetry::metrics::Timing;
use telemetry::{Board, LaneState, Tally, names};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

/// Runs `client` against a console, with a recorder that is in force on this thread only.
fn with_console<F: Future<Output = ()>>(board: &Arc<Board>, client: impl FnOnce(SocketAddr) -> F) {
    served::serve(false, board, None, client);
}

#[test]
fn readiness_says_what_is_missing() {
    let board = Arc::new(Board::new());
    with_console(&board, async |address| {
        let (status, body) = get(address, "/readyz").await;
        assert_eq!((status, body.contains("not assigned")), (503, true), "{body}");
        board.set_joined();
        assert_eq!(
            get(address, "/readyz").await,
            (200, "ready\n".to_owned()),
            "no lanes, none missing"
        );
        let (one, two) = (board.open(0), board.open(3));
        one.set_state(LaneState::Running);
        two.set_state(LaneState::Recovering);
        two.set_recovery(120, 5000);
        let missing = "partition 3: recovering, 120 of 5000 records replayed\n";
        assert_eq!(get(address, "/readyz").await, (503, missing.to_owned()));
        two.set_loaded(30, 90);
        let missing =
            "partition 3: recovering, 30 of 90 pages loaded, 120 of 5000 records replayed\n";
        assert_eq!(get(address, "/readyz").await, (503, missing.to_owned()));
        two.set_state(LaneState::Standby);
        two.set_standby(7, Duration::from_millis(2500));
        let ready = "ready\npartition 3: standby, 7 transactions and 2 s behind\n";
        assert_eq!(get(address, "/readyz").await, (200, ready.to_owned()), "others run it");
        assert!(two.set_full(true), "news");
        let stands = "ready\npartition 3: standby, 7 transactions and 2 s behind, stands still: no memory for more\n";
        assert_eq!(
            get(address, "/readyz").await,
            (200, stands.to_owned()),
            "it is not what others run"
        );
        two.set_state(LaneState::Running);
        two.set_bytes(900, 800);
        let full = "partition 3: takes no input, its state takes 900 bytes of memory and may take 800 (bounds.memory)\n";
        assert_eq!(get(address, "/readyz").await, (503, full.to_owned()));
        assert!(!two.set_full(true) && two.set_full(false), "told once");
        assert_eq!(get(address, "/readyz").await, (200, "ready\n".to_owned()));
        assert!(two.set_rival(Some("another deployment")), "news");
        let rival = "partition 3: is shut out again and again, another deployment\n";
        assert_eq!(get(address, "/readyz").await, (503, rival.to_owned()));
        assert!(two.set_rival(None));
        board.set_notes(vec!["orders has 3 partitions".to_owned()]);
        let noted = "ready\nnote: orders has 3 partitions\n";
        assert_eq!(get(address, "/readyz").await, (200, noted.to_owned()));
        one.set_state(LaneState::Starting);
        let noted = "partition 0: starting\nnote: orders has 3 partitions\n";
        assert_eq!(get(address, "/readyz").await, (503, noted.to_owned()));
        assert_eq!(get(address, "/healthz").await, (200, "healthy\n".to_owned()));
        assert_eq!(get(address, "/nothing").await.0, 404);
    });
}

#[test]
fn metrics_have_their_names_help_and_buckets() {
    let board = Arc::new(Board::new());
    let lane = board.open(2);
    lane.set_holds(1, 345, 678);
    lane.set_bytes(90_000, 80_000);
    lane.set_full(true);
    with_console(&board, async |address| {
        telemetry::metrics::describe();
        let mut tally = Tally { records: 3, ..Tally::default() };
        tally.decisions.add("reserved", 3);
        telemetry::metrics::committed(
            &tally,
            Timing { commit: Duration::from_millis(4), ..Timing::default() },
        );
        let (status, body) = get(address, "/metrics").await;
        assert_eq!(status, 200);
        for line in [
            "granary_decisions_total{outcome=\"reserved\"} 3",
            "granary_commit_seconds_bucket{le=\"0.005\"} 1",
            "granary_commit_seconds_bucket{le=\"0.002\"} 0",
            "granary_lane_orders{partition=\"2\"} 345",
            "granary_lane_state_bytes{partition=\"2\"} 90000",
            "granary_lane_state_limit_bytes{partition=\"2\"} 80000",
            "granary_lane_memory_full{partition=\"2\"} 1",
            "granary_lane_state{partition=\"2\",state=\"starting\"} 1",
            "granary_build_info{version=\"0.0.0\"} 1",
            "# TYPE granary_process_resident_memory_bytes gauge",
        ] {
            assert!(body.contains(line), "{line} is missing in\n{body}");
        }
        assert!(
            body.contains(&format!("# HELP granary_decisions_total {}", names::DECISIONS.help)),
            "{body}"
        );
    });
}

#[test]
fn stories_are_told_one_at_a_time_to_whoever_asks_for_an_order() {
    use console::{Answer, Asked};
    use std::sync::{Barrier, Mutex};

    let (board, begun, go_on) =
        (Arc::new(Board::new()), Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let tell = {
        let (begun, go_on, asked) = (Arc::clone(&begun), Arc::clone(&go_on), Arc::clone(&asked));
        move |ask: &Asked| {
            asked.lock().unwrap().push(ask.clone());
            match ask.order_id.as_str() {
                "slow" => {
                    begun.wait();
                    go_on.wait();
                    Answer::Unable("no broker answers".to_owned())
                }
                "none" => Answer::Unknown("no \"record\"".to_owned()),
                "broken" => panic!("an order that nobody can tell of"),
                _ => Answer::Story("{\"pools\":[]}".to_owned()),
            }
        }
    };
    served::serve(false, &board, Some(Arc::new(tell)), async |address| {
        let told = get(address, "/v1/orders/%E6%8A%96/a%2Fb%2042?pool=hexi%2Doranges").await;
        assert_eq!(told, (200, "{\"pools\":[]}".to_owned()));
        let (platform, order_id) = ("抖".to_owned(), "a/b 42".to_owned());
        let ask = Asked { platform, order_id, pool: Some("hexi-oranges".to_owned()) };
        assert_eq!(*asked.lock().unwrap(), [ask]);
        let error = |code: &str, why: &str| format!(r#"{{"error":"{code}","message":"{why}"}}"#);
        let unknown = (404, error("unknown_order", r#"no \"record\""#));
        assert_eq!(get(address, "/v1/orders/x/none").await, unknown);
        let typo = (400, error("bad_query", "the one thing that can be asked for is ?pool=POOL"));
        assert_eq!(get(address, "/v1/orders/x/1?poool=p").await, typo);
        assert_eq!(get(address, "/v1/orders/x/broken").await.0, 500);
        assert_eq!(get(address, "/v1/orders/x").await.0, 404);
        let other = async {
            tokio::task::spawn_blocking(move || begun.wait()).await.unwrap();
            let busy = get(address, "/v1/orders/x/1").await;
            assert_eq!((busy.0, busy.1.contains(r#""error":"busy""#)), (503, true), "{busy:?}");
            assert_eq!(get(address, "/healthz").await.0, 200, "nobody else waits");
            tokio::task::spawn_blocking(move || go_on.wait()).await.unwrap();
        };
        let (slow, ()) = tokio::join!(get(address, "/v1/orders/x/slow"), other);
        assert_eq!(slow, (503, error("unavailable", "no broker answers")));
        assert_eq!(get(address, "/v1/orders/x/1").await.0, 200, "its turn is over");
    });
}
