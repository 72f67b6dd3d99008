//! Who signs. Secrets are borrowed here, never kept, and never shown.

use core::fmt;

use super::time::Timestamp;

/// An access key, its secret, and the session token that temporary credentials have.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    access_key_id: &'a str,
    secret: &'a str,
    session_token: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    /// Credentials as AWS hands them out. A stray newline or space around one is an error, as it would only show as a wrong signature.
    ///
    /// # Errors
    /// [`InvalidCredentials`], naming the part that is empty or has characters no credential has.
    pub fn new(access_key_id: &'a str, secret: &'a str, session_token: Option<&'a str>) -> Result<Self, InvalidCredentials> {
        let legal = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
        if !legal(access_key_id) || access_key_id.contains(['/', ',']) {
            return Err(InvalidCredentials::AccessKeyId);
        }
        if !legal(secret) {
            return Err(InvalidCredentials::Secret);
        }
        if session_token.is_some_and(|token| !legal(token)) {
            return Err(InvalidCredentials::SessionToken);
        }
        Ok(Credentials { access_key_id, secret, session_token })
    }

    /// The access key's id, which is no secret.
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

/// Shows the access key's id only.
impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// Gives credentials when asked; it is asked before every request, so that temporary ones can be renewed.
#[allow(async_fn_in_trait)]
pub trait ProvideCredentials {
    /// Credentials good for a request signed at `now`.
    ///
    /// # Errors
    /// [`NoCredentials`] with the reason. Nothing is sent then.
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials>;

    /// The service has refused the last ones as expired. Returns whether others will be given next time.
    fn renew(&mut self) -> bool {
        false
    }
}

/// Credentials that never change.
impl ProvideCredentials for Credentials<'_> {
    async fn credentials(&mut self, _: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        Ok(*self)
    }
}

/// Why there are no credentials, as a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NoCredentials(pub &'static str);

impl fmt::Display for NoCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no credentials: {}", self.0)
    }
}

impl core::error::Error for NoCredentials {}

/// Which part of the credentials is unusable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum InvalidCredentials {
    /// The access key's id.
    AccessKeyId,
    /// The secret.
    Secret,
    /// The session token.
    SessionToken,
}

impl fmt::Display for InvalidCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = match self {
            Self::AccessKeyId => "access key id",
            Self::Secret => "secret access key",
            Self::SessionToken => "session token",
        };
        write!(f, "the {part} is empty or has a space, a line break or another character that no {part} has: copy it again")
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
    fn stray_white_space_is_named() {
        assert_eq!(Credentials::new("AKID\n", "s", None).unwrap_err(), InvalidCredentials::AccessKeyId);
        assert_eq!(Credentials::new("AKID", "s ", None).unwrap_err(), InvalidCredentials::Secret);
        assert_eq!(Credentials::new("AKID", "s", Some("")).unwrap_err(), InvalidCredentials::SessionToken);
    }
}
