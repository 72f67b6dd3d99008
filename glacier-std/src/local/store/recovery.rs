//! What is done when a folder is opened: leftovers of requests that were never acknowledged are removed, and everything else that
//! records and files do not agree on is kept and reported.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::blobs::NOTE;
use super::error::StoreError;
use super::finding::Finding;
use super::folder::Folder;
use super::open_error::OpenError;
use super::reader::ReadRecords;
use super::records::Records;
use super::synced::Syncs;
use crate::local::disk::{Disk, EntryKind};
use crate::local::model::BlobId;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// What requests that were not finished left: after an end that left everything else in order. This takes no longer in a large vault.
    Leftovers,
    /// The names of all files too.
    Everything,
}

/// Makes files and records agree. Nothing that was in place is deleted, unless a note or a record says why it is there.
pub(super) fn recover(folder: &Folder, records: &Records, syncs: &Syncs, extent: Extent) -> Result<Vec<Finding>, OpenError> {
    let mut recovery = Recovery { folder, records, syncs, findings: Vec::new(), removed: 0 };
    recovery.clean_up()?;
    if extent == Extent::Everything {
        recovery.check_placed()?;
    }
    if recovery.removed > 0 {
        recovery.findings.push(Finding::Removed { files: recovery.removed });
    }
    if recovery.findings.iter().any(Finding::needs_action) {
        records.unsettle();
    }
    Ok(recovery.findings)
}

/// Moves a file to `lost+found`; where it is then.
pub(super) fn move_to_lost(folder: &Folder, syncs: &Syncs, file: &Path) -> io::Result<PathBuf> {
    let (disk, lost) = (folder.disk(), folder.entry(Folder::LOST));
    if disk.entry(&lost).is_err() {
        folder.make_inside(Folder::LOST)?;
        // Before anything is in it.
        syncs.folder(folder.path())?;
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    // A name that is taken is not taken over.
    let free = (1..).map(|n| lost.join(format!("{name}.{n}")));
    let mut free = std::iter::once(lost.join(&*name)).chain(free).filter(|path| disk.entry(path).is_err());
    let to = free.next().unwrap_or_default();
    disk.rename(file, &to)?;
    syncs.folder(&lost)?;
    Ok(to)
}

struct Recovery<'f> {
    folder: &'f Folder,
    records: &'f Records,
    syncs: &'f Syncs,
    findings: Vec<Finding>,
    removed: u64,
}

