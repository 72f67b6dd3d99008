//! Credentials from roles, containers, instances, processes and single sign-on, through AWS's own crates.

use std::error::Error as _;
use std::fmt;
use std::time::UNIX_EPOCH;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use glacier_core::{Credentials, NoCredentials, ProvideCredentials, Timestamp};
use zeroize::Zeroizing;

use super::credentials::OwnedCredentials;
use super::error::ConfigError;
use super::files::Profile;
use super::identity::Way;

/// Seconds before their end at which credentials are renewed: what is signed now may be on its way for a while.
const EARLY: u64 = 300;

/// Credentials that are fetched, and renewed five minutes before they expire.
#[derive(Clone)]
pub struct ChainCredentials {
    provider: SharedCredentialsProvider,
    current: OwnedCredentials,
    /// Seconds since 1970; `None` for those that last.
    expires: Option<u64>,
}

impl ChainCredentials {
    /// Fetches the first ones, so that what is wrong shows at once, and in full.
    pub(super) async fn load(way: &Way, profile: &Profile, region: Option<String>) -> Result<Self, ConfigError> {
        let provider = provider(way, profile, region).await;
        let fetched = provider.provide_credentials().await.map_err(|error| ConfigError::Fetch { reason: reason(&error) })?;
        let (current, expires) = kept(&fetched)?;
        Ok(ChainCredentials { provider, current, expires })
    }
}

impl ProvideCredentials for ChainCredentials {
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        if self.expires.is_some_and(|end| now.unix().saturating_add(EARLY) >= end) {
            match self.provider.provide_credentials().await.map(|fetched| kept(&fetched)) {
                Ok(Ok((current, expires))) => (self.current, self.expires) = (current, expires),
                // The old ones do for a while.
                _ if self.expires.is_some_and(|end| now.unix() < end) => {}
                _ => {
                    return Err(NoCredentials(
                        "they have expired and cannot be renewed; sign in again, or look whether their source works",
                    ));
                }
            }
        }
        self.current.credentials(now).await
    }
}

/// Shows the access key's id only.
impl fmt::Debug for ChainCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainCredentials").field("current", &self.current).field("expires", &self.expires).finish_non_exhaustive()
    }
}

async fn provider(way: &Way, profile: &Profile, region: Option<String>) -> SharedCredentialsProvider {
    // ring, as for the rest: a second cryptography library would need a C++ compiler.
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = ProviderConfig::without_region()
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_region(region.map(Region::new))
        .with_http_client(http);
    match way {
        Way::Profile(_) => SharedCredentialsProvider::new(
            ProfileFileCredentialsProvider::builder()
                .configure(&config)
                .profile_name(&profile.name)
                .profile_files(files(profile))
                .build(),
        ),
        Way::WebIdentity => {
            SharedCredentialsProvider::new(WebIdentityTokenCredentialsProvider::builder().configure(&config).build())
        }
        Way::Container(_) | Way::Machine => SharedCredentialsProvider::new(
            DefaultCredentialsChain::builder().configure(config).profile_name(&profile.name).build().await,
        ),
    }
}

/// The files this crate has read; one that is named but missing would be an error there.
fn files(profile: &Profile) -> EnvConfigFiles {
    let [config, credentials] = &profile.files;
    let mut files = EnvConfigFiles::builder();
    for (kind, path) in [(EnvConfigFileKind::Config, config), (EnvConfigFileKind::Credentials, credentials)] {
        if path.is_file() {
            files = files.with_file(kind, path);
        }
    }
    files.build()
}

fn kept(fetched: &aws_credential_types::Credentials) -> Result<(OwnedCredentials, Option<u64>), ConfigError> {
    let owned = |text: &str| Zeroizing::new(text.to_owned());
    let token = fetched.session_token().map(owned);
    let current = OwnedCredentials::new(fetched.access_key_id().to_owned(), owned(fetched.secret_access_key()), token)
        .map_err(|error| ConfigError::Credentials { from: "the chain of providers".to_owned(), error })?;
    let expires = fetched.expiry().map(|end| end.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()));
    Ok((current, expires))
}

/// The error and what caused it, down to the cause that says something.
fn reason(error: &CredentialsError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}
