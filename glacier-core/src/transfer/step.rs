//! The steps of an upload.

use crate::hash::{PayloadHashes, TreeHash};
use crate::values::ByteRange;

/// What to do next. A step is handed out once; whoever performs it says how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Initiate the multipart upload, then call [`initiated`](super::UploadState::initiated).
    Initiate,
    /// Compute both hashes of this part, then call [`hashed`](super::UploadState::hashed). Of a source whose length is not known the range is that of
    /// a whole part, which may end earlier.
    Hash(Part),
    /// Compute both hashes of this part again, as the service has rejected it, then call [`hashed`](super::UploadState::hashed).
    Check(Part),
    /// Send this part with these hashes, then call [`acknowledged`](super::UploadState::acknowledged) or [`rejected`](super::UploadState::rejected).
    Send(Part, PayloadHashes),
    /// Keep the [ticket](super::UploadState::ticket), complete the upload with this size and tree hash, then call
    /// [`completed`](super::UploadState::completed) or [`completion_interrupted`](super::UploadState::completion_interrupted).
    Complete {
        /// The archive's size in bytes.
        size: u64,
        /// The archive's tree hash.
        tree_hash: TreeHash,
    },
    /// Look whether the source, whose length is not known, has ended, as an upload has no more parts: if so, call
    /// [`ended`](super::UploadState::ended); if not, the source is too long.
    LookForEnd,
    /// Nothing, until a step in progress has ended.
    Wait,
    /// Nothing any more: the archive exists.
    Finished,
}

/// A part of the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Counted from 0.
    pub index: u64,
    /// Its bytes in the archive.
    pub range: ByteRange,
}
