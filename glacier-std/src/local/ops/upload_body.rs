//! How the body of an upload reaches the disk: staged, hashed, compared with what was announced, renamed into place, recorded.

use std::io::Write;
use std::sync::Arc;

use embedded_io_async::Read;
use glacier_core::TreeHash;

use super::context::{OperationContext, blocking};
use super::error::{OperationError, UploadError};
use super::progress::RequestPhase;
use crate::local::model::{ApiError, BodyHasher, HashedBody, PieceRecord};
use crate::local::request::{AnnouncedBody, ApiRequest, check_hash};
use crate::local::store::{ReadRecords, Staged, Writer};

/// Bytes of a body in memory. Passing as many to another thread costs little beside hashing and writing them.
const CHUNK: usize = 256 << 10;

/// A body that was received whole and is what was announced.
pub(super) struct ReceivedBody {
    staged: Staged,
    size: u64,
    tree: TreeHash,
    leaves: Vec<u8>,
}

/// Receives a body into a staged file, which is removed when this fails or is dropped.
///
/// It is hashed and written on threads for that: a disk that makes its writers wait must not stop those that serve all connections.
pub(super) async fn receive<B: Read>(
    context: &Arc<OperationContext>,
    request: &Arc<ApiRequest>,
    announced: &AnnouncedBody,
    body: &mut B,
) -> Result<ReceivedBody, UploadError<B::Error>> {
    context.notify(request, RequestPhase::Body);
    let other_length =
        || ApiError::invalid(format!("Content-Length: {} is incompatible with a body of another length", announced.size));
    let mut stored = blocking(context, request, |context, _| Stored::begin(context)).await?;
    let mut buf = Vec::new();
    let mut left = announced.size;
    while left > 0 {
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK);
        buf.resize(length, 0);
        fill(body, &mut buf).await?.ok_or_else(other_length)?;
        left -= length as u64;
        if left == 0 && body.read(&mut [0]).await.map_err(UploadError::Body)? > 0 {
            return Err(other_length().into());
        }
        (stored, buf) = blocking(context, request, move |_, _| Ok((stored.add(&buf)?, buf))).await?;
    }
    let Stored { staged, hasher } = stored;
    let body = hasher.finish().map_err(|error| ApiError::invalid(error.to_string()))?;
    compare(announced, &body)?;
    Ok(ReceivedBody { staged, size: body.size, tree: body.tree, leaves: body.leaves })
}

/// Fills the buffer; `None` if the body ends before.
async fn fill<B: Read>(body: &mut B, buf: &mut [u8]) -> Result<Option<()>, UploadError<B::Error>> {
    let mut filled = 0;
    while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match body.read(rest).await.map_err(UploadError::Body)? {
            0 => return Ok(None),
            got => filled += got,
        }
    }
    Ok(Some(()))
}

/// What of a body is in its file and hashed.
struct Stored {
    staged: Staged,
    hasher: BodyHasher,
}

impl Stored {
    fn begin(context: &OperationContext) -> Result<Self, OperationError> {
        Ok(Stored { staged: context.store.blobs.stage(context.ids.blob()?)?, hasher: BodyHasher::default() })
    }

    fn add(mut self, bytes: &[u8]) -> Result<Self, OperationError> {
        self.hasher.update(bytes);
        self.staged.write_all(bytes)?;
        Ok(self)
    }
}

fn compare(announced: &AnnouncedBody, body: &HashedBody) -> Result<(), ApiError> {
    check_hash(announced.linear, &body.linear)?;
    if announced.tree != body.tree {
        return Err(ApiError::invalid(format!("Checksum mismatch: expected {}, computed {}", announced.tree, body.tree)));
    }
    Ok(())
}

impl ReceivedBody {
    /// A file that the service wrote itself.
    pub(super) fn new(staged: Staged, hasher: BodyHasher) -> Result<Self, ApiError> {
        let body = hasher.finish().map_err(|error| ApiError::unavailable(error.to_string()))?;
        Ok(ReceivedBody { staged, size: body.size, tree: body.tree, leaves: body.leaves })
    }

    /// Its length in bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Renames the file into place and records it together with what `work` records, synced to the disk; on failure, neither.
    pub(super) fn record<T>(
        self,
        context: &OperationContext,
        request: &ApiRequest,
        work: impl FnOnce(&Writer<'_>, &PieceRecord) -> Result<T, OperationError>,
    ) -> Result<T, OperationError> {
        context.notify(request, RequestPhase::Fsync);
        let placed = self.staged.place()?;
        context.notify(request, RequestPhase::Commit);
        let piece = PieceRecord { blob: placed.blob, size: self.size, tree: self.tree };
        let recorded = context.write(request, |records| {
            records.save_blob(piece.blob, &self.leaves)?;
            work(records, &piece)
        });
        match recorded {
            Ok(done) => {
                placed.recorded()?;
                context.notify(request, RequestPhase::Reply);
                Ok(done)
            }
            Err(error) => {
                // A commit that failed may have reached the disk all the same. As long as that is possible the file stays; if it did
                // not, the file is removed when the folder is opened next.
                if may_be_recorded(context, &piece) {
                    placed.keep();
                }
                Err(error)
            }
        }
    }
}

fn may_be_recorded(context: &OperationContext, piece: &PieceRecord) -> bool {
    context.store.records.read(|records| records.has_blob(piece.blob)).unwrap_or(true)
}
