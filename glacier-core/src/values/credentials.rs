//! The credentials that requests are signed with. Secrets are borrowed here, never stored, and never shown.

use core::fmt;

use super::time::Timestamp;

/// An access key ID, its secret access key, and the session token that temporary credentials have.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    access_key_id: &'a str,
    secret: &'a str,
    session_token: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    /// Credentials as AWS issues them. A stray space or line break is an error here, since the service would only report a wrong
    /// signature.
    ///
    /// # Errors
    /// [`InvalidCredentials`], naming the part that is empty or has a character other than printable ASCII without space (and, in the
    /// access key ID, `/` or `,`).
    pub fn new(access_key_id: &'a str, secret: &'a str, session_token: Option<&'a str>) -> Result<Self, InvalidCredentials> {
        let legal = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !legal(access_key_id) || access_key_id.contains(['/', ',']) {
            return Err(InvalidCredentials::AccessKeyId);
        }
        if !legal(secret) {
            return Err(InvalidCredentials::SecretAccessKey);
        }
        if session_token.is_some_and(|token| !legal(token)) {
            return Err(InvalidCredentials::SessionToken);
        }
        Ok(Credentials { access_key_id, secret, session_token })
    }

    /// The access key ID, which is not secret.
    #[must_use]
    pub const fn access_key_id(&self) -> &'a str {
        self.access_key_id
    }

    pub(crate) const fn secret(&self) -> &'a str {
        self.secret
    }

    pub(crate) const fn session_token(&self) -> Option<&'a str> {
        self.session_token
    }
}

/// Shows only the access key ID.
impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Provides the credentials for each request. It is asked before every one, so that it can renew temporary credentials.
#[allow(async_fn_in_trait)]
pub trait ProvideCredentials {
    /// Credentials that are valid for a request signed at `now`.
    ///
    /// # Errors
    /// [`NoCredentials`] with the reason. The request is then not sent.
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials>;

    /// Called when the service has rejected the last credentials as expired. Returns whether the next call of
    /// [`credentials`](ProvideCredentials::credentials) will provide others, so that the request is worth another attempt.
    fn renew(&mut self) -> bool {
        false
    }
}

/// The same credentials for every request.
impl ProvideCredentials for Credentials<'_> {
    async fn credentials(&mut self, _: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        Ok(*self)
    }
}

/// Why there are no credentials: the end of a sentence that begins with "no credentials: ".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NoCredentials(pub &'static str);

impl fmt::Display for NoCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no credentials: {}", self.0)
    }
}

impl core::error::Error for NoCredentials {}

/// Which part of the credentials is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidCredentials {
    /// The access key ID.
    AccessKeyId,
    /// The secret access key.
    SecretAccessKey,
    /// The session token.
    SessionToken,
}

impl fmt::Display for InvalidCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self {
            Self::AccessKeyId => "access key ID",
            Self::SecretAccessKey => "secret access key",
            Self::SessionToken => "session token",
        };
        write!(f, "the {part} is empty or contains a space, a line break or another character that no {part} has: copy it again")
    }
}

impl core::error::Error for InvalidCredentials {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let credentials = Credentials::new("AKID", "hush", Some("token")).unwrap();
        let shown = std::format!("{credentials:?}");
        assert!(shown.contains("AKID") && !shown.contains("hush") && !shown.contains("token"), "{shown}");
    }

    #[test]
    fn whitespace_is_an_error_that_names_the_part() {
        assert_eq!(Credentials::new("AKID\n", "s", None).unwrap_err(), InvalidCredentials::AccessKeyId);
        assert_eq!(Credentials::new("AKID", "s ", None).unwrap_err(), InvalidCredentials::SecretAccessKey);
        assert_eq!(Credentials::new("AKID", "s", Some("")).unwrap_err(), InvalidCredentials::SessionToken);
    }
}
