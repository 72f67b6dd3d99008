//! The members of an operation's input, and a value for each required one.

use serde_json::{Map, Value};

use super::operations::{Row, rows};

fn row(operation: &str) -> Option<&'static Row> {
    rows().find(|(name, ..)| *name == operation)
}

/// The members of an operation's input; `None` when there is no operation of this name.
pub(super) fn of(operation: &str) -> Option<&'static [&'static str]> {
    row(operation).map(|(_, members, _)| *members)
}

/// An input completed with what the service requires.
pub(super) fn completed(operation: &str, params: &Map<String, Value>) -> Map<String, Value> {
    let sample = row(operation).and_then(|(.., sample)| serde_json::from_str(sample).ok());
    let mut completed: Map<String, Value> = sample.unwrap_or_default();
    completed.extend(params.clone());
    completed
}
