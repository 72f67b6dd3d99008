//! What a transfer reports while it runs: for a progress line, a log, a message on Ctrl-C.

use std::time::Duration;

use glacier_core::PartSize;

use crate::env::Retrying;

/// Something that happened during a transfer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// A multipart upload was initiated. Until it is completed, only this id leads to its parts.
    MultipartInitiated {
        /// The upload.
        upload_id: &'e str,
        /// The size of every part but the last.
        part_size: PartSize,
        /// How many parts there will be, if that is known.
        parts: Option<u64>,
    },
    /// This many bytes of the archive have been hashed, in all parts together, by the first of the two passes.
    Hashed(u64),
    /// This many bytes have been sent. The number decreases when a part is sent again.
    Sent(u64),
    /// The service has acknowledged a part with the tree hash that was computed here. Parts are acknowledged in any order.
    PartUploaded {
        /// The part, counted from 0.
        index: u64,
        /// How many there will be, if that is known.
        parts: Option<u64>,
    },
    /// A stream of unknown length has used most of the 10,000 parts.
    PartsRunningOut {
        /// Parts used.
        used: u64,
        /// The size of every part.
        part_size: PartSize,
    },
    /// A retrieval job was initiated. It continues whether or not it is waited for.
    JobInitiated {
        /// The job.
        job_id: &'e str,
    },
    /// The job is still in progress; it is checked again after this time.
    JobPending(Duration),
    /// The archive has been received up to this byte, and is not verified yet. The number decreases when the download starts again.
    Received(u64),
    /// A request failed and is sent again after a wait: which operation, which part, why, and when.
    Retrying(Retrying<'e>),
}

/// Receives the events of a transfer. It is called often, between two reads, and should return soon.
pub trait Observer: Send + Sync {
    /// Receives an event.
    fn note(&self, event: Event<'_>);
}

/// Ignores all events.
impl Observer for () {
    fn note(&self, _: Event<'_>) {}
}
