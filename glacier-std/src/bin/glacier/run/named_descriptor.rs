//! Paths that name an open descriptor: `/dev/stdout`, `/dev/fd/3`, `/proc/self/fd/3`, and links to them.
//!
//! Opening such a path again makes a second file offset, at the start of the file and without the `>>` of the shell; and replacing
//! what it leads to, by a rename, would put a new file in the place of a log that others write to. So the descriptor itself is used.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The descriptor that `path` names, duplicated; `None` for any other path.
///
/// # Errors
/// When it is not open, or not for writing.
pub(super) fn open_for_writing(path: &Path) -> Option<io::Result<File>> {
    let (folder, number) = find(path)?;
    Some(duplicate(&folder, number).and_then(check_direction))
}

/// Whether `path` is standard input: `-`, or a name of its descriptor.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    let is_own = |folder: &Path| {
        folder == Path::new("/dev/fd") || std::fs::canonicalize("/proc/self").is_ok_and(|own| folder.starts_with(own))
    };
    path == Path::new("-") || find(path).is_some_and(|(folder, number)| number == 0 && is_own(&folder))
}

fn not_open(number: i32) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("descriptor {number} is not open"))
}

/// The folder of descriptors and the number in it to which `path` leads. The last step, from there to a file, is not taken.
fn find(path: &Path) -> Option<(PathBuf, i32)> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = std::fs::canonicalize(parent).ok()?;
        if is_folder_of_descriptors(&folder) {
            return Some((folder, path.file_name()?.to_str()?.parse().ok().filter(|number| *number >= 0)?));
        }
        path = folder.join(std::fs::read_link(&path).ok()?);
    }
    None
}

/// As many links as Linux follows.
const MAX_LINKS: usize = 40;

/// `/proc/PID/fd` and `/proc/PID/task/TID/fd` on Linux, `/dev/fd` elsewhere.
fn is_folder_of_descriptors(folder: &Path) -> bool {
    match folder.strip_prefix("/proc") {
        Ok(inner) => {
            let parts: Vec<_> = inner.iter().filter_map(|part| part.to_str()).collect();
            let is_id = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
            matches!(parts[..], [process, "fd"] if is_id(process))
                || matches!(parts[..], [process, "task", thread, "fd"] if is_id(process) && is_id(thread))
        }
        Err(_) => folder == Path::new("/dev/fd"),
    }
}

#[cfg(unix)]
fn check_direction(file: File) -> io::Result<File> {
    use rustix::fs::{OFlags, fcntl_getfl};
    match fcntl_getfl(&file)? & OFlags::RWMODE {
        OFlags::RDONLY => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not open for writing")),
        _ => Ok(file),
    }
}

#[cfg(not(unix))]
fn check_direction(file: File) -> io::Result<File> {
    Ok(file)
}

#[cfg(target_os = "linux")]
fn duplicate(folder: &Path, number: i32) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::fd::AsFd;

    let is_own = std::fs::canonicalize("/proc/self").is_ok_and(|own| folder.starts_with(own));
    let standard = match number {
        0 => Some(io::stdin().as_fd().try_clone_to_owned()),
        1 => Some(io::stdout().as_fd().try_clone_to_owned()),
        2 => Some(io::stderr().as_fd().try_clone_to_owned()),
        _ => None,
    };
    if let Some(standard) = standard.filter(|_| is_own) {
        return standard.map(File::from);
    }
    let flags = status_flags(&folder.with_file_name("fdinfo").join(number.to_string())).ok_or_else(|| not_open(number))?;
    // What this process opened itself, such as the files of a local vault, was not meant: all of it is closed on exec.
    if is_own && flags & OFlags::CLOEXEC.bits() != 0 {
        return Err(not_open(number));
    }
    match duplicate_of_process(folder, number) {
        Ok(file) => Ok(file),
        // Without the system call, what is shared in any case is a pipe, a device, or the end of a file.
        Err(_) => open_again(&folder.join(number.to_string()), flags),
    }
}

