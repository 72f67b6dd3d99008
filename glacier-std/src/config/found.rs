//! A setting, and where it was found.

/// A setting, and a description of where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// The setting.
    pub value: T,
    /// Where it was found, such as `AWS_REGION` or `the profile default in /home/me/.aws/config`.
    pub from: String,
}

impl<T> Found<T> {
    pub(super) fn new(value: T, from: impl Into<String>) -> Self {
        Found { value, from: from.into() }
    }
}
