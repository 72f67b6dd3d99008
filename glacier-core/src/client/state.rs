//! What a client learns from one call for the next.

use super::retry::RetryQuota;
use crate::sign::Signer;

/// The day's signing key, the service's clock, and the quota left for retries; about 150 bytes.
#[derive(Clone, Debug, Default)]
pub struct ClientState {
    pub(crate) signer: Signer,
    pub(crate) quota: RetryQuota,
    /// Seconds that the service's clock is ahead of the environment's.
    pub(crate) clock_offset: i64,
}

/// Where a client keeps its [`ClientState`]: in itself, which is the default, or where its clones find it too.
///
/// On a host, `glacier_std::SharedState` keeps it in a mutex, so that all clones of a client sign with one key, correct their clocks
/// together and stop retrying together in an outage.
pub trait KeepState {
    /// Lends the state for as long as `access` runs, which neither waits nor calls the service.
    fn with<R>(&mut self, access: impl FnOnce(&mut ClientState) -> R) -> R;
}

impl KeepState for ClientState {
    fn with<R>(&mut self, access: impl FnOnce(&mut ClientState) -> R) -> R {
        access(self)
    }
}
