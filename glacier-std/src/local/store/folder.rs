//! The folder of a store: its entries, what it may look like before it is used, and its privacy.

use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::finding::Finding;
use super::open_error::OpenError;
use crate::local::disk::{Disk, EntryKind};
use crate::local::model::BlobId;

/// A folder that is there, is a store's or empty, and is private. Its own path may be a link; nothing inside it is one.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    disk: Arc<dyn Disk>,
    path: PathBuf,
}

impl Folder {
    /// The file with the records.
    pub(super) const INDEX: &str = "glacier.redb";
    /// The same while it is made.
    pub(super) const NEW_INDEX: &str = "glacier.redb.new";
    /// Which commit of the index is the last.
    pub(super) const COMMITS: &str = "commits";
    /// The file of notifications, unless the settings name another one.
    pub(super) const NOTIFICATIONS: &str = "notifications.jsonl";
    /// Files that are received, and notes about files in place that are not recorded yet.
    pub(super) const STAGED: &str = "staged";
    /// Files in place.
    pub(super) const BLOBS: &str = "blobs";
    /// Files that were in place and that no record names.
    pub(super) const LOST: &str = "lost+found";

    /// Makes the folder if it is absent, and checks it.
    pub(super) fn open(disk: &Arc<dyn Disk>, path: &Path, findings: &mut Vec<Finding>) -> Result<Self, OpenError> {
        make(&**disk, path).map_err(|error| OpenError::io(path, error))?;
        let folder = Folder { disk: disk.clone(), path: path.into() };
        folder.check_entries()?;
        if !folder.has_index() {
            folder.check_unused()?;
        }
        folder.close_to_others(findings).map_err(|error| OpenError::io(path, error))?;
        Ok(folder)
    }

