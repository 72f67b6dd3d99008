//! Reading records, the same way in both kinds of transaction.

use std::ops::{Bound, ControlFlow};

use redb::{Key, ReadTransaction, ReadableTable, TableDefinition, Value};

use super::error::StoreError;
use super::tables::{
    ARCHIVES, BLOBS, COUNTERS, DELETED, DUE, ENDED_UPLOADS, FORMER_VAULTS, JOB_ORDER, JOBS, ORPHANS, OWNERS, PIECES, REMOVED,
    UNWRITTEN, UPLOAD_ORDER, UPLOADS, VAULT_NUMBERS, VAULTS, decode, load, of_vault,
};
use crate::local::model::{
    ArchiveRecord, BlobId, BodyId, DeletedArchive, EndedUpload, Event, JobFilter, JobRecord, Moment, PieceRecord, Place, Times,
    UploadRecord, VaultKey, VaultNumber, VaultRecord,
};

/// The records as they are at one moment.
pub(crate) struct Reader(pub(super) ReadTransaction);

/// Names of counters.
pub(super) const SEQUENCE: &str = "sequence";
pub(super) const VAULT_TIME: &str = "vault_time";
pub(super) const WALL_TIME: &str = "wall_time";
pub(super) const TIMED: &str = "timed";

/// Opens tables for reading. It stays within the store.
pub(crate) trait ReadTables {
    /// Opens a table.
    fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<'static, K, V>,
    ) -> Result<impl ReadableTable<K, V>, StoreError>;
}

impl ReadTables for Reader {
    fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<'static, K, V>,
    ) -> Result<impl ReadableTable<K, V>, StoreError> {
        Ok(self.0.open_table(table)?)
    }
}

/// An event, with the time it is due and its place in the sequence.
pub(super) type DueEvent = (Moment, u64, Event);

/// Reads records. Lists hold the records after a key, in the order of the keys, up to `limit`.
pub(crate) trait ReadRecords: ReadTables {
    fn vault_number(&self, key: &VaultKey) -> Result<Option<VaultNumber>, StoreError> {
        let numbers = self.table(VAULT_NUMBERS)?;
        let number = numbers.get((key.account.as_str(), key.region.as_str(), key.name.as_str()))?;
        Ok(number.map(|number| VaultNumber(number.value())))
    }

    /// Whether there was a vault of this name, and it was deleted.
    fn is_former_vault(&self, key: &VaultKey) -> Result<bool, StoreError> {
        Ok(self.table(FORMER_VAULTS)?.get((key.account.as_str(), key.region.as_str(), key.name.as_str()))?.is_some())
    }

    fn vault(&self, vault: VaultNumber) -> Result<Option<VaultRecord>, StoreError> {
        load(&self.table(VAULTS)?, vault.0)
    }

    /// Names and numbers of the vaults of an account in a region.
    fn vault_numbers(&self, place: Place<'_>, after: &str, limit: usize) -> Result<Vec<(String, VaultNumber)>, StoreError> {
        let table = self.table(VAULT_NUMBERS)?;
        let from = Bound::Excluded((place.account, place.region, after));
        let mut found = Vec::new();
        for row in table.range::<(&str, &str, &str)>((from, Bound::Unbounded))? {
            let (key, number) = row?;
            let (account, region, name) = key.value();
            if (account, region) != (place.account, place.region) || found.len() == limit {
                break;
            }
            found.push((name.to_owned(), VaultNumber(number.value())));
        }
        Ok(found)
    }

    fn archive(&self, vault: VaultNumber, id: &str) -> Result<Option<ArchiveRecord>, StoreError> {
        load(&self.table(ARCHIVES)?, (vault.0, id))
    }

