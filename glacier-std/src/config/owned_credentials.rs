//! Credentials in memory, which are zeroed when they are dropped.

use std::fmt;

use glacier_core::{Credentials, InvalidCredentials, NoCredentials, ProvideCredentials, Timestamp};
use zeroize::Zeroizing;

/// An access key with its secret and, for temporary ones, its session token.
#[derive(Clone)]
pub struct OwnedCredentials {
    access_key_id: String,
    secret: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
}

impl OwnedCredentials {
    /// Credentials as AWS issues them.
    ///
    /// # Errors
    /// [`InvalidCredentials`] when a part is empty or has white space or other characters that no credential has.
    pub fn new(
        access_key_id: String,
        secret: Zeroizing<String>,
        session_token: Option<Zeroizing<String>>,
    ) -> Result<Self, InvalidCredentials> {
        let credentials = OwnedCredentials { access_key_id, secret, session_token };
        credentials.borrow()?;
        Ok(credentials)
    }

    /// Whether both are one key with one token.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.access_key_id == other.access_key_id && self.secret == other.secret && self.session_token == other.session_token
    }

    fn borrow(&self) -> Result<Credentials<'_>, InvalidCredentials> {
        Credentials::new(&self.access_key_id, &self.secret, self.session_token.as_ref().map(|token| token.as_str()))
    }
}

/// Shows only the access key's id.
impl fmt::Debug for OwnedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedCredentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

impl ProvideCredentials for OwnedCredentials {
    async fn credentials(&mut self, _: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        self.borrow().map_err(|_| NoCredentials("they are not valid"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn they_are_supplied_and_not_shown() {
        let secret = || Zeroizing::new("hush".to_owned());
        let token = || Some(Zeroizing::new("token".to_owned()));
        let mut credentials = OwnedCredentials::new("AKID".into(), secret(), token()).unwrap();
        let shown = format!("{credentials:?}");
        assert!(shown.contains("AKID") && !shown.contains("hush") && !shown.contains("token"), "{shown}");
        assert_eq!(credentials.credentials(Timestamp::from_unix(0)).await.unwrap().access_key_id(), "AKID");
        let bad = OwnedCredentials::new("AKID".into(), Zeroizing::new("hush\n".to_owned()), None);
        assert_eq!(bad.unwrap_err(), InvalidCredentials::SecretAccessKey);
    }
}
