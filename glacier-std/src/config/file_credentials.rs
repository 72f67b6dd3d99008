//! An access key in a shared file, which other programs may replace by a newer one.

use std::fmt;
use std::path::{Path, PathBuf};

use glacier_core::{Credentials, NoCredentials, ProvideCredentials, Timestamp};

use super::error::ConfigError;
use super::files::Profile;
use super::owned_credentials::OwnedCredentials;

/// An access key of a shared file. When the service rejects it as expired, the file is read again: sign-in programs write temporary
/// keys there, and a restore takes longer than these are valid.
#[derive(Clone)]
pub struct FileCredentials {
    current: OwnedCredentials,
    profile: String,
    files: [PathBuf; 2],
    file: PathBuf,
}

impl FileCredentials {
    /// The profile's key in this one of its files; `None` when it has none there.
    pub(super) fn load(profile: &Profile, file: &Path) -> Result<Option<Self>, ConfigError> {
        let (name, files) = (profile.name.clone(), profile.files.clone());
        let key = key(profile, file)?;
        Ok(key.map(|current| FileCredentials { current, profile: name, files, file: file.to_owned() }))
    }
}

impl ProvideCredentials for FileCredentials {
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        self.current.credentials(now).await
    }

    fn renew(&mut self) -> bool {
        let profile = Profile::read(self.profile.clone(), self.files.clone(), false);
        match profile.and_then(|profile| key(&profile, &self.file)) {
            Ok(Some(found)) if !found.is_same(&self.current) => {
                self.current = found;
                true
            }
            _ => false,
        }
    }
}

/// Shows only the access key's id, and where it is from.
impl fmt::Debug for FileCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileCredentials").field("current", &self.current).field("file", &self.file).finish_non_exhaustive()
    }
}

/// The profile's access key in this file; both of its halves must be there.
fn key(profile: &Profile, file: &Path) -> Result<Option<OwnedCredentials>, ConfigError> {
    let from = || profile.describe(file);
    let half = |missing| Err(ConfigError::HalfCredentials { from: from(), missing });
    let Some(section) = profile.section_with("aws_access_key_id", file) else {
        let lone = profile.section_with("aws_secret_access_key", file);
        return lone.map_or(Ok(None), |_| half("aws_access_key_id"));
    };
    let id = section.get("aws_access_key_id").map(|id| id.to_string()).unwrap_or_default();
    let Some(secret) = section.get("aws_secret_access_key").cloned() else {
        return half("aws_secret_access_key");
    };
    let key = OwnedCredentials::new(id, secret, section.get("aws_session_token").cloned());
    key.map(Some).map_err(|error| ConfigError::Credentials { from: from(), error })
}
