//! Why a policy cannot be set.

use std::fmt;

/// Why a policy cannot be set: what is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    text: String,
}

impl PolicyError {
    pub(super) fn new(text: impl fmt::Display) -> Self {
        PolicyError { text: text.to_string() }
    }

    /// The same, said of a part of the document.
    pub(super) fn within(self, place: impl fmt::Display) -> Self {
        PolicyError { text: format!("{place}: {}", self.text) }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for PolicyError {}
