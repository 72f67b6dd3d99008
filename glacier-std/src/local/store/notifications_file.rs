//! The file of notifications: lines are appended to it, each once, whatever ends the service at whatever moment.
//!
//! The store knows the length up to which the file is written. A crash after that leaves the lines of the queue there: all of them, some, or
//! parts with zeros where the disk had not written yet. What is there is compared with the lines that are to come: if it is theirs, they are
//! written over it, and otherwise, as in a file that its owner has rotated, cut or written to, after it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::folder::Folder;
use super::open_error::OpenError;
use crate::local::disk::{Disk, DiskFile, EntryKind, FileId, SystemDisk};

/// The file of notifications.
pub(crate) struct NotificationsFile {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// Whether it is in the folder of the store, where nothing is a link.
    is_inside: bool,
    /// The file whose name is known to be on the disk.
    named: Mutex<Option<FileId>>,
}

/// The file, and from where on lines are written.
pub(crate) struct Place {
    file: Box<dyn DiskFile>,
    id: FileId,
    /// What was there before ends within a line.
    after_part: bool,
    /// The length of what stays.
    pub(crate) from: u64,
}

impl NotificationsFile {
    /// The file in the folder of the store, or the one that is given.
    pub(super) fn new(folder: &Folder, given: Option<&Path>) -> Result<Self, OpenError> {
        let (inside, named) = (folder.entry(Folder::NOTIFICATIONS), Mutex::default());
        let Some(given) = given else {
            return Ok(NotificationsFile { disk: folder.disk().clone(), path: inside, is_inside: true, named });
        };
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        let above = |path: &Path| disk.without_links(above(path)).ok();
        let is_within = match (above(given), above(&inside)) {
            (Some(above), Some(folder)) => above.starts_with(folder),
            _ => false,
        };
        if is_within && above(given) == above(&inside) && given.file_name() == inside.file_name() {
            return NotificationsFile::new(folder, None);
        }
        let invalid = |is: &str| {
            let reason =
                format!("{} is {is}: notifications go to a regular file outside {}", given.display(), folder.path().display());
            Err(OpenError::Settings { reason })
        };
        match disk.target(given) {
            _ if is_within => invalid("in the folder of the vaults"),
            Ok(found) if found.kind != EntryKind::File => invalid(found.kind.text()),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(OpenError::io(given, error)),
            _ => Ok(NotificationsFile { disk, path: given.into(), is_inside: false, named }),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Finds out where `lines` are to be written; `written` is the length up to which the file was written.
    pub(crate) fn place(&self, written: Option<u64>, lines: &str) -> io::Result<Place> {
        let look = || if self.is_inside { self.disk.entry(&self.path) } else { self.disk.target(&self.path) };
        let file = match look() {
            Ok(found) if found.kind != EntryKind::File => {
                return Err(io::Error::new(ErrorKind::InvalidInput, format!("it is {}", found.kind.text())));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => self.disk.create(&self.path)?,
            found => found.and_then(|_| self.disk.open(&self.path))?,
        };
        let (id, length) = (look()?.id, file.length()?);
        if let Some(from) = written.filter(|written| *written <= length) {
            let after_part = ends_in_a_line(&*file, from)?;
            if is_part_of(&*file, from..length, &ended(after_part, lines))? {
                return Ok(Place { file, id, after_part, from });
            }
        }
        Ok(Place { id, after_part: ends_in_a_line(&*file, length)?, file, from: length })
    }

    /// All bytes; none without a file.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> io::Result<Vec<u8>> {
        let file = match self.disk.open_to_read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            opened => opened?,
        };
        let mut bytes = vec![0; usize::try_from(file.length()?).unwrap_or_default()];
        file.read_at(0, &mut bytes)?;
        Ok(bytes)
    }

    /// Writes lines and syncs them, whatever was there before; the length of the file then.
    pub(crate) fn write(&self, place: &Place, lines: &str) -> io::Result<u64> {
        let lines = ended(place.after_part, lines);
        // Also what is there already: after a failed sync it may be on the disk or not.
        place.file.write_at(place.from, lines.as_bytes())?;
        place.file.sync()?;
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if *named != Some(place.id) {
            self.disk.sync_folder(above(&self.path))?;
            *named = Some(place.id);
        }
        Ok(place.from + lines.len() as u64)
    }
}

/// The lines, after the end of the line before if that has none.
fn ended(after_part: bool, lines: &str) -> String {
    format!("{}{lines}", if after_part { "\n" } else { "" })
}

/// Whether the last of the first `length` bytes is not the end of a line.
fn ends_in_a_line(file: &dyn DiskFile, length: u64) -> io::Result<bool> {
    let Some(at) = length.checked_sub(1) else { return Ok(false) };
    let mut last = [0];
    file.read_at(at, &mut last)?;
    Ok(last != *b"\n")
}

fn above(path: &Path) -> &Path {
    path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Whether the bytes in the range are the first of `lines`, or zeros in the place of some of them.
fn is_part_of(file: &dyn DiskFile, range: std::ops::Range<u64>, lines: &str) -> io::Result<bool> {
    let length = range.end - range.start;
    let Some(expected) = usize::try_from(length).ok().and_then(|length| lines.as_bytes().get(..length)) else { return Ok(false) };
    let mut found = vec![0; expected.len()];
    file.read_at(range.start, &mut found)?;
    Ok(found.iter().zip(expected).all(|(found, expected)| found == expected || *found == 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::disk::MemoryDisk;
    use std::fs;

    const LINES: &str = "{\"n\":1}\n{\"n\":2}\n";

    /// What is in the file after lines are appended to `before`, of which `written` is known.
    fn appended(before: Option<&str>, written: Option<u64>) -> String {
        let disk: Arc<dyn Disk> = Arc::new(MemoryDisk::default());
        let folder = Folder::open(&disk, Path::new("/memory"), &mut Vec::new()).unwrap();
        let file = NotificationsFile::new(&folder, None).unwrap();
        if let Some(before) = before {
            disk.create(file.path()).unwrap().write_at(0, before.as_bytes()).unwrap();
        }
        let place = file.place(written, LINES).unwrap();
        assert!(before.unwrap_or_default().len() as u64 >= place.from);
        let length = file.write(&place, LINES).unwrap();
        let mut bytes = vec![0; usize::try_from(length).unwrap()];
        let open = disk.open_to_read(file.path()).unwrap();
        assert_eq!(open.length().unwrap(), length);
        open.read_at(0, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_a_crash_left_is_completed_and_not_repeated() {
        let old = "{\"n\":0}\n";
        for cut in 0..=LINES.len() {
            assert_eq!(appended(Some(&format!("{old}{}", &LINES[..cut])), Some(8)), format!("{old}{LINES}"), "{cut}");
            // Sectors that were not written are zeros.
            let hole = format!("{old}{}{}", "\0".repeat(cut), &LINES[cut..]);
            assert_eq!(appended(Some(&hole), Some(8)), format!("{old}{LINES}"), "{cut}");
            // The line before had no end.
            let torn = format!("mine{}", &format!("\n{LINES}")[..cut]);
            assert_eq!(appended(Some(&torn), Some(4)), format!("mine\n{LINES}"), "{cut}");
        }
    }

    #[test]
    fn what_is_not_ours_stays() {
        for (before, written, expected) in [
            (None, None, ""),
            (None, Some(8), ""),
            (Some(""), Some(8), ""),
            (Some("{\"n\":0}\n"), Some(8), "{\"n\":0}\n"),
            (Some("{\"n\":0}\nmine\n"), Some(8), "{\"n\":0}\nmine\n"),
            (Some("{\"n\":0}\nmine"), Some(8), "{\"n\":0}\nmine\n"),
            // Longer than what is to come.
            (Some("{\"n\":1}\n{\"n\":2}\n{"), Some(0), "{\"n\":1}\n{\"n\":2}\n{\n"),
            // Not known to be ours, as in a folder whose records were lost.
            (Some(LINES), None, LINES),
        ] {
            assert_eq!(appended(before, written), format!("{expected}{LINES}"), "{before:?} {written:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_a_file_elsewhere_may_be_a_link_and_none_is_among_the_vaults() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (data, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        let folder = Folder::open(&disk, data.path(), &mut Vec::new()).unwrap();
        folder.make_inside("blobs").unwrap();
        let (real, link) = (elsewhere.path().join("real"), elsewhere.path().join("link"));
        symlink(&real, &link).unwrap();
        let file = NotificationsFile::new(&folder, Some(&real)).unwrap();
        file.write(&file.place(None, LINES).unwrap(), LINES).unwrap();
        assert_eq!(real.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
        let file = NotificationsFile::new(&folder, Some(&link)).unwrap();
        file.write(&file.place(None, LINES).unwrap(), LINES).unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), format!("{LINES}{LINES}"));
        let inside = data.path().join("notifications.jsonl");
        assert!(NotificationsFile::new(&folder, Some(&inside)).unwrap().is_inside);
        for name in ["glacier.redb", "other", "blobs/07"] {
            let error = NotificationsFile::new(&folder, Some(&data.path().join(name))).err().unwrap();
            assert!(error.to_string().contains("in the folder of the vaults"), "{error}");
        }
        let error = NotificationsFile::new(&folder, Some(Path::new("/dev/null"))).err().unwrap();
        assert!(error.to_string().contains("/dev/null is no regular file"), "{error}");
        let file = NotificationsFile::new(&folder, None).unwrap();
        symlink(&real, &inside).unwrap();
        assert!(file.place(None, LINES).err().unwrap().to_string().contains("symbolic link"));
    }
}
