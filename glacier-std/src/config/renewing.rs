//! Credentials that are fetched from where they come from, and fetched again before they expire.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use glacier_core::{Credentials, NoCredentials, ProvideCredentials, Timestamp};
use tokio::sync::Mutex;

use super::owned_credentials::OwnedCredentials;

/// They are renewed this long before they expire, as a request that is signed now may take a while.
const RENEW_BEFORE_EXPIRY: Duration = Duration::from_secs(300);

/// While they are still valid, they are asked for at most this often: a source that has a cache may give the same ones again.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// Where credentials come from.
pub(super) trait FetchCredentials: Send + Sync {
    /// Fetches them; the reason of a failure is one that has room in a failed call.
    fn fetch(&self) -> impl Future<Output = Result<Fetched, NoCredentials>> + Send;
}

/// Credentials, and when they expire.
#[derive(Clone)]
pub(super) struct Fetched {
    pub(super) credentials: OwnedCredentials,
    /// `None` if they do not expire.
    pub(super) expires: Option<Timestamp>,
}

impl Fetched {
    /// Whether they have expired at `now`, or will have after `margin`.
    pub(super) fn expired(&self, now: Timestamp, margin: Duration) -> bool {
        self.expires.is_some_and(|end| now.checked_add(margin).is_none_or(|then| then >= end))
    }
}

/// Credentials that are renewed. Clones share them, so that each is fetched once.
pub(super) struct Renewing<F> {
    shared: Arc<Shared<F>>,
    /// This clone's copy, to lend.
    current: Numbered,
    /// The service has rejected it.
    rejected: bool,
}

struct Shared<F> {
    from: F,
    latest: Mutex<Numbered>,
}

#[derive(Clone)]
struct Numbered {
    fetched: Fetched,
    number: u64,
    /// Not to be asked for before, unless they have expired.
    ask_at: Timestamp,
}

impl<F: FetchCredentials> Renewing<F> {
    pub(super) fn new(from: F, first: Fetched) -> Self {
        let current = Numbered { fetched: first, number: 0, ask_at: Timestamp::from_unix(0) };
        Renewing { shared: Arc::new(Shared { from, latest: Mutex::new(current.clone()) }), current, rejected: false }
    }
}

impl<F: FetchCredentials> ProvideCredentials for Renewing<F> {
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        if self.rejected || self.current.fetched.expired(now, RENEW_BEFORE_EXPIRY) {
            let mut latest = self.shared.latest.lock().await;
            let rejected = self.rejected && latest.number == self.current.number;
            let expired = rejected || latest.fetched.expired(now, Duration::ZERO);
            if expired || latest.fetched.expired(now, RENEW_BEFORE_EXPIRY) && now >= latest.ask_at {
                let renewed = self.shared.from.fetch().await;
                latest.ask_at = now.checked_add(ASK_AGAIN_AFTER).unwrap_or(now);
                match renewed {
                    Ok(fetched) if !fetched.expired(now, Duration::ZERO) => {
                        *latest = Numbered { fetched, number: latest.number + 1, ask_at: latest.ask_at };
                    }
                    Ok(_) if expired => return Err(NoCredentials("their source has only expired ones: sign in again")),
                    Err(error) if expired => return Err(error),
                    // The old ones have not expired yet.
                    _ => {}
                }
            }
            self.current = latest.clone();
            self.rejected = false;
        }
        self.current.fetched.credentials.credentials(now).await
    }

    fn renew(&mut self) -> bool {
        self.rejected = true;
        true
    }
}

impl<F> Clone for Renewing<F> {
    fn clone(&self) -> Self {
        Renewing { shared: Arc::clone(&self.shared), current: self.current.clone(), rejected: self.rejected }
    }
}

/// Shows only the access key's id, and when they expire.
impl<F> fmt::Debug for Renewing<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fetched { credentials, expires } = &self.current.fetched;
        f.debug_struct("Renewing").field("current", credentials).field("expires", expires).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use zeroize::Zeroizing;

    /// Gives `ID1`, `ID2`, ... that expire as told; 0 is a failure.
    struct Numbers {
        count: AtomicU64,
        expires: AtomicU64,
    }

    impl FetchCredentials for Arc<Numbers> {
        async fn fetch(&self) -> Result<Fetched, NoCredentials> {
            match self.expires.load(Relaxed) {
                0 => Err(NoCredentials("closed")),
                end => Ok(fetched(self.count.fetch_add(1, Relaxed) + 1, end)),
            }
        }
    }

    fn fetched(number: u64, expires: u64) -> Fetched {
        let credentials = OwnedCredentials::new(format!("ID{number}"), Zeroizing::new("SECRET".to_owned()), None).unwrap();
        Fetched { credentials, expires: Some(Timestamp::from_unix(expires)) }
    }

    async fn id(credentials: &mut Renewing<Arc<Numbers>>, now: u64) -> Result<String, NoCredentials> {
        Ok(credentials.credentials(Timestamp::from_unix(now)).await?.access_key_id().to_owned())
    }

    #[tokio::test]
    async fn they_are_renewed_in_time_once_for_all_clones() {
        let numbers = Arc::new(Numbers { count: AtomicU64::new(0), expires: AtomicU64::new(2000) });
        let mut one = Renewing::new(Arc::clone(&numbers), fetched(0, 1000));
        let mut two = one.clone();
        assert_eq!(id(&mut one, 699).await.unwrap(), "ID0");
        assert_eq!(id(&mut one, 700).await.unwrap(), "ID1");
        assert_eq!((id(&mut two, 700).await.unwrap(), id(&mut one, 1699).await.unwrap()), ("ID1".into(), "ID1".into()));
        // The source still has the old ones: it is asked once a minute.
        assert_eq!(id(&mut one, 1700).await.unwrap(), "ID2");
        assert_eq!(id(&mut one, 1759).await.unwrap(), "ID2");
        assert_eq!(id(&mut two, 1760).await.unwrap(), "ID3");
        let shown = format!("{one:?}");
        assert!(shown.contains("ID2") && !shown.contains("SECRET"), "{shown}");
    }

    #[tokio::test]
    async fn a_source_that_fails_leaves_the_old_ones_until_they_expire() {
        let numbers = Arc::new(Numbers { count: AtomicU64::new(0), expires: AtomicU64::new(0) });
        let mut one = Renewing::new(Arc::clone(&numbers), fetched(0, 1000));
        assert_eq!(id(&mut one, 999).await.unwrap(), "ID0");
        assert_eq!(id(&mut one, 1000).await, Err(NoCredentials("closed")));
        numbers.expires.store(1000, Relaxed);
        assert!(id(&mut one, 1000).await.unwrap_err().0.contains("only expired"));
        numbers.expires.store(3000, Relaxed);
        assert_eq!(id(&mut one, 1000).await.unwrap(), "ID2");
    }

    #[tokio::test]
    async fn rejected_ones_are_fetched_again_unless_a_clone_has() {
        let numbers = Arc::new(Numbers { count: AtomicU64::new(0), expires: AtomicU64::new(9000) });
        let mut one = Renewing::new(Arc::clone(&numbers), fetched(0, 9000));
        let mut two = one.clone();
        assert!(one.renew() && two.renew());
        assert_eq!(id(&mut one, 0).await.unwrap(), "ID1");
        assert_eq!(id(&mut two, 0).await.unwrap(), "ID1");
        assert_eq!(id(&mut two, 0).await.unwrap(), "ID1");
        numbers.expires.store(0, Relaxed);
        assert!(two.renew());
        assert_eq!(id(&mut two, 0).await, Err(NoCredentials("closed")));
    }
}
