//! A failed call as the command reports it: the exit code, and advice for the service errors that users meet.

use std::fmt::Display;

use glacier_core::{Error, ErrorCode};

use super::error::{CommandError, code};
use super::invocation::other_command;

impl CommandError {
    /// A failed call that named `vault`, if it named one.
    pub(crate) fn call<T: embedded_io_async::Error, S: Display>(error: &Error<T, S>, vault: Option<&str>) -> Self {
        match error {
            Error::Service(service) => {
                let advice = advice(service.code, error, vault);
                let mut failed = CommandError::new(code::SERVICE, format_args!("{error}{advice}"));
                failed.unavailable = service.status >= 500;
                failed
            }
            Error::Credentials(_) => CommandError::config(error),
            Error::Encode(_) => CommandError::usage(error),
            _ => CommandError::other(error),
        }
    }
}

/// What to do about a service error. Where one code stands for several causes, only the message tells them apart.
fn advice(code: ErrorCode, error: &dyn Display, vault: Option<&str>) -> String {
    let text = match code {
        ErrorCode::ResourceNotFound => match vault {
            Some(vault) if error.to_string().contains("ault not found") => {
                return format!(
                    ": create it with `{}` or, for an upload, --create-vault; `{}` lists the vaults",
                    other_command(&["vault", "create", vault]),
                    other_command(&["vault", "list"]),
                );
            }
            _ => "check the id",
        },
        ErrorCode::InvalidParameterValue if error.to_string().contains("ault not empty") => {
            let delete = other_command(&["archive", "delete", vault.unwrap_or("VAULT"), "ARCHIVE_ID"]);
            return format!(
                ": delete its archives first, with `{delete}`. The service goes by the vault's last inventory, which is up to a day old: a vault that was emptied or written to today can be deleted tomorrow"
            );
        }
        ErrorCode::InvalidSignature => "check the secret access key and this machine's clock",
        ErrorCode::UnrecognizedClient => "the service does not know this access key: check the credentials and the endpoint",
        ErrorCode::ExpiredToken => "get new credentials",
        ErrorCode::AccessDenied => "the credentials are valid, but a policy denies access or --account-id names another account",
        ErrorCode::NoLongerSupported => "Glacier accepts no new customers; --local DIR and `glacier serve` work without an account",
        ErrorCode::InsufficientCapacity => "try again later or use --tier Standard",
        ErrorCode::PolicyEnforced => {
            "the account's data retrieval policy does not allow this now: try again later or use --tier Bulk"
        }
        _ => return String::new(),
    };
    format!(": {text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::io;

    #[test]
    fn each_kind_of_error_has_its_exit_code() {
        type Call = Error<io::Error, Infallible>;
        let code = |error: Call| CommandError::call(&error, None).code;
        assert_eq!(code(Call::Credentials(glacier_core::NoCredentials("x"))), code::CONFIG);
        assert_eq!(code(Call::Transport(io::ErrorKind::ConnectionRefused.into())), code::OTHER);
        assert_eq!(code(Call::ClockNotSet), code::OTHER);
    }
}
