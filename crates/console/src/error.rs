//! What can go wrong with the console.

use std::net::SocketAddr;

/// The console can't serve.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// The address can't be taken.
    #[error(
        "the console can't listen on {address}: {cause}\n  choose a free port with console.address, or \"\" for no console"
    )]
    Bind {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Another recorder is in force.
    #[error("metrics can't be kept: {0}")]
    Recorder(String),
}