impl Recovery<'_> {
    /// Removes files that were being received, files in place that were not recorded when the process ended, and files of which a record
    /// says that they are being removed.
    fn clean_up(&mut self) -> Result<(), OpenError> {
        let mut unrecorded = Vec::new();
        for (name, path) in self.entries(Folder::STAGED)? {
            if name.parse::<BlobId>().is_ok() {
                self.disk().remove(&path).map_err(|error| self.io(error))?;
                self.removed += 1;
            } else if let Some(blob) = name.strip_suffix(NOTE).and_then(|name| name.parse().ok()) {
                unrecorded.push((blob, path));
            }
        }
        let failed = |error| OpenError::recovery(self.folder.path(), error);
        let removed = self.records.read(|reader| reader.removed()).map_err(failed)?;
        for blob in unrecorded.iter().map(|(blob, _)| *blob).chain(removed.iter().copied()) {
            if !self.records.read(|reader| reader.has_blob(blob)).map_err(failed)? {
                self.removed += u64::from(self.remove_placed(blob)?);
            }
        }
        if !removed.is_empty() || !unrecorded.is_empty() {
            // Only then the notes and the records that explain the files may go.
            self.syncs.folder(&self.folder.entry(Folder::BLOBS)).map_err(|error| self.io(error))?;
        }
        for (_, note) in unrecorded {
            self.disk().remove(&note).map_err(|error| self.io(error))?;
        }
        if !removed.is_empty() {
            self.records.write(|writer| writer.forget_removed(&removed)).map_err(failed)?;
        }
        Ok(())
    }

    /// Removes a file in place, if it is there.
    fn remove_placed(&self, blob: BlobId) -> Result<bool, OpenError> {
        let path = self.folder.entry(Folder::BLOBS).join(blob.to_string());
        match self.disk().entry(&path) {
            Ok(found) if found.kind != EntryKind::File => Err(OpenError::Irregular { path, is: found.kind.text() }),
            Ok(_) => self.disk().remove(&path).map(|()| true).map_err(|error| self.io(error)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.io(error)),
        }
    }

    /// Visits the names of the files in place: those that no record names are moved away, and those that are absent are looked for.
    fn check_placed(&mut self) -> Result<(), OpenError> {
        let failed = |error| OpenError::recovery(self.folder.path(), error);
        // In the order of their numbers. This is 17 bytes a file, whatever the number of files.
        let named = self.records.read(|reader| reader.blobs()).map_err(failed)?;
        let mut is_there = vec![false; named.len()];
        let mut unnamed = Vec::new();
        self.each_file(Folder::BLOBS, &mut |name, path| {
            let Ok(blob) = name.parse::<BlobId>() else { return };
            match named.binary_search_by_key(&blob.number(), |named| named.number()).map(|at| is_there.get_mut(at)) {
                Ok(Some(is_there)) => *is_there = true,
                _ => unnamed.push(path),
            }
        })?;
        // That they are gone from here needs no sync: otherwise they are moved again.
        for file in unnamed {
            let finding = match move_to_lost(self.folder, self.syncs, &file) {
                Ok(file) => Finding::Unnamed { file, error: None },
                Err(error) => Finding::Unnamed { file, error: Some(error.to_string()) },
            };
            self.findings.push(finding);
        }
        for (blob, _) in named.iter().zip(is_there).filter(|(_, is_there)| !is_there) {
            self.find_absent(*blob).map_err(failed)?;
        }
        Ok(())
    }

    /// Puts back a file that is in `lost+found`, or reports it.
    fn find_absent(&mut self, blob: BlobId) -> Result<(), StoreError> {
        let lost = self.folder.entry(Folder::LOST).join(blob.to_string());
        let file = self.folder.entry(Folder::BLOBS).join(blob.to_string());
        let is_file = self.disk().entry(&lost).is_ok_and(|found| found.kind == EntryKind::File);
        if is_file && self.disk().rename(&lost, &file).is_ok() {
            self.syncs.folder(&self.folder.entry(Folder::BLOBS))?;
            self.findings.push(Finding::PutBack { file });
            return Ok(());
        }
        let archive = self.records.read(|reader| reader.archive_of_blob(blob))?;
        self.findings.push(Finding::Missing { file, archive });
        Ok(())
    }

    /// Names and paths of the files in one of the folders.
    fn entries(&self, name: &str) -> Result<Vec<(String, PathBuf)>, OpenError> {
        let mut entries = Vec::new();
        self.each_file(name, &mut |name, path| entries.push((name.to_owned(), path)))?;
        Ok(entries)
    }

    /// Visits the files in one of the folders. One with a name of ours that is no file is refused, and other names are left alone.
    fn each_file(&self, name: &str, visit: &mut dyn FnMut(&str, PathBuf)) -> Result<(), OpenError> {
        let folder = self.folder.entry(name);
        let mut irregular = None;
        let mut look = |name: &OsStr, kind: EntryKind| {
            let name = name.to_str().filter(|name| name.strip_suffix(NOTE).unwrap_or(name).parse::<BlobId>().is_ok());
            match name {
                Some(name) if kind == EntryKind::File => visit(name, folder.join(name)),
                Some(name) => irregular = Some(OpenError::Irregular { path: folder.join(name), is: kind.text() }),
                None => {}
            }
            Ok(())
        };
        self.disk().names(&folder, &mut look).map_err(|error| self.io(error))?;
        irregular.map_or(Ok(()), Err)
    }

    fn io(&self, error: io::Error) -> OpenError {
        OpenError::io(self.folder.path(), error)
    }

    fn disk(&self) -> &dyn Disk {
        &**self.folder.disk()
    }
}