    /// The name of the vault of an account in a region that has this archive, whichever it is.
    fn vault_of_archive(&self, place: Place<'_>, id: &str) -> Result<Option<String>, StoreError> {
        let archives = self.table(ARCHIVES)?;
        for (name, vault) in self.vault_numbers(place, "", usize::MAX)? {
            if archives.get((vault.0, id))?.is_some() {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// Visits the archives of a vault with their ids, and those that were deleted and are still remembered with the place in the sequence
    /// where they were, in the order of the ids, until there are no more or the visitor breaks.
    fn each_archive<E: From<StoreError>>(
        &self,
        vault: VaultNumber,
        after: &str,
        mut visit: impl FnMut(String, ArchiveRecord, Option<u64>) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let (archives, deleted) = (self.table(ARCHIVES)?, self.table(DELETED)?);
        let mut present = of_vault::<ArchiveRecord>(&archives, vault.0, after)?.peekable();
        let mut gone = of_vault::<DeletedArchive>(&deleted, vault.0, after)?.peekable();
        loop {
            let is_gone = match (present.peek(), gone.peek()) {
                (None, None) => return Ok(()),
                (Some(Ok((id, _))), Some(Ok((other, _)))) => other < id,
                (present, _) => present.is_none(),
            };
            let visited = if is_gone {
                let Some(row) = gone.next() else { return Ok(()) };
                let (id, gone) = row?;
                visit(id, gone.archive, Some(gone.deleted))?
            } else {
                let Some(row) = present.next() else { return Ok(()) };
                let (id, archive) = row?;
                visit(id, archive, None)?
            };
            if visited.is_break() {
                return Ok(());
            }
        }
    }

    /// An open upload.
    fn upload(&self, vault: VaultNumber, id: &str) -> Result<Option<UploadRecord>, StoreError> {
        load(&self.table(UPLOADS)?, (vault.0, id))
    }

    /// What became of an upload that is over.
    fn ended_upload(&self, vault: VaultNumber, id: &str) -> Result<Option<EndedUpload>, StoreError> {
        load(&self.table(ENDED_UPLOADS)?, (vault.0, id))
    }

    /// The open uploads of a vault, oldest first, with their ids; `after` is a place in the sequence.
    fn uploads(&self, vault: VaultNumber, after: u64, limit: usize) -> Result<Vec<(String, UploadRecord)>, StoreError> {
        let (order, uploads) = (self.table(UPLOAD_ORDER)?, self.table(UPLOADS)?);
        let mut found = Vec::new();
        for row in order.range((Bound::Excluded((vault.0, after)), Bound::Included((vault.0, u64::MAX))))?.take(limit) {
            let id = row?.1;
            let id = id.value();
            if let Some(upload) = load(&uploads, (vault.0, id))? {
                found.push((id.to_owned(), upload));
            }
        }
        Ok(found)
    }

    /// The pieces of a body from the byte `first` on, each with its first byte.
    fn pieces(&self, body: BodyId, first: u64, limit: usize) -> Result<Vec<(u64, PieceRecord)>, StoreError> {
        let table = self.table(PIECES)?;
        let rows = table.range((body.0, first)..=(body.0, u64::MAX))?.map(|row| {
            let (key, record) = row?;
            Ok((key.value().1, decode::<(u64, u64), PieceRecord>(&key.value(), record.value())?))
        });
        rows.take(limit).collect()
    }

    /// All pieces of a body.
    fn all_pieces(&self, body: BodyId) -> Result<Vec<(u64, PieceRecord)>, StoreError> {
        self.pieces(body, 0, usize::MAX)
    }

    /// Whether something owns the body.
    fn is_owned(&self, body: BodyId) -> Result<bool, StoreError> {
        let owned = self.table(OWNERS)?.range((body.0, 0)..=(body.0, u64::MAX))?.next().transpose()?.is_some();
        Ok(owned)
    }

    /// The leaves of a piece's tree, 32 bytes each.
    fn leaves(&self, piece: &PieceRecord) -> Result<Vec<u8>, StoreError> {
        let row = self.table(BLOBS)?.get(piece.blob.number())?.map(|row| row.value().to_vec());
        let row = row.ok_or(StoreError::DeletedBlob)?;
        // A piece of one leaf has none stored: the leaf is the tree hash.
        Ok(if row.is_empty() { piece.tree.as_bytes().to_vec() } else { row })
    }

    /// Whether a record names this file.
    fn has_blob(&self, blob: BlobId) -> Result<bool, StoreError> {
        Ok(self.table(BLOBS)?.get(blob.number())?.is_some())
    }

    /// All files that records name.
    fn blobs(&self) -> Result<Vec<BlobId>, StoreError> {
        self.table(BLOBS)?.iter()?.map(|row| Ok(row?.0.value().into())).collect()
    }

    /// The files that are being removed.
    fn removed(&self) -> Result<Vec<BlobId>, StoreError> {
        self.table(REMOVED)?.iter()?.map(|row| Ok(row?.0.value().into())).collect()
    }

    /// Bodies that lost their last owner while they were read.
    fn orphans(&self) -> Result<Vec<BodyId>, StoreError> {
        self.table(ORPHANS)?.iter()?.map(|row| Ok(BodyId(row?.0.value()))).collect()
    }

    /// Vault and id of the archive that has bytes in this file. This reads all records.
    fn archive_of_blob(&self, blob: BlobId) -> Result<Option<(String, String)>, StoreError> {
        for row in self.table(PIECES)?.iter()? {
            let (key, piece) = row?;
            if decode::<(u64, u64), PieceRecord>(&key.value(), piece.value())?.blob != blob {
                continue;
            }
            for row in self.table(ARCHIVES)?.iter()? {
                let (archive, record) = row?;
                if decode::<(u64, &str), ArchiveRecord>(&archive.value(), record.value())?.body.0 == key.value().0 {
                    let (vault, id) = archive.value();
                    let name = self.vault(VaultNumber(vault))?.map(|vault| vault.key.name);
                    return Ok(Some((name.unwrap_or_default(), id.to_owned())));
                }
            }
        }
        Ok(None)
    }

    fn job(&self, vault: VaultNumber, id: &str) -> Result<Option<JobRecord>, StoreError> {
        load(&self.table(JOBS)?, (vault.0, id))
    }

    /// The jobs of a vault that the filter includes, oldest first, with their ids; `after` is a place in the sequence.
    fn jobs(
        &self,
        vault: VaultNumber,
        after: u64,
        limit: usize,
        filter: &JobFilter<'_>,
    ) -> Result<Vec<(String, JobRecord)>, StoreError> {
        let (order, jobs) = (self.table(JOB_ORDER)?, self.table(JOBS)?);
        let mut kept = Vec::new();
        for is_completed in [false, true] {
            if !filter.may_include(is_completed) {
                continue;
            }
            let from = Bound::Excluded((vault.0, is_completed, after));
            let mut count = 0;
            for row in order.range((from, Bound::Included((vault.0, is_completed, u64::MAX))))? {
                let id = row?.1;
                let id = id.value();
                let job: Option<JobRecord> = load(&jobs, (vault.0, id))?;
                if let Some(job) = job.filter(|job| filter.includes(job)) {
                    kept.push((id.to_owned(), job));
                    count += 1;
                    if count == limit {
                        break;
                    }
                }
            }
        }
        kept.sort_by_key(|(_, job)| job.sequence);
        kept.truncate(limit);
        Ok(kept)
    }

    /// The oldest inventory that a job still has to write its output of.
    fn oldest_unwritten(&self, vault: VaultNumber) -> Result<Option<u64>, StoreError> {
        let table = self.table(UNWRITTEN)?;
        let mut oldest = None;
        for row in table.range((vault.0, 0)..=(vault.0, u64::MAX))? {
            let inventory = row?.1.value();
            oldest = Some(oldest.map_or(inventory, |oldest: u64| oldest.min(inventory)));
        }
        Ok(oldest)
    }

    /// The events that are due at `now`, earliest first.
    fn due(&self, now: Moment, limit: usize) -> Result<Vec<DueEvent>, StoreError> {
        let table = self.table(DUE)?;
        let rows = table.range(..=(now.0, u64::MAX))?.map(|row| {
            let (key, event) = row?;
            let (at, sequence) = key.value();
            Ok((Moment(at), sequence, decode::<(u64, u64), Event>(&key.value(), event.value())?))
        });
        rows.take(limit).collect()
    }

    /// When the next event is due.
    fn next_due(&self) -> Result<Option<Moment>, StoreError> {
        Ok(self.table(DUE)?.first()?.map(|(key, _)| Moment(key.value().0)))
    }

    /// The times at which the store was last changed; none before that.
    fn times(&self) -> Result<Option<Times>, StoreError> {
        let counters = self.table(COUNTERS)?;
        let (vault, wall) = (counters.get(VAULT_TIME)?, counters.get(WALL_TIME)?);
        Ok(vault.zip(wall).map(|(vault, wall)| Times { vault: Moment(vault.value()), wall: Moment(wall.value()) }))
    }

    /// Whether nothing took time when the store was last opened.
    fn is_instant(&self) -> Result<bool, StoreError> {
        Ok(self.table(COUNTERS)?.get(TIMED)?.is_none_or(|timed| timed.value() == 0))
    }

    /// The last place in the sequence that was given.
    fn sequence(&self) -> Result<u64, StoreError> {
        Ok(self.table(COUNTERS)?.get(SEQUENCE)?.map_or(0, |sequence| sequence.value()))
    }
}

impl<T: ReadTables> ReadRecords for T {}
