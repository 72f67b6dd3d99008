//! The output of a job, hashed while it is read and checked at its end.

use embedded_io_async::{ErrorType, Read};

use crate::error::{DecodeError, Error};
use crate::hash::{TreeHash, TreeHasher};
use crate::range::decimal;
use crate::response::{Header, Response};

/// What a job's output says of itself: the headers of GetJobOutput.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct JobOutput<'b> {
    /// 200 for the whole output, 206 for a range; a range that starts at 0 may come with either.
    pub status: u16,
    /// The tree hash of just these bytes, when they are a node of the archive's tree. Never with inventories.
    pub tree_hash: Option<TreeHash>,
    /// `bytes A-B/total`, for a range.
    pub content_range: Option<&'b str>,
    /// `bytes`, when ranges can be asked for.
    pub accept_ranges: Option<&'b str>,
    /// `application/octet-stream` for archives, `application/json` or `text/csv` for inventories.
    pub content_type: Option<&'b str>,
    /// The archive's description.
    pub description: Option<&'b str>,
    /// Bytes in this answer, when it says so.
    pub size: Option<u64>,
}

/// A job's output while it is read.
///
/// Dropping it half way is allowed: the transport gives the next request a clean connection.
#[derive(Debug)]
pub struct Download<'b, B> {
    output: JobOutput<'b>,
    body: B,
    hasher: TreeHasher,
    verified: Option<TreeHash>,
}

impl<'b, B: Read> Download<'b, B> {
    pub(crate) fn new(response: &Response<'b>, body: B) -> Result<Self, DecodeError> {
        let tree_hash = match response.header(Header::TreeHash) {
            Some(text) => Some(text.parse().map_err(|_| DecodeError::InvalidHeader(Header::TreeHash.name()))?),
            None => None,
        };
        let output = JobOutput {
            status: response.status(),
            tree_hash,
            content_range: response.header(Header::ContentRange),
            accept_ranges: response.header(Header::AcceptRanges),
            content_type: response.header(Header::ContentType),
            description: response.header(Header::ArchiveDescription),
            size: response.header(Header::ContentLength).and_then(decimal),
        };
        Ok(Download { output, body, hasher: TreeHasher::new(), verified: None })
    }

    /// What the output says of itself.
    pub fn output(&self) -> &JobOutput<'b> {
        &self.output
    }

    /// Reads the next bytes; 0 at the end, and then length and tree hash are as announced.
    ///
    /// What is read before the end is not verified yet: do not put it in its final place before this has returned 0. A future that is
    /// dropped loses nothing.
    ///
    /// # Errors
    /// [`DecodeError::DownloadLength`] and [`DecodeError::DownloadMismatch`] at the end, [`Error::Transport`] before it.
    pub async fn read(&mut self, into: &mut [u8]) -> Result<usize, Error<B::Error>> {
        let got = self.body.read(into).await.map_err(Error::Transport)?;
        if let Some(piece) = into.get(..got).filter(|piece| !piece.is_empty()) {
            self.hasher.update(piece);
        } else if !into.is_empty() {
            self.verify()?;
        }
        Ok(got)
    }

    /// The tree hash of all bytes read, once [`read`](Download::read) has returned 0: to be compared with the job's
    /// `SHA256TreeHash` when the output announced none.
    pub fn tree_hash(&self) -> Option<TreeHash> {
        self.verified
    }

    /// Bytes read so far.
    pub fn position(&self) -> u64 {
        self.hasher.position()
    }

    fn verify(&mut self) -> Result<(), DecodeError> {
        let got = self.hasher.position();
        if let Some(expected) = self.output.size.filter(|expected| *expected != got) {
            return Err(DecodeError::DownloadLength { expected, got });
        }
        let hash = self.hasher.clone().finish().map_err(|_| DecodeError::DownloadMismatch)?;
        if self.output.tree_hash.is_some_and(|expected| expected != hash) {
            return Err(DecodeError::DownloadMismatch);
        }
        self.verified = Some(hash);
        Ok(())
    }
}

impl<B: Read> ErrorType for Download<'_, B> {
    type Error = Error<B::Error>;
}

/// As [`Download::read`]: for the readers of inventories, and whatever else takes a [`Read`].
impl<B: Read> Read for Download<'_, B> {
    async fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        Download::read(self, into).await
    }
}
