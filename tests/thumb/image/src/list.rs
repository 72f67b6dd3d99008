//! The list of allowed panics.

use std::path::Path;

use crate::{Finding, Outcome};

/// An allowed panic.
pub struct Entry {
    /// The function that panics.
    pub panic: String,
    /// The function that calls it; `*` for any.
    pub caller: String,
    /// Why it is in the program, and cannot happen.
    pub reason: String,
}

impl Entry {
    /// Whether this entry allows a finding.
    pub fn covers(&self, (panic, caller): &Finding) -> bool {
        self.panic == *panic && (self.caller == "*" || self.caller == *caller)
    }
}

/// Reads lines of `panic | caller | reason`; empty lines and those that start with # are ignored.
pub fn read(path: &Path) -> Outcome<Vec<Entry>> {
    let text = std::fs::read_to_string(path)?;
    let mut list = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let parts: Vec<String> = line.split(" | ").map(|part| part.trim().to_owned()).collect();
        let Ok([panic, caller, reason]) = <[String; 3]>::try_from(parts) else {
            return Err(format!("{}: not `panic | caller | reason`: {line}", path.display()).into());
        };
        list.push(Entry { panic, caller, reason });
    }
    Ok(list)
}
