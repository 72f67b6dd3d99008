//! What is done when a folder is opened: leftovers of requests that were never acknowledged are removed, and everything else that
//! records and files do not agree on is kept and reported.

use std::collections::HashSet;
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

/// Makes files and records agree. Nothing that was in place is deleted, unless a note or a record says why it is there.
pub(super) fn recover(folder: &Folder, records: &Records, syncs: &Syncs) -> Result<Vec<Finding>, OpenError> {
    let mut recovery = Recovery { folder, syncs, findings: Vec::new(), removed: 0 };
    let failed = |error| OpenError::recovery(folder.path(), error);
    let unrecorded = recovery.clean_staged()?;
    let (named, removed) = records.read(|reader| Ok((reader.blobs()?, reader.removed()?))).map_err(failed)?;
    let mut absent: HashSet<u128> = named.iter().map(|blob| blob.number()).collect();
    let explained: HashSet<u128> = unrecorded.iter().chain(&removed).map(|blob| blob.number()).collect();
    recovery.check_placed(&mut absent, &explained)?;
    for blob in unrecorded {
        recovery.remove(&folder.entry(Folder::STAGED).join(format!("{blob}{NOTE}"))).map_err(|error| failed(error.into()))?;
    }
    for number in absent {
        recovery.find_absent(number.into(), records).map_err(failed)?;
    }
    if recovery.removed > 0 {
        recovery.findings.push(Finding::Removed { files: recovery.removed });
    }
    if !removed.is_empty() {
        records.write(|writer| writer.forget_removed(&removed)).map_err(failed)?;
    }
    Ok(recovery.findings)
}

struct Recovery<'f> {
    folder: &'f Folder,
    syncs: &'f Syncs,
    findings: Vec<Finding>,
    removed: u64,
}

impl Recovery<'_> {
    /// Removes files that were being received. The names of files in place that were not recorded when the process ended.
    fn clean_staged(&mut self) -> Result<Vec<BlobId>, OpenError> {
        let mut unrecorded = Vec::new();
        for (name, path) in self.entries(Folder::STAGED)? {
            if name.parse::<BlobId>().is_ok() {
                self.disk().remove(&path).map_err(|error| OpenError::io(self.folder.path(), error))?;
                self.removed += 1;
            } else if let Some(blob) = name.strip_suffix(NOTE).and_then(|name| name.parse().ok()) {
                unrecorded.push(blob);
            }
        }
        Ok(unrecorded)
    }

    /// Visits the files in place. What is left of `absent` are those that are named and not there.
    fn check_placed(&mut self, absent: &mut HashSet<u128>, explained: &HashSet<u128>) -> Result<(), OpenError> {
        let io = |error| OpenError::io(self.folder.path(), error);
        let (mut removed, mut unnamed) = (0, Vec::new());
        for (name, path) in self.entries(Folder::BLOBS)? {
            let Ok(blob) = name.parse::<BlobId>() else { continue };
            if absent.remove(&blob.number()) {
                continue;
            }
            if explained.contains(&blob.number()) {
                self.disk().remove(&path).map_err(io)?;
                removed += 1;
            } else {
                unnamed.push(path);
            }
        }
        let changed = removed > 0 || !unnamed.is_empty();
        self.removed += removed;
        for file in unnamed {
            let finding = match self.move_to_lost(&file) {
                Ok(file) => Finding::Unnamed { file, error: None },
                Err(error) => Finding::Unnamed { file, error: Some(error.to_string()) },
            };
            self.findings.push(finding);
        }
        if changed { self.syncs.folder(&self.folder.entry(Folder::BLOBS)).map_err(io) } else { Ok(()) }
    }

    fn move_to_lost(&self, file: &Path) -> io::Result<PathBuf> {
        self.folder.make_inside(Folder::LOST)?;
        let lost = self.folder.entry(Folder::LOST);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        // A name that is taken is not taken over.
        let free = (1..).map(|n| lost.join(format!("{name}.{n}")));
        let mut free = std::iter::once(lost.join(&*name)).chain(free).filter(|path| self.disk().entry(path).is_err());
        let to = free.next().unwrap_or_default();
        self.disk().rename(file, &to)?;
        self.syncs.folder(&lost)?;
        self.syncs.folder(self.folder.path())?;
        Ok(to)
    }

    /// Puts back a file that is in `lost+found`, or reports it.
    fn find_absent(&mut self, blob: BlobId, records: &Records) -> Result<(), StoreError> {
        let lost = self.folder.entry(Folder::LOST).join(blob.to_string());
        let file = self.folder.entry(Folder::BLOBS).join(blob.to_string());
        let is_file = self.disk().entry(&lost).is_ok_and(|found| found.kind == EntryKind::File);
        if is_file && self.disk().rename(&lost, &file).is_ok() {
            self.syncs.folder(&self.folder.entry(Folder::BLOBS))?;
            self.findings.push(Finding::PutBack { file });
            return Ok(());
        }
        let archive = records.read(|reader| reader.archive_of_blob(blob))?;
        self.findings.push(Finding::Missing { file, archive });
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match self.disk().remove(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Names and paths of the files in one of the folders. One with a name of ours that is no file is refused, and other names are left
    /// alone.
    fn entries(&self, name: &str) -> Result<Vec<(String, PathBuf)>, OpenError> {
        let folder = self.folder.entry(name);
        let mut entries = Vec::new();
        let mut visit = |name: &OsStr, kind| {
            let name = name.to_str().filter(|name| name.strip_suffix(NOTE).unwrap_or(name).parse::<BlobId>().is_ok());
            entries.extend(name.map(|name| (name.to_owned(), folder.join(name), kind)));
            Ok(())
        };
        self.disk().names(&folder, &mut visit).map_err(|error| OpenError::io(self.folder.path(), error))?;
        let mut files = Vec::with_capacity(entries.len());
        for (name, path, kind) in entries {
            if kind != EntryKind::File {
                return Err(OpenError::Irregular { path, is: kind.text() });
            }
            files.push((name, path));
        }
        Ok(files)
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
            let records = Records::open(&folder, &syncs).unwrap();
            (folder, records, syncs)
        }

        fn file(&self, name: &str, n: u128) -> PathBuf {
            self.folder.path().join(name).join(BlobId::from(n).to_string())
        }

        fn recover(&self) -> Result<Vec<Finding>, OpenError> {
            let (folder, records, syncs) = self.parts();
            recover(&folder, &records, &syncs)
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
        assert!(matches!(recover(&folder, &records, &syncs).unwrap()[..], [Finding::Unnamed { error: Some(_), .. }]));
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
