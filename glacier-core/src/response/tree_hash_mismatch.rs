//! The service does not have what was sent.

use core::fmt;

use crate::hash::TreeHash;
use crate::values::ids::Archive;
use crate::values::{ArchiveId, OwnedId};

/// The tree hash in the response of an upload is not that of the body that was sent, or is missing.
///
/// When the operation creates an archive, that archive exists, under the id in this error: delete it, or retrieve it to see what it
/// holds. A part is replaced by uploading it again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct TreeHashMismatch {
    /// The archive that the service has created; `None` for a part, or when the response names none.
    pub archive_id: Option<OwnedId<Archive>>,
    /// The tree hash of what was sent.
    pub sent: TreeHash,
    /// The tree hash of what the service has, if it stated it.
    pub stored: Option<TreeHash>,
}

impl TreeHashMismatch {
    /// Compares the tree hash of what was sent with that of what the service has.
    ///
    /// # Errors
    /// [`TreeHashMismatch`] unless they are equal: a response without one says nothing about what the service has.
    pub fn check(sent: TreeHash, stored: Option<TreeHash>, archive: Option<ArchiveId<'_>>) -> Result<(), TreeHashMismatch> {
        match stored {
            Some(stored) if stored == sent => Ok(()),
            // Ids of the service have 138 bytes; one that does not fit is omitted rather than truncated.
            _ => Err(TreeHashMismatch { archive_id: archive.and_then(|id| id.to_owned().ok()), sent, stored }),
        }
    }
}

impl fmt::Display for TreeHashMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stored {
            Some(stored) => write!(f, "the service has other bytes than were sent: tree hash {stored}, not {}", self.sent)?,
            None => f.write_str("the service did not confirm the tree hash of what was sent")?,
        }
        match &self.archive_id {
            Some(id) => write!(f, "; delete the archive {id} and upload again"),
            None => f.write_str("; upload it again"),
        }
    }
}

impl core::error::Error for TreeHashMismatch {}
