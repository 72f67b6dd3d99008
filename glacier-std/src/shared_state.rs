//! What clones of a client learn, kept where all of them find it.

use std::fmt;
use std::sync::{Arc, Mutex};

use glacier_core::{ClientState, KeepState};

/// State that all clones of a client share: one signing key, one correction of the clock, one quota for retries.
///
/// ```
/// # use glacier_core::{Client, Endpoint, ProvideCredentials, Transport};
/// # use glacier_std::SharedState;
/// # fn example<T: Transport + Clone, C: ProvideCredentials + Clone>(transport: T, endpoint: Endpoint, credentials: C) {
/// let client = Client::with_state(transport, endpoint, credentials, SharedState::default());
/// let another = client.clone(); // Signs with the same key.
/// # }
/// ```
#[derive(Clone, Default)]
pub struct SharedState(Arc<Mutex<ClientState>>);

impl KeepState for SharedState {
    fn with<R>(&mut self, access: impl FnOnce(&mut ClientState) -> R) -> R {
        let mut state = self.0.lock().unwrap_or_else(|poisoned| {
            // Whoever panicked may have left it half changed. What is forgotten here is learned again with the next calls.
            let mut state = poisoned.into_inner();
            *state = ClientState::default();
            self.0.clear_poison();
            state
        });
        access(&mut state)
    }
}

/// Shows nothing of the signing key.
impl fmt::Debug for SharedState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedState").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn a_panic_while_it_is_used_does_not_stop_the_others() {
        let mut state = SharedState::default();
        let mut other = state.clone();
        let panicked = catch_unwind(AssertUnwindSafe(|| state.with(|_| panic!("a bug"))));
        assert!(panicked.is_err());
        assert_eq!(other.with(|_| 1), 1);
        assert_eq!(state.with(|_| 2), 2);
    }
}
