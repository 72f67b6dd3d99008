//! Session credentials on a device: kept in fixed room, renewed before they expire, wiped when they go.

use core::fmt;

use glacier_core::{Credentials, InvalidCredentials, NoCredentials, ProvideCredentials, Timestamp};
use zeroize::Zeroize;

/// Bytes kept for an access key's id, and for its secret; AWS's have 20 and 40 today.
const KEY: usize = 128;

/// How long before their end credentials are renewed, in seconds: longer than any request is signed ahead.
const MARGIN_S: u64 = 300;

/// Fetches session credentials when they are needed: from AWS IoT's credential provider, from a gateway of your own, from a file.
///
/// On a device with one connection, the provider needs another one: give embassy-net's `TcpClient` two.
#[allow(async_fn_in_trait)]
pub trait Renew<const TOKEN: usize> {
    /// Puts new credentials into `session`, which has the old ones or none. It is asked again before the next request when it fails.
    ///
    /// # Errors
    /// [`NoCredentials`] with a reason to be read by people.
    async fn renew(&mut self, session: &mut Session<TOKEN>, now: Timestamp) -> Result<(), NoCredentials>;
}

/// Session credentials in room of a fixed size: an id, a secret, a token of at most `TOKEN` bytes, and when they end.
///
/// AWS names no limit for tokens; today's have some 300 to 2,000 bytes. Nothing of it is shown by `Debug`, and all of it is overwritten
/// when it is replaced or dropped. A value that is *moved* may leave a copy where it was, as everywhere in Rust; make it where it stays.
pub struct Session<const TOKEN: usize> {
    id: Room<KEY>,
    secret: Room<KEY>,
    token: Room<TOKEN>,
    expires: Option<Timestamp>,
}

impl<const TOKEN: usize> Session<TOKEN> {
    /// Room without credentials.
    pub const fn empty() -> Self {
        Session { id: Room::empty(), secret: Room::empty(), token: Room::empty(), expires: None }
    }

    /// Replaces the credentials. `token` is `None` for keys that last, and `expires` when nobody knows.
    ///
    /// # Errors
    /// [`SessionError`]; there are no credentials then.
    pub fn set(&mut self, id: &str, secret: &str, token: Option<&str>, expires: Option<Timestamp>) -> Result<(), SessionError> {
        self.clear();
        Credentials::new(id, secret, token).map_err(SessionError::Invalid)?;
        let token = token.unwrap_or_default();
        let placed = self.id.put(id) && self.secret.put(secret) && self.token.put(token);
        if !placed {
            self.clear();
            return Err(SessionError::TooLong { token: token.len(), room: TOKEN });
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

    /// The credentials; `None` when there are none.
    pub fn credentials(&self) -> Option<Credentials<'_>> {
        let token = Some(self.token.text()).filter(|token| !token.is_empty());
        Credentials::new(self.id.text(), self.secret.text(), token).ok()
    }

    /// When they end, where that is known.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }

    fn is_good_at(&self, now: u64) -> bool {
        self.id.length > 0 && self.expires.is_none_or(|end| now < end.unix())
    }
}

/// Shows the access key's id and the end only.
impl<const TOKEN: usize> fmt::Debug for Session<TOKEN> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("id", &self.id.text()).field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// Credentials for a client that fetches new ones five minutes before the old ones end, and when the service calls them expired.
///
/// Whatever [`Renew`] does happens within the request that needs it. When it fails while the old ones are still good, these are used.
#[derive(Debug)]
pub struct Renewing<R, const TOKEN: usize> {
    session: Session<TOKEN>,
    renew: R,
}

impl<R: Renew<TOKEN>, const TOKEN: usize> Renewing<R, TOKEN> {
    /// Without credentials yet: the first request fetches them.
    pub const fn new(renew: R) -> Self {
        Renewing { session: Session::empty(), renew }
    }
}

impl<R: Renew<TOKEN>, const TOKEN: usize> ProvideCredentials for Renewing<R, TOKEN> {
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        let unix = now.unix();
        if !self.session.is_good_at(unix.saturating_add(MARGIN_S)) {
            let renewed = self.renew.renew(&mut self.session, now).await;
            if !self.session.is_good_at(unix) {
                self.session.clear();
                renewed?;
            }
        }
        self.session.credentials().ok_or(NoCredentials("the new session credentials have ended already: is the clock right?"))
    }

    fn renew(&mut self) -> bool {
        self.session.clear();
        true
    }
}

/// Text in room of a fixed size, overwritten when it is dropped.
struct Room<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Room<N> {
    const fn empty() -> Self {
        Room { bytes: [0; N], length: 0 }
    }

    /// Whether it fitted.
    fn put(&mut self, text: &str) -> bool {
        let Some(room) = self.bytes.get_mut(..text.len()) else { return false };
        for (to, from) in room.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        self.length = text.len();
        true
    }

