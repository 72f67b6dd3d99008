//! Changing records. This is the one place that knows which tables belong together.
//!
//! Files are deleted only when the change is committed, so a change notes the names of those that go, and keeps them in a table until the
//! files are gone.

use std::cell::{Cell, RefCell};

use redb::{ReadableTable, TableDefinition, WriteTransaction};
use serde::Serialize;

use super::error::StoreError;
use super::pins::Pins;
use super::reader::{ReadRecords, ReadTables, SEQUENCE, TIMED, VAULT_TIME, WALL_TIME};
use super::tables::{
    self, ARCHIVES, BLOBS, COUNTERS, DELETED, DELETED_ORDER, DUE, ENDED_UPLOADS, FORMER_VAULTS, InVault, JOB_ORDER, JOBS, ORPHANS,
    OWNERS, PIECES, REMOVED, UNWRITTEN, UPLOAD_ORDER, UPLOADS, VAULT_NUMBERS, VAULTS, load, of_vault, save,
};
use crate::local::model::{
    ArchiveRecord, BlobId, BodyId, DeletedArchive, EndedUpload, Event, JobRecord, JobWork, Moment, PieceRecord, Times,
    UploadRecord, VaultKey, VaultNumber, VaultRecord, What,
};

/// A change of records.
pub(crate) struct Writer<'p> {
    pub(super) transaction: WriteTransaction,
    pins: &'p Pins,
    /// The last place in the sequence, once one was asked for.
    sequence: Cell<Option<u64>>,
    pub(super) due: Cell<Due>,
    /// Files that no record names any more.
    pub(super) removed: RefCell<Vec<BlobId>>,
    /// Bodies that this change removes.
    pub(super) bodies: RefCell<Vec<BodyId>>,
}

/// What a change says of the next event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It is due at this time, or earlier if one was known.
    At(u64),
    /// It is due at this time, as all that was due is done.
    Exactly(u64),
}

impl ReadTables for Writer<'_> {
    fn table<K: redb::Key + 'static, V: redb::Value + 'static>(
        &self,
        table: TableDefinition<'static, K, V>,
    ) -> Result<impl ReadableTable<K, V>, StoreError> {
        Ok(self.transaction.open_table(table)?)
    }
}

impl<'p> Writer<'p> {
    pub(super) fn new(transaction: WriteTransaction, pins: &'p Pins) -> Self {
        Writer {
            transaction,
            pins,
            sequence: Cell::new(None),
            due: Cell::new(Due::At(u64::MAX)),
            removed: RefCell::default(),
            bodies: RefCell::default(),
        }
    }

    /// The next place in the sequence of all that happens. It is given once.
    pub(crate) fn next_sequence(&self) -> Result<u64, StoreError> {
        let last = self.sequence.get().map_or_else(|| self.sequence(), Ok)?;
        self.sequence.set(Some(last + 1));
        self.transaction.open_table(COUNTERS)?.insert(SEQUENCE, last + 1)?;
        Ok(last + 1)
    }

    /// Keeps the times of this change. Vault time never goes back.
    pub(crate) fn keep_times(&self, times: Times) -> Result<(), StoreError> {
        let last = self.times()?.map_or(times.vault, |last| last.vault.max(times.vault));
        let mut counters = self.transaction.open_table(COUNTERS)?;
        counters.insert(VAULT_TIME, last.0)?;
        counters.insert(WALL_TIME, times.wall.0)?;
        Ok(())
    }

    /// Says whether things take time.
    pub(crate) fn set_instant(&self, is_instant: bool) -> Result<(), StoreError> {
        self.transaction.open_table(COUNTERS)?.insert(TIMED, u64::from(!is_instant))?;
        Ok(())
    }

    /// Makes those events due now that `which` selects and that are due later.
    pub(crate) fn hasten(&self, now: Moment, which: impl Fn(&What) -> bool) -> Result<(), StoreError> {
        for (at, sequence, event) in self.due(Moment(u64::MAX), usize::MAX)? {
            if at > now && which(&event.what) {
                self.remove_due(at, sequence)?;
                self.schedule(now, event.vault, event.what)?;
            }
        }
        Ok(())
    }

