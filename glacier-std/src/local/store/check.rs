//! Everything in a folder, read and compared: the index page by page, each body with its leaves, records with each other and with the files.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glacier_core::LEAF_SIZE;
use glacier_core::hash::LinearHasher;
use redb::ReadableTable;

use super::blobs::NOTE;
use super::error::StoreError;
use super::finding::Finding;
use super::folder::Folder;
use super::open_error::OpenError;
use super::outbox::ReadOutbox;
use super::reader::{ReadRecords, ReadTables, Reader};
use super::records::Records;
use super::recovery::{Extent, move_to_lost, recover};
use super::synced::Syncs;
use super::tables::{ARCHIVES, JOB_ORDER, JOBS, OWNERS, PIECES, UPLOAD_ORDER, UPLOADS, VAULT_NUMBERS, VAULTS, decode, of_vault};
use crate::local::disk::{Disk, EntryKind, SystemDisk};
use crate::local::model::{ArchiveRecord, BlobId, PieceRecord, VaultNumber, VaultRecord};

/// What a check read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckSummary {
    /// Vaults.
    pub vaults: u64,
    /// Archives in them.
    pub archives: u64,
    /// Files with bytes of archives, of open uploads and of outputs.
    pub files: u64,
    /// Bytes in those.
    pub bytes: u64,
}

/// Reads everything in the folder of a vault service that no process has open, and tells each finding. Without `repair` nothing is moved or
/// removed. With it, what is found at opening is mended as usual, and a file whose bytes are damaged is moved to `lost+found`; nothing that
/// was in place is deleted.
///
/// This takes as long as reading all archives and hashing them, and 17 bytes of memory a file.
///
/// # Errors
/// [`OpenError`] if there is no folder with vaults, another process uses it, or its index is damaged: then put that back from a copy first.
pub fn check_folder(folder: impl AsRef<Path>, repair: bool, mut tell: impl FnMut(&Finding)) -> Result<CheckSummary, OpenError> {
    check(Arc::new(SystemDisk), folder.as_ref(), repair, &mut tell)
}

fn check(disk: Arc<dyn Disk>, path: &Path, repair: bool, tell: &mut dyn FnMut(&Finding)) -> Result<CheckSummary, OpenError> {
    // Opening would make a new folder.
    disk.target(path).map_err(|error| OpenError::io(path, error))?;
    let mut findings = Vec::new();
    let folder = Folder::open(&disk, path, &mut findings)?;
    if !folder.has_index() {
        return Err(OpenError::io(path, io::Error::new(ErrorKind::NotFound, "there are no vaults in it")));
    }
    let syncs = Syncs::new(&disk);
    let (records, found) = Records::open_checked(&folder, &syncs)?;
    findings.extend(found.went_back);
    let failed = |error| OpenError::recovery(path, error);
    if repair {
        findings.extend(recover(&folder, &records, &syncs, Extent::Everything)?);
        records.begin().map_err(failed)?;
    }
    let mut is_sound = !findings.iter().any(Finding::needs_action);
    findings.iter().for_each(&mut *tell);
    let tell: &mut dyn FnMut(&Finding) = &mut |finding| {
        is_sound &= !finding.needs_action();
        tell(finding);
    };
    let check = Check { folder: &folder, syncs: &syncs, repair };
    let mut summary = CheckSummary::default();
    records.read(|records| check.vaults(records, &mut summary, tell)).map_err(failed)?;
    records.read(|records| check.bodies(records, &mut summary, tell)).map_err(failed)?;
    // A damaged one is an error.
    records.read(|records| records.unwritten_notifications(usize::MAX).and(records.posts(usize::MAX))).map_err(failed)?;
    records.read(ReadOutbox::failed_posts).map_err(failed)?;
    if !repair {
        records.read(|records| check.names(records, tell)).map_err(failed)?;
    }
    if !is_sound {
        // The next who opens it looks at all of it.
        records.unsettle();
    }
    Ok(summary)
}

struct Check<'f> {
    folder: &'f Folder,
    syncs: &'f Syncs,
    repair: bool,
}

