//! What a caller chooses about a transfer: the vault and the parts of an upload, the retries, the observer.

use std::num::NonZeroU8;

use glacier_core::retry::RetryPolicy;
use glacier_core::{Description, PartSize, VaultRef};

use super::observer::{Event, Observer};
use crate::env::{Retrying, TokioEnvironment};

/// Room for a request and its response, or for the response's headers where its body is streamed.
pub(super) const CALL_BUFFER: usize = 16 << 10;

/// How often requests are retried, and who is told what happens.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct TransferOptions<'o> {
    /// Receives the events.
    pub observer: &'o dyn Observer,
    /// The retries of a part and of a download.
    pub transfer: RetryPolicy,
    /// The retries of any other request.
    pub control: RetryPolicy,
}

impl<'o> TransferOptions<'o> {
    /// Ten attempts for parts and downloads, three for the rest.
    #[must_use]
    pub fn new(observer: &'o dyn Observer) -> Self {
        TransferOptions { observer, transfer: RetryPolicy::TRANSFER, control: RetryPolicy::default() }
    }

    /// One attempt for everything: for a service in this process, which waiting does not improve.
    #[must_use]
    pub fn without_retries(observer: &'o dyn Observer) -> Self {
        let once = RetryPolicy::default().with_max_attempts(1);
        TransferOptions { observer, transfer: once, control: once }
    }

    /// An environment that reports each retry to the observer; [`TokioEnvironment::calling`] says of what.
    pub fn environment(self) -> TokioEnvironment<impl FnMut(Retrying<'_>) + Send + Sync + 'o> {
        TokioEnvironment::reporting(move |retry: Retrying<'_>| self.observer.note(Event::Retrying(retry)))
    }
}

/// Parts that are uploaded at the same time by default: 4. While one waits for the service, others are hashed and sent.
pub const DEFAULT_CONCURRENCY: NonZeroU8 = NonZeroU8::new(4).unwrap();

/// An archive to be made: in which vault, with which description, in which parts.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use glacier_std::transfer::UploadRequest;
///
/// let upload = UploadRequest::new("photos".try_into()?).with_description("holidays".try_into()?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct UploadRequest<'a> {
    /// The vault.
    pub vault: VaultRef<'a>,
    /// A text to store with the archive; none by default.
    pub description: Option<Description<'a>>,
    /// The size of the parts. When `None`, [`DEFAULT_PART_SIZE`](super::DEFAULT_PART_SIZE), or the smallest that is large enough.
    pub part_size: Option<PartSize>,
    /// How many parts of a file are uploaded at the same time, each on its own connection; by default [`DEFAULT_CONCURRENCY`]. Each
    /// takes about 600 KiB of memory, whatever the size of the parts.
    pub concurrency: NonZeroU8,
}

impl<'a> UploadRequest<'a> {
    /// An archive in `vault`, without a description.
    #[must_use]
    pub fn new(vault: VaultRef<'a>) -> Self {
        UploadRequest { vault, description: None, part_size: None, concurrency: DEFAULT_CONCURRENCY }
    }

    /// Stores this text with the archive.
    #[must_use]
    pub fn with_description(self, description: Description<'a>) -> Self {
        UploadRequest { description: Some(description), ..self }
    }

    /// Uploads in parts of this size.
    #[must_use]
    pub fn with_part_size(self, part_size: PartSize) -> Self {
        UploadRequest { part_size: Some(part_size), ..self }
    }

    /// Uploads this many parts at the same time.
    #[must_use]
    pub fn with_concurrency(self, concurrency: NonZeroU8) -> Self {
        UploadRequest { concurrency, ..self }
    }
}
