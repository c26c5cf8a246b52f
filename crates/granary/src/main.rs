//! The one program: arguments in, a command out, an exit code at the end. Decides nothing.

mod arguments;
mod audit;
mod cli;
mod clock;
mod commands;
mod config;
mod demo;
mod evenings;
mod exit;
mod instant;
mod logging;
mod memory;
mod narrate;
mod output;
mod properties;
mod raise;
mod record_line;
mod settle;
mod story;
mod summary;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use exit::Exit;

fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| arguments::masked(error).exit());
    let done = match cli.command {
        Command::Process(args) => commands::process::run(&args),
        Command::Run(args) => commands::run::run(&args),
        Command::Demo(args) => commands::demo::run(&args),
        Command::Load(args) => commands::load::run(&args),
        Command::Audit(args) => commands::audit::run(&args),
        Command::Topics(command) => commands::topics::run(&command),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Config(command) => commands::config::run(&command),
    };
    match done {
        Ok(()) => Exit::Success.into(),
        Err(failure) => {
            if !failure.is_told() {
                eprintln!("granary: {failure}");
            }
            failure.exit().into()
        }
    }
}