impl Check<'_> {
    /// Compares the records of each vault with each other.
    fn vaults(&self, records: &Reader, summary: &mut CheckSummary, tell: &mut dyn FnMut(&Finding)) -> Result<(), StoreError> {
        let (vaults, archives, owners) = (records.table(VAULTS)?, records.table(ARCHIVES)?, records.table(OWNERS)?);
        let numbers = records.table(VAULT_NUMBERS)?;
        let mut named = 0u64;
        for row in numbers.iter()? {
            let number = row?.1.value();
            named += u64::from(vaults.get(number)?.is_some());
        }
        for row in vaults.iter()? {
            let (number, vault) = row?;
            let vault = decode::<u64, VaultRecord>(&number.value(), vault.value())?;
            let number = number.value();
            summary.vaults += 1;
            let (mut count, mut bytes) = (0, 0);
            for row in of_vault::<ArchiveRecord>(&archives, number, "")? {
                let (id, archive) = row?;
                (count, bytes) = (count + 1, bytes + archive.size);
                let mut size = 0;
                for (first, piece) in records.all_pieces(archive.body)? {
                    size = if first == size { size + piece.size } else { u64::MAX };
                }
                let problem = if size != archive.size {
                    "its pieces do not make its size"
                } else if owners.get((archive.body.0, archive.sequence))?.is_none() {
                    "its body is not its own"
                } else {
                    continue;
                };
                tell(&Finding::Archive { vault: vault.key.name.clone(), archive: id, problem: problem.to_owned() });
            }
            summary.archives += count;
            if (count, bytes) != (vault.archives, vault.bytes) {
                let problem = format!(
                    "the vault {} has {count} archives of {bytes} bytes, and counts {} of {}",
                    vault.key.name, vault.archives, vault.bytes
                );
                tell(&Finding::Records { problem });
            }
            self.orders(records, VaultNumber(number), &vault.key.name, tell)?;
        }
        if named != summary.vaults {
            tell(&Finding::Records { problem: format!("there are {} vaults, of which {named} have a name", summary.vaults) });
        }
        Ok(())
    }

    /// Uploads and jobs are found by id and in their order.
    fn orders(&self, records: &Reader, vault: VaultNumber, name: &str, tell: &mut dyn FnMut(&Finding)) -> Result<(), StoreError> {
        let any = |_| 1u64;
        let uploads: u64 = of_vault::<serde::de::IgnoredAny>(&records.table(UPLOADS)?, vault.0, "")?.map(any).sum();
        let jobs: u64 = of_vault::<serde::de::IgnoredAny>(&records.table(JOBS)?, vault.0, "")?.map(any).sum();
        let upload_order: u64 = records.table(UPLOAD_ORDER)?.range((vault.0, 0)..=(vault.0, u64::MAX))?.map(|_| 1).sum();
        let job_order: u64 = records.table(JOB_ORDER)?.range((vault.0, false, 0)..=(vault.0, true, u64::MAX))?.map(|_| 1).sum();
        for (what, by_id, in_order) in [("uploads", uploads, upload_order), ("jobs", jobs, job_order)] {
            if by_id != in_order {
                tell(&Finding::Records { problem: format!("the vault {name} has {by_id} {what}, and lists {in_order}") });
            }
        }
        Ok(())
    }

    /// Reads every file that a record names, and compares it with its leaves.
    fn bodies(&self, records: &Reader, summary: &mut CheckSummary, tell: &mut dyn FnMut(&Finding)) -> Result<(), StoreError> {
        for row in records.table(PIECES)?.iter()? {
            let (key, piece) = row?;
            let piece = decode::<(u64, u64), PieceRecord>(&key.value(), piece.value())?;
            summary.files += 1;
            summary.bytes += piece.size;
            let file = self.folder.entry(Folder::BLOBS).join(piece.blob.to_string());
            let leaves = match records.leaves(&piece) {
                Ok(leaves) => leaves,
                Err(StoreError::DeletedBlob) => {
                    tell(&Finding::Records { problem: format!("blobs/{} has bytes of something, and no leaves", piece.blob) });
                    continue;
                }
                Err(error) => return Err(error),
            };
            let is_whole = match self.read(&file, piece.size, &leaves) {
                Ok(is_whole) => is_whole,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    // Where it is mended, opening has told it.
                    if !self.repair {
                        let archive = records.archive_of_blob(piece.blob)?;
                        tell(&Finding::Missing { file, archive });
                    }
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            if is_whole {
                continue;
            }
            tell(&Finding::Damaged { file: file.clone() });
            if let Some((vault, archive)) = records.archive_of_blob(piece.blob)? {
                let problem = format!("it cannot be restored, as blobs/{} is damaged", piece.blob);
                tell(&Finding::Archive { vault, archive, problem });
            }
            if self.repair {
                tell(&Finding::MovedAside { file: move_to_lost(self.folder, self.syncs, &file)? });
            }
        }
        Ok(())
    }

    /// Whether a file has these leaves and no more.
    fn read(&self, path: &Path, size: u64, leaves: &[u8]) -> io::Result<bool> {
        let file = self.folder.disk().open_to_read(path)?;
        if file.length()? != size {
            return Ok(false);
        }
        let mut leaf = Vec::new();
        for (n, expected) in (0..).zip(leaves.as_chunks::<32>().0) {
            let first = n * LEAF_SIZE;
            // A leaf at most.
            leaf.resize(usize::try_from(size.saturating_sub(first).min(LEAF_SIZE)).unwrap_or_default(), 0);
            file.read_at(first, &mut leaf)?;
            let mut hasher = LinearHasher::new();
            hasher.update(&leaf);
            if hasher.finish().as_bytes() != expected {
                return Ok(false);
            }
        }
        Ok(leaves.len() as u64 / 32 == size.div_ceil(LEAF_SIZE))
    }

    /// Files in place that no record names, but for those that opening would remove, and what is in `lost+found`.
    fn names(&self, records: &Reader, tell: &mut dyn FnMut(&Finding)) -> Result<(), StoreError> {
        let named = records.blobs()?;
        let mut explained = records.removed()?;
        self.each(Folder::STAGED, &mut |name| {
            explained.extend(name.strip_suffix(NOTE).and_then(|name| name.parse::<BlobId>().ok()));
        })?;
        let mut stray: Vec<PathBuf> = Vec::new();
        self.each(Folder::BLOBS, &mut |name| {
            let Ok(blob) = name.parse::<BlobId>() else { return };
            if named.binary_search_by_key(&blob.number(), |named| named.number()).is_err() && !explained.contains(&blob) {
                stray.push(self.folder.entry(Folder::BLOBS).join(name));
            }
        })?;
        let lost = self.folder.entry(Folder::LOST);
        if self.folder.disk().entry(&lost).is_ok() {
            self.each(Folder::LOST, &mut |name| stray.push(lost.join(name)))?;
        }
        stray.sort();
        stray.into_iter().for_each(|file| tell(&Finding::Stray { file }));
        Ok(())
    }

    fn each(&self, name: &str, visit: &mut dyn FnMut(&str)) -> io::Result<()> {
        let mut look = |name: &OsStr, kind: EntryKind| {
            if let Some(name) = name.to_str().filter(|_| kind == EntryKind::File) {
                visit(name);
            }
            Ok(())
        };
        self.folder.disk().names(&self.folder.entry(name), &mut look)
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::Store;
    use super::super::writer::Writer;
    use super::*;
    use crate::local::disk::MemoryDisk;
    use crate::local::model::{BodyId, Moment, VaultKey};
    use glacier_core::{PartSize, TreeHash};

    /// A vault `v` with one archive of a byte `x`, changed by `change`; what a check finds.
    fn found(change: impl Fn(&Writer<'_>, VaultNumber, VaultRecord, ArchiveRecord)) -> Vec<String> {
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
        let folder = Path::new("/checked");
        let (store, _) = Store::open_on(disk.clone(), folder, None).unwrap();
        let mut staged = store.blobs.stage(7.into()).unwrap();
        io::Write::write_all(&mut staged, b"x").unwrap();
        let mut hasher = LinearHasher::new();
        hasher.update(b"x");
        let tree = TreeHash::from_bytes(*hasher.finish().as_bytes());
        let placed = staged.place().unwrap();
        let work = |writer: &Writer<'_>| {
            let key = VaultKey { account: "a".into(), region: "r".into(), name: "v".into() };
            writer.add_vault(key.clone(), Moment(1))?;
            let number = writer.vault_number(&key)?.unwrap();
            let mut vault = writer.vault(number)?.unwrap();
            writer.save_blob(placed.blob, &[])?;
            let archive = ArchiveRecord {
                sequence: 40,
                created: Moment(2),
                description: String::new(),
                size: 1,
                tree,
                body: BodyId(41),
                part_size: PartSize::MAX,
            };
            writer.save_piece(archive.body, 0, &PieceRecord { blob: placed.blob, size: 1, tree })?;
            writer.add_archive(number, "id", &archive)?;
            vault.add_archive(1);
            writer.save_vault(number, &vault)?;
            change(writer, number, vault, archive);
            Ok(())
        };
        store.write::<(), StoreError>(work).unwrap();
        placed.recorded().unwrap();
        drop(store);
        let mut found = Vec::new();
        let summary = check(disk, folder, false, &mut |finding| found.push(finding.to_string())).unwrap();
        assert_eq!((summary.vaults, summary.archives), (1, 1));
        found
    }

    #[test]
    fn records_that_contradict_each_other_are_told() {
        assert_eq!(found(|_, _, _, _| ()), [""; 0]);
        let counts = found(|writer, number, mut vault, _| {
            vault.add_archive(5);
            writer.save_vault(number, &vault).unwrap();
        });
        assert!(matches!(&counts[..], [one] if one.contains("has 1 archives of 1 bytes, and counts 2 of 6")), "{counts:?}");
        let size = found(|writer, number, mut vault, mut archive| {
            archive.size = 2;
            writer.add_archive(number, "id", &archive).unwrap();
            vault.bytes = 2;
            writer.save_vault(number, &vault).unwrap();
        });
        assert!(matches!(&size[..], [one] if one.contains("the archive id in the vault v: its pieces do not make")), "{size:?}");
        let piece = found(|writer, _, _, archive| {
            let other = TreeHash::from_bytes([1; 32]);
            writer.save_piece(archive.body, 0, &PieceRecord { blob: 8.into(), size: 1, tree: other }).unwrap();
        });
        assert!(matches!(&piece[..], [one] if one.contains("has bytes of something, and no leaves")), "{piece:?}");
    }
}