    /// Forgets the events of a vault that `which` selects.
    pub(crate) fn cancel(&self, vault: VaultNumber, which: impl Fn(&What) -> bool) -> Result<(), StoreError> {
        for (at, sequence, event) in self.due(Moment(u64::MAX), usize::MAX)? {
            if event.vault == vault && which(&event.what) {
                self.remove_due(at, sequence)?;
            }
        }
        Ok(())
    }

    /// Lets something happen when its time has come.
    pub(crate) fn schedule(&self, at: Moment, vault: VaultNumber, what: What) -> Result<(), StoreError> {
        let sequence = self.next_sequence()?;
        if let Due::At(earliest) = self.due.get() {
            self.due.set(Due::At(earliest.min(at.0)));
        }
        save(&mut self.transaction.open_table(DUE)?, (at.0, sequence), &Event { vault, what })
    }

    /// Forgets an event, which has happened.
    pub(crate) fn remove_due(&self, at: Moment, sequence: u64) -> Result<(), StoreError> {
        self.transaction.open_table(DUE)?.remove((at.0, sequence))?;
        Ok(())
    }

    /// All that was due is done: the rest says when there is more.
    pub(crate) fn settle_due(&self) -> Result<(), StoreError> {
        let next = self.next_due()?.map_or(u64::MAX, |next| next.0);
        self.due.set(Due::Exactly(next));
        Ok(())
    }

    /// A new vault.
    pub(crate) fn add_vault(&self, key: VaultKey, now: Moment) -> Result<(), StoreError> {
        let number = VaultNumber(self.next_sequence()?);
        let names = (key.account.as_str(), key.region.as_str(), key.name.as_str());
        self.transaction.open_table(VAULT_NUMBERS)?.insert(names, number.0)?;
        self.transaction.open_table(FORMER_VAULTS)?.remove(names)?;
        self.save_vault(number, &VaultRecord::new(key, now))
    }

    pub(crate) fn save_vault(&self, vault: VaultNumber, record: &VaultRecord) -> Result<(), StoreError> {
        save(&mut self.transaction.open_table(VAULTS)?, vault.0, record)
    }

    /// Removes a vault that has no archives, with its uploads, its jobs and all that is set for it. Its jobs are returned.
    pub(crate) fn remove_vault(&self, vault: VaultNumber, key: &VaultKey) -> Result<Vec<JobRecord>, StoreError> {
        let names = (key.account.as_str(), key.region.as_str(), key.name.as_str());
        self.transaction.open_table(VAULT_NUMBERS)?.remove(names)?;
        self.transaction.open_table(FORMER_VAULTS)?.insert(names, ())?;
        self.transaction.open_table(VAULTS)?.remove(vault.0)?;
        self.remove_settings(vault)?;
        for (id, upload) in self.all::<UploadRecord>(UPLOADS, vault)? {
            self.end_upload(vault, &id, &upload)?;
        }
        self.transaction.open_table(ENDED_UPLOADS)?.retain_in((vault.0, "")..(vault.0 + 1, ""), |_, _| false)?;
        self.transaction.open_table(DELETED)?.retain_in((vault.0, "")..(vault.0 + 1, ""), |_, _| false)?;
        self.transaction.open_table(DELETED_ORDER)?.retain_in((vault.0, 0)..(vault.0 + 1, 0), |_, _| false)?;
        let mut jobs = Vec::new();
        for (id, job) in self.all::<JobRecord>(JOBS, vault)? {
            self.remove_job(vault, &id, &job)?;
            jobs.push(job);
        }
        Ok(jobs)
    }

    /// Removes all vaults with all that is in them and set for them, what is set for accounts, and what is due. Places in the sequence and times
    /// go on. A body that is being read is removed later.
    pub(crate) fn remove_everything(&self) -> Result<(), StoreError> {
        tables::clear(&self.transaction)?;
        let owners = self.transaction.open_table(OWNERS)?;
        let owned = owners.iter()?.map(|row| Ok(row?.0.value())).collect::<Result<Vec<_>, StoreError>>()?;
        drop(owners);
        owned.into_iter().try_for_each(|(body, owner)| self.disown(BodyId(body), owner))?;
        self.settle_due()
    }

    /// A new archive, which owns its body.
    pub(crate) fn add_archive(&self, vault: VaultNumber, id: &str, archive: &ArchiveRecord) -> Result<(), StoreError> {
        self.own(archive.body, archive.sequence)?;
        self.save_in_vault(ARCHIVES, vault, id, archive)
    }

