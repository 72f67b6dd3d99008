//! `replay [FOLDER]`: runs a folder of golden vectors, or the project's own, through the public API.
//!
//! Prints a line a failing case, how often each rule was applied, and at last the sums. What cannot be replayed counts as failed. The exit
//! code is 0 when nothing failed, 1 when something did, and 2 when there is nothing to replay.

use std::path::PathBuf;
use std::process::ExitCode;

use glacier_tests::{replay, vectors};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().unwrap_or_else(vectors::folder);
    if arguments.next().is_some() {
        eprintln!("usage: replay [FOLDER]");
        return ExitCode::from(2);
    }
    match replay::run(&folder) {
        Ok(report) => print(&report),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn print(report: &replay::Report) -> ExitCode {
    for (id, difference) in &report.failures {
        println!("FAILED {id}: {difference}");
    }
    for file in &report.no_vectors {
        println!("no vectors: {file}");
    }
    for (kind, count) in &report.counts {
        println!("{kind}: {} passed, {} failed, {} skipped", count.passed, count.failed, count.skipped);
    }
    for (rule, times) in &report.rules {
        println!("{times} by the rule {rule}");
    }
    let total = report.total();
    println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
