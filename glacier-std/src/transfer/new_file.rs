//! A file that appears all at once, or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that is written under a temporary name in the folder of its target.
///
/// Until [`put_in_place`](NewFile::put_in_place) the target is untouched, and the temporary file is removed when this is dropped.
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
        // A symbolic link is followed: the file it names is replaced, the link stays.
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.into());
        match fs::metadata(&target) {
            Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(_) if !replace => return Err(io::ErrorKind::AlreadyExists.into()),
            _ => {}
        }
        let name = target.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_string_lossy();
        // Names have at most 255 bytes, so a long one leaves no room for prefix and suffix.
        let short: String = name.chars().take(40).collect();
        let mut builder = tempfile::Builder::new();
        let prefix = format!(".{short}.glacier-{}-", std::process::id());
        let builder = builder.prefix(&prefix).suffix(".part");
        let temporary = permissions(builder, &target).tempfile_in(folder(&target))?;
        Ok(NewFile { temporary, target, replace })
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

fn folder(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The permissions of the file that is replaced; for a new one the usual ones, less the umask. A temporary file is its owner's
/// alone by default.
#[cfg(unix)]
fn permissions<'b, 'p, 's>(builder: &'b mut tempfile::Builder<'p, 's>, target: &Path) -> &'b mut tempfile::Builder<'p, 's> {
    use std::os::unix::fs::PermissionsExt;
    let there = fs::metadata(target).map(|there| there.permissions());
    builder.permissions(there.unwrap_or(fs::Permissions::from_mode(0o666)))
}

#[cfg(not(unix))]
fn permissions<'b, 'p, 's>(builder: &'b mut tempfile::Builder<'p, 's>, _: &Path) -> &'b mut tempfile::Builder<'p, 's> {
    builder
}

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

    #[test]
    fn a_name_as_long_as_names_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("ü".repeat(127));
        NewFile::beside(&target, false).unwrap().put_in_place().unwrap();
        assert!(target.exists());
    }
}
