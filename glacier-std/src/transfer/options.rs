//! What a caller chooses about a transfer: the vault and the parts of an upload, the retries, the observer.

use std::num::NonZeroU8;
use std::time::Duration;

use glacier_core::retry::RetryPolicy;
use glacier_core::{Description, InvalidDescription, PartSize, VaultRef};

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
    /// The retries of what an outage must not end: parts and the completion of their upload, checks of a job that is waited for, and
    /// downloads. Its `retry_for_s` is how long an outage may last.
    pub transfer: RetryPolicy,
    /// The retries of any other request.
    pub control: RetryPolicy,
}

/// How long an outage of the network or of the service may last by default: 4 hours.
pub const DEFAULT_RETRY_FOR: Duration = Duration::from_secs(4 * 60 * 60);

impl<'o> TransferOptions<'o> {
    /// For parts, checks of a job and downloads at least ten attempts, and as many as fit into [`DEFAULT_RETRY_FOR`]; three attempts
    /// for the rest.
    #[must_use]
    pub fn new(observer: &'o dyn Observer) -> Self {
        let options = TransferOptions { observer, transfer: RetryPolicy::TRANSFER, control: RetryPolicy::default() };
        options.with_retry_for(DEFAULT_RETRY_FOR)
    }

    /// Lets an outage of network or service last this long, in whole seconds: counted from the first failure of a request, which is
    /// sent again until then. Ten attempts are made in any case; with zero no more.
    ///
    /// An archive that is uploaded in one request has the time only once the service has responded: before that its address may be
    /// wrong.
    #[must_use]
    pub fn with_retry_for(self, outage: Duration) -> Self {
        let seconds = u32::try_from(outage.as_secs()).unwrap_or(u32::MAX);
        TransferOptions { transfer: self.transfer.with_retry_for_s(seconds), ..self }
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
    /// How many parts of a file are uploaded at the same time, each on its own connection; by default [`DEFAULT_CONCURRENCY`], and never
    /// more than [`WINDOW`](glacier_core::transfer::WINDOW). Each takes about 600 KiB of memory, whatever the size of the parts.
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

    /// Whether the archive would keep the description.
    pub(super) fn check_description(&self) -> Result<(), InvalidDescription> {
        self.description.map_or(Ok(()), |description| description.check_for_archive())
    }
}
