//! Session credentials on a device: stored in buffers of fixed size, renewed before they expire, wiped when they are dropped.

use core::fmt;

use glacier_core::{Credentials, InvalidCredentials, NoCredentials, ProvideCredentials, Timestamp};
use zeroize::Zeroize;

/// Room for an access key id, and for a secret access key, in bytes. AWS's have 20 and 40 today.
const KEY: usize = 128;

/// How many seconds before they expire credentials are renewed.
const MARGIN_S: u64 = 300;

/// Fetches session credentials when they are needed: from AWS IoT's credential provider, from your own gateway, from a file.
///
/// The transport keeps a connection open, so a provider on the network needs a second one: create embassy-net's `TcpClient` with two.
#[allow(async_fn_in_trait)]
pub trait Renew<const TOKEN: usize> {
    /// Puts new credentials into `session`, which holds the old ones or none. After a failure it is called again before the next request.
    ///
    /// # Errors
    /// [`NoCredentials`] with a human-readable reason.
    async fn renew(&mut self, session: &mut Session<TOKEN>, now: Timestamp) -> Result<(), NoCredentials>;
}

/// Session credentials in buffers of fixed size: an access key id, a secret access key, a session token of at most `TOKEN` bytes, and when
/// they expire.
///
/// AWS documents no limit for session tokens; today's have some 300 to 2,000 bytes. `Debug` does not show secret and token, and all of it
/// is overwritten when it is replaced or dropped. *Moving* a value may leave a copy behind, as always in Rust: create it where it stays.
pub struct Session<const TOKEN: usize> {
    id: Secret<KEY>,
    secret: Secret<KEY>,
    token: Secret<TOKEN>,
    expires: Option<Timestamp>,
}

impl<const TOKEN: usize> Session<TOKEN> {
    /// A session without credentials.
    #[must_use]
    pub const fn empty() -> Self {
        Session { id: Secret::empty(), secret: Secret::empty(), token: Secret::empty(), expires: None }
    }

    /// Replaces the credentials. `token` is `None` for long-term keys, `expires` if the time is unknown.
    ///
    /// # Errors
    /// [`SessionError`]; the session is empty then.
    pub fn set(&mut self, id: &str, secret: &str, token: Option<&str>, expires: Option<Timestamp>) -> Result<(), SessionError> {
        self.clear();
        Credentials::new(id, secret, token).map_err(SessionError::Invalid)?;
        let token = token.unwrap_or_default();
        let stored = self.id.store(id) && self.secret.store(secret) && self.token.store(token);
        if !stored {
            self.clear();
            return Err(SessionError::TooLong { token: token.len(), limit: TOKEN });
        }
        self.expires = expires;
        Ok(())
    }

    /// Overwrites the credentials.
    pub fn clear(&mut self) {
        self.id.zeroize();
        self.secret.zeroize();
        self.token.zeroize();
        self.expires = None;
    }

    /// The credentials; `None` if the session is empty.
    #[must_use]
    pub fn credentials(&self) -> Option<Credentials<'_>> {
        let token = Some(self.token.text()).filter(|token| !token.is_empty());
        Credentials::new(self.id.text(), self.secret.text(), token).ok()
    }

    /// When they expire, if known.
    #[must_use]
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    fn is_valid_at(&self, now: u64) -> bool {
        self.id.length > 0 && self.expires.is_none_or(|expiry| now < expiry.unix())
    }
}

/// Shows the access key id and the expiry only.
impl<const TOKEN: usize> fmt::Debug for Session<TOKEN> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("id", &self.id.text()).field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// Credentials for a client, renewed five minutes before they expire, and when the service rejects them as expired.
///
/// [`Renew`] runs within the request that needs it. If it fails while the old credentials are still valid, they are used.
#[derive(Debug)]
pub struct RenewingCredentials<R, const TOKEN: usize> {
    session: Session<TOKEN>,
    renew: R,
}

impl<R: Renew<TOKEN>, const TOKEN: usize> RenewingCredentials<R, TOKEN> {
    /// Starts without credentials: the first request fetches them.
    #[must_use]
    pub const fn new(renew: R) -> Self {
        RenewingCredentials { session: Session::empty(), renew }
    }
}

impl<R: Renew<TOKEN>, const TOKEN: usize> ProvideCredentials for RenewingCredentials<R, TOKEN> {
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        let unix = now.unix();
        if !self.session.is_valid_at(unix.saturating_add(MARGIN_S)) {
            let renewed = self.renew.renew(&mut self.session, now).await;
            if !self.session.is_valid_at(unix) {
                self.session.clear();
                renewed?;
            }
        }
        self.session.credentials().ok_or(NoCredentials("the new session credentials have expired already: check the clock"))
    }

    fn renew(&mut self) -> bool {
        self.session.clear();
        true
    }
}

/// Text in a buffer of fixed size, overwritten when it is dropped.
struct Secret<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Secret<N> {
    const fn empty() -> Self {
        Secret { bytes: [0; N], length: 0 }
    }

    /// Stores `text`; false if it does not fit.
    fn store(&mut self, text: &str) -> bool {
        let Some(room) = self.bytes.get_mut(..text.len()) else { return false };
        for (to, from) in room.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        self.length = text.len();
        true
    }