/// The flags of an open descriptor; `None` if it is not open.
#[cfg(target_os = "linux")]
fn status_flags(info: &Path) -> Option<u32> {
    let info = std::fs::read_to_string(info).ok()?;
    let octal = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
    u32::from_str_radix(octal.trim(), 8).ok()
}

#[cfg(target_os = "linux")]
fn duplicate_of_process(folder: &Path, number: i32) -> io::Result<File> {
    use rustix::process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
    let process = folder.iter().nth(2).and_then(|part| part.to_str()?.parse().ok()).and_then(Pid::from_raw);
    let process = pidfd_open(process.ok_or(io::ErrorKind::NotFound)?, PidfdFlags::empty())?;
    Ok(pidfd_getfd(process, number, PidfdGetfdFlags::empty())?.into())
}

#[cfg(target_os = "linux")]
fn open_again(path: &Path, flags: u32) -> io::Result<File> {
    use rustix::fs::OFlags;
    let appends = flags & OFlags::APPEND.bits() != 0;
    if std::fs::metadata(path)?.is_file() && !appends {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "this system does not share the descriptor: redirect standard output to the file and use -o -",
        ));
    }
    std::fs::OpenOptions::new().write(true).append(appends).open(path)
}

/// Elsewhere opening the path duplicates the descriptor.
#[cfg(not(target_os = "linux"))]
fn duplicate(folder: &Path, number: i32) -> io::Result<File> {
    std::fs::OpenOptions::new().write(true).open(folder.join(number.to_string())).map_err(|_| not_open(number))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn descriptors_are_recognized_by_where_a_path_leads() {
        let own = std::fs::canonicalize("/proc/self/fd").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/dev/stdout", &link).unwrap();
        for (path, number) in [
            ("/dev/stdout", 1),
            ("/dev/stderr", 2),
            ("/dev/fd/7", 7),
            ("/proc/self/fd/12", 12),
            ("/dev/../dev/fd/3", 3),
            (link.to_str().unwrap(), 1),
        ] {
            assert_eq!(find(Path::new(path)), Some((own.clone(), number)), "{path}");
        }
        assert!(find(Path::new("/proc/thread-self/fd/3")).is_some_and(|(folder, number)| folder != own && number == 3));
        for path in ["/dev/null", "out", "1", "/proc/self/fd/x", "/proc/self/fd/-1", "/proc/cpuinfo", "/nosuch/fd/1", "/dev/fd"] {
            assert_eq!(find(Path::new(path)), None, "{path}");
        }
    }

    #[test]
    fn standard_input_has_several_names() {
        for path in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
            assert!(is_standard_input(Path::new(path)), "{path}");
        }
        for path in ["/dev/stdout", "./-", "/dev/fd/3", "/dev/null", "/proc/1/fd/0"] {
            assert!(!is_standard_input(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn without_the_system_call_only_what_is_shared_anyway_is_opened_again() {
        use rustix::fs::OFlags;
        use std::io::Write;
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        std::fs::write(&log, "old\n").unwrap();
        open_again(&log, (OFlags::WRONLY | OFlags::APPEND).bits()).unwrap().write_all(b"new").unwrap();
        assert_eq!(std::fs::read(&log).unwrap(), b"old\nnew");
        let refused = open_again(&log, OFlags::WRONLY.bits()).unwrap_err();
        assert!(refused.to_string().contains("-o -"), "{refused}");
        assert_eq!(std::fs::read(&log).unwrap(), b"old\nnew");
        assert!(open_again(Path::new("/dev/null"), OFlags::WRONLY.bits()).is_ok());
    }

    #[test]
    fn what_this_process_opened_itself_is_not_written_to() {
        use std::os::fd::AsRawFd;
        let file = tempfile::tempfile().unwrap();
        let error = open_for_writing(Path::new(&format!("/dev/fd/{}", file.as_raw_fd()))).unwrap().unwrap_err();
        assert!(error.to_string().ends_with("is not open"), "{error}");
        assert!(open_for_writing(Path::new("/dev/fd/987654")).unwrap().unwrap_err().to_string().ends_with("is not open"));
    }
}