    fn text(&self) -> &str {
        // Only whole texts are put there.
        self.bytes.get(..self.length).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl<const N: usize> Zeroize for Room<N> {
    fn zeroize(&mut self) {
        self.bytes.zeroize();
        self.length.zeroize();
    }
}

impl<const N: usize> Drop for Room<N> {
    fn drop(&mut self) {
        self.zeroize();
    }
}

/// Why session credentials were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SessionError {
    /// One of them cannot be a credential.
    Invalid(InvalidCredentials),
    /// The token is longer than the room for it, or the id or the secret has more than 128 bytes.
    TooLong {
        /// Bytes in the token.
        token: usize,
        /// Bytes there are for it: `TOKEN`.
        room: usize,
    },
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(error) => error.fmt(f),
            Self::TooLong { token, room } if token > room => {
                write!(f, "the session token has {token} bytes and there is room for {room}: enlarge TOKEN")
            }
            Self::TooLong { .. } => f.write_str("the access key id or the secret has more than 128 bytes"),
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

    /// Gives a key that lasts an hour each time it is asked, until it breaks down.
    #[derive(Debug, Default)]
    struct Provider {
        asked: Vec<u64>,
        broken: bool,
        /// Seconds that a session lasts instead of an hour.
        lasts: Option<u64>,
    }

    impl Renew<16> for &mut Provider {
        async fn renew(&mut self, session: &mut Session<16>, now: Timestamp) -> Result<(), NoCredentials> {
            self.asked.push(now.unix() - START.unix());
            if self.broken {
                return Err(NoCredentials("out of order"));
            }
            let id = format!("KEY{}", self.asked.len());
            let end = Timestamp::from_unix(now.unix() + self.lasts.unwrap_or(3600));
            session.set(&id, "hush", Some("token"), Some(end)).map_err(|_| NoCredentials("no room"))
        }
    }

    /// The id of the key used at each of these moments.
    fn used(provider: &mut Provider, moments: &[u64]) -> Vec<Result<std::string::String, NoCredentials>> {
        let mut renewing = Renewing::new(provider);
        let mut ask = |at: &u64| block_on(renewing.credentials(after(*at))).map(|given| given.access_key_id().to_string());
        moments.iter().map(&mut ask).collect()
    }

    #[test]
    fn renewed_five_minutes_before_their_end() {
        let mut provider = Provider::default();
        let ids = used(&mut provider, &[0, 10, 3299, 3300, 3400]);
        assert_eq!(ids, ["KEY1", "KEY1", "KEY1", "KEY2", "KEY2"].map(|id| Ok(id.into())));
        assert_eq!(provider.asked, [0, 3300]);
    }

    #[test]
    fn the_old_ones_serve_while_they_are_good() {
        let mut provider = Provider::default();
        let mut renewing = Renewing::new(&mut provider);
        assert!(block_on(renewing.credentials(after(0))).is_ok());
        renewing.renew.broken = true;
        assert_eq!(block_on(renewing.credentials(after(3599))).unwrap().access_key_id(), "KEY1");
        assert_eq!(block_on(renewing.credentials(after(3600))).unwrap_err(), NoCredentials("out of order"));
        assert!(renewing.session.credentials().is_none());
        renewing.renew.broken = false;
        assert_eq!(block_on(renewing.credentials(after(3601))).unwrap().access_key_id(), "KEY4");
    }

    #[test]
    fn renewed_when_the_service_says_so() {
        let mut provider = Provider::default();
        let mut renewing = Renewing::new(&mut provider);
        assert!(block_on(renewing.credentials(after(0))).is_ok());
        assert!(ProvideCredentials::renew(&mut renewing));
        assert_eq!(block_on(renewing.credentials(after(1))).unwrap().access_key_id(), "KEY2");
    }

    #[test]
    fn what_ends_at_once_is_none() {
        let mut provider = Provider { lasts: Some(0), ..Provider::default() };
        assert!(used(&mut provider, &[0])[0].is_err());
        // Sessions shorter than the margin are fetched each time, and used.
        let mut short = Provider { lasts: Some(60), ..Provider::default() };
        assert_eq!(used(&mut short, &[0, 1]), [Ok("KEY1".into()), Ok("KEY2".into())]);
    }

    #[test]
    fn what_does_not_fit_is_refused_whole() {
        let mut session = Session::<4>::empty();
        session.set("ID", "secret", Some("1234"), None).unwrap();
        let error = session.set("ID", "secret", Some("12345"), None).unwrap_err();
        assert_eq!(error, SessionError::TooLong { token: 5, room: 4 });
        assert!(session.credentials().is_none() && session.bytes_are_zero());
        assert_eq!(session.set("ID", "sec ret", None, None), Err(SessionError::Invalid(InvalidCredentials::Secret)));
        let long = "x".repeat(129);
        let error = session.set(&long, "secret", None, None).unwrap_err();
        assert_eq!(error.to_string(), "the access key id or the secret has more than 128 bytes");
    }

    #[test]
    fn no_secret_is_shown_or_left() {
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
