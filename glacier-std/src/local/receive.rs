//! A body on its way to the disk: staged, hashed, compared with what was announced, placed, recorded.

use std::io::Write;
use std::sync::Arc;

use embedded_io_async::Read;
use glacier_core::TreeHash;
use redb::WriteTransaction;

use super::Inner;
use super::blobs::Staged;
use super::call::Call;
use super::check::Announced;
use super::leaves::{BodyHasher, BodyHashes};
use super::phase::Phase;
use super::records::Piece;
use super::refuse::Refused;
use super::tables::BLOBS;

/// Bytes taken at a time.
const PIECE: usize = 64 << 10;

/// Why an upload has no good answer.
pub(super) enum Failure<E> {
    Refused(Refused),
    /// The body could not be read: there is nobody to answer.
    Body(E),
}

impl<E> From<Refused> for Failure<E> {
    fn from(refused: Refused) -> Self {
        Failure::Refused(refused)
    }
}

/// A body that arrived whole and is what was announced.
pub(super) struct Received {
    staged: Staged,
    size: u64,
    tree: TreeHash,
    leaves: Vec<u8>,
}

/// Takes a body into a staged file, which is gone again when this fails or is dropped.
pub(super) async fn receive<B: Read>(
    inner: &Arc<Inner>,
    call: &Call,
    announced: &Announced,
    body: &mut B,
) -> Result<Received, Failure<B::Error>> {
    inner.tell(call, Phase::Body);
    let mut staged = inner.blobs.stage()?;
    let mut hasher = BodyHasher::default();
    let mut buf = vec![0; PIECE];
    let mut size = 0u64;
    loop {
        let got = body.read(&mut buf).await.map_err(Failure::Body)?;
        let piece = buf.get(..got).unwrap_or_default();
        if piece.is_empty() {
            break;
        }
        size += piece.len() as u64;
        if size > announced.size {
            break;
        }
        hasher.update(piece);
        staged.write_all(piece).map_err(Refused::from)?;
    }
    if size != announced.size {
        let wrong = format!("Content-Length: {} is incompatible with a body of another length", announced.size);
        return Err(Refused::invalid(wrong).into());
    }
    let hashes = hasher.finish().map_err(|error| Refused::invalid(error.to_string()))?;
    compare(announced, &hashes)?;
    Ok(Received { staged, size: hashes.size, tree: hashes.tree, leaves: hashes.leaves })
}

fn compare(announced: &Announced, hashes: &BodyHashes) -> Result<(), Refused> {
    if announced.linear != hashes.linear {
        return Err(Refused::invalid(format!(
            "The value passed in as x-amz-content-sha256 does not match the computed payload hash. Computed digest: {} expected hash: {}",
            hashes.linear, announced.linear
        )));
    }
    if announced.tree != hashes.tree {
        return Err(Refused::invalid(format!("Checksum mismatch: expected {}, computed {}", announced.tree, hashes.tree)));
    }
    Ok(())
}

impl Received {
    /// A file that the service wrote itself and that has no tree hash.
    pub(super) fn written(staged: Staged, size: u64) -> Self {
        Received { staged, size, tree: TreeHash::from_bytes([0; 32]), leaves: Vec::new() }
    }

    /// Places the file and records it together with what `work` records, synced to the disk. When this fails there is neither.
    pub(super) fn record<T>(
        self,
        inner: &Inner,
        call: &Call,
        work: impl FnOnce(&WriteTransaction, &Piece) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        inner.tell(call, Phase::Fsync);
        let placed = self.staged.place()?;
        inner.tell(call, Phase::Commit);
        let piece = Piece { blob: placed.blob, size: self.size, tree: self.tree };
        let recorded = inner.store.write(|transaction| {
            transaction.open_table(BLOBS)?.insert(piece.blob.number(), self.leaves.as_slice())?;
            work(transaction, &piece)
        });
        // A commit that failed may have reached the disk all the same. As long as that is possible the file stays; if it did not,
        // the file is removed at the next opening.
        if recorded.as_ref().is_ok() || inner.may_be_recorded(&piece) {
            placed.recorded();
        }
        if recorded.is_ok() {
            inner.tell(call, Phase::Reply);
        }
        recorded
    }
}

impl Inner {
    fn may_be_recorded(&self, piece: &Piece) -> bool {
        let found = self.store.read(|transaction| Ok(transaction.open_table(BLOBS)?.get(piece.blob.number())?.is_some()));
        found.unwrap_or(true)
    }
}
