//! `replay FOLDER [--complete]`: runs a folder of golden vectors through the public API.
//!
//! Prints a line a failing case, how often each rule was applied, and at last the sums. With `--complete`, what cannot be replayed yet counts as
//! failed. The exit code is 0 when nothing failed.

use std::path::PathBuf;
use std::process::ExitCode;

use glacier_tests::{replay, vectors};

fn main() -> ExitCode {
    let mut folder = None;
    let mut complete = false;
    for argument in std::env::args_os().skip(1) {
        if argument == "--complete" {
            complete = true;
        } else if folder.replace(PathBuf::from(argument)).is_some() {
            eprintln!("usage: replay [FOLDER] [--complete]");
            return ExitCode::from(2);
        }
    }
    match replay::run(&folder.unwrap_or_else(vectors::folder)) {
        Ok(report) => print(&report, complete),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn print(report: &replay::Report, complete: bool) -> ExitCode {
    for (id, difference) in &report.failures {
        println!("FAILED {id}: {difference}");
    }
    for (file, cases) in &report.not_replayed {
        println!("not replayed: {file} ({cases})");
    }
    for (kind, count) in &report.counts {
        println!("{kind}: {} passed, {} failed, {} skipped", count.passed, count.failed, count.skipped);
    }
    for (rule, times) in &report.rules {
        println!("{times} by the rule {rule}");
    }
    let total = report.total();
    let missing: usize = if complete { report.not_replayed.values().sum() } else { 0 };
    let failed = total.failed + missing;
    println!("{} passed, {failed} failed, {} skipped", total.passed, total.skipped);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
