//! What crosses threads by hand, in one place, so that loom can try every interleaving of it.
//!
//! - [`Flag`]: one thread has something to say, and it is one bit: stop, ended, the brokers were away.
//! - [`Wake`]: how a thread that waits is told that there is news.
//! - [`Figures`]: numbers that belong together, published by one thread and read by any.
//!
//! Everything else that crosses threads does so through a library's type (`Mutex`, `mpsc`, `ArcSwap`), or is a
//! number of its own that nothing depends on. `tests/loom.rs` has the models; nothing here is unsafe.

#![forbid(unsafe_code)]

mod figures;
mod flag;
mod sync;
mod wake;

pub use figures::Figures;
pub use flag::Flag;
pub use wake::Wake;
