//! How the command ends: one line that says what is wrong and what to do, and the exit code.

use std::fmt::{self, Display};
use std::io::{self, Write};
use std::path::Path;

use glacier_core::{DecodeError, Error, ErrorCode};
use glacier_std::transfer::{RestoreError, UploadError};

/// Exit codes, as users of the aws command know them.
pub(crate) mod code {
    /// Some items failed, as sha256sum says of a mismatch.
    pub(crate) const SOME_FAILED: u8 = 1;
    /// Not ready, or to be gone on with: run it again.
    pub(crate) const NOT_READY: u8 = 75;
    /// Ctrl-C.
    pub(crate) const INTERRUPTED: u8 = 130;
    /// SIGTERM.
    pub(crate) const TERMINATED: u8 = 143;
    /// What reads our output went away.
    pub(crate) const PIPE: u8 = 141;
    /// The command line cannot be carried out, however often it is tried.
    pub(crate) const USAGE: u8 = 252;
    /// Configuration or credentials.
    pub(crate) const CONFIG: u8 = 253;
    /// The service refused.
    pub(crate) const SERVICE: u8 = 254;
    /// Anything else.
    pub(crate) const OTHER: u8 = 255;
}

/// Why the command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    /// The service failed, rather than to refuse.
    unavailable: bool,
    message: String,
}

impl Failure {
    pub(crate) fn new(code: u8, message: impl Display) -> Self {
        Failure { code, unavailable: false, message: message.to_string() }
    }

    pub(crate) fn usage(message: impl Display) -> Self {
        Failure::new(code::USAGE, message)
    }

    pub(crate) fn config(message: impl Display) -> Self {
        Failure::new(code::CONFIG, message)
    }

    /// A result could not be printed.
    pub(crate) fn stdout(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::new(code::PIPE, ""),
            _ => Failure::new(code::OTHER, format_args!("standard output cannot be written to: {}", reason(&error))),
        }
    }

    /// A file or folder of the user's.
    pub(crate) fn file(path: &Path, error: &io::Error) -> Self {
        Failure::new(code::OTHER, format_args!("{}: {}", path.display(), reason(error)))
    }

    /// A failed call, about the vault that it named.
    pub(crate) fn call<T: embedded_io_async::Error, S: Display>(error: &Error<T, S>, vault: Option<&str>) -> Self {
        match error {
            Error::Service(refusal) => Failure {
                unavailable: refusal.status >= 500,
                ..Failure::new(code::SERVICE, format_args!("{error}{}", advice(refusal.code, error, vault)))
            },
            Error::Credentials(_) => Failure::config(error),
            Error::Encode(_) => Failure::usage(error),
            _ => Failure::new(code::OTHER, error),
        }
    }

    /// A failed upload of what is called `name`.
    pub(crate) fn upload<T: embedded_io_async::Error, S: Display>(
        error: &UploadError<T, S>,
        name: &Path,
        vault: &str,
        unreadable: impl Fn(&S) -> Failure,
    ) -> Self {
        let cause = match error.cause() {
            UploadError::Read(error) => unreadable(error),
            UploadError::Call(Error::Decode(DecodeError::TreeHashMismatch)) => Failure::new(
                code::OTHER,
                "the service computed another tree hash for a part than for what was sent, and did so again: it is damaged on the way",
            ),
            UploadError::Call(call) => Failure::call(call, Some(vault)),
            UploadError::MayExist(Error::Service(_)) => Failure::new(code::SERVICE, error.cause()),
            UploadError::Empty | UploadError::Layout(_) => Failure::usage(format_args!("{}: {}", name.display(), error.cause())),
            UploadError::Spool(reason) => Failure::new(
                code::OTHER,
                format_args!(
                    "{}: {}; one part of the input is kept there: free some space, or set TMPDIR to another folder",
                    std::env::temp_dir().display(),
                    self::reason(reason)
                ),
            ),
            UploadError::Changed | UploadError::TooLong { .. } => {
                Failure::new(code::OTHER, format_args!("{}: {}", name.display(), error.cause()))
            }
            _ => Failure::new(code::OTHER, error.cause()),
        };
        match error {
            UploadError::Unfinished { upload_id, sent, .. } => cause.and(format_args!(
                "{sent} bytes are in multipart upload {upload_id}, which costs nothing and which the service drops after a day: upload it again"
            )),
            _ => cause,
        }
    }

    /// A failed restore to what is called `target`.
    pub(crate) fn restore<T: embedded_io_async::Error>(error: &RestoreError<T>, target: &Path, vault: &str) -> Self {
        match error {
            RestoreError::Call(call) => Failure::call(call, Some(vault)),
            RestoreError::MayHaveBegun(Error::Service(_)) => Failure::new(code::SERVICE, error),
            RestoreError::JobFailed { .. } => Failure::new(code::SERVICE, error),
            RestoreError::OtherJob { .. } => Failure::usage(error),
            RestoreError::Write(error) => Failure::file(target, error),
            _ => Failure::new(code::OTHER, error),
        }
    }

    /// The same from a service in this process: what fails there is this machine.
    pub(crate) fn of_local_service(self) -> Self {
        if self.unavailable { Failure { code: code::OTHER, ..self } } else { self }
    }

    /// The same, with how to go on.
    pub(crate) fn and(self, advice: impl Display) -> Self {
        Failure { message: format!("{}; {advice}", self.message), ..self }
    }

    /// Prints the message, if there is one. The service's words may have anything in them, so control characters are left out.
    pub(crate) fn report(&self) {
        if !self.message.is_empty() {
            say(self);
        }
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain: String = self.message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        f.write_str(&plain)
    }
}

