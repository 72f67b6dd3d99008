//! `replay [FOLDER] [--rules]`: runs a folder of golden vectors, or the project's own, through the public API.
//!
//! Prints a line a failing case, how often each rule was applied (with `--rules` also to which cases), and at last the sums. What cannot be
//! replayed counts as failed. The exit code is 0 when nothing failed, 1 when something did, and 2 when there is nothing to replay.

use std::path::PathBuf;
use std::process::ExitCode;

use glacier_tests::{replay, vectors};

fn main() -> ExitCode {
    let (mut folder, mut with_rules) = (None, false);
    for argument in std::env::args_os().skip(1) {
        if argument == "--rules" {
            with_rules = true;
        } else if argument.to_string_lossy().starts_with('-') || folder.replace(PathBuf::from(argument)).is_some() {
            eprintln!("usage: replay [FOLDER] [--rules]");
            return ExitCode::from(2);
        }
    }
    match replay::run(&folder.unwrap_or_else(vectors::folder)) {
        Ok(report) => print(&report, with_rules),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn print(report: &replay::Report, with_rules: bool) -> ExitCode {
    for (id, rule) in report.applied.iter().filter(|_| with_rules) {
        println!("{id}: by the rule {rule}");
    }
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
