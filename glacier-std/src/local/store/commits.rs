//! A small file beside the index that says which commit was the last, so that an index that went back is noticed.
//!
//! An older copy that was put back is a sound index, and so is the previous commit of the same file, which one damaged bit of redb's header
//! selects. The file is written after each commit and never synced: it may be behind the index, and never ahead of it. At the end it says so,
//! with the state of the folder of bodies: if all of that is still true at the next opening, nobody has to look at the bodies.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use glacier_core::hash::LinearHasher;

use super::folder::Folder;
use crate::local::disk::{Disk, DiskFile};

/// The length of the file: four numbers of 16 digits, with a blank or a line's end after each.
const LENGTH: usize = 4 * 17;
/// In place of the state of the folder, while the index is in use.
const IN_USE: u64 = 0;

/// A commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    /// Counts up.
    pub(super) number: u64,
    /// A random number that changes when the index went back, so that a commit before is not taken for one after.
    pub(super) line: u64,
}

impl Commit {
    /// As it is kept in the index.
    pub(super) fn to_text(self) -> String {
        format!("{:016x} {:016x}", self.number, self.line)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (number, line) = text.split_once(' ')?;
        Some(Commit { number: u64::from_str_radix(number, 16).ok()?, line: u64::from_str_radix(line, 16).ok()? })
    }
}

/// What the file says of the last use of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LastUse {
    pub(super) commit: Commit,
    /// The state of the folder of bodies, if the use came to its end.
    pub(super) ended: Option<u64>,
}

impl LastUse {
    fn to_text(self) -> String {
        let text = format!("{} {:016x} ", self.commit.to_text(), self.ended.unwrap_or(IN_USE));
        let checksum = checksum(&text);
        format!("{text}{checksum}\n")
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let (fields, given) = std::str::from_utf8(text).ok()?.split_at_checked(3 * 17)?;
        if given.trim_end() != checksum(fields) {
            return None;
        }
        let (commit, ended) = fields.trim_end().rsplit_once(' ')?;
        let ended = u64::from_str_radix(ended, 16).ok()?;
        Some(LastUse { commit: Commit::parse(commit)?, ended: Some(ended).filter(|state| *state != IN_USE) })
    }
}

fn checksum(text: &str) -> String {
    let mut hasher = LinearHasher::new();
    hasher.update(text.as_bytes());
    hasher.finish().to_string().chars().take(16).collect()
}

/// The file.
#[derive(Debug)]
pub(super) struct Commits {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    bodies: PathBuf,
    open: Mutex<Option<Open>>,
}

/// The file while it is written.
#[derive(Debug)]
struct Open {
    file: Box<dyn DiskFile>,
    last: Commit,
    /// Whether the file says so. After the index went back it does not before the first change: until then the newer one can come back.
    is_written: bool,
}

impl Commits {
    pub(super) fn new(folder: &Folder) -> Self {
        let (path, bodies) = (folder.entry(Folder::COMMITS), folder.entry(Folder::BLOBS));
        Commits { disk: folder.disk().clone(), path, bodies, open: Mutex::default() }
    }

    /// What the file says, if it can be read.
    pub(super) fn last_use(&self) -> Option<LastUse> {
        let mut text = [0; LENGTH];
        self.disk.open_to_read(&self.path).ok()?.read_at(0, &mut text).ok()?;
        LastUse::parse(&text)
    }

    /// The state of the folder of bodies.
    pub(super) fn state_of_bodies(&self) -> Option<u64> {
        self.disk.entry(&self.bodies).ok().map(|found| found.changed)
    }

    /// From now on the index is in use, and each commit is noted.
    pub(super) fn begin(&self, last: Commit, went_back: bool) -> io::Result<()> {
        let file = open_or_create(&*self.disk, &self.path)?;
        if file.length()? != LENGTH as u64 {
            file.set_length(LENGTH as u64)?;
        }
        if !went_back {
            write(&*file, LastUse { commit: last, ended: None })?;
        }
        *self.open() = Some(Open { file, last, is_written: !went_back });
        Ok(())
    }

    /// Notes a commit, which is on the disk.
    pub(super) fn note(&self, commit: Commit) -> io::Result<()> {
        match self.open().as_mut() {
            // Another thread may have noted a later one.
            Some(open) if open.last.line != commit.line || open.last.number < commit.number => {
                (open.last, open.is_written) = (commit, true);
                write(&*open.file, LastUse { commit, ended: None })
            }
            _ => Ok(()),
        }
    }

    /// The index is closed, and nothing is left to do for the next who opens it.
    pub(super) fn end(&self) -> io::Result<()> {
        match self.open().take().filter(|open| open.is_written) {
            Some(open) => write(&*open.file, LastUse { commit: open.last, ended: self.state_of_bodies() }),
            None => Ok(()),
        }
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(file: &dyn DiskFile, last: LastUse) -> io::Result<()> {
    file.write_at(0, last.to_text().as_bytes())
}

fn open_or_create(disk: &dyn Disk, path: &Path) -> io::Result<Box<dyn DiskFile>> {
    match disk.open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => disk.create(path),
        opened => opened,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::disk::MemoryDisk;

    fn commit(number: u64) -> Commit {
        Commit { number, line: 0x1234 }
    }

    #[test]
    fn what_is_written_is_read_and_what_is_damaged_is_not() {
        for (ended, text) in [
            (None, "0000000000000007 0000000000001234 0000000000000000 "),
            (Some(255), "0000000000000007 0000000000001234 00000000000000ff "),
        ] {
            let last = LastUse { commit: commit(7), ended };
            let written = last.to_text();
            assert!(written.starts_with(text) && written.len() == LENGTH && written.ends_with('\n'), "{written}");
            assert_eq!(LastUse::parse(written.as_bytes()), Some(last));
            for at in 0..LENGTH - 1 {
                let mut damaged = written.clone().into_bytes();
                damaged[at] ^= 1;
                assert_eq!(LastUse::parse(&damaged), None, "{at}");
            }
            assert_eq!(LastUse::parse(&written.as_bytes()[..40]), None);
        }
    }

    #[test]
    fn the_last_commit_is_noted_whatever_the_order() {
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
        let folder = Folder::open(&disk, Path::new("/memory"), &mut Vec::new()).unwrap();
        folder.make_inside(Folder::BLOBS).unwrap();
        let commits = Commits::new(&folder);
        commits.note(commit(3)).unwrap();
        assert_eq!(commits.last_use(), None, "it is not in use");
        commits.begin(commit(3), false).unwrap();
        commits.note(commit(5)).unwrap();
        commits.note(commit(4)).unwrap();
        assert_eq!(commits.last_use(), Some(LastUse { commit: commit(5), ended: None }));
        let other = Commit { number: 1, line: 8 };
        commits.note(other).unwrap();
        disk.create(&folder.entry(Folder::BLOBS).join("a")).unwrap();
        commits.end().unwrap();
        assert_eq!(commits.last_use(), Some(LastUse { commit: other, ended: Some(1) }));
        assert_eq!(commits.state_of_bodies(), Some(1));
        // After it went back, it is not in use before it is changed.
        for (change, said) in [(None, other), (Some(Commit { number: 7, line: 9 }), Commit { number: 7, line: 9 })] {
            commits.begin(commit(2), true).unwrap();
            change.map_or(Ok(()), |change| commits.note(change)).unwrap();
            commits.end().unwrap();
            assert_eq!(commits.last_use().unwrap().commit, said);
        }
    }
}
