//! The credentials of a configuration: static ones, or some that are fetched, and renewed before they expire.

use glacier_core::{Credentials, NoCredentials, ProvideCredentials, Timestamp};

#[cfg(feature = "aws-config")]
use super::chain::ChainCredentials;
use super::config::Config;
use super::credential_process::ProcessCredentials;
use super::credential_source::{CredentialProvider, CredentialSource};
use super::error::ConfigError;
use super::file_credentials::FileCredentials;
use super::found::Found;
use super::owned_credentials::OwnedCredentials;

/// Credentials, found where AWS's tools find them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AwsCredentials {
    /// From the environment, or given by a program.
    Static(OwnedCredentials),
    /// From a shared file.
    File(FileCredentials),
    /// From the program that the profile names as its `credential_process`.
    Process(ProcessCredentials),
    /// From a role, container, instance or single sign-on.
    #[cfg(feature = "aws-config")]
    Chain(ChainCredentials),
}

impl ProvideCredentials for AwsCredentials {
    async fn credentials(&mut self, now: Timestamp) -> Result<Credentials<'_>, NoCredentials> {
        match self {
            Self::Static(credentials) => credentials.credentials(now).await,
            Self::File(credentials) => credentials.credentials(now).await,
            Self::Process(credentials) => credentials.credentials(now).await,
            #[cfg(feature = "aws-config")]
            Self::Chain(credentials) => credentials.credentials(now).await,
        }
    }

    fn renew(&mut self) -> bool {
        match self {
            Self::Static(credentials) => credentials.renew(),
            Self::File(credentials) => credentials.renew(),
            Self::Process(credentials) => credentials.renew(),
            #[cfg(feature = "aws-config")]
            Self::Chain(credentials) => credentials.renew(),
        }
    }
}

impl From<OwnedCredentials> for AwsCredentials {
    fn from(credentials: OwnedCredentials) -> Self {
        AwsCredentials::Static(credentials)
    }
}

impl Config<'_> {
    /// The credentials. A profile that was selected explicitly comes first; then `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`;
    /// then a web identity, the profile, a container's role, and the machine's role. All but static keys and a profile's
    /// `credential_process` need the feature `aws-config`.
    ///
    /// # Errors
    /// [`ConfigError`]
    pub async fn credentials(&self) -> Result<Found<AwsCredentials>, ConfigError> {
        match self.credential_source()? {
            CredentialSource::Static(found) => Ok(Found { value: AwsCredentials::Static(found.value), from: found.from }),
            CredentialSource::File(found) => Ok(Found { value: AwsCredentials::File(found.value), from: found.from }),
            CredentialSource::Process { command, from } => match ProcessCredentials::load(&command).await {
                Ok(value) => Ok(Found::new(AwsCredentials::Process(value), format!("the credential_process of {from}"))),
                Err(error) => Err(ConfigError::Process { from, error }),
            },
            CredentialSource::Fetched(provider) => self.fetch(provider).await,
        }
    }

    #[cfg(feature = "aws-config")]
    async fn fetch(&self, provider: CredentialProvider) -> Result<Found<AwsCredentials>, ConfigError> {
        if self.profile_selected && matches!(provider, CredentialProvider::Machine) {
            return Err(self.no_credentials());
        }
        let region = self.region(None).ok().map(|found| found.value);
        let chain = ChainCredentials::load(&provider, &self.profile, region).await?;
        Ok(Found::new(AwsCredentials::Chain(chain), provider.to_string()))
    }

    #[cfg(not(feature = "aws-config"))]
    async fn fetch(&self, provider: CredentialProvider) -> Result<Found<AwsCredentials>, ConfigError> {
        Err(match provider {
            CredentialProvider::Machine => self.no_credentials(),
            _ => ConfigError::NeedsAwsConfig { what: provider.to_string() },
        })
    }

    fn no_credentials(&self) -> ConfigError {
        ConfigError::NoCredentials { profile: self.profile.name.clone(), files: self.profile.files.clone() }
    }
}
