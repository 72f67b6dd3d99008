//! The temporary file beside a target: its name, its lock, and the removal of those that killed processes left.

use std::fs;
use std::io;
use std::path::Path;

use tempfile::NamedTempFile;

/// How often a temporary file is made again that was taken for abandoned. Twice in a row is improbable.
const RETRIES: usize = 3;
const SUFFIX: &str = ".part";

/// Creates a temporary file in the folder of `target`, locked as long as it is open.
pub(super) fn temporary_file(target: &Path) -> io::Result<NamedTempFile> {
    let name = target.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_string_lossy();
    let folder = folder(target);
    remove_abandoned(folder, &name);
    let mut builder = tempfile::Builder::new();
    let prefix = format!("{}{}-", temporary_prefix(&name), std::process::id());
    let builder = permissions(builder.prefix(&prefix).suffix(SUFFIX), target);
    let mut temporary = builder.tempfile_in(folder)?;
    // Between its creation and its lock another process may have taken it for abandoned.
    for _ in 0..RETRIES {
        if is_held(&temporary) {
            break;
        }
        temporary = builder.tempfile_in(folder)?;
    }
    Ok(temporary)
}

/// The folder in which `target` is.
pub(super) fn folder(target: &Path) -> &Path {
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

/// How the names of temporary files for a target begin. A name has at most 255 bytes, so a long one is shortened.
fn temporary_prefix(name: &str) -> String {
    format!(".{}.glacier-", name.chars().take(40).collect::<String>())
}

/// Whether this is the name of a temporary file for the target `name`: process id and random characters between prefix and suffix.
#[cfg(unix)]
fn is_temporary(found: &str, name: &str) -> bool {
    let middle = found.strip_prefix(&temporary_prefix(name)).and_then(|rest| rest.strip_suffix(SUFFIX));
    middle.and_then(|middle| middle.split_once('-')).is_some_and(|(pid, random)| {
        let is_number = !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
        is_number && !random.is_empty() && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Removes what killed processes left for this target. Failing to is no reason not to make the new file.
#[cfg(unix)]
fn remove_abandoned(folder: &Path, name: &str) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_file && entry.file_name().to_str().is_some_and(|found| is_temporary(found, name)) {
            let path = entry.path();
            let opened = fs::OpenOptions::new().write(true).open(&path).or_else(|_| fs::File::open(&path));
            // Where the file system has no locks, this fails and the file stays.
            if opened.is_ok_and(|file| file.try_lock().is_ok() && is_at(&file, &path)) {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

/// Locks a new temporary file; `false` when it was removed, or is just being removed, by `remove_abandoned`.
#[cfg(unix)]
fn is_held(temporary: &NamedTempFile) -> bool {
    match temporary.as_file().try_lock() {
        Ok(()) => is_at(temporary.as_file(), temporary.path()),
        Err(fs::TryLockError::WouldBlock) => false,
        // Without locks nobody removes it either.
        Err(fs::TryLockError::Error(_)) => true,
    }
}

#[cfg(unix)]
fn is_at(file: &fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |found: fs::Metadata| (found.dev(), found.ino());
    let (file, there) = (file.metadata().map(id).ok(), fs::symlink_metadata(path).map(id).ok());
    file.is_some() && file == there
}

/// Locks of other systems keep others from reading, so there none is taken and nothing removed.
#[cfg(not(unix))]
fn remove_abandoned(_: &Path, _: &str) {}

#[cfg(not(unix))]
fn is_held(_: &NamedTempFile) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_dead_process_left_for_this_target_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| fs::write(folder.path().join(name), "x").unwrap();
        let others = [
            ".a.glacier-1-abc123.part.bak",
            ".a.glacier-x-abc123.part",
            ".a.glacier-2.glacier-1-abc123.part",
            ".b.glacier-1-abc123.part",
            "a.glacier-1-abc123.part",
        ];
        others.iter().for_each(|name| write(name));
        write(".a.glacier-1-abc123.part");
        let target = folder.path().join("a");
        let running = temporary_file(&target).unwrap();
        let second = temporary_file(&target).unwrap();
        let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
        let mut expected: Vec<_> = [running.path(), second.path()].map(name).into_iter().chain(others.map(String::from)).collect();
        expected.sort();
        let mut names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| name(&entry.unwrap().path())).collect();
        names.sort();
        assert_eq!(names, expected);
    }
}
