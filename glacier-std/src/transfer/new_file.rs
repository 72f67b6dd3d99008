//! A file that appears all at once, or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::temporary_file::{folder, temporary_file};

/// A file that is written under a temporary name in the folder of its target.
///
/// Until [`put_in_place`](NewFile::put_in_place) the target is untouched, and the temporary file is removed when this is dropped. One
/// that a killed process left is removed by the next for the same target: a file in use is locked, and a lock ends with its process.
#[derive(Debug)]
pub struct NewFile {
    temporary: NamedTempFile,
    target: PathBuf,
    replace: bool,
}

impl NewFile {
    /// Creates a file that will become `target`; an existing file is replaced only when `replace` is set.
    ///
    /// # Errors
    /// [`io::ErrorKind::IsADirectory`] and [`io::ErrorKind::AlreadyExists`] because of what `target` is now, and those of the
    /// system when its folder cannot be written to.
    pub fn beside(target: &Path, replace: bool) -> io::Result<Self> {
        match fs::symlink_metadata(target) {
            Ok(there) if !replace && !there.is_dir() => return Err(io::ErrorKind::AlreadyExists.into()),
            _ => {}
        }
        // A symbolic link is followed: the file it names is made or replaced, the link stays.
        let target = follow_links(target)?;
        match fs::metadata(&target) {
            Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            _ => {}
        }
        let temporary = temporary_file(&target)?;
        Ok(NewFile { temporary, target, replace })
    }

    /// The path of the temporary file, for a program that is about to end without dropping this.
    #[must_use]
    pub fn temporary_path(&self) -> &Path {
        self.temporary.path()
    }

    /// Discards what was written so far.
    ///
    /// # Errors
    /// Those of the system.
    pub fn restart(&mut self) -> io::Result<()> {
        let file = self.temporary.as_file_mut();
        file.set_len(0)?;
        io::Seek::rewind(file)
    }

    /// Syncs the file and renames it to its target. After an error the target is as it was.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] when a file that must not be replaced was created there meanwhile, and those of the system.
    pub fn put_in_place(self) -> io::Result<()> {
        self.temporary.as_file().sync_all()?;
        let done = if self.replace { self.temporary.persist(&self.target) } else { self.temporary.persist_noclobber(&self.target) };
        done.map_err(|failed| failed.error)?;
        sync_folder(folder(&self.target))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.temporary.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The path that opening `target` arrives at, whether or not there is a file.
fn follow_links(target: &Path) -> io::Result<PathBuf> {
    let mut path = target.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(next) => path = folder(&path).join(next),
            Err(_) => return Ok(path),
        }
    }
    // The system says what is wrong with such a chain.
    fs::canonicalize(target)
}

/// As many links as Linux follows.
const MAX_LINKS: usize = 40;

/// The rename is durable once the folder is synced.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Other systems cannot sync a folder.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn appears_whole_under_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("holiday.tar");
        let mut new = NewFile::beside(&target, false).unwrap();
        new.write_all(b"lost").unwrap();
        new.restart().unwrap();
        new.write_all(b"new").unwrap();
        let [name] = &names(folder.path())[..] else { panic!("one temporary file") };
        let prefix = format!(".holiday.tar.glacier-{}-", std::process::id());
        assert!(name.starts_with(&prefix) && name.ends_with(".part"), "{name}");
        new.put_in_place().unwrap();
        assert_eq!((fs::read(&target).unwrap(), names(folder.path())), (b"new".to_vec(), vec!["holiday.tar".to_string()]));
    }

    #[test]
    fn leaves_the_target_alone_until_then() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        fs::write(&target, "old").unwrap();
        let mut new = NewFile::beside(&target, true).unwrap();
        new.write_all(b"half").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        drop(new);
        assert_eq!((fs::read(&target).unwrap(), names(folder.path())), (b"old".to_vec(), vec!["a".to_string()]));
    }

    #[test]
    fn an_existing_file_is_replaced_only_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a");
        let late = NewFile::beside(&target, false).unwrap();
        fs::write(&target, "old").unwrap();
        assert_eq!(NewFile::beside(&target, false).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(late.put_in_place().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(NewFile::beside(folder.path(), true).unwrap_err().kind(), io::ErrorKind::IsADirectory);
        assert_eq!(names(folder.path()), ["a"]);
        NewFile::beside(&target, true).unwrap().put_in_place().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_permissions_stay() {
        use std::os::unix::fs::{MetadataExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        symlink("file", &link).unwrap();
        let mut new = NewFile::beside(&link, true).unwrap();
        new.write_all(b"new").unwrap();
        new.put_in_place().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_missing_file_is_followed() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let (disk, out) = (folder.path().join("disk"), folder.path().join("out"));
        fs::create_dir(&disk).unwrap();
        symlink("disk/second", &out).unwrap();
        symlink("third", disk.join("second")).unwrap();
        let mut new = NewFile::beside(&out, true).unwrap();
        new.write_all(b"new").unwrap();
        assert_eq!(new.temporary_path().parent(), Some(disk.as_path()), "the temporary file is where the file will be");
        new.put_in_place().unwrap();
        assert_eq!((fs::read(disk.join("third")).unwrap(), fs::read(&out).unwrap()), (b"new".to_vec(), b"new".to_vec()));
        assert_eq!(fs::read_link(&out).unwrap(), Path::new("disk/second"));
        // A link occupies a name, wherever it leads.
        symlink("nowhere", folder.path().join("dangling")).unwrap();
        let occupied = NewFile::beside(&folder.path().join("dangling"), false).unwrap_err();
        assert_eq!(occupied.kind(), io::ErrorKind::AlreadyExists);
        symlink("no/where", folder.path().join("far")).unwrap();
        assert_eq!(NewFile::beside(&folder.path().join("far"), true).unwrap_err().kind(), io::ErrorKind::NotFound);
        symlink("round", folder.path().join("round")).unwrap();
        assert!(NewFile::beside(&folder.path().join("round"), true).is_err());
    }

    #[test]
    fn a_name_as_long_as_names_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("ü".repeat(127));
        NewFile::beside(&target, false).unwrap().put_in_place().unwrap();
        assert!(target.exists());
    }
}
