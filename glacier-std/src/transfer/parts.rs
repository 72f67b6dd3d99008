//! A multipart upload that has begun: which parts the service has, and what the archive is that they make.

use std::collections::BTreeMap;

use glacier_core::hash::{PartTree, PartTreeError};
use glacier_core::ops::CompleteMultipartUpload;
use glacier_core::values::LayoutError;
use glacier_core::{Error, PartSize, PayloadHashes, ProvideCredentials, Transport, TreeHash};

use super::observe::{Event, Observer};
use super::part::id;
use super::upload_error::UploadError;
use super::way::{Archived, CALL, Way};

/// The parts that the service has acknowledged, in whatever order they arrived.
pub(super) struct Parts {
    upload_id: String,
    /// How many there will be, when that is known.
    count: Option<u64>,
    /// Bytes in all acknowledged parts.
    sent: u64,
    /// The parts in their order, up to the first that is still under way.
    tree: PartTree,
    /// Those after it, by their first byte.
    early: BTreeMap<u64, PayloadHashes>,
}

impl Parts {
    pub(super) fn new(upload_id: String, part_size: PartSize, count: Option<u64>) -> Self {
        Parts { upload_id, count, sent: 0, tree: PartTree::new(part_size), early: BTreeMap::new() }
    }

    pub(super) fn upload_id(&self) -> &str {
        &self.upload_id
    }

    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Takes note of a part that begins at byte `first`.
    pub(super) fn acknowledge(&mut self, first: u64, hashes: PayloadHashes, observer: &dyn Observer) {
        self.sent += hashes.size;
        self.early.insert(first, hashes);
        while let Some(PayloadHashes { tree, size, .. }) = self.early.remove(&self.tree.size()) {
            // Parts are cut at the part size, so each fits after the one before.
            let fits = self.tree.push(size, tree);
            debug_assert!(fits.is_ok());
        }
        observer.note(Event::PartDone { index: first / self.tree.part_size().bytes(), parts: self.count });
    }

    /// Makes the archive of the parts.
    pub(super) async fn complete<T: Transport, C: ProvideCredentials, S>(
        &self,
        way: &mut Way<'_, T, C>,
    ) -> Result<Archived, UploadError<T::Error, S>> {
        let tree_hash = self.tree_hash().map_err(UploadError::Layout)?;
        let operation =
            CompleteMultipartUpload { vault: way.vault, upload: id(&self.upload_id)?, archive_size: self.sent, tree_hash };
        let mut buf = vec![0; CALL];
        let mut pace = way.manner.pace();
        let receipt = match way.client.send_retrying(&operation, way.manner.transfer, &mut pace, &mut buf).await {
            Ok(receipt) => receipt,
            Err(Error::TreeHashMismatch(mismatch)) => return Err(UploadError::Mismatch(mismatch)),
            // Gone after a try without a good response: that one may have made the archive.
            Err(error) if pace.has_waited() || error.may_have_acted() => return Err(UploadError::MayExist(error.widen())),
            Err(error) => return Err(UploadError::Call(error.widen())),
        };
        Archived::new(&receipt, tree_hash, self.sent).map_err(|error| UploadError::MayExist(error.into()))
    }

    /// The archive's tree hash, from those of its parts.
    fn tree_hash(&self) -> Result<TreeHash, LayoutError> {
        self.tree.finish().map_err(|error| match error {
            PartTreeError::Empty => LayoutError::Empty,
            _ => LayoutError::TooLarge { size: self.sent },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transfer::test_support::tree_hash;
    use glacier_core::PayloadHasher;

    #[test]
    fn the_archives_hash_is_that_of_the_parts_in_order_whatever_order_they_come_in() {
        let part = PartSize::MIN.bytes();
        let data: Vec<u8> = (0..4 * part + 77).map(|at| (at % 251) as u8).collect();
        let pieces: Vec<&[u8]> = data.chunks(part as usize).collect();
        for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3], [1, 4, 0, 3, 2]] {
            let mut parts = Parts::new("U".into(), PartSize::MIN, Some(5));
            for index in order {
                let mut hasher = PayloadHasher::new();
                hasher.update(pieces[index]);
                parts.acknowledge(index as u64 * part, hasher.finish().unwrap(), &());
            }
            assert_eq!((parts.sent(), parts.tree_hash()), (data.len() as u64, Ok(tree_hash(&data))), "{order:?}");
            assert!(parts.early.is_empty());
        }
    }
}
