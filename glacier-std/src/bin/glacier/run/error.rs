//! How the command ends when it fails: one line that says what is wrong and what to do, and the exit code.

use std::fmt::{self, Display};
use std::io;
use std::path::Path;

use crate::output::{WriteError, print_stderr};

/// Exit codes; those above 250 are those of the aws command.
pub(crate) mod code {
    /// Some items failed, as sha256sum reports a mismatch.
    pub(crate) const SOME_FAILED: u8 = 1;
    /// What was asked for was done, and standard output could not be told of it; standard error was.
    pub(crate) const NOT_PRINTED: u8 = 74;
    /// Not ready yet: run it again later.
    pub(crate) const NOT_READY: u8 = 75;
    /// SIGHUP.
    #[cfg(unix)]
    pub(crate) const HANGUP: u8 = 129;
    /// Ctrl-C.
    pub(crate) const INTERRUPTED: u8 = 130;
    /// The reader of standard output went away.
    pub(crate) const PIPE: u8 = 141;
    /// SIGTERM.
    #[cfg(unix)]
    pub(crate) const TERMINATED: u8 = 143;
    /// The command line cannot work, however often it is tried.
    pub(crate) const USAGE: u8 = 252;
    /// Configuration or credentials.
    pub(crate) const CONFIG: u8 = 253;
    /// The service returned an error.
    pub(crate) const SERVICE: u8 = 254;
    /// Any other error.
    pub(crate) const OTHER: u8 = 255;
}

/// Why the command failed.
#[derive(Debug)]
pub(crate) struct CommandError {
    pub(crate) code: u8,
    /// The service failed (HTTP status 500 and above), the request was not at fault.
    pub(super) unavailable: bool,
    message: String,
}

impl CommandError {
    pub(crate) fn new(code: u8, message: impl Display) -> Self {
        CommandError { code, unavailable: false, message: message.to_string() }
    }

    pub(crate) fn usage(message: impl Display) -> Self {
        CommandError::new(code::USAGE, message)
    }

    pub(crate) fn config(message: impl Display) -> Self {
        CommandError::new(code::CONFIG, message)
    }

    pub(crate) fn other(message: impl Display) -> Self {
        CommandError::new(code::OTHER, message)
    }

    /// A file or directory of the user's.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        CommandError::other(format_args!("{}: {}", path.display(), describe(error)))
    }

    /// The same from a vault in this process, where a failing service is a failing disk of this machine.
    pub(crate) fn of_local_vault(self) -> Self {
        if !self.unavailable {
            return self;
        }
        let error = CommandError { code: code::OTHER, ..self };
        match file_size_limit() {
            Some(limit) if error.message.contains("File too large") => error.and(format_args!(
                "the file size limit of this process is {limit} bytes: raise it, for example with ulimit -f unlimited"
            )),
            _ => error,
        }
    }

    /// The same, with what to do next.
    pub(crate) fn and(self, advice: impl Display) -> Self {
        CommandError { message: format!("{}; {advice}", self.message), ..self }
    }

    /// Prints the message, if there is one.
    pub(crate) fn report(&self) {
        if !self.message.is_empty() {
            print_stderr(self);
        }
    }
}

impl CommandError {
    /// Something was done that is not to be done again, and its result, which `done` tells, could not be printed.
    pub(crate) fn not_printed(done: impl Display, WriteError(error): WriteError) -> Self {
        let why = describe(&error);
        CommandError::new(code::NOT_PRINTED, format_args!("{done}; but it cannot be written to standard output: {why}"))
    }
}

impl From<WriteError> for CommandError {
    fn from(WriteError(error): WriteError) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => CommandError::new(code::PIPE, ""),
            _ => CommandError::other(format_args!("cannot write to standard output: {}", describe(&error))),
        }
    }
}

impl Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A system's error about a file, with the fix where it is obvious.
pub(crate) fn describe(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "no space left on device: free some space or choose another location".into(),
        io::ErrorKind::QuotaExceeded => "disk quota exceeded: free some space or choose another location".into(),
        io::ErrorKind::FileTooLarge => too_large(),
        io::ErrorKind::IsADirectory => "is a directory: name a file".into(),
        io::ErrorKind::AlreadyExists => "already exists and is not replaced: choose another name".into(),
        io::ErrorKind::NotFound => "no such file or directory".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

fn too_large() -> String {
    match file_size_limit() {
        Some(limit) => format!(
            "larger than the file size limit of this process, {limit} bytes, allows: raise it, for example with ulimit -f unlimited"
        ),
        None => "larger than its file system allows: choose another location".into(),
    }
}

/// The limit that `ulimit -f` sets, if there is one.
#[cfg(unix)]
fn file_size_limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Fsize).current
}

#[cfg(not(unix))]
fn file_size_limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_follows_the_message() {
        let error = CommandError::usage("no such option").and("see --help");
        assert_eq!((error.code, error.to_string()), (code::USAGE, "no such option; see --help".into()));
    }

    #[test]
    fn a_full_disk_is_reported_with_a_fix() {
        let error = CommandError::file(Path::new("/a/b"), &io::ErrorKind::StorageFull.into());
        assert_eq!(error.to_string(), "/a/b: no space left on device: free some space or choose another location");
        assert_eq!(error.code, code::OTHER);
    }

    #[test]
    fn a_closed_pipe_is_silent() {
        let error = CommandError::from(WriteError(io::ErrorKind::BrokenPipe.into()));
        assert_eq!((error.code, error.to_string()), (code::PIPE, String::new()));
    }
}
