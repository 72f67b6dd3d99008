//! Arguments that several commands have in common.

use clap::Args;

/// A vault and nothing else.
#[derive(Debug, Args)]
pub(crate) struct VaultArgs {
    /// Vault name
    pub(crate) vault: String,
}
