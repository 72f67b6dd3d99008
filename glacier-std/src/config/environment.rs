//! Environment variables. A lookup is passed in everywhere, so that nothing here depends on the process it runs in.

/// Looks up an environment variable.
pub type Env<'e> = dyn Fn(&str) -> Option<String> + Sync + 'e;

/// The environment of this process; a value that is not Unicode counts as unset.
#[must_use]
pub fn process_env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A variable that is not empty: AWS's tools take an empty one for unset.
pub(super) fn non_empty(env: &Env<'_>, name: &str) -> Option<String> {
    env(name).filter(|value| !value.is_empty())
}
