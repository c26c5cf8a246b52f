//! Takes connections and answers them, within bounds: the process's descriptors are for its lanes first.
//!
//! A connection carries one question. Whoever is slow with it, or with reading the answer, is cut off. Where there are
//! too many at once the oldest goes: whoever asks at once, as Prometheus and Kubernetes do, is answered before it is
//! the oldest, also while somebody opens connections and says nothing.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io::{Error, ErrorKind};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use telemetry::metrics::{ConsoleDrop, ConsoleOpen};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::bounds;

/// Answers for ever.
pub(crate) async fn serve(listener: TcpListener, routes: Router) -> Infallible {
    let mut open = Open { connections: VecDeque::new(), routes, said: None };
    loop {
        match listener.accept().await {
            Ok((socket, _)) => open.take(socket),
            // Whoever came has left again.
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                open.give_up(&error);
                // It fails again at once for as long as nothing is free.
                tokio::time::sleep(bounds::ACCEPT_AGAIN).await;
            }
        }
    }
}

/// The connections that are open.
struct Open {
    /// The oldest first. Some may have ended.
    connections: VecDeque<AbortHandle>,
    routes: Router,
    /// When the log was told last that connections were dropped.
    said: Option<Instant>,
}

impl Open {
    /// Answers on this connection, in the place of the oldest where there are too many.
    fn take(&mut self, socket: TcpStream) {
        self.connections.retain(|connection| !connection.is_finished());
        while self.connections.len() >= bounds::CONNECTIONS {
            if let Some(oldest) = self.connections.pop_front() {
                oldest.abort();
            }
            telemetry::metrics::console_dropped(ConsoleDrop::TooMany);
            self.say(&format_args!("more than {} at once", bounds::CONNECTIONS));
        }
        let answered = answer(socket, self.routes.clone());
        self.connections.push_back(tokio::spawn(answered).abort_handle());
    }

    /// Closes all connections: the process has no descriptor left, and its lanes need them more.
    fn give_up(&mut self, error: &Error) {
        self.connections.retain(|connection| !connection.is_finished());
        telemetry::metrics::console_dropped(ConsoleDrop::NoDescriptor);
        self.connections.drain(..).for_each(|connection| {
            connection.abort();
            telemetry::metrics::console_dropped(ConsoleDrop::NoDescriptor);
        });
        self.say(error);
    }

    fn say(&mut self, why: &dyn std::fmt::Display) {
        if self.said.is_none_or(|said| said.elapsed() >= bounds::SAY_DROPPED) {
            self.said = Some(Instant::now());
            telemetry::log::console_crowded(why);
        }
    }
}

/// Answers one question, within bounds.
async fn answer(socket: TcpStream, routes: Router) {
    // Counted until it is dropped, however that comes.
    let _open = ConsoleOpen::count();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .keep_alive(false)
        .header_read_timeout(bounds::HEAD_WITHIN)
        .max_buf_size(bounds::HEAD_BYTES);
    let served = http.serve_connection(TokioIo::new(socket), TowerToHyperService::new(routes));
    let slow = match tokio::time::timeout(bounds::ANSWER_WITHIN, served).await {
        Ok(Ok(())) => false,
        // What else can happen is that the other side has gone.
        Ok(Err(error)) => error.is_timeout(),
        Err(_) => true,
    };
    if slow {
        telemetry::metrics::console_dropped(ConsoleDrop::Slow);
    }
}

/// Whether accepting failed for a reason of the connection, not of the process.
fn is_of_one_connection(error: &Error) -> bool {
    use ErrorKind as Kind;
    matches!(
        error.kind(),
        Kind::ConnectionAborted
            | Kind::ConnectionRefused
            | Kind::ConnectionReset
            | Kind::Interrupted
    )
}
