//! The actions that a statement speaks of.

use glacier_core::ops::catalogue::OPERATIONS;

use super::error::PolicyError;
use super::json::Json;
use super::pattern::matches_ignoring_case;

/// `Action` or `NotAction`: names such as `glacier:DeleteArchive`, in which `*` and `?` are wildcards and case does not matter.
#[derive(Clone, Debug)]
pub(super) struct Actions {
    patterns: Vec<String>,
    all_but_these: bool,
}

impl Actions {
    pub(super) fn parse(value: &Json, all_but_these: bool) -> Result<Self, PolicyError> {
        let patterns = value.texts(if all_but_these { "NotAction" } else { "Action" })?;
        for pattern in &patterns {
            if !OPERATIONS.iter().any(|operation| matches_ignoring_case(pattern, &format!("glacier:{}", operation.name))) {
                return Err(PolicyError::new(format_args!(
                    "{pattern} is no action of Amazon Glacier: the actions are named as its operations, such as glacier:DeleteArchive"
                )));
            }
        }
        Ok(Actions { patterns: patterns.into_iter().map(str::to_owned).collect(), all_but_these })
    }

    pub(super) fn include(&self, action: &str) -> bool {
        self.patterns.iter().any(|pattern| matches_ignoring_case(pattern, action)) != self.all_but_these
    }
}
