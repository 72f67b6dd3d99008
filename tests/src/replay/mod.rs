//! Replays a folder of golden vectors through the public API and reports the differences.
//!
//! Each kind of file has a module. A case passes, is rejected or skipped by a rule of the vectors' README, or fails with what differs; no
//! case is known by its id. What cannot be replayed fails: a file of another kind or of other operations, one that cannot be read, a folder
//! without cases, and a case that makes the client panic.

mod align;
mod call;
mod caller;
mod descriptions;
mod endpoints;
mod env;
mod errors;
mod guide;
mod inventory;
mod members;
mod operations;
mod outputs;
mod pagination;
mod params;
mod policies;
mod presigned;
mod recorded;
mod requests;
mod responses;
mod retries;
mod rule;
mod signing;
mod sigv4;
mod treehash;
mod validation;
mod waiters;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::Value;

pub use rule::Rule;

/// The result of a case: passed, with the rules that were applied, or not.
pub type Outcome = Result<Vec<Rule>, NotPassed>;

/// Why a case did not pass.
#[derive(Debug)]
pub enum NotPassed {
    /// It differs in this.
    Failed(String),
    /// It does not apply, by this rule.
    Skipped(Rule),
}

impl From<String> for NotPassed {
    fn from(text: String) -> Self {
        NotPassed::Failed(text)
    }
}

/// The results of a kind of file.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Cases that agree, including those rejected by a rule.
    pub passed: usize,
    /// Cases that differ.
    pub failed: usize,
    /// Cases that do not apply, by a rule.
    pub skipped: usize,
}

/// The results of a folder.
#[derive(Debug, Default)]
pub struct Report {
    /// By kind of file.
    pub counts: BTreeMap<&'static str, Count>,
    /// How often each rule was applied.
    pub rules: BTreeMap<Rule, usize>,
    /// The ids of the cases to which a rule was applied, and the rule.
    pub applied: Vec<(String, Rule)>,
    /// The id of each failed case, and what differs.
    pub failures: Vec<(String, String)>,
    /// Files without cases, such as the README.
    pub no_vectors: Vec<String>,
}

/// The kind under which a file that cannot be replayed counts as failed.
const FILES: &str = "files";

impl Report {
    /// The sum of all kinds.
    pub fn total(&self) -> Count {
        self.counts.values().fold(Count::default(), |sum, count| Count {
            passed: sum.passed + count.passed,
            failed: sum.failed + count.failed,
            skipped: sum.skipped + count.skipped,
        })
    }

    /// Replays and counts a case; one that panics has failed.
    fn count_case(&mut self, kind: &'static str, id: &str, replay: impl FnOnce() -> Outcome) {
        let panicked = || Err(NotPassed::Failed("it panics, as printed above".into()));
        let outcome = catch_unwind(AssertUnwindSafe(replay)).unwrap_or_else(|_| panicked());
        let count = self.counts.entry(kind).or_default();
        let rules = match outcome {
            Ok(rules) => {
                count.passed += 1;
                rules
            }
            Err(NotPassed::Skipped(rule)) => {
                count.skipped += 1;
                vec![rule]
            }
            Err(NotPassed::Failed(difference)) => {
                count.failed += 1;
                self.failures.push((id.to_string(), difference));
                vec![]
            }
        };
        for rule in rules {
            *self.rules.entry(rule).or_default() += 1;
            self.applied.push((id.to_string(), rule));
        }
    }

    /// Counts a file or folder that cannot be replayed as failed.
    fn fail_file(&mut self, file: &str, why: &str) {
        self.count_case(FILES, file, || Err(NotPassed::Failed(why.into())));
    }

    /// Runs `replay` over a list of cases.
    fn cases(&mut self, kind: &'static str, file: &str, cases: &Value, replay: impl Fn(&Value) -> Outcome) {
        match cases.as_array().map(Vec::as_slice) {
            None => self.fail_file(file, "it is not a list of cases"),
            Some([]) => self.no_vectors.push(format!("{file}, an empty list")),
            Some(cases) => {
                for case in cases {
                    self.count_case(kind, case["id"].as_str().unwrap_or("(no id)"), || replay(case));
                }
            }
        }
    }
}

/// Replays every file of a folder.
///
/// # Errors
/// When the folder cannot be read, or there is no case in it.
pub fn run(folder: &Path) -> Result<Report, String> {
    let mut report = Report::default();
    let mut files = Vec::new();
    list(folder, "", &mut files)?;
    for name in files {
        if !name.ends_with(".json") {
            report.no_vectors.push(name);
            continue;
        }
        match crate::vectors::read(&folder.join(&name)) {
            Ok(data) => one_file(&mut report, &name, &data),
            Err(error) => report.fail_file(&name, &error),
        }
    }
    let suite = folder.join("sigv4-suite");
    if suite.is_dir()
        && let Err(error) = sigv4::replay(&suite, &mut report)
    {
        report.fail_file("sigv4-suite", &error);
    }
    if report.total() == Count::default() {
        return Err(format!("{}: there is no case in it", folder.display()));
    }
    Ok(report)
}

fn one_file(report: &mut Report, name: &str, data: &Value) {
    match name.split_once('/').map_or(name, |(kind, _)| kind) {
        "requests" => {
            report.cases("signer", name, data, signing::replay);
            report.cases("requests", name, data, requests::replay);
        }
        "responses" => report.cases("responses", name, data, responses::replay),
        "errors.json" => report.cases("errors", name, data, responses::replay),
        "presigned.json" => report.cases("presigned", name, data, presigned::replay),
        "pagination.json" => report.cases("pagination", name, data, pagination::replay),
        "waiters.json" => report.cases("waiters", name, data, waiters::replay),
        "retries.json" => report.cases("retries", name, data, retries::replay),
        "inventory.json" => report.cases("inventory", name, data, inventory::replay),
        "endpoints.json" => report.cases("endpoints", name, data, endpoints::replay),
        "descriptions.json" => descriptions::replay(report, name, data),
        "policies.json" => policies::replay(report, name, data),
        "validation.json" => report.cases("validation", name, data, validation::replay),
        "treehash.json" => treehash::replay(report, name, data),
        "align.json" => report.cases("align", name, data, align::replay),
        "guide-signing.json" => report.cases("guide-signing", name, data, guide::replay),
        // The number of cases, for other programs.
        "counts.json" => {}
        _ => report.fail_file(name, "this program does not know files of this name"),
    }
}

/// The files below a folder, sorted, except those of the signature suite, which has a format of its own.
fn list(folder: &Path, below: &str, files: &mut Vec<String>) -> Result<(), String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))? {
        let entry = entry.map_err(|error| error.to_string())?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    for name in names {
        let path = folder.join(&name);
        if path.is_dir() && name != "sigv4-suite" {
            list(&path, &format!("{below}{name}/"), files)?;
        } else if !path.is_dir() {
            files.push(format!("{below}{name}"));
        }
    }
    Ok(())
}

/// Fails with both values when they differ.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, ours: T, theirs: T) -> Result<(), NotPassed> {
    if ours == theirs { Ok(()) } else { Err(NotPassed::Failed(format!("{what}: ours {ours:?}, theirs {theirs:?}"))) }
}

/// A member that must be a string.
fn text<'a>(case: &'a Value, name: &str) -> Result<&'a str, NotPassed> {
    case[name].as_str().ok_or_else(|| NotPassed::Failed(format!("the case has no text {name}")))
}

/// A member that must be a whole number.
fn number(case: &Value, name: &str) -> Result<u64, NotPassed> {
    case[name].as_u64().ok_or_else(|| NotPassed::Failed(format!("the case has no number {name}")))
}
