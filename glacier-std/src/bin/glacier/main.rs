//! The `glacier` command: uploads files as archives and restores them verified.
//!
//! Rooms, from low to high: `args`, `output`, `run`, `commands`. A file imports from lower rooms and from its own.

mod args;
mod commands;
mod output;
mod run;

use std::io;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::commands::{Cli, execute};
use crate::output::{WriteError, print_usage_error};
use crate::run::{CommandError, check_output, code, remember};

fn main() -> ExitCode {
    match check_output().and_then(|()| run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.report();
            error.code.into()
        }
    }
}

fn run() -> Result<(), CommandError> {
    let mut parser = Cli::command();
    let parsed = parser.try_get_matches_from_mut(std::env::args_os()).and_then(|matches| {
        remember(&parser, &matches);
        Cli::from_arg_matches(&matches)
    });
    match parsed {
        Ok(cli) => execute(&cli),
        Err(error) if error.use_stderr() => {
            print_usage_error(error.format(&mut parser).render());
            Err(CommandError::new(code::USAGE, ""))
        }
        // Help and version are results; a reader that closes the pipe early is not a failure.
        Err(error) => match error.print() {
            Err(failed) if failed.kind() != io::ErrorKind::BrokenPipe => Err(WriteError(failed).into()),
            _ => Ok(()),
        },
    }
}
