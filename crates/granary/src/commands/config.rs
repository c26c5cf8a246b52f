//! `granary config check` and `granary config show`.

use std::io::Write;

use crate::cli::ConfigCommand;
use crate::config::{DEFAULTS, show};
use crate::exit::Failure;
use crate::memory;

/// Checks or prints the configuration.
pub(crate) fn run(command: &ConfigCommand) -> Result<(), Failure> {
    match command {
        ConfigCommand::Check(args) => {
            let settings = args.settings()?;
            // What `run` of this program would refuse is better known now than at the start.
            driver::check_client().map_err(Failure::unusable)?;
            let memory = memory::plan(&settings)?;
            print(&format!(
                "the configuration can be used: application `{}` on {}\n{memory}",
                settings.application, settings.bootstrap_servers
            ))
        }
        ConfigCommand::Show(args) if args.default => print(DEFAULTS),
        ConfigCommand::Show(args) => {
            let (layers, _) = args.config.checked()?;
            print(&show(&layers))
        }
    }
}

fn print(text: &str) -> Result<(), Failure> {
    crate::output::quiet_when_closed(std::io::stdout().write_all(text.as_bytes()))
}
