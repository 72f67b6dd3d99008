//! Credentials from roles, containers, instances, processes and single sign-on, through AWS's own crates.

use std::error::Error as _;

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
use super::renewing::{FetchCredentials, Fetched, Renewing};

/// Credentials that are fetched, and renewed five minutes before they expire.
#[derive(Clone, Debug)]
pub struct ChainCredentials(Renewing<Chain>);

impl ChainCredentials {
    /// Fetches the first credentials, so that an error is reported at once, and in full.
    pub(super) async fn load(from: &CredentialProvider, profile: &Profile, region: Option<String>) -> Result<Self, ConfigError> {
        let provider = provider(from, profile, region).await;
        let fetched = provider
            .provide_credentials()
            .await
            .map_err(|error| ConfigError::Fetch { reason: reason(&error), source: error.into() })?;
        Ok(ChainCredentials(Renewing::new(Chain(provider), owned(&fetched)?)))
    }
}

impl ProvideCredentials for ChainCredentials {
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        self.0.credentials(now).await
    }

    fn renew(&mut self) -> bool {
        self.0.renew()
    }
}

/// The chain of providers.
struct Chain(SharedCredentialsProvider);

impl FetchCredentials for Chain {
    async fn fetch(&self) -> Result<Fetched, NoCredentials> {
        let fetched = self.0.provide_credentials().await.ok().and_then(|fetched| owned(&fetched).ok());
        fetched.ok_or(NoCredentials("they have expired and cannot be renewed; sign in again, or check their source"))
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

fn owned(fetched: &aws_credential_types::Credentials) -> Result<Fetched, ConfigError> {
    let zeroizing = |text: &str| Zeroizing::new(text.to_owned());
    let token = fetched.session_token().map(zeroizing);
    let credentials = OwnedCredentials::new(fetched.access_key_id().to_owned(), zeroizing(fetched.secret_access_key()), token)
        .map_err(|error| ConfigError::Credentials { from: "the chain of providers".to_owned(), error })?;
    let expires = fetched.expiry().map(Timestamp::from);
    Ok(Fetched { credentials, expires })
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