    fn text(&self) -> &str {
        // Always valid UTF-8: only whole texts are stored.
        self.bytes.get(..self.length).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl<const N: usize> Zeroize for Secret<N> {
    fn zeroize(&mut self) {
        self.bytes.zeroize();
        self.length.zeroize();
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.zeroize();
    }
}

/// Why session credentials were not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SessionError {
    /// One of them is not a valid credential.
    Invalid(InvalidCredentials),
    /// The session token has more than `TOKEN` bytes, or the access key id or the secret access key more than 128.
    TooLong {
        /// Length of the token in bytes.
        token: usize,
        /// The limit: `TOKEN`.
        limit: usize,
    },
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(f),
            Self::TooLong { token, limit } if token > limit => {
                write!(f, "the session token has {token} bytes, the limit is {limit}: increase TOKEN")
            }
            Self::TooLong { .. } => f.write_str("the access key id or the secret access key has more than 128 bytes"),
        }
    }
}

impl core::error::Error for SessionError {}

#[cfg(test)]
mod tests {
    use super::*;
    use embassy_futures::block_on;
    use std::format;
    use std::string::ToString;
    use std::vec::Vec;

    const START: Timestamp = Timestamp::from_unix(1_795_644_600);

    fn after(seconds: u64) -> Timestamp {
        Timestamp::from_unix(START.unix() + seconds)
    }

    /// Returns a new key, valid for an hour, each time it is called; fails while `broken`.
    #[derive(Debug, Default)]
    struct Provider {
        calls: Vec<u64>,
        broken: bool,
        /// Seconds for which a session is valid, instead of an hour.
        validity: Option<u64>,
    }

    impl Renew<16> for &mut Provider {
        async fn renew(&mut self, session: &mut Session<16>, now: Timestamp) -> Result<(), NoCredentials> {
            self.calls.push(now.unix() - START.unix());
            if self.broken {
                return Err(NoCredentials("unavailable"));
            }
            let id = format!("KEY{}", self.calls.len());
            let expiry = Timestamp::from_unix(now.unix() + self.validity.unwrap_or(3600));
            session.set(&id, "hush", Some("token"), Some(expiry)).map_err(|_| NoCredentials("too long"))
        }
    }

    /// The access key id used at each of these times.
    fn used(provider: &mut Provider, times: &[u64]) -> Vec<Result<std::string::String, NoCredentials>> {
        let mut renewing = RenewingCredentials::new(provider);
        let mut id_at = |at: &u64| block_on(renewing.credentials(after(*at))).map(|given| given.access_key_id().to_string());
        times.iter().map(&mut id_at).collect()
    }

    #[test]
    fn credentials_are_renewed_five_minutes_before_they_expire() {
        let mut provider = Provider::default();
        let ids = used(&mut provider, &[0, 10, 3299, 3300, 3400]);
        assert_eq!(ids, ["KEY1", "KEY1", "KEY1", "KEY2", "KEY2"].map(|id| Ok(id.into())));
        assert_eq!(provider.calls, [0, 3300]);
    }

    #[test]
    fn the_old_credentials_are_used_while_valid_if_renewing_fails() {
        let mut provider = Provider::default();
        let mut renewing = RenewingCredentials::new(&mut provider);
        assert!(block_on(renewing.credentials(after(0))).is_ok());
        renewing.renew.broken = true;
        assert_eq!(block_on(renewing.credentials(after(3599))).unwrap().access_key_id(), "KEY1");
        assert_eq!(block_on(renewing.credentials(after(3600))).unwrap_err(), NoCredentials("unavailable"));
        assert!(renewing.session.credentials().is_none());
        renewing.renew.broken = false;
        assert_eq!(block_on(renewing.credentials(after(3601))).unwrap().access_key_id(), "KEY4");
    }

    #[test]
    fn credentials_are_renewed_when_the_service_rejects_them() {
        let mut provider = Provider::default();
        let mut renewing = RenewingCredentials::new(&mut provider);
        assert!(block_on(renewing.credentials(after(0))).is_ok());
        assert!(ProvideCredentials::renew(&mut renewing));
        assert_eq!(block_on(renewing.credentials(after(1))).unwrap().access_key_id(), "KEY2");
    }

    #[test]
    fn credentials_that_have_expired_already_are_an_error() {
        let mut provider = Provider { validity: Some(0), ..Provider::default() };
        assert!(used(&mut provider, &[0])[0].is_err());
        // Sessions shorter than the margin are renewed for each request, and used.
        let mut short = Provider { validity: Some(60), ..Provider::default() };
        assert_eq!(used(&mut short, &[0, 1]), [Ok("KEY1".into()), Ok("KEY2".into())]);
    }

    #[test]
    fn a_session_that_does_not_fit_leaves_nothing() {
        let mut session = Session::<4>::empty();
        session.set("ID", "secret", Some("1234"), None).unwrap();
        let error = session.set("ID", "secret", Some("12345"), None).unwrap_err();
        assert_eq!(error, SessionError::TooLong { token: 5, limit: 4 });
        assert!(session.credentials().is_none() && session.bytes_are_zero());
        assert_eq!(session.set("ID", "sec ret", None, None), Err(SessionError::Invalid(InvalidCredentials::SecretAccessKey)));
        let long = "x".repeat(129);
        let error = session.set(&long, "secret", None, None).unwrap_err();
        assert_eq!(error.to_string(), "the access key id or the secret access key has more than 128 bytes");
    }

    #[test]
    fn secrets_are_neither_shown_nor_left_in_memory() {
        let mut session = Session::<16>::empty();
        session.set("AKID", "hush", Some("token"), Some(START)).unwrap();
        let shown = format!("{session:?}");
        assert!(shown.contains("AKID") && !shown.contains("hush") && !shown.contains("token"), "{shown}");
        session.clear();
        assert!(session.bytes_are_zero());
    }

    impl<const TOKEN: usize> Session<TOKEN> {
        fn bytes_are_zero(&self) -> bool {
            [&self.id.bytes[..], &self.secret.bytes, &self.token.bytes].concat().iter().all(|byte| *byte == 0)
        }
    }
}
