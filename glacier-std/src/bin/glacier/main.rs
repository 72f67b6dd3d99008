//! The `glacier` command: uploads files as archives and restores them verified.
//!
//! Rooms, from low to high: `args`, `output`, `run`, `commands`. A file imports from lower rooms and from its own.

mod args;
mod commands;
mod output;
mod run;

use std::process::ExitCode;

use clap::Parser;

use crate::commands::{Cli, execute};
use crate::run::code;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; a reader that closes the pipe early is not a failure.
            let _ = error.print();
            return if error.use_stderr() { code::USAGE.into() } else { ExitCode::SUCCESS };
        }
    };
    match execute(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.report();
            error.code.into()
        }
    }
}
