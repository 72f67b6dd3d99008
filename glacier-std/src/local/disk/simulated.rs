//! A disk that loses, reorders and tears what was not synced when the power goes, and fails calls. All of it depends on a seed.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::interface::{Disk, DiskFile, Entry, EntryKind};
use super::simulated_file::SimulatedFile;
use super::simulated_state::{Fault, Image, Inner, State, place};

/// A simulated disk. A clone is the same disk.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedDisk {
    inner: Arc<Mutex<Inner>>,
}

impl SimulatedDisk {
    pub(crate) fn new(seed: u64, fault: Fault) -> Self {
        SimulatedDisk::of(State::with(fault), seed)
    }

    /// A disk that was without power.
    pub(crate) fn restarted(image: Image, seed: u64) -> Self {
        SimulatedDisk::of(image.state, seed)
    }

    fn of(state: State, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        SimulatedDisk {
            inner: Arc::new(Mutex::new(Inner { state, random, images_in_million: 0, images: Vec::new(), ignored_renames: 0 })),
        }
    }

    /// From now on leaves images before some calls.
    pub(crate) fn leave_images(&self, in_million: u32) {
        self.lock().images_in_million = in_million;
    }

    /// The images since they were last taken.
    pub(crate) fn take_images(&self) -> Vec<Image> {
        std::mem::take(&mut self.lock().images)
    }

    /// The disk as a loss of power now would leave it.
    pub(crate) fn image(&self) -> Image {
        self.lock().image("the end")
    }

    /// The disk as a kill of the process now would leave it.
    pub(crate) fn killed(&self, seed: u64) -> Self {
        SimulatedDisk::of(self.lock().state.after_kill(), seed)
    }

    /// The system writes everything, as it does after a while.
    pub(crate) fn settle(&self) {
        self.lock().state.settle();
    }

    /// From now on something goes wrong.
    pub(crate) fn plant(&self, fault: Fault) {
        self.lock().state.fault = fault;
    }

    /// Calls so far that change or sync something.
    pub(crate) fn calls(&self) -> u64 {
        self.lock().state.calls
    }

    /// The kinds of syncs and renames so far.
    pub(crate) fn kinds(&self) -> Vec<String> {
        self.lock().state.kinds.iter().cloned().collect()
    }

    /// The bytes of a file.
    pub(crate) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let inner = self.lock();
        let node = inner.state.find_file(path)?;
        Ok(inner.state.bytes(node).to_vec())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, node: usize, path: &Path) -> Box<dyn DiskFile> {
        Box::new(SimulatedFile::new(self.inner.clone(), node, path))
    }
}

