//! The access keys that the service accepts.

use std::fmt;

use zeroize::Zeroizing;

/// An access key that the service accepts.
#[derive(Clone)]
pub struct AccessKey {
    id: String,
    secret: Zeroizing<String>,
    session_token: Option<Zeroizing<String>>,
}

impl AccessKey {
    /// A key without a session token.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        AccessKey { id: id.into(), secret: Zeroizing::new(secret.into()), session_token: None }
    }

    /// Makes it a temporary key, accepted only together with this session token.
    #[must_use]
    pub fn with_session_token(self, token: impl Into<String>) -> Self {
        AccessKey { session_token: Some(Zeroizing::new(token.into())), ..self }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref().map(String::as_str)
    }
}

/// Shows only the id.
impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey").field("id", &self.id).finish_non_exhaustive()
    }
}
