//! What the model says of an operation's input.

/// Operation, members of its input, and values for the required ones.
///
/// Source: section 3 of the API reference. Responses are replayed with inputs that omit what does not matter to them; those are
/// completed from here.
pub(in crate::replay) type Row = (&'static str, &'static [&'static str], &'static str);

pub(super) const VAULT: &[&str] = &["accountId", "vaultName"];
pub(super) const ACCOUNT: &[&str] = &["accountId"];