#[cfg(test)]
mod tests {
    use super::super::blobs::Blobs;
    use super::super::writer::Writer;
    use super::*;
    use crate::local::disk::SystemDisk;
    use crate::local::model::{BodyId, PieceRecord};
    use glacier_core::TreeHash;
    use std::fs;
    use std::sync::Arc;

    struct Opened {
        folder: tempfile::TempDir,
    }

    impl Opened {
        /// A folder in which records name the blobs 1 and 2, and a record of removal the blob 3.
        fn new() -> Self {
            let opened = Opened { folder: tempfile::tempdir().unwrap() };
            let (folder, records, syncs) = opened.parts();
            Blobs::open(&folder, &syncs).unwrap();
            let fill = |writer: &Writer<'_>| {
                for n in [1u8, 2, 3] {
                    let piece = PieceRecord { blob: u128::from(n).into(), size: 0, tree: TreeHash::from_bytes([0; 32]) };
                    writer.save_blob(piece.blob, &[])?;
                    writer.save_piece(BodyId(1), n.into(), &piece)?;
                }
                let none = PieceRecord { blob: 1u128.into(), size: 0, tree: TreeHash::from_bytes([0; 32]) };
                writer.save_piece(BodyId(1), 3, &none)
            };
            records.write::<(), StoreError>(fill).unwrap();
            opened
        }

        fn parts(&self) -> (Folder, Records, Syncs) {
            let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
            let syncs = Syncs::new(&disk);
            let folder = Folder::open(&disk, self.folder.path(), &mut Vec::new()).unwrap();
            let records = Records::open(&folder, &syncs).unwrap().0;
            (folder, records, syncs)
        }

        fn file(&self, name: &str, n: u128) -> PathBuf {
            self.folder.path().join(name).join(BlobId::from(n).to_string())
        }

        fn recover(&self) -> Result<Vec<Finding>, OpenError> {
            self.recover_to(Extent::Everything)
        }