    /// Removes an archive; it is remembered if an inventory has to list it.
    pub(crate) fn remove_archive(
        &self,
        vault: VaultNumber,
        id: &str,
        archive: ArchiveRecord,
        is_remembered: bool,
    ) -> Result<(), StoreError> {
        self.transaction.open_table(ARCHIVES)?.remove((vault.0, id))?;
        self.disown(archive.body, archive.sequence)?;
        if is_remembered {
            let deleted = self.next_sequence()?;
            self.save_in_vault(DELETED, vault, id, &DeletedArchive { deleted, archive })?;
            self.transaction.open_table(DELETED_ORDER)?.insert((vault.0, deleted), id)?;
        }
        Ok(())
    }

    /// Forgets archives that were deleted before a place in the sequence, up to `limit` of them; whether there may be more.
    pub(crate) fn forget_deleted(&self, vault: VaultNumber, before: u64, limit: usize) -> Result<bool, StoreError> {
        let (mut order, mut deleted) = (self.transaction.open_table(DELETED_ORDER)?, self.transaction.open_table(DELETED)?);
        for _ in 0..limit {
            let row = order.range((vault.0, 0)..(vault.0, before))?.next().transpose()?;
            let Some((place, id)) = row.map(|(key, id)| (key.value().1, id.value().to_owned())) else { return Ok(false) };
            order.remove((vault.0, place))?;
            deleted.remove((vault.0, id.as_str()))?;
        }
        Ok(true)
    }

    /// A new upload, which owns its body.
    pub(crate) fn add_upload(&self, vault: VaultNumber, id: &str, upload: &UploadRecord) -> Result<(), StoreError> {
        self.own(upload.body, upload.sequence)?;
        self.transaction.open_table(UPLOAD_ORDER)?.insert((vault.0, upload.sequence), id)?;
        self.save_upload(vault, id, upload)
    }

    pub(crate) fn save_upload(&self, vault: VaultNumber, id: &str, upload: &UploadRecord) -> Result<(), StoreError> {
        self.save_in_vault(UPLOADS, vault, id, upload)
    }

    /// Removes an open upload, which disowns its body.
    pub(crate) fn end_upload(&self, vault: VaultNumber, id: &str, upload: &UploadRecord) -> Result<(), StoreError> {
        self.transaction.open_table(UPLOADS)?.remove((vault.0, id))?;
        self.transaction.open_table(UPLOAD_ORDER)?.remove((vault.0, upload.sequence))?;
        self.disown(upload.body, upload.sequence)
    }

    pub(crate) fn save_ended_upload(&self, vault: VaultNumber, id: &str, ended: &EndedUpload) -> Result<(), StoreError> {
        self.save_in_vault(ENDED_UPLOADS, vault, id, ended)
    }

    pub(crate) fn remove_ended_upload(&self, vault: VaultNumber, id: &str) -> Result<(), StoreError> {
        self.transaction.open_table(ENDED_UPLOADS)?.remove((vault.0, id))?;
        Ok(())
    }

    /// Saves a piece that starts at the byte `first`, in place of another if there is one.
    pub(crate) fn save_piece(&self, body: BodyId, first: u64, piece: &PieceRecord) -> Result<(), StoreError> {
        let mut pieces = self.transaction.open_table(PIECES)?;
        let replaced: Option<PieceRecord> = load(&pieces, (body.0, first))?;
        save(&mut pieces, (body.0, first), piece)?;
        replaced.map_or(Ok(()), |replaced| self.remove_blob(replaced.blob))
    }

    /// Names a file, with the leaves of its tree.
    pub(crate) fn save_blob(&self, blob: BlobId, leaves: &[u8]) -> Result<(), StoreError> {
        self.transaction.open_table(BLOBS)?.insert(blob.number(), leaves)?;
        Ok(())
    }

    /// Forgets removed files, which are gone.
    pub(crate) fn forget_removed(&self, blobs: &[BlobId]) -> Result<(), StoreError> {
        let mut removed = self.transaction.open_table(REMOVED)?;
        blobs.iter().try_for_each(|blob| Ok(removed.remove(blob.number()).map(|_| ())?))
    }

