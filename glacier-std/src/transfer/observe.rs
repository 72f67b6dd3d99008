//! What a transfer tells on its way: for a progress line, a log, a message on Ctrl-C.

use std::time::Duration;

use glacier_core::PartSize;

/// Something that happened on the way.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// A multipart upload has begun. Until it is completed its parts can only be found by this id.
    UploadBegun {
        /// The upload.
        upload_id: &'e str,
        /// The size of every part but the last.
        part_size: PartSize,
        /// How many parts there will be, when that is known.
        parts: Option<u64>,
    },
    /// So many bytes of the archive have been hashed, in all parts together, by the first of the two passes.
    Hashed(u64),
    /// So many have been sent. It goes back when a part is sent again.
    Sent(u64),
    /// A part has arrived; its tree hash is the one we computed. Parts arrive in any order.
    PartDone {
        /// The part, from 0.
        index: u64,
        /// How many there will be, when that is known.
        parts: Option<u64>,
    },
    /// A stream of unknown length has used this many of the 10,000 parts, which is most of them.
    PartsRunOut {
        /// Parts used.
        used: u64,
        /// The size of every part.
        part_size: PartSize,
    },
    /// A retrieval job has begun, and goes on whether or not it is waited for.
    JobBegun {
        /// The job.
        job_id: &'e str,
    },
    /// The job is not finished; it is looked at again after this time.
    JobPending(Duration),
    /// The archive has been received up to this byte, and not been verified yet. It goes back when the download starts again.
    Received(u64),
    /// A request failed and is repeated after the wait.
    Repeating {
        /// The wait.
        wait: Duration,
    },
}

/// Is told what happens. It is called often, from between two reads, so it returns soon.
pub trait Observer: Send + Sync {
    /// Takes note of an event.
    fn note(&self, event: Event<'_>);
}

/// Nobody who listens.
impl Observer for () {
    fn note(&self, _: Event<'_>) {}
}
