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

use super::credential_source::CredentialProvider;
use super::error::ConfigError;
use super::files::Profile;
use super::owned_credentials::OwnedCredentials;

/// Seconds before they expire at which credentials are renewed, as a request that is signed now may take a while.
const RENEW_BEFORE_EXPIRY: u64 = 300;

/// Credentials that are fetched, and renewed five minutes before they expire.
#[derive(Clone)]
pub struct ChainCredentials {
    provider: SharedCredentialsProvider,
    current: OwnedCredentials,
    /// Seconds since 1970; `None` if they do not expire.
    expires: Option<u64>,
}

impl ChainCredentials {
    /// Fetches the first credentials, so that an error is reported at once, and in full.
    pub(super) async fn load(from: &CredentialProvider, profile: &Profile, region: Option<String>) -> Result<Self, ConfigError> {
        let provider = provider(from, profile, region).await;
        let fetched = provider
            .provide_credentials()
            .await
            .map_err(|error| ConfigError::Fetch { reason: reason(&error), source: error.into() })?;
        let (current, expires) = owned(&fetched)?;
        Ok(ChainCredentials { provider, current, expires })
    }
}

impl ProvideCredentials for ChainCredentials {
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        if self.expires.is_some_and(|end| now.unix().saturating_add(RENEW_BEFORE_EXPIRY) >= end) {
            match self.provider.provide_credentials().await.map(|fetched| owned(&fetched)) {
                Ok(Ok((current, expires))) => (self.current, self.expires) = (current, expires),
                // The old ones have not expired yet.
                _ if self.expires.is_some_and(|end| now.unix() < end) => {}
                _ => {
                    return Err(NoCredentials("they have expired and cannot be renewed; sign in again, or check their source"));
                }
            }
        }
        self.current.credentials(now).await
    }
}

/// Shows only the access key's id.
impl fmt::Debug for ChainCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChainCredentials").field("current", &self.current).field("expires", &self.expires).finish_non_exhaustive()
    }
}

async fn provider(from: &CredentialProvider, profile: &Profile, region: Option<String>) -> SharedCredentialsProvider {
    // ring, as elsewhere: a second cryptography library would need a C++ compiler.
    let http = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = ProviderConfig::without_region()
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_region(region.map(Region::new))
        .with_http_client(http);
    match from {
        CredentialProvider::Profile(_) => SharedCredentialsProvider::new(
            ProfileFileCredentialsProvider::builder()
                .configure(&config)
                .profile_name(&profile.name)
                .profile_files(files(profile))
                .build(),
        ),
        CredentialProvider::WebIdentity => {
            SharedCredentialsProvider::new(WebIdentityTokenCredentialsProvider::builder().configure(&config).build())
        }
        CredentialProvider::Container(_) | CredentialProvider::Machine => SharedCredentialsProvider::new(
            DefaultCredentialsChain::builder().configure(config).profile_name(&profile.name).build().await,
        ),
    }
}

/// The files that were read here; a missing one would be an error there.
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

fn owned(fetched: &aws_credential_types::Credentials) -> Result<(OwnedCredentials, Option<u64>), ConfigError> {
    let zeroizing = |text: &str| Zeroizing::new(text.to_owned());
    let token = fetched.session_token().map(zeroizing);
    let current = OwnedCredentials::new(fetched.access_key_id().to_owned(), zeroizing(fetched.secret_access_key()), token)
        .map_err(|error| ConfigError::Credentials { from: "the chain of providers".to_owned(), error })?;
    let expires = fetched.expiry().map(|end| end.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()));
    Ok((current, expires))
}

/// The error and its causes; only the last says what is wrong.
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
