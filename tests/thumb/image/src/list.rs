//! The list of panics that are known and explained.

use std::path::Path;

use crate::{Finding, Outcome};

/// A panic that may be there.
pub struct Entry {
    /// The function that panics.
    pub panic: String,
    /// Who calls it; `*` for anyone.
    pub caller: String,
    /// Why it is there, and why it does not happen.
    pub reason: String,
}

impl Entry {
    /// Whether it explains a finding.
    pub fn covers(&self, (panic, caller): &Finding) -> bool {
        self.panic == *panic && (self.caller == "*" || self.caller == *caller)
    }
}

/// Lines of `panic | caller | reason`; empty lines and those that begin with # are for people.
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