/// Puts a line on standard error. That it cannot be written to is no reason to fail.
pub(crate) fn say(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "glacier: {text}");
}

/// What the system says of a file, with what to do where that is plain.
pub(crate) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "no space left on the disk: free some, or choose another place".into(),
        io::ErrorKind::QuotaExceeded => "the disk quota is used up: free some space, or choose another place".into(),
        io::ErrorKind::FileTooLarge => {
            "the file would be larger than this file system, or the limit on files, allows: choose another place".into()
        }
        io::ErrorKind::IsADirectory => "it is a folder: name a file".into(),
        io::ErrorKind::AlreadyExists => "it is there already, and is not replaced: choose another name".into(),
        io::ErrorKind::NotFound => "no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        _ => error.to_string(),
    }
}

/// What to do after a refusal.
fn advice(refused: ErrorCode, error: &dyn Display, vault: Option<&str>) -> String {
    let text = match refused {
        ErrorCode::ResourceNotFound => match vault {
            // The service tells vaults, archives and jobs apart in words alone.
            Some(vault) if error.to_string().contains("ault not found") => {
                return format!(
                    ": `glacier vault create {vault}` or --create-vault creates it, `glacier vault list` shows which there are"
                );
            }
            _ => "check the id",
        },
        ErrorCode::InvalidSignature => "check the secret access key, and this machine's clock",
        ErrorCode::UnrecognizedClient => {
            "the service does not know this access key: check which credentials and which endpoint are used"
        }
        ErrorCode::ExpiredToken => "get new credentials",
        ErrorCode::AccessDenied => "the credentials are good, but a policy forbids it, or --account-id is another account's",
        ErrorCode::NoLongerSupported => "Glacier takes no new customers; --local DIR and `glacier serve` work without an account",
        ErrorCode::InsufficientCapacity => "try again later, or with --tier Standard",
        ErrorCode::PolicyEnforced => "the account's data retrieval policy allows no more now: try again later, or with --tier Bulk",
        _ => return String::new(),
    };
    format!(": {text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn messages_are_one_line_without_control_characters() {
        let failure = Failure::usage("a\nb\u{1b}[31mc");
        assert_eq!(failure.to_string(), "a b [31mc");
        assert_eq!(failure.and("go on").to_string(), "a b [31mc; go on");
    }

    #[test]
    fn each_kind_of_failure_has_its_code() {
        type Upload = UploadError<io::Error, io::Error>;
        let code = |error: Upload| Failure::upload(&error, Path::new("f"), "v", |error| Failure::file(Path::new("f"), error)).code;
        assert_eq!(code(Upload::Empty), code::USAGE);
        assert_eq!(code(Upload::Changed), code::OTHER);
        assert_eq!(code(Upload::Call(Error::Transport(io::ErrorKind::ConnectionRefused.into()))), code::OTHER);
        assert_eq!(code(Upload::Call(Error::ClockNotSet)), code::OTHER);
        let none = Error::<io::Error, Infallible>::Credentials(glacier_core::NoCredentials("x"));
        assert_eq!(Failure::call(&none, None).code, code::CONFIG);
    }

    #[test]
    fn a_full_disk_says_what_to_do() {
        let failure = Failure::file(Path::new("/a/b"), &io::ErrorKind::StorageFull.into());
        assert_eq!(failure.to_string(), "/a/b: no space left on the disk: free some, or choose another place");
        assert_eq!(Failure::stdout(io::ErrorKind::BrokenPipe.into()).code, code::PIPE);
    }
}