        fn recover_to(&self, extent: Extent) -> Result<Vec<Finding>, OpenError> {
            let (folder, records, syncs) = self.parts();
            recover(&folder, &records, &syncs, extent)
        }
    }

    #[test]
    fn leftovers_are_removed_and_nothing_else() {
        let opened = Opened::new();
        for n in [1, 2, 3, 4, 5] {
            fs::write(opened.file("blobs", n), "").unwrap();
        }
        let notes = [2, 4].map(|n| opened.file("staged", n).with_extension("unrecorded"));
        let other = opened.folder.path().join("blobs/notes.txt");
        for file in [&other, &opened.file("staged", 6), &notes[0], &notes[1]] {
            fs::write(file, "").unwrap();
        }
        let lost = opened.file("lost+found", 5);
        assert_eq!(
            opened.recover().unwrap(),
            [Finding::Unnamed { file: lost.clone(), error: None }, Finding::Removed { files: 3 }]
        );
        assert!([&other, &lost, &opened.file("blobs", 1), &opened.file("blobs", 2)].iter().all(|file| file.exists()));
        assert!(![3, 4, 5].map(|n| opened.file("blobs", n)).iter().any(|file| file.exists()));
        assert_eq!(fs::read_dir(opened.folder.path().join("staged")).unwrap().count(), 0);
        // The record of a removal explains one file, once.
        fs::write(opened.file("blobs", 3), "").unwrap();
        assert!(matches!(opened.recover().unwrap()[..], [Finding::Unnamed { error: None, .. }]));
    }

    #[test]
    fn leftovers_are_removed_without_a_look_at_the_other_files() {
        let opened = Opened::new();
        // 1 and 4 were not recorded as far as is known, 3 is being removed, and of 2 and 5 nobody knows.
        for n in [1, 3, 4, 5] {
            fs::write(opened.file("blobs", n), "").unwrap();
        }
        for file in [opened.file("staged", 6), opened.file("staged", 1).with_extension("unrecorded")] {
            fs::write(file, "").unwrap();
        }
        fs::write(opened.file("staged", 4).with_extension("unrecorded"), "").unwrap();
        assert_eq!(opened.recover_to(Extent::Leftovers).unwrap(), [Finding::Removed { files: 3 }]);
        assert!([1, 5].iter().all(|n| opened.file("blobs", *n).exists()));
        assert!(![3, 4].iter().any(|n| opened.file("blobs", *n).exists()));
        assert_eq!(fs::read_dir(opened.folder.path().join("staged")).unwrap().count(), 0);
        assert_eq!(opened.recover_to(Extent::Leftovers).unwrap(), []);
    }

    #[test]
    fn what_is_missing_is_looked_for_in_lost_and_found() {
        let opened = Opened::new();
        fs::write(opened.file("blobs", 1), "").unwrap();
        let missing = Finding::Missing { file: opened.file("blobs", 2), archive: None };
        assert_eq!(opened.recover().unwrap(), std::slice::from_ref(&missing));
        assert_eq!(opened.recover().unwrap(), [missing], "it is not forgotten");
        fs::create_dir(opened.folder.path().join("lost+found")).unwrap();
        fs::write(opened.file("lost+found", 2), "two").unwrap();
        assert_eq!(opened.recover().unwrap(), [Finding::PutBack { file: opened.file("blobs", 2) }]);
        assert_eq!(fs::read(opened.file("blobs", 2)).unwrap(), b"two");
        assert_eq!(opened.recover().unwrap(), []);
    }

    #[test]
    fn a_lost_file_replaces_no_other() {
        let opened = Opened::new();
        for n in [1, 2] {
            fs::write(opened.file("blobs", n), "").unwrap();
        }
        for content in ["first", "second"] {
            fs::write(opened.file("blobs", 9), content).unwrap();
            assert!(matches!(opened.recover().unwrap()[..], [Finding::Unnamed { error: None, .. }]));
        }
        assert_eq!(fs::read(opened.file("lost+found", 9)).unwrap(), b"first");
        assert_eq!(fs::read(opened.file("lost+found", 9).with_extension("1")).unwrap(), b"second");
        // Where it cannot be moved it stays.
        fs::remove_dir_all(opened.folder.path().join("lost+found")).unwrap();
        fs::write(opened.folder.path().join("lost+found"), "").unwrap();
        fs::write(opened.file("blobs", 9), "third").unwrap();
        let (folder, records, syncs) = {
            // `Folder::open` refuses it; it may have come later.
            fs::rename(opened.folder.path().join("lost+found"), opened.folder.path().join("file")).unwrap();
            let parts = opened.parts();
            fs::rename(opened.folder.path().join("file"), opened.folder.path().join("lost+found")).unwrap();
            parts
        };
        assert!(matches!(
            recover(&folder, &records, &syncs, Extent::Everything).unwrap()[..],
            [Finding::Unnamed { error: Some(_), .. }]
        ));
        assert_eq!(fs::read(opened.file("blobs", 9)).unwrap(), b"third");
    }

    #[cfg(unix)]
    #[test]
    fn links_among_the_files_are_refused() {
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        for name in ["staged", "blobs"] {
            let opened = Opened::new();
            std::os::unix::fs::symlink(elsewhere.path(), opened.file(name, 1)).unwrap();
            let error = opened.recover().unwrap_err();
            assert!(
                matches!(&error, OpenError::Irregular { path, is: "a symbolic link" } if *path == opened.file(name, 1)),
                "{error}"
            );
        }
        assert!(elsewhere.path().exists());
    }
}
