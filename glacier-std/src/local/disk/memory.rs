//! A disk in memory. It is gone when it is dropped, so a sync does nothing.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{self, ErrorKind};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::file_id::FileId;
use super::interface::{Disk, DiskFile, Entry, EntryKind};
use super::memory_file::{Content, MemoryFile};

/// A disk in memory, with an empty root.
#[derive(Debug, Default)]
pub(crate) struct MemoryDisk {
    tree: Mutex<Tree>,
}

/// Everything but the root. The paths of what is in a folder come right after the folder's own.
#[derive(Debug, Default)]
struct Tree {
    nodes: BTreeMap<PathBuf, Node>,
    /// Files and folders that were made so far.
    made: u64,
}

#[derive(Clone, Debug)]
enum Node {
    Folder { id: FileId, changes: u64 },
    File(Arc<Content>),
}

impl MemoryDisk {
    fn tree(&self) -> MutexGuard<'_, Tree> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        match self.tree().nodes.get(path) {
            Some(Node::File(content)) => Ok(Box::new(MemoryFile::new(content.clone()))),
            Some(Node::Folder { .. }) => Err(ErrorKind::IsADirectory.into()),
            None => Err(ErrorKind::NotFound.into()),
        }
    }
}

impl Tree {
    fn next_id(&mut self) -> FileId {
        self.made += 1;
        FileId::new(0, self.made)
    }

    fn is_free(&self, path: &Path) -> io::Result<()> {
        if is_root(path) || self.nodes.contains_key(path) { Err(ErrorKind::AlreadyExists.into()) } else { Ok(()) }
    }

    /// Counts a change of the names in the folder above `path`, which must exist.
    fn change_above(&mut self, path: &Path) -> io::Result<()> {
        let above = path.parent().ok_or(ErrorKind::NotFound)?;
        match self.nodes.get_mut(above) {
            Some(Node::Folder { changes, .. }) => *changes += 1,
            Some(Node::File(_)) => return Err(ErrorKind::NotADirectory.into()),
            None if is_root(above) => {}
            None => return Err(ErrorKind::NotFound.into()),
        }
        Ok(())
    }
}

fn is_root(path: &Path) -> bool {
    path.parent().is_none() || path.as_os_str().is_empty()
}

