//! How the body of an upload reaches the disk: staged, hashed, compared with what was announced, renamed into place, recorded.

use std::io::Write;
use std::sync::Arc;

use embedded_io_async::Read;
use glacier_core::TreeHash;

use super::context::OperationContext;
use super::error::{OperationError, UploadError};
use super::progress::RequestPhase;
use crate::local::model::{ApiError, BodyHasher, HashedBody, PieceRecord};
use crate::local::request::{AnnouncedBody, ApiRequest, check_hash};
use crate::local::store::{ReadRecords, Staged, Writer};

/// Bytes read at a time.
const CHUNK: usize = 64 << 10;

/// A body that was received whole and is what was announced.
pub(super) struct ReceivedBody {
    staged: Staged,
    size: u64,
    tree: TreeHash,
    leaves: Vec<u8>,
}

/// Receives a body into a staged file, which is removed when this fails or is dropped.
pub(super) async fn receive<B: Read>(
    context: &Arc<OperationContext>,
    request: &ApiRequest,
    announced: &AnnouncedBody,
    body: &mut B,
) -> Result<ReceivedBody, UploadError<B::Error>> {
    context.notify(request, RequestPhase::Body);
    let mut staged = context.store.blobs.stage(context.ids.blob()?)?;
    let mut hasher = BodyHasher::default();
    let mut buf = vec![0; CHUNK];
    let mut size = 0u64;
    loop {
        let got = body.read(&mut buf).await.map_err(UploadError::Body)?;
        let chunk = buf.get(..got).unwrap_or_default();
        if chunk.is_empty() {
            break;
        }
        size += chunk.len() as u64;
        if size > announced.size {
            break;
        }
        hasher.update(chunk);
        staged.write_all(chunk)?;
    }
    if size != announced.size {
        let message = format!("Content-Length: {} is incompatible with a body of another length", announced.size);
        return Err(ApiError::invalid(message).into());
    }
    let body = hasher.finish().map_err(|error| ApiError::invalid(error.to_string()))?;
    compare(announced, &body)?;
    Ok(ReceivedBody { staged, size: body.size, tree: body.tree, leaves: body.leaves })
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
