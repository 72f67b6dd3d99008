//! What happens by itself when its time has come.

use serde::{Deserialize, Serialize};

use super::vault_key::VaultNumber;

/// Something that becomes due in a vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) vault: VaultNumber,
    pub(crate) what: What,
}

/// What becomes due. What it is about may be gone by then; then nothing happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    /// A job is done.
    JobDone { job: String },
    /// A job and its output are forgotten.
    JobEnds { job: String },
    /// An upload may have been idle for too long.
    UploadIdle { upload: String },
    /// An upload that is over is forgotten.
    UploadForgotten { upload: String },
    /// A lock was not completed in time.
    LockExpires { lock: String },
    /// The next inventory of the vault.
    InventoryDue,
    /// Deleted archives are forgotten that no inventory needs any more.
    Forget,
}

impl What {
    /// Whether it would be due at once where nothing takes time.
    pub(crate) fn takes_time(&self) -> bool {
        matches!(self, What::JobDone { .. } | What::InventoryDue)
    }
}