impl Disk for MemoryDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut tree = self.tree();
        tree.is_free(path)?;
        tree.change_above(path)?;
        let id = tree.next_id();
        tree.nodes.insert(path.into(), Node::Folder { id, changes: 0 });
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let mut tree = self.tree();
        tree.is_free(path)?;
        tree.change_above(path)?;
        let content = Arc::new(Content::new(tree.next_id()));
        tree.nodes.insert(path.into(), Node::File(content.clone()));
        Ok(Box::new(MemoryFile::new(content)))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.file(path)
    }

    fn open_to_read(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut tree = self.tree();
        let file = match tree.nodes.get(from) {
            Some(Node::File(content)) => Node::File(content.clone()),
            Some(Node::Folder { .. }) => return Err(ErrorKind::IsADirectory.into()),
            None => return Err(ErrorKind::NotFound.into()),
        };
        if let Some(Node::Folder { .. }) = tree.nodes.get(to) {
            return Err(ErrorKind::IsADirectory.into());
        }
        tree.change_above(to)?;
        tree.change_above(from)?;
        tree.nodes.remove(from);
        tree.nodes.insert(to.into(), file);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut tree = self.tree();
        match tree.nodes.get(path) {
            Some(Node::File(_)) => {}
            Some(Node::Folder { .. }) => return Err(ErrorKind::IsADirectory.into()),
            None => return Err(ErrorKind::NotFound.into()),
        }
        tree.change_above(path)?;
        tree.nodes.remove(path);
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.entry(path).map(|_| ())
    }

    fn entry(&self, path: &Path) -> io::Result<Entry> {
        let (kind, mode) = (EntryKind::Folder, Some(0o700));
        match self.tree().nodes.get(path) {
            Some(Node::File(content)) => Ok(content.entry()),
            Some(Node::Folder { id, changes }) => Ok(Entry { kind, length: 0, id: *id, mode, changed: *changes }),
            None if is_root(path) => Ok(Entry { kind, length: 0, id: FileId::new(0, 0), mode, changed: 0 }),
            None => Err(ErrorKind::NotFound.into()),
        }
    }

    fn target(&self, path: &Path) -> io::Result<Entry> {
        self.entry(path)
    }

    fn names(&self, folder: &Path, visit: &mut dyn FnMut(&OsStr, EntryKind) -> io::Result<()>) -> io::Result<()> {
        if self.entry(folder)?.kind != EntryKind::Folder {
            return Err(ErrorKind::NotADirectory.into());
        }
        let mut names = Vec::new();
        for (path, node) in self.tree().nodes.range::<Path, _>((Bound::Excluded(folder), Bound::Unbounded)) {
            if !path.starts_with(folder) {
                break;
            }
            if path.parent() == Some(folder) {
                let kind = if matches!(node, Node::File(_)) { EntryKind::File } else { EntryKind::Folder };
                names.push((path.file_name().unwrap_or_default().to_owned(), kind));
            }
        }
        names.iter().try_for_each(|(name, kind)| visit(name, *kind))
    }

    fn close_to_others(&self, _: &Path, _: &Entry) -> io::Result<()> {
        Ok(())
    }

    fn without_links(&self, path: &Path) -> io::Result<PathBuf> {
        self.entry(path).map(|_| path.into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::system::SystemDisk;
    use super::*;

    fn names(disk: &dyn Disk, folder: &Path) -> Vec<(String, EntryKind)> {
        let mut names = Vec::new();
        let mut visit = |name: &OsStr, kind| {
            names.push((name.to_string_lossy().into_owned(), kind));
            Ok(())
        };
        disk.names(folder, &mut visit).unwrap();
        names.sort_by(|one, other| one.0.cmp(&other.0));
        names
    }

    fn error<T>(result: io::Result<T>) -> ErrorKind {
        result.err().unwrap().kind()
    }

    /// Both disks do the same.
    fn both(test: impl Fn(&dyn Disk, &Path)) {
        let folder = tempfile::tempdir().unwrap();
        test(&SystemDisk, folder.path());
        let memory = MemoryDisk::default();
        memory.make_folder(Path::new("/memory")).unwrap();
        test(&memory, Path::new("/memory"));
    }

    #[test]
    fn files_and_folders() {
        both(|disk, root| {
            let (a, b, folder) = (root.join("a"), root.join("a-b"), root.join("folder"));
            disk.make_folder(&folder).unwrap();
            assert_eq!(error(disk.make_folder(&folder)), ErrorKind::AlreadyExists);
            assert_eq!(error(disk.make_folder(&root.join("none/below"))), ErrorKind::NotFound);
            let file = disk.create(&a).unwrap();
            assert_eq!(error(disk.create(&a)), ErrorKind::AlreadyExists);
            file.write_at(0, b"hello").unwrap();
            file.write_at(7, b"world").unwrap();
            file.sync().unwrap();
            disk.sync_folder(root).unwrap();
            assert_eq!(error(disk.sync_folder(&root.join("none"))), ErrorKind::NotFound);
            disk.create(&folder.join("c")).unwrap();
            let all = [("a", EntryKind::File), ("folder", EntryKind::Folder)].map(|(name, kind)| (name.to_owned(), kind));
            assert_eq!(names(disk, root), all);
            let entry = disk.entry(&a).unwrap();
            assert_eq!((entry.kind, entry.length, entry.open_to_others()), (EntryKind::File, 12, None));
            disk.rename(&a, &b).unwrap();
            assert_eq!(disk.entry(&b).unwrap().id, entry.id);
            assert_eq!(error(disk.entry(&a)), ErrorKind::NotFound);
            assert_eq!(error(disk.rename(&a, &b)), ErrorKind::NotFound);
            let mut read = [0; 12];
            let open = disk.open_to_read(&b).unwrap();
            open.read_at(0, &mut read).unwrap();
            assert_eq!(read, *b"hello\0\0world");
            assert_eq!(error(open.read_at(1, &mut read)), ErrorKind::UnexpectedEof);
            file.set_length(3).unwrap();
            assert_eq!(open.length().unwrap(), 3);
            file.set_length(5).unwrap();
            open.read_at(0, &mut read[..5]).unwrap();
            assert_eq!(read[..5], *b"hel\0\0");
            disk.remove(&b).unwrap();
            assert_eq!(error(disk.remove(&b)), ErrorKind::NotFound);
            assert_eq!(error(disk.open(&b)), ErrorKind::NotFound);
            if cfg!(unix) {
                open.read_at(0, &mut read[..5]).unwrap();
            }
        });
    }

    #[test]
    fn one_lock() {
        both(|disk, root| {
            let first = disk.create(&root.join("a")).unwrap();
            let second = disk.open(&root.join("a")).unwrap();
            assert!(first.lock().unwrap() && !second.lock().unwrap());
            first.unlock().unwrap();
            assert!(second.lock().unwrap() && !first.lock().unwrap());
            drop(second);
            assert!(first.lock().unwrap());
        });
    }

    #[cfg(unix)]
    #[test]
    fn what_is_made_is_private() {
        both(|disk, root| {
            disk.make_folder(&root.join("folder")).unwrap();
            disk.create(&root.join("file")).unwrap();
            assert_eq!(disk.entry(&root.join("folder")).unwrap().mode, Some(0o700));
            assert_eq!(disk.entry(&root.join("file")).unwrap().mode, Some(0o600));
        });
    }

    #[test]
    fn a_change_of_names_is_seen() {
        let disk = MemoryDisk::default();
        let folder = Path::new("/folder");
        disk.make_folder(folder).unwrap();
        let changed = || disk.entry(folder).unwrap().changed;
        let before = changed();
        disk.create(&folder.join("a")).unwrap();
        let made = changed();
        disk.rename(&folder.join("a"), &folder.join("b")).unwrap();
        let renamed = changed();
        disk.remove(&folder.join("b")).unwrap();
        assert!(before != made && made != renamed && renamed != changed());
    }
}
