//! Why a `credential_process` gave no credentials.

use std::fmt;
use std::io;
use std::time::Duration;

use glacier_core::InvalidCredentials;

/// Why a `credential_process` gave no credentials. What it printed, and its arguments, are not shown.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProcessError {
    /// The command cannot be split into words.
    Quoting(&'static str),
    /// The program cannot be started.
    Start {
        /// The first word of the command.
        program: String,
        /// The system's error.
        reason: io::Error,
    },
    /// What it printed could not be read, or its end could not be waited for.
    Read(io::Error),
    /// It did not end in time.
    TimedOut {
        /// The time it was given.
        after: Duration,
    },
    /// It printed more than credentials have.
    TooMuch,
    /// It ended with this exit code.
    ExitCode(i32),
    /// It was ended by this signal.
    Signal(i32),
    /// It did not print one JSON object, or a member is not text.
    NotJson,
    /// The member `Version` is missing or is not 1.
    Version,
    /// A member is missing.
    Missing(&'static str),
    /// The member `Expiration` is not a time.
    Expiration,
    /// The credentials are not valid.
    Credentials(InvalidCredentials),
    /// They have expired already.
    Expired,
}

impl ProcessError {
    /// The reason of a request that cannot be signed, when the program fails later.
    pub(super) fn in_short(&self) -> &'static str {
        match self {
            Self::Quoting(_) | Self::Start { .. } | Self::Read(_) => {
                "they have expired, and the credential_process cannot be run again"
            }
            Self::TimedOut { .. } => "they have expired, and the credential_process did not end in time",
            Self::ExitCode(_) | Self::Signal(_) => {
                "they have expired, and the credential_process failed: run it by hand to see why"
            }
            Self::Expired => "they have expired, and so have those of the credential_process: sign in again",
            _ => "they have expired, and the credential_process did not print credentials: run it by hand to see",
        }
    }
}

impl fmt::Display for ProcessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Quoting(reason) => {
                write!(f, "its command cannot be run: {reason}; quotes and backslashes are as in a shell, but there is no shell")
            }
            Self::Start { program, reason } => {
                write!(f, "the program {program} cannot be started: {reason}; give its whole path")
            }
            Self::Read(reason) => write!(f, "its output cannot be read: {reason}"),
            Self::TimedOut { after } => write!(f, "it did not end within {} s, and was ended", after.as_secs()),
            Self::TooMuch => f.write_str("it printed more than 64 KiB: it must print one JSON object, and nothing else"),
            Self::ExitCode(code) => write!(f, "it failed with exit code {code}; its messages on standard error say why"),
            Self::Signal(signal) => write!(f, "it was ended by signal {signal}"),
            Self::NotJson => f.write_str("it did not print one JSON object, and nothing else, with texts as members"),
            Self::Version => f.write_str("the member Version of what it printed must be 1"),
            Self::Missing(member) => write!(f, "the member {member} is missing in what it printed"),
            Self::Expiration => f.write_str("the member Expiration of what it printed must be a time such as 2030-01-01T00:00:00Z"),
            Self::Credentials(error) => write!(f, "what it printed is not valid: {error}"),
            Self::Expired => {
                f.write_str("it printed credentials that have expired already: sign in again, or set this machine's clock")
            }
        }
    }
}

impl std::error::Error for ProcessError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start { reason, .. } | Self::Read(reason) => Some(reason),
            Self::Credentials(error) => Some(error),
            _ => None,
        }
    }
}