    pub(super) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The path of an entry.
    pub(super) fn entry(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(super) fn has_index(&self) -> bool {
        self.disk.entry(&self.entry(Folder::INDEX)).is_ok()
    }

    /// Makes a folder inside, unless it is there.
    pub(super) fn make_inside(&self, name: &str) -> io::Result<()> {
        match self.disk.make_folder(&self.entry(name)) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// Links and other things in the place of the store's own entries could make it read, write or delete elsewhere.
    fn check_entries(&self) -> Result<(), OpenError> {
        let files = [Folder::INDEX, Folder::NEW_INDEX, Folder::COMMITS, Folder::NOTIFICATIONS].map(|name| (name, false));
        let folders = [Folder::STAGED, Folder::BLOBS, Folder::LOST].map(|name| (name, true));
        for (name, is_folder) in files.into_iter().chain(folders) {
            let path = self.entry(name);
            let expected = if is_folder { EntryKind::Folder } else { EntryKind::File };
            match self.disk.entry(&path) {
                Ok(found) if found.kind == expected => {}
                Ok(found) => return Err(OpenError::Irregular { path, is: found.kind.text() }),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(OpenError::io(&self.path, error)),
            }
        }
        Ok(())
    }

    /// Without an index, the folder must never have been used: a new index would name none of its files.
    fn check_unused(&self) -> Result<(), OpenError> {
        let (mut used, mut other) = (false, None);
        let mut visit = |name: &OsStr, _| {
            match name.to_str() {
                // What notifications told is no reason not to begin again.
                Some(Folder::INDEX | Folder::NEW_INDEX | Folder::NOTIFICATIONS) => {}
                // They are made after the index.
                Some(Folder::STAGED | Folder::BLOBS | Folder::COMMITS) => used = true,
                // A file system of its own has such a folder, too.
                Some(Folder::LOST) => used |= self.count(Folder::LOST) > 0,
                _ => other = Some(name.to_string_lossy().into_owned()),
            }
            Ok(())
        };
        self.disk.names(&self.path, &mut visit).map_err(|error| OpenError::io(&self.path, error))?;
        // Another process may have made it meanwhile.
        if self.has_index() {
            return Ok(());
        }
        let folder = self.path.clone();
        if used {
            let bodies = self.count(Folder::BLOBS) + self.count(Folder::LOST);
            return Err(OpenError::NoIndex { folder, index: Folder::INDEX, bodies });
        }
        match other {
            Some(found) => Err(OpenError::NotEmpty { folder, found }),
            None => Ok(()),
        }
    }

    /// Files with names of bodies; none if the folder cannot be read.
    fn count(&self, name: &str) -> u64 {
        let mut count = 0;
        let mut visit = |name: &OsStr, _| {
            count += u64::from(name.to_str().is_some_and(|name| name.parse::<BlobId>().is_ok()));
            Ok(())
        };
        let _ = self.disk.names(&self.entry(name), &mut visit);
        count
    }

    fn close_to_others(&self, findings: &mut Vec<Finding>) -> io::Result<()> {
        let found = self.disk.target(&self.path)?;
        if let Some(mode) = found.open_to_others() {
            let folder = self.path.clone();
            match self.disk.close_to_others(&self.path, &found) {
                // Nobody could read anything in a folder that was not used yet.
                Ok(()) if !self.has_index() => {}
                Ok(()) => {
                    findings.push(Finding::Closed { folder, mode });
                    [Folder::STAGED, Folder::BLOBS, Folder::LOST].iter().for_each(|name| self.close_files_to_others(name));
                }
                Err(error) => findings.push(Finding::Open { folder, mode, error: error.to_string() }),
            }
        }
        // The folder around them is what matters, so here nothing is reported.
        for name in [Folder::INDEX, Folder::COMMITS, Folder::NOTIFICATIONS, Folder::STAGED, Folder::BLOBS] {
            self.close_entry_to_others(&self.entry(name));
        }
        Ok(())
    }

    /// Closes all files in a folder that was within the reach of others.
    fn close_files_to_others(&self, name: &str) {
        let folder = self.entry(name);
        let mut visit = |name: &OsStr, kind| {
            if kind == EntryKind::File {
                self.close_entry_to_others(&folder.join(name));
            }
            Ok(())
        };
        let _ = self.disk.names(&folder, &mut visit);
    }

    fn close_entry_to_others(&self, path: &Path) {
        if let Some(found) = self.disk.entry(path).ok().filter(|found| found.open_to_others().is_some()) {
            let _ = self.disk.close_to_others(path, &found);
        }
    }
}

/// Makes a folder and all that is missing above it, and syncs each into the folder above.
fn make(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    match disk.target(path) {
        Ok(found) if found.kind == EntryKind::Folder => return Ok(()),
        Ok(_) => return Err(ErrorKind::NotADirectory.into()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let above = match path.parent() {
        Some(above) if !above.as_os_str().is_empty() => above,
        Some(_) => Path::new("."),
        None => return Err(ErrorKind::NotFound.into()),
    };
    make(disk, above)?;
    match disk.make_folder(path) {
        // Another process was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match disk.target(path)?.kind {
            EntryKind::Folder => {}
            _ => return Err(error),
        },
        made => made?,
    }
    disk.sync_folder(above)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::disk::SystemDisk;
    use std::fs;

    fn open(path: &Path) -> Result<(Folder, Vec<Finding>), OpenError> {
        let (disk, mut findings) = (Arc::new(SystemDisk) as Arc<dyn Disk>, Vec::new());
        Folder::open(&disk, path, &mut findings).map(|folder| (folder, findings))
    }

    #[test]
    fn a_folder_with_other_files_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("diary.txt"), "dear").unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(matches!(&error, OpenError::NotEmpty { found, .. } if found == "diary.txt"), "{error}");
        assert!(error.to_string().contains(&folder.path().display().to_string()), "{error}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_system_of_its_own_can_be_used() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("lost+found")).unwrap();
        open(folder.path()).unwrap();
    }

    #[test]
    fn a_used_folder_without_its_index_is_refused() {
        for (made, bodies) in
            [("blobs", 0), ("blobs/00000000000000000000000000000007", 1), ("lost+found/00000000000000000000000000000007", 1)]
        {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(made);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            if bodies == 0 {
                fs::create_dir(&path).unwrap()
            } else {
                fs::write(&path, "precious").unwrap()
            }
            let error = open(folder.path()).unwrap_err();
            assert!(matches!(&error, OpenError::NoIndex { bodies: found, .. } if *found == bodies), "{error}");
            assert!(error.to_string().contains("glacier.redb"), "{error}");
            assert!(path.exists() && !folder.path().join("glacier.redb").exists());
        }
    }

    #[test]
    fn missing_folders_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b/c");
        assert_eq!(open(&path).unwrap().1, []);
        assert!(path.is_dir());
        fs::write(path.join("glacier.redb"), "").unwrap();
        open(&path).unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(open(&file), Err(OpenError::Io { .. })));
        assert!(matches!(open(&file.join("below")), Err(OpenError::Io { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn nothing_inside_is_a_link() {
        use std::os::unix::fs::symlink;
        let elsewhere = tempfile::tempdir().unwrap();
        for name in ["glacier.redb", "glacier.redb.new", "commits", "notifications.jsonl", "staged", "blobs", "lost+found"] {
            let folder = tempfile::tempdir().unwrap();
            symlink(elsewhere.path(), folder.path().join(name)).unwrap();
            let error = open(folder.path()).unwrap_err();
            assert!(matches!(&error, OpenError::Irregular { is: "a symbolic link", .. }), "{error}");
            assert!(error.to_string().contains(name), "{error}");
        }
        // The folder itself may be one.
        let link = elsewhere.path().join("link");
        let folder = tempfile::tempdir().unwrap();
        symlink(folder.path(), &link).unwrap();
        open(&link).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("glacier.redb")).unwrap();
        assert!(matches!(open(folder.path()), Err(OpenError::Irregular { is: "a folder", .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
        let above = tempfile::tempdir().unwrap();
        let path = above.path().join("new");
        let (folder, findings) = open(&path).unwrap();
        folder.make_inside("blobs").unwrap();
        assert_eq!((mode(&path), mode(&path.join("blobs")), findings), (0o700, 0o700, vec![]));
        fs::write(path.join("glacier.redb"), "").unwrap();
        for (name, wide) in [("", 0o755), ("blobs", 0o777), ("glacier.redb", 0o644)] {
            fs::set_permissions(path.join(name), fs::Permissions::from_mode(wide)).unwrap();
        }
        let (_, findings) = open(&path).unwrap();
        assert_eq!(findings, [Finding::Closed { folder: path.clone(), mode: 0o755 }]);
        assert_eq!((mode(&path), mode(&path.join("blobs")), mode(&path.join("glacier.redb"))), (0o700, 0o700, 0o600));
    }
}
