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
use crate::output::print_usage_error;
use crate::run::code;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            if error.use_stderr() {
                print_usage_error(error.render());
                return code::USAGE.into();
            }
            // Help and version are results; a reader that closes the pipe early is not a failure.
            let _ = error.print();
            return ExitCode::SUCCESS;
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
