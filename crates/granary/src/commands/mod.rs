//! One file a command.

pub(crate) mod audit;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod explain;
pub(crate) mod load;
pub(crate) mod process;
pub(crate) mod run;
pub(crate) mod topics;
pub(crate) mod verify;