    /// A new job. It owns its body, if it has one already.
    pub(crate) fn add_job(&self, vault: VaultNumber, id: &str, job: &JobRecord) -> Result<(), StoreError> {
        self.transaction.open_table(JOB_ORDER)?.insert((vault.0, job.completed.is_some(), job.sequence), id)?;
        match &job.work {
            JobWork::Archive(work) => self.own(work.body, job.sequence)?,
            JobWork::Inventory(work) => {
                self.transaction.open_table(UNWRITTEN)?.insert((vault.0, job.sequence), work.inventory)?;
            }
        }
        self.save_job(vault, id, job)
    }

    /// Saves a job that was completed now.
    pub(crate) fn complete_job(&self, vault: VaultNumber, id: &str, job: &JobRecord) -> Result<(), StoreError> {
        let mut order = self.transaction.open_table(JOB_ORDER)?;
        order.remove((vault.0, false, job.sequence))?;
        order.insert((vault.0, true, job.sequence), id)?;
        self.save_job(vault, id, job)
    }

    /// Saves an inventory job whose output was written, which it owns.
    pub(crate) fn save_written_job(&self, vault: VaultNumber, id: &str, job: &JobRecord) -> Result<(), StoreError> {
        self.transaction.open_table(UNWRITTEN)?.remove((vault.0, job.sequence))?;
        job.body().map_or(Ok(()), |body| self.own(body, job.sequence))?;
        self.save_job(vault, id, job)
    }

    /// Removes a job, which disowns its body.
    pub(crate) fn remove_job(&self, vault: VaultNumber, id: &str, job: &JobRecord) -> Result<(), StoreError> {
        self.transaction.open_table(JOBS)?.remove((vault.0, id))?;
        self.transaction.open_table(JOB_ORDER)?.remove((vault.0, job.completed.is_some(), job.sequence))?;
        self.transaction.open_table(UNWRITTEN)?.remove((vault.0, job.sequence))?;
        job.body().map_or(Ok(()), |body| self.disown(body, job.sequence))
    }

    fn save_job(&self, vault: VaultNumber, id: &str, job: &JobRecord) -> Result<(), StoreError> {
        self.save_in_vault(JOBS, vault, id, job)
    }

    fn own(&self, body: BodyId, owner: u64) -> Result<(), StoreError> {
        self.transaction.open_table(OWNERS)?.insert((body.0, owner), ())?;
        Ok(())
    }

    /// Takes an owner from a body, and removes the body if it was the last. One that is being read is removed later.
    fn disown(&self, body: BodyId, owner: u64) -> Result<(), StoreError> {
        self.transaction.open_table(OWNERS)?.remove((body.0, owner))?;
        if self.is_owned(body)? {
            return Ok(());
        }
        if self.pins.remove(body) {
            return self.remove_body(body);
        }
        self.transaction.open_table(ORPHANS)?.insert(body.0, ())?;
        Ok(())
    }

    /// Removes bodies without owners that are not read any more.
    pub(crate) fn remove_orphans(&self) -> Result<(), StoreError> {
        for body in self.orphans()? {
            if self.pins.remove(body) {
                self.transaction.open_table(ORPHANS)?.remove(body.0)?;
                self.remove_body(body)?;
            }
        }
        Ok(())
    }

    fn remove_body(&self, body: BodyId) -> Result<(), StoreError> {
        self.bodies.borrow_mut().push(body);
        for (first, piece) in self.all_pieces(body)? {
            self.transaction.open_table(PIECES)?.remove((body.0, first))?;
            self.remove_blob(piece.blob)?;
        }
        Ok(())
    }

    /// Removes a file that no record needs.
    pub(crate) fn remove_blob(&self, blob: BlobId) -> Result<(), StoreError> {
        self.transaction.open_table(BLOBS)?.remove(blob.number())?;
        self.transaction.open_table(REMOVED)?.insert(blob.number(), ())?;
        self.removed.borrow_mut().push(blob);
        Ok(())
    }

    fn save_in_vault(&self, table: InVault, vault: VaultNumber, id: &str, record: &impl Serialize) -> Result<(), StoreError> {
        save(&mut self.transaction.open_table(table)?, (vault.0, id), record)
    }

    fn all<R: serde::de::DeserializeOwned>(&self, table: InVault, vault: VaultNumber) -> Result<Vec<(String, R)>, StoreError> {
        of_vault(&self.transaction.open_table(table)?, vault.0, "")?.collect()
    }
}