impl Disk for SimulatedDisk {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut inner = self.lock();
        inner.before("make folder", path)?;
        inner.state.make(path, true).map(|_| ())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let node = {
            let mut inner = self.lock();
            inner.before("create", path)?;
            inner.state.make(path, false)?
        };
        Ok(self.file(node, path))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let node = self.lock().state.find_file(path)?;
        Ok(self.file(node, path))
    }

    fn open_to_read(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.open(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut inner = self.lock();
        inner.before("rename", from)?;
        if inner.state.is_ignored(&format!("rename {} to {}", place(from), place(to))) {
            // Whoever tries until it is done would try for ever.
            inner.ignored_renames += 1;
            return if inner.ignored_renames < 20 { Ok(()) } else { Err(io::ErrorKind::TimedOut.into()) };
        }
        inner.state.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut inner = self.lock();
        inner.before("remove", path)?;
        inner.state.remove(path)
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        let mut inner = self.lock();
        inner.before("sync folder", path)?;
        inner.state.entry(path)?;
        inner.state.sync_folder(path);
        Ok(())
    }

    fn entry(&self, path: &Path) -> io::Result<Entry> {
        self.lock().state.entry(path)
    }

    fn target(&self, path: &Path) -> io::Result<Entry> {
        self.entry(path)
    }

    fn names(&self, folder: &Path, visit: &mut dyn FnMut(&OsStr, EntryKind) -> io::Result<()>) -> io::Result<()> {
        let names = self.lock().state.names(folder)?;
        names.iter().try_for_each(|(path, kind)| visit(path.file_name().unwrap_or_default(), *kind))
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
    use super::*;

    fn files(disk: &SimulatedDisk) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let mut visit = |name: &OsStr, _| {
            let path = Path::new("/d").join(name);
            files.push((name.to_string_lossy().into_owned(), disk.read(&path)?));
            Ok(())
        };
        disk.names(Path::new("/d"), &mut visit).unwrap();
        files
    }

    /// Every disk that losses of power leave.
    fn after_losses(disk: &SimulatedDisk) -> Vec<Vec<(String, Vec<u8>)>> {
        let mut all: Vec<_> = (0..200)
            .map(|seed| SimulatedDisk::restarted(disk.image(), seed))
            .filter(|disk| disk.entry(Path::new("/d")).is_ok())
            .map(|disk| files(&disk))
            .collect();
        all.sort();
        all.dedup();
        all
    }

    #[test]
    fn what_is_not_synced_may_be_lost_and_what_is_synced_is_not() {
        let disk = SimulatedDisk::new(7, Fault::default());
        let (folder, a, b) = (Path::new("/d"), Path::new("/d/a"), Path::new("/d/b"));
        disk.make_folder(folder).unwrap();
        disk.sync_folder(Path::new("/")).unwrap();
        let file = disk.create(a).unwrap();
        file.write_at(0, b"xy").unwrap();
        let found = after_losses(&disk);
        for (bytes, is_possible) in [(&b""[..], true), (b"x", true), (b"xy", true), (b"y", false)] {
            assert_eq!(found.contains(&vec![("a".into(), bytes.to_vec())]), is_possible, "{found:?}");
        }
        assert!(found.contains(&vec![]));
        file.sync().unwrap();
        disk.sync_folder(folder).unwrap();
        assert_eq!(after_losses(&disk), [vec![("a".to_owned(), b"xy".to_vec())]]);
        // A rename is lost or kept, unless one of its folders was synced.
        disk.rename(a, b).unwrap();
        assert_eq!(after_losses(&disk).len(), 2);
        disk.sync_folder(folder).unwrap();
        assert_eq!(after_losses(&disk), [vec![("b".to_owned(), b"xy".to_vec())]]);
        disk.make_folder(Path::new("/e")).unwrap();
        disk.rename(b, Path::new("/e/b")).unwrap();
        disk.sync_folder(folder).unwrap();
        assert!(after_losses(&disk).iter().all(Vec::is_empty));
        disk.rename(Path::new("/e/b"), b).unwrap();
        disk.sync_folder(folder).unwrap();
        // After a failed sync, a later one proves nothing.
        file.write_at(0, b"zz").unwrap();
        disk.plant(Fault { fails_at: Some((disk.calls() + 1, io::ErrorKind::Other)), ignores: None });
        assert!(file.sync().is_err());
        file.sync().unwrap();
        assert!(disk.read(b).unwrap() == b"zz");
        let lost = (0..20).any(|seed| {
            let disk = SimulatedDisk::new(seed, Fault::default());
            disk.make_folder(folder).unwrap();
            disk.sync_folder(Path::new("/")).unwrap();
            let file = disk.create(a).unwrap();
            disk.sync_folder(folder).unwrap();
            file.write_at(0, b"zz").unwrap();
            disk.plant(Fault { fails_at: Some((disk.calls() + 1, io::ErrorKind::Other)), ignores: None });
            file.sync().unwrap_err();
            file.sync().unwrap();
            after_losses(&disk) == [vec![("a".to_owned(), vec![])]]
        });
        assert!(lost);
    }

    #[test]
    fn an_ignored_sync_has_no_effect_and_is_known_by_what_it_is_for() {
        let kind = "sync blobs after rename staged/BODY to blobs/BODY";
        let disk = SimulatedDisk::new(7, Fault { ignores: Some(kind.into()), fails_at: None });
        for folder in ["/d", "/d/staged", "/d/blobs"] {
            disk.make_folder(Path::new(folder)).unwrap();
        }
        let name = "0123456789abcdef0123456789abcdef";
        let (staged, placed) = (Path::new("/d/staged").join(name), Path::new("/d/blobs").join(name));
        disk.create(&staged).unwrap().sync().unwrap();
        disk.rename(&staged, &placed).unwrap();
        for folder in ["/", "/d", "/d/staged", "/d/blobs"] {
            disk.sync_folder(Path::new(folder)).unwrap();
        }
        assert!(disk.kinds().contains(&kind.to_owned()), "{:?}", disk.kinds());
        let is_there = |seed| SimulatedDisk::restarted(disk.image(), seed).entry(&placed).is_ok();
        assert!((0..20).any(|seed| !is_there(seed)));
    }
}
